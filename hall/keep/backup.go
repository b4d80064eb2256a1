package keep

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/klauspost/compress/zstd"

	"unionhall/kit/files"
	"unionhall/kit/sqldb"
	"unionhall/schema"
)

// Manifest stands at the end of a backup and says what it must hold.
type Manifest struct {
	Format  string  `json:"format"` // sqlite or portable
	Made    string  `json:"made"`
	Schema  int64   `json:"schema"`
	Entries []Entry `json:"entries"`
	Tables  []Sum   `json:"tables,omitempty"` // of a portable one
}

// Sum is what a table held when it was read: its rows and their hash, which
// is the same on every engine.
type Sum struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
	Hash string `json:"sha256"`
}

// Entry is one file within a backup.
type Entry struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
	Hash string `json:"sha256"`
}

// The formats of a backup.
const (
	Native   = "sqlite"
	Portable = "portable"
)

const (
	manifestName = "manifest.json"
	databaseName = "unionhall.db"
	keysName     = "keys.json"
	filesFolder  = "files/"
	tableFolder  = "tables/"
)

// Source is what a backup is made of.
type Source struct {
	DB       *sqldb.DB
	Files    files.Store
	KeyFile  string
	Portable bool // rows as text instead of the engine's own file
}

// Backup writes all of s to a new file at path, while others work. The file
// holds the keys as well: whoever has it can read everything in it. It
// appears whole or not at all.
func Backup(ctx context.Context, s Source, path string, now time.Time) (m Manifest, err error) {
	if _, err := os.Stat(path); err == nil {
		return m, fmt.Errorf("%s is there already: name another file", path)
	}
	sweep(filepath.Dir(path))
	f, err := os.CreateTemp(filepath.Dir(path), mine("backup")+"*")
	if err != nil {
		return m, fmt.Errorf("cannot write beside %s: check the folder's rights: %w", path, err)
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	m = Manifest{Format: Native, Made: now.UTC().Format(time.RFC3339), Schema: schema.Newest()}
	if s.Portable || !s.DB.Embedded() {
		m.Format = Portable
	}
	err = errors.Join(pack(ctx, s, &m, f), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	return m, err
}

// mine begins the name of a file that this process has half written.
func mine(what string) string { return fmt.Sprintf(".%s-%d-", what, os.Getpid()) }

// sweep removes what backups that were killed left half written in dir.
func sweep(dir string) {
	for _, what := range []string{"backup", "snapshot"} {
		left, err := filepath.Glob(filepath.Join(dir, "."+what+"-*-*"))
		if err != nil {
			continue
		}
		for _, path := range left {
			var pid int
			_, err := fmt.Sscanf(filepath.Base(path), "."+what+"-%d-", &pid)
			if err == nil && pid != os.Getpid() && !alive(pid) {
				os.Remove(path)
			}
		}
	}
}

// alive reports whether a process of this machine still runs.
func alive(pid int) bool {
	p, err := os.FindProcess(pid)
	return err == nil && p.Signal(syscall.Signal(0)) == nil
}

func pack(ctx context.Context, s Source, m *Manifest, f *os.File) error {
	z, err := zstd.NewWriter(f, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(2))
	if err != nil {
		return err
	}
	p := &packer{tar: tar.NewWriter(z), m: m, now: time.Now()}
	if m.Format == Native {
		err = p.snapshot(ctx, s.DB, filepath.Dir(f.Name()))
	} else {
		err = p.tables(ctx, s.DB)
	}
	if err == nil {
		err = p.file(keysName, s.KeyFile)
	}
	if err == nil {
		err = s.Files.Walk(func(hash string, size int64) error {
			r, err := s.Files.Open(hash)
			if err != nil {
				return err
			}
			defer r.Close()
			return p.add(filesFolder+hash, size, r)
		})
	}
	if err == nil {
		err = p.manifest()
	}
	return errors.Join(err, p.tar.Close(), z.Close())
}

// packer writes entries and notes them in the manifest.
type packer struct {
	tar *tar.Writer
	m   *Manifest
	now time.Time
}

func (p *packer) add(name string, size int64, r io.Reader) error {
	if err := p.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: p.now}); err != nil {
		return err
	}
	sum := sha256.New()
	n, err := io.CopyBuffer(struct{ io.Writer }{io.MultiWriter(p.tar, sum)}, r, make([]byte, 256<<10))
	if err == nil && n != size {
		err = fmt.Errorf("%s changed its size while it was read", name)
	}
	p.m.Entries = append(p.m.Entries, Entry{name, size, hex.EncodeToString(sum.Sum(nil))})
	return err
}

func (p *packer) file(name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return err
	}
	return p.add(name, st.Size(), f)
}

// snapshot puts the engine's own file in, as it stood at one moment.
func (p *packer) snapshot(ctx context.Context, db *sqldb.DB, dir string) error {
	tmp := filepath.Join(dir, mine("snapshot")+sqldb.NewID()+".db")
	defer os.Remove(tmp)
	if err := db.Snapshot(ctx, tmp); err != nil {
		return fmt.Errorf("snapshot: %w", err)
	}
	return p.file(databaseName, tmp)
}

func (p *packer) manifest() error {
	b, err := json.MarshalIndent(p.m, "", " ")
	if err != nil {
		return err
	}
	if err := p.tar.WriteHeader(&tar.Header{Name: manifestName, Mode: 0o600, Size: int64(len(b)), ModTime: p.now}); err != nil {
		return err
	}
	_, err = io.Copy(p.tar, bytes.NewReader(b))
	return err
}
