package intake

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"unionhall/kit/ident"
	"unionhall/schema/dbtest"
)

const benchRows = 100_000

// bigRoster writes a roster of so many people with every column of a standard one.
func bigRoster(t testing.TB, rows int) string {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	head := make([]any, rosterTemplate)
	for i := range head {
		head[i] = rosterFields[i].Label
	}
	if err := w.SetRow("A1", head); err != nil {
		t.Fatal(err)
	}
	surnames, given := []rune("赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"), []rune("伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文辉")
	units := []string{"滨江市财政局", "滨江市教育局", "滨江市商务局", "滨江市图书馆", "滨江市中心医院"}
	for n := range rows {
		no := ident.CheckedID(fmt.Sprintf("210602%d%02d%02d%03d", 1960+n%40, 1+n/40%12, 1+n/480%28, n/13440))
		sex := "女"
		if ident.ID(no).Male() {
			sex = "男"
		}
		values := map[string]string{
			"name": string([]rune{surnames[n%len(surnames)], given[n/7%len(given)], given[n/211%len(given)]}), "sex": sex,
			"birthday": no[6:10] + "-" + no[10:12] + "-" + no[12:14], "ethnic": "汉族", "employment": "在岗", "id_type": "居民身份证", "id_no": no,
			"education": "大学本科", "phone": strconv.Itoa(13800000000 + n), "joined": fmt.Sprintf("%d-05-01", 2000+n%25), "household": "非农业户口",
			"domicile": "滨江市", "change_type": "入会", "change_date": fmt.Sprintf("%d-05-01", 2000+n%25), "politics": "群众", "union": units[n%len(units)],
			"native": "辽宁", "migrant": "否", "duty": "科员",
		}
		row := make([]any, rosterTemplate)
		for i := range row {
			row[i] = values[rosterFields[i].Key]
		}
		if err := w.SetRow("A"+strconv.Itoa(n+2), row); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "big.xlsx")
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

// floor is how long excelize takes to read the file alone.
func floor(t testing.TB, path string) time.Duration {
	start := time.Now()
	f, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.Rows("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; rows.Next(); n++ {
		if _, err := rows.Columns(); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Close(); err != nil {
		t.Fatal(err)
	}
	return time.Since(start)
}

// peak forgets how much memory the process had, or tells how much it was since.
func peak(t testing.TB, forget bool) float64 {
	t.Helper()
	if forget {
		debug.FreeOSMemory()
		if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
			t.Skip("memory is measured on Linux only")
		}
		return 0
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range strings.Split(string(status), "\n") {
		if kb, ok := strings.CutPrefix(l, "VmHWM:"); ok {
			n, err := strconv.ParseFloat(strings.Fields(kb)[0], 64)
			if err != nil {
				t.Fatal(err)
			}
			return n / 1024
		}
	}
	return 0
}

// resaved is the same table in a file of other bytes.
func resaved(t testing.TB, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	zr, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(path + ".xlsx")
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	zw := zip.NewWriter(out)
	if err := zw.SetComment("saved anew"); err != nil {
		t.Fatal(err)
	}
	for _, f := range zr.File {
		if err := zw.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Name()
}

// spent is how much of the processor this process has had.
func spent(t testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkRoster judges, writes and takes back a roster of 100,000, each as a
// ratio to excelize reading the file alone in the same run: of the clock, and
// of the processor, which a busy machine does not blur.
func BenchmarkRoster(b *testing.B) {
	path := bigRoster(b, benchRows)
	for range b.N {
		o := established(b, dbtest.SQLite(b))
		begun := spent(b)
		base := floor(b, path)
		own := spent(b) - begun
		b.Logf("floor: %v, %v of processor", base, own)
		peak(b, true)
		timed := func(what string, f func()) {
			start, begun := time.Now(), spent(b)
			f()
			took := spent(b) - begun
			b.Logf("%s: %v, %v of processor", what, time.Since(start), took)
			b.ReportMetric(float64(time.Since(start))/float64(base), what+"/floor")
			b.ReportMetric(float64(took)/float64(own), what+"-cpu/floor")
		}
		var i Import
		b.ReportMetric(peak(b, false), "rest-MB")
		timed("judge", func() { i = o.judgedFile(path) })
		b.ReportMetric(peak(b, false), "judge-MB")
		o.is(i, Judged, [5]int64{benchRows, 0, 0, 0, 0})
		timed("confirm", func() { i = o.confirm(i.ID, false) })
		b.ReportMetric(peak(b, false), "confirm-MB")
		again := resaved(b, path)
		timed("same", func() { o.is(o.judgedFile(again), Judged, [5]int64{0, 0, 0, benchRows, 0}) })
		timed("undo", func() { o.undo(i.ID) })
		o.is(o.find(i.ID), Undone, [5]int64{benchRows, 0, 0, 0, 0})
	}
}
