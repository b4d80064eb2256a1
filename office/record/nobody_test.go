package record

import (
	"context"
	"encoding/json"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

// R1.70: nobody can delete or change a line of the log: no route of this room
// does, and no SQL in the whole program, but for the sealer that writes into
// which block a line went.
func TestNobodyDeletes(t *testing.T) {
	for _, rt := range new(Room).Routes() {
		if strings.HasPrefix(rt.Pattern, "DELETE ") || strings.HasPrefix(rt.Pattern, "PUT ") || rt.Do.Writes() && rt.Needs != Verify {
			t.Errorf("R1.70: %s", rt.Pattern)
		}
	}
	touch := regexp.MustCompile(`(?is)(delete\s+from|update|truncate|drop\s+table|insert\s+or\s+replace\s+into)\s+audit_(rows|blocks)\b`)
	allowed := map[string]int{"kit/audit/chain.go": 1}
	found := map[string]int{}
	root := "../.."
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".sql") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		files++
		if n := len(touch.FindAll(text, -1)); n > 0 {
			found[filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))] += n
		}
		return err
	})
	if err != nil || files < 200 {
		t.Fatal(files, err)
	}
	for at, n := range found {
		if allowed[at] != n {
			t.Errorf("R1.70: %s writes over the log", at)
		}
	}
	if found["kit/audit/chain.go"] != 1 {
		t.Error("the pattern finds nothing any more")
	}
}

// The log is searched by what changed, by who and by what is called so, and in
// a period; and whoever takes it away leaves a line.
func TestWordsAndExports(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := open(t, db)
		h.room.Labels[Export] = Labels[Export]
		h.room.Find = func(_ context.Context, _ *sqldb.Tx, _ int64, q string) (accounts, things []string, err error) {
			switch q {
			case "周敏":
				accounts = []string{"zhou"}
			case "财政局":
				things = []string{union, "other"}
			}
			return accounts, things, nil
		}
		for _, c := range []struct {
			query string
			want  int
		}{
			{"q=乙工会", 1}, {"q=工办〔2026〕3号", 1}, {"q=周敏", 2}, {"q=财政局", 2}, {"q=ODD_KEY", 1}, {"q=o_d", 0}, {"q=%25", 0}, {"q=没有", 0},
			{"q=财政局&account=li", 1}, {"q=周敏&to=2026-11-20", 1}, {"q=周敏&act=members.edit", 0},
		} {
			v, err := url.ParseQuery(c.query)
			if err != nil {
				t.Fatal(err)
			}
			var p Page
			if w := h.ask("GET", "/audit?"+v.Encode(), &p); w.Code != 200 || len(p.Items) != c.want {
				t.Errorf("%s: %d with %d lines, want %d", c.query, w.Code, len(p.Items), c.want)
			}
		}
		var p Page
		h.ask("GET", "/audit?limit=1&q="+url.QueryEscape("周敏"), &p)
		next := p.Next
		p = Page{}
		h.ask("GET", "/audit?limit=1&q="+url.QueryEscape("周敏")+"&after="+next, &p)
		if len(p.Items) != 1 || p.Next != "" {
			t.Errorf("the second page of a search: %d lines, then %q", len(p.Items), p.Next)
		}
		w := h.ask("GET", "/audit.csv?q="+url.QueryEscape("周敏"), nil)
		if w.Code != 200 || strings.Count(w.Body.String(), "\r\n") != 3 {
			t.Errorf("what is taken away is what was searched: %d\n%s", w.Code, w.Body)
		}
		h.ask("GET", "/audit.xlsx", nil)
		p = Page{}
		h.ask("GET", "/audit?act="+string(Export), &p)
		if len(p.Items) != 2 || p.Items[1].Who != "孙审（审计管理员）" {
			t.Fatalf("R1.70: exports in the log: %+v", p.Items)
		}
		var change map[string]string
		if err := json.Unmarshal([]byte(p.Items[1].Change), &change); err != nil || change["q"] != "周敏" || change["format"] != "csv" {
			t.Errorf("%v, %v", change, err)
		}
		h.page("/audit", "导出操作日志")
	})
}
