// Package record shows what was done (操作日志): who did what to which thing,
// when and from which post. Only the audit administrator reads it; nobody can
// change or delete a line, there is no address for that. The chain of its
// seals, and of the rows it tells of, is proved by a job.
package record

import (
	"context"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
)

// What the audit administrator may do here.
const (
	Look   auth.Action = "audit.look"
	Verify auth.Action = "audit.verify"
	Export auth.Action = "audit.export" // take the log away; itself a line of the log
)

// Labels says what the actions of this room are called in the log.
var Labels = map[auth.Action]string{Verify: "验证日志链", Export: "导出操作日志"}

// Roles is what each office may do here: one office, and no other.
//
// law: R1.69, R1.70
func Roles() auth.Roles {
	return auth.Roles{auth.Auditing: {Look, Verify, Export}}
}

// Thing is what the log calls a thing by its id: 财政局机关工会, of the kind 工会.
type Thing struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

// Room is this room at work. The hall fills it in.
type Room struct {
	// Labels is what the actions of all rooms are called.
	Labels map[auth.Action]string
	// Names returns what accounts are called, by id.
	Names func(ctx context.Context, tx *sqldb.Tx, tenant int64, ids []string) (map[string]string, error)
	// Things names things by their ids; one it does not know is left out.
	Things func(ctx context.Context, tx *sqldb.Tx, tenant int64, ids []string) (map[string]Thing, error)
	// Find returns the accounts and things that are called so, some of each.
	Find func(ctx context.Context, tx *sqldb.Tx, tenant int64, q string) (accounts, things []string, err error)
	// More are proofs of other rooms, made in the same reading.
	More   []func(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]audit.Finding, error)
	Runner *job.Runner
}

// Label is what an action is called; one that no room names stays as it is.
func (m *Room) label(act auth.Action) string {
	if l := m.Labels[act]; l != "" {
		return l
	}
	return string(act)
}
