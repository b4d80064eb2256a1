// Package seal keeps what must not be read in the clear: it seals fields,
// finds sealed values by a blind index, and keys the hashes of the log. The
// keys lie in a file of their own, outside the database.
package seal

import (
	"crypto/aes"
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
	"sync"
	"time"
)

// Key is one generation of keys. Old ones stay, to open what they sealed.
type Key struct {
	Version uint16 `json:"version"`
	Seal    string `json:"seal"`  // 32 bytes as hex, as the next two
	Index   string `json:"index"` // one for all generations: indexes must agree
	Audit   string `json:"audit"`
	Made    string `json:"made"`
}

type file struct {
	Current uint16 `json:"current"`
	Keys    []Key  `json:"keys"`
}

// Keys are ready for use, by any number of goroutines at once.
type Keys struct {
	current uint16
	aead    map[uint16]cipher.AEAD
	index   *pool
	audit   *pool
	print   string
}

// pool lends keyed hashes, since making one costs more than using it.
type pool struct{ p sync.Pool }

func newPool(key []byte) *pool {
	return &pool{sync.Pool{New: func() any { return hmac.New(sha256.New, key) }}}
}

func (p *pool) sum(parts ...[]byte) (out [32]byte) {
	h := p.p.Get().(hash.Hash)
	h.Reset()
	for _, b := range parts {
		h.Write(b)
	}
	h.Sum(out[:0])
	p.p.Put(h)
	return out
}

// Create makes the key file at path, readable by its owner alone, and returns
// its keys. A file that is there already is left alone and is an error.
func Create(path string) (*Keys, error) {
	k := Key{Version: 1, Made: time.Now().UTC().Format(time.RFC3339)}
	for _, into := range []*string{&k.Seal, &k.Index, &k.Audit} {
		var b [32]byte
		if _, err := rand.Read(b[:]); err != nil {
			return nil, err
		}
		*into = hex.EncodeToString(b[:])
	}
	text, err := json.MarshalIndent(file{1, []Key{k}}, "", "  ")
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err == nil {
		return nil, fmt.Errorf("key file %s is there already: it is never overwritten", path)
	}
	if err := writeNew(path, text); err != nil {
		return nil, fmt.Errorf("key file %s cannot be written: %w", path, err)
	}
	return Load(path)
}

// writeNew puts a file in its place whole or not at all.
func writeNew(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".keys-*")
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// Load reads the key file at path.
func Load(path string) (*Keys, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("key file %s is missing: without it sealed fields cannot be opened; put it back from where it is kept", path)
	}
	if err != nil {
		return nil, fmt.Errorf("key file %s cannot be read: %w", path, err)
	}
	if st, err := os.Stat(path); err == nil && st.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		return nil, fmt.Errorf("key file %s may be read by others: run chmod 600 on it", path)
	}
	return Parse(text)
}

// Parse reads the text of a key file.
func Parse(text []byte) (*Keys, error) {
	var f file
	if err := json.Unmarshal(text, &f); err != nil || len(f.Keys) == 0 {
		return nil, errors.New("the key file is damaged: put it back from where it is kept")
	}
	k := &Keys{current: f.Current, aead: map[uint16]cipher.AEAD{}}
	for _, key := range f.Keys {
		raw, err := hex.DecodeString(key.Seal)
		if err != nil || len(raw) != 32 {
			return nil, errors.New("the key file is damaged: put it back from where it is kept")
		}
		block, err := aes.NewCipher(raw)
		if err != nil {
			return nil, err
		}
		if k.aead[key.Version], err = cipher.NewGCM(block); err != nil {
			return nil, err
		}
	}
	index, err1 := hex.DecodeString(f.Keys[0].Index)
	audit, err2 := hex.DecodeString(f.Keys[0].Audit)
	if err1 != nil || err2 != nil || len(index) != 32 || len(audit) != 32 || k.aead[f.Current] == nil {
		return nil, errors.New("the key file is damaged: put it back from where it is kept")
	}
	k.index, k.audit = newPool(index), newPool(audit)
	sum := k.index.sum([]byte("fingerprint"))
	k.print = hex.EncodeToString(sum[:8])
	return k, nil
}

// Fingerprint tells key files apart; the database keeps the one it belongs to.
func (k *Keys) Fingerprint() string { return k.print }
