package rules

import (
	"context"
	"strings"
	"unicode/utf8"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
	"unionhall/law"
)

// SetForm sets the office's own value of a parameter, or confirms the one in
// force by writing it down as one's own.
type SetForm struct {
	ID       string  `json:"id" doc:"参数编号"`
	Value    string  `json:"value" doc:"值"`
	From     day.Day `json:"from" doc:"自何日起"`
	Document string  `json:"document" doc:"依据"`
	Version  int64   `json:"version" doc:"版本"`
}

// check returns the parameter with the value to be set, or fault.Invalid.
func (f SetForm) check() (law.Param, error) {
	values := law.Shipped.Values(f.ID)
	if len(values) == 0 {
		return law.Param{}, fault.New(fault.NotFound, "没有这个参数，请从参数表里选。")
	}
	p := values[len(values)-1]
	p.Value = strings.NewReplacer("，", ",", "、", ",", " ", "").Replace(zh.Squeeze(f.Value))
	fields := map[string]string{}
	if err := p.Check(); err != nil {
		if fault.Of(err).Kind != fault.Invalid {
			return p, err
		}
		fields["value"] = fault.Of(err).Text
	}
	if f.From == "" {
		fields["from"] = "自何日起：请填生效的日期"
	}
	if n := utf8.RuneCountInString(f.Document); n < 2 || n > 100 {
		fields["document"] = "依据：请写文号或名称，2 至 100 个字"
	}
	if len(fields) > 0 {
		return p, &fault.Error{Kind: fault.Invalid, Rule: p.Rule, Text: "参数没有保存，请按提示改正。", Fields: fields}
	}
	return p, nil
}

// Done is a parameter that was just changed.
type Done struct {
	ID      string  `json:"id"`
	Value   string  `json:"value,omitempty"`
	From    day.Day `json:"from"`
	To      day.Day `json:"to,omitempty"`
	Version int64   `json:"version"`
	said    string
}

func (d Done) Place() string { return "/law/params/" + d.ID }
func (d Done) Said() string  { return d.said }

// version counts how often the office changed a parameter: the head that
// whoever changes it queues at.
func version(ctx context.Context, tx *sqldb.Tx, tenant int64, id string) (int64, error) {
	n, err := sqldb.List(ctx, tx, sqldb.Int, `SELECT last FROM counters WHERE tenant_id = $1 AND kind = 'param' AND scope = $2`, tenant, id)
	if err != nil || len(n) == 0 {
		return 0, err
	}
	return n[0], nil
}

// advance moves the head on from the version that was read; whoever was
// faster makes it fault.Conflict that names them.
func (m *Room) advance(ctx context.Context, tx *sqldb.Tx, g auth.Grant, p law.Param, seen int64) error {
	_, err := tx.Exec(ctx, `INSERT INTO counters (tenant_id, kind, scope, last) VALUES ($1, 'param', $2, 0) ON CONFLICT (tenant_id, kind, scope) DO NOTHING`, g.Tenant(), p.ID)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE counters SET last = last + 1 WHERE tenant_id = $1 AND kind = 'param' AND scope = $2 AND last = $3`, g.Tenant(), p.ID, seen)
	if err != nil || n == 1 {
		return err
	}
	last, err := audit.Last(ctx, tx, g, p.ID)
	if fault.Of(err).Kind == fault.NotFound {
		return fault.New(fault.Conflict, "「%s」的版本不对，请刷新后再改。", p.Name)
	} else if err != nil {
		return err
	}
	names, err := m.Names(ctx, tx, g.Tenant(), []string{last.Account})
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "「%s」已由%s于 %s 改过，请刷新后再改。", p.Name, names[last.Account], last.At.Local())
}

// ownRow is one row of the office's own values.
type ownRow struct {
	id       string
	from, to day.Day
}

// void reports whether the row was replaced before it came into force.
func (o ownRow) void() bool { return o.to != "" && o.to < o.from }

func ownRows(ctx context.Context, tx *sqldb.Tx, tenant int64, id string) ([]ownRow, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (o ownRow, err error) { return o, row(&o.id, &o.from, &o.to) },
		`SELECT id, from_day, to_day FROM own_params WHERE tenant_id = $1 AND param = $2 ORDER BY from_day, at, id`, tenant, id)
}

// end lets rows that hold on or, with later, after the day from end the day
// before it: nothing is overwritten, and a row that was to begin by then never
// comes into force. It returns the first day that a remaining row begins.
func end(ctx context.Context, tx *sqldb.Tx, m audit.Moves, tenant int64, rows []ownRow, from day.Day, later bool) (next day.Day, n int, err error) {
	for _, o := range rows {
		switch {
		case o.void() || o.to != "" && o.to < from:
			continue
		case o.from > from && !later:
			if next == "" {
				next = o.from
			}
			continue
		}
		last := max(from, o.from).AddDays(-1)
		if _, err := tx.Exec(ctx, `UPDATE own_params SET to_day = $1 WHERE tenant_id = $2 AND id = $3`, last, tenant, o.id); err != nil {
			return next, n, err
		}
		if err := m.Touch(ctx, tx, tenant, audit.Touched{Table: "own_params", ID: o.id}); err != nil {
			return next, n, err
		}
		n++
	}
	return next, n, nil
}

// Set writes the office's own value from a day on, on the version that was
// read. The value that held until then ends the day before; one that is to
// begin later stays and ends this one.
func (m *Room) Set(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in SetForm, at day.Instant) (Done, error) {
	p, err := in.check()
	if err != nil {
		return Done{}, err
	}
	if err := m.advance(ctx, tx, g, p, in.Version); err != nil {
		return Done{}, err
	}
	rows, err := ownRows(ctx, tx, g.Tenant(), p.ID)
	if err != nil {
		return Done{}, err
	}
	moves := audit.Moves{}
	next, _, err := end(ctx, tx, moves, g.Tenant(), rows, in.From, false)
	if err != nil {
		return Done{}, err
	}
	d := Done{ID: p.ID, Value: p.Value, From: in.From, To: next.AddDays(-1), Version: in.Version + 1, said: "「" + p.Name + "」自 " + string(in.From) + " 起为 " + p.Shown() + "。"}
	id := sqldb.NewID()
	_, err = tx.Exec(ctx, `
		INSERT INTO own_params (tenant_id, id, param, value, from_day, to_day, document, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		g.Tenant(), id, p.ID, p.Value, in.From, d.To, in.Document, g.Account(), string(at))
	if err != nil {
		return Done{}, err
	}
	if err := moves.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "own_params", ID: id}); err != nil {
		return Done{}, err
	}
	return d, moves.Write(ctx, tx, g, p.ID, map[string]any{"value": p.Value, "from": in.From, "to": d.To, "document": in.Document}, at)
}

// DropForm goes back to what the regulations say.
type DropForm struct {
	ID      string  `json:"id" doc:"参数编号"`
	From    day.Day `json:"from" doc:"自何日起"`
	Version int64   `json:"version" doc:"版本"`
}

// Drop ends the office's own values from a day on, also those that were to
// begin later. Without any it is fault.Conflict.
func (m *Room) Drop(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in DropForm, at day.Instant) (Done, error) {
	values := law.Shipped.Values(in.ID)
	if len(values) == 0 {
		return Done{}, fault.New(fault.NotFound, "没有这个参数，请从参数表里选。")
	}
	if in.From == "" {
		return Done{}, &fault.Error{Kind: fault.Invalid, Text: "没有改动，请按提示改正。", Fields: map[string]string{"from": "自何日起：请填日期"}}
	}
	p := values[len(values)-1]
	if err := m.advance(ctx, tx, g, p, in.Version); err != nil {
		return Done{}, err
	}
	rows, err := ownRows(ctx, tx, g.Tenant(), in.ID)
	if err != nil {
		return Done{}, err
	}
	moves := audit.Moves{}
	_, n, err := end(ctx, tx, moves, g.Tenant(), rows, in.From, true)
	if err != nil {
		return Done{}, err
	}
	if n == 0 {
		return Done{}, fault.New(fault.Conflict, "「%s」在这一天没有本单位的值，不用改。", p.Name)
	}
	d := Done{ID: in.ID, From: in.From, Version: in.Version + 1, said: "自 " + string(in.From) + " 起不再用本单位的值，按上级规定执行。"}
	return d, moves.Write(ctx, tx, g, in.ID, map[string]any{"dropped_from": in.From}, at)
}
