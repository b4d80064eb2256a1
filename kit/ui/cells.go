package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// The cells of a long table are written by hand: templ passes every value
// through fmt, which is more than half of what a list of fifty rows costs.
// Each takes the word of its column, shown where rows become cards.

// cell is one <td>.
type cell struct{ class, label, text, href string }

// Key is the cell that names its row and leads to it.
func Key(text, href string) templ.Component { return cell{"key", "", text, href} }

// Cell is words, which may break over lines.
func Cell(label, text string) templ.Component { return cell{"", label, text, ""} }

// Exact is a date, a code or a number that is never broken.
func Exact(label, text string) templ.Component { return cell{"nw", label, text, ""} }

// Minor is an Exact of less weight, which elder mode leaves out.
func Minor(label, text string) templ.Component { return cell{"nw sub few", label, text, ""} }

// Num is a figure, aligned right.
func Num(label, text string) templ.Component { return cell{"num", label, text, ""} }

func (c cell) Render(_ context.Context, w io.Writer) error {
	if c.href != "" {
		return put(w, `<td class="`, c.class, `"><a href="`, escape(string(templ.URL(c.href))), `">`, escape(c.text), `</a></td>`)
	}
	if c.label == "" || c.text == "" {
		return put(w, `<td class="`, c.class, `">`, escape(c.text), `</td>`)
	}
	return put(w, `<td class="`, c.class, `" data-l="`, escape(c.label), `">`, escape(c.text), `</td>`)
}

type state struct{ tag }

// State is the cell with the row's state.
func State(kind Kind, text string) templ.Component { return state{tag{kind, text}} }

func (s state) Render(ctx context.Context, w io.Writer) error {
	if err := put(w, `<td class="at">`); err != nil {
		return err
	}
	if err := s.tag.Render(ctx, w); err != nil {
		return err
	}
	return put(w, `</td>`)
}

type tick struct{ form, name, value, label string }

// Tick is the cell that selects its row for the BulkBar of that form; label
// names the row.
func Tick(form, name, value, label string) templ.Component { return tick{form, name, value, label} }

func (t tick) Render(_ context.Context, w io.Writer) error {
	return put(w, `<td class="tick"><input type="checkbox" form="`, escape(t.form), `" name="`, escape(t.name),
		`" value="`, escape(t.value), `" aria-label="选择`, escape(t.label), `"></td>`)
}

// escape makes text safe inside elements and quoted attributes. Most text
// needs nothing, and then costs one look.
func escape(s string) string {
	for i := range len(s) {
		switch s[i] {
		case '<', '>', '&', '"', '\'':
			return templ.EscapeString(s)
		}
	}
	return s
}

func put(w io.Writer, parts ...string) error {
	for _, p := range parts {
		if _, err := io.WriteString(w, p); err != nil {
			return err
		}
	}
	return nil
}
