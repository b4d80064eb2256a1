package ui

import (
	"context"
	"io"
	"net/url"
	"strconv"

	"github.com/a-h/templ"
)

// Kind is the tone of a tag, a notice or a bar. A tone always comes with an
// icon or a word, never as colour alone.
type Kind string

const (
	OK   Kind = "ok"
	Warn Kind = "warn"
	Bad  Kind = "bad"
	Info Kind = "info"
	Mute Kind = "mute"
)

// icon is the drawing that goes with a tone in notices and time lines.
func (k Kind) icon() string {
	switch k {
	case OK:
		return "circle-check"
	case Warn:
		return "alert-triangle"
	case Bad:
		return "alert-circle"
	case Mute:
		return "clock"
	}
	return "info-circle"
}

// drawn is an icon by its name. It is written by hand rather than by templ
// since a table of fifty rows draws hundreds.
type drawn string

// Icon draws an outline icon as tall as the text beside it; the names are
// those of glyphs.go.
func Icon(name string) templ.Component { return drawn(name) }

func (d drawn) Render(_ context.Context, w io.Writer) error {
	if d == "" {
		return nil
	}
	return put(w, `<svg class="i" viewBox="0 0 24 24" width="18" height="18" aria-hidden="true">`, glyph(string(d)), `</svg>`)
}

type tag struct {
	kind Kind
	text string
}

// Tag is a state in a word; the stylesheet puts the tone's icon before it.
func Tag(kind Kind, text string) templ.Component { return tag{kind, text} }

func (t tag) Render(_ context.Context, w io.Writer) error {
	return put(w, `<span class="tag `, string(t.kind), `">`, escape(t.text), `</span>`)
}

// count writes a whole number in groups of three: 20,014.
func count[N int | int64](n N) string {
	s := strconv.FormatInt(int64(n), 10)
	lead := 0
	if n < 0 {
		lead = 1
	}
	for i := len(s) - 3; i > lead; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func unread(n int) string {
	if n == 0 {
		return "消息"
	}
	return "消息，" + count(n) + " 条未读"
}

// lookURL changes the look without script and comes back to path.
func lookURL(set, path string) string {
	return "/assets/look?" + set + "&back=" + url.QueryEscape(path)
}

func themeURL(f *Frame) string {
	if f.Theme == "dark" {
		return lookURL("theme=light", f.Path)
	}
	return lookURL("theme=dark", f.Path)
}

// percent is part of whole in hundredths, within 0 and 100.
func percent(part, whole int64) int64 {
	if whole <= 0 || part <= 0 {
		return 0
	}
	return min(100, (part*100+whole/2)/whole)
}

func pct(part, whole int64) string { return strconv.FormatInt(percent(part, whole), 10) + "%" }
