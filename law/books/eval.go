package books

import (
	"fmt"
	"slices"
	"strings"

	"unionhall/kit/money"
)

// Value is what one row of a form shows.
type Value struct {
	Row
	Amount money.Fen `json:"amount"`
	// Opening is the column 年初余额 of a form of balances.
	Opening money.Fen `json:"opening"`
	// Atoms are what the row is made of: their amounts add up to its own, so
	// that a page can open it down to accounts and vouchers.
	Atoms []Atom `json:"atoms,omitempty"`
}

// What an atom reads of the ledger, beside debit and credit turnover.
const (
	Closing   = "closing"    // the balance at the end of the period
	Opening   = "opening"    // at the start of the year
	Start     = "start"      // at the start of the period
	Turnover  = "turnover"   // on the natural side, without closing vouchers
	NetDebit  = "net_debit"  // debits less credits, likewise
	NetCredit = "net_credit" // credits less debits, likewise
	Debits    = "debits"     // debits, likewise
	Credits   = "credits"    // credits, likewise
)

// Atom is one figure of the ledger in a row.
type Atom struct {
	Account string    `json:"account"` // with all below it
	Source  string    `json:"source,omitempty"`
	Which   string    `json:"which"`
	Minus   bool      `json:"minus,omitempty"` // taken off
	Amount  money.Fen `json:"amount"`          // what it adds to the row
	Opening money.Fen `json:"opening"`         // and to its column 年初余额
}

// Eval makes the rows of a form from a ledger, one column: that of the month
// or that of the year to date, as the source was asked for. A check row is
// what its two sides differ by. For a line of 2021-a1 the source is that of
// one project alone.
//
// law: F3.28
func Eval(f Form, src Source) ([]Value, error) {
	e := evaluation{form: f, src: src, done: map[string][]Atom{}, open: map[string]bool{}}
	out := make([]Value, 0, len(f.Rows))
	for _, r := range f.Rows {
		atoms, err := e.row(r)
		if err != nil {
			return nil, fmt.Errorf("form %s: %w", f.ID, err)
		}
		v := Value{Row: r, Atoms: atoms}
		for _, a := range atoms {
			v.Amount += a.Amount
			v.Opening += a.Opening
		}
		out = append(out, v)
	}
	return out, nil
}

type evaluation struct {
	form Form
	src  Source
	done map[string][]Atom
	open map[string]bool
}

func (e *evaluation) row(r Row) ([]Atom, error) {
	if atoms, ok := e.done[r.ID]; ok {
		return atoms, nil
	}
	if e.open[r.ID] {
		return nil, fmt.Errorf("row %s is made of itself", r.ID)
	}
	e.open[r.ID] = true
	atoms, err := e.node(r.expr, r.ID)
	if err != nil {
		return nil, fmt.Errorf("row %s: %w", r.ID, err)
	}
	e.done[r.ID] = atoms
	return atoms, nil
}

func (e *evaluation) node(n node, self string) (out []Atom, err error) {
	switch n.op {
	case "+":
		for i, kid := range n.kids {
			atoms, err := e.node(kid, self)
			if err != nil {
				return nil, err
			}
			for _, a := range atoms {
				if n.minus[i] {
					a.Minus, a.Amount, a.Opening = !a.Minus, -a.Amount, -a.Opening
				}
				out = append(out, a)
			}
		}
		return out, nil
	case "row", "sum":
		return e.rows(n, self)
	case "open_result":
		for _, a := range Chart(e.form.System) {
			if a.Level == 1 && (a.Class == Income || a.Class == Expense) {
				out = append(out, e.atom(node{op: "bal"}, a.Code, a.Class == Expense))
			}
		}
		return out, nil
	}
	for _, code := range e.accounts(n.arg) {
		out = append(out, e.atom(n, code, false))
	}
	return out, nil
}

// rows adds up the rows that a reference or a sum names; none is itself.
func (e *evaluation) rows(n node, self string) (out []Atom, err error) {
	found := 0
	for i, r := range e.form.Rows {
		if r.ID == self || !e.named(n, i) {
			continue
		}
		found++
		atoms, err := e.row(r)
		if err != nil {
			return nil, err
		}
		out = append(out, atoms...)
	}
	if found == 0 {
		return nil, fmt.Errorf("nothing is %s(%s)", n.op, n.arg)
	}
	return out, nil
}

// named reports whether a sum or reference means the i-th row: A01, A01:A07,
// A*, or income and expense for the rows of level-1 accounts.
func (e *evaluation) named(n node, i int) bool {
	rows := e.form.Rows
	at := func(id string) int { return slices.IndexFunc(rows, func(r Row) bool { return r.ID == id }) }
	if from, to, ok := strings.Cut(n.arg, ":"); ok {
		return at(from) <= i && i <= at(to) && at(from) >= 0
	}
	if prefix, ok := strings.CutSuffix(n.arg, "*"); ok {
		return strings.HasPrefix(rows[i].ID, prefix)
	}
	if x := rows[i].expr; n.op == "sum" && len(x.kids) == 1 && x.kids[0].op == "occ" {
		a, ok := Find(e.form.System, x.kids[0].arg)
		return ok && a.Level == 1 && string(a.Class) == n.arg
	}
	return n.op == "row" && rows[i].ID == n.arg
}

// accounts reads 102, or the level-1 accounts of 502..510.
func (e *evaluation) accounts(arg string) (out []string) {
	from, to, ok := strings.Cut(arg, "..")
	if !ok {
		return []string{arg}
	}
	for _, a := range Chart(e.form.System) {
		if a.Level == 1 && a.Code >= from && a.Code <= to {
			out = append(out, a.Code)
		}
	}
	return out
}

// atom reads one figure. Only balances have a column of the year's start.
func (e *evaluation) atom(n node, code string, minus bool) Atom {
	a := Atom{Account: code, Source: n.source, Minus: minus}
	dr := func() money.Fen { return e.src.Debit(code, n.source, false) }
	cr := func() money.Fen { return e.src.Credit(code, n.source, false) }
	side := int64(1)
	if onCredit(e.form.System, code) {
		side = -1
	}
	switch n.op {
	case "bal", "bal_debit":
		a.Which, a.Amount, a.Opening = Closing, e.src.Closing(code, n.source), e.src.Opening(code, n.source)
		if n.op == "bal_debit" {
			a.Amount, a.Opening = a.Amount*money.Fen(side), a.Opening*money.Fen(side)
		}
	case "opening_year":
		a.Which, a.Amount = Opening, e.src.Opening(code, n.source)
	case "opening":
		moved := e.src.Debit(code, n.source, true) - e.src.Credit(code, n.source, true)
		a.Which, a.Amount = Start, e.src.Closing(code, n.source)-moved*money.Fen(side)
	case "occ":
		a.Which, a.Amount = Turnover, (dr()-cr())*money.Fen(side)
	case "net_debit":
		a.Which, a.Amount = NetDebit, dr()-cr()
	case "net_credit":
		a.Which, a.Amount = NetCredit, cr()-dr()
	case "dr":
		a.Which, a.Amount = Debits, dr()
	case "cr":
		a.Which, a.Amount = Credits, cr()
	}
	if !e.form.Balances {
		a.Opening = 0
	}
	if minus {
		a.Amount, a.Opening = -a.Amount, -a.Opening
	}
	return a
}

// onCredit reports whether the natural side of an account is the credit.
func onCredit(s System, code string) bool {
	a, ok := Stated(s, code)
	return ok && a.Side == Credit
}
