package procedure

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/kit/zh"
)

// Query is the filter row of the list of cases; it stays in the address.
type Query struct {
	Q       string `json:"q" doc:"标题、工会、文号"`
	Mine    bool   `json:"mine" doc:"等我办"`
	Kind    Kind   `json:"kind" doc:"事项"`
	State   State  `json:"state" doc:"状态"`
	Union   string `json:"union" doc:"工会编码"`
	Overdue bool   `json:"overdue" doc:"逾期"`
	After   string `json:"after" doc:"上一页末行"`
	Limit   int    `json:"limit" doc:"每页行数"` // 1 to 200; empty: 50
}

// Page is a part of the list.
type Page struct {
	Items []Case `json:"items"`
	Next  string `json:"next,omitempty"`
}

// waiting are the states in which a case waits for an office; where it waits
// for who asked, only for the own side.
var waiting = map[auth.Office][]State{
	auth.Officer: {Submitted, Sent, Approved, Filing}, auth.Director: {Checked}, auth.Chair: {Draft, Returned},
}

// where is the SQL of the filters and its arguments from $3 on. Drafts are
// shown to the side that wrote them alone.
func (q Query) where(g auth.Grant, today day.Day) (string, []any) {
	args := []any{g.Tenant(), g.Under()}
	out := ""
	add := func(text string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			text = strings.Replace(text, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		out += " AND " + text
	}
	if g.Office() == auth.Chair {
		add(`(c.state <> 'draft' OR c.account_id = ? OR EXISTS (SELECT 1 FROM steps s WHERE s.tenant_id = c.tenant_id AND s.thing_id = c.id AND s.before = '-' AND s.office = 'chair'))`, g.Account())
	} else {
		add(`(c.state <> 'draft' OR c.account_id = ?)`, g.Account())
	}
	if q.Mine {
		marks, values := "", []any{}
		for _, s := range waiting[g.Office()] {
			marks, values = marks+", ?", append(values, string(s))
		}
		switch {
		case g.Office() == auth.Officer:
			add(`(c.state IN (`+marks[2:]+`) OR c.state IN ('draft', 'returned') AND c.account_id = ?)`, append(values, g.Account())...)
		case marks != "":
			add(`c.state IN (`+marks[2:]+`)`, values...)
		default:
			add(`c.state = ?`, "none")
		}
	}
	if q.Kind != "" {
		add(`c.kind = ?`, string(q.Kind))
	}
	if q.State != "" {
		add(`c.state = ?`, string(q.State))
	}
	if q.Union != "" {
		add(`u.code = ?`, q.Union)
	}
	if q.Overdue {
		add(`c.ended IS NULL AND c.due < ?`, string(today))
	}
	if s := strings.TrimSpace(zh.Narrow(q.Q)); s != "" {
		like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(s) + "%"
		add(`(c.title LIKE ? ESCAPE '\' OR u.name LIKE ? ESCAPE '\' OR c.reply LIKE ? ESCAPE '\' OR c.outer_doc LIKE ? ESCAPE '\')`, like, like, like, like)
	}
	if q.After != "" {
		add(`c.id < ?`, q.After)
	}
	return out, args
}

// List returns the cases that q asks for, the newest first.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query, today day.Day) (p Page, err error) {
	if q.Limit < 1 || q.Limit > 200 {
		q.Limit = 50
	}
	where, args := q.where(g, today)
	args = append(args, int64(q.Limit+1))
	p.Items, err = sqldb.List(ctx, tx, scanCase, selectCases+where+fmt.Sprintf(` ORDER BY c.id DESC LIMIT $%d`, len(args)), args...)
	if len(p.Items) > q.Limit {
		p.Items = p.Items[:q.Limit]
		p.Next = p.Items[q.Limit-1].ID
	}
	if p.Items == nil {
		p.Items = []Case{}
	}
	return p, err
}

// mostDuties is how many cases the work table knows by name.
const mostDuties = 50

// Duties lists the cases that wait for g's office, the most urgent first.
func Duties(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) ([]Case, error) {
	where, args := Query{Mine: true}.where(g, today)
	args = append(args, int64(mostDuties))
	return sqldb.List(ctx, tx, scanCase, selectCases+where+fmt.Sprintf(` ORDER BY coalesce(c.due, '9999-12-31'), c.id LIMIT $%d`, len(args)), args...)
}

// Of lists the cases of a union, the newest first: what its page leads to.
func Of(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionCode string, today day.Day) ([]Case, error) {
	p, err := List(ctx, tx, g, Query{Union: unionCode, Limit: 20}, today)
	return p.Items, err
}

// address is the list with one filter changed; the page begins anew.
func (q Query) address(path, name, value string) string {
	v := url.Values{}
	for _, p := range [][2]string{{"q", q.Q}, {"kind", string(q.Kind)}, {"state", string(q.State)}, {"union", q.Union}, {"mine", one(q.Mine)}, {"overdue", one(q.Overdue)}} {
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

func one(on bool) string {
	if on {
		return "1"
	}
	return ""
}

// exported are the columns of the list as a file.
var exported = []struct {
	sheet.Column
	text func(Case) string
}{
	{sheet.Column{Name: "事项", Width: 16}, func(c Case) string { return c.Kind.Label() }},
	{sheet.Column{Name: "标题", Width: 40}, func(c Case) string { return c.Title }},
	{sheet.Column{Name: "工会", Width: 34}, func(c Case) string { return c.Union.Name }},
	{sheet.Column{Name: "工会编码", Width: 16}, func(c Case) string { return c.Union.Code }},
	{sheet.Column{Name: "状态"}, func(c Case) string { return c.State.Label() }},
	{sheet.Column{Name: "提交日期", Kind: sheet.Date}, func(c Case) string { return dayOf(c.Submitted) }},
	{sheet.Column{Name: "办理期限", Kind: sheet.Date}, func(c Case) string { return string(c.Due) }},
	{sheet.Column{Name: "文号", Width: 22}, func(c Case) string { return c.Reply }},
	{sheet.Column{Name: "批复日期", Kind: sheet.Date}, func(c Case) string { return string(c.ReplyOn) }},
	{sheet.Column{Name: "上级来文", Width: 22}, func(c Case) string { return c.OuterDoc }},
	{sheet.Column{Name: "办结日期", Kind: sheet.Date}, func(c Case) string { return dayOf(c.Ended) }},
}

func dayOf(i day.Instant) string {
	if i == "" {
		return ""
	}
	return string(i.Day())
}

// writer opens a table as a CSV or a workbook.
func writer(dst io.Writer, title string, columns []sheet.Column, csv bool) (*sheet.Writer, error) {
	if csv {
		return sheet.NewCSV(dst, columns)
	}
	return sheet.NewXLSX(dst, title, columns)
}

// Export writes every case that q asks for.
func Export(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query, today day.Day, dst io.Writer, csv bool) error {
	columns := make([]sheet.Column, len(exported))
	for i, c := range exported {
		columns[i] = c.Column
	}
	w, err := writer(dst, "办理事项", columns, csv)
	if err != nil {
		return err
	}
	q.After = ""
	where, args := q.where(g, today)
	err = sqldb.Each(ctx, tx, scanCase, func(c Case) error {
		values := make([]string, len(exported))
		for i, e := range exported {
			values[i] = e.text(c)
		}
		return w.Row(values...)
	}, selectCases+where+` ORDER BY c.id DESC`, args...)
	if err != nil {
		return err
	}
	return w.Close()
}

const (
	csvType  = "text/csv; charset=utf-8"
	xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
)

func exportCSV(r *web.Request, in Query) (web.File, error) {
	return web.File{Name: "办理事项.csv", Type: csvType, Write: func(dst io.Writer) error {
		return Export(r.Ctx, r.Tx, r.Grant, in, r.Today, dst, true)
	}}, nil
}

func exportXLSX(r *web.Request, in Query) (web.File, error) {
	return web.File{Name: "办理事项.xlsx", Type: xlsxType, Write: func(dst io.Writer) error {
		return Export(r.Ctx, r.Tx, r.Grant, in, r.Today, dst, false)
	}}, nil
}
