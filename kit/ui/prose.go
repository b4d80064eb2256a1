package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

type prose string

// Prose sets a text that is HTML of our own, such as a page of the manual. It
// cleans nothing: never hand it what a person typed.
func Prose(html string) templ.Component { return prose(html) }

func (p prose) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, `<div class="prose">`+string(p)+`</div>`)
	return err
}
