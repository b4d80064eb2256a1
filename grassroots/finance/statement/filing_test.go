package statement_test

import (
	"flag"
	"os"
	"strings"
	"sync"
	"testing"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/grassroots/finance/statement"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
)

var update = flag.Bool("update", false, "write the golden files anew")

// A new right shows as a new line.
func TestMatrix(t *testing.T) {
	got := statement.Procedure.Matrix()
	if *update {
		if err := os.WriteFile("testdata/matrix.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile("testdata/matrix.txt")
	if err != nil || got != string(golden) {
		t.Errorf("the procedure changed (go test -update): %v\n%s", err, got)
	}
}

// F3.6, F3.17: what is submitted is frozen, keeps its month from being reopened, is
// received by another person or returned and submitted anew.
func TestFiling(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		b := s.Open(s.A, 2026)
		s.Post(s.A, "2026-01-05", "收到会费", "102 debit 100.00", "401 credit 100.00 fr")
		chair := auth.As(s.Tenant, "chair-a", auth.Chair, statement.Submit, s.A.ID)
		send := func(g auth.Grant, period string) (f statement.Filing, err error) {
			err = s.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
				f, err = statement.Send(ctx, tx, g, statement.SubmitForm{Union: s.A.Code, Period: period}, town.Now)
				return err
			})
			return f, err
		}
		take := func(g auth.Grant, id, words string) error {
			return s.DB.Do(ctx, func(tx *sqldb.Tx) error {
				_, err := statement.Take(ctx, tx, g, statement.StepForm{ID: id, Given: flow.Given{Words: words}}, town.Now)
				return err
			})
		}
		submitted := func(month int) (yes bool) {
			s.Do(func(tx *sqldb.Tx) (err error) {
				yes, err = statement.Submitted(ctx, tx, s.Accountant(statement.Look), b.ID, month)
				return err
			})
			return yes
		}
		refuse := func(law string, err error, kind fault.Kind, rule string) {
			t.Helper()
			if f := fault.Of(err); err == nil || f.Kind != kind || f.Rule != rule {
				t.Errorf("%s: %v by %q", law, err, f.Rule)
			}
		}
		_, err := send(chair, "2026-01")
		refuse("F3.16 an open month", err, fault.Conflict, "F3.16")
		closeMonth(t, s, b, 1)
		closeMonth(t, s, b, 2)
		_, err = send(auth.As(s.Tenant, "chair-b", auth.Chair, statement.Submit, s.B.ID), "2026-01")
		refuse("out of reach", err, fault.NotFound, "")
		_, err = send(chair, "2026-03")
		refuse("F3.16 a month that is not closed", err, fault.Conflict, "F3.16")

		var wg sync.WaitGroup
		won, errs := make([]statement.Filing, 20), make([]error, 20)
		for i := range won {
			wg.Go(func() { won[i], errs[i] = send(chair, "2026-02") })
		}
		wg.Wait()
		var f statement.Filing
		for i, err := range errs {
			switch {
			case err == nil && f.ID == "":
				f = won[i]
			case err == nil:
				t.Error("F3.17: submitted twice")
			default:
				refuse("F3.17 pressed twenty times", err, fault.Conflict, "F3.17")
			}
		}
		if f.ID == "" || len(f.Forms) != 2 || f.Forms[0].State != "final" {
			t.Fatalf("submitted %+v", f)
		}
		if !submitted(2) || !submitted(1) || submitted(3) {
			t.Error("F3.17: the months up to a submitted one may not be reopened, later ones may")
		}
		refuse("F3.23 the one who submitted receives", take(auth.As(s.Tenant, "chair-a", auth.Director, statement.Receive, s.Root.ID), f.ID, ""), fault.Denied, "F3.23")
		director := s.As(auth.Director, statement.Return)
		refuse("F3.17 returned without a reason", take(director, f.ID, ""), fault.Invalid, "F3.17")
		if err := take(director, f.ID, "会费少记"); err != nil {
			t.Fatal(err)
		}
		if submitted(2) {
			t.Error("F3.17: what was returned still bars")
		}
		again, err := send(chair, "2026-02")
		if err != nil {
			t.Fatal(err)
		}
		if err := take(s.As(auth.Director, statement.Receive), again.ID, ""); err != nil {
			t.Fatal(err)
		}
		s.Do(func(tx *sqldb.Tx) error {
			got, err := statement.Find(ctx, tx, s.Accountant(statement.Look), again.ID)
			if err == nil && (got.State != statement.Received || !got.Whole() || got.Forms[1].Rows[1].Amounts["year"] != 100_00) {
				t.Errorf("what was submitted reads %+v", got)
			}
			list, _ := statement.Standings(ctx, tx, s.Accountant(statement.Look), statement.Span{Year: 2026, Month: 2}, statement.StandingQuery{Limit: 10})
			if len(list) != 1 || list[0].Filing == nil || list[0].Filing.ID != again.ID {
				t.Errorf("the list of who submitted: %+v", list)
			}
			missing, _ := statement.Standings(ctx, tx, s.Accountant(statement.Look), statement.Span{Year: 2026, Month: 1}, statement.StandingQuery{State: "missing", Limit: 10})
			if len(missing) != 1 || !missing[0].Closed {
				t.Errorf("January was not submitted: %+v", missing)
			}
			_, err = statement.Find(ctx, tx, auth.As(s.Tenant, "chair-b", auth.Chair, statement.Look, s.B.ID), again.ID)
			refuse("another union's filing", err, fault.NotFound, "")
			return nil
		})
	})
}

// F3.28: the notes are drawn up from the figures, then are what was written.
func TestNotes(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		s.Post(s.A, "2026-01-05", "收到会费", "102 debit 1234.50", "401 credit 1234.50 fr")
		g := auth.As(s.Tenant, "chair-a", auth.Chair, statement.Note, s.A.ID)
		form := statement.NotesForm{Union: s.A.Code, Year: 2026}
		s.Do(func(tx *sqldb.Tx) error {
			n, err := statement.NotesOf(ctx, tx, g, s.A.Code, 2026)
			if err == nil && (n.Saved || !contains(n.Items[1], "1,234.50") || !contains(n.Items[3], "银行存款年末 1,234.50 元")) {
				t.Errorf("drawn up: %q", n.Items)
			}
			form.Item0, form.Item7 = n.Items[0], "会员大会已通过。"
			return err
		})
		keep := func() error {
			return s.DB.Do(ctx, func(tx *sqldb.Tx) error {
				_, err := statement.Keep(ctx, tx, g, form, town.Now)
				return err
			})
		}
		if err := keep(); err != nil {
			t.Fatal(err)
		}
		if err := keep(); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("a stale version: %v", err)
		}
		form.Version, form.Item7 = 1, "无。"
		if err := keep(); err != nil {
			t.Fatal(err)
		}
		s.Do(func(tx *sqldb.Tx) error {
			n, err := statement.NotesOf(ctx, tx, g, s.A.Code, 2026)
			if err == nil && (!n.Saved || n.Version != 2 || n.Items[7] != "无。") {
				t.Errorf("kept: %+v", n)
			}
			return err
		})
	})
}

// F3.24: a detail ledger reads the same in one piece and page by page, and its
// balance is the trial balance's.
func TestDetail(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		b := s.Open(s.A, 2026)
		for i := 1; i <= 7; i++ {
			on := []string{"2026-01-05", "2026-01-15", "2026-03-05"}[i%3]
			s.Post(s.A, dayOf(on), "收到会费", "102 debit 10.00", "401 credit 10.00 fr")
		}
		s.Post(s.A, "2026-03-20", "活动", "50102 debit 25.00 fr office", "102 credit 25.00")
		s.Do(func(tx *sqldb.Tx) error {
			g := s.Accountant(statement.Look)
			chart, err := ledger.ChartOf(ctx, tx, s.Tenant, b.System)
			if err != nil {
				return err
			}
			q := statement.EntryQuery{Account: "102", From: 1, To: 12, Limit: 100}
			all, err := statement.DetailOf(ctx, tx, g, b, chart, q)
			if err != nil {
				return err
			}
			if n := len(all.Entries); n != 8 || all.Entries[n-1].Balance != 45_00 || all.Entries[0].Counter != "会费收入" {
				t.Errorf("the bank's ledger: %+v", all.Entries)
			}
			var pieces []statement.Entry
			for q.Limit = 3; ; {
				d, err := statement.DetailOf(ctx, tx, g, b, chart, q)
				if err != nil {
					return err
				}
				pieces = append(pieces, d.Entries...)
				if q.After = d.Next; d.Next == "" {
					break
				}
			}
			for i, e := range all.Entries {
				if i >= len(pieces) || pieces[i] != e {
					t.Errorf("page by page the line %d is %+v, want %+v", i, pieces[min(i, len(pieces)-1)], e)
				}
			}
			from := statement.EntryQuery{Account: "102", From: 3, To: 3, Limit: 100}
			march, err := statement.DetailOf(ctx, tx, g, b, chart, from)
			if err == nil && (march.Opening != 50_00 || len(march.Entries) != 3) {
				t.Errorf("March begins with %s and has %d lines", march.Opening, len(march.Entries))
			}
			books, err := statement.GeneralOf(ctx, tx, g, statement.Ask{Union: s.A.ID, Span: statement.Span{Year: 2026}}, "")
			if err == nil && (len(books) != 3 || books[0].Closing != 45_00 || books[0].Months[1].Balance != 45_00) {
				t.Errorf("the general ledger: %+v", books)
			}
			_, err = statement.DetailOf(ctx, tx, g, b, chart, statement.EntryQuery{Account: "999", To: 12, Limit: 1})
			if fault.Of(err).Rule != "F3.3" {
				t.Errorf("an account that is none: %v", err)
			}
			return nil
		})
	})
}

func contains(text, part string) bool { return strings.Contains(text, part) }

func dayOf(s string) day.Day { return day.Day(s) }
