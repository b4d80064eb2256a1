package sheet

import (
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Blank is a column of a workbook that people fill in.
type Blank struct {
	Name     string
	Required bool
	Hint     string   // how to fill it in
	Choices  []string // what may stand in it; none: anything
}

// Template writes a workbook to fill in: a head of the columns, every cell
// below it a text so that no number loses its digits, and a second sheet that
// says how.
func Template(dst io.Writer, title string, columns []Blank) error {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", sheetName(title)); err != nil {
		return err
	}
	if err := fillHead(f, sheetName(title), columns); err != nil {
		return err
	}
	if err := fillHelp(f, columns); err != nil {
		return err
	}
	_, err := f.WriteTo(dst)
	return err
}

// styleText is the built-in number format of cells that hold text.
const styleText = 49

func fillHead(f *excelize.File, sheet string, columns []Blank) error {
	text, err := f.NewStyle(&excelize.Style{NumFmt: styleText})
	if err != nil {
		return err
	}
	fill := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7E9ED"}}
	plain, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Fill: fill, NumFmt: styleText})
	if err != nil {
		return err
	}
	must, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Color: "B3261E"}, Fill: fill, NumFmt: styleText})
	if err != nil {
		return err
	}
	last := columnName(len(columns) - 1)
	if err := f.SetColStyle(sheet, "A:"+last, text); err != nil {
		return err
	}
	for i, c := range columns {
		name, style := columnName(i), plain
		if c.Required {
			style = must
		}
		if err := f.SetCellStr(sheet, name+"1", c.Name); err != nil {
			return err
		}
		if err := f.SetCellStyle(sheet, name+"1", name+"1", style); err != nil {
			return err
		}
		if err := f.SetColWidth(sheet, name, name, (Column{Name: c.Name}).width()); err != nil {
			return err
		}
		if err := offer(f, sheet, name, c.Choices); err != nil {
			return err
		}
	}
	return f.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

// offer lets a person pick from a list, as far as the format takes one, and
// still write other words.
func offer(f *excelize.File, sheet, column string, choices []string) error {
	const longestList = 250
	if len(choices) == 0 || len([]rune(strings.Join(choices, ","))) > longestList || slices.ContainsFunc(choices, func(c string) bool { return strings.Contains(c, ",") }) {
		return nil
	}
	v := excelize.NewDataValidation(true)
	v.Sqref = column + "2:" + column + "5000"
	v.ShowErrorMessage = false
	if err := v.SetDropList(choices); err != nil {
		return err
	}
	return f.AddDataValidation(sheet, v)
}

func fillHelp(f *excelize.File, columns []Blank) error {
	const sheet = "填写说明"
	if _, err := f.NewSheet(sheet); err != nil {
		return err
	}
	rows := [][3]string{{"列", "要求", "怎样填写"}}
	for _, c := range columns {
		need := "可以不填"
		if c.Required {
			need = "必填"
		}
		how := c.Hint
		if len(c.Choices) > 0 {
			how = strings.TrimSpace(c.Hint + " 可以填：" + strings.Join(c.Choices, "、"))
		}
		rows = append(rows, [3]string{c.Name, need, how})
	}
	wrap, err := f.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return err
	}
	if err := f.SetColStyle(sheet, "A:C", wrap); err != nil {
		return err
	}
	for i, width := range []float64{22, 12, 90} {
		if err := f.SetColWidth(sheet, columnName(i), columnName(i), width); err != nil {
			return err
		}
	}
	for r, row := range rows {
		for c, text := range row {
			cell, err := excelize.CoordinatesToCellName(c+1, r+1)
			if err == nil {
				err = f.SetCellStr(sheet, cell, text)
			}
			if err != nil {
				return err
			}
		}
	}
	return nil
}
