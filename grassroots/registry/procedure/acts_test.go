package procedure

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

// union reads a union as it is now.
func (w *world) union(id string) registry.Union {
	w.t.Helper()
	var u registry.Union
	w.must(func(tx *sqldb.Tx) (err error) {
		u, err = registry.Find(ctx, tx, w.as("zhou", registry.Look), id)
		return err
	})
	return u
}

func (w *world) find(id string) (c Case) {
	w.t.Helper()
	w.must(func(tx *sqldb.Tx) (err error) {
		c, err = Find(ctx, tx, w.as("zhou", Look), id)
		return err
	})
	return c
}

// ORG-02, ORG-05, S2-05: the approval does what was asked for, on the reply's
// number, and names the successor.
func TestApprovalExecutes(t *testing.T) {
	each(t, func(w *world) {
		found := w.walk(w.open("zhou", Found, "市直机关工会工委", w.sample(Found)), append(up("zhou"), step{"liang", Approve, Taking{}})...)
		if found.State != Sent || found.Reply != "" || found.Level != 1 {
			t.Fatalf("ORG-02 founding waits for the level above: %+v", found)
		}
		found = w.walk(found, step{"zhou", Record, letter})
		if found.State != Done || found.Reply != "工复〔2026〕1号" || found.OuterDoc != letter.Document {
			t.Errorf("founded: %+v", found)
		}
		u := w.union(found.Result)
		if u.Name != "市地震局机关工会" || u.Founded != today || u.Staff != 40 || u.PartyOrg == "" || u.ParentID != w.ids["市直机关工会工委"] {
			t.Errorf("the union: %+v", u)
		}
		renamed := w.walk(w.open(finance, Rename, finance, w.sample(Rename)), append(up(finance), step{"liang", Approve, Taking{}})...)
		if renamed.State != Filing || renamed.Reply != "工复〔2026〕2号" || w.union(w.ids[finance]).Name != "市财政和国资局机关工会" {
			t.Errorf("renamed, to be filed: %+v", renamed)
		}
		if done := w.walk(renamed, step{"zhou", File, letter}); done.State != Done || done.Ended == "" {
			t.Errorf("filed: %+v", done)
		}
		moved := w.walk(w.open(water, Move, water, w.sample(Move)), append(up(water), step{"liang", Approve, Taking{}})...)
		if w.union(w.ids[water]).ParentID != w.ids[education] || moved.Reply != "工复〔2026〕3号" {
			t.Errorf("moved: %+v", moved)
		}
		merged := w.walk(w.open(water, Merge, water, w.sample(Merge)), append(up(water), step{"liang", Approve, Taking{}}, step{"zhou", Record, letter})...)
		if w.union(w.ids[water]).State != registry.Merged || merged.Result != w.ids[education] {
			t.Errorf("merged: %+v", merged)
		}
		w.must(func(tx *sqldb.Tx) error {
			past, err := registry.History(ctx, tx, w.as("zhou", registry.Look), w.ids[water])
			if len(past) == 0 || past[0].IntoID != w.ids[education] || past[0].Document != merged.Reply {
				t.Errorf("S2-05 the successor is linked: %+v", past[0])
			}
			return err
		})
		gone := w.walk(w.open("zhou", Dissolve, "国库中心分会", w.sample(Dissolve)), append(up("zhou"), step{"liang", Approve, Taking{}}, step{"zhou", Record, letter})...)
		if w.union(w.ids["国库中心分会"]).State != registry.Closed || gone.Reply != "工复〔2026〕5号" {
			t.Errorf("dissolved: %+v", gone)
		}
	})
}

// posts notes whose rights the registry ends.
type posts struct{ ended []string }

func (p *posts) Unseat(_ context.Context, _ *sqldb.Tx, _ auth.Grant, memberID, _ string, _ day.Day, _ string, _ day.Instant) (int, error) {
	p.ended = append(p.ended, memberID)
	return 0, nil
}

func (*posts) Offer(context.Context, *sqldb.Tx, auth.Grant, string, string, string, day.Instant) (bool, error) {
	return false, nil
}

// PL-09: where a case ends a union, the rights of who chaired it end with it.
func TestChairGoesWithTheUnion(t *testing.T) {
	for _, kind := range []Kind{Merge, Dissolve} {
		each(t, func(w *world) {
			var told posts
			room.Unions.Posts = &told
			defer func() { room.Unions.Posts = nil }()
			w.must(func(tx *sqldb.Tx) error {
				g, m := auth.System(ours, "test", registry.Change, w.ids["市直机关工会工委"]), audit.Moves{}
				b := registry.Body{ID: "b-water", UnionID: w.ids[water], Kind: registry.Committee, Nth: 3, Size: 3, Elected: "2024-03-01", Due: "2029-03-01", Document: "工复〔2024〕2号"}
				s := registry.Seat{ID: "s-water", MemberID: "m-water", Office: registry.Chairing, From: "2024-03-01", How: registry.ByElection, Document: b.Document}
				if err := registry.TakeOver(ctx, tx, g, m, b, []registry.Seat{s}); err != nil {
					return err
				}
				return m.Write(ctx, tx, g, b.ID, map[string]string{"did": "planted"}, now)
			})
			w.walk(w.open(water, kind, water, w.sample(kind)), append(up(water), step{"liang", Approve, Taking{}}, step{"zhou", Record, letter})...)
			if len(told.ended) != 1 || told.ended[0] != "m-water" {
				t.Errorf("%s: the rights of %v ended", kind, told.ended)
			}
		})
	}
}

// ORG-05: an approval that the registry can't carry out leaves nothing behind,
// no number either.
func TestApprovalThatCannotBe(t *testing.T) {
	each(t, func(w *world) {
		c := w.walk(w.open(finance, Dissolve, finance, w.sample(Dissolve)), append(up(finance), step{"liang", Approve, Taking{}})...)
		_, err := w.take("zhou", Record, c.ID, letter, today)
		w.refused(fault.Invalid, "ORG-05", err)
		if !strings.Contains(fault.Of(err).Text, "下级工会") {
			t.Errorf("what stands in the way: %v", err)
		}
		if after := w.find(c.ID); after.State != Sent || after.Reply != "" || after.Version != c.Version || w.union(w.ids[finance]).State != registry.Standing {
			t.Errorf("half done: %+v", after)
		}
		w.must(func(tx *sqldb.Tx) error {
			h, err := hinders(ctx, tx, w.as("liang", Look), c)
			if len(h) != 1 {
				t.Errorf("the page tells beforehand: %v", h)
			}
			return err
		})
		other := w.walk(w.open(education, Rename, education, map[string]string{"name": finance, "basis": "x", "handler": "y", "phone": "1", "reason": "z"}), up(education)...)
		_, err = w.take("liang", Approve, other.ID, Taking{}, today)
		w.refused(fault.Conflict, "", err)
		other = w.walk(w.open(water, Rename, water, w.sample(Rename)), append(up(water), step{"liang", Approve, Taking{}})...)
		if other.Reply != "工复〔2026〕1号" {
			t.Errorf("PL-26 the number of what failed is the next one's: %s", other.Reply)
		}
	})
}

// LEG-06, ORG-02: what is missing refuses the submission, each paper and each
// field by its name.
func TestMissing(t *testing.T) {
	each(t, func(w *world) {
		for _, k := range Kinds {
			var c Case
			fields := map[string]string{}
			if k == Found {
				fields["name"] = "市信访局机关工会"
			}
			w.must(func(tx *sqldb.Tx) (err error) {
				c, err = Open(ctx, tx, w.as(finance, Ask), Asking{Kind: k, Union: w.codeIn(tx, finance), Fields: fields}, now)
				return err
			})
			_, err := w.take(finance, Submit, c.ID, Taking{}, today)
			w.refused(fault.Invalid, k.rule(), err)
			for _, f := range forms[k] {
				if told := fault.Of(err).Fields["fields."+f.name]; (told != "") != (f.must && fields[f.name] == "") {
					if !(k == Change && f.name == "new_name") {
						t.Errorf("%s %s: %q", k, f.name, told)
					}
				}
			}
			whole := w.sample(k)
			w.must(func(tx *sqldb.Tx) (err error) {
				c, err = Amend(ctx, tx, w.as(finance, Ask), c.ID, c.Version, whole, now)
				return err
			})
			_, err = w.take(finance, Submit, c.ID, Taking{}, today)
			w.refused(fault.Invalid, k.rule(), err)
			n := 0
			for _, p := range needs(c, law.Nation) {
				told := fault.Of(err).Fields["paper."+p.ID]
				if strings.Contains(told, p.Name) != p.Must {
					t.Errorf("%s %s: %q", k, p.Name, told)
				}
				if p.Must {
					n++
				}
			}
			if n == 0 || len(fault.Of(err).Fields) != n {
				t.Errorf("%s: %v, want %d papers", k, fault.Of(err).Fields, n)
			}
		}
	})
}

// LEG-05: a change of the premises alone asks for a statement and no approval.
func TestPapersOfAChange(t *testing.T) {
	ids := func(fields map[string]string) (out []string) {
		for _, p := range needs(Case{Kind: Change, Fields: fields}, law.Nation) {
			out = append(out, p.ID)
		}
		return out
	}
	premises, name := ids(map[string]string{"new_premises": "锦山大街9号"}), ids(map[string]string{"new_premises": "锦山大街9号", "new_name": "新名"})
	if slices.Contains(premises, "approval") || !slices.Contains(premises, "statement") {
		t.Errorf("premises alone: %v", premises)
	}
	if !slices.Contains(name, "approval") || slices.Contains(name, "statement") {
		t.Errorf("the name too: %v", name)
	}
}

// Who may not: the wrong post, who asked, who checked, another union, a step
// that the state does not know, one that somebody else just took.
func TestRefused(t *testing.T) {
	each(t, func(w *world) {
		c := w.open(finance, Rename, finance, w.sample(Rename))
		for _, x := range []struct {
			name, who string
			act       auth.Action
			in        Taking
			kind      fault.Kind
			rule      string
		}{
			{"another union's chair", education, Submit, Taking{}, fault.NotFound, ""},
			{"another committee", "twin", Submit, Taking{}, fault.NotFound, ""},
			{"ORG-02 the officer submits what a chair asks", "zhou", Submit, Taking{}, fault.Denied, "ORG-02"},
			{"a draft is not checked", "zhou", Check, Taking{}, fault.Conflict, ""},
			{"a chair does not check", finance, Check, Taking{}, fault.Conflict, ""},
		} {
			_, err := w.take(x.who, x.act, c.ID, x.in, today)
			t.Run(x.name, func(t *testing.T) { w.refused(x.kind, x.rule, err) })
		}
		c = w.walk(c, step{finance, Submit, Taking{}})
		_, err := w.take(finance, Submit, c.ID, Taking{}, today)
		w.refused(fault.Conflict, "", err) // pressed twice
		_, err = w.take(finance, Check, c.ID, Taking{}, today)
		w.refused(fault.Denied, "ORG-02", err) // the wrong post
		_, err = w.take("zhou", Return, c.ID, Taking{}, today)
		w.refused(fault.Invalid, "ORG-02", err) // without a reason
		_, err = w.take("zhou", Check, c.ID, Taking{Version: c.Version - 1}, today)
		w.refused(fault.Conflict, "", err) // stale
		w.must(func(tx *sqldb.Tx) error {
			_, err := Attach(ctx, tx, w.as(finance, Ask), c.ID, "basis", "新.pdf", scan, now)
			w.refused(fault.Conflict, "", err) // the papers are with the officer
			_, err = Amend(ctx, tx, w.as(finance, Ask), c.ID, c.Version, c.Fields, now)
			w.refused(fault.Conflict, "", err)
			return nil
		})
		c = w.walk(c, step{"zhou", Check, Taking{}})
		for _, who := range []auth.Grant{
			auth.As(ours, "zhou", auth.Director, Approve, w.ids["市直机关工会工委"]),  // who checked, in another post
			auth.As(ours, finance, auth.Director, Approve, w.ids["市直机关工会工委"]), // who asked
		} {
			err := w.db.Do(ctx, func(tx *sqldb.Tx) error {
				_, err := room.Take(ctx, tx, who, Taking{ID: c.ID}, now)
				return err
			})
			w.refused(fault.Denied, "ORG-02", err)
		}
		second := w.open(finance, Rename, finance, w.sample(Rename))
		_, err = w.take(finance, Submit, second.ID, Taking{}, today)
		w.refused(fault.Conflict, "", err) // the same is under way
	})
}

// A case comes back with the reason, is mended and goes up again; the asker
// may take it back until it is signed.
func TestReturned(t *testing.T) {
	each(t, func(w *world) {
		c := w.walk(w.open(finance, Rename, finance, w.sample(Rename)), step{finance, Submit, Taking{}}, step{"zhou", Return, Taking{Words: "依据文件看不清"}})
		if c.State != Returned || c.Clock != "case.mend_days" || c.Due != "2026-04-17" {
			t.Errorf("returned: %+v", c)
		}
		w.must(func(tx *sqldb.Tx) error {
			n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM messages WHERE tenant_id = $1 AND account_id = $2 AND body = '依据文件看不清'`, ours, finance)
			if n != 1 {
				t.Errorf("the asker was told %d times", n)
			}
			return err
		})
		c = w.walk(c, step{finance, Submit, Taking{}}, step{"zhou", Check, Taking{}}, step{"liang", Return, Taking{Words: "简称不当"}}, step{finance, Submit, Taking{}}, step{"zhou", Check, Taking{}})
		c = w.walk(c, step{finance, Withdraw, Taking{Words: "改革暂缓"}})
		if c.State != Withdrawn || c.State.Open() {
			t.Errorf("withdrawn: %+v", c)
		}
		no := w.walk(w.open(education, Rename, education, w.sample(Rename)), append(up(education), step{"liang", Refuse, Taking{Words: "无依据"}})...)
		if no.State != Refused || no.Reply != "" {
			t.Errorf("refused: %+v", no)
		}
		not := w.walk(w.open(water, Dissolve, water, w.sample(Dissolve)), append(up(water), step{"liang", Approve, Taking{}}, step{"zhou", Decline, Taking{Words: "单位尚存", Document: "滨总工函〔2026〕3号"}})...)
		if not.State != Refused || w.union(w.ids[water]).State != registry.Standing {
			t.Errorf("declined above: %+v", not)
		}
	})
}

// PL-26: twenty approvals at once give twenty numbers without a gap, and one
// approval pressed twenty times gives one.
func TestNumbersRaced(t *testing.T) {
	each(t, func(w *world) {
		var list []Case
		for i := range 20 {
			name := "第" + digits(int64(i+1)) + "研究所工会"
			w.ids[name] = "01900000-0000-7000-8001-" + strings.Repeat("0", 10) + digits(int64(i + 10))[:2]
			w.plant(ours, name, registry.Base, "市直机关工会工委")
			f := w.sample(Rename)
			f["name"] = "新" + name
			list = append(list, w.walk(w.open(name, Rename, name, f), up(name)...))
		}
		var wg sync.WaitGroup
		for _, c := range list {
			wg.Go(func() {
				if _, err := w.take("liang", Approve, c.ID, Taking{}, today); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var got []int64
		w.must(func(tx *sqldb.Tx) (err error) {
			got, err = sqldb.List(ctx, tx, sqldb.Int, `SELECT reply_no FROM cases WHERE tenant_id = $1 AND series = 'reply' ORDER BY reply_no`, ours)
			return err
		})
		for i, n := range got {
			if n != int64(i+1) {
				t.Fatalf("numbers %v", got)
			}
		}
		if len(got) != 20 {
			t.Fatalf("numbers %v", got)
		}
		one := w.walk(w.open(finance, Rename, finance, w.sample(Rename)), up(finance)...)
		won, lost := 0, 0
		var mu sync.Mutex
		for range 20 {
			wg.Go(func() {
				_, err := w.take("liang", Approve, one.ID, Taking{}, today)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if fault.Of(err).Kind == fault.Conflict {
					lost++
				} else {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won != 1 || lost != 19 || w.find(one.ID).Reply != "工复〔2026〕21号" {
			t.Errorf("%d won, %d lost, %s", won, lost, w.find(one.ID).Reply)
		}
	})
}

// Verify finds a number that was taken out.
func TestVerifyFindsAGap(t *testing.T) {
	each(t, func(w *world) {
		w.walk(w.open(finance, Rename, finance, w.sample(Rename)), append(up(finance), step{"liang", Approve, Taking{}})...)
		w.walk(w.open(water, Rename, water, map[string]string{"name": "市水利局工会", "basis": "b", "handler": "h", "phone": "1", "reason": "r"}), append(up(water), step{"liang", Approve, Taking{}})...)
		change := func(to any) {
			w.must(func(tx *sqldb.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE cases SET reply_no = $1 WHERE tenant_id = $2 AND union_id = $3`, to, ours, w.ids[water])
				return err
			})
		}
		change(int64(7))
		w.must(func(tx *sqldb.Tx) error {
			found, err := Verify(ctx, tx, ours)
			if len(found) != 1 || !strings.Contains(found[0].What, "不连续") {
				t.Errorf("findings %v", found)
			}
			return err
		})
		change(int64(2))
	})
}

// The office's own chain and pattern hold from their day on.
func TestOwnChain(t *testing.T) {
	each(t, func(w *world) {
		own := func(param, value string) {
			w.must(func(tx *sqldb.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO own_params (tenant_id, id, param, value, from_day, document, account_id, at, mac) VALUES ($1, $2, $3, $4, '2026-01-01', '滨直工〔2026〕1号', 'zhou', $5, $6)`,
					ours, sqldb.NewID(), param, value, string(now), nil)
				return err
			})
		}
		own("chain.found", "工委批准")
		own("reply.pattern", "滨直工复〔{年}〕{号}号")
		c := w.walk(w.open("zhou", Found, "市直机关工会工委", w.sample(Found)), append(up("zhou"), step{"liang", Approve, Taking{}})...)
		if c.State != Done || c.Reply != "滨直工复〔2026〕1号" || len(c.Chain) != 1 {
			t.Errorf("%+v", c)
		}
		w.must(func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM own_params WHERE tenant_id = $1`, ours) // they carry no seal
			return err
		})
	})
}
