// Package files keeps the bytes of files under the hash of their content.
package files

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"unionhall/kit/fault"
)

// Blob is what is stored: the SHA-256 of its content as hex, its size and
// what kind of content it is.
type Blob struct {
	Hash string `json:"hash"`
	Size int64  `json:"size"`
	Type string `json:"type"`
}

// Store keeps blobs. A folder is one, an object store another.
type Store interface {
	// Put stores what r gives. More than limit bytes is fault.TooLarge, a full
	// disk fault.Busy. The same content again is stored once.
	Put(ctx context.Context, r io.Reader, limit int64) (Blob, error)
	// Open returns the content under a hash, or fault.NotFound.
	Open(hash string) (File, error)
	// Size is how many bytes stand under a hash, or fault.NotFound.
	Size(hash string) (int64, error)
	// Verify reads a blob; one that is not what its name says is ErrChanged.
	Verify(hash string) error
	// Walk calls f for every hash that is stored.
	Walk(f func(hash string, size int64) error) error
	// Delete removes a blob; one that is not there is no error.
	Delete(hash string) error
}

// File is an open blob.
type File interface {
	io.Reader
	io.ReaderAt
	io.Closer
}

// ErrChanged says that a blob is not what its name says.
var ErrChanged = errors.New("its content was changed")

// Folder is the store in a directory: the first two characters of the hash
// name a folder, the rest the file.
type Folder struct{ root *os.Root }

const incoming = "incoming"

// abandoned is how long nothing may have been written to an upload before it
// counts as left over: another process may be receiving one right now.
const abandoned = time.Hour

// OpenFolder opens the store in dir and clears what a crash left half written.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder %s cannot be made; check the owner and rights of the folder above: %w", dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("folder %s cannot be opened; check its owner and rights: %w", dir, err)
	}
	s := &Folder{root}
	if err := s.sweep(time.Now()); err != nil {
		root.Close()
		return nil, fmt.Errorf("folder %s cannot be written; check its owner and rights: %w", dir, err)
	}
	return s, nil
}

func (s *Folder) sweep(now time.Time) error {
	if err := s.root.MkdirAll(incoming, 0o700); err != nil {
		return err
	}
	left, err := fs.ReadDir(s.root.FS(), incoming)
	if err != nil {
		return err
	}
	for _, e := range left {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // just put in its place
		}
		if err != nil {
			return err
		}
		if now.Sub(info.ModTime()) < abandoned {
			continue
		}
		if err := s.root.Remove(incoming + "/" + e.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return s.probe()
}

// probe makes sure that files can be written, now and not at the first upload.
func (s *Folder) probe() error {
	name := incoming + "/" + rand.Text()
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), s.root.Remove(name))
}

// Close lets the folder go.
func (s *Folder) Close() error { return s.root.Close() }

func place(hash string) (string, error) {
	if len(hash) != 64 || strings.Trim(hash, "0123456789abcdef") != "" {
		return "", gone()
	}
	return hash[:2] + "/" + hash[2:], nil
}

func gone() error { return fault.New(fault.NotFound, "文件不存在或已被移走。") }

// Put implements Store.
func (s *Folder) Put(ctx context.Context, r io.Reader, limit int64) (Blob, error) {
	name := incoming + "/" + rand.Text()
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return Blob{}, explain(err)
	}
	b, err := receive(ctx, f, r, limit)
	if err := errors.Join(err, f.Close()); err != nil {
		return Blob{}, explain(errors.Join(err, s.root.Remove(name)))
	}
	if err := s.settle(name, b.Hash); err != nil {
		return Blob{}, explain(err)
	}
	return b, nil
}

// receive writes what r gives to f, safe from a crash.
func receive(ctx context.Context, f *os.File, r io.Reader, limit int64) (Blob, error) {
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, sum), io.LimitReader(whileWanted{ctx, r}, limit+1))
	if err != nil {
		return Blob{}, err
	}
	if n > limit {
		return Blob{}, fault.New(fault.TooLarge, "文件超过 %s，没有收下。请删去无关内容或分成几个文件后再传。", readable(limit))
	}
	kind, err := typeOf(f, n)
	if err != nil {
		return Blob{}, err
	}
	return Blob{hex.EncodeToString(sum.Sum(nil)), n, kind}, f.Sync()
}

// settle moves a received file to its place. One that is there already is
// replaced by the same content, which also mends it if it was damaged.
func (s *Folder) settle(name, hash string) error {
	dir := hash[:2]
	if err := s.root.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := s.root.Rename(name, dir+"/"+hash[2:]); err != nil {
		return err
	}
	if runtime.GOOS == "windows" {
		return nil // a folder cannot be synced there
	}
	d, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func readable(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d 千字节", bytes>>10)
	}
	return fmt.Sprintf("%d 兆字节", bytes>>20)
}

// whileWanted stops reading when the request has gone.
type whileWanted struct {
	ctx context.Context
	r   io.Reader
}

func (w whileWanted) Read(b []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.r.Read(b)
}

// explain adds what a person is told to what only the operator can mend.
func explain(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return errors.Join(fault.New(fault.Busy, "服务器磁盘已满，文件没有收下。请联系系统管理员腾出空间后重试。"), err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return errors.Join(fault.New(fault.Busy, "服务器存放文件的文件夹不能写入，文件没有收下。请联系系统管理员检查文件夹的权限后重试。"), err)
	}
	return err
}

// Open implements Store.
func (s *Folder) Open(hash string) (File, error) {
	p, err := place(hash)
	if err != nil {
		return nil, err
	}
	f, err := s.root.Open(p)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, gone()
	}
	return f, err
}

// Size implements Store.
func (s *Folder) Size(hash string) (int64, error) {
	p, err := place(hash)
	if err != nil {
		return 0, err
	}
	st, err := s.root.Stat(p)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, gone()
	}
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

// Verify implements Store.
func (s *Folder) Verify(hash string) error {
	f, err := s.Open(hash)
	if err != nil {
		return err
	}
	defer f.Close()
	return verify(f, hash)
}

// Walk implements Store.
func (s *Folder) Walk(f func(hash string, size int64) error) error {
	return fs.WalkDir(s.root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if path == incoming {
			return fs.SkipDir
		}
		hash := strings.ReplaceAll(path, "/", "")
		if _, bad := place(hash); err != nil || d.IsDir() || bad != nil {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // deleted meanwhile
		}
		if err != nil {
			return err
		}
		return f(hash, info.Size())
	})
}

// Delete implements Store.
func (s *Folder) Delete(hash string) error {
	p, err := place(hash)
	if err != nil {
		return err
	}
	if err := s.root.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
