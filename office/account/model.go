// Package account keeps who may sign in: accounts (账号), the posts they hold
// (岗位), their sessions and tokens, and the rules of R1.69 for all of these.
package account

import (
	"unionhall/kit/auth"
	"unionhall/kit/day"
)

// What people may do here. One's own account needs auth.Anyone.
const (
	Look    auth.Action = "accounts.look"    // see accounts, their posts and sessions
	Manage  auth.Action = "accounts.manage"  // make and correct accounts, hand out first passwords
	Appoint auth.Action = "accounts.appoint" // give and end the posts of working offices
	Entrust auth.Action = "accounts.entrust" // give and end the posts of the three administrators
	Lock    auth.Action = "accounts.lock"    // lock, unlock, end sessions
	Factors auth.Action = "accounts.factors" // take a lost second factor away, see how safely people sign in
)

// What the log says of one's own deeds and of the shell's.
const (
	SignIn     auth.Action = "account.sign_in"
	SignInFail auth.Action = "account.sign_in_failed"
	SignOut    auth.Action = "account.sign_out"
	Password   auth.Action = "account.password"
	Tokens     auth.Action = "account.tokens"
	Sessions   auth.Action = "account.sessions"
	Second     auth.Action = "account.second"
	Links      auth.Action = "account.links"
	SignUp     auth.Action = "account.sign_up" // an account made by the member's own first log-in
	Founding   auth.Action = "office.found"
)

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{
	Look: "查看账号", Manage: "建立或修改账号", Appoint: "任免岗位", Entrust: "任免三员", Lock: "停用、启用或退出登录",
	SignIn: "登录", SignInFail: "登录失败", SignOut: "退出登录", Password: "修改密码",
	Factors: "重置动态口令", Second: "办理动态口令", Links: "关联登录", Tokens: "办理接口令牌", Sessions: "退出其他登录", SignUp: "会员首次登录", Founding: "建立工委",
}

// Roles is what each office may do here. Seeing is shared; no deed is.
//
// law: R1.69
func Roles() auth.Roles {
	return auth.Roles{
		auth.Admin:    {Look, Manage, Appoint},
		auth.Security: {Look, Entrust, Lock, Factors},
	}
}

// Trusted (三员) are the offices of which one person holds one at most, and
// none of which may do another's deeds.
var Trusted = []auth.Office{auth.Admin, auth.Security, auth.Auditing}

// Working are the offices that the system administrator gives.
var Working = []auth.Office{auth.Director, auth.Officer, auth.Accountant, auth.Cashier, auth.Auditor, auth.Chair}

// Self is the id of the post that every member holds by being one.
const Self = "self"

// Account is one login.
type Account struct {
	ID         string      `json:"id"`
	Login      string      `json:"login"`
	Name       string      `json:"name"`
	MemberID   string      `json:"member_id,omitempty"`
	MustChange bool        `json:"must_change"` // the password is one that was handed out
	Changed    day.Instant `json:"changed"`     // when the password was last changed
	Locked     bool        `json:"locked"`
	Version    int64       `json:"version"`
	key        string      // what the list is sorted by
}

// Place is the account's page.
func (a Account) Place() string { return "/system/accounts/" + a.ID }

// Revision is what an edit must name to be sure that it saw the latest.
func (a Account) Revision() int64 { return a.Version }

// Post is a post with what the list of posts shows beside.
type Post struct {
	auth.Post
	Account  string `json:"account"`
	Document string `json:"document,omitempty"` // the paper that says so
	Version  int64  `json:"version"`
}

// Kind is how a session came to be.
type Kind string

const (
	Desk  Kind = "desk"
	Phone Kind = "phone"
	Token Kind = "token" // made by hand for a program, bound to one post
)

// Session is one place where an account is signed in, or one token.
type Session struct {
	ID      string      `json:"id"`
	Kind    Kind        `json:"kind"`
	Label   string      `json:"label"`             // the device, or what a token is for
	Address string      `json:"address,omitempty"` // where from
	PostID  string      `json:"post_id,omitempty"`
	Made    day.Instant `json:"made"`
	Seen    day.Instant `json:"seen"`
	Expires day.Instant `json:"expires"`
	Current bool        `json:"current,omitempty"` // the one that asks
}

// Tenant is one root committee (工委) of the installation.
type Tenant struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
	Demo bool   `json:"demo"`
}
