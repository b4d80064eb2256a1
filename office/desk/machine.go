package desk

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// Machine are the two addresses that monitors ask: /healthz says that the
// process answers, /readyz that ready found nothing wrong (the database is
// reachable and of this version). They say no more than that.
func Machine(ready func(context.Context) error) []web.Route {
	return []web.Route{
		{Pattern: "GET /healthz", Doc: "进程是否在运行", Do: web.Raw(func(w http.ResponseWriter, _ *http.Request) {
			answer(w, http.StatusOK, "ok")
		})},
		{Pattern: "GET /readyz", Doc: "数据库是否可用", Do: web.Raw(func(w http.ResponseWriter, hr *http.Request) {
			ctx, done := context.WithTimeout(hr.Context(), 3*time.Second)
			defer done()
			if err := ready(ctx); err != nil {
				if !errors.Is(err, sqldb.ErrAway) { // told once, when it went
					slog.Warn("not ready", "err", err)
				}
				answer(w, http.StatusServiceUnavailable, "not ready")
				return
			}
			answer(w, http.StatusOK, "ok")
		})},
	}
}

func answer(w http.ResponseWriter, status int, word string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write([]byte(word + "\n")) // a monitor that has gone needs no answer
}
