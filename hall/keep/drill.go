package keep

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"unionhall/kit/sqldb"
)

// scratch begins the names of folders in which drills work.
const scratch = "drill"

// Scratch makes a folder of this process's own below dir, and removes those
// of processes that are no more.
func Scratch(dir string) (string, error) {
	left, err := filepath.Glob(filepath.Join(dir, "."+scratch+"-*-*"))
	if err != nil {
		return "", err
	}
	for _, path := range left {
		var pid int
		if _, err := fmt.Sscanf(filepath.Base(path), "."+scratch+"-%d-", &pid); err == nil && (pid == os.Getpid() || !alive(pid)) {
			if err := os.RemoveAll(path); err != nil {
				return "", err
			}
		}
	}
	return os.MkdirTemp(dir, mine(scratch)+"*")
}

// ErrNoRoom says that a disk has not the room for a drill.
var ErrNoRoom = errors.New("not enough room on the disk")

// spare is what a drill leaves free for those who work.
const spare = 256 << 20

// Room fails with ErrNoRoom where the disk of dir could not hold a backup of s
// and a copy made of it, and tells how much that is.
func Room(ctx context.Context, s Source, dir string) (need int64, err error) {
	if need, err = s.DB.Size(ctx); err != nil {
		return 0, err
	}
	need *= 2 // rows as text, packed, and the copy with its indexes
	err = s.Files.Walk(func(_ string, size int64) error { need += 2 * size; return ctx.Err() })
	if err != nil {
		return need, err
	}
	if free := freeSpace(dir); free >= 0 && free < need+spare {
		return need, fmt.Errorf("%w: %d MB are needed, %d are free", ErrNoRoom, (need+spare)>>20, free>>20)
	}
	return need, nil
}

// Unlike names the tables that a database does not hold as a backup does.
func Unlike(ctx context.Context, m Manifest, db *sqldb.DB) ([]string, error) {
	got, err := TableHashes(ctx, db)
	if err != nil {
		return nil, err
	}
	var unlike []string
	for _, t := range m.Tables {
		if got[t.Name] != t.Hash {
			unlike = append(unlike, t.Name)
		}
	}
	return unlike, nil
}
