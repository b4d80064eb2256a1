package member

import (
	"net/url"

	"unionhall/kit/ui"
	"unionhall/law/codes"
)

// What the forms of changes show.

func changeTitle(p ChangePage) string {
	if p.step == "" {
		return "会籍变动"
	}
	return p.step.Label()
}

// entries are the steps that are open, each with what it means.
func (p ChangePage) entries() (out []ui.Entry) {
	for _, s := range p.Steps {
		out = append(out, ui.Entry{Title: s.Label(), Note: s.meaning(), Href: p.Row.Place() + "/change?step=" + string(s)})
	}
	return out
}

// meaning says in a sentence when a step is taken.
func (s Step) meaning() string {
	switch s {
	case Retain:
		return "退休、失业或参军：不缴会费，不计入会员统计，会籍留在原工会。"
	case Resume:
		return "重新就业或退伍返岗：恢复在册。"
	case Rejoin:
		return "退会或除名后再次入会：会员号不变，入会时间从批准之日起。"
	case Transfer:
		return "上级工会一步办结；两家工会各自确认的，请办会籍接转。"
	case Second:
		return "到别的单位借调工作，会籍不变；满六个月的可以另办会籍接转，由借入单位工会管理。"
	case Return:
		return "借调期满，回到本单位工作。"
	case Study:
		return "脱产学习、劳动关系不变：会籍不变。"
	case Idle:
		return "在本单位下岗、待岗：会籍不变。"
	case Rest:
		return "内部退养：会籍不变，到正式退休时再保留会籍。"
	case Leave:
		return "本人要求退会，或经委员会决定视为退会。"
	case Expel:
		return "因犯罪受刑事处分，经委员会决定并报上级备案。"
	case Die:
		return "会籍自然终止，资料保留。"
	}
	return ""
}

// grave reports whether a step ends a membership.
func (s Step) grave() bool { return s == Leave || s == Expel || s == Die }

// outcome says what a step will do, in numbers.
func (s Step) outcome(n int) string {
	people := itoa(n) + " 人"
	switch s {
	case Retain:
		return "将有 " + people + "转为保留会籍，不再计入会员统计，停缴会费。"
	case Resume, Rejoin:
		return "将有 " + people + "恢复在册，重新计入会员统计。"
	case Transfer:
		return "将有 " + people + "的会籍转到所选工会，原工会从此看不到。"
	case Second, Return, Study, Idle, Rest:
		return "只记一笔会籍变化，" + people + "的会籍仍为在册。"
	case Leave, Expel, Die:
		return "将终止 " + people + "的会籍，会员证作废；以后可以办理重新入会。"
	}
	return ""
}

func causeOptions(m move) (out []ui.Option) {
	for _, c := range m.causes {
		out = append(out, ui.Option{Value: c.code, Text: codes.ChangeReason.Label(c.code)})
	}
	return out
}

// onlyCause is the reason of a step that has one alone.
func onlyCause(m move) string {
	if len(m.causes) == 1 {
		return m.causes[0].code
	}
	return ""
}

func documentHelp(m move) string {
	if m.paper {
		return "委员会决定或批准文件的文号。"
	}
	for _, c := range m.causes {
		if c.document {
			return "“" + codes.ChangeReason.Label(c.code) + "”必须填写，其余没有可不填。"
		}
	}
	return "没有文号可不填。"
}

// address is where the form for many goes: who is meant stands in it, so that
// a refused form shows the same people.
func (p ManyPage) address() string {
	v := url.Values{"step": {string(p.step)}}
	for _, c := range p.Ready {
		v.Add("id", c.ID)
	}
	return listPlace + "/many?" + v.Encode()
}

func wordsHelp(m move) string {
	if m.words != "" {
		return "请写明" + m.words + "。会写入会籍变化和操作记录。"
	}
	return "会写入会籍变化和操作记录。"
}
