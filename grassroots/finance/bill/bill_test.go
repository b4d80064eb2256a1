package bill_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"unionhall/grassroots/finance/bill"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/schema"
	"unionhall/schema/dbtest"
)

var ctx = context.Background()

func each(t *testing.T, f func(t *testing.T, s shop.Shop)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := shop.New(t, db)
		f(t, s)
		verified(t, s)
	})
}

// verified proves the seals of every row that was written.
func verified(t *testing.T, s shop.Shop) {
	t.Helper()
	s.Do(func(tx *sqldb.Tx) error {
		if _, err := audit.Chain(ctx, tx, s.Tenant, town.Now); err != nil {
			return err
		}
		r, err := audit.Verify(ctx, tx, s.Tenant, schema.Sealed)
		for _, f := range r.Findings {
			t.Errorf("verify: %s: %s", f.Where, f.What)
		}
		return err
	})
}

// try runs an act as an office, in a transaction of its own.
func try(s shop.Shop, o auth.Office, act auth.Action, f func(tx *sqldb.Tx, g auth.Grant) error) error {
	return s.DB.Do(ctx, func(tx *sqldb.Tx) error { return f(tx, s.As(o, act)) })
}

// do is try that must succeed.
func do(t *testing.T, s shop.Shop, act auth.Action, f func(tx *sqldb.Tx, g auth.Grant) error) {
	t.Helper()
	if err := try(s, auth.Accountant, act, f); err != nil {
		t.Fatal(err, fault.Of(err).Fields)
	}
}

func batch(t *testing.T, s shop.Shop, first, last string) (b bill.Batch) {
	t.Helper()
	do(t, s, bill.Take, func(tx *sqldb.Tx, g auth.Grant) (err error) {
		b, err = bill.Receive(ctx, tx, g, bill.Taking{Union: s.A.Code, First: first, Last: last, Issuer: "滨江市总工会", Received: "2026-01-05"}, town.Now)
		return err
	})
	return b
}

func giving(b bill.Batch) bill.Giving {
	return bill.Giving{Batch: b.ID, Date: "2026-03-05", Payer: "滨江市水务局", Item: "拨缴经费", Amount: "100.00"}
}

func give(t *testing.T, s shop.Shop, v bill.Giving) (r bill.Receipt) {
	t.Helper()
	do(t, s, bill.Issue, func(tx *sqldb.Tx, g auth.Grant) (err error) {
		r, err = bill.Give(ctx, tx, g, v, town.Now)
		return err
	})
	return r
}

type refusal struct {
	law   string
	err   error
	kind  fault.Kind
	rule  string
	field string
}

func refused(t *testing.T, all []refusal) {
	t.Helper()
	for _, c := range all {
		f := fault.Of(c.err)
		if c.err == nil || f.Kind != c.kind || c.rule != "" && f.Rule != c.rule || c.field != "" && f.Fields[c.field] == "" {
			t.Errorf("%s: %v rule %q fields %v", c.law, c.err, f.Rule, f.Fields)
		}
	}
}

// F1.20, F1.21: a batch from the day it is handed out to the day its rest goes
// back; every number is somewhere.
func TestReceipts(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		b := batch(t, s, "0000095", "0000104")
		if b.Unused != 10 || b.Next != "0000095" {
			t.Errorf("a batch of ten: %+v", b)
		}
		v := s.Post(s.A, "2026-03-05", "收到拨缴经费", "102 debit 100.00", "402 credit 60.00 fr", "211 credit 40.00")
		in := giving(b)
		in.Voucher = v.ID
		r := give(t, s, in)
		if r.Number != "0000095" || r.Voucher.Number != v.Number || r.State != bill.Issued {
			t.Errorf("the first receipt: %+v", r)
		}
		in = giving(b)
		in.Number = "0000099" // out of turn
		out := give(t, s, in)
		act := func(a auth.Action, f func(tx *sqldb.Tx, g auth.Grant) error) error { return try(s, auth.Cashier, a, f) }
		void := func(v bill.Voiding) func(tx *sqldb.Tx, g auth.Grant) error {
			return func(tx *sqldb.Tx, g auth.Grant) error {
				_, err := bill.VoidReceipt(ctx, tx, g, v, town.Now)
				return err
			}
		}
		again := func(v bill.Giving) func(tx *sqldb.Tx, g auth.Grant) error {
			return func(tx *sqldb.Tx, g auth.Grant) error { _, err := bill.Give(ctx, tx, g, v, town.Now); return err }
		}
		tie := func(id, voucher string) func(tx *sqldb.Tx, g auth.Grant) error {
			return func(tx *sqldb.Tx, g auth.Grant) error {
				_, err := bill.TieReceipt(ctx, tx, g, bill.Tying{ID: id, Voucher: voucher}, town.Now)
				return err
			}
		}
		beyond := giving(b)
		beyond.Number = "0000105"
		bare := giving(b)
		bare.Payer, bare.Amount = "", "0"
		cheque := bill.Giving{Kind: bill.Electronic, Union: s.A.Code, Code: "21060226", Number: "0001234567", Check: "a1b2c3", Payer: "滨江市水务局", Item: "拨缴经费", Amount: "5"}
		if err := act(bill.Issue, again(cheque)); err != nil {
			t.Errorf("F6.4 an electronic receipt: %v %v", err, fault.Of(err).Fields)
		}
		short := cheque
		short.Number = "123"
		refused(t, []refusal{
			{"F1.21 a number twice", act(bill.Issue, again(in)), fault.Conflict, "F1.21", "number"},
			{"F1.21 a number of another batch", act(bill.Issue, again(beyond)), fault.Invalid, "F1.21", "number"},
			{"F3.21 without payer and amount", act(bill.Issue, again(bare)), fault.Invalid, "F3.21", "payer"},
			{"F6.4 an electronic number twice", act(bill.Issue, again(cheque)), fault.Conflict, "F1.21", "number"},
			{"F6.4 an electronic number too short", act(bill.Issue, again(short)), fault.Invalid, "", "number"},
			{"F1.21 voided without a reason", act(bill.Void, void(bill.Voiding{ID: out.ID, Copies: 3})), fault.Invalid, "F1.21", "words"},
			{"F1.21 voided without its copies", act(bill.Void, void(bill.Voiding{ID: out.ID, Given: flow.Given{Words: "写错"}})), fault.Invalid, "F1.21", "copies"},
			{"F1.21 more receipts than money", act(bill.Tie, tie(out.ID, v.ID)), fault.Invalid, "F1.21", "voucher"},
			{"F3.20 a voucher that is none", act(bill.Tie, tie(out.ID, "x")), fault.Invalid, "F3.20", "voucher"},
			{"F1.21 numbers twice", try(s, auth.Accountant, bill.Take, func(tx *sqldb.Tx, g auth.Grant) error {
				_, err := bill.Receive(ctx, tx, g, bill.Taking{Union: s.B.Code, First: "0000104", Last: "0000110", Issuer: "滨江市总工会", Received: "2026-01-05"}, town.Now)
				return err
			}), fault.Conflict, "F1.21", "first"},
		})
		if err := act(bill.Void, void(bill.Voiding{ID: out.ID, Copies: 3, Given: flow.Given{Words: "写错"}})); err != nil {
			t.Fatal(err)
		}
		refused(t, []refusal{{"F1.21 voided twice", act(bill.Void, void(bill.Voiding{ID: out.ID, Copies: 3, Given: flow.Given{Words: "写错"}})), fault.Conflict, "", ""}})
		s.Do(func(tx *sqldb.Tx) error {
			p, err := bill.Numbers(ctx, tx, s.Accountant(bill.Look), b.ID)
			if got := strings.Join(p.Gaps(), " "); got != "0000096 0000097 0000098" {
				t.Errorf("F1.21: the gaps are %q", got)
			}
			return err
		})
		do(t, s, bill.Return, func(tx *sqldb.Tx, g auth.Grant) (err error) {
			b, err = bill.ReturnRest(ctx, tx, g, bill.Returning{ID: b.ID, Given: flow.Given{Words: "换用新版，缴回市总"}}, town.Now)
			return err
		})
		s.Do(func(tx *sqldb.Tx) (err error) {
			b, err = bill.FindBatch(ctx, tx, s.Accountant(bill.Look), b.ID)
			return err
		})
		if b.Unused != 0 || b.Issued != 1 || b.Voided != 1 || b.Returned != 8 {
			t.Errorf("F1.21: every number is somewhere: %+v", b)
		}
		refused(t, []refusal{{"F1.21 nothing left", act(bill.Issue, again(giving(b))), fault.Conflict, "F1.21", "book"}})
	})
}

// F1.21: twenty take the next number at once; each gets its own.
func TestReceiptsRaced(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		b := batch(t, s, "001", "015")
		var wg sync.WaitGroup
		got, errs := make([]string, 20), make([]error, 20)
		for i := range errs {
			wg.Go(func() {
				errs[i] = try(s, auth.Cashier, bill.Issue, func(tx *sqldb.Tx, g auth.Grant) error {
					r, err := bill.Give(ctx, tx, g, giving(b), town.Now)
					got[i] = r.Number
					return err
				})
			})
		}
		wg.Wait()
		seen := map[string]bool{}
		for i, err := range errs {
			if err == nil {
				seen[got[i]] = true
			} else if fault.Of(err).Kind != fault.Conflict {
				t.Errorf("a loser got %v", err)
			}
		}
		if len(seen) != 15 {
			t.Errorf("%d numbers for 15: %v", len(seen), errors.Join(errs...))
		}
	})
}

const number = "26212000000012345678"

func entry(s shop.Shop) bill.Entry {
	return bill.Entry{Union: s.A.Code, Number: number, Date: "2026-03-02", Amount: "30.00", Seller: "滨江百货有限公司", Buyer: s.A.Name}
}

func register(s shop.Shop, o auth.Office, e bill.Entry) (i bill.Invoice, err error) {
	err = try(s, o, bill.Enter, func(tx *sqldb.Tx, g auth.Grant) (err error) {
		i, err = bill.Register(ctx, tx, g, e, town.Now)
		return err
	})
	return i, err
}

// upload keeps a file of a union as the page does.
func upload(s shop.Shop, union, name, hash string, form bill.Form) (f bill.File, err error) {
	err = try(s, auth.Accountant, bill.Enter, func(tx *sqldb.Tx, g auth.Grant) (err error) {
		f, err = bill.Upload(ctx, tx, g, union, "", name, files.Blob{Hash: hash, Size: 10, Type: "application/pdf"}, form, bill.FromName(name), town.Now)
		return err
	})
	return f, err
}

func step(s shop.Shop, o auth.Office, act auth.Action, in bill.Step) (i bill.Invoice, err error) {
	err = try(s, o, act, func(tx *sqldb.Tx, g auth.Grant) (err error) {
		i, err = bill.Advance(ctx, tx, g, in, town.Now)
		return err
	})
	return i, err
}

// F6.1, F6.2: an invoice from its file to the voucher, once.
func TestInvoices(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		v := s.Post(s.A, "2026-03-05", "会员活动", "50105 debit 30.00 fr office", "102 credit 30.00")
		early := s.Draft(s.A, "2026-03-01", "会员活动", "50105 debit 30.00 fr office", "102 credit 30.00")
		other := s.Draft(s.A, "2026-03-06", "会员活动", "50105 debit 30.00 fr office", "102 credit 30.00")
		f, err := upload(s, s.A.Code, "dzfp_"+number+"_滨江百货有限公司_20260302103012.pdf", "aa", bill.FormPDF)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := upload(s, s.A.Code, "x.pdf", "aa", bill.FormPDF); err != nil || again.ID != f.ID {
			t.Errorf("F6.2 the same bytes again while they wait: %v", err)
		}
		i, err := register(s, auth.Cashier, bill.Entry{Union: s.A.Code, File: f.ID, Amount: "30.00"})
		if err != nil {
			t.Fatal(err, fault.Of(err).Fields)
		}
		if i.Number != number || i.Seller != "滨江百货有限公司" || i.Date != "2026-03-02" || i.State != bill.Registered {
			t.Errorf("F6.1: read from the name: %+v", i)
		}
		_, twice := register(s, auth.Accountant, entry(s))
		_, same := upload(s, s.A.Code, "y.pdf", "aa", bill.FormPDF)
		_, foreign := upload(s, s.B.Code, "y.pdf", "aa", bill.FormPDF)
		_, before := step(s, auth.Accountant, bill.Link, bill.Step{ID: i.ID, Voucher: early.ID})
		late := entry(s)
		late.Number, late.Date = "26212000000012345679", "2026-12-31"
		_, tomorrow := register(s, auth.Accountant, late)
		_, nothing := register(s, auth.Accountant, bill.Entry{Union: s.A.Code})
		refused(t, []refusal{
			{"F6.1 the number again", twice, fault.Conflict, "F6.1", "number"},
			{"F6.1 the bytes again", same, fault.Conflict, "F6.1", "file"},
			{"F6.1 the bytes in another union", foreign, fault.Conflict, "F6.1", "file"},
			{"F3.21 a voucher older than the invoice", before, fault.Invalid, "F3.21", "voucher"},
			{"F3.21 an invoice of tomorrow", tomorrow, fault.Invalid, "", "date"},
			{"F6.4 nothing given", nothing, fault.Invalid, "F6.4", "number"},
		})
		if i, err = step(s, auth.Cashier, bill.Link, bill.Step{ID: i.ID, Voucher: v.ID}); err != nil {
			t.Fatal(err, fault.Of(err).Fields)
		}
		_, twice = register(s, auth.Accountant, entry(s))
		if text := fault.Of(twice).Text; !strings.Contains(text, "2026 年 3 月 记-1") || !strings.Contains(text, s.A.Name) {
			t.Errorf("F6.1: the refusal says where it was used: %s", text)
		}
		_, second := step(s, auth.Cashier, bill.Link, bill.Step{ID: i.ID, Voucher: other.ID})
		_, stands := step(s, auth.Accountant, bill.Unlink, bill.Step{ID: i.ID, Given: flow.Given{Words: "关联错了"}})
		_, amend := i, try(s, auth.Cashier, bill.Enter, func(tx *sqldb.Tx, g auth.Grant) error {
			_, err := bill.Amend(ctx, tx, g, i.ID, 0, entry(s), town.Now)
			return err
		})
		refused(t, []refusal{
			{"F6.1 a second voucher", second, fault.Conflict, "F6.1", ""},
			{"F3.22 off a posted voucher", stands, fault.Conflict, "F3.22", ""},
			{"F6.1 amended when it is booked", amend, fault.Conflict, "F6.1", ""},
		})
		red := bill.Entry{Union: s.A.Code, Number: "26212000000099999999", Date: "2026-03-09", Amount: "-30.00", Seller: "滨江百货有限公司", Original: number}
		if _, err := register(s, auth.Cashier, red); err != nil {
			t.Fatal(err, fault.Of(err).Fields)
		}
		red.Number = "26212000000099999998"
		_, twiceRed := register(s, auth.Cashier, red)
		refused(t, []refusal{{"F6.2 taken back twice", twiceRed, fault.Conflict, "F6.2", "original"}})
		s.Do(func(tx *sqldb.Tx) error {
			all, err := bill.FlagsOf(ctx, tx, s.Accountant(bill.Look), v)
			if len(all) != 1 || all[0].Kind != bill.Buyer || !strings.Contains(all[0].Text, "红冲") {
				t.Errorf("S2-47: the voucher of a red invoice: %+v", all)
			}
			return err
		})
	})
}

// F6.2: no print instead of the original.
func TestOriginals(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		v := s.Draft(s.A, "2026-03-05", "会员活动", "50105 debit 30.00 fr office", "102 credit 30.00")
		f, err := upload(s, s.A.Code, "发票照片.jpg", "bb", bill.FormImage)
		if err != nil {
			t.Fatal(err)
		}
		e := entry(s)
		e.File = f.ID
		i, err := register(s, auth.Cashier, e)
		if err != nil {
			t.Fatal(err)
		}
		_, print := step(s, auth.Cashier, bill.Link, bill.Step{ID: i.ID, Voucher: v.ID})
		refused(t, []refusal{{"F6.2 a picture alone", print, fault.Invalid, "F6.2", "file"}})
		err = try(s, auth.Cashier, bill.Enter, func(tx *sqldb.Tx, g auth.Grant) error {
			_, err := bill.Upload(ctx, tx, g, s.A.Code, i.ID, "x.xml", files.Blob{Hash: "cc", Size: 10, Type: "text/xml"}, bill.FormXML, bill.Reading{}, town.Now)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if i, err = step(s, auth.Cashier, bill.Link, bill.Step{ID: i.ID, Voucher: v.ID}); err != nil {
			t.Error("F6.2 with the original", err, fault.Of(err).Fields)
		}
		if i, err = step(s, auth.Accountant, bill.Unlink, bill.Step{ID: i.ID, Given: flow.Given{Words: "关联错了"}}); err != nil || i.State != bill.Registered {
			t.Error("F6.1 off a draft", err)
		}
		e = entry(s)
		e.Number, e.Seller = "26212000000012345670", "滨江文具店"
		err = try(s, auth.Cashier, bill.Enter, func(tx *sqldb.Tx, g auth.Grant) error {
			_, err := bill.Amend(ctx, tx, g, i.ID, i.Version, e, town.Now)
			return err
		})
		if err != nil {
			t.Error("F6.4 amended", err, fault.Of(err).Fields)
		}
		if _, err := register(s, auth.Cashier, entry(s)); err != nil {
			t.Error("F6.4 the number that was wrong is free again", err)
		}
		old := bill.Entry{Union: s.A.Code, Code: "021001900111", Number: "12345678", Date: "2026-03-01", Amount: "9", Seller: "滨江文具店", Paper: true}
		p, err := register(s, auth.Cashier, old)
		if err == nil {
			_, err = step(s, auth.Cashier, bill.Link, bill.Step{ID: p.ID, Voucher: v.ID})
		}
		if err != nil {
			t.Error("F6.2 an old invoice on paper alone", err)
		}
	})
}

// F6.1: twenty register one invoice, in two unions, at once; one is first, and
// the others are told.
func TestInvoicesRaced(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		var wg sync.WaitGroup
		errs := make([]error, 20)
		for i := range errs {
			e := entry(s)
			if i%2 == 1 {
				e.Union = s.B.Code
			}
			wg.Go(func() { _, errs[i] = register(s, auth.Cashier, e) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if f := fault.Of(err); err == nil {
				won++
			} else if f.Kind != fault.Conflict || f.Rule != "F6.1" || !strings.Contains(f.Text, "不能重复报销") {
				t.Errorf("a loser got %v", err)
			}
		}
		if won != 1 {
			t.Errorf("%d won", won)
		}
		// out of reach one hears only that it was used
		far := auth.As(s.Tenant, "x", auth.Accountant, bill.Enter, s.C.ID)
		err := s.DB.Do(ctx, func(tx *sqldb.Tx) error {
			e := entry(s)
			e.Union = ""
			_, err := bill.Register(ctx, tx, far, e, town.Now)
			return err
		})
		if f := fault.Of(err); f.Kind != fault.Conflict || strings.Contains(f.Text, s.A.Name) || strings.Contains(f.Text, s.B.Name) || strings.Contains(f.Text, "2026") {
			t.Errorf("F6.1 out of reach: %v", err)
		}
	})
}

// F3.16, J36: what is overdue, over two years of books.
func TestOverdue(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		old := s.Open(s.A, 2025)
		now := s.Open(s.A, 2026)
		s.Post(s.A, "2025-06-02", "借差旅费", "135 debit 50.00 @王建国", "102 credit 50.00")
		s.Post(s.A, "2025-11-03", "借差旅费", "135 debit 20.00 @王建国", "102 credit 20.00")
		s.Post(s.A, "2025-12-01", "还款", "102 debit 30.00", "135 credit 30.00 @王建国")
		carry := ledger.Entry{Union: s.A.Code, Date: "2026-01-01", Summary: "年初余额", Nature: ledger.Opening}
		for _, l := range []string{"135 debit 40.00 @王建国", "102 debit 60.00", "215 credit 5.00 @滨江建筑公司", "32205 credit 95.00"} {
			carry.Lines = append(carry.Lines, s.Line(l))
		}
		carry.Lines[2].Summary = "2022-05-06 质保金"
		s.Do(func(tx *sqldb.Tx) error {
			m := audit.Moves{}
			g := s.Accountant(ledger.Carry)
			v, err := ledger.Enter(ctx, tx, g, m, now, carry, town.Now)
			if err != nil {
				return err
			}
			return m.Write(ctx, tx, g, v.ID, struct{}{}, town.Now)
		})
		s.Post(s.A, "2026-10-08", "借活动费", "135 debit 9.00 @李敏", "102 credit 9.00")
		wrong := s.Post(s.A, "2026-02-02", "借活动费", "135 debit 7.00 @赵敏", "102 credit 7.00")
		s.Do(func(tx *sqldb.Tx) error {
			red, err := ledger.Undo(ctx, tx, s.Accountant(ledger.Reverse), wrong.ID, "", town.Now)
			wrong = red
			return err
		})
		s.Through(wrong)
		s.Do(func(tx *sqldb.Tx) error {
			all, err := bill.Overdue(ctx, tx, s.Accountant(bill.Look), now, "2026-11-26")
			if err != nil {
				return err
			}
			if len(all) != 2 || all[0].Since != "2025-06-02" || all[0].Rest != 20_00 || all[0].Voucher.Year != 2025 || all[1].Since != "2025-11-03" || all[1].Rest != 20_00 {
				t.Errorf("F3.16: overdue are %+v", all)
			}
			open, err := bill.OpenItems(ctx, tx, s.Accountant(bill.Look), now, "2026-11-26")
			var debts, total money.Fen
			for _, p := range bill.ByParty(open) {
				if p.Side == bill.Debt {
					debts += p.Total
					if p.By[5] != 5_00 {
						t.Errorf("J37: the balance carried over is as old as its line says: %+v", p)
					}
				} else {
					total += p.Total
				}
			}
			if debts != 5_00 || total != 49_00 {
				t.Errorf("open are %s and %s", total, debts)
			}
			w, err := bill.Waits(ctx, tx, s.Accountant(bill.Look), "2026-11-26")
			if w.Parties != 1 || w.Overdue != 40_00 {
				t.Errorf("F3.16: the work table tells %+v", w)
			}
			if err != nil {
				return err
			}
			none, e := bill.Overdue(ctx, tx, s.Accountant(bill.Look), old, "2025-08-31")
			if len(none) != 0 {
				t.Errorf("F3.16 the ninetieth day: %+v", none)
			}
			some, e2 := bill.Overdue(ctx, tx, s.Accountant(bill.Look), old, "2025-09-01")
			if len(some) != 1 {
				t.Errorf("F3.16 the day after: %+v", some)
			}
			return errors.Join(err, e, e2)
		})
	})
}

// S2-47: a doubt is answered once, by one of twenty.
func TestAnswers(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		b := s.Open(s.A, 2026)
		s.Post(s.A, "2026-03-07", "周末活动", "50105 debit 30.00 fr office", "102 credit 30.00") // a Saturday
		var f bill.Flag
		s.Do(func(tx *sqldb.Tx) error {
			all, err := bill.Flags(ctx, tx, s.Accountant(bill.Look), b)
			if len(all) != 1 || all[0].Kind != bill.Weekend {
				t.Fatalf("S2-47: %+v", all)
			}
			f = all[0]
			return err
		})
		reply := func(a bill.Answering) error {
			return try(s, auth.Accountant, bill.Answer, func(tx *sqldb.Tx, g auth.Grant) error {
				_, err := bill.Reply(ctx, tx, g, a, town.Now)
				return err
			})
		}
		refused(t, []refusal{
			{"S2-47 no words", reply(bill.Answering{Book: b.ID, Flag: f.Key}), fault.Invalid, "S2-47", "words"},
			{"S2-47 no such doubt", reply(bill.Answering{Book: b.ID, Flag: "x", Words: "值班"}), fault.Conflict, "S2-47", ""},
		})
		var wg sync.WaitGroup
		errs := make([]error, 20)
		for i := range errs {
			wg.Go(func() { errs[i] = reply(bill.Answering{Book: b.ID, Flag: f.Key, Words: "周末运动会"}) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if fault.Of(err).Rule != "S2-47" {
				t.Error(err)
			}
		}
		if won != 1 {
			t.Errorf("%d answered", won)
		}
	})
}

// F1.21, F6.1: every state × act × office, printed and compared.
func TestMatrix(t *testing.T) {
	for name, got := range map[string]string{"receipts": bill.Receipting.Matrix(), "invoices": bill.Invoicing.Matrix()} {
		file := "testdata/" + name + ".txt"
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil || string(want) != got {
			t.Errorf("%s (UPDATE=1 writes it anew): %v\n%s", file, err, got)
		}
	}
}
