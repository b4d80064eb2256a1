package web

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"

	"unionhall/kit/ui"
)

type typedKey struct{}

type typed struct {
	Refusal
	values url.Values
}

// typed returns what the person sent, by input name, from a form or a body.
func (in input) typed() url.Values {
	if in.body == nil {
		return in.form
	}
	v := url.Values{}
	var m map[string]any
	if json.Unmarshal(in.body, &m) == nil {
		for k, x := range m {
			v.Set(k, fmt.Sprint(x))
		}
	}
	return v
}

// Typed returns what the person typed into the input called name before the
// form was refused, or else what the form shows by itself.
func Typed(ctx context.Context, name, otherwise string) string {
	if t, ok := ctx.Value(typedKey{}).(*typed); ok {
		if vs, ok := t.values[name]; ok {
			return vs[0]
		}
	}
	return otherwise
}

// Problem returns the message at the input called name, empty for none.
func Problem(ctx context.Context, name string) string {
	if t, ok := ctx.Value(typedKey{}).(*typed); ok {
		return t.Fields[name]
	}
	return ""
}

// Refused returns why the form was refused, for the summary on top.
func Refused(ctx context.Context) (Refusal, bool) {
	t, ok := ctx.Value(typedKey{}).(*typed)
	if !ok {
		return Refusal{}, false
	}
	return t.Refusal, true
}

// Field is a field of a form that may have been refused: it shows what was
// typed before what it would show by itself, and its own message.
func Field(ctx context.Context, f ui.Field) ui.Field {
	f.Value, f.Error = Typed(ctx, f.Name, f.Value), Problem(ctx, f.Name)
	return f
}

func fieldErrors(r Refusal) (out []ui.FieldError) {
	for _, name := range slices.Sorted(maps.Keys(r.Fields)) {
		out = append(out, ui.FieldError{Name: name, Text: r.Fields[name]})
	}
	return out
}
