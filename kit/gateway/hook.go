package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Headers of a webhook. Signature is "v1=" and the hex HMAC-SHA256 over the
// timestamp, a full stop and the body.
const (
	HookEvent     = "Unionhall-Event"
	HookDelivery  = "Unionhall-Delivery" // the same for every try: receivers drop repeats by it
	HookTimestamp = "Unionhall-Timestamp"
	HookSignature = "Unionhall-Signature"
)

// Hook is one delivery of a webhook.
type Hook struct {
	URL, Secret     string
	Event, Delivery string
	Body            string
	Guard           Guard
	Timeout         time.Duration
	Now             func() time.Time
}

// Sign is the signature of a body at an instant, in Unix seconds.
func Sign(secret string, stamp int64, body string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(strconv.FormatInt(stamp, 10) + "." + body))
	return "v1=" + hex.EncodeToString(h.Sum(nil))
}

// Signed reports whether a signature is that of the body: what receivers do.
func Signed(secret, stamp, body, signature string) bool {
	n, err := strconv.ParseInt(stamp, 10, 64)
	return err == nil && hmac.Equal([]byte(Sign(secret, n, body)), []byte(strings.TrimSpace(signature)))
}

// Post delivers the hook. Any answer but 2xx is an *Error, also a redirect.
func (h Hook) Post(ctx context.Context) error {
	stamp := h.Now().Unix()
	_, err := send(ctx, h.Guard.Client(within(h.Timeout)), http.MethodPost, h.URL, http.Header{
		"Content-Type": {"application/json; charset=utf-8"}, HookEvent: {h.Event}, HookDelivery: {h.Delivery},
		HookTimestamp: {strconv.FormatInt(stamp, 10)}, HookSignature: {Sign(h.Secret, stamp, h.Body)},
	}, h.Body)
	return err
}
