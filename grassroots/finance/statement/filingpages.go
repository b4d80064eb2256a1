package statement

import (
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

func cutAfter(after string) (key, id string, ok bool) { return strings.Cut(after, "~") }

// StandingsPage tells who has submitted and who has not.
type StandingsPage struct {
	Year   int        `json:"year"`
	Period string     `json:"period"`
	Items  []Standing `json:"items"`
	Next   string     `json:"next,omitempty"`
	Sent   int64      `json:"sent"`   // wait to be received, of any span
	Unsent int64      `json:"unsent"` // of this span
	q      StandingQuery
	span   Span
	years  []ui.Option
	months []ui.Option
}

// lastMonth is the month before today's.
func lastMonth(r *web.Request) Span {
	s := thisMonth(r)
	if s.Month--; s.Month == 0 {
		return Span{s.Year - 1, 12}
	}
	return s
}

func standings(r *web.Request, in StandingQuery) (p StandingsPage, err error) {
	if in.Limit <= 0 || in.Limit > 200 {
		in.Limit = 50
	}
	if p.span, err = span(in.Year, in.Period, lastMonth(r)); err != nil {
		return p, err
	}
	p.Year, p.Period, p.q = p.span.Year, p.span.Text(), in
	q := in
	q.Limit++
	if p.Items, err = Standings(r.Ctx, r.Tx, r.Grant, p.span, q); err != nil {
		return p, err
	}
	if len(p.Items) > in.Limit {
		p.Items = p.Items[:in.Limit]
		last := p.Items[in.Limit-1]
		p.Next = last.key + "~" + last.Union.ID
	}
	p.Sent, p.Unsent, err = Waiting(r.Ctx, r.Tx, r.Grant, p.span)
	p.years, p.months = yearOptions(r, p.span), monthOptions()
	return p, err
}

func yearOptions(r *web.Request, s Span) (out []ui.Option) {
	for y := max(r.Today.Year()+1, s.Year); y >= min(s.Year, r.Today.Year()-6, 2021) && y >= firstYear; y-- {
		out = append(out, ui.Option{Value: itoa(y), Text: itoa(y) + " 年"})
	}
	return out
}

func monthOptions() []ui.Option {
	out := []ui.Option{{Value: "", Text: "全年"}}
	for m := 1; m <= 12; m++ {
		out = append(out, ui.Option{Value: itoa(m), Text: itoa(m) + " 月"})
	}
	return out
}

func (p StandingsPage) next() string {
	if p.Next == "" {
		return ""
	}
	return address(Filings, "", p.span, false, "state", p.q.State, "after", p.Next)
}

func (x Standing) place(s Span) string {
	if x.Filing != nil {
		return x.Filing.Place()
	}
	return address(Home, x.Union.Code, s, false)
}

func (x Standing) tone() ui.Kind {
	switch {
	case x.Filing != nil:
		return x.Filing.State.Tone()
	case x.Closed:
		return ui.Warn
	}
	return ui.Mute
}

func (x Standing) label() string {
	switch {
	case x.Filing != nil:
		return x.Filing.State.Label()
	case x.Closed:
		return "未报送"
	}
	return "未结账"
}

func (x Standing) at() string {
	if x.Filing == nil {
		return ""
	}
	return x.Filing.At.Local()
}

// SendPage shows what would be submitted.
type SendPage struct {
	Union   string      `json:"union"`
	Name    string      `json:"name"`
	Period  string      `json:"period"`
	Forms   []Statement `json:"forms"`
	Ready   bool        `json:"ready"`
	Already bool        `json:"already"`
	scope   scope
	book    bool
}

// sending shows the forms of a span before they are submitted.
func sending(r *web.Request, in Query) (p SendPage, err error) {
	s, err := scopeOf(r, in, lastMonth(r))
	if err != nil {
		return p, err
	}
	s.Below = false
	p = SendPage{Union: s.union.Code, Name: s.union.Name, Period: s.Text(), scope: s, Forms: []Statement{}}
	b, err := ledger.BookOf(r.Ctx, r.Tx, r.Grant, s.union.Code, s.Year)
	if fault.Of(err).Kind == fault.Conflict {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	p.book = true
	if p.Forms, err = formsOf(r.Ctx, r.Tx, r.Grant, b, s.Span); err != nil {
		return p, err
	}
	p.Ready = true
	for _, m := range p.Forms {
		p.Ready = p.Ready && m.final() && len(m.Broken) == 0
	}
	at := s.Month
	if s.Annual() {
		at = yearEnd
	}
	p.Already, err = filed(r.Ctx, r.Tx, r.Grant.Tenant(), b.ID, at)
	return p, err
}

// Done is a filing that an act changed.
type Done struct {
	Filing
	said    string
	created bool
}

func (d Done) Said() string  { return d.said }
func (d Done) Created() bool { return d.created }

func submit(r *web.Request, in SubmitForm) (Done, error) {
	f, err := Send(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Done{f, "报表已报送，内容已经固定。", true}, err
}

func take(r *web.Request, in StepForm) (Done, error) {
	f, err := Take(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Done{Filing: f, said: "报送：" + f.State.Label() + "。"}, err
}

// FilingPage is one filing with its forms and its way.
type FilingPage struct {
	Filing
	Intact  bool `json:"intact"`  // the frozen forms are those that were submitted
	Current bool `json:"current"` // the books still say the same
	history []flow.Past[State]
	open    []flow.Step[State]
	who     map[string]string
}

// ByID names a filing.
type ByID struct {
	ID string `json:"id" doc:"编号"`
}

func (rm Room) filing(r *web.Request, in ByID) (p FilingPage, err error) {
	if p.Filing, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	p.Intact = p.Whole()
	b, err := ledger.FindBook(r.Ctx, r.Tx, r.Grant, p.Book)
	if err != nil {
		return p, err
	}
	now, err := formsOf(r.Ctx, r.Tx, r.Grant, b, p.span())
	if err != nil {
		return p, err
	}
	p.Current = sameRows(p.Forms, now)
	if p.history, err = Procedure.History(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	var people []string
	for _, h := range p.history {
		people = append(people, h.Account)
	}
	p.open = Procedure.Open(p.State, flow.WhoOf(r.Grant), "", p.history)
	p.open = allowed(p.open, r)
	p.who, err = rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), people)
	return p, err
}

func allowed(steps []flow.Step[State], r *web.Request) (out []flow.Step[State]) {
	for _, s := range steps {
		if r.May(s.Act) {
			out = append(out, s)
		}
	}
	return out
}

func sameRows(a, b []Statement) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if len(a[i].Rows) != len(b[i].Rows) {
			return false
		}
		for j, l := range a[i].Rows {
			for key, n := range l.Amounts {
				if b[i].Rows[j].Amounts[key] != n {
					return false
				}
			}
		}
	}
	return true
}

func (p FilingPage) events() (out []ui.Event) {
	for i := len(p.history) - 1; i >= 0; i-- {
		h := p.history[i]
		out = append(out, ui.Event{Kind: h.After.Tone(), At: h.At.Local(), Title: Labels[h.Act], Who: p.who[h.Account] + "（" + h.Office.Label() + "）", Words: h.Words})
	}
	return out
}

func pathOf(act auth.Action) string { return string(act)[len("statement."):] }
