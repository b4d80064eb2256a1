// Package lint finds in the checkout what no compiler finds: SQL that one of
// the two engines refuses or reads otherwise, queries that forget the tenant,
// files and functions too long for one sitting, and a few habits the house
// does without.
package lint

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Foreign reports whether a folder of that name holds nothing of ours.
func Foreign(name string) bool {
	switch name {
	case "testdata", "node_modules", "var", "data", "dist", "bench-out":
		return true
	}
	return strings.HasPrefix(name, ".")
}

// Tree returns the findings under root, each as "path:line: what".
func Tree(root string) ([]string, error) {
	schema, err := filepath.Glob(filepath.Join(root, "schema", "*.sql"))
	if err != nil {
		return nil, err
	}
	l := &linter{fset: token.NewFileSet(), tables: map[string]bool{}}
	for _, f := range schema {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		l.schema(rel(root, f), string(text))
	}
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != root && Foreign(d.Name()):
			return fs.SkipDir
		case !d.IsDir() && strings.HasSuffix(path, ".go"):
			text, err := os.ReadFile(path)
			return errors.Join(err, l.goFile(rel(root, path), text))
		}
		return nil
	})
	return l.found, err
}

func rel(root, path string) string {
	if r, err := filepath.Rel(root, path); err == nil {
		return filepath.ToSlash(r)
	}
	return path
}

type linter struct {
	fset   *token.FileSet
	tables map[string]bool // those that belong to tenants
	found  []string
}

func (l *linter) report(path string, line int, what string) {
	l.found = append(l.found, fmt.Sprintf("%s:%d: %s", path, line, what))
}

// goFile reads one file of Go. A file that does not parse is left to the
// compiler.
func (l *linter) goFile(path string, text []byte) error {
	f, err := parser.ParseFile(l.fset, path, text, parser.ParseComments)
	if err != nil || ast.IsGenerated(f) {
		return nil
	}
	test := strings.HasSuffix(path, "_test.go")
	l.sizes(path, f, test)
	if !test {
		l.manners(path, f)
	}
	// kit/sqldb and its tests are where the engines may differ.
	if !test && !strings.HasPrefix(path, "kit/sqldb/") && !strings.HasPrefix(path, "schema/dbtest/") && !strings.HasPrefix(path, "cmd/dev/") && !strings.HasPrefix(path, "bench/") { // floors are raw on purpose
		l.queries(path, f)
	}
	return nil
}

// The longest a file and a function may be, of code and of tests.
const (
	fileLines, testFileLines = 400, 800
	funcLines, testFuncLines = 70, 120
)

func (l *linter) sizes(path string, f *ast.File, test bool) {
	file, function := fileLines, funcLines
	if test {
		file, function = testFileLines, testFuncLines
	}
	if n := l.line(f.FileEnd); n > file {
		l.report(path, n, fmt.Sprintf("a file of %d lines; %d is the most", n, file))
	}
	for _, d := range f.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		if n := l.line(fn.End()) - l.line(fn.Pos()) + 1; n > function {
			l.report(path, l.line(fn.Pos()), fmt.Sprintf("func %s has %d lines; %d is the most", fn.Name.Name, n, function))
		}
	}
}

func (l *linter) line(p token.Pos) int { return l.fset.Position(p).Line }

// domains are the floors that live by the request's instant, never the clock.
var domains = []string{"commons/", "grassroots/", "central/", "members/", "office/"}

func (l *linter) manners(path string, f *ast.File) {
	domain := false
	for _, d := range domains {
		domain = domain || strings.HasPrefix(path, d)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			return !stopwatch(n)
		case *ast.ImportSpec:
			if n.Path.Value == `"C"` {
				l.report(path, l.line(n.Pos()), "no cgo: the binary is built for every platform from one")
			}
		case *ast.FuncDecl:
			if n.Recv == nil && n.Name.Name == "init" {
				l.report(path, l.line(n.Pos()), "no init: say it where it is used, or sync.OnceValue")
			}
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && domain && x.Name == "time" && n.Sel.Name == "Now" {
				l.report(path, l.line(n.Pos()), "no time.Now in a domain: the instant comes with the request (a stopwatch is named start)")
			}
		}
		return true
	})
}

// stopwatch reports whether a is start := time.Now(), which measures how long
// work takes and dates nothing.
func stopwatch(a *ast.AssignStmt) bool {
	name, ok := a.Lhs[0].(*ast.Ident)
	return ok && len(a.Lhs) == 1 && name.Name == "start"
}
