package term

import (
	"errors"
	"fmt"

	"unionhall/grassroots/registry"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/law"
)

// Bounds are the numbers that the procedures here go by, at one place on one
// day; nought where no text has any.
type Bounds struct {
	registry.Clock
	ExtendMonths int       // the longest extension (ELE-02)
	ExtendTimes  int       // how often in a term
	LeadMonths   int       // how long somebody may lead without a chair (ELE-60)
	MeetMonths   int       // from one meeting to the next (ELE-05)
	Proposers    law.Ratio // members who may ask for an extraordinary meeting (ELE-06)
	Reply        int       // days to answer a move (ORG-25)
	Silence      bool      // no answer in time is consent
	DelegateGap  law.Ratio // of women's shares (WOM-04)
	WomenFrom    int64     // women members that want a committee (WOM-01)
}

// BoundsOf reads the bounds.
func BoundsOf(book law.Book, tenant int64, on day.Day) (b Bounds, err error) {
	place := law.PlaceOf(tenant)
	if b.Clock, err = registry.ClockOf(book, place, on); err != nil {
		return b, err
	}
	note := func(e error) {
		if e != nil && !errors.Is(e, law.ErrNoValue) {
			err = errors.Join(err, e)
		}
	}
	one := func(id string) int {
		n, e := book.Int(id, place, on)
		note(e)
		return n
	}
	ratio := func(id string) law.Ratio {
		r, e := book.Ratio(id, place, on)
		note(e)
		return r
	}
	b.ExtendMonths, b.ExtendTimes = one("term.extension.max_months"), one("term.extension.max_times")
	b.LeadMonths, b.WomenFrom = one("vacancy.lead.max_months"), int64(one("org.women_committee.min_women"))
	if n := one("meeting.min_per_year"); n > 0 {
		b.MeetMonths = 12 / n
	}
	b.Proposers, b.DelegateGap = ratio("meeting.extraordinary.share"), ratio("women.delegates.max_gap")
	reply, e := book.Days("officer.move.reply_days", place, on)
	note(e)
	b.Reply = reply.Days
	b.Silence, e = book.Bool("officer.move.silence_consents", place, on)
	note(e)
	return b, err
}

// wrong refuses one field with the clause.
func wrong(rule, field, text string, args ...any) error {
	text = fmt.Sprintf(text, args...)
	return &fault.Error{Kind: fault.Invalid, Rule: rule, Text: text, Fields: map[string]string{field: text}}
}

// Extends judges a request to hold an election on until at the latest; before
// is how often the term was extended, pending whether a request waits.
//
// law: ELE-02
func Extends(b registry.Body, until day.Day, before int, pending bool, l Bounds) error {
	last := b.Due.AddMonths(l.ExtendMonths)
	switch {
	case !b.Open():
		return fault.ByRule(fault.Conflict, "ELE-02", "%s第%d届已经结束，不必延期。", b.Kind.Label(), b.Nth)
	case b.Due == "":
		return fault.ByRule(fault.Conflict, "ORG-01", "派出机构没有届期，不存在延期换届。")
	case pending:
		return fault.ByRule(fault.Conflict, "ELE-02", "这一届已有一份延期申请正在办理，请等它办完。")
	case before >= l.ExtendTimes:
		return fault.ByRule(fault.Conflict, "ELE-02", "这一届已延期 %d 次，每届最多延期 %d 次。", before, l.ExtendTimes)
	case until <= b.Due:
		return wrong("ELE-02", "until", "延期到：应晚于届满日 %s。", b.Due)
	case until > last:
		return wrong("ELE-02", "until", "延期到：最长延期 %d 个月，不能晚于 %s。", l.ExtendMonths, last)
	case until <= l.Today:
		return wrong("ELE-02", "until", "延期到：应晚于今天。")
	}
	return nil
}

// Urges judges the day that the higher union sets for an election.
//
// law: ELE-03
func Urges(b registry.Body, deadline day.Day, c registry.Clock) error {
	switch s := b.Stage(c); {
	case s != registry.PastTerm && s != registry.LongPast:
		return fault.ByRule(fault.Conflict, "ELE-03", "%s没有届满未换届，不必限期。", b.Kind.Label())
	case deadline <= c.Today:
		return wrong("ELE-03", "deadline", "限期：应晚于今天。")
	case deadline > c.Today.AddYears(1):
		return wrong("ELE-03", "deadline", "限期：不能超过一年。")
	}
	return nil
}

// Extraordinary judges the call for an extraordinary meeting: by the committee,
// or by so many members of all as the share asks for.
//
// law: ELE-06, LAW21-17
func Extraordinary(called Caller, proposers, members int64, share law.Ratio) error {
	switch {
	case called == ByCommittee:
		return nil
	case called != ByMembers:
		return wrong("ELE-06", "called", "由谁提议：临时会议由工会委员会提议，或由会员提议。")
	case share.Den > 0 && proposers*share.Den < members*share.Num:
		return wrong("ELE-06", "proposers", "提议人数：会员 %d 人，至少要有 %d 人提议。", members, (members*share.Num+share.Den-1)/share.Den)
	}
	return nil
}

// Leads judges the time in which somebody leads without a chair.
//
// law: ELE-60
func Leads(vacant bool, from, until day.Day, months int, today day.Day) error {
	switch {
	case !vacant:
		return fault.ByRule(fault.Conflict, "ELE-60", "主席没有空缺，不能登记主持工作的人选。")
	case from == "" || from > today:
		return wrong("ELE-60", "from", "开始日期：请填今天或以前的一天。")
	case until < from || until < today:
		return wrong("ELE-60", "until", "到期日期：不能早于开始日期和今天。")
	case months > 0 && until > from.AddMonths(months):
		return wrong("ELE-60", "until", "到期日期：主持工作最长 %d 个月，不能晚于 %s。", months, from.AddMonths(months))
	}
	return nil
}

// Gap is by how many hundredths of a point the share of women among delegates
// differs from that among members, and whether that is more than allowed.
// Without delegates or members there is nothing to compare.
//
// law: WOM-04
func Gap(women, members, womenDelegates, delegates int64, most law.Ratio) (hundredths int64, wide bool) {
	if members <= 0 || delegates <= 0 || most.Den == 0 {
		return 0, false
	}
	n, d := womenDelegates*members-women*delegates, delegates*members
	if n < 0 {
		n = -n
	}
	return n * 10000 / d, n*most.Den > most.Num*d
}
