package web

import "net/http"

// Origin is how the visitor reached this site, scheme and host: what a link
// that leaves the page, such as one in a QR code, begins with.
func Origin(hr *http.Request) string {
	if hr.TLS != nil || hr.Header.Get("X-Forwarded-Proto") == "https" {
		return "https://" + hr.Host
	}
	return "http://" + hr.Host
}
