package own

import (
	"archive/zip"
	"bytes"
	"flag"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every state × act × office of a request, a line each.
func TestMatrix(t *testing.T) {
	const file = "testdata/answering.txt"
	if *update {
		if err := os.WriteFile(file, []byte(Answering.Matrix()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != Answering.Matrix() {
		t.Errorf("the procedure is no longer that of %s, %v\n%s", file, err, Answering.Matrix())
	}
}

var (
	dingNo = ident.CheckedID("21060219900307012")
	wangNo = ident.CheckedID("21060219850607038")
	zhaoNo = ident.CheckedID("21060219600607022")
)

// R1.63: a member asks, the chair of the union answers with reasons, what was
// granted is done; each refusal by its clause.
func TestAnswering(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ding, wang := h.enrol(0, "丁晓燕", dingNo, member.Active, ""), h.enrol(1, "王建国", wangNo, member.Active, "")
		me := h.self(ding.ID)
		phone := Asking{Kind: Correct, Field: "phone", Value: "139 0000 1111", Reason: "换了手机号"}
		q := h.ask(me, phone)
		if q.Due != "2026-12-11" || q.State != Asked { // fifteen working days after Sunday the 22nd
			t.Errorf("due %s", q.Due)
		}
		ask := func(a Asking) fault.Kind {
			return h.kind(func(tx *sqldb.Tx) error { _, err := AskMine(ctx, tx, me, a, now); return err })
		}
		for _, c := range []struct {
			law       string
			got, want fault.Kind
		}{
			{"ours: asked twice", ask(phone), fault.Conflict},
			{"ours: nothing to correct", ask(Asking{Kind: Correct, Field: "duty", Value: "科员", Reason: "写错了的"}), fault.Invalid},
			{"IMP-02 a wrong number", ask(Asking{Kind: Correct, Field: "id_no", Value: "210602199003070121", Reason: "写错了的"}), fault.Invalid},
			{"R1.63 no reason", ask(Asking{Kind: Correct, Field: "duty", Value: "主任"}), fault.Invalid},
			{"R1.62 what is needed is not deleted", ask(Asking{Kind: Delete, Field: "id_no", Reason: "不想留着"}), fault.Invalid},
			{"ours: one's own copy is not asked for", ask(Asking{Kind: Copy, Reason: "想要一份"}), fault.Invalid},
			{"R1.63 without reasons", h.decide(h.chair(0, Grant), q.ID, " "), fault.Invalid},
			{"R1.74 the chair of another union", h.decide(h.chair(1, Grant), q.ID, "同意"), fault.NotFound},
			{"R1.63 the person oneself", h.decide(h.chairWho(ding.ID, 0, Grant), q.ID, "同意"), fault.Denied},
			{"R1.63 an office that may not", h.decide(auth.As(tenant, "x", auth.Director, Grant, h.root.ID), q.ID, "同意"), fault.Denied},
			{"R1.63 somebody else takes it back", h.kind(func(tx *sqldb.Tx) error { _, err := TakeBack(ctx, tx, h.self(wang.ID), q.ID, 0, now); return err }), fault.NotFound},
			{"R1.63 the chair grants", h.decide(h.chair(0, Grant), q.ID, "已核对，同意"), ""},
			{"R1.63 twice", h.decide(h.chair(0, Grant), q.ID, "已核对，同意"), fault.Conflict},
		} {
			if c.got != c.want {
				t.Errorf("%s: %q, want %q", c.law, c.got, c.want)
			}
		}
		if p := h.any(ding.ID).Person.Phone; p != "13900001111" {
			t.Errorf("the phone is %s", p)
		}
		q = h.ask(me, Asking{Kind: Delete, Field: "email", Reason: "不再使用邮箱"})
		if k := h.decide(h.officer(Grant), q.ID, "同意删除"); k != "" || h.any(ding.ID).Person.Email != "" {
			t.Errorf("deleted %q", k)
		}
		q = h.ask(me, Asking{Kind: Delete, Reason: "全部删除吧"})
		if k := h.decide(h.officer(Grant), q.ID, "同意"); k != fault.Conflict {
			t.Errorf("R1.63 all of a standing membership: %q", k)
		}
		if k := h.decide(h.officer(Refuse), q.ID, "会籍还在，必需的资料要保留"); k != "" {
			t.Errorf("refused: %q", k)
		}
		q = h.ask(me, Asking{Kind: Explain, Reason: "为什么看了我的号码"})
		if k := h.kind(func(tx *sqldb.Tx) error { _, err := TakeBack(ctx, tx, me, q.ID, 0, now); return err }); k != "" {
			t.Errorf("taken back: %q", k)
		}
		h.do(func(tx *sqldb.Tx) error {
			mine, err := Mine(ctx, tx, tenant, ding.ID)
			if len(mine) != 4 {
				t.Errorf("%d requests of mine", len(mine))
			}
			theirs, err2 := List(ctx, tx, h.chair(1, Look), false, "", 50)
			if len(theirs) != 0 || err2 != nil {
				t.Errorf("another union's chair sees %d", len(theirs))
			}
			_, err3 := FindMine(ctx, tx, h.self(wang.ID), q.ID)
			if fault.Of(err3).Kind != fault.NotFound {
				t.Errorf("another's request: %v", err3)
			}
			clear, err4 := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM audit_rows WHERE tenant_id = $1 AND (change LIKE '%13900001111%' ESCAPE '\' OR change LIKE '%`+dingNo+`%' ESCAPE '\')`, tenant)
			if clear != 0 || err4 != nil {
				t.Errorf("R1.74 numbers in the log: %d, %v", clear, err4)
			}
			return err
		})
		h.whole()
	})
}

// R1.63: near relatives of a dead member ask through the officer; nobody asks
// so of the living.
func TestRelatives(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		dead, alive := h.enrol(0, "赵淑兰", zhaoNo, member.Deceased, "2026-01-02"), h.enrol(0, "丁晓燕", dingNo, member.Active, "")
		ask := Asking{Kind: Copy, Reason: "办理遗产手续", Relative: "赵小明", Relation: "子女", Contact: "13700001111"}
		forWhom := func(g auth.Grant, id string, a Asking) fault.Kind {
			return h.kind(func(tx *sqldb.Tx) error { _, err := AskFor(ctx, tx, g, id, a, now); return err })
		}
		nobody := ask
		nobody.Relation = "同事"
		if k := forWhom(h.officer(Enter), alive.ID, ask); k != fault.Conflict {
			t.Errorf("R1.63 of the living: %q", k)
		}
		if k := forWhom(h.officer(Enter), dead.ID, nobody); k != fault.Invalid {
			t.Errorf("R1.63 no relative: %q", k)
		}
		if k := forWhom(h.officer(Enter), dead.ID, ask); k != "" {
			t.Fatalf("asked: %q", k)
		}
		h.do(func(tx *sqldb.Tx) error {
			all, err := List(ctx, tx, h.officer(Look), true, "", 9)
			if len(all) != 1 || all[0].contact != "13700001111" || all[0].Relative != "赵小明" {
				t.Fatalf("waiting %+v", all)
			}
			_, err2 := FindMine(ctx, tx, h.self(dead.ID), all[0].ID)
			if fault.Of(err2).Kind != fault.NotFound {
				t.Errorf("a relative's request is nobody's own: %v", err2)
			}
			_, err = Decide(ctx, tx, h.officer(Grant), all[0].ID, 0, flow.Given{Words: "关系已核实"}, now)
			return err
		})
		h.whole()
	})
}

// Twenty presses ask once; twenty answers are one.
func TestRace(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ding := h.enrol(0, "丁晓燕", dingNo, member.Active, "")
		var mu sync.Mutex
		atOnce := func(f func(i int) fault.Kind) (done int) {
			var wg sync.WaitGroup
			for i := range 20 {
				wg.Go(func() {
					k := f(i)
					mu.Lock()
					defer mu.Unlock()
					if k == "" {
						done++
					} else if k != fault.Conflict {
						t.Errorf("%s", k)
					}
				})
			}
			wg.Wait()
			return done
		}
		n := atOnce(func(int) fault.Kind {
			return h.kind(func(tx *sqldb.Tx) error {
				_, err := AskMine(ctx, tx, h.self(ding.ID), Asking{Kind: Correct, Field: "phone", Value: "13900001111", Reason: "换了手机号"}, now)
				return err
			})
		})
		if n != 1 {
			t.Fatalf("asked %d times", n)
		}
		var q Request
		h.do(func(tx *sqldb.Tx) error {
			all, err := Mine(ctx, tx, tenant, ding.ID)
			q = all[0]
			return err
		})
		n = atOnce(func(i int) fault.Kind {
			if i%2 == 0 {
				return h.decide(h.officer(Refuse), q.ID, "材料不足，请补充")
			}
			return h.decide(h.chair(0, Grant), q.ID, "已核对，同意")
		})
		if n != 1 {
			t.Errorf("answered %d times", n)
		}
		h.whole()
	})
}

// R1.63: the archive holds all that is held about the person, and nothing of
// anybody else.
func TestCopy(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ding, wang := h.enrol(0, "丁晓燕", dingNo, member.Active, ""), h.enrol(0, "王建国", wangNo, member.Active, "")
		for _, m := range []member.Member{ding, wang} {
			h.do(func(tx *sqldb.Tx) error {
				_, err := member.Reveal(ctx, tx, h.officer(member.Reveals), m, member.IDField, "核对"+m.Person.Name+"的证件", now)
				return err
			})
			h.ask(h.self(m.ID), Asking{Kind: Correct, Field: "duty", Value: m.Person.Name + "任主任", Reason: "职务变了"})
			blob, err := h.store.Put(ctx, strings.NewReader("%PDF-1.4 "+m.Person.Name), 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			h.do(func(tx *sqldb.Tx) error {
				_, err := member.Attach(ctx, tx, h.officer(member.Edit), m.ID, m.Person.Name+"的申请书.pdf", blob, now)
				return err
			})
		}
		var out bytes.Buffer
		h.do(func(tx *sqldb.Tx) error {
			out.Reset()
			e, err := h.room.Gather(ctx, tx, h.self(ding.ID), h.mustAny(tx, ding.ID), true, now)
			if err != nil {
				return err
			}
			return e.WriteZip(ctx, h.store, &out)
		})
		z, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil || len(z.File) != 3 {
			t.Fatalf("%d files, %v", len(z.File), err)
		}
		all := ""
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			all += f.Name + "\n" + string(b) + "\n"
		}
		for _, want := range []string{dingNo, ding.Person.Phone, "丁晓燕的申请书.pdf", "%PDF-1.4 丁晓燕", "核对丁晓燕的证件", "职务变了", "入会", "市财政局"} {
			if !strings.Contains(all, want) {
				t.Errorf("%s is missing", want)
			}
		}
		for _, others := range []string{wangNo, wang.Person.Phone, "王建国", wang.CardNo, wang.ID} {
			if strings.Contains(all, others) {
				t.Errorf("another's %s is in the archive", others)
			}
		}
	})
}

func (h *house) mustAny(tx *sqldb.Tx, id string) member.Member {
	m, err := member.Any(ctx, tx, tenant, id)
	if err != nil {
		h.t.Error(err)
	}
	return m
}

// R1.63: who answers is reminded three working days before, and the officer
// and the director are told of what is overdue, each once.
func TestRemind(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		ding := h.enrol(0, "丁晓燕", dingNo, member.Active, "")
		h.do(func(tx *sqldb.Tx) error {
			for _, p := range [][3]string{{"officer", "officer", h.root.ID}, {"director", "director", h.root.ID}, {"chair0", "chair", h.unions[0].ID}} {
				if _, err := tx.Exec(ctx, `INSERT INTO accounts (tenant_id, id, login, name, name_key, password, must_change, changed, locked, version) VALUES ($1, $2, $2, $2, $2, 'x', $3, '2026-01-01', $3, 1)`, tenant, p[0], false); err != nil {
					return err
				}
				if _, err := tx.Exec(ctx, `INSERT INTO posts (tenant_id, id, account_id, office, union_id, from_day, version) VALUES ($1, $2, $3, $4, $5, '2020-01-01', 1)`, tenant, "p-"+p[0], p[0], p[1], p[2]); err != nil {
					return err
				}
				if err := audit.Write(ctx, tx, h.officer("test"), p[0], map[string]any{}, now, audit.Touched{Table: "accounts", ID: p[0]}, audit.Touched{Table: "posts", ID: "p-" + p[0]}); err != nil {
					return err
				}
			}
			return nil
		})
		h.ask(h.self(ding.ID), Asking{Kind: Explain, Reason: "为什么看了我的号码"})
		told := func(account string) (n int64) {
			h.do(func(tx *sqldb.Tx) (err error) {
				n, err = sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM messages WHERE tenant_id = $1 AND account_id = $2`, tenant, account)
				return err
			})
			return n
		}
		for _, c := range []struct {
			on                       day.Day
			chair, officer, director int64
		}{
			{"2026-11-23", 1, 0, 0}, // the request itself, to the chair, who is nearer
			{"2026-12-07", 1, 0, 0},
			{"2026-12-08", 2, 0, 0}, // three working days before the 11th
			{"2026-12-09", 2, 0, 0},
			{"2026-12-11", 2, 0, 0},
			{"2026-12-12", 2, 1, 1},
			{"2026-12-13", 2, 1, 1},
		} {
			h.do(func(tx *sqldb.Tx) error {
				return Remind(ctx, tx, auth.System(tenant, "system", "daily.work", h.root.ID), c.on, day.Instant(string(c.on)+"T00:00:00.000000Z"))
			})
			if a, b, d := told("chair0"), told("officer"), told("director"); a != c.chair || b != c.officer || d != c.director {
				t.Errorf("R1.63 on %s: chair %d officer %d director %d", c.on, a, b, d)
			}
		}
		h.whole()
	})
}

// R1.75, PL-34: nobody is forgotten before the office says when, the officer
// sees numbers, and what is left is a masked name with its history.
func TestRetention(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		h := newHouse(t, db)
		old, young, here := h.enrol(0, "赵淑兰", zhaoNo, member.Left, "2020-05-06"), h.enrol(0, "王建国", wangNo, member.Left, "2024-05-06"), h.enrol(0, "丁晓燕", dingNo, member.Active, "")
		clear := func(until day.Day, n int64) fault.Kind {
			return h.kind(func(tx *sqldb.Tx) error { _, err := h.room.Clear(ctx, tx, h.officer(Erase), until, n, now); return err })
		}
		if k := clear("2021-11-22", 1); k != fault.Conflict {
			t.Errorf("R1.75 years that nobody confirmed: %q", k)
		}
		h.do(func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO own_params (tenant_id, id, param, value, from_day, document, account_id, at) VALUES ($1, 'p1', 'retention.left_years', '5', '2026-01-01', '滨直工〔2026〕9号', 'officer', '2026-01-01T00:00:00.000000Z')`, tenant)
			if err != nil {
				return err
			}
			return audit.Write(ctx, tx, h.officer("test"), "p1", map[string]any{}, now, audit.Touched{Table: "own_params", ID: "p1"})
		})
		for law, k := range map[string]fault.Kind{
			"ours: another day":    clear("2021-11-21", 1),
			"ours: another number": clear("2021-11-22", 2),
		} {
			if k != fault.Conflict {
				t.Errorf("%s: %q", law, k)
			}
		}
		if k := clear("2021-11-22", 1); k != "" {
			t.Fatalf("confirmed: %q", k)
		}
		if k := clear("2021-11-22", 1); k != fault.Conflict {
			t.Errorf("pressed twice: %q", k)
		}
		if err := h.room.Runner.RunDue(ctx); err != nil {
			t.Fatal(err)
		}
		m := h.any(old.ID)
		if p := m.Person; p.Name != "赵＊＊" || p.IDNo != "" || p.Phone != "" || p.Email != "" || p.Birthday != "" || p.WorkUnit != "" || m.Status != member.Left || m.CardNo != old.CardNo || m.LeftDay != "2020-05-06" {
			t.Errorf("PL-34 left of the person: %+v", m)
		}
		if h.any(young.ID).Person.IDNo != wangNo || h.any(here.ID).Person.IDNo != dingNo {
			t.Error("somebody who is not due was minimised")
		}
		h.do(func(tx *sqldb.Tx) error {
			events, err := member.History(ctx, tx, h.officer(Look), old.ID)
			all, _, err2 := DueBy(ctx, tx, h.officer(Erase), "2021-11-22")
			batches, err3 := Batches(ctx, tx, h.officer(Erase))
			if len(events) != 1 || len(all) != 0 || len(batches) != 1 || batches[0].Done != 1 || batches[0].State != "done" || err2 != nil || err3 != nil {
				t.Errorf("%d events, due %v, batches %+v", len(events), all, batches)
			}
			return err
		})
		again := h.kind(func(tx *sqldb.Tx) error {
			_, err := member.Alter(ctx, tx, h.officer(member.Change), old.ID, 0, member.Rejoin, member.Paper{}, now)
			return err
		})
		if again != fault.Conflict {
			t.Errorf("R1.75 who is forgotten registers anew: %q", again)
		}
		if h.enrol(0, "赵淑兰", zhaoNo, member.Active, "").ID == "" {
			t.Error("the number is not free again")
		}
		h.whole()
	})
}
