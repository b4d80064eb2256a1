package files

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"strings"
)

func tempName() string { return rand.Text() }

// Type names the kind of content by its first bytes, never by a file's name.
func Type(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return "application/pdf"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return "application/zip"
	case bytes.HasPrefix(head, []byte{0xd0, 0xcf, 0x11, 0xe0}):
		return "application/x-ole"
	case len(head) > 12 && string(head[4:8]) == "ftyp":
		return "image/heic"
	}
	t, _, _ := strings.Cut(http.DetectContentType(head), ";")
	switch t {
	case "image/jpeg", "image/png", "image/webp", "image/gif", "text/plain":
		return t
	}
	return "application/octet-stream"
}

// Inline reports whether a browser may show a blob in place; everything else
// is only handed out to be saved.
func Inline(t string) bool {
	switch t {
	case "application/pdf", "image/jpeg", "image/png", "image/webp":
		return true
	}
	return false
}

// Allowed reports whether a file of the type may be hung on a record.
func Allowed(t string) bool { return t != "application/octet-stream" && t != "application/x-ole" }
