package fleet

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"unionhall/kit/sqldb"
)

// ask sends a request as a program does.
func ask(c *http.Client, method, url, token, key, body string) (int, string, error) {
	hr, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	hr.Header.Set("Accept", "application/json")
	hr.Header.Set("Content-Type", "application/json")
	if token != "" {
		hr.Header.Set("Authorization", "Bearer "+token)
	}
	if key != "" {
		hr.Header.Set("Idempotency-Key", key)
	}
	res, err := c.Do(hr)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), err
}

func client() *http.Client {
	return &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
}

// load is people at work: each founds one union after the other and tries
// again, with the same key, until it is told that the union stands.
type load struct {
	urls   func() string // where to ask
	token  string
	people int

	halt    atomic.Bool
	done    sync.WaitGroup
	next    atomic.Int64
	mu      sync.Mutex
	acked   map[string]string // name to code
	trouble []string          // attempts that failed
	unlike  []string          // answers to one key that differ
	longest time.Duration     // between two acknowledgements
	last    time.Time
}

func (l *load) run() *load {
	l.acked, l.last = map[string]string{}, time.Now()
	for range l.people {
		l.done.Go(func() {
			c := client()
			for !l.halt.Load() {
				l.one(c, fmt.Sprintf("滨江市第%d局工会委员会", l.next.Add(1)))
			}
		})
	}
	return l
}

// one founds a union, however often it takes.
func (l *load) one(c *http.Client, name string) {
	key, body := sqldb.NewID(), fmt.Sprintf(`{"name":%q,"kind":"base","parent":"210600000000","document":"滨直工〔2026〕8号"}`, name)
	for began := time.Now(); time.Since(began) < time.Minute; {
		code, answer, err := ask(c, "POST", l.urls()+"/grassroots/registry/unions", l.token, key, body)
		if err == nil && (code == 201 || code == 200) {
			var u struct{ Code string }
			if err := json.Unmarshal([]byte(answer), &u); err == nil {
				l.ack(name, u.Code)
				return
			}
		}
		l.mu.Lock()
		l.trouble = append(l.trouble, fmt.Sprint(code, " ", answer, " ", err))
		l.mu.Unlock()
		time.Sleep(50 * time.Millisecond)
	}
}

func (l *load) ack(name, code string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.longest = max(l.longest, time.Since(l.last))
	l.last = time.Now()
	if was, ok := l.acked[name]; ok && was != code {
		l.unlike = append(l.unlike, name)
	}
	l.acked[name] = code
}

func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.acked)
}

// reach waits until so many more are acknowledged.
func (l *load) reach(t testing.TB, more int) {
	t.Helper()
	for want, until := l.count()+more, time.Now().Add(40*time.Second); l.count() < want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(until) {
			l.mu.Lock()
			defer l.mu.Unlock()
			t.Fatalf("the work stands still after %d; %d attempts failed, lately %v", len(l.acked), len(l.trouble), l.trouble[max(0, len(l.trouble)-3):])
		}
	}
}

// end stops the work; what was begun is done.
func (l *load) end() *load {
	l.halt.Store(true)
	l.done.Wait()
	return l
}

// stands compares what was acknowledged with what a database holds: each
// union once, its number as it was told, and no number left out.
func (l *load) stands(t testing.TB, db *sql.DB) {
	t.Helper()
	rows, err := db.Query(`SELECT name, code FROM unions WHERE kind = 'base' ORDER BY code`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	stored, codes := map[string]string{}, []string{}
	for rows.Next() {
		var name, code string
		if err := rows.Scan(&name, &code); err != nil {
			t.Fatal(err)
		}
		if stored[name] != "" {
			t.Errorf("%s stands twice", name)
		}
		stored[name] = code
		codes = append(codes, code)
	}
	for name, code := range l.acked {
		if stored[name] != code {
			t.Errorf("%s was acknowledged as %s and is stored as %q", name, code, stored[name])
		}
	}
	if len(stored) != len(l.acked) || len(l.unlike) > 0 {
		t.Errorf("%d acknowledged, %d stored; told differently: %v", len(l.acked), len(stored), l.unlike)
	}
	slices.Sort(codes)
	for i, code := range codes {
		if want := fmt.Sprintf("210600%06d", i+1); code != want {
			t.Errorf("number %d is %s, want %s", i, code, want)
			break
		}
	}
}

// open opens a database behind the program's back.
func open(t testing.TB, engine, where string) *sql.DB {
	t.Helper()
	db, err := sql.Open(engine, where)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// clean fails unless verify finds nothing.
func (o office) clean(t testing.TB) {
	t.Helper()
	if out, err := command(binary, o.args("verify")...).CombinedOutput(); err != nil {
		t.Errorf("verify: %v\n%s", err, bytes.TrimSpace(out))
	}
}
