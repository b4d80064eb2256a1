package intake

import (
	"context"
	"strings"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// Written is a member whom an import wrote, as the registry has them now.
type Written struct {
	ID     string        `json:"id"`
	Name   string        `json:"name"`
	Union  string        `json:"union"`
	CardNo string        `json:"card_no,omitempty"`
	Status member.Status `json:"status"`
	New    bool          `json:"new"` // else changed, or brought over
}

// Place is the member's page.
func (w Written) Place() string { return member.Member{ID: w.ID}.Place() }

// WrittenQuery asks for a part of whom an import wrote.
type WrittenQuery struct {
	ID    string `json:"id" doc:"导入编号"`
	After int64  `json:"after" doc:"上一页"`
}

// WrittenPage is a part of whom an import wrote: a chunk of its rows.
type WrittenPage struct {
	Items []Written `json:"items"`
	Next  int64     `json:"next,omitempty"`
	imp   Import
	after int64
}

func written(r *web.Request, in WrittenQuery) (p WrittenPage, err error) {
	if p.imp, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	p.Items, p.after = []Written{}, in.After
	if p.imp.Kind != Roster || p.imp.State != Confirmed || in.After < 0 || in.After >= p.imp.Applied {
		return p, nil
	}
	if in.After+1 < p.imp.Applied {
		p.Next = in.After + 1
	}
	c, err := readChunk(r.Ctx, r.Tx, r.Grant.Tenant(), in.ID, in.After+1)
	if err != nil {
		return p, err
	}
	tr, err := openTrace(r.Tx, r.Grant.Tenant(), c)
	if err != nil {
		return p, err
	}
	p.Items, err = writtenNow(r.Ctx, r.Tx, r.Grant, tr.Images)
	return p, err
}

// abreast is how many members one statement looks up.
const abreast = 50

var selectWritten = `
	WITH asked (id) AS (VALUES (` + marks(3, abreast) + `))
	SELECT m.id, m.name, u.name, m.card_no, m.status
	FROM asked a CROSS JOIN members m
	JOIN unions u ON u.tenant_id = m.tenant_id AND u.id = m.union_id
	WHERE m.tenant_id = $1 AND m.id = a.id AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = m.tenant_id AND r.above_id = $2 AND r.union_id = m.union_id)`

func marks(first, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = "$" + itoa(first+i)
	}
	return strings.Join(all, "), (")
}

// writtenNow looks the members up that g reaches, those who were changed first.
func writtenNow(ctx context.Context, tx *sqldb.Tx, g auth.Grant, images []image) ([]Written, error) {
	found := map[string]Written{}
	for rest := images; len(rest) > 0; rest = rest[min(abreast, len(rest)):] {
		args := append(make([]any, 0, abreast+2), g.Tenant(), g.Under())
		for i := range abreast {
			args = append(args, rest[min(i, len(rest)-1)].ID)
		}
		err := sqldb.Each(ctx, tx, func(row sqldb.Row) (w Written, err error) {
			return w, row(&w.ID, &w.Name, &w.Union, &w.CardNo, &w.Status)
		}, func(w Written) error {
			found[w.ID] = w
			return nil
		}, selectWritten, args...)
		if err != nil {
			return nil, err
		}
	}
	out := make([]Written, 0, len(images))
	for _, i := range images {
		if w, ok := found[i.ID]; ok {
			w.New = i.Before == nil
			out = append(out, w)
		}
	}
	return out, nil
}

func (w Written) did() (ui.Kind, string) {
	if w.New {
		return ui.OK, "新增"
	}
	return ui.Info, "变更"
}

func (p WrittenPage) span() ui.Span {
	s := ui.Span{Unit: "人"}
	if p.Next > 0 {
		s.Next = p.imp.brought() + "?after=" + itoa(p.Next)
	}
	if p.after > 0 {
		s.Prev = p.imp.brought() + "?after=" + itoa(p.after-1)
	}
	return s
}
