package own

import (
	"io"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/web"
)

// Routes is every page of this room with the action it needs. What begins with
// /me is about the person who asks, and nobody else.
func (m *Room) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + dataPlace, Needs: auth.Anyone, Doc: "我的信息：关于本人的全部记录", Do: web.Page(m.data, dataView)},
		{Pattern: "GET /me/looks", Needs: auth.Anyone, Doc: "谁看过本人的完整号码", Do: web.Page(myLooks, looksView)},
		{Pattern: "GET /me/copy.zip", Needs: auth.Anyone, Doc: "取走关于本人的全部资料", Do: web.Download(m.takeCopy)},
		{Pattern: "GET " + minePlace, Needs: auth.Anyone, Doc: "本人的申请", Do: web.Page(mine, mineView)},
		{Pattern: "GET " + minePlace + "/new", Needs: auth.Anyone, Doc: "提出申请的表", Do: web.Page(asking, askView)},
		{Pattern: "POST " + minePlace, Needs: auth.Anyone, Doc: "提出更正、删除或说明的申请", Do: web.Again(web.Act(ask), asking, askView)},
		{Pattern: "GET " + minePlace + "/{own}", Needs: auth.Anyone, Doc: "本人的一份申请", Do: web.Page(mineOne, mineOneView)},
		{Pattern: "POST " + minePlace + "/{own}/cancel", Needs: auth.Anyone, Doc: "撤回本人的申请", Do: web.Act(takeBack)},
		{Pattern: "GET " + minePlace + "/{own}/files/{paper}", Needs: auth.Anyone, Doc: "下载本人申请的附件", Do: web.Download(m.minePaper)},

		{Pattern: "GET " + listPlace, Needs: Look, Doc: "资料更正等申请", Do: web.Page(list, listView)},
		{Pattern: "GET " + listPlace + "/new", Needs: Enter, Doc: "登记近亲属申请的表", Do: web.Page(entering, enterView)},
		{Pattern: "POST " + listPlace, Needs: Enter, Doc: "登记近亲属的申请", Do: web.Again(web.Act(enter), entering, enterView)},
		{Pattern: "GET " + listPlace + "/{request}", Needs: Look, Doc: "一份申请", Do: web.Page(one, oneView)},
		{Pattern: "POST " + listPlace + "/{request}/grant", Needs: Grant, Doc: "同意申请并办理", Do: web.Again(web.Act(decide), one, oneView)},
		{Pattern: "POST " + listPlace + "/{request}/refuse", Needs: Refuse, Doc: "不同意申请", Do: web.Again(web.Act(decide), one, oneView)},
		{Pattern: "GET " + listPlace + "/{request}/files/{paper}", Needs: Look, Doc: "下载申请的附件", Do: web.Download(m.paper)},
		{Pattern: "GET " + listPlace + "/{request}/copy.zip", Needs: Enter, Doc: "为近亲属取走资料", Do: web.Download(m.copyFor)},

		{Pattern: "GET " + keepPlace, Needs: Erase, Doc: "到期的离会人员资料", Do: web.Page(keeping, keepView)},
		{Pattern: "POST " + keepPlace, Needs: Erase, Doc: "清理到期的资料", Do: web.Again(web.Act(m.clearing), keeping, keepView)},
	}
}

// self finds the member who asks.
func self(r *web.Request) (member.Member, error) {
	if r.Actor().Self() == "" {
		return member.Member{}, fault.New(fault.NotFound, "您的账号没有对应的会员资料。如果您是会员，请联系本单位工会主席或组织干事登记。")
	}
	m, err := member.Any(r.Ctx, r.Tx, r.Grant.Tenant(), r.Actor().Self())
	if err == nil && m.ID == "" {
		err = fault.New(fault.NotFound, "您的会员资料已不在系统中，请联系组织干事。")
	}
	return m, err
}

// DataPage is everything that is held about the viewer, numbers masked.
type DataPage struct {
	Everything
	none bool
}

func (m *Room) data(r *web.Request, _ struct{}) (DataPage, error) {
	if r.Actor().Self() == "" {
		return DataPage{none: true}, nil
	}
	who, err := self(r)
	if err != nil {
		return DataPage{}, err
	}
	e, err := m.Gather(r.Ctx, r.Tx, r.Grant, who, false, r.Now)
	return DataPage{Everything: e}, err
}

// LooksQuery says where the list begins.
type LooksQuery struct {
	After string `json:"after" doc:"上一页末行"`
}

// LooksPage lists who saw the viewer's sealed fields, and why.
type LooksPage struct {
	Items []member.Entry `json:"items"`
	Next  string         `json:"next,omitempty"`
	none  bool
}

const pageRows = 50

func myLooks(r *web.Request, in LooksQuery) (LooksPage, error) {
	p := LooksPage{Items: []member.Entry{}, none: r.Actor().Self() == ""}
	if p.none {
		return p, nil
	}
	who, err := self(r)
	if err != nil {
		return p, err
	}
	p.Items, err = member.LooksAt(r.Ctx, r.Tx, r.Grant.Tenant(), who, in.After, pageRows+1)
	if len(p.Items) > pageRows {
		p.Items = p.Items[:pageRows]
		p.Next = p.Items[pageRows-1].ID
	}
	return p, err
}

func (m *Room) takeCopy(r *web.Request, _ struct{}) (web.File, error) {
	if r.Actor().Self() == "" { // an account without a member holds nothing but itself
		e := Everything{Made: r.Now, Office: r.Site.Name, Sections: []Section{}}
		return m.zip(r, "我的资料", e), nil
	}
	who, err := self(r)
	if err != nil {
		return web.File{}, err
	}
	if err := logCopy(r.Ctx, r.Site.DB, r.Grant, who.ID, "", r.Now); err != nil {
		return web.File{}, err
	}
	e, err := m.Gather(r.Ctx, r.Tx, r.Grant, who, true, r.Now)
	return m.zip(r, "我的资料", e), err
}

func (m *Room) zip(r *web.Request, name string, e Everything) web.File {
	return web.File{Name: name + "-" + string(r.Today) + ".zip", Type: "application/zip",
		Write: func(dst io.Writer) error { return e.WriteZip(r.Ctx, r.Site.Files, dst) }}
}

// MinePage lists the viewer's requests.
type MinePage struct {
	Items []Request `json:"items"`
	none  bool
}

func mine(r *web.Request, _ struct{}) (p MinePage, err error) {
	p = MinePage{Items: []Request{}, none: r.Actor().Self() == ""}
	if !p.none {
		p.Items, err = Mine(r.Ctx, r.Tx, r.Grant.Tenant(), r.Actor().Self())
	}
	return p, err
}

// AskQuery may name the field that the form begins with.
type AskQuery struct {
	Kind  Kind   `json:"kind" doc:"申请事项"`
	Field string `json:"field" doc:"项目"`
}

// AskPage is the form of a request.
type AskPage struct {
	Reply day.Day `json:"reply"` // by when it will be answered
	kind  Kind
	field string
	none  bool
}

func asking(r *web.Request, in AskQuery) (p AskPage, err error) {
	p = AskPage{kind: in.Kind, field: in.Field, none: r.Actor().Self() == ""}
	if p.kind == "" {
		p.kind = Correct
	}
	p.Reply, err = dueDay(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today)
	return p, err
}

// AskForm is a request with a file that proves it.
type AskForm struct {
	Asking
	File web.Upload `json:"file" doc:"证明材料"`
}

// Filed is a request that was just made or answered.
type Filed struct {
	Request
	said  string
	own   bool
	fresh bool
}

func (f Filed) Place() string {
	if f.own {
		return f.Request.Mine()
	}
	return f.Request.Place()
}

func (f Filed) Said() string  { return f.said }
func (f Filed) Created() bool { return f.fresh }

func ask(r *web.Request, in AskForm) (Filed, error) {
	q, err := AskMine(r.Ctx, r.Tx, r.Grant, in.Asking, r.Now)
	if err == nil && in.File.Blob.Hash != "" {
		err = Hang(r.Ctx, r.Tx, r.Grant, q, in.File.Name, in.File.Blob, r.Now)
	}
	return Filed{q, "已提交，会在 " + string(q.Due) + " 前答复并说明理由。", true, true}, err
}

// ByOwn names one of the viewer's requests, and a file of it.
type ByOwn struct {
	Own     string `json:"own" doc:"申请编号"`
	Paper   string `json:"paper" doc:"附件编号"`
	Version int64  `json:"version" doc:"版本"`
}

// OnePage is one request with all that was done about it.
type OnePage struct {
	Request
	Value  string             `json:"value,omitempty"` // what it should be; numbers masked for others
	Papers []Paper            `json:"papers"`
	Past   []flow.Past[State] `json:"past"`
	names  map[string]string
	open   []flow.Step[State]
	now    string // what is registered now, masked
	mine   bool
	copies bool
	today  day.Day
}

func mineOne(r *web.Request, in ByOwn) (OnePage, error) {
	q, err := FindMine(r.Ctx, r.Tx, r.Grant, in.Own)
	if err != nil {
		return OnePage{}, err
	}
	p, err := pageOf(r, q)
	p.mine, p.Value = true, q.value
	return p, err
}

func pageOf(r *web.Request, q Request) (p OnePage, err error) {
	p = OnePage{Request: q, today: r.Today}
	if p.Papers, err = Papers(r.Ctx, r.Tx, r.Grant.Tenant(), q.ID); err != nil {
		return p, err
	}
	if p.Past, err = Answering.History(r.Ctx, r.Tx, r.Grant, q.ID); err != nil {
		return p, err
	}
	p.open = Answering.Open(q.State, flow.WhoOf(r.Grant), q.Member, p.Past)
	who, err := member.Any(r.Ctx, r.Tx, r.Grant.Tenant(), q.Member)
	if err != nil {
		return p, err
	}
	p.now, p.Value = shownOf(who, q)
	p.names, err = namesOf(r, p.Past)
	return p, err
}

func takeBack(r *web.Request, in ByOwn) (Filed, error) {
	q, err := TakeBack(r.Ctx, r.Tx, r.Grant, in.Own, in.Version, r.Now)
	return Filed{q, "已撤回申请。", true, false}, err
}

func (m *Room) minePaper(r *web.Request, in ByOwn) (web.File, error) {
	q, err := FindMine(r.Ctx, r.Tx, r.Grant, in.Own)
	if err != nil {
		return web.File{}, err
	}
	return m.paperOf(r, q, in.Paper)
}
