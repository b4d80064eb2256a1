package registry

import (
	"context"
	"io"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/law/codes"
	"unionhall/law/region"
)

// exported are the columns of the list as a file. The first thirteen are those
// of the table of unions that offices know, so that the file goes in again as
// it came out.
//
// law: IMP-05
var exported = []struct {
	sheet.Column
	text func(Row) string
}{
	{sheet.Column{Name: "单位名称", Width: 34}, func(r Row) string { return r.Name }},
	{sheet.Column{Name: "上级工会(企业)名称", Width: 30}, func(r Row) string { return r.ParentName }},
	{sheet.Column{Name: "组织机构代码"}, func(r Row) string { return r.union.OrgCode }},
	{sheet.Column{Name: "单位地址", Width: 30}, func(r Row) string { return r.union.Address }},
	{sheet.Column{Name: "单位所在政区", Width: 18}, func(r Row) string { return regionText(r.union.Region) }},
	{sheet.Column{Name: "单位性质类别"}, func(r Row) string { return codes.UnitNature.Label(r.union.Nature) }},
	{sheet.Column{Name: "经济类型"}, func(r Row) string { return r.union.Economy }},
	{sheet.Column{Name: "工会/企业负责人"}, func(r Row) string { return r.union.Leader }},
	{sheet.Column{Name: "联系电话", Width: 16}, func(r Row) string { return r.union.Phone }},
	{sheet.Column{Name: "单位所属行业", Width: 26}, func(r Row) string { return codes.Industry.Label(r.union.Industry) }},
	{sheet.Column{Name: "社会信用代码", Width: 22}, func(r Row) string { return r.USCC }},
	{sheet.Column{Name: "建会日期", Kind: sheet.Date}, func(r Row) string { return string(r.Founded) }},
	{sheet.Column{Name: "基层工会类型"}, func(r Row) string { return form(r.Kind) }},
	{sheet.Column{Name: "工会编码", Width: 16}, func(r Row) string { return r.Code }},
	{sheet.Column{Name: "简称", Width: 16}, func(r Row) string { return r.ShortName }},
	{sheet.Column{Name: "职工人数", Kind: sheet.Integer}, func(r Row) string { return plain(r.Staff) }},
	{sheet.Column{Name: "工会组织类别"}, func(r Row) string { return codes.UnionKind.Label(string(r.Kind)) }},
	{sheet.Column{Name: "会员人数", Kind: sheet.Integer}, func(r Row) string { return plain(r.Members) }},
	{sheet.Column{Name: "女会员人数", Kind: sheet.Integer}, func(r Row) string { return plain(r.Women) }},
	{sheet.Column{Name: "届满日期", Kind: sheet.Date}, func(r Row) string { return string(r.TermDue) }},
	{sheet.Column{Name: "缺少", Width: 30}, func(r Row) string { return lackList(r.Missing) }},
	{sheet.Column{Name: "状态"}, func(r Row) string { return r.State.Label() }},
}

// form is 基层工会类型: alone or joint; other kinds have none.
func form(k Kind) string {
	switch k {
	case Base:
		return codes.BaseForm.Label("0")
	case Joint:
		return codes.BaseForm.Label("1")
	}
	return ""
}

// regionText names a code of GB/T 2260; other words stay as the office wrote
// them.
func regionText(code string) string {
	if len(code) == 6 {
		if name, ok := region.Lookup(code); ok {
			return name
		}
	}
	return code
}

// Export writes every union that q means within g's reach as a table: a CSV or
// a workbook, which goes in again as it came out.
//
// law: IMP-05
func Export(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query, today day.Day, dst io.Writer, csv bool) error {
	columns := make([]sheet.Column, len(exported))
	for i, c := range exported {
		columns[i] = c.Column
	}
	open := func() (*sheet.Writer, error) { return sheet.NewXLSX(dst, "基层工会情况表", columns) }
	if csv {
		open = func() (*sheet.Writer, error) { return sheet.NewCSV(dst, columns) }
	}
	rows, err := Whole(ctx, tx, g, q, today)
	if err != nil {
		return err
	}
	w, err := open()
	if err != nil {
		return err
	}
	values := make([]string, len(exported))
	for _, row := range rows {
		for i, c := range exported {
			values[i] = c.text(row)
		}
		if err := w.Row(values...); err != nil {
			return err
		}
	}
	return w.Close()
}

func exportCSV(r *web.Request, in Query) (web.File, error) {
	return web.File{Name: "工会.csv", Type: "text/csv; charset=utf-8", Write: func(dst io.Writer) error {
		return Export(r.Ctx, r.Tx, r.Grant, in, r.Today, dst, true)
	}}, nil
}

func exportXLSX(r *web.Request, in Query) (web.File, error) {
	return web.File{Name: "工会.xlsx", Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Write: func(dst io.Writer) error {
		return Export(r.Ctx, r.Tx, r.Grant, in, r.Today, dst, false)
	}}, nil
}
