package own

import (
	"context"

	"unionhall/commons/message"
	"unionhall/commons/rulebook"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// reminded is how many working days before the due day those who answer are
// reminded, and atOnce how many requests one day's work takes.
const (
	reminded = 3
	atOnce   = 500
)

// Remind tells chair and officer of requests that are nearly due, and takes
// those that are overdue to the officer and the director, each once.
//
// law: R1.63
func Remind(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, at day.Instant) error {
	calendar, err := rulebook.Calendar(ctx, tx, g.Tenant())
	if err != nil {
		return err
	}
	near := calendar.AddWorkdays(today, reminded)
	waiting, err := sqldb.List(ctx, tx, scanRequest(tx.Keys(), g.Tenant()), `SELECT `+requestColumns+fromRequests+`
		AND q.state = 'asked' AND (q.due <= $2 AND q.warned IS NULL OR q.due < $3 AND q.late IS NULL) ORDER BY q.due, q.id LIMIT $4`, g.Tenant(), string(near), string(today), int64(atOnce))
	if err != nil || len(waiting) == 0 {
		return err
	}
	moves := audit.Moves{}
	ids := make([]string, 0, len(waiting))
	for _, q := range waiting {
		if err := q.remind(ctx, tx, g, moves, today, at); err != nil {
			return err
		}
		ids = append(ids, q.ID)
	}
	return moves.Write(ctx, tx, g, g.Under(), map[string]any{"did": "reminded", "requests": ids}, at)
}

func (q Request) remind(ctx context.Context, tx *sqldb.Tx, g auth.Grant, moves audit.Moves, today day.Day, at day.Instant) error {
	to, title, late := []auth.Office{auth.Chair, auth.Officer}, "快到答复期限：", day.Day("")
	if q.Due < today {
		to, title, late = []auth.Office{auth.Officer, auth.Director}, "逾期未答复：", today
	}
	n, err := tx.Exec(ctx, `UPDATE data_requests SET warned = coalesce(warned, $1), late = $2, version = version + 1 WHERE tenant_id = $3 AND id = $4 AND state = 'asked' AND version = $5`,
		string(today), string(late), g.Tenant(), q.ID, q.Version)
	if err != nil || n == 0 {
		return err
	}
	if err := moves.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "data_requests", ID: q.ID}); err != nil {
		return err
	}
	body := q.Name + "（" + q.Union + "）于 " + string(q.At.Day()) + " 提出，应在 " + string(q.Due) + " 前答复并说明理由。"
	return message.ToUnion(ctx, tx, g.Tenant(), q.unionID, to, title+q.What(), body, q.Place(), at)
}
