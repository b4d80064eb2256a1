package term

import (
	"net/url"
	"strconv"

	"unionhall/grassroots/registry"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// WomenQuery narrows the page of women's committees; it stays in the address.
type WomenQuery struct {
	Q     string `json:"q" doc:"工会名称或编码"`
	State Having `json:"state" doc:"女职工委员会"`
	Gap   bool   `json:"gap" doc:"女代表比例相差过大"`
	After string `json:"after" doc:"上一页末行"`
}

// WomenPage is 女职工工作: where committees are due, exist and are missing.
type WomenPage struct {
	Items  []WomenRow       `json:"items"`
	Next   string           `json:"next,omitempty"`
	Counts map[Having]int64 `json:"counts"`
	People int64            `json:"members"`
	Women  int64            `json:"women"`
	Wide   int64            `json:"gaps"`
	total  int
	q      WomenQuery
	tends  bool
}

// womenRows is how many unions a page shows.
const womenRows = 50

func women(r *web.Request, in WomenQuery) (p WomenPage, err error) {
	p.q, p.Items, p.Counts = in, []WomenRow{}, map[Having]int64{}
	all, err := WomenOf(r.Ctx, r.Tx, r.Grant, r.Today)
	if err != nil {
		return p, err
	}
	root, err := registry.FiguresOf(r.Ctx, r.Tx, r.Grant, r.Grant.Under())
	if err != nil {
		return p, err
	}
	p.People, p.Women = root.Members, root.Women
	p.tends = r.May(Tend) && mayTend(r.Ctx, r.Tx, r.Grant.For(Tend)) == nil
	passed := in.After == ""
	for _, w := range all {
		p.Counts[w.Having]++
		if w.Wide {
			p.Wide++
		}
		if !in.takes(w) {
			continue
		}
		p.total++
		if passed && len(p.Items) < womenRows {
			p.Items = append(p.Items, w)
		} else if passed && p.Next == "" {
			p.Next = p.Items[womenRows-1].UnionID
		}
		passed = passed || w.UnionID == in.After
	}
	return p, nil
}

func (q WomenQuery) takes(w WomenRow) bool {
	return (q.State == "" || w.Having == q.State) && (!q.Gap || w.Wide) && (q.Q == "" || contains(w.Union, q.Q) || contains(w.Code, q.Q))
}

// at is the address of the page with one filter changed.
func (q WomenQuery) at(name, value string) string {
	v := url.Values{}
	set := func(n, x string) {
		v.Del(n)
		if x != "" {
			v.Set(n, x)
		}
	}
	set("q", q.Q)
	set("state", string(q.State))
	if q.Gap {
		set("gap", "1")
	}
	set(name, value)
	if len(v) == 0 {
		return womenPlace
	}
	return womenPlace + "?" + v.Encode()
}

// CareQuery looks for a member to register.
type CareQuery struct {
	Q string `json:"q" doc:"姓名"`
}

// CarePage is the register of protections: shut until a reason is given.
type CarePage struct {
	Open   bool              `json:"open"`
	Barred bool              `json:"barred"` // it is none of the viewer's
	Items  []Cared           `json:"items,omitempty"`
	Found  []registry.Person `json:"people,omitempty"`
	q      string
	bounds CareBounds
	today  day.Day
}

func care(r *web.Request, in CareQuery) (p CarePage, err error) {
	p.q, p.today = in.Q, r.Today
	if err := mayTend(r.Ctx, r.Tx, r.Grant); err != nil {
		p.Barred = fault.Of(err).Kind == fault.Denied
		if p.Barred {
			err = nil
		}
		return p, err
	}
	if p.bounds, err = careBounds(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today); err != nil {
		return p, err
	}
	if p.Open, err = isOpen(r.Ctx, r.Tx, r.Grant, r.Now); err != nil || !p.Open {
		return p, err
	}
	if p.Items, err = cares(r.Ctx, r.Tx, r.Grant, r.Today); err != nil || in.Q == "" {
		return p, err
	}
	p.Found, err = findWomen(r.Ctx, r.Tx, r.Grant, in.Q)
	return p, err
}

// Shut is the register after an act on it: the page says the rest.
type Shut struct {
	said string
}

func (s Shut) Place() string { return womenPlace + "/care" }
func (s Shut) Said() string  { return s.said }

// OpenIn says why somebody looks.
type OpenIn struct {
	Reason string `json:"reason" doc:"用途"`
}

func openCare(r *web.Request, in OpenIn) (Shut, error) {
	return Shut{"用途已记入操作日志，半小时内可以查看。"}, Open(r.Ctx, r.Tx, r.Grant, in.Reason, r.Now)
}

// CareIn is an event as somebody writes it down.
type CareIn struct {
	MemberID  string   `json:"member_id" doc:"女会员"`
	Kind      CareKind `json:"kind" doc:"情形"`
	Day       day.Day  `json:"day" doc:"日期"`
	Children  int      `json:"children" doc:"胎儿数"`
	Difficult bool     `json:"difficult" doc:"难产"`
	Months    int      `json:"months" doc:"怀孕月数"`
}

func registerCare(r *web.Request, in CareIn) (Shut, error) {
	return Shut{"已登记。"}, Register(r.Ctx, r.Tx, r.Grant, in.MemberID, Care{in.Kind, in.Day, in.Children, in.Difficult, in.Months}, r.Now)
}

func peopleOptions(found []registry.Person) (out []ui.Option) {
	for _, p := range found {
		out = append(out, ui.Option{Value: p.ID, Text: p.Name + "（" + p.Union + "）"})
	}
	return out
}

func careOptions() (out []ui.Option) {
	for _, k := range CareKinds {
		out = append(out, ui.Option{Value: string(k), Text: k.Label()})
	}
	return out
}

func havingOptions() []ui.Option {
	out := []ui.Option{{Value: "", Text: "全部"}}
	for _, h := range Havings {
		out = append(out, ui.Option{Value: string(h), Text: h.Label()})
	}
	return out
}

// share writes a part of a whole as a percentage with one decimal.
func share(part, whole int64) string {
	if whole <= 0 {
		return "—"
	}
	n := part * 1000 / whole
	return strconv.FormatInt(n/10, 10) + "." + strconv.FormatInt(n%10, 10) + "%"
}

// points writes hundredths of a point: 12.5.
func points(n int64) string {
	return strconv.FormatInt(n/100, 10) + "." + strconv.FormatInt(n%100/10, 10)
}

func (p WomenPage) bars() (out []ui.Bar) {
	for _, h := range Havings {
		out = append(out, ui.Bar{Label: h.Label(), Href: p.q.at("state", string(h)), Value: p.Counts[h], Text: strconv.FormatInt(p.Counts[h], 10) + " 家", Kind: h.Tone()})
	}
	return out
}

func (p WomenPage) summary() string {
	n := p.Counts[Has] + p.Counts[Lacks]
	return "应建或已建女职工委员会 " + strconv.FormatInt(n, 10) + " 家，已建 " + strconv.FormatInt(p.Counts[Has], 10) + " 家，应建未建 " + strconv.FormatInt(p.Counts[Lacks], 10) + " 家。"
}

func escapeQuery(q string) string { return url.QueryEscape(q) }

// director names her, and says where she is treated as a vice-chair.
//
// law: WOM-03
func (w WomenRow) director() string {
	if w.Director == "" || w.Ranked {
		return w.Director
	}
	return w.Director + "（享受副主席待遇）"
}

func (p WomenPage) chips() (out []ui.Chip) {
	if p.q.State != "" {
		out = append(out, ui.Chip{Text: p.q.State.Label(), Off: p.q.at("state", "")})
	}
	if p.q.Gap {
		out = append(out, ui.Chip{Text: "女代表比例相差过大", Off: p.q.at("gap", "")})
	}
	return out
}

func (p WomenPage) span() (s ui.Span) {
	s.Unit = "家"
	if p.q.After == "" && len(p.Items) > 0 {
		s.First, s.Last, s.Total = 1, len(p.Items), strconv.Itoa(p.total)
	} else if p.q.After != "" {
		s.Prev = p.q.at("", "")
	}
	if p.Next != "" {
		s.Next = p.q.at("after", p.Next)
	}
	return s
}
