package rules

import (
	"io"
	"net/url"

	"unionhall/kit/sheet"
	"unionhall/kit/web"
)

// table is a list as a file: its columns and its lines.
type table struct {
	name    string
	columns []sheet.Column
	lines   [][]string
}

func (t table) csv() web.File {
	return web.File{Name: t.name + ".csv", Type: "text/csv; charset=utf-8", Write: func(dst io.Writer) error {
		w, err := sheet.NewCSV(dst, t.columns)
		return t.write(w, err)
	}}
}

func (t table) xlsx() web.File {
	return web.File{Name: t.name + ".xlsx", Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Write: func(dst io.Writer) error {
		w, err := sheet.NewXLSX(dst, t.name, t.columns)
		return t.write(w, err)
	}}
}

func (t table) write(w *sheet.Writer, err error) error {
	if err != nil {
		return err
	}
	for _, line := range t.lines {
		if err := w.Row(line...); err != nil {
			return err
		}
	}
	return w.Close()
}

func (r Rules) table() table {
	t := table{name: "制度依据", columns: []sheet.Column{{Name: "编号"}, {Name: "章", Width: 14}, {Name: "规则", Width: 24}, {Name: "内容", Width: 60},
		{Name: "依据", Width: 30}, {Name: "可靠程度", Width: 12}, {Name: "施行日期", Kind: sheet.Date}, {Name: "实现情况", Width: 12}, {Name: "说明", Width: 30}}}
	for _, i := range r.Items {
		t.lines = append(t.lines, []string{i.ID, i.Chapter, i.Title, i.Text, i.Citation, i.Confidence.Label(), string(i.From), i.Status.Label(), i.Reason})
	}
	return t
}

func (p Params) table() table {
	t := table{name: "参数", columns: []sheet.Column{{Name: "章", Width: 14}, {Name: "参数", Width: 34}, {Name: "现行值", Width: 30}, {Name: "适用范围", Width: 14},
		{Name: "起", Kind: sheet.Date}, {Name: "止", Kind: sheet.Date}, {Name: "依据", Width: 40}, {Name: "规则"}, {Name: "可靠程度", Width: 12}}}
	for _, i := range p.Items {
		t.lines = append(t.lines, []string{i.Chapter, i.Name, i.Shown, i.Where, string(i.From), string(i.To), i.Citation, i.Rule, i.Confidence.Label()})
	}
	return t
}

// filtered writes what narrows a list as the query of an address: names and
// values by turns, empty ones left out.
func filtered(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return ""
	}
	return "?" + v.Encode()
}
