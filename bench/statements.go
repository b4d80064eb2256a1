package main

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// statements measures what the books answer with a million entries in them:
// trial balance and forms of one union and of all, the proof from entries, and
// the same sums by hledger from the exported journal.
func (b *bench) statements(ctx context.Context) error {
	data, err := b.million(ctx)
	if err != nil {
		return err
	}
	var group, scan cost
	for range b.rounds {
		for name, into := range map[string]*cost{"groupby": &group, "scanned": &scan} {
			c, err := b.alone(ctx, name, data)
			if err != nil {
				return err
			}
			into.best(c)
		}
	}
	proof, err := b.alone(ctx, "proves", data)
	if err != nil {
		return err
	}
	s, err := b.product(ctx, data)
	if err != nil {
		return err
	}
	defer s.stop()
	if s.cookie, err = s.cookieOf(ctx, "accountant"); err != nil {
		return err
	}
	root, one, err := s.twoUnions(ctx)
	if err != nil {
		return err
	}
	floor := ms(time.Duration(group.Seconds * 1e9))
	for _, q := range []struct {
		name, path string
		combined   bool
	}{
		{"trial balance of one union, June", ledgerPath + "/balances?union=" + one + "&year=2024&period=2024-06", false},
		{"balance sheet of one union, June", "/grassroots/finance/statements/2021-01?union=" + one + "&period=2024-06", false},
		{"income and spending of one union, the year", "/grassroots/finance/statements/2021-02?union=" + one + "&year=2024", false},
		{"trial balance of all unions, June", ledgerPath + "/balances?union=" + root + "&year=2024&period=2024-06&below=1", true},
		{"balance sheet of all unions, June", "/grassroots/finance/statements/2021-01?union=" + root + "&period=2024-06&below=1", true},
	} {
		wait := b.profiled(s, "statement", 2*time.Second)
		took, err := s.middle(q.path, 15*b.rounds)
		wait()
		if err != nil {
			return err
		}
		if q.combined {
			b.table.most(q.name+", through HTTP", floor, ms(took), 150)
		} else {
			b.table.times(q.name+", through HTTP", floor, ms(took), 0.2)
		}
	}
	b.table.times("the same recomputed from entries, as proof", amount{scan.Seconds, seconds}, amount{proof.Seconds, seconds}, 2)
	return b.outside(ctx, s, root)
}

// middle asks for a path in turn and returns the median wait.
func (s *server) middle(path string, n int) (time.Duration, error) {
	waits := make([]time.Duration, n)
	for i := range waits {
		began := time.Now()
		if _, err := s.get(path, "application/json"); err != nil {
			return 0, err
		}
		waits[i] = time.Since(began)
	}
	slices.Sort(waits)
	return waits[n/2], nil
}

// twoUnions are the codes of the committee and of one of its unions.
func (s *server) twoUnions(ctx context.Context) (root, one string, err error) {
	var page struct {
		Items []struct {
			Code   string `json:"code"`
			Parent string `json:"parent"`
		} `json:"items"`
	}
	if err := s.ask(ctx, "GET", "/grassroots/registry/unions?limit=200", "", nil, &page); err != nil {
		return "", "", err
	}
	for _, u := range page.Items {
		if u.Parent == "" {
			root = u.Code
		} else {
			one = u.Code
		}
	}
	return root, one, nil
}

// outside has hledger come to the same sums from the exported journal.
func (b *bench) outside(ctx context.Context, s *server, root string) error {
	program, err := exec.LookPath("hledger")
	if err != nil {
		say("hledger is not installed: its line is left out")
		return nil
	}
	file := filepath.Join(b.dir, "all.journal")
	path := ledgerPath + "/journal?union=" + root + "&year=2024&format=hledger&below=1"
	began := time.Now()
	if err := s.keep(ctx, path, file); err != nil {
		return err
	}
	b.table.note("export of the journal, streamed", amount{}, amount{time.Since(began).Seconds(), seconds})
	began = time.Now()
	cmd := command(ctx, program, "balance", "-f", file, "--flat", "-N")
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("hledger: %w %.300s", err, out)
	}
	theirs := time.Since(began)
	ours, err := s.middle(ledgerPath+"/balances?union="+root+"&year=2024&below=1", 15)
	if err != nil {
		return err
	}
	b.table.share("all balances of the year, times faster than hledger", amount{1, none}, amount{float64(theirs / max(ours, 1)), none}, 300)
	return nil
}

// keep writes what a path answers to a file.
func (s *server) keep(ctx context.Context, path, file string) error {
	rq, err := http.NewRequestWithContext(ctx, "GET", "http://"+s.at+path, nil)
	if err != nil {
		return err
	}
	rq.Header.Set("Cookie", s.cookie)
	rp, err := http.DefaultClient.Do(rq)
	if err != nil {
		return err
	}
	defer rp.Body.Close()
	if rp.StatusCode != 200 {
		return fmt.Errorf("%s: %s", path, rp.Status)
	}
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer out.Close()
	_, err = io.Copy(out, rp.Body)
	return err
}

// rawQuery is a child that times a query on a copy of the books.
func rawQuery(ready, query string) task {
	return func(ctx context.Context, args []string) (func() error, map[string]float64, error) {
		dir, err := os.MkdirTemp(filepath.Dir(args[0]), "raw-*")
		if err == nil {
			err = copyFile(database(args[0]), filepath.Join(dir, "raw.db"))
		}
		if err != nil {
			return nil, nil, err
		}
		db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "raw.db")+"?_pragma=cache_size(-64000)")
		if err != nil {
			return nil, nil, err
		}
		for q := range strings.SplitSeq(ready, ";") {
			if _, err := db.ExecContext(ctx, q); err != nil {
				return nil, nil, err
			}
		}
		read := func() error {
			rows, err := db.QueryContext(ctx, query)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
			}
			return rows.Err()
		}
		return read, nil, read() // once to warm the pages
	}
}
