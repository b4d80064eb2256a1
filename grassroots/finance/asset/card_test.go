package asset_test

import (
	"sync"
	"testing"

	"unionhall/grassroots/finance/asset"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// finance.md 8, example 5: a computer of 6,000 is spent in its month, and
// 30104 falls by 83.33 a month from then on; the statement of income and
// expenditure knows nothing of it. J28, J29, F3.9.
func TestComputer(t *testing.T) {
	each(t, func(t *testing.T, s store) {
		s.Open(s.A, 2026)
		cards, err := s.buy(computer(s.A, "2026-03-31"))
		if err != nil {
			t.Fatal(err, fault.Of(err).Fields)
		}
		c := s.card(cards[0].ID)
		if c.State != asset.Pending || c.Worth.Cost != 0 || c.No != 1 {
			t.Errorf("before its voucher is posted: %s %s no %d", c.State, c.Worth.Cost, c.No)
		}
		if _, err := s.run(s.A, "2026-03"); fault.Of(err).Rule != "F3.9" {
			t.Errorf("F3.9 a run while the purchase waits: %v", err)
		}
		s.post(s.A, 2026)
		c = s.card(c.ID)
		if c.State != asset.InUse || c.Worth.Cost != 6000_00 {
			t.Errorf("posted: %s %s", c.State, c.Worth.Cost)
		}
		if _, err := s.run(s.A, "2026-04"); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("F3.9 a month skipped: %v", err)
		}
		for _, m := range []string{"2026-03", "2026-04"} {
			r, err := s.run(s.A, m)
			if err != nil || r.Total != 83_33 || r.Cards != 1 || r.Number == 0 {
				t.Fatalf("run of %s: %+v %v", m, r, err)
			}
		}
		if _, err := s.run(s.A, "2026-04"); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("F3.9 a month twice: %v", err)
		}
		f := s.figures(s.A, 2026, 3, 3)
		want(t, "507 in March", f.Debit("507", "", false), 6000_00)
		want(t, "30104 fell in March", f.Debit("30104", "", false), 83_33)
		f = s.figures(s.A, 2026, 4, 4)
		want(t, "507 in April", f.Debit("507", "", false), 0)
		want(t, "30104 fell in April", f.Debit("30104", "", false), 83_33)
		want(t, "30104 at the end", f.Closing("30104", ""), 5833_34)
		want(t, "163 at the end", f.Closing("163", ""), 166_66)
		s.holds(s.A, "2026-04")
		s.Do(func(tx *sqldb.Tx) error {
			b, err := ledger.BookOf(ctx, tx, s.Accountant(ledger.Look), s.A.ID, 2026)
			for month, wanted := range map[int]bool{3: true, 4: true, 5: false} {
				if err == nil {
					var ok bool
					if ok, err = asset.Depreciated(ctx, tx, s.Accountant(ledger.Look), b, month); ok != wanted {
						t.Errorf("F3.16 depreciated in month %d: %v", month, ok)
					}
				}
			}
			return err
		})
	})
}

// F3.9: 6,000 yuan over six years from 2024-03: 83.33 a month, the 72nd month
// takes the rest; the table of the regulation and the plan of a card agree.
func TestPlan(t *testing.T) {
	p := asset.Plan{Basis: 6000_00, From: "2024-03", Months: 72}
	d := books.Depreciation{Cost: 6000_00, Years: 6, From: "2024-03-31"}
	before := money.Fen(0)
	for n := int64(0); n < 80; n++ {
		m := asset.Month("2024-03").Plus(n)
		part := p.Through(m) - before
		before = p.Through(m)
		if wanted := d.On(m.First(), ""); part != wanted {
			t.Errorf("F3.9 %s: %s, the rule says %s", m, part, wanted)
		}
		if n == 71 && (m != "2030-02" || part != 83_57) {
			t.Errorf("F3.9 the last month %s: %s", m, part)
		}
	}
	want(t, "F3.9 the whole", before, 6000_00)
}

// F3.8, F3.7, F3.9: what is refused, at its field, by the clause; and what is
// not.
func TestRefusedCards(t *testing.T) {
	each(t, func(t *testing.T, s store) {
		s.Open(s.A, 2026)
		s.Open(s.B, 2021)
		for _, c := range []struct {
			law         string
			change      func(f *asset.Form)
			rule, field string
		}{
			{"F3.8 999.99 is no fixed asset", func(f *asset.Form) { f.Price = "999.99" }, "F3.8", "price"},
			{"F3.8 special 1,499.99 is none", func(f *asset.Form) { f.Sort, f.Price = "专用设备|文艺设备", "1499.99" }, "F3.8", "price"},
			{"F3.8 bulk without a reason", func(f *asset.Form) { f.Bulk, f.Price = true, "200" }, "F3.8", "reason"},
			{"F3.8 2009: 499.99 is none", func(f *asset.Form) { f.Union, f.Day, f.Price, f.Expense = s.B.Code, "2021-05-06", "499.99", "50502" }, "F3.8", "price"},
			{"F3.9 fewer years than the table", func(f *asset.Form) { f.Years = 5 }, "F3.9", "years"},
			{"F3.9 more than the table", func(f *asset.Form) { f.Sort, f.Years, f.Price = "专用设备|文艺设备", 16, "2000" }, "F3.9", "years"},
			{"F3.7 no price", func(f *asset.Form) { f.Price = "" }, "F3.7", "price"},
			{"F3.12 no source", func(f *asset.Form) { f.Source = "" }, "F3.12", "source"},
			{"J28 more kept back than it cost", func(f *asset.Form) { f.Keep = "7000" }, "J28", "keep"},
			{"F3.1 no books of the year", func(f *asset.Form) { f.Day = "2025-05-06" }, "F3.1", ""},
		} {
			f := computer(s.A, "2026-03-31")
			c.change(&f)
			_, err := s.buy(f)
			if x := fault.Of(err); err == nil || x.Rule != c.rule || c.field != "" && x.Fields[c.field] == "" {
				t.Errorf("%s: %v rule %s fields %v", c.law, err, x.Rule, x.Fields)
			}
		}
		for _, c := range []struct {
			law    string
			change func(f *asset.Form)
		}{
			{"F3.8 1,000 is one", func(f *asset.Form) { f.Price = "1000" }},
			{"F3.8 special 1,500", func(f *asset.Form) { f.Sort, f.Price = "专用设备|文艺设备", "1500" }},
			{"F3.8 a bulk of like goods", func(f *asset.Form) { f.Bulk, f.Price, f.Number, f.Reason = true, "200", 40, "会议室折叠椅一批" }},
			{"F3.8 2009: 500", func(f *asset.Form) { f.Union, f.Day, f.Price, f.Expense = s.B.Code, "2021-05-06", "500", "50502" }},
			{"J28 kept back", func(f *asset.Form) { f.Keep, f.Party = "300", "某商贸公司" }},
			{"J30 software", func(f *asset.Form) {
				f.Kind, f.Sort, f.Expense = asset.Intangible, "无形资产|计算机软件", "50706"
				f.Years = 10
			}},
			{"J30 long-term prepaid", func(f *asset.Form) {
				f.Kind, f.Sort, f.Years = asset.Prepaid, "长期待摊费用|租入固定资产改良", 3
			}},
		} {
			f := computer(s.A, "2026-03-31")
			c.change(&f)
			if cards, err := s.buy(f); err != nil {
				t.Errorf("%s: %v %v", c.law, err, fault.Of(err).Fields)
			} else if f.Number > 1 && len(cards) != int(f.Number) {
				t.Errorf("%s: %d cards", c.law, len(cards))
			}
		}
		s.post(s.A, 2026)
		s.post(s.B, 2021)
		want(t, "J28 owed as retention", s.figures(s.A, 2026, 1, 12).Closing("215", ""), 300_00)
		s.holds(s.A, "2026-03")
		s.holds(s.B, "2021-12")
		if _, err := s.run(s.B, "2021-12"); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("F3.9 2009 writes nothing off: %v", err)
		}
	})
}

// J33, J34, F3.9: a computer is scrapped in the month that no longer counts,
// waits in 182 until it is approved, and its scrap brings a little.
func TestScrap(t *testing.T) {
	each(t, func(t *testing.T, s store) {
		s.Open(s.A, 2026)
		c := s.bought(computer(s.A, "2026-03-31"))
		ask := asset.Asking{ID: c.ID, Kind: asset.Scrap, Day: "2026-05-10", Reason: "主板烧毁"}
		if _, err := s.propose(ask); fault.Of(err).Rule != "F3.9" {
			t.Errorf("F3.9 scrapped before the months were written off: %v", err)
		}
		for _, m := range []string{"2026-03", "2026-04"} {
			if _, err := s.run(s.A, m); err != nil {
				t.Fatal(err)
			}
		}
		early := ask
		early.Day = "2026-04-10"
		if _, err := s.propose(early); fault.Of(err).Rule != "F3.9" {
			t.Errorf("F3.9 the month of removal does not count: %v", err)
		}
		x, err := s.propose(ask)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.card(c.ID).State; got != asset.Leaving {
			t.Errorf("asked for: %s", got)
		}
		if _, err := s.propose(ask); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("J33 asked for twice: %v", err)
		}
		s.post(s.A, 2026)
		want(t, "J33 waits in 182", s.figures(s.A, 2026, 5, 5).Closing("18201", ""), 5833_34)
		if got := s.card(c.ID); got.State != asset.Gone || got.Worth != (asset.Worth{}) {
			t.Errorf("off the account: %s %+v", got.State, got.Worth)
		}
		for _, r := range []struct {
			law  string
			o    auth.Office
			act  auth.Action
			give flow.Given
			kind fault.Kind
		}{
			{"J33 booked before it was approved", auth.Accountant, asset.Book, flow.Given{}, fault.Conflict},
			{"F3.23 the accountant approves", auth.Accountant, asset.Approve, paper, fault.Denied},
			{"J33 approved without a document", auth.Chair, asset.Approve, flow.Given{}, fault.Invalid},
		} {
			if _, err := s.advance(r.o, r.act, x.ID, r.give, asset.Booking{}); fault.Of(err).Kind != r.kind {
				t.Errorf("%s: %v", r.law, err)
			}
		}
		s.settle(x, asset.Booking{Day: "2026-05-20", Proceeds: "80", Costs: "30", Project: "office"}, s.A)
		f := s.figures(s.A, 2026, 5, 5)
		for account, wanted := range map[string]money.Fen{"182": 0, "30104": 0, "162": 0, "163": 0} {
			want(t, "K3 K6 "+account, f.Closing(account, ""), wanted)
		}
		want(t, "J34 the net is other income", f.Credit("408", "", false), 50_00)
		r, err := s.run(s.A, "2026-05")
		if err != nil || r.Total != 0 || r.Voucher != "" {
			t.Errorf("F3.9 the month it left: %+v %v", r, err)
		}
		s.holds(s.A, "2026-05")
	})
}

// J33: what is not approved comes back by undoing its voucher.
func TestRefusedScrap(t *testing.T) {
	each(t, func(t *testing.T, s store) {
		s.Open(s.A, 2026)
		c := s.bought(computer(s.A, "2026-03-31"))
		x, err := s.propose(asset.Asking{ID: c.ID, Kind: asset.Scrap, Day: "2026-03-31", Reason: "开不了机"})
		if err != nil {
			t.Fatal(err)
		}
		s.post(s.A, 2026)
		if x, err = s.advance(auth.Director, asset.Refuse, x.ID, flow.Given{Words: "还能修"}, asset.Booking{}); err != nil || x.Ended == "" {
			t.Fatal(x, err)
		}
		s.undo(x.First, "2026-04-02")
		if got := s.card(c.ID); got.State != asset.InUse || got.Worth.Cost != 6000_00 {
			t.Errorf("J33 not approved: %s %s", got.State, got.Worth.Cost)
		}
		for _, m := range []string{"2026-03", "2026-04"} {
			if _, err := s.run(s.A, m); err != nil {
				t.Fatal(err)
			}
		}
		want(t, "F3.9 both months", s.card(c.ID).Worth.Used, 166_66)
		s.holds(s.A, "2026-04")
	})
}

// J32: sold with proceeds; handed to another union of the committee, where the
// write-off goes on over the months that are left.
func TestSoldAndHandedOver(t *testing.T) {
	each(t, func(t *testing.T, s store) {
		s.Open(s.A, 2026)
		s.Open(s.B, 2026)
		sold, handed := s.bought(computer(s.A, "2026-03-31")), s.bought(computer(s.A, "2026-03-31"))
		if _, err := s.run(s.A, "2026-03"); err != nil {
			t.Fatal(err)
		}
		for _, f := range []asset.Asking{{ID: sold.ID, Kind: asset.Sale, Day: "2026-04-08", Reason: "换新"}, {ID: handed.ID, Kind: asset.Handover, Day: "2026-04-08", Reason: "调剂使用", To: s.B.Code}} {
			x, err := s.propose(f)
			if err != nil {
				t.Fatal(err)
			}
			if x.First != "" || s.card(f.ID).State != asset.Leaving {
				t.Errorf("J32 %s is off before it is approved", f.Kind)
			}
			b := asset.Booking{Day: "2026-04-09"}
			if f.Kind == asset.Sale {
				b.Proceeds, b.Costs, b.Project = "1500", "100", "office"
			}
			if x = s.settle(x, b, s.A, s.B); f.Kind == asset.Handover && s.card(x.ToCard).Union.ID != s.B.ID {
				t.Errorf("J32 the card of B: %+v", s.card(x.ToCard))
			}
		}
		f := s.figures(s.A, 2026, 4, 4)
		want(t, "J32 162 of A", f.Closing("162", ""), 0)
		want(t, "J32 30104 of A", f.Closing("30104", ""), 0)
		want(t, "J32 proceeds", f.Credit("408", "", false), 1500_00)
		want(t, "J32 costs", f.Debit("510", "", false), 100_00)
		f = s.figures(s.B, 2026, 4, 4)
		want(t, "J32 162 of B", f.Closing("162", ""), 6000_00)
		want(t, "J32 163 of B", f.Closing("163", ""), 83_33)
		want(t, "J32 30104 of B", f.Closing("30104", ""), 5916_67)
		for _, u := range []registry.Union{s.A, s.B} {
			if _, err := s.run(u, "2026-04"); err != nil {
				t.Fatal(err)
			}
			s.holds(u, "2026-04")
		}
		want(t, "F3.9 goes on in B", s.figures(s.B, 2026, 4, 4).Closing("163", ""), 166_66)
		want(t, "F3.9 no more in A", s.figures(s.A, 2026, 4, 4).Debit("30104", "", false), 2*5916_67)
	})
}

// F3.22, F3.9: a red voucher takes a run back; the month runs once more. What
// is taken back with its purchase is void.
func TestRunTakenBack(t *testing.T) {
	each(t, func(t *testing.T, s store) {
		s.Open(s.A, 2026)
		c := s.bought(computer(s.A, "2026-03-31"))
		r, err := s.run(s.A, "2026-03")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.run(s.A, "2026-04"); err != nil {
			t.Fatal(err)
		}
		s.undo(r.Voucher, "2026-04-30")
		want(t, "F3.22 the card follows", s.card(c.ID).Worth.Used, 83_33)
		s.holds(s.A, "2026-04")
		if again, err := s.run(s.A, "2026-03"); err != nil || again.Total != 83_33 || again.Round != 1 {
			t.Errorf("F3.9 once more: %+v %v", again, err)
		}
		want(t, "F3.9 two months", s.card(c.ID).Worth.Used, 166_66)
		s.holds(s.A, "2026-04")
		if r, err = s.run(s.A, "2026-05"); err != nil || r.Total != 83_33 {
			t.Errorf("F3.9 goes on: %+v %v", r, err)
		}
		var moves []asset.Move
		s.Do(func(tx *sqldb.Tx) (err error) {
			moves, err = asset.MovesOf(ctx, tx, s.Tenant, c.ID)
			return err
		})
		for _, m := range moves {
			if m.Act == "in" {
				s.undo(m.Voucher, "2026-05-31")
			}
		}
		if got := s.card(c.ID); got.State != asset.Void || got.Worth.Cost != 0 {
			t.Errorf("F3.22 %s %s", got.State, got.Worth.Cost)
		}
		s.holds(s.A, "2026-05")
	})
}

// F3.11, F3.9: what is built on is written off over the months that are left.
func TestImprove(t *testing.T) {
	each(t, func(t *testing.T, s store) {
		s.Open(s.A, 2026)
		c := s.bought(computer(s.A, "2026-03-31"))
		if _, err := s.run(s.A, "2026-03"); err != nil {
			t.Fatal(err)
		}
		err := s.try(func(tx *sqldb.Tx) error {
			_, err := asset.Improve(ctx, tx, s.Accountant(asset.Add), asset.Improving{ID: c.ID, Day: "2026-04-10", Amount: "710", Paying: computer(s.A, "").Paying}, town.Now)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		want(t, "it waits for its voucher", s.card(c.ID).Worth.Cost, 6000_00)
		s.post(s.A, 2026)
		want(t, "J28 it costs more", s.card(c.ID).Worth.Cost, 6710_00)
		r, err := s.run(s.A, "2026-04")
		if err != nil {
			t.Fatal(err)
		}
		want(t, "F3.9 (6,710.00 − 83.33) / 71", r.Total, 93_33)
		s.holds(s.A, "2026-04")
	})
}

// F3.9: twenty press at once; the month runs once.
func TestRunRaced(t *testing.T) {
	each(t, func(t *testing.T, s store) {
		s.Open(s.A, 2026)
		c := s.bought(computer(s.A, "2026-03-31"))
		errs := make([]error, 20)
		var wg sync.WaitGroup
		for i := range errs {
			wg.Go(func() { _, errs[i] = s.run(s.A, "2026-03") })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if fault.Of(err).Kind != fault.Conflict {
				t.Errorf("F3.9 the loser got %v", err)
			}
		}
		if won != 1 {
			t.Errorf("F3.9: %d runs won", won)
		}
		want(t, "F3.9 written off once", s.card(c.ID).Worth.Used, 83_33)
		s.holds(s.A, "2026-03")
	})
}
