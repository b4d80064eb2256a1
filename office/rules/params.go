package rules

import (
	"context"
	"errors"
	"slices"
	"strings"

	"unionhall/commons/rulebook"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/kit/zh"
	"unionhall/law"
	"unionhall/law/region"
)

// ParamsQuery is the filter row of the parameters.
type ParamsQuery struct {
	Q       string `json:"q" doc:"名称或依据"`
	Chapter string `json:"chapter" doc:"章"`
	Rule    string `json:"rule" doc:"规则编号"`
	State   string `json:"state" doc:"可靠程度"` // pending, own
}

// Param is a parameter with its value here and today. InForce is false where
// no text has one.
type Param struct {
	law.Param
	Shown   string `json:"shown"`
	Where   string `json:"where"` // 全国, 辽宁省, 本单位
	Chapter string `json:"chapter"`
	InForce bool   `json:"in_force"`
	Waits   bool   `json:"pending"` // 待核实
}

// Params is the list of them.
type Params struct {
	Items   []Param `json:"items"`
	Total   int     `json:"total"`
	Pending int     `json:"pending"` // how many of the whole list are 待核实
	query   ParamsQuery
}

// All returns every parameter with its value for the tenant on the day, in the
// order of the rulebook.
func All(ctx context.Context, tx *sqldb.Tx, tenant int64, on day.Day) ([]Param, error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return nil, err
	}
	var out []Param
	for _, id := range book.IDs() {
		p, err := paramOf(book, tenant, id, on)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// Pending counts the numbers in force that the office still has to confirm.
func Pending(all []Param) (n int) {
	for _, p := range all {
		if p.Waits {
			n++
		}
	}
	return n
}

func paramOf(book law.Book, tenant int64, id string, on day.Day) (Param, error) {
	found, err := book.Find(id, law.PlaceOf(tenant), on)
	p := Param{Param: found, InForce: true}
	if errors.Is(err, law.ErrNoValue) {
		values := book.Values(id)
		last := values[len(values)-1]
		p = Param{Param: law.Param{ID: id, Name: last.Name, Kind: last.Kind, Unit: last.Unit, Rule: last.Rule}, Shown: "此时此地没有规定"}
	} else if err != nil {
		return p, err
	}
	if r, ok := law.RuleOf(p.Rule); ok {
		p.Chapter = r.Chapter
	}
	if p.InForce {
		p.Shown, p.Where, p.Waits = p.Param.Shown(), where(p.Region, tenant), p.Pending()
	}
	return p, nil
}

// where names the region that a value comes from.
func where(code string, tenant int64) string {
	if code == "CN" {
		return "全国"
	}
	if own := law.PlaceOf(tenant); code == own[len(own)-1] && len(own) > 1 {
		return "本单位"
	}
	if name, ok := region.Lookup(code); ok {
		return name
	}
	return code
}

func (q ParamsQuery) pick(all []Param) []Param {
	text := strings.ToLower(q.Q)
	return slices.DeleteFunc(slices.Clone(all), func(p Param) bool {
		return q.Chapter != "" && p.Chapter != q.Chapter || q.Rule != "" && p.Rule != q.Rule ||
			q.State == "pending" && !p.Waits || q.State == "own" && p.Confidence != law.Confirmed ||
			text != "" && !strings.Contains(strings.ToLower(p.Name+" "+p.Citation+" "+p.Rule+" "+p.ID), text)
	})
}

func (m *Room) params(r *web.Request, in ParamsQuery) (Params, error) {
	all, err := All(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today)
	in.Q = zh.Narrow(in.Q)
	items := in.pick(all)
	return Params{items, len(items), Pending(all), in}, err
}

// group is the parameters of one chapter.
type group struct {
	name string
	rows []Param
}

func (p Params) groups() (out []group) {
	for _, row := range p.Items {
		i := slices.IndexFunc(out, func(g group) bool { return g.name == row.Chapter })
		if i < 0 {
			i, out = len(out), append(out, group{name: row.Chapter})
		}
		out[i].rows = append(out[i].rows, row)
	}
	return out
}

func states() []ui.Option {
	return []ui.Option{{Text: "全部"}, {Value: "pending", Text: law.Recalled.Label()}, {Value: "own", Text: law.Confirmed.Label()}}
}

// One names a parameter.
type One struct {
	ID string `json:"id" doc:"参数编号"`
}

// Value is one value of a parameter, with who set it where the office did.
type Value struct {
	law.Param
	Shown    string  `json:"shown"`
	Where    string  `json:"where"`
	InForce  bool    `json:"in_force"`
	Void     bool    `json:"void,omitempty"` // replaced before it came into force
	By       string  `json:"by,omitempty"`
	Document string  `json:"document,omitempty"`
	On       day.Day `json:"on,omitempty"`
}

// Whole is one parameter: its value in force, every value that holds or held
// here, and what other regions have.
type Whole struct {
	Param
	Clause  law.Rule `json:"clause"`
	History []Value  `json:"history"`
	Others  []Value  `json:"others"`
	Version int64    `json:"version"`
	today   day.Day
	may     bool
}

// Revision is what a new value must name to be sure that it saw the latest.
func (w Whole) Revision() int64 { return w.Version }

func (m *Room) param(r *web.Request, in One) (Whole, error) {
	w, err := m.whole(r.Ctx, r.Tx, r.Grant, in.ID, r.Today)
	w.may = r.May(Confirm)
	return w, err
}

func (m *Room) whole(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, today day.Day) (w Whole, err error) {
	if !slices.Contains(law.Shipped.IDs(), id) {
		return w, fault.New(fault.NotFound, "没有这个参数，请从参数表里选。")
	}
	own, err := rulebook.Own(ctx, tx, g.Tenant())
	if err != nil {
		return w, err
	}
	own = slices.DeleteFunc(own, func(o law.Own) bool { return o.ID != id })
	book := law.Shipped.With(own)
	if w.Param, err = paramOf(book, g.Tenant(), id, today); err != nil {
		return w, err
	}
	w.today = today
	w.Clause, _ = law.RuleOf(w.Rule)
	if w.Version, err = version(ctx, tx, g.Tenant(), id); err != nil {
		return w, err
	}
	names, err := m.names(ctx, tx, g.Tenant(), own)
	if err != nil {
		return w, err
	}
	w.sort(book.Values(id), own, names, g.Tenant())
	return w, nil
}

// sort parts the values into those of this place and those of others; the
// office's own stand at the end of all and in the order of own.
func (w *Whole) sort(all []law.Param, own []law.Own, names map[string]string, tenant int64) {
	place, first := law.PlaceOf(tenant), len(all)-len(own)
	for i, p := range all {
		v := Value{Param: p, Shown: p.Shown(), Where: where(p.Region, tenant), InForce: w.InForce && p == w.Param.Param, Void: p.To != "" && p.To < p.From}
		if i >= first {
			o := own[i-first]
			v.By, v.Document, v.On = names[o.By], o.Document, o.On
		}
		if slices.Contains(place, p.Region) {
			w.History = append(w.History, v)
		} else {
			w.Others = append(w.Others, v)
		}
	}
	slices.SortStableFunc(w.History, func(a, b Value) int { return strings.Compare(string(b.From), string(a.From)) })
}

func (m *Room) names(ctx context.Context, tx *sqldb.Tx, tenant int64, own []law.Own) (map[string]string, error) {
	var ids []string
	for _, o := range own {
		if !slices.Contains(ids, o.By) {
			ids = append(ids, o.By)
		}
	}
	return m.Names(ctx, tx, tenant, ids)
}

// span says from when to when a value holds.
func (v Value) span() string {
	switch {
	case v.Void:
		return "未生效即被替换"
	case v.From == "" && v.To == "":
		return "一直有效"
	case v.From == "":
		return "至 " + string(v.To)
	case v.To == "":
		return string(v.From) + " 起"
	}
	return string(v.From) + " 至 " + string(v.To)
}

// writing says how a value is written in the form.
func (w Whole) writing() string {
	how := map[law.Kind]string{
		law.Int: "写一个整数。", law.Ints: "写整数，多个之间用逗号隔开。", law.Share: "写分数，例如 2/3 或 5/100。", law.Days: "写天数。", law.YesNo: "写是或否。",
		law.Ladder: "从近到远写各级机构和批准、备案或签署意见，例如 工委批准,市总工会备案。", law.Pattern: "写文号的样子，年份写{年}，序号写{号}。",
		law.Table: "逐档写「人数上限:最少-最多」，档与档之间用分号，最后一档的上限写星号，例如 200:3-7;*:7-15。",
	}
	return how[w.Kind] + "与现行值相同就是确认，不同就是本单位的规定。"
}
