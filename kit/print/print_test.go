package print

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"

	"unionhall/kit/fault"
)

var roster = []Column{
	{Head: "序号", Width: 1, Align: Right}, {Head: "姓名", Width: 2}, {Head: "性别", Width: 1, Align: Centre}, {Head: "身份证件号码", Width: 3.6},
	{Head: "所在单位", Width: 4}, {Head: "入会日期", Width: 2.2}, {Head: "会费（元）", Width: 1.8, Align: Right}, {Head: "备注", Width: 2.4},
}

func paper() Paper {
	return Paper{Office: "滨江市直机关工会工作委员会", Title: "工会会员花名册", Note: "截至 2026-11-22　单位：人、元", By: "孙丽霞", Made: "2026-11-22T09:05:00.000000Z"}
}

func fill(t testing.TB, d *Doc, n int) {
	t.Helper()
	tab := d.Table(roster...)
	names := []string{"王建国", "李𬭎", "𫖯雨䶮", "阿卜杜热西提·买买提", "㛃㵆"}
	for i := range n {
		if err := tab.Row(fmt.Sprint(i+1), names[i%len(names)], "男", "210602********1234", "滨江市住房和城乡建设局机关工会委员会（含所属事业单位）", "2019-07-01", fmt.Sprintf("%d.%02d", i, i%100), ""); err != nil {
			t.Fatal(err)
		}
	}
	tab.End()
}

func write(t testing.TB, d *Doc) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := d.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tool runs a program of poppler-utils on a PDF file.
func tool(t *testing.T, pdf []byte, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("no %s here: apt-get install poppler-utils", name)
	}
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(name, append(args, path, "-")...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, out)
	}
	return string(out)
}

func whole(t *testing.T, rows int, wide bool) []byte {
	p := paper()
	p.Wide, p.Watermark = wide, "仅供内部使用"
	d, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	d.Text("根据《中国工会章程》，现将本会会员名单印发各基层工会核对。如有出入，请于收到之日起五个工作日内报工委办公室（电话：0415-2100000），逾期视为无误。")
	fill(t, d, rows)
	d.Signatures("填表人", "审核人", "工会主席（签章）")
	d.QR("https://hall.example/verify/0199c0de-7a53-7000-8000-000000000001", "扫码核对本表的电子记录。\n记录编号：0199c0de-7a53-7000-8000-000000000001")
	d.Seal("滨江市直机关工会工作委员会", "2026-11-22")
	return write(t, d)
}

func TestWholePaper(t *testing.T) {
	pdf := whole(t, 60, false)
	text := tool(t, pdf, "pdftotext", "-layout")
	pages := strings.Count(text, "\f")
	for _, want := range []string{
		"工会会员花名册", "滨江市直机关工会工作委员会", "截至 2026-11-22", "制表时间：2026-11-22 17:05　打印人：孙丽霞",
		"填表人：", "工会主席（签章）：", "（盖章）", "2026 年 11 月 22 日", "扫码核对", "59.59",
		"李𬭎", "𫖯雨䶮", "㛃㵆", // rare characters can be copied and searched too
		fmt.Sprintf("第 1 页　共 %d 页", pages), fmt.Sprintf("第 %d 页　共 %d 页", pages, pages),
	} {
		if !strings.Contains(text, want) && !strings.Contains(strings.Join(strings.Fields(text), ""), strings.Join(strings.Fields(want), "")) {
			t.Errorf("the text lacks %q", want)
		}
	}
	if heads := strings.Count(text, "身份证件号码"); pages < 2 || heads < pages-1 {
		t.Errorf("%d heads on %d pages", heads, pages)
	}
	if strings.Contains(text, string(geta)) {
		t.Error("a character was not in the font")
	}
	if out := tool(t, pdf, "pdftotext", "-bbox"); !inside(t, out) {
		t.Error("text beyond the margins")
	}
	if len(pdf) > 200_000 {
		t.Errorf("%d bytes for %d pages", len(pdf), pages)
	}
}

var box = regexp.MustCompile(`<word xMin="([0-9.-]+)" yMin="([0-9.-]+)" xMax="([0-9.-]+)" yMax="([0-9.-]+)">([^<]*)`)

func inside(t *testing.T, bbox string) bool {
	t.Helper()
	good := true
	for _, m := range box.FindAllStringSubmatch(bbox, -1) {
		var x1, y1, x2, y2 float64
		if _, err := fmt.Sscan(m[1], &x1); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscan(m[2]+" "+m[3]+" "+m[4], &y1, &x2, &y2); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(m[5], "内部使用") {
			continue // the watermark may be cut
		}
		if x1 < side-1 || x2 > 595.28-side+1 || y1 < 0 || y2 > 842 {
			t.Logf("%q from %.0f to %.0f", m[5], x1, x2)
			good = false
		}
	}
	return good
}

// What is printed can be read: the cells of a table are black on white, also
// where no watermark has set a colour before.
func TestCellsAreBlack(t *testing.T) {
	d, err := New(paper())
	if err != nil {
		t.Fatal(err)
	}
	fill(t, d, 10)
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		t.Skip("no pdftoppm here: apt-get install poppler-utils")
	}
	look := exec.Command("pdftoppm", "-gray", "-r", "80")
	look.Stdin = bytes.NewReader(write(t, d))
	picture, err := look.Output()
	if err != nil {
		t.Fatal(err)
	}
	var width, height, most int
	if _, err := fmt.Sscanf(string(picture[:40]), "P5\n%d %d\n%d", &width, &height, &most); err != nil {
		t.Fatal(err)
	}
	pixels, dark := picture[len(picture)-width*height:], 0
	for _, p := range pixels[width*height/8 : width*height/2] { // below the title
		if p < 60 {
			dark++
		}
	}
	if dark < 2000 {
		t.Errorf("%d dark points of %d", dark, len(pixels))
	}
}

func TestEdges(t *testing.T) {
	for _, c := range []struct {
		name  string
		write func(d *Doc)
		want  string
		pages int
	}{
		{"no rows", func(d *Doc) { fill(t, d, 0) }, "（没有内容）", 1},
		{"a cell longer than a page", func(d *Doc) {
			tab := d.Table(Column{Head: "事由"}, Column{Head: "意见"})
			if err := tab.Row(strings.Repeat("长期患病，家庭困难。", 400)+"完", "同意"); err != nil {
				t.Error(err)
			}
			tab.End()
		}, "完", 3},
		{"a cell too few, a cell too many", func(d *Doc) {
			tab := d.Table(Column{Head: "甲"}, Column{Head: "乙"})
			if err := errors.Join(tab.Row("一"), tab.Row("二", "三", "四")); err != nil {
				t.Error(err)
			}
			tab.End()
		}, "三", 1},
		{"what the font has not", func(d *Doc) { d.Text("姓名：王\U0003ffffx") }, "〓 处的字字库未收", 1},
		{"controls and marks", func(d *Doc) { d.Text("王\x00\u200b\u202e\U000E0100国\xff") }, "王国〓", 1},
		{"seal by hand", func(d *Doc) { d.Seal("某某工会", "") }, "年", 1},
	} {
		d, err := New(paper())
		if err != nil {
			t.Fatal(err)
		}
		c.write(d)
		text := tool(t, write(t, d), "pdftotext")
		if !strings.Contains(text, c.want) || strings.Count(text, "\f") != c.pages {
			t.Errorf("%s: %d pages, want %d; text lacks %q", c.name, strings.Count(text, "\f"), c.pages, c.want)
		}
	}
}

func TestTooLong(t *testing.T) {
	d, err := New(paper())
	if err != nil {
		t.Fatal(err)
	}
	d.pages = mostPages
	tab := d.Table(Column{Head: "甲"})
	for range 100 {
		if err = tab.Row("一"); err != nil {
			break
		}
	}
	if fault.Of(err).Kind != fault.TooLarge {
		t.Errorf("page %d: %v", mostPages+1, err)
	}
	var b bytes.Buffer
	if _, err := d.WriteTo(&b); fault.Of(err).Kind != fault.TooLarge || b.Len() != 0 {
		t.Errorf("written all the same: %d bytes, %v", b.Len(), err)
	}
}

func TestPaperNeedsItsInstant(t *testing.T) {
	if _, err := New(Paper{Title: "x"}); err == nil {
		t.Error("a paper without its instant")
	}
}

func TestManyPapersAtOnce(t *testing.T) {
	var all sync.WaitGroup
	papers := make([][]byte, 4)
	for i := range papers {
		all.Go(func() {
			d, err := New(paper())
			if err != nil {
				t.Error(err)
				return
			}
			fill(t, d, 30)
			papers[i] = write(t, d)
		})
	}
	all.Wait()
	for _, p := range papers {
		if !bytes.Equal(p, papers[0]) {
			t.Error("the same paper twice is not the same bytes")
		}
	}
}

// Two thousand rows must stay within a hundred megabytes.
func TestMemory(t *testing.T) {
	var before, after runtime.MemStats
	if _, err := fonts(); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&before)
	d, err := New(paper())
	if err != nil {
		t.Fatal(err)
	}
	fill(t, d, 2000)
	pdf := write(t, d)
	runtime.ReadMemStats(&after)
	grown := int64(after.Sys) - int64(before.Sys)
	t.Logf("%d pages, %d KB, heap grew %d MB, allocated %d MB", d.pages, len(pdf)>>10, grown>>20, (after.TotalAlloc-before.TotalAlloc)>>20)
	if grown > 90<<20 {
		t.Errorf("%d MB", grown>>20)
	}
}

func BenchmarkRoster50(b *testing.B) {
	for b.Loop() {
		d, err := New(paper())
		if err != nil {
			b.Fatal(err)
		}
		fill(b, d, 50)
		write(b, d)
	}
}

// The copying table is mended in place: nothing else in the file may move.
func TestMendCopying(t *testing.T) {
	table := func(n int) string {
		var b strings.Builder
		fmt.Fprintf(&b, "<0003><7A11>\nendcodespacerange\n%d beginbfrange\n", n)
		for i := range n {
			fmt.Fprintf(&b, "<%04X><%04X><%04X>\n", i+3, i+3, 0x2cb4e+i)
		}
		b.WriteString("endbfrange\nendcmap")
		return b.String()
	}
	for _, n := range []int{1, 100, 101, 2500} {
		pdf := []byte("before\n" + table(n) + " after")
		mended := bytes.Clone(pdf)
		mendCopying(mended)
		if len(mended) != len(pdf) || !bytes.HasPrefix(mended, []byte("before\n<0000><FFFF>\n")) || !bytes.HasSuffix(mended, []byte("endcmap after")) {
			t.Fatalf("%d: the file around the table changed", n)
		}
		if got := bytes.Count(mended, []byte(" beginbfchar\n")); got != (n+99)/100 {
			t.Errorf("%d: %d blocks", n, got)
		}
		if !bytes.Contains(mended, []byte("<0003><D872DF4E>\n")) {
			t.Errorf("%d: U+2CB4E is not written as UTF-16", n)
		}
	}
	other := []byte("a PDF of another library <0003>")
	kept := bytes.Clone(other)
	if mendCopying(other); !bytes.Equal(kept, other) {
		t.Error("a file without the table was changed")
	}
}
