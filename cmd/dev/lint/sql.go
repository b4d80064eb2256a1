package lint

import (
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// ban is a pattern that one engine refuses or reads otherwise.
type ban struct {
	pattern *regexp.Regexp
	why     string
}

// bans are matched against SQL without comments and quoted texts. Each was
// seen to fail or to differ when run.
var bans = sync.OnceValue(func() (out []ban) {
	for _, b := range [][2]string{
		{`DELETE\s+FROM\s+\w+(\s+\w+)?\s+USING\b`, "DELETE USING: not on SQLite; use a subquery"},
		{`\bMERGE\s+INTO\b`, "MERGE: not on SQLite; use ON CONFLICT"},
		{`\bAS\s*\(\s*(INSERT|UPDATE|DELETE)\b`, "a CTE that writes: not on SQLite"},
		{`\bFOR\s+(UPDATE|SHARE|NO\s+KEY|KEY\s+SHARE)\b`, "FOR UPDATE: not on SQLite; touch the head row first"},
		{`\bSKIP\s+LOCKED\b`, "SKIP LOCKED: not on SQLite; claim by a guarded UPDATE"},
		{`\bDISTINCT\s+ON\b`, "DISTINCT ON: not on SQLite; use row_number()"},
		{`\bLATERAL\b`, "LATERAL: not on SQLite"},
		{`\b(ROLLUP|CUBE|GROUPING\s+SETS)\b`, "ROLLUP: not on SQLite"},
		{`\bFETCH\s+(FIRST|NEXT)\b`, "FETCH FIRST: not on SQLite; use LIMIT"},
		{`=\s*(ANY|ALL|SOME)\s*\(`, "= ANY: not on SQLite"},
		{`\bFROM\s*\(\s*VALUES\b`, "VALUES AS v(a): not on SQLite; use a CTE"},
		{`\)\s*(UNION|EXCEPT|INTERSECT)\b[^()]*\(\s*SELECT|\b(UNION|EXCEPT|INTERSECT)\s+(ALL\s+)?\(`, "a parenthesised UNION: not on SQLite"},
		{`\bCREATE\s+OR\s+REPLACE\b`, "CREATE OR REPLACE: not on SQLite"},
		{`\bCOMMENT\s+ON\b`, "COMMENT ON: not on SQLite"},
		{`\bINCLUDE\s*\(`, "INCLUDE: not on SQLite"},
		{`CREATE\s+(UNIQUE\s+)?INDEX[^;]*\bNULLS\s+(FIRST|LAST)\b`, "NULLS LAST inside an index: not on SQLite"},
		{`\bADD\s+(CONSTRAINT\s+\w+\s+)?FOREIGN\s+KEY\b`, "ADD FOREIGN KEY: not on SQLite"},
		{`\bDROP\s+(TABLE|COLUMN|INDEX|VIEW|SCHEMA|CONSTRAINT)[^;]*\bCASCADE\b`, "DROP ... CASCADE: not on SQLite"},
		{`\bGENERATED\b[^,;]*\bIDENTITY\b|\b(BIG|SMALL)?SERIAL\b`, "identity columns: not on SQLite; ids come from Go"},
		{`\bCOLLATE\b`, "COLLATE: the names differ; store a sort key"},
		{`\b(GREATEST|LEAST|LPAD|RPAD|POSITION|EXTRACT|NOW|DATE_TRUNC|AGE|TO_CHAR|TO_DATE|SPLIT_PART|REGEXP_REPLACE|ARRAY_AGG|GEN_RANDOM_UUID)\s*\(`, "a function of PostgreSQL only; do it in Go"},
		{`\b(GROUP_CONCAT|TYPEOF|DATETIME|STRFTIME|JULIANDAY|UNIXEPOCH|IFNULL|INSTR|PRINTF|IIF|HEX|QUOTE|LAST_INSERT_ROWID|RANDOMBLOB)\s*\(`, "a function of SQLite only; do it in Go"},
		{`\bCURRENT_(TIMESTAMP|DATE|TIME)\b`, "the clock of the database: the instant comes with the request"},
		{`\bINTERVAL\b`, "intervals: not on SQLite; reckon days in Go"},
		{`\bN?ILIKE\b|\bSIMILAR\s+TO\b|\bGLOB\b|\bREGEXP\b`, "ILIKE, GLOB, REGEXP: on one engine only; fold in Go into a column"},
		{`~`, "~: regular expressions are not on SQLite"},
		{`::`, ":: is PostgreSQL's cast; write CAST(x AS t)"},
		{`\?`, "?: placeholders are $1, $2"},
		{`"`, `double quotes: SQLite takes a misspelt "name" for a text`},
		{"`", "backquotes: not on PostgreSQL"},
		{`\bLIMIT\s+-`, "LIMIT -1: not on PostgreSQL"},
		{`\bROWID\b|\bAUTOINCREMENT\b|\bPRAGMA\b|\bSQLITE_\w+`, "a word of SQLite only"},
		{`\bPG_\w+|\bINFORMATION_SCHEMA\b`, "a word of PostgreSQL only"},
		{`\bINSERT\s+OR\s+\w+|\bREPLACE\s+INTO\b`, "INSERT OR: not on PostgreSQL; use ON CONFLICT"},
		{`\$\d+\s+IS\s+(NOT\s+)?NULL\b`, "$1 IS NULL: PostgreSQL asks for its type; write CAST($1 AS text) IS NULL"},
		{`\bOFFSET\s+[$\d]`, "OFFSET: page by key, a list may grow"},
		{`=\s*(TRUE|FALSE)\b|\b(TRUE|FALSE)\s*=`, "compare no boolean: write the column or NOT the column"},
		{`\bARRAY\s*\[|\bUNNEST\s*\(|\bGENERATE_SERIES\s*\(`, "arrays: not on SQLite"},
		{`\bNATURAL\s+JOIN\b`, "NATURAL JOIN: name the columns"},
		{`\bCREATE\s+(CONSTRAINT\s+)?(TRIGGER|FUNCTION|PROCEDURE|SEQUENCE|TYPE|EXTENSION|DOMAIN|RULE|MATERIALIZED)\b`, "triggers, functions, sequences, types: rules stay in Go"},
		{`\bSET\s+NULL\b|\bDEFERRABLE\b`, "SET NULL and deferred keys: none in the schema"},
		{`\b(STRICT|WITHOUT\s+ROWID)\s*;`, "a table option of SQLite only"},
		{`\bLISTEN\s+\w+|\bNOTIFY\s+\w+`, "NOTIFY: instances poll"},
	} {
		out = append(out, ban{regexp.MustCompile(`(?i)` + b[0]), b[1]})
	}
	return out
})

var (
	statement = regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|MERGE|REPLACE)\s`)
	fragment  = regexp.MustCompile(`^\s*(FROM|WHERE|(LEFT |INNER |CROSS )?JOIN|ORDER BY|GROUP BY|HAVING|LIMIT|OFFSET|UNION|RETURNING|ON CONFLICT|FOR UPDATE|AND|OR|SET|VALUES|EXISTS|NOT EXISTS)\s`)
	lowerCase = regexp.MustCompile(`(?s)^\s*(select\s.+\sfrom\s|insert\s+into\s+\w+\s*\(|update\s+\w+\s+set\s|delete\s+from\s+\w+\s+where\s)`)
	strayText = regexp.MustCompile(`'(?:[^']|'')*'`)
	remark    = regexp.MustCompile(`--[^\n]*`)
	like      = regexp.MustCompile(`(?i)\bLIKE\b`)
	escape    = regexp.MustCompile(`(?i)\bESCAPE\b`)
	extreme   = regexp.MustCompile(`(?i)\b(MAX|MIN)\s*\(`)
	sum       = regexp.MustCompile(`(?i)\bSUM\s*\(`)
	cast      = regexp.MustCompile(`(?i)\bCAST\s*\(`)
)

// portable returns why a piece of SQL would not run alike on both engines.
func portable(sql string) (out []string) {
	bare := strayText.ReplaceAllString(remark.ReplaceAllString(sql, ""), "''")
	for _, b := range bans() {
		if b.pattern.MatchString(bare) {
			out = append(out, b.why)
		}
	}
	if len(like.FindAllString(bare, -1)) > len(escape.FindAllString(bare, -1)) {
		out = append(out, `LIKE without ESCAPE '\': the engines escape differently`)
	}
	for _, at := range extreme.FindAllStringIndex(bare, -1) {
		if arguments(bare[at[1]:]) > 1 {
			out = append(out, "max(a, b): not on PostgreSQL; choose in Go or by CASE")
		}
	}
	if sum.MatchString(bare) && !cast.MatchString(bare) {
		out = append(out, "sum(x) is numeric on PostgreSQL: CAST(sum(x) AS bigint)")
	}
	return out
}

// arguments counts those of a call whose opening parenthesis stands before
// text.
func arguments(text string) int {
	n, depth := 1, 0
	for _, r := range text {
		switch {
		case r == '(':
			depth++
		case r == ')' && depth == 0:
			return n
		case r == ')':
			depth--
		case r == ',' && depth == 0:
			n++
		}
	}
	return n
}

// hole stands in a query where the program puts in a piece of its own.
const hole = "\x00"

// queries judges every query that a file of Go spells out.
func (l *linter) queries(path string, f *ast.File) {
	excused := l.excuses(f)
	inner := map[ast.Expr]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok || inner[e] {
			return true
		}
		text, ok := spelt(e, inner)
		if !ok {
			return true
		}
		line := l.line(e.Pos())
		if lowerCase.MatchString(text) {
			l.report(path, line, "SQL in small letters: write its words in capitals")
		}
		if !statement.MatchString(text) && !fragment.MatchString(text) {
			return true
		}
		if !excused(line, "one engine") {
			for _, why := range portable(text) {
				l.report(path, line, why)
			}
		}
		if statement.MatchString(text) && !excused(line, "all tenants") {
			for _, why := range l.tenants(text) {
				l.report(path, line, why)
			}
		}
		return true
	})
}

// spelt is the text of a literal, or of a sum of literals with holes. The
// parts of a sum are noted, so that they are not read again on their own.
func spelt(e ast.Expr, inner map[ast.Expr]bool) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.ParenExpr:
		inner[e.X] = true
		return spelt(e.X, inner)
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		x, okX := spelt(e.X, inner)
		y, okY := spelt(e.Y, inner)
		if !okX && !okY {
			return "", false
		}
		for i, part := range []*string{&x, &y} {
			if sub := []ast.Expr{e.X, e.Y}[i]; []bool{okX, okY}[i] {
				inner[sub] = true
			} else {
				*part = hole
			}
		}
		return x + y, true
	}
	return "", false
}

// excuses finds the comments "one engine: why" and "all tenants: why". One
// that documents a function holds for all of it, any other for the query that
// begins within three lines.
func (l *linter) excuses(f *ast.File) func(line int, word string) bool {
	type span struct {
		word     string
		from, to int
	}
	var spans []span
	for _, g := range f.Comments {
		for _, word := range []string{"one engine", "all tenants"} {
			if strings.Contains(g.Text(), word+": ") {
				spans = append(spans, span{word, l.line(g.Pos()), l.line(g.End()) + 3})
			}
		}
	}
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Doc != nil {
			for i := range spans {
				if spans[i].from >= l.line(fn.Doc.Pos()) && spans[i].from <= l.line(fn.Doc.End()) {
					spans[i].to = l.line(fn.End())
				}
			}
		}
	}
	return func(line int, word string) bool {
		for _, s := range spans {
			if s.word == word && s.from <= line && line <= s.to {
				return true
			}
		}
		return false
	}
}
