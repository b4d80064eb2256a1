package account

import (
	"io"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/seal"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// NewPage is the form for a new account; it needs nothing to show.
type NewPage struct{}

func newPage(*web.Request, struct{}) (NewPage, error) { return NewPage{}, nil }

// Fresh is what a new account is made of.
type Fresh struct {
	Login string `json:"login" doc:"账号"`
	Name  string `json:"name" doc:"姓名"`

	password, hash string
}

func hashNew(r *web.Request, in *Fresh) (err error) {
	in.password = temporary()
	in.hash, err = seal.HashPassword(r.Ctx, in.password)
	return err
}

// Handed is an account with the password that was handed out, told once.
type Handed struct {
	Account
	Password string `json:"password,omitempty"`
	said     string
	fresh    bool
}

func (h Handed) Said() string  { return h.said }
func (h Handed) Created() bool { return h.fresh }

// Kept is what a repeated key is answered with.
func (h Handed) Kept() any { return h.Account }

func createAccount(r *web.Request, in Fresh) (h Handed, err error) {
	h.Account, err = Create(r.Ctx, r.Tx, r.Grant, New{Login: in.Login, Name: in.Name, Hash: in.hash, MustChange: true}, r.Now)
	return hand(r, h, in.password, "账号已建立。", true), err
}

// hand tells the password to whoever asked, once.
func hand(r *web.Request, h Handed, password, said string, fresh bool) Handed {
	h.Password, h.said, h.fresh = password, said, fresh
	if !web.WantsJSON(r.HTTP) {
		keepOnce(r, h.Place(), password)
	}
	return h
}

// Versioned names an account as it was read.
type Versioned struct {
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
}

// Reset is an account that gets a new password.
type Reset struct {
	Versioned
	password, hash string
	history        int
}

func (o *Office) hashReset(r *web.Request, in *Reset) error {
	err := r.Site.DB.View(r.Ctx, func(tx *sqldb.Tx) error {
		lim, err := o.limits(r.Ctx, tx, r.Grant.Tenant(), r.Now)
		in.history = lim.History
		return err
	})
	if err != nil {
		return err
	}
	in.password = temporary()
	in.hash, err = seal.HashPassword(r.Ctx, in.password)
	return err
}

func resetPassword(r *web.Request, in Reset) (h Handed, err error) {
	if err := head(r.Ctx, r.Tx, r.Grant.Tenant()); err != nil {
		return h, err
	}
	a, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return h, err
	}
	posts, err := postsOf(r.Ctx, r.Tx, r.Grant.Tenant(), a.ID)
	if err != nil {
		return h, err
	}
	if err := mayReset(r.Grant, posts, r.Today); err != nil {
		return h, err
	}
	a.Version = in.Version
	if err := SetPassword(r.Ctx, r.Tx, r.Grant, a, in.hash, true, "", in.history, r.Now); err != nil {
		return h, err
	}
	h.Account, err = Find(r.Ctx, r.Tx, r.Grant, in.ID)
	return hand(r, h, in.password, "密码已重设，此人各处登录都已退出。", false), err
}

// Naming is an account with its right name.
type Naming struct {
	Versioned
	Name string `json:"name" doc:"姓名"`
}

// Shown is an account after an act, with what is said of it.
type Shown struct {
	Account
	said string
}

func (s Shown) Said() string { return s.said }

func renameAccount(r *web.Request, in Naming) (Shown, error) {
	a, err := Rename(r.Ctx, r.Tx, r.Grant, in.ID, in.Name, in.Version, r.Now)
	return Shown{a, "姓名已更正。"}, err
}

// Linking is an account with the member it belongs to, or with none.
type Linking struct {
	Versioned
	Member string `json:"member" doc:"会员"`
}

func (o *Office) linkMember(r *web.Request, in Linking) (Shown, error) {
	said := "已取消对应的会员。"
	if in.Member != "" {
		m, err := o.Members.Person(r.Ctx, r.Tx, r.Grant, in.Member)
		if err != nil {
			return Shown{}, err
		}
		said = "已对应会员" + m.Name + "。"
	}
	a, err := Link(r.Ctx, r.Tx, r.Grant, in.ID, in.Member, in.Version, r.Now)
	return Shown{a, said}, err
}

// Post as it is asked for.
type Appointment struct {
	ID        string      `json:"id" doc:"编号"`
	Office    auth.Office `json:"office" doc:"岗位"`
	Union     string      `json:"union" doc:"任职工会"`
	From      day.Day     `json:"from" doc:"开始日期"`
	To        day.Day     `json:"to" doc:"最后一天"`
	Document  string      `json:"document" doc:"文号"`
	ActingFor string      `json:"acting_for" doc:"代谁"`
}

// Placed is a post after an act.
type Placed struct {
	Post
	said string
}

func (p Placed) Place() string { return Account{ID: p.Account}.Place() }
func (p Placed) Said() string  { return p.said }

func givePost(r *web.Request, in Appointment) (Placed, error) {
	if in.From == "" {
		in.From = r.Today
	}
	p, err := Give(r.Ctx, r.Tx, r.Grant, Giving{Account: in.ID, Office: in.Office, UnionID: in.Union, From: in.From, To: in.To, Document: in.Document, ActingFor: in.ActingFor}, r.Now)
	return Placed{p, "已任命" + p.Label() + "。"}, err
}

// Ending is a post with its last day.
type Ending struct {
	ID       string  `json:"id" doc:"编号"`
	Post     string  `json:"post" doc:"岗位"`
	Last     day.Day `json:"last" doc:"最后一天"`
	Document string  `json:"document" doc:"文号"`
	Version  int64   `json:"version" doc:"版本"`
}

func endPost(r *web.Request, in Ending) (Placed, error) {
	if in.Last == "" {
		in.Last = r.Today
	}
	p, err := End(r.Ctx, r.Tx, r.Grant, in.Post, in.Last, in.Document, in.Version, r.Now)
	if err == nil && p.Account != in.ID {
		err = fault.New(fault.NotFound, "这个岗位不在此人名下。")
	}
	return Placed{p, p.Label() + "的最后一天是 " + string(p.To) + "。"}, err
}

// Locking is an account to be locked, and why.
type Locking struct {
	Versioned
	Reason string `json:"reason" doc:"理由"`
}

func lockAccount(r *web.Request, in Locking) (Shown, error) {
	if in.Reason == "" {
		return Shown{}, &fault.Error{Kind: fault.Invalid, Text: "请写明停用的理由。", Fields: map[string]string{"reason": "理由：请填写"}}
	}
	a, err := SetLocked(r.Ctx, r.Tx, r.Grant, in.ID, true, in.Reason, in.Version, r.Now)
	return Shown{a, "账号已停用，各处登录都已退出。"}, err
}

func unlockAccount(r *web.Request, in Locking) (Shown, error) {
	a, err := SetLocked(r.Ctx, r.Tx, r.Grant, in.ID, false, in.Reason, in.Version, r.Now)
	return Shown{a, "账号已启用，输错密码的次数也已清零。"}, err
}

// Theirs is a session of somebody else.
type Theirs struct {
	ID      string `json:"id" doc:"编号"`
	Session string `json:"session" doc:"登录"`
}

func endTheirs(r *web.Request, in Theirs) (Done, error) {
	a, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Done{}, err
	}
	return Done{"已退出。", a.Place()}, EndSession(r.Ctx, r.Tx, r.Grant, in.ID, in.Session, r.Now)
}

func endAllTheirs(r *web.Request, in Named) (Done, error) {
	a, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Done{}, err
	}
	n, err := EndSessions(r.Ctx, r.Tx, r.Grant, in.ID, "", r.Now)
	return Done{"已退出 " + digits(int(n)) + " 处登录。", a.Place()}, err
}

var sheetColumns = []sheet.Column{{Name: "姓名", Width: 14}, {Name: "账号", Width: 18}, {Name: "岗位", Width: 50}, {Name: "状态", Width: 12}, {Name: "最近登录", Width: 18}, {Name: "改密时间", Width: 18}}

func (o *Office) listCSV(r *web.Request, in Query) (web.File, error) {
	return web.File{Name: "账号.csv", Type: "text/csv; charset=utf-8", Write: func(w io.Writer) error {
		s, err := sheet.NewCSV(w, sheetColumns)
		return o.listInto(r, in, s, err)
	}}, nil
}

func (o *Office) listXLSX(r *web.Request, in Query) (web.File, error) {
	return web.File{Name: "账号.xlsx", Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Write: func(w io.Writer) error {
		s, err := sheet.NewXLSX(w, "账号", sheetColumns)
		return o.listInto(r, in, s, err)
	}}, nil
}

// listInto writes the whole list, page by page so that it never stands in
// memory at once.
func (o *Office) listInto(r *web.Request, q Query, s *sheet.Writer, err error) error {
	if err == nil {
		q, err = o.aged(r, q)
	}
	q.After, q.Limit = "", 200
	for err == nil {
		var l List
		if l, err = Accounts(r.Ctx, r.Tx, r.Grant, q, r.Today); err != nil {
			break
		}
		for _, x := range l.Items {
			if err := s.Row(x.Name, x.Login, postLabels(x.Posts), x.state(), x.Last.Local(), x.Changed.Local()); err != nil {
				return err
			}
		}
		if l.Next == "" {
			return s.Close()
		}
		q.After = l.Next
	}
	return err
}
