// Package oidctest is an identity provider for tests: it serves discovery,
// keys, authorization and tokens on a loopback port, checks what a client must
// show, and can be told to answer wrongly.
package oidctest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// The client that the provider knows.
const (
	ClientID = "unionhall"
	Secret   = "s3cret of the client"
)

// Provider signs in whoever asks as Subject.
type Provider struct {
	Issuer  string
	Subject string
	Now     func() time.Time
	// Mangle changes the head and claims of the next tokens; nil: none.
	Mangle func(head, claims map[string]any)
	// Stranger signs with a key that the provider does not publish.
	Stranger bool
	// Down answers nothing but 500.
	Down bool

	t         testing.TB
	mu        sync.Mutex
	key, evil *rsa.PrivateKey
	codes     map[string]asked
}

type asked struct{ nonce, challenge, redirect string }

// New starts a provider; it stops with the test.
func New(t testing.TB) *Provider {
	t.Helper()
	p := &Provider{t: t, Subject: "330106", Now: time.Now, codes: map[string]asked{}}
	for _, into := range []**rsa.PrivateKey{&p.key, &p.evil} {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		*into = k
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		if p.Down {
			http.Error(w, "down", http.StatusInternalServerError)
			return
		}
		mux.ServeHTTP(w, hr)
	}))
	t.Cleanup(srv.Close)
	p.Issuer = srv.URL
	return p
}

func (p *Provider) answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		p.t.Error(err)
	}
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	p.answer(w, map[string]any{
		"issuer": p.Issuer, "authorization_endpoint": p.Issuer + "/authorize", "token_endpoint": p.Issuer + "/token", "jwks_uri": p.Issuer + "/keys",
		"end_session_endpoint": p.Issuer + "/end", "response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"},
		"id_token_signing_alg_values_supported": []string{"RS256", "none", "HS256"}, "code_challenge_methods_supported": []string{"S256"},
	})
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	k := p.key.PublicKey
	p.answer(w, map[string]any{"keys": []any{map[string]any{"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": encode(k.N.Bytes()), "e": encode(big.NewInt(int64(k.E)).Bytes())}}})
}

// authorize lets the person in at once and sends the browser back.
func (p *Provider) authorize(w http.ResponseWriter, hr *http.Request) {
	q := hr.URL.Query()
	if q.Get("client_id") != ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("state") == "" || q.Get("nonce") == "" {
		http.Error(w, "what the client must send is missing", http.StatusBadRequest)
		return
	}
	code := rand.Text()
	p.mu.Lock()
	p.codes[code] = asked{q.Get("nonce"), q.Get("code_challenge"), q.Get("redirect_uri")}
	p.mu.Unlock()
	http.Redirect(w, hr, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

// token gives the token of a code, once, to the client that began.
func (p *Provider) token(w http.ResponseWriter, hr *http.Request) {
	p.mu.Lock()
	a, known := p.codes[hr.PostFormValue("code")]
	delete(p.codes, hr.PostFormValue("code"))
	p.mu.Unlock()
	id, secret, basic := hr.BasicAuth()
	if !basic {
		id, secret = hr.PostFormValue("client_id"), hr.PostFormValue("client_secret")
	} else if plain, err := url.QueryUnescape(secret); err == nil {
		secret = plain
	}
	sum := sha256.Sum256([]byte(hr.PostFormValue("code_verifier")))
	if !known || id != ClientID || secret != Secret || encode(sum[:]) != a.challenge || hr.PostFormValue("redirect_uri") != a.redirect {
		w.WriteHeader(http.StatusBadRequest)
		p.answer(w, map[string]string{"error": "invalid_grant"})
		return
	}
	now := p.Now()
	head := map[string]any{"alg": "RS256", "kid": "1", "typ": "JWT"}
	claims := map[string]any{"iss": p.Issuer, "sub": p.Subject, "aud": ClientID, "exp": now.Add(5 * time.Minute).Unix(), "iat": now.Unix(), "nonce": a.nonce, "name": "周敏"}
	if p.Mangle != nil {
		p.Mangle(head, claims)
	}
	p.answer(w, map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 300, "id_token": p.sign(head, claims)})
}

func (p *Provider) sign(head, claims map[string]any) string {
	part := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			p.t.Error(err)
		}
		return encode(b)
	}
	text := part(head) + "." + part(claims)
	if head["alg"] == "none" {
		return text + "."
	}
	key := p.key
	if p.Stranger {
		key = p.evil
	}
	sum := sha256.Sum256([]byte(text))
	sig, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		p.t.Error(err)
	}
	return text + "." + encode(sig)
}
