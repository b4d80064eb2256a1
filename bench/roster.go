package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const importsPath = "/grassroots/registry/imports"

// officeMembers is how many members an office has into which the roster goes.
const officeMembers = 1000

// taking is what one round of taking the roster in and out again came to.
type taking struct{ judge, confirm, export cost }

// roster measures an import through the page, and the export of what it
// brought.
func (b *bench) roster(ctx context.Context) error {
	data, err := b.city(ctx, officeMembers)
	if err != nil {
		return err
	}
	book, err := b.workbook(ctx, data)
	if err != nil {
		return err
	}
	var read, write cost
	var ours taking
	for round := range b.rounds {
		one, err := b.alone(ctx, "read", book)
		if err != nil {
			return err
		}
		if int(one.More["rows"]) != b.rows {
			return fmt.Errorf("the library reads %v rows of %s", one.More["rows"], book)
		}
		read.best(one)
		if round > 0 {
			if data, err = b.city(ctx, officeMembers); err != nil {
				return err
			}
		}
		out := filepath.Join(b.dir, "export-"+strconv.Itoa(round)+".xlsx")
		t, err := b.take(ctx, data, book, out, round)
		if err != nil {
			return err
		}
		ours.judge.best(t.judge)
		ours.confirm.best(t.confirm)
		ours.export.best(t.export)
		if one, err = b.alone(ctx, "write", out, out+".floor"); err != nil {
			return err
		}
		write.best(one)
		if err := errors.Join(os.Remove(out), os.Remove(out+".floor"), os.RemoveAll(data)); err != nil {
			return err
		}
	}
	b.tellRoster(read, write, ours)
	return nil
}

func (b *bench) tellRoster(read, write cost, ours taking) {
	rows := fmt.Sprintf("roster of %d rows", b.rows)
	times := func(work string, floor, c cost, limit float64) {
		b.table.times(work, amount{floor.Seconds, seconds}, amount{c.Seconds, seconds}, limit)
		b.table.note("the same: CPU", amount{floor.CPU, seconds}, amount{c.CPU, seconds})
	}
	times(rows+", xlsx: judge (floor: excelize reads it)", read, ours.judge, 2)
	times(rows+", xlsx: confirm (same floor)", read, ours.confirm, 2)
	b.table.most("the same: most memory of the process, judge", amount{read.Peak, megabytes}, amount{ours.judge.Peak, megabytes}, 150)
	b.table.most("the same: most memory of the process, confirm", amount{read.Peak, megabytes}, amount{ours.confirm.Peak, megabytes}, 150)
	times(fmt.Sprintf("export of %d rows, xlsx (floor: excelize writes the same cells)", b.rows), write, ours.export, 1.5)
	b.table.most("the same: memory beyond rest", amount{write.Peak, megabytes}, amount{ours.export.Peak, megabytes}, 100)
}

// workbook returns the roster for the unions of a city, made once.
func (b *bench) workbook(ctx context.Context, data string) (string, error) {
	db, err := openDatabase(database(data))
	if err != nil {
		return "", err
	}
	defer db.Close()
	rows, err := db.QueryContext(ctx, `SELECT name FROM unions WHERE parent_id IS NOT NULL ORDER BY code`)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var unions []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return "", err
		}
		unions = append(unions, name)
	}
	text, err := json.Marshal(unions)
	home, failed := cache()
	if err = errors.Join(err, failed, rows.Err()); err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	file := filepath.Join(home, fmt.Sprintf("roster-%d-%s.xlsx", b.rows, hex.EncodeToString(sum[:4])))
	if _, err := os.Stat(file); err == nil {
		return file, nil
	}
	say("making a roster of %d rows, once, in %s", b.rows, file)
	names := filepath.Join(b.dir, "unions.json")
	if err := os.WriteFile(names, text, 0o600); err != nil {
		return "", err
	}
	part := filepath.Join(home, "part.xlsx")
	if _, err := b.alone(ctx, "roster", part, strconv.Itoa(b.rows), names); err != nil {
		return "", err
	}
	return file, os.Rename(part, file)
}

// importing is an import as its page tells of it.
type importing struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Note    string `json:"note"`
	Rows    int    `json:"rows"`
	New     int    `json:"new"`
	Refused int    `json:"refused"`
	Version int64  `json:"version"`
}

// take takes a workbook in through a server of its own, and exports all.
func (b *bench) take(ctx context.Context, data, book, out string, round int) (t taking, err error) {
	s, err := b.product(ctx, data)
	if err != nil {
		return t, err
	}
	defer s.stop()
	if err := s.signIn(ctx); err != nil {
		return t, err
	}
	time.Sleep(time.Second)
	var i importing
	t.judge, err = b.watch(s, round, "judge", func() (err error) {
		if i, err = s.upload(ctx, book); err == nil {
			i, err = s.await(ctx, i.ID, "reading")
		}
		return err
	})
	if err == nil && (i.State != "judged" || i.New != b.rows) {
		err = fmt.Errorf("judged: %+v", i)
	}
	if err != nil {
		return t, err
	}
	t.confirm, err = b.watch(s, round, "confirm", func() error {
		body := fmt.Sprintf(`{"version":%d}`, i.Version)
		err := s.ask(ctx, "POST", importsPath+"/"+i.ID+"/confirm", "application/json", bytes.NewReader([]byte(body)), nil)
		if err == nil {
			i, err = s.await(ctx, i.ID, "applying")
		}
		return err
	})
	if err == nil && i.State != "confirmed" {
		err = fmt.Errorf("confirmed: %+v", i)
	}
	if err == nil { // the last of the roster is found by name
		name := rosterRow(b.rows-1, []string{""})[1].(string)
		err = s.finds(ctx, name, membersPath+"?q="+url.QueryEscape(name)+"&limit=20")
	}
	if err != nil {
		return t, err
	}
	rest, err := s.atRest()
	if err != nil {
		return t, err
	}
	t.export, err = b.watch(s, round, "export", func() error { return s.download(ctx, membersPath+".xlsx", out) })
	t.export.Peak -= rest
	return t, err
}

// atRest is the memory of a server that has had nothing to do for a while.
func (s *server) atRest() (float64, error) {
	time.Sleep(2 * time.Second)
	now, _, err := memory(strconv.Itoa(s.pid))
	return now, err
}

// watch runs f and returns what it cost the server.
func (b *bench) watch(s *server, round int, name string, f func() error) (c cost, err error) {
	if round == b.rounds-1 {
		defer b.profiled(s, name, 6*time.Second)()
	}
	if err := forgetPeak(s.pid); err != nil {
		return c, err
	}
	before, err := cpu(s.pid)
	if err != nil {
		return c, err
	}
	start := time.Now()
	if err := f(); err != nil {
		return c, err
	}
	c.Seconds = time.Since(start).Seconds()
	after, err := cpu(s.pid)
	if err != nil {
		return c, err
	}
	c.CPU = after - before
	_, c.Peak, err = memory(strconv.Itoa(s.pid))
	return c, err
}

func (s *server) upload(ctx context.Context, file string) (i importing, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return i, err
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", filepath.Base(file))
	if err == nil {
		_, err = part.Write(text)
	}
	if err = errors.Join(err, form.Close()); err != nil {
		return i, err
	}
	err = s.ask(ctx, "POST", importsPath+"?kind=roster", form.FormDataContentType(), &body, &i)
	return i, err
}

// await asks for an import until it is no longer in the state.
func (s *server) await(ctx context.Context, id, state string) (i importing, err error) {
	for start := time.Now(); time.Since(start) < 10*time.Minute; time.Sleep(20 * time.Millisecond) {
		if err = s.ask(ctx, "GET", importsPath+"/"+id, "", nil, &i); err != nil || i.State != state {
			return i, err
		}
	}
	return i, fmt.Errorf("still %s", state)
}

func (s *server) download(ctx context.Context, path, to string) error {
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
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, rp.Body)
	return errors.Join(err, out.Close())
}
