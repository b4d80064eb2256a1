package asset

import (
	"context"
	"fmt"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Booking is what the last step needs: money that came and went.
type Booking struct {
	Day         day.Day `json:"day" doc:"日期"`
	Proceeds    string  `json:"proceeds" doc:"处置收入"`
	Costs       string  `json:"costs" doc:"处置费用"`
	Income      string  `json:"income" doc:"收入科目"`
	Source      string  `json:"source" doc:"资金来源"`
	Project     string  `json:"project" doc:"项目"`
	Bank        string  `json:"bank" doc:"收付款科目"`
	Attachments int64   `json:"attachments" doc:"附单据张数"`
}

// Advance takes the step that g's action names on a matter, in the version
// that was read: Approve, Refuse, Drop or Book. b is for Book alone.
//
// law: J32, J33, J34, F3.23
func Advance(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, given flow.Given, b Booking, at day.Instant) (Matter, error) {
	x, err := FindMatter(ctx, tx, g, id)
	if err != nil {
		return x, err
	}
	if version != 0 && version != x.Version {
		return x, fault.New(fault.Conflict, "%s的事刚刚已由他人办过，现在是“%s”。请刷新后再看。", x.Name, x.State.Label())
	}
	m := audit.Moves{}
	step, err := Procedure.Advance(ctx, tx, g, m, x.ID, x.State, "", given, at)
	if err != nil {
		return x, err
	}
	now := x
	now.State, now.Version = step.To, x.Version+1
	if step.Act == Approve {
		now.Document = given.Document
	}
	if Procedure.Ends(step.To) {
		now.Ended = at
	}
	if step.Act == Book {
		if err := now.book(ctx, tx, g, m, b, at); err != nil {
			return x, err
		}
	}
	n, err := tx.Exec(ctx, `UPDATE asset_matters SET state = $1, document = $2, to_card = $3, second_id = $4, ended = $5, cost = $6, used = $7, version = version + 1 WHERE tenant_id = $8 AND id = $9 AND state = $10 AND version = $11`,
		string(now.State), now.Document, now.ToCard, now.Second, string(now.Ended), int64(now.Cost), int64(now.Used), g.Tenant(), x.ID, string(x.State), x.Version)
	if err != nil {
		return x, err
	}
	if n == 0 {
		return x, fault.New(fault.Conflict, "%s的事刚刚已由他人办过，请刷新后再看。", x.Name)
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "asset_matters", ID: x.ID}); err != nil {
		return x, err
	}
	return now, m.Write(ctx, tx, g, x.ID, deed{Did: string(now.State), Union: x.Union.Name, Name: x.Name, Words: given.Words, Document: given.Document, Voucher: now.Second}, at)
}

// stands refuses to go on from a first voucher that was discarded or taken
// back.
func (x Matter) stands(ctx context.Context, tx *sqldb.Tx, g auth.Grant) error {
	v, err := ledger.Find(ctx, tx, g, x.First)
	if err != nil {
		return err
	}
	red, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM vouchers WHERE tenant_id = $1 AND reverses_id = $2 AND state = 'posted' AND state <> 'discarded'`, g.Tenant(), x.First)
	if err == nil && (v.State == ledger.Discarded || red > 0) {
		err = fault.ByRule(fault.Conflict, x.Kind.rule(), "%s转入待处理的凭证已经作废或冲销，这件事不能再入账。", x.Name)
	}
	return err
}

// book writes the voucher of an approved matter.
func (x *Matter) book(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, f Booking, at day.Instant) error {
	proceeds, err := optional("proceeds", "处置收入", f.Proceeds)
	if err != nil {
		return err
	}
	costs, err := optional("costs", "处置费用", f.Costs)
	if err != nil {
		return err
	}
	if f.Day == "" {
		f.Day = at.Day()
	}
	b, err := bookFor(ctx, tx, g, x.Union.ID, f.Day)
	if err != nil {
		return err
	}
	if _, err := head(ctx, tx, g.Tenant(), x.Union.ID, "cards", 0); err != nil {
		return err
	}
	pay := cashLines(b.System, f, x.Kind, proceeds, costs)
	if x.Kind.waits() {
		if err := x.stands(ctx, tx, g); err != nil {
			return err
		}
		return x.write(ctx, tx, g, f, append(x.settling(b.System), pay...), at)
	}
	c, err := Find(ctx, tx, g, x.CardID)
	if err != nil {
		return err
	}
	plan, err := settled(ctx, tx, g, b, c, f.Day)
	if err != nil {
		return err
	}
	x.Cost, x.Used = c.Worth.Cost, c.Worth.Used
	if err := x.write(ctx, tx, g, f, append(off(b.System, c, false), pay...), at); err != nil {
		return err
	}
	if err := insertMoves(ctx, tx, g.Tenant(), m, Move{CardID: c.ID, Act: ActOut, Day: f.Day, Cost: -c.Worth.Cost, Used: -c.Worth.Used, Voucher: x.Second, Matter: x.ID, At: at}); err != nil {
		return err
	}
	if x.Kind != Handover {
		return nil
	}
	return x.handOver(ctx, tx, g, m, c, plan, f, at)
}

// settling are the lines that clear 182 after approval.
//
// law: J33
func (x Matter) settling(s books.System) []books.Line {
	net := x.Cost - x.Used
	if s == books.A09 || net == 0 {
		return nil
	}
	fund, owner := accountsOf(s, x.of).fund, x.owner
	if x.ItemID != "" {
		fund = "30101"
	}
	if x.Kind == Surplus || x.Kind == StockFound {
		return []books.Line{{Account: "18201", Debit: net, Source: owner}, {Account: fund, Credit: net, Source: owner}}
	}
	return []books.Line{{Account: fund, Debit: net, Source: owner}, {Account: "18201", Credit: net, Source: owner}}
}

// cashLines are what a disposal brought and cost. Of what was scrapped both
// meet in 18202 first, and the net goes on.
//
// law: J32, J34
func cashLines(s books.System, f Booking, k MatterKind, proceeds, costs money.Fen) (out []books.Line) {
	bank := Paying{Bank: f.Bank}.bank()
	source := f.Source
	if source == "" {
		source = books.FR
	}
	add := func(debit, credit string, n money.Fen) {
		if n <= 0 {
			return
		}
		for i, account := range []string{debit, credit} {
			l := books.Line{Account: account}
			if i == 0 {
				l.Debit = n
			} else {
				l.Credit = n
			}
			if t := books.Top(account); t == "408" || t == "510" {
				l.Source, l.Project = source, f.Project
			}
			out = append(out, l)
		}
	}
	income := f.Income
	if income == "" {
		income = "408"
	}
	switch {
	case s == books.A09:
		add(bank, "408", proceeds)
		add("508", bank, costs)
	case k.waits():
		add(bank, "18202", proceeds)
		add("18202", bank, costs)
		add("18202", income, proceeds-costs)
		add("510", "18202", costs-proceeds)
	default:
		add(bank, income, proceeds)
		add("510", bank, costs)
	}
	return out
}

// write makes the draft of the second voucher, where there is anything in it.
func (x *Matter) write(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f Booking, lines []books.Line, at day.Instant) error {
	if len(lines) == 0 {
		return nil
	}
	v, err := ledger.Write(ctx, tx, g.For(ledger.Make), ledger.Entry{Union: x.Union.ID, Date: f.Day, Summary: x.Kind.Label() + "入账：" + x.Name, Attachments: max(f.Attachments, 1), Event: "loss_approved", SourceID: x.ID, Lines: lines}, at)
	x.Second = v.ID
	return told(err)
}

// handOver takes the asset up in the other union's books: cost, what was
// written off, and the months that are left.
//
// law: J32, F3.9
func (x *Matter) handOver(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, c Card, plan Plan, f Booking, at day.Instant) error {
	b, err := bookFor(ctx, tx, g, x.ToUnion, f.Day)
	if err != nil {
		return err
	}
	to := c
	to.Union, to.Origin, to.FromCard, to.Acquired, to.Made, to.By, to.Version, to.Cost = b.Union, Handed, c.ID, f.Day, at, g.Account(), 1, c.Worth.Cost
	cards, err := number(ctx, tx, g, to, 1)
	if err != nil {
		return err
	}
	acc := accountsOf(b.System, c.Kind)
	cost := c.Worth.Cost
	if acc.used == "" && b.System == books.A21 {
		cost = c.Worth.Net()
	}
	lines := []books.Line{{Account: acc.asset, Debit: cost, Source: c.Owner}}
	if acc.used != "" && c.Worth.Used > 0 {
		lines = append(lines, books.Line{Account: acc.used, Credit: c.Worth.Used, Source: c.Owner})
	}
	if n := c.Worth.Net(); n > 0 {
		lines = append(lines, books.Line{Account: acc.fund, Credit: n, Source: c.Owner})
	}
	v, err := ledger.Write(ctx, tx, g.For(ledger.Make), ledger.Entry{Union: b.Union.ID, Date: f.Day, Summary: fmt.Sprintf("调入%s", c.Name), Attachments: 1, Event: "asset_given", SourceID: cards[0].ID, Lines: lines}, at)
	if err != nil {
		return told(err)
	}
	if err := insertCards(ctx, tx, g.Tenant(), m, cards); err != nil {
		return err
	}
	x.ToCard = cards[0].ID
	if plan.Months > 0 {
		month := MonthOf(f.Day)
		plan = Plan{Basis: c.Worth.Net(), Before: c.Worth.Used, From: month, Months: plan.Left(month)}
	}
	return insertMoves(ctx, tx, g.Tenant(), m, Move{CardID: cards[0].ID, Act: ActIn, Day: f.Day, Cost: c.Worth.Cost, Used: c.Worth.Used, Plan: plan, Voucher: v.ID, Matter: x.ID, At: at})
}

// optional reads an amount that may be left empty.
func optional(name, label, text string) (money.Fen, error) {
	if strings.TrimSpace(text) == "" {
		return 0, nil
	}
	n, err := money.Parse(text)
	if err != nil || n < 0 {
		return 0, invalid("J34", map[string]string{name: label + "：请填写金额，没有就空着"})
	}
	return n, nil
}
