package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// errRaced marks a voucher that another person changed while it was written:
// the step may have left something behind and goes back with its transaction.
var errRaced = errors.New("changed meanwhile")

// mostAtOnce is how many vouchers one press deals with.
const mostAtOnce = 200

// Refused is a voucher that a step on many left alone, and why.
type Refused struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Text string `json:"text"`
	Rule string `json:"rule,omitempty"`
}

// bulkActs are the acts that are taken on many vouchers at once.
var bulkActs = []auth.Action{Review, Post, Sign}

// Many takes the step that g's action names on many vouchers, the one after
// the other: what a rule refuses is told and stays as it was. A voucher that
// somebody changes at the same moment is fault.Conflict for all of them.
//
// law: F3.19, F3.23
func Many(ctx context.Context, tx *sqldb.Tx, g auth.Grant, ids []string, at day.Instant) (done []Voucher, not []Refused, err error) {
	if len(ids) == 0 {
		return nil, nil, fault.New(fault.Invalid, "没有勾选凭证，请回到列表勾选后再办。")
	}
	if len(ids) > mostAtOnce {
		return nil, nil, fault.New(fault.Invalid, "一次最多办理 %d 张，请少选一些。", mostAtOnce)
	}
	for _, id := range ids {
		was, err := Find(ctx, tx, g, id)
		if err != nil {
			return nil, nil, err
		}
		var v Voucher
		if g.Action() == Sign {
			v, err = Signs(ctx, tx, g, id, was.Version, at)
		} else {
			v, err = Advance(ctx, tx, g, id, was.Version, flow.Given{}, at)
		}
		f := fault.Of(err)
		switch {
		case err == nil:
			done = append(done, v)
		case errors.Is(err, errRaced) || f.Kind != fault.Invalid && f.Kind != fault.Denied && f.Kind != fault.Conflict:
			return nil, nil, err
		default:
			not = append(not, Refused{ID: id, Name: was.listName(), Text: f.Text, Rule: f.Rule})
		}
	}
	return done, not, nil
}

// would tells whether a step would be taken, as far as the voucher itself says.
func would(g auth.Grant, act auth.Action, v Voucher) error {
	if act == Sign {
		return signable(g, v)
	}
	if _, err := Procedure.Take(v.State, act, flow.WhoOf(g), "", v.past()); err != nil {
		return err
	}
	if act == Post {
		return papers(v)
	}
	return nil
}

// ManyQuery asks what an act on many would do.
type ManyQuery struct {
	IDs []string `json:"id" doc:"编号"`
	Act string   `json:"act" doc:"事项"`
}

// ManyPage is what an act on many would do.
type ManyPage struct {
	Act   string    `json:"act"`
	Ready []Voucher `json:"ready"`
	Not   []Refused `json:"not"`
	Total money.Fen `json:"total"`
	act   auth.Action
}

func (rm Room) many(r *web.Request, in ManyQuery) (ManyPage, error) {
	p := ManyPage{Act: in.Act, Ready: []Voucher{}, Not: []Refused{}, act: Review}
	for _, act := range bulkActs {
		if pathOf(act) == in.Act {
			p.act = act
		}
	}
	p.Act = pathOf(p.act)
	if len(in.IDs) > mostAtOnce {
		return p, fault.New(fault.Invalid, "一次最多办理 %d 张，请少选一些。", mostAtOnce)
	}
	g := r.Grant
	if r.May(p.act) {
		var err error
		if g, err = r.Actor().Grant(p.act, r.Today); err != nil {
			return p, err
		}
	}
	for _, id := range in.IDs {
		v, err := Find(r.Ctx, r.Tx, r.Grant, id)
		if err != nil {
			return p, err
		}
		if err := would(g, p.act, v); err != nil {
			f := fault.Of(err)
			p.Not = append(p.Not, Refused{ID: id, Name: v.listName(), Text: f.Text, Rule: f.Rule})
			continue
		}
		p.Ready = append(p.Ready, v)
		p.Total += v.Total
	}
	return p, nil
}

// ManyForm takes a step on many.
type ManyForm struct {
	IDs []string `json:"id" doc:"编号"`
}

// Dealt is what a step on many did.
type Dealt struct {
	Done    int       `json:"done"`
	Refused []Refused `json:"refused"`
	said    string
	place   string
}

func (d Dealt) Place() string { return d.place }
func (d Dealt) Said() string  { return d.said }

func (rm Room) dealt(r *web.Request, in ManyForm) (Dealt, error) {
	done, not, err := Many(r.Ctx, r.Tx, r.Grant, in.IDs, r.Now)
	if err != nil {
		return Dealt{}, err
	}
	act := r.Grant.Action()
	d := Dealt{Done: len(done), Refused: not, said: fmt.Sprintf("已%s %d 张凭证。", manyWord(act), len(done)), place: listHome + "?state=" + string(map[auth.Action]State{Review: Draft, Post: Reviewed, Sign: Reviewed}[act])}
	if d.Refused == nil {
		d.Refused = []Refused{}
	}
	if len(not) > 0 {
		var why []string
		for _, n := range not[:min(3, len(not))] {
			why = append(why, n.Name+"："+n.Text)
		}
		d.said += fmt.Sprintf("%d 张没有办：%s", len(not), strings.Join(why, ""))
	}
	return d, nil
}
