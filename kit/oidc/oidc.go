// Package oidc signs people in through an identity provider (统一身份认证) by
// OpenID Connect: authorization code with PKCE, state and nonce of one use.
package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"unionhall/kit/fault"
	"unionhall/kit/seal"
)

// Settings say which provider it is and who we are there. The secret is never
// printed.
type Settings struct {
	Issuer   string // https://id.example.gov.cn
	ClientID string
	Secret   string
	Redirect string // address of the callback as registered; empty: of the request's own host
	Name     string // what people call it
}

// String is what may be printed of the settings.
func (s Settings) String() string { return "oidc " + s.Issuer + " as " + s.ClientID }

// LogValue keeps the secret out of logs.
func (s Settings) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Client speaks to one provider. It asks the provider for its addresses when
// they are first needed, and again after a failure.
type Client struct {
	s    Settings
	now  func() time.Time
	http *http.Client

	mu       sync.Mutex
	provider *oidc.Provider
	end      string
	failed   time.Time
}

const (
	patience = 8 * time.Second  // for one answer of the provider
	pause    = 10 * time.Second // after a failure, before it is asked again
	skew     = time.Minute      // that clocks may differ
)

// New returns the client of a provider; nil where none is set. now is the
// clock that tokens are judged by.
func New(s Settings, now func() time.Time) *Client {
	if s.Issuer == "" {
		return nil
	}
	if s.Name == "" {
		s.Name = "统一身份认证"
	}
	return &Client{s: s, now: now, http: &http.Client{Timeout: patience}}
}

// Name is what people call the provider.
func (c *Client) Name() string { return c.s.Name }

// Issuer tells providers apart.
func (c *Client) Issuer() string { return c.s.Issuer }

// Ticket is what a log-in on its way remembers; it is used once.
type Ticket struct{ State, Nonce, Verifier string }

// Identity is who the provider says it is.
type Identity struct{ Subject, Label string }

var errAway = fault.New(fault.Busy, "统一身份认证暂时连不上，请稍后再试，或用账号密码登录。")

// algorithms are the signatures that are taken: those of a key pair.
var algorithms = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA}

// discover returns the provider's addresses and keys.
func (c *Client) discover() (*oidc.Provider, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.provider != nil {
		return c.provider, nil
	}
	if time.Since(c.failed) < pause {
		return nil, errAway
	}
	// keys are fetched again by the provider's own context, so it is nobody's request
	p, err := oidc.NewProvider(oidc.ClientContext(context.Background(), c.http), c.s.Issuer)
	if err != nil {
		c.failed = time.Now()
		return nil, errors.Join(errAway, fmt.Errorf("oidc discovery: %w", err))
	}
	var more struct {
		End string `json:"end_session_endpoint"`
	}
	if err := p.Claims(&more); err != nil {
		return nil, errors.Join(errAway, err)
	}
	c.provider, c.end = p, more.End
	return p, nil
}

// EndAddress is where people sign out of the provider as well; empty where it
// is not known.
func (c *Client) EndAddress() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !strings.HasPrefix(c.end, "https://") && !strings.HasPrefix(c.end, "http://") {
		return ""
	}
	return c.end
}

func (c *Client) config(p *oidc.Provider, callback string) *oauth2.Config {
	if c.s.Redirect != "" {
		callback = c.s.Redirect
	}
	return &oauth2.Config{ClientID: c.s.ClientID, ClientSecret: c.s.Secret, Endpoint: p.Endpoint(), RedirectURL: callback, Scopes: []string{oidc.ScopeOpenID, "profile"}}
}

// Start returns where to send the browser, and what to remember until it comes
// back to callback. A provider that does not answer is fault.Busy.
func (c *Client) Start(callback string) (place string, t Ticket, err error) {
	p, err := c.discover()
	if err != nil {
		return "", t, err
	}
	t = Ticket{State: seal.Token(), Nonce: seal.Token(), Verifier: oauth2.GenerateVerifier()}
	return c.config(p, callback).AuthCodeURL(t.State, oidc.Nonce(t.Nonce), oauth2.S256ChallengeOption(t.Verifier)), t, nil
}

func refused(why string, err error) error {
	return errors.Join(fault.New(fault.Denied, "统一身份认证的答复不对，没有登录。请从头再试；仍不行请用账号密码登录，并告诉系统管理员。"), fmt.Errorf("oidc: %s: %w", why, err))
}

// Finish exchanges the code that came with the browser for who it is. A token
// of another issuer, audience or log-in, one that is over or badly signed is
// fault.Denied.
func (c *Client) Finish(ctx context.Context, callback, code string, t Ticket) (id Identity, err error) {
	p, err := c.discover()
	if err != nil {
		return id, err
	}
	ctx = oidc.ClientContext(ctx, c.http)
	token, err := c.config(p, callback).Exchange(ctx, code, oauth2.VerifierOption(t.Verifier))
	if answer := (*oauth2.RetrieveError)(nil); errors.As(err, &answer) && answer.Response.StatusCode < 500 {
		return id, refused("code", err)
	}
	if err != nil {
		return id, errors.Join(errAway, err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return id, refused("token", errors.New("no id_token"))
	}
	verifier := p.Verifier(&oidc.Config{ClientID: c.s.ClientID, SupportedSigningAlgs: algorithms, Now: func() time.Time { return c.now().Add(-skew) }})
	it, err := verifier.Verify(ctx, raw)
	if err != nil {
		return id, refused("id_token", err)
	}
	if t.Nonce == "" || subtle.ConstantTimeCompare([]byte(it.Nonce), []byte(t.Nonce)) != 1 {
		return id, refused("id_token", errors.New("nonce of another log-in"))
	}
	if it.IssuedAt.After(c.now().Add(skew)) {
		return id, refused("id_token", errors.New("issued in the future"))
	}
	var claims struct {
		Party string `json:"azp"`
		Name  string `json:"name"`
		User  string `json:"preferred_username"`
	}
	if err := it.Claims(&claims); err != nil {
		return id, refused("claims", err)
	}
	if len(it.Audience) > 1 && claims.Party != c.s.ClientID || !slices.Contains(it.Audience, c.s.ClientID) {
		return id, refused("id_token", errors.New("meant for another party"))
	}
	if it.Subject == "" || len(it.Subject) > 255 {
		return id, refused("id_token", errors.New("no subject"))
	}
	id = Identity{Subject: it.Subject, Label: claims.Name}
	if id.Label == "" {
		id.Label = claims.User
	}
	return id, nil
}
