package admission

import (
	"crypto/sha256"
	"encoding/hex"

	"unionhall/grassroots/registry"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/ident"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// DoorQuery names an invitation by its code.
type DoorQuery struct {
	Code string `json:"code" doc:"邀请码"`
}

// Door is what a visitor sees: whose union it is, what is collected and why.
type Door struct {
	Union   string  `json:"union"`
	Office  string  `json:"office"`
	Consent string  `json:"consent"` // version of the notice
	Expires day.Day `json:"expires"`
	code    string
	higher  bool // no union of a unit: for those whose unit has none
}

func (o *Room) door(r *web.Request, in DoorQuery) (Door, error) {
	i, tenant, err := byCode(r.Ctx, r.Tx, in.Code, r.Today)
	if err != nil {
		return Door{}, err
	}
	higher, err := above(r, tenant, i.Union.ID)
	return Door{i.Union.Name, i.office, noticeVersion, i.Expires, i.Code, higher}, err
}

// above reports whether a union takes in people whose unit has none.
//
// law: MEM-03
func above(r *web.Request, tenant int64, union string) (bool, error) {
	u, err := registry.Find(r.Ctx, r.Tx, asApplicant(tenant, Apply, union), union)
	return !(u.Kind == registry.Base || u.Kind == registry.Joint || u.Kind == registry.Single || u.Kind.Part()), err
}

// SubmitForm is an application as it comes in by a link.
type SubmitForm struct {
	Form
	Code   string `json:"code" doc:"邀请码"`
	Key    string `json:"idempotency_key" doc:"操作编号"`
	Agreed bool   `json:"agreed" doc:"同意"`
}

// Receipt is what an applicant holds: the number, and the address that shows
// how the application stands.
type Receipt struct {
	No      string      `json:"no"`
	Union   string      `json:"union"`
	Name    string      `json:"name"` // masked
	State   State       `json:"state"`
	Applied day.Instant `json:"applied"`
	Due     day.Day     `json:"due"`
	Words   string      `json:"words,omitempty"` // the reason of the last step
	CardNo  string      `json:"card_no,omitempty"`
	Code    string      `json:"receipt"`
	Version int64       `json:"version"`
	Account bool        `json:"account"` // there is an account already
	said    string
	created bool
	link    string
}

// Place is the page that shows how the application stands.
func (p Receipt) Place() string { return "/apply/" + p.Code }
func (p Receipt) Said() string  { return p.said }
func (p Receipt) Created() bool { return p.created }

func receiptOf(r *web.Request, tenant int64, a Application, said string) (Receipt, error) {
	code, err := writeReceipt(r.Tx.Keys(), tenant, a.ID)
	return Receipt{No: a.No, Union: a.Union.Name, Name: maskName(a.Form.Name), State: shown(a.State), Applied: a.Applied, Due: a.Due, Code: code, Version: a.Version, said: said}, err
}

// shown is the state that an applicant is told: that a decision came one level
// up, or turned into a transfer, is no news of theirs.
func shown(s State) State {
	if s == Raised {
		return Applied
	}
	return s
}

func (o *Room) submit(r *web.Request, in SubmitForm) (Receipt, error) {
	if err := o.guard.Pass(r.HTTP, r.Site.Now()); err != nil {
		return Receipt{}, err
	}
	if !in.Agreed {
		return Receipt{}, &fault.Error{Kind: fault.Invalid, Rule: "R1.62", Text: "请先看收集个人信息的说明，同意后再提交。", Fields: map[string]string{"agreed": "同意：请勾选；不同意的，可以到工会办公室书面或口头申请"}}
	}
	key := in.Key
	if h := r.HTTP.Header.Get("Idempotency-Key"); h != "" {
		key = h
	}
	if len(key) > 200 {
		sum := sha256.Sum256([]byte(key))
		key = hex.EncodeToString(sum[:])
	}
	a, tenant, err := Submit(r.Ctx, r.Tx, in.Code, key, in.Form, r.Now)
	if err != nil {
		return Receipt{}, err
	}
	p, err := receiptOf(r, tenant, a, "已收到您的入会申请。")
	p.created = true
	return p, err
}

// ReceiptQuery names an application by the receipt that its applicant holds.
type ReceiptQuery struct {
	Receipt string `json:"receipt" doc:"回执"`
}

// held opens a receipt.
func held(r *web.Request, receipt string) (Application, int64, error) {
	tenant, id, ok := readReceipt(r.Tx.Keys(), receipt)
	if !ok {
		return Application{}, 0, fault.New(fault.NotFound, "没有这份回执。请用提交申请后的那个链接打开，或者联系您所在单位的工会。")
	}
	a, err := byID(r.Ctx, r.Tx, tenant, id)
	return a, tenant, err
}

func (o *Room) receipt(r *web.Request, in ReceiptQuery) (Receipt, error) {
	a, tenant, err := held(r, in.Receipt)
	if err != nil {
		return Receipt{}, err
	}
	p, err := receiptOf(r, tenant, a, "")
	if err != nil {
		return p, err
	}
	p.link = web.Origin(r.HTTP) + p.Place()
	past, err := Procedure.History(r.Ctx, r.Tx, asApplicant(tenant, Apply, a.Union.ID), a.ID)
	if err != nil {
		return p, err
	}
	if n := len(past); n > 0 && (a.State == Returned || a.State == Refused) {
		p.Words = past[n-1].Words
	}
	if a.State != Approved {
		return p, nil
	}
	if p.CardNo, err = sqldb.One(r.Ctx, r.Tx, sqldb.Text, `SELECT m.card_no FROM members m WHERE m.tenant_id = $1 AND m.id = $2`, tenant, a.MemberID); err != nil {
		return p, err
	}
	if o.Logins != nil {
		p.Account, err = o.Logins.Has(r.Ctx, r.Tx, tenant, a.MemberID)
	}
	return p, err
}

// MendPage is the form of an application that was returned, numbers masked.
type MendPage struct {
	Receipt
	form   Form
	higher bool
}

func (o *Room) mend(r *web.Request, in ReceiptQuery) (MendPage, error) {
	a, tenant, err := held(r, in.Receipt)
	if err != nil {
		return MendPage{}, err
	}
	if a.State != Returned {
		return MendPage{}, fault.New(fault.Conflict, "这份申请现在是“%s”，不用补正。请回到进度页看看。", shown(a.State).Label())
	}
	p, err := o.receipt(r, in)
	if err != nil {
		return MendPage{}, err
	}
	f := a.Form
	f.IDNo, f.Phone = ident.Mask(f.IDNo), ident.MaskPhone(f.Phone)
	higher, err := above(r, tenant, a.Union.ID)
	return MendPage{p, f, higher}, err
}

// AgainForm is a completed application.
type AgainForm struct {
	Form
	Receipt string `json:"receipt" doc:"回执"`
	Version int64  `json:"version" doc:"版本"`
}

func (o *Room) again(r *web.Request, in AgainForm) (Receipt, error) {
	if err := o.guard.Pass(r.HTTP, r.Site.Now()); err != nil {
		return Receipt{}, err
	}
	a, tenant, err := held(r, in.Receipt)
	if err == nil {
		a, err = Again(r.Ctx, r.Tx, tenant, a.ID, in.Version, in.Form, r.Now)
	}
	if err != nil {
		return Receipt{}, err
	}
	return receiptOf(r, tenant, a, "已收到补正后的申请。")
}

// RecallForm withdraws an application.
type RecallForm struct {
	Receipt string `json:"receipt" doc:"回执"`
	Version int64  `json:"version" doc:"版本"`
}

func (o *Room) withdraw(r *web.Request, in RecallForm) (Receipt, error) {
	if err := o.guard.Pass(r.HTTP, r.Site.Now()); err != nil {
		return Receipt{}, err
	}
	a, tenant, err := held(r, in.Receipt)
	if err == nil {
		a, err = Recall(r.Ctx, r.Tx, tenant, a.ID, in.Version, r.Now)
	}
	if err != nil {
		return Receipt{}, err
	}
	return receiptOf(r, tenant, a, "已撤回申请。")
}

// LoginForm is the account that somebody who was taken in opens.
type LoginForm struct {
	Receipt  string `json:"receipt" doc:"回执"`
	Login    string `json:"login" doc:"账号"`
	Password string `json:"password" doc:"密码"`
	Repeat   string `json:"repeat" doc:"再输一次密码"`
	hash     string
	tenant   int64
	a        Application
}

// ready judges login and password and hashes it, before the transaction.
func (o *Room) ready(r *web.Request, in *LoginForm) error {
	if err := o.guard.Pass(r.HTTP, r.Site.Now()); err != nil {
		return err
	}
	if o.Logins == nil {
		return fault.New(fault.NotFound, "这里没有开通自助开户，请联系所在工会。")
	}
	err := r.Site.DB.View(r.Ctx, func(tx *sqldb.Tx) (err error) {
		r.Tx = tx
		if in.a, in.tenant, err = held(r, in.Receipt); err != nil {
			return err
		}
		if in.a.State != Approved {
			return fault.New(fault.Conflict, "批准入会以后才能开通账号，请过几天再看。")
		}
		return o.Logins.Judge(r.Ctx, tx, in.tenant, in.Login, in.Password, in.a.Form.Name, r.Today)
	})
	r.Tx = nil
	if err != nil {
		return err
	}
	if in.Password != in.Repeat {
		return &fault.Error{Kind: fault.Invalid, Text: "两次输入的密码不一样。", Fields: map[string]string{"repeat": "再输一次密码：与上面的不一样"}}
	}
	in.hash, err = seal.HashPassword(r.Ctx, in.Password)
	return err
}

// Opened is an account that was opened; people go on to the log-in.
type Opened struct {
	Login string `json:"login"`
}

func (Opened) Place() string  { return "/login?next=%2Fme%2Fcard" }
func (o Opened) Said() string { return "账号已开通，请登录。" }

func (o *Room) open(r *web.Request, in LoginForm) (Opened, error) {
	has, err := o.Logins.Has(r.Ctx, r.Tx, in.tenant, in.a.MemberID)
	if err == nil && has {
		err = fault.New(fault.Conflict, "您已经有账号了，请直接登录；忘记密码请联系本单位的系统管理员。")
	}
	if err != nil {
		return Opened{}, err
	}
	err = o.Logins.Make(r.Ctx, r.Tx, in.tenant, in.a.MemberID, in.a.Form.Name, in.Login, in.hash, r.Now)
	return Opened{in.Login}, err
}
