package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/prometheus/client_golang/prometheus"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
)

// Site is what all pages have in common.
type Site struct {
	DB    *sqldb.DB
	Files files.Store
	Name  string // of the office, for the document and pages without a database
	Now   func() time.Time
	// Who finds the session of a request and whose it is. Nobody is no error.
	Who func(*http.Request, *sqldb.Tx, day.Instant) (auth.Actor, string, error)
	// Seen notes, outside any transaction, that a session is in use.
	Seen func(context.Context, *Request) error
	// Wide reports, where set, whether a grant reaches all unions of its tenant.
	Wide func(context.Context, *sqldb.Tx, auth.Grant) bool
	// Frame is what the shell draws around a page for whoever asks.
	Frame func(*Request) (*ui.Frame, error)
	// Rule is the clause with an id, for the page of a refusal.
	Rule func(id string) ui.Article

	// Figures are shown with the metrics of requests.
	Figures prometheus.Collector
	// MetricsToken lets who bears it read the metrics from elsewhere.
	MetricsToken string

	spool   chan struct{}
	metrics *metrics
}

// Handler serves the routes, the document of them and the assets.
func (s *Site) Handler(routes []Route) (http.Handler, error) {
	s.spool, s.metrics = make(chan struct{}, 4), newMetrics()
	if s.Figures != nil {
		s.metrics.registry.MustRegister(s.Figures)
	}
	doc := &document{site: s, routes: routes}
	mux := http.NewServeMux()
	for _, rt := range routes {
		if rt.Do.raw != nil {
			mux.HandleFunc(rt.Pattern, rt.Do.raw)
			continue
		}
		mux.HandleFunc(rt.Pattern, s.metrics.watch(rt.Pattern, func(w http.ResponseWriter, hr *http.Request) { s.serve(w, hr, rt) }))
	}
	mux.HandleFunc("GET /api/openapi.json", doc.serve)
	mux.Handle("GET /assets/", ui.Assets())
	mux.HandleFunc("/", func(w http.ResponseWriter, hr *http.Request) {
		s.Fail(w, hr, fault.New(fault.NotFound, "没有这个页面，可能地址输错了或页面已移走。"))
	})
	return s.secure(http.NewCrossOriginProtection().Handler(mux)), nil
}

// policy lets pages use nothing but what this program serves.
//
// law: R1.67
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"

func (s *Site) secure(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Robots-Tag", "noindex, nofollow") // nothing here is for search engines
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
		if hr.TLS != nil || hr.Header.Get("X-Forwarded-Proto") == "https" {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		defer func() {
			v := recover()
			if v == nil || v == http.ErrAbortHandler {
				return
			}
			s.Fail(w, hr, fmt.Errorf("panic: %v\n%s", v, stack()))
		}()
		next.ServeHTTP(w, hr)
	})
}

// serve runs one request: one grant, one transaction, one instant. Nothing is
// written to w before the transaction has ended.
func (s *Site) serve(w http.ResponseWriter, hr *http.Request, rt Route) {
	now := day.At(s.Now())
	r := &Request{Ctx: hr.Context(), Now: now, Today: now.Day(), Site: s, HTTP: hr}
	if rt.Do.Writes() {
		// who asks comes first: a stranger's 200 MB are not read
		key := ""
		err := s.DB.View(r.Ctx, func(tx *sqldb.Tx) (err error) {
			if err = s.enter(r, tx, rt); err == nil {
				key = s.meets(r, tx, rt)
			}
			return err
		})
		if err != nil {
			s.failTyped(w, r, s.rescue(w, hr, err), err)
			return
		}
		if key != "" {
			r.Ctx = sqldb.Lane(r.Ctx, key)
		}
	}
	if rt.Needs == "" {
		hr.Body = http.MaxBytesReader(w, hr.Body, strangerLimit)
	}
	in, err := s.read(w, hr, rt.Needs != "")
	switch {
	case err != nil:
		s.fail(w, r, err)
	case rt.Do.act != nil:
		s.serveAct(w, rt, r, in)
	case rt.Do.file != nil:
		s.serveFile(w, rt, r, in)
	default:
		s.servePage(w, rt, r, in)
	}
	if s.Seen != nil && r.Session != "" && !r.away {
		if err := s.Seen(r.Ctx, r); err != nil {
			slog.Warn("session not renewed", "err", err)
		}
	}
}

// meets says at what the writes of a request meet others': at the rows of the
// union of its grant. Those who reach all unions meet at the thing they act on,
// as far as the address names one.
func (s *Site) meets(r *Request, tx *sqldb.Tx, rt Route) string {
	tenant := strconv.FormatInt(r.Grant.Tenant(), 10)
	switch {
	case r.Grant.Tenant() == 0:
		return ""
	case r.Grant.Under() == "":
		return tenant + r.Grant.Account()
	case s.Wide == nil || !s.Wide(r.Ctx, tx, r.Grant):
		return tenant + r.Grant.Under()
	case strings.Contains(rt.Pattern, "{"):
		return tenant + r.HTTP.URL.Path
	}
	return ""
}

// enter finds out who asks and whether they may.
func (s *Site) enter(r *Request, tx *sqldb.Tx, rt Route) (err error) {
	if r.actor, r.Session, err = s.Who(r.HTTP, tx, r.Now); err != nil {
		return err
	}
	if rt.Needs != "" {
		r.Grant, err = r.actor.Grant(rt.Needs, r.Today)
	}
	return err
}

func (s *Site) servePage(w http.ResponseWriter, rt Route, r *Request, in input) {
	var out any
	var view templ.Component
	var frame *ui.Frame
	asJSON := WantsJSON(r.HTTP)
	err := s.DB.View(r.Ctx, func(tx *sqldb.Tx) (err error) {
		r.Tx = tx
		if err := s.enter(r, tx, rt); err != nil {
			return err
		}
		if out, view, err = rt.Do.page(r, in); err == nil && !asJSON {
			frame, err = s.Frame(r)
		}
		return err
	})
	if rt.Bare && errors.Is(err, sqldb.ErrAway) {
		r.Tx, r.actor, r.Session, frame = nil, auth.Actor{}, "", &ui.Frame{Office: s.Name}
		out, view, err = rt.Do.page(r, in)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if v, ok := out.(interface{ Revision() int64 }); ok {
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, v.Revision()))
	}
	for _, c := range r.cookies {
		http.SetCookie(w, c)
	}
	if !asJSON {
		frame.Flash = takeFlash(w, r.HTTP)
		s.show(w, r.HTTP, 200, frame, view)
		return
	}
	body, err := json.Marshal(out)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	send(w, r.HTTP, 200, "application/json", body)
}

func (s *Site) serveAct(w http.ResponseWriter, rt Route, r *Request, in input) {
	bound, err := rt.Do.before(r, &in)
	if err != nil {
		s.refuse(w, rt, r, in, err)
		return
	}
	key := r.HTTP.Header.Get("Idempotency-Key")
	if key == "" {
		key = in.form.Get("idempotency_key")
	}
	var a answer
	err = s.DB.Do(r.Ctx, func(tx *sqldb.Tx) (err error) {
		r.Tx, r.cookies = tx, nil
		a, err = first(r, key, r.HTTP.Method+" "+r.HTTP.URL.Path, in, func() (answer, error) { return rt.Do.act(r, bound) })
		return err
	})
	if err != nil {
		s.refuse(w, rt, r, in, err)
		return
	}
	for _, c := range r.cookies {
		http.SetCookie(w, c)
	}
	if rt.Do.then != nil {
		afterwards(rt, r, &a)
	}
	if WantsJSON(r.HTTP) {
		w.Header().Set("Location", a.Place)
		code := 200
		if a.Created {
			code = 201
		}
		send(w, r.HTTP, code, "application/json", a.Body)
		return
	}
	setFlash(w, a.Said)
	http.Redirect(w, r.HTTP, a.Place, http.StatusSeeOther)
}

// afterwards runs what an act's route has after the commit.
func afterwards(rt Route, r *Request, a *answer) {
	r.Tx = nil
	out, err := rt.Do.then(r, a.Place)
	var body []byte
	if err == nil {
		body, err = json.Marshal(out)
	}
	if err != nil {
		slog.Warn("done, but not told anew", "place", a.Place, "err", err)
		return
	}
	a.Body = body
}

// refuse answers a refused act: people get their form again with what they
// typed, as far as there is one.
func (s *Site) refuse(w http.ResponseWriter, rt Route, r *Request, in input, err error) {
	f := fault.Of(err)
	mendable := f.Kind == fault.Invalid || f.Kind == fault.Conflict || f.Kind == fault.Busy || f.Kind == fault.TooLarge
	if WantsJSON(r.HTTP) || rt.Do.again == nil || !mendable || errors.Is(err, sqldb.ErrAway) {
		s.failTyped(w, r, in.typed(), err)
		return
	}
	var view templ.Component
	var frame *ui.Frame
	refusal := Refusal{f.Text, f.Rule, f.Fields}
	drawn := s.DB.View(r.Ctx, func(tx *sqldb.Tx) (err error) {
		r.Tx = tx
		if view, err = rt.Do.again(r, in, refusal); err == nil {
			frame, err = s.Frame(r)
		}
		return err
	})
	if drawn != nil {
		s.failTyped(w, r, in.typed(), errors.Join(err, drawn))
		return
	}
	if f.Kind == fault.Busy {
		w.Header().Set("Retry-After", retryAfter)
	}
	hr := r.HTTP.WithContext(context.WithValue(r.HTTP.Context(), typedKey{}, &typed{refusal, in.typed()}))
	s.show(w, hr, status[f.Kind], frame, view)
}

func (s *Site) serveFile(w http.ResponseWriter, rt Route, r *Request, in input) {
	select {
	case s.spool <- struct{}{}:
		defer func() { <-s.spool }()
	case <-r.Ctx.Done():
		return
	}
	spool, err := newSpool()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	defer spool.Close()
	var f File
	err = s.DB.View(r.Ctx, func(tx *sqldb.Tx) (err error) {
		r.Tx = tx
		if err = s.enter(r, tx, rt); err == nil {
			f, err = rt.Do.file(r, in)
		}
		if err != nil {
			return err
		}
		return f.Write(spool)
	})
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", f.Type)
	how := "attachment"
	if f.Inline && files.Inline(f.Type) {
		how = "inline"
		w.Header().Set("Content-Security-Policy", files.Policy(f.Type))
	}
	w.Header().Set("Content-Disposition", files.Disposition(how, f.Name))
	w.Header().Set("Cache-Control", "private, no-store")
	spool.SendTo(w, r.HTTP)
}

func (s *Site) show(w http.ResponseWriter, hr *http.Request, code int, frame *ui.Frame, page templ.Component) {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	defer buffers.Put(b)
	if frame == nil {
		frame = &ui.Frame{Office: s.Name}
	}
	frame.Path = hr.URL.Path
	frame.Elder, frame.Theme = ui.Look(hr)
	frame.Key = sqldb.NewID
	if err := page.Render(ui.With(hr.Context(), frame), b); err != nil {
		slog.Error("page not drawn", "path", hr.URL.Path, "err", err)
		code = 500
	}
	w.Header().Set("Cache-Control", "private, no-store")
	send(w, hr, code, "text/html; charset=utf-8", b.Bytes())
}

// WantsJSON reports whether a program asks and not a person.
func WantsJSON(hr *http.Request) bool {
	return strings.Contains(hr.Header.Get("Accept"), "application/json")
}

func cookie(hr *http.Request, name string) string {
	c, err := hr.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}
