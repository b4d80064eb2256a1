package intake

import (
	"strings"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/day"
	"unionhall/kit/sheet"
	"unionhall/law/codes"
)

// coded reads the columns that hold values of a code table. A value that the
// table does not know is left empty and told.
func (j *judge) coded(r *sheet.Row, v *verdict) {
	p := &v.Person
	for _, c := range []struct {
		field string
		table codes.Table
		into  *string
		code  string
	}{
		{"ethnic", codes.Ethnic, &p.Ethnic, "ethnic.unknown"},
		{"education", codes.Education, &p.Education, "education.unknown"},
		{"politics", codes.Political, &p.Politics, "politics.unknown"},
		{"employment", codes.Employment, &p.Employment, "employment.unknown"},
		{"skill", codes.Skill, &p.Skill, "skill.unknown"},
		{"household", codes.Household, &p.Household, "household.unknown"},
	} {
		text := j.text(r, c.field)
		if text == "" {
			continue
		}
		code, ok := c.table.Parse(text)
		if !ok && !v.refused {
			v.warn(r.N, j.header(c.field), c.code, "IMP-02", "“"+clip(text, 20)+"”不在“"+label(j.kind, c.field)+"”的代码表里，这一项先空着，可以以后补上。")
		}
		*c.into = code
	}
	yes, said := codes.YesNo.Parse(j.text(r, "migrant"))
	p.Migrant, v.Settled = yes == "1", said && yes != "1"
}

// plain takes over free texts as they stand, up to a sensible length.
func (j *judge) plain(r *sheet.Row, v *verdict) {
	p := &v.Person
	for _, c := range []struct {
		field string
		into  *string
	}{
		{"domicile", &p.Domicile}, {"native", &p.Native}, {"duty", &p.Duty},
		{"title", &p.Title}, {"email", &p.Email}, {"outer_card", &p.OuterCard},
	} {
		text := j.text(r, c.field)
		if n := len([]rune(text)); n > longest && !v.refused {
			v.warn(r.N, j.header(c.field), "text.long", "IMP-04", "这一格有 "+itoa(n)+" 个字，超过 200 个字的部分没有登记。")
		}
		*c.into = cut(text, longest)
	}
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// how an entry in 会籍变化类型 changes a membership, and what it makes of it.
var changes = map[string]struct {
	event  member.EventType
	status member.Status
}{
	"1": {member.Joins, member.Active},
	"2": {member.MovesIn, member.Active},
	"3": {member.Retains, member.Retained},
	"4": {member.MovesOut, member.Left},
	"5": {member.Expels, member.Expelled},
	"6": {member.Leaves, member.Left},
}

// statuses by what our own export writes.
func statusOf(text string) (member.Status, bool) {
	for _, s := range member.Statuses {
		if text == s.Label() {
			return s, true
		}
	}
	return "", false
}

// membership reads since when and in what state the person is a member. That
// somebody joined once says nothing of today.
func (j *judge) membership(r *sheet.Row, v *verdict) {
	v.Event = entry{Type: member.Joins}
	if code, ok := codes.ChangeType.Parse(j.text(r, "change_type")); ok {
		v.Event.Type = changes[code].event
		if changes[code].status != member.Active {
			v.Status = changes[code].status
		}
	}
	if s, ok := statusOf(j.text(r, "status")); ok {
		v.Status = s
	}
	if e := v.Person.Employment; (e == "4" || e == "5") && v.Status == "" {
		v.Status = member.Retained // law: MEM-15
	}
	v.Event.Reason = cut(j.text(r, "change_reason"), longest)
	v.Joined = j.day(r, v, "joined")
	v.Event.Day = j.day(r, v, "change_date")
	if v.Joined == "" && (v.Event.Type == member.Joins || v.Event.Type == member.MovesIn) {
		v.Joined = v.Event.Day
	}
	if v.Event.Day == "" {
		v.Event.Day = v.Joined
	}
	if v.Event.Day == "" {
		v.Event.Day = j.today
	}
}

// day reads a date that the row may lack; what can't be read is told.
func (j *judge) day(r *sheet.Row, v *verdict, field string) day.Day {
	text := j.cell(r, field).Text
	if strings.TrimSpace(text) == "" {
		return ""
	}
	d, _, ok := j.date(text)
	if !ok {
		if !v.refused {
			v.warn(r.N, j.header(field), "joined.unreadable", "IMP-03", "“"+clip(text, 20)+"”不是能读懂的日期，这一项先空着，可以以后补上。")
		}
		return ""
	}
	return d
}
