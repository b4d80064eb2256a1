package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed assets/unionhall.css assets/app.js assets/lines.js vendor/htmx.min.js
var files embed.FS

// asset is one file as it goes over the wire, made when first asked for.
type asset struct {
	source, kind string
	packed       func() packed
}

type packed struct {
	name        string // unionhall.3f2a91c0.css
	plain, gzip []byte
}

var assets = map[string]*asset{
	"unionhall.css": wrap("assets/unionhall.css", "text/css; charset=utf-8"),
	"app.js":        wrap("assets/app.js", "text/javascript; charset=utf-8"),
	"lines.js":      wrap("assets/lines.js", "text/javascript; charset=utf-8"),
	"htmx.js":       wrap("vendor/htmx.min.js", "text/javascript; charset=utf-8"),
}

func wrap(source, kind string) *asset {
	return &asset{source, kind, sync.OnceValue(func() packed {
		plain, err := files.ReadFile(source)
		if err != nil {
			panic(err) // embedded at build time
		}
		if strings.HasSuffix(source, ".css") {
			plain = squeeze(plain)
		}
		sum := sha256.Sum256(plain)
		base := path.Base(source)
		name, ext, _ := strings.Cut(base, ".")
		return packed{name + "." + hex.EncodeToString(sum[:5]) + "." + ext, plain, zip(plain)}
	})}
}

// Asset returns the address of an asset; it changes with its content, so that
// browsers may keep it for ever.
func Asset(name string) string { return "/assets/" + assets[name].packed().name }

// Assets serves /assets/: the stylesheet and scripts, and /assets/look, the
// way to change one's look without script.
func Assets() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /assets/look", setLook)
	mux.HandleFunc("GET /assets/{name}", serveAsset)
	return mux
}

func serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	for _, a := range assets {
		p := a.packed()
		if p.name != name {
			continue
		}
		h := w.Header()
		h.Set("Content-Type", a.kind)
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
		h.Set("Vary", "Accept-Encoding")
		h.Set("X-Content-Type-Options", "nosniff")
		body := p.plain
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = p.gzip
		}
		w.Write(body) // a reader that has gone needs no answer
		return
	}
	http.Error(w, "没有这个文件，请刷新页面。", http.StatusNotFound)
}

// setLook keeps elder mode or the theme in a cookie and goes back to the page
// it came from. Only a path of this site is followed: browsers read a
// backslash as a slash and drop tabs and line ends.
func setLook(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	for _, name := range []string{"elder", "theme"} {
		if !q.Has(name) {
			continue
		}
		c := &http.Cookie{Name: name, Value: q.Get(name), Path: "/", MaxAge: 365 * 86400, SameSite: http.SameSiteLaxMode}
		switch c.Value {
		case "1", "light", "dark":
		default:
			c.Value, c.MaxAge = "", -1
		}
		http.SetCookie(w, c)
	}
	back := q.Get("back")
	if !strings.HasPrefix(back, "/") || strings.HasPrefix(back, "//") || strings.ContainsAny(back, "\\\t\r\n") {
		back = "/"
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// squeeze drops comments, line ends and indentation of our own stylesheet,
// which has no string that they could be part of.
func squeeze(css []byte) []byte {
	var out bytes.Buffer
	for len(css) > 0 {
		head, rest, more := bytes.Cut(css, []byte("/*"))
		out.Write(head)
		if !more {
			break
		}
		_, css, _ = bytes.Cut(rest, []byte("*/"))
	}
	var tight bytes.Buffer
	for line := range bytes.Lines(out.Bytes()) {
		tight.Write(bytes.TrimSpace(line))
	}
	return tight.Bytes()
}

func zip(b []byte) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression) // the level is one that exists
	z.Write(b)                                              // a buffer takes everything
	z.Close()
	return out.Bytes()
}
