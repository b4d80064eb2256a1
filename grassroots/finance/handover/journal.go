package handover

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strings"
	"unicode"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Format is a plain-text ledger that an outside program re-adds.
type Format string

const (
	Hledger   Format = "hledger"
	Beancount Format = "beancount"
)

// check refuses a format that we do not write.
func (f Format) check() error {
	if f == Hledger || f == Beancount {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Text: "请选择导出的格式。", Fields: map[string]string{"format": "格式：hledger 或 beancount"}}
}

// posting is one entry with the voucher it stands in.
type posting struct {
	book, union, voucher string
	date                 day.Day
	month, number        int64
	carry                bool
	text, summary        string
	line                 books.Line
}

func scanPosting(row sqldb.Row) (p posting, err error) {
	l := &p.line
	err = row(&p.book, &p.union, &p.voucher, &p.date, &p.month, &p.number, &p.carry, &p.text,
		&l.Account, &l.Debit, &l.Credit, &l.Source, &l.Project, &l.Party, &l.Dept, &l.Summary)
	return p, err
}

// Journal writes the posted vouchers of a union's year, or with below of all
// unions under it as well, as text for an outside program: every account
// declared, every voucher in the order of its number, closing vouchers marked.
// An amount is a debit, or with a minus a credit. It streams.
//
// law: S2-48, F3.24
func Journal(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, year int, below bool, f Format, dst io.Writer) error {
	if err := f.check(); err != nil {
		return err
	}
	u, err := ledger.Union(ctx, tx, g, union)
	if err != nil {
		return err
	}
	if !below {
		if _, err := ledger.BookOf(ctx, tx, g, u.ID, year); err != nil {
			return err
		}
	}
	chart, err := ledger.ChartOf(ctx, tx, g.Tenant(), books.SystemOn(day.Day(fmt.Sprintf("%04d-01-01", year))))
	if err != nil {
		return err
	}
	w := writer{Writer: bufio.NewWriter(dst), chart: chart, year: year, apart: below, beancount: f == Beancount, names: map[string]string{}}
	if err := w.head(ctx, tx, g, u.ID, below); err != nil {
		return err
	}
	if err := sqldb.Each(ctx, tx, scanPosting, w.posting, `
		SELECT b.id, u.code, v.id, v.date, v.month, v.number, e.carry, v.summary, e.account, e.debit, e.credit, e.source, e.project, e.party, e.dept, e.summary`+
		scope(below)+` ORDER BY b.id, v.month, v.number, e.line`, g.Tenant(), g.Under(), u.ID, int64(year)); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return w.Flush()
}

// scope is the posted entries of the books asked for, within reach.
func scope(below bool) string {
	of := `b.union_id = $3`
	if below {
		of = `b.union_id IN (SELECT d.union_id FROM union_reach d WHERE d.tenant_id = $1 AND d.above_id = $3)`
	}
	return `
		FROM books b
		JOIN unions u ON u.tenant_id = b.tenant_id AND u.id = b.union_id
		JOIN vouchers v ON v.tenant_id = b.tenant_id AND v.book_id = b.id AND v.number IS NOT NULL
		JOIN entries e ON e.tenant_id = v.tenant_id AND e.voucher_id = v.id
		WHERE b.tenant_id = $1 AND b.year = $4 AND ` + of + `
			AND EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = b.tenant_id AND r.above_id = $2 AND r.union_id = b.union_id)`
}

type writer struct {
	*bufio.Writer
	chart     ledger.Accounts
	year      int
	apart     bool // each union's accounts under its code
	beancount bool
	names     map[string]string
	voucher   string
}

// head declares the currency and every account that has an entry.
func (w *writer) head(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, below bool) error {
	if w.beancount {
		fmt.Fprintf(w, "option \"title\" \"%d\"\noption \"operating_currency\" \"CNY\"\n\n", w.year)
	} else {
		fmt.Fprint(w, "commodity CNY 1000.00\ndecimal-mark .\n\n")
	}
	return sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) }, func(v [2]string) error {
		name := w.account(v[0], v[1])
		if w.beancount {
			fmt.Fprintf(w, "%d-01-01 open %s CNY\n", w.year, name)
		} else {
			fmt.Fprintf(w, "account %s\n", name)
		}
		return nil
	}, `SELECT DISTINCT u.code, e.account`+scope(below)+` ORDER BY u.code, e.account`, g.Tenant(), g.Under(), union, int64(w.year))
}

var roots = map[books.Class]string{books.Asset: "Assets", books.Liability: "Liabilities", books.Net: "Equity", books.Income: "Income", books.Expense: "Expenses"}

// account is the account as both programs take its name: the class, then every
// level by code and name.
func (w *writer) account(union, code string) string {
	key := union + code
	if name, ok := w.names[key]; ok {
		return name
	}
	var parts []string
	a, _ := w.chart.Find(code)
	for at, ok := a, true; ok; at, ok = w.chart.Find(at.Parent) {
		parts = append([]string{at.Code + "-" + plain(at.Name)}, parts...)
		if at.Parent == "" {
			break
		}
	}
	root := roots[a.Class]
	if w.apart {
		root += ":U" + union
	}
	w.names[key] = root + ":" + strings.Join(parts, ":")
	return w.names[key]
}

// plain drops what an account's name may not have: all but letters and digits.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// posting writes one entry, before it the head of a new voucher.
func (w *writer) posting(p posting) error {
	if p.voucher != w.voucher {
		w.voucher = p.voucher
		date := string(p.date)
		if p.month == 0 {
			date = fmt.Sprintf("%04d-01-01", w.year)
		}
		code := fmt.Sprintf("%02d-%d", p.month, p.number)
		switch {
		case w.beancount:
			fmt.Fprintf(w, "\n%s * \"%s\" \"%s\"%s\n  union: \"%s\"\n  voucher: \"%s\"\n", date, code, quoted(p.text), map[bool]string{true: " #carry"}[p.carry], p.union, p.voucher)
		default:
			fmt.Fprintf(w, "\n%s * (%s) %s  ; union:%s, voucher:%s%s\n", date, code, line(p.text), p.union, p.voucher, map[bool]string{true: ", carry:1"}[p.carry])
		}
	}
	fmt.Fprintf(w, "  %s  %s", w.account(p.union, p.line.Account), amount(p.line.Debit-p.line.Credit))
	apart := "  ; "
	for _, tag := range []struct{ name, value string }{{"source", p.line.Source}, {"project", p.line.Project}, {"party", p.line.Party}, {"dept", p.line.Dept}, {"side", side(p.line)}} {
		if tag.value == "" || tag.value == "-" {
			continue
		}
		if w.beancount {
			fmt.Fprintf(w, "\n    %s: \"%s\"", tag.name, quoted(tag.value))
		} else {
			fmt.Fprintf(w, "%s%s:%s", apart, tag.name, line(tag.value))
			apart = ", "
		}
	}
	_, err := fmt.Fprintln(w)
	return err
}

// side tells a red entry from one on the other side: both bear the same sign.
func side(l books.Line) string {
	if l.Debit < 0 || l.Credit < 0 {
		return map[bool]string{true: "red-debit", false: "red-credit"}[l.Debit < 0]
	}
	return ""
}

func amount(f money.Fen) string { return f.String() + " CNY" }

// line is a text that ends no line and begins no comment.
func line(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == ';' || r == ',' || r == '|' }), " ")
}

// quoted is a text within double quotes.
func quoted(s string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", " ", "\r", " ").Replace(s)
}
