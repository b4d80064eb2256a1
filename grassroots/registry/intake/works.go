package intake

import (
	"context"
	"errors"
	"time"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/job"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
)

// The kinds of job of this room.
const (
	judgeWork = "import.judge"
	applyWork = "import.apply"
	undoWork  = "import.undo"
)

// Room is what imports need of the house.
type Room struct {
	Files  files.Store
	Runner *job.Runner
}

// Works tells the runner how the jobs of this room are done.
func (rm *Room) Works() map[string]job.Work {
	return map[string]job.Work{judgeWork: rm.judgeJob, applyWork: rm.applyJob, undoWork: rm.undoJob}
}

// order is what a job of this room is told: in whose name it goes on.
type order struct {
	Import   string      `json:"import"`
	Account  string      `json:"account"`
	Office   auth.Office `json:"office"`
	Under    string      `json:"under"`
	Transfer bool        `json:"transfer,omitempty"`
}

func (o order) grant(tenant int64) auth.Grant {
	return auth.As(tenant, o.Account, o.Office, Run, o.Under)
}

func (rm *Room) start(ctx context.Context, tx *sqldb.Tx, g auth.Grant, at day.Instant, work string, i Import, transfer bool) error {
	title := map[string]string{judgeWork: "核对", applyWork: "写入", undoWork: "撤销"}[work] + "“" + i.FileName + "”"
	_, err := rm.Runner.Start(ctx, tx, g, at, work, title, i.ID, order{i.ID, g.Account(), g.Office(), g.Under(), transfer})
	return err
}

// Begin takes a workbook in for the union under and has it judged. The same
// bytes again lead to the import that is there; again reports that.
func (rm *Room) Begin(ctx context.Context, tx *sqldb.Tx, g auth.Grant, i Import, at day.Instant) (out Import, again bool, err error) {
	if i.Kind != Roster && i.Kind != Unions {
		return i, false, &fault.Error{Kind: fault.Invalid, Text: "请选择导入的是会员花名册还是基层工会情况表。", Fields: map[string]string{"kind": "种类：请选择"}}
	}
	if was, ok, err := same(ctx, tx, g, i); err != nil || ok {
		return was, ok, err
	}
	i.ID, i.State, i.Made = sqldb.NewID(), Reading, at
	if err := insert(ctx, tx, g, i); err != nil {
		return i, false, err
	}
	if err := rm.start(ctx, tx, g, at, judgeWork, i, false); err != nil {
		return i, false, err
	}
	if err := audit.Write(ctx, tx, g, i.ID, map[string]any{"file": i.FileName, "kind": i.Kind, "did": "begun"}, at); err != nil {
		return i, false, err
	}
	out, err = Find(ctx, tx, g, i.ID)
	return out, false, err
}

// Remap changes which column is what and has the rows judged again. The choice
// is remembered for the office's next workbook.
func (rm *Room) Remap(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, chosen map[string]string, at day.Instant) (Import, error) {
	i, err := Find(ctx, tx, g, id)
	if err != nil {
		return i, err
	}
	if err := i.choose(chosen); err != nil {
		return i, err
	}
	for _, c := range i.Columns {
		if err := remember(ctx, tx, g.Tenant(), i.Kind, c.Header, c.Field, at); err != nil {
			return i, err
		}
	}
	columns, err := i.Columns.text()
	if err != nil {
		return i, err
	}
	n, err := tx.Exec(ctx, `UPDATE imports SET state = 'reading', columns = $1, note = NULL, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND state IN ('judged', 'failed')`, columns, g.Tenant(), id)
	if err != nil {
		return i, err
	}
	if n == 0 {
		return i, fault.New(fault.Conflict, "这份导入现在是“%s”，不能再改对应列。请重新上传文件。", i.State.Label())
	}
	if err := rm.start(ctx, tx, g, at, judgeWork, i, false); err != nil {
		return i, err
	}
	return Find(ctx, tx, g, id)
}

// choose applies what an officer picked, header by header.
func (i *Import) choose(chosen map[string]string) error {
	taken := map[string]string{}
	for n := range i.Columns {
		c := &i.Columns[n]
		if f, ok := chosen[c.Header]; ok {
			if f != "" && label(i.Kind, f) == "" {
				return &fault.Error{Kind: fault.Invalid, Text: "没有“" + f + "”这个项目，请从列表中选择。"}
			}
			c.Field, c.Sure = f, true
		}
		if c.Field == "" {
			continue
		}
		if other, twice := taken[c.Field]; twice {
			return &fault.Error{Kind: fault.Invalid, Text: "“" + other + "”和“" + c.Header + "”两列都对应到了“" + label(i.Kind, c.Field) + "”，请只留一列。"}
		}
		taken[c.Field] = c.Header
	}
	return nil
}

// Confirm has the judged rows written; with transfer also those who are
// members of another union within reach.
func (rm *Room) Confirm(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, transfer bool, at day.Instant) (Import, error) {
	i, err := Find(ctx, tx, g, id)
	if err != nil {
		return i, err
	}
	if err := move(ctx, tx, g.Tenant(), id, Judged, Applying); err != nil {
		return i, err
	}
	if err := rm.start(ctx, tx, g, at, applyWork, i, transfer); err != nil {
		return i, err
	}
	return Find(ctx, tx, g, id)
}

// undoHours is how long a whole import can be taken back.
const undoHours = 24

// Undo has a whole import taken back, within a day of its writing.
func (rm *Room) Undo(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Import, error) {
	i, err := Find(ctx, tx, g, id)
	if err != nil {
		return i, err
	}
	if i.State == Confirmed && !i.Undoable(at) {
		return i, fault.New(fault.Conflict, "写入已超过 24 小时，不能整体撤销。请逐条更正。")
	}
	if err := move(ctx, tx, g.Tenant(), id, Confirmed, Undoing); err != nil {
		return i, err
	}
	if err := rm.start(ctx, tx, g, at, undoWork, i, false); err != nil {
		return i, err
	}
	return Find(ctx, tx, g, id)
}

// Undoable reports whether the import can still be taken back at an instant.
func (i Import) Undoable(at day.Instant) bool {
	written, err := time.Parse(time.RFC3339, string(i.Confirmed))
	now, err2 := time.Parse(time.RFC3339, string(at))
	return i.State == Confirmed && err == nil && err2 == nil && now.Before(written.Add(undoHours*time.Hour))
}

// judgeJob reads and judges a workbook from the start; what an earlier, cut
// off run left is dropped first.
func (rm *Room) judgeJob(ctx context.Context, t *job.Turn) (string, error) {
	var o order
	if err := t.In(&o); err != nil {
		return "", err
	}
	r := &reading{turn: t, g: o.grant(t.Tenant)}
	err := t.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		if r.imp, err = Find(ctx, tx, r.g, o.Import); err != nil {
			return err
		}
		return clean(ctx, tx, t.Tenant, o.Import)
	})
	if err != nil || r.imp.State != Reading {
		return "", err
	}
	r.imp.State, r.imp.Note = Judged, ""
	r.imp.Rows, r.imp.New, r.imp.Changed, r.imp.Moved, r.imp.Same, r.imp.Refused, r.imp.Warned, r.imp.Chunks = 0, 0, 0, 0, 0, 0, 0, 0
	err = rm.judgeFile(ctx, r)
	if f := (*fault.Error)(nil); errors.As(err, &f) && f.Kind != fault.Busy && f.Kind != fault.Internal {
		r.imp.State, r.imp.Note = Failed, f.Text
		err = nil
	}
	if err != nil {
		return "", err
	}
	err = t.DB.Do(ctx, func(tx *sqldb.Tx) error { return keep(ctx, tx, t.Tenant, r.imp) })
	return r.imp.Place(), err
}

func (rm *Room) judgeFile(ctx context.Context, r *reading) error {
	f, err := rm.Files.Open(r.imp.FileHash)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := rm.Files.Size(r.imp.FileHash)
	if err != nil {
		return err
	}
	if r.book, err = sheet.Open(f, size, r.imp.FileName, sheet.Limits{}); err != nil {
		return err
	}
	defer r.book.Close()
	if err := r.open(ctx); err != nil {
		return err
	}
	if r.imp.Kind == Unions {
		return r.unions(ctx)
	}
	return r.roster(ctx)
}
