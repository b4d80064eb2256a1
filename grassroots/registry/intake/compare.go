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
	p.Migrant = (p.Migrant || q.Migrant) && !l.Settled
	if l.Joined != "" {
		now.Joined = l.Joined
	}
	now.Union, now.Status = l.Union, l.becomes(was.Status)
	switch {
	case now.Status.Open():
		now.LeftDay = ""
	case now.LeftDay == "":
		now.LeftDay = l.Event.Day
	}
	return now
}

// becomes is the status of a member who stood at was: a row that says nothing
// of it leaves an open membership as it is and begins a closed one anew.
func (l line) becomes(was member.Status) member.Status {
	switch {
	case l.Status != "":
		return l.Status
	case was.Open():
		return was
	}
	return member.Active
}

// compare says what a row is to be, given who is there already. A row that
// tells of days before a membership ended does not begin it anew.
//
// law: MEM-05, IMP-04
func compare(was member.Member, l line) string {
	switch {
	case was.Status.Open() && was.Union.ID != l.Union.ID:
		return moved
	case l.stale(was), merge(was, l) == was:
		return same
	}
	return changed
}

// stale reports whether a row lists someone as a member who has left since.
func (l line) stale(was member.Member) bool {
	return !was.Status.Open() && l.becomes(was.Status).Open() && was.LeftDay != "" && l.Joined != "" && l.Event.Day <= was.LeftDay
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
