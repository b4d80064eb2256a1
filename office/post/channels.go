package post

import (
	"fmt"

	"unionhall/commons/message"
	"unionhall/kit/audit"
	"unionhall/kit/fault"
	"unionhall/kit/outbox"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// ChannelsPage is which ways out the office has.
type ChannelsPage struct {
	Items   []message.Office `json:"items"`
	Public  string           `json:"public,omitempty"` // what links begin with
	Private bool             `json:"private"`          // machines of the intranet may be spoken to
	May     bool             `json:"-"`
	Dead    int64            `json:"undelivered"`
}

func (m *Room) channels(r *web.Request, _ struct{}) (p ChannelsPage, err error) {
	p.Public, p.Private, p.May = m.Post.Public, m.Guard.Private, r.May(Turn)
	if p.Items, err = m.Post.Offices(r.Ctx, r.Tx, r.Grant.Tenant()); err != nil {
		return p, err
	}
	p.Dead, err = Undelivered(r.Ctx, r.Tx, r.Grant, r.Today)
	return p, err
}

// TurnForm opens or closes a channel.
type TurnForm struct {
	Channel message.Channel `json:"channel" doc:"通道"`
	Open    bool            `json:"open" doc:"开通"`
	Version int64           `json:"version" doc:"版本"`
}

func (m *Room) turn(r *web.Request, in TurnForm) (message.Office, error) {
	return m.Post.Turn(r.Ctx, r.Tx, r.Grant, in.Channel, in.Open, in.Version, r.Now)
}

const letterRows = 50

// LettersQuery is the filter of what left the house.
type LettersQuery struct {
	State outbox.State `json:"state" doc:"状态"`
	Kind  string       `json:"kind" doc:"方式"`
	Thing string       `json:"thing" doc:"哪一个订阅"`
	After string       `json:"after" doc:"上一页末条"`
	Limit int          `json:"limit" doc:"每页条数"`
}

// Letters is a page of what left the house or is to, the newest first.
type Letters struct {
	Items []Letter     `json:"items"`
	Next  string       `json:"next,omitempty"`
	Query LettersQuery `json:"-"`
}

// Letter is one with the name of who gets it.
type Letter struct {
	outbox.Letter
	To string `json:"to,omitempty"`
}

func (m *Room) letters(r *web.Request, in LettersQuery) (p Letters, err error) {
	if in.Limit < 1 || in.Limit > 200 {
		in.Limit = letterRows
	}
	p.Query, p.Items = in, []Letter{}
	list, err := outbox.List(r.Ctx, r.Tx, r.Grant, outbox.Filter{State: in.State, Kind: in.Kind, Thing: in.Thing, Before: in.After, Limit: in.Limit + 1})
	if err != nil {
		return p, err
	}
	if len(list) > in.Limit {
		list = list[:in.Limit]
		p.Next = list[in.Limit-1].ID
	}
	p.Items, err = m.named(r, list)
	return p, err
}

// named adds to each letter who gets it.
func (m *Room) named(r *web.Request, list []outbox.Letter) ([]Letter, error) {
	ids, seen := []string{}, map[string]bool{}
	for _, l := range list {
		if l.Account != "" && !seen[l.Account] {
			ids, seen[l.Account] = append(ids, l.Account), true
		}
	}
	names, err := m.Names(r.Ctx, r.Tx, r.Grant.Tenant(), ids)
	out := make([]Letter, len(list))
	for i, l := range list {
		out[i] = Letter{l, names[l.Account]}
	}
	return out, err
}

// LetterPage is one letter with each try and the other ways it could go.
type LetterPage struct {
	Letter
	Log   []outbox.Try `json:"log"`
	Other []ui.Option  `json:"-"`
	May   bool         `json:"-"`
}

func (m *Room) letter(r *web.Request, in One) (p LetterPage, err error) {
	l, err := outbox.Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return p, err
	}
	all, err := m.named(r, []outbox.Letter{l})
	if err != nil {
		return p, err
	}
	p.Letter, p.May = all[0], r.May(Resend)
	if p.Log, err = outbox.Tries(r.Ctx, r.Tx, r.Grant, l.ID); err != nil {
		return p, err
	}
	if message.Channel(l.Kind).Known() && l.State == outbox.Dead {
		ways, err := m.Post.Others(r.Ctx, r.Tx, r.Grant, l)
		if err != nil {
			return p, err
		}
		for _, w := range ways {
			p.Other = append(p.Other, ui.Option{Value: string(w), Text: w.Label()})
		}
	}
	return p, nil
}

// Sent is a letter after somebody had it sent.
type Sent struct {
	outbox.Letter
	said string
}

func (s Sent) Said() string { return s.said }

func (m *Room) again(r *web.Request, in One) (Sent, error) {
	l, err := m.Box.Again(r.Ctx, r.Tx, r.Grant, in.ID, r.Now)
	if err != nil {
		return Sent{}, err
	}
	return Sent{l, "已重新排队发送。"}, audit.Write(r.Ctx, r.Tx, r.Grant, l.ID, map[string]any{"did": "again", "kind": l.Kind}, r.Now)
}

// OtherForm names the way that a letter goes instead.
type OtherForm struct {
	ID      string          `json:"id" doc:"编号"`
	Channel message.Channel `json:"channel" doc:"改用"`
}

func (m *Room) other(r *web.Request, in OtherForm) (Sent, error) {
	l, err := outbox.Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Sent{}, err
	}
	if !message.Channel(l.Kind).Known() {
		return Sent{}, fault.New(fault.Conflict, "这一条只能原样重发，不能改用别的方式。")
	}
	next, err := m.Post.Instead(r.Ctx, r.Tx, r.Grant, l, in.Channel, r.Now)
	if err != nil {
		return Sent{}, err
	}
	return Sent{next, "已改用" + in.Channel.Label() + "发送。"}, audit.Write(r.Ctx, r.Tx, r.Grant, l.ID, map[string]any{"did": "other", "from": l.Kind, "to": in.Channel}, r.Now)
}

// KindLabel is what a kind of letter is called.
func KindLabel(kind string) string {
	switch kind {
	case "digest":
		return "邮件汇总"
	case "code":
		return "验证码"
	case hookKind:
		return "事件订阅"
	}
	return message.Channel(kind).Label()
}

func tone(s outbox.State) ui.Kind {
	switch s {
	case outbox.Sent:
		return ui.OK
	case outbox.Dead:
		return ui.Bad
	case outbox.Unneeded, outbox.Replaced:
		return ui.Mute
	}
	return ui.Info
}

func count(n int64) string { return fmt.Sprint(n) }
