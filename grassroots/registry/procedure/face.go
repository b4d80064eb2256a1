package procedure

import (
	"context"
	"strconv"
	"strings"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
)

// What the pages show of cases.

func digits(n int64) string { return strconv.FormatInt(n, 10) }

// clause is a rule as pages quote it.
func clause(id string) ui.Article {
	r, _ := law.RuleOf(id)
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

// group is a part of a form with its heading; rows of two stand side by side.
type group struct {
	title, lead string
	rows        [][]field
}

// grouped lays the fields of a form out.
func grouped(fields []field) []group {
	out := []group{{}}
	for _, f := range fields {
		g := &out[len(out)-1]
		last := len(g.rows) - 1
		switch {
		case f.sort == heading:
			out = append(out, group{title: f.label, lead: f.help})
		case f.short() && last >= 0 && len(g.rows[last]) == 1 && g.rows[last][0].short():
			g.rows[last] = append(g.rows[last], f)
		default:
			if f.name == "handler" && g.title != "" {
				out = append(out, group{title: "办理"})
				g = &out[len(out)-1]
			}
			g.rows = append(g.rows, []field{f})
		}
	}
	return out
}

// short reports whether a field is narrow enough to stand beside another.
func (f field) short() bool {
	return f.sort == number || f.sort == amount || f.sort == date || f.name == "handler" || f.name == "phone"
}

func (f field) choices() (out []ui.Option) {
	for _, o := range f.options() {
		out = append(out, ui.Option{Value: o.value, Text: o.text})
	}
	return out
}

// of is the field with what the case holds.
func (f field) of(c Case) ui.Field {
	u := ui.Field{Name: "fields." + f.name, Label: f.label, Value: c.Fields[f.name], Help: f.help, Wanted: f.must, Unit: f.unit, Max: longLine}
	switch f.sort {
	case long:
		u.Max = longText
	case number:
		u.Mode, u.Max = "numeric", 9
	case amount:
		u.Mode, u.Max = "decimal", 20
	case choice, union:
		u.Max, u.Hint = 0, "请选择"
	}
	if item, ok := strings.CutPrefix(f.name, "new_"); ok && c.Kind == Change {
		u.Help = "登记值：" + first(c.Registered[item], "（无）")
	}
	return u
}

// shownFields are what the case's page shows of its form.
func (d Detail) shownFields() (out []ui.Pair) {
	for _, f := range forms[d.Kind] {
		v := d.Fields[f.name]
		if f.sort == heading || v == "" || strings.HasPrefix(f.name, "new_") {
			continue
		}
		if f.sort == union {
			v = first(d.targets[f.name], v)
		}
		out = append(out, ui.Pair{Name: f.label, Value: f.shown(v)})
	}
	return out
}

// prefilled is what a form of the kind can know beforehand.
func prefilled(ctx context.Context, tx *sqldb.Tx, g auth.Grant, k Kind, u registry.Union, today day.Day) (map[string]string, error) {
	out := map[string]string{}
	if k == Found {
		return out, nil
	}
	p, err := presentOf(ctx, tx, g, u.ID)
	if err != nil {
		return out, err
	}
	f, err := registry.FiguresOf(ctx, tx, g, u.ID)
	if err != nil {
		return out, err
	}
	out["phone"], out["handler"] = u.Phone, p.chair
	switch k {
	case Registration:
		out["name"], out["staff"], out["members"], out["chair"], out["term_end"], out["premises"] = u.Name, digits(u.Staff), digits(f.Own), p.chair, string(p.due), u.Address
	case Renew:
		out["chair"], out["elected"], out["term_end"] = p.chair, string(p.elected), string(p.due)
	case Rename:
		out["name"], out["short_name"] = u.Name, u.ShortName
	case Change:
		cert, has, err := CertificateOf(ctx, tx, g, u.ID)
		if err != nil || !has {
			return out, err
		}
		if cert.Name != u.Name {
			out["new_name"], out["changed_on"] = u.Name, string(p.renamed)
		}
		if p.chair != "" && p.chair != cert.Representative {
			out["new_representative"], out["changed_on"] = p.chair, string(p.chairFrom)
		}
	}
	return out, nil
}

// limitText says how long the case may stand in its state.
func limitText(r *web.Request, c Case) (*Limit, error) {
	if c.Clock == "" || !c.State.Open() {
		return nil, nil
	}
	book, err := rulebook.Of(r.Ctx, r.Tx, r.Grant.Tenant())
	if err != nil {
		return nil, err
	}
	p, err := book.Find(c.Clock, lawPlace(r.Grant), c.Entered)
	if err != nil {
		return nil, notInForce(err)
	}
	return &Limit{p.Shown(), p.Rule, p.Pending()}, nil
}

// remaining says how the case stands to its limit.
func (c Case) remaining(today day.Day) (ui.Kind, string) {
	switch n := day.Days(today, c.Due); {
	case c.Due == "":
		return ui.Mute, "没有期限"
	case n < 0:
		return ui.Bad, "逾期 " + digits(int64(-n)) + " 天"
	case c.AlertOn != "" && today >= c.AlertOn:
		return ui.Warn, "还有 " + digits(int64(n)) + " 天"
	default:
		return ui.Info, "还有 " + digits(int64(n)) + " 天"
	}
}

// badge is the state of a case in a list: late ones stand out.
func (c Case) badge(today day.Day) (ui.Kind, string) {
	if c.Overdue(today) {
		return ui.Bad, c.State.Label() + " · 逾期"
	}
	return c.State.badge(), c.State.Label()
}

// story are the steps taken, the last one first.
func (d Detail) story() (out []ui.Event) {
	names := map[auth.Action]string{
		Ask: "填写草稿", Submit: "提交", Check: "审查通过", Return: "退回补正", Refuse: "不予批准", Approve: "签署", Record: "登记上级批复", Decline: "登记上级不同意",
		Issue: "登记证书", File: "登记备案", Prolong: "延长期限", Withdraw: "撤回",
	}
	for i := len(d.Steps) - 1; i >= 0; i-- {
		s := d.Steps[i]
		who := s.Office.Label()
		if s.Acting != "" {
			who = "代" + who
		}
		if s.Who != "" {
			who = s.Who + "（" + who + "）"
		}
		words := s.Words
		if s.Document != "" {
			words = strings.TrimSpace("文号：" + s.Document + " " + words)
		}
		out = append(out, ui.Event{Kind: badgeOf(s.After), At: s.At.Local(), Title: names[s.Act] + " → " + s.After.Label(), Who: who, Words: words})
	}
	return out
}

// chainSteps are the stages of the chain, and which of them is waited for.
func (d Detail) chainSteps() (at int, names []string) {
	names = []string{"提出"}
	for _, s := range d.Chain {
		names = append(names, s.Body+string(s.Mode))
	}
	switch d.State {
	case Draft, Returned, Withdrawn:
		return 0, names
	case Done:
		return len(names), names
	case Approved:
		return len(names), append(names, "登记证书")
	}
	return d.Level + 1, names
}

// stepPlace is where a step is taken.
func (d Detail) stepPlace(o Option) string {
	return d.Place() + "/take?act=" + stepName(o.Act)
}

var stepIcons = map[auth.Action]string{
	Submit: "send", Check: "checks", Return: "arrow-back-up", Approve: "rubber-stamp", Refuse: "ban", Record: "mail", Decline: "circle-x", Issue: "certificate", File: "folder",
	Prolong: "hourglass", Withdraw: "arrow-back-up",
}

// waitsFor says who has to act by when, where it is not the viewer.
func (d Detail) waitsFor() string {
	if len(d.Waits) == 0 {
		return ""
	}
	w := d.Waits[0]
	words := "等待" + w.Who + "办理“" + w.Name + "”"
	if d.Due != "" {
		words += "，期限 " + string(d.Due)
	}
	return words + "。"
}

// size is the length of a file as people read it.
func (u Upload) size() string {
	if u.Size < 1<<20 {
		return digits(max(1, u.Size>>10)) + " KB"
	}
	return digits(u.Size>>20) + " MB"
}

func kindOptions(all bool) (out []ui.Option) {
	if all {
		out = append(out, ui.Option{Value: "", Text: "全部"})
	}
	for _, k := range Kinds {
		out = append(out, ui.Option{Value: string(k), Text: k.Label()})
	}
	return out
}

func stateOptions() []ui.Option {
	out := []ui.Option{{Value: "", Text: "全部"}}
	for _, s := range States {
		out = append(out, ui.Option{Value: string(s), Text: s.Label()})
	}
	return out
}

func refOptions(refs []registry.Ref) (out []ui.Option) {
	for _, r := range refs {
		out = append(out, ui.Option{Value: r.Code, Text: r.Name})
	}
	return out
}

// chips are the filters at work.
func (p ListPage) chips() (out []ui.Chip) {
	add := func(on bool, name, text string) {
		if on {
			out = append(out, ui.Chip{Text: text, Off: p.q.address(place, name, "")})
		}
	}
	add(p.q.Mine, "mine", "等我办")
	add(p.q.Kind != "", "kind", p.q.Kind.Label())
	add(p.q.State != "", "state", p.q.State.Label())
	add(p.q.Overdue, "overdue", "逾期")
	name := "工会：" + p.q.Union
	if len(p.Items) > 0 {
		name = "工会：" + p.Items[0].Union.Name
	}
	add(p.q.Union != "", "union", name)
	return out
}

func (p ListPage) span() ui.Span {
	s := ui.Span{Unit: "件"}
	if p.q.After == "" && len(p.Items) > 0 {
		s.First, s.Last = 1, len(p.Items)
	}
	if p.Next != "" {
		s.Next = p.q.address(place, "after", p.Next)
	}
	if p.q.After != "" {
		s.Prev = p.q.address(place, "", "")
	}
	return s
}

// dueText is the limit of an open case.
func (c Case) dueText() string {
	if !c.State.Open() {
		return ""
	}
	return string(c.Due)
}

// keep is what the filter form must carry on.
func (p ListPage) keep() (out []ui.Pair) {
	if p.q.Union != "" {
		out = append(out, ui.Pair{Name: "union", Value: p.q.Union})
	}
	return out
}
