package main

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	_ "net/http/pprof" // on a listener of its own, in this program alone
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"unionhall/hall"
)

// serveHouse serves a house as the product does, and its profiles beside it.
func serveHouse(ctx context.Context, data, at, profile string) error {
	h, err := hall.Open(ctx, hall.Settings{Data: data, Listen: at})
	if err != nil {
		return err
	}
	handler, err := h.Handler()
	if err != nil {
		return errors.Join(err, h.Close())
	}
	h.Run(ctx)
	go http.ListenAndServe(profile, nil) // of the default mux, where pprof puts itself
	srv := &http.Server{Addr: at, Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	return errors.Join(srv.ListenAndServe(), h.Close())
}

// serveBytes is the floor of a page: net/http answering the bytes of files,
// compressed anew for each answer by the same library at the same level. Each
// argument is path|type|file.
func serveBytes(at string, pages []string) error {
	zippers := sync.Pool{New: func() any {
		z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		if err != nil {
			panic(err) // the level is a constant of ours
		}
		return z
	}}
	buffers := sync.Pool{New: func() any { return new(bytes.Buffer) }}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /login", func(http.ResponseWriter, *http.Request) {})
	for _, p := range pages {
		part := strings.SplitN(p, "|", 3)
		body, err := os.ReadFile(part[2])
		if err != nil {
			return err
		}
		mux.HandleFunc("GET "+part[0], func(w http.ResponseWriter, hr *http.Request) {
			h := w.Header()
			h.Set("Content-Type", part[1])
			b := buffers.Get().(*bytes.Buffer)
			b.Reset()
			z := zippers.Get().(*gzip.Writer)
			z.Reset(b)
			z.Write(body) // into memory: cannot fail
			z.Close()
			zippers.Put(z)
			h.Set("Content-Encoding", "gzip")
			h.Set("Content-Length", strconv.Itoa(b.Len()))
			w.Write(b.Bytes())
			buffers.Put(b)
		})
	}
	return http.ListenAndServe(at, mux)
}
