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
	SMSURL         string `name:"sms-url" env:"UNIONHALL_SMS_URL" help:"Gateway that sends codes to members; {phone} and {code} are replaced." placeholder:"URL"`
	SMSMethod      string `name:"sms-method" env:"UNIONHALL_SMS_METHOD" help:"Method to ask it by." default:"POST"`
	SMSType        string `name:"sms-type" env:"UNIONHALL_SMS_TYPE" help:"What the body is." enum:"json,form" default:"json"`
	SMSBody        string `name:"sms-body" env:"UNIONHALL_SMS_BODY" help:"Body with {phone} and {code}." placeholder:"TEXT"`
	SMSHeaderFile  string `name:"sms-header-file" env:"UNIONHALL_SMS_HEADER_FILE" help:"File of lines \"Name: value\" with what proves who asks." placeholder:"FILE"`
	SMSSuccess     string `name:"sms-success" env:"UNIONHALL_SMS_SUCCESS" help:"Text that the gateway's answer holds when it took the message." placeholder:"TEXT"`
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
	s.Texts = hall.Texts{URL: f.SMSURL, Method: f.SMSMethod, Type: f.SMSType, Body: f.SMSBody, Headers: f.SMSHeaderFile, Success: f.SMSSuccess}
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
