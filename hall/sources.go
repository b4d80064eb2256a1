package hall

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/law"
	"unionhall/office/desk"
)

// sources are what the rooms put on the work table. Each reads what the
// viewer's post may see; what takes long to add up is remembered.
func sources() []desk.Source {
	return []desk.Source{
		remembered(fromMembers),
		remembered(fromRegistry),
		remembered(fromTerms),
		fromIntake,
		fromCases,
		remembered(fromLegal),
		fromAdmission,
		fromTransfer,
		fromParting,
		fromPrivacy,
		remembered(fromAccounts),
		fromSeats,
		fromRecord,
		remembered(fromRegisters),
		fromPost,
		fromHandover,
		fromStatements,
		fromClosing,
		fromBank,
		remembered(fromBills),
		remembered(fromAssets),
		fromLedger,
	}
}

const unionsPage = "/grassroots/registry/unions"

// lacks words what unions lack, by the clause, in the order they are shown.
var lacks = []struct{ rule, words string }{
	{"ORG-10", "会员满员应建委员会而未建"},
	{"ORG-11", "不足员额，尚未以任何形式建会"},
	{"ORG-12", "应建经费审查委员会而未建"},
	{"ORG-13", "应建女职工委员会而未建"},
	{"ELE-60", "工会主席、副主席空缺"},
	{"ELE-63", "工会委员空缺"},
	{"ELE-20", "委员名额出档，没有说明"},
	{"ELE-05", "超过一年没有开会员大会"},
}

// mostDue is how many unions whose term ends the work table knows by name.
const mostDue = 100

// fromRegistry counts unions, tells whose term ends and what is lacking.
//
// law: S2-03, S2-04
func fromRegistry(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(registry.Look)
	if !ok {
		return p, nil
	}
	rows, err := registry.Whole(ctx, tx, g, registry.Query{}, v.Today)
	if err != nil {
		return p, err
	}
	if len(rows) == 1 && !rows[0].Kind.Elects() { // a new office: nothing to count yet
		return p, nil
	}
	book, err := rulebook.Of(ctx, tx, g.Tenant())
	if err != nil {
		return p, err
	}
	warn, err := book.Ints("term.warn_days", law.PlaceOf(g.Tenant()), v.Today)
	if err != nil {
		return p, err
	}
	until := v.Today.AddDays(warn[min(1, len(warn)-1)])
	due := slices.DeleteFunc(slices.Clone(rows), func(r registry.Row) bool { return r.TermDue == "" || r.TermDue > until })
	slices.SortStableFunc(due, func(a, b registry.Row) int { return strings.Compare(string(a.TermDue), string(b.TermDue)) })
	p.Figures = unionFigures(rows, due, v.Today, until)
	if g.Office() == auth.Officer || g.Office() == auth.Chair {
		p.Duties = termDuties(due[:min(mostDue, len(due))], g.Office())
	}
	p.Panels = []desk.Panel{termPanel(rows, v.Today), lackPanel(rows)}
	p.Changes, err = unionChanges(ctx, tx, g, v.Today)
	return p, err
}

func unionFigures(rows, due []registry.Row, today, until day.Day) []desk.Figure {
	unions, late := 0, 0
	for _, r := range rows {
		if !r.Kind.Part() && r.Kind.Elects() {
			unions++
		}
		if r.Overdue {
			late++
		}
	}
	f := desk.Figure{Label: fmt.Sprintf("%d 天内届满", day.Days(today, until)), Value: strconv.Itoa(len(due)), Unit: "个", Note: "没有逾期的", Href: termsPage + "?kind=committee"}
	if late > 0 {
		f.Note, f.Kind = fmt.Sprintf("其中已逾期 %d 个", late), ui.Bad
	}
	return []desk.Figure{
		{Label: "基层工会", Value: grouped(int64(unions)), Unit: "个", Note: lackNote(rows), Href: unionsPage}, f,
	}
}

func lackNote(rows []registry.Row) string {
	n := 0
	for _, r := range rows {
		if len(r.Missing) > 0 {
			n++
		}
	}
	if n == 0 {
		return "该建的都已建"
	}
	return fmt.Sprintf("%d 个有缺项", n)
}

func termDuties(due []registry.Row, o auth.Office) (out []desk.Duty) {
	act := "查看"
	if o == auth.Officer {
		act = "去登记"
	}
	for _, r := range due {
		note := "应于 " + string(r.TermDue) + " 前完成换届"
		if r.Overdue {
			note = "应于 " + string(r.TermDue) + " 前换届，至今没有登记新一届"
		}
		out = append(out, desk.Duty{Title: r.Name + " 委员会届满", Href: termsPage + "/unions/" + r.ID, Note: note, Due: r.TermDue, Act: act, ActHref: r.Place() + "?tab=bodies"})
	}
	return out
}

// quarters is how far the bars of the terms look ahead, this one included.
const quarters = 5

// termPanel draws how many terms end in which quarter.
func termPanel(rows []registry.Row, today day.Day) desk.Panel {
	p := desk.Panel{Title: "届满安排", Bars: true, Note: "按委员会的届满日。", More: ui.Link{Text: "届期日历", Href: termsPage}, Clause: clause("LAW21-16")}
	first := quarterOf(today)
	p.Lines = []desk.Line{{Text: "已届满未换届", Href: unionsPage + "?overdue=true", Kind: ui.Bad}}
	for q := first; q < first+quarters; q++ {
		p.Lines = append(p.Lines, desk.Line{Text: fmt.Sprintf("%d 年%s季度", q/4, []string{"一", "二", "三", "四"}[q%4]), Href: fmt.Sprintf("%s?kind=committee&month=%d-Q%d", termsPage, q/4, q%4+1)})
	}
	for _, r := range rows {
		switch n := quarterOf(r.TermDue) - first; {
		case r.TermDue == "":
		case r.Overdue:
			p.Lines[0].Count++
		case n < quarters:
			p.Lines[n+1].Count++
		}
	}
	return p
}

func quarterOf(d day.Day) int { return d.Year()*4 + (d.Month()-1)/3 }

// lackPanel counts what unions lack, by the clause.
func lackPanel(rows []registry.Row) desk.Panel {
	p := desk.Panel{Title: "缺什么", Note: "按规则检查，没有发现缺项。", More: ui.Link{Text: "全部缺项", Href: unionsPage + "?missing=" + registry.Any}}
	for _, l := range lacks {
		n := int64(0)
		for _, r := range rows {
			if slices.Contains(r.Missing, l.rule) {
				n++
			}
		}
		if n > 0 {
			p.Lines = append(p.Lines, desk.Line{Text: l.words, Count: n, Href: unionsPage + "?missing=" + l.rule, Rule: l.rule})
		}
	}
	if len(p.Lines) == 0 {
		p.More = ui.Link{}
	}
	return p
}

// recent is how many days back the work table tells what changed.
const recent = 90

// spanWords says in a word what a span of a union's history began with.
var spanWords = map[string]string{"founded": "建会", "renamed": "更名", "moved": "改隶", "merged": "并入他会", "closed": "撤销", "imported": "导入"}

// unionChanges lists what became of unions within g's reach of late.
func unionChanges(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) ([]desk.Change, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (c desk.Change, err error) {
		var id, act, name, document string
		var from day.Day
		err = row(&id, &act, &name, &document, &from)
		c = desk.Change{At: day.Instant(from.Start()), Title: name + " " + spanWords[act], Note: document, Href: unionsPage + "/" + id}
		return c, err
	}, `
		SELECT s.union_id, s.act, s.name, s.document, s.from_day
		FROM union_spans s JOIN union_reach r ON r.tenant_id = s.tenant_id AND r.union_id = s.union_id AND r.above_id = $2
		WHERE s.tenant_id = $1 AND s.from_day >= $3 AND s.from_day <= $4 AND s.act <> 'imported' AND (s.parent_id IS NOT NULL OR s.act <> 'founded')
		ORDER BY s.from_day DESC, s.id DESC LIMIT 8`, g.Tenant(), g.Under(), today.AddDays(-recent), today)
}

// grouped writes a whole number in groups of three: 20,014.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
