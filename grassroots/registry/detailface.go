package registry

import (
	"unionhall/kit/ui"
)

// What the page of a union shows of its detail.

func (d Detail) lead() string {
	words := d.Kind.Label() + " · 编码 " + d.Code
	if d.ParentName != "" {
		words += " · 隶属" + d.ParentName
	}
	return words
}

func (d Detail) crumbs() []ui.Link {
	out := []ui.Link{{Text: "工会组织", Href: listPlace}}
	if d.inReach && d.ParentID != "" {
		out = append(out, ui.Link{Text: d.ParentName, Href: listPlace + "/" + d.ParentID})
	}
	return out
}

// peoplePlace leads to the members, for who may see them.
func (d Detail) peoplePlace() string {
	if !d.may.people {
		return ""
	}
	return "/grassroots/registry/members?union=" + d.Code
}

func dueKind(d Detail) ui.Kind {
	if d.Overdue {
		return ui.Bad
	}
	return ""
}

// open are the bodies that sit, in the order of their kinds.
func (d Detail) open() (out []Body) {
	for _, k := range BodyKinds {
		if b, ok := sitting(d.Bodies, k); ok {
			out = append(out, b)
		}
	}
	return out
}

// closed are the bodies of the past, the newest first.
func (d Detail) closed() (out []Body) {
	for _, b := range d.Bodies {
		if !b.Open() {
			out = append(out, b)
		}
	}
	return out
}

// in lists the seats of a body, in the order of its offices.
func (d Detail) in(b Body, open bool) (out []Seat) {
	for _, o := range d.Kind.Offices(b.Kind) {
		for _, s := range d.Seats {
			if s.BodyID == b.ID && s.Office == o && (s.To == "") == open {
				out = append(out, s)
			}
		}
	}
	return out
}

// flagged are the moves of chairs whose consents are not on file (ORG-25).
func (d Detail) flagged() (out []Seat) {
	for _, s := range d.Seats {
		if s.Flagged() {
			out = append(out, s)
		}
	}
	return out
}

// movable reports whether the union may be moved, merged or closed at all.
func (d Detail) movable() bool { return d.State == Standing && d.ParentID != "" }

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

func yesNo(b bool) string {
	if b {
		return "是"
	}
	return "否"
}

// shownBelow is how many unions below a union its page names.
const shownBelow = 30

func (d Detail) below() []Ref { return d.Below[:min(shownBelow, len(d.Below))] }

func lackKind(l Lack) ui.Kind {
	if l.Hint {
		return ui.Info
	}
	return ui.Warn
}

// story is the history as a time line.
func (d Detail) story() []ui.Event {
	out := make([]ui.Event, len(d.History))
	for i, p := range d.History {
		kind := ui.OK
		switch {
		case p.Ends() && p.FromName == "":
			kind = ui.Mute
		case p.Act == actMoved || p.FromName != "":
			kind = ui.Info
		}
		out[i] = ui.Event{Kind: kind, At: string(p.From), Title: p.title(), Words: p.words()}
		if p.FromName == "" && !p.Ends() {
			out[i].Who = p.Name
			out[i].Href = listPlace + "/tree?on=" + string(p.From)
		}
	}
	return out
}

func (d Detail) logEvents() []ui.Event {
	out := make([]ui.Event, len(d.Log))
	for i, e := range d.Log {
		out[i] = ui.Event{Kind: ui.Info, At: e.At.Local(), Title: e.Title, Who: e.Who, Words: e.Words}
	}
	return out
}
