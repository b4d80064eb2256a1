package admission

import (
	"context"
	"io"
	"net/url"
	"strconv"
	"unicode/utf8"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/ident"
	"unionhall/kit/print"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
	"unionhall/law/codes"
)

func itoa(n int) string      { return strconv.Itoa(n) }
func version(n int64) string { return strconv.FormatInt(n, 10) }
func clause(id string) ui.Article { // as pages quote it
	r, ok := law.RuleOf(id)
	if !ok {
		return ui.Article{ID: id}
	}
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

// Masked is a form as pages show it.
type Masked struct {
	Form
	Sex      member.Sex `json:"sex"`
	Birthday day.Day    `json:"birthday"`
}

// maskedOf hides the numbers of a form; sex and day of birth are those that
// the number tells.
func maskedOf(f Form, today day.Day) Masked {
	out := Masked{Form: f}
	if p, err := f.Form.Read(today); err == nil {
		out.Sex, out.Birthday = p.Sex, p.Birthday
	}
	out.IDNo, out.Phone = ident.Mask(f.IDNo), ident.MaskPhone(f.Phone)
	return out
}

// maskName hides the middle of a name: whoever finds a receipt learns little.
func maskName(name string) string {
	r := []rune(name)
	if len(r) < 2 {
		return name
	}
	if len(r) == 2 {
		return string(r[0]) + "*"
	}
	_, last := utf8.DecodeLastRuneInString(name)
	return string(r[0]) + "*" + name[len(name)-last:]
}

func unionOptions(refs []registry.Ref) []ui.Option {
	out := make([]ui.Option, len(refs))
	for i, r := range refs {
		out[i] = ui.Option{Value: r.Code, Text: r.Name}
	}
	return out
}

func codeOptions(t codes.Table) (out []ui.Option) {
	for _, c := range t.All() {
		out = append(out, ui.Option{Value: c.Code, Text: c.Label})
	}
	return out
}

func stateOptions() []ui.Option {
	out := []ui.Option{{Value: "", Text: "待办的"}}
	for _, s := range []State{Applied, Raised, Returned, Approved, Moving, Refused, Withdrawn} {
		out = append(out, ui.Option{Value: string(s), Text: s.Label()})
	}
	return append(out, ui.Option{Value: string(anyState), Text: "全部"})
}

var wayOptions = []ui.Option{{Value: string(Paper), Text: "书面"}, {Value: string(Oral), Text: "口头"}}

// checked is web.Field for a box to tick: a form that came back shows what was
// ticked in it.
func checked(ctx context.Context, f ui.Field) ui.Field {
	if _, refused := web.Refused(ctx); refused {
		f.On = web.Typed(ctx, f.Name, "") != ""
	}
	f.Error = web.Problem(ctx, f.Name)
	return f
}

func (p ListPage) next() string {
	if p.Next == "" {
		return ""
	}
	v := url.Values{"after": {p.Next}}
	if p.q.State != "" {
		v.Set("state", string(p.q.State))
	}
	return home + "?" + v.Encode()
}

// overdue reports whether an application waits for longer than it should.
func (r Row) overdue(today day.Day) bool {
	return (r.State == Applied || r.State == Raised) && r.Due < today
}

// address keeps whom the form for many means.
func (p ManyPage) address() string {
	v := url.Values{}
	for _, a := range p.Ready {
		v.Add("id", a.ID)
	}
	return home + "/many?" + v.Encode()
}

// story tells the steps that were taken and, last, what is waited for.
func (d Detail) story() (out []ui.Event) {
	for _, s := range d.Steps {
		e := ui.Event{Kind: ui.Info, At: s.At.Local(), Title: s.After.Label(), Who: d.by(s), Words: s.Words}
		switch s.Act {
		case Apply, Enter:
			e.Title = d.Way.Label() + "申请入会"
		case Complete:
			e.Title = "补正后再交"
		case Raise:
			e.Title, e.Kind = "提交上级", ui.Warn
		case Return:
			e.Title = "退回补正"
		case Approve:
			e.Title, e.Kind = "批准入会", ui.OK
		case Refuse:
			e.Kind = ui.Bad
		}
		if s.Document != "" {
			e.Words += "（文号 " + s.Document + "）"
		}
		out = append(out, e)
	}
	switch {
	case d.State == Returned:
		out = append(out, ui.Event{Kind: ui.Info, Title: "等申请人补正"})
	case d.State.Open() && d.Due < d.today:
		out = append(out, ui.Event{Kind: ui.Warn, At: "应于 " + string(d.Due) + " 前办理", Title: "等" + d.waits() + "审批，已逾期"})
	case d.State.Open():
		out = append(out, ui.Event{Kind: ui.Info, At: "最迟 " + string(d.Due), Title: "等" + d.waits() + "审批"})
	}
	return out
}

func (d Detail) waits() string {
	if d.State == Raised {
		return "本工会或上级"
	}
	return d.Row.Union
}

func (d Detail) by(s flow.Past[State]) string {
	name, office := d.who[s.Account], s.Office.Label()
	switch {
	case s.Office == auth.Applicant:
		return "本人"
	case s.Office == byClock:
		return "系统"
	case s.Acting != "":
		office = "代" + office
	}
	if name == "" {
		return office
	}
	return name + "（" + office + "）"
}

func (d Detail) path(s flow.Step[State]) string {
	return d.Row.Place() + "/" + string(s.Act)[len("admissions."):]
}

// outcome says what a step will do.
func (d Detail) outcome(s flow.Step[State]) string {
	switch {
	case s.Act == Approve && d.Known != "":
		return "此人已在" + d.Known + "入会。一人一籍：批准后转为会籍接转，等原工会确认转出。"
	case s.Act == Approve && d.Before != "":
		return "此人曾经入会（" + d.Before.Label() + "），批准后沿用原会员号，入会时间从今天算起。"
	case s.Act == Approve:
		return "批准后即为" + d.Row.Union + "的会员，入会时间从今天算起，会员号由系统编定。"
	case s.Act == Return:
		return "申请人会在进度页上看到理由，补正后重新计算期限。"
	}
	return "申请人会在进度页上看到理由；以后可以重新申请。"
}

func yes(b bool) string {
	if b {
		return "是"
	}
	return ""
}

// wait tells an applicant in a sentence where things stand.
func (p Receipt) wait() string {
	switch p.State {
	case Applied:
		return "您的申请已送到" + p.Union + "，一般在 " + string(p.Due) + " 前办理。"
	case Returned:
		return "您的申请要补正，补好后再交一次。"
	case Approved:
		return "欢迎加入！您现在是" + p.Union + "的会员。"
	case Moving:
		return p.Union + "已同意，正在为您办理会籍接转，办结后您就是这里的会员。"
	case Refused:
		return "您的申请没有被批准。对理由有疑问，可以向" + p.Union + "或上级工会了解；以后可以重新申请。"
	}
	return "您撤回了这份申请。需要时可以用入会链接重新申请。"
}

// form is the application (入会申请书) on paper, with the place where the
// committee signs.
//
// law: MEM-02
func form(r *web.Request, in ByID) (web.File, error) {
	a, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return web.File{}, err
	}
	f := web.File{Name: "入会申请书-" + a.Form.Name + ".pdf", Type: "application/pdf"}
	f.Write = func(dst io.Writer) error { return writeForm(a, r.Actor().Name(), r.Now, dst) }
	return f, nil
}

func writeForm(a Application, by string, at day.Instant, dst io.Writer) error {
	f := maskedOf(a.Form, at.Day())
	d, err := print.New(print.Paper{Office: a.Union.Name, Title: "中华全国总工会入会申请书", Note: a.No, By: by, Made: at})
	if err != nil {
		return err
	}
	d.Text("　　我自愿加入中国工会，遵守《中国工会章程》，执行工会决议，积极参加工会活动，按月缴纳会费。")
	t := d.Table(print.Column{Head: "项目", Width: 1.4}, print.Column{Head: "内容", Width: 3}, print.Column{Head: "项目", Width: 1.4}, print.Column{Head: "内容", Width: 3})
	for _, row := range [][4]string{
		{"姓名", f.Name, "性别", f.Sex.Label()}, {"出生日期", string(f.Birthday), "民族", codes.Ethnic.Label(f.Ethnic)},
		{"学历", codes.Education.Label(f.Education), "政治面貌", codes.Political.Label(f.Politics)}, {"籍贯", f.Native, "移动电话", f.Phone},
		{"工作单位", f.WorkUnit, "证件号码", f.IDNo}, {"职务", f.Duty, "职称", f.Title}, {"家庭主要成员", f.Family, "个人简历", f.Resume},
		{"劳务派遣", yes(f.Dispatched), "派遣或用工单位", f.Other},
	} {
		if err := t.Row(row[:]...); err != nil {
			return err
		}
	}
	t.End()
	d.Signatures("申请人（签名）", "日期")
	d.Text("基层工会委员会审批意见：")
	ended := day.Day("")
	if a.State == Approved {
		d.Text("　　同意入会，会籍自 " + string(a.Ended.Day()) + " 起。")
		ended = a.Ended.Day()
	}
	d.Seal(a.Union.Name, ended)
	_, err = d.WriteTo(dst)
	return err
}

// poster is an invitation on paper, to be hung on a wall.
func poster(r *web.Request, in ByID) (web.File, error) {
	i, err := FindInvite(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return web.File{}, err
	}
	f := web.File{Name: "入会海报-" + i.Name + ".pdf", Type: "application/pdf"}
	f.Write = func(dst io.Writer) error { return writePoster(i, link(r, i), r.Actor().Name(), r.Now, dst) }
	return f, nil
}

func writePoster(i Invitation, address, by string, at day.Instant, dst io.Writer) error {
	d, err := print.New(print.Paper{Office: i.office, Title: "加入工会，扫码申请", Note: "有效至 " + string(i.Expires), By: by, Made: at})
	if err != nil {
		return err
	}
	d.Heading(i.Union.Name)
	d.Code(address, 110)
	d.Heading("用手机扫一扫，填写入会申请书")
	d.Text("一、扫码打开申请表，看清收集个人信息的说明，填写姓名、证件号码和手机号，其余可以以后再补。")
	d.Text("二、提交后请收藏进度页：办到哪一步、批准后的会员号，都在那里看。")
	d.Text("三、批准后即为工会会员，手机上出示会员证。不方便用手机的，可以到工会办公室书面或口头申请。")
	d.Text("网址：" + address)
	_, err = d.WriteTo(dst)
	return err
}

// state is how an invitation stands, as a tag.
func (i Invitation) state(today day.Day) (ui.Kind, string) {
	switch {
	case i.Closed != "":
		return ui.Mute, "已停用"
	case today > i.Expires:
		return ui.Mute, "已过期"
	}
	return ui.OK, "有效"
}

func onlyUnion(p InvitesPage) string {
	if len(p.Unions) == 1 {
		return p.Unions[0].Code
	}
	return ""
}

func orCard(kind string) string {
	if kind == "" {
		return "1"
	}
	return kind
}

// unfolded reports whether one of the fields that fold away was refused.
func unfolded(ctx context.Context) bool {
	for _, name := range []string{"ethnic", "education", "politics", "native", "duty", "title", "family", "resume"} {
		if web.Problem(ctx, name) != "" || web.Typed(ctx, name, "") != "" {
			return true
		}
	}
	return false
}

// plainly is a field for a password: what was typed never comes back.
func plainly(f ui.Field) ui.Field {
	f.Value = ""
	return f
}
