package privacy

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"unionhall/commons/rulebook"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

const selectRecords = `SELECT p.id, p.kind, p.no, p.title, p.day, p.keep_until, p.body, p.account_id, p.at, p.version FROM privacy_records p WHERE p.tenant_id = $1`

func scanRecord(row sqldb.Row) (r Record, err error) {
	var body string
	if err := row(&r.ID, &r.Kind, &r.No, &r.Title, &r.Day, &r.Until, &body, &r.Account, &r.At, &r.Version); err != nil {
		return r, err
	}
	return r, json.Unmarshal([]byte(body), &r.Fields)
}

// Find returns a record of the office, or fault.NotFound.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Record, error) {
	return sqldb.One(ctx, tx, scanRecord, selectRecords+` AND p.id = $2`, g.Tenant(), id)
}

// List returns the records of a register, the latest first, before the one
// with the id before.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, kind, before string, limit int) ([]Record, error) {
	return sqldb.List(ctx, tx, scanRecord, selectRecords+` AND p.kind = $2 AND p.id < $3 ORDER BY p.id DESC LIMIT $4`, g.Tenant(), kind, cmp.Or(before, "~"), int64(limit))
}

// Count is how many records each register holds.
func Count(ctx context.Context, tx *sqldb.Tx, g auth.Grant) (map[string]int64, error) {
	type line struct {
		kind string
		n    int64
	}
	out := map[string]int64{}
	return out, sqldb.Each(ctx, tx, func(row sqldb.Row) (l line, err error) { return l, row(&l.kind, &l.n) }, func(l line) error {
		out[l.kind] = l.n
		return nil
	}, `SELECT p.kind, count(*) FROM privacy_records p WHERE p.tenant_id = $1 GROUP BY p.kind`, g.Tenant())
}

// Entry is what is written into a register.
type Entry struct {
	Kind   string            `json:"kind" doc:"台账"`
	Title  string            `json:"title" doc:"名称"`
	Day    day.Day           `json:"day" doc:"日期"`
	Fields map[string]string `json:"f" doc:"内容"`
}

const longest = 2000

// check asks for what the register must hold, and keeps nothing else.
//
// law: R1.65, R1.66, R1.68
func (e *Entry) check(today day.Day) error {
	reg, ok := RegisterOf(e.Kind)
	if !ok {
		return &fault.Error{Kind: fault.Invalid, Text: "请选择登记到哪一本台账。", Fields: map[string]string{"kind": "台账：请从列表中选择"}}
	}
	bad, kept := map[string]string{}, map[string]string{}
	e.Title = strings.TrimSpace(e.Title)
	if n := utf8.RuneCountInString(e.Title); n < 2 || n > 100 {
		bad["title"] = "名称：请写 2 到 100 个字"
	}
	if e.Day == "" || e.Day > today {
		bad["day"] = "日期：请填写，不能晚于今天"
	}
	for _, f := range reg.Fields {
		text := strings.TrimSpace(e.Fields[f.Name])
		_, err := day.Parse(text)
		switch {
		case text == "" && f.Required:
			bad["f."+f.Name] = f.Label + "：请填写"
		case utf8.RuneCountInString(text) > longest:
			bad["f."+f.Name] = fmt.Sprintf("%s：最多 %d 个字", f.Label, longest)
		case text != "" && len(f.Choices) > 0 && !slices.Contains(f.Choices, text):
			bad["f."+f.Name] = f.Label + "：请从列表中选择"
		case text != "" && f.Date && err != nil:
			bad["f."+f.Name] = f.Label + "：请按 2026-11-22 的样子填写"
		case text != "":
			kept[f.Name] = text
		}
	}
	e.Fields = kept
	if len(bad) > 0 {
		return &fault.Error{Kind: fault.Invalid, Rule: reg.Rule, Text: "登记的内容不全，请补齐后再提交。", Fields: bad}
	}
	return nil
}

// until is the last day on which a record must still be there.
func until(ctx context.Context, tx *sqldb.Tx, tenant int64, kind string, from day.Day) (day.Day, error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return "", err
	}
	reg, _ := RegisterOf(kind)
	years, err := book.Int(reg.Years, law.PlaceOf(tenant), from)
	return from.AddYears(years), err
}

// told is what the log tells of a record: names of fields, and what stood there
// before.
type told struct {
	Did    string               `json:"did"`
	Kind   string               `json:"kind"`
	No     int64                `json:"no"`
	Fields map[string][2]string `json:"fields,omitempty"`
}

// Add writes a record with the next number of its register.
//
// law: R1.65, R1.66, R1.68
func Add(ctx context.Context, tx *sqldb.Tx, g auth.Grant, e Entry, at day.Instant) (Record, error) {
	if err := e.check(at.Day()); err != nil {
		return Record{}, err
	}
	keep, err := until(ctx, tx, g.Tenant(), e.Kind, at.Day())
	if err != nil {
		return Record{}, err
	}
	no, err := sqldb.One(ctx, tx, sqldb.Int, `
		INSERT INTO counters (tenant_id, kind, scope, last) VALUES ($1, 'privacy', $2, 1)
		ON CONFLICT (tenant_id, kind, scope) DO UPDATE SET last = counters.last + 1 RETURNING last`, g.Tenant(), e.Kind)
	if err != nil {
		return Record{}, err
	}
	body, err := json.Marshal(e.Fields)
	if err != nil {
		return Record{}, err
	}
	r := Record{ID: sqldb.NewID(), Kind: e.Kind, No: no, Title: e.Title, Day: e.Day, Until: keep, Fields: e.Fields, Account: g.Account(), At: at, Version: 1}
	_, err = tx.Exec(ctx, `INSERT INTO privacy_records (tenant_id, id, kind, no, title, day, keep_until, body, account_id, at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1)`,
		g.Tenant(), r.ID, r.Kind, r.No, r.Title, string(r.Day), string(r.Until), string(body), r.Account, string(at))
	if err != nil {
		return r, err
	}
	return r, audit.Write(ctx, tx, g, r.ID, told{Did: "recorded", Kind: r.Kind, No: r.No}, at, audit.Touched{Table: "privacy_records", ID: r.ID})
}

// Amend writes an entry over a record, in the version that was read; what stood
// there stays in the log. Whoever was faster is fault.Conflict.
func Amend(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, e Entry, at day.Instant) (Record, error) {
	was, err := Find(ctx, tx, g, id)
	if err != nil {
		return was, err
	}
	if version == 0 {
		version = was.Version
	}
	if version != was.Version {
		return was, stale()
	}
	e.Kind = was.Kind
	if err := e.check(at.Day()); err != nil {
		return was, err
	}
	now := was
	now.Title, now.Day, now.Fields = e.Title, e.Day, e.Fields
	changed := was.difference(now)
	if len(changed) == 0 {
		return was, nil
	}
	keep, err := until(ctx, tx, g.Tenant(), e.Kind, at.Day())
	if err != nil {
		return was, err
	}
	now.Until = keep // the years begin again with the latest entry
	body, err := json.Marshal(e.Fields)
	if err != nil {
		return was, err
	}
	n, err := tx.Exec(ctx, `UPDATE privacy_records SET title = $1, day = $2, keep_until = $3, body = $4, version = version + 1 WHERE tenant_id = $5 AND id = $6 AND version = $7`,
		now.Title, string(now.Day), string(now.Until), string(body), g.Tenant(), id, version)
	if err != nil {
		return was, err
	}
	if n == 0 {
		return was, stale()
	}
	now.Version = version + 1
	return now, audit.Write(ctx, tx, g, id, told{Did: "amended", Kind: now.Kind, No: now.No, Fields: changed}, at, audit.Touched{Table: "privacy_records", ID: id})
}

func stale() error {
	return fault.New(fault.Conflict, "这条记录刚刚已由他人改过，请刷新后再改。")
}

// difference lists what an amendment changes, by the labels.
func (r Record) difference(now Record) map[string][2]string {
	out := map[string][2]string{}
	add := func(label, a, b string) {
		if a != b {
			out[label] = [2]string{a, b}
		}
	}
	add("名称", r.Title, now.Title)
	add("日期", string(r.Day), string(now.Day))
	reg, _ := RegisterOf(r.Kind)
	for _, f := range reg.Fields {
		add(f.Label, r.Fields[f.Name], now.Fields[f.Name])
	}
	return out
}
