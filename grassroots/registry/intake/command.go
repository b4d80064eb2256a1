package intake

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// Result is what a command tells of an import.
type Result struct {
	View
	Report string `json:"report,omitempty"` // the file with the verdicts, where rows were refused
}

// Unreadable reports whether nothing could be made of the file.
func (r Result) Unreadable() bool { return r.State == Failed }

// Clean reports whether every row passed.
func (r Result) Clean() bool { return r.State != Failed && r.Refused+r.Moved == 0 }

// Job is a workbook that a command takes in: where it lies, what it is called
// and which union it is for ("": the whole reach).
type Job struct {
	Path, Name string
	Kind       Kind
	Union      string
	DryRun     bool // judge, don't write
}

// Take judges a workbook and writes it, unless it is a dry run, just as the
// pages do. Where rows were refused, the workbook with the verdicts lies
// beside it afterwards.
func (rm *Room) Take(ctx context.Context, db *sqldb.DB, g auth.Grant, j Job) (res Result, err error) {
	hash, err := rm.store(ctx, j.Path)
	if err != nil {
		return res, err
	}
	at := day.At(rm.Runner.Now())
	id := ""
	err = db.Do(ctx, func(tx *sqldb.Tx) error {
		under, err := unionNamed(ctx, tx, g, j.Union)
		if err != nil {
			return err
		}
		i, _, err := rm.Begin(ctx, tx, g, Import{Kind: j.Kind, UnderID: under, FileName: j.Name, FileHash: hash}, at)
		id = i.ID
		return err
	})
	if err != nil {
		return res, err
	}
	if res.View, err = rm.done(ctx, db, g, id); err != nil {
		return res, err
	}
	if res.State == Judged && !j.DryRun {
		err = db.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := rm.Confirm(ctx, tx, g, id, res.Version, false, at)
			return err
		})
		if err != nil {
			return res, err
		}
		if res.View, err = rm.done(ctx, db, g, id); err != nil {
			return res, err
		}
	}
	if res.Refused+res.Moved > 0 {
		res.Report, err = rm.beside(ctx, db, g, res.Import, j.Path)
	}
	return res, err
}

func (rm *Room) store(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	blob, err := rm.Files.Put(ctx, f, fileLimit)
	return blob.Hash, err
}

// fileLimit is how long a file may be, in bytes.
const fileLimit = 200 << 20

// done does the work about an import, or waits for whoever is at it, and tells
// how it stands.
func (rm *Room) done(ctx context.Context, db *sqldb.DB, g auth.Grant, id string) (v View, err error) {
	if err := rm.Runner.RunAbout(ctx, g.Tenant(), id); err != nil {
		return v, err
	}
	err = db.View(ctx, func(tx *sqldb.Tx) error {
		if v.Import, err = Find(ctx, tx, g, id); err != nil {
			return err
		}
		v.Mapping = v.Columns.Map()
		v.Problems, _, err = Problems(ctx, tx, g, id, "", -1, 0, everything)
		return err
	})
	if err == nil && v.Busy() {
		err = fault.New(fault.Internal, "%s没有完成：%s", v.FileName, v.State.Label())
	}
	return v, err
}

// beside writes the workbook with the verdicts beside the file it judges.
func (rm *Room) beside(ctx context.Context, db *sqldb.DB, g auth.Grant, i Import, path string) (string, error) {
	book, err := rm.open(i)
	if err != nil {
		return "", err
	}
	defer book.Close()
	to := filepath.Join(filepath.Dir(path), reportName(filepath.Base(path), book.IsCSV()))
	f, err := os.CreateTemp(filepath.Dir(path), ".report-*")
	if err != nil {
		return "", fmt.Errorf("report beside %s: %w", path, err)
	}
	defer os.Remove(f.Name())
	err = db.View(ctx, func(tx *sqldb.Tx) error { return Report(ctx, tx, g, i, book, f) })
	if shut := f.Close(); err == nil {
		err = shut
	}
	if err == nil {
		err = os.Rename(f.Name(), to)
	}
	return to, err
}
