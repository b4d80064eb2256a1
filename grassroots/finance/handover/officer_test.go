package handover

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

// by acts as one account in an office over the committee.
func (w *world) by(account string, o auth.Office, act auth.Action) auth.Grant {
	return auth.As(w.Tenant, account, o, act, w.Root.ID)
}

func (w *world) make(in Opens) (c Change, err error) {
	in.Union = w.A.Code
	err = w.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		c, err = w.room.Make(ctx, tx, w.by("accountant", auth.Accountant, List), in, now)
		return err
	})
	return c, err
}

func (w *world) take(g auth.Grant, id string, version int64, words string) (c Change, err error) {
	err = w.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		c, err = Advance(ctx, tx, g, id, version, flow.Given{Words: words}, now)
		return err
	})
	return c, err
}

// F3.26: who may do what to a list.
func TestChangingMatrix(t *testing.T) {
	for name, got := range map[string]string{"testdata/changing.txt": Changing.Matrix(), "testdata/keeping.txt": Keeping.Matrix()} {
		want, err := os.ReadFile(name)
		if err != nil || string(want) != got {
			t.Errorf("%s is now\n%s", name, got)
		}
	}
}

// F3.26: the list is made from the books as of a day; three people, each by an
// own log-in, confirm it one after another; nothing changes after the first.
func TestChange(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		for name, in := range map[string]Opens{
			"F3.26 taker":                    {Taker: "accountant", Witness: "director"},
			"F3.26 nobody takes over: taker": {Witness: "director"},
			"F3.26 witness":                  {Taker: "new", Witness: "accountant"},
			"F3.26 nobody oversees: witness": {Taker: "new", Witness: "cashier"},
			"a day that has not come: on":    {Taker: "new", Witness: "director", On: "2027-02-02"},
		} {
			field := name[strings.LastIndex(name, " ")+1:]
			if _, err := w.make(in); fault.Of(err).Fields[field] == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		c, err := w.make(Opens{Taker: "new", Witness: "director", On: "2026-03-31"})
		if err != nil {
			t.Fatal(err)
		}
		l := c.Lists
		if len(l.Vouchers) != 2 || l.Vouchers[1] != (Numbers{3, 2, 1, 2, 2}) || len(l.Balances) != 1 || l.Balances[0].Amount != 57_66 || len(l.Advances) != 1 || l.Advances[0].Party != "张三；李四" || l.Advances[0].Amount != 12_34 {
			t.Errorf("the books say %+v", l)
		}
		w.written(t, c)
		w.steps(t, c)
		w.whole()
	})
}

// written tries the rows that people write.
func (w *world) written(t *testing.T, c Change) {
	t.Helper()
	rewrite := func(account string, version int64, rows []Row) (err error) {
		return w.DB.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := Rewrite(ctx, tx, w.by(account, auth.Accountant, List), c.ID, version, rows, "欠票据一张", now)
			return err
		})
	}
	good := []Row{{Kind: "seal", Name: "财务专用章", Count: "1 枚"}, {}, {Kind: "receipt", Name: "收据", Count: "0001-0050"}}
	if err := rewrite("new", 0, good); fault.Of(err).Kind != fault.Denied {
		t.Errorf("by another: %v", err)
	}
	if err := rewrite("accountant", 0, []Row{{Kind: "spoon", Name: "章"}}); fault.Of(err).Fields["rows.0.kind"] == "" {
		t.Errorf("of no kind: %v", err)
	}
	if err := rewrite("accountant", 0, []Row{{Kind: "seal", Count: "1"}}); fault.Of(err).Fields["rows.0.name"] == "" {
		t.Errorf("without a name: %v", err)
	}
	if err := rewrite("accountant", 1, good); err != nil {
		t.Error(err)
	}
	if err := rewrite("accountant", 1, good); fault.Of(err).Kind != fault.Conflict {
		t.Errorf("an old version: %v", err)
	}
}

// steps takes a list through to its end, with all who may not.
func (w *world) steps(t *testing.T, c Change) {
	t.Helper()
	for _, x := range []struct {
		name    string
		account string
		office  auth.Office
		act     auth.Action
		want    fault.Kind // "" succeeds
		stage   Stage
	}{
		{"F3.26 the taker before the giver", "new", auth.Accountant, Receive, fault.Conflict, ""},
		{"F3.26 another gives", "cashier", auth.Cashier, Give, fault.Denied, ""},
		{"F3.26 the giver", "accountant", auth.Accountant, Give, "", Given},
		{"F3.26 twice", "accountant", auth.Accountant, Give, fault.Conflict, ""},
		{"F3.26 another takes", "cashier", auth.Cashier, Receive, fault.Denied, ""},
		{"F3.26 the giver takes", "accountant", auth.Accountant, Receive, fault.Denied, ""},
		{"F3.26 the taker", "new", auth.Accountant, Receive, "", Taken},
		{"F3.26 no more to drop", "accountant", auth.Accountant, Drop, fault.Conflict, ""},
		{"F3.26 the taker oversees", "new", auth.Director, Witness, fault.Denied, ""},
		{"F3.26 an accountant oversees", "director", auth.Accountant, Witness, fault.Denied, ""},
		{"F3.26 the witness", "director", auth.Director, Witness, "", Ended},
	} {
		got, err := w.take(w.by(x.account, x.office, x.act), c.ID, 0, "")
		if x.want == "" && (err != nil || got.Stage != x.stage) || x.want != "" && fault.Of(err).Kind != x.want {
			t.Errorf("%s: %s, %v", x.name, got.Stage, err)
		}
	}
	var pdf bytes.Buffer
	w.Do(func(tx *sqldb.Tx) (err error) {
		c, err = FindChange(ctx, tx, w.by("x", auth.Chair, Look), c.ID)
		return err
	})
	if err := c.print(&pdf, "丁一", now); err != nil || !bytes.HasPrefix(pdf.Bytes(), []byte("%PDF")) {
		t.Error("the paper", err)
	}
	if len(c.Lists.Rows) != 2 || c.Lists.Matters == "" || c.Ended != now || c.Taker.Office != auth.Accountant || c.Witness.Office != auth.Director {
		t.Errorf("it ended as %+v", c)
	}
}

// F3.26: of twenty who confirm at once one does; a chair of another union
// neither sees nor lists it; whoever must confirm is told.
func TestChangeReach(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		c, err := w.make(Opens{Taker: "new", Witness: "director", On: "2026-12-31"})
		if err != nil {
			t.Fatal(err)
		}
		if won := at20(func() error { _, err := w.take(w.by("accountant", auth.Accountant, Give), c.ID, 0, ""); return err }, t); won != 1 {
			t.Errorf("%d gave", won)
		}
		w.Do(func(tx *sqldb.Tx) error {
			far := auth.As(w.Tenant, "chair-b", auth.Chair, Look, w.B.ID)
			if _, err := FindChange(ctx, tx, far, c.ID); fault.Of(err).Kind != fault.NotFound {
				t.Errorf("from afar: %v", err)
			}
			twin := auth.As(w.Tenant+1, "accountant", auth.Accountant, Look, w.Root.ID)
			if _, err := FindChange(ctx, tx, twin, c.ID); fault.Of(err).Kind != fault.NotFound {
				t.Errorf("from another office: %v", err)
			}
			for account, want := range map[string]int{"accountant": 0, "new": 1, "director": 0} {
				all, err := Waiting(ctx, tx, w.by(account, auth.Accountant, Look), 9)
				if err != nil || len(all) != want {
					t.Errorf("%s is told of %d, %v", account, len(all), err)
				}
			}
			return nil
		})
		if _, err := w.take(w.by("accountant", auth.Accountant, Drop), c.ID, 0, ""); fault.Of(err).Fields["words"] == "" {
			t.Errorf("dropped without a word: %v", err)
		}
		if got, err := w.take(w.by("accountant", auth.Accountant, Drop), c.ID, 0, "接管人换了"); err != nil || got.Stage != Dropped {
			t.Errorf("dropped: %v", err)
		}
		w.whole()
	})
}
