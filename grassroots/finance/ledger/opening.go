package ledger

import (
	"context"
	"errors"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Opens asks for a union's books of a year.
type Opens struct {
	Union  string       `json:"union" doc:"工会"`
	Year   int          `json:"year" doc:"年度"`
	System books.System `json:"system" doc:"会计制度"`
	Level  string       `json:"level" doc:"科目范围"`
}

// earliestYear is the first for which we know an accounting system.
const earliestYear = 2010

// check refuses a year or a system that the calendar does not know.
//
// law: F0.1, F3.1
func (o *Opens) check(u registry.Union, today day.Day) error {
	fields := map[string]string{}
	if o.Year < earliestYear || o.Year > today.Year()+1 {
		fields["year"] = "年度：只能建立 2010 年到明年的账套"
	}
	due := books.SystemOn(day.Day(yearText(o.Year) + "-01-01"))
	if o.System == "" {
		o.System = due
	}
	rule := "F3.1"
	if o.System != due && fields["year"] == "" {
		fields["system"], rule = "会计制度："+yearText(o.Year)+" 年应当执行"+due.Label(), "F0.1"
	}
	switch o.Level {
	case "":
		o.Level = "county"
		if u.ParentID != "" {
			o.Level = "grassroots"
		}
	case "county", "grassroots":
	default:
		fields["level"] = "科目范围：请从列表中选择"
	}
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Rule: rule, Text: "请按提示改正后再提交。", Fields: fields}
}

// Start opens the books of a union for a year, with its months. A year that is
// open already is fault.Conflict.
//
// law: F3.1, F0.1
func Start(ctx context.Context, tx *sqldb.Tx, g auth.Grant, o Opens, at day.Instant) (Book, error) {
	u, err := Union(ctx, tx, g, o.Union)
	if err != nil {
		return Book{}, err
	}
	if err := o.check(u, at.Day()); err != nil {
		return Book{}, err
	}
	b := Book{ID: sqldb.NewID(), Union: u.Ref(), Year: o.Year, System: o.System, Level: o.Level, State: Running, Opened: at, By: g.Account(), Version: 1}
	_, err = tx.Exec(ctx, `INSERT INTO books (tenant_id, id, union_id, year, system, level, state, opened, account_id, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)`,
		g.Tenant(), b.ID, u.ID, int64(b.Year), string(b.System), b.Level, string(b.State), string(at), b.By)
	if fault.Of(err).Kind == fault.Conflict {
		return b, errors.Join(fault.ByRule(fault.Conflict, "F3.1", "%s的 %d 年账套已经建立。", u.Name, b.Year), err)
	}
	if err != nil {
		return b, err
	}
	months := make([][]any, 13)
	for i := range months {
		months[i] = []any{g.Tenant(), b.ID, int64(i), "open", int64(0)}
	}
	if err := tx.Insert(ctx, "book_months", "tenant_id, book_id, month, state, last", months); err != nil {
		return b, err
	}
	return b, audit.Write(ctx, tx, g, b.ID, deed{Did: "opened", Union: u.Name, Year: b.Year, System: string(b.System)}, at, audit.Touched{Table: "books", ID: b.ID})
}

// deed is what the log tells of the books.
type deed struct {
	Did     string   `json:"did"`
	Union   string   `json:"union,omitempty"`
	Year    int      `json:"year,omitempty"`
	Month   int      `json:"month,omitempty"`
	System  string   `json:"system,omitempty"`
	Voucher string   `json:"voucher,omitempty"`
	Total   string   `json:"total,omitempty"`
	Words   string   `json:"words,omitempty"`
	Rows    []string `json:"rows,omitempty"`
}

// enter queues at a month of a book that must be open, and takes the next
// number of it. A closed month is fault.Conflict.
//
// law: F3.16, F3.19
func enter(ctx context.Context, tx *sqldb.Tx, tenant int64, book string, year, month int) (int64, error) {
	n, err := sqldb.One(ctx, tx, sqldb.Int, `
		UPDATE book_months SET last = last + 1 WHERE tenant_id = $1 AND book_id = $2 AND month = $3 AND state = 'open' RETURNING last`, tenant, book, int64(month))
	if fault.Of(err).Kind == fault.NotFound {
		return 0, ClosedMonth(year, month)
	}
	return n, err
}

// ClosedMonth is the refusal of whatever would change a closed month.
//
// law: F3.16, F3.17
func ClosedMonth(year, month int) error {
	what := monthName(year, month)
	return &fault.Error{Kind: fault.Conflict, Rule: "F3.16", Text: what + "已经结账，不能再记账。更正请在未结账的月份填制红字或更正凭证；确需补记的，由会计申请、工会主席同意后重新开账。",
		Fields: map[string]string{"date": "日期：" + what + "已经结账"}}
}
