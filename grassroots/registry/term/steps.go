package term

import (
	"unionhall/kit/auth"
	"unionhall/kit/flow"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// StepIn is a step on the thing in the path.
type StepIn struct {
	ID      string `json:"id"`
	Version int64  `json:"version" doc:"版本"`
	flow.Given
}

func stepExtension(r *web.Request, in StepIn) (Done[Extension], error) {
	e, err := StepExtension(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Given, r.Now)
	return Done[Extension]{e, e.Place(), "已办理：" + Extending.Labels[e.State] + "。", false}, err
}

func answerMove(r *web.Request, in StepIn) (Done[Move], error) {
	m, err := AnswerMove(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Given, r.Now)
	return Done[Move]{m, m.Place(), "已答复：" + Moving.Labels[m.State] + "。", false}, err
}

// ExtensionPage is a request with its steps.
type ExtensionPage struct {
	Extension
	Steps []flow.Past[State] `json:"steps"`
	open  []flow.Step[State]
	story []ui.Event
}

func (rm Room) extension(r *web.Request, in ByID) (p ExtensionPage, err error) {
	if p.Extension, err = FindExtension(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if p.Steps, err = Extending.History(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	p.open = openSteps(r, Extending, p.State, "", p.Steps)
	p.story, err = storyOf(r, rm, Extending, p.State, p.Steps, "")
	return p, err
}

// MovePage is a move with its steps.
type MovePage struct {
	Move
	Steps []flow.Past[Answer] `json:"steps"`
	open  []flow.Step[Answer]
	story []ui.Event
	late  bool
}

func (rm Room) move(r *web.Request, in ByID) (p MovePage, err error) {
	if p.Move, err = FindMove(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if p.Steps, err = Moving.History(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	p.late = p.Late(r.Today)
	p.open = openSteps(r, Moving, p.State, "", p.Steps)
	p.story, err = storyOf(r, rm, Moving, p.State, p.Steps, "最迟 "+string(p.ReplyBy))
	return p, err
}

// openSteps are the steps that whoever looks may take.
func openSteps[S ~string](r *web.Request, f flow.Flow[S], at S, subject string, past []flow.Past[S]) []flow.Step[S] {
	return f.Open(at, flow.WhoOf(r.Grant), subject, past)
}

// storyOf is the time line of a procedure: the steps taken, 代 where a deputy
// took them, and who must go on.
//
// law: PL-10
func storyOf[S ~string](r *web.Request, rm Room, f flow.Flow[S], at S, past []flow.Past[S], by string) ([]ui.Event, error) {
	accounts := make([]string, len(past))
	for i, p := range past {
		accounts[i] = p.Account
	}
	names := map[string]string{}
	if rm.Names != nil {
		var err error
		if names, err = rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), accounts); err != nil {
			return nil, err
		}
	}
	var out []ui.Event
	for _, p := range past {
		words := p.Words
		if p.Document != "" {
			words = "文号 " + p.Document + "　" + words
		}
		out = append(out, ui.Event{Kind: ui.OK, At: p.At.Local(), Title: Labels[p.Act], Who: who(names[p.Account], p.Office, p.Acting), Words: words})
	}
	if f.Ends(at) {
		return out, nil
	}
	waits := "等待" + f.Next(at)[0].Who() + "办理"
	return append(out, ui.Event{Kind: ui.Info, At: by, Title: waits}), nil
}

// who is the person with the office: 周敏（代组织干事）.
func who(name string, o auth.Office, acting string) string {
	label := o.Label()
	switch {
	case acting != "":
		label = "代" + label
	case o == "system":
		return "系统"
	}
	if name == "" {
		return label
	}
	if acting != "" {
		label += "，代" + acting
	}
	return name + "（" + label + "）"
}
