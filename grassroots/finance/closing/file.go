package closing

import (
	"context"
	"fmt"
	"io"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/job"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// FileState is where a workbook stands.
type FileState string

const (
	Uploaded  FileState = "judged"    // 待确认
	Confirmed FileState = "confirmed" // 已确认
)

// File is a workbook of opening balances.
type File struct {
	ID      string      `json:"id"`
	Year    int         `json:"year"`
	Name    string      `json:"name"`
	State   FileState   `json:"state"`
	By      string      `json:"by"`
	Made    day.Instant `json:"made"`
	Version int64       `json:"version"`
	hash    string
	under   registry.Ref
}

// Place is the file's page.
func (f File) Place() string { return Openings + "/files/" + f.ID }

// Keep stores a workbook that was uploaded, for the union it is for where it
// names none.
func Keep(ctx context.Context, tx *sqldb.Tx, g auth.Grant, up web.Upload, union string, year int, at day.Instant) (File, error) {
	if up.Blob.Hash == "" {
		return File{}, &fault.Error{Kind: fault.Invalid, Text: "没有收到文件，请选择要导入的文件后再提交。", Fields: map[string]string{"file": "文件：请选择 .xlsx 或 .csv 文件"}}
	}
	if year < 2010 || year > at.Day().Year()+1 {
		return File{}, &fault.Error{Kind: fault.Invalid, Rule: "F3.1", Text: "请填写年度。", Fields: map[string]string{"year": "年度：请填 2010 到明年"}}
	}
	u, err := ledger.Union(ctx, tx, g, union)
	if err != nil {
		return File{}, err
	}
	f := File{ID: sqldb.NewID(), Year: year, Name: up.Name, State: Uploaded, By: g.Account(), Made: at, Version: 1, hash: up.Blob.Hash, under: u.Ref()}
	_, err = tx.Exec(ctx, `INSERT INTO opening_files (tenant_id, id, year, under_id, file_name, file_hash, size, state, account_id, made, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)`,
		g.Tenant(), f.ID, int64(year), u.ID, f.Name, f.hash, up.Blob.Size, string(f.State), f.By, string(at))
	if err != nil {
		return f, err
	}
	return f, audit.Write(ctx, tx, g, f.ID, deed{Did: "uploaded", Union: u.Name, Period: fmt.Sprint(year), Words: f.Name}, at, audit.Touched{Table: "opening_files", ID: f.ID})
}

// FindFile returns a workbook within g's reach.
func FindFile(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (File, error) {
	return sqldb.One(ctx, tx, scanFile, selectFiles+` AND x.id = $3`, g.Tenant(), g.Under(), id)
}

func scanFile(row sqldb.Row) (f File, err error) {
	return f, row(&f.ID, &f.Year, &f.under.ID, &f.under.Code, &f.under.Name, &f.Name, &f.hash, &f.State, &f.By, &f.Made, &f.Version)
}

const selectFiles = `
	SELECT x.id, x.year, x.under_id, u.code, u.name, x.file_name, x.file_hash, x.state, x.account_id, x.made, x.version FROM opening_files x
	JOIN unions u ON u.tenant_id = x.tenant_id AND u.id = x.under_id
	WHERE x.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = x.tenant_id AND r.above_id = $2 AND r.union_id = x.under_id)`

// LatestFiles lists the last few workbooks of a year within g's reach.
func LatestFiles(ctx context.Context, tx *sqldb.Tx, g auth.Grant, year int) ([]File, error) {
	return sqldb.List(ctx, tx, scanFile, selectFiles+` AND x.year = $3 ORDER BY x.id DESC LIMIT 10`, g.Tenant(), g.Under(), int64(year))
}

// open opens the workbook; closing it closes the file as well.
func (rm *Room) open(f File) (*sheet.Book, error) {
	src, err := rm.Files.Open(f.hash)
	if err != nil {
		return nil, err
	}
	size, err := rm.Files.Size(f.hash)
	if err == nil {
		var book *sheet.Book
		if book, err = sheet.Open(src, size, f.Name, sheet.Limits{}); err == nil {
			book.Owns(src)
			return book, nil
		}
	}
	src.Close()
	return nil, err
}

// judged judges the workbook anew.
func (rm *Room) judged(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f File) (Judged, error) {
	book, err := rm.open(f)
	if err != nil {
		return Judged{}, err
	}
	defer book.Close()
	return Judge(ctx, tx, g, book, f.Year, f.under.ID)
}

// again judges the workbook of a run.
func (rm *Room) again(ctx context.Context, t *job.Turn, g auth.Grant, r Run) (j Judged, err error) {
	err = t.DB.View(ctx, func(tx *sqldb.Tx) error {
		f, err := FindFile(ctx, tx, g, r.FileID)
		if err != nil {
			return err
		}
		j, err = rm.judged(ctx, tx, g, f)
		return err
	})
	return j, err
}

// Confirm has the opening vouchers of a workbook drafted, those of all unions
// whose rows are in order. A workbook with nothing to write is fault.Conflict,
// as is one that was confirmed.
func (rm *Room) Confirm(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Run, error) {
	f, err := FindFile(ctx, tx, g, id)
	if err != nil {
		return Run{}, err
	}
	n, err := tx.Exec(ctx, `UPDATE opening_files SET state = 'confirmed', version = version + 1 WHERE tenant_id = $1 AND id = $2 AND state = 'judged'`, g.Tenant(), id)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "这个文件已经确认过，不会再写一次。")
	}
	if err != nil {
		return Run{}, err
	}
	j, err := rm.judged(ctx, tx, g, f)
	if err != nil {
		return Run{}, err
	}
	var unions []string
	for _, o := range j.Openings {
		if !o.Refused && o.State == "" {
			unions = append(unions, o.Union.ID)
		}
	}
	if len(unions) == 0 {
		return Run{}, fault.New(fault.Conflict, "文件里没有可以写入的年初余额：行有问题，或者这些工会已有年初余额凭证。")
	}
	r, err := rm.Starts(ctx, tx, g, Wants{Kind: RunFile, Year: f.Year, FileID: f.ID, Unions: unions}, at)
	if err != nil {
		return r, err
	}
	return r, audit.Write(ctx, tx, g, f.ID, deed{Did: "confirmed", Period: fmt.Sprint(f.Year), Words: f.Name}, at, audit.Touched{Table: "opening_files", ID: f.ID})
}

// Report writes the workbook as it came, with a column that says what is
// wrong with each row.
func (rm *Room) Report(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f File, w io.Writer) error {
	j, err := rm.judged(ctx, tx, g, f)
	if err != nil {
		return err
	}
	said := map[int]sheet.Message{}
	for _, p := range j.Problems {
		m := said[p.Row]
		if m.Text != "" {
			m.Text += "；"
		}
		m.Text += p.Column + "：" + p.Message
		m.Refused = m.Refused || !p.Warn
		said[p.Row] = m
	}
	book, err := rm.open(f)
	if err != nil {
		return err
	}
	defer book.Close()
	head, err := book.FindHead(sheet.Known(columns))
	if err != nil {
		return err
	}
	return book.Report(w, head, func(row int) sheet.Message { return said[row] })
}
