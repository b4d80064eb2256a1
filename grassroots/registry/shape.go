package registry

import (
	"context"
	"fmt"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// Members tells how many people hang on a union and hands them over. Package
// member satisfies it and the hall hands it in.
type Members interface {
	// Count returns how many memberships of the union itself go on, those that
	// are only kept or applied for included.
	Count(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string) (int64, error)
	// HandOver moves all of them from one union to another, each with its
	// event, and writes the log of it.
	HandOver(ctx context.Context, tx *sqldb.Tx, g auth.Grant, from, to Ref, document string, at day.Instant) error
}

// begin takes hold of the tree and of the union that an act is about, on the
// version that was read.
func begin(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64) (Union, error) {
	if err := holdTree(ctx, tx, g.Tenant()); err != nil {
		return Union{}, err
	}
	u, err := Hold(ctx, tx, g, id)
	if err == nil && u.Version != version {
		err = stale(ctx, tx, g, id, u.Name)
	}
	return u, err
}

// Naming is what Rename changes; no kind leaves it as it is.
type Naming struct {
	Name      string `json:"name" doc:"新名称"`
	ShortName string `json:"short_name" doc:"简称"`
	Kind      Kind   `json:"kind" doc:"组织类别"`
}

// Rename gives a union another name or makes it another kind, from the paper's
// day on.
func Rename(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, to Naming, p Paper, at day.Instant) (Union, error) {
	if err := p.check(at.Day(), true); err != nil {
		return Union{}, err
	}
	u, err := begin(ctx, tx, g, id, version)
	if err != nil {
		return u, err
	}
	was := u
	u.Name, u.ShortName = to.Name, to.ShortName
	if to.Kind != "" && to.Kind != u.Kind {
		if err := rekind(ctx, tx, g, u, to.Kind); err != nil {
			return u, err
		}
		u.Kind = to.Kind
	}
	u.tidy()
	if u.Name == was.Name && u.Kind == was.Kind && u.ShortName == was.ShortName {
		return u, fieldFault("name", "名称和类别都没有变，不必办理更名。")
	}
	if _, err := u.check(ctx, tx, g, was, at.Day()); err != nil {
		return u, err
	}
	m := audit.Moves{}
	if err := turn(ctx, tx, g, m, u, actRenamed, p, ""); err != nil {
		return u, err
	}
	if err := update(ctx, tx, g, m, u); err != nil {
		return u, err
	}
	u.Version++
	d := Deed{Act: actRenamed, Day: p.Day, Document: p.Document, Reason: p.Reason, Was: was.Name, Now: u.Name}
	if u.Kind != was.Kind {
		d.Was, d.Now = was.Name+"（"+was.Kind.Label()+"）", u.Name+"（"+u.Kind.Label()+"）"
	}
	return u, m.Write(ctx, tx, g, id, d, at)
}

// rekind refuses a kind that fits neither what is above u nor what is below.
func rekind(ctx context.Context, tx *sqldb.Tx, g auth.Grant, u Union, k Kind) error {
	near, err := sqldb.List(ctx, tx, scanUnion, `SELECT `+unionColumns+` FROM unions u
		WHERE u.tenant_id = $1 AND u.state = 'standing' AND (u.id = $2 OR u.parent_id = $3)`, g.Tenant(), u.ParentID, u.ID)
	if err != nil {
		return err
	}
	for _, n := range near {
		if n.ID == u.ParentID {
			if err := fits(n, k); err != nil {
				return err
			}
			continue
		}
		if err := fits(Union{Name: u.Name, Kind: k}, n.Kind); err != nil {
			return fieldFault("kind", "下级有%s“%s”，不能改为%s。请先把它改隶。", n.Kind.Label(), n.Name, k.Label())
		}
	}
	return nil
}

// Move puts a union with all below it under another parent from the paper's
// day on. Both must be within g's reach. A parent below the union itself, now
// or on any day since then, is refused.
//
// law: ORG-06
func Move(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, parentID string, p Paper, at day.Instant) (Union, error) {
	if err := p.check(at.Day(), true); err != nil {
		return Union{}, err
	}
	u, err := begin(ctx, tx, g, id, version)
	if err != nil {
		return u, err
	}
	if u.ParentID == "" {
		return u, fault.New(fault.Invalid, "%s是最上级的工会，不能改隶。", u.Name)
	}
	above, err := Hold(ctx, tx, g, parentID)
	if err != nil {
		return u, fmt.Errorf("parent %s: %w", parentID, err)
	}
	if above.ID == u.ParentID {
		return u, fieldFault("parent", "%s现在就隶属于%s，请改选别的上级。", u.Name, above.Name)
	}
	if err := fits(above, u.Kind); err != nil {
		return u, err
	}
	if err := noCycle(ctx, tx, g, u, above, p.Day); err != nil {
		return u, err
	}
	was, err := Find(ctx, tx, g, u.ParentID)
	if err != nil && fault.Of(err).Kind != fault.NotFound {
		return u, err
	}
	u.ParentID = above.ID
	if err := u.unique(ctx, tx, g, u); err != nil {
		return u, err
	}
	m := audit.Moves{}
	if err := turn(ctx, tx, g, m, u, actMoved, p, ""); err != nil {
		return u, err
	}
	if err := update(ctx, tx, g, m, u); err != nil {
		return u, err
	}
	if err := rehang(ctx, tx, g.Tenant(), u.ID, above.ID); err != nil {
		return u, err
	}
	u.Version++
	return u, m.Write(ctx, tx, g, id, Deed{Act: actMoved, Day: p.Day, Document: p.Document, Reason: p.Reason, Was: was.Name, Now: above.Name}, at)
}

// noCycle refuses a parent that stands below u today, or stood there on a day
// since from, so that no day of the past shows a ring either.
//
// law: ORG-06
func noCycle(ctx context.Context, tx *sqldb.Tx, g auth.Grant, u, above Union, from day.Day) error {
	below, err := under(ctx, tx, g.Tenant(), u.ID, above.ID)
	if err != nil {
		return err
	}
	if below {
		return &fault.Error{Kind: fault.Invalid, Rule: "ORG-06", Text: "不能把工会移到自己或自己的下级之下。", Fields: map[string]string{"parent": "新的上级：" + above.Name + "是" + u.Name + "的下级，请改选"}}
	}
	spans, err := allSpans(ctx, tx, g.Tenant())
	if err != nil {
		return err
	}
	if last := lastBelow(spans, u.ID, above.ID, from); last != "" {
		return &fault.Error{Kind: fault.Invalid, Rule: "ORG-06", Text: "生效日期太早。",
			Fields: map[string]string{"day": fmt.Sprintf("生效日期：%s到 %s 为止还在%s之下，请填这一天或以后的日期", above.Name, last, u.Name)}}
	}
	return nil
}

// lastBelow returns the last day on which a path led from the union id up to
// topID over spans that were in force at or after from; none: there was none.
// It may see a path that no single day had, and then asks for a later day.
func lastBelow(spans []Span, topID, id string, from day.Day) day.Day {
	up := map[string][]Span{}
	for _, s := range spans {
		if s.ParentID != "" && !s.Ends() && (s.To == "" || s.To > from) {
			up[s.UnionID] = append(up[s.UnionID], s)
		}
	}
	const open = day.Day("9999-12-31")
	until := map[string]day.Day{id: open}
	for queue := []string{id}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		for _, s := range up[at] {
			end := until[at]
			if s.To != "" && s.To < end {
				end = s.To
			}
			if end > until[s.ParentID] {
				until[s.ParentID] = end
				queue = append(queue, s.ParentID)
			}
		}
	}
	return until[topID]
}

// Merge lets a union go up in another on the paper's day: its members are
// handed over, its bodies end, and its history names the successor. One with
// unions below it must let them go first.
//
// law: ORG-05
func Merge(ctx context.Context, tx *sqldb.Tx, g auth.Grant, people Members, id string, version int64, intoID string, p Paper, at day.Instant) (Union, int64, error) {
	if err := p.check(at.Day(), true); err != nil {
		return Union{}, 0, err
	}
	u, err := begin(ctx, tx, g, id, version)
	if err != nil {
		return u, 0, err
	}
	if intoID == u.ID {
		return u, 0, fieldFault("into", "并入的工会不能是它自己，请改选。")
	}
	into, err := Hold(ctx, tx, g, intoID)
	if err != nil {
		return u, 0, fmt.Errorf("into %s: %w", intoID, err)
	}
	if err := mayEnd(ctx, tx, g, u, p.Day); err != nil {
		return u, 0, err
	}
	n, err := people.Count(ctx, tx, g, u.ID)
	if err != nil {
		return u, 0, err
	}
	if n > 0 {
		if err := people.HandOver(ctx, tx, g, u.Ref(), into.Ref(), p.Document, at); err != nil {
			return u, 0, fmt.Errorf("members of %s: %w", u.ID, err)
		}
	}
	d := Deed{Act: actMerged, Day: p.Day, Document: p.Document, Reason: p.Reason, Was: u.Name, Now: into.Name, People: n}
	u, err = end(ctx, tx, g, u, Merged, actMerged, into.ID, p, d, at)
	if err != nil {
		return u, 0, err
	}
	d.Act = "received"
	return u, n, audit.Write(ctx, tx, g, into.ID, d, at)
}

// Close ends a union (撤销) on the paper's day. It must have no counted member
// and no union below it; memberships that are only kept go to its parent.
//
// law: ORG-05, MEM-17
func Close(ctx context.Context, tx *sqldb.Tx, g auth.Grant, people Members, id string, version int64, p Paper, at day.Instant) (Union, error) {
	if err := p.check(at.Day(), true); err != nil {
		return Union{}, err
	}
	u, err := begin(ctx, tx, g, id, version)
	if err != nil {
		return u, err
	}
	if u.ParentID == "" {
		return u, fault.New(fault.Invalid, "%s是最上级的工会，不能在这里撤销。", u.Name)
	}
	if err := mayEnd(ctx, tx, g, u, p.Day); err != nil {
		return u, err
	}
	f, err := FiguresOf(ctx, tx, g, u.ID)
	if err != nil {
		return u, err
	}
	if f.Own > 0 {
		return u, fault.ByRule(fault.Invalid, "ORG-05", "%s还有 %d 名在册会员，不能撤销。请先为他们办理会籍转接或保留会籍，或改办并入另一家工会。", u.Name, f.Own)
	}
	kept, err := people.Count(ctx, tx, g, u.ID)
	if err != nil {
		return u, err
	}
	if kept > 0 {
		above, err := Find(ctx, tx, g, u.ParentID)
		if err != nil {
			return u, err
		}
		if err := people.HandOver(ctx, tx, g, u.Ref(), above.Ref(), p.Document, at); err != nil {
			return u, fmt.Errorf("members of %s: %w", u.ID, err)
		}
	}
	d := Deed{Act: actClosed, Day: p.Day, Document: p.Document, Reason: p.Reason, Was: u.Name, People: kept}
	return end(ctx, tx, g, u, Closed, actClosed, "", p, d, at)
}

// mayEnd refuses to end a union that others stand under, or stood under on a
// day after the last.
func mayEnd(ctx context.Context, tx *sqldb.Tx, g auth.Grant, u Union, last day.Day) error {
	below, err := children(ctx, tx, g.Tenant(), u.ID)
	if err != nil {
		return err
	}
	if len(below) > 0 {
		var some []string
		for _, c := range below[:min(3, len(below))] {
			some = append(some, c.Name)
		}
		return fault.ByRule(fault.Invalid, "ORG-05", "%s还有 %d 个下级工会（%s%s）。请先把它们改隶、合并或撤销。",
			u.Name, len(below), strings.Join(some, "、"), map[bool]string{true: "等"}[len(below) > 3])
	}
	until, err := sqldb.One(ctx, tx, sqldb.Text, `SELECT max(to_day) FROM union_spans WHERE tenant_id = $1 AND parent_id = $2`, g.Tenant(), u.ID)
	if err == nil && day.Day(until) > last {
		err = fieldFault("day", "生效日期：到 %s 为止还有下级工会，请填这一天或以后的日期", until)
	}
	return err
}

// end writes a union's last span and ends who sits in its bodies.
func end(ctx context.Context, tx *sqldb.Tx, g auth.Grant, u Union, s State, act, intoID string, p Paper, d Deed, at day.Instant) (Union, error) {
	m := audit.Moves{}
	bodies, err := bodiesOf(ctx, tx, g, u.ID)
	if err != nil {
		return u, err
	}
	for _, b := range bodies {
		if !b.Open() {
			continue
		}
		if p.Day < b.Elected {
			return u, fieldFault("day", "生效日期不能早于%s第%d届的选举日期 %s。", b.Kind.Label(), b.Nth, b.Elected)
		}
		if _, err := endBody(ctx, tx, g, m, b, p.Day, Dissolved, p.Document); err != nil {
			return u, err
		}
	}
	u.State, u.Closed = s, p.Day
	if err := turn(ctx, tx, g, m, u, act, p, intoID); err != nil {
		return u, err
	}
	if err := update(ctx, tx, g, m, u); err != nil {
		return u, err
	}
	u.Version++
	return u, m.Write(ctx, tx, g, u.ID, d, at)
}
