package asset

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Edit changes what is kept beside the figures: where it is and who keeps it.
type Edit struct {
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
	Name    string `json:"name" doc:"名称"`
	Model   string `json:"model" doc:"规格型号"`
	Place   string `json:"place" doc:"存放地点"`
	Keeper  string `json:"keeper" doc:"保管人"`
}

// Change corrects a card in the version that was read.
func Change(ctx context.Context, tx *sqldb.Tx, g auth.Grant, e Edit, at day.Instant) (Card, error) {
	c, err := Find(ctx, tx, g, e.ID)
	if err != nil {
		return c, err
	}
	if e.Version != 0 && e.Version != c.Version {
		return c, fault.New(fault.Conflict, "%s的卡片刚刚已由他人修改，请刷新后再看；您填写的内容还在本页。", c.Name)
	}
	fields := map[string]string{}
	for _, x := range []struct {
		name, label string
		v           *string
		least       int
	}{{"name", "名称", &e.Name, 1}, {"model", "规格型号", &e.Model, 0}, {"place", "存放地点", &e.Place, 0}, {"keeper", "保管人", &e.Keeper, 0}} {
		*x.v = strings.TrimSpace(*x.v)
		if n := utf8.RuneCountInString(*x.v); n < x.least || n > longestName {
			fields[x.name] = fmt.Sprintf("%s：请用 %d 到 %d 个字", x.label, x.least, longestName)
		}
	}
	if err := invalid("F3.7", fields); err != nil {
		return c, err
	}
	n, err := tx.Exec(ctx, `UPDATE asset_cards SET name = $1, model = $2, place = $3, keeper = $4, version = version + 1 WHERE tenant_id = $5 AND id = $6 AND version = $7`,
		e.Name, e.Model, e.Place, e.Keeper, g.Tenant(), c.ID, c.Version)
	if err != nil {
		return c, err
	}
	if n == 0 {
		return c, fault.New(fault.Conflict, "%s的卡片刚刚已由他人修改，请刷新后再看；您填写的内容还在本页。", c.Name)
	}
	words := ""
	if c.Place != e.Place {
		words = "存放地点：" + c.Place + " → " + e.Place
	}
	c.Name, c.Model, c.Place, c.Keeper, c.Version = e.Name, e.Model, e.Place, e.Keeper, c.Version+1
	return c, audit.Write(ctx, tx, g, c.ID, deed{Did: "changed", Name: c.Name, Words: words}, at, audit.Touched{Table: "asset_cards", ID: c.ID})
}

// Improving adds to what an asset cost (改建、扩建), and may lengthen its life.
type Improving struct {
	ID     string  `json:"id" doc:"编号"`
	Day    day.Day `json:"day" doc:"完工日期"`
	Amount string  `json:"amount" doc:"金额"`
	Years  int64   `json:"years" doc:"尚可使用年限"`
	Paying
}

// Improve adds to a card's cost with the draft of its voucher. What is left is
// written off from that month on: over the months that were left, or over the
// years given.
//
// law: J28, F3.9, F3.11
func Improve(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f Improving, at day.Instant) (Card, error) {
	c, err := Find(ctx, tx, g, f.ID)
	if err != nil {
		return c, err
	}
	b, err := bookFor(ctx, tx, g, c.Union.ID, f.Day)
	if err != nil {
		return c, err
	}
	if _, err := head(ctx, tx, g.Tenant(), c.Union.ID, "cards", 0); err != nil {
		return c, err
	}
	if c, err = Find(ctx, tx, g, f.ID); err != nil { // anew, behind the head
		return c, err
	}
	if c.State != InUse {
		return c, fault.ByRule(fault.Conflict, "F3.11", "%s现在是“%s”，不能改扩建。", c.Name, c.State.Label())
	}
	amount, err := money.Parse(f.Amount)
	if err != nil || amount <= 0 {
		return c, invalid("J28", map[string]string{"amount": "金额：请填写大于零的金额"})
	}
	if f.Years < 0 || f.Years > longestLife {
		return c, invalid("F3.9", map[string]string{"years": "尚可使用年限：请填 1 到 100 年"})
	}
	plan, err := settled(ctx, tx, g, b, c, f.Day)
	if err != nil {
		return c, err
	}
	if month := MonthOf(f.Day); plan.Months > 0 {
		left := plan.Left(month)
		if f.Years > 0 {
			left = f.Years * 12
		}
		if left == 0 {
			return c, invalid("F3.9", map[string]string{"years": "尚可使用年限：这项资产的折旧已提足，请填写改扩建后还能用几年"})
		}
		plan = Plan{Basis: c.Worth.Net() + amount, Before: c.Worth.Used, From: month, Months: left}
	}
	e := ledger.Entry{Union: b.Union.ID, Date: f.Day, Summary: "改扩建" + c.Name, Attachments: f.Attachments, Event: "asset_bought", SourceID: c.ID}
	if e.Lines, err = f.spent(b.System, amount); err != nil {
		return c, err
	}
	acc := accountsOf(b.System, c.Kind)
	e.Lines = append(e.Lines, books.Line{Account: acc.asset, Debit: amount, Source: c.Owner}, books.Line{Account: acc.fund, Credit: amount, Source: c.Owner})
	v, err := ledger.Write(ctx, tx, g.For(ledger.Make), e, at)
	if err != nil {
		return c, told(err)
	}
	m := audit.Moves{}
	if err := insertMoves(ctx, tx, g.Tenant(), m, Move{CardID: c.ID, Act: ActImprove, Day: f.Day, Cost: amount, Plan: plan, Voucher: v.ID, At: at}); err != nil {
		return c, err
	}
	return c, m.Write(ctx, tx, g, c.ID, deed{Did: "improved", Name: c.Name, Amount: amount.String(), Voucher: v.ID}, at)
}

// settled refuses a day on which what was written off of a card is not yet, or
// no longer, what its plan says at the end of the month before: the month of
// removal does not count, and what changes the plan begins with its month. It
// returns the plan.
//
// law: F3.9
func settled(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, c Card, on day.Day) (Plan, error) {
	if b.System == books.A09 {
		return Plan{}, nil
	}
	all, err := plans(ctx, tx, g.Tenant(), `m.card_id = $3`, c.ID)
	if err != nil {
		return Plan{}, err
	}
	p := all[c.ID]
	if p.Months == 0 {
		return p, nil
	}
	month := MonthOf(on)
	due := max(p.Through(month.Plus(-1)), p.Before)
	switch {
	case c.Worth.Used < due:
		return p, &fault.Error{Kind: fault.Conflict, Rule: "F3.9", Text: fmt.Sprintf("%s在 %s以前的折旧还没有提完，请先逐月计提，再办这一步。", c.Name, month.Label()), Fields: map[string]string{"day": "日期：以前月份的折旧还没有计提"}}
	case c.Worth.Used > due:
		return p, &fault.Error{Kind: fault.Conflict, Rule: "F3.9", Text: fmt.Sprintf("%s的折旧已经计提，当月减少的资产当月不提折旧，请把日期填在下个月。", month.Label()), Fields: map[string]string{"day": "日期：这个月的折旧已经计提，请填下个月的日期"}}
	}
	return p, nil
}
