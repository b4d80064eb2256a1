package handover

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/law"
	"unionhall/law/books"
)

// member is one file within an archive.
type member struct {
	path string
	kind books.Archive
	size int64
	hash string
}

// packer puts the files of an archive together as they are written.
type packer struct {
	ctx      context.Context
	tx       *sqldb.Tx
	g        auth.Grant
	room     *Room
	kept     Kept
	book     ledger.Book
	chart    ledger.Accounts
	projects map[string]string
	who      map[string]string
	office   string // the committee, whose fonds (全宗) it is
	law      law.Book
	place    law.Place
	at       day.Instant
	z        *zip.Writer
	when     time.Time
	members  []member
	months   []monthNumbers
	written  *atomic.Int64 // how many files
}

// monthNumbers are the vouchers of one month.
type monthNumbers struct {
	month                           int
	count, first, last, red, sheets int64
}

// add writes one file into the archive and notes its hash.
func (p *packer) add(path string, kind books.Archive, write func(io.Writer) error) error {
	if err := p.ctx.Err(); err != nil {
		return err
	}
	w, err := p.z.CreateHeader(&zip.FileHeader{Name: path, Method: zip.Deflate, Modified: p.when})
	if err != nil {
		return err
	}
	sum := sha256.New()
	n := &counter{w: io.MultiWriter(w, sum)}
	if err := write(n); err != nil {
		return fmt.Errorf("archive %s: %w", path, err)
	}
	p.written.Add(1)
	p.members = append(p.members, member{path, kind, n.n, hex.EncodeToString(sum.Sum(nil))})
	return nil
}

// counter counts what passes.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}

// until is how long a kind is kept, in words.
func (p *packer) until(kind books.Archive) (string, error) {
	until, forever, err := keepUntil(p.law, p.place, kind, p.book.Year)
	if forever {
		return "永久", err
	}
	return string(until), err
}
