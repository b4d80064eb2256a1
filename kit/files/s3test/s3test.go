// Package s3test is an object store for tests: a server on this machine that
// speaks as much of the S3 protocol as the program asks for.
package s3test

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Bucket is a small server of the S3 protocol: the bucket papers, the key named
// key, requests signed by version 4.
type Bucket struct {
	*httptest.Server
	mu      sync.Mutex
	objects map[string][]byte
	Fail    atomic.Int64 // so many requests are answered SlowDown
}

// New starts one that ends with the test.
func New(t testing.TB) *Bucket {
	b := &Bucket{objects: map[string][]byte{}}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

// Address leads to the objects under a prefix.
func (b *Bucket) Address(prefix string) string {
	return "s3://papers/" + prefix + "?endpoint=" + b.URL
}

func (b *Bucket) refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, code)
}

// Set puts an object behind the back of its users.
func (b *Bucket) Set(key, content string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.objects[key] = []byte(content)
}

// Len is how many objects there are.
func (b *Bucket) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.objects)
}

// ServeHTTP answers as an object store does.
func (b *Bucket) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if b.Fail.Add(-1) >= 0 {
		b.refuse(w, 503, "SlowDown")
		return
	}
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 Credential=key/") {
		b.refuse(w, 403, "InvalidAccessKeyId")
		return
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if bucket != "papers" {
		b.refuse(w, 404, "NoSuchBucket")
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch body, there := b.objects[key]; {
	case key == "" && r.Method == "HEAD":
	case key == "":
		b.list(w, r)
	case r.Method == "PUT":
		content, err := payload(r)
		if err != nil {
			b.refuse(w, 400, "IncompleteBody")
			return
		}
		b.objects[key] = content
		w.Header().Set("ETag", `"x"`)
	case !there:
		b.refuse(w, 404, "NoSuchKey")
	case r.Method == "DELETE":
		delete(b.objects, key)
		w.WriteHeader(204)
	default:
		w.Header().Set("ETag", `"x"`)
		w.Header().Set("Last-Modified", "Thu, 26 Nov 2026 00:00:00 GMT")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	}
}

// payload reads a body that may come in signed chunks.
func payload(r *http.Request) ([]byte, error) {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return io.ReadAll(r.Body)
	}
	var out []byte
	for in := bufio.NewReader(r.Body); ; {
		line, err := in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		size, err := strconv.ParseInt(strings.SplitN(strings.TrimSpace(line), ";", 2)[0], 16, 64)
		if err != nil || size == 0 {
			return out, err
		}
		chunk := make([]byte, size+2)
		if _, err := io.ReadFull(in, chunk); err != nil {
			return nil, err
		}
		out = append(out, chunk[:size]...)
	}
}

// list answers two names a page.
func (b *Bucket) list(w http.ResponseWriter, r *http.Request) {
	type item struct {
		Key          string
		Size         int
		LastModified string
	}
	var page struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		IsTruncated           bool
		NextContinuationToken string
		Contents              []item
	}
	var names []string
	for k := range b.objects {
		if strings.HasPrefix(k, r.FormValue("prefix")) && k > r.FormValue("continuation-token") {
			names = append(names, k)
		}
	}
	slices.Sort(names)
	if page.IsTruncated = len(names) > 2; page.IsTruncated {
		names = names[:2]
		page.NextContinuationToken = names[1]
	}
	for _, k := range names {
		page.Contents = append(page.Contents, item{k, len(b.objects[k]), "2026-11-26T00:00:00.000Z"})
	}
	w.Header().Set("Content-Type", "application/xml")
	xml.NewEncoder(w).Encode(page)
}
