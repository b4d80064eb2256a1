package procedure

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"testing"
	"time"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/ident"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/schema"
	"unionhall/schema/dbtest"
)

const (
	ours  = int64(2106000001)
	twin  = int64(2106000002)
	today = day.Day("2026-04-02") // a Thursday
)

var (
	ctx  = context.Background()
	now  = at(today)
	room = Room{Unions: registry.Room{Members: member.People{}}}
	scan = files.Blob{Hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Size: 2048, Type: "application/pdf"}
)

// at is ten in the morning of a day in Beijing.
func at(d day.Day) day.Instant {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		panic(err)
	}
	return day.At(t.Add(2 * time.Hour))
}

// world is a committee over 财政局 (with 国库中心 below), 教育局 and 水务局, and the
// same again, id for id, for a twin that no act may touch.
type world struct {
	t   *testing.T
	db  *sqldb.DB
	ids map[string]string
}

func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		keys, err := seal.Create(filepath.Join(t.TempDir(), "keys"))
		if err != nil {
			t.Fatal(err)
		}
		db.UseKeys(keys)
		w := &world{t, db, map[string]string{}}
		for i, name := range []string{"市直机关工会工委", "市财政局机关工会", "国库中心分会", "市教育局机关工会", "市水务局机关工会"} {
			w.ids[name] = fmt.Sprintf("01900000-0000-7000-8000-%012d", i+1)
		}
		for _, tenant := range []int64{ours, twin} {
			w.plant(tenant, "市直机关工会工委", registry.Agency, "")
			w.plant(tenant, "市财政局机关工会", registry.Base, "市直机关工会工委")
			w.plant(tenant, "国库中心分会", registry.Branch, "市财政局机关工会")
			w.plant(tenant, "市教育局机关工会", registry.Base, "市直机关工会工委")
			w.plant(tenant, "市水务局机关工会", registry.Base, "市直机关工会工委")
		}
		f(w)
		w.whole()
	})
}

func (w *world) plant(tenant int64, name string, k registry.Kind, parent string) {
	w.t.Helper()
	w.must(func(tx *sqldb.Tx) error {
		code, err := registry.NextCode(ctx, tx, tenant)
		if err != nil {
			return err
		}
		u := registry.Union{ID: w.ids[name], Code: code, Name: name, Kind: k, ParentID: w.ids[parent], State: registry.Standing, Founded: "1990-05-01", Address: "振兴大街1号"}
		g, m := auth.System(tenant, "test", registry.Found, w.ids["市直机关工会工委"]), audit.Moves{}
		if err := registry.Insert(ctx, tx, g, m, u, "founded", u.Founded, "", "测试"); err != nil {
			return err
		}
		return m.Write(ctx, tx, g, u.ID, map[string]string{"did": "planted"}, now)
	})
}

// whole proves every seal, every number and that nothing of the twin moved.
func (w *world) whole() {
	w.t.Helper()
	err := w.db.View(ctx, func(tx *sqldb.Tx) error {
		for _, tenant := range []int64{ours, twin} {
			rep, err := audit.Verify(ctx, tx, tenant, schema.Sealed)
			if err != nil {
				return err
			}
			mine, err := Verify(ctx, tx, tenant)
			if err != nil {
				return err
			}
			tree, err := registry.Verify(ctx, tx, tenant)
			for _, f := range append(append(rep.Findings, mine...), tree...) {
				w.t.Errorf("tenant %d: %s %s", tenant, f.Where, f.What)
			}
			if err != nil {
				return err
			}
		}
		for _, table := range []string{"cases", "case_papers", "legal_persons", "legal_items", "steps", "messages"} {
			if n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM `+table+` WHERE tenant_id = $1`, twin); n > 0 || err != nil {
				w.t.Errorf("the twin has %d rows of %s, %v", n, table, err)
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) must(f func(*sqldb.Tx) error) {
	w.t.Helper()
	if err := w.db.Do(ctx, f); err != nil {
		w.t.Fatal(err)
	}
}

// code is the code of a union.
func (w *world) code(name string) string {
	w.t.Helper()
	var out string
	w.must(func(tx *sqldb.Tx) (err error) {
		out, err = sqldb.One(ctx, tx, sqldb.Text, `SELECT code FROM unions WHERE tenant_id = $1 AND id = $2`, ours, w.ids[name])
		return err
	})
	return out
}

// as is what somebody may do: zhou the officer, liang the director, or the
// chair of a union by its name.
func (w *world) as(who string, act auth.Action) auth.Grant {
	root := w.ids["市直机关工会工委"]
	switch who {
	case "zhou", "qian":
		return auth.As(ours, who, auth.Officer, act, root)
	case "liang":
		return auth.As(ours, who, auth.Director, act, root)
	case "twin":
		return auth.As(twin, who, auth.Officer, act, root)
	}
	return auth.As(ours, who, auth.Chair, act, w.ids[who])
}

const finance, education, water = "市财政局机关工会", "市教育局机关工会", "市水务局机关工会"

// samples are forms that are whole.
func (w *world) sample(k Kind) map[string]string {
	common := map[string]string{"handler": "王芳", "phone": "0415-2012345", "reason": "机构改革", "basis": "滨编发〔2026〕2号", "chair": "李敏", "approval_doc": "滨直工复〔2026〕9号",
		"settled": "已清理完毕", "assets": "已移交", "people": "会籍保留"}
	own := map[Kind]map[string]string{
		Found:  {"name": "市地震局机关工会", "kind": "base", "party_org": "中共市地震局机关委员会", "staff": "40", "members": "38", "leader": "赵刚"},
		Rename: {"name": "市财政和国资局机关工会"}, Move: {"parent": w.code(education)}, Merge: {"into": w.code(education)}, Dissolve: {"cause": "abolished"},
		Registration: {"name": finance, "approved_by": "市直机关工会工委", "approved_on": "1990-05-01", "approved_doc": "滨直工〔1990〕1号", "staff": "60", "members": "58",
			"term_end": "2030-06-01", "premises": "振兴大街1号", "liability": "能够独立承担"},
		Change: {"new_premises": "锦山大街9号", "changed_on": "2026-03-20"}, Renew: {"elected": "2026-03-01", "nth": "5", "term_end": "2031-02-28"},
		Extend: {"until": "2030-09-01"}, Replace: {"lost": "2026-03-01", "how": "搬家时遗失"}, Cancel: {"cause": "abolished"},
	}[k]
	maps.Copy(common, own)
	return tidy(k, common)
}

// open begins a case and hands in every paper that must be there.
func (w *world) open(who string, k Kind, union string, fields map[string]string) Case {
	w.t.Helper()
	var c Case
	w.must(func(tx *sqldb.Tx) (err error) {
		c, err = Open(ctx, tx, w.as(who, Ask), Asking{Kind: k, Union: w.codeIn(tx, union), Fields: fields}, now)
		return err
	})
	w.must(func(tx *sqldb.Tx) error { return w.papers(tx, who, c) })
	return c
}

func (w *world) codeIn(tx *sqldb.Tx, name string) string {
	code, err := sqldb.One(ctx, tx, sqldb.Text, `SELECT code FROM unions WHERE tenant_id = $1 AND id = $2`, ours, w.ids[name])
	if err != nil {
		w.t.Fatal(err)
	}
	return code
}

func (w *world) papers(tx *sqldb.Tx, who string, c Case) error {
	for _, p := range needs(c, lawPlace(w.as(who, Ask))) {
		if p.Must {
			if _, err := Attach(ctx, tx, w.as(who, Ask), c.ID, p.ID, p.Name+".pdf", scan, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// take makes one step.
func (w *world) take(who string, act auth.Action, id string, in Taking, on day.Day) (c Case, err error) {
	in.ID = id
	err = w.db.Do(ctx, func(tx *sqldb.Tx) (err error) {
		c, err = room.Take(ctx, tx, w.as(who, act), in, at(on))
		return err
	})
	return c, err
}

// walk makes steps that must go well.
func (w *world) walk(c Case, list ...step) Case {
	w.t.Helper()
	for _, s := range list {
		var err error
		if c, err = w.take(s.who, s.act, c.ID, s.in, today); err != nil {
			w.t.Fatalf("%s by %s: %v", s.act, s.who, err)
		}
	}
	return c
}

// step is a step of a walk.
type step struct {
	who string
	act auth.Action
	in  Taking
}

// up is the way of a union's case to the director's desk.
func up(asker string) []step {
	return []step{{asker, Submit, Taking{}}, {"zhou", Check, Taking{Words: "材料齐全"}}}
}

var letter = Taking{Document: "滨总工复〔2026〕17号"}

// refused runs a step that must fail with the kind and the rule.
func (w *world) refused(kind fault.Kind, rule string, err error) {
	w.t.Helper()
	if f := fault.Of(err); err == nil || f.Kind != kind || rule != "" && f.Rule != rule {
		w.t.Errorf("got %v, want %s %s", err, kind, rule)
	}
}

var serials = 0

// uscc is a code that no other has.
func uscc() string {
	serials++
	return ident.CheckedUSCC(fmt.Sprintf("81210600MC%06d", serials))
}
