package closing

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

// FindPeriod returns a month of a union within g's reach.
func FindPeriod(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union, period string) (ledger.Book, Period, error) {
	year, month, err := parsePeriod(period)
	if err != nil {
		return ledger.Book{}, Period{}, err
	}
	b, err := ledger.BookOf(ctx, tx, g, union, year)
	if err != nil {
		return b, Period{}, err
	}
	p, err := standing(ctx, tx, g.Tenant(), b, month)
	return b, p, err
}

// standing reads how a month stands: closed, and perhaps asked for again.
func standing(ctx context.Context, tx *sqldb.Tx, tenant int64, b ledger.Book, month int) (Period, error) {
	p := Period{Union: b.Union, Year: b.Year, Month: month}
	state, err := sqldb.One(ctx, tx, sqldb.Text, `SELECT state FROM book_months WHERE tenant_id = $1 AND book_id = $2 AND month = $3`, tenant, b.ID, int64(month))
	if err != nil {
		return p, err
	}
	p.State = State(state)
	if p.State == Open {
		return p, nil
	}
	last, err := sqldb.List(ctx, tx, func(row sqldb.Row) (v [3]string, err error) { return v, row(&v[0], &v[1], &v[2]) }, `
		SELECT act, account_id, words FROM month_acts WHERE tenant_id = $1 AND book_id = $2 AND month = $3 AND act <> 'analyse' ORDER BY id DESC LIMIT 1`, tenant, b.ID, int64(month))
	if len(last) > 0 && last[0][0] == ledger.MonthAsked {
		p.State, p.By, p.Words = Asked, last[0][1], last[0][2]
	}
	return p, err
}

// past is who asked, as the flow's Apart wants it.
func (p Period) past() []flow.Past[State] {
	if p.By == "" {
		return nil
	}
	return []flow.Past[State]{{Act: Ask, Account: p.By}}
}

// Shut closes a month of a union (月末结账): what F3.16 asks is checked, the
// result is carried, and nobody posts into the month any more. What lacks is
// fault.Conflict with an item in Fields for each.
//
// law: F3.12, F3.13, F3.16
func (rm *Room) Shut(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union, period string, at day.Instant) (Result, error) {
	b, p, err := FindPeriod(ctx, tx, g, union, period)
	if err != nil {
		return Result{}, err
	}
	m := audit.Moves{}
	r, err := rm.shut(ctx, tx, g, m, b, p, at)
	if err != nil {
		return r, err
	}
	return r, m.Write(ctx, tx, g, b.ID, deed{Did: "closed", Union: b.Union.Name, Period: p.Name(), Voucher: r.Carried, Total: r.Total}, at)
}

// Result is a month after an act.
type Result struct {
	Period
	Name    string `json:"period"`
	Voucher string `json:"voucher,omitempty"` // the closing voucher, if there was anything to carry
	Carried string `json:"number,omitempty"`
	Total   string `json:"total,omitempty"`
	said    string
}

// Said tells what was done.
func (r Result) Said() string { return r.said }

func (rm *Room) shut(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b ledger.Book, p Period, at day.Instant) (Result, error) {
	r := Result{Period: p, Name: p.Name()}
	if b.State == ledger.Ended {
		return r, ended(b)
	}
	// posters queue at the month's row: whoever got there first is in, and the
	// checks see it; whoever comes later finds the month closed
	held, err := ledger.Hold(ctx, tx, g.Tenant(), b, p.Month)
	if err != nil {
		return r, err
	}
	if held.Closed() {
		return r, fault.ByRule(fault.Conflict, "F3.16", "%s已经结账，不用再结。", p.Title())
	}
	if p.Month > 0 && at.Day() < lastDay(b.Year, p.Month).MonthStart() {
		return r, fault.ByRule(fault.Conflict, "F3.16", "%s还没有到，不能结账。", p.Title())
	}
	items, err := rm.Checks(ctx, tx, g, b, p.Month)
	if err != nil {
		return r, err
	}
	if err := lacking(p.Title(), items); err != nil {
		return r, err
	}
	v, err := carry(ctx, tx, g, m, b, p.Month, b.System == books.A21 && p.Month > 0, at)
	if err != nil {
		return r, err
	}
	if p.Month == 1 {
		if err := shutOpening(ctx, tx, g, m, b, at); err != nil {
			return r, err
		}
	}
	if err := ledger.Lock(ctx, tx, g, m, b, p.Month, "", at); err != nil {
		return r, err
	}
	r.State, r.said = Closed, p.Title()+"已结账。"
	if v.ID != "" {
		r.Voucher, r.Carried, r.Total = v.ID, v.Name(), v.Total.String()
		r.said = fmt.Sprintf("%s已结账，结转凭证 %s 已记账。", p.Title(), v.Name())
	}
	return r, nil
}

// shutOpening closes the opening balances with the first month.
func shutOpening(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b ledger.Book, at day.Instant) error {
	held, err := ledger.Hold(ctx, tx, g.Tenant(), b, 0)
	if err != nil || held.Closed() {
		return err
	}
	items, err := drafts(ctx, tx, g, b, 0)
	if err != nil {
		return err
	}
	if err := lacking(monthName(b.Year, 0), items); err != nil {
		return err
	}
	return ledger.Lock(ctx, tx, g, m, b, 0, "", at)
}

func ended(b ledger.Book) error {
	return fault.ByRule(fault.Conflict, "F3.17", "%d 年的账已经年结，各月不能再结账或重新开账；以前年度的差错请在本年用“年初余额调整”更正。", b.Year)
}

func lastDay(year, month int) day.Day {
	return day.Day(fmt.Sprintf("%04d-%02d-01", year, max(1, month))).MonthEnd()
}

// standingBalances are what accounts hold at the end of a month by source and
// project, on their natural sides.
func standingBalances(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, month int) ([]books.Balance, error) {
	f, err := ledger.FiguresOf(ctx, tx, g, ledger.Ask{Union: b.Union.ID, Year: b.Year, From: 1, To: month, Projects: true})
	return balancesOf(f), err
}

func balancesOf(f ledger.Figures) (out []books.Balance) {
	for _, s := range f.Sums {
		if n := s.Closing(); n != 0 {
			out = append(out, books.Balance{Account: s.Account, Source: s.Source, Project: s.Project, Amount: natural(f.System, s.Account, n)})
		}
	}
	return out
}

func natural(s books.System, account string, net money.Fen) money.Fen {
	if a, ok := books.Stated(s, account); ok && a.Side == books.Credit {
		return -net
	}
	return net
}

// carry writes the closing voucher of a month, if do and there is anything to
// carry: what stands on income and expenditure goes where its source says. A
// month that is closed again carries what came since.
//
// law: F3.12, F3.13, F3.15
func carry(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b ledger.Book, month int, do bool, at day.Instant) (v ledger.Voucher, err error) {
	if !do {
		return v, nil
	}
	open, err := standingBalances(ctx, tx, g, b, month)
	if err != nil {
		return v, err
	}
	return enter(ctx, tx, g, m, b, month, monthName(b.Year, month)+"收入、支出结转", "carry", books.Carry(b.System, open), at)
}

// enter posts a closing voucher; without lines there is none. It is one
// voucher however many lines the rules need: a voucher of more than the books
// take is told.
func enter(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b ledger.Book, month int, summary, event string, lines []books.Line, at day.Instant) (v ledger.Voucher, err error) {
	if len(lines) == 0 {
		return v, nil
	}
	return ledger.Enter(ctx, tx, g, m, b, ledger.Entry{Union: b.Union.ID, Date: lastDay(b.Year, month), Summary: summary, Lines: lines, Event: event, Nature: ledger.Closing}, at)
}

// Reopens asks for the last closed month to be opened again, or allows what
// another person asked, by the office of g.
//
// law: F3.17
func (rm *Room) Reopens(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union, period string, given flow.Given, at day.Instant) (Result, error) {
	b, p, err := FindPeriod(ctx, tx, g, union, period)
	if err != nil {
		return Result{}, err
	}
	act := Ask
	if g.Office() == auth.Chair || g.Office() == auth.Director {
		act = Allow
	}
	return rm.step(ctx, tx, g, b, p, act, given, at)
}

// Refuses leaves a month closed that somebody asked to be opened.
//
// law: F3.17
func (rm *Room) Refuses(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union, period string, given flow.Given, at day.Instant) (Result, error) {
	b, p, err := FindPeriod(ctx, tx, g, union, period)
	if err != nil {
		return Result{}, err
	}
	return rm.step(ctx, tx, g, b, p, Refuse, given, at)
}

func (rm *Room) step(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, p Period, act auth.Action, given flow.Given, at day.Instant) (Result, error) {
	r := Result{Period: p, Name: p.Name()}
	if _, err := ledger.Hold(ctx, tx, g.Tenant(), b, p.Month); err != nil {
		return r, err
	}
	p, err := standing(ctx, tx, g.Tenant(), b, p.Month) // as it stands now that nobody else is at it
	if err != nil {
		return r, err
	}
	step, err := Procedure.Take(p.State, act, flow.WhoOf(g), "", p.past())
	if p.State == Closed && act == Allow {
		return r, fault.ByRule(fault.Conflict, "F3.17", "%s没有重新开账的申请；请会计先写明理由申请。", p.Title())
	}
	if err != nil {
		return r, err
	}
	given.Words = strings.TrimSpace(given.Words)
	if n := len([]rune(given.Words)); step.Words && n == 0 || n > 500 {
		return r, &fault.Error{Kind: fault.Invalid, Rule: step.Rule, Text: "请写明理由，最多 500 个字。", Fields: map[string]string{"words": "理由：请写明，最多 500 个字"}}
	}
	if step.Act != Refuse {
		if err := rm.mayReopen(ctx, tx, g, b, p); err != nil {
			return r, err
		}
	}
	m := audit.Moves{}
	switch step.Act {
	case Ask:
		err, r.said = ledger.Note(ctx, tx, g, m, b, p.Month, ledger.MonthAsked, given.Words, at), "已申请重新开账，请工会主席或主任同意。"
	case Allow:
		err, r.said = ledger.Unlock(ctx, tx, g, m, b, p.Month, given.Words, at), p.Title()+"已重新开账，只能补入新凭证；补完请再次结账。"
	case Refuse:
		err, r.said = ledger.Note(ctx, tx, g, m, b, p.Month, ledger.MonthRefused, given.Words, at), "已退回重新开账的申请。"
	}
	if err != nil {
		return r, err
	}
	r.State = step.To
	g = g.For(step.Act)
	return r, m.Write(ctx, tx, g, b.ID, deed{Did: string(step.To), Union: b.Union.Name, Period: p.Name(), Words: given.Words}, at)
}

// mayReopen refuses what F3.17 does: a year that has ended, a month whose
// statements are submitted, and one after which another is closed. Months are
// opened from the last one back, since each is closed upon the one before.
//
// law: F3.17
func (rm *Room) mayReopen(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, p Period) error {
	if b.State == ledger.Ended {
		return ended(b)
	}
	later, err := sqldb.List(ctx, tx, sqldb.Int, `SELECT month FROM book_months WHERE tenant_id = $1 AND book_id = $2 AND month > $3 AND state = 'closed' ORDER BY month DESC LIMIT 1`, g.Tenant(), b.ID, int64(p.Month))
	if err != nil {
		return err
	}
	if len(later) > 0 {
		return fault.ByRule(fault.Conflict, "F3.17", "只能从最后结账的月份往前重新开账，请先重新打开 %s。", monthName(b.Year, int(later[0])))
	}
	if rm.Submitted == nil {
		return nil
	}
	sent, err := rm.Submitted(ctx, tx, g, b, p.Month)
	if err == nil && sent {
		err = fault.ByRule(fault.Conflict, "F3.17", "%s的报表已经上报，不能重新开账；请在本月用红字或更正凭证处理。", p.Title())
	}
	return err
}
