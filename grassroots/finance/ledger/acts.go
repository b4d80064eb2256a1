package ledger

import (
	"unionhall/kit/audit"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/web"
)

// Done is a voucher that an act changed.
type Done struct {
	Voucher
	said    string
	created bool
	next    string // where people are led; the voucher's page if empty
}

// Place is where people are led.
func (d Done) Place() string {
	if d.next != "" {
		return d.next
	}
	return d.Voucher.Place()
}

func (d Done) Said() string  { return d.said }
func (d Done) Created() bool { return d.created }

// StepForm takes a step of a voucher.
type StepForm struct {
	flow.Given
	ID      string  `json:"id" doc:"编号"`
	Version int64   `json:"version" doc:"版本"`
	Date    day.Day `json:"date" doc:"日期"`
}

// Stepped is what a step answers: a posted voucher names its number.
type Stepped struct {
	Done
	Period string `json:"period"`
}

func (rm Room) step(r *web.Request, in StepForm) (Stepped, error) {
	v, err := Advance(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Given, r.Now)
	said := v.Name() + "：" + v.State.Label() + "。"
	return Stepped{Done{Voucher: v, said: said}, v.Period()}, rm.told(r, v, err)
}

func (rm Room) sign(r *web.Request, in StepForm) (Done, error) {
	v, err := Signs(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, r.Now)
	return Done{Voucher: v, said: "已签章。"}, rm.told(r, v, err)
}

func (rm Room) reverse(r *web.Request, in StepForm) (Done, error) {
	was, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Done{}, err
	}
	if err := current(was, in.Version); err != nil {
		return Done{}, rm.told(r, was, err)
	}
	v, err := Undo(r.Ctx, r.Tx, r.Grant, in.ID, in.Date, r.Now)
	return Done{Voucher: v, said: "红字凭证已生成，请审核后记账；需要的话再填一张正确的凭证。", created: true}, err
}

// told says in a conflict over a voucher who was faster, and when.
func (rm Room) told(r *web.Request, v Voucher, err error) error {
	f := fault.Of(err)
	if err == nil || f.Kind != fault.Conflict || f.Rule != "" || v.ID == "" {
		return err
	}
	last, lost := audit.Last(r.Ctx, r.Tx, r.Grant, v.ID)
	if lost != nil {
		return err
	}
	names, lost := rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), []string{last.Account})
	if lost != nil || names[last.Account] == "" {
		return err
	}
	out := *f
	out.Text += "最近一次由" + names[last.Account] + "在 " + last.At.Local() + " 办理：" + Labels[last.Act] + "。"
	return &out
}
