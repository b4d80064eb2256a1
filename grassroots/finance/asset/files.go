package asset

import (
	"fmt"
	"io"
	"strconv"

	"unionhall/kit/day"
	"unionhall/kit/files"
	"unionhall/kit/money"
	"unionhall/kit/print"
	"unionhall/kit/sheet"
	"unionhall/kit/web"
)

const (
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	csvType  = "text/csv; charset=utf-8"
	pdfType  = "application/pdf"
)

// register is the register of cards as a file.
var register = []struct {
	sheet.Column
	text func(Card) string
}{
	{sheet.Column{Name: "卡片编号", Width: 12}, Card.Code},
	{sheet.Column{Name: "工会", Width: 30}, func(c Card) string { return c.Union.Name }},
	{sheet.Column{Name: "资产种类", Width: 14}, func(c Card) string { return c.Kind.Label() }},
	{sheet.Column{Name: "类别", Width: 30}, func(c Card) string { return c.Class + "—" + c.Content }},
	{sheet.Column{Name: "资产名称", Width: 24}, func(c Card) string { return c.Name }},
	{sheet.Column{Name: "规格型号", Width: 18}, func(c Card) string { return c.Model }},
	{sheet.Column{Name: "来源", Width: 12}, func(c Card) string { return c.Origin.Label() }},
	{sheet.Column{Name: "产权", Width: 12}, func(c Card) string { return OwnerLabel(c.Owner) }},
	{sheet.Column{Name: "取得日期", Kind: sheet.Date}, func(c Card) string { return string(c.Acquired) }},
	{sheet.Column{Name: "折旧年限", Kind: sheet.Integer}, func(c Card) string { return strconv.FormatInt(c.Years, 10) }},
	{sheet.Column{Name: "原值", Kind: sheet.Money, Width: 14}, func(c Card) string { return c.Worth.Cost.String() }},
	{sheet.Column{Name: "累计折旧", Kind: sheet.Money, Width: 14}, func(c Card) string { return c.Worth.Used.String() }},
	{sheet.Column{Name: "净值", Kind: sheet.Money, Width: 14}, func(c Card) string { return c.Worth.Net().String() }},
	{sheet.Column{Name: "存放地点", Width: 18}, func(c Card) string { return c.Place }},
	{sheet.Column{Name: "保管人", Width: 12}, func(c Card) string { return c.Keeper }},
	{sheet.Column{Name: "状态", Width: 10}, func(c Card) string { return c.State.Label() }},
}

func writeRegister(dst io.Writer, cards []Card, csv bool) error {
	columns := make([]sheet.Column, len(register))
	for i, c := range register {
		columns[i] = c.Column
	}
	open := func() (*sheet.Writer, error) { return sheet.NewXLSX(dst, "资产卡片登记簿", columns) }
	if csv {
		open = func() (*sheet.Writer, error) { return sheet.NewCSV(dst, columns) }
	}
	w, err := open()
	if err != nil {
		return err
	}
	row := make([]string, len(register))
	for _, c := range cards {
		for i, x := range register {
			row[i] = x.text(c)
		}
		if err := w.Row(row...); err != nil {
			return err
		}
	}
	return w.Close()
}

func registerFile(r *web.Request, in Query, csv bool) (web.File, error) {
	cards, err := Whole(r.Ctx, r.Tx, r.Grant, in)
	f := web.File{Name: "资产卡片.xlsx", Type: xlsxType, Write: func(dst io.Writer) error { return writeRegister(dst, cards, csv) }}
	if csv {
		f.Name, f.Type = "资产卡片.csv", csvType
	}
	return f, err
}

func registerCSV(r *web.Request, in Query) (web.File, error)  { return registerFile(r, in, true) }
func registerXLSX(r *web.Request, in Query) (web.File, error) { return registerFile(r, in, false) }

// A sheet of labels is three across and eight down, as the shops sell them.
const (
	labelWide, labelHigh = 70.0, 37.0
	labelsWide           = 3
	labelsHigh           = 8
)

// labels prints a label for each card: what it is, where, and a code that opens
// its page for whoever may see it.
func labels(dst io.Writer, cards []Card, office, origin string, on day.Day) error {
	c, err := print.NewCanvas("资产标签", office, on)
	if err != nil {
		return err
	}
	for i, card := range cards {
		at := i % (labelsWide * labelsHigh)
		if at == 0 {
			c.Page()
		}
		x, y := float64(at%labelsWide)*labelWide, float64(at/labelsWide)*labelHigh+0.5
		c.QR(x+4, y+5, 25, origin+card.At())
		line := y + 4
		for n, text := range []string{card.Union.Name, card.Code(), card.Name, card.Model, string(card.Acquired), card.Place} {
			if text == "" {
				continue
			}
			size := 8.0
			if n == 1 {
				size = 11
			}
			c.Text(x+31, line, labelWide-34, size, print.Left, print.Black, first(c, text, labelWide-34, size))
			line += size * 0.3528 * 1.55
		}
	}
	if len(cards) == 0 {
		c.Page()
		c.Text(20, 20, 170, 12, print.Left, print.Black, "没有符合条件的卡片。")
	}
	c.Foot()
	return c.Save(dst)
}

// first is as much of a text as one line of a label holds.
func first(c *print.Canvas, text string, w, size float64) string {
	lines := c.Wrap(text, w, size)
	if len(lines) > 1 {
		r := []rune(lines[0])
		return string(r[:len(r)-1]) + "…"
	}
	return text
}

// LabelQuery chooses the cards whose labels are printed: one, or as the
// register is narrowed.
type LabelQuery struct {
	Query
	Card string `json:"card" doc:"卡片"`
}

func labelFile(r *web.Request, in LabelQuery) (web.File, error) {
	var cards []Card
	if in.Card != "" {
		c, err := Find(r.Ctx, r.Tx, r.Grant, in.Card)
		if err != nil {
			return web.File{}, err
		}
		cards = []Card{c}
	} else {
		all, err := Whole(r.Ctx, r.Tx, r.Grant, in.Query)
		if err != nil {
			return web.File{}, err
		}
		for _, c := range all {
			if c.Kind == Fixed && c.State != Gone && c.State != Void {
				cards = append(cards, c)
			}
		}
	}
	origin := web.Origin(r.HTTP)
	return web.File{Name: "资产标签.pdf", Type: pdfType, Write: func(dst io.Writer) error { return labels(dst, cards, "", origin, r.Today) }}, nil
}

// countFields are the columns of a count sheet that comes back.
var countFields = []sheet.Field{
	{Key: "code", Label: "编号", Required: true},
	{Key: "found", Label: "实盘数", Synonyms: []string{"实存数", "盘点数"}, Required: true},
	{Key: "note", Label: "说明", Synonyms: []string{"备注"}},
}

func found(e Entry) string {
	if !e.Known {
		return ""
	}
	return e.Found.String()
}

func writeCount(dst io.Writer, c Taking, lines []Entry) error {
	w, err := sheet.NewXLSX(dst, fmt.Sprintf("%s资产盘点表（%s）", c.Union.Name, c.Day), []sheet.Column{
		{Name: "编号", Width: 12}, {Name: "品名", Width: 26}, {Name: "计量单位", Width: 10}, {Name: "存放地点", Width: 18}, {Name: "保管人", Width: 12},
		{Name: "账面数", Width: 10}, {Name: "账面价值", Kind: sheet.Money, Width: 14}, {Name: "实盘数", Width: 10}, {Name: "说明", Width: 26},
	})
	if err != nil {
		return err
	}
	for _, e := range lines {
		if err := w.Row(e.Code, e.Name, e.Unit, e.Place, e.Keeper, e.Expected.String(), e.Amount.String(), found(e), e.Note); err != nil {
			return err
		}
	}
	return w.Close()
}

func countXLSX(r *web.Request, in ByID) (web.File, error) {
	c, lines, err := sheetAt(r, in.ID)
	return web.File{Name: fmt.Sprintf("盘点表%s.xlsx", c.Day), Type: xlsxType, Write: func(dst io.Writer) error { return writeCount(dst, c, lines) }}, err
}

func countPDF(r *web.Request, in ByID) (web.File, error) {
	c, lines, err := sheetAt(r, in.ID)
	return web.File{Name: fmt.Sprintf("盘点表%s.pdf", c.Day), Type: pdfType, Write: func(dst io.Writer) error {
		d, err := print.New(print.Paper{Office: c.Union.Name, Title: "资产盘点表", Note: "盘点日：" + c.Day.Chinese() + "　单位：元", Made: r.Now, Wide: true})
		if err != nil {
			return err
		}
		t := d.Table(print.Column{Head: "编号", Width: 1.3}, print.Column{Head: "品名", Width: 3}, print.Column{Head: "单位", Width: 0.8}, print.Column{Head: "存放地点", Width: 2}, print.Column{Head: "保管人", Width: 1.3},
			print.Column{Head: "账面数", Width: 1.1, Align: print.Right}, print.Column{Head: "账面价值", Width: 1.6, Align: print.Right}, print.Column{Head: "实盘数", Width: 1.1, Align: print.Right}, print.Column{Head: "说明", Width: 2.4})
		for _, e := range lines {
			if err := t.Row(e.Code, e.Name, e.Unit, e.Place, e.Keeper, e.Expected.String(), e.Amount.Grouped(), found(e), e.Note); err != nil {
				return err
			}
		}
		t.End()
		d.Signatures("盘点人", "监盘人", "工会主席（签章）")
		_, err = d.WriteTo(dst)
		return err
	}}, err
}

// ReadCount reads a count sheet that comes back, by the numbers on its lines.
func ReadCount(store files.Store, up web.Upload, lines []Entry) (out []Finding, err error) {
	at := map[string]Entry{}
	for _, e := range lines {
		at[e.Code] = e
	}
	err = rowsOf(store, up, countFields, func(_ int, cell func(string) string) {
		if e, ok := at[cell("code")]; ok {
			out = append(out, Finding{ID: e.ID, Found: cell("found"), Note: cell("note")})
		}
	})
	return out, err
}

// runPDF is the sheet that goes with the voucher of a run: every card's part.
func runPDF(r *web.Request, in ByID) (web.File, error) {
	run, err := FindRun(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return web.File{}, err
	}
	parts, err := PartsOf(r.Ctx, r.Tx, r.Grant, run)
	return web.File{Name: "折旧计算表" + string(run.Month) + ".pdf", Type: pdfType, Write: func(dst io.Writer) error {
		d, err := print.New(print.Paper{Office: run.Union.Name, Title: "折旧和摊销计算表", Note: run.Month.Label() + "　单位：元", Made: r.Now})
		if err != nil {
			return err
		}
		t := d.Table(print.Column{Head: "编号", Width: 1.2}, print.Column{Head: "名称", Width: 3}, print.Column{Head: "类别", Width: 3}, print.Column{Head: "取得日期", Width: 1.5}, print.Column{Head: "年限", Width: 0.8, Align: print.Right}, print.Column{Head: "本月", Width: 1.6, Align: print.Right})
		var sum money.Fen
		for _, p := range parts {
			sum += p.Amount
			if err := t.Row(p.Card.Code(), p.Card.Name, p.Card.Content, string(p.Card.Acquired), strconv.FormatInt(p.Card.Years, 10), p.Amount.Grouped()); err != nil {
				return err
			}
		}
		if len(parts) > 0 {
			if err := t.Row("合计", "", "", "", "", sum.Grouped()); err != nil {
				return err
			}
		}
		t.End()
		d.Signatures("制表", "审核", "工会主席（签章）")
		_, err = d.WriteTo(dst)
		return err
	}}, err
}

// bookFile is the stock book of goods as a workbook.
func bookFile(r *web.Request, in ByID) (web.File, error) {
	i, err := FindGoods(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return web.File{}, err
	}
	slips, _, err := SlipsOf(r.Ctx, r.Tx, r.Grant.Tenant(), i.ID)
	return web.File{Name: i.Name + "收发存账.xlsx", Type: xlsxType, Write: func(dst io.Writer) error { return writeBook(dst, i, slips) }}, err
}

func writeBook(dst io.Writer, i Goods, slips []Slip) error {
	w, err := sheet.NewXLSX(dst, fmt.Sprintf("收发存账：%s %s（%s）", i.Name, i.Spec, i.Unit), []sheet.Column{
		{Name: "日期", Kind: sheet.Date}, {Name: "单号", Kind: sheet.Integer}, {Name: "摘要", Width: 24}, {Name: "收入数量", Width: 10}, {Name: "收入金额", Kind: sheet.Money, Width: 14}, {Name: "发出数量", Width: 10},
		{Name: "发出金额", Kind: sheet.Money, Width: 14}, {Name: "结存数量", Width: 10}, {Name: "结存金额", Kind: sheet.Money, Width: 14}, {Name: "凭证", Width: 12},
	})
	if err != nil {
		return err
	}
	for _, s := range slips {
		in, out := [2]string{s.Quantity.String(), s.Amount.String()}, [2]string{}
		if !s.In() {
			in, out = out, in
		}
		if err := w.Row(string(s.Day), itoa(s.No), s.words(), in[0], in[1], out[0], out[1], s.Left.String(), s.Worth.String(), s.voucherName()); err != nil {
			return err
		}
	}
	return w.Close()
}

// words says what a slip is and for whom.
func (s Slip) words() string {
	out := s.WayLabel()
	if s.Receiver != "" {
		out += "：" + s.Receiver
	}
	if s.Standing == "void" {
		out += "（凭证已作废或冲销，不计）"
	}
	return out
}

func (s Slip) voucherName() string {
	switch {
	case s.Number > 0:
		return "记-" + itoa(s.Number)
	case s.Standing == "waiting":
		return "待记账"
	}
	return ""
}
