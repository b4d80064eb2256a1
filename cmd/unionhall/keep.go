package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"unionhall/hall"
)

type backup struct {
	where
	File     string `arg:"" help:"New file to write."`
	Portable bool   `help:"Rows as text, to be restored into any engine; a server's backup always is."`
}

// Run writes a backup while others work.
func (b backup) Run(ctx context.Context, out io.Writer) error {
	return with(ctx, b.where, func(h *hall.House) error {
		m, err := h.Backup(ctx, b.File, b.Portable, time.Now())
		if err == nil {
			_, err = fmt.Fprintf(out, "已备份到 %s（%d 项）。文件里含有密钥，请妥善保管。\n", b.File, len(m.Entries))
		}
		return err
	})
}

type restore struct {
	where
	File  string `arg:"" help:"Backup to restore."`
	Force bool   `help:"Put aside what is in the folder."`
}

// Run restores a backup into a folder that holds nothing yet.
func (r restore) Run(ctx context.Context, out io.Writer) error {
	m, err := hall.Restore(ctx, r.File, r.settings(), r.Force)
	if err == nil {
		_, err = fmt.Fprintf(out, "已恢复 %s 的备份，%d 项全部核对无误。\n", m.Made, len(m.Entries))
	}
	return err
}

type verify struct {
	where
	JSON bool `name:"json" help:"Print the findings as JSON."`
}

// Run proves the office's data; any fault ends with 1 and the list.
func (v verify) Run(ctx context.Context, out io.Writer) error {
	h, err := v.open(ctx)
	if err != nil {
		return err
	}
	defer h.Close()
	rep, err := h.Verify(ctx)
	if err != nil {
		return err
	}
	if v.JSON {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		err = e.Encode(rep)
	} else {
		fmt.Fprintf(out, "日志 %d 条（%d 段），已加印记录 %d 条，文件 %d 个。\n", rep.LogRows, rep.Blocks, rep.Sealed, rep.Files)
		for _, f := range rep.Findings {
			fmt.Fprintf(out, "%s：%s\n", f.Where, f.What)
		}
	}
	if err == nil && len(rep.Findings) > 0 {
		err = exit{1, fmt.Errorf("%d faults found", len(rep.Findings))}
	}
	return err
}

type migrate struct {
	where
	DryRun bool `help:"Only say from what to what."`
}

// Run brings the schema to this version.
func (m migrate) Run(ctx context.Context, out io.Writer) error {
	from, to, err := hall.Migrate(ctx, m.settings(), m.DryRun)
	if err == nil {
		_, err = fmt.Fprintf(out, "schema %d -> %d\n", from, to)
	}
	return err
}

type openapi struct{}

// Run prints the OpenAPI document.
func (openapi) Run(out io.Writer) error {
	b, err := hall.OpenAPI()
	if err == nil {
		_, err = fmt.Fprintln(out, string(b))
	}
	return err
}

type imports struct {
	Roster importRoster `cmd:"" help:"Take in a roster of members."`
	Unions importUnions `cmd:"" help:"Take in a table of unions."`
}

type importRoster struct{ importing }
type importUnions struct{ importing }

type importing struct {
	where
	File   string `arg:"" help:"Workbook (xlsx) or text (csv)."`
	Union  string `help:"Code of the union it is for; everything must stand below it. Default: the whole office." placeholder:"CODE"`
	DryRun bool   `help:"Judge, write nothing."`
	JSON   bool   `name:"json" help:"Print the verdicts as JSON."`
}

func (i importRoster) Run(ctx context.Context, out io.Writer) error { return i.run(ctx, out, "roster") }
func (i importUnions) Run(ctx context.Context, out io.Writer) error { return i.run(ctx, out, "unions") }

// run ends with 0 when every row is clean, 3 when rows were refused (the
// report lies beside the file), 2 when the file can't be read.
func (i importing) run(ctx context.Context, out io.Writer, kind string) error {
	return with(ctx, i.where, func(h *hall.House) error {
		r, err := h.Import(ctx, hall.Importing{File: i.File, Kind: kind, Union: i.Union, DryRun: i.DryRun, By: shellUser()})
		if err != nil {
			return err
		}
		if i.JSON {
			e := json.NewEncoder(out)
			e.SetEscapeHTML(false)
			if err := e.Encode(r); err != nil {
				return err
			}
		} else if !r.Unreadable() {
			fmt.Fprintf(out, "%s：共 %d 行，新增 %d，变更 %d，已在其他工会 %d，相同 %d，退回 %d\n", r.State.Label(), r.Rows, r.New, r.Changed, r.Moved, r.Same, r.Refused)
			if r.Report != "" {
				fmt.Fprintf(out, "退回的行和原因见 %s\n", r.Report)
			}
		}
		switch {
		case r.Unreadable():
			return exit{2, errors.New(r.Note)}
		case !r.Clean():
			return exit{3, nil}
		}
		return nil
	})
}

type export struct {
	where
	Kind   string `arg:"" enum:"roster,unions,archive,journal,gbt,books-archive" help:"roster, unions, archive (all of the office, for any engine), journal (a year's books as text), gbt (as interface files) or books-archive (as they are kept)."`
	Union  string `help:"Code of the union whose members or books are meant; default: all members." placeholder:"CODE"`
	Year   int    `help:"Year of the books." placeholder:"YEAR"`
	Format string `enum:"hledger,beancount" default:"hledger" help:"Of a journal: hledger or beancount."`
	Below  bool   `help:"A journal with the books of all unions below."`
	Draft  bool   `help:"Try the archive of a year that is not closed."`
	Full   bool   `help:"Numbers in the clear; the log notes it."`
	Out    string `required:"" help:"File to write: .xlsx or .csv; an archive is .tar.zst, one of books .zip." placeholder:"FILE"`
}

// Run writes a list, or the whole office as an archive.
func (e export) Run(ctx context.Context, out io.Writer) error {
	return with(ctx, e.where, func(h *hall.House) error {
		if e.Kind == "archive" {
			_, err := h.Backup(ctx, e.Out, true, time.Now())
			return err
		}
		return h.Export(ctx, hall.Exporting{Kind: e.Kind, Union: e.Union, Full: e.Full, Out: e.Out, By: shellUser(), Year: e.Year, Format: e.Format, Below: e.Below, Draft: e.Draft})
	})
}

type fileMove struct{ where }

// Run copies attachments into the object store; it may be run again.
func (f fileMove) Run(ctx context.Context, out io.Writer) error {
	moved, all, err := hall.MoveFiles(ctx, f.settings())
	if err == nil {
		_, err = fmt.Fprintf(out, "附件共 %d 个，这次复制 %d 个。\n", all, moved)
	}
	return err
}
