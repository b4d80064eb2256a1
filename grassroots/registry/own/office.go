package own

import (
	"io"
	"strconv"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/job"
	"unionhall/kit/web"
)

// The pages of those who answer, and of who lets go of data that are due.

// ByRequest names a request within reach, and a file of it.
type ByRequest struct {
	Request string `json:"request" doc:"申请编号"`
	Paper   string `json:"paper" doc:"附件编号"`
}

func (m *Room) paper(r *web.Request, in ByRequest) (web.File, error) {
	q, err := Find(r.Ctx, r.Tx, r.Grant, in.Request)
	if err != nil {
		return web.File{}, err
	}
	return m.paperOf(r, q, in.Paper)
}

func (m *Room) paperOf(r *web.Request, q Request, id string) (web.File, error) {
	all, err := Papers(r.Ctx, r.Tx, r.Grant.Tenant(), q.ID)
	if err != nil {
		return web.File{}, err
	}
	for _, p := range all {
		if p.ID == id {
			return web.File{Name: p.Name, Type: p.Type, Write: func(dst io.Writer) error { return copyBlob(r.Site.Files, p.Hash, dst) }}, nil
		}
	}
	return web.File{}, fault.New(fault.NotFound, "附件不存在或已被移走。")
}

// ListQuery chooses what waits or what was answered.
type ListQuery struct {
	State string `json:"state" doc:"办理情况"`
	After string `json:"after" doc:"上一页末行"`
}

// ListPage lists requests within reach.
type ListPage struct {
	Items []Request `json:"items"`
	Next  string    `json:"next,omitempty"`
	q     ListQuery
	today day.Day
	enter bool
}

func list(r *web.Request, in ListQuery) (ListPage, error) {
	p := ListPage{q: in, today: r.Today, enter: r.May(Enter)}
	open := in.State != "done"
	var err error
	p.Items, err = List(r.Ctx, r.Tx, r.Grant, open, in.After, pageRows+1)
	if len(p.Items) > pageRows {
		p.Items = p.Items[:pageRows]
		last := p.Items[pageRows-1]
		p.Next = last.ID
		if open {
			p.Next = string(last.Due) + "," + last.ID
		}
	}
	return p, err
}

func one(r *web.Request, in ByRequest) (OnePage, error) {
	q, err := Find(r.Ctx, r.Tx, r.Grant, in.Request)
	if err != nil {
		return OnePage{}, err
	}
	p, err := pageOf(r, q)
	p.copies = q.Kind == Copy && q.State == Granted && r.May(Enter)
	return p, err
}

// Decision is the answer to a request.
type Decision struct {
	Request string `json:"request" doc:"申请编号"`
	Version int64  `json:"version" doc:"版本"`
	flow.Given
}

func decide(r *web.Request, in Decision) (Filed, error) {
	q, err := Decide(r.Ctx, r.Tx, r.Grant, in.Request, in.Version, in.Given, r.Now)
	said := "已答复：" + Answering.Labels[q.State] + "。"
	if q.State == Granted && (q.Kind == Correct || q.Kind == Delete) {
		said = "已同意并办理：" + q.What() + "。"
	}
	return Filed{q, said, false, false}, err
}

// EnterQuery names the dead member.
type EnterQuery struct {
	Member string `json:"member" doc:"会员编号"`
	Q      string `json:"q" doc:"姓名"`
}

// EnterPage finds the dead member, then takes what the relative asks.
type EnterPage struct {
	Found  []member.Row `json:"found"`
	Name   string       `json:"name,omitempty"`
	Reply  day.Day      `json:"reply"`
	member string
	q      string
}

func entering(r *web.Request, in EnterQuery) (EnterPage, error) {
	p := EnterPage{Found: []member.Row{}, q: in.Q, member: in.Member}
	var err error
	if p.Reply, err = dueDay(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today); err != nil {
		return p, err
	}
	if in.Member != "" {
		m, err := member.Find(r.Ctx, r.Tx, r.Grant, in.Member)
		p.Name = m.Person.Name + "（" + m.Union.Name + "，" + m.Status.Label() + "）"
		return p, err
	}
	if in.Q != "" {
		page, err := member.List(r.Ctx, r.Tx, r.Grant, member.Query{Q: in.Q, Status: member.Deceased, Limit: 20})
		p.Found = page.Items
		return p, err
	}
	return p, nil
}

// EnterForm is what a relative asks about a dead member.
type EnterForm struct {
	Asking
	Member string     `json:"member" doc:"会员编号"`
	File   web.Upload `json:"file" doc:"亲属关系证明"`
}

func enter(r *web.Request, in EnterForm) (Filed, error) {
	q, err := AskFor(r.Ctx, r.Tx, r.Grant, in.Member, in.Asking, r.Now)
	if err == nil && in.File.Blob.Hash != "" {
		err = Hang(r.Ctx, r.Tx, r.Grant, q, in.File.Name, in.File.Blob, r.Now)
	}
	return Filed{q, "已登记，请在 " + string(q.Due) + " 前答复并说明理由。", false, true}, err
}

func (m *Room) copyFor(r *web.Request, in ByRequest) (web.File, error) {
	q, err := Find(r.Ctx, r.Tx, r.Grant, in.Request)
	if err != nil {
		return web.File{}, err
	}
	if q.Kind != Copy || q.State != Granted {
		return web.File{}, fault.ByRule(fault.Conflict, "R1.63", "只有已同意的查阅和复制申请可以取走资料。")
	}
	who, err := member.Find(r.Ctx, r.Tx, r.Grant, q.Member)
	if err != nil {
		return web.File{}, err
	}
	if err := logCopy(r.Ctx, r.Site.DB, r.Grant, who.ID, "近亲属（"+q.Relation+"）申请查阅复制", r.Now); err != nil {
		return web.File{}, err
	}
	e, err := m.Gather(r.Ctx, r.Tx, r.Grant, who, true, r.Now)
	return m.zip(r, "会员资料", e), err
}

// KeepPage is who is due to be forgotten, in numbers.
type KeepPage struct {
	Keeping
	Due     []Due    `json:"due"`
	Total   int64    `json:"total"`
	Batches []Batch  `json:"batches"`
	Job     *job.Job `json:"job,omitempty"`
	names   map[string]string
}

func keeping(r *web.Request, _ struct{}) (p KeepPage, err error) {
	if p.Keeping, err = KeepingOf(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today); err != nil {
		return p, err
	}
	if p.Due, p.Total, err = DueBy(r.Ctx, r.Tx, r.Grant, p.Until); err != nil {
		return p, err
	}
	if p.Batches, err = Batches(r.Ctx, r.Tx, r.Grant); err != nil {
		return p, err
	}
	ids := make([]string, len(p.Batches))
	for i, b := range p.Batches {
		ids[i] = b.Account
	}
	p.names, err = peopleOf(r, ids)
	return p, err
}

// ClearForm confirms the preview that was seen.
type ClearForm struct {
	Until day.Day `json:"until" doc:"截止日期"`
	Total int64   `json:"total" doc:"人数"`
	Sure  string  `json:"sure" doc:"确认的人数"` // typed once more
}

// Begun is a clearing on its way.
type Begun struct{ job.Job }

func (Begun) Said() string  { return "已开始清理，离开这一页也会继续。" }
func (Begun) Created() bool { return true }

func (m *Room) clearing(r *web.Request, in ClearForm) (Begun, error) {
	if in.Sure != strconv.FormatInt(in.Total, 10) {
		return Begun{}, &fault.Error{Kind: fault.Invalid, Rule: "R1.75", Text: "清理后不能恢复，请再确认一次人数。", Fields: map[string]string{"sure": "确认的人数：请照预览填写 " + strconv.FormatInt(in.Total, 10)}}
	}
	j, err := m.Clear(r.Ctx, r.Tx, r.Grant, in.Until, in.Total, r.Now)
	return Begun{j}, err
}
