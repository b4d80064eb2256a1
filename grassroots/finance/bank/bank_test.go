package bank_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"unionhall/grassroots/finance/bank"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/schema"
	"unionhall/schema/dbtest"
)

var ctx = context.Background()

// desk is a shop whose union has a bank account and a cash box.
type desk struct {
	shop.Shop
	bank, cash bank.Account
	book       ledger.Book
}

func each(t *testing.T, f func(t *testing.T, d desk)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) { f(t, open(t, db)) })
}

func open(t testing.TB, db *sqldb.DB) desk {
	d := desk{Shop: shop.New(t, db)}
	d.book = d.Open(d.A, 2026)
	d.bank = d.register(bank.Registers{Union: d.A.Code, Kind: bank.Bank, Name: "基本户", Bank: "中国工商银行滨江支行", Number: "6222 0210 0101 2345", Account: "102", Since: "2026-01-01"})
	d.cash = d.register(bank.Registers{Union: d.A.Code, Kind: bank.Cash, Name: "现金", Account: "101", Since: "2026-01-01"})
	return d
}

func (d desk) register(in bank.Registers) (a bank.Account) {
	d.T.Helper()
	d.Do(func(tx *sqldb.Tx) (err error) {
		a, err = bank.Register(ctx, tx, d.Accountant(bank.Keep), in, town.Now)
		return err
	})
	return a
}

// try runs an act that may be refused.
func (d desk) try(f func(tx *sqldb.Tx) error) error { return d.DB.Do(ctx, f) }

// bring imports a statement from the text of a CSV.
func (d desk) bring(text string) (s bank.Statement) {
	d.T.Helper()
	r := readText(d.T, text, nil)
	d.Do(func(tx *sqldb.Tx) (err error) {
		s, _, err = bank.Begin(ctx, tx, d.Accountant(bank.Import), d.bank.ID, "对账单.csv", fmt.Sprintf("%x", text), r, town.Now)
		return err
	})
	return s
}

func (d desk) take(s bank.Statement) (out bank.Statement, n int) {
	d.T.Helper()
	d.Do(func(tx *sqldb.Tx) (err error) {
		out, n, err = bank.Take(ctx, tx, d.Accountant(bank.Import), s.ID, s.Version, town.Now)
		return err
	})
	return out, n
}

func readText(t testing.TB, text string, known map[string]string) bank.Read {
	t.Helper()
	r, err := bank.ReadStatement(strings.NewReader(text), int64(len(text)), "对账单.csv", known, town.Now.Day())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (d desk) sheet(period bank.Period) (s bank.Sheet) {
	d.T.Helper()
	d.Do(func(tx *sqldb.Tx) error {
		a, err := bank.Find(ctx, tx, d.Accountant(bank.Look), d.bank.ID)
		if err == nil {
			s, err = bank.SheetOf(ctx, tx, d.Tenant, a, period)
		}
		return err
	})
	return s
}

func (d desk) verify() {
	d.T.Helper()
	d.Do(func(tx *sqldb.Tx) error {
		for _, check := range []func(context.Context, *sqldb.Tx, int64) ([]audit.Finding, error){bank.Verify, ledger.Verify} {
			found, err := check(ctx, tx, d.Tenant)
			for _, f := range found {
				d.T.Errorf("verify: %s: %s", f.Where, f.What)
			}
			if err != nil {
				return err
			}
		}
		rep, err := audit.Verify(ctx, tx, d.Tenant, schema.Sealed)
		for _, f := range rep.Findings {
			d.T.Errorf("seals: %s: %s", f.Where, f.What)
		}
		return err
	})
}

func refused(t *testing.T, what string, err error, kind fault.Kind, rule string) {
	t.Helper()
	if f := fault.Of(err); err == nil || f.Kind != kind || rule != "" && f.Rule != rule {
		t.Errorf("%s: %v, want %s by %q", what, err, kind, rule)
	}
}

const march = `交易日期,摘要,借方发生额,贷方发生额,余额,对方户名,流水号
2026-03-05,代收会费,,100.00,100.00,市财政局,88000001
2026-03-06,慰问款,30.00,,70.00,王建国,88000002
2026-03-31,账户管理费,5.00,,65.00,,88000003
`

// K8, S2-42: a month from the statement to the confirmed reconciliation.
func TestMonth(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.Post(d.A, "2026-03-04", "收到会费", "102 debit 100.00", "401 credit 100.00 fr")
		d.Post(d.A, "2026-03-06", "慰问王建国", "50105 debit 30.00 fr office", "102 credit 30.00")
		d.Post(d.A, "2026-03-30", "支付活动费", "50105 debit 12.00 fr office", "102 credit 12.00") // the bank pays in April
		s, n := d.take(d.bring(march))
		if s.State != bank.Taken || s.Fresh != 3 || n != 2 {
			t.Errorf("taken as %+v, %d matched", s, n)
		}
		mar := bank.Period{Year: 2026, Month: 3}
		sheet := d.sheet(mar)
		if sheet.Bank != 65_00 || sheet.Book != 58_00 || sheet.BankAdjusted != 53_00 || sheet.BookAdjusted != 53_00 || sheet.Sum(bank.BookOut) != 12_00 || sheet.Sum(bank.BankOut) != 5_00 || len(sheet.Lacking) != 0 {
			t.Errorf("the reconciliation says %+v", sheet)
		}
		table := d.draw("2026-03")
		refused(t, "F3.23 the maker confirms", d.try(func(tx *sqldb.Tx) error {
			_, err := bank.Advance(ctx, tx, auth.As(d.Tenant, string(auth.Accountant), auth.Director, bank.Confirm, d.Root.ID), table.ID, 0, flow.Given{}, town.Now)
			return err
		}), fault.Denied, "K8")
		d.confirm(table)
		if lacking := d.agreed(3); len(lacking) != 0 {
			t.Errorf("F3.16: lacking %v", lacking)
		}
		if lacking := d.agreed(4); len(lacking) != 1 {
			t.Errorf("F3.16 April: lacking %v", lacking)
		}
		// the payment clears in April; the one of March that is open stays
		s, n = d.take(d.bring("交易日期,摘要,借方发生额,贷方发生额,余额\n2026-04-02,活动费,12.00,,53.00\n"))
		if n != 1 {
			t.Errorf("%d matched in April", n)
		}
		if again := d.sheet(mar); again.BankAdjusted != 53_00 || len(again.Items) != 2 {
			t.Errorf("March as of its end is now %+v", again)
		}
		if apr := d.sheet(bank.Period{Year: 2026, Month: 4}); len(apr.Items) != 1 || apr.BankAdjusted != apr.BookAdjusted || apr.Items[0].Stale {
			t.Errorf("April says %+v", apr)
		}
		if jul := d.sheet(bank.Period{Year: 2026, Month: 7}); !jul.Items[0].Stale {
			t.Errorf("an item of March is not stale in July: %+v", jul)
		}
		d.Post(d.A, "2026-03-31", "账户管理费", "50401 debit 5.00 fr office", "102 credit 5.00")
		if lacking := d.agreed(3); len(lacking) != 1 || !strings.Contains(lacking[0], "要退回重编") {
			t.Errorf("a voucher after the reconciliation: %v", lacking)
		}
		d.verify()
	})
}

func (d desk) draw(period string) (t bank.Table) {
	d.T.Helper()
	d.Do(func(tx *sqldb.Tx) (err error) {
		t, err = bank.Draw(ctx, tx, d.Accountant(bank.Agree), d.bank.ID, period, town.Now)
		return err
	})
	return t
}

func (d desk) confirm(t bank.Table) {
	d.T.Helper()
	d.Do(func(tx *sqldb.Tx) error {
		_, err := bank.Advance(ctx, tx, d.As(auth.Director, bank.Confirm), t.ID, t.Version, flow.Given{}, town.Now)
		return err
	})
}

func (d desk) agreed(month int) (out []string) {
	d.T.Helper()
	d.Do(func(tx *sqldb.Tx) (err error) {
		out, err = bank.Agreed(ctx, tx, d.Accountant(bank.Look), d.book, month)
		return err
	})
	return out
}

// K8: the same file, the same transactions, what may be undone.
func TestTwice(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		s := d.bring(march)
		if again := d.bring(march); again.ID != s.ID {
			t.Error("the same file made another import")
		}
		d.take(s)
		more := d.bring(strings.Replace(march, "2026-03-31,账户", "2026-03-20,利息,,1.00,71.00,,88000009\n2026-03-31,账户", 1))
		if more.Fresh != 1 || more.Known != 3 {
			t.Errorf("an overlapping file has %d new, %d known", more.Fresh, more.Known)
		}
		d.Do(func(tx *sqldb.Tx) error {
			out, err := bank.Undo(ctx, tx, d.Accountant(bank.Import), s.ID, 0, town.Now)
			if out.State != bank.Undone {
				t.Errorf("undone is %s", out.State)
			}
			return err
		})
		d.verify()
		if anew := d.bring(march); anew.ID == s.ID || anew.Fresh != 3 {
			t.Errorf("after the undo: %+v", anew)
		}
	})
}

// K8: twenty confirm at once; one wins.
func TestConfirmRaced(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.Post(d.A, "2026-03-04", "收到会费", "102 debit 100.00", "401 credit 100.00 fr")
		s := d.bring("交易日期,收入,支出,余额\n2026-03-05,100.00,,100.00\n")
		race := func(f func(tx *sqldb.Tx) error) (won int) {
			errs := make([]error, 20)
			var wg sync.WaitGroup
			for i := range errs {
				wg.Go(func() { errs[i] = d.try(f) })
			}
			wg.Wait()
			for _, err := range errs {
				if err == nil {
					won++
				} else if fault.Of(err).Kind != fault.Conflict {
					t.Errorf("a loser got %v", err)
				}
			}
			return won
		}
		if won := race(func(tx *sqldb.Tx) error {
			_, _, err := bank.Take(ctx, tx, d.Accountant(bank.Import), s.ID, 0, town.Now)
			return err
		}); won != 1 {
			t.Errorf("%d took the statement", won)
		}
		table := d.draw("2026-03")
		if won := race(func(tx *sqldb.Tx) error {
			_, err := bank.Advance(ctx, tx, d.As(auth.Director, bank.Confirm), table.ID, 0, flow.Given{}, town.Now)
			return err
		}); won != 1 {
			t.Errorf("%d confirmed", won)
		}
		d.verify()
	})
}

// K8: matching by hand and taking it apart.
func TestByHand(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		a := d.Post(d.A, "2026-03-02", "收到会费", "102 debit 60.00", "401 credit 60.00 fr")
		b := d.Post(d.A, "2026-03-03", "收到会费", "102 debit 41.00", "401 credit 41.00 fr")
		d.take(d.bring("交易日期,收入,支出,余额\n2026-03-20,101.00,,101.00\n"))
		line := d.first(`SELECT line_id FROM bank_open WHERE tenant_id = $1`)
		try := func(entries []string, words string) error {
			return d.try(func(tx *sqldb.Tx) error {
				_, err := bank.ByPerson(ctx, tx, d.Accountant(bank.Match), bank.Chosen{ID: d.bank.ID, Lines: []string{line}, Entries: entries, Words: words}, town.Now)
				return err
			})
		}
		refused(t, "not the same sum", try([]string{a.ID + ":1"}, "同一笔"), fault.Invalid, "K8")
		refused(t, "far apart without a reason", try([]string{a.ID + ":1", b.ID + ":1"}, ""), fault.Invalid, "K8")
		if err := try([]string{a.ID + ":1", b.ID + ":1"}, "两笔合并进账"); err != nil {
			t.Fatal(err)
		}
		refused(t, "matched already", try([]string{a.ID + ":1", b.ID + ":1"}, "两笔合并进账"), fault.Conflict, "")
		d.verify()
		id := d.first(`SELECT id FROM bank_matches WHERE tenant_id = $1`)
		apart := func(words string) error {
			return d.try(func(tx *sqldb.Tx) error {
				_, err := bank.Unmatch(ctx, tx, d.Accountant(bank.Match), bank.Parting{ID: id, Words: words}, town.Now)
				return err
			})
		}
		refused(t, "no reason", apart(""), fault.Invalid, "K8")
		if err := apart("勾错了"); err != nil {
			t.Fatal(err)
		}
		refused(t, "taken apart already", apart("勾错了"), fault.NotFound, "")
		d.verify()
	})
}

func (d desk) first(q string) (id string) {
	d.T.Helper()
	d.Do(func(tx *sqldb.Tx) (err error) {
		id, err = sqldb.One(ctx, tx, sqldb.Text, q, d.Tenant)
		return err
	})
	return id
}

// K8, F3.24: cash is counted by one and watched by another.
func TestCount(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.Post(d.A, "2026-03-02", "提取备用金", "101 debit 500.00", "102 credit 500.00")
		d.Post(d.A, "2026-03-31", "零星开支", "50401 debit 20.50 fr office", "101 credit 20.50")
		count := func(g auth.Grant, on day.Day, pieces map[string]string) (c bank.CashCount, err error) {
			err = d.try(func(tx *sqldb.Tx) error {
				c, err = bank.CountCash(ctx, tx, g, bank.Counting{Bank: d.cash.ID, Day: on, Pieces: pieces}, town.Now)
				return err
			})
			return c, err
		}
		_, err := count(d.As(auth.Cashier, bank.Count), "2026-03-31", map[string]string{"10000": "-1"})
		refused(t, "a note less than none", err, fault.Invalid, "K8")
		c, err := count(d.As(auth.Cashier, bank.Count), "2026-03-31", map[string]string{"10000": "4", "5000": "1", "2000": "1", "500": "1", "100": "4", "50": "1"})
		if err != nil || c.Counted != 479_50 || c.Book != 479_50 || c.Difference() != 0 {
			t.Fatalf("counted %+v: %v", c, err)
		}
		if lacking := d.agreed(3); len(lacking) != 2 {
			t.Errorf("before it was watched: %v", lacking)
		}
		step := func(g auth.Grant) error {
			return d.try(func(tx *sqldb.Tx) error {
				_, err := bank.StepCount(ctx, tx, g, c.ID, 0, flow.Given{}, town.Now)
				return err
			})
		}
		refused(t, "the cashier watches himself", step(auth.As(d.Tenant, string(auth.Cashier), auth.Director, bank.Witness, d.Root.ID)), fault.Denied, "K8")
		if err := step(d.Accountant(bank.Witness)); err != nil {
			t.Fatal(err)
		}
		if lacking := d.agreed(3); len(lacking) != 1 || !strings.Contains(lacking[0], "余额调节表") {
			t.Errorf("after it was watched: %v", lacking)
		}
		d.verify()
	})
}

// F3.24: the journal of a month runs day by day and begins where the last ended.
func TestJournal(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.Post(d.A, "2026-02-10", "收到会费", "102 debit 100.00", "401 credit 100.00 fr")
		d.Post(d.A, "2026-03-05", "收到会费", "102 debit 50.00", "401 credit 50.00 fr")
		d.Post(d.A, "2026-03-05", "慰问会员", "50105 debit 30.00 fr office", "102 credit 30.00")
		d.Post(d.A, "2026-03-09", "提取备用金", "101 debit 20.00", "102 credit 20.00")
		d.Do(func(tx *sqldb.Tx) error {
			j, err := bank.JournalOf(ctx, tx, d.Accountant(bank.Look), d.bank, bank.Period{Year: 2026, Month: 3})
			if j.Opening != 100_00 || j.Closing != 100_00 || j.Debit != 50_00 || j.Credit != 50_00 || j.YearIn != 150_00 || j.YearOut != 50_00 || len(j.Entries) != 3 {
				t.Errorf("the journal says %+v", j)
			}
			if e := j.Entries[1]; e.Balance != 120_00 || !strings.HasPrefix(e.Counter, "50105") {
				t.Errorf("the second line is %+v", e)
			}
			for _, csv := range []bool{true, false} {
				var b bytes.Buffer
				if err := j.Table(&b, csv); err != nil || b.Len() < 100 {
					t.Errorf("a file of %d bytes: %v", b.Len(), err)
				}
			}
			return err
		})
	})
}

// F3.24: what an account must say, and what of it may be changed.
func TestAccounts(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		good := bank.Registers{Union: d.B.Code, Kind: bank.Bank, Name: "基本户", Bank: "建设银行", Number: "33001613035050012345", Account: "102", Since: "2026-01-01"}
		try := func(change func(*bank.Registers)) error {
			in := good
			change(&in)
			return d.try(func(tx *sqldb.Tx) error {
				_, err := bank.Register(ctx, tx, d.Accountant(bank.Keep), in, town.Now)
				return err
			})
		}
		for what, change := range map[string]func(*bank.Registers){
			"no name": func(in *bank.Registers) { in.Name = " " }, "no bank": func(in *bank.Registers) { in.Bank = "" },
			"letters": func(in *bank.Registers) { in.Number = "33001613O35050012345" }, "of cash": func(in *bank.Registers) { in.Account = "101" },
			"no account": func(in *bank.Registers) { in.Account = "999" }, "no day": func(in *bank.Registers) { in.Since = "" }, "no money": func(in *bank.Registers) { in.Opening = "1.005" },
		} {
			refused(t, what, try(change), fault.Invalid, "F3.24")
		}
		if err := try(func(*bank.Registers) {}); err != nil {
			t.Fatal(err)
		}
		refused(t, "the same ledger account", try(func(in *bank.Registers) { in.Number = "33001613035050099999" }), fault.Conflict, "F3.24")
		refused(t, "the same number elsewhere", try(func(in *bank.Registers) { in.Union = d.C.Code }), fault.Conflict, "F3.24")
		refused(t, "out of reach", d.try(func(tx *sqldb.Tx) error {
			_, err := bank.Find(ctx, tx, auth.As(d.Tenant, "x", auth.Chair, bank.Look, d.B.ID), d.bank.ID)
			return err
		}), fault.NotFound, "")
		amend := func(in bank.Registers) error {
			return d.try(func(tx *sqldb.Tx) error {
				_, err := bank.Amend(ctx, tx, d.Accountant(bank.Keep), in, town.Now)
				return err
			})
		}
		in := bank.Registers{ID: d.bank.ID, Version: 1, Name: "基本存款账户", Bank: "工商银行", Account: "102", Since: "2026-02-01", Opening: "0"}
		if err := amend(in); err != nil {
			t.Fatal(err)
		}
		refused(t, "a version that is stale", amend(in), fault.Conflict, "")
		var number string
		d.Do(func(tx *sqldb.Tx) (err error) {
			var a bank.Account
			a, number, err = bank.Open(ctx, tx, d.As(auth.Cashier, bank.Reveal), d.bank.ID, "核对开户许可证", town.Now)
			if a.Number != "**** 2345" {
				t.Errorf("masked as %q", a.Number)
			}
			return err
		})
		if number != "6222021001012345" {
			t.Errorf("an amendment without a number left %q", number)
		}
		d.take(d.bring(march))
		in.Version, in.Since = 0, "2026-03-01"
		refused(t, "K8 the first day of an account in use", amend(in), fault.Conflict, "K8")
		d.verify()
	})
}
