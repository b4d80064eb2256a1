package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Template is a voucher kept to write others by (常用凭证).
type Template struct {
	ID      string       `json:"id"`
	Union   string       `json:"union"`
	System  books.System `json:"system"`
	Name    string       `json:"name"`
	Summary string       `json:"summary"`
	Lines   []books.Line `json:"lines"`
	By      string       `json:"by"`
	At      day.Instant  `json:"at"`
	union   string
}

const selectTemplates = `
	SELECT t.id, u.code, t.system, t.name, t.summary, t.lines, t.account_id, t.at, u.id
	FROM voucher_templates t
	JOIN unions u ON u.tenant_id = t.tenant_id AND u.id = t.union_id
	WHERE t.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = t.tenant_id AND r.above_id = $2 AND r.union_id = t.union_id)`

func scanTemplate(row sqldb.Row) (t Template, err error) {
	var lines string
	if err = row(&t.ID, &t.Union, &t.System, &t.Name, &t.Summary, &lines, &t.By, &t.At, &t.union); err != nil {
		return t, err
	}
	if err = json.Unmarshal([]byte(lines), &t.Lines); err != nil {
		err = fmt.Errorf("lines of template %s: %w", t.ID, err)
	}
	return t, err
}

// Templates lists a union's templates for an accounting system, by name.
func Templates(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, s books.System) ([]Template, error) {
	return sqldb.List(ctx, tx, scanTemplate, selectTemplates+` AND t.union_id = $3 AND t.system = $4 ORDER BY t.name, t.id`, g.Tenant(), g.Under(), union, string(s))
}

// FindTemplate returns a template within g's reach, or fault.NotFound.
func FindTemplate(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Template, error) {
	return sqldb.One(ctx, tx, scanTemplate, selectTemplates+` AND t.id = $3`, g.Tenant(), g.Under(), id)
}

// Keep makes a template of a voucher: its summary, accounts and tags, and the
// amounts if they are always the same. A name that the union uses already is
// fault.Conflict.
func Keep(ctx context.Context, tx *sqldb.Tx, g auth.Grant, voucher, name string, amounts bool, at day.Instant) (Template, error) {
	v, err := Find(ctx, tx, g, voucher)
	if err != nil {
		return Template{}, err
	}
	name = strings.TrimSpace(name)
	if n := len([]rune(name)); n == 0 || n > 40 {
		return Template{}, &fault.Error{Kind: fault.Invalid, Text: "请给常用凭证取一个名称。", Fields: map[string]string{"name": "名称：请用 1 到 40 个字"}}
	}
	t := Template{ID: sqldb.NewID(), Union: v.Union.Code, System: v.System, Name: name, Summary: v.Summary, Lines: copied(v, v.System), By: g.Account(), At: at, union: v.Union.ID}
	for i := range t.Lines {
		t.Lines[i].Party = "" // it may be a person's
		if !amounts {
			t.Lines[i].Debit, t.Lines[i].Credit = 0, 0
		}
	}
	lines, err := json.Marshal(t.Lines)
	if err != nil {
		return t, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO voucher_templates (tenant_id, id, union_id, system, name, summary, lines, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		g.Tenant(), t.ID, v.Union.ID, string(t.System), t.Name, t.Summary, string(lines), t.By, string(at))
	if fault.Of(err).Kind == fault.Conflict {
		return t, errors.Join(&fault.Error{Kind: fault.Conflict, Text: "已经有同名的常用凭证，请换一个名称。", Fields: map[string]string{"name": "名称：已经用过"}}, err)
	}
	if err != nil {
		return t, err
	}
	return t, audit.Write(ctx, tx, g, t.ID, deed{Did: "kept", Union: v.Union.Name, Words: t.Name}, at, audit.Touched{Table: "voucher_templates", ID: t.ID})
}

// Forget removes a template; one that is gone already is fault.NotFound.
func Forget(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Template, error) {
	t, err := FindTemplate(ctx, tx, g, id)
	if err != nil {
		return t, err
	}
	m := audit.Moves{}
	if err := m.Removed(ctx, tx, g.Tenant(), audit.Touched{Table: "voucher_templates", ID: id}); err != nil {
		return t, err
	}
	n, err := tx.Exec(ctx, `DELETE FROM voucher_templates WHERE tenant_id = $1 AND id = $2`, g.Tenant(), id)
	if err != nil {
		return t, err
	}
	if n == 0 {
		return t, fault.New(fault.Conflict, "这个常用凭证刚刚已由他人删除，请刷新后再看。")
	}
	return t, m.Write(ctx, tx, g, id, deed{Did: "forgotten", Words: t.Name}, at)
}
