package statement

import (
	"unionhall/kit/auth"
	"unionhall/kit/flow"
	"unionhall/kit/ui"
)

// State is where what was submitted stands.
type State string

const (
	Sent     State = "sent"     // 待接收
	Received State = "received" // 已接收
	Returned State = "returned" // 已退回
)

func (s State) Label() string { return Procedure.Labels[s] }
func (s State) Tone() ui.Kind { return ui.Kind(Procedure.Kinds[s]) }

// Procedure is the life of submitted statements. What was returned is
// submitted anew, as another filing.
//
// law: F3.17
var Procedure = flow.Flow[State]{
	Labels: map[State]string{Sent: "待接收", Received: "已接收", Returned: "已退回"},
	Kinds:  map[State]string{Sent: "warn", Received: "ok", Returned: "bad"},
	Steps: []flow.Step[State]{
		{From: Sent, Act: Receive, To: Received, By: []auth.Office{auth.Director}, Apart: []auth.Action{Submit}, Button: "接收", Rule: "F3.23"},
		{From: Sent, Act: Return, To: Returned, By: []auth.Office{auth.Director}, Button: "退回", Words: true, Danger: true, Rule: "F3.17"},
		{From: Received, Act: Return, To: Returned, By: []auth.Office{auth.Director}, Button: "退回", Words: true, Danger: true, Rule: "F3.17"},
	},
}
