package hall

import (
	"context"
	"fmt"
	"time"

	"unionhall/commons/message"
	"unionhall/commons/rulebook"
	"unionhall/kit/day"
	"unionhall/kit/gateway"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/law"
	"unionhall/office/account"
	"unionhall/office/desk"
	"unionhall/office/post"
)

// newPost furnishes what takes messages out of the house, by the settings.
func (h *House) newPost() *post.Room {
	out := h.Settings.Out
	guard := gateway.Guard{Private: out.Private}
	now := func() time.Time { return h.Now() }
	m := &message.Post{DB: h.DB, Box: h.Box, Mail: out.Mail, SMS: out.SMS, Guard: guard, Public: out.Public, Now: now, Late: late}
	room := &post.Room{Post: m, Box: h.Box, DB: h.DB, Guard: guard, Now: now, Events: post.Events, Names: account.Names}
	if h.Box != nil {
		h.Box.Sends, h.Box.Went, h.Box.Fell = room.Sends(), room.Went, room.Fell
	}
	return room
}

// late is after how long a message that nobody reads goes a second way.
//
// law: S2-34, MSG-01
func late(ctx context.Context, tx *sqldb.Tx, tenant int64, today day.Day) (time.Duration, error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return 0, err
	}
	hours, err := book.Int("message.unread_hours", law.PlaceOf(tenant), today)
	return time.Duration(hours) * time.Hour, err
}

// fromPost tells the administrator what did not arrive of late.
//
// law: PL-13
func fromPost(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(post.Look)
	if !ok {
		return p, nil
	}
	n, err := post.Undelivered(ctx, tx, g, v.Today)
	if err != nil || n == 0 {
		return p, err
	}
	const page = "/system/outbox?state=dead"
	p.Duties = []desk.Duty{{Title: fmt.Sprintf("近七天有 %d 条消息没有送达", n), Href: page, Note: "可以重发，或改用别的方式", Tag: "未送达", Kind: ui.Warn, Act: "去处理", ActHref: page}}
	return p, nil
}
