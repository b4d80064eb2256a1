package bill

import (
	"fmt"
	"io"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/print"
	"unionhall/kit/sheet"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// BookQuery chooses the books of a union for a year.
type BookQuery struct {
	Union string `json:"union" doc:"工会"`
	Year  int    `json:"year" doc:"年度"`
}

// Chosen is the book that a query asks for, and those to choose from.
type Chosen struct {
	Book  *ledger.Book `json:"book"`
	Year  int          `json:"year"`
	books []ledger.Book
}

// choose finds the book; none is no fault: the page says what to do first.
func choose(r *web.Request, q BookQuery) (c Chosen, err error) {
	if c.Year = q.Year; c.Year == 0 {
		c.Year = r.Today.Year()
	}
	b, err := ledger.BookOf(r.Ctx, r.Tx, r.Grant, q.Union, c.Year)
	if f := fault.Of(err); err != nil && f.Kind != fault.Conflict {
		return c, err
	} else if err == nil {
		c.Book = &b
	}
	c.books, err = ledger.Books(r.Ctx, r.Tx, r.Grant, "", c.Year)
	return c, err
}

func (c Chosen) union() string {
	if c.Book == nil {
		return ""
	}
	return c.Book.Union.Code
}

func (c Chosen) name() string {
	if c.Book == nil {
		return yearText(c.Year) + " 年"
	}
	return fmt.Sprintf("%s，%d 年", c.Book.Union.Name, c.Year)
}

// options are the unions that keep books in the year.
func (c Chosen) options() (out []ui.Option) {
	if c.Book == nil {
		out = append(out, ui.Option{Text: "请选择"})
	}
	for _, b := range c.books {
		out = append(out, ui.Option{Value: b.Union.Code, Text: b.Union.Name})
	}
	return out
}

func (c Chosen) years(today int) (out []ui.Option) {
	for y := today + 1; y >= today-4; y-- {
		out = append(out, ui.Option{Value: yearText(y), Text: yearText(y)})
	}
	return out
}

// AgeQuery asks for what is open on a day.
type AgeQuery struct {
	BookQuery
	On      day.Day `json:"on" doc:"截止日期"`
	Side    Side    `json:"side" doc:"应收或应付"`
	Overdue bool    `json:"overdue" doc:"只看逾期借支"`
	Account string  `json:"account" doc:"科目"`
	Party   string  `json:"party" doc:"往来单位或个人"`
}

// AgePage is what is open, by party and age.
type AgePage struct {
	Chosen
	On      day.Day     `json:"on"`
	Most    int         `json:"advance_days"`
	Items   []Party     `json:"items"`
	Totals  []money.Fen `json:"totals"` // by age, claims alone
	q       AgeQuery
	today   day.Day
	writeIn int // after how many years a claim may be written off
}

func agePage(r *web.Request, in AgeQuery) (p AgePage, err error) {
	p = AgePage{q: in, today: r.Today, Items: []Party{}, Totals: make([]money.Fen, len(Buckets))}
	if p.Chosen, err = choose(r, in.BookQuery); err != nil {
		return p, err
	}
	if p.On = in.On; p.On == "" || p.On.Year() != p.Year {
		p.On = min(r.Today, lastDay(p.Year))
	}
	if p.Most, err = AdvanceDays(r.Ctx, r.Tx, r.Grant.Tenant(), p.On); err != nil || p.Book == nil {
		return p, err
	}
	if p.writeIn, err = writeOff(r, p.On); err != nil {
		return p, err
	}
	var open []Open
	if in.Overdue {
		open, err = Overdue(r.Ctx, r.Tx, r.Grant, *p.Book, p.On)
	} else {
		open, err = OpenItems(r.Ctx, r.Tx, r.Grant, *p.Book, p.On)
	}
	for _, x := range ByParty(open) {
		if in.Side != "" && x.Side != in.Side || in.Account != "" && x.Account != in.Account || in.Party != "" && x.Party != in.Party {
			continue
		}
		p.Items = append(p.Items, x)
		if x.Side == Claim {
			for i, n := range x.By {
				p.Totals[i] += n
			}
		}
	}
	return p, err
}

// writeOff is after how many years a claim may be written off; the rule is of
// 2022, none before.
//
// law: J37
func writeOff(r *web.Request, on day.Day) (int, error) {
	n, err := param(r.Ctx, r.Tx, r.Grant.Tenant(), "books.receivable.writeoff_years", on)
	if fault.Of(err).Kind == fault.NotFound {
		return 0, nil
	}
	return n, err
}

// hint says what an open item asks for.
//
// law: J36, J37, F3.16
func (p AgePage) hint(x Party) (ui.Kind, string) {
	switch {
	case x.Total < 0:
		return ui.Warn, "多收或多付，待清理"
	case x.Side == Claim && p.writeIn > 0 && x.Oldest > p.writeIn*365:
		return ui.Bad, fmt.Sprintf("超过 %d 年，可按程序核销（J37）", p.writeIn)
	case x.Side == Claim && isAdvance(p.Book, x.Account) && x.Oldest > p.Most:
		return ui.Bad, fmt.Sprintf("借支超过 %d 天，请催还或报销（J36）", p.Most)
	case x.Oldest > 365:
		return ui.Warn, "超过一年，请核对清理"
	}
	return ui.Info, "正常"
}

func isAdvance(b *ledger.Book, account string) bool {
	if b == nil {
		return false
	}
	for _, top := range advances[b.System] {
		if strings.HasPrefix(account, top) {
			return true
		}
	}
	return false
}

func (p AgePage) address(path string, pairs ...string) string {
	on := ""
	if p.q.On != "" {
		on = string(p.q.On)
	}
	overdue := ""
	if p.q.Overdue {
		overdue = "1"
	}
	return address(path, append([]string{"union", p.union(), "year", yearText(p.Year), "on", on, "side", string(p.q.Side), "overdue", overdue}, pairs...)...)
}

// Label is what people call a side.
func (s Side) Label() string {
	return map[Side]string{Claim: "应收、暂付", Debt: "应付、暂收"}[s]
}

var ageExport = []sheet.Column{{Name: "工会", Width: 30}, {Name: "方向"}, {Name: "科目", Width: 24}, {Name: "往来单位或个人", Width: 26}, {Name: "发生日期", Kind: sheet.Date}, {Name: "天数", Kind: sheet.Integer}, {Name: "账龄", Width: 12},
	{Name: "发生额", Kind: sheet.Money}, {Name: "未结清", Kind: sheet.Money}, {Name: "摘要", Width: 30}, {Name: "凭证", Width: 18}}

func ageCSV(r *web.Request, in AgeQuery) (web.File, error)  { return ageFile(r, in, true) }
func ageXLSX(r *web.Request, in AgeQuery) (web.File, error) { return ageFile(r, in, false) }

func ageFile(r *web.Request, in AgeQuery, csv bool) (web.File, error) {
	p, err := agePage(r, in)
	return table("往来账龄-"+string(p.On), ageExport, csv, func(write func(...string) error) error {
		for _, x := range p.Items {
			for _, o := range x.Items {
				if err := write(p.Book.Union.Name, x.Side.Label(), o.Account+" "+o.Name, o.Party, string(o.Since), count(int64(o.Days)), Buckets[bucketOf(o.Days)].Label, o.Amount.String(), o.Rest.String(), o.Summary, o.Voucher.Name()); err != nil {
					return err
				}
			}
		}
		return nil
	}), err
}

// letterPDF is a reminder for one party, or for every party whose advance is
// overdue: a paper each, with a slip to send back.
//
// law: F3.16, J36
func letterPDF(r *web.Request, in AgeQuery) (web.File, error) {
	if in.Party == "" {
		in.Overdue = true
	}
	in.Side = Claim
	p, err := agePage(r, in)
	if err != nil {
		return web.File{}, err
	}
	name := "催办单"
	if in.Party != "" {
		name += "-" + in.Party
	}
	return web.File{Name: name + ".pdf", Type: "application/pdf", Write: func(dst io.Writer) error { return p.letters(dst, r.Now, r.Actor().Name()) }}, nil
}

func (p AgePage) letters(dst io.Writer, now day.Instant, by string) error {
	office := yearText(p.Year) + " 年"
	if p.Book != nil {
		office = p.Book.Union.Name
	}
	d, err := print.New(print.Paper{Office: office, Title: "往来款项催办单", Note: "截至 " + p.On.Chinese(), By: by, Made: now})
	if err != nil {
		return err
	}
	if len(p.Items) == 0 {
		d.Text("截至 " + p.On.Chinese() + "，没有需要催办的往来款项。")
	}
	for i, x := range p.Items {
		if i > 0 {
			d.Heading("往来款项催办单")
		}
		d.Text(x.Party + "：")
		d.Text(fmt.Sprintf("　　经核对账簿，截至 %s，您（贵单位）在我会“%s”科目还有 %s 元（大写：%s）没有结清，明细如下。", p.On.Chinese(), x.Name, x.Total.Grouped(), x.Total.Words()))
		t := d.Table(print.Column{Head: "发生日期", Width: 1.3}, print.Column{Head: "摘要", Width: 3}, print.Column{Head: "凭证", Width: 2}, print.Column{Head: "天数", Width: 0.8, Align: print.Right}, print.Column{Head: "未结清（元）", Width: 1.5, Align: print.Right})
		for _, o := range x.Items {
			if err := t.Row(string(o.Since), o.Summary, o.Voucher.Name(), count(int64(o.Days)), o.Rest.Grouped()); err != nil {
				return err
			}
		}
		t.End()
		d.Text(fmt.Sprintf("　　借支超过 %d 天的，请在收到本单后尽快报销或归还；对数额有不同意见的，请在回执上写明并附单据。", p.Most))
		d.Seal(office, p.On)
		d.Text("回执：□ 数额无误，将于　　　年　　月　　日前结清　　□ 数额不符，说明：")
		d.Signatures("经办人", "往来单位（个人）签章", "日期")
	}
	_, err = d.WriteTo(dst)
	return err
}
