package registry

import (
	"context"

	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law/codes"
)

// What the forms of unions show.

func codeOptions(t codes.Table) (out []ui.Option) {
	for _, c := range t.All() {
		out = append(out, ui.Option{Value: c.Code, Text: c.Label})
	}
	return out
}

// checked is web.Field for a box to tick: a form that came back shows what was
// ticked in it and not what the thing has.
func checked(ctx context.Context, f ui.Field) ui.Field {
	if _, back := web.Refused(ctx); back {
		f.On = web.Typed(ctx, f.Name, "") != ""
	}
	f.Error = web.Problem(ctx, f.Name)
	return f
}

func (p FormPage) moveNote() string {
	words := "将把会员 " + digits(p.Members) + " 人"
	if n := len(p.Below); n > 0 {
		words += "和 " + digits(n) + " 个下级工会"
	}
	return words + "一起划过去；原上级从此看不到他们，生效日期以前的组织图不变。"
}

func (p FormPage) mergeNote() string {
	words := "将移交会籍 " + digits(p.Memberships) + " 名"
	if kept := p.Memberships - p.Own; kept > 0 {
		words += "（其中保留会籍和申请中的 " + digits(kept) + " 名）"
	}
	if p.Seats > 0 {
		words += "，" + digits(p.Seats) + " 个任职以撤并结束"
	}
	return words + "。办理后不能撤回。"
}

func (p FormPage) closeNote() string {
	words := "办理后不能撤回"
	if p.Seats > 0 {
		words += "；" + digits(p.Seats) + " 个任职以撤并结束"
	}
	if p.Memberships > 0 {
		words += "；保留会籍和申请中的 " + digits(p.Memberships) + " 名转由上级工会管理"
	}
	return words + "。"
}
