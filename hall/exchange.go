package hall

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/intake"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
)

// Importing is what unionhall import is told.
type Importing struct {
	File, Kind, Union string
	DryRun            bool
	By                string
}

// Import takes a workbook in as the pages do.
func (h *House) Import(ctx context.Context, i Importing) (intake.Result, error) {
	var g auth.Grant
	err := h.asShell(ctx, i.By, intake.Run, func(_ *sqldb.Tx, granted auth.Grant, _ day.Instant) error {
		g = granted
		return nil
	})
	if err != nil {
		return intake.Result{}, err
	}
	return h.Intake.Take(ctx, h.DB, g, intake.Job{Path: i.File, Name: filepath.Base(i.File), Kind: intake.Kind(i.Kind), Union: i.Union, DryRun: i.DryRun})
}

// Exporting is what unionhall export is told; the ending of Out decides
// between a workbook and text.
type Exporting struct {
	Kind, Union, Out string
	Full             bool // numbers in the clear; the log notes it
	Year             int  // of books
	Format           string
	Below, Draft     bool
	By               string
}

// Export writes a list to a new file, whole or not at all.
func (h *House) Export(ctx context.Context, e Exporting) error {
	if slices.Contains(bookKinds, e.Kind) {
		return h.ExportBooks(ctx, e)
	}
	text := strings.EqualFold(filepath.Ext(e.Out), ".csv")
	if !text && !strings.EqualFold(filepath.Ext(e.Out), ".xlsx") {
		return fmt.Errorf("%s: name a file that ends in .xlsx or .csv", e.Out)
	}
	t, err := h.tenant(ctx)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(e.Out), ".export-*")
	if err != nil {
		return fmt.Errorf("cannot write beside %s: check the folder's rights", e.Out)
	}
	defer os.Remove(f.Name())
	q := member.ExportQuery{Query: member.Query{Union: e.Union}, Full: e.Full, Reason: "命令行导出"}
	if e.Kind == "roster" {
		var g auth.Grant
		err = h.asShell(ctx, e.By, member.Export, func(_ *sqldb.Tx, granted auth.Grant, _ day.Instant) error {
			g = granted
			return nil
		})
		if err == nil {
			err = member.LogExport(ctx, h.DB, g, q, day.At(h.Now()))
		}
		if err != nil {
			return errors.Join(err, f.Close())
		}
	}
	err = h.DB.View(ctx, func(tx *sqldb.Tx) error {
		g, err := account.Shell(ctx, tx, t.ID, e.By, member.Export)
		switch {
		case err != nil:
			return err
		case e.Kind == "unions":
			return registry.Export(ctx, tx, g.For(registry.Look), registry.Query{}, day.At(h.Now()).Day(), f, text)
		case text:
			return member.WriteCSV(ctx, tx, g, q, f)
		}
		return member.WriteXLSX(ctx, tx, g, q, f)
	})
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), e.Out)
}
