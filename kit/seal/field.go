package seal

import (
	"bufio"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io"
	"strconv"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// A sealed value is: format (1 byte), version of the key (2), nonce (12),
// ciphertext with its tag. Tenant, table and column are bound to it, so that
// it opens nowhere else.
const (
	plainFormat  = 1
	packedFormat = 2
	nonceAt      = 3
	nonceSize    = 12
	bodyAt       = nonceAt + nonceSize
)

var errBroken = errors.New("seal: a sealed value was changed or belongs to other keys")

// nonces lends buffered randomness: a system call a field would cost more
// than the sealing.
var nonces = sync.Pool{New: func() any { return bufio.NewReaderSize(rand.Reader, 1536) }}

func place(tenant int64, table, column string) []byte {
	b := make([]byte, 0, 64)
	b = strconv.AppendInt(b, tenant, 10)
	b = append(b, '|')
	b = append(b, table...)
	b = append(b, '.')
	return append(b, column...)
}

// Seal returns plain sealed for one column of one tenant's table.
func (k *Keys) Seal(tenant int64, table, column, plain string) []byte {
	return k.lock(plainFormat, place(tenant, table, column), []byte(plain))
}

func (k *Keys) lock(format byte, at, plain []byte) []byte {
	out := make([]byte, bodyAt, bodyAt+len(plain)+16)
	out[0] = format
	binary.BigEndian.PutUint16(out[1:], k.current)
	r := nonces.Get().(*bufio.Reader)
	_, err := io.ReadFull(r, out[nonceAt:bodyAt])
	nonces.Put(r)
	if err != nil {
		panic(err) // the system gives no randomness: nothing may go on
	}
	return k.aead[k.current].Seal(out, out[nonceAt:bodyAt], plain, at)
}

// Open returns what was sealed for the column. A value that was changed, or
// sealed for another place or by other keys, is an error.
func (k *Keys) Open(tenant int64, table, column string, sealed []byte) (string, error) {
	b, err := k.unlock(plainFormat, place(tenant, table, column), sealed)
	return string(b), err
}

func (k *Keys) unlock(format byte, at, sealed []byte) ([]byte, error) {
	if len(sealed) < bodyAt || sealed[0] != format {
		return nil, errBroken
	}
	a := k.aead[binary.BigEndian.Uint16(sealed[1:])]
	if a == nil {
		return nil, errBroken
	}
	b, err := a.Open(nil, sealed[nonceAt:bodyAt], sealed[bodyAt:], at)
	if err != nil {
		return nil, errBroken
	}
	return b, nil
}

var packer = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(128<<10), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the settings are constants of ours
	}
	return e
})

// largest is what a packed value may unpack to.
const largest = 64 << 20

var unpacker = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(largest), zstd.WithDecoderLowmem(true))
	if err != nil {
		panic(err)
	}
	return d
})

// SealBlob packs and seals many bytes, such as a chunk of rows that wait.
func (k *Keys) SealBlob(tenant int64, table, column string, plain []byte) []byte {
	return k.lock(packedFormat, place(tenant, table, column), packer().EncodeAll(plain, nil))
}

// OpenBlob returns what SealBlob sealed.
func (k *Keys) OpenBlob(tenant int64, table, column string, sealed []byte) ([]byte, error) {
	b, err := k.unlock(packedFormat, place(tenant, table, column), sealed)
	if err != nil {
		return nil, err
	}
	return unpacker().DecodeAll(b, nil)
}

// Blind returns what a value is found by where its seal may not be opened:
// the same for the same tenant, field and value, and telling nothing else.
func (k *Keys) Blind(tenant int64, field, plain string) string {
	s := k.index.sum(place(tenant, field, plain))
	return hex.EncodeToString(s[:16])
}

// BlindShort is Blind in eight bytes, for values that many share.
func (k *Keys) BlindShort(tenant int64, field, plain string) string {
	s := k.index.sum(place(tenant, field, plain))
	return hex.EncodeToString(s[:8])
}

// MAC returns the keyed hash of b that proves the program wrote it.
func (k *Keys) MAC(b []byte) []byte {
	s := k.audit.sum(b)
	return s[:]
}
