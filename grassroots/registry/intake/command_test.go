package intake

import (
	"os"
	"path/filepath"
	"testing"

	"unionhall/kit/fault"
	"unionhall/kit/sheet"
	"unionhall/schema/dbtest"
)

// The command's engine gives what the pages give, and lays the verdicts beside
// the file.
func TestTake(t *testing.T) {
	o := established(t, dbtest.SQLite(t))
	dir := t.TempDir()
	path := filepath.Join(dir, flawed)
	o.must(os.WriteFile(path, sample(t, flawed), 0o600))
	before := o.holdings()
	j := Job{Path: path, Name: flawed, Kind: Roster, DryRun: true}
	res, err := o.room.Take(ctx, o.db, o.grant(), j)
	o.must(err)
	o.is(res.Import, Judged, [5]int64{301, 0, 0, 0, 159})
	if o.holdings() != before {
		t.Error("a dry run wrote something")
	}
	j.DryRun = false
	res, err = o.room.Take(ctx, o.db, o.grant(), j)
	o.must(err)
	o.is(res.Import, Confirmed, [5]int64{301, 0, 0, 0, 159})
	if res.Clean() || res.Unreadable() || res.Report != filepath.Join(dir, "会员花名册-常见毛病-核对意见.xlsx") || len(res.Problems) == 0 {
		t.Errorf("report %q, %d problems", res.Report, len(res.Problems))
	}
	book, err := sheet.OpenFile(res.Report, "r.xlsx", sheet.Limits{})
	o.must(err)
	o.must(book.Close())
	o.proven()

	t.Run("a file that is no table", func(t *testing.T) {
		path := filepath.Join(dir, "图.xlsx")
		o.must(os.WriteFile(path, []byte("\x89PNG\r\n\x1a\n"), 0o600))
		res, err := o.room.Take(ctx, o.db, o.grant(), Job{Path: path, Name: "图.xlsx", Kind: Roster})
		o.must(err)
		if !res.Unreadable() || res.Note == "" || res.Report != "" {
			t.Errorf("%s: %s", res.State, res.Note)
		}
	})
	t.Run("a union that is not there", func(t *testing.T) {
		_, err := o.room.Take(ctx, o.db, o.grant(), Job{Path: path, Name: flawed, Kind: Roster, Union: "210600999999"})
		if fault.Of(err).Kind != fault.Invalid {
			t.Error(err)
		}
	})
	t.Run("a file that is not there", func(t *testing.T) {
		if _, err := o.room.Take(ctx, o.db, o.grant(), Job{Path: filepath.Join(dir, "nowhere"), Kind: Roster}); !os.IsNotExist(err) {
			t.Error(err)
		}
	})
}
