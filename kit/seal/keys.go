// Package seal keeps what must not be read in the clear: it seals fields,
// finds sealed values by a blind index, keys the hashes of the log, and guards
// passwords. The keys lie in a file of their own, outside the database.
package seal

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

const keySize = 32

// Key is one generation of keys. Old ones stay, to open what they sealed. The
// index and audit keys of the first generation serve for all: what is found
// or proved by them must agree over the years.
type Key struct {
	Version uint16 `json:"version"`
	Suite   Suite  `json:"suite,omitempty"`
	Seal    string `json:"seal"` // 32 bytes as hex, as the next two
	Index   string `json:"index"`
	Audit   string `json:"audit"`
	Made    string `json:"made"`
}

type file struct {
	Current uint16 `json:"current"` // the version that seals; all open
	Keys    []Key  `json:"keys"`
}

// Keys are ready for use, by any number of goroutines at once.
type Keys struct {
	ring  atomic.Pointer[ring]
	index *pool
	audit *pool
	print string
	path  string // "" where they come from no file
	watch sync.Mutex
	stamp stamp // the file as it was last read
}

// ring is what changes when a generation is added or another one seals.
type ring struct {
	current uint16
	aead    map[uint16]cipher.AEAD
	suites  map[uint16]Suite
}

// pool lends keyed hashes, since making one costs more than using it.
type pool struct{ p sync.Pool }

func newPool(s Suite, key []byte) *pool {
	return &pool{sync.Pool{New: func() any { return hmac.New(s.hash(), key) }}}
}

func (p *pool) sum(b []byte) (out [keySize]byte) {
	h := p.p.Get().(hash.Hash)
	h.Reset()
	h.Write(b)
	h.Sum(out[:0])
	p.p.Put(h)
	return out
}

// Create makes the key file at path, readable by its owner alone, and returns
// its keys. A file that is there already is left alone and is an error, also
// when two programs start at once.
func Create(path string) (*Keys, error) { return CreateSuite(path, AES) }

// CreateSuite is Create with the algorithms of a suite. That of the first
// generation is also that of the log's hashes and the blind indexes, for good.
func CreateSuite(path string, s Suite) (*Keys, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	k := generation(1, s)
	text, err := json.MarshalIndent(file{1, []Key{k}}, "", "  ")
	if err != nil {
		return nil, err
	}
	err = writeNew(path, append(text, '\n'))
	if errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("key file %s is there already and is never overwritten", path)
	}
	if err != nil {
		return nil, fmt.Errorf("key file %s cannot be written; check the owner and rights of its folder: %w", path, err)
	}
	return Load(path)
}

func generation(version uint16, s Suite) Key {
	k := Key{Version: version, Suite: s, Made: time.Now().UTC().Format(time.RFC3339)}
	for _, into := range []*string{&k.Seal, &k.Index, &k.Audit} {
		var b [keySize]byte
		rand.Read(b[:])
		*into = hex.EncodeToString(b[:])
	}
	return k
}

// writeNew puts a file in its place whole or not at all, and never over
// another: a link, unlike a rename, fails where a file stands.
func writeNew(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".keys-*") // made with 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	err = os.Link(f.Name(), path)
	if err != nil && !errors.Is(err, fs.ErrExist) { // a file system without links
		err = writeInPlace(path, text)
	}
	return errors.Join(err, syncFolder(filepath.Dir(path)))
}

func writeInPlace(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Sync(), f.Close())
}

func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // a folder cannot be synced there
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Load reads the key file at path. One that is missing wraps fs.ErrNotExist;
// one that others may read is refused.
func Load(path string) (*Keys, error) {
	text, at, err := read(path)
	if err != nil {
		return nil, err
	}
	k, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	k.path, k.stamp = path, at
	return k, nil
}

func read(path string) (text []byte, at stamp, err error) {
	st, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, at, fmt.Errorf("key file %s is missing and nothing sealed opens without it: put it back from where it is kept: %w", path, fs.ErrNotExist)
	}
	if err != nil {
		return nil, at, fmt.Errorf("key file %s cannot be read: %w", path, err)
	}
	if open := st.Mode().Perm() & 0o077; open != 0 && runtime.GOOS != "windows" {
		return nil, at, fmt.Errorf("key file %s may be read by others (mode %04o): run chmod 600 %s", path, st.Mode().Perm(), path)
	}
	if text, err = os.ReadFile(path); err != nil {
		return nil, at, fmt.Errorf("key file %s cannot be read: %w", path, err)
	}
	return text, stamp{st.ModTime(), st.Size()}, nil
}

var errDamaged = errors.New("the key file is damaged: put it back from where it is kept")

func parseFile(text []byte) (f file, err error) {
	if err := json.Unmarshal(text, &f); err != nil || len(f.Keys) == 0 {
		return f, errDamaged
	}
	return f, nil
}

// Parse reads the text of a key file.
func Parse(text []byte) (*Keys, error) {
	f, err := parseFile(text)
	if err != nil {
		return nil, err
	}
	k, r := &Keys{}, &ring{current: f.Current, aead: map[uint16]cipher.AEAD{}, suites: map[uint16]Suite{}}
	for i, key := range f.Keys {
		if key.Version == 0 || r.aead[key.Version] != nil || key.Suite.check() != nil {
			return nil, errDamaged
		}
		sealing, err1 := raw(key.Seal)
		index, err2 := raw(key.Index)
		audit, err3 := raw(key.Audit)
		if err := errors.Join(err1, err2, err3); err != nil {
			return nil, errDamaged
		}
		if i == 0 {
			k.index, k.audit = newPool(key.Suite, index), newPool(key.Suite, audit)
			k.print = fingerprint(sealing, index, audit)
		}
		r.suites[key.Version] = key.Suite
		if r.aead[key.Version], err = key.Suite.aead(sealing); err != nil {
			return nil, err
		}
	}
	if r.aead[f.Current] == nil {
		return nil, errDamaged
	}
	k.ring.Store(r)
	return k, nil
}

func raw(text string) ([]byte, error) {
	b, err := hex.DecodeString(text)
	if err == nil && len(b) != keySize {
		err = errDamaged
	}
	return b, err
}

// fingerprint covers the first generation only, so that it stays the same
// when a new one is added.
func fingerprint(parts ...[]byte) string {
	h := sha256.New()
	h.Write([]byte("unionhall key file\n"))
	for _, p := range parts {
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Fingerprint tells key files apart; the database keeps the one it belongs to.
func (k *Keys) Fingerprint() string { return k.print }
