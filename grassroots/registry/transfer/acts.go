package transfer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"unionhall/commons/message"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
)

// Deed is what the log tells of a transfer.
type Deed struct {
	Did      string `json:"did"`
	Member   string `json:"member"` // the id
	From     string `json:"from"`
	To       string `json:"to"`
	Reason   string `json:"reason,omitempty"`
	Document string `json:"document,omitempty"`
}

const longest = 200

// Begin asks for the transfer of a member to a union, in the name of a side.
// The caller has seen that g may speak for that side. A member who is on the
// way already, or whose membership has ended, is fault.Conflict.
//
// law: MEM-05, MEM-10, MEM-26
func Begin(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m member.Member, to registry.Ref, by Side, reason string, at day.Instant) (Transfer, error) {
	reason = strings.TrimSpace(reason)
	switch {
	case m.Status != member.Active && m.Status != member.Retained:
		return Transfer{}, fault.ByRule(fault.Conflict, "MEM-26", "%s现在是“%s”，不能申请接转。请刷新后再看。", m.Person.Name, m.Status.Label())
	case to.ID == m.Union.ID:
		return Transfer{}, &fault.Error{Kind: fault.Invalid, Rule: "MEM-10", Text: m.Person.Name + "已经在这家工会，请选择另一家。", Fields: map[string]string{"union": "转入工会：请改选"}}
	case reason == "":
		return Transfer{}, &fault.Error{Kind: fault.Invalid, Rule: "MEM-10", Text: "请写明接转的原因。", Fields: map[string]string{"reason": "原因：请填写，如“调入市财政局工作”"}}
	case utf8.RuneCountInString(reason) > longest:
		return Transfer{}, &fault.Error{Kind: fault.Invalid, Text: "原因太长了，请精简。", Fields: map[string]string{"reason": "原因：最多 200 个字"}}
	}
	open, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM transfers t WHERE t.tenant_id = $1 AND t.member_id = $2 AND t.state IN ('requested', 'confirmed')`, g.Tenant(), m.ID)
	if err == nil && open > 0 {
		err = underWay(m.Person.Name)
	}
	if err != nil {
		return Transfer{}, err
	}
	n, err := registry.Next(ctx, tx, g.Tenant(), "transfer", string(at.Day()[:4]), 1)
	if err != nil {
		return Transfer{}, err
	}
	t := Transfer{ID: sqldb.NewID(), No: fmt.Sprintf("会转〔%s〕%d号", at.Day()[:4], n), MemberID: m.ID, Name: m.Person.Name, CardNo: m.CardNo, From: m.Union, To: to,
		State: Requested, AskedBy: by, Account: g.Account(), Kept: m.Status, Reason: reason, Asked: at, Version: 1}
	_, err = tx.Exec(ctx, `
		INSERT INTO transfers (tenant_id, id, no, member_id, from_union, to_union, state, asked_by, account_id, kept, reason, asked, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 1)`,
		g.Tenant(), t.ID, t.No, m.ID, m.Union.ID, to.ID, string(t.State), string(by), g.Account(), string(m.Status), reason, string(at))
	if fault.Of(err).Kind == fault.Conflict {
		return t, errors.Join(underWay(m.Person.Name), err)
	}
	if err != nil {
		return t, err
	}
	moves := audit.Moves{}
	if err := moves.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "transfers", ID: t.ID}); err != nil {
		return t, err
	}
	if err := Procedure.Trace(ctx, tx, g, moves, t.ID, "", Requested, flow.Given{Words: reason}, at); err != nil {
		return t, err
	}
	if err := tell(ctx, tx, g.Tenant(), t, t.From.ID, "会籍转出申请："+t.Name, "申请转到"+t.To.Name+"，请核实后确认转出。", at); err != nil {
		return t, err
	}
	return t, moves.Write(ctx, tx, g, t.ID, Deed{Did: "asked", Member: m.ID, From: t.From.Name, To: t.To.Name, Reason: reason}, at)
}

func underWay(name string) error {
	return fault.ByRule(fault.Conflict, "MEM-26", "%s的会籍正在接转中，请在“会籍接转”里接着办理。", name)
}

// AskOut asks for a transfer out of a union within g's reach, to any standing
// union of the committee.
//
// law: MEM-26
func AskOut(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id, to, reason string, at day.Instant) (Transfer, error) {
	m, err := member.Find(ctx, tx, g, id)
	if err != nil {
		return Transfer{}, err
	}
	u, err := target(ctx, tx, g, to)
	if err != nil {
		return Transfer{}, err
	}
	return Begin(ctx, tx, g, m, u, Out, reason, at)
}

// Person is somebody whom the new union asks for, as the person's document
// names them.
type Person struct {
	Name   string `json:"name" doc:"姓名"`
	IDType string `json:"id_type" doc:"证件类别"`
	IDNo   string `json:"id_no" doc:"证件号码"`
}

// AskIn asks for a transfer into a union within g's reach. Name and number
// must both be those of a member; which of them is not is not told.
//
// law: MEM-05, MEM-26
func AskIn(ctx context.Context, tx *sqldb.Tx, g auth.Grant, p Person, to, reason string, at day.Instant) (Transfer, error) {
	u, err := registry.ByCode(ctx, tx, g, to)
	if fault.Of(err).Kind == fault.NotFound && err != nil {
		return Transfer{}, &fault.Error{Kind: fault.Invalid, Text: "请选择您管理的工会。", Fields: map[string]string{"union": "转入工会：请从列表中选择"}}
	}
	if err != nil {
		return Transfer{}, err
	}
	if u, err = registry.Hold(ctx, tx, g, u.ID); err != nil {
		return Transfer{}, err
	}
	form := member.Form{Name: p.Name, IDType: p.IDType, IDNo: p.IDNo}
	read, err := form.Read(at.Day())
	if err != nil {
		return Transfer{}, err
	}
	id, err := member.ByNumber(ctx, tx, g.Tenant(), read.IDType, read.IDNo)
	if err != nil {
		return Transfer{}, err
	}
	m, err := member.Any(ctx, tx, g.Tenant(), id)
	if err != nil {
		return Transfer{}, err
	}
	if id == "" || m.Person.Name != read.Name || !m.Status.Open() {
		return Transfer{}, &fault.Error{Kind: fault.Invalid, Rule: "MEM-05", Text: "没有找到姓名和证件号码都相符的在册会员。请与本人核对；从未入会的，请办入会。", Fields: map[string]string{"id_no": "证件号码：请与姓名一并核对"}}
	}
	return Begin(ctx, tx, g, m, u.Ref(), In, reason, at)
}

// AskOwn asks for the transfer of whoever asks.
//
// law: MEM-10, MEM-26
func AskOwn(ctx context.Context, tx *sqldb.Tx, g auth.Grant, to, reason string, at day.Instant) (Transfer, error) {
	m, err := member.Any(ctx, tx, g.Tenant(), g.Self())
	if err == nil && m.ID == "" {
		err = fault.New(fault.NotFound, "您的账号没有对应的会员资料。")
	}
	if err != nil {
		return Transfer{}, err
	}
	u, err := target(ctx, tx, g, to)
	if err != nil {
		return Transfer{}, err
	}
	return Begin(ctx, tx, g, m, u, Own, reason, at)
}

// target finds the union that takes in: any that stands and that members join.
func target(ctx context.Context, tx *sqldb.Tx, g auth.Grant, code string) (registry.Ref, error) {
	all, err := Unions(ctx, tx, g)
	for _, u := range all {
		if err == nil && u.Code == code {
			return u, nil
		}
	}
	if err != nil {
		return registry.Ref{}, err
	}
	return registry.Ref{}, &fault.Error{Kind: fault.Invalid, Rule: "MEM-10", Text: "请选择转入的工会。", Fields: map[string]string{"union": "转入工会：请从列表中选择"}}
}

// Unions lists every standing union of the committee that members may be
// transferred to, by name; who asks need not reach it.
func Unions(ctx context.Context, tx *sqldb.Tx, g auth.Grant) ([]registry.Ref, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (u registry.Ref, err error) { return u, row(&u.ID, &u.Code, &u.Name) },
		`SELECT u.id, u.code, u.name FROM unions u WHERE u.tenant_id = $1 AND u.state = 'standing' ORDER BY u.name_key, u.id`, g.Tenant())
}

// tell leaves a message for those who keep a union's members.
func tell(ctx context.Context, tx *sqldb.Tx, tenant int64, t Transfer, union, title, body string, at day.Instant) error {
	return message.ToUnion(ctx, tx, tenant, union, clerks, title, body, t.Place(), at)
}

// Room is what another room asks of this one.
type Room struct{}

// Into asks, for the union that takes in, for the transfer of a member of any
// other union, and returns the id of the transfer.
//
// law: MEM-05, MEM-26
func (Room) Into(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m member.Member, to registry.Ref, reason string, at day.Instant) (string, error) {
	t, err := Begin(ctx, tx, g.For(Ask), m, to, In, reason, at)
	return t.ID, err
}
