// Package twin finds members who may be one person registered twice (疑似重复),
// and lets an officer make one membership of two, or say that they are two.
package twin

import (
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/job"
)

// What people may do here.
const (
	Look   auth.Action = "twins.look"   // see who may be one person
	Settle auth.Action = "twins.settle" // look for them, merge, undo, say that they are two
)

// Labels name the actions for the log.
var Labels = map[auth.Action]string{Look: "查看疑似重复", Settle: "处理疑似重复"}

// Roles says which office may do what. Two unions are concerned, so the
// officer settles; a chair sees pairs within the own union.
func Roles() auth.Roles {
	return auth.Roles{auth.Officer: {Look, Settle}, auth.Chair: {Look}}
}

// State is where a pair stands.
type State string

const (
	Open   State = "open"   // 待处理
	Apart  State = "apart"  // 不是同一人
	Merged State = "merged" // 已合并
)

func (s State) Label() string {
	switch s {
	case Open:
		return "待处理"
	case Apart:
		return "不是同一人"
	case Merged:
		return "已合并"
	}
	return string(s)
}

// Side is one of the two as lists show them.
type Side struct {
	ID     string        `json:"id"`
	Name   string        `json:"name"`
	Union  string        `json:"union"`
	Code   string        `json:"union_code"`
	Born   day.Day       `json:"birthday,omitempty"`
	Status member.Status `json:"status"`
}

// Pair is two members who may be one person; Score is 1 to 99, Reasons are
// words.
type Pair struct {
	ID      string      `json:"id"`
	A       Side        `json:"a"`
	B       Side        `json:"b"`
	Score   int64       `json:"score"`
	Reasons string      `json:"reasons"`
	State   State       `json:"state"`
	Words   string      `json:"words,omitempty"`
	Version int64       `json:"version"`
	At      day.Instant `json:"at,omitempty"`
}

const listPlace = "/grassroots/registry/twins"

// Place is the pair's page.
func (p Pair) Place() string { return listPlace + "/" + p.ID }

// Revision is what an act must name to be sure that it saw the latest.
func (p Pair) Revision() int64 { return p.Version }

// Room finds twins by jobs.
type Room struct{ Runner *job.Runner }
