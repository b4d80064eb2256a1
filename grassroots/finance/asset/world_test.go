package asset_test

import (
	"context"
	"strings"
	"testing"

	"unionhall/grassroots/finance/asset"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
	"unionhall/schema/dbtest"
)

var ctx = context.Background()

// store is a committee with assets.
type store struct{ shop.Shop }

func each(t *testing.T, f func(t *testing.T, s store)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) { f(t, store{shop.New(t, db)}) })
}

// try runs what may be refused.
func (s store) try(f func(tx *sqldb.Tx) error) error { return s.DB.Do(ctx, f) }

// computer is the form of a computer of 6,000 yuan.
func computer(u registry.Union, on day.Day) asset.Form {
	return asset.Form{Union: u.Code, Kind: asset.Fixed, Sort: "通用设备|计算机设备", Name: "台式计算机", Model: "M720", Price: "6000", Day: on, Place: "301 室", Keeper: "王建国",
		Paying: asset.Paying{Expense: "50702", Source: books.FR, Project: "office", Attachments: 2}}
}

// buy makes cards without posting their voucher.
func (s store) buy(f asset.Form) (cards []asset.Card, err error) {
	err = s.try(func(tx *sqldb.Tx) (err error) {
		cards, err = asset.Buy(ctx, tx, s.Accountant(asset.Add), f, town.Now)
		return err
	})
	return cards, err
}

// post has every draft of a union's book reviewed and posted.
func (s store) post(u registry.Union, year int) {
	s.T.Helper()
	var ids []string
	s.Do(func(tx *sqldb.Tx) error {
		ids = nil
		b, err := ledger.BookOf(ctx, tx, s.Accountant(ledger.Look), u.ID, year)
		if err != nil {
			return err
		}
		all, err := ledger.List(ctx, tx, s.Accountant(ledger.Look), b.ID, ledger.Query{State: ledger.Draft, Limit: 200})
		for _, v := range all {
			ids = append(ids, v.ID)
		}
		return err
	})
	for _, id := range ids {
		s.Through(ledger.Voucher{ID: id})
	}
}

// bought is a posted card.
func (s store) bought(f asset.Form) asset.Card {
	s.T.Helper()
	cards, err := s.buy(f)
	if err != nil {
		s.T.Fatal(err, fault.Of(err).Fields)
	}
	s.post(registry.Union{ID: cards[0].Union.ID}, f.Day.Year())
	return s.card(cards[0].ID)
}

func (s store) card(id string) (c asset.Card) {
	s.T.Helper()
	s.Do(func(tx *sqldb.Tx) (err error) {
		c, err = asset.Find(ctx, tx, s.Accountant(asset.Look), id)
		return err
	})
	return c
}

func (s store) run(u registry.Union, month string) (r asset.MonthRun, err error) {
	err = s.try(func(tx *sqldb.Tx) (err error) {
		r, err = asset.RunMonth(ctx, tx, s.Accountant(asset.Run), u.Code, asset.Month(month), town.Now)
		return err
	})
	return r, err
}

func (s store) figures(u registry.Union, year, from, to int) (f ledger.Figures) {
	s.T.Helper()
	s.Do(func(tx *sqldb.Tx) (err error) {
		f, err = ledger.FiguresOf(ctx, tx, s.Accountant(ledger.Look), ledger.Ask{Union: u.ID, Year: year, From: from, To: to})
		return err
	})
	return f
}

// undo takes a voucher back by a red one that is posted.
func (s store) undo(voucher string, on day.Day) {
	s.T.Helper()
	var red ledger.Voucher
	s.Do(func(tx *sqldb.Tx) (err error) {
		red, err = ledger.Undo(ctx, tx, s.Accountant(ledger.Reverse), voucher, on, town.Now)
		return err
	})
	s.Through(red)
}

// holds proves K3 for a union at the end of a month, and the books themselves.
func (s store) holds(u registry.Union, month string) {
	s.T.Helper()
	s.Do(func(tx *sqldb.Tx) error {
		c, err := asset.Check(ctx, tx, s.Accountant(asset.Look), u.Code, asset.Month(month))
		if err != nil {
			return err
		}
		waits := false // what waits in 182 stands between an asset and its fund
		for _, l := range c.Lines {
			waits = waits || strings.Contains(l.Label, "18201")
		}
		for _, l := range c.Lines {
			detail := strings.HasPrefix(l.Label, "资产基金 301") && !strings.Contains(l.Label, "18201")
			if l.Off() != 0 && !(waits && detail) {
				s.T.Errorf("K3 %s %s: %s, the books %s", month, l.Label, l.Cards, l.Ledger)
			}
		}
		for _, x := range c.Strays {
			s.T.Errorf("K3 stray %+v", x)
		}
		found, err := ledger.Verify(ctx, tx, s.Tenant)
		for _, f := range found {
			s.T.Errorf("verify: %s %s", f.Where, f.What)
		}
		return err
	})
}

// advance takes one step of a matter.
func (s store) advance(o auth.Office, act auth.Action, id string, given flow.Given, b asset.Booking) (x asset.Matter, err error) {
	err = s.try(func(tx *sqldb.Tx) (err error) {
		x, err = asset.Advance(ctx, tx, s.As(o, act), id, 0, given, b, town.Now)
		return err
	})
	return x, err
}

func (s store) propose(f asset.Asking) (x asset.Matter, err error) {
	err = s.try(func(tx *sqldb.Tx) (err error) {
		x, err = asset.Propose(ctx, tx, s.Accountant(asset.Ask), f, town.Now)
		return err
	})
	return x, err
}

var paper = flow.Given{Document: "滨直工〔2026〕9号"}

// settle approves a matter, books it and posts its vouchers.
func (s store) settle(x asset.Matter, b asset.Booking, unions ...registry.Union) asset.Matter {
	s.T.Helper()
	if _, err := s.advance(auth.Chair, asset.Approve, x.ID, paper, asset.Booking{}); err != nil {
		s.T.Fatal(err)
	}
	x, err := s.advance(auth.Accountant, asset.Book, x.ID, flow.Given{}, b)
	if err != nil {
		s.T.Fatal(err, fault.Of(err).Fields)
	}
	for _, u := range unions {
		s.post(u, b.Day.Year())
	}
	return x
}

func want(t testing.TB, what string, got, want money.Fen) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %s, want %s", what, got, want)
	}
}
