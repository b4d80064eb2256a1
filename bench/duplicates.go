package main

import (
	"context"
	"fmt"
	"os"
	"time"
)

const twinsPath = "/grassroots/registry/twins"

// duplicates has the product look for members who may be one person, and
// measures the whole of it: from the press to the list. The floor reads the
// same columns of the same rows and does nothing with them.
func (b *bench) duplicates(ctx context.Context) error {
	var floor, ours cost
	for round := range b.rounds {
		data, err := b.city(ctx, b.twins)
		if err != nil {
			return err
		}
		one, err := b.alone(ctx, "everybody", database(data))
		if err != nil {
			return err
		}
		floor.best(one)
		if one, err = b.lookForTwins(ctx, data, round); err != nil {
			return err
		}
		ours.best(one)
		if err := os.RemoveAll(data); err != nil {
			return err
		}
	}
	b.table.most(fmt.Sprintf("duplicates among %d (floor: reading the same rows)", b.twins), amount{floor.Seconds, seconds}, amount{ours.Seconds, seconds}, 30)
	b.table.note("the same: CPU", amount{floor.CPU, seconds}, amount{ours.CPU, seconds})
	b.table.most("the same: most memory of the process", amount{floor.Peak, megabytes}, amount{ours.Peak, megabytes}, 250)
	return nil
}

// lookForTwins runs one search through a server of its own.
func (b *bench) lookForTwins(ctx context.Context, data string, round int) (c cost, err error) {
	s, err := b.product(ctx, data)
	if err != nil {
		return c, err
	}
	defer s.stop()
	if err := s.signIn(ctx); err != nil {
		return c, err
	}
	time.Sleep(time.Second)
	var list struct {
		Items []any `json:"items"`
	}
	c, err = b.watch(s, round, "duplicates", func() error {
		var j struct{ ID, State, Note string }
		if err := s.ask(ctx, "POST", twinsPath+"/search", "application/json", nil, &j); err != nil {
			return err
		}
		for start := time.Now(); j.State != "done"; time.Sleep(20 * time.Millisecond) {
			if err := s.ask(ctx, "GET", "/jobs/"+j.ID, "", nil, &j); err != nil {
				return err
			}
			if time.Since(start) > 10*time.Minute || j.State == "failed" {
				return fmt.Errorf("the search is %s: %s", j.State, j.Note)
			}
		}
		return s.ask(ctx, "GET", twinsPath, "", nil, &list)
	})
	if err == nil && len(list.Items) == 0 {
		err = fmt.Errorf("no twins in a city that has some")
	}
	return c, err
}

// everybody is a floor: reading of every member what the search reads.
func everybody(_ context.Context, args []string) (func() error, map[string]float64, error) {
	db, err := openDatabase(args[0])
	if err != nil {
		return nil, nil, err
	}
	return func() error {
		rows, err := db.Query(`SELECT id, union_id, name, sex, birthday, id_type, id_sealed, phone, status FROM members ORDER BY tenant_id, id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var v [9]any
			if err := rows.Scan(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5], &v[6], &v[7], &v[8]); err != nil {
				return err
			}
		}
		return rows.Err()
	}, nil, nil
}
