package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"unionhall/hall"
	"unionhall/kit/sqldb"
)

// vacuum is the floor of a backup: VACUUM INTO a file that is then synced.
func vacuum(ctx context.Context, args []string) (func() error, map[string]float64, error) {
	db, err := openDatabase(args[0])
	return func() error {
		defer db.Close()
		if _, err := db.ExecContext(ctx, `VACUUM INTO $1`, args[1]); err != nil {
			return err
		}
		f, err := os.OpenFile(args[1], os.O_RDWR, 0)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	}, nil, err
}

// copyAndCheck is the floor of a restore: a copy of the database that SQLite
// then looks through.
func copyAndCheck(ctx context.Context, args []string) (func() error, map[string]float64, error) {
	return func() error {
		if err := copyFile(args[0], args[1]); err != nil {
			return err
		}
		db, err := sql.Open("sqlite", "file:"+args[1]+"?mode=ro")
		if err != nil {
			return err
		}
		defer db.Close()
		var said string
		if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&said); err != nil || said != "ok" {
			return fmt.Errorf("quick_check: %q, %w", said, err)
		}
		return nil
	}, nil, nil
}

// backsUp makes a backup of the house in a folder.
func backsUp(ctx context.Context, args []string) (func() error, map[string]float64, error) {
	h, err := hall.Open(ctx, hall.Settings{Data: args[0]})
	return func() error {
		_, err := h.Backup(ctx, args[1], false, time.Now())
		return errors.Join(err, h.Close())
	}, nil, err
}

// restores puts a backup into a new folder.
func restores(ctx context.Context, args []string) (func() error, map[string]float64, error) {
	return func() error {
		_, err := hall.Restore(ctx, args[0], hall.Settings{Data: args[1]}, false)
		return err
	}, nil, nil
}

// writesBeside writes a small thing every few milliseconds, as people at work
// do, and tells the longest wait: first by itself for a while, then beside a
// backup.
func writesBeside(ctx context.Context, args []string) (func() error, map[string]float64, error) {
	h, err := hall.Open(ctx, hall.Settings{Data: args[0]})
	if err != nil {
		return nil, nil, err
	}
	alone, err := strconv.ParseFloat(args[2], 64)
	more := map[string]float64{}
	return func() error {
		err := longestWait(ctx, h.DB, "alone", more, func() error {
			time.Sleep(time.Duration(alone * float64(time.Second)))
			return nil
		})
		if err == nil {
			err = longestWait(ctx, h.DB, "beside", more, func() error {
				_, err := h.Backup(ctx, args[1], false, time.Now())
				return err
			})
		}
		return errors.Join(err, h.Close())
	}, more, err
}

// longestWait notes how long the slowest write took while f was at work.
func longestWait(ctx context.Context, db *sqldb.DB, name string, into map[string]float64, f func() error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var worst time.Duration
	var failed error
	writes := 0
	var writer sync.WaitGroup
	writer.Go(func() {
		for ctx.Err() == nil && failed == nil {
			start := time.Now()
			failed = db.Do(context.WithoutCancel(ctx), func(tx *sqldb.Tx) error {
				_, err := tx.Exec(ctx, `
					INSERT INTO counters (tenant_id, kind, scope, last) VALUES (1, 'bench', $1, 1)
					ON CONFLICT (tenant_id, kind, scope) DO UPDATE SET last = counters.last + 1`, name)
				return err
			})
			worst = max(worst, time.Since(start))
			writes++
			time.Sleep(2 * time.Millisecond)
		}
	})
	err := f()
	stop()
	writer.Wait()
	into[name] = ms(worst).n
	if err = errors.Join(err, failed); err == nil && writes < 20 {
		err = fmt.Errorf("only %d writes %s", writes, name)
	}
	return err
}

// backup measures an online backup and its verified restore.
func (b *bench) backup(ctx context.Context) error {
	data, err := b.city(ctx, b.big)
	if err != nil {
		return err
	}
	var floor, ours, copied, restored, waits cost
	for round := range b.rounds {
		dir := filepath.Join(b.dir, "backup-"+strconv.Itoa(round))
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
		snapshot, file := filepath.Join(dir, "vacuum.db"), filepath.Join(dir, "backup")
		for _, step := range []struct {
			best *cost
			name string
			args []string
		}{
			{&floor, "vacuum", []string{database(data), snapshot}},
			{&ours, "backup", []string{data, file}},
			{&copied, "copy", []string{snapshot, filepath.Join(dir, "copy.db")}},
			{&restored, "restore", []string{file, filepath.Join(dir, "restored")}},
			{&waits, "unsettling", []string{data, filepath.Join(dir, "beside"), number(max(1, ours.Seconds))}},
		} {
			c, err := b.alone(ctx, step.name, step.args...)
			if err != nil {
				return err
			}
			step.best.best(c)
		}
		if round == b.rounds-1 {
			if err := b.sizes(database(data), file); err != nil {
				return err
			}
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	what := strconv.Itoa(b.big) + " members"
	b.table.times("online backup, "+what+" (floor: VACUUM INTO and sync)", amount{floor.Seconds, seconds}, amount{ours.Seconds, seconds}, 2)
	b.table.note("the same: CPU", amount{floor.CPU, seconds}, amount{ours.CPU, seconds})
	b.table.most("the same: longest wait of a writer beside it (floor: without it)", amount{waits.More["alone"], millis}, amount{waits.More["beside"], millis}, 100)
	b.table.note("the same: most memory", amount{floor.Peak, megabytes}, amount{ours.Peak, megabytes})
	b.table.times("verified restore, "+what+" (floor: copy and quick_check)", amount{copied.Seconds, seconds}, amount{restored.Seconds, seconds}, 4)
	b.table.note("the same: CPU", amount{copied.CPU, seconds}, amount{restored.CPU, seconds})
	return nil
}

// sizes notes how large a backup is beside the database.
func (b *bench) sizes(database, backup string) error {
	from, err := os.Stat(database)
	if err != nil {
		return err
	}
	to, err := os.Stat(backup)
	if err != nil {
		return err
	}
	b.table.note("size of the backup (floor: the database)", amount{float64(from.Size()) / (1 << 20), megabytes}, amount{float64(to.Size()) / (1 << 20), megabytes})
	return nil
}
