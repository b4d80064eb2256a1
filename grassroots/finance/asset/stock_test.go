package asset_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"unionhall/grassroots/finance/asset"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

func (s store) goods(u registry.Union, name string) (i asset.Goods) {
	s.T.Helper()
	s.Do(func(tx *sqldb.Tx) (err error) {
		i, err = asset.AddGoods(ctx, tx, s.Accountant(asset.Stock), asset.GoodsForm{Union: u.Code, Name: name, Unit: "件"}, town.Now)
		return err
	})
	return i
}

func (s store) in(i asset.Goods, on day.Day, n, amount string) (x asset.Slip, err error) {
	err = s.try(func(tx *sqldb.Tx) (err error) {
		x, err = asset.TakeIn(ctx, tx, s.Accountant(asset.Stock), asset.SlipForm{ID: i.ID, Day: on, Quantity: n, Amount: amount, Paying: asset.Paying{Expense: "50301", Source: books.FR, Project: "office", Attachments: 1}}, town.Now)
		return err
	})
	return x, err
}

func (s store) out(i asset.Goods, f asset.SlipForm) (x asset.Slip, err error) {
	f.ID, f.Receiver = i.ID, "获奖职工"
	err = s.try(func(tx *sqldb.Tx) (err error) {
		x, err = asset.HandOut(ctx, tx, s.Accountant(asset.Stock), f, town.Now)
		return err
	})
	return x, err
}

// finance.md 8, example 4: prizes of 200 bought, 150 given out: 501.. is 200,
// 141 and 30101 are 50; income and expenditure know 200. J27. Under A09 what is
// handed out is what is spent: 150.
func TestPrizes(t *testing.T) {
	each(t, func(t *testing.T, s store) {
		s.Open(s.A, 2026)
		i := s.goods(s.A, "竞赛奖品")
		if _, err := s.in(i, "2026-03-05", "20", "200"); err != nil {
			t.Fatal(err, fault.Of(err).Fields)
		}
		x, err := s.out(i, asset.SlipForm{Day: "2026-03-20", Quantity: "15"})
		if err != nil || x.Amount != 150_00 {
			t.Fatalf("J27 handed out at %s: %v", x.Amount, err)
		}
		s.post(s.A, 2026)
		f := s.figures(s.A, 2026, 3, 3)
		want(t, "J27 spent", f.Debit("503", "", false), 200_00)
		want(t, "J27 141", f.Closing("141", ""), 50_00)
		want(t, "J27 30101", f.Closing("30101", ""), 50_00)
		s.holds(s.A, "2026-03")

		s.Open(s.B, 2021)
		i = s.goods(s.B, "竞赛奖品")
		if _, err := s.in(i, "2021-03-05", "20", "200"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.out(i, asset.SlipForm{Day: "2021-03-20", Quantity: "15", Paying: asset.Paying{Expense: "50201"}}); err != nil {
			t.Fatal(err, fault.Of(err).Fields)
		}
		s.post(s.B, 2021)
		f = s.figures(s.B, 2021, 3, 3)
		want(t, "J27 A09 spent", f.Debit("502", "", false), 150_00)
		want(t, "J27 A09 141", f.Closing("141", ""), 50_00)
		s.holds(s.B, "2021-03")
	})
}

// F3.10: what goods leave at, by each method; all that is left leaves at all
// that it is worth.
func TestPrice(t *testing.T) {
	var s asset.Store
	s.Take(asset.Slip{ID: "a", Way: "in", Quantity: 3000, Amount: 10_00})
	s.Take(asset.Slip{ID: "b", Way: "in", Quantity: 2000, Amount: 20_00})
	for _, c := range []struct {
		law    string
		method asset.Method
		n      asset.Quantity
		lot    string
		want   money.Fen
	}{
		{"F3.10 first in, first out", asset.FIFO, 1000, "", 3_33},
		{"F3.10 over two lots", asset.FIFO, 4000, "", 20_00},
		{"F3.10 all", asset.FIFO, 5000, "", 30_00},
		{"F3.10 average", asset.Average, 1000, "", 6_00},
		{"F3.10 average of half a piece", asset.Average, 500, "", 3_00},
		{"F3.10 specific", asset.Specific, 1000, "b", 10_00},
		{"F3.10 a whole lot", asset.Specific, 3000, "a", 10_00},
	} {
		if got, err := s.Price(c.method, c.n, c.lot); err != nil || got != c.want {
			t.Errorf("%s: %s, want %s: %v", c.law, got, c.want, err)
		}
	}
	for _, c := range []struct {
		law    string
		method asset.Method
		n      asset.Quantity
		lot    string
	}{{"F3.10 more than there is", asset.FIFO, 5001, ""}, {"F3.10 more than the lot", asset.Specific, 2001, "b"}, {"F3.10 no lot", asset.Specific, 1000, ""}} {
		if _, err := s.Price(c.method, c.n, c.lot); err == nil {
			t.Errorf("%s is allowed", c.law)
		}
	}
}

// F3.10: one method a year; what is not there does not leave, raced by twenty;
// a slip whose voucher is discarded counts no more.
func TestStore(t *testing.T) {
	each(t, func(t *testing.T, s store) {
		s.Open(s.A, 2026)
		i := s.goods(s.A, "毛巾")
		if _, err := s.in(i, "2026-03-05", "10", "99.99"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.out(i, asset.SlipForm{Day: "2026-03-06", Quantity: "1", Method: asset.Average}); fault.Of(err).Fields["method"] == "" {
			t.Errorf("F3.10 another method in the year: %v", err)
		}
		if _, err := s.out(i, asset.SlipForm{Day: "2026-03-01", Quantity: "1"}); fault.Of(err).Fields["day"] == "" {
			t.Errorf("F3.10 before it came: %v", err)
		}
		errs := make([]error, 20)
		var wg sync.WaitGroup
		for k := range errs {
			wg.Go(func() { _, errs[k] = s.out(i, asset.SlipForm{Day: "2026-03-06", Quantity: "1"}) })
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			if err == nil {
				won++
			} else if fault.Of(err).Rule != "F3.10" {
				t.Errorf("F3.10 the loser got %v", err)
			}
		}
		if won != 10 {
			t.Errorf("F3.10: %d of 10 pieces left", won)
		}
		var slips []asset.Slip
		var left asset.Store
		read := func() {
			s.Do(func(tx *sqldb.Tx) (err error) {
				slips, left, err = asset.SlipsOf(ctx, tx, s.Tenant, i.ID)
				return err
			})
		}
		read()
		if left.Quantity != 0 || left.Amount != 0 {
			t.Errorf("F3.10 left: %s for %s", left.Quantity, left.Amount)
		}
		s.Do(func(tx *sqldb.Tx) error {
			_, err := ledger.Advance(ctx, tx, s.Accountant(ledger.Discard), slips[len(slips)-1].Voucher, 0, flow.Given{Words: "填错"}, town.Now)
			return err
		})
		read()
		if left.Quantity != 1000 {
			t.Errorf("F3.10 a discarded slip still counts: %s left", left.Quantity)
		}
		s.post(s.A, 2026)
		s.holds(s.A, "2026-03")
	})
}

// F3.10, J33: a count finds one computer missing and one towel more; both wait
// for approval, and the year is counted.
func TestCount(t *testing.T) {
	each(t, func(t *testing.T, s store) {
		b := s.Open(s.A, 2026)
		card := s.bought(computer(s.A, "2026-10-08"))
		i := s.goods(s.A, "毛巾")
		if _, err := s.in(i, "2026-10-09", "10", "100"); err != nil {
			t.Fatal(err)
		}
		s.post(s.A, 2026)
		if _, err := s.run(s.A, "2026-10"); err != nil {
			t.Fatal(err)
		}
		counted := func() (ok bool) {
			s.Do(func(tx *sqldb.Tx) (err error) {
				ok, err = asset.Counted(ctx, tx, s.Accountant(asset.Look), b)
				return err
			})
			return ok
		}
		if counted() {
			t.Error("F3.10 counted before anybody did")
		}
		var c asset.Taking
		var lines []asset.Entry
		s.Do(func(tx *sqldb.Tx) (err error) {
			if c, err = asset.Begin(ctx, tx, s.Accountant(asset.Count), s.A.Code, "2026-11-25", town.Now); err == nil {
				lines, err = asset.EntriesOf(ctx, tx, s.Tenant, c.ID)
			}
			return err
		})
		if len(lines) != 2 || lines[0].ThingID != card.ID || lines[1].Expected != 10_000 {
			t.Fatalf("F3.10 the sheet: %+v", lines)
		}
		end := func() (found []asset.Matter, err error) {
			err = s.try(func(tx *sqldb.Tx) (err error) {
				_, found, err = asset.End(ctx, tx, s.Accountant(asset.Count), c.ID, town.Now)
				return err
			})
			return found, err
		}
		if _, err := end(); fault.Of(err).Rule != "F3.10" {
			t.Errorf("F3.10 ended before all was looked at: %v", err)
		}
		fill := func(list ...asset.Finding) error {
			return s.try(func(tx *sqldb.Tx) error {
				_, err := asset.Fill(ctx, tx, s.Accountant(asset.Count), c.ID, list, town.Now)
				return err
			})
		}
		if err := fill(asset.Finding{ID: lines[0].ID, Found: "2"}); fault.Of(err).Fields["lines.0.found"] == "" {
			t.Errorf("F3.10 one card, two things: %v", err)
		}
		if err := fill(asset.Finding{ID: lines[0].ID, Found: "0", Note: "搬家时丢失"}, asset.Finding{ID: lines[1].ID, Found: "11"}); err != nil {
			t.Fatal(err)
		}
		found, err := end()
		if err != nil || len(found) != 2 || found[0].Kind != asset.Loss || found[1].Kind != asset.StockFound || found[1].Cost != 10_00 {
			t.Fatalf("J33 the differences: %+v %v", found, err)
		}
		if !counted() {
			t.Error("F3.10 not counted")
		}
		s.post(s.A, 2026)
		want(t, "J33 182 holds both", s.figures(s.A, 2026, 11, 11).Closing("18201", ""), 5916_67-10_00)
		s.holds(s.A, "2026-11")
		for _, x := range found {
			s.settle(x, asset.Booking{Day: "2026-11-26"}, s.A)
		}
		f := s.figures(s.A, 2026, 11, 11)
		want(t, "K6 182", f.Closing("182", ""), 0)
		want(t, "J33 30101", f.Closing("30101", ""), 110_00)
		want(t, "J33 162", f.Closing("162", ""), 0)
		s.holds(s.A, "2026-11")
		s.Do(func(tx *sqldb.Tx) error {
			rep, err := audit.Verify(ctx, tx, s.Tenant, []string{"asset_cards", "asset_moves", "asset_runs", "asset_matters", "stock_items", "stock_slips", "stock_methods", "asset_counts", "asset_count_lines"})
			for _, x := range rep.Findings {
				t.Errorf("PL-08 %s: %s", x.Where, x.What)
			}
			return err
		})
	})
}

// F3.9, K3: cards that were there before come with the opening balances, all
// rows or none.
func TestOpening(t *testing.T) {
	each(t, func(t *testing.T, s store) {
		s.Open(s.A, 2026)
		open := func(rows ...asset.Brought) (cards []asset.Card, err error) {
			err = s.try(func(tx *sqldb.Tx) (err error) {
				cards, err = asset.OpenCards(ctx, tx, s.Accountant(asset.Add), s.A.Code, 2026, rows, town.Now)
				return err
			})
			return cards, err
		}
		good := asset.Brought{Row: 2, Sort: "通用设备—计算机设备", Name: "计算机", Acquired: "2024-03-31", Cost: "6000", Used: "1833.26"}
		bad := good
		bad.Row, bad.Sort, bad.Used = 3, "沙发", "7000"
		if _, err := open(good, bad); fault.Of(err).Fields["rows.0003"] == "" || fault.Of(err).Fields["rows.0002"] != "" {
			t.Errorf("F3.9 rows judged: %v %v", err, fault.Of(err).Fields)
		}
		cards, err := open(good)
		if err != nil || cards[0].No != 1 {
			t.Fatal(err, fault.Of(err).Fields)
		}
		if c := s.card(cards[0].ID); c.State != asset.InUse || c.Worth.Net() != 4166_74 {
			t.Errorf("F3.9 %s %s", c.State, c.Worth.Net())
		}
		r, err := s.run(s.A, "2026-01")
		want(t, "F3.9 4,166.74 over the 50 months that are left", r.Total, 83_33)
		if err != nil {
			t.Error(err)
		}
	})
}

// J33: what every office may do, printed whole.
func TestMatrix(t *testing.T) {
	got := asset.Procedure.Matrix()
	b, err := os.ReadFile("testdata/matrix.txt")
	if err != nil || string(b) != got {
		t.Errorf("the procedure is now\n%s", got)
	}
}

// K3, F3.9: whatever is done in whatever order, cards and books agree, and what
// was written off of a card is never more than it cost.
func TestAnyOrder(t *testing.T) {
	each(t, func(t *testing.T, s store) {
		s.Open(s.A, 2026)
		for seed := range uint64(2) {
			s.wander(rand.New(rand.NewPCG(seed, 9)))
		}
	})
}

// wander does what comes into its head.
func (s store) wander(r *rand.Rand) {
	s.T.Helper()
	month := asset.Month("2026-01")
	var cards []asset.Card
	goods := s.goods(s.A, fmt.Sprintf("物品%d", r.IntN(1000)))
	s.Do(func(tx *sqldb.Tx) error {
		next, err := asset.Next(ctx, tx, s.Accountant(asset.Look), s.A.ID)
		if next != "" {
			month = next
		}
		return err
	})
	for range 25 {
		on := month.First().AddDays(r.IntN(27))
		switch r.IntN(7) {
		case 0, 1:
			f := computer(s.A, on)
			f.Price = money.Fen(1000_00 + r.Int64N(9000_00)).String()
			if got, err := s.buy(f); err == nil {
				cards = append(cards, got...)
			}
		case 2, 3:
			s.post(s.A, 2026)
			if _, err := s.run(s.A, string(month)); err == nil {
				month = month.Plus(1)
			}
		case 4:
			if len(cards) > 0 {
				c := cards[r.IntN(len(cards))]
				kind := []asset.MatterKind{asset.Scrap, asset.Sale, asset.Loss}[r.IntN(3)]
				if x, err := s.propose(asset.Asking{ID: c.ID, Kind: kind, Day: on, Reason: "试"}); err == nil {
					if _, err := s.advance(auth.Chair, asset.Approve, x.ID, paper, asset.Booking{}); err != nil {
						s.T.Error(err)
					}
					s.advance(auth.Accountant, asset.Book, x.ID, flow.Given{}, asset.Booking{Day: on})
				}
			}
		case 5:
			s.in(goods, "2026-11-01", fmt.Sprint(1+r.IntN(9)), "33.33")
			s.out(goods, asset.SlipForm{Day: "2026-11-01", Quantity: fmt.Sprint(1 + r.IntN(5))})
		default:
			if len(cards) > 0 {
				c := s.card(cards[r.IntN(len(cards))].ID)
				if c.Worth.Used > c.Worth.Cost || c.Worth.Net() < 0 {
					s.T.Errorf("F3.9 %s of %s", c.Worth.Used, c.Worth.Cost)
				}
			}
		}
		s.holds(s.A, "2026-11")
		if month > "2026-10" {
			break
		}
	}
}
