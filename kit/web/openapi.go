package web

import (
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

// document is the OpenAPI document, made when first asked for.
type document struct {
	site   *Site
	routes []Route
	once   sync.Once
	body   []byte
	err    error
}

func (d *document) serve(w http.ResponseWriter, hr *http.Request) {
	d.once.Do(func() { d.body, d.err = Document(d.site.Name, d.routes) })
	if d.err != nil {
		slog.Error("openapi", "err", d.err)
		http.Error(w, "", http.StatusInternalServerError)
		return
	}
	send(w, hr, 200, "application/json", d.body)
}

// Document returns the OpenAPI 3.1 document of the routes, made from the same
// types that bind and answer, so that it can't drift.
func Document(title string, routes []Route) ([]byte, error) {
	types := huma.NewMapRegistry("#/components/schemas/", func(t reflect.Type, hint string) string {
		name, of, _ := strings.Cut(t.Name(), "[") // Past[unionhall/grassroots/election.State]
		if of != "" {
			name += "." + strings.TrimSuffix(path.Base(of), "]")
		}
		if name == "" {
			name = hint
		}
		return path.Base(t.PkgPath()) + "." + name // two rooms may both have a ListPage
	})
	doc := huma.OpenAPI{
		OpenAPI:    "3.1.0",
		Info:       &huma.Info{Title: title, Version: "1"},
		Components: &huma.Components{Schemas: types},
	}
	bad := &huma.Response{Description: "fault", Content: map[string]*huma.MediaType{
		"application/problem+json": {Schema: types.Schema(reflect.TypeFor[Trouble](), true, "Trouble")},
	}}
	for _, rt := range routes {
		if rt.Do.raw != nil {
			continue
		}
		op := operation(types, rt)
		op.Responses["default"] = bad
		doc.AddOperation(op)
	}
	return doc.MarshalJSON()
}

// operation describes one route: path, query and key as parameters, the rest
// of what it takes as the body, and what it answers.
func operation(types huma.Registry, rt Route) *huma.Operation {
	method, url, _ := strings.Cut(rt.Pattern, " ")
	url = strings.ReplaceAll(url, "{$}", "")
	op := &huma.Operation{Method: method, Path: url, Summary: rt.Doc, OperationID: string(rt.Needs) + " " + rt.Pattern, Tags: []string{tag(url)}}
	body := types.Schema(rt.Do.in, false, "In")
	for _, f := range reflect.VisibleFields(rt.Do.in) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" || f.Anonymous {
			continue
		}
		p := &huma.Param{Name: name, In: "query", Description: f.Tag.Get("doc"), Schema: types.Schema(f.Type, true, name)}
		if strings.Contains(url, "{"+name+"}") {
			p.In, p.Required = "path", true
			delete(body.Properties, name)
			body.Required = slices.DeleteFunc(body.Required, func(r string) bool { return r == name })
		} else if method != "GET" {
			continue
		}
		op.Parameters = append(op.Parameters, p)
	}
	if method != "GET" {
		in := &huma.MediaType{Schema: body}
		kinds := map[string]*huma.MediaType{"application/json": in, "application/x-www-form-urlencoded": in}
		for _, f := range reflect.VisibleFields(rt.Do.in) {
			if f.Type == reflect.TypeFor[Upload]() {
				kinds = map[string]*huma.MediaType{"multipart/form-data": in}
			}
		}
		op.RequestBody = &huma.RequestBody{Content: kinds}
		op.Parameters = append(op.Parameters, &huma.Param{Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: "string"}})
	}
	content := map[string]*huma.MediaType{"application/octet-stream": {}}
	if rt.Do.file == nil {
		content = map[string]*huma.MediaType{"application/json": {Schema: types.Schema(rt.Do.out, true, "Out")}}
	}
	op.Responses = map[string]*huma.Response{"200": {Description: "ok", Content: content}}
	return op
}

func tag(url string) string {
	parts := strings.Split(strings.Trim(url, "/"), "/")
	if len(parts) > 2 {
		parts = parts[:2]
	}
	if t := strings.Join(parts, "/"); t != "" {
		return t
	}
	return "home"
}
