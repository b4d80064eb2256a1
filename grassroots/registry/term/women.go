package term

import (
	"context"
	"slices"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
)

// Having is how a union stands with its women's committee.
type Having string

const (
	Has       Having = "has"       // 已建立
	Lacks     Having = "missing"   // 应建未建
	HasMember Having = "member"    // 不足员额，设女职工委员
	NoMember  Having = "no_member" // 不足员额，未设女职工委员
	NoWomen   Having = "none"      // 没有女会员
)

// Havings lists them, the worst first.
var Havings = []Having{Lacks, NoMember, Has, HasMember, NoWomen}

// Label is what it is called on pages.
func (h Having) Label() string {
	switch h {
	case Has:
		return "已建立"
	case Lacks:
		return "应建未建"
	case HasMember:
		return "设女职工委员"
	case NoMember:
		return "未设女职工委员"
	}
	return "没有女会员"
}

// Tone is the colour of its badge.
func (h Having) Tone() ui.Kind {
	switch h {
	case Has, HasMember:
		return ui.OK
	case Lacks:
		return ui.Bad
	case NoMember:
		return ui.Warn
	}
	return ui.Mute
}

// WomenRow is one union with its women and their committee.
type WomenRow struct {
	UnionID   string  `json:"union_id"`
	Code      string  `json:"code"`
	Union     string  `json:"union"`
	Members   int64   `json:"members"`
	Women     int64   `json:"women"`
	Having    Having  `json:"state"`
	Director  string  `json:"director,omitempty"`
	Ranked    bool    `json:"ranked"`             // the director holds another office of the union too (WOM-03)
	Document  string  `json:"document,omitempty"` // the approval of the director (WOM-02)
	Elected   day.Day `json:"elected,omitempty"`
	Apart     bool    `json:"apart"` // its term is not the committee's (WOM-01, WOM-03)
	Delegates int64   `json:"delegates,omitempty"`
	Among     int64   `json:"women_delegates,omitempty"`
	Wide      bool    `json:"gap"` // the shares differ by more than is allowed (WOM-04)
	gap       int64   // in hundredths of a point
}

// Place is where the union's terms are shown.
func (w WomenRow) Place() string { return unionPlace + w.UnionID }

// HavingOf tells how a union stands with its women's committee.
//
// law: WOM-01, ORG-13
func HavingOf(women int64, sits, member bool, from int64) Having {
	switch {
	case sits:
		return Has
	case women == 0:
		return NoWomen
	case from > 0 && women >= from:
		return Lacks
	case member:
		return HasMember
	}
	return NoMember
}

// body and chair are what is read of bodies and of who sits in them.
type sits struct {
	union        string
	kind         registry.BodyKind
	elected, due day.Day
}

type holds struct {
	union, member, name, document string
	body                          registry.BodyKind
	office                        registry.Office
}

// WomenOf lists the unions within g's reach that stand by themselves, with
// their women and women's committees.
//
// law: WOM-01, WOM-02, WOM-03, WOM-04
func WomenOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) ([]WomenRow, error) {
	l, err := boundsOf(ctx, tx, g.Tenant(), today)
	if err != nil {
		return nil, err
	}
	all, err := registry.Whole(ctx, tx, g, registry.Query{}, today)
	if err != nil {
		return nil, err
	}
	bodies, seats, met, err := womenFacts(ctx, tx, g)
	if err != nil {
		return nil, err
	}
	out := make([]WomenRow, 0, len(all))
	for _, u := range all {
		if u.Kind.Part() || !u.Kind.Elects() {
			continue
		}
		w := WomenRow{UnionID: u.ID, Code: u.Code, Union: u.Name, Members: u.Members, Women: u.Women}
		committee, women := bodies[u.ID+"committee"], bodies[u.ID+"women"]
		member := false
		var director holds
		for _, s := range seats[u.ID] {
			member = member || s.office == registry.WomenMember
			if s.body == registry.Women && s.office == registry.Director {
				director = s
			}
		}
		w.Having = HavingOf(u.Women, women.union != "", member, l.WomenFrom)
		w.Director, w.Document, w.Elected = director.name, director.document, women.elected
		w.Ranked = slices.ContainsFunc(seats[u.ID], func(s holds) bool {
			return s.member == director.member && s.body == registry.Committee && s.office.Protected()
		})
		w.Apart = women.union != "" && committee.union != "" && women.due != committee.due
		if m, ok := met[u.ID]; ok {
			w.Delegates, w.Among = m.Delegates, m.WomenAmong
			w.gap, w.Wide = Gap(u.Women, u.Members, w.Among, w.Delegates, l.DelegateGap)
		}
		out = append(out, w)
	}
	return out, nil
}

// womenFacts reads the sitting committees and women's committees, who directs
// them or is charged with women, and the last congresses.
func womenFacts(ctx context.Context, tx *sqldb.Tx, g auth.Grant) (bodies map[string]sits, seats map[string][]holds, met map[string]Meeting, err error) {
	bodies, seats, met = map[string]sits{}, map[string][]holds{}, map[string]Meeting{}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (s sits, err error) { return s, row(&s.union, &s.kind, &s.elected, &s.due) },
		func(s sits) error { bodies[s.union+string(s.kind)] = s; return nil }, `
		SELECT b.union_id, b.kind, b.elected, b.due FROM union_reach r
		JOIN bodies b ON b.tenant_id = r.tenant_id AND b.union_id = r.union_id AND b.ended IS NULL AND b.kind IN ('committee', 'women')
		WHERE r.tenant_id = $1 AND r.above_id = $2`, g.Tenant(), g.Under())
	if err == nil {
		err = sqldb.Each(ctx, tx, func(row sqldb.Row) (s holds, err error) {
			return s, row(&s.union, &s.member, &s.name, &s.document, &s.body, &s.office)
		}, func(s holds) error { seats[s.union] = append(seats[s.union], s); return nil }, `
			SELECT s.union_id, s.member_id, coalesce(m.name, ''), s.document, b.kind, s.office FROM union_reach r
			JOIN seats s ON s.tenant_id = r.tenant_id AND s.union_id = r.union_id AND s.to_day IS NULL AND s.office IN ('director', 'women_member', 'chair', 'vice', 'vice_finance')
			JOIN bodies b ON b.tenant_id = s.tenant_id AND b.id = s.body_id
			LEFT JOIN members m ON m.tenant_id = s.tenant_id AND m.id = s.member_id
			WHERE r.tenant_id = $1 AND r.above_id = $2`, g.Tenant(), g.Under())
	}
	if err == nil {
		err = sqldb.Each(ctx, tx, scanMeeting, func(m Meeting) error { met[m.UnionID] = m; return nil },
			selectMeetings+` AND t.delegates > 0 ORDER BY t.day, t.id`, g.Tenant(), g.Under())
	}
	return bodies, seats, met, err
}
