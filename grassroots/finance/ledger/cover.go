package ledger

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"unionhall/kit/fault"
	"unionhall/kit/print"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// CoverQuery names a month of a book: 3.pdf.
type CoverQuery struct {
	ID    string `json:"id" doc:"编号"`
	Cover string `json:"cover" doc:"月份"`
}

// cover prints the cover under which the vouchers of a month are bound
// (凭证封面).
func (rm Room) cover(r *web.Request, in CoverQuery) (web.File, error) {
	b, err := FindBook(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return web.File{}, err
	}
	month, err := strconv.Atoi(strings.TrimSuffix(in.Cover, ".pdf"))
	if err != nil || month < 1 || month > 12 {
		return web.File{}, fault.New(fault.NotFound, "没有这个月份的凭证封面。")
	}
	t, err := tallyOf(r, b, month)
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: fmt.Sprintf("凭证封面-%s-%d-%02d.pdf", b.Union.Name, b.Year, month), Type: "application/pdf", Write: func(w io.Writer) error {
		c, err := print.NewCanvas("凭证封面", b.Union.Name, r.Today)
		if err != nil {
			return err
		}
		t.draw(c)
		c.Foot()
		return c.Save(w)
	}}, nil
}

// tally is what the cover of a month's vouchers says. The volume is written by
// hand unless it is known.
type tally struct {
	book                        Book
	month                       int
	from, to, n, papers, sheets int64
	no, of                      int
}

func tallyOf(r *web.Request, b Book, month int) (tally, error) {
	t, err := sqldb.One(r.Ctx, r.Tx, func(row sqldb.Row) (t tally, err error) { return t, row(&t.from, &t.to, &t.n, &t.papers) }, `
		SELECT coalesce(min(number), 0), coalesce(max(number), 0), count(*), cast(coalesce(sum(attachments), 0) as bigint)
		FROM vouchers WHERE tenant_id = $1 AND book_id = $2 AND month = $3 AND number IS NOT NULL`, r.Grant.Tenant(), b.ID, int64(month))
	if err != nil {
		return t, err
	}
	t.book, t.month = b, month
	t.sheets, err = sqldb.One(r.Ctx, r.Tx, sqldb.Int, `
		SELECT cast(coalesce(sum((n + $4 - 1) / $4), 0) as bigint) FROM (
			SELECT count(*) AS n FROM entries WHERE tenant_id = $1 AND book_id = $2 AND month = $3 GROUP BY voucher_id) AS x`, r.Grant.Tenant(), b.ID, int64(month), int64(perSheet))
	return t, err
}

// draw puts the cover on a page of its own.
func (t tally) draw(c *print.Canvas) {
	b, numbers, volumes := t.book, "本月没有凭证", "本月共　　册，本册是第　　册"
	if t.n > 0 {
		numbers = fmt.Sprintf("记字第 %d 号至第 %d 号", t.from, t.to)
	}
	if t.of > 0 {
		volumes = fmt.Sprintf("本月共 %d 册，本册是第 %d 册", t.of, t.no)
	}
	c.Page()
	c.Text(0, 24, 210, 26, print.Centre, print.Black, "记账凭证封面")
	c.Rule(62, 39, 148, 39, 0.9, print.Black)
	c.Rule(62, 40.2, 148, 40.2, 0.4, print.Black)
	rows := [][2]string{{"单　位", b.Union.Name}, {"期　间", fmt.Sprintf("%d 年 %d 月", b.Year, t.month)}, {"会计制度", b.System.Label()}, {"凭证号", numbers},
		{"凭证数", fmt.Sprintf("%d 张，共 %d 页", t.n, t.sheets)}, {"附单据", fmt.Sprintf("%d 张", t.papers)}, {"册　数", volumes}, {"保管期限", ""}, {"备　注", ""}}
	y := 50.0
	for _, row := range rows {
		c.Rule(24, y, 186, y, 0.5, print.Black)
		c.Text(26, y+2.4, 34, 12, print.Centre, print.Black, row[0])
		c.Text(64, y+2.4, 120, 12, print.Left, print.Black, cut(c, row[1], 118, 12))
		y += 11
	}
	c.Rule(24, y, 186, y, 0.5, print.Black)
	for _, x := range []float64{24, 61, 186} {
		c.Rule(x, 50, x, y, 0.5, print.Black)
	}
	for i, who := range []string{"会计主管：", "装订人：", "装订日期：　　　年　　月　　日"} {
		c.Text(24+float64(i)*50, y+8, 70, 11, print.Left, print.Black, who)
	}
}
