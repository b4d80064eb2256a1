package procedure

import (
	"context"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/kit/zh"
	"unionhall/law"
)

// Row is a union in the register of legal persons (法人资格), with or without
// a certificate, and what is due about it.
type Row struct {
	Union       registry.Ref  `json:"union"`
	Kind        registry.Kind `json:"kind"`
	Closed      bool          `json:"closed,omitempty"`
	Certificate *Entry        `json:"certificate,omitempty"`
	Status      string        `json:"status"` // none, valid, soon, window, expired, cancelled
	Due         []Due         `json:"due,omitempty"`
	key         string
}

// Due is something that the register asks to be done, by when and by which
// clause.
type Due struct {
	Kind Kind    `json:"kind"`
	By   day.Day `json:"by,omitempty"`
	Text string  `json:"text"`
	Rule string  `json:"rule"`
}

// statuses are what a row may be, in the order they are offered.
var statuses = []ui.Option{
	{Value: "valid", Text: "有效"}, {Value: "soon", Text: "临近到期"}, {Value: "window", Text: "可以换领"}, {Value: "expired", Text: "已过期"},
	{Value: "none", Text: "未登记"}, {Value: "cancelled", Text: "已注销"},
}

func statusLabel(s string) string {
	for _, o := range statuses {
		if o.Value == s {
			return o.Text
		}
	}
	return s
}

func (r Row) badge() (ui.Kind, string) {
	kind := map[string]ui.Kind{"valid": ui.OK, "soon": ui.Warn, "window": ui.Warn, "expired": ui.Bad, "none": ui.Mute, "cancelled": ui.Mute}[r.Status]
	return kind, statusLabel(r.Status)
}

// Place is the union's page in the register.
func (r Row) Place() string { return legalPlace + "/" + r.Union.ID }

// spans are how many days the register looks ahead.
type spans struct{ warn, window, change int }

// spansOf reads them.
//
// law: LEG-04, LEG-05
func spansOf(ctx context.Context, tx *sqldb.Tx, tenant int64, today day.Day) (s spans, err error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return s, err
	}
	for id, to := range map[string]*int{"cert.warn_days": &s.warn, "cert.renew_window_days": &s.window, "cert.change_days": &s.change} {
		d, e := book.Days(id, law.PlaceOf(tenant), today)
		if e != nil && !errors.Is(e, law.ErrNoValue) {
			return s, e
		}
		*to = d.Days
	}
	return s, nil
}

// statusOf says how a certificate stands on a day: soon within the days of
// warning, window within those in which it may be renewed.
//
// law: LEG-04, S2-02
func statusOf(c Certificate, has bool, s spans, today day.Day) string {
	switch {
	case !has:
		return "none"
	case c.State == Cancelled:
		return "cancelled"
	case c.To < today:
		return "expired"
	case c.To <= today.AddDays(s.window):
		return "window"
	case c.To <= today.AddDays(s.warn):
		return "soon"
	}
	return "valid"
}

// dues says what the register asks for: renewal at the end of the term or of
// the certificate, the change form after a change, cancelling after the end.
//
// law: LEG-04, LEG-05, LEG-06
func dues(c Certificate, status string, closed bool, p present, name string, s spans, today day.Day) (out []Due) {
	if status == "none" || status == "cancelled" {
		return nil
	}
	if closed {
		return []Due{{Cancel, "", "工会已撤销或并入他会，法人资格应当注销", "LEG-06"}}
	}
	reelected := p.elected > c.From && p.due > c.To
	switch {
	case reelected:
		out = append(out, Due{Renew, p.elected.AddDays(s.change), "已换届，应换领证书（本届届满 " + string(p.due) + "）", "LEG-06"})
	case status == "expired" || status == "window":
		out = append(out, Due{Renew, c.To, "证书有效期到 " + string(c.To) + "，应申请换领", "LEG-04"})
	case status == "soon":
		out = append(out, Due{Renew, c.To, "证书将于 " + string(c.To) + " 到期，届满前 30 日内可申请换领", "LEG-04"})
	}
	changed := []struct {
		on   day.Day
		text string
		is   bool
	}{
		{p.renamed, "工会已更名，证书上仍是“" + c.Name + "”", c.Name != name && p.renamed != ""},
		{p.chairFrom, "主席已是" + p.chair + "，证书上的法定代表人仍是" + c.Representative, p.chair != "" && c.Representative != "" && p.chair != c.Representative && !reelected},
	}
	for _, x := range changed {
		if x.is {
			out = append(out, Due{Change, x.on.AddDays(s.change), x.text, "LEG-05"})
		}
	}
	return out
}

const registerRows = `SELECT u.id, u.code, u.name, u.name_key, u.kind, u.state, coalesce(k.state, ''), k.number, coalesce(k.uscc, ''), coalesce(k.name, ''), coalesce(k.authority, ''),
	k.representative, k.premises, coalesce(k.from_day, ''), coalesce(k.to_day, ''), ` + presentColumns + `
	FROM unions u LEFT JOIN legal_persons k ON k.tenant_id = u.tenant_id AND k.union_id = u.id` + presentJoins + `
	WHERE u.tenant_id = $1 AND EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = u.tenant_id AND r.above_id = $2 AND r.union_id = u.id)
		AND u.kind IN ('base', 'joint', 'single', 'federation', 'agency') AND (u.state = 'standing' OR k.state = 'valid')`

// Whole lists every union that may be a legal person within g's reach, by
// name, with its certificate and what is due. There are some thousand at most.
//
// law: LEG-01
func Whole(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) ([]Row, error) {
	s, err := spansOf(ctx, tx, g.Tenant(), today)
	if err != nil {
		return nil, err
	}
	var out []Row
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (r Row, err error) {
		var state registry.State
		var c Certificate
		var p present
		err = row(&r.Union.ID, &r.Union.Code, &r.Union.Name, &r.key, &r.Kind, &state, &c.State, &c.Number, &c.USCC, &c.Name, &c.Authority, &c.Representative, &c.Premises, &c.From, &c.To,
			&p.chair, &p.chairFrom, &p.elected, &p.due, &p.renamed)
		r.Closed = state != registry.Standing
		r.Status = statusOf(c, c.State != "", s, today)
		r.Due = dues(c, r.Status, r.Closed, p, r.Union.Name, s, today)
		if c.State != "" {
			r.Certificate = &c.Entry
		}
		return r, err
	}, func(r Row) error {
		if r.Kind != registry.Agency || r.Certificate != nil { // an agency only where it is registered
			out = append(out, r)
		}
		return nil
	}, registerRows+` ORDER BY u.name_key, u.id`, g.Tenant(), g.Under())
	return out, err
}

// LegalQuery is the filter row of the register; it stays in the address.
type LegalQuery struct {
	Q      string `json:"q" doc:"名称、编码、代码、法定代表人"`
	Status string `json:"status" doc:"证书"`
	Due    string `json:"due" doc:"应办"`  // a kind of case, or any
	Sort   string `json:"sort" doc:"排序"` // name, valid_to; - before it turns it round
	After  string `json:"after" doc:"上一页末行"`
	Limit  int    `json:"limit" doc:"每页行数"`
}

// LegalPage is a part of the register.
type LegalPage struct {
	Items  []Row          `json:"items"`
	Next   string         `json:"next,omitempty"`
	Total  int            `json:"total"`
	Counts map[string]int `json:"counts"` // by status, of the whole register
	q      LegalQuery
	may    bool // enter certificates
}

func (q LegalQuery) fits(r Row) bool {
	if q.Status != "" && r.Status != q.Status {
		return false
	}
	if q.Due != "" && !slices.ContainsFunc(r.Due, func(d Due) bool { return q.Due == "any" || string(d.Kind) == q.Due }) {
		return false
	}
	s := strings.TrimSpace(zh.Narrow(q.Q))
	if s == "" {
		return true
	}
	words := r.Union.Name + " " + r.Union.Code
	if r.Certificate != nil {
		words += " " + r.Certificate.USCC + " " + r.Certificate.Number + " " + r.Certificate.Representative
	}
	return strings.Contains(words, strings.ToUpper(s)) || strings.Contains(words, s)
}

// until is the end of the certificate, after every other where there is none.
func (r Row) until() string {
	if r.Certificate == nil {
		return "9999-12-31"
	}
	return string(r.Certificate.To)
}

// register picks and orders what q asks for.
func (q LegalQuery) register(all []Row) ([]Row, error) {
	out := slices.DeleteFunc(slices.Clone(all), func(r Row) bool { return !q.fits(r) })
	by, turn := strings.TrimPrefix(q.Sort, "-"), strings.HasPrefix(q.Sort, "-")
	if by != "" && by != "name" && by != "valid_to" {
		return nil, &fault.Error{Kind: fault.Invalid, Text: "不能按这一列排序。", Fields: map[string]string{"sort": "排序：请选名称或有效期至"}}
	}
	slices.SortStableFunc(out, func(a, b Row) int {
		n := 0
		if by == "valid_to" {
			n = strings.Compare(a.until(), b.until())
		}
		if n == 0 {
			n = strings.Compare(a.key+a.Union.ID, b.key+b.Union.ID)
		}
		if turn {
			return -n
		}
		return n
	})
	return out, nil
}

func legalList(r *web.Request, in LegalQuery) (LegalPage, error) {
	if in.Limit < 1 || in.Limit > 200 {
		in.Limit = 50
	}
	p := LegalPage{q: in, may: r.May(Enter), Counts: map[string]int{}, Items: []Row{}}
	all, err := Whole(r.Ctx, r.Tx, r.Grant, r.Today)
	if err != nil {
		return p, err
	}
	for _, x := range all {
		p.Counts[x.Status]++
	}
	rows, err := in.register(all)
	if err != nil {
		return p, err
	}
	p.Total = len(rows)
	from := slices.IndexFunc(rows, func(x Row) bool { return x.Union.Code == in.After }) + 1
	rows = rows[from:]
	if len(rows) > in.Limit {
		rows = rows[:in.Limit]
		p.Next = rows[in.Limit-1].Union.Code
	}
	p.Items = append(p.Items, rows...)
	return p, nil
}

func (q LegalQuery) address(path, name, value string) string {
	v := url.Values{}
	for _, p := range [][2]string{{"q", q.Q}, {"status", q.Status}, {"due", q.Due}, {"sort", q.Sort}} {
		if p[1] != "" {
			v.Set(p[0], p[1])
		}
	}
	if name != "" {
		v.Set(name, value)
	}
	if value == "" {
		v.Del(name)
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

var legalColumns = []sheet.Column{
	{Name: "工会名称", Width: 34}, {Name: "工会编码", Width: 16}, {Name: "统一社会信用代码", Width: 22}, {Name: "证书编号", Width: 18}, {Name: "证书名称", Width: 34}, {Name: "登记机关", Width: 20},
	{Name: "法定代表人"}, {Name: "住所", Width: 30}, {Name: "有效期自", Kind: sheet.Date}, {Name: "有效期至", Kind: sheet.Date}, {Name: "状态"}, {Name: "应办", Width: 40},
}

func exportLegal(r *web.Request, in LegalQuery, dst io.Writer, csv bool) error {
	all, err := Whole(r.Ctx, r.Tx, r.Grant, r.Today)
	if err != nil {
		return err
	}
	rows, err := in.register(all)
	if err != nil {
		return err
	}
	w, err := writer(dst, "法人资格登记册", legalColumns, csv)
	if err != nil {
		return err
	}
	for _, x := range rows {
		e, due := Entry{}, []string{}
		if x.Certificate != nil {
			e = *x.Certificate
		}
		for _, d := range x.Due {
			due = append(due, d.Text)
		}
		if err := w.Row(x.Union.Name, x.Union.Code, e.USCC, e.Number, e.Name, e.Authority, e.Representative, e.Premises, string(e.From), string(e.To), statusLabel(x.Status), strings.Join(due, "；")); err != nil {
			return err
		}
	}
	return w.Close()
}

func legalCSV(r *web.Request, in LegalQuery) (web.File, error) {
	return web.File{Name: "法人资格登记册.csv", Type: csvType, Write: func(dst io.Writer) error { return exportLegal(r, in, dst, true) }}, nil
}

func legalXLSX(r *web.Request, in LegalQuery) (web.File, error) {
	return web.File{Name: "法人资格登记册.xlsx", Type: xlsxType, Write: func(dst io.Writer) error { return exportLegal(r, in, dst, false) }}, nil
}
