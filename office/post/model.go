// Package post is how messages leave the house (消息通道): where and how each
// person wants to be told, which ways the office has, what did not arrive, and
// which programs elsewhere are told of events (事件订阅).
package post

import (
	"context"
	"net/url"
	"slices"
	"time"

	"unionhall/commons/message"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/gateway"
	"unionhall/kit/outbox"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// What the system administrator may do here; one's own ways are everybody's.
const (
	Look   auth.Action = "post.look"     // see what left the house and what did not arrive
	Resend auth.Action = "post.resend"   // send again, or another way
	Turn   auth.Action = "post.channels" // open and close channels
	Hooks  auth.Action = "post.hooks"    // programs elsewhere that are told of events
)

// Labels says what the actions of this room are called in the log.
var Labels = map[auth.Action]string{message.Ways: "改消息方式", Resend: "重发消息", Turn: "开通或关闭消息通道", Hooks: "管理事件订阅", Stops: "停用失败的订阅"}

// Roles is what each office may do here.
func Roles() auth.Roles { return auth.Roles{auth.Admin: {Look, Resend, Turn, Hooks}} }

// Room is this room at work. The hall fills it in.
type Room struct {
	Post   *message.Post
	Box    *outbox.Box
	DB     *sqldb.DB
	Guard  gateway.Guard
	Now    func() time.Time
	Events []Event // what others can be told of
	Names  func(ctx context.Context, tx *sqldb.Tx, tenant int64, ids []string) (map[string]string, error)
}

// Routes are the addresses of this room.
func (m *Room) Routes() []web.Route {
	return slices.Concat(m.own(), m.channelRoutes(), m.hookRoutes())
}

func (m *Room) own() []web.Route {
	return []web.Route{
		{Pattern: "GET /account/messages", Needs: auth.Anyone, Doc: "我的消息方式", Do: web.Page(m.waysPage, waysView)},
		{Pattern: "POST /account/messages", Needs: auth.Anyone, Doc: "保存消息方式", Do: web.Again(web.Act(m.choose), m.waysPage, waysView)},
		{Pattern: "POST /account/messages/addresses", Needs: auth.Anyone, Doc: "登记接收地址", Do: web.Again(web.Act(m.setAddress), m.waysPage, waysView)},
		{Pattern: "POST /account/messages/addresses/{id}/prove", Needs: auth.Anyone, Doc: "验证接收地址", Do: web.Again(web.ActAfter(tryCode, prove), m.waysPage, waysView)},
		{Pattern: "POST /account/messages/addresses/{id}/code", Needs: auth.Anyone, Doc: "重发验证码", Do: web.Again(web.Act(m.code), m.waysPage, waysView)},
		{Pattern: "POST /account/messages/addresses/{id}/drop", Needs: auth.Anyone, Doc: "删除接收地址", Do: web.Again(web.Act(dropAddress), m.waysPage, waysView)},
	}
}

func (m *Room) channelRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /system/channels", Needs: Look, Doc: "消息通道", Do: web.Page(m.channels, channelsView)},
		{Pattern: "POST /system/channels/{channel}", Needs: Turn, Doc: "开通或关闭消息通道", Do: web.Again(web.Act(m.turn), m.channels, channelsView)},
		{Pattern: "GET /system/outbox", Needs: Look, Doc: "发送记录", Do: web.Page(m.letters, lettersView)},
		{Pattern: "GET /system/outbox/{id}", Needs: Look, Doc: "一条发送记录", Do: web.Page(m.letter, letterView)},
		{Pattern: "POST /system/outbox/{id}/again", Needs: Resend, Doc: "重发", Do: web.Again(web.Act(m.again), m.letter, letterView)},
		{Pattern: "POST /system/outbox/{id}/other", Needs: Resend, Doc: "改用别的方式发", Do: web.Again(web.Act(m.other), m.letter, letterView)},
	}
}

func (m *Room) hookRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /system/hooks", Needs: Look, Doc: "事件订阅", Do: web.Page(m.hooks, hooksView)},
		{Pattern: "GET /system/hooks/new", Needs: Hooks, Doc: "新建订阅的表单", Do: web.Page(m.newHook, hookFormView)},
		{Pattern: "POST /system/hooks", Needs: Hooks, Doc: "新建订阅", Do: web.Again(web.Act(m.addHook), m.newHook, hookFormView)},
		{Pattern: "GET /system/hooks/events", Needs: Look, Doc: "可订阅的事件和内容格式", Do: web.Page(m.catalogue, catalogueView)},
		{Pattern: "GET /system/hooks/{id}", Needs: Look, Doc: "一个订阅", Do: web.Page(m.hook, hookView)},
		{Pattern: "GET /system/hooks/{id}/edit", Needs: Hooks, Doc: "修改订阅的表单", Do: web.Page(m.editHook, hookFormView)},
		{Pattern: "POST /system/hooks/{id}/edit", Needs: Hooks, Doc: "修改订阅", Do: web.Again(web.Act(m.changeHook), m.editHook, hookFormView)},
		{Pattern: "POST /system/hooks/{id}/turn", Needs: Hooks, Doc: "停用或启用订阅", Do: web.Again(web.Act(m.turnHook), m.hook, hookView)},
		{Pattern: "POST /system/hooks/{id}/secret", Needs: Hooks, Doc: "换签名密钥", Do: web.Again(web.Act(m.newSecret), m.hook, hookView)},
		{Pattern: "POST /system/hooks/{id}/test", Needs: Hooks, Doc: "发一条试用事件", Do: web.Again(web.Act(m.testHook), m.hook, hookView)},
	}
}

// One names a thing by its id.
type One struct {
	ID string `json:"id" doc:"编号"`
}

// address writes a path with what narrows it.
func address(path string, pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// Sends are how the letters of the house are sent, by kind.
func (m *Room) Sends() map[string]outbox.Send {
	all := m.Post.Sends()
	all[hookKind] = m.deliver
	return all
}

// Work does once what goes on all the time: ways are chosen, what nobody read
// is pressed, and those who want to be told of events are.
func (m *Room) Work(ctx context.Context) error {
	if err := m.Post.Route(ctx); err != nil {
		return err
	}
	return m.Feed(ctx)
}

// Undelivered counts letters that were given up, up to a hundred: what the
// work table tells.
func Undelivered(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) (int64, error) {
	return sqldb.One(ctx, tx, sqldb.Int, `
		SELECT count(*) FROM (SELECT 1 AS one FROM outbox o WHERE o.tenant_id = $1 AND o.state = 'dead' AND o.ended >= $2 LIMIT 100) AS t`,
		g.Tenant(), today.AddDays(-7).Start())
}
