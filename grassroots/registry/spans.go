package registry

import (
	"context"
	"slices"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// How a span began.
const (
	actFounded  = "founded"
	actImported = "imported"
	actRenamed  = "renamed"
	actMoved    = "moved"
	actMerged   = "merged"
	actClosed   = "closed"
)

func actLabel(act string) string {
	switch act {
	case actFounded:
		return "建会"
	case actImported:
		return "导入"
	case actRenamed:
		return "更名"
	case actMoved:
		return "改隶"
	case actMerged:
		return "并入"
	case actClosed:
		return "撤销"
	}
	return act
}

// Span is what a union was called and where it stood for a while: from the
// day From to the day before To; no To is today's. One that began by merging
// or closing says that the union was no more.
type Span struct {
	ID       string  `json:"id"`
	UnionID  string  `json:"union_id"`
	From     day.Day `json:"from"`
	To       day.Day `json:"to,omitempty"`
	Name     string  `json:"name"`
	Kind     Kind    `json:"kind"`
	ParentID string  `json:"parent_id,omitempty"`
	Act      string  `json:"act"` // founded, renamed, moved, merged, closed, imported
	Document string  `json:"document,omitempty"`
	Reason   string  `json:"reason,omitempty"`
	IntoID   string  `json:"into_id,omitempty"` // the union it was merged into
}

// Ends reports whether the span tells that the union was no more.
func (s Span) Ends() bool { return s.Act == actMerged || s.Act == actClosed }

// Covers reports whether the span tells of the day on.
func (s Span) Covers(on day.Day) bool { return s.From <= on && (s.To == "" || on < s.To) }

const spanColumns = `s.id, s.union_id, s.from_day, s.to_day, s.name, s.kind, s.parent_id, s.act, s.document, s.reason, s.into_id`

func scanSpan(row sqldb.Row) (s Span, err error) {
	err = row(&s.ID, &s.UnionID, &s.From, &s.To, &s.Name, &s.Kind, &s.ParentID, &s.Act, &s.Document, &s.Reason, &s.IntoID)
	return s, err
}

// spansOf lists the spans of a union that g was seen to reach, oldest first.
func spansOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string) ([]Span, error) {
	return sqldb.List(ctx, tx, scanSpan, `SELECT `+spanColumns+` FROM union_spans s WHERE s.tenant_id = $1 AND s.union_id = $2 ORDER BY s.from_day, s.id`, g.Tenant(), unionID)
}

// allSpans lists every span of the tenant: what the tree of a day is made of.
func allSpans(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]Span, error) {
	return sqldb.List(ctx, tx, scanSpan, `SELECT `+spanColumns+` FROM union_spans s WHERE s.tenant_id = $1 ORDER BY s.union_id, s.from_day, s.id`, tenant)
}

func insertSpan(ctx context.Context, tx *sqldb.Tx, g auth.Grant, s Span) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO union_spans (tenant_id, id, union_id, from_day, to_day, name, kind, parent_id, act, document, reason, into_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		g.Tenant(), s.ID, s.UnionID, s.From, s.To, s.Name, string(s.Kind), s.ParentID, s.Act, s.Document, s.Reason, s.IntoID)
	return err
}

// current is the span of today: the one without an end.
func current(spans []Span) (Span, bool) {
	i := slices.IndexFunc(spans, func(s Span) bool { return s.To == "" })
	if i < 0 {
		return Span{}, false
	}
	return spans[i], true
}

// turn ends the current span of u on the paper's day and begins the next, in
// which u is as it is given. The day may lie in the past, but not before the
// last change.
//
// law: ORG-05, ORG-06
func turn(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, u Union, act string, p Paper, intoID string) error {
	spans, err := spansOf(ctx, tx, g, u.ID)
	if err != nil {
		return err
	}
	last, ok := current(spans)
	if !ok {
		return fault.New(fault.Conflict, "%s的沿革已经终止，不能再办理变更。", u.Name)
	}
	if p.Day < last.From {
		return fieldFault("day", "生效日期不能早于上一次变动的日期 %s。", last.From)
	}
	if _, err := tx.Exec(ctx, `UPDATE union_spans SET to_day = $1 WHERE tenant_id = $2 AND id = $3 AND to_day IS NULL`, p.Day, g.Tenant(), last.ID); err != nil {
		return err
	}
	next := Span{ID: sqldb.NewID(), UnionID: u.ID, From: p.Day, Name: u.Name, Kind: u.Kind, ParentID: u.ParentID, Act: act, Document: p.Document, Reason: p.Reason, IntoID: intoID}
	if err := insertSpan(ctx, tx, g, next); err != nil {
		return err
	}
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "union_spans", ID: last.ID}, audit.Touched{Table: "union_spans", ID: next.ID})
}

// hang gives a union without any place one in the closure: itself, and what is
// above its parent.
func hang(ctx context.Context, tx *sqldb.Tx, tenant int64, id, parentID string) error {
	_, err := tx.Exec(ctx, `INSERT INTO union_reach (tenant_id, above_id, union_id, depth) VALUES ($1, $2, $2, 0)`, tenant, id)
	if err == nil && parentID != "" {
		_, err = tx.Exec(ctx, `
			INSERT INTO union_reach (tenant_id, above_id, union_id, depth)
			SELECT r.tenant_id, r.above_id, $1, r.depth + 1 FROM union_reach r WHERE r.tenant_id = $2 AND r.union_id = $3`, id, tenant, parentID)
	}
	return err
}

// rehang takes a union with all below it from what is above it and hangs it
// under another parent. The tree is held.
func rehang(ctx context.Context, tx *sqldb.Tx, tenant int64, id, parentID string) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM union_reach WHERE tenant_id = $1
			AND union_id IN (SELECT s.union_id FROM union_reach s WHERE s.tenant_id = $1 AND s.above_id = $2)
			AND above_id NOT IN (SELECT s.union_id FROM union_reach s WHERE s.tenant_id = $1 AND s.above_id = $2)`, tenant, id)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO union_reach (tenant_id, above_id, union_id, depth)
		SELECT a.tenant_id, a.above_id, s.union_id, a.depth + s.depth + 1
		FROM union_reach a
		JOIN union_reach s ON s.tenant_id = a.tenant_id AND s.above_id = $1
		WHERE a.tenant_id = $2 AND a.union_id = $3`, id, tenant, parentID)
	return err
}

// under reports whether a union stands below another, or is it.
func under(ctx context.Context, tx *sqldb.Tx, tenant int64, aboveID, id string) (bool, error) {
	n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM union_reach WHERE tenant_id = $1 AND above_id = $2 AND union_id = $3`, tenant, aboveID, id)
	return n > 0, err
}

// children lists the unions that stand directly under one today.
func children(ctx context.Context, tx *sqldb.Tx, tenant int64, id string) ([]Ref, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (r Ref, err error) { return r, row(&r.ID, &r.Code, &r.Name) },
		`SELECT u.id, u.code, u.name FROM unions u WHERE u.tenant_id = $1 AND u.parent_id = $2 AND u.state = 'standing' ORDER BY u.name_key, u.id`, tenant, id)
}

// Verify compares what is derived with its source: the closure with the
// parents, and each union with the last of its spans. The command verify asks.
func Verify(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]audit.Finding, error) {
	var out []audit.Finding
	parents := map[string]string{}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (u Union, err error) {
		return u, row(&u.ID, &u.Name, &u.Kind, &u.ParentID, &u.State)
	},
		func(u Union) error { parents[u.ID] = u.ParentID; return nil },
		`SELECT id, name, kind, parent_id, state FROM unions WHERE tenant_id = $1`, tenant)
	if err != nil {
		return nil, err
	}
	left := map[[2]string]int64{}
	for id := range parents {
		depth := int64(0)
		for above := id; above != "" && depth <= int64(len(parents)); above = parents[above] {
			left[[2]string{above, id}] = depth
			depth++
		}
	}
	type reach struct {
		above, id string
		depth     int64
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (r reach, err error) { return r, row(&r.above, &r.id, &r.depth) },
		func(r reach) error {
			if d, ok := left[[2]string{r.above, r.id}]; !ok || d != r.depth {
				out = append(out, audit.Finding{Where: "union_reach " + r.id, What: "管辖范围与隶属关系不符"})
			}
			delete(left, [2]string{r.above, r.id})
			return nil
		}, `SELECT above_id, union_id, depth FROM union_reach WHERE tenant_id = $1`, tenant)
	for pair := range left {
		out = append(out, audit.Finding{Where: "union_reach " + pair[1], What: "管辖范围缺少应有的上级"})
	}
	if err != nil {
		return out, err
	}
	odd, err := sqldb.List(ctx, tx, sqldb.Text, `
		SELECT u.id FROM unions u
		LEFT JOIN union_spans s ON s.tenant_id = u.tenant_id AND s.union_id = u.id AND s.to_day IS NULL
		WHERE u.tenant_id = $1 AND (s.id IS NULL OR s.name <> u.name OR s.kind <> u.kind OR coalesce(s.parent_id, '') <> coalesce(u.parent_id, '')
			OR CASE WHEN s.act IN ('merged', 'closed') THEN s.act ELSE 'standing' END <> u.state)
		ORDER BY u.id`, tenant)
	for _, id := range odd {
		out = append(out, audit.Finding{Where: "unions " + id, What: "工会的现状与沿革的最后一段不符"})
	}
	return out, err
}
