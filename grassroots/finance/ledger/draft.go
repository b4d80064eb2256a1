package ledger

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Entry asks for a voucher, or for another content of a draft.
type Entry struct {
	Union       string       `json:"union" doc:"工会"`
	Date        day.Day      `json:"date" doc:"日期"`
	Summary     string       `json:"summary" doc:"摘要"`
	Attachments int64        `json:"attachments" doc:"附单据张数"`
	Lines       []books.Line `json:"lines" doc:"分录"`
	Event       string       `json:"event,omitempty" doc:"业务"`
	SourceID    string       `json:"-"`
	Nature      Nature       `json:"-"`
	Reverses    string       `json:"-"`
	Corrects    string       `json:"-"`
	start       bool         // it cancels what stands in month 0
}

const longestSummary = 200

// fill judges what was asked against the book and returns the voucher that it
// makes. Refusals name the field and the rule.
//
// law: K1, F0.1, F3.3, F3.12, F3.18, F3.22
func (e *Entry) fill(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b Book, v Voucher) (Voucher, error) {
	chart, err := ChartOf(ctx, tx, g.Tenant(), b.System)
	if err != nil {
		return v, err
	}
	if err := knownProjects(ctx, tx, g.Tenant(), b.Union.ID, e.Lines); err != nil {
		return v, err
	}
	return e.judge(b, chart, v)
}

// judge is fill with the chart at hand and the projects known.
func (e *Entry) judge(b Book, chart Accounts, v Voucher) (Voucher, error) {
	e.Summary = strings.TrimSpace(e.Summary)
	fields := map[string]string{}
	if n := utf8.RuneCountInString(e.Summary); n == 0 || n > longestSummary {
		fields["summary"] = "摘要：请用 1 到 200 个字写明业务"
	}
	if e.Attachments < 0 || e.Attachments > 9999 {
		fields["attachments"] = "附单据张数：请填 0 到 9999 的整数"
	}
	if e.Date.Year() != b.Year {
		fields["date"] = fmt.Sprintf("日期：必须在 %d 年之内", b.Year)
	}
	if len(fields) > 0 {
		return v, &fault.Error{Kind: fault.Invalid, Rule: "F3.18", Text: "凭证的内容不全，请按提示改正后再提交。", Fields: fields}
	}
	for i := range e.Lines {
		if e.Lines[i].Summary = strings.TrimSpace(e.Lines[i].Summary); e.Lines[i].Summary == "" {
			e.Lines[i].Summary = e.Summary
		}
	}
	if err := books.Judge(b.System, judged(e.Nature, e.Attachments, e.Summary, e.Lines), chart.Find); err != nil {
		return v, err
	}
	v.BookID, v.Union, v.Year, v.System = b.ID, b.Union, b.Year, b.System
	v.Kind, v.Date, v.Month, v.Summary, v.Attachments, v.Lines, v.Event = "记", e.Date, e.Date.Month(), e.Summary, e.Attachments, e.Lines, e.Event
	if v.Nature == Opening || e.start {
		v.Month = 0
	}
	v.Total = 0
	for _, l := range v.Lines {
		v.Total += l.Debit
	}
	return v, v.pack()
}

// mostCarried is how many lines a closing or opening voucher may have: one for
// every account, project and party there is.
const mostCarried = 9999

// judged is a voucher as the rules look at it.
func judged(n Nature, attachments int64, summary string, lines []books.Line) books.Voucher {
	v := books.Voucher{Red: n == Red || n == Fix, Corrects: n == Fix, Carry: n == Closing || n == Opening, Attachments: int(attachments), Summary: summary, Lines: lines}
	if v.Carry {
		v.MaxLines = mostCarried
	}
	return v
}

// look refuses a month that is closed or a book that has ended: no draft is
// taken that could never be posted.
func look(ctx context.Context, tx *sqldb.Tx, tenant int64, b Book, month int) error {
	if b.State == Ended {
		return fault.ByRule(fault.Conflict, "F3.17", "%d 年的账已经年结，不能再填制凭证；以前年度的差错请在本年用“年初余额调整”更正。", b.Year)
	}
	state, err := sqldb.One(ctx, tx, sqldb.Text, `SELECT state FROM book_months WHERE tenant_id = $1 AND book_id = $2 AND month = $3`, tenant, b.ID, int64(month))
	if err == nil && state != "open" {
		err = ClosedMonth(b.Year, month)
	}
	return err
}

// Write makes a voucher: a draft, for another person to review.
//
// law: F3.18, F3.23
func Write(ctx context.Context, tx *sqldb.Tx, g auth.Grant, e Entry, at day.Instant) (Voucher, error) {
	if e.Date == "" {
		return Voucher{}, &fault.Error{Kind: fault.Invalid, Rule: "F3.18", Text: "凭证的内容不全，请按提示改正后再提交。", Fields: map[string]string{"date": "日期：请填写"}}
	}
	b, err := BookOf(ctx, tx, g, e.Union, e.Date.Year())
	if err != nil {
		return Voucher{}, err
	}
	m := audit.Moves{}
	v, err := draft(ctx, tx, g, m, b, e, at)
	if err != nil {
		return v, err
	}
	return v, m.Write(ctx, tx, g, v.ID, deed{Did: "made", Union: b.Union.Name, Year: b.Year, Total: v.Total.String(), Words: v.Summary}, at)
}

func draft(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b Book, e Entry, at day.Instant) (Voucher, error) {
	if e.Nature == "" {
		e.Nature = Normal
	}
	v, err := e.fill(ctx, tx, g, b, Voucher{ID: sqldb.NewID(), State: Draft, Nature: e.Nature, SourceID: e.SourceID, ReversesID: e.Reverses, CorrectsID: e.Corrects,
		Maker: g.Account(), Made: at, Version: 1})
	if err != nil {
		return v, err
	}
	if err := look(ctx, tx, g.Tenant(), b, v.Month); err != nil {
		return v, err
	}
	return v, insert(ctx, tx, g.Tenant(), m, v)
}

// Rewrite puts another content into a draft, in the version that was read.
// Whoever changes it is its maker from then on.
//
// law: F3.23
func Rewrite(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, e Entry, at day.Instant) (Voucher, error) {
	was, err := Find(ctx, tx, g, id)
	if err != nil {
		return was, err
	}
	if err := current(was, version); err != nil {
		return was, err
	}
	if was.State != Draft {
		return was, fault.ByRule(fault.Conflict, "F3.22", "%s现在是“%s”，不能再修改。已记账的用红字凭证冲销或更正，待记账的先退回。", was.Name(), was.State.Label())
	}
	b, err := FindBook(ctx, tx, g, was.BookID)
	if err != nil {
		return was, err
	}
	e.Nature = was.Nature
	now, err := e.fill(ctx, tx, g, b, was)
	if err != nil {
		return was, err
	}
	if err := look(ctx, tx, g.Tenant(), b, now.Month); err != nil {
		return was, err
	}
	now.Maker, now.Made = g.Account(), at
	m := audit.Moves{}
	if err := save(ctx, tx, g.Tenant(), m, was, now); err != nil {
		return was, err
	}
	now.Version++
	return now, m.Write(ctx, tx, g, now.ID, deed{Did: "rewritten", Total: now.Total.String(), Words: now.Summary}, at)
}

func current(v Voucher, version int64) error {
	if version != 0 && version != v.Version {
		return fault.New(fault.Conflict, "%s刚刚已由他人办过，现在是“%s”，请刷新后再看。", v.Name(), v.State.Label())
	}
	return nil
}

// past is who did what to the voucher, as the flow's Apart asks.
func (v Voucher) past() (out []flow.Past[State]) {
	add := func(act auth.Action, account string, at day.Instant) {
		if account != "" {
			out = append(out, flow.Past[State]{Act: act, Account: account, At: at})
		}
	}
	add(Make, v.Maker, v.Made)
	add(Review, v.Reviewer, v.Reviewed)
	add(Sign, v.Cashier, v.Signed)
	add(Post, v.Poster, v.Posted)
	return out
}

// Steps returns what g may do with the voucher now.
func (v Voucher) Steps(w flow.Who) []flow.Step[State] {
	return Procedure.Open(v.State, w, "", v.past())
}
