package desk

import (
	"fmt"
	"strings"

	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/kit/zh"
)

// eachKind is how many of a kind the search shows; the kind's own list has all.
const eachKind = 10

// longest is how much of what was typed is searched for.
const longest = 60

// SearchQuery is what is searched for everywhere.
type SearchQuery struct {
	Q string `json:"q" doc:"姓名、拼音、单位、尾号"`
}

// Results is what was found, kind by kind; kinds without any are left out.
type Results struct {
	Q      string  `json:"q"`
	Groups []Group `json:"groups"`
}

// Group is what was found of one kind.
type Group struct {
	Title string `json:"title"`
	Items []Hit  `json:"items"`
	More  string `json:"more,omitempty"` // the whole list
}

func (d *Desk) search(r *web.Request, in SearchQuery) (Results, error) {
	out := Results{Q: strings.TrimSpace(zh.Narrow(in.Q)), Groups: []Group{}}
	if t := []rune(out.Q); len(t) > longest {
		out.Q = string(t[:longest])
	}
	if out.Q == "" {
		return out, nil
	}
	v := viewer(r)
	for _, f := range d.Finders {
		found, err := f.Find(r.Ctx, r.Tx, v, out.Q, eachKind)
		if err != nil {
			return out, fmt.Errorf("search of %s: %w", f.Title, err)
		}
		if len(found.Items) > 0 {
			out.Groups = append(out.Groups, Group{f.Title, found.Items, found.More})
		}
	}
	return out, nil
}

func (g Group) entries() (out []ui.Entry) {
	for _, h := range g.Items {
		out = append(out, ui.Entry{Title: h.Title, Note: h.Note, Href: h.Href, Kind: h.Kind, Tag: h.Tag})
	}
	return out
}
