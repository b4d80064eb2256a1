package admission

import (
	"context"
	"strings"
	"unicode/utf8"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

// Deed is what the log tells of an act here; no number stands in it.
type Deed struct {
	Did      string  `json:"did"`
	Name     string  `json:"name,omitempty"`
	Union    string  `json:"union,omitempty"`
	Way      string  `json:"way,omitempty"`
	Number   string  `json:"no,omitempty"`
	Reason   string  `json:"reason,omitempty"`
	Document string  `json:"document,omitempty"`
	Until    day.Day `json:"until,omitempty"`
	Member   string  `json:"member,omitempty"`
}

const inviteColumns = `v.id, v.union_id, u.code, u.name, v.code, v.name, v.account_id, v.made, v.expires, v.closed, v.version, t.name,
	(SELECT count(*) FROM applications a WHERE a.tenant_id = v.tenant_id AND a.invite_id = v.id),
	(SELECT count(*) FROM applications a WHERE a.tenant_id = v.tenant_id AND a.invite_id = v.id AND a.state = 'approved')`

const fromInvites = `
	FROM invites v
	JOIN unions u ON u.tenant_id = v.tenant_id AND u.id = v.union_id
	JOIN tenants t ON t.tenant_id = v.tenant_id
	WHERE v.tenant_id = $1`

const invitesWithin = ` AND v.union_id IN (SELECT r.union_id FROM union_reach r WHERE r.tenant_id = $1 AND r.above_id = $2)`

func scanInvite(row sqldb.Row) (i Invitation, err error) {
	err = row(&i.ID, &i.Union.ID, &i.Union.Code, &i.Union.Name, &i.Code, &i.Name, &i.Account, &i.Made, &i.Expires, &i.Closed, &i.Version, &i.office, &i.Came, &i.Taken)
	return i, err
}

// FindInvite returns an invitation within g's reach, or fault.NotFound.
func FindInvite(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Invitation, error) {
	return sqldb.One(ctx, tx, scanInvite, `SELECT `+inviteColumns+fromInvites+invitesWithin+` AND v.id = $3`, g.Tenant(), g.Under(), id)
}

// mostInvites is how many invitations the list shows.
const mostInvites = 200

// Invites lists the invitations within g's reach, the latest first.
func Invites(ctx context.Context, tx *sqldb.Tx, g auth.Grant) ([]Invitation, error) {
	return sqldb.List(ctx, tx, scanInvite, `SELECT `+inviteColumns+fromInvites+invitesWithin+` ORDER BY v.id DESC LIMIT $3`, g.Tenant(), g.Under(), int64(mostInvites))
}

// byCode finds the invitation of a link for a visitor. One that never was, has
// ended or was closed is the same fault.NotFound.
func byCode(ctx context.Context, tx *sqldb.Tx, code string, today day.Day) (Invitation, int64, error) {
	gone := fault.New(fault.NotFound, "这个入会链接不存在或已经停用，请向您所在单位的工会要新的链接或二维码。")
	tenant, ok := tenantOf(code)
	if !ok {
		return Invitation{}, 0, gone
	}
	all, err := sqldb.List(ctx, tx, scanInvite, `SELECT `+inviteColumns+fromInvites+` AND v.code = $2 AND u.state = 'standing'`, tenant, code)
	if err == nil && (len(all) == 0 || !all[0].Open(today)) {
		err = gone
	}
	if err != nil {
		return Invitation{}, 0, err
	}
	return all[0], tenant, nil
}

// InviteForm says what an invitation is called and how long it is good.
type InviteForm struct {
	ID      string  `json:"id" doc:"编号"`
	Union   string  `json:"union" doc:"所属工会"`
	Name    string  `json:"name" doc:"名称"`
	Expires day.Day `json:"expires" doc:"有效期"`
	Version int64   `json:"version" doc:"版本"`
}

// longestLife is how far ahead an invitation may end.
const longestLife = 366

func (f *InviteForm) check(today day.Day) error {
	fields := map[string]string{}
	f.Name = strings.TrimSpace(f.Name)
	if n := utf8.RuneCountInString(f.Name); n == 0 || n > 50 {
		fields["name"] = "名称：请用 1 到 50 个字，如“2026 年新入职”"
	}
	switch {
	case f.Expires == "":
		fields["expires"] = "有效期：请选择最后一天"
	case f.Expires < today:
		fields["expires"] = "有效期：不能早于今天"
	case f.Expires > today.AddDays(longestLife):
		fields["expires"] = "有效期：最长一年，到期可以再延"
	}
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Text: "请按提示改正后再提交。", Fields: fields}
}

// Offer makes an invitation to a union within g's reach.
func Offer(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f InviteForm, at day.Instant) (Invitation, error) {
	if err := f.check(at.Day()); err != nil {
		return Invitation{}, err
	}
	u, err := registry.ByCode(ctx, tx, g, f.Union)
	if err != nil && fault.Of(err).Kind == fault.NotFound {
		return Invitation{}, &fault.Error{Kind: fault.Invalid, Text: "请选择您管理的工会。", Fields: map[string]string{"union": "所属工会：请从列表中选择"}}
	}
	if err == nil {
		u, err = registry.Hold(ctx, tx, g, u.ID)
	}
	if err != nil {
		return Invitation{}, err
	}
	id := sqldb.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO invites (tenant_id, id, union_id, code, name, account_id, made, expires, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)`,
		g.Tenant(), id, u.ID, newCode(g.Tenant()), f.Name, g.Account(), string(at), string(f.Expires))
	if err != nil {
		return Invitation{}, err
	}
	if err := audit.Write(ctx, tx, g, id, Deed{Did: "invited", Name: f.Name, Union: u.Name, Until: f.Expires}, at, audit.Touched{Table: "invites", ID: id}); err != nil {
		return Invitation{}, err
	}
	return FindInvite(ctx, tx, g, id)
}

// Amend renames an invitation or changes until when it is good.
func Amend(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f InviteForm, at day.Instant) (Invitation, error) {
	was, err := FindInvite(ctx, tx, g, f.ID)
	if err != nil {
		return was, err
	}
	if err := f.check(at.Day()); err != nil {
		return was, err
	}
	n, err := tx.Exec(ctx, `UPDATE invites SET name = $1, expires = $2, version = version + 1 WHERE tenant_id = $3 AND id = $4 AND version = $5 AND closed IS NULL`,
		f.Name, string(f.Expires), g.Tenant(), was.ID, f.Version)
	return amended(ctx, tx, g, was, n, err, Deed{Did: "amended", Name: f.Name, Until: f.Expires}, at)
}

// Close ends an invitation for good.
func Close(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, at day.Instant) (Invitation, error) {
	was, err := FindInvite(ctx, tx, g, id)
	if err != nil {
		return was, err
	}
	n, err := tx.Exec(ctx, `UPDATE invites SET closed = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND version = $4 AND closed IS NULL`,
		string(at), g.Tenant(), id, version)
	return amended(ctx, tx, g, was, n, err, Deed{Did: "closed", Name: was.Name}, at)
}

func amended(ctx context.Context, tx *sqldb.Tx, g auth.Grant, was Invitation, n int64, err error, d Deed, at day.Instant) (Invitation, error) {
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "这个入会邀请刚刚已由他人改过或停用，请刷新后再看。")
	}
	if err == nil {
		err = audit.Write(ctx, tx, g, was.ID, d, at, audit.Touched{Table: "invites", ID: was.ID})
	}
	if err != nil {
		return was, err
	}
	return FindInvite(ctx, tx, g, was.ID)
}

// inviteDays is how long an invitation is good unless somebody says otherwise.
func inviteDays(ctx context.Context, tx *sqldb.Tx, tenant int64, on day.Day) (int, error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return 0, err
	}
	span, err := book.Days("member.invite_days", law.PlaceOf(tenant), on)
	return span.Days, err
}
