package sheet

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// roster is what the tests know of a member list.
var roster = []Field{
	{Key: "name", Label: "姓名", Required: true},
	{Key: "sex", Label: "性别"},
	{Key: "birth", Label: "出生日期", Synonyms: []string{"出生年月"}},
	{Key: "id", Label: "证件号码", Synonyms: []string{"身份证号", "身份证号码"}, Required: true},
	{Key: "phone", Label: "移动电话", Synonyms: []string{"手机", "手机号码"}},
	{Key: "unit", Label: "工作单位", Synonyms: []string{"所在单位"}},
	{Key: "joined", Label: "入会日期", Synonyms: []string{"入会时间", "会籍变化日期"}},
}

func openSample(t *testing.T, name string) *Book {
	t.Helper()
	b, err := OpenFile(filepath.Join("testdata", name), name, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// data reads the rows of data of a roster, by row number, as field → cell.
func data(t *testing.T, b *Book) (Head, Tally, map[int]map[string]Cell) {
	t.Helper()
	h, err := b.FindHead(Known(roster))
	if err != nil {
		t.Fatal(err)
	}
	guess := Guess(h.Names, roster)
	var required []int
	for _, m := range guess {
		if m.Key == "name" || m.Key == "id" {
			required = append(required, m.Column)
		}
	}
	rows := map[int]map[string]Cell{}
	tally, err := b.Rows(h, required, func(r *Row) error {
		rows[r.N] = map[string]Cell{}
		for _, m := range guess {
			rows[r.N][m.Key] = r.Cell(m.Column)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return h, tally, rows
}

func TestRosterWithEveryFlaw(t *testing.T) {
	b := openSample(t, "会员花名册-常见毛病.xlsx")
	h, tally, rows := data(t, b)
	t.Run("IMP-01 the head of two lines below the titles", func(t *testing.T) {
		want := []string{"序号", "姓名", "性别", "民族", "出生年月", "身份证号", "学历", "手机", "联系方式办公电话", "政治面貌", "工作单位", "入会时间"}
		if diff := cmp.Diff(want, h.Names); diff != "" || h.First != 3 || h.Last != 4 {
			t.Errorf("head of rows %d-%d: %s", h.First, h.Last, diff)
		}
	})
	t.Run("IMP-01 hidden columns are read and known", func(t *testing.T) {
		if !h.Hidden[6] || slices.Index(h.Hidden, true) != 6 {
			t.Errorf("hidden = %v", h.Hidden)
		}
	})
	t.Run("IMP-01 the other sheet is reported", func(t *testing.T) {
		if diff := cmp.Diff([]string{"填表说明"}, h.Others); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("IMP-01 notes below are no data", func(t *testing.T) {
		if diff := cmp.Diff(Tally{Data: 460, Notes: []int{477, 478}}, tally); diff != "" {
			t.Error(diff)
		}
	})
	for _, c := range []struct {
		law   string
		row   int
		field string
		want  Cell
	}{
		{"ours: blanks stay for the caller to judge", 6, "name", Cell{Text: "常\u3000振东"}},
		{"IMP-02 a number is told from a text", 9, "id", Cell{Text: "995005198111220000", Number: true}},
		{"ours: an empty name is an empty cell", 11, "name", Cell{}},
		{"IMP-02 full-width digits stay for the caller", 12, "id", Cell{Text: "９９５００８１９７６０７３１０３７９"}},
		{"IMP-03 a serial number with a date's style", 23, "joined", Cell{Text: "1994-05-13", Date: true}},
		{"ours: a text like a formula is a text", 26, "name", Cell{Text: "=冯少冬()"}},
		{"IMP-03 an unreadable date stays as it is", 27, "joined", Cell{Text: "很久以前"}},
		{"ours: the last row", 475, "id", Cell{Text: "995460197512019404"}},
	} {
		t.Run(c.law, func(t *testing.T) {
			if diff := cmp.Diff(c.want, rows[c.row][c.field]); diff != "" {
				t.Errorf("row %d: %s", c.row, diff)
			}
		})
	}
}

func TestRosterInGB18030(t *testing.T) {
	b := openSample(t, "会员名单-国标编码.csv")
	h, tally, rows := data(t, b)
	if h.Last != 1 || len(h.Names) != 20 || tally.Data != 300 || len(tally.Notes) > 0 {
		t.Fatalf("head %+v, tally %+v", h, tally)
	}
	t.Run("IMP-01 characters beyond the basic plane", func(t *testing.T) {
		if got := rows[5]["name"].Text; got != "㛃𠮷" {
			t.Errorf("name = %q", got)
		}
	})
	t.Run("IMP-02 the apostrophe is no part of the number", func(t *testing.T) {
		if diff := cmp.Diff(Cell{Text: "995464199711269494", Marked: true}, rows[5]["id"]); diff != "" {
			t.Error(diff)
		}
	})
	samples, err := b.Samples(h, 3)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("ours: quotes and separators inside a cell", func(t *testing.T) {
		if diff := cmp.Diff([]string{`调入,原单位"撤并"`}, samples[15]); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("IMP-01 the bytes decide, not the name", func(t *testing.T) {
		raw, err := os.ReadFile(filepath.Join("testdata", "会员名单-国标编码.csv"))
		if err != nil {
			t.Fatal(err)
		}
		other, err := Open(strings.NewReader(string(raw)), int64(len(raw)), "名单.xlsx", Limits{})
		if err != nil || !other.IsCSV() {
			t.Fatalf("%v", err)
		}
	})
}
