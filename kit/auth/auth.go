// Package auth knows who acts, from which post, over which part of the tree.
package auth

import (
	"slices"

	"unionhall/kit/day"
	"unionhall/kit/fault"
)

// Action names one thing a person may do: "members.look".
type Action string

// Anyone is the action of a page that every signed-in person may see.
const Anyone Action = "anyone"

// Office is what a post entitles to; Label is its name on paper.
type Office string

const (
	Admin      Office = "admin"      // 系统管理员
	Security   Office = "security"   // 安全管理员
	Auditing   Office = "audit"      // 审计管理员
	Director   Office = "director"   // 工委主任
	Officer    Office = "officer"    // 组织干事
	Accountant Office = "accountant" // 会计
	Cashier    Office = "cashier"    // 出纳
	Auditor    Office = "auditor"    // 经审会
	Chair      Office = "chair"      // 基层工会主席
	Member     Office = "member"     // 会员: the own things only
	Applicant  Office = "applicant"  // 申请人: nobody who signs in, known by a link alone
)

// Offices lists every office in the order people are shown them.
var Offices = []Office{Admin, Security, Auditing, Director, Officer, Accountant, Cashier, Auditor, Chair, Member}

// Label is what the office is called on paper.
func (o Office) Label() string {
	switch o {
	case Admin:
		return "系统管理员"
	case Security:
		return "安全管理员"
	case Auditing:
		return "审计管理员"
	case Director:
		return "工委主任"
	case Officer:
		return "组织干事"
	case Accountant:
		return "会计"
	case Cashier:
		return "出纳"
	case Auditor:
		return "经审会"
	case Chair:
		return "工会主席"
	case Member:
		return "会员"
	case Applicant:
		return "申请人"
	}
	return string(o)
}

// Roles lists what each office may do. The hall adds it up from the rooms.
type Roles map[Office][]Action

// Offices returns who may do act, in the order of Offices.
func (r Roles) Offices(act Action) (out []Office) {
	for _, o := range Offices {
		if act == Anyone || slices.Contains(r[o], act) {
			out = append(out, o)
		}
	}
	return out
}

// Post (岗位) is an office held over one union and every union below it,
// from the day From to the day To, both included; no To is an open post.
type Post struct {
	ID        string  `json:"id"`
	Office    Office  `json:"office"`
	UnionID   string  `json:"union_id"`
	Union     string  `json:"union"`
	From      day.Day `json:"from"`
	To        day.Day `json:"to,omitempty"`
	ActingFor string  `json:"acting_for,omitempty"` // 代: whose absence this post covers
}

// Holds reports whether the post is held on the day on.
func (p Post) Holds(on day.Day) bool { return p.From <= on && (p.To == "" || on <= p.To) }

// Label is how the post is shown: 组织干事 · 市直机关工会工委, 代 in front where acting.
func (p Post) Label() string {
	l := p.Office.Label()
	if p.ActingFor != "" {
		l = "代" + l
	}
	if p.Union != "" && p.Office != Member {
		l += " · " + p.Union
	}
	return l
}

// Actor is a signed-in person of one tenant with all posts, past ones too.
type Actor struct {
	tenant  int64
	account string
	name    string
	self    string // the member this person is, if any
	roles   Roles
	posts   []Post
	chosen  string // the post of 当前身份
}

// NewActor is made by whoever has checked the session. A working post goes
// before that of an administrator: who holds both comes to do the work.
func NewActor(tenant int64, account, name, self string, roles Roles, chosen string, posts ...Post) Actor {
	posts = slices.Clone(posts)
	slices.SortStableFunc(posts, func(a, b Post) int { return a.Office.rank() - b.Office.rank() })
	return Actor{tenant, account, name, self, roles, posts, chosen}
}

func (o Office) rank() int {
	switch o {
	case Admin, Security, Auditing:
		return 1
	case Member:
		return 2
	}
	return 0
}

func (a Actor) Tenant() int64   { return a.tenant }
func (a Actor) Account() string { return a.account }
func (a Actor) Name() string    { return a.name }

// Self is the member this person is; empty for one who is none.
func (a Actor) Self() string { return a.self }

// SignedIn reports whether there is anybody at all.
func (a Actor) SignedIn() bool { return a.account != "" }

// Posts returns the posts held on the day on, the first of them the default.
func (a Actor) Posts(on day.Day) (held []Post) {
	for _, p := range a.posts {
		if p.Holds(on) {
			held = append(held, p)
		}
	}
	return held
}

// Current returns the post of 当前身份: the chosen one while it is held, else
// the first that is.
func (a Actor) Current(on day.Day) (Post, bool) {
	held := a.Posts(on)
	for _, p := range held {
		if p.ID == a.chosen {
			return p, true
		}
	}
	if len(held) > 0 {
		return held[0], true
	}
	return Post{}, false
}

// Grant says that one person may do one action, from one office, within one
// part of one tenant's tree. Its fields are private; Actor.Grant and System
// are the only makers: whoever holds a Grant was allowed, and every store
// asks for one.
type Grant struct {
	tenant  int64
	account string
	self    string
	act     Action
	post    Post
}

func (g Grant) Tenant() int64     { return g.tenant }
func (g Grant) Account() string   { return g.account }
func (g Grant) Self() string      { return g.self }
func (g Grant) Action() Action    { return g.act }
func (g Grant) Office() Office    { return g.post.Office }
func (g Grant) ActingFor() string { return g.post.ActingFor }

// Under is the union at the top of the reach; the SQL joins union_reach on it.
func (g Grant) Under() string { return g.post.UnionID }

// Grant returns where a may do act on the day on. Nobody signed in is
// fault.Unknown, a post that does not entitle fault.Denied; if another post of
// the same person does, the refusal says so.
func (a Actor) Grant(act Action, on day.Day) (Grant, error) {
	if !a.SignedIn() {
		return Grant{}, fault.New(fault.Unknown, "请先登录。")
	}
	p, ok := a.Current(on)
	if ok && (act == Anyone || slices.Contains(a.roles[p.Office], act)) {
		return Grant{a.tenant, a.account, a.self, act, p}, nil
	}
	if act == Anyone {
		return Grant{a.tenant, a.account, a.self, act, Post{Office: Member}}, nil // who holds no post has the own things
	}
	for _, p := range a.Posts(on) {
		if slices.Contains(a.roles[p.Office], act) {
			return Grant{}, fault.New(fault.Denied, "您当前的身份不能办理此事项。请在右上角切换为“%s”后再办。", p.Label())
		}
	}
	return Grant{}, fault.New(fault.Denied, "您现在的职务不能办理此事项，请联系本单位工会主席或系统管理员。")
}

// System is the grant of a job or of the shell's operator: act over the whole
// tenant from its root. name says who, such as "system" or "shell:root".
func System(tenant int64, name string, act Action, root string) Grant {
	return Grant{tenant, name, "", act, Post{Office: "system", UnionID: root}}
}

// As is the grant of a job that goes on with what a person began: the same
// person, office and reach, for another action.
func As(tenant int64, account string, office Office, act Action, under string) Grant {
	return Grant{tenant, account, "", act, Post{Office: office, UnionID: under}}
}

// Covering returns g as held in place of an absent officer, for the job that
// goes on with what a deputy began.
func (g Grant) Covering(absent string) Grant {
	g.post.ActingFor = absent
	return g
}

// For returns g for another action of the same deed, such as the import that
// registers members.
func (g Grant) For(act Action) Grant {
	g.act = act
	return g
}
