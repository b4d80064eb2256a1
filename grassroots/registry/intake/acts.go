package intake

import (
	"context"
	"time"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
)

// Begin takes a workbook in for the union under and has it judged. The same
// bytes again lead to the import that is there; again reports that. If it
// waits to be confirmed, it is judged anew: unions and members may have come
// meanwhile.
func (rm *Room) Begin(ctx context.Context, tx *sqldb.Tx, g auth.Grant, i Import, at day.Instant) (out Import, again bool, err error) {
	if i.Kind != Roster && i.Kind != Unions {
		return i, false, &fault.Error{Kind: fault.Invalid, Text: "请选择导入的是会员花名册还是基层工会情况表。", Fields: map[string]string{"kind": "种类：请选择"}}
	}
	was, is, err := inForce(ctx, tx, g, i)
	if err != nil {
		return was, false, err
	}
	if !is {
		out, err = rm.begin(ctx, tx, g, i, at)
		return out, false, err
	}
	if was.State == Judged {
		if err := rm.judgeAnew(ctx, tx, g, was, at); err != nil {
			return was, true, err
		}
	}
	out, err = Find(ctx, tx, g, was.ID)
	return out, true, err
}

func (rm *Room) begin(ctx context.Context, tx *sqldb.Tx, g auth.Grant, i Import, at day.Instant) (Import, error) {
	i.ID, i.State, i.Made = sqldb.NewID(), Reading, at
	made, err := insert(ctx, tx, g, i)
	if err != nil {
		return i, err
	}
	if !made {
		was, _, err := inForce(ctx, tx, g, i)
		return was, err
	}
	if err := rm.start(ctx, tx, g, at, judgeWork, i, false); err != nil {
		return i, err
	}
	if err := audit.Write(ctx, tx, g, i.ID, map[string]any{"did": "begun", "file": i.FileName, "kind": i.Kind}, at); err != nil {
		return i, err
	}
	return Find(ctx, tx, g, i.ID)
}

// judgeAnew has the rows of an import judged once more.
func (rm *Room) judgeAnew(ctx context.Context, tx *sqldb.Tx, g auth.Grant, i Import, at day.Instant) error {
	n, err := tx.Exec(ctx, `UPDATE imports SET state = 'reading', note = NULL, version = version + 1 WHERE tenant_id = $1 AND id = $2 AND state IN ('judged', 'failed')`, g.Tenant(), i.ID)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "这份导入现在是“%s”，不能再核对。请刷新后再看。", i.State.Label())
	}
	return rm.start(ctx, tx, g, at, judgeWork, i, false)
}

// Again has a workbook judged once more: one that waits or failed as it
// stands, one that was written as a new import, so that rows that were refused
// can go in when what they lacked has come.
func (rm *Room) Again(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Import, error) {
	i, err := Find(ctx, tx, g, id)
	if err != nil {
		return i, err
	}
	if i.State == Confirmed || i.State == Undone {
		was, is, err := inForce(ctx, tx, g, i)
		if err != nil {
			return i, err
		}
		if !is || was.State == Confirmed {
			return rm.begin(ctx, tx, g, Import{Kind: i.Kind, UnderID: i.UnderID, FileName: i.FileName, FileHash: i.FileHash}, at)
		}
		i = was
	}
	if err := rm.judgeAnew(ctx, tx, g, i, at); err != nil {
		return i, err
	}
	return Find(ctx, tx, g, i.ID)
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
		if c.Header == "" {
			continue
		}
		if err := remember(ctx, tx, g.Tenant(), i.Kind, c.Header, c.Field, at); err != nil {
			return i, err
		}
	}
	columns, err := i.Columns.text()
	if err != nil {
		return i, err
	}
	if err := rm.judgeAnew(ctx, tx, g, i, at); err != nil {
		return i, err
	}
	if _, err := tx.Exec(ctx, `UPDATE imports SET columns = $1 WHERE tenant_id = $2 AND id = $3 AND state = 'reading'`, columns, g.Tenant(), id); err != nil {
		return i, err
	}
	return Find(ctx, tx, g, id)
}

// choose applies what an officer picked, header by header.
func (i *Import) choose(chosen map[string]string) error {
	wrong := func(header, text string) error {
		return &fault.Error{Kind: fault.Invalid, Text: text, Fields: map[string]string{"columns." + header: header + "：" + text}}
	}
	known, taken := map[string]bool{}, map[string]string{}
	for n := range i.Columns {
		c := &i.Columns[n]
		known[c.Header] = true
		if f, ok := chosen[c.Header]; ok {
			if f != "" && label(i.Kind, f) == "" {
				return wrong(c.Header, "没有“"+clip(f, 30)+"”这个项目，请从列表中选择。")
			}
			c.Field, c.Sure = f, true
		}
		if c.Field == "" {
			continue
		}
		if other, twice := taken[c.Field]; twice {
			return wrong(c.Header, "“"+other+"”和“"+c.Header+"”两列都对应到了“"+label(i.Kind, c.Field)+"”，请只留一列。")
		}
		taken[c.Field] = c.Header
	}
	for header := range chosen {
		if !known[header] {
			return wrong(header, "表中没有“"+clip(header, 30)+"”这一列，请按表头填写。")
		}
	}
	return nil
}

// Confirm has the judged rows written; with transfer also those who are
// members of another union within reach. version is the one whose verdicts
// were seen; 0 takes what stands.
func (rm *Room) Confirm(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, transfer bool, at day.Instant) (Import, error) {
	i, err := Find(ctx, tx, g, id)
	if err != nil {
		return i, err
	}
	if version == 0 {
		version = i.Version
	}
	if err := move(ctx, tx, g, i, version, Judged, Applying); err != nil {
		return i, err
	}
	if err := rm.start(ctx, tx, g, at, applyWork, i, transfer); err != nil {
		return i, err
	}
	return Find(ctx, tx, g, id)
}

// undoHours is how long a whole import can be taken back.
const undoHours = 24

// Undo has a whole import taken back, within a day of its writing. One that
// was begun and stopped half way goes on.
func (rm *Room) Undo(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Import, error) {
	i, err := Find(ctx, tx, g, id)
	if err != nil {
		return i, err
	}
	if i.State == Confirmed && !i.Undoable(at) {
		return i, fault.New(fault.Conflict, "写入已超过 24 小时，不能整体撤销。请逐条更正。")
	}
	from := Confirmed
	if i.State == Undoing {
		open, err := job.Open(ctx, tx, g.Tenant(), id)
		if err != nil || open {
			return i, err
		}
		from = Undoing
	}
	if err := move(ctx, tx, g, i, i.Version, from, Undoing); err != nil {
		return i, err
	}
	if err := rm.start(ctx, tx, g, at, undoWork, i, false); err != nil {
		return i, err
	}
	return Find(ctx, tx, g, id)
}

// Cancel stops what is being done about an import: judging ends as failed,
// writing is taken back. What is being taken back goes on.
func (rm *Room) Cancel(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Import, error) {
	i, err := Find(ctx, tx, g, id)
	if err != nil {
		return i, err
	}
	if i.State != Reading && i.State != Applying {
		return i, fault.New(fault.Conflict, "这份导入现在是“%s”，没有可以取消的。请刷新后再看。", i.State.Label())
	}
	j, err := job.About(ctx, tx, g, g.Account(), id)
	if err != nil {
		return i, fault.New(fault.Denied, "这项工作是由他人开始的，请由他取消。")
	}
	_, err = job.Cancel(ctx, tx, g, j.ID, at)
	return i, err
}

// Deadline is until when the import can be taken back; empty if never.
func (i Import) Deadline() day.Instant {
	written, err := time.Parse(time.RFC3339, string(i.Confirmed))
	if err != nil {
		return ""
	}
	return day.At(written.Add(undoHours * time.Hour))
}

// Undoable reports whether the import can still be taken back at an instant.
func (i Import) Undoable(at day.Instant) bool {
	return i.State == Confirmed && at < i.Deadline()
}
