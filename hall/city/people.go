package city

import (
	"context"
	"fmt"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/day"
	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
)

// batchRows is how many members one transaction writes.
const batchRows = 2000

// people writes the members of every union with their events, and the bodies
// with who sits in them. It returns the chair of each union and another member.
func (m *making) people(ctx context.Context) ([][2]Person, error) {
	chairs := make([][2]Person, len(m.unions))
	done := 0
	for i := 0; i < len(m.unions); {
		var ms []member.Member
		var evs []member.Event
		first := i
		for i < len(m.unions) && (len(ms) == 0 || len(ms)+m.unions[i].size <= batchRows) {
			a, b := m.staff(m.unions[i])
			ms, evs = append(ms, a...), append(evs, b...)
			i++
		}
		at := 0
		var bodies []body
		for u := first; u < i; u++ {
			own := ms[at : at+m.unions[u].size]
			at += m.unions[u].size
			bodies = append(bodies, m.bodies(m.unions[u], own)...)
			if len(own) > 0 {
				chairs[u] = [2]Person{{own[0].ID, own[0].Person.Name}, m.plain(own)}
			}
		}
		for len(ms) > 0 {
			n := min(batchRows, len(ms))
			last := n == len(ms)
			err := m.db.Chunk(ctx, func(tx *sqldb.Tx) error {
				b := member.NewBatch(tx, m.g, m.at)
				if err := b.InsertUnfound(ctx, ms[:n], evs[:n]); err != nil {
					return err
				}
				if last {
					if err := b.Events(ctx, evs[n:]); err != nil {
						return err
					}
					if err := m.seat(ctx, tx, b, bodies); err != nil {
						return err
					}
				}
				return b.Audit(ctx, m.root.ID, map[string]any{"members": n})
			})
			if err != nil {
				return nil, err
			}
			for _, x := range ms[:n] {
				m.clues = append(m.clues, member.ClueOf(m.db.Keys(), Tenant, x))
			}
			ms, evs = ms[n:], evs[n:]
			if done += n; m.Say != nil {
				m.Say(done, m.Members)
			}
		}
	}
	if err := member.Index(ctx, m.db, Tenant, m.clues, member.Indexing{}); err != nil {
		return nil, err
	}
	return chairs, m.db.Chunk(ctx, func(tx *sqldb.Tx) error { return m.cards(ctx, tx) })
}

// plain picks a member who is active and not the chair.
func (m *making) plain(own []member.Member) Person {
	for _, x := range own[1:] {
		if x.Status == member.Active {
			return Person{x.ID, x.Person.Name}
		}
	}
	return Person{own[0].ID, own[0].Person.Name}
}

// cards moves each union's counter past the numbers given out.
func (m *making) cards(ctx context.Context, tx *sqldb.Tx) error {
	for _, u := range m.unions {
		if _, err := registry.Next(ctx, tx, Tenant, "card", u.ID, int64(u.size)); err != nil {
			return err
		}
	}
	return nil
}

// staff thinks up the members of one union; the events that began each
// membership come first, in the members' order, later ones after them.
func (m *making) staff(u union) ([]member.Member, []member.Event) {
	ms := make([]member.Member, 0, u.size)
	began, later := make([]member.Event, 0, u.size), []member.Event{}
	for n := range u.size {
		x, joins, more := m.person(u, n)
		ms = append(ms, x)
		began = append(began, joins)
		later = append(later, more...)
	}
	return ms, append(began, later...)
}

func (m *making) person(u union, n int) (member.Member, member.Event, []member.Event) {
	female := m.chance(46)
	p := member.Person{Name: personName(m.rand, female), Sex: member.Male, IDType: "1", Employment: "1"}
	if female {
		p.Sex = member.Female
	}
	age := 23 + m.rand.IntN(37)
	if n == 0 {
		age = 45 + m.rand.IntN(12)
	}
	p.Birthday = m.Today.AddYears(-age).AddDays(-m.rand.IntN(365))
	p.IDNo = m.document(p.Birthday, female)
	if m.chance(97) {
		p.Phone = fmt.Sprintf("154%08d", m.rand.IntN(100_000_000))
	}
	p.Ethnic = pick(m, []string{"01", "01", "01", "01", "01", "01", "11", "11", "03", "02", "38", "10"})
	p.Education = pick(m, []string{"21", "21", "21", "14", "14", "31", "31", "11", "61"})
	p.Politics = pick(m, []string{"01", "01", "01", "13", "13", "03", "04", "09"})
	p.Duty = pick(m, []string{"", "", "", "", "科员", "副科长", "科长", "四级调研员", "主任科员"})
	p.Native = "辽宁"
	x := member.Member{ID: m.id(), Union: u.ref(), Person: p, Status: member.Active, Version: 1, CardNo: registry.CardNo(u.Code, int64(n+1))}
	from := max(p.Birthday.AddYears(21), u.Founded)
	x.Joined = m.between(from, min(p.Birthday.AddYears(28), m.Today))
	if x.Joined > m.Today || m.chance(12) {
		x.Joined = m.between(m.Today.AddYears(-m.Years), m.Today)
	}
	joins := member.Event{ID: m.id(), MemberID: x.ID, Type: member.Joins, Day: x.Joined, Reason: "新入会", To: u.ID}
	if n == 0 {
		return x, joins, nil
	}
	return x, joins, m.later(&x, age)
}

// later tells what became of a member: most stay, some retire, leave, die.
func (m *making) later(x *member.Member, age int) []member.Event {
	since := max(x.Joined, m.Today.AddYears(-m.Years))
	end := func(s member.Status, t member.EventType, reason, document string) []member.Event {
		on := m.between(since, m.Today)
		x.Status = s
		if !s.Open() {
			x.LeftDay = on
		}
		return []member.Event{{ID: m.id(), MemberID: x.ID, Type: t, Day: on, Reason: reason, From: x.Union.ID, Document: document}}
	}
	switch roll := m.rand.IntN(1000); {
	case age >= 58:
		x.Person.Employment = "4"
		return end(member.Retained, member.Retains, "退休", "")
	case roll < 12:
		return end(member.Left, member.MovesOut, "工作关系变化", "")
	case roll < 15:
		return end(member.Left, member.Leaves, "个人要求退会", "")
	case roll < 16:
		return end(member.Expelled, member.Expels, "因犯罪被开除会籍", "滨直工〔2025〕3号")
	case roll < 19:
		return end(member.Deceased, member.Dies, "去世", "")
	case roll < 24:
		return end(member.Retained, member.Retains, "参军入伍", "")
	}
	return nil
}

// document makes a number that no real person has: its area is none.
func (m *making) document(birth day.Day, female bool) string {
	for {
		seq := 2 * m.rand.IntN(500)
		if !female {
			seq++
		}
		no := ident.CheckedID(fmt.Sprintf("99%04d%s%s%s%03d", m.rand.IntN(3000), birth[:4], birth[5:7], birth[8:10], seq))
		if !m.seen[no] {
			m.seen[no] = true
			return no
		}
	}
}
