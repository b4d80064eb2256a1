package record

import (
	"cmp"
	"context"
	"io"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// Query is the filter row of the log; it stays in the address.
type Query struct {
	Q       string      `json:"q" doc:"姓名、对象、内容"`
	Act     auth.Action `json:"act" doc:"操作"`
	Account string      `json:"account" doc:"操作人"`
	Thing   string      `json:"thing" doc:"对象"`
	From    day.Day     `json:"from" doc:"不早于"`
	To      day.Day     `json:"to" doc:"不晚于"`
	After   string      `json:"after" doc:"上一页末行"`
	Limit   int         `json:"limit" doc:"每页行数"`
}

const pageRows = 50

// Row is one line of the log as people read it.
type Row struct {
	audit.Row
	Who   string `json:"who"`
	Label string `json:"act_label"`
	About Thing  `json:"about"`
	Parts []Part `json:"parts"` // what changed, in words
}

// Page is one page of the log, the newest first.
type Page struct {
	Items []Row  `json:"items"`
	Next  string `json:"next,omitempty"`
	query Query
	acts  []ui.Option
}

func (q Query) filter(tenant int64, limit int) audit.Filter {
	return audit.Filter{Account: q.Account, Act: string(q.Act), Thing: q.Thing, From: q.From, To: q.To, Before: q.After, Limit: limit}
}

func (m *Room) list(r *web.Request, in Query) (Page, error) {
	if in.Limit < 1 || in.Limit > 200 {
		in.Limit = pageRows
	}
	if in.From != "" && in.To != "" && in.To < in.From {
		return Page{}, &fault.Error{Kind: fault.Invalid, Text: "日期前后颠倒了，请改后再看。", Fields: map[string]string{"to": "不晚于：不能早于开始的日期"}}
	}
	p := Page{query: in, acts: m.options()}
	rows, err := m.read(r.Ctx, r.Tx, r.Grant, in, in.Limit+1)
	if err != nil {
		return p, err
	}
	if len(rows) > in.Limit {
		rows = rows[:in.Limit]
		p.Next = rows[in.Limit-1].ID
	}
	p.Items = rows
	return p, nil
}

// read lists lines with the names of people and things.
func (m *Room) read(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query, limit int) ([]Row, error) {
	f := q.filter(g.Tenant(), limit)
	if f.Words.Text = strings.TrimSpace(q.Q); f.Words.Text != "" && m.Find != nil {
		var err error
		if f.Words.Accounts, f.Words.Things, err = m.Find(ctx, tx, g.Tenant(), f.Words.Text); err != nil {
			return nil, err
		}
	}
	lines, err := audit.Search(ctx, tx, g, f)
	if err != nil {
		return nil, err
	}
	return m.named(ctx, tx, g.Tenant(), lines)
}

func (m *Room) named(ctx context.Context, tx *sqldb.Tx, tenant int64, lines []audit.Row) ([]Row, error) {
	people, things := map[string]bool{}, map[string]bool{}
	for _, l := range lines {
		people[l.Account], things[l.Thing] = true, true
		for _, id := range ids(l.Change) {
			things[id] = true
		}
	}
	names, err := m.Names(ctx, tx, tenant, slices.Sorted(maps.Keys(people)))
	if err != nil {
		return nil, err
	}
	known, err := m.Things(ctx, tx, tenant, slices.Sorted(maps.Keys(things)))
	if err != nil {
		return nil, err
	}
	out := make([]Row, len(lines))
	for i, l := range lines {
		out[i] = Row{l, who(l, names), m.label(l.Act), known[l.Thing], teller{known}.parts(l.Change)}
	}
	return out, nil
}

// who is the person with the office acted from: 李敏（代组织干事）.
func who(l audit.Row, names map[string]string) string {
	office := l.Office.Label()
	if l.Office == "system" {
		office = "系统"
	}
	if l.Acting != "" {
		office = "代" + office
	}
	switch name := names[l.Account]; {
	case name != "" && l.Office == "":
		return name
	case name != "":
		return name + "（" + office + "）"
	case l.Office == "system":
		return "系统"
	}
	return cmp.Or(office, "已删去的账号")
}

// options are the actions that the log may hold, by what they are called.
func (m *Room) options() []ui.Option {
	out := []ui.Option{}
	for act, label := range m.Labels {
		out = append(out, ui.Option{Value: string(act), Text: label})
	}
	slices.SortFunc(out, func(a, b ui.Option) int { return cmp.Or(cmp.Compare(a.Text, b.Text), cmp.Compare(a.Value, b.Value)) })
	return append([]ui.Option{{Text: "全部"}}, out...)
}

// address is the list with a change to its filter.
func (q Query) address(change func(*Query)) string {
	change(&q)
	v := url.Values{}
	for _, p := range [][2]string{{"q", q.Q}, {"act", string(q.Act)}, {"account", q.Account}, {"thing", q.Thing}, {"from", string(q.From)}, {"to", string(q.To)}, {"after", q.After}} {
		if p[1] != "" {
			v.Set(p[0], p[1])
		}
	}
	if q.Limit != 0 && q.Limit != pageRows {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	if len(v) == 0 {
		return "/audit"
	}
	return "/audit?" + v.Encode()
}

// chips say what narrows the log beside the choices in the filter row.
func (p Page) chips() (out []ui.Chip) {
	if len(p.Items) == 0 {
		return nil
	}
	if p.query.Account != "" {
		out = append(out, ui.Chip{Text: "操作人：" + p.Items[0].Who, Off: p.query.address(func(q *Query) { q.Account, q.After = "", "" })})
	}
	if p.query.Thing != "" {
		out = append(out, ui.Chip{Text: "对象：" + p.Items[0].about(), Off: p.query.address(func(q *Query) { q.Thing, q.After = "", "" })})
	}
	return out
}

// about is the thing in words, or how its number ends.
func (r Row) about() string {
	if r.About.Name != "" {
		return r.About.Kind + " " + r.About.Name
	}
	if n := len(r.Thing); n > 12 {
		return "编号尾 " + r.Thing[n-12:]
	}
	return r.Thing
}

// One names a line of the log.
type One struct {
	ID string `json:"id" doc:"日志编号"`
}

// Detail is one line of the log.
type Detail struct{ Row }

func (m *Room) detail(r *web.Request, in One) (Detail, error) {
	line, err := audit.Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Detail{}, err
	}
	rows, err := m.named(r.Ctx, r.Tx, r.Grant.Tenant(), []audit.Row{line})
	if err != nil {
		return Detail{}, err
	}
	return Detail{rows[0]}, nil
}

var columns = []sheet.Column{{Name: "时间", Width: 18}, {Name: "操作人", Width: 24}, {Name: "操作", Width: 18}, {Name: "对象类别", Width: 12},
	{Name: "对象", Width: 34}, {Name: "对象编号", Width: 38}, {Name: "内容", Width: 60}, {Name: "日志编号", Width: 38}}

// step is how many lines an export reads at once.
const step = 1000

func (m *Room) export(r *web.Request, in Query, w *sheet.Writer, err error) error {
	if err != nil {
		return err
	}
	for {
		rows, err := m.read(r.Ctx, r.Tx, r.Grant, in, step)
		if err != nil {
			return err
		}
		for _, l := range rows {
			if err := w.Row(l.At.Local(), l.Who, l.Label, l.About.Kind, l.About.Name, l.Thing, text(l.Parts), l.ID); err != nil {
				return err
			}
		}
		if len(rows) < step {
			return w.Close()
		}
		in.After = rows[len(rows)-1].ID
	}
}

// exporting writes into the log that somebody takes a part of it away, before
// anything leaves: an export that is not told of is none.
//
// law: R1.70
func exporting(r *web.Request, in *Query, format string) error {
	in.After = sqldb.NewID() // what is taken away ends before the line of its own
	change := map[string]string{"format": format, "q": in.Q, "act": string(in.Act), "from": string(in.From), "to": string(in.To), "account": in.Account}
	maps.DeleteFunc(change, func(_, v string) bool { return v == "" })
	thing := cmp.Or(in.Thing, "audit")
	return r.Site.DB.Do(r.Ctx, func(tx *sqldb.Tx) error { return audit.Write(r.Ctx, tx, r.Grant, thing, change, r.Now) })
}

func (m *Room) csv(r *web.Request, in Query) (web.File, error) {
	if err := exporting(r, &in, "csv"); err != nil {
		return web.File{}, err
	}
	return web.File{Name: "操作日志.csv", Type: "text/csv; charset=utf-8", Write: func(dst io.Writer) error {
		w, err := sheet.NewCSV(dst, columns)
		return m.export(r, in, w, err)
	}}, nil
}

func (m *Room) xlsx(r *web.Request, in Query) (web.File, error) {
	if err := exporting(r, &in, "xlsx"); err != nil {
		return web.File{}, err
	}
	return web.File{Name: "操作日志.xlsx", Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Write: func(dst io.Writer) error {
		w, err := sheet.NewXLSX(dst, "操作日志", columns)
		return m.export(r, in, w, err)
	}}, nil
}
