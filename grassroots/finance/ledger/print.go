package ledger

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/print"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/law/books"
)

// A voucher is printed on half of an A4 page, which is A5 across; two stand on
// a page. Places are in millimetres.
//
// law: S03
const (
	half      = 148.5
	paperLeft = 14.0
	paperWide = 182.0
	rowHigh   = 9.8
	rowsAt    = 39.5 // where the first row begins, from the top of the half
	perSheet  = 8    // rows of a sheet
)

// columns are where the voucher's columns begin: 摘要, 总账科目, 明细科目, 借方,
// 贷方, and where the last one ends.
var columns = [...]float64{paperLeft, paperLeft + 46, paperLeft + 84, paperLeft + 126, paperLeft + 154, paperLeft + paperWide}

// sheet is one sheet of a voucher; of is how many it has.
//
// law: F3.19
type sheetOf struct {
	Voucher
	rows  []lineRow
	no    int
	of    int
	names map[string]string
}

// number is 12, or of a voucher with three sheets 12 1/3.
//
// law: F3.19
func (s sheetOf) number() string {
	n := "未编号"
	if s.Number != 0 {
		n = strconv.FormatInt(s.Number, 10)
	}
	if s.of > 1 {
		n += fmt.Sprintf("　%d/%d", s.no, s.of)
	}
	return n
}

// sheets parts a voucher's rows.
func sheets(v Voucher, rows []lineRow, names map[string]string) (out []sheetOf) {
	of := max(1, (len(rows)+perSheet-1)/perSheet)
	for i := range of {
		out = append(out, sheetOf{Voucher: v, rows: rows[i*perSheet : min(len(rows), (i+1)*perSheet)], no: i + 1, of: of, names: names})
	}
	return out
}

// paper is vouchers going to the printer.
type paper struct {
	c  *print.Canvas
	at int // halves used
}

// put draws one sheet on the next half of a page.
func (p *paper) put(s sheetOf) {
	if p.at%2 == 0 {
		p.c.Page()
	}
	y := float64(p.at%2) * half
	if p.at%2 == 1 {
		for x := 4.0; x < 206; x += 4 { // where to cut
			p.c.Rule(x, half, x+2, half, 0.3, print.Grey)
		}
	}
	p.at++
	p.head(s, y)
	p.table(s, y)
	p.foot(s, y)
}

func (p *paper) head(s sheetOf, y float64) {
	c := p.c
	c.Text(0, y+9, 210, 18, print.Centre, print.Black, "记　账　凭　证")
	c.Rule(78, y+18.5, 132, y+18.5, 0.9, print.Black)
	c.Rule(78, y+19.3, 132, y+19.3, 0.4, print.Black)
	var year, month, day int
	if _, err := fmt.Sscanf(string(s.Date), "%d-%d-%d", &year, &month, &day); err == nil {
		c.Text(0, y+20.5, 210, 10.5, print.Centre, print.Black, fmt.Sprintf("%d 年 %d 月 %d 日", year, month, day))
	}
	c.Text(paperLeft, y+20.5, 80, 9, print.Left, print.Black, "单位："+cut(c, s.Union.Name, 66, 9))
	c.Text(paperLeft, y+20.5, paperWide, 10.5, print.Right, print.Black, s.Kind+" 字第 "+s.number()+" 号")
	if mark := map[Nature]string{Red: "红字冲销", Fix: "差额更正", Closing: "结转", Opening: "年初余额"}[s.Nature]; mark != "" {
		c.Text(paperLeft, y+10, paperWide, 9, print.Right, print.Red, "（"+mark+"）")
	}
	if s.State != Posted {
		c.Text(paperLeft, y+10, 60, 9, print.Left, print.Grey, "（"+s.State.Label()+"，不作记账依据）")
	}
}

func (p *paper) table(s sheetOf, y float64) {
	c, top := p.c, y+rowsAt-rowHigh-0.5
	bottom := top + rowHigh + float64(perSheet+1)*rowHigh
	c.Fill(columns[0], top, paperWide, rowHigh, print.Colour{240, 240, 240})
	for i, text := range []string{"摘　　要", "总账科目", "明细科目", "借方金额（元）", "贷方金额（元）"} {
		c.Text(columns[i], top+2.5, columns[i+1]-columns[i], 9.5, print.Centre, print.Black, text)
	}
	for i := range perSheet + 3 {
		line := top + float64(i)*rowHigh
		c.Rule(columns[0], line, columns[5], line, map[bool]float64{true: 0.9, false: 0.4}[i == 0 || i == perSheet+2], print.Black)
	}
	for i, x := range columns {
		end := bottom
		if i == 1 || i == 2 {
			end -= rowHigh // the words of the sum stand across
		}
		c.Rule(x, top, x, end, map[bool]float64{true: 0.9, false: 0.4}[i == 0 || i == 5], print.Black)
	}
	for i, r := range s.rows {
		p.row(r, top+rowHigh+float64(i)*rowHigh)
	}
	if s.no == s.of {
		debit, credit := s.totals()
		at := bottom - rowHigh
		p.words(columns[0], at, columns[3]-columns[0], "合计："+s.Total.Words(), s.Total < 0)
		p.amount(3, at, debit)
		p.amount(4, at, credit)
	} else {
		c.Text(columns[0]+1.5, bottom-rowHigh+2.4, 60, 9, print.Left, print.Grey, "（转下页）")
	}
}

// row draws one line: the account by name and code, never the code alone.
//
// law: F3.3, F3.18
func (p *paper) row(r lineRow, y float64) {
	k := print.Black
	if r.red {
		k = print.Red
	}
	p.two(0, y, r.Summary, k)
	p.two(1, y, r.code[:min(3, len(r.code))]+" "+r.top, k)
	detail := strings.Join(r.tags, " ")
	if r.detail != "" {
		detail = strings.TrimSpace(r.code + " " + r.detail + " " + detail)
	}
	p.two(2, y, detail, k)
	if r.Debit != 0 {
		p.amount(3, y, r.Debit)
	}
	if r.Credit != 0 {
		p.amount(4, y, r.Credit)
	}
}

// two sets words in a column, in two lines if one does not hold them.
func (p *paper) two(column int, y float64, text string, k print.Colour) {
	const pad = 1.3
	w, size := columns[column+1]-columns[column]-2*pad, 9.0
	lines := p.c.Wrap(text, w, size)
	if len(lines) > 1 {
		size = 7.5
		lines = p.c.Wrap(text, w, size)
	}
	if len(lines) > 2 {
		lines = []string{lines[0], cut(p.c, strings.Join(lines[1:], ""), w, size)}
	}
	high := size * 1.4 * 25.4 / 72
	at := y + (rowHigh-float64(len(lines))*high)/2
	for _, l := range lines {
		p.c.Text(columns[column]+pad, at, w, size, print.Left, k, l)
		at += high
	}
}

func (p *paper) words(x, y, w float64, text string, red bool) {
	k, size := print.Black, 10.5
	if red {
		k = print.Red
	}
	for size > 6.5 && p.c.Measure(text, size) > w-3 {
		size -= 0.5
	}
	p.c.Text(x+1.5, y+(rowHigh-size*1.4*25.4/72)/2, w-3, size, print.Left, k, text)
}

// amount draws a sum; what is less than nothing is red and has its minus.
//
// law: F3.22
func (p *paper) amount(column int, y float64, f money.Fen) {
	k, size := print.Black, 10.0
	if f < 0 {
		k = print.Red
	}
	w := columns[column+1] - columns[column] - 2.6
	for size > 6 && p.c.Measure(f.Grouped(), size) > w {
		size -= 0.5
	}
	p.c.Text(columns[column]+1.3, y+(rowHigh-size*1.4*25.4/72)/2, w, size, print.Right, k, f.Grouped())
}

// foot is who had a hand in it, and how many original documents hang on it.
//
// law: F3.18
func (p *paper) foot(s sheetOf, y float64) {
	at := y + rowsAt + float64(perSheet+1)*rowHigh + 2.5
	p.c.Text(paperLeft, at+6, paperWide, 9, print.Right, print.Black, fmt.Sprintf("附单据 %d 张", s.Attachments))
	x := paperLeft
	for _, who := range []struct{ label, name string }{{"会计主管", ""}, {"记账", s.names[s.Poster]}, {"审核", s.names[s.Reviewer]}, {"出纳", s.names[s.Cashier]}, {"制单", s.names[s.Maker]}} {
		p.c.Text(x, at, 36, 9, print.Left, print.Black, who.label+"："+cut(p.c, who.name, 22, 9))
		x += paperWide / 5
	}
	if s.ReversesID != "" || s.CorrectsID != "" {
		p.c.Text(paperLeft, at+6, paperWide, 7.5, print.Left, print.Grey, s.Summary)
	}
}

// cut shortens a line to a width.
func cut(c *print.Canvas, text string, w, size float64) string {
	for r := []rune(text); len(r) > 0; r = r[:len(r)-1] {
		if out := string(r); len(out) == len(text) && c.Measure(out, size) <= w {
			return out
		} else if c.Measure(out+"…", size) <= w {
			return out + "…"
		}
	}
	return ""
}

// mostPrinted is how many vouchers one file holds.
const mostPrinted = 900

func (rm Room) printOne(r *web.Request, in ByID) (web.File, error) {
	v, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	return rm.printed(r, v.Name()+".pdf", []Voucher{v}), err
}

// printMany prints exactly what is filtered, in the order of the list.
func (rm Room) printMany(r *web.Request, in Query) (web.File, error) {
	if in.State == Posted && in.Sort == "" {
		in.Sort = "made"
	}
	if in.Union == "" { // paper is bound by union
		u, err := Union(r.Ctx, r.Tx, r.Grant, "")
		if err != nil {
			return web.File{}, err
		}
		in.Union = u.Code
	}
	p, err := rm.asked(r, in)
	if err != nil {
		return web.File{}, err
	}
	if p.Book != nil && in.State == Posted && in.Sort == "made" {
		p.q.Sort = "number"
	}
	all := []Voucher{}
	if p.Book != nil {
		q := p.q
		q.Limit, q.After = mostPrinted+1, ""
		if all, err = List(r.Ctx, r.Tx, r.Grant, p.book(), q); err != nil {
			return web.File{}, err
		}
	}
	if len(all) > mostPrinted {
		return web.File{}, fault.New(fault.TooLarge, "符合条件的凭证超过 %d 张，请按月份分开打印。", mostPrinted)
	}
	if err := fillLines(r, p.q, p.book(), all); err != nil {
		return web.File{}, err
	}
	return rm.printed(r, fmt.Sprintf("记账凭证-%s-%d.pdf", p.union.Name, p.q.Year), all), nil
}

// fillLines reads the lines of listed vouchers: drafts carry theirs, those of
// posted ones come in one reading of their entries.
func fillLines(r *web.Request, q Query, book string, all []Voucher) error {
	at := map[string]int{}
	for i := range all {
		if all[i].Number == 0 {
			if err := all[i].unpack(); err != nil {
				return err
			}
			continue
		}
		at[all[i].ID] = i
	}
	if len(at) == 0 {
		return nil
	}
	type row struct {
		voucher string
		books.Line
	}
	b := builder{`
		SELECT e.voucher_id, e.account, e.debit, e.credit, e.source, e.project, e.party, e.dept, e.econ, e.func, e.summary
		FROM entries e
		JOIN vouchers v ON v.tenant_id = e.tenant_id AND v.id = e.voucher_id
		JOIN books b ON b.tenant_id = v.tenant_id AND b.id = v.book_id
		WHERE e.tenant_id = $1 AND EXISTS (
			SELECT 1 FROM union_reach r WHERE r.tenant_id = b.tenant_id AND r.above_id = $2 AND r.union_id = b.union_id)`, []any{r.Grant.Tenant(), r.Grant.Under()}}
	q.where(&b, book)
	return sqldb.Each(r.Ctx, r.Tx, func(scan sqldb.Row) (x row, err error) {
		x.Line, err = scanLine(func(dest ...any) error { return scan(append([]any{&x.voucher}, dest...)...) })
		return x, err
	}, func(x row) error {
		if i, ok := at[x.voucher]; ok {
			all[i].Lines = append(all[i].Lines, x.Line)
		}
		return nil
	}, b.text+` ORDER BY e.voucher_id, e.line`, b.args...)
}

func (rm Room) printed(r *web.Request, name string, all []Voucher) web.File {
	return web.File{Name: name, Type: "application/pdf", Write: func(w io.Writer) error {
		c, err := print.NewCanvas("记账凭证", "职工之家", r.Today)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			c.Page()
			c.Text(0, 60, 210, 12, print.Centre, print.Grey, "没有符合条件的凭证")
		}
		if err := rm.drawn(r, c, all); err != nil {
			return err
		}
		c.Foot()
		return c.Save(w)
	}}
}

// drawn draws vouchers, two to a page.
func (rm Room) drawn(r *web.Request, c *print.Canvas, all []Voucher) error {
	names, err := rm.everybody(r, all)
	if err != nil {
		return err
	}
	charts, projects := map[books.System]Accounts{}, map[string]map[string]string{}
	p := &paper{c: c}
	for _, v := range all {
		if _, ok := charts[v.System]; !ok {
			if charts[v.System], err = ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), v.System); err != nil {
				return err
			}
		}
		if projects[v.Union.ID] == nil {
			if projects[v.Union.ID], err = projectNames(r, v.Union.ID); err != nil {
				return err
			}
		}
		rows := make([]lineRow, len(v.Lines))
		for i, l := range v.Lines {
			rows[i] = charts[v.System].row(l, projects[v.Union.ID])
		}
		for _, s := range sheets(v, rows, names) {
			p.put(s)
		}
	}
	return nil
}
