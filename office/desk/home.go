package desk

import (
	"context"
	"fmt"
	"strings"

	"unionhall/commons/message"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// How much the work table shows at first, and how much at most.
const (
	firstDuties = 8
	maxDuties   = 200
	lastChanges = 8
	lastLetters = 5
)

// HomeQuery is what the work table is asked for.
type HomeQuery struct {
	All bool `json:"all" doc:"显示全部待办"`
}

func viewer(r *web.Request) Viewer {
	return Viewer{Actor: r.Actor(), Today: r.Today, Now: r.Now}
}

func (d *Desk) home(r *web.Request, in HomeQuery) (Page, error) {
	v := viewer(r)
	p := Page{Name: v.Actor.Name(), Today: v.Today, Duties: []Duty{}, Figures: []Figure{}, Panels: []Panel{}}
	if err := d.gather(r.Ctx, r.Tx, v, &p); err != nil {
		return p, err
	}
	p.Overdue = arrange(p.Duties, v.Today)
	p.Changes = latest(p.Changes, lastChanges)
	show := firstDuties
	if in.All {
		show = maxDuties
	}
	if n := len(p.Duties); n > show {
		p.Duties, p.Hidden = p.Duties[:show], n-show
	}
	var err error
	if p.Messages, err = message.List(r.Ctx, r.Tx, r.Grant, true, "", lastLetters); err != nil {
		return p, err
	}
	if r.May(Setup) {
		return p, d.addStart(r.Ctx, r.Tx, v, &p)
	}
	return p, nil
}

// gather asks every source, and for a member the card and the tiles.
func (d *Desk) gather(ctx context.Context, tx *sqldb.Tx, v Viewer, p *Page) error {
	for i, source := range d.Sources {
		part, err := source(ctx, tx, v)
		if err != nil {
			return fmt.Errorf("source %d of the work table: %w", i+1, err)
		}
		p.Duties = append(p.Duties, part.Duties...)
		p.Figures = append(p.Figures, part.Figures...)
		p.Panels = append(p.Panels, part.Panels...)
		p.Changes = append(p.Changes, part.Changes...)
	}
	if v.Office() != auth.Member && v.Office() != "" {
		return nil
	}
	for _, t := range d.Tiles {
		if _, ok := v.Grant(t.Needs); ok {
			p.Tiles = append(p.Tiles, t.Tile)
		}
	}
	if d.Card == nil || v.Actor.Self() == "" {
		return nil
	}
	c, ok, err := d.Card(ctx, tx, v)
	if ok {
		p.Card = &c
	}
	return err
}

func (d Duty) view() ui.Duty {
	return ui.Duty{Kind: d.Kind, Tag: d.Tag, Title: d.Title, Href: d.Href, Note: d.Note, Act: ui.Link{Text: d.Act, Href: d.ActHref}}
}

func (p Page) title() string {
	if p.Card != nil {
		return "首页"
	}
	return "工作台"
}

// bars are the lines of a panel as a chart draws them.
func (p Panel) bars() (out []ui.Bar) {
	for _, l := range p.Lines {
		out = append(out, ui.Bar{Label: l.Text, Href: l.Href, Value: l.Count, Kind: l.Kind})
	}
	return out
}

func (p Panel) more() bool { return p.More.Href != "" }

// entries are duties or messages as lines of a phone.
func (p Page) waiting() (out []ui.Entry) {
	for _, d := range p.Duties {
		out = append(out, ui.Entry{Title: d.Title, Note: d.Note, Href: d.Href, Kind: d.Kind, Tag: d.Tag})
	}
	return out
}

func letters(all []message.Message) (out []ui.Entry) {
	for _, m := range all {
		out = append(out, ui.Entry{Title: m.Title, Note: m.At.Local(), Href: "/messages/" + m.ID, New: m.Read == ""})
	}
	return out
}

func events(all []Change) (out []ui.Entry) {
	for _, c := range all {
		note := strings.TrimSuffix(c.At.Local(), " 00:00") // a day without an hour
		if c.Note != "" {
			note += " · " + c.Note
		}
		out = append(out, ui.Entry{Title: c.Title, Note: note, Href: c.Href})
	}
	return out
}
