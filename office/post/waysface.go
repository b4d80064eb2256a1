package post

import (
	"context"

	"unionhall/commons/message"
	"unionhall/kit/web"
)

// about says what messages a class holds.
func about(c message.Class) string {
	switch c {
	case message.Must:
		return "通知、公示等须看到的；一天没看，会自动换一种方式再提醒"
	case message.Own:
		return "自己的入会、转接、资料变动"
	case message.Safety:
		return "登录、密码、岗位的变动；不受免打扰限制"
	case message.Work:
		return "导入、导出等任务办完了"
	}
	return "要您办的、催您办的；一天没看，会自动换一种方式再提醒"
}

func (p WaysPage) any() bool {
	for _, c := range p.Channels {
		if c.Open {
			return true
		}
	}
	return false
}

// typed is what was typed into the form of one channel before it was refused:
// the forms of all channels name their fields alike.
func (p WaysPage) typed(ctx context.Context, c message.Channel, name string) string {
	if web.Typed(ctx, "channel", "") != string(c) {
		return ""
	}
	return web.Typed(ctx, name, "")
}

func (p WaysPage) problem(ctx context.Context, c message.Channel, name string) string {
	if web.Typed(ctx, "channel", "") != string(c) {
		return ""
	}
	return web.Problem(ctx, name)
}
