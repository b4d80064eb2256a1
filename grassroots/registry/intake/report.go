package intake

import (
	"context"
	"io"
	"path/filepath"
	"strings"

	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/law/codes"
)

const (
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	csvType  = "text/csv; charset=utf-8"
)

func (rm *Room) report(r *web.Request, in One) (web.File, error) {
	i, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return web.File{}, err
	}
	book, err := rm.open(i)
	if err != nil {
		return web.File{}, err
	}
	f := web.File{Name: reportName(i.FileName, book.IsCSV()), Type: xlsxType}
	if book.IsCSV() {
		f.Type = csvType
	}
	f.Write = func(w io.Writer) error {
		defer book.Close()
		return Report(r.Ctx, r.Tx, r.Grant, i, book, w)
	}
	return f, nil
}

// reportName is what the workbook with the verdicts is called.
func reportName(name string, csv bool) string {
	ext := ".xlsx"
	if csv {
		ext = ".csv"
	}
	return strings.TrimSuffix(name, filepath.Ext(name)) + "-核对意见" + ext
}

// open opens the workbook of an import; closing it closes the file as well.
func (rm *Room) open(i Import) (*sheet.Book, error) {
	f, err := rm.Files.Open(i.FileHash)
	if err != nil {
		return nil, err
	}
	size, err := rm.Files.Size(i.FileHash)
	if err == nil {
		var book *sheet.Book
		if book, err = sheet.Open(f, size, i.FileName, sheet.Limits{}); err == nil {
			book.Owns(f)
			return book, nil
		}
	}
	f.Close()
	return nil, err
}

// Report writes the workbook of an import as it came, with a column that says
// what is wrong with each row.
//
// law: IMP-04
func Report(ctx context.Context, tx *sqldb.Tx, g auth.Grant, i Import, book *sheet.Book, w io.Writer) error {
	known, err := layouts(ctx, tx, g.Tenant(), i.Kind)
	if err != nil {
		return err
	}
	head, err := findHead(book, i.Kind, known)
	if err != nil {
		return err
	}
	m := &remarks{ctx: ctx, tx: tx, g: g, id: i.ID, row: 0, seq: 1 << 62}
	if err := book.Report(w, head, m.of); err != nil {
		return err
	}
	return m.err
}

// remarks walks through an import's problems beside the rows of its sheet.
type remarks struct {
	ctx      context.Context
	tx       *sqldb.Tx
	g        auth.Grant
	id       string
	row, seq int64 // of the last problem read
	ahead    []Problem
	ended    bool
	err      error
}

// of says what is wrong with a row; rows come in rising order.
func (m *remarks) of(row int) (out sheet.Message) {
	for m.err == nil {
		if len(m.ahead) == 0 {
			if m.ended {
				return out
			}
			m.read()
			continue
		}
		p := m.ahead[0]
		if p.Row > int64(row) {
			return out
		}
		m.ahead = m.ahead[1:]
		if p.Row == int64(row) {
			out.Text += map[Severity]string{Refuse: "退回", Warn: "提醒"}[p.Severity] + "（" + p.Column + "）：" + p.Message
			out.Refused = out.Refused || p.Severity == Refuse
		}
	}
	return out
}

func (m *remarks) read() {
	const page = 1000
	m.ahead, m.seq, m.err = Problems(m.ctx, m.tx, m.g, m.id, "", m.row, m.seq, page)
	if m.ended = len(m.ahead) < page; len(m.ahead) > 0 {
		m.row = m.ahead[len(m.ahead)-1].Row
	}
}

// TemplateQuery asks for an empty workbook to fill in.
type TemplateQuery struct {
	Kind Kind `json:"kind" doc:"种类"`
}

// listed are the fields whose values come from a code table.
var listed = map[string]codes.Table{
	"sex": codes.Sex, "ethnic": codes.Ethnic, "employment": codes.Employment, "id_type": codes.IDType, "education": codes.Education, "skill": codes.Skill,
	"household": codes.Household, "change_type": codes.ChangeType, "politics": codes.Political, "migrant": codes.YesNo,
	"nature": codes.UnitNature, "industry": codes.Industry, "form": codes.BaseForm,
}

// hints say how a field is filled in, where its name does not.
var hints = map[string]string{
	"name": "与证件一致；少数民族姓名中间的点用「·」", "id_no": "按文本填写，不要让表格把它变成数字", "union": "工会全称、单位名称或工会编码；只导入本单位时可以不填",
	"birthday": "如 1985-06-30；不填则按身份证号登记", "joined": "如 2010-03-15", "change_date": "如 2010-03-15", "founded": "如 2010-03-15",
	"phone": "11 位手机号，按文本填写", "parent": "上级工会的全称；不填则建在您导入的工会之下", "uscc": "18 位，按文本填写", "staff": "整数",
}

func template(_ *web.Request, in TemplateQuery) (web.File, error) {
	if in.Kind != Unions && in.Kind != Roster && in.Kind != "" {
		return web.File{}, fault.New(fault.NotFound, "没有这种模板，请从导入页面下载。")
	}
	if in.Kind == "" {
		in.Kind = Roster
	}
	fields := fieldsOf(in.Kind)
	if in.Kind == Roster {
		fields = fields[:rosterTemplate]
	}
	blanks := make([]sheet.Blank, len(fields))
	for i, f := range fields {
		blanks[i] = sheet.Blank{Name: f.Label, Required: f.Required, Hint: hints[f.Key]}
		if t, ok := listed[f.Key]; ok {
			for _, c := range t.All() {
				blanks[i].Choices = append(blanks[i].Choices, c.Label)
			}
		}
	}
	return web.File{Name: in.Kind.Label() + "-模板.xlsx", Type: xlsxType, Write: func(w io.Writer) error {
		return sheet.Template(w, in.Kind.Label(), blanks)
	}}, nil
}
