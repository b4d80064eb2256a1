package bank

import (
	"io"
	"strconv"

	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/kit/print"
	"unionhall/kit/sheet"
)

var journalColumns = []sheet.Column{
	{Name: "日期", Kind: sheet.Date}, {Name: "凭证号"}, {Name: "摘要", Width: 34}, {Name: "对方科目", Width: 26},
	{Name: "借方", Kind: sheet.Money, Width: 16}, {Name: "贷方", Kind: sheet.Money, Width: 16}, {Name: "借或贷"}, {Name: "余额", Kind: sheet.Money, Width: 16},
}

// lean is the side that a balance stands on.
func lean(n int64) string {
	switch {
	case n > 0:
		return "借"
	case n < 0:
		return "贷"
	}
	return "平"
}

// rows writes the journal line by line as the book has them: brought forward,
// every voucher, every day added up, the month and the year so far.
func (j Journal) rows(put func(cells ...string) error) error {
	p := readPeriod(j.Period, "")
	amount := func(n int64) string {
		if n == 0 {
			return ""
		}
		return yuan(n)
	}
	left := func(n int64) (string, string) { return lean(n), yuan(abs(n)) }
	side, rest := left(int64(j.Opening))
	brought := "承前结余"
	if p.Month == 1 {
		brought = "上年结转"
	}
	if err := put(string(p.First()), "", brought, "", "", "", side, rest); err != nil {
		return err
	}
	for _, e := range j.Entries {
		side, rest := left(int64(e.Balance))
		if err := put(string(e.Day), "记-"+strconv.FormatInt(e.Number, 10), e.Summary, e.Counter, amount(int64(e.Debit)), amount(int64(e.Credit)), side, rest); err != nil {
			return err
		}
		if e.end != nil {
			side, rest := left(int64(e.end.Balance))
			if err := put(string(e.Day), "", "本日合计", "", yuan(int64(e.end.Debit)), yuan(int64(e.end.Credit)), side, rest); err != nil {
				return err
			}
		}
	}
	side, rest = left(int64(j.Closing))
	if err := put(string(p.Last()), "", "本月合计", "", yuan(int64(j.Debit)), yuan(int64(j.Credit)), side, rest); err != nil {
		return err
	}
	return put(string(p.Last()), "", "本年累计", "", yuan(int64(j.YearIn)), yuan(int64(j.YearOut)), side, rest)
}

// Table writes the journal as a table, a CSV or a workbook.
//
// law: F3.24
func (j Journal) Table(dst io.Writer, csv bool) error {
	open := func() (*sheet.Writer, error) {
		return sheet.NewXLSX(dst, j.Account.Kind.Journal()+" "+j.Period, journalColumns)
	}
	if csv {
		open = func() (*sheet.Writer, error) { return sheet.NewCSV(dst, journalColumns) }
	}
	w, err := open()
	if err != nil {
		return err
	}
	if err := j.rows(w.Row); err != nil {
		return err
	}
	return w.Close()
}

// PDF writes the journal as the page of the book: printed, bound and filed.
//
// law: F3.24
func (j Journal) PDF(dst io.Writer, by string, at day.Instant) error {
	p := readPeriod(j.Period, "")
	d, err := print.New(print.Paper{Office: j.Account.Union.Name, Title: j.Account.Kind.Journal(), Note: p.Label() + "　单位：元", By: by, Made: at, Wide: true})
	if err != nil {
		return err
	}
	head := "科目：" + j.Account.Code + "　账户：" + j.Account.Name
	if j.Account.Bank != "" {
		head += "　开户行：" + j.Account.Bank + "　账号：" + j.Account.Number
	}
	d.Text(head)
	t := d.Table(print.Column{Head: "月", Width: .6, Align: print.Centre}, print.Column{Head: "日", Width: .6, Align: print.Centre}, print.Column{Head: "凭证号", Width: 1.3}, print.Column{Head: "摘要", Width: 5},
		print.Column{Head: "对方科目", Width: 4}, print.Column{Head: "借方", Width: 2.3, Align: print.Right}, print.Column{Head: "贷方", Width: 2.3, Align: print.Right}, print.Column{Head: "借或贷", Width: 1, Align: print.Centre}, print.Column{Head: "余额", Width: 2.4, Align: print.Right})
	err = j.rows(func(c ...string) error {
		for i := 4; i < len(c); i++ {
			if i != 6 {
				c[i] = group(c[i])
			}
		}
		return t.Row(append([]string{c[0][5:7], c[0][8:10]}, c[1:]...)...)
	})
	if err != nil {
		return err
	}
	t.End()
	d.Signatures("会计", "出纳", "会计主管")
	_, err = d.WriteTo(dst)
	return err
}

// PDF writes the reconciliation as the paper that is signed and filed.
//
// law: K8, F3.27
func (s Sheet) PDF(dst io.Writer, a Account, t *Table, names map[string]string, by string, at day.Instant) error {
	p := readPeriod(s.Period, "")
	d, err := print.New(print.Paper{Office: a.Union.Name, Title: "银行存款余额调节表", Note: string(p.Last()) + "　单位：元", By: by, Made: at, Wide: true})
	if err != nil {
		return err
	}
	d.Text("账户：" + a.Name + "　开户行：" + a.Bank + "　账号：" + a.Number + "　科目：" + a.Code)
	amount := print.Column{Head: "金额", Width: 2, Align: print.Right}
	tab := d.Table(print.Column{Head: "项目（银行方）", Width: 5}, amount, print.Column{Head: "项目（本单位方）", Width: 5}, amount)
	put := func(a, b, c, e string) {
		if err == nil {
			err = tab.Row(a, b, c, e)
		}
	}
	put("银行对账单余额", s.Bank.Grouped(), "银行存款账面余额", s.Book.Grouped())
	for i, side := range []Side{BookIn, BookOut} {
		other := []Side{BankIn, BankOut}[i]
		put(side.Label(), s.Sum(side).Grouped(), other.Label(), s.Sum(other).Grouped())
		left, right := s.Of(side), s.Of(other)
		for k := range max(len(left), len(right)) {
			a, b := left.at(k)
			c, e := right.at(k)
			put(a, b, c, e)
		}
	}
	put("调节后余额", s.BankAdjusted.Grouped(), "调节后余额", s.BookAdjusted.Grouped())
	if err != nil {
		return err
	}
	tab.End()
	switch {
	case s.Difference() != 0:
		d.Text("调节后两边相差 " + s.Difference().Grouped() + " 元。")
	case t == nil:
		d.Text("本表还没有编制，仅供核对。")
	case t.State == Confirmed:
		d.Text("编制：" + names[t.Maker] + "　" + t.Made.Local() + "　确认：" + names[t.Confirmer] + "　" + t.Confirmed.Local() + "\n内容摘要值：" + t.Digest)
	default:
		d.Text("编制：" + names[t.Maker] + "　" + t.Made.Local() + "　" + t.State.Label())
	}
	d.Signatures("编制人", "复核人", "单位负责人（签章）")
	_, err = d.WriteTo(dst)
	return err
}

// list is one of the four lists of a reconciliation.
type list []Outstanding

// at words one item and its amount; beyond the end there is none.
func (l list) at(i int) (text, amount string) {
	if i >= len(l) {
		return "", ""
	}
	o := l[i]
	text = "　" + string(o.Day) + " " + o.Summary
	if o.Number > 0 {
		text += "（记-" + strconv.FormatInt(o.Number, 10) + "）"
	}
	if o.Stale {
		text += "【超期】"
	}
	return text, o.Amount.Grouped()
}

// PDF writes the count as the paper that both sign.
//
// law: K8
func (c CashCount) PDF(dst io.Writer, a Account, names map[string]string, by string, at day.Instant) error {
	d, err := print.New(print.Paper{Office: a.Union.Name, Title: "库存现金盘点表", Note: "盘点日期 " + string(c.Day) + "　单位：元", By: by, Made: at})
	if err != nil {
		return err
	}
	d.Text("账户：" + a.Name + "　科目：" + a.Code)
	t := d.Table(print.Column{Head: "面额", Width: 2}, print.Column{Head: "张（枚）数", Width: 2, Align: print.Right}, print.Column{Head: "金额", Width: 3, Align: print.Right})
	for _, n := range Notes {
		k := c.Pieces[noteKey(n)]
		if err := t.Row(noteLabel(n), strconv.FormatInt(k, 10), group(yuan(int64(n)*k))); err != nil {
			return err
		}
	}
	for _, line := range [][2]string{{"实盘金额", c.Counted.Grouped()}, {"账面余额", c.Book.Grouped()}, {c.verdict(), c.Difference().Grouped()}} {
		if err := t.Row(line[0], "", line[1]); err != nil {
			return err
		}
	}
	t.End()
	d.Text("实盘金额大写：" + c.Counted.Words())
	if c.Words != "" {
		d.Text("说明：" + c.Words)
	}
	text := "盘点：" + names[c.Maker] + "　" + c.Made.Local()
	if c.State == Watched {
		text += "　监盘：" + names[c.Witness] + "　" + c.Witnessed.Local()
	}
	d.Text(text)
	d.Signatures("盘点人（出纳）", "监盘人", "会计主管")
	_, err = d.WriteTo(dst)
	return err
}

// verdict names the difference.
func (c CashCount) verdict() string {
	switch n := c.Difference(); {
	case n > 0:
		return "溢余（长款）"
	case n < 0:
		return "短缺（短款）"
	}
	return "账实相符"
}

// yuan writes fen as the files hold them, group as people read them.
func yuan(n int64) string { return money.Fen(n).String() }

func group(text string) string {
	n, err := money.Parse(text)
	if err != nil {
		return text
	}
	return n.Grouped()
}

func abs(n int64) int64 { return max(n, -n) }
