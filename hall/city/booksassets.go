package city

import (
	"fmt"

	"unionhall/grassroots/finance/asset"
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/law/books"
)

// owned is an asset with how its write-off goes on.
type owned struct {
	card string
	plan asset.Plan
	used money.Fen
}

// equipment is what a union's office has.
var equipment = []struct{ content, name, model, place string }{
	{"计算机设备", "台式计算机", "启天 M450", "办公室"}, {"办公设备", "激光打印机", "P1108", "办公室"}, {"办公设备", "投影仪", "CB-X06", "会议室"}, {"计算机设备", "笔记本电脑", "昭阳 E5", "办公室"},
}

// id is the id of a thing that goes with the books, told apart by its kind.
func (k *keeper) id(kind byte) string {
	k.ids++
	return fmt.Sprintf("%08x-0000-7%03x-%c000-%012x", k.plan.Seed&0xffffffff, k.book.Year%4096, kind, k.serial())
}

// card makes the card of a piece of equipment.
func (k *keeper) card(n int, how asset.Origin, acquired day.Day, cost money.Fen) asset.Card {
	e := equipment[n%len(equipment)]
	return asset.Card{ID: k.id('9'), Kind: asset.Fixed, Class: "通用设备", Content: e.content, Name: e.name, Model: e.model, Place: e.place, Origin: how, Owner: books.FR, Acquired: acquired, Used: string(acquired[:7]), Years: 6,
		Cost: cost, Made: k.on(max(acquired, day.Day(fmt.Sprintf("%d-01-04", k.book.Year)))), By: k.who.Accountant, Version: 1}
}

// possess takes up what a union had when its books began: bought two years
// before, a third of its six years gone.
func (k *keeper) possess(year int, cost, worn money.Fen) {
	const each, least = 6000_00, 1000_00
	on := day.Day(fmt.Sprintf("%d-01-01", year))
	for n := 0; cost > 0; n++ {
		part := min(cost, each)
		if cost-part < least {
			part = cost
		}
		used := part / 3
		if part == cost {
			used = worn
		}
		cost, worn = cost-part, worn-used
		c := k.card(n, asset.Opening, day.Day(fmt.Sprintf("%d-01-15", year-2)), part)
		p := asset.Plan{Basis: part - used, Before: used, From: asset.MonthOf(on), Months: 48}
		k.cards = append(k.cards, c)
		k.moves = append(k.moves, asset.Move{ID: k.id('a'), CardID: c.ID, Act: asset.ActIn, Day: on, Cost: part, Used: used, Plan: p, At: c.Made})
		k.owns = append(k.owns, owned{c.ID, p, used})
	}
}

// buy makes the card of a computer that was just bought.
func (k *keeper) buy(r *ledger.Record) {
	voucher, on := r.ID, r.Date
	c := k.card(0, asset.Bought, on, 6000_00)
	p := asset.FirstPlan(c)
	k.cards = append(k.cards, c)
	k.moves = append(k.moves, asset.Move{ID: k.id('a'), CardID: c.ID, Act: asset.ActIn, Day: on, Cost: c.Cost, Plan: p, Voucher: voucher, At: c.Made})
	k.owns = append(k.owns, owned{c.ID, p, 0})
}

// wear books the depreciation of a month, card by card.
//
// law: F3.9
func (k *keeper) wear(year, month int) {
	if !k.closes(year, month) {
		return
	}
	m, on := asset.Month(fmt.Sprintf("%04d-%02d", year, month)), k.end(year, month)
	run := asset.MonthRun{ID: k.id('b'), Month: m, At: k.on(on), By: k.who.Accountant}
	from := len(k.moves)
	for i := range k.owns {
		o := &k.owns[i]
		if n := o.plan.Through(m) - o.used; n > 0 {
			o.used += n
			run.Total, run.Cards = run.Total+n, run.Cards+1
			k.moves = append(k.moves, asset.Move{ID: k.id('a'), CardID: o.card, Act: asset.ActRun, Day: on, Used: n, At: run.At})
		}
	}
	if run.Total > 0 {
		run.Voucher = k.event(on, "depreciation", fmt.Sprintf("计提 %d 月折旧", month), map[string]string{"amount": run.Total.String(), "owner": books.FR}).ID
	}
	for i := from; i < len(k.moves); i++ {
		k.moves[i].Voucher = run.Voucher
	}
	k.runs = append(k.runs, run)
}
