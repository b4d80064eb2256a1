package handover

import (
	"fmt"
	"io"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// ChangesQuery pages the list of changes.
type ChangesQuery struct {
	After string `json:"after" doc:"从哪一条之后"`
	Limit int    `json:"limit" doc:"条数"`
}

// ChangesPage is the changes of finance officers within reach.
type ChangesPage struct {
	Items []Change `json:"items"`
	Next  string   `json:"next,omitempty"`
	list  bool
}

func changesPage(r *web.Request, in ChangesQuery) (p ChangesPage, err error) {
	if in.Limit <= 0 || in.Limit > 200 {
		in.Limit = 50
	}
	p.list = r.May(List)
	if p.Items, err = Changes(r.Ctx, r.Tx, r.Grant, in.After, in.Limit+1); len(p.Items) > in.Limit {
		p.Items, p.Next = p.Items[:in.Limit], p.Items[in.Limit-1].ID
	}
	return p, err
}

func (p ChangesPage) next() string {
	if p.Next == "" {
		return ""
	}
	return officers + "?after=" + p.Next
}

// NewPage is the form that begins a list.
type NewPage struct {
	Union  string   `json:"union"`
	Name   string   `json:"name"`
	On     day.Day  `json:"on"`
	People []Person `json:"people"`
	me     string
	choice choice
}

// NewQuery names the union.
type NewQuery struct {
	Union string  `json:"union" doc:"工会"`
	On    day.Day `json:"on" doc:"截至日期"`
}

func (rm *Room) newChange(r *web.Request, in NewQuery) (p NewPage, err error) {
	u, err := ledger.Union(r.Ctx, r.Tx, r.Grant, in.Union)
	if err != nil {
		return p, err
	}
	p = NewPage{Union: u.Code, Name: u.Name, On: in.On, me: r.Grant.Account(), choice: choice{today: r.Today}}
	if p.On == "" {
		p.On = r.Today
	}
	if p.choice.books, err = ledger.Books(r.Ctx, r.Tx, r.Grant, "", p.On.Year()); err != nil {
		return p, err
	}
	p.People, err = rm.Keepers(r.Ctx, r.Tx, r.Grant.Tenant(), u.ID, r.Today)
	return p, err
}

// who lists the people with an office, the one who asks left out.
func (p NewPage) who(of func(auth.Office) bool) []ui.Option {
	out := []ui.Option{{Value: "", Text: "请选择"}}
	for _, x := range p.People {
		if of(x.Office) && x.Account != p.me {
			out = append(out, ui.Option{Value: x.Account, Text: x.Name + "（" + x.Office.Label() + "）"})
		}
	}
	return out
}

// Moved is a change that an act changed.
type Moved struct {
	Change
	said    string
	created bool
}

func (m Moved) Said() string  { return m.said }
func (m Moved) Created() bool { return m.created }

func (rm *Room) begin(r *web.Request, in Opens) (Moved, error) {
	c, err := rm.Make(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Moved{c, "清册已按账簿编好，请补齐印章、钥匙、票据等各行，核对后确认。", true}, err
}

// ByChange names a change.
type ByChange struct {
	ID string `json:"change" doc:"编号"`
}

// ChangePage is one change with what may be done.
type ChangePage struct {
	Change
	Steps []flow.Past[Stage] `json:"steps"`
	who   map[string]string
	open  []flow.Step[Stage]
	write bool
}

func (rm *Room) change(r *web.Request, in ByChange) (p ChangePage, err error) {
	if p.Change, err = FindChange(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if p.Steps, err = Changing.History(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	accounts := make([]string, len(p.Steps))
	for i, s := range p.Steps {
		accounts[i] = s.Account
	}
	for _, s := range Changing.Open(p.Stage, flow.WhoOf(r.Grant), "", p.Steps) {
		if p.mine(r.Grant.For(s.Act)) == nil {
			p.open = append(p.open, s)
		}
	}
	p.write = p.Stage == Written && r.May(List) && p.Giver.Account == r.Grant.Account()
	p.who, err = rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), accounts)
	return p, err
}

// story is who did what, and who is next.
func (p ChangePage) story() []ui.Event {
	out := story(p.Steps, p.who)
	next := map[Stage]Person{Written: p.Giver, Given: p.Taker, Taken: p.Witness}[p.Stage]
	if next.Account != "" {
		out = append(out, ui.Event{Kind: ui.Warn, Title: p.Stage.Label(), Who: next.Name + "（" + next.Office.Label() + "）"})
	}
	return out
}

// blank rows stand under those that are written.
const blankRows = 4

// rows are the rows to be edited, some empty ones at the end.
func (p ChangePage) rows() []Row {
	return append(append([]Row{}, p.Lists.Rows...), make([]Row, blankRows)...)
}

// RowsForm replaces the rows of a list.
type RowsForm struct {
	ID      string `json:"change" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
	Rows    []Row  `json:"rows" doc:"清册"`
	Matters string `json:"matters" doc:"未了事项"`
}

func (rm *Room) rewrite(r *web.Request, in RowsForm) (Moved, error) {
	c, err := Rewrite(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Rows, in.Matters, r.Now)
	return Moved{Change: c, said: "清册已保存。"}, err
}

// StepForm takes a step of a change.
type StepForm struct {
	flow.Given
	ID      string `json:"change" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
}

func (rm *Room) step(r *web.Request, in StepForm) (Moved, error) {
	c, err := Advance(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Given, r.Now)
	return Moved{Change: c, said: "交接清册：" + c.Stage.Label() + "。"}, err
}

func (rm *Room) changePDF(r *web.Request, in ByChange) (web.File, error) {
	c, err := FindChange(r.Ctx, r.Tx, r.Grant, in.ID)
	by := r.Actor().Name()
	return web.File{Name: fmt.Sprintf("会计人员工作交接清册-%s-%s.pdf", c.Union.Code, c.On), Type: "application/pdf", Write: func(w io.Writer) error { return c.print(w, by, r.Now) }}, err
}

// outcome says what a step will do.
func (c Change) outcome(s flow.Step[Stage]) string {
	switch s.Act {
	case Give:
		return fmt.Sprintf("确认后清册不能再改，交给%s逐项点收。", c.Taker.Name)
	case Receive:
		return fmt.Sprintf("您确认已当面逐项点收 %d 项和账上的余额，口令已当场更换。", len(c.Lists.Rows))
	case Witness:
		return "您确认自己在场监交，账实相符。确认后交接完毕。"
	}
	return "写明为什么作废；需要时重新编制。"
}
