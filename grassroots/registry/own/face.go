package own

import (
	"fmt"
	"io"
	"strconv"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/files"
	"unionhall/kit/flow"
	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
)

// clause is a rule as pages quote it.
func clause(id string) ui.Article {
	r, _ := law.RuleOf(id)
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

func copyBlob(store files.Store, hash string, dst io.Writer) error {
	b, err := store.Open(hash)
	if err != nil {
		return err
	}
	defer b.Close()
	_, err = io.Copy(dst, b)
	return err
}

// masked hides the middle of what a sealed field should be.
func masked(field, value string) string {
	switch field {
	case member.IDField:
		return ident.Mask(value)
	case member.PhoneField:
		return ident.MaskPhone(value)
	}
	return value
}

// shownOf are what is registered and what it should be, numbers masked.
func shownOf(m member.Member, q Request) (now, should string) {
	for _, v := range m.Person.Masked() {
		if v.Name == q.Field {
			now = v.Text
		}
	}
	return now, masked(q.Field, q.value)
}

// namesOf finds who took the steps.
func namesOf(r *web.Request, past []flow.Past[State]) (map[string]string, error) {
	ids := make([]string, len(past))
	for i, p := range past {
		ids[i] = p.Account
	}
	return peopleOf(r, ids)
}

// peopleOf finds the names of accounts.
func peopleOf(r *web.Request, ids []string) (map[string]string, error) {
	out := map[string]string{}
	if len(ids) == 0 {
		return out, nil
	}
	args, marks := []any{r.Grant.Tenant()}, ""
	for i, id := range ids {
		if i > 0 {
			marks += ", "
		}
		args = append(args, id)
		marks += "$" + strconv.Itoa(i+2)
	}
	return out, sqldb.Each(r.Ctx, r.Tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) }, func(v [2]string) error {
		out[v[0]] = v[1]
		return nil
	}, `SELECT a.id, a.name FROM accounts a WHERE a.tenant_id = $1 AND a.id IN (`+marks+`)`, args...)
}

func (s State) tone() ui.Kind {
	switch s {
	case Asked:
		return ui.Warn
	case Granted:
		return ui.OK
	}
	return ui.Mute
}

// standing is how a request stands: in a word and a colour, with the days left.
func (q Request) standing(today day.Day) (ui.Kind, string) {
	if q.State != Asked {
		return q.State.tone(), Answering.Labels[q.State]
	}
	switch n := day.Days(today, q.Due); {
	case n < 0:
		return ui.Bad, fmt.Sprintf("逾期 %d 天", -n)
	case n <= 5:
		return ui.Warn, fmt.Sprintf("剩 %d 天", n)
	}
	return ui.Info, "待答复"
}

// story is what was done about a request, the latest last.
func (p OnePage) story() (out []ui.Event) {
	for _, s := range p.Past {
		e := ui.Event{Kind: s.After.tone(), At: s.At.Local(), Title: Answering.Labels[s.After], Words: s.Words}
		if s.After == Asked {
			e.Title, e.Kind = "提出申请", ui.Info
		}
		e.Who = p.names[s.Account]
		if s.Office != "" && s.Office != auth.Member && s.After != Asked && s.After != Taken {
			e.Who += "（" + s.Office.Label() + "）"
		}
		out = append(out, e)
	}
	if p.State == Asked {
		out = append(out, ui.Event{Kind: ui.Info, At: "最迟 " + string(p.Due), Title: "等待答复", Who: Answering.Next(Asked)[0].Who()})
	}
	return out
}

func kindOptions() []ui.Option {
	return []ui.Option{{Value: string(Correct), Text: "更正：登记得不对"}, {Value: string(Delete), Text: "删除：不想再留着"}, {Value: string(Explain), Text: "解释说明：想知道怎么处理的"}}
}

func relativeKinds() []ui.Option {
	return []ui.Option{{Value: string(Copy), Text: Copy.Label()}, {Value: string(Correct), Text: Correct.Label()}, {Value: string(Delete), Text: Delete.Label()}, {Value: string(Explain), Text: Explain.Label()}}
}

func relationOptions() (out []ui.Option) {
	for _, r := range relations {
		out = append(out, ui.Option{Value: r, Text: r})
	}
	return out
}

func fieldOptions() (out []ui.Option) {
	all, _ := member.Amendable()
	for _, v := range all {
		out = append(out, ui.Option{Value: v.Name, Text: v.Label})
	}
	return out
}

var stateOptions = []ui.Option{{Value: "", Text: "待答复"}, {Value: "done", Text: "已办结"}}

func (p ListPage) pager() ui.Span {
	var s ui.Span
	at := listPlace
	if p.q.State != "" {
		at += "?state=" + p.q.State
	}
	if p.q.After != "" {
		s.Prev = at
	}
	if p.Next != "" {
		sep := "?"
		if p.q.State != "" {
			sep = "&"
		}
		s.Next = at + sep + "after=" + p.Next
	}
	return s
}

func timeline(entries []member.Entry) (out []ui.Event) {
	for _, e := range entries {
		out = append(out, ui.Event{Kind: ui.Warn, At: e.At.Local(), Title: e.Title, Who: e.Who, Words: e.Words})
	}
	return out
}

func entries(all []Request, today day.Day) (out []ui.Entry) {
	for _, q := range all {
		kind, words := q.standing(today)
		out = append(out, ui.Entry{Title: q.What(), Note: q.At.Local() + " 提出", Href: q.Mine(), Kind: kind, Tag: words})
	}
	return out
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// dash stands where a table has nothing.
func dash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

// pairs reports whether a section is labels with values and not a table.
func (s Section) pairs() bool { return len(s.Head) == 2 }

func (b Batch) words() (ui.Kind, string) {
	if b.State == "done" {
		return ui.OK, "已清理"
	}
	return ui.Info, "正在清理"
}

func foundEntries(rows []member.Row) (out []ui.Entry) {
	for _, m := range rows {
		out = append(out, ui.Entry{Title: m.Name, Note: m.UnionName + " · " + m.Status.Label(), Href: listPlace + "/new?member=" + m.ID, Kind: ui.Mute, Tag: m.Status.Label()})
	}
	return out
}
