package statement

import (
	"io"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/print"
	"unionhall/kit/sheet"
	"unionhall/kit/web"
)

// formPaper is a statement to take away; one that must not leave the house is
// refused.
func formPaper(r *web.Request, in FormQuery) (paper, string, error) {
	s, err := scoped(r, in)
	if err != nil {
		return paper{}, "", err
	}
	m, err := Make(r.Ctx, r.Tx, r.Grant, in.Form, s.Ask, s.union.Ref())
	if err == nil {
		err = m.Refuse()
	}
	return m.layout(), m.Title + m.Period + s.union.Name, err
}

func formPDF(r *web.Request, in FormQuery) (web.File, error) {
	p, name, err := formPaper(r, in)
	return paperFile(r, name, p), err
}

func formXLSX(r *web.Request, in FormQuery) (web.File, error) {
	p, name, err := formPaper(r, in)
	return sheetFile(name, p), err
}

// office is the head of a paper of books.
func office(name string) string { return "单位名称：" + name }

func (p BalancesPage) paper() paper {
	out := paper{title: "科目余额表", office: office(p.name), note: p.bar.Name() + "　单位：元", wide: true, strong: map[int]bool{},
		columns: []column{{head: "科目", width: 40}, {head: "方向", width: 8}, {head: "年初余额", width: 18, right: true}, {head: "本期借方", width: 18, right: true}, {head: "本期贷方", width: 18, right: true},
			{head: "本年累计借方", width: 18, right: true}, {head: "本年累计贷方", width: 18, right: true}, {head: "期末余额", width: 18, right: true}}}
	for i, b := range p.tree {
		out.strong[i] = b.total || b.Level == 1
		out.rows = append(out.rows, []box{words(b.words()), words(b.Side.Label()), figure(b.Opening), figure(b.MonthDebit), figure(b.MonthCredit), figure(b.Debit), figure(b.Credit), figure(b.Closing)})
	}
	return out
}

func balancesPDF(r *web.Request, in BalancesQuery) (web.File, error) {
	p, err := balances(r, in)
	return paperFile(r, "科目余额表"+p.Period, p.paper()), err
}

func balancesXLSX(r *web.Request, in BalancesQuery) (web.File, error) {
	p, err := balances(r, in)
	return sheetFile("科目余额表"+p.Period, p.paper()), err
}

// ledgerColumns are those of a book in three columns of amounts (三栏式).
func ledgerColumns(first ...column) []column {
	return append(first, column{head: "借方", width: 16, right: true}, column{head: "贷方", width: 16, right: true}, column{head: "方向", width: 6}, column{head: "余额", width: 18, right: true})
}

func (p GeneralPage) paper() paper {
	out := paper{title: "总账", office: office(p.Union.Name), note: p.bar.Name() + "　单位：元", strong: map[int]bool{},
		columns: ledgerColumns(column{head: "科目", width: 30}, column{head: "月", width: 6}, column{head: "摘要", width: 14})}
	row := func(strong bool, account, m, text string, side string, debit, credit, balance money.Fen) {
		out.strong[len(out.rows)] = strong
		out.rows = append(out.rows, []box{words(account), words(m), words(text), figure(debit), figure(credit), words(side), figure(magnitude(balance))})
	}
	for _, x := range p.Items {
		row(true, x.Account+" "+x.Name, "", "年初余额", sideOf(x.Side, x.Opening), 0, 0, x.Opening)
		for _, m := range x.Months {
			row(false, "", itoa(m.Month), "本月合计", sideOf(x.Side, m.Balance), m.Debit, m.Credit, m.Balance)
		}
		row(true, "", "", "本年累计", sideOf(x.Side, x.Closing), x.Debit, x.Credit, x.Closing)
	}
	return out
}

func generalPDF(r *web.Request, in GeneralQuery) (web.File, error) {
	p, err := general(r, in)
	return paperFile(r, "总账"+p.Period, p.paper()), err
}

func generalXLSX(r *web.Request, in GeneralQuery) (web.File, error) {
	p, err := general(r, in)
	return sheetFile("总账"+p.Period, p.paper()), err
}

// paper is the detail ledger as a book: what a page carries over and brings
// forward are the sums so far with the balance.
//
// law: F3.24
func (p DetailPage) paper() paper {
	title := "明细账"
	if p.Account != "" {
		title = "明细账（" + p.Account + "）"
	}
	out := paper{title: title, office: office(p.Union.Name), note: p.Account + " " + p.Name + "　" + itoa(p.Year) + " 年　单位：元", wide: true, strong: map[int]bool{},
		columns: ledgerColumns(column{head: "日期", width: 11}, column{head: "凭证", width: 9}, column{head: "摘要", width: 34}, column{head: "对方科目", width: 22})}
	if n := p.narrowed(); n != "" {
		out.note = n + "　" + out.note
	}
	carried := make([][3]money.Fen, 0, len(p.Items))
	var debit, credit money.Fen
	for i, l := range p.Items {
		if l.Kind == "entry" {
			debit, credit = debit+l.Debit, credit+l.Credit
		}
		carried = append(carried, [3]money.Fen{debit, credit, l.Balance})
		out.strong[i] = l.Kind != "entry"
		number, text := "", l.Text
		if l.Kind == "entry" {
			number, text = l.Name(), l.Summary
		}
		out.rows = append(out.rows, []box{words(string(l.Date)), words(number), words(text), words(l.Counter), figure(l.Debit), figure(l.Credit), words(sideOf(p.Side, l.Balance)), figure(magnitude(l.Balance))})
	}
	out.carry = func(row int) (over, on []box) {
		c := carried[max(0, row)]
		tail := []box{words(""), figure(c[0]), figure(c[1]), words(sideOf(p.Side, c[2])), figure(magnitude(c[2]))}
		return append([]box{words(""), words(""), words("过次页")}, tail...), append([]box{words(""), words(""), words("承前页")}, tail...)
	}
	return out
}

// whole reads a detail ledger for a paper.
func whole(r *web.Request, in DetailQuery) (DetailPage, error) {
	in.After, in.Limit = "", paperLines
	p, err := detailed(r, in)
	if err == nil && p.Next != "" {
		err = fault.New(fault.TooLarge, "这本明细账超过 %d 行，请按月份分开打印。", paperLines)
	}
	return p, err
}

func detailPDF(r *web.Request, in DetailQuery) (web.File, error) {
	p, err := whole(r, in)
	return paperFile(r, "明细账"+p.Account, p.paper()), err
}

func detailXLSX(r *web.Request, in DetailQuery) (web.File, error) {
	p, err := whole(r, in)
	return sheetFile("明细账"+p.Account, p.paper()), err
}

// detailCSV is the entries alone.
func detailCSV(r *web.Request, in DetailQuery) (web.File, error) {
	p, err := whole(r, in)
	return web.File{Name: "明细账" + p.Account + ".csv", Type: "text/csv; charset=utf-8", Write: func(dst io.Writer) error {
		w, err := sheet.NewCSV(dst, []sheet.Column{{Name: "日期"}, {Name: "凭证"}, {Name: "科目"}, {Name: "摘要"}, {Name: "对方科目"}, {Name: "借方"}, {Name: "贷方"}, {Name: "余额"}})
		if err != nil {
			return err
		}
		for _, l := range p.Items {
			if l.Kind != "entry" {
				continue
			}
			if err := w.Row(string(l.Date), l.Name(), l.Account, l.Summary, l.Counter, l.Debit.String(), l.Credit.String(), l.Balance.String()); err != nil {
				return err
			}
		}
		return w.Close()
	}}, err
}

func (p TagsPage) paper() paper {
	h := p.heads()
	out := paper{title: "辅助账", office: office(p.Union.Name), note: "按" + byLabel(p.By) + "　" + p.bar.Name() + "　单位：元",
		columns: []column{{head: byLabel(p.By), width: 34}, {head: h[0], width: 18, right: true}, {head: h[1], width: 18, right: true}, {head: h[2], width: 18, right: true}, {head: h[3], width: 18, right: true}}}
	for _, t := range p.Items {
		out.rows = append(out.rows, []box{words(t.words()), figure(t.Opening), figure(t.Income), figure(t.Expense), figure(t.Rest)})
	}
	return out
}

func tagsPDF(r *web.Request, in TagQuery) (web.File, error) {
	p, err := tagged(r, in)
	return paperFile(r, "辅助账"+p.Period, p.paper()), err
}

func tagsXLSX(r *web.Request, in TagQuery) (web.File, error) {
	p, err := tagged(r, in)
	return sheetFile("辅助账"+p.Period, p.paper()), err
}

func byLabel(by string) string {
	for _, o := range tags {
		if o.Value == by {
			return o.Text
		}
	}
	return by
}

func (t Tagged) words() string {
	if t.Account != "" {
		return t.Name + "（" + t.Account + "）"
	}
	return t.Name
}

// notesPDF prints the notes of a year.
func notesPDF(r *web.Request, in Query) (web.File, error) {
	p, err := notes(r, in)
	return web.File{Name: "报表附注" + itoa(p.Year) + ".pdf", Type: pdfType, Write: func(w io.Writer) error { return p.Notes.print(w, r.Actor().Name(), r.Now) }}, err
}

func (n Notes) print(w io.Writer, by string, at day.Instant) error {
	mark := ""
	if !n.Saved {
		mark = "草稿"
	}
	d, err := print.New(print.Paper{Office: office(n.Name), Title: "会计报表附注", Note: itoa(n.Year) + " 年度", By: by, Made: at, Watermark: mark})
	if err != nil {
		return err
	}
	for i, text := range n.Items {
		d.Text(numerals[i] + "、" + items[i])
		d.Text(text)
	}
	d.Signatures("工会主席（法定代表人）", "会计工作负责人", "会计机构负责人")
	_, err = d.WriteTo(w)
	return err
}

var numerals = [8]string{"一", "二", "三", "四", "五", "六", "七", "八"}

// filingPDF prints the forms as they were submitted.
func filingPDF(r *web.Request, in ByID) (web.File, error) {
	f, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return web.File{}, err
	}
	var all []paper
	for _, s := range f.Forms {
		all = append(all, s.layout())
	}
	return paperFile(r, "报送报表"+f.Period+f.Union.Name, all...), nil
}
