package member

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"net/url"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/web"
)

const listPlace = "/grassroots/registry/members"

// Routes is every page of this room with the action it needs.
func Routes() []web.Route {
	const m = listPlace
	return []web.Route{
		{Pattern: "GET " + m, Needs: Look, Doc: "会员列表", Do: web.Page(list, listView)},
		{Pattern: "GET " + m + ".csv", Needs: Export, Doc: "导出会员名单（文本）", Do: web.Download(exportCSV)},
		{Pattern: "GET " + m + ".xlsx", Needs: Export, Doc: "导出会员名单（电子表格）", Do: web.Download(exportXLSX)},
		{Pattern: "GET " + m + ".pdf", Needs: Export, Doc: "打印会员花名册", Do: web.Download(exportPDF)},
		{Pattern: "GET " + m + "/export", Needs: Export, Doc: "导出会员名单的选择", Do: web.Page(exporting, exportView)},
		{Pattern: "GET " + m + "/figures", Needs: Look, Doc: "会员统计", Do: web.Page(charts, chartsView)},
		{Pattern: "GET " + m + "/reminders", Needs: Look, Doc: "会籍提醒：到龄退休、借调期满", Do: web.Page(reminders, remindersView)},
		{Pattern: "GET " + m + "/new", Needs: Edit, Doc: "入会登记表", Do: web.Page(newMember, newView)},
		{Pattern: "POST " + m, Needs: Edit, Doc: "登记会员", Do: web.Again(web.Act(register), newMember, newView)},
		{Pattern: "GET " + m + "/many", Needs: Change, Doc: "批量办理会籍变动的预览", Do: web.Page(many, manyView)},
		{Pattern: "POST " + m + "/many", Needs: Change, Doc: "批量办理会籍变动", Do: web.Again(web.Act(alterMany), many, manyView)},
		{Pattern: "GET " + m + "/{id}", Needs: Look, Doc: "一名会员的情况", Do: web.Page(detail, detailView)},
		{Pattern: "GET " + m + "/{id}/edit", Needs: Edit, Doc: "更正资料的表", Do: web.Page(editing, editView)},
		{Pattern: "POST " + m + "/{id}/edit", Needs: Edit, Doc: "更正资料", Do: web.Again(web.Act(correct), editing, editView)},
		{Pattern: "GET " + m + "/{id}/change", Needs: Change, Doc: "会籍变动的表", Do: web.Page(changing, changeView)},
		{Pattern: "POST " + m + "/{id}/change", Needs: Change, Doc: "办理会籍变动", Do: web.Again(web.Act(alter), changing, changeView)},
		{Pattern: "POST " + m + "/{id}/reveal", Needs: Reveals, Doc: "查看完整号码", Do: web.Again(web.Act(reveal), detail, detailView)},
		{Pattern: "POST " + m + "/{id}/files", Needs: Edit, Doc: "添加附件", Do: web.Again(web.Act(attach), detail, detailView)},
		{Pattern: "GET " + m + "/{id}/files/{file}", Needs: Look, Doc: "下载附件", Do: web.Download(download)},
		{Pattern: "POST " + m + "/{id}/files/{file}/delete", Needs: Edit, Doc: "删除附件", Do: web.Act(detach)},
		{Pattern: "GET /me", Needs: auth.Anyone, Doc: "本人的会员证和资料", Do: web.Page(me, meView)},
		{Pattern: "POST /me/reveal", Needs: auth.Anyone, Doc: "查看本人的完整号码", Do: web.Act(revealOwn)},
	}
}

// Roles says which office may do what. Chairs do for their own union what the
// officer does for all; those of the system see no member's data.
func Roles() auth.Roles {
	all := []auth.Action{Look, Export, Reveals, Edit, Change}
	return auth.Roles{
		auth.Officer:  all,
		auth.Chair:    all,
		auth.Director: {Look},
		auth.Auditor:  {Look},
		auth.Member:   {Own},
	}
}

// rights are what a page offers to whoever asks.
type rights struct{ export, reveal, edit, change, intake, print bool }

func rightsOf(r *web.Request) rights {
	return rights{r.May(Export), r.May(Reveals), r.May(Edit), r.May(Change), r.May("imports.run"), r.May("papers.print")}
}

// ListPage is what the list shows.
type ListPage struct {
	Page
	q   Query
	top registry.Ref
	may rights
}

func list(r *web.Request, in Query) (ListPage, error) {
	s, err := ready(r.Ctx, r.Tx, r.Grant, in)
	if err != nil {
		return ListPage{}, err
	}
	p, err := s.page(r.Ctx)
	return ListPage{p, s.q, s.top, rightsOf(r)}, err
}

func exportCSV(r *web.Request, in ExportQuery) (web.File, error) {
	f := web.File{Name: "会员花名册-" + string(r.Today) + ".csv", Type: "text/csv; charset=utf-8"}
	f.Write = func(dst io.Writer) error { return WriteCSV(r.Ctx, r.Tx, r.Grant, in, dst) }
	return f, takeAway(r, &in)
}

func exportXLSX(r *web.Request, in ExportQuery) (web.File, error) {
	f := web.File{Name: "会员花名册-" + string(r.Today) + ".xlsx", Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
	f.Write = func(dst io.Writer) error { return WriteXLSX(r.Ctx, r.Tx, r.Grant, in, dst) }
	return f, takeAway(r, &in)
}

func takeAway(r *web.Request, in *ExportQuery) error {
	if err := in.check(r.May(Reveals)); err != nil {
		return err
	}
	return LogExport(r.Ctx, r.Site.DB, r.Grant, *in, r.Now)
}

// ExportPage asks how a list is to be taken away.
type ExportPage struct {
	Total any `json:"total,omitempty"`
	q     Query
	may   rights
}

func exporting(r *web.Request, in Query) (ExportPage, error) {
	in.After, in.Limit = "", 1
	p, err := List(r.Ctx, r.Tx, r.Grant, in)
	return ExportPage{p.Total, in, rightsOf(r)}, err
}

// ChartsQuery asks for the figures of a union.
type ChartsQuery struct {
	Union string `json:"union" doc:"工会编码"`
}

func charts(r *web.Request, in ChartsQuery) (Charts, error) {
	return ChartsOf(r.Ctx, r.Tx, r.Grant, in.Union, r.Today)
}

// NewQuery may name the union that the form begins with.
type NewQuery struct {
	Union string `json:"union" doc:"工会编码"`
}

// NewPage is the registration form.
type NewPage struct {
	Unions []registry.Ref `json:"unions"` // that a member may join
	union  string
	today  day.Day
}

func newMember(r *web.Request, in NewQuery) (NewPage, error) {
	unions, err := joinable(r)
	p := NewPage{Unions: unions, union: in.Union, today: r.Today}
	if p.union == "" && len(unions) == 1 {
		p.union = unions[0].Code
	}
	return p, err
}

// joinable lists the standing unions within reach.
func joinable(r *web.Request) ([]registry.Ref, error) {
	all, err := registry.All(r.Ctx, r.Tx, r.Grant)
	out := []registry.Ref{}
	for _, u := range all {
		if u.State == registry.Standing {
			out = append(out, u.Ref())
		}
	}
	return out, err
}

// RegisterForm is the registration form with what the committee decided.
type RegisterForm struct {
	Form
	Union    string  `json:"union" doc:"所属工会"`
	Joined   day.Day `json:"joined" doc:"入会时间"`
	Document string  `json:"document" doc:"批准文号"`
}

func register(r *web.Request, in RegisterForm) (Card, error) {
	m, err := Register(r.Ctx, r.Tx, r.Grant, in.Union, in.Form, in.Joined, in.Document, r.Now)
	c := cardOf(m)
	c.created, c.said = true, "已登记"+m.Person.Name+"，会员号 "+m.CardNo+"。"
	if m.Person.Employment == "4" || m.Person.Employment == "5" {
		c.said += "此人已退休，按规定应保留会籍，请接着办理。" // law: MEM-15
	}
	return c, err
}

// ByID names one member.
type ByID struct {
	ID    string `json:"id" doc:"编号"`
	Tab   string `json:"tab" doc:"栏目"`
	Shown string `json:"shown" doc:"刚才查看的号码"` // sealed
}

func detail(r *web.Request, in ByID) (Detail, error) {
	m, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if fault.Of(err).Kind == fault.NotFound {
		if m, err = Survivor(r.Ctx, r.Tx, r.Grant, in.ID); err == nil && !web.WantsJSON(r.HTTP) {
			err = &web.Detour{Place: m.Place(), Err: fault.New(fault.NotFound, "这份会籍已合并到%s的另一份。", m.Person.Name)}
		}
	}
	if err != nil {
		return Detail{}, err
	}
	d, err := detailOf(r.Ctx, r.Tx, r.Grant, m)
	d.tab, d.today, d.may = in.Tab, r.Today, rightsOf(r)
	d.shown = glimpsed(r, m.ID, in.Shown)
	return d, err
}

// glimpsed opens a value that was revealed a moment ago to whoever asks.
func glimpsed(r *web.Request, id, shown string) (v glimpse) {
	sealed, err := base64.RawURLEncoding.DecodeString(shown)
	if err != nil || shown == "" {
		return glimpse{}
	}
	text, err := r.Tx.Keys().Open(r.Grant.Tenant(), "glimpse", "value", sealed)
	if err != nil || json.Unmarshal([]byte(text), &v) != nil || !v.fresh(r.Grant, id, r.Now) {
		return glimpse{}
	}
	return v
}

// EditPage is the form of a correction, numbers masked: one that is left
// masked stays as it is.
type EditPage struct {
	Card
	form Form
}

func editing(r *web.Request, in ByID) (EditPage, error) {
	m, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	c := cardOf(m)
	f := formOf(m.Person)
	f.IDNo, f.Phone = c.IDNo, c.Phone
	return EditPage{c, f}, err
}

// CorrectForm is a corrected registration form.
type CorrectForm struct {
	Form
	ID      string  `json:"id" doc:"编号"`
	Version int64   `json:"version" doc:"版本"`
	Joined  day.Day `json:"joined" doc:"入会时间"`
}

func correct(r *web.Request, in CorrectForm) (Card, error) {
	was, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Card{}, err
	}
	masked := cardOf(was)
	if in.IDNo == masked.IDNo {
		in.IDNo = was.Person.IDNo
	}
	if in.Phone == masked.Phone {
		in.Phone = was.Person.Phone
	}
	m, err := Correct(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Form, in.Joined, r.Now)
	c := cardOf(m)
	c.said = "已更正" + m.Person.Name + "的资料。"
	return c, err
}

// RevealForm asks for a sealed field.
type RevealForm struct {
	ID     string `json:"id" doc:"编号"`
	Field  string `json:"field" doc:"项目"`
	Reason string `json:"reason" doc:"用途"`
}

// Revealed is a sealed field in the clear, told once.
type Revealed struct {
	ID    string `json:"id"`
	Field string `json:"field"`
	Value string `json:"value"`
	place string
}

// Place leads to the page that shows the value to the same person, for a
// minute.
func (v Revealed) Place() string { return v.place }

// Kept is what is stored with the key of the request: no value.
func (v Revealed) Kept() any { return Revealed{ID: v.ID, Field: v.Field} }

func reveal(r *web.Request, in RevealForm) (Revealed, error) {
	m, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Revealed{}, err
	}
	return revealed(r, m, in, m.Place())
}

func revealOwn(r *web.Request, in RevealForm) (Revealed, error) {
	m, err := self(r)
	if err != nil {
		return Revealed{}, err
	}
	return revealed(r, m, in, "/me")
}

func revealed(r *web.Request, m Member, in RevealForm, place string) (Revealed, error) {
	value, err := Reveal(r.Ctx, r.Tx, r.Grant, m, in.Field, in.Reason, r.Now)
	if err != nil {
		return Revealed{}, err
	}
	text, err := json.Marshal(glimpse{r.Now, r.Grant.Account(), m.ID, in.Field, value})
	sealed := r.Tx.Keys().Seal(r.Grant.Tenant(), "glimpse", "value", string(text))
	return Revealed{m.ID, in.Field, value, place + "?shown=" + url.QueryEscape(base64.RawURLEncoding.EncodeToString(sealed))}, err
}

// self finds the member who asks.
func self(r *web.Request) (Member, error) {
	if r.Actor().Self() == "" {
		return Member{}, fault.New(fault.NotFound, "您的账号没有对应的会员资料。如果您是会员，请联系本单位工会主席或组织干事登记。")
	}
	m, err := Any(r.Ctx, r.Tx, r.Grant.Tenant(), r.Actor().Self())
	if err == nil && m.ID == "" {
		err = fault.New(fault.NotFound, "您的会员资料已不在系统中，请联系组织干事。")
	}
	return m, err
}

// MeQuery asks for one's own page.
type MeQuery struct {
	Shown string `json:"shown" doc:"刚才查看的号码"`
}

// me shows one's own data; whoever is no member gets a page that says so.
func me(r *web.Request, in MeQuery) (Detail, error) {
	d := Detail{own: true, today: r.Today}
	if r.Actor().Self() == "" {
		return d, nil
	}
	m, err := self(r)
	if err != nil {
		return d, err
	}
	d, err = detailOf(r.Ctx, r.Tx, r.Grant, m)
	d.own, d.today, d.shown = true, r.Today, glimpsed(r, m.ID, in.Shown)
	return d, err
}
