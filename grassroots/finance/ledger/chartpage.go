package ledger

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law/books"
)

// AccountsPage is the chart of a system.
type AccountsPage struct {
	System books.System `json:"system"`
	Items  []Listed     `json:"items"`
	add    bool
	q      ChartQuery
	opens  []ui.Option
}

// Listed is an account as the chart shows it.
type Listed struct {
	books.Account
	Own  bool `json:"own"`  // the office added it
	Open bool `json:"open"` // it may have further details
}

// ChartQuery chooses an accounting system and narrows its chart.
type ChartQuery struct {
	System books.System `json:"system" doc:"会计制度"`
	Class  books.Class  `json:"class" doc:"类别"`
	Scope  string       `json:"scope" doc:"范围"` // grassroots: the set of grassroots unions
	Q      string       `json:"q" doc:"编号、名称或拼音"`
}

func (rm Room) accounts(r *web.Request, in ChartQuery) (p AccountsPage, err error) {
	if in.System != books.A09 {
		in.System = books.A21
	}
	chart, err := ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), in.System)
	if err != nil {
		return p, err
	}
	p = AccountsPage{System: in.System, Items: []Listed{}, add: r.May(Chart), q: in}
	for _, a := range chart.All() {
		own := chart.isOwn(a.Code)
		l := Listed{Account: a, Own: own, Open: chart.open(a.Code)}
		if l.Open {
			p.opens = append(p.opens, ui.Option{Value: a.Code, Text: a.Code + " " + chart.Name(a.Code)})
		}
		if in.fits(l, chart) {
			p.Items = append(p.Items, l)
		}
	}
	return p, nil
}

// fits reports whether an account is one that the query asks for.
func (q ChartQuery) fits(l Listed, chart Accounts) bool {
	text := strings.ToLower(strings.TrimSpace(q.Q))
	switch {
	case q.Class != "" && l.Class != q.Class:
		return false
	case q.Scope == "grassroots" && !books.Grassroots(l.Account) && !l.Own:
		return false
	case q.Scope == "open" && !l.Open, q.Scope == "own" && !l.Own:
		return false
	}
	name := chart.Name(l.Code)
	return text == "" || strings.HasPrefix(l.Code, text) || strings.Contains(name, text) ||
		slices.ContainsFunc(strings.Fields(keysOf(name)), func(k string) bool { return strings.HasPrefix(k, text) })
}

// Added is an account that the office added or ended.
type Added struct {
	books.Account
	said string
	made bool
}

func (a Added) Place() string { return Home + "/accounts?system=" + string(a.System) + "&scope=own" }
func (a Added) Created() bool { return a.made }
func (a Added) Said() string  { return a.said }

func (rm Room) detailAccount(r *web.Request, in Detailing) (Added, error) {
	a, err := AddDetail(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Added{a, "已增设 " + a.Code + " " + a.Name + "。", true}, err
}

// Ending ends an account that the office added.
type Ending struct {
	System books.System `json:"system" doc:"会计制度"`
	Code   string       `json:"code" doc:"科目编号"`
}

func (rm Room) endDetail(r *web.Request, in Ending) (Added, error) {
	a, err := EndDetail(r.Ctx, r.Tx, r.Grant, in.System, in.Code, r.Now)
	return Added{a, "已停用 " + a.Code + " " + a.Name + "。", false}, err
}

// EndDetail ends an account that the office added and that no entry names; its
// code is not given again. An account of the regulation is fault.Conflict, as
// is one with entries or in a voucher that waits.
//
// law: F3.3
func EndDetail(ctx context.Context, tx *sqldb.Tx, g auth.Grant, s books.System, code string, at day.Instant) (books.Account, error) {
	chart, err := ChartOf(ctx, tx, g.Tenant(), s)
	if err != nil {
		return books.Account{}, err
	}
	a, ok := chart.Find(code)
	switch {
	case !ok:
		return a, fault.New(fault.NotFound, "没有这个科目，可能已经停用。")
	case !chart.isOwn(code):
		return a, fault.ByRule(fault.Conflict, "F3.3", "“%s”是制度规定的科目，不能停用；用不到的不用就行。", a.Shown())
	}
	used, err := sqldb.One(ctx, tx, sqldb.Int, `
		SELECT (SELECT count(*) FROM entries e JOIN books b ON b.tenant_id = e.tenant_id AND b.id = e.book_id WHERE e.tenant_id = $1 AND e.account = $2 AND b.system = $3)
			+ (SELECT count(*) FROM vouchers v JOIN books b ON b.tenant_id = v.tenant_id AND b.id = v.book_id WHERE v.tenant_id = $1 AND v.number IS NULL AND v.state <> 'discarded' AND b.system = $3 AND v.lines LIKE $4 ESCAPE '\')`,
		g.Tenant(), code, string(s), `%"account":"`+code+`"%`)
	if err != nil {
		return a, err
	}
	if used > 0 {
		return a, fault.ByRule(fault.Conflict, "F3.3", "“%s”已有分录或待办凭证在用，不能停用。", a.Shown())
	}
	id, err := sqldb.One(ctx, tx, sqldb.Text, `UPDATE own_accounts SET ended = $1, version = version + 1 WHERE tenant_id = $2 AND system = $3 AND code = $4 AND ended IS NULL RETURNING id`, string(at.Day()), g.Tenant(), string(s), code)
	if fault.Of(err).Kind == fault.NotFound {
		return a, fault.New(fault.Conflict, "这个科目刚刚已由他人停用，请刷新后再看。")
	}
	if err != nil {
		return a, err
	}
	return a, audit.Write(ctx, tx, g, id, deed{Did: "ended", System: string(s), Words: a.Shown()}, at, audit.Touched{Table: "own_accounts", ID: id})
}

// at is the address of the chart with one thing changed.
func (q ChartQuery) at(name, value string) string {
	v := url.Values{"system": {string(q.System)}}
	for k, s := range map[string]string{"class": string(q.Class), "scope": q.Scope, "q": q.Q} {
		if s != "" {
			v.Set(k, s)
		}
	}
	v.Set(name, value)
	return Home + "/accounts?" + v.Encode()
}
