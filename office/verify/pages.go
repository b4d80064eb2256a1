// Package verify is the public page (凭证核验) where whoever holds a paper of
// an office asks whether it is true: no log-in, names masked, slow for those
// who guess.
package verify

import (
	"time"

	"unionhall/commons/certificate"
	"unionhall/kit/day"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// Room serves the page.
type Room struct{ guard web.Guard }

// New is the room as it ships: sixty looks a minute from one address, thirty at
// once, so that a whole office behind one address gets by.
func New() *Room { return &Room{web.Guard{PerMinute: 60, AtOnce: 30}} }

// Place is the page that shows the certificate with a code; papers carry it as
// a QR code.
func Place(code string) string { return "/verify/" + code }

// Routes are open to everybody: who holds a paper needs no account.
func (rm *Room) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /verify", Doc: "输入核验码", Do: web.Page(rm.look, view)},
		{Pattern: "GET /verify/{code}", Doc: "核验一份凭证", Do: web.Page(rm.look, view)},
	}
}

// Query is a code as it stands on the paper; spaces and dashes don't matter.
type Query struct {
	Code string `json:"code" doc:"核验码"`
}

// Page is what a stranger learns of a paper.
type Page struct {
	State   certificate.State `json:"state,omitempty"`
	Label   string            `json:"label,omitempty"`
	Code    string            `json:"code,omitempty"`
	Title   string            `json:"title,omitempty"`
	Holder  string            `json:"holder,omitempty"` // masked
	Issuer  string            `json:"issuer,omitempty"`
	On      day.Day           `json:"on,omitempty"`
	Until   day.Day           `json:"until,omitempty"`
	Revoked day.Day           `json:"revoked,omitempty"`
	Reason  string            `json:"reason,omitempty"`
	Print   string            `json:"print,omitempty"` // the beginning of the record's hash
	At      day.Instant       `json:"at"`
	typed   string
}

// look answers a code. Every code is paid for, right or wrong.
//
// law: PL-28
func (rm *Room) look(r *web.Request, in Query) (Page, error) {
	p := Page{At: r.Now, typed: in.Code}
	if in.Code == "" {
		return p, nil
	}
	now, err := time.Parse(time.RFC3339, string(r.Now))
	if err != nil {
		return p, err
	}
	if err := rm.guard.Pass(r.HTTP, now); err != nil {
		return p, err
	}
	c, err := certificate.Lookup(r.Ctx, r.Tx, in.Code)
	if err != nil {
		return p, err
	}
	p.State = c.State(r.Today)
	p.Label = p.State.Label()
	if p.State == certificate.Nothing {
		return p, nil
	}
	p.Code, p.Title, p.Holder, p.Issuer, p.On, p.Until = certificate.Spelt(c.Code), c.Title, c.Masked(), c.Issuer, c.On, c.Until
	p.Reason, p.Print = c.Reason, c.Hash[:16]
	if c.Revoked != "" {
		p.Revoked = c.Revoked.Day()
	}
	return p, nil
}

func (p Page) kind() ui.Kind {
	switch p.State {
	case certificate.Valid:
		return ui.OK
	case certificate.Expired:
		return ui.Warn
	}
	return ui.Bad
}

// words say what the state means, and what to do.
func (p Page) words() string {
	switch p.State {
	case certificate.Valid:
		return "系统中有这份凭证的记录，目前有效。请核对下面的内容与手中的纸面是否一致；不一致的，以系统记录为准，并告知出具单位。"
	case certificate.Expired:
		return "这份凭证是真的，但有效期已过。请向出具单位办理新的凭证。"
	case certificate.Revoked:
		return "这份凭证已由出具单位撤销，不再有效。"
	}
	return "系统中没有这个核验码。请对照纸面重新输入：核验码共十八位，没有数字 0、1 和字母 O、I。仍查不到的，请与出具单位联系核实。"
}
