package intake

import (
	"context"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// Transfers begins the transfer of a member of another union. The hall hands
// it in.
type Transfers interface {
	// Into asks, for the union that takes in, for the transfer of a member of
	// any other union. One who is on the way already is fault.Conflict.
	Into(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m member.Member, to registry.Ref, reason string, at day.Instant) (string, error)
}

// mostAsked is how many transfers one press asks for; whoever has more presses
// again.
const mostAsked = 200

// Offers is how many transfers an import asked for.
type Offers struct {
	ID    string `json:"id"`
	Asked int    `json:"asked"`
	Left  bool   `json:"left"` // there may be more
}

// Place is the import's page.
func (o Offers) Place() string { return home + "/" + o.ID }

// Said tells the person what was done.
func (o Offers) Said() string {
	switch {
	case o.Left:
		return "已为 " + itoa(o.Asked) + " 人申请接转，还有更多，请再办一次。"
	case o.Asked == 0:
		return "没有要申请的：这些人已在接转中，或者已经转过来。"
	}
	return "已为 " + itoa(o.Asked) + " 人向原工会申请接转，可在“会籍接转”里看进度。"
}

// AskFor asks for the transfer of everybody whom an import met as a member of
// another union, all at once; who is on the way or has come over is left out.
//
// law: MEM-05, MEM-26, IMP-04
func (rm *Room) AskFor(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Offers, error) {
	o := Offers{ID: id}
	i, err := Find(ctx, tx, g, id)
	if err != nil {
		return o, err
	}
	if i.Kind != Roster || i.State != Judged && i.State != Confirmed || rm.Transfers == nil {
		return o, fault.New(fault.Conflict, "这份导入现在是“%s”，不能申请接转。请刷新后再看。", i.State.Label())
	}
	for no := int64(1); no <= i.Chunks; no++ { // each some hundred rows
		c, err := readChunk(ctx, tx, g.Tenant(), id, no)
		if err != nil {
			return o, err
		}
		lines, err := openLines(tx, g.Tenant(), c)
		if err != nil {
			return o, err
		}
		for _, l := range lines {
			if l.What != moved && l.What != away {
				continue
			}
			if o.Asked == mostAsked {
				o.Left = true
				return o, nil
			}
			m, err := member.Any(ctx, tx, g.Tenant(), l.Was)
			if err != nil {
				return o, err
			}
			if m.ID == "" || m.Union.ID == l.Union.ID || m.Status != member.Active && m.Status != member.Retained {
				continue
			}
			_, err = rm.Transfers.Into(ctx, tx, g, m, l.Union, "随花名册导入", at)
			if f := fault.Of(err); err != nil && f.Kind == fault.Conflict {
				continue // on the way already
			} else if err != nil {
				return o, err
			}
			o.Asked++
		}
	}
	return o, nil
}

// offerForm names an import.
type offerForm struct {
	ID string `json:"id" doc:"导入编号"`
}

func (rm *Room) askFor(r *web.Request, in offerForm) (Offers, error) {
	return rm.AskFor(r.Ctx, r.Tx, r.Grant, in.ID, r.Now)
}
