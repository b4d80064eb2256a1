package ui

import (
	"context"
	"net/http"
)

// Frame is what stands around every page: whose office it is, who sits in
// front of it, in which post, and what that post may open.
type Frame struct {
	Office   string // 滨江市直机关工会工委
	Demo     bool   // everything shown is synthetic; a banner says so
	SignedIn bool
	Person   string
	Post     string // the post acted in now (当前身份)
	Posts    []PostChoice
	Menu     []MenuGroup
	Messages int // unread
	Todos    int
	Path     string // of this page
	Elder    bool   // 大字版
	Theme    string // "" as the system says, "light" or "dark"
	Help     string // the manual page of this screen, or ""
	Flash    string // told once after an act

	// Key returns a fresh idempotency key for a form; nil leaves it out.
	Key func() string
}

// PostChoice is one of the posts that a person may act in.
type PostChoice struct {
	ID, Label string
	Current   bool
}

// MenuGroup is one of the three services (三个服务) with what the post may do.
type MenuGroup struct {
	Title string
	Items []MenuItem
}

// MenuItem is a place in the menu.
type MenuItem struct {
	Text, Href, Icon, Count string

	On  bool
	Tab string // its short word in the phone's bottom bar; most have none
	Go  string // the letter that leads there after g
}

// Link is a word that leads somewhere.
type Link struct{ Text, Href string }

type frameKey struct{}

// With returns a context whose pages stand in f.
func With(ctx context.Context, f *Frame) context.Context {
	return context.WithValue(ctx, frameKey{}, f)
}

// From returns the Frame of ctx; an empty one where there is none.
func From(ctx context.Context) *Frame {
	if f, ok := ctx.Value(frameKey{}).(*Frame); ok && f != nil {
		return f
	}
	return &Frame{}
}

// Look reads how the person wants pages to look from the cookies that the
// toggles set: elder mode, and the theme "", "light" or "dark".
func Look(r *http.Request) (elder bool, theme string) {
	if c, err := r.Cookie("elder"); err == nil {
		elder = c.Value == "1"
	}
	if c, err := r.Cookie("theme"); err == nil && (c.Value == "light" || c.Value == "dark") {
		theme = c.Value
	}
	return elder, theme
}

// look is the class of <html>: desk or elder decides the layout, light or
// dark overrides the system's choice.
func (f *Frame) look() string {
	switch {
	case f.Elder && f.Theme == "dark":
		return "elder dark"
	case f.Elder && f.Theme == "light":
		return "elder light"
	case f.Elder:
		return "elder"
	case f.Theme == "dark":
		return "desk dark"
	case f.Theme == "light":
		return "desk light"
	}
	return "desk"
}

// tabs are the items that the phone's bottom bar shows beside its own.
func (f *Frame) tabs() []MenuItem {
	var tabs []MenuItem
	for _, g := range f.Menu {
		for _, m := range g.Items {
			if m.Tab != "" && len(tabs) < 2 {
				tabs = append(tabs, m)
			}
		}
	}
	return tabs
}

// key returns the hidden field's value, or "".
func (f *Frame) key() string {
	if f.Key == nil {
		return ""
	}
	return f.Key()
}

// initial is the letter of an avatar: the last character of a Chinese name,
// as people are called, the first of a name with a dot or of anything else.
func initial(name string) string {
	runes := []rune(name)
	if len(runes) == 0 {
		return "·"
	}
	for _, r := range runes {
		if r == '·' || r < 0x2e80 {
			return string(runes[0])
		}
	}
	return string(runes[len(runes)-1])
}
