package admission

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"unionhall/kit/seal"
)

// letters spell codes that are read off a poster: none is mistaken for another.
var letters = base32.NewEncoding("abcdefghjkmnpqrstuvwxyz123456789").WithPadding(base32.NoPadding)

// newCode is the code of an invitation: the tenant, so that it is found by its
// key, and 80 bits that nobody guesses.
func newCode(tenant int64) string {
	var b [10]byte
	rand.Read(b[:]) // never fails: the program ends where there is no randomness
	return strconv.FormatInt(tenant, 36) + "-" + letters.EncodeToString(b[:])
}

// tenantOf is whose invitation a code claims to be.
func tenantOf(code string) (int64, bool) {
	number, rest, found := strings.Cut(code, "-")
	tenant, err := strconv.ParseInt(number, 36, 64)
	return tenant, found && err == nil && len(rest) == 16
}

// A receipt is what an applicant comes back with: the application's id and
// tenant, proven by the program's key. It needs no table.
const (
	receiptSize  = 8 + 16
	receiptProof = 12
	purpose      = "admission.receipt\x00"
)

func prove(k *seal.Keys, b []byte) []byte {
	return k.MAC(append([]byte(purpose), b...))[:receiptProof]
}

func writeReceipt(k *seal.Keys, tenant int64, id string) (string, error) {
	u, err := uuid.Parse(id)
	if err != nil {
		return "", err
	}
	b := append(binary.BigEndian.AppendUint64(nil, uint64(tenant)), u[:]...)
	return base64.RawURLEncoding.EncodeToString(append(b, prove(k, b)...)), nil
}

func readReceipt(k *seal.Keys, text string) (tenant int64, id string, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != receiptSize+receiptProof || !hmac.Equal(b[receiptSize:], prove(k, b[:receiptSize])) {
		return 0, "", false
	}
	u, err := uuid.FromBytes(b[8:receiptSize])
	return int64(binary.BigEndian.Uint64(b)), u.String(), err == nil
}
