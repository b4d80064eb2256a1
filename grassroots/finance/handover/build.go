package handover

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

// archiving is the kind of the job that builds an archive, largest how many
// bytes one may have.
const (
	archiving = "books.archive"
	largest   = 32 << 30
)

// building is the job's input.
type building struct {
	Archive string      `json:"archive"`
	Account string      `json:"account"`
	Office  auth.Office `json:"office"`
	Under   string      `json:"under"`
}

// Works are the jobs of this room.
func (rm *Room) Works() map[string]job.Work { return map[string]job.Work{archiving: rm.build} }

// Falls tidy up after a job that failed for good.
func (rm *Room) Falls() map[string]job.Fall { return map[string]job.Fall{archiving: rm.fall} }

func begun(t *job.Turn) (auth.Grant, building, error) {
	var in building
	err := t.In(&in)
	return auth.As(t.Tenant, in.Account, in.Office, Archive, in.Under), in, err
}

// build puts an archive together as a stream into the blob store. It may be
// cut off anywhere: the next run begins anew, and the row tells of nothing that
// is not there.
func (rm *Room) build(ctx context.Context, t *job.Turn) (string, error) {
	g, in, err := begun(t)
	if err != nil {
		return "", err
	}
	var k Kept
	if err := t.DB.View(ctx, func(tx *sqldb.Tx) (err error) { k, err = FindKept(ctx, tx, g, in.Archive); return err }); err != nil {
		return "", err
	}
	if k.State != Building {
		return k.Place(), nil
	}
	blob, err := rm.pour(ctx, t, g, &k)
	if err != nil {
		return "", err
	}
	k.State, k.Hash, k.Size = Stored, blob.Hash, blob.Size
	err = t.DB.Chunk(ctx, func(tx *sqldb.Tx) error { return k.settle(ctx, tx, g, "archived", t.Now()) })
	return k.Place(), err
}

// alive says every ten seconds how far the work is, and calls it off when the
// job is to stop.
func alive(ctx context.Context, t *job.Turn, stop context.CancelCauseFunc, written *atomic.Int64) {
	for {
		n := written.Load()
		if err := t.Step(ctx, n, 0, fmt.Sprintf("已写好 %d 个文件", n)); err != nil {
			stop(err)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(10 * time.Second):
		}
	}
}

// pour streams the archive into the store: one side writes, the other keeps.
func (rm *Room) pour(ctx context.Context, t *job.Turn, g auth.Grant, k *Kept) (files.Blob, error) {
	ctx, stop := context.WithCancelCause(ctx)
	var written atomic.Int64
	var beat sync.WaitGroup
	beat.Go(func() { alive(ctx, t, stop, &written) })
	defer beat.Wait()
	defer stop(nil)
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		runs := 0
		err := t.DB.View(ctx, func(tx *sqldb.Tx) error {
			if runs++; runs > 1 {
				return errors.New("the database went away while the archive was written")
			}
			return rm.pack(ctx, tx, g, k, t.Now(), &written, w)
		})
		w.CloseWithError(err) // nil ends the stream
		done <- err
	}()
	blob, err := rm.Files.Put(ctx, r, largest)
	r.CloseWithError(err)
	packed := <-done
	switch {
	case context.Cause(ctx) != nil:
		return blob, context.Cause(ctx)
	case packed != nil:
		return blob, packed
	}
	return blob, err
}

// fall marks the archive as failed, and why.
func (rm *Room) fall(ctx context.Context, t *job.Turn, why error) error {
	g, in, err := begun(t)
	if err != nil {
		return err
	}
	return t.DB.Chunk(ctx, func(tx *sqldb.Tx) error {
		k, err := FindKept(ctx, tx, g, in.Archive)
		if err != nil || k.State != Building {
			return err
		}
		k.State, k.Failure = Failed, "任务已取消。"
		if f := fault.Of(why); why != nil && !errors.Is(why, job.ErrCancelled) {
			k.Failure = f.Text
		}
		if r := []rune(k.Failure); len(r) > 400 {
			k.Failure = string(r[:400])
		}
		return k.settle(ctx, tx, g, "failed", t.Now())
	})
}

// pack writes the whole archive.
//
// law: F3.27, S06
func (rm *Room) pack(ctx context.Context, tx *sqldb.Tx, g auth.Grant, k *Kept, at day.Instant, written *atomic.Int64, w io.Writer) error {
	p := &packer{ctx: ctx, tx: tx, g: g, room: rm, kept: *k, place: law.PlaceOf(g.Tenant()), at: at, when: stamp(at), z: zip.NewWriter(w), written: written}
	if err := p.prepare(); err != nil {
		return err
	}
	total := int64(0)
	for _, m := range p.months {
		total += m.count
	}
	for _, part := range []func() error{p.vouchers, p.ledgers, p.statements, p.texts, p.attachments, p.papers, p.manifest, p.metadata} {
		if err := part(); err != nil {
			return err
		}
	}
	k.Files, k.Vouchers = int64(len(p.members))+1, total
	k.Name = fileName(p.book, k.Kind)
	return p.z.Close()
}

// fileName is what the archive of a book is called.
func fileName(b ledger.Book, kind string) string {
	name := fmt.Sprintf("会计档案-%s-%d", b.Union.Code, b.Year)
	if kind == Draft {
		name += "-草稿"
	}
	return name + ".zip"
}

// prepare reads what all parts need, and refuses books that do not prove.
func (p *packer) prepare() (err error) {
	if p.book, err = ledger.FindBook(p.ctx, p.tx, p.g, p.kept.BookID); err != nil {
		return err
	}
	if p.kept.Kind == Final && p.book.State != ledger.Ended {
		return fault.ByRule(fault.Invalid, "F3.27", "%d 年的账已不是年结状态，没有归档。", p.book.Year)
	}
	found, err := ledger.VerifyBook(p.ctx, p.tx, p.g.Tenant(), p.book.ID)
	if err != nil {
		return err
	}
	if len(found) > 0 {
		words := ""
		for _, f := range found[:min(5, len(found))] {
			words += "；" + f.What + "（" + f.Where + "）"
		}
		return fault.ByRule(fault.Invalid, "F3.27", "账簿校验有 %d 处不符，没有归档%s。请联系系统管理员。", len(found), words)
	}
	if p.chart, err = ledger.ChartOf(p.ctx, p.tx, p.g.Tenant(), p.book.System); err != nil {
		return err
	}
	if p.projects, err = projectNames(p.ctx, p.tx, p.g, p.book.Union.ID); err != nil {
		return err
	}
	if p.who, err = handlers(p.ctx, p.tx, p.g.Tenant(), p.room.Names, p.book.ID); err != nil {
		return err
	}
	by, err := p.room.Names(p.ctx, p.tx, p.g.Tenant(), []string{p.kept.By})
	if err != nil {
		return err
	}
	if p.who[p.kept.By] = by[p.kept.By]; p.who[p.kept.By] == "" {
		p.who[p.kept.By] = p.kept.By
	}
	if p.law, err = rulebook.Of(p.ctx, p.tx, p.g.Tenant()); err != nil {
		return err
	}
	if p.office, err = sqldb.One(p.ctx, p.tx, sqldb.Text, `SELECT t.name FROM tenants t WHERE t.tenant_id = $1`, p.g.Tenant()); err != nil {
		return err
	}
	p.months, err = numbersOf(p.ctx, p.tx, p.g.Tenant(), p.book.ID, "9999-12-31")
	return err
}

// numbersOf counts the posted vouchers of a book up to a day, by month.
func numbersOf(ctx context.Context, tx *sqldb.Tx, tenant int64, book string, until string) ([]monthNumbers, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (m monthNumbers, err error) {
		return m, row(&m.month, &m.count, &m.first, &m.last, &m.red, &m.sheets)
	}, `
		SELECT month, count(*), min(number), max(number), sum(CASE WHEN nature = 'red' THEN 1 ELSE 0 END), cast(sum(attachments) as bigint)
		FROM vouchers WHERE tenant_id = $1 AND book_id = $2 AND number IS NOT NULL AND (month = 0 OR date <= $3) GROUP BY month ORDER BY month`, tenant, book, until)
}
