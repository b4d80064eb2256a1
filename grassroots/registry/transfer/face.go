package transfer

import (
	"io"
	"net/url"
	"strconv"

	"unionhall/commons/certificate"
	"unionhall/grassroots/registry"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/print"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
	"unionhall/law/codes"
)

func clause(id string) ui.Article {
	r, ok := law.RuleOf(id)
	if !ok {
		return ui.Article{ID: id}
	}
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

var sideOptions = []ui.Option{{Value: "", Text: "转出和转入"}, {Value: string(Out), Text: "转出"}, {Value: string(In), Text: "转入"}}

func stateOptions() []ui.Option {
	out := []ui.Option{{Value: "", Text: "全部"}}
	for _, s := range []State{Requested, Confirmed, Accepted, Refused, Cancelled} {
		out = append(out, ui.Option{Value: string(s), Text: s.Label()})
	}
	return out
}

func unionOptions(refs []registry.Ref) []ui.Option {
	out := make([]ui.Option, len(refs))
	for i, r := range refs {
		out[i] = ui.Option{Value: r.Code, Text: r.Name}
	}
	return out
}

func documentOptions() (out []ui.Option) {
	for _, e := range codes.IDType.All() {
		out = append(out, ui.Option{Value: e.Code, Text: e.Label})
	}
	return out
}

func (p ListPage) next() string {
	if p.Next == "" {
		return ""
	}
	v := url.Values{"after": {p.Next}}
	if p.q.Side != "" {
		v.Set("side", string(p.q.Side))
	}
	if p.q.State != "" {
		v.Set("state", string(p.q.State))
	}
	return home + "?" + v.Encode()
}

func (p ListPage) narrowed() bool { return p.q.Side != "" || p.q.State != "" || p.q.After != "" }

// Late tells on which day a transfer that waits becomes late.
func (t Transfer) Late(alert int) day.Day { return t.Asked.Day().AddDays(alert) }

// waits says for whom an open transfer waits.
func (t Transfer) waits() string {
	switch t.State {
	case Requested:
		return "等" + t.From.Name + "确认转出"
	case Confirmed:
		return "等" + t.To.Name + "接收"
	}
	return ""
}

// story tells the steps that were taken and, last, what is waited for.
func (d Detail) story() (out []ui.Event) {
	for _, s := range d.Steps {
		title, kind := s.After.Label(), ui.Info
		switch {
		case s.Before == "-":
			title = d.AskedBy.Label() + "申请接转"
		case s.Act == Confirm:
			title = "确认转出"
		case s.After == Accepted:
			title, kind = "接收", ui.OK
		case s.After == Refused:
			kind = ui.Bad
		case s.After == Cancelled:
			kind = ui.Mute
		}
		out = append(out, ui.Event{Kind: kind, At: s.At.Local(), Title: title, Who: d.by(s), Words: s.Words})
	}
	if d.State.Open() {
		e := ui.Event{Kind: ui.Info, At: "最迟 " + string(d.Late(d.alert)), Title: d.waits()}
		if d.Late(d.alert) < d.today {
			e.Kind, e.At = ui.Warn, "已超过 "+strconv.Itoa(d.alert)+" 天"
		}
		out = append(out, e)
	}
	return out
}

func (d Detail) by(s flow.Past[State]) string {
	name, office := d.who[s.Account], s.Office.Label()
	if s.Acting != "" {
		office = "代" + office
	}
	if name == "" {
		return office
	}
	return name + "（" + office + "）"
}

func version(n int64) string { return strconv.FormatInt(n, 10) }

// outcome says what a step will do.
func (d Detail) outcome(s flow.Step[State]) string {
	switch s.Act {
	case Confirm:
		return "确认后等" + d.To.Name + "接收；接收以前仍计入" + d.From.Name + "。"
	case Accept:
		return "接收后" + d.Name + "即为" + d.To.Name + "的会员，会费自 " + DuesFrom(d.today) + " 起由本工会收缴。"
	case Refuse:
		return "退回后会籍仍在" + d.From.Name + "，对方会看到理由。"
	}
	return "取消后会籍仍在" + d.From.Name + "。"
}

func (d Detail) path(s flow.Step[State]) string {
	return d.Transfer.Place() + "/" + string(s.Act)[len("transfers."):]
}

// letter is the transfer letter (会员会籍接转介绍信) on paper: the part that the
// old union keeps, the letter, and the slip that the new union sends back.
//
// law: MEM-10
func letter(r *web.Request, in ByID) (web.File, error) {
	t, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return web.File{}, err
	}
	all, err := certificate.ByThing(r.Ctx, r.Tx, r.Grant, t.ID)
	proof := ""
	for _, c := range all {
		if c.State(r.Today) == certificate.Valid {
			proof = web.Origin(r.HTTP) + "/verify/" + c.Code
		}
	}
	f := web.File{Name: "会籍接转介绍信-" + t.Name + ".pdf", Type: "application/pdf"}
	f.Write = func(dst io.Writer) error { return writeLetter(t, proof, r.Actor().Name(), r.Now, dst) }
	return f, err
}

func writeLetter(t Transfer, proof, by string, at day.Instant, dst io.Writer) error {
	d, err := print.New(print.Paper{Office: t.From.Name, Title: "工会会员会籍接转介绍信", Note: t.No, By: by, Made: at})
	if err != nil {
		return err
	}
	d.Text(t.To.Name + "：")
	d.Text("　　兹介绍工会会员" + t.Name + "（会员号 " + t.CardNo + "）到你处接转会籍，请予接收登记。")
	d.Text("　　接转原因：" + t.Reason + "。会籍自你会接收之日起转入；接收以前仍为本工会会员。")
	d.Text("　　会员证请换发或加注；会费自接收的下月起由你会收缴。")
	signed := day.Day("")
	if t.Confirmed != "" {
		signed = t.Confirmed.Day()
	} else {
		d.Text("　　（转出工会尚未确认，本信未生效。）")
	}
	d.Seal(t.From.Name, signed)
	if proof != "" {
		d.QR(proof, "扫码核验这封介绍信的真伪。\n"+t.No)
	}
	d.Text("—— —— —— —— —— —— —— —— ——　回　执　—— —— —— —— —— —— —— —— ——")
	d.Text(t.From.Name + "：")
	taken := "　　你会介绍的会员" + t.Name + "（" + t.No + "）已由我会接收登记，会费自　　　　年　　月起由我会收缴。"
	ended := day.Day("")
	if t.State == Accepted {
		ended = t.Ended.Day()
		taken = "　　你会介绍的会员" + t.Name + "（" + t.No + "）已由我会接收登记，会费自 " + t.DuesFrom + " 起由我会收缴。"
	}
	d.Text(taken)
	d.Seal(t.To.Name, ended)
	_, err = d.WriteTo(dst)
	return err
}
