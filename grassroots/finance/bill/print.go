package bill

import (
	"io"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/print"
	"unionhall/kit/web"
)

// receiptPDF is the receipt as people know it: one sheet, with the amount in
// words and figures and the place of the seal. It is the stub that the office
// keeps, or what goes into the printer where the office's forms are blank.
//
// law: F1.20, F3.25
func receiptPDF(r *web.Request, in ByID) (web.File, error) {
	x, err := FindReceipt(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return web.File{}, err
	}
	if x.Amount == 0 {
		return web.File{}, fault.ByRule(fault.Conflict, "F1.21", "收据 %s 还没有开具，不能打印。", x.Number)
	}
	return web.File{Name: "收据-" + x.Number + ".pdf", Type: "application/pdf", Write: x.PDF}, nil
}

// PDF draws the receipt.
func (x Receipt) PDF(dst io.Writer) error {
	title := "工会经费收入专用收据"
	if x.Kind == Electronic {
		title = "电子票据登记单"
	}
	c, err := print.NewCanvas(title, x.Union.Name, x.Date)
	if err != nil {
		return err
	}
	const left, right, top, line = 20.0, 190.0, 22.0, 12.0
	wide := right - left
	c.Page()
	c.Text(left, top, wide, 18, print.Centre, print.Black, title)
	c.Rule(left+45, top+10, right-45, top+10, 0.6, print.Black)
	c.Text(left, top+14, wide, 10.5, print.Left, print.Black, "开具日期："+written(x.Date))
	number := "No. " + x.Number
	if x.Code != "" {
		number = "代码 " + x.Code + "　" + number
	}
	c.Text(left, top+14, wide, 10.5, print.Right, print.Red, number)
	y := top + 22
	head := y
	row := func(label, text string, deep float64) {
		c.Rule(left, y, right, y, 0.6, print.Black)
		c.Text(left+2, y+(deep-5.2)/2, 34, 10.5, print.Left, print.Black, label)
		lines := c.Wrap(text, wide-42, 10.5)
		for i, l := range lines[:min(2, len(lines))] {
			c.Text(left+40, y+(deep-5.2*float64(min(2, len(lines))))/2+float64(i)*5.2, wide-42, 10.5, print.Left, print.Black, l)
		}
		y += deep
	}
	row("交款单位（个人）", x.Payer, line)
	row("收款项目", x.Item, line)
	row("金额（大写）", x.Amount.Words(), line)
	row("金额（小写）", "￥"+x.Amount.Grouped(), line)
	if x.Check != "" {
		row("校验码", x.Check, line)
	}
	row("备注", x.remark(), line)
	c.Rule(left, y, right, y, 0.6, print.Black)
	for _, at := range []float64{left, left + 38, right} {
		c.Rule(at, head, at, y, 0.6, print.Black)
	}
	c.Text(left, y+4, wide, 10.5, print.Left, print.Black, "收款单位（盖章）："+x.Union.Name)
	c.Text(left, y+12, wide, 10.5, print.Left, print.Black, "经办人："+x.Handler)
	c.Text(left, y+12, wide, 10.5, print.Right, print.Black, "会计：　　　　　　出纳：　　　　　　")
	if x.State == Voided {
		c.Text(left, head+15, wide, 48, print.Centre, print.Red, "作　废")
	}
	c.Foot()
	return c.Save(dst)
}

func (x Receipt) remark() string {
	out := x.Words
	if x.Voucher.ID != "" {
		if out != "" {
			out += "；"
		}
		out += "凭证 " + x.Voucher.Name()
	}
	return out
}

func written(d day.Day) string {
	if d == "" {
		return ""
	}
	return d.Chinese()
}
