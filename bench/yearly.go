package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const yearlyPath = "/grassroots/registry/yearly"

// yearly measures the return of the large city: counted as of a day and
// streamed as a workbook, and kept with everybody behind its figures.
func (b *bench) yearly(ctx context.Context) (err error) {
	data, err := b.city(ctx, b.big)
	if err != nil {
		return err
	}
	var floor cost
	for range b.rounds {
		c, err := b.alone(ctx, "members", database(data))
		if err != nil {
			return err
		}
		if int(c.More["rows"]) < b.big {
			return fmt.Errorf("the floor reads %v members", c.More["rows"])
		}
		floor.best(c)
	}
	s, err := b.product(ctx, data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	if err := s.signIn(ctx); err != nil {
		return err
	}
	day := time.Now().AddDate(-1, 0, 0).Format(time.DateOnly)
	stream, work, page := 0.0, 0.0, 0.0
	for range b.rounds {
		out := filepath.Join(b.dir, "yearly.xlsx")
		before, err := cpu(s.pid)
		if err != nil {
			return err
		}
		start := time.Now()
		if err := s.download(ctx, yearlyPath+"/preview.xlsx?day="+day, out); err != nil {
			return err
		}
		stream = least(stream, time.Since(start).Seconds())
		after, err := cpu(s.pid)
		if err != nil {
			return err
		}
		work = least(work, after-before)
		if err := os.Remove(out); err != nil {
			return err
		}
	}
	keep, id, err := s.keeps(ctx)
	if err != nil {
		return err
	}
	for range 5 * b.rounds {
		start := time.Now()
		if err := s.ask(ctx, "GET", yearlyPath+"/"+id+"/people?of=women", "", nil, &struct{}{}); err != nil {
			return err
		}
		page = least(page, time.Since(start).Seconds()*1000)
	}
	size := strconv.Itoa(b.big)
	b.table.most("yearly return, "+size+" members: counted and streamed", amount{floor.Seconds, seconds}, amount{stream, seconds}, 3)
	b.table.note("yearly return, "+size+" members: CPU of it", amount{floor.CPU, seconds}, amount{work, seconds})
	b.table.note("yearly return, "+size+" members: kept with its lists", amount{floor.Seconds, seconds}, amount{keep, seconds})
	b.table.note("yearly return: the list behind a figure, 50 rows", amount{}, amount{page, millis})
	return nil
}

func least(was, is float64) float64 {
	if was == 0 || is < was {
		return is
	}
	return was
}

// keeps has a return counted and kept, and tells how long that took.
func (s *server) keeps(ctx context.Context) (took float64, id string, err error) {
	var r struct{ ID, State string }
	start := time.Now()
	err = s.ask(ctx, "POST", yearlyPath, "application/json", strings.NewReader(fmt.Sprintf(`{"year":%d}`, time.Now().Year()-4)), &r)
	for err == nil && r.State != "draft" {
		if time.Since(start) > 5*time.Minute {
			return 0, r.ID, fmt.Errorf("the return is %s after five minutes", r.State)
		}
		time.Sleep(50 * time.Millisecond)
		err = s.ask(ctx, "GET", yearlyPath+"/"+r.ID, "", nil, &r)
	}
	return time.Since(start).Seconds(), r.ID, err
}

// readsMembers is the floor: every member read with the columns that a return
// needs, by nothing but the engine.
func readsMembers(_ context.Context, args []string) (func() error, map[string]float64, error) {
	db, err := openDatabase(args[0])
	more := map[string]float64{}
	return func() error {
		defer db.Close()
		rows, err := db.Query(`SELECT id, union_id, name, name_key, sex, migrant, status, joined, work_unit FROM members`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, union, name, key, sex, status, joined, work sql.NullString
			var migrant bool
			if err := rows.Scan(&id, &union, &name, &key, &sex, &migrant, &status, &joined, &work); err != nil {
				return err
			}
			more["rows"]++
		}
		return rows.Err()
	}, more, err
}
