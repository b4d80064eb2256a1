package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"unionhall/kit/fault"
)

// Closer is a store that is let go in the end.
type Closer interface {
	Store
	Close() error
}

// Objects is the store in a bucket that speaks the S3 protocol; blobs lie
// under prefix/ab/cdef….
type Objects struct {
	client         *minio.Client
	bucket, prefix string
}

// How long an object store may take: to be reached, to begin its answer, to
// answer a small question. tries is how often a request is sent at most.
const (
	objectDial   = 5 * time.Second
	objectAnswer = 20 * time.Second
	objectTime   = 30 * time.Second
	tries        = 4
)

// OpenObjects opens the bucket of an address such as
// s3://bucket/prefix?endpoint=https://host:9000&region=cn-north-1.
func OpenObjects(address, key, secret string) (*Objects, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" {
		return nil, errors.New("the object store's address must look like s3://bucket/prefix?endpoint=https://host:port")
	}
	end, err := url.Parse(u.Query().Get("endpoint"))
	if err != nil || end.Host == "" || end.Scheme != "https" && end.Scheme != "http" {
		return nil, errors.New("the object store's address lacks its endpoint: add ?endpoint=https://host:port")
	}
	region := u.Query().Get("region")
	if region == "" {
		region = "us-east-1"
	}
	c, err := minio.New(end.Host, &minio.Options{
		Creds: credentials.NewStaticV4(key, secret, ""), Secure: end.Scheme == "https", Region: region,
		BucketLookup: minio.BucketLookupPath, MaxRetries: tries,
		Transport: &http.Transport{
			DialContext: (&net.Dialer{Timeout: objectDial}).DialContext, TLSHandshakeTimeout: objectDial,
			ResponseHeaderTimeout: objectAnswer, MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("object store: %w", err)
	}
	s := &Objects{c, u.Host, strings.Trim(u.Path, "/")}
	ctx, done := context.WithTimeout(context.Background(), objectTime)
	defer done()
	if found, err := c.BucketExists(ctx, s.bucket); err != nil {
		return nil, fmt.Errorf("the object store at %s cannot be reached, or refuses the key: %w", end.Host, err)
	} else if !found {
		return nil, fmt.Errorf("the object store at %s has no bucket %s: make it first", end.Host, s.bucket)
	}
	return s, nil
}

// Close lets nothing go: connections end by themselves.
func (s *Objects) Close() error { return nil }

func (s *Objects) name(hash string) (string, error) {
	p, err := place(hash)
	if err != nil || s.prefix == "" {
		return p, err
	}
	return s.prefix + "/" + p, nil
}

// told adds what a person is told to what only the operator can mend.
func told(err error) error {
	r := minio.ToErrorResponse(err)
	switch {
	case err == nil:
		return nil
	case r.Code == "NoSuchKey" || r.StatusCode == http.StatusNotFound:
		return gone()
	case errors.Is(err, context.Canceled):
		return err
	}
	return errors.Join(fault.New(fault.Busy, "存放附件的服务暂时连不上，附件没有收下或打不开。请过一会儿再试；仍不行请告诉系统管理员。"), err)
}

// Put implements Store. What comes is kept in a file of this machine until its
// hash is known.
func (s *Objects) Put(ctx context.Context, r io.Reader, limit int64) (Blob, error) {
	f, err := os.CreateTemp("", "unionhall-blob-*")
	if err != nil {
		return Blob{}, explain(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	b, err := receive(ctx, f, r, limit)
	if err != nil {
		return Blob{}, explain(err)
	}
	if size, err := s.Size(b.Hash); err == nil && size == b.Size {
		return b, nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return Blob{}, err
	}
	name, err := s.name(b.Hash)
	if err != nil {
		return Blob{}, err
	}
	_, err = s.client.PutObject(ctx, s.bucket, name, f, b.Size, minio.PutObjectOptions{ContentType: b.Type, DisableMultipart: true})
	return b, told(err)
}

// Open implements Store.
func (s *Objects) Open(hash string) (File, error) {
	if _, err := s.Size(hash); err != nil {
		return nil, err
	}
	name, err := s.name(hash)
	if err != nil {
		return nil, err
	}
	o, err := s.client.GetObject(context.Background(), s.bucket, name, minio.GetObjectOptions{})
	if err != nil {
		return nil, told(err)
	}
	return object{o}, nil
}

// object tells in words what goes wrong while it is read.
type object struct{ *minio.Object }

func (o object) Read(b []byte) (int, error) {
	n, err := o.Object.Read(b)
	return n, unlessEnd(err)
}

func (o object) ReadAt(b []byte, at int64) (int, error) {
	n, err := o.Object.ReadAt(b, at)
	return n, unlessEnd(err)
}

func unlessEnd(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return told(err)
}

// Size implements Store.
func (s *Objects) Size(hash string) (int64, error) {
	name, err := s.name(hash)
	if err != nil {
		return 0, err
	}
	ctx, done := context.WithTimeout(context.Background(), objectTime)
	defer done()
	info, err := s.client.StatObject(ctx, s.bucket, name, minio.StatObjectOptions{})
	return info.Size, told(err)
}

// Verify implements Store.
func (s *Objects) Verify(hash string) error {
	f, err := s.Open(hash)
	if err != nil {
		return err
	}
	defer f.Close()
	return verify(f, hash)
}

func verify(r io.Reader, hash string) error {
	sum := sha256.New()
	if _, err := io.Copy(sum, r); err != nil {
		return fmt.Errorf("file %s: %w", hash, err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != hash {
		return fmt.Errorf("file %s: %w", hash, ErrChanged)
	}
	return nil
}

// Walk implements Store.
func (s *Objects) Walk(f func(hash string, size int64) error) error {
	ctx, done := context.WithCancel(context.Background())
	defer done()
	under := s.prefix
	if under != "" {
		under += "/"
	}
	for o := range s.client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: under, Recursive: true}) {
		if o.Err != nil {
			return told(o.Err)
		}
		hash := strings.ReplaceAll(strings.TrimPrefix(o.Key, under), "/", "")
		if _, err := place(hash); err != nil {
			continue // not ours
		}
		if err := f(hash, o.Size); err != nil {
			return err
		}
	}
	return nil
}

// Delete implements Store.
func (s *Objects) Delete(hash string) error {
	name, err := s.name(hash)
	if err != nil {
		return err
	}
	ctx, done := context.WithTimeout(context.Background(), objectTime)
	defer done()
	err = told(s.client.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{}))
	if fault.Of(err).Kind == fault.NotFound {
		return nil
	}
	return err
}

// Copy puts every blob of from into to that is not there yet, and tells how
// many it moved and how many there are. It may be run again.
func Copy(ctx context.Context, from, to Store) (moved, all int64, err error) {
	err = from.Walk(func(hash string, size int64) error {
		all++
		if there, err := to.Size(hash); err == nil && there == size {
			return ctx.Err()
		}
		f, err := from.Open(hash)
		if err != nil {
			return err
		}
		defer f.Close()
		b, err := to.Put(ctx, f, size)
		if err == nil && b.Hash != hash {
			err = fmt.Errorf("file %s: %w", hash, ErrChanged)
		}
		moved++
		return err
	})
	return moved, all, err
}
