package seal

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// stamp tells whether a file was written anew.
type stamp struct {
	at   time.Time
	size int64
}

// Generation is a generation of keys as operators see it.
type Generation struct {
	Version uint16
	Suite   Suite
	Made    string
	Seals   bool // the one that seals what is written now
}

// Generations lists those of the key file at path.
func Generations(path string) (out []Generation, err error) {
	text, _, err := read(path)
	if err != nil {
		return nil, err
	}
	f, err := parseFile(text)
	for _, k := range f.Keys {
		out = append(out, Generation{k.Version, k.Suite, k.Made, k.Version == f.Current})
	}
	return out, err
}

// Add puts a new generation into the key file at path. It opens nothing yet
// and seals nothing: Use comes when every instance has the file.
func Add(path string, s Suite) (version uint16, err error) {
	if err := s.check(); err != nil {
		return 0, err
	}
	return version, change(path, func(f *file) error {
		for _, k := range f.Keys {
			version = max(version, k.Version)
		}
		version++
		f.Keys = append(f.Keys, generation(version, s))
		return nil
	})
}

// Use lets the generation with the version seal from now on.
func Use(path string, version uint16) error {
	return change(path, func(f *file) error {
		for _, k := range f.Keys {
			if k.Version == version {
				f.Current = version
				return nil
			}
		}
		return fmt.Errorf("there is no generation %d in %s", version, path)
	})
}

// change rewrites the key file, whole or not at all.
func change(path string, how func(*file) error) error {
	text, _, err := read(path)
	if err != nil {
		return err
	}
	f, err := parseFile(text)
	if err == nil {
		err = how(&f)
	}
	if err != nil {
		return err
	}
	if text, err = json.MarshalIndent(f, "", "  "); err != nil {
		return err
	}
	if _, err := Parse(text); err != nil {
		return err
	}
	w, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // made with 0600
	if err != nil {
		return err
	}
	_, err = w.Write(append(text, '\n'))
	if err = errors.Join(err, w.Sync(), w.Close()); err == nil {
		err = os.Rename(w.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(w.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

// Refresh reads the key file again if it was written since. A file of another
// office, or one that lacks what was known, is left alone and is an error.
func (k *Keys) Refresh() error {
	if k.path == "" {
		return nil
	}
	k.watch.Lock()
	defer k.watch.Unlock()
	st, err := os.Stat(k.path)
	if err != nil || (stamp{st.ModTime(), st.Size()}) == k.stamp {
		return err
	}
	fresh, err := Load(k.path)
	if err != nil {
		return err
	}
	if fresh.print != k.print {
		return fmt.Errorf("key file %s now belongs to another database: put back the right one", k.path)
	}
	was, now := k.ring.Load(), fresh.ring.Load()
	for v := range was.aead {
		if now.aead[v] == nil {
			return fmt.Errorf("key file %s lacks generation %d: put back the right one", k.path, v)
		}
	}
	k.ring.Store(now)
	k.stamp = fresh.stamp
	if was.current != now.current {
		slog.Info("another generation of keys seals now", "was", was.current, "is", now.current)
	}
	return nil
}

// Current is the version of the generation that seals.
func (k *Keys) Current() uint16 { return k.ring.Load().current }

// VersionOf is the generation that sealed a value, 0 for what is no seal.
func VersionOf(sealed []byte) uint16 {
	if len(sealed) < bodyAt+tagSize || sealed[0] != plainFormat && sealed[0] != packedFormat {
		return 0
	}
	return binary.BigEndian.Uint16(sealed[1:])
}

// Reseal returns a sealed value of any kind sealed by the current generation,
// or ErrBroken as Open does.
func (k *Keys) Reseal(tenant int64, table, column string, sealed []byte) ([]byte, error) {
	if VersionOf(sealed) == 0 {
		return nil, ErrBroken
	}
	d := desks.Get().(*desk)
	defer desks.Put(d)
	plain, err := k.unlock(nil, d.at(sealed[0], tenant, table, column), sealed)
	if err != nil {
		return nil, fmt.Errorf("%s.%s of tenant %d: %w", table, column, tenant, err)
	}
	out := k.lock(d, d.place, plain)
	clear(plain)
	return out, nil
}
