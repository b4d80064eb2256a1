package hall

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"unionhall/grassroots/registry/intake"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/office/desk"
)

const membersPage = "/grassroots/registry/members"

// The outer joins below keep SQLite from beginning at the larger table.

// fromMembers counts members: how many, how they came and went this year, and
// of how many the data are whole.
//
// law: MEM-19
func fromMembers(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(member.Look)
	if !ok {
		return p, nil
	}
	n, err := sqldb.One(ctx, tx, sqldb.Int, `
		SELECT cast(coalesce(sum(f.n), 0) AS bigint) FROM union_reach r
		LEFT JOIN member_figures f ON f.tenant_id = r.tenant_id AND f.union_id = r.union_id AND f.status IN ('active', 'transferring')
		WHERE r.tenant_id = $1 AND r.above_id = $2`, g.Tenant(), g.Under())
	if err != nil {
		return p, err
	}
	months, err := movesByMonth(ctx, tx, g, v.Today)
	if err != nil {
		return p, err
	}
	if n == 0 && !slices.ContainsFunc(months, func(m moves) bool { return m.joined+m.gone > 0 }) {
		return p, nil // a new office: nothing to count yet
	}
	now := months[len(months)-1]
	f := desk.Figure{Label: "在册会员", Value: grouped(n), Unit: "人", Href: membersPage, Trend: backwards(n, months),
		Note: fmt.Sprintf("本月增 %s，减 %s", grouped(now.joined), grouped(now.gone))}
	whole, err := wholeData(ctx, tx, g, n)
	p.Figures = []desk.Figure{f, whole}
	return p, err
}

// moves is how many members came and went in one month.
type moves struct {
	month        string
	joined, gone int64
}

// movesByMonth lists the last twelve months, this one last.
func movesByMonth(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) ([]moves, error) {
	out, at := make([]moves, 12), map[string]int{}
	for i := range out {
		out[i].month = string(today.MonthStart().AddMonths(i - 11))[:7]
		at[out[i].month] = i
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (m moves, err error) { return m, row(&m.month, &m.joined, &m.gone) },
		func(m moves) error {
			if i, ok := at[m.month]; ok {
				out[i] = m
			}
			return nil
		}, `
		SELECT m.month, cast(sum(m.joined) AS bigint), cast(sum(m.gone) AS bigint) FROM union_reach r
		LEFT JOIN member_months m ON m.tenant_id = r.tenant_id AND m.union_id = r.union_id AND m.month >= $3 AND m.month <= $4
		WHERE r.tenant_id = $1 AND r.above_id = $2 GROUP BY m.month`, g.Tenant(), g.Under(), out[0].month, out[11].month)
	return out, err
}

// backwards tells how many there were at the end of each month, from how many
// there are now.
func backwards(now int64, months []moves) []int64 {
	out := make([]int64, len(months))
	for i := len(months) - 1; i >= 0; i-- {
		out[i] = now
		now -= months[i].joined - months[i].gone
	}
	return out
}

// manyLacking is where counting of incomplete members stops.
const manyLacking = 10000

// wholeData is the share of members whose data are whole: the number of the
// document of identity always is, the phone may be missing. Who lacks it is
// counted off an index of just those.
func wholeData(ctx context.Context, tx *sqldb.Tx, g auth.Grant, all int64) (desk.Figure, error) {
	f := desk.Figure{Label: "实名信息完整", Value: "—", Note: "还没有会员", Href: membersPage}
	lacking, err := sqldb.One(ctx, tx, sqldb.Int, `
		SELECT count(*) FROM (
			SELECT m.id FROM members m
			WHERE m.tenant_id = $1 AND m.phone IS NULL AND m.status = 'active' AND m.union_id IN (
				SELECT r.union_id FROM union_reach r WHERE r.tenant_id = $1 AND r.above_id = $2)
			LIMIT $3) AS t`, g.Tenant(), g.Under(), int64(manyLacking+1))
	if all == 0 || err != nil {
		return f, err
	}
	f.Value, f.Note = permille(all-lacking, all), "缺手机号 "+grouped(lacking)+" 人"
	switch {
	case lacking > manyLacking:
		f.Value, f.Note, f.Kind = "—", "缺手机号的超过 "+grouped(manyLacking)+" 人", ui.Warn
	case lacking == 0:
		f.Note, f.Kind = "姓名、证件和手机号都齐全", ui.OK
	}
	return f, nil
}

// permille writes a share with one decimal; what is not whole is never 100 %.
func permille(part, whole int64) string {
	n := max(0, part) * 1000 / whole
	return strconv.FormatInt(n/10, 10) + "." + strconv.FormatInt(n%10, 10) + "%"
}

// newestImports is how many imports the work table looks at.
const newestImports = 20

// fromIntake lists imports that wait to be confirmed, and those that were.
func fromIntake(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(intake.Run)
	if !ok {
		return p, nil
	}
	all, err := intake.List(ctx, tx, g, "", newestImports)
	if err != nil {
		return p, err
	}
	for _, i := range all {
		title := fmt.Sprintf("导入「%s」%s 行", i.FileName, grouped(i.Rows))
		numbers := fmt.Sprintf("新增 %s · 变更 %s · 退回 %s", grouped(i.New), grouped(i.Changed+i.Moved), grouped(i.Refused))
		switch i.State {
		case intake.Judged:
			p.Duties = append(p.Duties, desk.Duty{Title: title, Href: i.Place(), Note: numbers, Tag: "待确认", Act: "核对", ActHref: i.Place()})
		case intake.Confirmed:
			if i.Confirmed.Day() >= v.Today.AddDays(-recent) {
				p.Changes = append(p.Changes, desk.Change{At: i.Confirmed, Title: title, Note: numbers, Href: i.Place()})
			}
		}
	}
	return p, nil
}

// ownCard is the membership of whoever looks.
func ownCard(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (c desk.Card, ok bool, err error) {
	if _, may := v.Grant(member.Own); !may || v.Actor.Self() == "" {
		return c, false, nil
	}
	m, err := member.Any(ctx, tx, v.Actor.Tenant(), v.Actor.Self())
	if err != nil || m.ID == "" {
		return c, false, err
	}
	c = desk.Card{Name: m.Person.Name, Union: m.Union.Name, Number: m.CardNo, Joined: m.Joined, Href: "/me"}
	if m.Status != member.Active {
		c.State = m.Status.Label()
	}
	return c, true, nil
}
