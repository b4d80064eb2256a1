package hall

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"unionhall/grassroots/registry/procedure"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/office/desk"
)

const legalPage = "/grassroots/registry/legal"

// fromCases lists the cases that wait for the viewer's office.
func fromCases(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(procedure.Look)
	if !ok {
		return p, nil
	}
	due, err := procedure.Duties(ctx, tx, g, v.Today)
	for _, c := range due {
		d := desk.Duty{Title: c.Title, Href: c.Place(), Note: c.Union.Name + " · " + c.State.Label(), Due: c.Due, Act: "办理", ActHref: c.Place()}
		if c.Due == "" {
			d.Tag = c.State.Label()
		}
		p.Duties = append(p.Duties, d)
	}
	return p, err
}

// mostLegal is how many unions whose certificate asks for something the work
// table knows by name.
const mostLegal = 30

// fromLegal tells which certificates end, and what is to be registered anew.
//
// law: LEG-04, LEG-05, S2-02
func fromLegal(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(procedure.Register)
	if !ok {
		return p, nil
	}
	rows, err := procedure.Whole(ctx, tx, g, v.Today)
	if err != nil {
		return p, err
	}
	has, ends, late := 0, 0, 0
	asked := map[procedure.Kind]int{}
	for _, r := range rows {
		switch r.Status {
		case "valid":
			has++
		case "soon", "window":
			has, ends = has+1, ends+1
		case "expired":
			late++
		}
		if len(r.Due) == 0 {
			continue
		}
		x := r.Due[0]
		asked[x.Kind]++
		if g.Office() == auth.Chair {
			p.Duties = append(p.Duties, desk.Duty{Title: r.Union.Name + "：" + x.Kind.Label(), Href: r.Place(), Note: x.Text, Due: x.By, Tag: "应办", Act: "查看", ActHref: r.Place()})
		}
	}
	if g.Office() == auth.Officer {
		p.Duties = append(p.Duties, legalDuties(asked)...)
	}
	if has+late == 0 {
		return desk.Part{}, nil // nobody keeps certificates here yet
	}
	slices.SortStableFunc(p.Duties, func(a, b desk.Duty) int { return strings.Compare(string(a.Due), string(b.Due)) })
	p.Duties = p.Duties[:min(mostLegal, len(p.Duties))]
	f := desk.Figure{Label: "法人资格有效", Value: strconv.Itoa(has), Unit: "家", Note: "共 " + strconv.Itoa(len(rows)) + " 家", Href: legalPage}
	switch {
	case late > 0:
		f.Note, f.Kind = "证书过期 "+strconv.Itoa(late)+" 家", ui.Bad
	case ends > 0:
		f.Note, f.Kind = "临近到期 "+strconv.Itoa(ends)+" 家", ui.Warn
	}
	p.Figures = []desk.Figure{f}
	return p, nil
}

// legalDuties tell the office how many unions have to see to their certificate:
// the unions themselves do.
func legalDuties(asked map[procedure.Kind]int) (out []desk.Duty) {
	for _, k := range []procedure.Kind{procedure.Renew, procedure.Change, procedure.Cancel} {
		if n := asked[k]; n > 0 {
			to := legalPage + "?due=" + string(k)
			out = append(out, desk.Duty{Title: strconv.Itoa(n) + " 家工会应" + k.Label(), Href: to, Note: "催办，或查看各家证书的期限", Tag: "应办", Act: "查看", ActHref: to})
		}
	}
	return out
}
