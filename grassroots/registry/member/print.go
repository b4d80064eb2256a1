package member

import (
	"context"
	"io"
	"strconv"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/ident"
	"unionhall/kit/print"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// printed are the columns of a roster on paper.
var printed = []print.Column{
	{Head: "序号", Width: 1, Align: print.Right}, {Head: "姓名", Width: 2.4}, {Head: "性别", Width: 1}, {Head: "出生日期", Width: 2.2},
	{Head: "证件号码", Width: 3.6}, {Head: "所在工会", Width: 5}, {Head: "会籍", Width: 1.8}, {Head: "入会时间", Width: 2.2}, {Head: "会员号", Width: 3.6},
}

// WritePDF writes the whole list that q means as the paper that is signed and
// filed (会员花名册), numbers masked. More than the pages of a volume is
// fault.TooLarge.
func WritePDF(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query, by string, at day.Instant, dst io.Writer) error {
	s, err := ready(ctx, tx, g, q)
	if err != nil {
		return err
	}
	d, err := print.New(print.Paper{Office: s.top.Name, Title: "会员花名册", Note: "截至 " + string(at.Day()), By: by, Made: at, Wide: true})
	if err != nil {
		return err
	}
	t, n := d.Table(printed...), 0
	err = eachMember(ctx, tx, g, q, func(m *Member) error {
		n++
		t.Row(strconv.Itoa(n), m.Person.Name, m.Person.Sex.Label(), string(m.Person.Birthday), ident.Mask(m.Person.IDNo), m.Union.Name, m.Status.Label(), string(m.Joined), m.CardNo)
		return nil
	})
	if err != nil {
		return err
	}
	t.End()
	d.Signatures("填表人", "审核人", "工会主席（签章）")
	_, err = d.WriteTo(dst)
	return err
}

func exportPDF(r *web.Request, in ExportQuery) (web.File, error) {
	in.Full = false
	f := web.File{Name: "会员花名册-" + string(r.Today) + ".pdf", Type: "application/pdf"}
	f.Write = func(dst io.Writer) error {
		return WritePDF(r.Ctx, r.Tx, r.Grant, in.Query, r.Actor().Name(), r.Now, dst)
	}
	return f, takeAway(r, &in)
}
