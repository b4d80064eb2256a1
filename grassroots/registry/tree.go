package registry

import (
	"cmp"
	"context"
	"slices"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

// Node is a union in the tree of a day.
type Node struct {
	UnionID  string `json:"union_id"`
	Code     string `json:"code"`
	Name     string `json:"name"` // as it was called that day
	Kind     Kind   `json:"kind"`
	ParentID string `json:"parent_id,omitempty"` // none at the top
	Depth    int    `json:"depth"`
	Absent   bool   `json:"absent"`          // the registry knows it from a later day only
	Members  int64  `json:"members"`         // with all below it; counted for today alone
	Since    string `json:"since,omitempty"` // what is new against another day, see Diff
	key      string
}

// AsOf returns the tree under the top of g's reach as it stood on a day, each
// union before those below it, siblings by name. Who stands in today's reach
// sees what stood under its top that day. A union that the registry knows from
// a later day only is shown, Absent, where others stood under it; the top
// always is.
//
// law: ORG-06
func AsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, on day.Day) ([]Node, error) {
	all, err := sqldb.List(ctx, tx, func(row sqldb.Row) (k known, err error) {
		s := &k.span
		err = row(&s.ID, &s.UnionID, &s.From, &s.To, &s.Name, &s.Kind, &s.ParentID, &s.Act, &s.Document, &s.Reason, &s.IntoID, &k.code, &k.name, &k.key)
		return k, err
	}, `SELECT `+spanColumns+`, u.code, u.name, u.name_key
		FROM union_spans s
		JOIN unions u ON u.tenant_id = s.tenant_id AND u.id = s.union_id
		WHERE s.tenant_id = $1 ORDER BY s.union_id, s.from_day, s.id`, g.Tenant())
	if err != nil {
		return nil, err
	}
	return grow(all, g.Under(), on), nil
}

// known is a span with what its union is today.
type known struct {
	span            Span
	code, name, key string
}

// grow builds the tree of a day from spans in order of unions and days.
func grow(all []known, top string, on day.Day) []Node {
	nodes, below := map[string]Node{}, map[string][]string{}
	for i := 0; i < len(all); {
		j := i
		for j < len(all) && all[j].span.UnionID == all[i].span.UnionID {
			j++
		}
		if n, ok := standing(all[i:j], on); ok {
			nodes[n.UnionID] = n
		}
		i = j
	}
	for id, n := range nodes {
		below[n.ParentID] = append(below[n.ParentID], id)
	}
	var out []Node
	var walk func(id string, depth int) bool
	walk = func(id string, depth int) bool {
		n, ok := nodes[id]
		if !ok || depth > len(nodes) {
			return false
		}
		at := len(out)
		n.Depth = depth
		out = append(out, n)
		slices.SortFunc(below[id], func(a, b string) int {
			return cmp.Or(cmp.Compare(nodes[a].key, nodes[b].key), cmp.Compare(a, b))
		})
		stood := !n.Absent
		for _, c := range below[id] {
			stood = walk(c, depth+1) || stood
		}
		if !stood && depth > 0 {
			out = out[:at]
		}
		return stood
	}
	walk(top, 0)
	if len(out) > 0 {
		out[0].ParentID = ""
	}
	return out
}

// standing is what a union was on a day, by its spans in order; not ok where
// it was no more.
func standing(spans []known, on day.Day) (Node, bool) {
	k, absent := spans[0], on < spans[0].span.From
	for _, s := range spans {
		if s.span.Covers(on) {
			k = s
		}
	}
	if k.span.Ends() || !absent && !k.span.Covers(on) {
		return Node{}, false
	}
	n := Node{UnionID: k.span.UnionID, Code: k.code, Name: k.span.Name, Kind: k.span.Kind, ParentID: k.span.ParentID, Absent: absent, key: k.key}
	if n.Name != k.name {
		n.key = zh.UnitSortKey(n.Name)
	}
	return n, true
}

// Diff marks in now what is new against an earlier tree, and returns how many
// unions of the earlier one are gone.
func Diff(earlier, now []Node) (gone []Node) {
	was := map[string]Node{}
	for _, n := range earlier {
		was[n.UnionID] = n
	}
	for i := range now {
		n := &now[i]
		w, ok := was[n.UnionID]
		delete(was, n.UnionID)
		switch {
		case !ok || w.Absent && !n.Absent:
			n.Since = "新建"
		case w.ParentID != n.ParentID && n.Depth > 0:
			n.Since = "改隶"
		case w.Name != n.Name || w.Kind != n.Kind:
			n.Since = "更名"
		}
	}
	for _, n := range earlier {
		if _, ok := was[n.UnionID]; ok && !n.Absent {
			gone = append(gone, n)
		}
	}
	return gone
}

// count puts today's people into the nodes, each with all below it.
func count(ctx context.Context, tx *sqldb.Tx, g auth.Grant, nodes []Node) error {
	people := map[string]int64{}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (f figure, err error) { return f, row(&f.union, &f.n) },
		func(f figure) error { people[f.union] = f.n; return nil },
		`SELECT f.union_id, cast(sum(f.n) AS bigint) FROM member_figures f
		WHERE f.tenant_id = $1 AND f.status IN ('active', 'transferring') GROUP BY f.union_id`, g.Tenant())
	if err != nil {
		return err
	}
	at := map[string]int{}
	for i := range nodes {
		nodes[i].Members = people[nodes[i].UnionID]
		at[nodes[i].UnionID] = i
	}
	for i := len(nodes) - 1; i > 0; i-- {
		if p, ok := at[nodes[i].ParentID]; ok {
			nodes[p].Members += nodes[i].Members
		}
	}
	return nil
}

type figure struct {
	union string
	n     int64
}
