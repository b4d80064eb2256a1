package ledger

import (
	"fmt"
	"io"
	"strconv"

	"unionhall/kit/sheet"
	"unionhall/kit/web"
)

// exported are the columns of the list as a file.
var exported = []struct {
	sheet.Column
	text func(Voucher, map[string]string) string
}{
	{sheet.Column{Name: "工会", Width: 30}, func(v Voucher, _ map[string]string) string { return v.Union.Name }},
	{sheet.Column{Name: "凭证号"}, func(v Voucher, _ map[string]string) string { return v.Name() }},
	{sheet.Column{Name: "日期", Kind: sheet.Date}, func(v Voucher, _ map[string]string) string { return string(v.Date) }},
	{sheet.Column{Name: "摘要", Width: 36}, func(v Voucher, _ map[string]string) string { return v.Summary }},
	{sheet.Column{Name: "金额（元）", Kind: sheet.Money}, func(v Voucher, _ map[string]string) string { return v.Total.String() }},
	{sheet.Column{Name: "附单据（张）", Kind: sheet.Integer}, func(v Voucher, _ map[string]string) string { return strconv.FormatInt(v.Attachments, 10) }},
	{sheet.Column{Name: "类型"}, func(v Voucher, _ map[string]string) string { return v.Nature.Label() }},
	{sheet.Column{Name: "状态"}, func(v Voucher, _ map[string]string) string { return v.State.Label() }},
	{sheet.Column{Name: "制单"}, func(v Voucher, n map[string]string) string { return n[v.Maker] }},
	{sheet.Column{Name: "审核"}, func(v Voucher, n map[string]string) string { return n[v.Reviewer] }},
	{sheet.Column{Name: "记账"}, func(v Voucher, n map[string]string) string { return n[v.Poster] }},
	{sheet.Column{Name: "出纳"}, func(v Voucher, n map[string]string) string { return n[v.Cashier] }},
}

// export writes exactly what is filtered, a piece at a time.
func (rm Room) export(r *web.Request, in Query, dst io.Writer, csv bool) error {
	p, err := rm.asked(r, in)
	if err != nil {
		return err
	}
	columns := make([]sheet.Column, len(exported))
	for i, c := range exported {
		columns[i] = c.Column
	}
	var w *sheet.Writer
	if csv {
		w, err = sheet.NewCSV(dst, columns)
	} else {
		w, err = sheet.NewXLSX(dst, "记账凭证", columns)
	}
	if err != nil {
		return err
	}
	if p.Book != nil || in.Union == "" {
		err = p.pieces(r, func(piece []Voucher) error {
			names, err := rm.everybody(r, piece)
			if err != nil {
				return err
			}
			values := make([]string, len(exported))
			for _, v := range piece {
				for i, c := range exported {
					values[i] = c.text(v, names)
				}
				if err := w.Row(values...); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return err
	}
	return w.Close()
}

// piece is how many vouchers are held at once.
const piece = 1000

// pieces gives the whole of a list, a piece at a time.
func (p ListPage) pieces(r *web.Request, f func([]Voucher) error) error {
	q := p.q
	q.Limit, q.After = piece, ""
	o, _, err := q.sorted(p.book())
	if err != nil {
		return err
	}
	for {
		some, err := List(r.Ctx, r.Tx, r.Grant, p.book(), q)
		if err == nil {
			err = f(some)
		}
		if err != nil || len(some) < piece {
			return err
		}
		q.After = o.mark(some[piece-1])
	}
}

// everybody names whoever had a hand in vouchers.
func (rm Room) everybody(r *web.Request, all []Voucher) (map[string]string, error) {
	seen, who := map[string]bool{"": true, Auto: true}, []string{}
	for _, v := range all {
		for _, a := range []string{v.Maker, v.Reviewer, v.Poster, v.Cashier} {
			if !seen[a] {
				seen[a] = true
				who = append(who, a)
			}
		}
	}
	names, err := rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), who)
	if names == nil {
		names = map[string]string{}
	}
	names[Auto] = "规则自动审核"
	return names, err
}

func (rm Room) exportCSV(r *web.Request, in Query) (web.File, error) {
	return web.File{Name: fmt.Sprintf("记账凭证-%d.csv", in.Year), Type: "text/csv; charset=utf-8", Write: func(dst io.Writer) error { return rm.export(r, in, dst, true) }}, nil
}

func (rm Room) exportXLSX(r *web.Request, in Query) (web.File, error) {
	return web.File{Name: fmt.Sprintf("记账凭证-%d.xlsx", in.Year), Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Write: func(dst io.Writer) error { return rm.export(r, in, dst, false) }}, nil
}
