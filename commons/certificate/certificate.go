// Package certificate proves papers (凭证): whoever holds one reads its code,
// and a public page says whose it is, by whom and when it was made, and whether
// it still holds.
package certificate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// Certificate is one paper that was handed out. Thing is the id of what it is
// about, Kind tells papers about one thing apart; Holder is the name in full,
// shown masked unless it is Public. Until may be empty: it holds until it is
// revoked.
//
// law: PL-28
type Certificate struct {
	ID      string      `json:"id"`
	Code    string      `json:"code"`
	Kind    string      `json:"kind"`
	Thing   string      `json:"thing"`
	Title   string      `json:"title"`
	Holder  string      `json:"-"`
	Public  bool        `json:"-"` // the holder is an office and no person
	Issuer  string      `json:"issuer"`
	On      day.Day     `json:"on"`
	Until   day.Day     `json:"until,omitempty"`
	Hash    string      `json:"hash"`
	Revoked day.Instant `json:"revoked,omitempty"`
	Reason  string      `json:"reason,omitempty"`
	Account string      `json:"account"`
	At      day.Instant `json:"at"`
}

// State is whether a certificate holds.
type State string

const (
	Valid   State = "valid"   // 有效
	Expired State = "expired" // 已失效
	Revoked State = "revoked" // 已撤销
	Nothing State = "none"    // 查无此件
)

func (s State) Label() string {
	switch s {
	case Valid:
		return "有效"
	case Expired:
		return "已失效"
	case Revoked:
		return "已撤销"
	case Nothing:
		return "查无此件"
	}
	return string(s)
}

// State is how c stands on a day; one that was never made is Nothing.
func (c Certificate) State(on day.Day) State {
	switch {
	case c.ID == "":
		return Nothing
	case c.Revoked != "":
		return Revoked
	case c.Until != "" && on > c.Until:
		return Expired
	}
	return Valid
}

// Masked is the holder as strangers may read it: of a person the first
// character, stars for the rest.
func (c Certificate) Masked() string {
	rs := []rune(c.Holder)
	for i := 1; i < len(rs) && !c.Public; i++ {
		if rs[i] != '·' {
			rs[i] = '*'
		}
	}
	return string(rs)
}

// Proven is the SHA-256 of a record as it was when its paper was made.
func Proven(record any) (string, error) {
	b, err := json.Marshal(record)
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), err
}

const columns = `tenant_id, id, code, kind, thing_id, title, holder, public, issuer, on_day, until, hash, revoked, reason, account_id, at, mac`

var layout = audit.LayoutOf("certificates", strings.Split(columns, ", "))

const selectAll = `SELECT c.id, c.code, c.kind, c.thing_id, c.title, c.holder, c.public, c.issuer, c.on_day, c.until, c.hash, c.revoked, c.reason, c.account_id, c.at FROM certificates c WHERE c.tenant_id = $1`

func scan(row sqldb.Row) (c Certificate, err error) {
	err = row(&c.ID, &c.Code, &c.Kind, &c.Thing, &c.Title, &c.Holder, &c.Public, &c.Issuer, &c.On, &c.Until, &c.Hash, &c.Revoked, &c.Reason, &c.Account, &c.At)
	return c, err
}

// Issue makes the certificate of a paper about a thing that g was seen to
// reach, with a code of its own; m takes up its seal, and the caller writes m
// to the log. A paper of the same record that holds already is returned as it
// stands, so printing twice makes no second one.
func Issue(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, c Certificate, at day.Instant) (Certificate, error) {
	if c.Kind == "" || c.Thing == "" || c.Title == "" || c.Issuer == "" || c.Hash == "" || c.On == "" {
		return c, fmt.Errorf("certificate of %s: kind, thing, title, issuer, day and hash belong to it", c.Thing)
	}
	c.ID, c.Code, c.Account, c.At = sqldb.NewID(), newCode(g.Tenant()), g.Account(), at
	row := []any{g.Tenant(), c.ID, c.Code, c.Kind, c.Thing, c.Title, c.Holder, c.Public, c.Issuer, string(c.On), string(c.Until), c.Hash, nil, nil, c.Account, string(at), nil}
	mac := layout.Seal(tx.Keys(), row)
	row[len(row)-1] = mac
	n, err := tx.Exec(ctx, `
		INSERT INTO certificates (`+columns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
		ON CONFLICT DO NOTHING`, row...)
	if err != nil {
		return c, err
	}
	if n == 0 {
		return sqldb.One(ctx, tx, scan, selectAll+` AND c.kind = $2 AND c.thing_id = $3 AND c.hash = $4 AND c.revoked IS NULL`, g.Tenant(), c.Kind, c.Thing, c.Hash)
	}
	m.Add("certificates", mac)
	return c, nil
}

// Revoke takes a certificate back, with the reason that the public page shows.
// One that is taken back already is fault.Conflict.
func Revoke(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, id, reason string, at day.Instant) (Certificate, error) {
	reason = strings.TrimSpace(reason)
	if n := len([]rune(reason)); n < 2 || n > 200 {
		return Certificate{}, &fault.Error{Kind: fault.Invalid, Text: "撤销凭证要写明原因，核验的人看得到。", Fields: map[string]string{"reason": "原因：请写 2 到 200 个字"}}
	}
	n, err := tx.Exec(ctx, `UPDATE certificates SET revoked = $1, reason = $2 WHERE tenant_id = $3 AND id = $4 AND revoked IS NULL`, string(at), reason, g.Tenant(), id)
	if err != nil {
		return Certificate{}, err
	}
	c, err := Find(ctx, tx, g, id)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "这份凭证已经撤销，请刷新页面后再看。")
	}
	if err != nil {
		return c, err
	}
	return c, m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "certificates", ID: id})
}

// Find returns a certificate of the tenant by its id, or fault.NotFound. Whether
// g reaches its thing has been asked before.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Certificate, error) {
	return sqldb.One(ctx, tx, scan, selectAll+` AND c.id = $2`, g.Tenant(), id)
}

// ByThing lists the certificates of a thing that g was seen to reach, the
// newest first.
func ByThing(ctx context.Context, tx *sqldb.Tx, g auth.Grant, thing string) ([]Certificate, error) {
	return sqldb.List(ctx, tx, scan, selectAll+` AND c.thing_id = $2 ORDER BY c.id DESC LIMIT 50`, g.Tenant(), thing)
}

// Lookup finds a certificate by a code as anybody may type it. It asks for no
// grant, since the page is public; one that is not there comes back empty.
func Lookup(ctx context.Context, tx *sqldb.Tx, typed string) (Certificate, error) {
	code := Plain(typed)
	if code == "" {
		return Certificate{}, nil
	}
	c, err := sqldb.One(ctx, tx, scan, selectAll+` AND c.code = $2`, tenantOf(code), code)
	if fault.Of(err).Kind == fault.NotFound {
		return Certificate{}, nil
	}
	return c, err
}
