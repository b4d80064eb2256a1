// Package files keeps the bytes of files under the hash of their content.
package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

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
	// Verify reads a blob and reports whether it still is what its name says.
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

// Folder is the store in a directory: the first two characters of the hash
// name a folder, the rest the file.
type Folder struct{ root *os.Root }

const incoming = "incoming"

// OpenFolder opens the store in dir and clears what a crash left half written.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("folder %s cannot be made: check the rights of the folder above: %w", dir, err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(root.RemoveAll(incoming), root.MkdirAll(incoming, 0o700)); err != nil {
		return nil, fmt.Errorf("folder %s cannot be written: check its owner and rights", dir)
	}
	return &Folder{root}, nil
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
func (s *Folder) Put(ctx context.Context, r io.Reader, limit int64) (b Blob, err error) {
	name := incoming + "/" + filepath.Base(tempName())
	f, err := s.root.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return b, explain(err)
	}
	defer func() {
		f.Close()
		if err != nil {
			s.root.Remove(name)
		}
	}()
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, sum), io.LimitReader(whileWanted{ctx, r}, limit+1))
	if err != nil {
		return b, explain(err)
	}
	if n > limit {
		return b, fault.New(fault.TooLarge, "文件超过 %d MB，没有收下。请删去无关内容或分成几个文件后再传。", limit>>20)
	}
	head := make([]byte, 512)
	got, err := f.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return b, err
	}
	b = Blob{hex.EncodeToString(sum.Sum(nil)), n, Type(head[:got])}
	to, err := place(b.Hash)
	if err != nil {
		return b, err
	}
	if err = f.Sync(); err == nil {
		err = s.root.MkdirAll(b.Hash[:2], 0o700)
	}
	if err == nil {
		err = s.root.Rename(name, to)
	}
	return b, explain(err)
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

func explain(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return errors.Join(fault.New(fault.Busy, "服务器磁盘已满，文件没有收下。请联系系统管理员腾出空间后重试。"), err)
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
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != hash {
		return fmt.Errorf("file %s was changed", hash)
	}
	return nil
}

// Walk implements Store.
func (s *Folder) Walk(f func(hash string, size int64) error) error {
	return fs.WalkDir(s.root.FS(), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(path, incoming) {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		return f(strings.ReplaceAll(path, "/", ""), info.Size())
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
