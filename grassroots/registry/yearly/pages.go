package yearly

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// Routes are the addresses of this room.
func (rm *Room) Routes() []web.Route {
	routes := []web.Route{
		{Pattern: "GET " + place, Needs: Look, Doc: "统计年报", Do: web.Page(listPage, listView)},
		{Pattern: "POST " + place, Needs: Make, Doc: "汇总一年的年报", Do: web.Again(web.Act(func(r *web.Request, in MakeForm) (Return, error) {
			return rm.Begin(r.Ctx, r.Tx, r.Grant, in, r.Now)
		}), listPage, listView)},
		{Pattern: "GET " + place + "/preview.xlsx", Needs: Make, Doc: "按某一天试算年报，不保存", Do: web.Download(preview)},
		{Pattern: "GET " + place + "/{id}", Needs: Look, Doc: "一年的年报", Do: web.Page(onePage, oneView)},
		{Pattern: "GET " + place + "/{id}/people", Needs: People, Doc: "一个数字里的人", Do: web.Page(peoplePage, peopleView)},
		{Pattern: "GET " + place + "/{id}/units", Needs: Look, Doc: "一个数字里的工会", Do: web.Page(unitsPage, unitsView)},
		{Pattern: "GET " + place + "/{id}/return.xlsx", Needs: Look, Doc: "年报电子表格", Do: web.Download(returnFile)},
		{Pattern: "GET " + place + "/{id}/unions.xlsx", Needs: People, Doc: "工会基本情况表，含班子", Do: web.Download(unionsFile)},
		{Pattern: "POST " + place + "/{id}/review", Needs: Review, Doc: "核对本会数字", Do: web.Again(web.Act(func(r *web.Request, in ReviewForm) (Reviewed, error) {
			ret, err := Confirm(r.Ctx, r.Tx, r.Grant, in, r.Now)
			return Reviewed{ret, in.Right}, err
		}), onePage, oneView)},
	}
	words := map[string]string{"recount": "重新汇总年报", "check": "审核年报", "back": "退回年报", "freeze": "年报定稿", "submit": "登记年报已上报"}
	for i, name := range []string{"recount", "check", "back", "freeze", "submit"} {
		act := Procedure.Acts()[i]
		routes = append(routes, web.Route{Pattern: "POST " + place + "/{id}/" + name, Needs: act, Doc: words[name], Do: web.Again(web.Act(func(r *web.Request, in StepForm) (Return, error) {
			return rm.Take(r.Ctx, r.Tx, r.Grant, in, r.Now)
		}), onePage, oneView)})
	}
	return routes
}

// stepPath is the last word of the address of a step.
func stepPath(s flow.Step[State]) string {
	if s.Act == Make {
		return "recount"
	}
	return strings.TrimPrefix(string(s.Act), "yearly.")
}

// Said tells how far the return is.
func (r Return) Said() string {
	if r.State == Counting {
		return "已开始汇总，稍等片刻就好。"
	}
	return "年报" + Procedure.Labels[r.State] + "。"
}

// Reviewed is a return whose figures a union judged.
type Reviewed struct {
	Return
	right bool
}

// Said tells what was kept.
func (r Reviewed) Said() string {
	if r.right {
		return "已确认本会数字无误。"
	}
	return "已提交异议，工委会重新核实。"
}

// ListPage is the returns that one sees.
type ListPage struct {
	Items []Return `json:"items"`
	May   bool     `json:"-"`
	Today day.Day  `json:"-"`
}

func listPage(r *web.Request, _ struct{}) (p ListPage, err error) {
	p.May, p.Today = r.May(Make), r.Today
	p.Items, err = list(r.Ctx, r.Tx, r.Grant)
	return p, err
}

// OneQuery names a return, and the union in it that is looked at.
type OneQuery struct {
	ID   string `json:"id" doc:"编号"`
	Unit string `json:"unit" doc:"工会编码"`
}

// Line is one figure with that of the year before.
type Line struct {
	Key    string `json:"key"`
	Label  string `json:"label"`
	Unit   string `json:"unit"`
	Value  int64  `json:"value"`
	Before *int64 `json:"before,omitempty"`
	help   string
	people bool
}

// OnePage is a return: the figures of a union with all below it, beside last
// year's, and the units directly below.
type OnePage struct {
	Return
	Top     Unit               `json:"top"`
	Lines   []Line             `json:"figures"`
	More    int                `json:"-"` // units below that the page leaves out
	Below   []Unit             `json:"-"`
	Years   []Year             `json:"years"`
	History []flow.Past[State] `json:"history"`
	Open    []flow.Step[State] `json:"-"`
	Before  int64              `json:"compared_with,omitempty"` // the year
	Mine    *Unit              `json:"-"`                       // the viewer's own union, where it may judge its figures
	Tally   [3]int64           `json:"-"`                       // of the units: right, wrong, nothing said
	Names   bool               `json:"-"`
	Root    bool               `json:"-"`
}

// first sorts what is objected to before the rest.
func first(u Unit) int {
	if u.Review == objected {
		return 0
	}
	return 1
}

// mostBelow is how many units below the page shows.
const mostBelow = 50

// Year is a column of the chart.
type Year struct {
	Year    int64 `json:"year"`
	Members int64 `json:"members"`
	Women   int64 `json:"women"`
}

func onePage(r *web.Request, in OneQuery) (p OnePage, err error) {
	if p.Return, err = find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if p.History, err = Procedure.History(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	own, err := p.own(r.Ctx, r.Tx, r.Grant)
	if err != nil {
		return p, err
	}
	if own {
		p.Open = Procedure.Open(p.State, flow.WhoOf(r.Grant), "", p.History)
	}
	p.Names, p.Root = r.May(People), in.Unit == ""
	units, err := unitsOf(r.Ctx, r.Tx, r.Grant, p.Return, in.Unit)
	if err != nil || len(units) == 0 {
		return p, err
	}
	p.Top = units[0]
	for _, u := range units {
		if u.Depth == p.Top.Depth+1 {
			p.Below = append(p.Below, u)
		}
		if !u.Kind.Part() && u.Kind.Elects() {
			p.Tally[map[string]int{confirmed: 0, objected: 1, "": 2}[u.Review]]++
		}
	}
	// what is objected to comes first; the rest by members is one click away
	slices.SortStableFunc(p.Below, func(a, b Unit) int { return cmp.Compare(first(a), first(b)) })
	p.More = max(0, len(p.Below)-mostBelow)
	p.Below = p.Below[:len(p.Below)-p.More]
	if r.May(Review) && units[0].UnionID == r.Grant.Under() && (p.State == Draft || p.State == Checked) {
		p.Mine = &units[0]
	}
	return p, p.compare(r, units[0].Code)
}

// compare lays the figures beside those of other years, where there are any
// for the same union.
func (p *OnePage) compare(r *web.Request, code string) error {
	all, err := list(r.Ctx, r.Tx, r.Grant)
	if err != nil {
		return err
	}
	var before *Figures
	for _, y := range all {
		if y.UnionID != p.UnionID || y.pass == 0 || y.Year > p.Year || y.Year < p.Year-5 {
			continue
		}
		sum := p.Top.Sum
		if y.ID != p.ID {
			units, err := unitsOf(r.Ctx, r.Tx, r.Grant, y, code)
			if fault.Of(err).Kind == fault.NotFound || err == nil && len(units) == 0 {
				continue
			}
			if err != nil {
				return err
			}
			sum = units[0].Sum
		}
		p.Years = append([]Year{{y.Year, sum[nMembers], sum[nWomen]}}, p.Years...)
		if y.Year == p.Year-1 {
			before, p.Before = &sum, y.Year
		}
	}
	for i, x := range Indicators {
		l := Line{Key: x.Key, Label: x.Label, Unit: x.Unit, Value: p.Top.Sum[i], help: x.Help, people: x.Bit != 0}
		if before != nil {
			l.Before = &before[i]
		}
		p.Lines = append(p.Lines, l)
	}
	return nil
}

// PartQuery asks for what is behind a figure.
type PartQuery struct {
	ID    string `json:"id" doc:"编号"`
	Of    string `json:"of" doc:"指标"`
	Unit  string `json:"unit" doc:"工会编码"`
	After string `json:"after" doc:"上一页末行"`
	Limit int    `json:"limit" doc:"每页行数"`
}

// PeoplePage is the people behind a figure, as they were counted.
type PeoplePage struct {
	Return
	Indicator Indicator `json:"-"`
	Top       Unit      `json:"-"`
	Total     int64     `json:"total"`
	Items     []Person  `json:"items"`
	Next      string    `json:"next,omitempty"`
	First     bool      `json:"-"`
}

func peoplePage(r *web.Request, in PartQuery) (p PeoplePage, err error) {
	if p.Return, err = find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	n := indicator(cmp.Or(in.Of, "members"))
	if n < 0 || Indicators[n].Bit == 0 {
		return p, fault.New(fault.Invalid, "这个指标里没有人员名单，请从年报里点数字进来。")
	}
	units, err := unitsOf(r.Ctx, r.Tx, r.Grant, p.Return, in.Unit)
	if err != nil || len(units) == 0 {
		return p, err
	}
	if in.Limit < 1 || in.Limit > 200 {
		in.Limit = 50
	}
	p.Indicator, p.Top, p.Total, p.First = Indicators[n], units[0], units[0].Sum[n], in.After == ""
	p.Items, err = peopleOf(r.Ctx, r.Tx, r.Grant, p.Return, p.Indicator.Bit, p.Top.Ord, p.Top.Last, before(in.After), in.Limit+1)
	if len(p.Items) > in.Limit {
		p.Items = p.Items[:in.Limit]
		p.Next = p.Items[in.Limit-1].after()
	}
	for i := range p.Items {
		p.Items[i].Union = units[p.Items[i].ord-p.Top.Ord].Name
	}
	return p, err
}

// before reads where the page before ended.
func before(after string) (p Person) {
	parts := strings.Split(after, "\x1f")
	if len(parts) != 3 {
		return Person{ord: -1}
	}
	n, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return Person{ord: -1}
	}
	return Person{ord: n, key: parts[1], ID: parts[2]}
}

// UnitsPage is the unions behind a figure: each with its own.
type UnitsPage struct {
	Return
	Indicator Indicator `json:"-"`
	Top       Unit      `json:"-"`
	Total     int64     `json:"total"`
	Items     []UnitRow `json:"items"`
}

// UnitRow is a union with its own share of a figure.
type UnitRow struct {
	Unit
	Value int64 `json:"value"`
}

func unitsPage(r *web.Request, in PartQuery) (p UnitsPage, err error) {
	if p.Return, err = find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	n := indicator(cmp.Or(in.Of, "unions"))
	if n < 0 {
		return p, fault.New(fault.Invalid, "没有这个指标，请从年报里点数字进来。")
	}
	units, err := unitsOf(r.Ctx, r.Tx, r.Grant, p.Return, in.Unit)
	if err != nil || len(units) == 0 {
		return p, err
	}
	p.Indicator, p.Top, p.Total, p.Items = Indicators[n], units[0], units[0].Sum[n], []UnitRow{}
	for _, u := range units {
		if u.Own[n] != 0 {
			p.Items = append(p.Items, UnitRow{u, u.Own[n]})
		}
	}
	return p, nil
}

// button is how a step is drawn.
func (r Return) question(s flow.Step[State]) ui.Question {
	words := map[State]string{
		Counting: "按统计日重新数一遍，现在的数字会被替换；数字变了的工会须重新核对。", Checked: "审核后交主任定稿。",
		Frozen: "定稿后数字和名单都不再改动，以后更正会员资料也不影响它。", Submitted: "登记报出的文号，年报就办完了。", Draft: "写明哪里要改，交汇总的人办理。",
	}[s.To]
	return ui.Question{Open: s.Button, Title: s.Button + "？", Words: words, Action: r.Place() + "/" + stepPath(s), Submit: s.Button, Version: fmt.Sprint(r.Version), Danger: s.Act == Back}
}
