package term

import (
	"context"
	"fmt"
	"slices"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// Names tells who accounts belong to. Package account satisfies it.
type Names func(ctx context.Context, tx *sqldb.Tx, tenant int64, ids []string) (map[string]string, error)

// Room serves the pages of terms and of women's work. It asks Names for who
// took a step.
type Room struct{ Names Names }

// Routes is every page of this room with the action it needs.
func (rm Room) Routes() []web.Route {
	const b, s = listPlace + "/bodies/{id}", listPlace + "/seats/{id}"
	routes := []web.Route{
		{Pattern: "GET " + listPlace, Needs: Look, Doc: "届期日历", Do: web.Page(calendar, calendarView)},
		{Pattern: "GET " + listPlace + ".csv", Needs: Look, Doc: "导出届期（文本）", Do: web.Download(exportCSV)},
		{Pattern: "GET " + listPlace + ".xlsx", Needs: Look, Doc: "导出届期（电子表格）", Do: web.Download(exportXLSX)},
		{Pattern: "GET " + listPlace + ".ics", Needs: Look, Doc: "下载届满日（日历文件）", Do: web.Download(exportICS)},
		{Pattern: "GET " + unionPlace + "{id}", Needs: Look, Doc: "一家工会的届期", Do: web.Page(rm.union, unionView)},
		{Pattern: "GET " + b + "/extend", Needs: Ask, Doc: "申请延期换届的表", Do: web.Page(oneBody, askView)},
		{Pattern: "POST " + b + "/extend", Needs: Ask, Doc: "申请延期换届", Do: web.Again(web.Act(ask), oneBody, askView)},
		{Pattern: "GET " + b + "/urge", Needs: Urge, Doc: "限期换届的表", Do: web.Page(oneBody, urgeView)},
		{Pattern: "POST " + b + "/urge", Needs: Urge, Doc: "限期换届", Do: web.Again(web.Act(urge), oneBody, urgeView)},
		{Pattern: "GET " + b + "/lead", Needs: Lead, Doc: "登记主持工作的表", Do: web.Page(oneBody, leadView)},
		{Pattern: "POST " + b + "/lead", Needs: Lead, Doc: "登记主持工作", Do: web.Again(web.Act(lead), oneBody, leadView)},
		{Pattern: "GET " + unionPlace + "{id}/meetings/new", Needs: Meet, Doc: "登记会员大会的表", Do: web.Page(rm.union, meetView)},
		{Pattern: "POST " + unionPlace + "{id}/meetings", Needs: Meet, Doc: "登记会员大会", Do: web.Again(web.Act(meet), rm.union, meetView)},
		{Pattern: "GET " + s + "/transfer", Needs: AskMove, Doc: "提出任期内调动的表", Do: web.Page(oneSeat, moveAskView)},
		{Pattern: "POST " + s + "/transfer", Needs: AskMove, Doc: "提出任期内调动", Do: web.Again(web.Act(askMove), oneSeat, moveAskView)},
		{Pattern: "GET " + extensionPlace + "{id}", Needs: Look, Doc: "一份延期换届申请", Do: web.Page(rm.extension, extensionView)},
		{Pattern: "GET " + movePlace + "{id}", Needs: Look, Doc: "一件任期内调动", Do: web.Page(rm.move, moveView)},
		{Pattern: "GET " + womenPlace, Needs: LookWomen, Doc: "女职工工作", Do: web.Page(women, womenView)},
		{Pattern: "GET " + womenPlace + "/care", Needs: Tend, Doc: "女职工保护登记", Do: web.Page(care, careView)},
		{Pattern: "POST " + womenPlace + "/care/open", Needs: Tend, Doc: "说明用途后查看女职工保护登记", Do: web.Again(web.Act(openCare), care, careView)},
		{Pattern: "POST " + womenPlace + "/care", Needs: Tend, Doc: "登记女职工保护", Do: web.Again(web.Act(registerCare), care, careView)},
	}
	for _, act := range Extending.Acts() {
		if act != Ask {
			routes = append(routes, web.Route{Pattern: "POST " + extensionPlace + "{id}/" + word(act), Needs: act, Doc: Labels[act], Do: web.Again(web.Act(stepExtension), rm.extension, extensionView)})
		}
	}
	for _, act := range Moving.Acts() {
		if act != AskMove {
			routes = append(routes, web.Route{Pattern: "POST " + movePlace + "{id}/" + word(act), Needs: act, Doc: Labels[act], Do: web.Again(web.Act(answerMove), rm.move, moveView)})
		}
	}
	return routes
}

// word is the act as the address says it.
func word(act auth.Action) string {
	s := string(act)
	return s[slices.Index([]byte(s), '.')+1:]
}

// CalendarPage is who is due when.
type CalendarPage struct {
	Items  []Row  `json:"items"`
	Next   string `json:"next,omitempty"`
	Heat   Heat   `json:"heat"`
	Lines  []Line `json:"lines,omitempty"`
	q      Query
	clock  registry.Clock
	starts day.Day
}

func calendar(r *web.Request, in Query) (p CalendarPage, err error) {
	if err := in.tidy(); err != nil {
		return p, err
	}
	l, err := boundsOf(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today)
	if err != nil {
		return p, err
	}
	p.q, p.clock, p.Items, p.starts = in, l.Clock, []Row{}, r.Today.MonthStart()
	if in.Month != "" {
		p.starts = in.from()
	}
	if p.Heat, err = HeatOf(r.Ctx, r.Tx, r.Grant, in, l.Clock); err != nil {
		return p, err
	}
	if in.View == "months" {
		p.Lines, p.Next, err = in.linesOf(r.Ctx, r.Tx, r.Grant, l.Clock, p.starts)
		return p, err
	}
	if p.Items, err = in.read(r.Ctx, r.Tx, r.Grant, l.Clock, in.After, in.Limit+1); err == nil && len(p.Items) > in.Limit {
		p.Items = p.Items[:in.Limit]
		last := p.Items[in.Limit-1]
		p.Next = string(last.Due) + "~" + last.ID
	}
	return p, err
}

// ByID names one thing.
type ByID struct {
	ID string `json:"id" doc:"编号"`
}

// UnionPage is one union with its terms and what hangs on them.
type UnionPage struct {
	registry.Union
	Bodies     []registry.Body `json:"bodies"`
	Lacks      []registry.Lack `json:"lacks"`
	Extensions []Extension     `json:"extensions"`
	Meetings   []Meeting       `json:"meetings"`
	Moves      []Move          `json:"moves"`
	Leads      []Leading       `json:"leads"`
	seats      []registry.Seat
	figures    registry.Figures
	bounds     Bounds
	may        map[auth.Action]bool
}

func (rm Room) union(r *web.Request, in ByID) (p UnionPage, err error) {
	p.may = map[auth.Action]bool{}
	for _, act := range []auth.Action{Ask, Urge, Meet, Lead, AskMove, registry.Appoint} {
		p.may[act] = r.May(act)
	}
	read := func(f func() error) {
		if err == nil {
			err = f()
		}
	}
	read(func() (err error) { p.Union, err = registry.Find(r.Ctx, r.Tx, r.Grant, in.ID); return err })
	read(func() (err error) { p.Bodies, err = registry.Sitting(r.Ctx, r.Tx, r.Grant, in.ID); return err })
	slices.SortStableFunc(p.Bodies, func(a, b registry.Body) int {
		return slices.Index(registry.BodyKinds, a.Kind) - slices.Index(registry.BodyKinds, b.Kind)
	})
	read(func() (err error) { p.seats, err = registry.Seats(r.Ctx, r.Tx, r.Grant, in.ID); return err })
	read(func() (err error) { p.figures, err = registry.FiguresOf(r.Ctx, r.Tx, r.Grant, in.ID); return err })
	read(func() (err error) { p.Extensions, err = extensionsOf(r.Ctx, r.Tx, r.Grant, in.ID); return err })
	read(func() (err error) { p.Meetings, err = Meetings(r.Ctx, r.Tx, r.Grant, in.ID); return err })
	read(func() (err error) { p.Moves, err = movesOf(r.Ctx, r.Tx, r.Grant, in.ID); return err })
	read(func() (err error) { p.Leads, err = leadsOf(r.Ctx, r.Tx, r.Grant, in.ID); return err })
	read(func() (err error) { p.bounds, err = boundsOf(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today); return err })
	read(func() error {
		book, err := rulebook.Of(r.Ctx, r.Tx, r.Grant.Tenant())
		if err != nil {
			return err
		}
		limits, err := registry.LimitsOf(book, r.Grant.Tenant(), r.Today)
		p.Lacks = slices.DeleteFunc(registry.Missing(p.Union, p.figures, p.Bodies, limits), func(l registry.Lack) bool { return l.Hint || l.Rule == "ELE-05" }) // meetings have their own card
		return err
	})
	return p, err
}

// BodyPage is the form about one body.
type BodyPage struct {
	registry.Body
	Union  string          `json:"union"`
	Seats  []registry.Seat `json:"seated"`
	bounds Bounds
}

func oneBody(r *web.Request, in ByID) (p BodyPage, err error) {
	if p.Body, err = registry.FindBody(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	u, err := registry.Find(r.Ctx, r.Tx, r.Grant, p.UnionID)
	if err != nil {
		return p, err
	}
	p.Union = u.Name
	seats, err := registry.Seats(r.Ctx, r.Tx, r.Grant, p.UnionID)
	if err != nil {
		return p, err
	}
	for _, s := range seats {
		if s.BodyID == p.ID && s.To == "" {
			p.Seats = append(p.Seats, s)
		}
	}
	p.bounds, err = boundsOf(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today)
	return p, err
}

// SeatPage is the form about one seat.
type SeatPage struct {
	registry.Seat
	Union string `json:"union"`
	reply day.Day
}

func oneSeat(r *web.Request, in ByID) (p SeatPage, err error) {
	if p.Seat, err = registry.FindSeat(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	u, err := registry.Find(r.Ctx, r.Tx, r.Grant, p.UnionID)
	if err != nil {
		return p, err
	}
	l, err := boundsOf(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today)
	p.Union, p.reply = u.Name, r.Today.AddDays(l.Reply)
	return p, err
}

// Done is what an act leaves: where it shows, and a sentence for the person.
type Done[T any] struct {
	Thing T `json:"thing"`
	place string
	said  string
	fresh bool
}

func (d Done[T]) Place() string { return d.place }
func (d Done[T]) Said() string  { return d.said }
func (d Done[T]) Created() bool { return d.fresh }

// AskIn asks for an extension of the body in the path.
type AskIn struct {
	ID    string  `json:"id"`
	Until day.Day `json:"until" doc:"延期到"`
	Words string  `json:"words" doc:"延期的理由"`
}

func ask(r *web.Request, in AskIn) (Done[Extension], error) {
	e, err := AskExtension(r.Ctx, r.Tx, r.Grant, in.ID, in.Until, flow.Given{Words: in.Words}, r.Now)
	return Done[Extension]{e, e.Place(), "已提交，等工委组织干事审核。", true}, err
}

// UrgeIn sets a deadline for the body in the path.
type UrgeIn struct {
	ID       string  `json:"id"`
	Deadline day.Day `json:"deadline" doc:"限期"`
	Words    string  `json:"words" doc:"要求"`
	Document string  `json:"document" doc:"文号"`
}

func urge(r *web.Request, in UrgeIn) (Done[registry.Body], error) {
	b, err := SetDeadline(r.Ctx, r.Tx, r.Grant, in.ID, in.Deadline, flow.Given{Words: in.Words, Document: in.Document}, r.Now)
	return Done[registry.Body]{b, unionPlace + b.UnionID, "已限期，并通知了工会主席。", false}, err
}

// LeadIn names who leads, for the body in the path.
type LeadIn struct {
	ID string `json:"id"`
	Leader
}

func lead(r *web.Request, in LeadIn) (Done[Leading], error) {
	b, err := registry.FindBody(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Done[Leading]{}, err
	}
	d, err := AppointLead(r.Ctx, r.Tx, r.Grant, in.ID, in.Leader, r.Now)
	return Done[Leading]{d, unionPlace + b.UnionID, "已登记由" + d.Name + "主持工作。", true}, err
}

// MeetIn is a meeting of the union in the path.
type MeetIn struct {
	ID string `json:"id"`
	Meeted
}

func meet(r *web.Request, in MeetIn) (Done[Meeting], error) {
	m, err := Hold(r.Ctx, r.Tx, r.Grant, in.ID, in.Meeted, r.Now)
	return Done[Meeting]{m, unionPlace + m.UnionID, fmt.Sprintf("已登记 %s 的%s。", m.Day, m.Kind.Label()), true}, err
}

// MoveIn asks to move the holder of the seat in the path.
type MoveIn struct {
	ID string `json:"id"`
	MoveAsked
}

func askMove(r *web.Request, in MoveIn) (Done[Move], error) {
	m, err := AskToMove(r.Ctx, r.Tx, r.Grant, in.ID, in.MoveAsked, r.Now)
	return Done[Move]{m, m.Place(), "已提出，上级应在 " + string(m.ReplyBy) + " 前答复。", true}, err
}
