// Package card shows a member's card (会员证) on a phone: its code proves for
// some minutes, to whoever scans it, that the membership stands.
package card

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"unionhall/kit/day"
	"unionhall/kit/seal"
)

// A code is whose card it is and when it was made, proven by the program's
// key: 8 bytes tenant, 16 member, 4 seconds since 1970, 12 of a keyed hash. It
// needs no table and tells nobody anything but to the program.
const (
	size    = 8 + 16 + 4
	proof   = 12
	purpose = "member.card\x00"
)

// Code is what a card shows.
type Code struct {
	Tenant int64
	Member string
	Made   time.Time
}

// Write spells a code.
func (c Code) Write(k *seal.Keys) (string, error) {
	id, err := uuid.Parse(c.Member)
	if err != nil {
		return "", err
	}
	b := binary.BigEndian.AppendUint64(nil, uint64(c.Tenant))
	b = append(b, id[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(c.Made.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(b, prove(k, b)...)), nil
}

func prove(k *seal.Keys, b []byte) []byte { return k.MAC(append([]byte(purpose), b...))[:proof] }

// Read takes a code apart; one that the program did not write is not ok.
func Read(k *seal.Keys, text string) (c Code, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != size+proof || !hmac.Equal(b[size:], prove(k, b[:size])) {
		return Code{}, false
	}
	id, err := uuid.FromBytes(b[8:24])
	if err != nil {
		return Code{}, false
	}
	return Code{int64(binary.BigEndian.Uint64(b)), id.String(), time.Unix(int64(binary.BigEndian.Uint32(b[24:])), 0)}, true
}

// Until is when a code ends, d after it was made.
func (c Code) Until(d time.Duration) day.Instant { return day.At(c.Made.Add(d)) }

// Mask hides a name but for its ends: 王*国, 单*. Long names show no more.
func Mask(name string) string {
	r := []rune(name)
	switch {
	case len(r) < 2:
		return name
	case len(r) == 2:
		return string(r[0]) + "*"
	}
	_, last := utf8.DecodeLastRuneInString(name)
	stars := "**"
	if len(r) == 3 {
		stars = "*"
	}
	return string(r[0]) + stars + name[len(name)-last:]
}
