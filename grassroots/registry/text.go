package registry

import (
	"net/url"
	"strconv"
	"strings"

	"unionhall/kit/ui"
	"unionhall/law"
)

// digits writes a number in groups of three: 20,014.
func digits[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func plain[N int | int64](n N) string { return strconv.FormatInt(int64(n), 10) }

// clause is a rule as pages quote it.
func clause(id string) ui.Article {
	r, _ := law.RuleOf(id)
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

// lacks are the clauses that a union may fail, with what a list calls it.
var lackWords = []ui.Option{
	{Value: "ORG-10", Text: "缺委员会"}, {Value: "ORG-11", Text: "未建会选人"}, {Value: "ORG-12", Text: "缺经审会"},
	{Value: "ORG-13", Text: "缺女职工委员会"}, {Value: "ELE-60", Text: "主席、副主席空缺"}, {Value: "ELE-63", Text: "委员空缺"},
	{Value: "ELE-20", Text: "名额出档未说明"}, {Value: "ELE-05", Text: "超期未开会员大会"},
}

func lackWord(rule string) string {
	for _, o := range lackWords {
		if o.Value == rule {
			return o.Text
		}
	}
	return rule
}

func lackList(rules []string) string {
	out := make([]string, len(rules))
	for i, r := range rules {
		out[i] = lackWord(r)
	}
	return strings.Join(out, "、")
}

// termPlace is where package term shows a union's terms.
const termPlace = "/grassroots/registry/terms/unions/"

const listPlace = "/grassroots/registry/unions"

// at is the address of the list with one filter of the query changed; the
// page begins anew.
func (q Query) at(name, value string) string { return q.address(listPlace, name, value) }

func (q Query) address(path, name, value string) string {
	v := url.Values{}
	for _, p := range [][2]string{{"q", q.Q}, {"kind", string(q.Kind)}, {"parent", q.Parent}, {"missing", q.Missing}, {"sort", q.Sort}} {
		if p[1] != "" && p != [2]string{"sort", "name"} {
			v.Set(p[0], p[1])
		}
	}
	if q.State != Standing && q.State != "" {
		v.Set("state", string(q.State))
	}
	if q.Overdue {
		v.Set("overdue", "1")
	}
	if name != "" {
		v.Set(name, value)
	}
	if value == "" {
		v.Del(name)
	}
	if len(v) == 0 {
		return path
	}
	return path + "?" + v.Encode()
}

// turned is the address that sorts by a column, or the other way round.
func (q Query) turned(name string) string {
	if q.Sort == name {
		return q.at("sort", "-"+name)
	}
	return q.at("sort", name)
}
