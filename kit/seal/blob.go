package seal

import (
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// Largest is what a packed value may unpack to, in bytes.
const Largest = 64 << 20

var packer = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithWindowSize(128<<10), zstd.WithLowerEncoderMem(true))
	if err != nil {
		panic(err) // the settings are constants of ours
	}
	return e
})

var unpacker = sync.OnceValue(func() *zstd.Decoder {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(Largest), zstd.WithDecoderLowmem(true))
	if err != nil {
		panic(err) // as above
	}
	return d
})

// SealBlob packs and seals many bytes, such as a chunk of rows that wait.
func (k *Keys) SealBlob(tenant int64, table, column string, plain []byte) []byte {
	packed := packer().EncodeAll(plain, nil)
	d := desks.Get().(*desk)
	out := k.lock(d, d.at(packedFormat, tenant, table, column), packed)
	desks.Put(d)
	return out
}

// OpenBlob returns what SealBlob sealed, or ErrBroken as Open does.
func (k *Keys) OpenBlob(tenant int64, table, column string, sealed []byte) ([]byte, error) {
	d := desks.Get().(*desk)
	packed, err := k.unlock(nil, d.at(packedFormat, tenant, table, column), sealed)
	desks.Put(d)
	if err == nil {
		packed, err = unpacker().DecodeAll(packed, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("%s.%s of tenant %d: %w", table, column, tenant, err)
	}
	return packed, nil
}
