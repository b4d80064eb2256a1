package seal

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// cost is how dear a guess is made; 19 MiB and two passes are the least that
// OWASP names for argon2id, some 40 ms on a desk.
type cost struct {
	memory uint32 // KiB
	passes uint32
	lanes  uint8
}

var usual = cost{19 << 10, 2, 1}

// dearest bounds what a stored text may ask for, so that one that came from
// elsewhere cannot stop the server.
var dearest = cost{128 << 10, 8, 4}

const (
	saltSize = 16
	hashSize = 32
)

var errPassword = errors.New("a stored password is not an argon2id text")

// HashPassword returns the PHC text to keep instead of the password. It takes
// tens of milliseconds: never call it within a transaction. Too many at once
// is fault.Busy.
func HashPassword(ctx context.Context, password string) (string, error) {
	var salt [saltSize]byte
	rand.Read(salt[:])
	leave, err := hashing().enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	sum := usual.sum(password, salt[:], hashSize)
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		usual.memory, usual.passes, usual.lanes, b.EncodeToString(salt[:]), b.EncodeToString(sum)), nil
}

func (c cost) sum(password string, salt []byte, size int) []byte {
	return argon2.IDKey([]byte(password), salt, c.passes, c.memory, c.lanes, uint32(size))
}

// CheckPassword reports whether the kept text was made from the password. An
// empty text is "no such account": it takes as long as a real one and fails.
// Too many at once is fault.Busy.
func CheckPassword(ctx context.Context, kept, password string) (bool, error) {
	c, salt, want := usual, make([]byte, saltSize), make([]byte, hashSize)
	if kept != "" {
		var err error
		if c, salt, want, err = parse(kept); err != nil {
			return false, err
		}
	}
	leave, err := hashing().enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	same := subtle.ConstantTimeCompare(c.sum(password, salt, len(want)), want) == 1
	return same && kept != "", nil
}

func parse(kept string) (c cost, salt, sum []byte, err error) {
	parts := strings.Split(kept, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return c, nil, nil, errPassword
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memory, &c.passes, &c.lanes); err != nil {
		return c, nil, nil, errPassword
	}
	if c.memory < 8 || c.passes < 1 || c.lanes < 1 || c.memory > dearest.memory || c.passes > dearest.passes || c.lanes > dearest.lanes {
		return c, nil, nil, errPassword
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	sum, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if errors.Join(err1, err2) != nil || len(salt) < 8 || len(sum) < 16 || len(sum) > 64 {
		return c, nil, nil, errPassword
	}
	return c, salt, sum, nil
}

// Token returns 256 random bits for a cookie, a link or a program.
func Token() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// TokenHash is what the database keeps of a token, so that a stolen copy of
// the database opens no session.
func TokenHash(token string) string {
	s := sha256.Sum256([]byte(token))
	return hex.EncodeToString(s[:])
}
