package message

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/gateway"
	"unionhall/kit/mail"
	"unionhall/kit/outbox"
	"unionhall/kit/sqldb"
)

// Sends are how the letters of this room are sent, by kind.
func (p *Post) Sends() map[string]outbox.Send {
	out := map[string]outbox.Send{digestKind: p.sendDigest, codeKind: p.sendProof}
	for _, c := range Channels {
		out[string(c)] = p.sendMessage
	}
	return out
}

// note is what leaves the house: a title and a link, no more than the receiver
// sees when signed in.
type note struct {
	office, title, link string
	lines               []string
}

// sendMessage sends one message by the letter's channel. One that was read
// meanwhile need not go.
func (p *Post) sendMessage(ctx context.Context, l outbox.Letter) error {
	n, to, secret, c := note{}, "", "", Channel(l.Kind)
	err := p.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		type found struct{ title, class, href, read string }
		m, err := sqldb.One(ctx, tx, func(row sqldb.Row) (f found, err error) { return f, row(&f.title, &f.class, &f.href, &f.read) },
			`SELECT title, class, href, read_at FROM messages WHERE tenant_id = $1 AND account_id = $2 AND id = $3`, l.Tenant, l.Account, l.Thing)
		if fault.Of(err).Kind == fault.NotFound || err == nil && m.read != "" {
			return outbox.ErrUnneeded
		}
		if err != nil {
			return err
		}
		if n.title = m.title; c.Group() {
			n.title = "您有一条" + Class(m.class).Label() + "，请登录查看。"
		}
		n.link = p.link("/messages/" + l.Thing)
		n.office, to, secret, err = p.address(ctx, tx, l, c, true)
		return err
	})
	if err != nil {
		return err
	}
	return p.hand(ctx, l, c, to, secret, n)
}

// link is a page's address outside; empty as long as nobody set one.
func (p *Post) link(place string) string {
	if p.Public == "" {
		return ""
	}
	return strings.TrimRight(p.Public, "/") + place
}

// address is where a letter goes, and the office that sends it.
func (p *Post) address(ctx context.Context, tx *sqldb.Tx, l outbox.Letter, c Channel, proved bool) (office, to, secret string, err error) {
	open, err := p.Open(ctx, tx, l.Tenant)
	if err != nil {
		return "", "", "", err
	}
	if !open[c] {
		return "", "", "", &outbox.Failure{Text: "本单位没有开通" + c.Label(), Final: true}
	}
	if office, err = sqldb.One(ctx, tx, sqldb.Text, `SELECT name FROM tenants WHERE tenant_id = $1`, l.Tenant); err != nil {
		return "", "", "", err
	}
	a, err := sqldb.One(ctx, tx, scanAddress, selectAddresses+` AND a.account_id = $2 AND a.channel = $3
		AND EXISTS (SELECT 1 FROM accounts x WHERE x.tenant_id = a.tenant_id AND x.id = a.account_id AND NOT x.locked)`, l.Tenant, l.Account, string(c))
	if fault.Of(err).Kind == fault.NotFound || err == nil && proved && a.Pending {
		return "", "", "", &outbox.Failure{Text: "没有验证过的" + c.Label() + "地址，或账号已停用", Final: true}
	}
	if err == nil {
		to, secret, err = a.open(tx, l.Tenant)
	}
	return office, to, secret, err
}

// sendDigest sends the letter of a day: what came and was not read.
func (p *Post) sendDigest(ctx context.Context, l outbox.Letter) error {
	n, to := note{}, ""
	err := p.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		n.lines, err = sqldb.List(ctx, tx, sqldb.Text, `SELECT title FROM messages WHERE tenant_id = $1 AND digest = $2 AND read_at IS NULL ORDER BY id`, l.Tenant, l.ID)
		if err == nil && len(n.lines) == 0 {
			return outbox.ErrUnneeded
		}
		if err == nil {
			n.office, to, _, err = p.address(ctx, tx, l, Mail, true)
		}
		return err
	})
	if err != nil {
		return err
	}
	n.title, n.link = fmt.Sprintf("今天有 %d 条消息未读", len(n.lines)), p.link("/messages?unread=1")
	return p.hand(ctx, l, Mail, to, "", n)
}

// sendProof sends the code that is to prove an address.
func (p *Post) sendProof(ctx context.Context, l outbox.Letter) error {
	n, to, secret, c := note{}, "", "", Channel(l.Target)
	err := p.DB.View(ctx, func(tx *sqldb.Tx) error {
		sealed, err := sqldb.List(ctx, tx, func(row sqldb.Row) (b []byte, err error) { return b, row(&b) },
			`SELECT code FROM address_codes WHERE tenant_id = $1 AND address_id = $2 AND until > $3`, l.Tenant, l.Thing, string(day.At(p.Now())))
		if err != nil {
			return err
		}
		if len(sealed) == 0 {
			return outbox.ErrUnneeded // it ran out, or was used
		}
		code, err := tx.Keys().Open(l.Tenant, "address_codes", "code", sealed[0])
		if err != nil {
			return err
		}
		n.title = fmt.Sprintf("验证码 %s，%d 分钟内有效。不是您本人操作，请不用理会。", code, codeMinutes)
		n.office, to, secret, err = p.address(ctx, tx, l, c, false)
		return err
	})
	if err != nil {
		return err
	}
	return p.hand(ctx, l, c, to, secret, n)
}

// hand gives a note to the machine that brings it.
func (p *Post) hand(ctx context.Context, l outbox.Letter, c Channel, to, secret string, n note) error {
	switch c {
	case Mail:
		return Words(p.Mail.Send(ctx, mail.Letter{ID: l.ID, To: to, Subject: n.title, Text: n.letter(), At: p.Now()}))
	case SMS:
		sms := p.SMS
		sms.Guard = p.Guard
		return Words(sms.Send(ctx, to, n.short()))
	}
	r := gateway.Robot{URL: to, Secret: secret, Guard: p.Guard, Now: p.Now}
	if c == DingTalk {
		return Words(r.DingTalk(ctx, n.short()))
	}
	return Words(r.WeCom(ctx, n.short()))
}

// letter is a note as a mail's text.
func (n note) letter() string {
	b := strings.Builder{}
	b.WriteString(n.title + "\r\n")
	for i, line := range n.lines {
		fmt.Fprintf(&b, "\r\n%d. %s", i+1, line)
	}
	if n.link != "" {
		b.WriteString("\r\n\r\n请登录查看：" + n.link)
	} else {
		b.WriteString("\r\n\r\n请登录职工之家，在“消息”里查看。")
	}
	b.WriteString("\r\n\r\n——" + n.office + "\r\n本邮件由系统发出，请不要回复。怎样收消息，在“我的账号”的“消息方式”里改。\r\n")
	return b.String()
}

// longestShort is how many characters of a title a short message holds.
const longestShort = 60

// short is a note as a short message.
func (n note) short() string {
	title := []rune(n.title)
	if len(title) > longestShort {
		title = append(title[:longestShort-1], '…')
	}
	out := "【" + n.office + "】" + string(title)
	if n.link != "" {
		out += " " + n.link
	}
	return out
}

// Words says in people's words why a machine did not take a note.
func Words(err error) error {
	if err == nil {
		return nil
	}
	var m *mail.Error
	var h *gateway.Error
	f := &outbox.Failure{Cause: err, Text: "连接不上，或对方没有答复"}
	switch {
	case errors.Is(err, gateway.ErrPrivate):
		f.Text, f.Final = "对方地址在内网，服务器的设置不允许", true
	case errors.As(err, &m):
		f.Status, f.Final = m.Code, m.Final
		switch {
		case m.Code >= 550 && m.Code < 560:
			f.Text = "对方邮件服务器拒收，请核对邮箱地址"
		case m.Code >= 530 && m.Code < 540:
			f.Text = "邮件服务器不认发信账号或密码，请运维人员核对设置"
		case m.Code >= 400 && m.Code < 500:
			f.Text = "对方邮件服务器暂时不收，会再试"
		case m.Code != 0:
			f.Text = "邮件服务器没有收下，会再试"
		}
	case errors.As(err, &h):
		f.Status, f.Final = h.Status, h.Final
		switch {
		case h.Final:
			f.Text = "对方拒收，请核对地址和密钥"
		case h.Status != 0:
			f.Text = "对方没有收下，会再试"
		}
	}
	return f
}
