package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
)

// trace is what undo needs of a chunk, and the figures that are counted when
// the whole import has been written.
type trace struct {
	Images  []image          `json:"i"`
	New     map[int]string   `json:"n,omitempty"` // who a row brought
	Figures member.Figures   `json:"f"`
	Late    map[string]int64 `json:"l,omitempty"` // rows that others were faster with, by what they were to be
}

// applyJob writes the judged rows, chunk by chunk: each chunk whole with its
// line in the log, the figures at the end. Lists hide the newcomers until
// then. Cut off, it goes on with the next chunk.
func (rm *Room) applyJob(ctx context.Context, t *job.Turn) (string, error) {
	o, g, imp, err := found(ctx, t)
	if err != nil || imp.State != Applying {
		return imp.Place(), err
	}
	if imp.Kind == Unions {
		return imp.Place(), rm.applyUnions(ctx, t, g, imp)
	}
	return imp.Place(), rm.applyRoster(ctx, t, g, imp, o.Transfer)
}

// stopped is the error of a guarded step that touched n rows: the import is no
// longer in the state that its job works on, so what the job did in this
// transaction must not stay.
func stopped(n int64, err error) error {
	if err == nil && n == 0 {
		return job.ErrCancelled
	}
	return err
}

// applyRoster writes members, some chunks at a time.
func (rm *Room) applyRoster(ctx context.Context, t *job.Turn, g auth.Grant, imp Import, transfer bool) error {
	at, before := t.Now(), min(imp.Applied, imp.Chunks) // chunks of a run that was cut off
	clues := make([]member.Clue, 0, imp.New)
	var told pulse
	for pace := 2; imp.Applied < imp.Chunks; { // beyond its chunks it is being indexed
		n := min(int64(pace), imp.Chunks-imp.Applied)
		start := time.Now()
		var fresh []member.Clue
		err := t.DB.Chunk(ctx, func(tx *sqldb.Tx) error {
			fresh = fresh[:0]
			for no := imp.Applied + 1; no <= imp.Applied+n; no++ {
				c, err := applyChunk(ctx, tx, g, imp, no, transfer, at)
				if err != nil {
					return fmt.Errorf("chunk %d of %s: %w", no, imp.ID, err)
				}
				fresh = append(fresh, c...)
			}
			return stopped(tx.Exec(ctx, `UPDATE imports SET applied = $1 WHERE tenant_id = $2 AND id = $3 AND state = 'applying'`, imp.Applied+n, t.Tenant, imp.ID))
		})
		if err != nil {
			return err
		}
		clues = append(clues, fresh...)
		imp.Applied += n
		pace = nextPace(pace, time.Since(start), t.DB.Quiet())
		if told.due() {
			if err := t.Step(ctx, imp.Applied*chunkRows, imp.Chunks*chunkRows, "正在写入"); err != nil {
				return err
			}
		}
	}
	if err := index(ctx, t, imp, before, clues); err != nil {
		return err
	}
	return t.DB.Do(ctx, func(tx *sqldb.Tx) error { return settle(ctx, tx, g, imp, at) })
}

// index makes the newcomers found by search: those of this run, and of the
// chunks written before it was cut off. Beyond its chunks, what an import has
// applied are the pieces of this; cut off, it goes on with the next, and so
// takes the newcomers in the same order.
func index(ctx context.Context, t *job.Turn, imp Import, before int64, now []member.Clue) error {
	clues := now
	if before > 0 {
		clues = make([]member.Clue, 0, imp.New)
	}
	for no := int64(1); no <= before; no++ {
		err := t.DB.View(ctx, func(tx *sqldb.Tx) error {
			c, err := readChunk(ctx, tx, t.Tenant, imp.ID, no)
			if err != nil {
				return err
			}
			tr, err := openTrace(tx, t.Tenant, c)
			if err != nil {
				return err
			}
			lines, err := openLines(tx, t.Tenant, c)
			if err != nil {
				return err
			}
			for _, l := range lines {
				if id := tr.New[l.Row]; id != "" {
					clues = append(clues, member.ClueOf(tx.Keys(), t.Tenant, member.Member{ID: id, Person: l.Person}))
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if before > 0 {
		clues = append(clues, now...)
	}
	var told pulse
	return member.Index(ctx, t.DB, t.Tenant, clues, member.Indexing{
		From: imp.Applied - imp.Chunks,
		Note: func(tx *sqldb.Tx, piece int64) error {
			return stopped(tx.Exec(ctx, `UPDATE imports SET applied = chunks + $1 WHERE tenant_id = $2 AND id = $3 AND state = 'applying'`, piece, t.Tenant, imp.ID))
		},
		Step: func(done, total int) error {
			if !told.due() {
				return nil
			}
			return t.Step(ctx, int64(done), int64(total), "正在编入检索")
		},
	})
}

// pulse is when somebody was last told how far a work is. Each telling is a
// write of its own, and who watches sees no more than some a second. That the
// work is to stop shows in its pieces: they are guarded by the import's state.
type pulse struct{ last time.Time }

func (p *pulse) due() bool {
	start := time.Now()
	if start.Sub(p.last) < 200*time.Millisecond {
		return false
	}
	p.last = start
	return true
}

// nextPace lets a long work take more at a time while nobody is kept waiting
// for more than a blink; while nobody writes at all, for more than a breath.
func nextPace(pace int, took time.Duration, quiet bool) int {
	most, long := 8, 80*time.Millisecond
	if quiet {
		most, long = 24, 300*time.Millisecond
	}
	switch {
	case took > long && pace > 1:
		return max(1, int(int64(pace)*int64(long)/int64(took)))
	case took < long/2 && pace < most:
		return pace + 1
	}
	return pace
}

func openLines(tx *sqldb.Tx, tenant int64, c chunk) ([]line, error) {
	b, err := tx.Keys().OpenBlob(tenant, "import_chunks", "body", c.body)
	if err != nil {
		return nil, err
	}
	var ls []line
	return ls, json.Unmarshal(b, &ls)
}

// applyChunk writes one chunk and what undo needs of it, and returns what search
// is to find its newcomers by.
func applyChunk(ctx context.Context, tx *sqldb.Tx, g auth.Grant, imp Import, no int64, transfer bool, at day.Instant) ([]member.Clue, error) {
	c, err := readChunk(ctx, tx, g.Tenant(), imp.ID, no)
	if err != nil {
		return nil, err
	}
	lines, err := openLines(tx, g.Tenant(), c)
	if err != nil {
		return nil, err
	}
	w := &writing{tx: tx, g: g, imp: imp, at: at, batch: member.NewBatch(tx, g, at), transfer: transfer, trace: trace{New: map[int]string{}, Late: map[string]int64{}}}
	if err := w.lines(ctx, lines); err != nil {
		return nil, err
	}
	w.trace.Figures = w.batch.Take()
	undo, err := json.Marshal(w.trace)
	if err != nil {
		return nil, err
	}
	_, err = tx.Exec(ctx, `UPDATE import_chunks SET undo = $1 WHERE tenant_id = $2 AND import_id = $3 AND no = $4`,
		tx.Keys().SealBlob(g.Tenant(), "import_chunks", "undo", undo), g.Tenant(), imp.ID, no)
	if err != nil {
		return nil, err
	}
	return w.clues, w.batch.Audit(ctx, imp.ID, map[string]any{"chunk": no, "wrote": len(w.trace.Images), "late": w.trace.Late})
}

// writing is one chunk while it is written.
type writing struct {
	tx       *sqldb.Tx
	g        auth.Grant
	imp      Import
	at       day.Instant
	batch    *member.Batch
	transfer bool
	trace    trace
	clues    []member.Clue
}

func (w *writing) lines(ctx context.Context, lines []line) error {
	blinds := make([]string, len(lines))
	for i, l := range lines {
		blinds[i] = member.BlindID(w.tx.Keys(), w.g.Tenant(), l.Person.IDType, l.Person.IDNo)
	}
	there, err := member.ByBlinds(ctx, w.tx, w.g.Tenant(), blinds)
	if err != nil {
		return err
	}
	var newcomers []line
	for i, l := range lines {
		was, is := there[blinds[i]]
		switch {
		case !is && l.What == fresh:
			newcomers = append(newcomers, l)
		case l.What == away, l.What == moved && !w.transfer:
		case is && was.ID == l.Was && was.Version == l.Seen:
			if err := w.update(ctx, was, l); err != nil {
				return err
			}
		default: // registered, edited or gone since the rows were judged
			w.trace.Late[l.What]++
			err := insertProblems(ctx, w.tx, w.g.Tenant(), w.imp.ID, lateSeq+l.Row, []Problem{{Row: int64(l.Row), Name: l.Person.Name, Severity: Refuse, Code: "row.late",
				Message: "核对之后此人的资料已由他人改过，这一行没有写入。请重新导入这一行。", Rule: "IMP-04"}})
			if err != nil {
				return err
			}
		}
	}
	return w.insert(ctx, newcomers)
}

// insert writes newcomers with a member number each and the event that began
// their membership.
func (w *writing) insert(ctx context.Context, ls []line) error {
	counts := map[registry.Ref]int64{}
	for _, l := range ls {
		counts[l.Union]++
	}
	numbers := map[string]func() string{}
	for _, u := range sortedRefs(counts) {
		next, err := member.CardNumbers(ctx, w.tx, w.g.Tenant(), u, counts[u])
		if err != nil {
			return err
		}
		numbers[u.ID] = next
	}
	ms, evs := make([]member.Member, 0, len(ls)), make([]member.Event, 0, len(ls))
	for _, l := range ls {
		m := member.Member{ID: sqldb.NewID(), Union: l.Union, Person: l.Person, CardNo: numbers[l.Union.ID](), Status: l.becomes(member.Active), Joined: l.Joined, ImportID: w.imp.ID, Version: 1}
		if !m.Status.Open() {
			m.LeftDay = l.Event.Day
		}
		ms = append(ms, m)
		w.clues = append(w.clues, member.ClueOf(w.tx.Keys(), w.g.Tenant(), m))
		evs = append(evs, member.Event{ID: sqldb.NewID(), MemberID: m.ID, Type: l.Event.Type, Day: l.Event.Day, Reason: l.Event.Reason, To: l.Union.ID, ImportID: w.imp.ID})
		w.trace.Images = append(w.trace.Images, image{ID: m.ID, Version: 1})
		w.trace.New[l.Row] = m.ID
	}
	return w.batch.InsertUnfound(ctx, ms, evs)
}

// update writes what a row makes of a member who is there already.
func (w *writing) update(ctx context.Context, was member.Member, l line) error {
	now := merge(was, l)
	if err := w.batch.Update(ctx, was, now); err != nil {
		return err
	}
	before := was
	w.trace.Images = append(w.trace.Images, image{ID: was.ID, Version: was.Version + 1, Before: &before})
	e := l.Event
	if l.What == moved {
		e.Type, e.Day = member.MovesIn, w.at.Day()
	}
	if ev, changes := eventOf(was, now, e, w.at.Day()); changes {
		ev.ID, ev.ImportID = sqldb.NewID(), w.imp.ID
		return w.batch.Events(ctx, []member.Event{ev})
	}
	return nil
}

// settle counts what all chunks wrote and shows the newcomers, in one step.
func settle(ctx context.Context, tx *sqldb.Tx, g auth.Grant, imp Import, at day.Instant) error {
	sum, err := traces(ctx, tx, g.Tenant(), imp)
	if err != nil {
		return err
	}
	b := member.NewBatch(tx, g, at)
	b.Give(sum.Figures)
	late := sum.Late
	n, err := tx.Exec(ctx, `
		UPDATE imports SET state = 'confirmed', applied = chunks, confirmed = $1, fresh = fresh - $2, changed = changed - $3, moved = moved - $4, refused = refused + $2 + $3 + $4, version = version + 1
		WHERE tenant_id = $5 AND id = $6 AND state = 'applying'`, string(at), late[fresh], late[changed], late[moved], g.Tenant(), imp.ID)
	if err := stopped(n, err); err != nil {
		return err
	}
	return b.Audit(ctx, imp.ID, map[string]any{"did": "confirmed", "new": imp.New, "changed": imp.Changed, "late": late})
}

// traces adds up the figures of an import's chunks.
func traces(ctx context.Context, tx *sqldb.Tx, tenant int64, imp Import) (trace, error) {
	sum := trace{Late: map[string]int64{}}
	for no := int64(1); no <= imp.Chunks; no++ {
		c, err := readChunk(ctx, tx, tenant, imp.ID, no)
		if err != nil {
			return sum, err
		}
		tr, err := openTrace(tx, tenant, c)
		if err != nil {
			return sum, err
		}
		sum.Figures.Add(tr.Figures, 1)
		for what, n := range tr.Late {
			sum.Late[what] += n
		}
	}
	return sum, nil
}

func openTrace(tx *sqldb.Tx, tenant int64, c chunk) (tr trace, err error) {
	if len(c.undo) == 0 {
		return tr, nil
	}
	b, err := tx.Keys().OpenBlob(tenant, "import_chunks", "undo", c.undo)
	if err != nil {
		return tr, err
	}
	return tr, json.Unmarshal(b, &tr)
}
