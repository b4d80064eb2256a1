package seal

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"sync"
)

// A sealed value is: format (1 byte), version of the key (2), nonce (12),
// ciphertext with its tag. Format, tenant, table and column are bound to it,
// so that it opens nowhere else. The version tells the suite too (R1.72).
//
// Nonces are random: a generation of keys is good for some four thousand
// million seals, a hundred for every sealed field of ten million members.
const (
	plainFormat  = 1 // sealed
	packedFormat = 2 // zstd, then sealed
	nonceAt      = 3
	nonceSize    = 12
	bodyAt       = nonceAt + nonceSize
	tagSize      = 16
)

// ErrBroken says that a sealed value was changed, moved from another place, or
// belongs to other keys.
var ErrBroken = errors.New("a sealed value was changed, moved or belongs to other keys")

// desk is what sealing needs beside its result, lent so that nothing is
// allocated; its randomness is buffered, since a system call a field would
// cost more than the sealing.
type desk struct {
	random *bufio.Reader
	place  []byte
	plain  []byte
}

var desks = sync.Pool{New: func() any {
	return &desk{random: bufio.NewReaderSize(rand.Reader, 128*nonceSize)}
}}

func (d *desk) at(format byte, tenant int64, table, column string) []byte {
	b := append(d.place[:0], format)
	b = strconv.AppendInt(b, tenant, 10)
	b = append(b, '|')
	b = append(b, table...)
	b = append(b, '.')
	d.place = append(b, column...)
	return d.place
}

// Seal returns plain sealed for one column of one tenant's table.
func (k *Keys) Seal(tenant int64, table, column, plain string) []byte {
	d := desks.Get().(*desk)
	d.plain = append(d.plain[:0], plain...)
	out := k.lock(d, d.at(plainFormat, tenant, table, column), d.plain)
	clear(d.plain) // the desk goes back to the pool without the value
	desks.Put(d)
	return out
}

// lock seals plain; the format is the first byte of at.
func (k *Keys) lock(d *desk, at, plain []byte) []byte {
	out := make([]byte, bodyAt, bodyAt+len(plain)+tagSize)
	out[0] = at[0]
	r := k.ring.Load()
	binary.BigEndian.PutUint16(out[1:], r.current)
	if _, err := io.ReadFull(d.random, out[nonceAt:bodyAt]); err != nil {
		panic(err) // the system gives no randomness: nothing may go on
	}
	return r.aead[r.current].Seal(out, out[nonceAt:bodyAt], plain, at)
}

// Open returns what was sealed for the column. A value that was changed, or
// sealed for another place or by other keys, is ErrBroken.
func (k *Keys) Open(tenant int64, table, column string, sealed []byte) (string, error) {
	d := desks.Get().(*desk)
	b, err := k.unlock(d.plain[:0], d.at(plainFormat, tenant, table, column), sealed)
	plain := string(b)
	if err == nil {
		clear(b)
		d.plain = b[:0]
	}
	desks.Put(d)
	if err != nil {
		return "", fmt.Errorf("%s.%s of tenant %d: %w", table, column, tenant, err)
	}
	return plain, nil
}

func (k *Keys) unlock(into, at, sealed []byte) ([]byte, error) {
	if len(sealed) < bodyAt+tagSize || sealed[0] != at[0] {
		return nil, ErrBroken
	}
	version := binary.BigEndian.Uint16(sealed[1:])
	a := k.ring.Load().aead[version]
	if a == nil { // another instance may have begun to use a new generation
		if err := k.Refresh(); err != nil {
			return nil, errors.Join(ErrBroken, err)
		}
		if a = k.ring.Load().aead[version]; a == nil {
			return nil, ErrBroken
		}
	}
	b, err := a.Open(into, sealed[nonceAt:bodyAt], sealed[bodyAt:], at)
	if err != nil {
		return nil, ErrBroken
	}
	return b, nil
}

// Blind returns what a value is found by where its seal may not be opened:
// the same for the same tenant, field and value, and telling nothing else.
func (k *Keys) Blind(tenant int64, field, plain string) string {
	s := k.blind(tenant, field, plain)
	return hex.EncodeToString(s[:16])
}

// BlindShort is Blind in eight bytes, for values that many share, such as the
// last digits of a number.
func (k *Keys) BlindShort(tenant int64, field, plain string) string {
	s := k.blind(tenant, field, plain)
	return hex.EncodeToString(s[:8])
}

func (k *Keys) blind(tenant int64, field, plain string) [32]byte {
	d := desks.Get().(*desk)
	b := append(d.at(0, tenant, field, ""), 0) // no field name holds a zero byte
	b = append(b, plain...)
	s := k.index.sum(b)
	clear(b)
	d.place = b[:0]
	desks.Put(d)
	return s
}

// MAC returns the keyed hash of b that proves the program wrote it. Who puts
// several parts into b says where each ends.
func (k *Keys) MAC(b []byte) []byte {
	s := k.audit.sum(b)
	return s[:]
}
