package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
)

// tomlFile reads unionhall.toml: keys are the names of flags, with - or _; a
// table named as a command holds for that command alone.
func tomlFile(r io.Reader) (kong.Resolver, error) {
	var all map[string]any
	if _, err := toml.NewDecoder(r).Decode(&all); err != nil {
		return nil, fmt.Errorf("unionhall.toml: %w", err)
	}
	look := func(m map[string]any, name string) any {
		for k, v := range m {
			if strings.ReplaceAll(k, "_", "-") == name {
				return v
			}
		}
		return nil
	}
	return kong.ResolverFunc(func(_ *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
		for _, env := range flag.Envs {
			if os.Getenv(env) != "" {
				return nil, nil // the environment goes before the file
			}
		}
		if parent != nil && parent.Command != nil {
			if own, ok := all[parent.Command.Name].(map[string]any); ok {
				if v := look(own, flag.Name); v != nil {
					return fmt.Sprint(v), nil
				}
			}
		}
		if v := look(all, flag.Name); v != nil {
			if _, table := v.(map[string]any); !table {
				return fmt.Sprint(v), nil
			}
		}
		return nil, nil
	}), nil
}

type help struct {
	Topic string `arg:"" optional:"" help:"settings, or a command."`
}

// settings lists what can be set, with the defaults.
const settings = `Settings: flags > environment > unionhall.toml (in the working folder).

flag            environment              unionhall.toml   default
--data          UNIONHALL_DATA           data             ./data
--db            UNIONHALL_DB             db               (empty: the embedded database in --data)
--pooler        UNIONHALL_POOLER         pooler           false
--files         UNIONHALL_FILES          files            (empty: the folder files in --data)
--s3-key        UNIONHALL_S3_KEY         s3-key
--s3-secret     UNIONHALL_S3_SECRET      s3-secret
--suite         UNIONHALL_SUITE          suite            aes
--drain         UNIONHALL_DRAIN          drain            0s
--listen        UNIONHALL_LISTEN         listen           127.0.0.1:8080
--demo          UNIONHALL_DEMO           demo             false
--oidc-issuer   UNIONHALL_OIDC_ISSUER    oidc_issuer      (empty: no identity provider)
--oidc-client   UNIONHALL_OIDC_CLIENT    oidc_client      (empty)
--oidc-secret-file UNIONHALL_OIDC_SECRET_FILE oidc_secret_file (empty: a public client)
--oidc-redirect UNIONHALL_OIDC_REDIRECT  oidc_redirect    (empty: /login/outside/back of the address asked)
--oidc-name     UNIONHALL_OIDC_NAME      oidc_name        统一身份认证
--public-url    UNIONHALL_PUBLIC_URL     public-url       (empty: letters carry no links)
--smtp-host     UNIONHALL_SMTP_HOST      smtp-host        (empty: no mail)
--smtp-port     UNIONHALL_SMTP_PORT      smtp-port        587, 465 or 25 by smtp-tls
--smtp-tls      UNIONHALL_SMTP_TLS       smtp-tls         starttls (or tls, none)
--smtp-from     UNIONHALL_SMTP_FROM      smtp-from
--smtp-user     UNIONHALL_SMTP_USER      smtp-user
--smtp-password UNIONHALL_SMTP_PASSWORD  smtp-password
--sms-url       UNIONHALL_SMS_URL        sms-url          (empty: no short messages); {phone} and {text} are filled in
--sms-method    UNIONHALL_SMS_METHOD     sms-method       POST
--sms-body      UNIONHALL_SMS_BODY       sms-body
--sms-header    UNIONHALL_SMS_HEADER     sms-header       NAME=VALUE;NAME=VALUE
--sms-header-file UNIONHALL_SMS_HEADER_FILE sms-header-file (empty); lines "Name: value", for what must not stand in flags
--sms-expect    UNIONHALL_SMS_EXPECT     sms-expect       what an answer that took the message holds
--sms-timeout   UNIONHALL_SMS_TIMEOUT    sms-timeout      10s
--private-targets UNIONHALL_PRIVATE_TARGETS private-targets false; webhooks and robots may reach the intranet
                UNIONHALL_DEMO_PASSWORD                   unionhall-demo
                UNIONHALL_METRICS_TOKEN                   (empty: /metrics answers this machine alone)

A table named as a command, such as [serve], holds for that command alone.
`

func (h help) Run(out io.Writer, app *kong.Kong) error {
	if h.Topic == "settings" {
		_, err := io.WriteString(out, settings)
		return err
	}
	args := []string{"--help"}
	if h.Topic != "" {
		args = []string{h.Topic, "--help"}
	}
	_, err := app.Parse(args)
	return err
}
