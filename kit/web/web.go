// Package web turns requests into calls and results into pages or JSON. It
// finds out who asks, checks the action, opens the transaction, binds the
// input, keeps the first answer to a repeated act and maps faults to replies:
// each once.
package web

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"reflect"

	"github.com/a-h/templ"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// Request is what a handler gets; it goes no deeper than pages.go.
type Request struct {
	Ctx     context.Context
	Tx      *sqldb.Tx
	Grant   auth.Grant  // for the route's action
	Now     day.Instant // one instant for the whole request
	Today   day.Day     // the day it falls on in Beijing
	Site    *Site
	Session string // the id of the session or token that asks
	HTTP    *http.Request
	actor   auth.Actor
	cookies []*http.Cookie
	away    bool // the database went while it ran
}

// Actor is who asks.
func (r *Request) Actor() auth.Actor { return r.actor }

// May tells a page whether to draw what needs act; the act's own route still
// decides.
func (r *Request) May(act auth.Action) bool {
	_, err := r.actor.Grant(act, r.Today)
	return err == nil
}

// SetCookie sends c with the reply, if the handler succeeds.
func (r *Request) SetCookie(c *http.Cookie) { r.cookies = append(r.cookies, c) }

// Route ties a path to the action it needs. A route that needs nothing is
// open to everybody; those are few and named in a test.
type Route struct {
	Pattern string
	Needs   auth.Action
	Doc     string // one line in Chinese: what it does
	Do      Endpoint
	Bare    bool // a page that answers too while the database does not, with no Tx and nobody signed in
}

// Endpoint is a handler with the types of its input and output; Page, Act and
// File make one.
type Endpoint struct {
	in, out reflect.Type
	page    func(*Request, input) (any, templ.Component, error)
	before  func(*Request, *input) (any, error)
	act     func(*Request, any) (answer, error)
	then    func(*Request, string) (any, error)
	again   func(*Request, input, Refusal) (templ.Component, error)
	file    func(*Request, input) (File, error)
	raw     http.HandlerFunc
}

// Page is a handler that only reads: one out, shown by view to people and as
// it stands to programs.
func Page[In, Out any](h func(*Request, In) (Out, error), view func(Out) templ.Component) Endpoint {
	return Endpoint{in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](), page: func(r *Request, i input) (any, templ.Component, error) {
		in, err := bind[In](i)
		if err != nil {
			return nil, nil, err
		}
		out, err := h(r, in)
		if err != nil {
			return nil, nil, err
		}
		return out, view(out), nil
	}}
}

// Placed is the thing an act changed; Place is the page that shows it. It may
// also have Said() string, a sentence for the person, Created() bool for a 201
// to programs, and Kept() any: what a repeated key answers with instead, where
// the thing holds a secret that is told once.
type Placed interface{ Place() string }

// Act is a handler that writes. People are led to the thing's page (303),
// programs get the thing.
func Act[In any, Out Placed](h func(*Request, In) (Out, error)) Endpoint {
	return ActAfter(func(*Request, *In) error { return nil }, h)
}

// ActAfter is Act with a preparation that runs once, before the transaction:
// hashing, reading a file. It has no Tx; r.Site.DB is there for a look.
func ActAfter[In any, Out Placed](before func(*Request, *In) error, h func(*Request, In) (Out, error)) Endpoint {
	return Endpoint{
		in: reflect.TypeFor[In](), out: reflect.TypeFor[Out](),
		before: func(r *Request, i *input) (any, error) {
			in, err := bind[In](*i)
			if err == nil {
				err = before(r, &in)
			}
			return in, err
		},
		act: func(r *Request, in any) (answer, error) {
			out, err := h(r, in.(In))
			if err != nil {
				return answer{}, err
			}
			body, err := json.Marshal(out)
			a := answer{Place: out.Place(), Body: body}
			if k, ok := any(out).(interface{ Kept() any }); ok && err == nil {
				a.kept, err = json.Marshal(k.Kept())
			}
			if s, ok := any(out).(interface{ Said() string }); ok {
				a.Said = s.Said()
			}
			if c, ok := any(out).(interface{ Created() bool }); ok {
				a.Created = c.Created()
			}
			return a, err
		},
	}
}

// Then has f run after the act's commit and before its reply, such as to wait a
// moment for the work that the act began; place is where the act leads. What f
// returns answers programs in place of what the act changed. f has no Tx. The
// act is done whatever becomes of f, so its errors only reach the log.
func Then[Out any](e Endpoint, f func(r *Request, place string) (Out, error)) Endpoint {
	e.out = reflect.TypeFor[Out]()
	e.then = func(r *Request, place string) (any, error) { return f(r, place) }
	return e
}

// Refusal is what a refused form is drawn again with: the fault, and what the
// person typed.
type Refusal struct {
	Text   string
	Rule   string
	Fields map[string]string
}

// Again draws the form of a refused act once more, with what was typed and
// the messages at the fields (see Typed and Problem). h and view are those of
// the page that showed the form; it is asked with the path and query of the
// act, so both name things alike.
func Again[In, Out any](e Endpoint, h func(*Request, In) (Out, error), view func(Out) templ.Component) Endpoint {
	e.again = func(r *Request, i input, _ Refusal) (templ.Component, error) {
		in, err := bind[In](input{path: i.path, form: i.query})
		if err != nil {
			return nil, err
		}
		out, err := h(r, in)
		if err != nil {
			return nil, err
		}
		return view(out), nil
	}
	return e
}

// File is something to take away. Write runs inside the request's transaction
// into a spool, so that a slow client holds nothing.
type File struct {
	Name  string // with its ending; may be Chinese
	Type  string
	Write func(io.Writer) error
	// Inline has a browser show it in place, if it is a picture or PDF.
	Inline bool
}

// Download is a handler whose answer is a file.
func Download[In any](h func(*Request, In) (File, error)) Endpoint {
	return Endpoint{in: reflect.TypeFor[In](), out: reflect.TypeFor[struct{}](), file: func(r *Request, i input) (File, error) {
		in, err := bind[In](i)
		if err != nil {
			return File{}, err
		}
		return h(r, in)
	}}
}

// Raw is for the few routes that are no page, act or file: log-in and out,
// machine addresses. It checks for itself what it must.
func Raw(h http.HandlerFunc) Endpoint { return Endpoint{raw: h} }

// Writes reports whether the endpoint changes anything.
func (e Endpoint) Writes() bool { return e.act != nil }
