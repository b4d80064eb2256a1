package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"unionhall/hall"
)

// signIn are the flags of the ways in beside the password.
type signIn struct {
	OIDCIssuer     string `name:"oidc-issuer" env:"UNIONHALL_OIDC_ISSUER" help:"Identity provider to sign in by: its issuer." placeholder:"URL"`
	OIDCClient     string `name:"oidc-client" env:"UNIONHALL_OIDC_CLIENT" help:"Client id that the provider knows this office by." placeholder:"ID"`
	OIDCSecretFile string `name:"oidc-secret-file" env:"UNIONHALL_OIDC_SECRET_FILE" help:"File whose first line is the client secret." placeholder:"FILE"`
	OIDCRedirect   string `name:"oidc-redirect" env:"UNIONHALL_OIDC_REDIRECT" help:"Callback as registered: https://HOST/login/outside/back; by default of the address that is asked." placeholder:"URL"`
	OIDCName       string `name:"oidc-name" env:"UNIONHALL_OIDC_NAME" help:"What people call the provider." placeholder:"NAME"`
}

// into puts what the flags say into s.
func (f signIn) into(s hall.Settings) (hall.Settings, error) {
	s.Outside = hall.Outside{Issuer: f.OIDCIssuer, ClientID: f.OIDCClient, Redirect: f.OIDCRedirect, Name: f.OIDCName}
	if f.OIDCIssuer != "" && f.OIDCClient == "" {
		return s, exit{2, fmt.Errorf("--oidc-issuer needs --oidc-client")}
	}
	if f.OIDCSecretFile != "" {
		text, err := os.ReadFile(f.OIDCSecretFile)
		if err != nil {
			return s, fmt.Errorf("file %s with the client secret cannot be read: %w", f.OIDCSecretFile, err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		s.Outside.Secret = strings.TrimSpace(first)
	}
	return s, nil
}

type userSecond struct {
	where
	Login string `arg:""`
}

// Run takes a lost second factor away.
func (u userSecond) Run(ctx context.Context) error {
	return with(ctx, u.where, func(h *hall.House) error { return h.ResetSecond(ctx, u.Login, shellUser()) })
}
