package account

import (
	"strings"

	"github.com/pquerna/otp"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// secondPage is where a person enrols a second factor.
const secondPage = "/account/second"

// SecondPage is 动态口令: whether it is on, and how to turn it on.
type SecondPage struct {
	Factor
	Must   bool     `json:"must"`             // the rules ask it of this person
	Days   int      `json:"days"`             // of grace that are left, where it must
	Secret string   `json:"secret,omitempty"` // to be typed, while enrolling
	Fresh  []string `json:"-"`                // recovery codes, told once
	Codes  int      `json:"-"`                // how many there are of them
	qr     string
	size   int
	forced bool
}

func (o *Office) secondPage(r *web.Request, _ struct{}) (p SecondPage, err error) {
	a, err := mine(r.Ctx, r.Tx, r.Grant)
	if err != nil {
		return p, err
	}
	if p.Factor, err = factorOf(r.Ctx, r.Tx, r.Grant.Tenant(), a.ID); err != nil {
		return p, err
	}
	lim, err := o.limits(r.Ctx, r.Tx, r.Grant.Tenant(), r.Now)
	if err != nil {
		return p, err
	}
	p.Codes = lim.RecoveryCodes
	if p.Days, p.Must = lim.Grace(r.Actor().Posts(r.Today), r.Today); p.Must && !p.On() {
		p.forced = p.Days < 0
	}
	if fresh := takeOnce(r, secondPage); fresh != "" {
		p.Fresh = strings.Fields(fresh)
	}
	if p.Factor.Secret == "" || p.On() {
		return p, nil
	}
	p.Secret = p.Factor.Secret
	key, err := otp.NewKeyFromURL(address(r.Site.Name, a.Login, p.Secret))
	if err == nil {
		p.qr, p.size = ui.QRPath(key.URL())
	}
	return p, err
}

// Proof is the password of whoever sits at a session, for what a stranger at
// an open screen must not do.
type Proof struct {
	Password string `json:"password" doc:"密码"`
}

func (o *Office) proveSelf(r *web.Request, in *Proof) error {
	var a Account
	err := r.Site.DB.View(r.Ctx, func(tx *sqldb.Tx) (err error) {
		if err := notByToken(r.Ctx, tx, r); err != nil {
			return err
		}
		a, err = mine(r.Ctx, tx, r.Grant)
		return err
	})
	if err != nil {
		return err
	}
	return o.prove(r, a.Login, in.Password, "password")
}

func enrol(r *web.Request, _ Proof) (Done, error) {
	err := Enrol(r.Ctx, r.Tx, r.Grant.For(Second), r.Grant.Account(), r.Now)
	return Done{"请用手机扫码，再填写手机上的六位数字。", secondPage}, err
}

// Shown is a code that is shown.
type Code struct {
	Code string `json:"code" doc:"动态口令"`
}

// Recovery are fresh recovery codes, told once.
type Recovery struct {
	Codes []string `json:"recovery_codes,omitempty"`
	said  string
}

func (x Recovery) Place() string { return secondPage }
func (x Recovery) Said() string  { return x.said }

// Kept is what a repeated key is answered with.
func (x Recovery) Kept() any { return Recovery{} }

func (o *Office) confirm(r *web.Request, in Code) (x Recovery, err error) {
	if err := notByToken(r.Ctx, r.Tx, r); err != nil {
		return x, err
	}
	lim, err := o.limits(r.Ctx, r.Tx, r.Grant.Tenant(), r.Now)
	if err != nil {
		return x, err
	}
	x.said = "动态口令已启用，下次登录时要填。"
	x.Codes, err = Confirm(r.Ctx, r.Tx, r.Grant.For(Second), r.Grant.Account(), in.Code, lim.RecoveryCodes, r.Now)
	return tellOnce(r, x), err
}

// tellOnce hands the codes to the page that shows them.
func tellOnce(r *web.Request, x Recovery) Recovery {
	if len(x.Codes) > 0 && !web.WantsJSON(r.HTTP) {
		keepOnce(r, secondPage, strings.Join(x.Codes, " "))
	}
	return x
}

func (o *Office) freshCodes(r *web.Request, _ Proof) (x Recovery, err error) {
	lim, err := o.limits(r.Ctx, r.Tx, r.Grant.Tenant(), r.Now)
	if err != nil {
		return x, err
	}
	x.said = "新的恢复码已发给您，旧的不能再用。"
	x.Codes, err = FreshCodes(r.Ctx, r.Tx, r.Grant.For(Second), r.Grant.Account(), lim.RecoveryCodes, r.Now)
	return tellOnce(r, x), err
}

func (o *Office) stop(r *web.Request, _ Proof) (Done, error) {
	lim, err := o.limits(r.Ctx, r.Tx, r.Grant.Tenant(), r.Now)
	if err != nil {
		return Done{}, err
	}
	if _, must := lim.Grace(r.Actor().Posts(r.Today), r.Today); must {
		return Done{}, fault.ByRule(fault.Conflict, "R1.69", "按本单位的规定，干部须用动态口令，不能停用。换手机请找安全管理员重置。")
	}
	err = drop(r.Ctx, r.Tx, r.Grant.For(Second), r.Grant.Account(), map[string]any{"second": "off"}, r.Now)
	return Done{"动态口令已停用，登录只凭密码。", secondPage}, err
}

// Resetting is an account whose second factor is to be taken away, and why.
type Resetting struct {
	ID     string `json:"id" doc:"编号"`
	Reason string `json:"reason" doc:"理由"`
}

func resetFactor(r *web.Request, in Resetting) (Done, error) {
	a, err := ResetFactor(r.Ctx, r.Tx, r.Grant, in.ID, in.Reason, r.Now)
	return Done{"动态口令已重置，此人各处登录都已退出，并已通知本人。", a.Place()}, err
}

// Grace tells how many days a person whose posts these are may still go
// without a second factor, and whether the rules ask it of them at all.
//
// law: R1.69
func (l Limits) Grace(posts []auth.Post, today day.Day) (left int, must bool) {
	if !l.SecondMust {
		return 0, false
	}
	var since day.Day
	for _, p := range posts {
		if p.Office != auth.Member && p.Holds(today) && (since == "" || p.From < since) {
			since = p.From
		}
	}
	if since == "" {
		return 0, false
	}
	return l.SecondGrace - day.Days(max(since, l.SecondSince), today), true
}
