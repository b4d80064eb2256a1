// Package rules shows what the product goes by (制度依据): every rule with its
// source and how far it is kept, every number of a regulation as it is in
// force for this office, and the calendar of working days. An office confirms
// numbers or sets its own, and brings in a year's notice before a release has
// it.
package rules

import (
	"context"

	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
)

// What people may do here; to read is everybody's.
const (
	Confirm auth.Action = "params.confirm" // confirm a number, or set one's own
	Enter   auth.Action = "calendar.enter" // bring in a year's notice, take it back
)

// Labels says what the actions of this room are called in the log.
var Labels = map[auth.Action]string{Confirm: "确认或设定参数", Enter: "录入工作日历"}

// Roles is what each office may do here.
func Roles() auth.Roles {
	both := []auth.Action{Confirm, Enter}
	return auth.Roles{auth.Director: both, auth.Officer: both}
}

// Names returns what accounts are called, by id.
type Names func(ctx context.Context, tx *sqldb.Tx, tenant int64, ids []string) (map[string]string, error)

// Room is this room at work. The hall fills it in.
type Room struct{ Names Names }
