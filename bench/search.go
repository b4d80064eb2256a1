package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	_ "modernc.org/sqlite"
)

// likePasses is how often the floor asks for each word: it is slow.
const (
	likePasses = 3
	ourPasses  = 25
)

// wordsIn draws the words to search for from the names of a city: signs and
// pairs of signs as they stand in names picked evenly, so that common ones
// come more often than rare ones.
func wordsIn(db *sql.DB) (out []string, err error) {
	names, err := namesIn(db)
	if err != nil {
		return nil, err
	}
	const of = 24 // of each length
	for i := range of {
		n := []rune(names[(2*i+1)*len(names)/(2*of)])
		at := i % (len(n) - 1)
		out = append(out, string(n[at:at+1]), string(n[at:at+2]))
	}
	return out, nil
}

func namesIn(db *sql.DB) (out []string, err error) {
	rows, err := db.Query(`SELECT name FROM members WHERE length(name) > 1 ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		out = append(out, name)
	}
	if len(out) == 0 {
		err = errors.New("no names")
	}
	return out, errors.Join(err, rows.Err())
}

func openDatabase(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)&_pragma=case_sensitive_like(1)&_pragma=cache_size(-4000)")
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// likes is a floor: what SQLite takes by itself to find 20 members whose name
// has the words in it, and to count them, in a table that holds nothing else.
func likes(_ context.Context, args []string) (func() error, map[string]float64, error) {
	db, err := openDatabase(args[0])
	if err != nil {
		return nil, nil, err
	}
	if _, err := db.Exec(`PRAGMA temp_store = memory; CREATE TEMP TABLE list AS
		SELECT id, name, name_key, sex, birthday, status, joined, card_no FROM members WHERE tenant_id = (SELECT min(tenant_id) FROM tenants)`); err != nil {
		return nil, nil, err
	}
	words, err := readWords(args[1])
	more := map[string]float64{}
	return func() error {
		var waits []time.Duration
		for range likePasses {
			for _, w := range words {
				start := time.Now()
				if err := like(db, "%"+w+"%"); err != nil {
					return err
				}
				waits = append(waits, time.Since(start))
			}
		}
		spread(more, waits)
		return nil
	}, more, err
}

func like(db *sql.DB, pattern string) error {
	rows, err := db.Query(`
		SELECT id, name, sex, birthday, status, joined, card_no FROM list WHERE name LIKE $1 ORDER BY name_key, id LIMIT 20`, pattern)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var v [7]any
		if err := rows.Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6]); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	var n int64
	return db.QueryRow(`SELECT count(*) FROM list WHERE name LIKE $1`, pattern).Scan(&n)
}

// scans is the other floor: a look through all names held in memory.
func scans(_ context.Context, args []string) (func() error, map[string]float64, error) {
	db, err := openDatabase(args[0])
	if err != nil {
		return nil, nil, err
	}
	names, err := namesIn(db)
	if err != nil {
		return nil, nil, err
	}
	words, err := readWords(args[1])
	more := map[string]float64{}
	return func() error {
		var waits []time.Duration
		for range likePasses {
			for _, w := range words {
				start, n := time.Now(), 0
				for _, name := range names {
					if strings.Contains(name, w) {
						n++
					}
				}
				if waits = append(waits, time.Since(start)); n == 0 {
					return fmt.Errorf("nobody has %q in the name", w)
				}
			}
		}
		spread(more, waits)
		return nil
	}, more, err
}

// spread notes the middle and the far end of waits, in ms.
func spread(into map[string]float64, waits []time.Duration) {
	slices.Sort(waits)
	r := result{waits: waits}
	into["p50"], into["p99"] = ms(r.at(0.5)).n, ms(r.at(0.99)).n
}

func readWords(file string) (out []string, err error) {
	text, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	return out, err
}

// search measures the search of one and two signs inside names.
func (b *bench) search(ctx context.Context) error {
	data, err := b.city(ctx, b.big)
	if err != nil {
		return err
	}
	db, err := openDatabase(database(data))
	if err != nil {
		return err
	}
	words, err := wordsIn(db)
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	text, err := json.Marshal(words)
	if err != nil {
		return err
	}
	file := filepath.Join(b.dir, "words.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	s, err := b.product(ctx, data)
	if err != nil {
		return err
	}
	defer s.stop()
	if err := s.signIn(ctx); err != nil {
		return err
	}
	paths := make([]string, len(words))
	for i, w := range words {
		paths[i] = membersPath + "?q=" + url.QueryEscape(w) + "&limit=20"
		if err := s.finds(ctx, w, paths[i]); err != nil {
			return err
		}
	}
	return b.searches(ctx, s, data, file, paths)
}

// finds makes sure that a search answers with people who have the word in
// their names.
func (s *server) finds(ctx context.Context, word, path string) error {
	var page struct {
		Items []struct {
			Name string `json:"name"`
		} `json:"items"`
		Total any `json:"total"`
	}
	if err := s.ask(ctx, "GET", path, "", nil, &page); err != nil {
		return err
	}
	if len(page.Items) == 0 || page.Total == nil {
		return fmt.Errorf("%s: %d found, counted %v", path, len(page.Items), page.Total)
	}
	for _, i := range page.Items {
		if !strings.Contains(strings.ReplaceAll(i.Name, "·", ""), word) && !strings.Contains(i.Name, word) {
			return fmt.Errorf("%s: found %s", path, i.Name)
		}
	}
	return nil
}

func (b *bench) searches(ctx context.Context, s *server, data, file string, paths []string) error {
	var like, scan cost
	p50, p99, each := math.Inf(1), math.Inf(1), math.Inf(1)
	for range b.rounds {
		for name, c := range map[string]*cost{"like": &like, "scan": &scan} {
			one, err := b.alone(ctx, name, database(data), file)
			if err != nil {
				return err
			}
			c.best(one)
		}
		r, err := s.press(ctx, 1, time.Minute, ourPasses*len(paths), "application/json", paths)
		if err != nil {
			return err
		}
		p50, p99, each = min(p50, ms(r.at(0.5)).n), min(p99, ms(r.at(0.99)).n), min(each, r.cpuEach())
	}
	if err := forgetPeak(s.pid); err != nil {
		return err
	}
	wait := b.profiled(s, "search", b.span)
	r, err := s.load(ctx, crowd, b.span, "application/json", paths)
	if err != nil {
		return err
	}
	wait()
	_, peak, err := memory(fmt.Sprint(s.pid))
	if err != nil {
		return err
	}
	size := fmt.Sprintf("search of 1 and 2 signs in names, %d members, 20 rows and count", b.big)
	b.table.times(size+": p99 (floor: LIKE)", amount{like.More["p99"], millis}, amount{p99, millis}, 0.1)
	b.table.note("the same: p50 (floor: LIKE)", amount{like.More["p50"], millis}, amount{p50, millis})
	b.table.note("the same: p50 (floor: scan of all names in memory)", amount{scan.More["p50"], millis}, amount{p50, millis})
	b.table.note("the same: CPU a request, one connection", amount{like.CPU / float64(likePasses*len(paths)) * 1000, millis}, amount{each, millis})
	b.table.note("the same: p99 of 50 connections", amount{}, ms(r.at(0.99)))
	b.table.most("the same: most memory under 50 connections", amount{}, amount{peak, megabytes}, 150)
	return nil
}
