package ui_test

import (
	"context"
	"io"
	"testing"

	"unionhall/kit/browser"
	"unionhall/kit/ui"

	"github.com/a-h/templ"
)

// inside renders a component whose children are the given ones.
func inside(outer templ.Component, children ...templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return outer.Render(templ.WithChildren(ctx, templ.Join(children...)), w)
	})
}

func formPage() templ.Component {
	form := inside(ui.Form(ui.Paper{Action: "/taken", Submit: "登记", Draft: true}),
		ui.Text(ui.Field{Name: "name", Label: "姓名", Required: true}),
		ui.Select(ui.Field{Name: "union", Label: "所在工会", Hint: "请选择"}, []ui.Option{{Value: "1", Text: "财政局机关工会"}, {Value: "2", Text: "水务局机关工会"}}),
		ui.Checkbox(ui.Field{Name: "agree", Label: "已签字"}))
	ask := inside(ui.Confirm(ui.Question{Open: "注销会籍", Title: "注销 3 名会员的会籍？", Words: "将注销 3 名会员的会籍。", Action: "/taken", Submit: "注销 3 人", Danger: true}),
		ui.Text(ui.Field{Name: "reason", Label: "理由"}))
	return inside(ui.Shell(ui.Page{Title: "登记会员"}), form, ask)
}

func TestKeys(t *testing.T) {
	p := browser.Open(t, site(t))
	p.Go("/parts")
	p.Press("/")
	if got := browser.Eval[string](p, `document.activeElement.id`); got != "find" {
		t.Errorf("/ leads to %q", got)
	}
	browser.Eval[bool](p, `document.activeElement.blur() || true`)
	p.Press("gm")
	if p.Path() != "/members" {
		t.Errorf("g m leads to %s", p.Path())
	}
	p.Press("?")
	p.See("键盘")
	p.Press("\x1b")
	if browser.Eval[bool](p, `document.getElementById("keys").open`) {
		t.Error("Escape leaves the keys open")
	}
}

// Nothing typed is lost by leaving the page, and what was sent is not brought
// back.
func TestDraft(t *testing.T) {
	p := browser.Open(t, site(t))
	p.Go("/form")
	p.Type("姓名", "阿布都·买买提𫖯")
	p.Select("所在工会", "水务局机关工会")
	p.Click("已签字")
	p.Click("文体活动") // not here: leaves the form
	p.Go("/form")
	p.See("已恢复您上次没有提交的内容")
	if name, union := p.Value("#f-name"), p.Value("#f-union"); name != "阿布都·买买提𫖯" || union != "2" || !browser.Eval[bool](p, `document.getElementById("f-agree").checked`) {
		t.Errorf("the draft is %q, %q", name, union)
	}
	p.Click("不要了，用原来的")
	if name := p.Value("#f-name"); name != "" {
		t.Errorf("the draft stays: %q", name)
	}
	p.Type("姓名", "李思远")
	p.Click("登记")
	if p.Path() != "/members" {
		t.Fatalf("sent to %s", p.Path())
	}
	p.Go("/form")
	if name := p.Value("#f-name"); name != "" {
		t.Errorf("what was sent comes back: %q", name)
	}
}

func TestConfirm(t *testing.T) {
	p := browser.Open(t, site(t))
	p.Go("/form")
	p.Click("注销会籍")
	p.See("将注销 3 名会员的会籍。")
	p.Click("不办了")
	if browser.Eval[bool](p, `!!document.querySelector("dialog").offsetParent`) {
		t.Error("the question is still there")
	}
	p.Click("注销会籍")
	p.Type("理由", "退休")
	p.Click("注销 3 人")
	if p.Path() != "/members" {
		t.Errorf("sent to %s", p.Path())
	}
}

// Hidden columns, density and the look outlast the page.
func TestRemembered(t *testing.T) {
	p := browser.Open(t, site(t))
	p.Go("/parts")
	p.Click(".picker summary")
	p.Click("出生日期")
	p.Click("紧凑")
	p.Click("大字版")
	if !browser.Eval[bool](p, `document.documentElement.matches(".elder:not(.desk)")`) {
		t.Error("elder mode is not on")
	}
	p.Click("标准版")
	p.Go("/parts")
	if shown := browser.Eval[bool](p, `!!document.querySelector("#parts th:nth-child(4)").offsetParent`); shown {
		t.Error("the hidden column is back")
	}
	if !browser.Eval[bool](p, `document.documentElement.classList.contains("dense")`) {
		t.Error("the density is forgotten")
	}
	p.Click("[data-look=theme]")
	p.Go("/parts")
	if !browser.Eval[bool](p, `document.documentElement.classList.contains("dark")`) {
		t.Error("the theme is forgotten")
	}
}

func TestManyAtOnce(t *testing.T) {
	p := browser.Open(t, site(t))
	p.Go("/parts")
	p.Click("[data-all]")
	p.See("已选 5 人")
	p.Click("#parts tbody input")
	p.See("已选 4 人")
}
