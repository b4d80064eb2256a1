// Command bench measures the works that the product is held to, each beside
// its floor in the same run, and prints one table. See README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// bench is one run.
type bench struct {
	short    bool
	rounds   int
	profiles string // folder for profiles of the server; empty: none are taken
	big      int    // members of the large city
	small    int    // and of the small one
	rows     int    // of the roster
	twins    int    // members among whom twins are looked for
	span     time.Duration
	dir      string // of this run, gone at its end
	bin      string // the product
	hello    string // its floor
	table    table
}

// work is one part of the run.
type work struct {
	name string
	do   func(*bench, context.Context) error
}

var works = []work{
	{"list", (*bench).lists},
	{"search", (*bench).search},
	{"roster", (*bench).roster},
	{"start", (*bench).start},
	{"backup", (*bench).backup},
	{"yearly", (*bench).yearly},
	{"visit", (*bench).visit},
	{"duplicates", (*bench).duplicates},
	{"terms", (*bench).terms},
	{"login", (*bench).logins},
	{"desk", (*bench).desk},
	{"day", (*bench).day},
	{"write", (*bench).writes},
	{"books", (*bench).books},
	{"posts", (*bench).posts},
	{"statements", (*bench).statements},
	{"yearend", (*bench).yearEnd},
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == childMark {
		if err := child(os.Args[2], os.Args[3:]); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", os.Args[2]+":", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	b := &bench{big: 300_000, small: 10_000, rows: 100_000, twins: 100_000}
	names := make([]string, len(works))
	for i, w := range works {
		names[i] = w.name
	}
	only := flag.String("only", strings.Join(names, ","), "works to measure, by name")
	flag.BoolVar(&b.short, "short", false, "20,000 members and a roster of 10,000 rows: minutes, and not the sizes of the contract")
	flag.IntVar(&b.rounds, "rounds", 3, "how often each work is measured; the best counts")
	flag.DurationVar(&b.span, "span", 4*time.Second, "how long each load lasts")
	flag.StringVar(&b.profiles, "profile", "", "folder to write profiles of the server into (its figures suffer a little)")
	flag.Parse()
	chosen := strings.Split(*only, ",")
	for _, name := range chosen {
		if !slices.Contains(names, name) {
			return fmt.Errorf("-only %s: no such work, there are %s", name, strings.Join(names, ", "))
		}
	}
	if b.short {
		b.big, b.rows, b.twins, b.span = 20_000, 10_000, 20_000, b.span/2
	}
	if err := b.prepare(ctx); err != nil {
		return errors.Join(err, os.RemoveAll(b.dir))
	}
	defer os.RemoveAll(b.dir)
	fmt.Println(machine())
	var failed []error
	for _, w := range works {
		if !slices.Contains(chosen, w.name) || ctx.Err() != nil {
			continue
		}
		say("%s …", w.name)
		if err := w.do(b, ctx); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", w.name, err))
			say("%s: %v", w.name, err)
		}
	}
	b.table.print(os.Stdout)
	fmt.Printf("members %d and %d, roster rows %d, best of %d rounds; load at the end %s\n", b.small, b.big, b.rows, b.rounds, loads())
	if b.short {
		fmt.Println("-short: these are not the sizes that the figures to reach are meant for")
	}
	return errors.Join(failed...)
}

// prepare builds the programs to be measured into a folder of this run.
func (b *bench) prepare(ctx context.Context) (err error) {
	if b.dir, err = os.MkdirTemp("", "unionhall-bench-"); err != nil {
		return err
	}
	if b.profiles != "" {
		if err := os.MkdirAll(b.profiles, 0o755); err != nil {
			return err
		}
	}
	b.bin, b.hello = filepath.Join(b.dir, "unionhall"), filepath.Join(b.dir, "hello")
	for _, p := range [][2]string{{b.bin, "./cmd/unionhall"}, {b.hello, "./bench/hello"}} {
		if out, err := command(ctx, "go", "build", "-buildvcs=false", "-o", p[0], p[1]).CombinedOutput(); err != nil {
			return fmt.Errorf("build %s: %w\n%s", p[1], err, out)
		}
	}
	return nil
}

// say tells how far the run is.
func say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "%s %s\n", time.Now().Format(time.TimeOnly), fmt.Sprintf(format, args...))
}
