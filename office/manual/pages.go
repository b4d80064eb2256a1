package manual

import (
	"github.com/a-h/templ"

	"unionhall/kit/fault"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// Routes are the addresses of the manual. It is open to everybody: how to log
// in is told before one has. With parts the page of all parts is there too,
// for the demo.
func Routes(withParts bool) []web.Route {
	routes := []web.Route{
		{Pattern: "GET /help", Doc: "帮助目录", Do: web.Page(index, indexView), Bare: true},
		{Pattern: "GET /help/{page}", Doc: "一页帮助", Do: web.Page(page, pageView), Bare: true},
	}
	if withParts {
		routes = append(routes, web.Route{Pattern: "GET /help/parts", Doc: "页面部件对照", Do: web.Page(
			func(*web.Request, struct{}) (struct{}, error) { return struct{}{}, nil },
			func(struct{}) templ.Component { return ui.Parts() })})
	}
	return routes
}

// Chapter is a part of the manual with its pages.
type Chapter struct {
	Title  string  `json:"title"`
	Topics []Topic `json:"topics"`
}

// Index is the table of contents.
type Index struct {
	Chapters []Chapter `json:"chapters"`
}

func index(*web.Request, struct{}) (Index, error) {
	var out Index
	b := contents()
	for _, p := range parts {
		c := Chapter{Title: p.title}
		for _, name := range p.names {
			c.Topics = append(c.Topics, b.entries[b.at[name]].topic())
		}
		out.Chapters = append(out.Chapters, c)
	}
	return out, nil
}

// One names a page.
type One struct {
	Page string `json:"page" doc:"页名"`
}

// Page is one page, as text for programs and set for people.
type Page struct {
	Topic
	Text       string `json:"text"` // Markdown
	html       string
	prev, next Topic
}

func page(_ *web.Request, in One) (Page, error) {
	b := contents()
	i, ok := b.at[in.Page]
	if !ok {
		return Page{}, fault.New(fault.NotFound, "没有这一页帮助，请从帮助目录里找。")
	}
	e := b.entries[i]
	p := Page{Topic: e.topic(), Text: e.text}
	if i > 0 {
		p.prev = b.entries[i-1].topic()
	}
	if i+1 < len(b.entries) {
		p.next = b.entries[i+1].topic()
	}
	var err error
	p.html, err = set(e.text)
	return p, err
}

func (c Chapter) entries() (out []ui.Entry) {
	for _, t := range c.Topics {
		out = append(out, ui.Entry{Title: t.Title, Note: t.Lead, Href: t.Href})
	}
	return out
}
