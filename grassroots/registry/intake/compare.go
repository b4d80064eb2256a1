package intake

import (
	"unionhall/grassroots/registry/member"
	"unionhall/kit/day"
)

// merge returns what a member becomes by a roster's row: what the row says
// replaces what was there, what it leaves empty stays.
func merge(was member.Member, l line) member.Member {
	now := was
	p, q := &now.Person, l.Person
	for _, f := range []struct {
		into *string
		from string
	}{
		{&p.Name, q.Name}, {&p.Phone, q.Phone}, {&p.Ethnic, q.Ethnic}, {&p.Education, q.Education}, {&p.Politics, q.Politics},
		{&p.Employment, q.Employment}, {&p.Skill, q.Skill}, {&p.Household, q.Household}, {&p.Domicile, q.Domicile}, {&p.Native, q.Native},
		{&p.WorkUnit, q.WorkUnit}, {&p.Duty, q.Duty}, {&p.Title, q.Title}, {&p.Email, q.Email}, {&p.OuterCard, q.OuterCard},
	} {
		if f.from != "" {
			*f.into = f.from
		}
	}
	if q.Sex != member.Unknown {
		p.Sex = q.Sex
	}
	if q.Birthday != "" {
		p.Birthday = q.Birthday
	}
	p.Migrant = p.Migrant || q.Migrant
	if l.Joined != "" {
		now.Joined = l.Joined
	}
	now.Union = l.Union
	now.Status = l.Status
	if !l.Status.Open() && now.LeftDay == "" {
		now.LeftDay = l.Event.Day
	}
	if l.Status.Open() {
		now.LeftDay = ""
	}
	return now
}

// compare says what a row is to be, given who is there already.
//
// law: MEM-05, IMP-04
func compare(was member.Member, l line) string {
	if was.Status.Open() && was.Union.ID != l.Union.ID {
		return moved
	}
	now := merge(was, l)
	if now == was {
		return "same"
	}
	return changed
}

// eventOf is the change of membership that makes now of was, if any.
func eventOf(was, now member.Member, e entry, today day.Day) (member.Event, bool) {
	if was.Status == now.Status && was.Union.ID == now.Union.ID {
		return member.Event{}, false
	}
	ev := member.Event{MemberID: now.ID, Type: e.Type, Day: e.Day, Reason: e.Reason, From: was.Union.ID, To: now.Union.ID}
	if ev.Day == "" {
		ev.Day = today
	}
	return ev, true
}
