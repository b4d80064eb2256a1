package handover

import (
	"fmt"
	"io"

	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/kit/print"
)

// copies are the three copies of a list, one for each side and one for the
// files.
//
// law: F3.26
var copies = []string{"第一份（移交人留存）", "第二份（接管人留存）", "第三份（存档）"}

// print sets the list three times, each to be signed by all three.
func (c Change) print(w io.Writer, by string, at day.Instant) error {
	paper := print.Paper{Office: "单位名称：" + c.Union.Name, Title: "会计人员工作交接清册", Note: "截至 " + string(c.On), By: by, Made: at}
	switch c.Stage {
	case Ended:
	case Dropped:
		paper.Watermark = "已作废"
	default:
		paper.Watermark = c.Stage.Label()
	}
	d, err := print.New(paper)
	if err != nil {
		return err
	}
	for i, name := range copies {
		if i > 0 {
			d.Next(paper.Office, paper.Title, paper.Note)
		}
		d.Text(fmt.Sprintf("%s　　移交人：%s（%s）　接管人：%s（%s）　监交人：%s（%s）", name, c.Giver.Name, c.Giver.Office.Label(), c.Taker.Name, c.Taker.Office.Label(), c.Witness.Name, c.Witness.Office.Label()))
		if err := c.sheet(d); err != nil {
			return err
		}
		d.Signatures("移交人", "接管人", "监交人", "移交日期", "接管日期", "监交日期")
	}
	_, err = d.WriteTo(w)
	return err
}

// sheet sets one copy.
func (c Change) sheet(d *print.Doc) error {
	l := c.Lists
	sums := func(title string, all []Held) error {
		d.Text(title)
		t := d.Table(print.Column{Head: "科目", Width: 2.4}, print.Column{Head: "往来单位或个人", Width: 2}, print.Column{Head: "金额（元）", Align: print.Right}, print.Column{Head: "大写", Width: 2.4})
		for _, h := range all {
			if err := t.Row(h.Account+" "+h.Name, h.Party, h.Amount.Grouped(), words(h.Amount)); err != nil {
				return err
			}
		}
		t.End()
		return nil
	}
	d.Text(fmt.Sprintf("一、%d 年记账凭证（未记账 %d 张）", l.Year, l.Waiting))
	t := d.Table(print.Column{Head: "月份"}, print.Column{Head: "张数", Align: print.Right}, print.Column{Head: "起止号", Width: 2}, print.Column{Head: "附单据", Align: print.Right})
	for _, n := range l.Vouchers {
		if err := t.Row(monthWords(n.Month), fmt.Sprint(n.Count), l.last(n), fmt.Sprint(n.Sheets)); err != nil {
			return err
		}
	}
	t.End()
	if err := sums("二、现金和银行存款余额", l.Balances); err != nil {
		return err
	}
	if err := sums("三、没有结清的往来", l.Advances); err != nil {
		return err
	}
	d.Text("四、印章、钥匙、票据、口令、数据和资料")
	r := d.Table(print.Column{Head: "序号", Width: 0.5}, print.Column{Head: "类别", Width: 1.4}, print.Column{Head: "名称", Width: 2.4}, print.Column{Head: "数量或起止号", Width: 1.6}, print.Column{Head: "备注", Width: 2}, print.Column{Head: "核对", Width: 0.6})
	for i, x := range l.Rows {
		if err := r.Row(fmt.Sprint(i+1), x.label(), x.Name, x.Count, x.Note, ""); err != nil {
			return err
		}
	}
	r.End()
	d.Text("五、未了事项")
	matters := l.Matters
	if matters == "" {
		matters = "没有。"
	}
	d.Text(matters)
	d.Text("移交人对所移交资料的合法性、真实性负责；接管人已当面逐项点收，继续使用原账簿，不另立新账。本清册一式三份。")
	return nil
}

// words are an amount as papers write it out; what is below nothing has its
// sign in words too.
func words(f money.Fen) string {
	if f < 0 {
		return "负" + (-f).Words()
	}
	return f.Words()
}
