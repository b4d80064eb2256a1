package statement

import (
	"fmt"
	"io"
	"slices"

	"github.com/xuri/excelize/v2"

	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/kit/print"
	"unionhall/kit/web"
)

const (
	pdfType  = "application/pdf"
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

// box is one cell of a paper: words, or an amount.
type box struct {
	text   string
	amount money.Fen
	figure bool
}

func words(s string) box     { return box{text: s} }
func figure(n money.Fen) box { return box{amount: n, figure: true} }
func (b box) printed() string {
	if !b.figure {
		return b.text
	}
	if b.amount == 0 {
		return ""
	}
	return b.amount.Grouped()
}

// column is one column of a paper.
type column struct {
	head  string
	width float64 // in characters of a workbook; a share of the line on paper
	right bool
}

// sheetOf is a table as paper and workbook show it.
type paper struct {
	title, office, note string
	columns             []column
	rows                [][]box
	strong              map[int]bool // rows that total others
	foot                []string     // who signs
	draft               bool
	wide                bool
	carry               func(row int) (over, on []box) // what a page carries over after a row
}

// layout sets a statement as the official form has it: the balance sheet in two
// sides, the others in one.
//
// law: F3.28
func (s Statement) layout() paper {
	p := paper{title: s.Title, office: "单位名称：" + s.Union.Name, note: s.Number + "　" + s.span.Name() + "　单位：元", foot: append(s.signers(), "单位（公章）"), draft: s.State != final, strong: map[int]bool{}}
	if s.Below {
		p.office += "（含下级汇总，" + itoa(s.Unions) + " 个账套）"
	}
	sides := s.sides()
	for range sides {
		p.columns = append(p.columns, column{head: "项目", width: 30}, column{head: "行次", width: 6, right: true})
		for _, c := range s.Columns {
			p.columns = append(p.columns, column{head: c.Head, width: 18, right: true})
		}
	}
	p.wide = len(p.columns) > 5
	if len(sides) == 2 {
		p.columns[0].head, p.columns[len(p.columns)/2].head = sides[0].head, sides[1].head
		left, right := sides[0].level(), sides[1].level()
		for i := range left {
			p.strong[i] = left[i].total() || right[i].total()
			p.rows = append(p.rows, append(s.boxes(left[i]), s.boxes(right[i])...))
		}
		return p
	}
	for i, l := range sides[0].rows {
		p.strong[i] = l.total()
		p.rows = append(p.rows, s.boxes(l))
	}
	return p
}

// level is the rows of a side with the blank ones that make both sides end
// level.
func (x side) level() []numbered {
	if len(x.rows) == 0 {
		return make([]numbered, x.blank)
	}
	at := len(x.rows) - 1
	return slices.Concat(x.rows[:at], make([]numbered, x.blank), x.rows[at:])
}

func (s Statement) boxes(l numbered) []box {
	if l.No == 0 {
		return make([]box, 2+len(s.Columns))
	}
	out := []box{words(l.label()), words(itoa(l.No))}
	for _, c := range s.Columns {
		out = append(out, figure(l.Amounts[c.Key]))
	}
	return out
}

// paperFile prints a paper.
func paperFile(r *web.Request, name string, papers ...paper) web.File {
	return web.File{Name: name + ".pdf", Type: pdfType, Write: func(w io.Writer) error { return printed(w, r.Actor().Name(), r.Now, papers...) }}
}

func printed(w io.Writer, by string, at day.Instant, papers ...paper) error {
	p := papers[0]
	mark := ""
	if p.draft {
		mark = "草稿"
	}
	d, err := print.New(print.Paper{Office: p.office, Title: p.title, Note: p.note, By: by, Made: at, Wide: p.wide, Watermark: mark})
	if err != nil {
		return err
	}
	for i, p := range papers {
		if i > 0 {
			d.Next(p.office, p.title, p.note)
		}
		if err := p.table(d); err != nil {
			return err
		}
	}
	_, err = d.WriteTo(w)
	return err
}

func (p paper) table(d *print.Doc) error {
	columns := make([]print.Column, len(p.columns))
	for i, c := range p.columns {
		columns[i] = print.Column{Head: c.head, Width: c.width}
		if c.right {
			columns[i].Align = print.Right
		}
	}
	t := d.Table(columns...)
	at := 0
	if p.carry != nil {
		t.Carry(func() (over, on []string) {
			a, b := p.carry(at - 1)
			return texts(a), texts(b)
		})
	}
	for i, row := range p.rows {
		at = i
		if err := t.Row(texts(row)...); err != nil {
			return err
		}
	}
	t.End()
	if len(p.foot) > 0 {
		d.Signatures(p.foot...)
	}
	return nil
}

func texts(row []box) (out []string) {
	for _, b := range row {
		out = append(out, b.printed())
	}
	return out
}

// sheetFile writes papers as a workbook, a sheet each, set as the paper is.
func sheetFile(name string, papers ...paper) web.File {
	return web.File{Name: name + ".xlsx", Type: xlsxType, Write: func(w io.Writer) error {
		f := excelize.NewFile()
		defer f.Close()
		for i, p := range papers {
			sheet := p.title
			if i == 0 {
				if err := f.SetSheetName("Sheet1", sheet); err != nil {
					return err
				}
			} else if _, err := f.NewSheet(sheet); err != nil {
				return err
			}
			if err := p.fill(f, sheet); err != nil {
				return fmt.Errorf("sheet %s: %w", sheet, err)
			}
		}
		_, err := f.WriteTo(w)
		return err
	}}
}

// looks are the styles of a workbook.
type looks struct{ title, plain, head, words, figure, strong, strongFigure int }

func stylesOf(f *excelize.File) (l looks, err error) {
	border := []excelize.Border{}
	for _, t := range []string{"left", "right", "top", "bottom"} {
		border = append(border, excelize.Border{Type: t, Color: "000000", Style: 1})
	}
	make := func(s excelize.Style) (id int) {
		if err == nil {
			id, err = f.NewStyle(&s)
		}
		return id
	}
	amount := "#,##0.00;-#,##0.00;"
	l.title = make(excelize.Style{Font: &excelize.Font{Size: 18, Bold: true}, Alignment: &excelize.Alignment{Horizontal: "center"}})
	l.plain = make(excelize.Style{})
	l.head = make(excelize.Style{Border: border, Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7E9ED"}}})
	l.words = make(excelize.Style{Border: border, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	l.figure = make(excelize.Style{Border: border, CustomNumFmt: &amount, Alignment: &excelize.Alignment{Horizontal: "right", Vertical: "center"}})
	l.strong = make(excelize.Style{Border: border, Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	l.strongFigure = make(excelize.Style{Border: border, Font: &excelize.Font{Bold: true}, CustomNumFmt: &amount, Alignment: &excelize.Alignment{Horizontal: "right", Vertical: "center"}})
	return l, err
}

// fill writes one sheet: title, head, the table, who signs.
func (p paper) fill(f *excelize.File, sheet string) error {
	l, err := stylesOf(f)
	if err != nil {
		return err
	}
	at := func(col, row int) string { c, _ := excelize.CoordinatesToCellName(col+1, row); return c }
	last := len(p.columns) - 1
	var errs []error
	try := func(err error) { errs = append(errs, err) }
	set := func(col, row int, v any, style int) {
		try(f.SetCellValue(sheet, at(col, row), v))
		try(f.SetCellStyle(sheet, at(col, row), at(col, row), style))
	}
	try(f.MergeCell(sheet, at(0, 1), at(last, 1)))
	set(0, 1, p.title, l.title)
	set(0, 2, p.office, l.plain)
	note := p.note
	if p.draft {
		note += "　草稿"
	}
	set(0, 3, note, l.plain)
	for i, c := range p.columns {
		name, _ := excelize.ColumnNumberToName(i + 1)
		try(f.SetColWidth(sheet, name, name, c.width))
		set(i, 4, c.head, l.head)
	}
	for i, row := range p.rows {
		plain, number := l.words, l.figure
		if p.strong[i] {
			plain, number = l.strong, l.strongFigure
		}
		for j, b := range row {
			if b.figure {
				try(f.SetCellDefault(sheet, at(j, 5+i), b.amount.String())) // a number, digit by digit
				try(f.SetCellStyle(sheet, at(j, 5+i), at(j, 5+i), number))
			} else {
				set(j, 5+i, b.text, plain)
			}
		}
	}
	for i, who := range p.foot {
		set(i*max(1, (last+1)/max(1, len(p.foot))), 6+len(p.rows), who+"：", l.plain)
	}
	orientation, size, wide := "portrait", 9, 1
	if p.wide {
		orientation = "landscape"
	}
	try(f.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: &orientation, Size: &size, FitToWidth: &wide}))
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
