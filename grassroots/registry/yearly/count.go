package yearly

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// person is one line behind the figures of a unit.
type person struct {
	key, id, name string
	bits          int64
}

// counted is what was counted: the units in order, and the people of each.
type counted struct {
	units  []Unit
	people [][]person
	n      int64
}

// counting is a count under way.
type counting struct {
	ctx   context.Context
	tx    *sqldb.Tx
	g     auth.Grant
	on    day.Day
	first day.Day // of the year
	out   counted
	at    map[string]int          // units by union
	then  map[string]standing     // members who changed after the day
	extra map[string][]extra      // what else a member stands behind
	works map[int]map[string]bool // names of units by joint union
}

type standing struct {
	union  string
	status member.Status
}

type extra struct {
	ord  int
	bits int64
}

// tally counts the unions under the top of g's reach as they stood at the end
// of the day on, with everybody behind the figures. What has no history of its
// own (staff, the kind of a unit, household) counts as it is now.
//
// law: S2-14, MEM-19, MEM-25
func tally(ctx context.Context, tx *sqldb.Tx, g auth.Grant, on day.Day) (counted, error) {
	c := &counting{ctx: ctx, tx: tx, g: g, on: on, first: on[:4] + "-01-01", at: map[string]int{}, then: map[string]standing{}, extra: map[string][]extra{}, works: map[int]map[string]bool{}}
	for _, step := range []func() error{c.unions, c.bodies, c.seats, c.events, c.members} {
		if err := step(); err != nil {
			return counted{}, err
		}
	}
	c.finish()
	return c.out, nil
}

// unions sets up the tree of the day.
func (c *counting) unions() error {
	nodes, err := registry.AsOf(c.ctx, c.tx, c.g, c.on)
	if err != nil {
		return err
	}
	type now struct {
		id, organ, uscc string
		staff           int64
	}
	today := map[string]now{}
	err = sqldb.Each(c.ctx, c.tx, func(row sqldb.Row) (n now, err error) { return n, row(&n.id, &n.organ, &n.uscc, &n.staff) },
		func(n now) error { today[n.id] = n; return nil },
		`SELECT u.id, u.organ_kind, u.uscc, u.staff FROM unions u WHERE u.tenant_id = $1`, c.g.Tenant())
	if err != nil {
		return err
	}
	for i, n := range nodes {
		u := Unit{Ord: int64(i), Last: int64(len(nodes) - 1), Depth: int64(n.Depth), UnionID: n.UnionID, Code: n.Code, Name: n.Name, Kind: n.Kind, Organ: today[n.UnionID].organ}
		for j := i + 1; j < len(nodes); j++ {
			if nodes[j].Depth <= n.Depth {
				u.Last = int64(j - 1)
				break
			}
		}
		if !n.Absent {
			u.Own = ofUnion(n.Kind, u.Organ, today[n.UnionID].uscc, today[n.UnionID].staff)
		}
		c.at[n.UnionID] = i
		c.out.units = append(c.out.units, u)
	}
	c.out.people = make([][]person, len(nodes))
	return nil
}

// ofUnion are the figures of a union by what it is.
func ofUnion(k registry.Kind, organ, uscc string, staff int64) (f Figures) {
	f[nStaff] = staff
	if uscc != "" && !k.Part() {
		f[nLegal] = 1
	}
	if k != registry.Base && k != registry.Joint && k != registry.Single {
		return f
	}
	f[nUnions], f[nCovered] = 1, 1
	switch organ {
	case "institution":
		f[nInstitution] = 1
	case "enterprise":
		f[nEnterprise] = 1
	case "", "other":
		f[nOther] = 1
	default:
		f[nOrgan] = 1
	}
	if k == registry.Joint {
		f[nJoint] = 1
	}
	return f
}

// bodies counts what sat on the day.
func (c *counting) bodies() error {
	type body struct{ union, kind string }
	seen := map[body]bool{}
	return sqldb.Each(c.ctx, c.tx, func(row sqldb.Row) (b body, err error) { return b, row(&b.union, &b.kind) }, func(b body) error {
		i, ok := c.at[b.union]
		if !ok || seen[b] {
			return nil
		}
		seen[b] = true
		switch registry.BodyKind(b.kind) {
		case registry.Audit:
			c.out.units[i].Own[nAudit]++
		case registry.Women:
			c.out.units[i].Own[nWomenBodies]++
		}
		return nil
	}, `SELECT b.union_id, b.kind FROM bodies b WHERE b.tenant_id = $1 AND b.kind IN ('audit', 'women') AND b.elected <= $2 AND (b.ended IS NULL OR b.ended > $2)`, c.g.Tenant(), c.on)
}

// seats notes who sat on the day, full-time or beside other work; who is both
// is full-time.
func (c *counting) seats() error {
	type seat struct {
		union, member string
		full          bool
	}
	found := map[string]map[string]bool{}
	err := sqldb.Each(c.ctx, c.tx, func(row sqldb.Row) (s seat, err error) { return s, row(&s.union, &s.member, &s.full) }, func(s seat) error {
		if found[s.union] == nil {
			found[s.union] = map[string]bool{}
		}
		found[s.union][s.member] = found[s.union][s.member] || s.full
		return nil
	}, `SELECT s.union_id, s.member_id, s.fulltime FROM seats s WHERE s.tenant_id = $1 AND s.from_day <= $2 AND (s.to_day IS NULL OR s.to_day > $2)`, c.g.Tenant(), c.on)
	for union, people := range found {
		for id, full := range people {
			c.also(id, union, map[bool]int64{true: isFull, false: isPart}[full])
		}
	}
	return err
}

// also notes that a member stands behind another figure of a union.
func (c *counting) also(id, union string, bits int64) {
	i, ok := c.at[union]
	if !ok {
		return
	}
	for n, e := range c.extra[id] {
		if e.ord == i {
			c.extra[id][n].bits |= bits
			return
		}
	}
	c.extra[id] = append(c.extra[id], extra{i, bits})
}

type event struct {
	id, from, to string
	on           day.Day
	kind         member.EventType
}

func scanEvent(row sqldb.Row) (e event, err error) {
	return e, row(&e.id, &e.kind, &e.on, &e.from, &e.to)
}

// events finds who joined and left within the year, and what those were that
// changed after the day.
func (c *counting) events() error {
	err := sqldb.Each(c.ctx, c.tx, scanEvent, func(e event) error {
		if e.on > c.on {
			c.then[e.id] = standing{}
			return nil
		}
		switch e.kind {
		case member.Joins:
			c.also(e.id, e.to, hasJoined)
		case member.Leaves, member.Expels, member.Dies, member.MovesOut:
			c.also(e.id, e.from, hasLeft)
		}
		return nil
	}, `SELECT e.member_id, e.type, e.day, e.from_union, e.to_union FROM member_events e WHERE e.tenant_id = $1 AND e.day >= $2`, c.g.Tenant(), c.first)
	if err != nil || len(c.then) == 0 {
		return err
	}
	// those who changed after the day are few: their past is folded anew
	return sqldb.Each(c.ctx, c.tx, scanEvent, func(e event) error {
		s, ok := c.then[e.id]
		if ok {
			c.then[e.id] = fold(s, e)
		}
		return nil
	}, `SELECT e.member_id, e.type, e.day, e.from_union, e.to_union FROM member_events e
		WHERE e.tenant_id = $1 AND e.day <= $2 AND e.member_id IN (SELECT l.member_id FROM member_events l WHERE l.tenant_id = $1 AND l.day > $2)
		ORDER BY e.member_id, e.day, e.id`, c.g.Tenant(), c.on)
}

// fold is what a membership is after an event.
//
// law: MEM-25
func fold(s standing, e event) standing {
	switch e.kind {
	case member.Joins, member.MovesIn, member.Resumes:
		if s.status != member.Retained || e.kind != member.MovesIn {
			s.status = member.Active
		}
		if e.to != "" {
			s.union = e.to
		}
	case member.Retains:
		s.status = member.Retained
	case member.Leaves, member.MovesOut:
		s.status = member.Left
	case member.Expels:
		s.status = member.Expelled
	case member.Dies:
		s.status = member.Deceased
	case member.Withdrawn:
		s = standing{}
	}
	return s
}

type someone struct {
	person
	union, sex, work string
	migrant          bool
	status           member.Status
	joined           day.Day
}

// members goes through everybody once.
func (c *counting) members() error {
	return sqldb.Each(c.ctx, c.tx, func(row sqldb.Row) (m someone, err error) {
		return m, row(&m.id, &m.union, &m.name, &m.key, &m.sex, &m.migrant, &m.status, &m.joined, &m.work)
	}, func(m someone) error {
		s := standing{m.union, m.status}
		if then, changed := c.then[m.id]; changed {
			s = then
		} else if m.joined > c.on {
			s.status = ""
		}
		i, here := c.at[s.union]
		if here {
			m.bits = bitsOf(m, s.status)
			if c.out.units[i].Kind == registry.Joint && s.status.Counts() && m.work != "" {
				if c.works[i] == nil {
					c.works[i] = map[string]bool{}
				}
				c.works[i][m.work] = true
			}
		}
		for _, e := range c.extra[m.id] {
			if here && e.ord == i {
				m.bits |= e.bits
			} else {
				c.out.people[e.ord] = append(c.out.people[e.ord], person{m.key, m.id, m.name, e.bits})
			}
		}
		if here && m.bits != 0 {
			c.out.people[i] = append(c.out.people[i], m.person)
		}
		return nil
	}, `SELECT m.id, m.union_id, m.name, m.name_key, m.sex, m.migrant, m.status, m.joined, m.work_unit FROM members m WHERE m.tenant_id = $1`, c.g.Tenant())
}

// bitsOf says behind which figures a member stands by the own data.
//
// law: MEM-19
func bitsOf(m someone, s member.Status) (bits int64) {
	if s == member.Retained {
		return isRetained
	}
	if !s.Counts() {
		return 0
	}
	bits = isMember
	if member.Sex(m.sex) == member.Female {
		bits |= isWoman
	}
	if m.migrant {
		bits |= isMigrant
	}
	return bits
}

// finish puts everybody in order and adds up.
func (c *counting) finish() {
	for i := range c.out.units {
		u, people := &c.out.units[i], c.out.people[i]
		slices.SortFunc(people, func(a, b person) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id)) })
		for _, p := range people {
			for n, x := range Indicators {
				if p.bits&x.Bit != 0 {
					u.Own[n]++
				}
			}
		}
		if n := int64(len(c.works[i])); n > 0 {
			u.Own[nCovered] = n
		}
		c.out.n += int64(len(people))
	}
	addUp(c.out.units)
}

// addUp gives each unit the sum of what stands below it.
func addUp(units []Unit) {
	for i := range units {
		units[i].Sum = Figures{}
		for j := i; j < len(units) && units[j].Ord <= units[i].Last; j++ {
			units[i].Sum.add(units[j].Own)
		}
	}
}

// hash is over everything that was counted, in order.
func (c counted) hash() string {
	h := sha256.New()
	for i, u := range c.units {
		fmt.Fprintf(h, "%s %s %s %s\n", u.UnionID, u.Code, u.Name, u.Own)
		for _, p := range c.people[i] {
			h.Write(p.line())
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (p person) line() []byte { return fmt.Appendf(nil, "%s %d %s\n", p.id, p.bits, p.name) }
