package sheet

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

const benchRows = 100_000

var benchColumns = []Column{{Name: "序号", Kind: Integer}, {Name: "姓名"}, {Name: "性别"}, {Name: "民族"}, {Name: "出生日期", Kind: Date}, {Name: "证件号码"},
	{Name: "学历"}, {Name: "手机"}, {Name: "政治面貌"}, {Name: "工作单位"}, {Name: "入会时间", Kind: Date}, {Name: "备注"}}

func benchRow(i int) []string {
	return []string{strconv.Itoa(i), "王建国" + strconv.Itoa(i%5000), "男", "汉族", "1985-11-30", fmt.Sprintf("99500119851130%04d", i%10000),
		"大学本科", fmt.Sprintf("154%08d", i), "中共党员", "滨江市第" + strconv.Itoa(i%150) + "机关工会", "2012-03-30", "备注" + strconv.Itoa(i)}
}

// roll makes a roster of 100,000 rows once, with texts in the cells or shared
// as Excel shares them, and returns its path.
func roll(b *testing.B, shared bool) string {
	path := filepath.Join(os.TempDir(), fmt.Sprintf("unionhall-bench-%v-%d.xlsx", shared, os.Getpid()))
	b.Cleanup(func() { os.Remove(path) })
	if !shared {
		out, err := os.Create(path)
		if err != nil {
			b.Fatal(err)
		}
		defer out.Close()
		if _, err := writeRoll(out); err != nil {
			b.Fatal(err)
		}
		return path
	}
	f := excelize.NewFile()
	defer f.Close()
	for i := range benchRows + 1 {
		values := make([]any, len(benchColumns))
		for c, v := range benchRow(i) {
			if values[c] = v; i == 0 {
				values[c] = benchColumns[c].Name
			}
		}
		if err := f.SetSheetRow("Sheet1", "A"+strconv.Itoa(i+1), &values); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.SaveAs(path); err != nil {
		b.Fatal(err)
	}
	return path
}

func writeRoll(out io.Writer) (int, error) {
	w, err := NewXLSX(out, "", benchColumns)
	if err != nil {
		return 0, err
	}
	for i := range benchRows {
		if err := w.Row(benchRow(i + 1)...); err != nil {
			return i, err
		}
	}
	return benchRows, w.Close()
}

// cost runs do and returns how long it took and how far the heap grew.
func cost(do func() (int, error)) (time.Duration, float64, error) {
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	peak, stop := uint64(0), make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapInuse)
			}
		}
	})
	start := time.Now()
	n, err := do()
	took := time.Since(start)
	close(stop)
	wait.Wait()
	if err == nil && n != benchRows {
		err = fmt.Errorf("%d rows", n)
	}
	return took, float64(max(peak, before.HeapInuse)-before.HeapInuse) / (1 << 20), err
}

func readRoll(path string) (int, error) {
	book, err := OpenFile(path, "x", Limits{})
	if err != nil {
		return 0, err
	}
	defer book.Close()
	h, err := book.FindHead(Known(roster))
	if err != nil {
		return 0, err
	}
	t, err := book.Rows(h, []int{1}, func(*Row) error { return nil })
	return t.Data, err
}

// libraryReads is the floor: the library's own streaming read.
func libraryReads(path string) (int, error) {
	f, err := excelize.OpenFile(path, excelize.Options{UnzipXMLSizeLimit: 1 << 20, UnzipSizeLimit: 1 << 30})
	if err != nil {
		return 0, err
	}
	defer f.Close()
	rows, err := f.Rows(f.GetSheetName(0))
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := -1
	for rows.Next() {
		if _, err := rows.Columns(); err != nil {
			return 0, err
		}
		n++
	}
	return n, rows.Error()
}

// libraryWrites is the floor of the export: the stream writer alone.
func libraryWrites(out io.Writer) (int, error) {
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return 0, err
	}
	values := make([]any, len(benchColumns))
	for i := range benchRows {
		for c, v := range benchRow(i + 1) {
			values[c] = v
		}
		if err := w.SetRow("A"+strconv.Itoa(i+1), values); err != nil {
			return i, err
		}
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	return benchRows, f.Write(out)
}

// compare reports ours and the library's in the same run.
func compare(b *testing.B, ours, theirs func() (int, error)) {
	for b.Loop() {
		floor, floorMB, err := cost(theirs)
		if err != nil {
			b.Fatal(err)
		}
		took, mb, err := cost(ours)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(took.Seconds(), "s")
		b.ReportMetric(mb, "MB")
		b.ReportMetric(floor.Seconds(), "floor-s")
		b.ReportMetric(floorMB, "floor-MB")
		b.ReportMetric(took.Seconds()/floor.Seconds(), "ratio")
	}
}

func BenchmarkRead(b *testing.B) {
	for _, shared := range []bool{false, true} {
		path := roll(b, shared)
		b.Run(map[bool]string{false: "inline", true: "shared"}[shared], func(b *testing.B) {
			compare(b, func() (int, error) { return readRoll(path) }, func() (int, error) { return libraryReads(path) })
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	compare(b, func() (int, error) { return writeRoll(io.Discard) }, func() (int, error) { return libraryWrites(io.Discard) })
}

func BenchmarkReport(b *testing.B) {
	path := roll(b, true)
	compare(b, func() (int, error) {
		book, err := OpenFile(path, "x", Limits{})
		if err != nil {
			return 0, err
		}
		defer book.Close()
		h, err := book.FindHead(Known(roster))
		if err != nil {
			return 0, err
		}
		return benchRows, book.Report(io.Discard, h, func(row int) Message {
			return Message{Text: "证件号码的校验码不对", Refused: row%3 == 0}
		})
	}, func() (int, error) { return libraryReads(path) })
}

func BenchmarkCSV(b *testing.B) {
	var out bytes.Buffer
	w, err := NewCSV(&out, benchColumns)
	if err != nil {
		b.Fatal(err)
	}
	for i := range benchRows {
		if err := w.Row(benchRow(i + 1)...); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(out.Len()))
	for b.Loop() {
		book, err := Open(bytes.NewReader(out.Bytes()), int64(out.Len()), "x", Limits{})
		if err != nil {
			b.Fatal(err)
		}
		h, err := book.FindHead(Known(roster))
		if err != nil {
			b.Fatal(err)
		}
		if t, err := book.Rows(h, []int{1}, func(*Row) error { return nil }); err != nil || t.Data != benchRows {
			b.Fatal(t.Data, err)
		}
	}
}
