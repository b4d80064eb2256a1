package asset

import (
	"fmt"
	"net/url"

	"unionhall/commons/rulebook"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
	"unionhall/law/books"
)

// ListPage is the register of cards.
type ListPage struct {
	Items  []Card `json:"items"`
	Next   string `json:"next,omitempty"`
	q      Query
	unions []ui.Option
	add    bool
	ask    bool
}

func (rm Room) list(r *web.Request, in Query) (p ListPage, err error) {
	if in.Limit <= 0 || in.Limit > 200 {
		in.Limit = 50
	}
	p = ListPage{q: in, add: r.May(Add), ask: r.May(Ask)}
	if p.unions, err = unionsOf(r, r.Today.Year()); err != nil {
		return p, err
	}
	q := in
	q.Limit++
	if p.Items, err = List(r.Ctx, r.Tx, r.Grant, q); err != nil {
		return p, err
	}
	if len(p.Items) > in.Limit {
		p.Items = p.Items[:in.Limit]
		p.Next = in.mark(p.Items[in.Limit-1])
	}
	return p, nil
}

// address is the register narrowed by q, at a path below it.
func (q Query) address(path string) string {
	v := url.Values{}
	for name, text := range map[string]string{"union": q.Union, "kind": string(q.Kind), "class": q.Class, "state": string(q.State), "owner": q.Owner, "q": q.Q, "sort": q.Sort, "after": q.After} {
		if text != "" {
			v.Set(name, text)
		}
	}
	if len(v) == 0 {
		return Home + path
	}
	return Home + path + "?" + v.Encode()
}

func (p ListPage) next() string {
	if p.Next == "" {
		return ""
	}
	q := p.q
	q.After = p.Next
	return q.address("")
}

// sorted is the register in another order.
func (q Query) sorted(key string) string {
	q.After = ""
	if q.Sort == key {
		key = "-" + key
	}
	q.Sort = key
	return q.address("")
}

// without is the register with one condition less.
func (p ListPage) chips() (out []ui.Chip) {
	add := func(text string, f func(q *Query)) {
		if text != "" {
			q := p.q
			q.After = ""
			f(&q)
			out = append(out, ui.Chip{Text: text, Off: q.address("")})
		}
	}
	for _, u := range p.unions {
		if u.Value == p.q.Union {
			add(u.Text, func(q *Query) { q.Union = "" })
		}
	}
	add(p.q.Kind.Label(), func(q *Query) { q.Kind = "" })
	add(p.q.Class, func(q *Query) { q.Class = "" })
	add(p.q.State.Label(), func(q *Query) { q.State = "" })
	return out
}

// NewPage is the form of a card.
type NewPage struct {
	Choices
	Kind   Kind    `json:"kind"`
	How    Origin  `json:"how"`
	Day    day.Day `json:"day"`
	count  string
	action string
}

// Blank asks for an empty form.
type Blank struct {
	Union string  `json:"union" doc:"工会"`
	Kind  Kind    `json:"kind" doc:"资产种类"`
	How   Origin  `json:"how" doc:"来源"`
	Day   day.Day `json:"day" doc:"取得日期"`
	Count string  `json:"count" doc:"盘点"`
}

func (rm Room) blank(r *web.Request, in Blank) (p NewPage, err error) {
	if in.Kind.Label() == "" {
		in.Kind = Fixed
	}
	if in.Day == "" {
		in.Day = r.Today
	}
	p = NewPage{Kind: in.Kind, How: Bought, Day: in.Day, count: in.Count, action: Home}
	switch in.How {
	case Given:
		p.How, p.action = Given, Home+"/gifts"
	case Found:
		p.How, p.action = Found, Home+"/matters"
	}
	p.Choices, err = choices(r, in.Union, in.Day, capital(books.SystemOn(in.Day)))
	return p, err
}

func (rm Room) blankGift(r *web.Request, in Blank) (NewPage, error) {
	in.How = Given
	return rm.blank(r, in)
}

func (rm Room) blankFound(r *web.Request, in Blank) (NewPage, error) {
	in.How = Found
	return rm.blank(r, in)
}

func (p NewPage) title() string {
	return map[Origin]string{Bought: "购置资产", Given: "接受捐赠、无偿调入", Found: "登记盘盈资产"}[p.How]
}

func (p NewPage) tabs() (out []ui.Place) {
	for _, k := range Kinds {
		out = append(out, ui.Place{Text: k.Label(), Href: fmt.Sprintf("%s/new?how=%s&union=%s&kind=%s", Home, p.How, p.Code, k), On: k == p.Kind})
	}
	return out
}

func (rm Room) buy(r *web.Request, in Form) (Done, error) {
	cards, err := Buy(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return entered(cards, err)
}

func (rm Room) give(r *web.Request, in Form) (Done, error) {
	cards, err := Give(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return entered(cards, err)
}

func entered(cards []Card, err error) (Done, error) {
	if err != nil {
		return Done{}, err
	}
	said := "卡片已建立，凭证已生成，审核、记账后生效。"
	if len(cards) > 1 {
		said = fmt.Sprintf("已建立 %d 张卡片，凭证已生成，审核、记账后生效。", len(cards))
	}
	return Done{cards[0], said, true}, nil
}

func (rm Room) takeUp(r *web.Request, in FoundForm) (Decided, error) {
	x, err := TakeUp(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Decided{x, "已登记盘盈，凭证已生成，请工会主席或主任批准。", true}, err
}

// CardPage is one card with its story.
type CardPage struct {
	Card
	Moves   []Move    `json:"moves"`
	Matters []Matter  `json:"matters"`
	Monthly money.Fen `json:"monthly,omitempty"` // what the next month writes off
	Until   day.Day   `json:"until,omitempty"`   // until when the card of what has left is kept
	choices Choices
	add     bool
	ask     bool
	by      string
	link    string // what the code on its label leads to
	today   day.Day
}

func (rm Room) card(r *web.Request, in ByID) (p CardPage, err error) {
	if p.Card, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	p.add, p.ask, p.today, p.link = r.May(Add), r.May(Ask) && p.State == InUse, r.Today, web.Origin(r.HTTP)+p.At()
	if p.Moves, err = MovesOf(r.Ctx, r.Tx, r.Grant.Tenant(), p.ID); err != nil {
		return p, err
	}
	if p.Matters, err = MattersOf(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	all, err := plans(r.Ctx, r.Tx, r.Grant.Tenant(), `m.card_id = $3`, p.ID)
	if err != nil {
		return p, err
	}
	if plan := all[p.ID]; plan.Months > 0 && p.State != Gone {
		for m := plan.From; p.Monthly == 0 && m < plan.From.Plus(plan.Months); m = m.Plus(1) {
			p.Monthly = max(plan.Through(m)-p.Worth.Used, 0)
		}
	}
	names, err := rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), []string{p.By})
	if err != nil {
		return p, err
	}
	p.by = names[p.By]
	if err := p.kept(r); err != nil {
		return p, err
	}
	if p.add && p.State == InUse {
		p.choices, err = choices(r, p.Union.ID, r.Today, capital(books.SystemOn(r.Today)))
	}
	return p, err
}

// kept says how long the card of what has left must be kept: counted from the
// first day after the year in which it left.
//
// law: F3.27
func (p *CardPage) kept(r *web.Request) error {
	if p.State != Gone {
		return nil
	}
	book, err := rulebook.Of(r.Ctx, r.Tx, r.Grant.Tenant())
	if err != nil {
		return err
	}
	for _, m := range p.Moves {
		if m.Act == ActOut && m.Standing == "booked" {
			n, err := book.Int("books.archive.asset_card_years", law.PlaceOf(r.Grant.Tenant()), m.Day)
			if err != nil {
				return err
			}
			p.Until = day.Day(fmt.Sprintf("%04d-12-31", m.Day.Year()+n))
		}
	}
	return nil
}

// rate is the part of the cost that is written off, for the bar.
func (c Card) rate() string {
	if c.Worth.Cost == 0 {
		return "0%"
	}
	return itoa(int64(c.Worth.Used)*100/int64(c.Worth.Cost)) + "%"
}

func (p CardPage) story() (out []ui.Event) {
	for _, m := range p.Moves {
		if m.Act == ActRun {
			continue
		}
		e := ui.Event{Kind: ui.Info, At: string(m.Day), Title: m.ActLabel(), Words: "原值 " + m.Cost.Grouped() + " 元"}
		if m.Used != 0 {
			e.Words += "，累计折旧 " + m.Used.Grouped() + " 元"
		}
		switch m.Standing {
		case "waiting":
			e.Kind, e.Words = ui.Warn, e.Words+"（凭证待记账）"
		case "void":
			e.Kind, e.Words = ui.Mute, e.Words+"（凭证已作废或冲销）"
		}
		if m.Voucher == "" {
			e.Words += "（期初）"
		}
		out = append(out, e)
	}
	return out
}

// written are the months that were written off, the latest first.
func (p CardPage) written() (out []Move) {
	for i := len(p.Moves) - 1; i >= 0; i-- {
		if p.Moves[i].Act == ActRun {
			out = append(out, p.Moves[i])
		}
	}
	return out
}

func (rm Room) edit(r *web.Request, in Edit) (Done, error) {
	c, err := Change(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Done{Card: c, said: "卡片已修改。"}, err
}

func (rm Room) improve(r *web.Request, in Improving) (Done, error) {
	c, err := Improve(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Done{Card: c, said: "凭证已生成，审核、记账后增加原值。"}, err
}

func (rm Room) propose(r *web.Request, in Asking) (Decided, error) {
	x, err := Propose(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Decided{x, "已提出，请工会主席或主任批准。", true}, err
}
