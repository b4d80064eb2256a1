package ledger

import (
	"context"
	"errors"
	"fmt"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/law/books"
)

// other is the voucher that names another in a column and was not discarded:
// its red one, or that of the difference; "" for none.
func other(ctx context.Context, tx *sqldb.Tx, tenant int64, column, id string) (string, error) {
	all, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT id FROM vouchers WHERE tenant_id = $1 AND `+column+` = $2 AND state <> 'discarded'`, tenant, id)
	if len(all) == 0 {
		return "", err
	}
	return all[0], err
}

// correctable refuses a voucher whose amounts can't be put right by one of the
// difference.
//
// law: F3.22
func correctable(ctx context.Context, tx *sqldb.Tx, tenant int64, v Voucher) error {
	switch {
	case v.State != Posted:
		return fault.ByRule(fault.Conflict, "F3.22", "%s还没有记账，直接修改即可，不用更正凭证。", v.Name())
	case v.Nature != Normal && v.Nature != Fix:
		return fault.ByRule(fault.Conflict, "F3.22", "%s是%s，金额不能用差额更正。", v.Name(), v.Nature.Label())
	}
	for column, what := range map[string]string{"reverses_id": "红字冲销凭证", "corrects_id": "差额更正凭证"} {
		if id, err := other(ctx, tx, tenant, column, v.ID); err != nil || id != "" {
			return errors.Join(fault.ByRule(fault.Conflict, "F3.22", "%s已有%s，不能再做差额更正；还要改的，请更正那一张。", v.Name(), what), err)
		}
	}
	return nil
}

// Mend writes the voucher of the difference for a posted one of which only the
// amounts are wrong: rights are the right amounts, line by line; what was too
// much becomes negative (红字). It goes through review like any other. A
// voucher that has a red one or one of the difference is fault.Conflict.
//
// law: F3.22
func Mend(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, rights []money.Fen, on day.Day, at day.Instant) (Voucher, error) {
	was, err := Find(ctx, tx, g, id)
	if err != nil {
		return was, err
	}
	if err := current(was, version); err != nil {
		return was, err
	}
	if err := correctable(ctx, tx, g.Tenant(), was); err != nil {
		return was, err
	}
	if len(rights) != len(was.Lines) {
		return was, &fault.Error{Kind: fault.Invalid, Rule: "F3.22", Text: fmt.Sprintf("这张凭证有 %d 行，请逐行填写正确的金额。", len(was.Lines)), Fields: map[string]string{"lines": "正确金额：每行都要填"}}
	}
	b, err := FindBook(ctx, tx, g, was.BookID)
	if err != nil {
		return was, err
	}
	if on == "" {
		on = was.Date
	}
	summary := fmt.Sprintf("更正 %d 月 %d 日 %s 号凭证金额", was.Date.Month(), dayOf(was.Date), was.Name())
	e := Entry{Union: was.Union.ID, Date: on, Summary: summary, Lines: differences(was.Lines, rights, summary), Nature: Fix, Corrects: was.ID, Event: was.Event, SourceID: was.SourceID}
	if len(e.Lines) == 0 {
		return was, &fault.Error{Kind: fault.Invalid, Rule: "F3.22", Text: "金额都没有变，不用更正。", Fields: map[string]string{"lines": "正确金额：至少改一行"}}
	}
	m := audit.Moves{}
	v, err := draft(ctx, tx, g, m, b, e, at)
	if fault.Of(err).Kind == fault.Conflict && fault.Of(err).Rule == "" {
		return v, fault.ByRule(fault.Conflict, "F3.22", "%s刚刚已有差额更正凭证，不能再做一张。", was.Name())
	}
	if err != nil {
		return v, err
	}
	return v, m.Write(ctx, tx, g, v.ID, deed{Did: "corrects", Voucher: was.Name(), Total: v.Total.String()}, at)
}

// differences are lines of what the right amounts differ by, on the same sides.
func differences(lines []books.Line, rights []money.Fen, summary string) (out []books.Line) {
	for i, l := range lines {
		if l.Debit != 0 {
			l.Debit = rights[i] - l.Debit
		} else {
			l.Credit = rights[i] - l.Credit
		}
		if l.Summary = summary; l.Debit != 0 || l.Credit != 0 {
			out = append(out, l)
		}
	}
	return out
}

// Right is the right amount of a line.
type Right struct {
	Amount string `json:"amount" doc:"正确金额"`
}

// CorrectForm brings the right amounts of a voucher.
type CorrectForm struct {
	ID      string  `json:"id" doc:"编号"`
	Version int64   `json:"version" doc:"版本"`
	Date    day.Day `json:"date" doc:"日期"`
	Lines   []Right `json:"lines" doc:"正确金额"`
}

// rights reads the amounts; a line left empty keeps its own.
func (f CorrectForm) rights(v Voucher) ([]money.Fen, error) {
	out, fields := make([]money.Fen, len(v.Lines)), map[string]string{}
	for i, l := range v.Lines {
		out[i] = l.Debit + l.Credit
		if i < len(f.Lines) && f.Lines[i].Amount != "" {
			out[i] = amount(fields, i, "amount", "正确金额", f.Lines[i].Amount)
		}
	}
	if len(fields) > 0 {
		return nil, &fault.Error{Kind: fault.Invalid, Rule: "K1", Text: "有的金额填得不对，请按提示改正后再提交。", Fields: fields}
	}
	return out, nil
}

// CorrectPage is the form of the right amounts.
type CorrectPage struct {
	Detail
	date day.Day
}

func (rm Room) correction(r *web.Request, in ByID) (p CorrectPage, err error) {
	if p.Detail, err = rm.detail(r, in); err != nil {
		return p, err
	}
	p.date = r.Today
	if p.date.Year() != p.Year {
		p.date = p.Date
	}
	return p, correctable(r.Ctx, r.Tx, r.Grant.Tenant(), p.Voucher)
}

func (rm Room) correct(r *web.Request, in CorrectForm) (Done, error) {
	was, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Done{}, err
	}
	if err := current(was, in.Version); err != nil {
		return Done{}, rm.told(r, was, err)
	}
	rights, err := in.rights(was)
	if err != nil {
		return Done{}, err
	}
	v, err := Mend(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, rights, in.Date, r.Now)
	return Done{Voucher: v, said: "差额更正凭证已生成，请审核后记账。", created: true}, err
}
