package rules

import (
	"slices"
	"strings"
	"sync"

	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/kit/zh"
	"unionhall/law"
)

// RulesQuery is the filter row of the rules; it stays in the address.
type RulesQuery struct {
	Q       string     `json:"q" doc:"编号或文字"`
	Chapter string     `json:"chapter" doc:"章"`
	Status  law.Status `json:"status" doc:"实现情况"`
}

// Rules is the rulebook as far as it was asked for.
type Rules struct {
	Items []law.IndexRow `json:"items"`
	Total int            `json:"total"`
	query RulesQuery
}

// pick keeps the rows that q means, in the order of the book.
func (q RulesQuery) pick(all []law.IndexRow) []law.IndexRow {
	text := strings.ToLower(q.Q)
	return slices.DeleteFunc(all, func(r law.IndexRow) bool {
		return q.Chapter != "" && r.Chapter != q.Chapter || q.Status != "" && r.Status != q.Status ||
			text != "" && !strings.Contains(strings.ToLower(r.ID+" "+r.Title+" "+r.Text+" "+r.Citation), text)
	})
}

func (m *Room) rules(_ *web.Request, in RulesQuery) (Rules, error) {
	in.Q = zh.Narrow(in.Q)
	items := in.pick(law.Index())
	return Rules{items, len(items), in}, nil
}

// chapters are the chapters of the whole book, in its order.
func chapters() (out []ui.Option) {
	out = append(out, ui.Option{Text: "全部"})
	for _, r := range law.Rules() {
		if out[len(out)-1].Value != r.Chapter {
			out = append(out, ui.Option{Value: r.Chapter, Text: r.Chapter})
		}
	}
	return out
}

func statuses() []ui.Option {
	out := []ui.Option{{Text: "全部"}}
	for _, s := range []law.Status{law.Done, law.Partial, law.Open, law.Waiting} {
		out = append(out, ui.Option{Value: string(s), Text: s.Label()})
	}
	return out
}

// chapter is the rules of one chapter that were asked for.
type chapter struct {
	name string
	rows []law.IndexRow
}

func (r Rules) chapters() (out []chapter) {
	for _, row := range r.Items {
		if len(out) == 0 || out[len(out)-1].name != row.Chapter {
			out = append(out, chapter{name: row.Chapter})
		}
		last := &out[len(out)-1]
		last.rows = append(last.rows, row)
	}
	return out
}

// numbered are the rules that set a number.
var numbered = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, id := range law.Shipped.IDs() {
		for _, p := range law.Shipped.Values(id) {
			out[p.Rule] = true
		}
	}
	return out
})

// sure is the tone of a confidence.
func sure(c law.Confidence) ui.Kind {
	switch c {
	case law.Verified, law.Confirmed:
		return ui.OK
	case law.Secondary:
		return ui.Info
	case law.Product:
		return ui.Mute
	}
	return ui.Warn
}

// kept is the tone of a status.
func kept(s law.Status) ui.Kind {
	switch s {
	case law.Done:
		return ui.OK
	case law.Partial:
		return ui.Info
	case law.Waiting:
		return ui.Mute
	}
	return ui.Warn
}

// why says what stands behind a status: when it will be kept, or which rules
// carry an article out.
func why(r law.IndexRow) (words string, links []string) {
	if r.Scope == law.Via {
		return "由下列规则落实：", strings.Fields(r.Reason)
	}
	return r.Reason, nil
}
