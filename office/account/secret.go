package account

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"unionhall/kit/day"
	"unionhall/kit/seal"
	"unionhall/kit/zh"
)

// A client holds "2106000001.<256 random bits>": the tenant, so that a session
// is found by its key, and the secret. The database knows the hash alone.

func newSecret(tenant int64) string { return strconv.FormatInt(tenant, 10) + "." + seal.Token() }

// opened returns whose secret it claims to be and the id of its session.
func opened(secret string) (tenant int64, id string, ok bool) {
	number, rest, found := strings.Cut(secret, ".")
	tenant, err := strconv.ParseInt(number, 10, 64)
	if !found || err != nil || len(rest) != 43 {
		return 0, "", false
	}
	return tenant, seal.TokenHash(secret), true
}

// loginKey is what failed log-ins are counted by. A login that nobody has
// counts like any other, so that counting tells nothing.
func loginKey(login string) string {
	sum := sha256.Sum256([]byte(tidyLogin(login)))
	return hex.EncodeToString(sum[:16])
}

// tidyLogin is the one spelling of a login: half width, small letters.
func tidyLogin(login string) string {
	return strings.ToLower(strings.TrimSpace(zh.Narrow(login)))
}

// later returns the instant d after i.
func later(i day.Instant, d time.Duration) day.Instant {
	t, err := time.Parse(time.RFC3339, string(i))
	if err != nil {
		return ""
	}
	return day.At(t.Add(d))
}
