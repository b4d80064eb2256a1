package member

import (
	"cmp"
	"context"
	"slices"

	"unionhall/commons/rulebook"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/law"
)

// Ages are when people retire: by sex, and since 2025 later step by step.
type Ages struct {
	Men, Women int     // years, before any delay
	Since      day.Day // who reaches that age from this day on retires later; empty: nobody
	Step, Most int     // a month later for each so many months, at most so many
}

// delayed is the day from which the delay is in force.
//
// law: MEM-15 (国务院关于渐进式延迟法定退休年龄的办法)
const delayed day.Day = "2025-01-01"

// AgesOf reads the ages in force on a day.
func AgesOf(book law.Book, tenant int64, on day.Day) (a Ages, err error) {
	place := law.PlaceOf(tenant)
	if a.Men, err = book.Int("member.retire.men", place, on); err != nil {
		return a, err
	}
	if a.Women, err = book.Int("member.retire.women", place, on); err != nil || on < delayed {
		return a, err
	}
	a.Since = delayed
	if a.Step, err = book.Int("member.retire.step_months", place, on); err != nil {
		return a, err
	}
	a.Most, err = book.Int("member.retire.most_months", place, on)
	return a, err
}

// Retires returns the day on which somebody reaches the age of retirement. It
// is for reminders alone: early, flexible and workers' retirement are not told
// by sex and birth. Who is neither man nor woman here is reminded of never.
//
// law: MEM-15
func (a Ages) Retires(born day.Day, sex Sex) day.Day {
	years := map[Sex]int{Male: a.Men, Female: a.Women}[sex]
	if years == 0 || born == "" {
		return ""
	}
	on := born.AddYears(years)
	if a.Since == "" || on < a.Since || a.Step <= 0 {
		return on
	}
	months := (on.Year()-a.Since.Year())*12 + on.Month() - a.Since.Month()
	return born.AddMonths(12*years + min(a.Most, months/a.Step+1))
}

// Reminder is a member whose membership an officer should look at.
type Reminder struct {
	ID     string  `json:"id"`
	Name   string  `json:"name"`
	Union  string  `json:"union"`
	Day    day.Day `json:"day"`
	Reason string  `json:"reason,omitempty"`
}

// mostReminders is how many members one list reads.
const mostReminders = 1000

// Retiring lists the active members within g's reach who have reached the age
// of retirement, or will in some months, the longest overdue first.
//
// law: MEM-15
func Retiring(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Ages, until day.Day) ([]Reminder, error) {
	type row struct {
		Reminder
		born day.Day
		sex  Sex
	}
	all, err := sqldb.List(ctx, tx, func(r sqldb.Row) (v row, err error) {
		return v, r(&v.ID, &v.Name, &v.Union, &v.born, &v.sex)
	}, `
		SELECT m.id, m.name, u.name, m.birthday, m.sex FROM members m
		JOIN unions u ON u.tenant_id = m.tenant_id AND u.id = m.union_id
		WHERE m.tenant_id = $1 AND m.status = 'active' AND (m.sex = 'male' AND m.birthday <= $3 OR m.sex = 'female' AND m.birthday <= $4)
			AND m.union_id IN (SELECT r.union_id FROM union_reach r WHERE r.tenant_id = $1 AND r.above_id = $2)
		ORDER BY m.birthday, m.id LIMIT $5`, g.Tenant(), g.Under(), string(until.AddYears(-a.Men)), string(until.AddYears(-a.Women)), int64(mostReminders))
	out := []Reminder{}
	for _, v := range all {
		if v.Day = a.Retires(v.born, v.sex); v.Day <= until {
			out = append(out, v.Reminder)
		}
	}
	slices.SortStableFunc(out, func(x, y Reminder) int { return cmp.Compare(x.Day, y.Day) })
	return out, err
}

// Seconded lists the active members within g's reach who have been on
// secondment since a day or longer and did not come back.
//
// law: MEM-13
func Seconded(ctx context.Context, tx *sqldb.Tx, g auth.Grant, since day.Day) ([]Reminder, error) {
	out, err := sqldb.List(ctx, tx, func(r sqldb.Row) (v Reminder, err error) {
		return v, r(&v.ID, &v.Name, &v.Union, &v.Day, &v.Reason)
	}, `
		SELECT m.id, m.name, u.name, e.day, e.reason FROM member_events e
		JOIN members m ON m.tenant_id = e.tenant_id AND m.id = e.member_id AND m.status = 'active'
		JOIN unions u ON u.tenant_id = m.tenant_id AND u.id = m.union_id
		WHERE e.tenant_id = $1 AND e.type = 'seconded' AND e.day <= $3
			AND m.union_id IN (SELECT r.union_id FROM union_reach r WHERE r.tenant_id = $1 AND r.above_id = $2)
			AND NOT EXISTS (SELECT 1 FROM member_events x WHERE x.tenant_id = e.tenant_id AND x.member_id = e.member_id AND x.type IN ('returned', 'moved_in', 'seconded') AND x.id > e.id)
		ORDER BY e.day, m.id LIMIT $4`, g.Tenant(), g.Under(), string(since), int64(mostReminders))
	if out == nil {
		out = []Reminder{}
	}
	return out, err
}

// RemindersPage is whom an officer should look at.
type RemindersPage struct {
	Retiring []Reminder `json:"retiring"`
	Seconded []Reminder `json:"seconded"`
	Months   int        `json:"secondment_months"`
	may      rights
	today    day.Day
}

func reminders(r *web.Request, _ struct{}) (p RemindersPage, err error) {
	p.may, p.today = rightsOf(r), r.Today
	book, err := rulebook.Of(r.Ctx, r.Tx, r.Grant.Tenant())
	if err != nil {
		return p, err
	}
	place := law.PlaceOf(r.Grant.Tenant())
	ages, err := AgesOf(book, r.Grant.Tenant(), r.Today)
	if err != nil {
		return p, err
	}
	ahead, err := book.Int("member.retire.warn_months", place, r.Today)
	if err != nil {
		return p, err
	}
	if p.Months, err = book.Int("member.secondment.months", place, r.Today); err != nil {
		return p, err
	}
	if p.Retiring, err = Retiring(r.Ctx, r.Tx, r.Grant, ages, r.Today.AddMonths(ahead)); err != nil {
		return p, err
	}
	p.Seconded, err = Seconded(r.Ctx, r.Tx, r.Grant, r.Today.AddMonths(-p.Months))
	return p, err
}
