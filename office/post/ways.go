package post

import (
	"strings"

	"unionhall/commons/message"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// WaysPage is how one is told: where, by which way, when not.
type WaysPage struct {
	message.Choice
	Addresses []message.Address        `json:"addresses"`
	Channels  []message.Office         `json:"-"`
	Open      map[message.Channel]bool `json:"-"`
}

const waysPlace = "/account/messages"

func (m *Room) waysPage(r *web.Request, _ struct{}) (p WaysPage, err error) {
	if p.Choice, err = message.ChoiceOf(r.Ctx, r.Tx, r.Grant); err != nil {
		return p, err
	}
	if p.Addresses, err = message.Addresses(r.Ctx, r.Tx, r.Grant); err != nil {
		return p, err
	}
	p.Channels, err = m.Post.Offices(r.Ctx, r.Tx, r.Grant.Tenant())
	p.Open = map[message.Channel]bool{}
	for _, c := range p.Channels {
		p.Open[c.ID] = c.Open
	}
	return p, err
}

// addressOf is where one is reached by a channel, if anywhere.
func (p WaysPage) addressOf(c message.Channel) (message.Address, bool) {
	for _, a := range p.Addresses {
		if a.Channel == c {
			return a, true
		}
	}
	return message.Address{}, false
}

// ready reports whether a channel reaches one now.
func (p WaysPage) ready(c message.Channel) bool {
	a, ok := p.addressOf(c)
	return ok && !a.Pending && p.Open[c]
}

func (p WaysPage) chosen(class message.Class, c message.Channel) bool {
	for _, w := range p.By[class] {
		if w == c {
			return true
		}
	}
	return false
}

// WaysForm is the choice as a form sends it: each way as class.channel.
type WaysForm struct {
	Way       []string `json:"way" doc:"消息类别.方式"`
	QuietFrom string   `json:"quiet_from" doc:"免打扰开始"`
	QuietTo   string   `json:"quiet_to" doc:"免打扰结束"`
	Digest    bool     `json:"digest" doc:"每天汇总"`
	DigestAt  string   `json:"digest_at" doc:"汇总时间"`
	Version   int64    `json:"version" doc:"版本"`
}

func (m *Room) choose(r *web.Request, in WaysForm) (message.Choice, error) {
	c := message.Choice{By: map[message.Class][]message.Channel{}, QuietFrom: in.QuietFrom, QuietTo: in.QuietTo, Digest: in.Digest, DigestAt: in.DigestAt, Version: in.Version}
	if c.DigestAt == "" {
		c.DigestAt = "08:00"
	}
	for _, w := range in.Way {
		class, channel, _ := strings.Cut(w, ".")
		c.By[message.Class(class)] = append(c.By[message.Class(class)], message.Channel(channel))
	}
	return message.Choose(r.Ctx, r.Tx, r.Grant, c, r.Now)
}

// Addressed is an address after an act on it.
type Addressed struct {
	message.Address
	said string
}

func (Addressed) Place() string  { return waysPlace }
func (a Addressed) Said() string { return a.said }

func (m *Room) setAddress(r *web.Request, in message.AddressForm) (Addressed, error) {
	a, err := m.Post.SetAddress(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Addressed{a, "验证码已发往 " + a.Masked + "，请把收到的六位数字填在下面。"}, err
}

func (m *Room) code(r *web.Request, in One) (Addressed, error) {
	a, err := m.Post.Code(r.Ctx, r.Tx, r.Grant, in.ID, r.Now)
	return Addressed{a, "新的验证码已发出。"}, err
}

// tryCode counts the try in a transaction of its own, before the act.
func tryCode(r *web.Request, in *message.ProveForm) error {
	right := false
	err := r.Site.DB.Do(r.Ctx, func(tx *sqldb.Tx) (err error) {
		right, err = message.TryCode(r.Ctx, tx, r.Grant, *in, r.Now)
		return err
	})
	if err == nil && !right {
		err = message.WrongCode()
	}
	return err
}

func prove(r *web.Request, in message.ProveForm) (Addressed, error) {
	a, err := message.Prove(r.Ctx, r.Tx, r.Grant, in.ID, r.Now)
	return Addressed{a, a.Channel.Label() + "已验证，以后可以用它收消息。"}, err
}

func dropAddress(r *web.Request, in One) (Addressed, error) {
	a, err := message.DropAddress(r.Ctx, r.Tx, r.Grant, in.ID, r.Now)
	return Addressed{a, a.Channel.Label() + "地址已删除，不再往那里发消息。"}, err
}
