package member

import (
	"slices"
	"strings"
	"testing"

	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
	"unionhall/schema/dbtest"
)

// naive is the search without tokens: everybody is looked at.
func naive(o *office, g auth.Grant, reach func(Member) bool, q Query) []string {
	terms := zh.Query(q.Q)
	lead, ok := leading(terms)
	s := &scope{terms: terms}
	var out []string
	for _, m := range o.people {
		p := m.Person
		fits := ok && reach(m) && s.fits(p.Name, m.CardNo, p.IDNo, p.Phone) &&
			(q.Status == "" || m.Status == q.Status) && (q.Sex == "" || p.Sex == q.Sex) &&
			(q.From == "" || m.Joined >= q.From) && (q.To == "" || m.Joined != "" && m.Joined <= q.To)
		if fits && lead.Kind == zh.InLetters {
			n, _ := wayOf(p.Name, lead.Text)
			fits = n >= 0
		}
		if fits {
			out = append(out, m.ID)
		}
	}
	slices.Sort(out)
	return out
}

// walk reads a list page by page to its end.
func walk(o *office, g auth.Grant, q Query) (ids []string, total any, order []Row) {
	o.t.Helper()
	first := true
	for {
		var p Page
		o.view(func(tx *sqldb.Tx) (err error) { p, err = List(ctx, tx, g, q); return err })
		if first {
			total, first = p.Total, false
		}
		for _, r := range p.Items {
			ids = append(ids, r.ID)
		}
		order = append(order, p.Items...)
		if p.Next == "" {
			return ids, total, order
		}
		if len(p.Items) != q.Limit || q.After == p.Next {
			o.t.Fatalf("%+v: a page of %d rows goes on at %q", q, len(p.Items), p.Next)
		}
		q.After = p.Next
	}
}

func (o *office) below(top string) func(Member) bool {
	in := map[string]bool{}
	o.view(func(tx *sqldb.Tx) error {
		ids, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT union_id FROM union_reach WHERE tenant_id = $1 AND above_id = $2`, o.tenant, top)
		for _, id := range ids {
			in[id] = true
		}
		return err
	})
	return func(m Member) bool { return in[m.Union.ID] }
}

// PL-24: what is typed finds the same people, each once, as looking at
// everybody would; page by page, for the officer and for chairs.
func TestSearchFindsAllOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 3)
		o.enrol(o.crowd(2000)...)
		newOffice(t, db, twin, 0).enrolTwin(o)
		var typed []string
		for range 4 {
			p := o.people[o.rand.IntN(len(o.people))]
			n := []rune(strings.ReplaceAll(p.Person.Name, "·", ""))
			letters := zh.Letters(p.Person.Name)
			typed = append(typed, string(n[0]), string(n[len(n)-1]), string(n[:2]), string(n[len(n)-2:]), string(n), p.Person.Name,
				letters[:1], letters[:min(2, len(letters))], letters, zh.Initials(p.Person.Name), zh.Letters(string(n[1:])),
				p.Person.IDNo[14:], strings.ToLower(p.Person.IDNo), p.Person.IDNo[10:], p.Person.IDNo[:6]+"********"+p.Person.IDNo[14:], p.CardNo,
				string(n[0])+" "+p.Person.IDNo[14:], string(n[0])+zh.Initials(string(n[1:])), string(n[:1])+" "+letters[:1])
			if p.Person.Phone != "" {
				typed = append(typed, p.Person.Phone[7:], p.Person.Phone, p.Person.Phone[3:], string(n[0])+" "+p.Person.Phone[:3])
			}
		}
		typed = append(typed, "𠮷", "𬱖", "阿布都·买买提", "买 买 提", "wáng", "12", "？", "%", "_", "'", "国庆节", "Ｗａｎｇ", "johnsmith", "lv", "ü")
		reaches := map[string]struct {
			g   auth.Grant
			top string
		}{
			"officer":            {o.officer(Look), o.root.ID},
			"chair":              {o.chair(3, Look), o.unions[3].ID},
			"chair and branches": {o.chair(0, Look), o.unions[0].ID},
		}
		for who, r := range reaches {
			in := o.below(r.top)
			for i, text := range typed {
				q := Query{Q: text, Limit: 5 + i%60}
				switch i % 5 {
				case 1:
					q.Status = []Status{Active, Retained, Left, Deceased}[i%4]
				case 2:
					q.Sex = Female
				case 3:
					q.From, q.To = "2001-01-01", "2015-12-31"
				}
				if text == "" {
					continue
				}
				ids, total, _ := walk(o, r.g, q)
				got, want := slices.Sorted(slices.Values(ids)), naive(o, r.g, in, q)
				if !slices.Equal(got, want) {
					t.Errorf("%s: %+v finds %d (%d once), looking at everybody %d", who, q, len(got), len(slices.Compact(slices.Clone(got))), len(want))
				}
				if n, ok := total.(int64); ok && n != int64(len(want)) {
					t.Errorf("%s: %+v counts %d of %d", who, q, n, len(want))
				}
			}
		}
	})
}

// enrolTwin gives another tenant the same people under the same ids.
func (o *office) enrolTwin(of *office) {
	var ms []Member
	for _, m := range of.people {
		m.Union = o.unions[0].Ref()
		ms = append(ms, m)
	}
	o.enrol(ms...)
}

func TestListIsInOrderAndWhole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 3)
		crowd := o.crowd(700)
		for i := range crowd {
			if i%9 == 0 {
				crowd[i].Joined = "" // some offices never wrote it down
			}
			if i%50 == 0 {
				crowd[i].Person.Sex = Unknown
			}
		}
		o.enrol(crowd...)
		for _, top := range []struct {
			g    auth.Grant
			code string
			id   string
		}{{o.officer(Look), "", o.root.ID}, {o.officer(Look), o.unions[0].Code, o.unions[0].ID}, {o.chair(3, Look), "", o.unions[3].ID}} {
			in := o.below(top.id)
			for _, sort := range []string{"", "name", "-name", "joined", "-joined"} {
				for i, narrow := range []Query{{}, {Status: Active}, {Status: Retained}, {Status: Expelled}, {Status: Counted}, {Sex: Unknown}, {Sex: Male}, {From: "2005-01-01"}, {From: "2005-01-01", To: "2010-12-31", Status: Active}} {
					q := narrow
					q.Sort, q.Union, q.Limit = sort, top.code, 40+i*9
					ids, total, rows := walk(o, top.g, q)
					var want []string
					for _, m := range o.people {
						if in(m) && (q.Status == "" || m.Status == q.Status || q.Status == Counted && m.Status.Counts()) && (q.Sex == "" || m.Person.Sex == q.Sex) &&
							(q.From == "" || m.Joined >= q.From) && (q.To == "" || m.Joined != "" && m.Joined <= q.To) {
							want = append(want, m.ID)
						}
					}
					slices.Sort(want)
					if got := slices.Sorted(slices.Values(ids)); !slices.Equal(got, want) {
						t.Errorf("%s %+v: %d rows, want %d", top.id, q, len(got), len(want))
					}
					if n, ok := total.(int64); !ok || n != int64(len(want)) {
						t.Errorf("%s %+v: total %v, want %d", top.id, q, total, len(want))
					}
					if !slices.IsSortedFunc(rows, inOrder(sort)) {
						t.Errorf("%s %+v is out of order", top.id, q)
					}
				}
			}
		}
	})
}

func inOrder(sort string) func(a, b Row) int {
	key := func(r Row) string { return zh.SortKey(r.Name) }
	if strings.HasSuffix(sort, "joined") {
		key = func(r Row) string {
			switch {
			case r.Joined == "" && sort == "joined":
				return "9999"
			case r.Joined == "":
				return ""
			}
			return string(r.Joined)
		}
	}
	return func(a, b Row) int {
		c := strings.Compare(key(a), key(b))
		if strings.HasPrefix(sort, "-") {
			return -c
		}
		return c
	}
}
