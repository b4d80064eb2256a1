package books

import (
	"testing"

	"unionhall/kit/money"
)

// ledger is a small set of books: opening balances and the vouchers of a year.
type ledger struct {
	system  System
	opening []Balance
	posted  []posting
}

type posting struct {
	month   int
	closing bool
	Line
}

// post judges a voucher and takes it in, or ends the test.
func (l *ledger) post(t testing.TB, month int, closing bool, lines ...Line) {
	t.Helper()
	if len(lines) == 0 {
		return
	}
	if err := Judge(l.system, Voucher{Carry: closing, Attachments: 1, Lines: lines}, l.known); err != nil {
		t.Fatalf("%v: %+v", err, lines)
	}
	for _, line := range lines {
		l.posted = append(l.posted, posting{month, closing, line})
	}
}

// known takes own details for what stands above them.
func (l *ledger) known(code string) (Account, bool) {
	a, ok := Find(l.system, code)
	if !ok {
		if a, ok = Stated(l.system, code); ok {
			a.Code, a.Parent, a.Level, a.Leaf = code, a.Code, a.Level+1, true
		}
	}
	return a, ok
}

// dr and cr make a voucher of two lines and more by hand: "102 500.00".
func dr(account, amount string) Line {
	return Line{Account: account, Debit: yuan(amount)}
}

func cr(account, amount string) Line {
	return Line{Account: account, Credit: yuan(amount)}
}

func (l Line) of(source, project string) Line {
	l.Source, l.Project = source, project
	return l
}

func yuan(text string) money.Fen {
	fen, err := money.Parse(text)
	if err != nil {
		panic(err)
	}
	return fen
}

// event posts what an event writes.
func (l *ledger) event(t testing.TB, month int, key string, given map[string]string) {
	t.Helper()
	e, ok := EventOf(key)
	if !ok {
		t.Fatal("no event " + key)
	}
	lines, err := Write(e, l.system, given)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	l.post(t, month, false, lines...)
}

// period is the ledger as a Source: the months from and to, of one project
// where it is named.
type period struct {
	*ledger
	from, to int
	project  string
}

func (l *ledger) year(to int) period { return period{l, 1, to, ""} }
func (l *ledger) month(m int) period { return period{l, m, m, ""} }
func (p period) matches(b Line, account, source string) bool {
	return under(b.Account, account) && (source == "" || b.Source == source) && (p.project == "" || b.Project == p.project)
}

func (p period) natural(account string, debit money.Fen) money.Fen {
	if onCredit(p.system, account) {
		return -debit
	}
	return debit
}

func (p period) Opening(account, source string) money.Fen {
	var sum money.Fen
	for _, b := range p.opening {
		if p.matches(Line{Account: b.Account, Source: b.Source, Project: b.Project}, account, source) {
			if onCredit(p.system, b.Account) {
				sum -= b.Amount
			} else {
				sum += b.Amount
			}
		}
	}
	return p.natural(account, sum)
}

func (p period) Closing(account, source string) money.Fen {
	all := period{p.ledger, 1, p.to, p.project}
	moved := all.Debit(account, source, true) - all.Credit(account, source, true)
	return p.Opening(account, source) + p.natural(account, moved)
}

func (p period) Debit(account, source string, closing bool) money.Fen {
	return p.turnover(account, source, closing, func(l Line) money.Fen { return l.Debit })
}

func (p period) Credit(account, source string, closing bool) money.Fen {
	return p.turnover(account, source, closing, func(l Line) money.Fen { return l.Credit })
}

func (p period) turnover(account, source string, closing bool, of func(Line) money.Fen) (sum money.Fen) {
	for _, x := range p.posted {
		if x.month >= p.from && x.month <= p.to && (closing || !x.closing) && p.matches(x.Line, account, source) {
			sum += of(x.Line)
		}
	}
	return sum
}

// balances lists what stands in accounts by tags at the end of a month.
func (l *ledger) balances(to int) (out []Balance) {
	at := map[Balance]int{}
	add := func(b Balance, debit money.Fen) {
		if onCredit(l.system, b.Account) {
			debit = -debit
		}
		i, ok := at[b]
		if !ok {
			i = len(out)
			at[b] = i
			out = append(out, b)
		}
		out[i].Amount += debit
	}
	for _, b := range l.opening {
		amount := b.Amount
		b.Amount = 0
		if onCredit(l.system, b.Account) {
			amount = -amount
		}
		add(b, amount)
	}
	for _, x := range l.posted {
		if x.month <= to {
			add(Balance{Account: x.Account, Source: x.Source, Project: x.Project, Func: x.Func}, x.Debit-x.Credit)
		}
	}
	return out
}

// close carries the result of a month, and of December the whole year.
func (l *ledger) close(t testing.TB, month int, finished ...string) {
	t.Helper()
	l.post(t, month, true, Carry(l.system, l.balances(month))...)
	if month < 12 || l.system == A09 {
		return
	}
	l.post(t, 12, true, Gather(l.balances(12), "321", "331")...)
	var free []Balance
	for _, b := range l.balances(12) {
		for _, project := range finished {
			if b.Project == project {
				free = append(free, b)
			}
		}
	}
	l.post(t, 12, true, Free(free)...)
	l.post(t, 12, true, Gather(l.balances(12), "322", "332")...)
}

// show makes a form and returns its printed rows that are not zero, and fails
// on a check that is not met.
func show(t testing.TB, id string, src Source, annual bool) map[string]string {
	t.Helper()
	f, ok := FormOf(id)
	if !ok {
		t.Fatal("no form " + id)
	}
	values, err := Eval(f, src)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, v := range values {
		var sum, opening money.Fen
		for _, a := range v.Atoms {
			sum, opening = sum+a.Amount, opening+a.Opening
		}
		if sum != v.Amount || opening != v.Opening {
			t.Errorf("%s %s: its parts add up to %s", id, v.ID, sum)
		}
		stands := v.Month && !annual || v.Year && annual
		if v.Check && stands && (v.Amount != 0 || v.Opening != 0) {
			t.Errorf("%s: %s is off by %s, %s", id, v.Formula, v.Amount, v.Opening)
		}
		if stands && !v.Check && v.Amount != 0 {
			out[v.ID] = v.Amount.String()
		}
	}
	return out
}

// want compares rows of a form by hand: "R05 6000.00 R16 200.00".
func want(t testing.TB, got map[string]string, pairs ...string) {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		w := pairs[i+1]
		if have := got[pairs[i]]; have != w && (w != "0.00" || have != "") {
			t.Errorf("%s is %q, want %s", pairs[i], have, w)
		}
	}
}

func unbroken(t testing.TB, l *ledger, to int, annual bool) {
	t.Helper()
	for _, b := range Check(l.system, l.year(to), annual) {
		t.Errorf("%s %s", b.Rule, b.Text)
	}
}
