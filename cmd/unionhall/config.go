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
