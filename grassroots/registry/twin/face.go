package twin

import (
	"net/url"
	"strconv"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/ui"
	"unionhall/law"
)

func joined(words []string) string { return strings.Join(words, "、") }

// clause is a rule as pages quote it.
func clause(id string) ui.Article {
	r, _ := law.RuleOf(id)
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

var stateOptions = []ui.Option{{Value: "", Text: Open.Label()}, {Value: string(Apart), Text: Apart.Label()}}

func unionOptions(all []registry.Union) []ui.Option {
	out := []ui.Option{{Value: "", Text: "全部"}}
	for _, u := range all {
		out = append(out, ui.Option{Value: u.Code, Text: u.Name})
	}
	return out
}

// at is the list with the page that begins after a row.
func (p ListPage) at(after string) string {
	v := url.Values{}
	for _, x := range [][2]string{{"union", p.q.Union}, {"state", string(p.q.State)}, {"after", after}} {
		if x[1] != "" {
			v.Set(x[0], x[1])
		}
	}
	if len(v) == 0 {
		return listPlace
	}
	return listPlace + "?" + v.Encode()
}

func (p ListPage) pager() ui.Span {
	var s ui.Span
	if p.q.After != "" {
		s.Prev = p.at("")
	}
	if p.Next != "" {
		s.Next = p.at(p.Next)
	}
	return s
}

// likely is how a score is shown: in a word and in its colour.
func (p Pair) likely() (ui.Kind, string) {
	n := strconv.FormatInt(p.Score, 10) + " 分"
	switch {
	case p.Score >= 80:
		return ui.Bad, "极可能 " + n
	case p.Score >= 60:
		return ui.Warn, "很可能 " + n
	}
	return ui.Info, "可能 " + n
}

func (s Side) words() string {
	out := s.Union + " · " + s.Status.Label()
	if s.Born != "" {
		out += " · " + string(s.Born) + " 出生"
	}
	return out
}

func orDash(s string) string {
	if s == "" {
		return "（空）"
	}
	return s
}

// first is which of the two values a form begins with: the one that says
// something.
func (c Choice) first() string {
	if c.A == "" {
		return "b"
	}
	return "a"
}

func (c Choice) options() []ui.Option {
	return []ui.Option{{Value: "a", Text: "左：" + orDash(c.A)}, {Value: "b", Text: "右：" + orDash(c.B)}}
}

// preferred is the side that a form begins with: the membership that goes on.
func (p PairPage) preferred() string {
	if !p.A.Status.Open() && p.B.Status.Open() {
		return "b"
	}
	return "a"
}

func number(n int64) string { return strconv.FormatInt(n, 10) }
