package desk

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"unionhall/kit/web"
)

// Manual is the OpenAPI document as people read it.
type Manual struct {
	Parts []APIPart `json:"parts"`
}

// APIPart is the addresses below one folder.
type APIPart struct {
	Name  string    `json:"name"`
	Calls []APICall `json:"calls"`
}

// APICall is one address with its method.
type APICall struct {
	Method string     `json:"method"`
	Path   string     `json:"path"`
	Doc    string     `json:"doc"`
	Inputs []APIInput `json:"inputs"`
}

// APIInput is one thing that an address takes.
type APIInput struct {
	Name string `json:"name"`
	Doc  string `json:"doc,omitempty"`
	In   string `json:"in"` // path, query, body
}

// spec is what of the document the page reads.
type spec struct {
	Paths map[string]map[string]specCall `json:"paths"`
}

type specCall struct {
	Summary    string     `json:"summary"`
	Parameters []specItem `json:"parameters"`
	Body       struct {
		Content map[string]specBody `json:"content"`
	} `json:"requestBody"`
}

type specBody struct {
	Schema struct {
		Properties map[string]specItem `json:"properties"`
	} `json:"schema"`
}

type specItem struct {
	Name        string `json:"name"`
	In          string `json:"in"`
	Description string `json:"description"`
}

func (d *Desk) api(_ *web.Request, _ struct{}) (Manual, error) {
	d.made.Do(func() {
		text, err := d.Document()
		if err == nil {
			d.manual, err = readable(text)
		}
		if err != nil {
			d.lost = fmt.Errorf("openapi document: %w", err)
		}
	})
	return d.manual, d.lost
}

// readable sorts the document's addresses into parts.
func readable(text []byte) (m Manual, err error) {
	var s spec
	if err := json.Unmarshal(text, &s); err != nil {
		return m, err
	}
	parts := map[string][]APICall{}
	for path, methods := range s.Paths {
		for method, op := range methods {
			c := APICall{Method: strings.ToUpper(method), Path: path, Doc: op.Summary}
			for _, p := range op.Parameters {
				if p.In != "header" {
					c.Inputs = append(c.Inputs, APIInput{p.Name, p.Description, p.In})
				}
			}
			c.Inputs = append(c.Inputs, fields(op.Body.Content)...)
			parts[folder(path)] = append(parts[folder(path)], c)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		calls := parts[name]
		slices.SortFunc(calls, func(a, b APICall) int { return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method)) })
		m.Parts = append(m.Parts, APIPart{name, calls})
	}
	return m, nil
}

// wings are the first words of addresses whose second names a room.
var wings = []string{"central", "grassroots", "members"}

// folder is the part of the house that an address lies in.
func folder(path string) string {
	words := strings.Split(strings.Trim(path, "/"), "/")
	first, _, _ := strings.Cut(words[0], ".")
	if len(words) > 1 && slices.Contains(wings, first) {
		return "/" + first + "/" + words[1]
	}
	return "/" + first
}

// fields are those of the body; every kind it may come as has the same.
func fields(content map[string]specBody) (out []APIInput) {
	for _, kind := range slices.Sorted(maps.Keys(content)) {
		body := content[kind].Schema.Properties
		for _, name := range slices.Sorted(maps.Keys(body)) {
			if name != "$schema" {
				out = append(out, APIInput{name, body[name].Description, "body"})
			}
		}
		break
	}
	return out
}

// where says in words how an input is handed over.
func (i APIInput) where() string {
	switch i.In {
	case "path":
		return "地址"
	case "query":
		return "查询"
	}
	return "内容"
}
