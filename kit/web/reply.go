package web

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"

	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
)

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

var zippers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant of ours
	}
	return z
}}

// small is a reply that compression would not shorten by a packet.
const small = 1400

func send(w http.ResponseWriter, hr *http.Request, code int, kind string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Add("Vary", "Accept, Accept-Encoding")
	if len(body) > small && strings.Contains(hr.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		b := buffers.Get().(*bytes.Buffer)
		b.Reset()
		z := zippers.Get().(*gzip.Writer)
		z.Reset(b)
		z.Write(body) // into memory: cannot fail
		z.Close()
		zippers.Put(z)
		h.Set("Content-Length", strconv.Itoa(b.Len()))
		w.WriteHeader(code)
		w.Write(b.Bytes()) // a client that has left is no fault of ours
		buffers.Put(b)
		return
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(code)
	w.Write(body)
}

var status = map[fault.Kind]int{
	fault.Invalid: 422, fault.Unknown: 401, fault.NotFound: 404, fault.Denied: 403, fault.Conflict: 409,
	fault.TooLarge: 413, fault.Busy: 503, fault.Internal: 500,
}

// Trouble is the RFC 9457 document of a fault, and what its page shows.
type Trouble struct {
	Status  int               `json:"status"`
	Title   string            `json:"title"`
	Code    fault.Kind        `json:"code"`
	Rule    string            `json:"rule,omitempty"`
	Fields  map[string]string `json:"fields,omitempty"`
	Number  string            `json:"number"` // to quote, and to find in the log
	article ui.Article
	again   *again
}

func (s *Site) trouble(hr *http.Request, err error) Trouble {
	f := fault.Of(err)
	t := Trouble{Status: status[f.Kind], Title: f.Text, Code: f.Kind, Rule: f.Rule, Fields: f.Fields, Number: sqldb.NewID()[24:]}
	if f.Rule != "" && s.Rule != nil {
		t.article = s.Rule(f.Rule)
	}
	if f.Kind == fault.Internal && hr.Context().Err() == nil {
		slog.Error("request failed", "number", t.Number, "path", hr.URL.Path, "err", err)
	}
	return t
}

// Detour is a refusal with a place where people must go first: a page asked
// for leads there, a program reads Err.
type Detour struct {
	Place string
	Err   error
}

func (d *Detour) Error() string { return d.Err.Error() + " at " + d.Place }
func (d *Detour) Unwrap() error { return d.Err }

// retryAfter is in how many seconds a program may come again.
const retryAfter = "3"

// Fail answers with a fault outside any known session.
func (s *Site) Fail(w http.ResponseWriter, hr *http.Request, err error) {
	s.failWith(w, hr, nil, nil, err)
}

// fail answers r with a fault, within the shell of whoever asks where the
// database still says who that is.
func (s *Site) fail(w http.ResponseWriter, r *Request, err error) { s.failTyped(w, r, nil, err) }

// failTyped is fail for what was typed into a form, so that it isn't lost.
func (s *Site) failTyped(w http.ResponseWriter, r *Request, typed url.Values, err error) {
	var frame *ui.Frame
	r.away = r.away || errors.Is(err, sqldb.ErrAway)
	if r.actor.SignedIn() && !WantsJSON(r.HTTP) && !r.away && fault.Of(err).Kind != fault.Internal {
		lost := s.DB.View(r.Ctx, func(tx *sqldb.Tx) (err error) {
			r.Tx = tx
			frame, err = s.Frame(r)
			return err
		})
		if lost != nil {
			frame = nil
		}
	}
	s.failWith(w, r.HTTP, frame, typed, err)
}

func (s *Site) failWith(w http.ResponseWriter, hr *http.Request, frame *ui.Frame, typed url.Values, err error) {
	t := s.trouble(hr, err)
	if t.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
		t.again = againOf(hr, typed)
	}
	if !WantsJSON(hr) {
		if d := (*Detour)(nil); hr.Method == "GET" && errors.As(err, &d) {
			http.Redirect(w, hr, d.Place, http.StatusSeeOther)
			return
		}
		if t.Code == fault.Unknown && hr.Method == "GET" {
			http.Redirect(w, hr, "/login?next="+url.QueryEscape(hr.URL.RequestURI()), http.StatusSeeOther)
			return
		}
		s.show(w, hr, t.Status, frame, troublePage(t))
		return
	}
	body, err := json.Marshal(t)
	if err != nil {
		slog.Error("problem not written", "number", t.Number, "err", err)
	}
	send(w, hr, t.Status, "application/problem+json", body)
}

const flash = "flash"

// setFlash keeps a sentence for the next page, such as 已保存.
func setFlash(w http.ResponseWriter, said string) {
	if said != "" {
		http.SetCookie(w, &http.Cookie{Name: flash, Value: base64.RawURLEncoding.EncodeToString([]byte(said)), Path: "/", MaxAge: 60, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
}

func takeFlash(w http.ResponseWriter, hr *http.Request) string {
	v := cookie(hr, flash)
	if v == "" {
		return ""
	}
	http.SetCookie(w, &http.Cookie{Name: flash, Path: "/", MaxAge: -1})
	b, err := base64.RawURLEncoding.DecodeString(v)
	if err != nil {
		return ""
	}
	return string(b)
}

// spool holds an answer until the transaction that wrote it has ended: a
// small one in memory, a large one in a file that is already unlinked.
type spool struct {
	mem  *bytes.Buffer
	file *os.File
}

const spoolMemory = 1 << 20

func newSpool() (*spool, error) {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	return &spool{mem: b}, nil
}

func (s *spool) Write(b []byte) (int, error) {
	if s.file == nil && s.mem.Len()+len(b) > spoolMemory {
		f, err := os.CreateTemp("", "unionhall-*")
		if err != nil {
			return 0, err
		}
		s.file = f
		os.Remove(f.Name()) // where open files can't be removed, Close does it
		if _, err := f.Write(s.mem.Bytes()); err != nil {
			return 0, err
		}
	}
	if s.file != nil {
		return s.file.Write(b)
	}
	return s.mem.Write(b)
}

// SendTo sends what was written.
func (s *spool) SendTo(w http.ResponseWriter, hr *http.Request) {
	if s.file == nil {
		w.Header().Set("Content-Length", strconv.Itoa(s.mem.Len()))
		w.Write(s.mem.Bytes())
		return
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		slog.Error("spool", "path", hr.URL.Path, "err", err)
		return
	}
	if st, err := s.file.Stat(); err == nil {
		w.Header().Set("Content-Length", strconv.FormatInt(st.Size(), 10))
	}
	io.Copy(w, s.file) // a client that has left is no fault of ours
}

func (s *spool) Close() {
	buffers.Put(s.mem)
	if s.file != nil {
		s.file.Close()
		os.Remove(s.file.Name())
	}
}

func stack() []byte { return debug.Stack() }
