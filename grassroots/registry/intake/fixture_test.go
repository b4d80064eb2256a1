package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/files"
	"unionhall/kit/job"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
)

const tenant = 2106000001

// office is a house with one root union, at work on its imports.
type office struct {
	testing.TB
	db   *sqldb.DB
	room *Room
	root registry.Union
	now  time.Time
	step func() // called whenever the clock is asked, if set
}

var ctx = context.Background()

func newOffice(t testing.TB, db *sqldb.DB) *office {
	t.Helper()
	o := &office{TB: t, db: db, now: time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)}
	keys, err := seal.Create(filepath.Join(t.TempDir(), "keys"))
	o.must(err)
	db.UseKeys(keys)
	store, err := files.OpenFolder(filepath.Join(t.TempDir(), "files"))
	o.must(err)
	t.Cleanup(func() { store.Close() })
	runner := job.NewRunner(db, func() time.Time {
		if o.step != nil {
			o.step()
		}
		return o.now
	})
	o.room = &Room{Files: store, Runner: runner}
	runner.Works, runner.Falls = o.room.Works(), o.room.Falls()
	o.root = registry.Union{ID: sqldb.NewID(), Code: "210600000001", Name: "滨江市直机关工会工委", Kind: registry.Agency, State: registry.Standing}
	o.do(func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO tenants (tenant_id, name, region, demo, started, version) VALUES ($1, $2, '210600', $3, '2026-01-01', 1)`, tenant, o.root.Name, false)
		if err != nil {
			return err
		}
		if _, err := registry.Next(ctx, tx, tenant, "union", "", 1); err != nil {
			return err
		}
		m := audit.Moves{}
		if err := m.Touch(ctx, tx, tenant, audit.Touched{Table: "tenants"}); err != nil {
			return err
		}
		if err := registry.Insert(ctx, tx, o.grant(), m, o.root, "founded", "1990-01-01", "", ""); err != nil {
			return err
		}
		return m.Write(ctx, tx, o.grant(), o.root.ID, "founded", o.at())
	})
	return o
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) do(f func(*sqldb.Tx) error) {
	o.Helper()
	o.must(o.db.Do(ctx, f))
}

func (o *office) view(f func(*sqldb.Tx) error) {
	o.Helper()
	o.must(o.db.View(ctx, f))
}

func (o *office) at() day.Instant   { return day.At(o.now) }
func (o *office) grant() auth.Grant { return auth.As(tenant, "officer", auth.Officer, Run, o.root.ID) }

// sealed are the tables whose rows carry a seal.
var sealed = []string{"tenants", "accounts", "posts", "attachments", "own_params", "unions", "union_spans", "bodies", "seats", "members", "member_events"}

// proven fails the test if the log or the figures don't hold.
func (o *office) proven() {
	o.Helper()
	o.view(func(tx *sqldb.Tx) error {
		rep, err := audit.Verify(ctx, tx, tenant, sealed)
		for _, f := range rep.Findings {
			o.Errorf("verify: %s: %s", f.Where, f.What)
		}
		return err
	})
	count := func(q string) []string { return o.rows(q) }
	kept := count(`SELECT union_id || status || sex || n FROM member_figures WHERE tenant_id = $1 AND n <> 0 ORDER BY 1`)
	real := count(`SELECT union_id || status || sex || count(*) FROM members WHERE tenant_id = $1 GROUP BY union_id, status, sex ORDER BY 1`)
	if !slices.Equal(kept, real) {
		o.Errorf("figures say %d, members are %d", len(kept), len(real))
	}
	kept = count(`SELECT union_id || month || joined || '-' || gone FROM member_months WHERE tenant_id = $1 AND (joined <> 0 OR gone <> 0) ORDER BY 1`)
	real = count(`
		SELECT union_id || month || cast(sum(j) as bigint) || '-' || cast(sum(g) as bigint) FROM (
			SELECT union_id, substr(joined, 1, 7) AS month, 1 AS j, 0 AS g FROM members WHERE tenant_id = $1 AND joined IS NOT NULL
			UNION ALL SELECT union_id, substr(left_day, 1, 7), 0, 1 FROM members WHERE tenant_id = $1 AND left_day IS NOT NULL) AS t
		GROUP BY union_id, month ORDER BY 1`)
	if !slices.Equal(kept, real) {
		o.Errorf("months say %d, members are %d", len(kept), len(real))
	}
}

func (o *office) rows(q string) (out []string) {
	o.Helper()
	o.view(func(tx *sqldb.Tx) (err error) {
		out, err = sqldb.List(ctx, tx, sqldb.Text, q, tenant)
		return err
	})
	return out
}

// holdings is what an import may change, without the marks that every write
// leaves: versions, seals, nonces, times.
func (o *office) holdings() string {
	o.Helper()
	var b strings.Builder
	for _, q := range []string{
		`SELECT id || union_id || name || name_key || sex || coalesce(birthday, '') || id_blind || coalesce(ethnic, '') || coalesce(education, '') || status
			|| coalesce(joined, '') || coalesce(left_day, '') || coalesce(card_no, '') || coalesce(duty, '') FROM members WHERE tenant_id = $1 ORDER BY 1`,
		`SELECT token || name_key || member_id FROM member_tokens WHERE tenant_id = $1 ORDER BY 1`,
		`SELECT union_id || status || sex || n FROM member_figures WHERE tenant_id = $1 AND n <> 0 ORDER BY 1`,
		`SELECT union_id || month || joined || '-' || gone FROM member_months WHERE tenant_id = $1 AND (joined <> 0 OR gone <> 0) ORDER BY 1`,
		`SELECT id || code || name || coalesce(leader, '') || staff || coalesce(founded, '') FROM unions WHERE tenant_id = $1 ORDER BY 1`,
		`SELECT above_id || union_id || depth FROM union_reach WHERE tenant_id = $1 ORDER BY 1`,
		`SELECT union_id || from_day || name FROM union_spans WHERE tenant_id = $1 ORDER BY 1`,
	} {
		fmt.Fprintln(&b, strings.Join(o.rows(q), "\n"))
	}
	return b.String()
}

// put stores a file and begins its import, without judging it.
func (o *office) put(kind Kind, name string, content []byte) Import {
	o.Helper()
	blob, err := o.room.Files.Put(ctx, bytes.NewReader(content), 200<<20)
	o.must(err)
	var i Import
	o.do(func(tx *sqldb.Tx) (err error) {
		i, _, err = o.room.Begin(ctx, tx, o.grant(), Import{Kind: kind, UnderID: o.root.ID, FileName: name, FileHash: blob.Hash}, o.at())
		return err
	})
	return i
}

// judgedFile is judged for a file on the disk.
func (o *office) judgedFile(path string) Import {
	o.Helper()
	content, err := os.Open(path)
	o.must(err)
	defer content.Close()
	blob, err := o.room.Files.Put(ctx, content, 200<<20)
	o.must(err)
	var i Import
	o.do(func(tx *sqldb.Tx) (err error) {
		i, _, err = o.room.Begin(ctx, tx, o.grant(), Import{Kind: Roster, UnderID: o.root.ID, FileName: filepath.Base(path), FileHash: blob.Hash}, o.at())
		return err
	})
	o.must(o.room.Runner.RunDue(ctx))
	return o.find(i.ID)
}

// judged begins an import and has it judged.
func (o *office) judged(kind Kind, name string, content []byte) Import {
	o.Helper()
	i := o.put(kind, name, content)
	o.must(o.room.Runner.RunDue(ctx))
	return o.find(i.ID)
}

func (o *office) find(id string) (i Import) {
	o.Helper()
	o.view(func(tx *sqldb.Tx) (err error) {
		i, err = Find(ctx, tx, o.grant(), id)
		return err
	})
	return i
}

func (o *office) confirm(id string, transfer bool) Import {
	o.Helper()
	o.do(func(tx *sqldb.Tx) error {
		_, err := o.room.Confirm(ctx, tx, o.grant(), id, 0, transfer, o.at())
		return err
	})
	o.must(o.room.Runner.RunDue(ctx))
	return o.find(id)
}

func (o *office) undo(id string) Import {
	o.Helper()
	o.do(func(tx *sqldb.Tx) error {
		_, err := o.room.Undo(ctx, tx, o.grant(), id, o.at())
		return err
	})
	o.must(o.room.Runner.RunDue(ctx))
	return o.find(id)
}

func (o *office) problems(id string) (ps []Problem) {
	o.Helper()
	o.view(func(tx *sqldb.Tx) (err error) {
		ps, _, err = Problems(ctx, tx, o.grant(), id, "", -1, 0, 1_000_000)
		return err
	})
	return ps
}

// count is how an import's rows are counted: new, changed, moved, same, refused.
func (i Import) count() [5]int64 { return [5]int64{i.New, i.Changed, i.Moved, i.Same, i.Refused} }

// is fails the test unless the import stands so.
func (o *office) is(i Import, s State, count [5]int64) {
	o.Helper()
	if i.State != s || i.count() != count {
		o.Fatalf("%s is %s (%s), new/changed/moved/same/refused %v, want %s %v", i.FileName, i.State, i.Note, i.count(), s, count)
	}
}

// samples are the workbooks of the issue, in its order.
var samples = []struct {
	name string
	kind Kind
}{
	{"基层工会情况表.xlsx", Unions}, {"会员花名册-标准.xlsx", Roster}, {"会员花名册-常见毛病.xlsx", Roster}, {"会员名单-国标编码.csv", Roster},
}

func sample(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// expected is what a row must get, as the file beside the sample says.
type expected struct {
	Row    int64    `json:"row"`
	Refuse []string `json:"refuse"`
	Warn   []string `json:"warn"`
}

// expectation reads what every row must get: severity and code by row.
func expectation(t testing.TB, name string) map[int64][]string {
	t.Helper()
	var list []expected
	if err := json.Unmarshal(sample(t, strings.TrimSuffix(name, filepath.Ext(name))+".expected.json"), &list); err != nil {
		t.Fatal(err)
	}
	out := map[int64][]string{}
	for _, e := range list {
		for _, c := range e.Refuse {
			out[e.Row] = append(out[e.Row], "refuse "+c)
		}
		for _, c := range e.Warn {
			out[e.Row] = append(out[e.Row], "warn "+c)
		}
	}
	return out
}

// codesOf are the problems in the form of an expectation.
func codesOf(ps []Problem) map[int64][]string {
	out := map[int64][]string{}
	for _, p := range ps {
		if p.Row > 0 || p.Code != "region.unknown" {
			out[p.Row] = append(out[p.Row], string(p.Severity)+" "+p.Code)
		}
	}
	for _, codes := range out {
		slices.Sort(codes)
	}
	return out
}

// sheetOf makes a workbook of rows, every cell a text.
func sheetOf(t testing.TB, rows ...[]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for r, row := range rows {
		for c, text := range row {
			cell, err := excelize.CoordinatesToCellName(c+1, r+1)
			if err == nil {
				err = f.SetCellStr("Sheet1", cell, text)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// byNumber returns the member with an ID number.
func (o *office) byNumber(no string) (m member.Member) {
	o.Helper()
	o.view(func(tx *sqldb.Tx) error {
		id, err := member.ByNumber(ctx, tx, tenant, "1", no)
		if err == nil && id != "" {
			m, err = member.Any(ctx, tx, tenant, id)
		}
		return err
	})
	return m
}
