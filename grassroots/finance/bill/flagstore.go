package bill

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law"
	"unionhall/law/books"
)

// Answered is what the accountant said to a doubt. It stays as it was written.
type Answered struct {
	Words string      `json:"words"`
	By    string      `json:"by"`
	At    day.Instant `json:"at"`
}

// limits reads the numbers that hold for a tenant on a day.
func limits(ctx context.Context, tx *sqldb.Tx, tenant int64, on day.Day) (p Limits, err error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return p, err
	}
	at := law.PlaceOf(tenant)
	number := func(id string) (n int) {
		if err == nil {
			n, err = book.Int(id, at, on)
		}
		return n
	}
	days := func(id string) int {
		if err != nil {
			return 0
		}
		var s law.Span
		s, err = book.Days(id, at, on)
		return s.Days
	}
	p = Limits{SplitDays: days("books.flag.split_days"), Split: money.Fen(number("books.flag.split_yuan")) * 100, BurstDays: days("books.flag.burst_days"),
		BurstVouchers: number("books.flag.burst_vouchers"), Round: money.Fen(number("books.flag.round_yuan")) * 100}
	if err != nil {
		return p, err
	}
	share, err := book.Ratio("books.flag.burst_share", at, on)
	p.BurstShare = [2]int64{share.Num, share.Den}
	return p, err
}

// slips reads the posted vouchers of a book with their lines, those apart that
// open or close the year.
func slips(ctx context.Context, tx *sqldb.Tx, tenant int64, book string) (out []Slip, err error) {
	type row struct {
		s Slip
		l books.Line
	}
	err = sqldb.Each(ctx, tx, func(scan sqldb.Row) (r row, err error) {
		var nature, reversed string
		err = scan(&r.s.ID, &r.s.Month, &r.s.Number, &r.s.Date, &r.s.Summary, &r.s.Event, &nature, &reversed, &r.s.Maker, &r.s.Reviewer, &r.s.Poster, &r.s.Receipts, &r.l.Account, &r.l.Party, &r.l.Debit, &r.l.Credit)
		r.s.Red = nature == string(ledger.Red) || reversed != ""
		return r, err
	}, func(r row) error {
		if n := len(out); n == 0 || out[n-1].ID != r.s.ID {
			out = append(out, r.s)
		}
		s := &out[len(out)-1]
		s.Lines = append(s.Lines, r.l)
		return nil
	}, `
		SELECT v.id, v.month, v.number, v.date, v.summary, v.event, v.nature, red.id, v.maker, v.reviewer, v.poster,
			(SELECT count(*) FROM receipts x WHERE x.tenant_id = v.tenant_id AND x.voucher_id = v.id AND x.state = 'issued'),
			e.account, e.party, e.debit, e.credit
		FROM vouchers v
		JOIN entries e ON e.tenant_id = v.tenant_id AND e.voucher_id = v.id
		LEFT JOIN vouchers red ON red.tenant_id = v.tenant_id AND red.reverses_id = v.id AND red.state = 'posted'
		WHERE v.tenant_id = $1 AND v.book_id = $2 AND v.month > 0 AND v.number IS NOT NULL AND v.nature <> 'carry' AND v.nature <> 'opening'
		ORDER BY v.month, v.number, e.line`, tenant, book)
	return out, err
}

// Flags raises the doubts of a book within g's reach, the latest first, each
// with what was answered: those about entries, about the invoices that its
// vouchers use, and second uses of invoices that were refused in its year.
//
// law: S2-47
func Flags(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book) ([]Flag, error) {
	p, err := limits(ctx, tx, g.Tenant(), day.Day(fmt.Sprintf("%d-12-31", b.Year)))
	if err != nil {
		return nil, err
	}
	calendar, err := rulebook.Calendar(ctx, tx, g.Tenant())
	if err != nil {
		return nil, err
	}
	all, err := slips(ctx, tx, g.Tenant(), b.ID)
	if err != nil {
		return nil, err
	}
	out := Judge(all, p, calendar.Workday)
	papers, err := paperFlags(ctx, tx, g, b)
	if err != nil {
		return nil, err
	}
	out = append(out, papers...)
	refused, err := refusals(ctx, tx, g, b)
	if err != nil {
		return nil, err
	}
	out = append(out, refused...)
	slices.SortStableFunc(out, func(a, b Flag) int { return strings.Compare(string(b.Date), string(a.Date)) })
	answers, err := answersOf(ctx, tx, g.Tenant(), b.ID)
	for i := range out {
		if a, ok := answers[out[i].Key]; ok {
			out[i].Answer = &a
		}
	}
	return out, err
}

// FlagsOf lists the doubts that point to one voucher: for the page that shows
// it.
//
// law: S2-47
func FlagsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, v ledger.Voucher) ([]Flag, error) {
	b, err := ledger.FindBook(ctx, tx, g, v.BookID)
	if err != nil {
		return nil, err
	}
	all, err := Flags(ctx, tx, g, b)
	return slices.DeleteFunc(all, func(f Flag) bool { return !f.Names(v.ID) }), err
}

// paperFlags raises the doubts about invoices that a book's vouchers use.
func paperFlags(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book) (out []Flag, err error) {
	u, err := registry.Find(ctx, tx, g, b.Union.ID)
	if err != nil {
		return nil, err
	}
	used, err := sqldb.List(ctx, tx, scanInvoice, selectInvoices+` AND v.book_id = $3 ORDER BY i.id`, g.Tenant(), g.Under(), b.ID)
	for _, i := range used {
		v := ledger.Voucher{ID: i.Voucher.ID, Year: b.Year, Month: i.Voucher.Month, Number: i.Voucher.Number, Kind: "记", Total: i.Amount}
		doubts := Doubts(i, u, &v)
		if i.State == Reddened {
			doubts = append(doubts, books.Doubt{Rule: "F6.2", Text: "发票已被红冲，入账的凭证要用红字冲销。"})
		}
		if len(doubts) == 0 {
			continue
		}
		words := make([]string, len(doubts))
		for n, d := range doubts {
			words[n] = d.Text
		}
		out = append(out, Flag{Kind: Buyer, Key: "buyer:" + i.ID, Date: i.Date, Rule: doubts[0].Rule, Text: "发票 " + i.Number + "：" + strings.Join(words, ""), Invoice: i.ID,
			Vouchers: []Named{{v.ID, v.Name(), i.Date, i.Amount}}})
	}
	return out, err
}

// refusals lists the second uses of invoices that were refused to a union in a
// year.
func refusals(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book) ([]Flag, error) {
	year := fmt.Sprint(b.Year)
	return sqldb.List(ctx, tx, func(row sqldb.Row) (f Flag, err error) {
		var id, number, invoice string
		var seen int64
		err = row(&id, &f.Date, &number, &invoice, &seen)
		f.Kind, f.Key, f.Rule, f.Text = Twice, "twice:"+id, Twice.rule(), "有人再次登记发票 "+number+"，已拒绝。"
		if seen > 0 {
			f.Invoice = invoice
		}
		return f, err
	}, `
		SELECT n.id, n.day, i.number, i.id, (SELECT count(*) FROM union_reach s WHERE s.tenant_id = i.tenant_id AND s.above_id = $2 AND s.union_id = i.union_id)
		FROM invoice_refusals n
		JOIN invoices i ON i.tenant_id = n.tenant_id AND i.id = n.invoice_id
		WHERE n.tenant_id = $1 AND n.union_id = $3 AND n.day >= $4 AND n.day <= $5
			AND EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = n.tenant_id AND r.above_id = $2 AND r.union_id = n.union_id)
		ORDER BY n.id DESC`, g.Tenant(), g.Under(), b.Union.ID, year+"-01-01", year+"-12-31")
}

func answersOf(ctx context.Context, tx *sqldb.Tx, tenant int64, book string) (map[string]Answered, error) {
	out := map[string]Answered{}
	type keyed struct {
		key string
		a   Answered
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (k keyed, err error) {
		return k, row(&k.key, &k.a.Words, &k.a.By, &k.a.At)
	}, func(k keyed) error { out[k.key] = k.a; return nil }, `SELECT flag, words, account_id, at FROM flag_answers WHERE tenant_id = $1 AND book_id = $2`, tenant, book)
	return out, err
}

// Answering says something to a doubt.
type Answering struct {
	Book  string `json:"book" doc:"账套"`
	Flag  string `json:"flag" doc:"疑点"`
	Words string `json:"words" doc:"说明"`
}

// Reply answers a doubt of a book that stands. What was answered stays; a
// second answer is fault.Conflict.
//
// law: S2-47
func Reply(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Answering, at day.Instant) (ledger.Book, error) {
	b, err := ledger.FindBook(ctx, tx, g, a.Book)
	if err != nil {
		return b, err
	}
	a.Words = strings.TrimSpace(a.Words)
	if n := utf8.RuneCountInString(a.Words); n == 0 || n > 500 {
		return b, &fault.Error{Kind: fault.Invalid, Rule: "S2-47", Text: "请写明情况。", Fields: map[string]string{"words": "说明：请用 1 到 500 个字写明情况"}}
	}
	all, err := Flags(ctx, tx, g, b)
	if err != nil {
		return b, err
	}
	if !slices.ContainsFunc(all, func(f Flag) bool { return f.Key == a.Flag }) {
		return b, fault.ByRule(fault.Conflict, "S2-47", "这个疑点已经不在了，请刷新后再看。")
	}
	id := sqldb.NewID()
	n, err := tx.Exec(ctx, `INSERT INTO flag_answers (tenant_id, id, book_id, flag, words, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (tenant_id, book_id, flag) DO NOTHING`,
		g.Tenant(), id, b.ID, a.Flag, a.Words, g.Account(), string(at))
	if err != nil {
		return b, err
	}
	if n == 0 {
		return b, fault.ByRule(fault.Conflict, "S2-47", "这个疑点已经有说明了，说明不能改动；情况有变化的，请在新的凭证摘要里写明。")
	}
	return b, audit.Write(ctx, tx, g, b.ID, deed{Did: "answered", Union: b.Union.Name, Number: a.Flag, Words: a.Words}, at, audit.Touched{Table: "flag_answers", ID: id})
}

// Refused writes down that somebody brought an invoice a second time, once a
// day for each. The act itself fails, so this is an act of its own.
//
// law: F6.1, S2-47
func Refused(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union, invoice string, at day.Instant) error {
	id := sqldb.NewID()
	n, err := tx.Exec(ctx, `
		INSERT INTO invoice_refusals (tenant_id, id, union_id, invoice_id, day, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (tenant_id, union_id, invoice_id, account_id, day) DO NOTHING`, g.Tenant(), id, union, invoice, string(at.Day()), g.Account(), string(at))
	if err != nil || n == 0 {
		return err
	}
	return audit.Write(ctx, tx, g, invoice, deed{Did: "refused twice"}, at, audit.Touched{Table: "invoice_refusals", ID: id})
}
