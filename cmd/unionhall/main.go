// Command unionhall is the one program of Unionhall (职工之家): it serves an
// office, founds one, and takes care of its data.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"unionhall/hall"
)

// exit is an error that ends the program with a code of its own.
type exit struct {
	code int
	err  error
}

func (e exit) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

// where are the flags that say which office is meant.
type where struct {
	Data   string `default:"./data" env:"UNIONHALL_DATA" help:"Folder of the database, keys and files." placeholder:"DIR"`
	DB     string `name:"db" env:"UNIONHALL_DB" help:"PostgreSQL instead of the embedded database: postgres://…" placeholder:"URL"`
	Pooler bool   `env:"UNIONHALL_POOLER" help:"The address leads to a pooler (pgbouncer) in transaction mode."`
	Files  string `env:"UNIONHALL_FILES" help:"Object store for attachments instead of the folder: s3://bucket/prefix?endpoint=https://host:port" placeholder:"URL"`
	S3Key  string `name:"s3-key" env:"UNIONHALL_S3_KEY" help:"Key of the object store." placeholder:"KEY"`
	S3Word string `name:"s3-secret" env:"UNIONHALL_S3_SECRET" help:"Its secret; better in the environment." placeholder:"SECRET"`
	Suite  string `default:"aes" enum:"aes,sm" env:"UNIONHALL_SUITE" help:"Algorithms of new keys: aes, or sm (SM3, SM4)."`
}

func (w where) settings() hall.Settings {
	suite, err := hall.SuiteOf(w.Suite)
	if err != nil {
		panic(err) // the parser takes no other word
	}
	return hall.Settings{Data: w.Data, DB: w.DB, Pooler: w.Pooler, Suite: suite, Files: w.Files, S3Key: w.S3Key, S3Secret: w.S3Word}
}

// open opens the house for a command that is not serve.
func (w where) open(ctx context.Context) (*hall.House, error) { return hall.Open(ctx, w.settings()) }

type commands struct {
	Serve   serve      `cmd:"" help:"Serve the office."`
	Init    initialise `cmd:"" help:"Found an office: first start."`
	Demo    demo       `cmd:"" help:"Write a synthetic city into an empty folder."`
	Import  imports    `cmd:"" help:"Take in a workbook, as the page does."`
	Export  export     `cmd:"" help:"Write a list or the whole office to a file."`
	Backup  backup     `cmd:"" help:"Write a backup, also while serving."`
	Restore restore    `cmd:"" help:"Restore a backup."`
	Drill   drill      `cmd:"" help:"Restore drill: back up, restore beside the office, compare and prove."`
	Verify  verify     `cmd:"" help:"Prove the log, the rows, the files and the figures."`
	Keys    keys       `cmd:"" help:"Keys: list, add, use, rotate."`
	Files   fileMove   `cmd:"" name:"move-files" help:"Copy attachments from the folder into the object store."`
	Migrate migrate    `cmd:"" help:"Bring the schema to this version."`
	Openapi openapi    `cmd:"" help:"Print the OpenAPI 3.1 document."`
	User    user       `cmd:"" help:"Accounts from the shell."`
	Token   token      `cmd:"" help:"API tokens from the shell."`
	Help    help       `cmd:"" help:"Help; \"help settings\" lists all settings."`
}

func main() {
	slog.SetDefault(slog.New(slog.NewTextHandler(os.Stderr, nil)))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// exited is how the parser leaves when it has shown its help.
type exited int

// run does what args say and returns the exit code: 0, or 1 with one line on
// errw that says what to do, or 2 for wrong usage, or a command's own.
func run(ctx context.Context, args []string, out, errw io.Writer) (code int) {
	defer func() {
		if v := recover(); v != nil {
			e, ok := v.(exited)
			if !ok {
				panic(v)
			}
			code = int(e)
		}
	}()
	var c commands
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parser, err := kong.New(&c,
		kong.Name("unionhall"), kong.Description("Unionhall (职工之家): the work of a trade-union committee."),
		kong.Writers(out, errw), kong.Exit(func(code int) { panic(exited(code)) }),
		kong.Configuration(tomlFile, "unionhall.toml"),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.BindTo(out, (*io.Writer)(nil)))
	if err != nil {
		fmt.Fprintln(errw, "unionhall:", err)
		return 1
	}
	call, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintf(errw, "unionhall: %v; see unionhall --help\n", err)
		return 2
	}
	err = call.Run()
	var e exit
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		if e.err != nil {
			fmt.Fprintln(errw, "unionhall:", hall.Explain(e.err))
		}
		return e.code
	}
	fmt.Fprintln(errw, "unionhall:", hall.Explain(err))
	return 1
}
