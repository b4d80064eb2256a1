package closing

import (
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/web"
	"unionhall/law/books"
)

// moveRoutes are the pages of the move to the system of 2021.
func (rm *Room) moveRoutes() []web.Route {
	const one = Moves + "/{union}"
	return []web.Route{
		{Pattern: "GET " + one, Needs: Move, Doc: "新旧衔接的试算和底稿", Do: web.Page(rm.moving, moveView)},
		{Pattern: "POST " + one, Needs: Move, Doc: "办理新旧衔接", Do: web.Again(web.Act(rm.move), rm.moving, moveView)},
	}
}

// MovePage is the move of a union's books: asked, tried, or made.
type MovePage struct {
	Old      ledger.Book  `json:"old"`
	Made     *Moved       `json:"made,omitempty"`
	Steps    []books.Step `json:"steps"`
	in       Answers
	why      *fault.Error // why it cannot be tried
	projects []ledger.Project
	result   []books.Balance
	by       string
}

func (rm *Room) moving(r *web.Request, in Answers) (p MovePage, err error) {
	p.in = in
	u, err := ledger.Union(r.Ctx, r.Tx, r.Grant, in.Union)
	if err != nil {
		return p, err
	}
	p.Old.Union = u.Ref()
	made, err := MoveOf(r.Ctx, r.Tx, r.Grant, u.ID)
	if err != nil {
		return p, err
	}
	if made.ID != "" {
		p.Made, p.Steps = &made, made.Papers
		names, err := rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), []string{made.By})
		p.by = names[made.By]
		if err != nil {
			return p, err
		}
	} else if _, p.Steps, err = Proposes(r.Ctx, r.Tx, r.Grant, in); err != nil {
		if p.why = fault.Of(err); p.why.Kind == fault.Internal || p.why.Kind == fault.NotFound {
			return p, err
		}
	}
	p.result = books.Opened(p.Steps)
	p.projects, err = ledger.Projects(r.Ctx, r.Tx, r.Grant, u.ID)
	return p, err
}

func (rm *Room) move(r *web.Request, in Answers) (Moved, error) {
	return Brings(r.Ctx, r.Tx, r.Grant, in, r.Now)
}

// sumOf is the debit of a step.
func sumOf(s books.Step) (n money.Fen) {
	for _, l := range s.Lines {
		n += l.Debit
	}
	return n
}
