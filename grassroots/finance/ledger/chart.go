package ledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Accounts is a chart with what an office added to it.
type Accounts struct {
	System books.System
	own    map[string]books.Account
}

// ChartOf returns the chart of a system with the office's own details.
//
// law: F3.3
func ChartOf(ctx context.Context, tx *sqldb.Tx, tenant int64, s books.System) (Accounts, error) {
	a := Accounts{System: s, own: map[string]books.Account{}}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (v [3]string, err error) { return v, row(&v[0], &v[1], &v[2]) }, func(v [3]string) error {
		up, ok := a.Find(v[2])
		if !ok {
			return fmt.Errorf("own account %s: parent %s is unknown", v[0], v[2])
		}
		up.Leaf = false
		a.own[up.Code] = up
		a.own[v[0]] = books.Account{System: s, Code: v[0], Name: v[1], Parent: v[2], Level: up.Level + 1, Class: up.Class, Side: up.Side, Used: up.Used, Leaf: true, Confidence: up.Confidence, Source: up.Source}
		return nil
	}, `SELECT code, name, parent FROM own_accounts WHERE tenant_id = $1 AND system = $2 AND ended IS NULL ORDER BY code`, tenant, string(s))
	return a, err
}

// Find returns the account with a code.
func (a Accounts) Find(code string) (books.Account, bool) {
	if o, ok := a.own[code]; ok {
		return o, true
	}
	return books.Find(a.System, code)
}

// All lists the chart in the order of codes.
func (a Accounts) All() (out []books.Account) {
	for _, c := range books.Chart(a.System) {
		if _, own := a.own[c.Code]; !own {
			out = append(out, c)
		}
	}
	for _, o := range a.own {
		out = append(out, o)
	}
	slices.SortFunc(out, func(x, y books.Account) int { return strings.Compare(x.Code, y.Code) })
	return out
}

// Name is the account as vouchers show it: never the code alone.
//
// law: F3.3
func (a Accounts) Name(code string) string {
	acc, ok := a.Find(code)
	if !ok {
		return code
	}
	name := acc.Name
	for acc.Parent != "" {
		if acc, ok = a.Find(acc.Parent); !ok {
			break
		}
		name = acc.Name + "—" + name
	}
	return name
}

// Detailing asks for an account of the office's own.
type Detailing struct {
	System   books.System `json:"system" doc:"会计制度"`
	Parent   string       `json:"parent" doc:"上级科目"`
	Name     string       `json:"name" doc:"明细科目名称"`
	Document string       `json:"document" doc:"批准文号"`
}

// AddDetail adds an account below one that may have further details: never a
// first-level account, nor one beside the stated details.
//
// law: F3.3
func AddDetail(ctx context.Context, tx *sqldb.Tx, g auth.Grant, d Detailing, at day.Instant) (books.Account, error) {
	chart, err := ChartOf(ctx, tx, g.Tenant(), d.System)
	if err != nil {
		return books.Account{}, err
	}
	d.Name, d.Document = strings.TrimSpace(d.Name), strings.TrimSpace(d.Document)
	up, known := chart.Find(d.Parent)
	fields := map[string]string{}
	switch {
	case !known:
		fields["parent"] = "上级科目：没有这个科目，请从列表中选择"
	case !chart.open(up.Code):
		fields["parent"] = "上级科目：制度规定了“" + up.Name + "”的明细，不得增设、合并或改名"
	}
	if n := len([]rune(d.Name)); n == 0 || n > 40 {
		fields["name"] = "明细科目名称：请用 1 到 40 个字"
	}
	if n := len([]rune(d.Document)); n == 0 || n > 100 {
		fields["document"] = "批准文号：请填写省级工会或其授权的工会批准增设的文号"
	}
	if len(fields) > 0 {
		return up, &fault.Error{Kind: fault.Invalid, Rule: "F3.3", Text: "不能这样增设科目，请按提示改正。", Fields: fields}
	}
	last, err := lastDetail(ctx, tx, g.Tenant(), d.System, up.Code)
	if err != nil {
		return up, err
	}
	for _, a := range chart.All() {
		if a.Parent == up.Code {
			if a.Name == d.Name {
				return a, &fault.Error{Kind: fault.Conflict, Rule: "F3.3", Text: "已经有同名的明细科目。", Fields: map[string]string{"name": "明细科目名称：已经有 " + a.Code + " " + a.Name}}
			}
			n, _ := strconv.Atoi(a.Code[len(up.Code):])
			last = max(last, n)
		}
	}
	code := fmt.Sprintf("%s%02d", up.Code, last+1)
	id := sqldb.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO own_accounts (tenant_id, id, system, code, name, parent, document, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 1)`,
		g.Tenant(), id, string(d.System), code, d.Name, up.Code, d.Document)
	if fault.Of(err).Kind == fault.Conflict {
		return up, errors.Join(fault.New(fault.Conflict, "刚刚有人增设了同一个科目，请刷新后再看。"), err)
	}
	if err != nil {
		return up, err
	}
	chart.own[code] = books.Account{System: d.System, Code: code, Name: d.Name, Parent: up.Code, Level: up.Level + 1, Class: up.Class, Side: up.Side, Leaf: true}
	return chart.own[code], audit.Write(ctx, tx, g, id, deed{Did: "added", System: string(d.System), Words: code + " " + d.Name}, at, audit.Touched{Table: "own_accounts", ID: id})
}

// open reports whether a union may keep details of its own below an account,
// whether it has some already or not.
//
// law: F3.3
func (a Accounts) open(code string) bool {
	stated, ok := books.Find(a.System, code)
	return ok && stated.Open()
}

// lastDetail is the highest number that an account's details of the office's
// own ever had; that of an ended one is not given again.
func lastDetail(ctx context.Context, tx *sqldb.Tx, tenant int64, s books.System, parent string) (last int, err error) {
	err = sqldb.Each(ctx, tx, sqldb.Text, func(code string) error {
		n, err := strconv.Atoi(strings.TrimPrefix(code, parent))
		last = max(last, n)
		return err
	}, `SELECT code FROM own_accounts WHERE tenant_id = $1 AND system = $2 AND parent = $3`, tenant, string(s), parent)
	return last, err
}

// monthName is 2026 年 3 月, or 2026 年年初 of month 0.
func monthName(year, month int) string {
	if month == 0 {
		return yearText(year) + " 年年初余额"
	}
	return fmt.Sprintf("%d 年 %d 月", year, month)
}

func yearText(year int) string { return strconv.Itoa(year) }

func dayOf(d day.Day) int {
	n, _ := strconv.Atoi(string(d)[8:])
	return n
}
