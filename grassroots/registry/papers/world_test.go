package papers

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/files"
	"unionhall/kit/ident"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/schema/dbtest"
)

const (
	tenant = 2106000001
	twin   = 2106000002
	now    = day.Instant("2026-11-22T02:00:00.000000Z")
	phone  = "13812345678"
)

var (
	ctx  = context.Background()
	idNo = ident.CheckedID("21060219850307001")
)

// world is a committee over two unions, a person in each, and the same for a
// twin tenant.
type world struct {
	t      *testing.T // of the engine at hand
	db     *sqldb.DB
	store  *files.Folder
	root   string
	unions [2]string
	people [2]string
}

func each(t *testing.T, f func(w *world)) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		keys, err := seal.Create(filepath.Join(t.TempDir(), "keys"))
		if err != nil {
			t.Fatal(err)
		}
		db.UseKeys(keys)
		store, err := files.OpenFolder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		w := &world{t: t, db: db, store: store, root: "00000000-0000-7000-8000-000000000001"}
		for _, n := range []int64{twin, tenant} {
			w.furnish(n)
		}
		f(w)
	})
}

// furnish founds the unions and seats the person of the first as its chair.
func (w *world) furnish(tenant int64) {
	w.t.Helper()
	g := auth.System(tenant, "test", "test.make", w.root)
	if err := w.db.Do(ctx, func(tx *sqldb.Tx) error {
		for i, name := range []string{"滨江市直机关工会工委", "滨江市财政局机关工会", "滨江市水务局机关工会"} {
			code, err := registry.NextCode(ctx, tx, tenant)
			if err != nil {
				return err
			}
			u := registry.Union{ID: fmt.Sprintf("00000000-0000-7000-8000-%012d", i+1), Code: code, Name: name, Kind: registry.Base, ParentID: w.root, State: registry.Standing, Founded: "2010-01-01", Address: "江城大街 <1> 号", Version: 1}
			if i == 0 {
				u.Kind, u.ParentID = registry.Agency, ""
			}
			m := audit.Moves{}
			if err := registry.Insert(ctx, tx, g, m, u, "founded", "2010-01-01", "滨直工〔2010〕1号", ""); err != nil {
				return err
			}
			if err := m.Write(ctx, tx, g, u.ID, map[string]string{"act": "founded"}, now); err != nil {
				return err
			}
			if i == 0 {
				continue
			}
			p := member.Form{Name: []string{"李𬭎", "阿卜杜热西提·买买提"}[i-1], IDType: "1", IDNo: []string{idNo, ident.CheckedID("21060219900101001")}[i-1], Phone: phone, Duty: "科长"}
			one, err := member.Register(ctx, tx, g, code, p, "2020-03-04", "滨财工〔2020〕2号", now)
			if err != nil {
				return err
			}
			if tenant == 2106000001 {
				w.unions[i-1], w.people[i-1] = u.ID, one.ID
			}
			if i == 1 {
				b, _, err := registry.Install(ctx, tx, g, u.ID, registry.Installing{Kind: registry.Committee, Nth: 7, Elected: "2025-03-01", Years: 5, Seats: 3, Document: "滨直工〔2025〕3号", Reason: "人少"}, now)
				if err != nil {
					return err
				}
				if _, err := registry.Fill(ctx, tx, g, b.ID, registry.Filling{MemberID: one.ID, Office: registry.Chairing, How: "elected"}, now); err != nil {
					return err
				}
			}
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) text(q string, args ...any) (out []string) {
	w.t.Helper()
	if err := w.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		out, err = sqldb.List(ctx, tx, sqldb.Text, q, args...)
		return err
	}); err != nil {
		w.t.Fatal(err)
	}
	return out
}

// visitor is somebody in front of the pages.
type visitor struct {
	w      *world
	server *httptest.Server
}

// visit serves the pages to a post over a union, with the rights of the house
// but those in without.
func (w *world) visit(o auth.Office, over string, without ...auth.Action) *visitor {
	w.t.Helper()
	roles := Roles()
	for _, act := range member.Roles()[o] {
		if len(without) == 0 || act != without[0] {
			roles[o] = append(roles[o], act)
		}
	}
	site := &web.Site{DB: w.db, Files: w.store, Name: "市直机关工会工委", Rule: clause, Now: func() time.Time { return time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC) }}
	site.Who = func(*http.Request, *sqldb.Tx, day.Instant) (auth.Actor, string, error) {
		return auth.NewActor(tenant, string(o), "周敏", "", roles, "", auth.Post{Office: o, UnionID: over, From: "2020-01-01"}), "", nil
	}
	site.Frame = func(*web.Request) (*ui.Frame, error) { return &ui.Frame{Office: site.Name, SignedIn: true}, nil }
	h, err := site.Handler(Routes())
	if err != nil {
		w.t.Fatal(err)
	}
	v := &visitor{w, httptest.NewServer(h)}
	w.t.Cleanup(v.server.Close)
	return v
}

type reply struct {
	code int
	body string
}

func (v *visitor) send(method, path, kind string, body io.Reader, asJSON bool) reply {
	v.w.t.Helper()
	req, err := http.NewRequest(method, v.server.URL+path, body)
	if err != nil {
		v.w.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if asJSON {
		req.Header.Set("Accept", "application/json")
	}
	resp, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	if err != nil {
		v.w.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		v.w.t.Fatal(err)
	}
	return reply{resp.StatusCode, string(b)}
}

func (v *visitor) page(path string) reply { return v.send("GET", path, "", nil, false) }
func (v *visitor) json(path string) reply { return v.send("GET", path, "", nil, true) }

func (v *visitor) post(path string, form url.Values) reply {
	return v.send("POST", path, "application/x-www-form-urlencoded", strings.NewReader(form.Encode()), false)
}

// upload sends a file with the version it replaces.
func (v *visitor) upload(path string, content []byte, version string) reply {
	v.w.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	if err := form.WriteField("version", version); err != nil {
		v.w.t.Fatal(err)
	}
	part, err := form.CreateFormFile("file", "我的模板.docx")
	if err != nil {
		v.w.t.Fatal(err)
	}
	part.Write(content) // into memory
	form.Close()
	return v.send("POST", path, form.FormDataContentType(), &b, false)
}

func (v *visitor) want(r reply, code int, words ...string) {
	v.w.t.Helper()
	if r.code != code {
		v.w.t.Errorf("status %d, want %d: %.600s", r.code, code, r.body)
	}
	for _, w := range words {
		if !strings.Contains(r.body, w) {
			v.w.t.Errorf("%q is not there: %.300s", w, r.body)
		}
	}
}

// printed is the text of a PDF without white space.
func printed(t *testing.T, pdf string) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("no pdftotext here: apt-get install poppler-utils")
	}
	path := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(path, []byte(pdf), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-raw", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), "")
}
