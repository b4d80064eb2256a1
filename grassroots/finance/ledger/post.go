package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Advance takes the step that g's action names on a voucher, in the version
// that was read: Review, Return, Discard or Post. Posting gives the number and
// is final.
//
// law: F3.19, F3.20, F3.23
func Advance(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, given flow.Given, at day.Instant) (Voucher, error) {
	was, err := Find(ctx, tx, g, id)
	if err != nil {
		return was, err
	}
	if err := current(was, version); err != nil {
		return was, err
	}
	step, err := Procedure.Take(was.State, g.Action(), flow.WhoOf(g), "", was.past())
	if err != nil {
		return was, err
	}
	if step.Words && strings.TrimSpace(given.Words) == "" {
		return was, &fault.Error{Kind: fault.Invalid, Rule: step.Rule, Text: "请写明理由。", Fields: map[string]string{"words": "说明：请写明理由"}}
	}
	now := was
	now.State = step.To
	m := audit.Moves{}
	switch step.Act {
	case Review:
		now.Reviewer, now.Reviewed = g.Account(), at
	case Return:
		now.Reviewer, now.Reviewed = "", ""
	case Post:
		now.Poster, now.Posted = g.Account(), at
		if err := post(ctx, tx, g.Tenant(), m, was, &now); err != nil {
			return was, err
		}
	}
	if step.Act != Post {
		if err := save(ctx, tx, g.Tenant(), m, was, now); err != nil {
			return was, err
		}
	}
	now.Version = was.Version + 1
	return now, m.Write(ctx, tx, g, now.ID, deed{Did: string(step.To), Voucher: now.Name(), Month: now.Month, Total: now.Total.String(), Words: given.Words}, at)
}

// papers refuses a voucher without the original documents that it must have.
//
// law: F3.20
func papers(v Voucher) error {
	if !books.MissingAttachment(judged(v.Nature, v.Attachments, v.Summary, v.Lines)) {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Rule: "F3.20", Text: "这张凭证没有附单据，不能记账。除结账和更正差错外，凭证必须附有原始凭证；请退回后填写附单据张数。", Fields: map[string]string{"attachments": "附单据张数：请附上原始凭证并填写张数"}}
}

// post turns the lines into entries under the next number of the month, and
// adds them to the balances: all of it or nothing.
//
// law: K1, F3.19, F3.20
func post(ctx context.Context, tx *sqldb.Tx, tenant int64, m audit.Moves, was Voucher, now *Voucher) (err error) {
	if err := papers(*now); err != nil {
		return err
	}
	// the month is the head that posters queue at; a voucher that another has
	// just posted is refused by save, and its number goes back with it
	if now.Number, err = enter(ctx, tx, tenant, now.BookID, now.Year, now.Month); err != nil {
		return err
	}
	now.State, now.text = Posted, ""
	if was.ID == now.ID && was.mac != nil {
		err = save(ctx, tx, tenant, m, was, *now)
	} else {
		err = insert(ctx, tx, tenant, m, *now)
	}
	if err != nil {
		return err
	}
	if err := tx.QueueInsert(ctx, "entries", entryColumns, now.entries(tenant)); err != nil {
		return err
	}
	sums := sums{}
	sums.add(*now)
	return sums.store(ctx, tx, tenant, now.BookID)
}

const entryColumns = `tenant_id, voucher_id, line, book_id, month, date, number, carry, account, debit, credit, source, project, party, dept, econ, func, summary`

// entries are the lines of a posted voucher as they are stored.
func (v Voucher) entries(tenant int64) [][]any {
	rows := make([][]any, len(v.Lines))
	for i, l := range v.Lines {
		rows[i] = []any{tenant, v.ID, int64(i + 1), v.BookID, int64(v.Month), string(v.Date), v.Number, v.Nature == Closing, l.Account, int64(l.Debit), int64(l.Credit),
			orNone(l.Source), orNone(l.Project), l.Party, l.Dept, l.Econ, l.Func, l.Summary}
	}
	return rows
}

type balanceKey struct {
	month                    int
	account, source, project string
}

// sums is what vouchers of one book add to its balances: debit and credit, and
// the same of closing vouchers.
type sums map[balanceKey]*[4]int64

func (s sums) add(v Voucher) {
	at := 0
	if v.Nature == Closing {
		at = 2
	}
	for _, l := range v.Lines {
		k := balanceKey{v.Month, l.Account, orNone(l.Source), orNone(l.Project)}
		if s[k] == nil {
			s[k] = new([4]int64)
		}
		s[k][at] += int64(l.Debit)
		s[k][at+1] += int64(l.Credit)
	}
}

// store adds the sums to the balances, each key once, in their order.
func (s sums) store(ctx context.Context, tx *sqldb.Tx, tenant int64, book string) error {
	keys := slices.SortedFunc(maps.Keys(s), func(a, b balanceKey) int {
		return cmp.Or(cmp.Compare(a.month, b.month), strings.Compare(a.account, b.account), strings.Compare(a.source, b.source), strings.Compare(a.project, b.project))
	})
	for _, k := range keys {
		n := s[k]
		err := tx.Queue(ctx, `
			INSERT INTO balances (tenant_id, book_id, month, account, source, project, debit, credit, carry_debit, carry_credit) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (tenant_id, book_id, month, account, source, project) DO UPDATE SET debit = balances.debit + excluded.debit, credit = balances.credit + excluded.credit,
				carry_debit = balances.carry_debit + excluded.carry_debit, carry_credit = balances.carry_credit + excluded.carry_credit`,
			tenant, book, int64(k.month), k.account, k.source, k.project, n[0], n[1], n[2], n[3])
		if err != nil {
			return err
		}
	}
	return nil
}

// Signs marks that the cashier paid or received what the voucher says. It may
// come before posting or after, once.
//
// law: F3.18, F3.23
func Signs(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, at day.Instant) (Voucher, error) {
	was, err := Find(ctx, tx, g, id)
	if err != nil {
		return was, err
	}
	if err := current(was, version); err != nil {
		return was, err
	}
	if err := signable(g, was); err != nil {
		return was, err
	}
	now := was
	now.Cashier, now.Signed = g.Account(), at
	m := audit.Moves{}
	if err := save(ctx, tx, g.Tenant(), m, was, now); err != nil {
		return was, err
	}
	now.Version++
	return now, m.Write(ctx, tx, g, now.ID, deed{Did: "signed", Voucher: now.Name()}, at)
}

// signable refuses a voucher that the cashier has nothing to sign on.
//
// law: F3.18, F3.23
func signable(g auth.Grant, v Voucher) error {
	switch {
	case v.State == Discarded || v.Cashier != "":
		return fault.New(fault.Conflict, "%s现在不用签章：已作废，或出纳已经签过。", v.Name())
	case !v.touchesCash():
		return fault.ByRule(fault.Conflict, "F3.18", "%s不涉及现金和银行存款，不用出纳签章。", v.Name())
	case v.Reviewer == g.Account() || v.Poster == g.Account():
		return fault.ByRule(fault.Denied, "F3.23", "您已审核或记过这张凭证，出纳签章须由另一人办理。")
	}
	return nil
}

// Undo makes the red voucher of a posted one: the same lines with the amounts
// negative on the same sides, for review like any other. A voucher that has
// one already is fault.Conflict; the books of a year that has ended are
// corrected through 年初余额调整.
//
// law: F3.22
func Undo(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, on day.Day, at day.Instant) (Voucher, error) {
	was, err := Find(ctx, tx, g, id)
	if err != nil {
		return was, err
	}
	if was.State != Posted {
		return was, fault.ByRule(fault.Conflict, "F3.22", "%s还没有记账，直接修改或作废即可，不用红字冲销。", was.Name())
	}
	if was.Nature == Red {
		return was, fault.ByRule(fault.Conflict, "F3.22", "%s本身是红字凭证，不能再冲销；请重新填制正确的凭证。", was.Name())
	}
	if was.Nature == Closing {
		return was, fault.ByRule(fault.Conflict, "F3.17", "结转凭证由规则生成，不用红字冲销：重新开账、更正原来的凭证后再结账，只结转差额。")
	}
	if fix, err := other(ctx, tx, g.Tenant(), "corrects_id", was.ID); err != nil || fix != "" {
		return was, errors.Join(fault.ByRule(fault.Conflict, "F3.22", "%s已有差额更正凭证。请先冲销或作废那张更正凭证，再冲销这一张。", was.Name()), err)
	}
	b, err := FindBook(ctx, tx, g, was.BookID)
	if err != nil {
		return was, err
	}
	lines := slices.Clone(was.Lines)
	summary := fmt.Sprintf("注销 %d 月 %d 日 %s 号凭证", was.Date.Month(), dayOf(was.Date), was.Name())
	for i := range lines {
		lines[i].Debit, lines[i].Credit, lines[i].Summary = -lines[i].Debit, -lines[i].Credit, summary
	}
	if on == "" {
		on = was.Date
	}
	e := Entry{Union: was.Union.ID, Date: on, Summary: summary, Lines: lines, Nature: Red, Reverses: was.ID, Event: was.Event, start: was.Month == 0}
	m := audit.Moves{}
	v, err := draft(ctx, tx, g, m, b, e, at)
	if fault.Of(err).Kind == fault.Conflict && fault.Of(err).Rule == "" {
		return v, fault.ByRule(fault.Conflict, "F3.22", "%s已经有红字冲销凭证，不能再冲销一次。", was.Name())
	}
	if err != nil {
		return v, err
	}
	return v, m.Write(ctx, tx, g, v.ID, deed{Did: "reverses", Voucher: was.Name(), Total: v.Total.String()}, at)
}

// Enter makes and posts a voucher that built-in rules write, such as a carry
// of results or a run of depreciation: reviewed by the rule, posted at once.
// It is for the rooms whose acts it is part of; m takes up its seals, and the
// caller writes the log.
//
// law: S09, F3.20
func Enter(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b Book, e Entry, at day.Instant) (Voucher, error) {
	v, err := e.fill(ctx, tx, g, b, Voucher{ID: sqldb.NewID(), State: Posted, Nature: e.Nature, SourceID: e.SourceID, ReversesID: e.Reverses, CorrectsID: e.Corrects,
		Maker: g.Account(), Made: at, Reviewer: Auto, Reviewed: at, Poster: g.Account(), Posted: at, Version: 1})
	if err != nil {
		return v, err
	}
	return v, post(ctx, tx, g.Tenant(), m, Voucher{}, &v)
}
