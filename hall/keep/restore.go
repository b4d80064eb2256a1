package keep

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"

	"unionhall/kit/sqldb"
	"unionhall/schema"
)

// Target is where a backup is restored to: a folder, and a server's database
// where DB names one.
type Target struct {
	Dir, DB string
	Force   bool // put aside what is there
}

func (t Target) where() string {
	if t.DB != "" {
		return t.DB
	}
	return filepath.Join(t.Dir, databaseName)
}

// Restore unpacks the backup at path into t. Nothing is put in place before
// every hash was found right and the database sound. A folder that holds an
// office is refused; with Force it is put aside under another name.
func Restore(ctx context.Context, path string, t Target) (Manifest, error) {
	var m Manifest
	if err := vacant(t); err != nil {
		return m, err
	}
	f, err := os.Open(path)
	if err != nil {
		return m, fmt.Errorf("backup %s cannot be read: %w", path, err)
	}
	defer f.Close()
	above := filepath.Dir(filepath.Clean(t.Dir))
	if err := os.MkdirAll(above, 0o700); err != nil {
		return m, err
	}
	tmp, err := os.MkdirTemp(above, ".restore-*")
	if err != nil {
		return m, fmt.Errorf("cannot write in %s: check its rights: %w", above, err)
	}
	defer os.RemoveAll(tmp)
	if m, err = unpack(f, tmp); err != nil {
		return m, fmt.Errorf("backup %s: %w", path, err)
	}
	if err := load(ctx, m, tmp, t); err != nil {
		return m, err
	}
	return m, place(tmp, t)
}

// vacant refuses a target that holds an office already.
func vacant(t Target) error {
	names, err := os.ReadDir(t.Dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if len(names) > 0 && !t.Force {
		return fmt.Errorf("folder %s is not empty: name another with --data, or add --force to put aside what is there", t.Dir)
	}
	return nil
}

// unpack writes the entries below dir and proves them by the manifest.
func unpack(f io.Reader, dir string) (m Manifest, err error) {
	z, err := zstd.NewReader(f, zstd.WithDecoderConcurrency(2), zstd.WithDecoderMaxWindow(64<<20))
	if err != nil {
		return m, err
	}
	defer z.Close()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return m, err
	}
	defer root.Close()
	found := map[string]Entry{}
	r := tar.NewReader(z)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return m, fmt.Errorf("damaged or cut off: %w", err)
		}
		if h.Name == manifestName {
			if err := json.NewDecoder(r).Decode(&m); err != nil {
				return m, err
			}
			continue
		}
		e, err := unpackOne(root, h, r)
		if err != nil {
			return m, err
		}
		found[e.Name] = e
	}
	if len(m.Entries) == 0 {
		return m, errors.New("the list of what it holds is missing: it is damaged, cut off or no backup of this program")
	}
	for _, e := range m.Entries {
		if found[e.Name] != e {
			return m, fmt.Errorf("%s is not what it was when the backup was made", e.Name)
		}
		delete(found, e.Name)
	}
	if len(found) > 0 {
		return m, errors.New("it holds files that were not in it when it was made")
	}
	return m, nil
}

func unpackOne(root *os.Root, h *tar.Header, r io.Reader) (e Entry, err error) {
	if err := root.MkdirAll(filepath.Dir(h.Name), 0o700); err != nil {
		return e, err
	}
	f, err := root.OpenFile(h.Name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return e, err
	}
	sum := sha256.New()
	n, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(f, sum)}, r, make([]byte, 256<<10))
	return Entry{h.Name, n, hex.EncodeToString(sum.Sum(nil))}, errors.Join(err, f.Sync(), f.Close())
}

// load makes the database of what was unpacked: checks the engine's own file,
// or writes the rows into an empty schema.
func load(ctx context.Context, m Manifest, dir string, t Target) error {
	if newest := schema.Newest(); m.Schema > newest {
		return fmt.Errorf("the backup is of a newer version (%d) than this program (%d): use the newer program", m.Schema, newest)
	}
	if m.Format == Native {
		if t.DB != "" {
			return errors.New("this backup is the embedded database's own file: make one with --portable to restore it into a server")
		}
		return sqldb.QuickCheck(ctx, filepath.Join(dir, databaseName))
	}
	where := t.DB
	if where == "" {
		where = filepath.Join(dir, databaseName)
	}
	db, err := sqldb.Open(where)
	if err != nil {
		return err
	}
	defer db.Close()
	if has, _, err := db.Versions(ctx, schema.Files); err != nil || has > 0 && t.DB != "" {
		return errors.Join(err, errors.New("the server's database is not empty: name a new one with --db"))
	}
	if err := db.Migrate(ctx, schema.Files); err != nil {
		return err
	}
	for _, table := range tables() {
		f, err := os.Open(filepath.Join(dir, tableFolder, table.Name+".jsonl"))
		if errors.Is(err, os.ErrNotExist) {
			continue // the backup is older than the table
		}
		if err == nil {
			err = errors.Join(loadTable(ctx, db, table.Name, table.Flags, f), f.Close())
		}
		if err != nil {
			return fmt.Errorf("table %s: %w", table.Name, err)
		}
	}
	return nil
}

// place puts what was unpacked where the office is to stand.
func place(dir string, t Target) error {
	if err := errors.Join(os.RemoveAll(filepath.Join(dir, tableFolder)), spread(dir)); err != nil {
		return err
	}
	if _, err := os.Stat(t.Dir); err == nil {
		names, err := os.ReadDir(t.Dir)
		if err != nil {
			return err
		}
		if len(names) == 0 {
			err = os.Remove(t.Dir)
		} else {
			err = os.Rename(t.Dir, fmt.Sprintf("%s.before-%s", filepath.Clean(t.Dir), sqldb.NewID()[:13]))
		}
		if err != nil {
			return err
		}
	}
	return os.Rename(dir, t.Dir)
}

// spread gives blobs the folders that the store keeps them in.
func spread(dir string) error {
	at := filepath.Join(dir, filesFolder)
	names, err := os.ReadDir(at)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, n := range names {
		if len(n.Name()) != 64 || strings.Contains(n.Name(), ".") {
			continue
		}
		to := filepath.Join(at, n.Name()[:2])
		if err := os.MkdirAll(to, 0o700); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(at, n.Name()), filepath.Join(to, n.Name()[2:])); err != nil {
			return err
		}
	}
	return nil
}
