package certificate

import (
	"crypto/rand"
	"strings"
)

// A code has eighteen characters: seven of the committee, so that a public page
// finds it, ten by chance (50 bits), and one that catches a slip of the hand.
// The alphabet has no 0 and O, 1 and I.
const (
	alphabet  = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	ofTenant  = 7
	byChance  = 10
	CodeChars = ofTenant + byChance + 1
)

// newCode makes a code of the tenant that nobody can guess.
func newCode(tenant int64) string {
	b := make([]byte, ofTenant, CodeChars)
	for i := ofTenant - 1; i >= 0; i-- {
		b[i] = alphabet[tenant&31]
		tenant >>= 5
	}
	var r [byChance]byte
	rand.Read(r[:]) // never fails
	for _, c := range r {
		b = append(b, alphabet[c&31])
	}
	return string(append(b, check(string(b))))
}

// check is the last character: any one character mistaken changes it.
func check(body string) byte {
	sum := 0
	for i := range len(body) {
		sum += (2*i + 1) * strings.IndexByte(alphabet, body[i])
	}
	return alphabet[sum&31]
}

// Spelt is a code in groups, as papers show it.
func Spelt(code string) string {
	if len(code) != CodeChars {
		return code
	}
	return code[:6] + "-" + code[6:12] + "-" + code[12:]
}

// Plain is what was typed as a code is kept: capitals without spaces and
// dashes. What can be no code is "".
func Plain(typed string) string {
	if len(typed) > 100 {
		return ""
	}
	code := strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-' || r == '—' || r == '－' || r == '　':
			return -1
		case r >= '！' && r <= '～':
			r -= '！' - '!' // wide, as a Chinese keyboard gives it
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		return r
	}, typed)
	if len(code) != CodeChars || strings.Trim(code, alphabet) != "" || check(code[:CodeChars-1]) != code[CodeChars-1] {
		return ""
	}
	return code
}

// tenantOf is the committee that a plain code names.
func tenantOf(code string) (n int64) {
	for i := range ofTenant {
		n = n<<5 | int64(strings.IndexByte(alphabet, code[i]))
	}
	return n
}
