package procedure

import (
	"strings"
	"testing"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
)

// certificate is what the register has of a union.
func (w *world) certificate(name string) (c Certificate, has bool) {
	w.t.Helper()
	w.must(func(tx *sqldb.Tx) (err error) {
		c, has, err = CertificateOf(ctx, tx, w.as("zhou", Register), w.ids[name])
		return err
	})
	return c, has
}

// enter takes a certificate into the register.
func (w *world) enter(name string, version int64, e Entry) (warnings []string, err error) {
	err = w.db.Do(ctx, func(tx *sqldb.Tx) (err error) {
		_, warnings, err = EnterCertificate(ctx, tx, w.as("zhou", Enter), Entering{ID: w.ids[name], Version: version, Document: "按原件补登", Entry: e}, now)
		return err
	})
	return warnings, err
}

func entry(name string) Entry {
	return Entry{USCC: uscc(), Number: "工法证字第1号", Name: name, Authority: "滨江市总工会", Representative: "李敏", Premises: "振兴大街1号", From: "2025-06-02", To: "2030-06-01"}
}

// LEG-02 … LEG-06: registration, change, renewal, extension, replacement and
// cancelling, each through the office and the city, each leaving what it
// changed in the register.
func TestLegalLife(t *testing.T) {
	each(t, func(w *world) {
		through := func(k Kind, fields map[string]string, e Entry) Case {
			t.Helper()
			c := w.walk(w.open(finance, k, finance, fields), append(up(finance), step{"liang", Approve, Taking{}})...)
			if c.State != Sent || c.Reply == "" || !strings.HasPrefix(c.Reply, "工函〔2026〕") || c.Clock != "cert.review_days" || c.Due != today.AddDays(15) {
				t.Errorf("LEG-03, LEG-07 %s with the office's word at the city: %+v", k, c)
			}
			c = w.walk(c, step{"zhou", Record, letter})
			if c.State != Approved {
				t.Errorf("%s approved: %+v", k, c)
			}
			return w.walk(c, step{"zhou", Issue, Taking{Entry: e}})
		}
		code := uscc()
		c := through(Registration, w.sample(Registration), Entry{USCC: code, Number: "工法证字第9号"})
		cert, has := w.certificate(finance)
		if !has || cert.State != Valid || cert.USCC != code || cert.To != "2030-06-01" || cert.From != today || cert.Authority != "市总工会" || cert.Representative != "李敏" || c.State != Done {
			t.Errorf("LEG-04 the certificate runs to the end of the term: %+v", cert)
		}
		if w.union(w.ids[finance]).USCC != code {
			t.Error("LEG-08 the union bears the code")
		}
		through(Change, w.sample(Change), Entry{})
		if cert, _ = w.certificate(finance); cert.Premises != "锦山大街9号" || cert.USCC != code {
			t.Errorf("LEG-05 changed: %+v", cert)
		}
		through(Replace, w.sample(Replace), Entry{Number: "工法证字第10号"})
		if cert, _ = w.certificate(finance); cert.Number != "工法证字第10号" || cert.To != "2030-06-01" {
			t.Errorf("LEG-06 replaced: %+v", cert)
		}
		through(Extend, w.sample(Extend), Entry{})
		if cert, _ = w.certificate(finance); cert.To != "2030-09-01" {
			t.Errorf("LEG-04 extended: %+v", cert)
		}
		through(Renew, w.sample(Renew), Entry{})
		if cert, _ = w.certificate(finance); cert.To != "2031-02-28" || cert.From != today {
			t.Errorf("LEG-06 renewed: %+v", cert)
		}
		through(Cancel, w.sample(Cancel), Entry{})
		if cert, _ = w.certificate(finance); cert.State != Cancelled || cert.Ended != today {
			t.Errorf("LEG-06 cancelled: %+v", cert)
		}
		w.must(func(tx *sqldb.Tx) error {
			past, err := alterations(ctx, tx, w.as("zhou", Register), cert.ID)
			acts := map[string]int{}
			for _, a := range past {
				acts[a.Act]++
				if a.Document != letter.Document || a.Case == "" {
					t.Errorf("an item without its paper: %+v", a)
				}
			}
			for _, k := range []Kind{Registration, Change, Replace, Extend, Renew, Cancel} {
				if acts[string(k)] == 0 {
					t.Errorf("no item of %s: %v", k, acts)
				}
			}
			return err
		})
	})
}

// What the register refuses.
func TestLegalRefused(t *testing.T) {
	each(t, func(w *world) {
		submit := func(k Kind, fields map[string]string) error {
			_, err := w.take(finance, Submit, w.open(finance, k, finance, fields).ID, Taking{}, today)
			return err
		}
		w.refused(fault.Conflict, "LEG-02", submit(Renew, w.sample(Renew)))
		good := entry(finance)
		if _, err := w.enter(finance, 0, good); err != nil {
			t.Fatal(err)
		}
		w.refused(fault.Conflict, "LEG-04", submit(Registration, w.sample(Registration)))
		late := w.sample(Extend)
		late["until"] = "2030-12-02"
		w.refused(fault.Invalid, "LEG-04", submit(Extend, late)) // six months and a day
		late["until"] = "2030-12-01"
		if err := submit(Extend, late); err != nil {
			t.Errorf("six months to the day: %v", err)
		}
		err := w.db.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := Open(ctx, tx, w.as("zhou", Ask), Asking{Kind: Registration, Union: w.codeIn(tx, "国库中心分会")}, now)
			return err
		})
		w.refused(fault.Invalid, "LEG-01", err) // a branch
		bad := entry(education)
		bad.USCC = "81210600MC0000012A"
		_, err = w.enter(education, 0, bad)
		w.refused(fault.Invalid, "ID-01", err)
		bad = entry(education)
		bad.USCC = good.USCC
		_, err = w.enter(education, 0, bad)
		w.refused(fault.Invalid, "ID-01", err) // another union's
		bad = entry(education)
		bad.To = bad.From
		_, err = w.enter(education, 0, bad)
		w.refused(fault.Invalid, "LEG-04", err)
		_, err = w.enter(finance, 0, good)
		w.refused(fault.Conflict, "", err) // stale
		odd := entry(education)
		odd.USCC, odd.To = ident.CheckedUSCC("81210700MC000001"), "2040-06-01"
		told, err := w.enter(education, 0, odd)
		if err != nil || len(told) != 2 || !strings.Contains(told[0], "210700") {
			t.Errorf("ID-01, LEG-04 warn and let it pass: %v, %v", told, err)
		}
	})
}

// LEG-04, LEG-05, S2-02: one day before, the day, one day after.
func TestRegisterWatches(t *testing.T) {
	s := spans{warn: 60, window: 30, change: 30}
	c := func(to day.Day) Certificate {
		return Certificate{State: Valid, Entry: Entry{Name: "甲", Representative: "李敏", From: "2024-01-01", To: to}}
	}
	for _, x := range []struct {
		name string
		c    Certificate
		want string
	}{
		{"S2-02 sixty-one days ahead", c(today.AddDays(61)), "valid"}, {"S2-02 sixty", c(today.AddDays(60)), "soon"}, {"LEG-04 thirty-one", c(today.AddDays(31)), "soon"},
		{"LEG-04 thirty: may be renewed", c(today.AddDays(30)), "window"}, {"LEG-04 its last day", c(today), "window"}, {"LEG-04 the day after", c(today.AddDays(-1)), "expired"},
	} {
		if got := statusOf(x.c, true, s, today); got != x.want {
			t.Errorf("%s: %s", x.name, got)
		}
	}
	valid := c("2030-01-01")
	for _, x := range []struct {
		name   string
		c      Certificate
		p      present
		union  string
		closed bool
		want   []Due
	}{
		{"nothing is due", valid, present{chair: "李敏"}, "甲", false, nil},
		{"LEG-05 renamed: thirty days", valid, present{chair: "李敏", renamed: "2026-03-10"}, "乙", false, []Due{{Kind: Change, By: "2026-04-09", Rule: "LEG-05"}}},
		{"LEG-05, ORG-27 another chair", valid, present{chair: "王芳", chairFrom: "2026-03-20"}, "甲", false, []Due{{Kind: Change, By: "2026-04-19", Rule: "LEG-05"}}},
		{"LEG-06 elected anew", valid, present{chair: "王芳", chairFrom: "2026-03-20", elected: "2026-03-20", due: "2031-03-19"}, "甲", false, []Due{{Kind: Renew, By: "2026-04-19", Rule: "LEG-06"}}},
		{"LEG-04 ends", c(today.AddDays(20)), present{chair: "李敏"}, "甲", false, []Due{{Kind: Renew, By: today.AddDays(20), Rule: "LEG-04"}}},
		{"LEG-06 dissolved", valid, present{}, "甲", true, []Due{{Kind: Cancel, Rule: "LEG-06"}}},
	} {
		got := dues(x.c, statusOf(x.c, true, s, today), x.closed, x.p, x.union, s, today)
		if len(got) != len(x.want) {
			t.Errorf("%s: %+v", x.name, got)
			continue
		}
		for i, d := range x.want {
			if got[i].Kind != d.Kind || got[i].By != d.By || got[i].Rule != d.Rule || got[i].Text == "" {
				t.Errorf("%s: %+v, want %+v", x.name, got[i], d)
			}
		}
	}
}

// told counts messages whose title holds the words.
func (w *world) told(words string) (n int64) {
	w.t.Helper()
	w.must(func(tx *sqldb.Tx) (err error) {
		n, err = sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM messages WHERE tenant_id = $1 AND title LIKE $2`, ours, "%"+words+"%")
		return err
	})
	return n
}

// post gives an account a post.
func (w *world) post(account, office, union string) {
	w.t.Helper()
	w.must(func(tx *sqldb.Tx) error {
		if _, err := tx.Exec(ctx, `INSERT INTO accounts (tenant_id, id, login, name, name_key, password, must_change, changed, locked, version, mac)
			VALUES ($1, $2, $2, $2, $2, '-', $3, '-', $4, 1, $5)`, ours, account, false, false, nil); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO posts (tenant_id, id, account_id, office, union_id, from_day, version) VALUES ($1, $2, $3, $4, $5, '2020-01-01', 1)`, ours, sqldb.NewID(), account, office, w.ids[union])
		return err
	})
}

// leave takes accounts and posts away again: they were written without a seal.
func (w *world) leave() {
	w.must(func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM posts WHERE tenant_id = $1`, ours)
		if err == nil {
			_, err = tx.Exec(ctx, `DELETE FROM accounts WHERE tenant_id = $1`, ours)
		}
		return err
	})
}

// PL-25, LEG-07: who must act is told once at four fifths of the time and once
// after all of it; a limit may be prolonged once. LEG-04: certificates are told
// of on their days.
func TestReminders(t *testing.T) {
	each(t, func(w *world) {
		w.post("zhou", "officer", "市直机关工会工委")
		w.post("liang", "director", "市直机关工会工委")
		defer w.leave()
		c := w.walk(w.open(finance, Rename, finance, w.sample(Rename)), step{finance, Submit, Taking{}})
		if c.Due != "2026-04-10" || c.AlertOn != "2026-04-09" {
			t.Fatalf("five working days over 清明: due %s, alert %s", c.Due, c.AlertOn)
		}
		remind := func(on day.Day) {
			t.Helper()
			w.must(func(tx *sqldb.Tx) error { return Remind(ctx, tx, w.as("zhou", Look), on, at(on)) })
		}
		for _, x := range []struct {
			on         day.Day
			soon, late int64
		}{{"2026-04-08", 0, 0}, {"2026-04-09", 1, 0}, {"2026-04-10", 1, 0}, {"2026-04-11", 1, 2}, {"2026-04-12", 1, 2}} {
			remind(x.on)
			if a, b := w.told("快到期限"), w.told("已超过期限"); a != x.soon || b != x.late {
				t.Errorf("on %s: %d and %d messages", x.on, a, b)
			}
		}
		c, err := w.take("zhou", Prolong, c.ID, Taking{Words: "等编办复函"}, "2026-04-13")
		if err != nil || c.Due != "2026-04-17" || c.State != Submitted {
			t.Errorf("prolonged: %s, %v", c.Due, err)
		}
		_, err = w.take("zhou", Prolong, c.ID, Taking{Words: "再等等"}, "2026-04-14")
		w.refused(fault.Conflict, "", err)
		w.post(finance, "chair", finance)
		e := entry(finance)
		e.To = today.AddDays(60)
		if _, err := w.enter(finance, 0, e); err != nil {
			t.Fatal(err)
		}
		for i, on := range []day.Day{today, today.AddDays(1), today.AddDays(30), today.AddDays(61)} {
			w.must(func(tx *sqldb.Tx) error { return Expire(ctx, tx, w.as("zhou", Look), on, at(on)) })
			if n := w.told("法人资格证书"); n != []int64{2, 2, 4, 6}[i] {
				t.Errorf("LEG-04 on %s: %d messages", on, n)
			}
		}
	})
}
