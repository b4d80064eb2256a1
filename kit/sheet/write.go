package sheet

import (
	"archive/zip"
	"bufio"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/flate"
	"github.com/xuri/excelize/v2"
)

// Kind is what a column holds.
type Kind int

const (
	Text    Kind = iota // also IDs and phones: digits stay digits
	Integer             // a number cell where the text is a plain integer
	Money               // a number cell with two decimals where the text is yuan
	Date                // ISO text, which every program and Rows read alike
)

// Column is one column of a table to write. Width 0 fits the name.
type Column struct {
	Name  string
	Kind  Kind
	Width float64
}

// Writer writes a table as it comes. A text that a spreadsheet would take for
// a formula is marked by an apostrophe, which reading by this package drops:
// what was written comes back (PL-20, PL-22).
type Writer struct {
	columns []Column
	csv     *csvWriter
	file    *excelize.File
	stream  *excelize.StreamWriter
	dst     io.Writer
	row     int
	cells   []any
	money   int
	head    int
}

// NewCSV begins a CSV in UTF-8 with a byte order mark, as Excel wants it.
func NewCSV(dst io.Writer, columns []Column) (*Writer, error) {
	w := &Writer{columns: columns, csv: newCSV(dst)}
	line := make([]string, len(columns))
	for i, c := range columns {
		line[i] = guard(c.Name)
	}
	return w, w.csv.line(line)
}

// NewXLSX begins a workbook of one sheet. title may be empty; else it stands
// above the head and names the sheet.
func NewXLSX(dst io.Writer, title string, columns []Column) (*Writer, error) {
	w := &Writer{columns: columns, dst: dst, file: excelize.NewFile(), cells: make([]any, len(columns))}
	if err := w.begin(title); err != nil {
		w.file.Close()
		return nil, err
	}
	return w, nil
}

func (w *Writer) begin(title string) error {
	sheet := sheetName(title)
	if err := w.file.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	head, titled, err := w.styles()
	if err != nil {
		return err
	}
	if w.stream, err = w.file.NewStreamWriter(sheet); err != nil {
		return err
	}
	for i, c := range w.columns {
		if err := w.stream.SetColWidth(i+1, i+1, c.width()); err != nil {
			return err
		}
	}
	w.head = 1
	if title != "" {
		w.head = 2
	}
	if err := w.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: w.head, TopLeftCell: "A" + strconv.Itoa(w.head+1), ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if title != "" {
		if err := w.set([]any{excelize.Cell{StyleID: titled, Value: guard(title)}}); err != nil {
			return err
		}
	}
	for i, c := range w.columns {
		w.cells[i] = excelize.Cell{StyleID: head, Value: guard(c.Name)}
	}
	return w.set(w.cells)
}

func (w *Writer) styles() (head, title int, err error) {
	if head, err = w.file.NewStyle(&excelize.Style{
		Font:      &excelize.Font{Bold: true},
		Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7E9ED"}},
		Alignment: &excelize.Alignment{Horizontal: "center", Vertical: "center", WrapText: true},
	}); err != nil {
		return 0, 0, err
	}
	if w.money, err = w.file.NewStyle(&excelize.Style{NumFmt: 4}); err != nil {
		return 0, 0, err
	}
	title, err = w.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}})
	return head, title, err
}

// width fits the name, and what columns of that kind usually hold.
func (c Column) width() float64 {
	if c.Width > 0 {
		return min(c.Width, 255)
	}
	least := map[Kind]int{Text: 12, Integer: 8, Money: 14, Date: 12}[c.Kind]
	return float64(min(max(2*utf8.RuneCountInString(c.Name)+4, least), 60))
}

// sheetName is title as far as a sheet's name may hold it.
func sheetName(title string) string {
	name := []rune(strings.Trim(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) || r < ' ' || r > 0xFFFF {
			return -1
		}
		return r
	}, title), " '"))
	if len(name) == 0 {
		return "名单"
	}
	return string(name[:min(len(name), 30)])
}

// Row writes one row; values stand in the order of the columns.
func (w *Writer) Row(values ...string) error {
	if w.csv != nil {
		line := make([]string, len(values))
		for i, v := range values {
			line[i] = guard(v)
			if i < len(w.columns) && isNumber(w.columns[i].Kind, v) {
				line[i] = v
			}
		}
		return w.csv.line(line)
	}
	for i := range w.cells {
		w.cells[i] = nil
		if i < len(values) && values[i] != "" {
			w.cells[i] = w.value(w.columns[i].Kind, values[i])
		}
	}
	return w.set(w.cells)
}

func (w *Writer) value(k Kind, v string) any {
	if !isNumber(k, v) {
		return guard(v)
	}
	if k == Integer {
		n, _ := strconv.ParseInt(v, 10, 64)
		return n
	}
	f, _ := strconv.ParseFloat(v, 64)
	return excelize.Cell{StyleID: w.money, Value: f}
}

// isNumber reports whether a number cell gives v back digit for digit.
func isNumber(k Kind, v string) bool {
	if len(v) > 15 || k != Integer && k != Money {
		return false
	}
	if n, err := strconv.ParseInt(v, 10, 64); k == Integer {
		return err == nil && strconv.FormatInt(n, 10) == v
	}
	f, err := strconv.ParseFloat(v, 64)
	return err == nil && strconv.FormatFloat(f, 'f', 2, 64) == v
}

func (w *Writer) set(cells []any) error {
	w.row++
	return w.stream.SetRow("A"+strconv.Itoa(w.row), cells)
}

// Close ends the file. Nothing is whole before it returned nil.
func (w *Writer) Close() error {
	if w.csv != nil {
		return w.csv.close()
	}
	defer w.file.Close()
	if len(w.columns) > 0 {
		area := "A" + strconv.Itoa(w.head) + ":" + columnName(len(w.columns)-1) + strconv.Itoa(max(w.row, w.head))
		if err := w.file.AutoFilter(w.file.GetSheetName(0), area, nil); err != nil {
			return err
		}
	}
	if err := w.stream.Flush(); err != nil {
		return err
	}
	// The library packs into memory unless it is given another place.
	w.file.SetZipWriter(func(io.Writer) excelize.ZipWriter {
		zw := zip.NewWriter(w.dst)
		zw.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, 5) })
		return zw
	})
	_, err := w.file.WriteTo(io.Discard)
	return err
}

// guard marks a text that a spreadsheet would take for a formula, or that is
// marked already: reading drops one apostrophe.
func guard(s string) string {
	if s == "" {
		return s
	}
	switch r, _ := utf8.DecodeRuneInString(s); r {
	case '=', '+', '-', '@', '\t', '\r', '\'', '＝', '＋', '－', '＠':
		return "'" + s
	}
	return s
}

// csvWriter writes lines that end as Windows ends them.
type csvWriter struct{ out *bufio.Writer }

func newCSV(dst io.Writer) *csvWriter {
	w := &csvWriter{bufio.NewWriterSize(dst, 64<<10)}
	w.out.WriteString("\uFEFF")
	return w
}

// line writes one record. Errors of the destination stay until close.
func (w *csvWriter) line(values []string) error {
	for i, v := range values {
		if i > 0 {
			w.out.WriteByte(',')
		}
		if strings.ContainsAny(v, ",;\t\"\r\n") || strings.TrimSpace(v) != v {
			v = `"` + strings.ReplaceAll(v, `"`, `""`) + `"`
		}
		w.out.WriteString(v)
	}
	_, err := w.out.WriteString("\r\n")
	return err
}

func (w *csvWriter) close() error { return w.out.Flush() }
