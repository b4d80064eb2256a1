package term

import (
	"context"
	"errors"
	"fmt"

	"unionhall/commons/rulebook"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

// What people may do for women.
const (
	LookWomen auth.Action = "women.look" // committees and figures
	Tend      auth.Action = "women.tend" // the register of pregnancy, birth and nursing
)

// CareKind is what a member is protected for.
type CareKind string

const (
	Pregnant    CareKind = "pregnant"    // 怀孕: Day is the day expected
	Born        CareKind = "born"        // 生育: Day is the child's birthday
	Miscarriage CareKind = "miscarriage" // 流产
)

// CareKinds lists the kinds as people are shown them.
var CareKinds = []CareKind{Pregnant, Born, Miscarriage}

// Label is what the kind is called on pages.
func (k CareKind) Label() string {
	switch k {
	case Pregnant:
		return "怀孕"
	case Born:
		return "生育、哺乳"
	case Miscarriage:
		return "流产"
	}
	return string(k)
}

// Care is one event that protects a member; it lies sealed.
type Care struct {
	Kind      CareKind `json:"kind"`
	Day       day.Day  `json:"day"`
	Children  int      `json:"children"`
	Difficult bool     `json:"difficult"`
	Months    int      `json:"months"` // of pregnancy, of a miscarriage
}

// CareBounds are the numbers of the protections, at one place on one day.
type CareBounds struct {
	Leave, BeforeBirth, Difficult, PerChild, Local int   // days
	LocalKnown                                     bool  // the office has confirmed what its province adds
	Miscarried                                     []int // days before and from MiscarriedFrom
	MiscarriedFrom                                 int   // months
	NoOvertimeFrom                                 int   // month of pregnancy
	PregnancyDays                                  int
	NursingHours, NursingMonths                    int
}

// CareBoundsOf reads them. A number that no text has on the day is nought.
//
// law: WOM-05
func CareBoundsOf(book law.Book, tenant int64, on day.Day) (b CareBounds, err error) {
	place := law.PlaceOf(tenant)
	note := func(e error) {
		if e != nil && !errors.Is(e, law.ErrNoValue) {
			err = errors.Join(err, e)
		}
	}
	for id, into := range map[string]*int{
		"women.leave.maternity_days": &b.Leave, "women.leave.before_birth_days": &b.BeforeBirth, "women.leave.difficult_birth_days": &b.Difficult,
		"women.leave.per_child_days": &b.PerChild, "women.leave.local_days": &b.Local,
	} {
		span, e := book.Days(id, place, on)
		note(e)
		*into = span.Days
	}
	for id, into := range map[string]*int{
		"women.leave.miscarriage_from_month": &b.MiscarriedFrom, "women.no_overtime.from_month": &b.NoOvertimeFrom, "women.pregnancy.days": &b.PregnancyDays,
		"women.nursing.hours": &b.NursingHours, "women.nursing.months": &b.NursingMonths,
	} {
		n, e := book.Int(id, place, on)
		note(e)
		*into = n
	}
	var e error
	b.Miscarried, e = book.Ints("women.leave.miscarriage_days", place, on)
	note(e)
	_, b.LocalKnown = book.Own("women.leave.local_days", place, on)
	return b, err
}

// Period (保护期) is what holds from one day to another, both included.
type Period struct {
	What string  `json:"what"`
	From day.Day `json:"from"`
	To   day.Day `json:"to"`
	Note string  `json:"note,omitempty"`
}

// lunar is a month of pregnancy as physicians count it, in days.
const lunar = 28

// Protect lists what holds for a member by an event: leave, no overtime or
// night work, hours for nursing.
//
// law: WOM-05
func Protect(c Care, b CareBounds) (out []Period) {
	more := 0
	if c.Difficult {
		more += b.Difficult
	}
	if c.Children > 1 {
		more += (c.Children - 1) * b.PerChild
	}
	leave := func(birth day.Day) {
		n := b.Leave + more + b.Local
		if n == 0 {
			return
		}
		from := birth.AddDays(-b.BeforeBirth)
		out = append(out, Period{"产假", from, from.AddDays(n - 1), fmt.Sprintf("%d 天，其中产前 %d 天", n, b.BeforeBirth)})
	}
	switch c.Kind {
	case Pregnant:
		if b.NoOvertimeFrom > 0 && b.PregnancyDays > 0 {
			out = append(out, Period{"不延长工作时间、不安排夜班", c.Day.AddDays(b.NoOvertimeFrom*lunar - b.PregnancyDays), c.Day.AddDays(-1), fmt.Sprintf("怀孕 %d 个月以上", b.NoOvertimeFrom)})
		}
		leave(c.Day)
	case Born:
		leave(c.Day)
		if b.NursingMonths > 0 {
			to := c.Day.AddMonths(b.NursingMonths).AddDays(-1)
			out = append(out, Period{"不延长工作时间、不安排夜班", c.Day, to, "哺乳未满一周岁婴儿"})
			out = append(out, Period{"哺乳时间", c.Day, to, fmt.Sprintf("每天 %d 小时", b.NursingHours*max(1, c.Children))})
		}
	case Miscarriage:
		if len(b.Miscarried) == 2 {
			n := b.Miscarried[0]
			if c.Months >= b.MiscarriedFrom {
				n = b.Miscarried[1]
			}
			out = append(out, Period{"流产假", c.Day, c.Day.AddDays(n - 1), fmt.Sprintf("%d 天", n)})
		}
	}
	return out
}

// closes is the day on which the last period ends.
func closes(periods []Period) (last day.Day) {
	for _, p := range periods {
		last = max(last, p.To)
	}
	return last
}

func careBounds(ctx context.Context, tx *sqldb.Tx, tenant int64, on day.Day) (CareBounds, error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return CareBounds{}, err
	}
	return CareBoundsOf(book, tenant, on)
}

// check refuses an event that can't be.
func (c Care) check(today day.Day) error {
	fields := map[string]string{}
	switch c.Kind {
	case Pregnant:
		if c.Day < today.AddDays(-30) || c.Day > today.AddDays(300) {
			fields["day"] = "日期：请填预产期，应在今后十个月之内"
		}
	case Born, Miscarriage:
		if c.Day == "" || c.Day > today || c.Day < today.AddYears(-2) {
			fields["day"] = "日期：请填最近两年内、不晚于今天的日期"
		}
	default:
		fields["kind"] = "情形：请选择一种"
	}
	if c.Children < 0 || c.Children > 9 {
		fields["children"] = "胎儿数：请填 1 到 9"
	}
	if c.Kind == Miscarriage && (c.Months < 1 || c.Months > 9) {
		fields["months"] = "怀孕月数：请填 1 到 9"
	}
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Rule: "WOM-05", Text: "有的内容填得不对，请按提示改正后再提交。", Fields: fields}
}
