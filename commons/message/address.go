package message

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"
	"net/url"
	"regexp"
	"strings"
	"time"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/mail"
	"unionhall/kit/outbox"
	"unionhall/kit/sqldb"
)

// Ways is what the log calls changes to where and how one is told.
const Ways auth.Action = "message.ways"

// Address is where an account is reached by a channel (接收地址). It is told
// masked; Proved is when its code came back.
type Address struct {
	ID      string      `json:"id"`
	Channel Channel     `json:"channel"`
	Masked  string      `json:"address"`
	Proved  day.Instant `json:"proved,omitempty"`
	Pending bool        `json:"pending"` // a code is under way
	account string
	sealed  []byte
	secret  []byte
}

// Place is the page of the account's addresses.
func (a Address) Place() string { return "/account/messages" }

const selectAddresses = `
	SELECT a.id, a.channel, a.account_id, a.address, a.secret, a.proved, a.proved IS NULL
	FROM addresses a WHERE a.tenant_id = $1`

func scanAddress(row sqldb.Row) (a Address, err error) {
	err = row(&a.ID, &a.Channel, &a.account, &a.sealed, &a.secret, &a.Proved, &a.Pending)
	return a, err
}

func (a Address) open(tx *sqldb.Tx, tenant int64) (address, secret string, err error) {
	if address, err = tx.Keys().Open(tenant, "addresses", "address", a.sealed); err == nil && len(a.secret) > 0 {
		secret, err = tx.Keys().Open(tenant, "addresses", "secret", a.secret)
	}
	return address, secret, err
}

// Addresses lists g's own addresses, masked.
func Addresses(ctx context.Context, tx *sqldb.Tx, g auth.Grant) ([]Address, error) {
	all, err := sqldb.List(ctx, tx, scanAddress, selectAddresses+` AND a.account_id = $2 ORDER BY a.channel`, g.Tenant(), g.Account())
	for i, a := range all {
		if err == nil {
			var plain string
			plain, _, err = a.open(tx, g.Tenant())
			all[i].Masked = mask(a.Channel, plain)
		}
	}
	return all, err
}

// mask shows as much of an address as its owner needs to know it by.
func mask(c Channel, plain string) string {
	switch c {
	case Mail:
		name, host, _ := strings.Cut(plain, "@")
		return string([]rune(name)[:1]) + "***@" + host
	case SMS:
		return plain[:3] + "****" + plain[len(plain)-4:]
	}
	u, err := url.Parse(plain)
	if err != nil {
		return "***"
	}
	return u.Host + "/.../" + plain[max(0, len(plain)-4):]
}

var phone = regexp.MustCompile(`^1[3-9]\d{9}$`)

// AddressForm names where one wants to be reached.
type AddressForm struct {
	Channel Channel `json:"channel" doc:"方式"`
	Address string  `json:"address" doc:"地址"`
	Secret  string  `json:"secret" doc:"加签密钥"`
}

// robots are the hosts that the work apps' robots live at; Guard.Private lets
// others pass, for intranets.
var robots = map[Channel]string{WeCom: "qyapi.weixin.qq.com", DingTalk: "oapi.dingtalk.com"}

func (f *AddressForm) check(private bool) error {
	f.Address = strings.TrimSpace(f.Address)
	wrong := ""
	switch f.Channel {
	case Mail:
		if !mail.Valid(f.Address) {
			wrong = "邮箱：请写完整的邮箱地址，例如 zhoumin@example.cn"
		}
	case SMS:
		if !phone.MatchString(f.Address) {
			wrong = "手机号：请写 11 位手机号码"
		}
	case WeCom, DingTalk:
		u, err := url.Parse(f.Address)
		if err != nil || len(f.Address) > 500 || !private && (u.Scheme != "https" || u.Host != robots[f.Channel]) || u.Host == "" {
			wrong = "机器人地址：请从" + f.Channel.Label() + "群机器人的设置里复制，以 https://" + robots[f.Channel] + "/ 开头"
		}
	default:
		return fault.New(fault.Invalid, "没有这种方式，请从页面上选。")
	}
	if wrong != "" {
		return &fault.Error{Kind: fault.Invalid, Text: "地址没有保存，请按提示改正。", Fields: map[string]string{"address": wrong}}
	}
	if len(f.Secret) > 200 {
		return &fault.Error{Kind: fault.Invalid, Text: "地址没有保存，请按提示改正。", Fields: map[string]string{"secret": "加签密钥：最多 200 个字符"}}
	}
	return nil
}

const (
	codeMinutes = 10
	codeTries   = 5
	codesAnHour = 5
)

// SetAddress keeps where g's account is reached by a channel, in place of what
// was there, and sends a code that is to prove it. Until then nothing else
// goes there. Too many codes within an hour are fault.Busy.
func (p *Post) SetAddress(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f AddressForm, at day.Instant) (Address, error) {
	if err := f.check(p.Guard.Private); err != nil {
		return Address{}, err
	}
	open, err := p.Open(ctx, tx, g.Tenant())
	if err != nil {
		return Address{}, err
	}
	if !open[f.Channel] {
		return Address{}, fault.New(fault.Conflict, "本单位没有开通%s，请换一种方式，或请系统管理员在「消息通道」里开通。", f.Channel.Label())
	}
	a := Address{ID: sqldb.NewID(), Channel: f.Channel, Masked: mask(f.Channel, f.Address), Pending: true, account: g.Account()}
	var secret any
	if f.Secret != "" {
		secret = tx.Keys().Seal(g.Tenant(), "addresses", "secret", f.Secret)
	}
	moves := audit.Moves{}
	before, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT id FROM addresses WHERE tenant_id = $1 AND account_id = $2 AND channel = $3`, g.Tenant(), g.Account(), string(f.Channel))
	if err != nil {
		return Address{}, err
	}
	if len(before) > 0 {
		a.ID = before[0]
	}
	sealed := tx.Keys().Seal(g.Tenant(), "addresses", "address", f.Address)
	a.ID, err = sqldb.One(ctx, tx, sqldb.Text, `
		INSERT INTO addresses (tenant_id, id, account_id, channel, address, secret, proved, made) VALUES ($1, $2, $3, $4, $5, $6, NULL, $7)
		ON CONFLICT (tenant_id, account_id, channel) DO UPDATE SET address = excluded.address, secret = excluded.secret, proved = NULL, made = excluded.made
		RETURNING id`, g.Tenant(), a.ID, g.Account(), string(f.Channel), sealed, secret, string(at))
	if err != nil {
		return Address{}, err
	}
	if err := moves.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "addresses", ID: a.ID}); err != nil {
		return Address{}, err
	}
	if err := p.sendCode(ctx, tx, g, a, at); err != nil {
		return Address{}, err
	}
	return a, moves.Write(ctx, tx, g.For(Ways), g.Account(), map[string]any{"did": "address", "channel": f.Channel}, at)
}

// Code sends a new code to an address of g's own that is not proved yet.
func (p *Post) Code(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Address, error) {
	a, err := findAddress(ctx, tx, g, id)
	if err == nil && !a.Pending {
		err = fault.New(fault.Conflict, "这个地址已经验证过了。")
	}
	if err == nil {
		err = p.sendCode(ctx, tx, g, a, at)
	}
	return a, err
}

func findAddress(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Address, error) {
	return sqldb.One(ctx, tx, scanAddress, selectAddresses+` AND a.account_id = $2 AND a.id = $3`, g.Tenant(), g.Account(), id)
}

// sendCode makes a code of six digits, good for ten minutes and five tries.
func (p *Post) sendCode(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Address, at day.Instant) error {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return err
	}
	code := tx.Keys().Seal(g.Tenant(), "address_codes", "code", fmt.Sprintf("%06d", n))
	until, hour := later(at, codeMinutes*time.Minute), later(at, codeMinutes*time.Minute-time.Hour)
	done, err := tx.Exec(ctx, `
		INSERT INTO address_codes (tenant_id, address_id, code, until, tries, sent) VALUES ($1, $2, $3, $4, 0, 1)
		ON CONFLICT (tenant_id, address_id) DO UPDATE SET code = excluded.code, until = excluded.until, tries = 0,
			sent = CASE WHEN address_codes.until < $5 THEN 1 ELSE address_codes.sent + 1 END
		WHERE address_codes.sent < $6 OR address_codes.until < $5`, g.Tenant(), a.ID, code, string(until), string(hour), int64(codesAnHour))
	if err != nil {
		return err
	}
	if done == 0 {
		return fault.New(fault.Busy, "验证码发得太多了，请一小时后再试。")
	}
	return p.Box.Put(ctx, tx, at, outbox.Letter{Tenant: g.Tenant(), Kind: codeKind, Target: string(a.Channel), Title: a.Channel.Label() + "验证码", Account: g.Account(), Thing: a.ID})
}

func later(at day.Instant, d time.Duration) day.Instant {
	t, err := time.Parse(time.RFC3339, string(at))
	if err != nil {
		return at
	}
	return day.At(t.Add(d))
}

// ProveForm brings back the code that was sent to an address.
type ProveForm struct {
	ID   string `json:"id" doc:"编号"`
	Code string `json:"code" doc:"验证码"`
}

// TryCode counts a try, and tells whether the code is the one that was sent.
// It stands in a transaction of its own, so that a wrong try stays counted.
func TryCode(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f ProveForm, at day.Instant) (right bool, err error) {
	if _, err := findAddress(ctx, tx, g, f.ID); err != nil {
		return false, err
	}
	sealed, err := sqldb.List(ctx, tx, func(row sqldb.Row) (b []byte, err error) { return b, row(&b) }, `
		UPDATE address_codes SET tries = tries + 1 WHERE tenant_id = $1 AND address_id = $2 AND until > $3 AND tries < $4 RETURNING code`,
		g.Tenant(), f.ID, string(at), int64(codeTries))
	if err != nil || len(sealed) == 0 {
		return false, err
	}
	code, err := tx.Keys().Open(g.Tenant(), "address_codes", "code", sealed[0])
	return subtle.ConstantTimeCompare([]byte(code), []byte(strings.TrimSpace(f.Code))) == 1, err
}

// WrongCode is the refusal of a code that TryCode found wrong.
func WrongCode() error {
	return &fault.Error{Kind: fault.Invalid, Text: "地址还没有验证。", Fields: map[string]string{"code": "验证码：不对或已过期。每个验证码十分钟内有效，最多试五次；可以重发一个。"}}
}

// Prove notes that an address of g's own is right. It follows a TryCode that
// found the code right; that code is used up.
func Prove(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Address, error) {
	n, err := tx.Exec(ctx, `DELETE FROM address_codes WHERE tenant_id = $1 AND address_id = $2`, g.Tenant(), id)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "这个验证码已经用过了，请刷新页面。")
	}
	if err != nil {
		return Address{}, err
	}
	if _, err := tx.Exec(ctx, `UPDATE addresses SET proved = $1 WHERE tenant_id = $2 AND account_id = $3 AND id = $4`, string(at), g.Tenant(), g.Account(), id); err != nil {
		return Address{}, err
	}
	a, err := findAddress(ctx, tx, g, id)
	if err != nil {
		return a, err
	}
	return a, audit.Write(ctx, tx, g.For(Ways), g.Account(), map[string]any{"did": "proved", "channel": a.Channel}, at, audit.Touched{Table: "addresses", ID: id})
}

// DropAddress forgets an address of g's own.
func DropAddress(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Address, error) {
	a, err := findAddress(ctx, tx, g, id)
	if err != nil {
		return a, err
	}
	moves := audit.Moves{}
	if err := moves.Removed(ctx, tx, g.Tenant(), audit.Touched{Table: "addresses", ID: id}); err != nil {
		return a, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM address_codes WHERE tenant_id = $1 AND address_id = $2`, g.Tenant(), id); err != nil {
		return a, err
	}
	n, err := tx.Exec(ctx, `DELETE FROM addresses WHERE tenant_id = $1 AND account_id = $2 AND id = $3`, g.Tenant(), g.Account(), id)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "这个地址刚刚已删除，请刷新页面。")
	}
	if err != nil {
		return a, err
	}
	return a, moves.Write(ctx, tx, g.For(Ways), g.Account(), map[string]any{"did": "dropped", "channel": a.Channel}, at)
}
