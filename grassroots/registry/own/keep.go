package own

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"unionhall/commons/message"
	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

// The data of people who left are minimised when their time is over: the
// office says after how many years, an officer confirms every batch.

const leftYears = "retention.left_years"

// Keeping is how long the office keeps leavers' data.
type Keeping struct {
	Years     int     `json:"years"`
	Confirmed bool    `json:"confirmed"` // the office has set or confirmed the years itself
	Until     day.Day `json:"until"`     // who left on this day or before is due
}

// KeepingOf reads how long the office keeps the data of those who left.
//
// law: R1.75
func KeepingOf(ctx context.Context, tx *sqldb.Tx, tenant int64, today day.Day) (k Keeping, err error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return k, err
	}
	if k.Years, err = book.Int(leftYears, law.PlaceOf(tenant), today); err != nil {
		return k, err
	}
	_, k.Confirmed = book.Own(leftYears, law.PlaceOf(tenant), today)
	k.Until = today.AddYears(-k.Years)
	return k, nil
}

// Due is a year of leaving with how many people are due.
type Due struct {
	Year string `json:"year"`
	N    int64  `json:"n"`
}

// DueBy counts who is due, by the year in which they left.
func DueBy(ctx context.Context, tx *sqldb.Tx, g auth.Grant, until day.Day) (out []Due, total int64, err error) {
	by, err := member.LeaversBy(ctx, tx, g, until)
	for year, n := range by {
		out = append(out, Due{year, n})
		total += n
	}
	slices.SortFunc(out, func(a, b Due) int { return cmp.Compare(a.Year, b.Year) })
	return out, total, err
}

// Batch is one clearing that an officer confirmed.
type Batch struct {
	ID      string      `json:"id"`
	Until   day.Day     `json:"until"`
	N       int64       `json:"n"`
	Done    int64       `json:"done"`
	State   string      `json:"state"` // running, done
	Account string      `json:"account"`
	At      day.Instant `json:"at"`
	Ended   day.Instant `json:"ended,omitempty"`
}

// Batches lists the latest clearings of g's reach.
func Batches(ctx context.Context, tx *sqldb.Tx, g auth.Grant) ([]Batch, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (b Batch, err error) {
		return b, row(&b.ID, &b.Until, &b.N, &b.Done, &b.State, &b.Account, &b.At, &b.Ended)
	}, `SELECT e.id, e.until, e.n, e.done, e.state, e.account_id, e.at, e.ended FROM erasures e
		JOIN union_reach r ON r.tenant_id = e.tenant_id AND r.union_id = e.under_id AND r.above_id = $2
		WHERE e.tenant_id = $1 ORDER BY e.id DESC LIMIT 50`, g.Tenant(), g.Under())
}

// Clearing is the kind of the job that minimises.
const Clearing = "retention.clear"

// clearing is the job's input.
type clearing struct {
	Batch  string      `json:"batch"`
	Under  string      `json:"under"`
	Office auth.Office `json:"office"`
	Until  day.Day     `json:"until"`
}

// Clear begins to minimise everybody who is due, as many as were shown. Where
// the office has not confirmed the years, or somebody else began, or the number
// has changed since, it is refused.
//
// law: R1.75, PL-34
func (m *Room) Clear(ctx context.Context, tx *sqldb.Tx, g auth.Grant, until day.Day, n int64, at day.Instant) (job.Job, error) {
	k, err := KeepingOf(ctx, tx, g.Tenant(), at.Day())
	if err != nil {
		return job.Job{}, err
	}
	_, total, err := DueBy(ctx, tx, g, k.Until)
	switch {
	case err != nil:
		return job.Job{}, err
	case !k.Confirmed:
		return job.Job{}, fault.ByRule(fault.Conflict, "R1.75", "本单位还没有确认离会人员资料保存几年。请先在“参数”里确认，再来清理。")
	case until != k.Until || n != total:
		return job.Job{}, fault.New(fault.Conflict, "到期的人数已变（现在 %d 人），请看过新的预览再确认。", total)
	case total == 0:
		return job.Job{}, fault.New(fault.Conflict, "没有到期要清理的资料。")
	}
	c := clearing{sqldb.NewID(), g.Under(), g.Office(), until}
	_, err = tx.Exec(ctx, `INSERT INTO erasures (tenant_id, id, under_id, until, n, done, state, account_id, at) VALUES ($1, $2, $3, $4, $5, 0, 'running', $6, $7)`,
		g.Tenant(), c.Batch, c.Under, string(until), total, g.Account(), string(at))
	if fault.Of(err).Kind == fault.Conflict {
		return job.Job{}, errors.Join(fault.New(fault.Conflict, "清理刚刚已由他人开始，请刷新后再看。"), err)
	}
	if err != nil {
		return job.Job{}, err
	}
	if err := member.NewBatch(tx, g, at).Audit(ctx, c.Batch, cleared{Did: "confirmed", Until: until, N: total}); err != nil {
		return job.Job{}, err
	}
	return m.Runner.Start(ctx, tx, g, at, Clearing, "清理 "+strconv.FormatInt(total, 10)+" 名离会人员的资料", c.Batch, c)
}

// cleared is what the log tells of a clearing.
type cleared struct {
	Did     string   `json:"did"`
	Until   day.Day  `json:"until,omitempty"`
	N       int64    `json:"n,omitempty"`
	Members []string `json:"members,omitempty"`
}

// Works are the jobs of this room.
func (m *Room) Works() map[string]job.Work { return map[string]job.Work{Clearing: clear} }

// pieceRows is how many people one transaction minimises.
const pieceRows = 100

// clear minimises in pieces; who was minimised is not due any more, so that a
// run that was cut off goes on.
func clear(ctx context.Context, t *job.Turn) (string, error) {
	var in clearing
	if err := t.In(&in); err != nil {
		return "", err
	}
	g := auth.As(t.Tenant, t.Account, in.Office, Erase, in.Under)
	done := int64(0)
	for {
		n, err := clearPiece(ctx, t, g, in)
		if err != nil {
			return "", err
		}
		if n == 0 {
			break
		}
		done += int64(n)
		if err := t.Step(ctx, done, 0, "正在清理"); err != nil {
			return "", err
		}
	}
	return keepPlace, t.DB.Do(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE erasures SET state = 'done', ended = $1 WHERE tenant_id = $2 AND id = $3`, string(t.Now()), t.Tenant, in.Batch)
		return err
	})
}

func clearPiece(ctx context.Context, t *job.Turn, g auth.Grant, in clearing) (n int, err error) {
	err = t.DB.Chunk(ctx, func(tx *sqldb.Tx) error {
		ms, err := member.Leavers(ctx, tx, g, in.Until, pieceRows)
		if n = len(ms); err != nil || n == 0 {
			return err
		}
		b := member.NewBatch(tx, g, t.Now())
		ids := make([]string, n)
		for i, m := range ms {
			if err := b.Minimise(ctx, m); err != nil {
				return err
			}
			ids[i] = m.ID
		}
		if _, err := tx.Exec(ctx, `UPDATE erasures SET done = done + $1 WHERE tenant_id = $2 AND id = $3`, int64(n), t.Tenant, in.Batch); err != nil {
			return err
		}
		return b.Audit(ctx, in.Batch, cleared{Did: "minimised", Members: ids})
	})
	return n, err
}

// TellDue reminds the officer on Mondays that leavers' data wait to be
// minimised; nothing is done by itself.
//
// law: R1.75
func TellDue(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, at day.Instant) error {
	k, err := KeepingOf(ctx, tx, g.Tenant(), today)
	if err != nil || today.Weekday() != day.Day("2026-11-23").Weekday() { // a Monday
		return err
	}
	_, total, err := DueBy(ctx, tx, g, k.Until)
	if err != nil || total == 0 {
		return err
	}
	return message.ToUnion(ctx, tx, g.Tenant(), g.Under(), []auth.Office{auth.Officer}, "离会人员资料到期："+strconv.FormatInt(total, 10)+" 人",
		"离会已满 "+strconv.Itoa(k.Years)+" 年，请看过预览后确认清理。", keepPlace, at)
}
