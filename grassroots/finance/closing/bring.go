package closing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// bring posts the opening voucher of the next year from the closing balances
// of e, by account, source, project and party, equal to the fen. The next
// book is opened if it is not yet. One that has the same opening balances
// already is left as it is; other ones are fault.Conflict.
//
// law: F3.14
func bring(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, e Ending, at day.Instant) (ledger.Voucher, error) {
	next, err := nextBook(ctx, tx, g, e.Book, at)
	if err != nil {
		return ledger.Voucher{}, err
	}
	if _, err := ledger.Hold(ctx, tx, g.Tenant(), next, 0); err != nil {
		return ledger.Voucher{}, err
	}
	there, err := openingOf(ctx, tx, g, next)
	if err != nil {
		return there, err
	}
	lines, err := closingLines(ctx, tx, g, e)
	if err != nil {
		return there, err
	}
	switch {
	case there.State == ledger.Posted && same(there.Lines, lines):
		return there, nil
	case there.ID != "":
		return there, fault.ByRule(fault.Conflict, "F3.14", "%d 年已经另有年初余额凭证，与本年的期末余额不同或没有记账；请先把它作废或用红字冲销，再办年结。", next.Year)
	case len(lines) == 0:
		return there, nil
	}
	return ledger.Enter(ctx, tx, g, m, next, ledger.Entry{Union: next.Union.ID, Date: firstDay(next.Year), Summary: fmt.Sprintf("%d 年期末余额转入", e.Year), Lines: lines,
		Nature: ledger.Opening, Event: "opening", SourceID: e.ID}, at)
}

func firstDay(year int) day.Day { return day.Day(fmt.Sprintf("%04d-01-01", year)) }

func nextBook(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, at day.Instant) (ledger.Book, error) {
	all, err := ledger.Books(ctx, tx, g, b.Union.ID, 0)
	if err != nil {
		return ledger.Book{}, err
	}
	if i := slices.IndexFunc(all, func(x ledger.Book) bool { return x.Year == b.Year+1 }); i >= 0 {
		return all[i], nil
	}
	return ledger.Start(ctx, tx, g.For(ledger.Open), ledger.Opens{Union: b.Union.ID, Year: b.Year + 1, Level: b.Level}, at)
}

// openingOf returns the opening voucher of a book that counts: neither
// discarded nor cancelled by a red one; without an id there is none.
func openingOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book) (ledger.Voucher, error) {
	ids, err := sqldb.List(ctx, tx, sqldb.Text, `
		SELECT y.id FROM (`+openingVouchers+`) y WHERE y.book_id = $3 ORDER BY y.id LIMIT 1`, g.Tenant(), int64(b.Year), b.ID)
	if err != nil || len(ids) == 0 {
		return ledger.Voucher{}, err
	}
	return ledger.Find(ctx, tx, g, ids[0])
}

// openingVouchers are the opening vouchers of the books of a year that count,
// posted or waiting: each by the index of its own.
const openingVouchers = `
	SELECT x.id, x.book_id, x.union_id, x.state, x.total FROM (
		SELECT v.id, v.book_id, b.union_id, v.state, v.total
		FROM books b JOIN vouchers v ON v.tenant_id = b.tenant_id AND v.book_id = b.id AND v.month = 0 AND v.number IS NOT NULL
		WHERE b.tenant_id = $1 AND b.year = $2 AND v.nature = 'opening' AND NOT EXISTS (
			SELECT 1 FROM vouchers r WHERE r.tenant_id = v.tenant_id AND r.reverses_id = v.id AND r.state <> 'discarded' AND r.state = 'posted')
		UNION ALL
		SELECT v.id, v.book_id, b.union_id, v.state, v.total
		FROM books b JOIN vouchers v ON v.tenant_id = b.tenant_id AND v.book_id = b.id AND v.number IS NULL
		WHERE b.tenant_id = $1 AND b.year = $2 AND v.month = 0 AND v.nature = 'opening' AND v.state <> 'discarded'
	) x`

type lineKey struct{ account, source, project, party string }

// same reports whether two vouchers say the same of every account, source,
// project and party.
func same(a, b []books.Line) bool {
	sums := map[lineKey]money.Fen{}
	for _, l := range a {
		sums[lineKey{l.Account, l.Source, l.Project, l.Party}] += l.Debit - l.Credit
	}
	for _, l := range b {
		sums[lineKey{l.Account, l.Source, l.Project, l.Party}] -= l.Debit - l.Credit
	}
	for _, n := range sums {
		if n != 0 {
			return false
		}
	}
	return true
}

// closingLines writes what stands at the end of a year as the lines of an
// opening voucher. What parties owe or are owed stands apart, each with the
// day of its oldest open item; the balances say how much there is in all.
func closingLines(ctx context.Context, tx *sqldb.Tx, g auth.Grant, e Ending) (out []books.Line, err error) {
	owed, err := parties(ctx, tx, g.Tenant(), e.ID)
	if err != nil {
		return nil, err
	}
	for _, b := range e.open {
		rest := natural(e.System, b.Account, b.Amount) // debit less credit
		for _, p := range owed[lineKey{b.Account, b.Source, b.Project, ""}] {
			rest -= p.net
			out = append(out, opening(books.Line{Account: b.Account, Source: b.Source, Project: b.Project, Party: p.party, Summary: "年初余额，最早发生 " + string(p.since)}, p.net))
		}
		if rest != 0 {
			out = append(out, opening(books.Line{Account: b.Account, Source: b.Source, Project: b.Project, Summary: "年初余额"}, rest))
		}
	}
	// an account whose parties cancel out holds nothing in all, yet they are owed
	held := map[lineKey]bool{}
	for _, b := range e.open {
		held[lineKey{b.Account, b.Source, b.Project, ""}] = true
	}
	var more []lineKey
	for k := range owed {
		if !held[k] {
			more = append(more, k)
		}
	}
	slices.SortFunc(more, func(a, b lineKey) int {
		return strings.Compare(a.account+a.source+a.project, b.account+b.source+b.project)
	})
	for _, k := range more {
		for _, p := range owed[k] {
			out = append(out, opening(books.Line{Account: k.account, Source: k.source, Project: k.project, Party: p.party, Summary: "年初余额，最早发生 " + string(p.since)}, p.net))
		}
	}
	return out, nil
}

// opening puts debit less credit on its side.
func opening(l books.Line, net money.Fen) books.Line {
	if net > 0 {
		l.Debit = net
	} else {
		l.Credit = -net
	}
	return l
}

// Since is the day of the oldest open item that an opening line tells of.
func Since(summary string) (day.Day, bool) {
	_, text, ok := strings.Cut(summary, "最早发生 ")
	if !ok {
		return "", false
	}
	d, err := day.Parse(text)
	return d, err == nil
}

// item is what is open of one entry.
type item struct {
	on  day.Day
	net money.Fen
}

type party struct {
	party string
	net   money.Fen
	since day.Day
	open  []item
}

// add settles the oldest items first.
func (p *party) add(on day.Day, net money.Fen) {
	p.net += net
	for len(p.open) > 0 && net != 0 && (p.open[0].net > 0) != (net > 0) {
		if abs(p.open[0].net) > abs(net) {
			p.open[0].net += net
			return
		}
		net += p.open[0].net
		p.open = p.open[1:]
	}
	if net != 0 {
		p.open = append(p.open, item{on, net})
	}
}

func abs(n money.Fen) money.Fen {
	if n < 0 {
		return -n
	}
	return n
}

// parties adds up what each party owes or is owed, by account, source and
// project, from the entries of debtors and creditors, which an index holds
// apart from all others.
func parties(ctx context.Context, tx *sqldb.Tx, tenant int64, book string) (map[lineKey][]*party, error) {
	out, at := map[lineKey][]*party{}, map[lineKey]*party{}
	type row struct {
		k       lineKey
		on      day.Day
		net     money.Fen
		summary string
	}
	for _, between := range [][2]string{{"12", "14"}, {"15", "16"}, {"2", "3"}} {
		err := sqldb.Each(ctx, tx, func(scan sqldb.Row) (r row, err error) {
			err = scan(&r.k.account, &r.k.source, &r.k.project, &r.k.party, &r.on, &r.net, &r.summary)
			return r, err
		}, func(r row) error {
			r.k.source, r.k.project = strings.TrimPrefix(r.k.source, "-"), strings.TrimPrefix(r.k.project, "-")
			p := at[r.k]
			if p == nil {
				p = &party{party: r.k.party}
				at[r.k] = p
				all := lineKey{r.k.account, r.k.source, r.k.project, ""}
				out[all] = append(out[all], p)
			}
			if since, ok := Since(r.summary); ok {
				r.on = since
			}
			p.add(r.on, r.net)
			return nil
		}, `
			SELECT account, source, project, party, date, debit - credit, CASE WHEN month = 0 THEN summary ELSE '' END FROM entries
			WHERE tenant_id = $1 AND book_id = $2 AND account >= $3 AND account < $4 AND party IS NOT NULL
			ORDER BY account, month, number, line`, tenant, book, between[0], between[1])
		if err != nil {
			return nil, err
		}
	}
	for k, list := range out {
		list = slices.DeleteFunc(list, func(p *party) bool { return p.net == 0 })
		for _, p := range list {
			p.since = p.open[0].on
			for _, i := range p.open {
				p.since = min(p.since, i.on)
			}
		}
		slices.SortFunc(list, func(a, b *party) int { return strings.Compare(a.party, b.party) })
		if out[k] = list; len(list) == 0 {
			delete(out, k)
		}
	}
	return out, nil
}
