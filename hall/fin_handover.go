package hall

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"unionhall/grassroots/finance/handover"
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/office/account"
	"unionhall/office/desk"
)

// newHandover makes the room that gives the books to others.
func (h *House) newHandover() *handover.Room {
	return &handover.Room{Files: h.Files, Runner: h.Runner, Names: account.Names, Keepers: keepers, Papers: yearPapers}
}

// keepers lists who holds an office of the finances over a union on a day.
//
// law: F3.26
func keepers(ctx context.Context, tx *sqldb.Tx, tenant int64, union string, on day.Day) ([]handover.Person, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (p handover.Person, err error) {
		var key string
		return p, row(&p.Account, &p.Name, &p.Office, &key)
	}, `
		SELECT DISTINCT a.id, a.name, p.office, a.name_key
		FROM posts p
		JOIN accounts a ON a.tenant_id = p.tenant_id AND a.id = p.account_id AND NOT a.locked
		JOIN union_reach r ON r.tenant_id = p.tenant_id AND r.above_id = p.union_id AND r.union_id = $2
		WHERE p.tenant_id = $1 AND p.office IN ('accountant', 'cashier', 'director', 'chair') AND p.acting_for IS NULL
			AND p.from_day <= $3 AND (p.to_day IS NULL OR p.to_day >= $3)
		ORDER BY a.name_key, a.id, p.office LIMIT 200`, tenant, union, string(on))
}

// fromHandover tells of closed years that have no archive, archives that are
// due to the archivist, and lists that wait for the viewer's word.
//
// law: F3.26, F3.27
func fromHandover(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(handover.Look)
	if !ok {
		return p, nil
	}
	if g.Office() == auth.Accountant {
		if err := toKeep(ctx, tx, g, v.Today, &p); err != nil {
			return p, err
		}
	}
	all, err := handover.Waiting(ctx, tx, g, mostWaiting)
	for _, c := range all {
		p.Duties = append(p.Duties, desk.Duty{Title: "会计人员交接 · " + c.Union.Name, Href: c.Place(), Note: c.Giver.Name + " → " + c.Taker.Name, Tag: c.Stage.Label(), Kind: ui.Warn, Act: "去确认", ActHref: c.Place()})
	}
	return p, err
}

func toKeep(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, p *desk.Part) error {
	t, err := handover.TallyOf(ctx, tx, g, today)
	if err != nil {
		return err
	}
	list := handover.Home + "/archives"
	if t.Lacking > 0 {
		p.Duties = append(p.Duties, desk.Duty{Title: fmt.Sprintf("年结后没有归档的账套 %d 个", t.Lacking), Href: list + "?lacking=1", Note: "会计档案由财务部门保管一年，最长三年", Tag: "归档", Kind: ui.Info, Act: "去归档", ActHref: list + "?lacking=1"})
	}
	if t.Due > 0 {
		d := desk.Duty{Title: fmt.Sprintf("可以移交档案部门的会计档案 %d 份", t.Due), Href: list, Note: fmt.Sprintf("最早的是 %d 年", t.Oldest), Tag: "移交", Kind: ui.Info, Act: "去移交", ActHref: list}
		if t.Late > 0 {
			d.Kind, d.Note = ui.Bad, fmt.Sprintf("其中 %d 份已超过最长的保管时间", t.Late)
		}
		p.Duties = append(p.Duties, d)
	}
	return nil
}

// archived proves that the file of every archive is in the store; its bytes are
// proven with those of all files.
//
// law: F3.27
func (h *House) archived(ctx context.Context, p *Proof) error {
	return h.DB.View(ctx, func(tx *sqldb.Tx) error {
		tenants, err := audit.Tenants(ctx, tx)
		if err != nil {
			return err
		}
		for _, t := range tenants {
			all, err := handover.Blobs(ctx, tx, t)
			if err != nil {
				return err
			}
			for _, b := range all {
				_, err := h.Files.Size(b.Hash)
				if fault.Of(err).Kind == fault.NotFound {
					p.Findings = append(p.Findings, audit.Finding{Where: "book_archives " + b.Archive, What: "会计档案的文件已不在"})
				} else if err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// bookKinds are the kinds of export that are of one union's books.
var bookKinds = []string{"journal", "gbt", "books-archive"}

// ExportBooks writes the books of a union's year to a new file, whole or not at
// all.
//
// law: S2-48, S08
func (h *House) ExportBooks(ctx context.Context, e Exporting) (err error) {
	if e.Union == "" || e.Year == 0 {
		return errors.New("name the union and the year: --union CODE --year 2026")
	}
	f, err := os.CreateTemp(filepath.Dir(e.Out), ".export-*")
	if err != nil {
		return fmt.Errorf("cannot write beside %s: check the folder's rights", e.Out)
	}
	defer os.Remove(f.Name())
	if err = errors.Join(h.writeBooks(ctx, e, f), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), e.Out)
}

func (h *House) writeBooks(ctx context.Context, e Exporting, w io.Writer) error {
	if e.Kind == "books-archive" {
		return h.writeArchive(ctx, e, w)
	}
	format := handover.Format(e.Format)
	if format == "" {
		format = handover.Hledger
	}
	var g auth.Grant
	err := h.asShell(ctx, e.By, handover.Look, func(tx *sqldb.Tx, granted auth.Grant, at day.Instant) error {
		g = granted
		u, err := ledger.Union(ctx, tx, g, e.Union)
		if err != nil {
			return err
		}
		return handover.Log(ctx, tx, g, u, e.Year, e.Kind+" "+e.Format, at)
	})
	if err != nil {
		return err
	}
	return h.DB.View(ctx, func(tx *sqldb.Tx) error {
		if e.Kind == "gbt" {
			return handover.GBT(ctx, tx, g, account.Names, e.Union, e.Year, day.At(h.Now()), w)
		}
		return handover.Journal(ctx, tx, g, e.Union, e.Year, e.Below, format, w)
	})
}

// writeArchive writes the archive that is kept of a year, or has it built.
func (h *House) writeArchive(ctx context.Context, e Exporting, w io.Writer) error {
	var k handover.Kept
	err := h.asShell(ctx, e.By, handover.Archive, func(tx *sqldb.Tx, g auth.Grant, at day.Instant) (err error) {
		if k, err = h.rooms.handover.Current(ctx, tx, g, e.Union, e.Year); err != nil || k.ID != "" {
			return err
		}
		k, err = h.rooms.handover.Begin(ctx, tx, g, handover.Archiving{Union: e.Union, Year: e.Year, Draft: e.Draft}, at)
		return err
	})
	if err != nil {
		return err
	}
	t, err := h.tenant(ctx)
	if err != nil {
		return err
	}
	if err := h.Runner.RunAbout(ctx, t.ID, k.ID); err != nil {
		return err
	}
	err = h.asShell(ctx, e.By, handover.Take, func(tx *sqldb.Tx, g auth.Grant, at day.Instant) (err error) {
		if k, err = handover.FindKept(ctx, tx, g, k.ID); err != nil {
			return err
		}
		if k.Hash == "" {
			return fault.New(fault.Conflict, "没有归成：%s", k.Failure)
		}
		return handover.LogTaken(ctx, tx, g, k, at)
	})
	if err != nil {
		return err
	}
	f, err := h.Files.Open(k.Hash)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

// Handover is the room that gives the books to others.
func (h *House) Handover() *handover.Room { return h.rooms.handover }
