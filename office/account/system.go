package account

import (
	"net/url"
	"slices"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// ListPage is 账号与岗位: the accounts, and whether the three are all held.
type ListPage struct {
	List
	Query    Query                `json:"-"`
	May      map[auth.Action]bool `json:"-"`
	Unfilled []auth.Office        `json:"unfilled,omitempty"` // of the three
}

const listPlace = "/system/accounts"

func (o *Office) listPage(r *web.Request, in Query) (p ListPage, err error) {
	if in, err = o.aged(r, in); err != nil {
		return p, err
	}
	if p.List, err = Accounts(r.Ctx, r.Tx, r.Grant, in, r.Today); err != nil {
		return p, err
	}
	p.Query, p.May = in, mayDo(r)
	if p.Query.Sort == "" {
		p.Query.Sort = "name"
	}
	for _, office := range Trusted {
		all, err := holders(r.Ctx, r.Tx, r.Grant.Tenant(), office)
		if err != nil {
			return p, err
		}
		if !administered(all, r.Today, "") {
			p.Unfilled = append(p.Unfilled, office)
		}
	}
	return p, nil
}

// aged tells a query after how many days an account is unused for long.
func (o *Office) aged(r *web.Request, q Query) (Query, error) {
	lim, err := o.limits(r.Ctx, r.Tx, r.Grant.Tenant(), r.Now)
	q.stale = lim.StaleDays
	return q, err
}

// mayDo is which deeds the page shows buttons for.
func mayDo(r *web.Request) map[auth.Action]bool {
	out := map[auth.Action]bool{}
	for _, a := range []auth.Action{Manage, Appoint, Entrust, Lock, Factors} {
		out[a] = r.May(a)
	}
	return out
}

// at is the address of the list with some of its parts put otherwise; the
// place in the list is left unless it is among them.
func (q Query) at(path string, pairs ...string) string {
	v := url.Values{}
	set := func(name, value string) {
		v.Del(name)
		if value != "" {
			v.Set(name, value)
		}
	}
	set("q", q.Q)
	set("office", string(q.Office))
	set("state", q.State)
	if q.Sort != "name" {
		set("sort", q.Sort)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		set(pairs[i], pairs[i+1])
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// sorted is the address of the list sorted by key, the other way round when it
// is already.
func (q Query) sorted(key string) string {
	if q.Sort == key {
		key = "-" + key
	}
	return q.at(listPlace, "sort", strings.TrimPrefix(key, "name"))
}

// OnePage is an account with everything about it.
type OnePage struct {
	Account  Account       `json:"account"`
	Posts    []Post        `json:"posts"` // past ones too, the newest first
	Sessions []Session     `json:"sessions"`
	Tokens   []Session     `json:"tokens"`
	Last     day.Instant   `json:"last,omitempty"`
	Member   *Person       `json:"member,omitempty"`
	Second   Factor        `json:"second"`
	Links    []OutsideLink `json:"links"`

	Outside string               `json:"-"` // what the identity provider is called
	Me      bool                 `json:"-"` // one's own account
	May     map[auth.Action]bool `json:"-"`
	Log     []ui.Event           `json:"-"`
	Today   day.Day              `json:"-"`
	Fresh   string               `json:"-"` // a password told once
}

// Revision is what an edit must name.
func (p OnePage) Revision() int64 { return p.Account.Version }

func (o *Office) onePage(r *web.Request, in Named) (p OnePage, err error) {
	if p.Account, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	rows, err := fill(r.Ctx, r.Tx, r.Grant.Tenant(), []Account{p.Account}, r.Today)
	if err != nil {
		return p, err
	}
	p.Last = rows[0].Last
	if p.Posts, err = postsOf(r.Ctx, r.Tx, r.Grant.Tenant(), in.ID); err != nil {
		return p, err
	}
	slices.Reverse(p.Posts)
	lim, err := o.limits(r.Ctx, r.Tx, r.Grant.Tenant(), r.Now)
	if err != nil {
		return p, err
	}
	if p.Sessions, p.Tokens, err = sessionsOf(r.Ctx, r.Tx, r.Grant.Tenant(), in.ID, lim, holdsAny(p.Posts, r.Today), r.Now); err != nil {
		return p, err
	}
	if p.Second, err = factorOf(r.Ctx, r.Tx, r.Grant.Tenant(), in.ID); err != nil {
		return p, err
	}
	if p.Links, err = linksOf(r.Ctx, r.Tx, r.Grant.Tenant(), in.ID); err != nil {
		return p, err
	}
	if o.Outside != nil {
		p.Outside = o.Outside.Name()
	}
	if p.Account.MemberID != "" && o.Members != nil {
		m, err := o.Members.Person(r.Ctx, r.Tx, r.Grant, p.Account.MemberID)
		if err != nil && fault.Of(err).Kind != fault.NotFound {
			return p, err
		}
		p.Member = &m
	}
	p.Today, p.May, p.Me, p.Fresh = r.Today, mayDo(r), in.ID == r.Grant.Account(), takeOnce(r, p.Account.Place())
	p.Log, err = history(r, in.ID)
	return p, err
}

const logLines = 30

// history is the account's time line: who did what to it, and its log-ins.
func history(r *web.Request, id string) ([]ui.Event, error) {
	rows, err := audit.Of(r.Ctx, r.Tx, r.Grant, id, "", logLines)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, x := range rows {
		if !slices.Contains(ids, x.Account) {
			ids = append(ids, x.Account)
		}
	}
	names, err := Names(r.Ctx, r.Tx, r.Grant.Tenant(), ids)
	if err != nil {
		return nil, err
	}
	var out []ui.Event
	for _, x := range rows {
		title, words, kind := told(x)
		who := names[x.Account]
		if who == "" {
			who = "服务器命令行"
		} else if x.Account != id {
			who += "（" + x.Office.Label() + "）"
		}
		if x.Acting != "" {
			who += "代" + x.Acting
		}
		out = append(out, ui.Event{Kind: kind, At: x.At.Local(), Title: title, Who: who, Words: words})
	}
	return out, nil
}

// GivePage is the form that gives a post.
type GivePage struct {
	Office  auth.Office   `json:"-"` // what the link asked for
	Union   string        `json:"-"`
	Account Account       `json:"account"`
	Offices []auth.Office `json:"offices"`
	Unions  []ui.Option   `json:"-"`
	Trust   bool          `json:"trust"` // one of the three
	Today   day.Day       `json:"today"`
}

// Sitting names an account and the post that it is to have, as far as the link
// says: for a newly seated chair it does.
type Sitting struct {
	ID     string      `json:"id" doc:"编号"`
	Office auth.Office `json:"office" doc:"岗位"`
	Union  string      `json:"union" doc:"任职工会"`
}

// givePage offers the working posts, and the three while nobody is there to
// give those.
func givePage(r *web.Request, in Sitting) (p GivePage, err error) {
	p.Office, p.Union = in.Office, in.Union
	held, err := securityHeld(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today)
	if err != nil {
		return p, err
	}
	p.Offices = slices.Clone(Working)
	if !held {
		p.Offices = append(p.Offices, Trusted...)
	}
	if p.Account, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	p.Today = r.Today
	all, err := registry.All(r.Ctx, r.Tx, r.Grant)
	for _, u := range all {
		if u.State != registry.Standing {
			continue
		}
		option := ui.Option{Value: u.ID, Text: u.Name}
		if u.ParentID == "" {
			p.Unions = slices.Insert(p.Unions, 0, option)
		} else {
			p.Unions = append(p.Unions, option)
		}
	}
	return p, err
}

// trustPage offers the three, over the committee itself.
func trustPage(r *web.Request, in Named) (p GivePage, err error) {
	p.Offices, p.Trust, p.Today = Trusted, true, r.Today
	if p.Account, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	u, err := registry.Find(r.Ctx, r.Tx, r.Grant, r.Grant.Under())
	p.Unions = []ui.Option{{Value: u.ID, Text: u.Name}}
	return p, err
}

// RulesPage shows R1.69 as it is in force here.
type RulesPage struct {
	Limits Limits  `json:"limits"`
	On     day.Day `json:"on"`
}

func (o *Office) rulesPage(r *web.Request, _ struct{}) (p RulesPage, err error) {
	p.On = r.Today
	p.Limits, err = o.limits(r.Ctx, r.Tx, r.Grant.Tenant(), r.Now)
	return p, err
}

// MemberPage looks for the member that an account belongs to.
type MemberPage struct {
	Account Account  `json:"account"`
	Q       string   `json:"q"`
	Found   []Person `json:"items"`
}

// Sought is what is looked for.
type Sought struct {
	ID string `json:"id" doc:"编号"`
	Q  string `json:"q" doc:"姓名"`
}

const mostFound = 20

func (o *Office) memberPage(r *web.Request, in Sought) (p MemberPage, err error) {
	if p.Account, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if p.Q = in.Q; p.Q == "" {
		p.Q = p.Account.Name
	}
	if o.Members != nil {
		p.Found, err = o.Members.People(r.Ctx, r.Tx, r.Grant, p.Q, mostFound)
	}
	return p, err
}
