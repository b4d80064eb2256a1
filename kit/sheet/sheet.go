// Package sheet reads and writes tables of cells: workbooks (.xlsx) and CSV.
// It knows no union; it knows what offices do to a table: titles above it,
// heads of two lines, notes below, numbers that should have been text.
//
// Reading streams: a file of any length costs the memory of one row. What a
// person can mend (a locked file, an old format, a picture) is fault.Invalid
// with a sentence that says how.
package sheet

import (
	"io"
	"os"
)

// maxRows is what the format itself allows.
const maxRows = 1_048_576

// Limits bound what Open and Rows accept. A zero field is its default.
type Limits struct {
	Bytes    int64 // of the file: 200 MB
	Unzipped int64 // of what the file unpacks to: 1 GiB
	Columns  int   // 1,000
	Rows     int   // that hold something: 1,048,576
}

func (l Limits) orDefault() Limits {
	if l.Bytes <= 0 {
		l.Bytes = 200 << 20
	}
	if l.Unzipped <= 0 {
		l.Unzipped = 1 << 30
	}
	if l.Columns <= 0 {
		l.Columns = 1_000
	}
	if l.Rows <= 0 {
		l.Rows = maxRows
	}
	return l
}

// Cell is one cell as the office sees it.
type Cell struct {
	Text    string // a date as 2006-01-02 or 2006-01, a number without exponent, a truth as 是 or 否
	Number  bool   // typed as a number, or cut to 2.1E+17: digits beyond the 15th are lost
	Date    bool   // a number with a date's style, or a date as such
	Formula bool   // Text is what the program computed last
	Merged  bool   // part of a range that was merged into one cell
	Marked  bool   // the text began with an apostrophe, which Text leaves out
	Error   bool   // #N/A, #REF! and the like
}

// Row is one row with its own number in the sheet, from 1. Cells ends at the
// last one that holds something.
type Row struct {
	N      int
	Hidden bool
	Cells  []Cell
}

// Cell returns the cell of a column, from 0; beyond the row's end an empty one.
func (r *Row) Cell(column int) Cell {
	if column < 0 || column >= len(r.Cells) {
		return Cell{}
	}
	return r.Cells[column]
}

// Sheet is one sheet of a book.
type Sheet struct {
	Name   string
	Hidden bool
}

// Book is an open file. It is read by one goroutine at a time; Close removes
// what it has put aside on disk.
type Book struct {
	Name   string
	limits Limits
	src    io.ReaderAt
	size   int64
	xlsx   *workbook // either this
	csv    *textFile // or this
	file   io.Closer // to close with the book
}

// OpenFile opens the file at path; name is what the person calls it.
func OpenFile(path, name string, limits Limits) (*Book, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	b, err := Open(f, info.Size(), name, limits)
	if err != nil {
		f.Close()
		return nil, err
	}
	b.file = f
	return b, nil
}

// Open recognises a file by its content, never by its name. A file that is
// too large, locked, damaged or no table at all is fault.Invalid.
//
// law: IMP-01
func Open(src io.ReaderAt, size int64, name string, limits Limits) (*Book, error) {
	b := &Book{Name: name, limits: limits.orDefault(), src: src, size: size}
	if size == 0 {
		return nil, refuse(name, "是空文件，里面没有任何内容。请检查后重新上传")
	}
	if size > b.limits.Bytes {
		return nil, refuse(name, "有 %d MB，超过了 %d MB 的上限。请删去图片等无关内容，或分成几个文件上传",
			(size+1<<20-1)>>20, b.limits.Bytes>>20)
	}
	zipped, err := recognise(src, size, name)
	if err != nil {
		return nil, err
	}
	if zipped {
		b.xlsx, err = openWorkbook(src, size, name, b.limits)
	} else {
		b.csv, err = openText(src, size, name)
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}

// Owns has src, which the book was opened on, closed with it.
func (b *Book) Owns(src io.Closer) { b.file = src }

// Close removes the book's temporary files.
func (b *Book) Close() error {
	var err error
	if b.xlsx != nil {
		err = b.xlsx.looks.texts.close()
	}
	if b.file != nil {
		if closed := b.file.Close(); err == nil {
			err = closed
		}
	}
	return err
}

// Sheets lists the sheets in their order. A CSV is one sheet without a name.
func (b *Book) Sheets() []Sheet {
	if b.xlsx == nil {
		return []Sheet{{}}
	}
	list := make([]Sheet, len(b.xlsx.sheets))
	for i, s := range b.xlsx.sheets {
		list[i] = s.Sheet
	}
	return list
}

// IsCSV tells a text file from a workbook.
func (b *Book) IsCSV() bool { return b.csv != nil }

func (b *Book) from1904() bool { return b.xlsx != nil && b.xlsx.looks.from1904 }

// All calls each for every row of a sheet that holds something: titles, head
// and notes as well. The row is only good during the call.
func (b *Book) All(sheet int, each func(*Row) error) error {
	if b.csv != nil {
		return b.csv.rows(b.limits, each)
	}
	return b.xlsx.rows(sheet, b.limits, false, each)
}

// first calls each for the first n rows that hold something.
func (b *Book) first(sheet, n int, each func(*Row) error) error {
	err := b.All(sheet, func(r *Row) error {
		if n--; n < 0 {
			return errStop
		}
		return each(r)
	})
	if err == errStop {
		return nil
	}
	return err
}
