package bank

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"unionhall/commons/rulebook"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

func columnsOf(list string) (out []string) {
	for c := range strings.SplitSeq(list, ",") {
		out = append(out, strings.TrimSpace(c))
	}
	return out
}

// mostOpen is how many lines, and how many entries, are looked at at once.
const mostOpen = 5000

// openLines are the lines of an account that nothing answers yet, up to a day.
func openLines(ctx context.Context, tx *sqldb.Tx, tenant int64, bankID string, until day.Day) ([]Line, error) {
	return sqldb.List(ctx, tx, scanLine(tx, tenant), `SELECT `+lineFields+` FROM bank_lines l
		JOIN bank_open o ON o.tenant_id = l.tenant_id AND o.bank_id = l.bank_id AND o.line_id = l.id
		WHERE l.tenant_id = $1 AND l.bank_id = $2 AND l.day <= $3 ORDER BY l.day, l.id LIMIT $4`, tenant, bankID, string(until), int64(mostOpen))
}

func scanItem(row sqldb.Row) (e Item, err error) {
	err = row(&e.Voucher, &e.Line, &e.Day, &e.Number, &e.Amount, &e.Summary, &e.Party, &e.Source, &e.Reverses, &e.Corrects)
	return e, err
}

// selectItems reads the entries of an account from its first day on; opening
// balances are none.
const selectItems = `
	SELECT e.voucher_id, e.line, e.date, e.number, e.debit - e.credit, e.summary, e.party, v.source_id, v.reverses_id, v.corrects_id
	FROM books b
	JOIN entries e ON e.tenant_id = b.tenant_id AND e.book_id = b.id AND e.account = $3 AND e.month > 0
	JOIN vouchers v ON v.tenant_id = e.tenant_id AND v.id = e.voucher_id
	WHERE b.tenant_id = $1 AND b.union_id = $2 AND b.year >= $4 AND e.date >= $5 AND e.date <= $6`

// openItems are the entries of an account that no line answers yet, and what
// was booked before its first day.
func openItems(ctx context.Context, tx *sqldb.Tx, tenant int64, a Account, until day.Day) ([]Item, error) {
	out, err := sqldb.List(ctx, tx, scanItem, selectItems+` AND NOT EXISTS (
			SELECT 1 FROM bank_match_entries x WHERE x.tenant_id = e.tenant_id AND x.voucher_id = e.voucher_id AND x.line = e.line)
		ORDER BY e.date, e.number, e.line LIMIT $7`,
		tenant, a.Union.ID, a.Code, int64(a.Since.Year()), string(a.Since), string(until), int64(mostOpen))
	if err != nil {
		return nil, err
	}
	before, err := sqldb.List(ctx, tx, func(row sqldb.Row) (e Item, err error) { return e, row(&e.Voucher, &e.Day, &e.Amount, &e.Summary) }, `
		SELECT i.id, i.day, i.amount, i.summary FROM bank_items i
		WHERE i.tenant_id = $1 AND i.bank_id = $2 AND NOT EXISTS (
			SELECT 1 FROM bank_match_entries x WHERE x.tenant_id = i.tenant_id AND x.voucher_id = i.id AND x.line = 0)
		ORDER BY i.day, i.id`, tenant, a.ID)
	return append(before, out...), err
}

// members is what a match holds, as it stands under its seal.
type members struct {
	Lines   []string `json:"lines"`
	Entries []string `json:"entries"`
}

// key names an entry: the voucher and its line.
func (e Item) key() string { return e.Voucher + ":" + strconv.FormatInt(e.Line, 10) }

const matchColumns = `tenant_id, id, bank_id, how, first_day, last_day, members, words, maker, made`

var matchSeal = audit.LayoutOf("bank_matches", columnsOf(matchColumns))

// bond is a match to be stored.
type bond struct {
	lines []Line
	items []Item
	how   How
}

// bind stores matches, and takes what they hold from what is open.
func bind(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, bankID string, bonds []bond, words string, at day.Instant) error {
	var matches, lines, entries [][]any
	for _, b := range bonds {
		id, of, first, last := sqldb.NewID(), members{[]string{}, []string{}}, day.Day("9999-12-31"), day.Day("")
		for _, l := range b.lines {
			first, last = min(first, l.Day), max(last, l.Day)
			of.Lines = append(of.Lines, l.ID)
			lines = append(lines, []any{g.Tenant(), l.ID, id})
		}
		for _, e := range b.items {
			first, last = min(first, e.Day), max(last, e.Day)
			of.Entries = append(of.Entries, e.key())
			entries = append(entries, []any{g.Tenant(), e.Voucher, e.Line, id})
		}
		text, err := json.Marshal(of)
		if err != nil {
			return err
		}
		row := []any{g.Tenant(), id, bankID, string(b.how), string(first), string(last), string(text), words, g.Account(), string(at)}
		mac := matchSeal.Seal(tx.Keys(), row)
		m.Add("bank_matches", mac)
		matches = append(matches, append(row, mac))
	}
	if err := tx.Insert(ctx, "bank_matches", matchColumns+", mac", matches); err != nil {
		return err
	}
	if err := tx.Insert(ctx, "bank_match_lines", "tenant_id, line_id, match_id", lines); err != nil {
		return err
	}
	if err := tx.Insert(ctx, "bank_match_entries", "tenant_id, voucher_id, line, match_id", entries); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM bank_open WHERE tenant_id = $1 AND bank_id = $2 AND EXISTS (
		SELECT 1 FROM bank_match_lines x WHERE x.tenant_id = bank_open.tenant_id AND x.line_id = bank_open.line_id)`, g.Tenant(), bankID)
	return err
}

// pairUp matches what can be told without a person; the caller holds the head.
func pairUp(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, a Account, at day.Instant) (int, error) {
	lines, err := openLines(ctx, tx, g.Tenant(), a.ID, "9999-12-31")
	if err != nil || len(lines) == 0 {
		return 0, err
	}
	items, err := openItems(ctx, tx, g.Tenant(), a, "9999-12-31")
	if err != nil {
		return 0, err
	}
	cal, window, err := nearness(ctx, tx, g.Tenant(), at.Day())
	if err != nil {
		return 0, err
	}
	var bonds []bond
	n := 0
	for _, p := range Pair(lines, items, cal, window) {
		b := bond{how: p.How}
		for _, i := range p.Lines {
			b.lines = append(b.lines, lines[i])
		}
		for _, i := range p.Items {
			b.items = append(b.items, items[i])
		}
		n += len(p.Lines)
		bonds = append(bonds, b)
	}
	if len(bonds) == 0 {
		return 0, nil
	}
	return n, bind(ctx, tx, g, m, a.ID, bonds, "", at)
}

// nearness is the calendar, and by how many working days a line and its entry
// may lie apart.
func nearness(ctx context.Context, tx *sqldb.Tx, tenant int64, on day.Day) (day.Calendar, int, error) {
	cal, err := rulebook.Calendar(ctx, tx, tenant)
	if err != nil {
		return cal, 0, err
	}
	n, err := number(ctx, tx, tenant, "books.bank.match_days", on)
	return cal, n, err
}

func number(ctx context.Context, tx *sqldb.Tx, tenant int64, param string, on day.Day) (int, error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return 0, err
	}
	return book.Int(param, law.PlaceOf(tenant), on)
}

// Auto matches an account's open lines with its open entries and returns how
// many lines found theirs. Run again, it finds nothing new.
//
// law: K8, S2-42
func Auto(ctx context.Context, tx *sqldb.Tx, g auth.Grant, bankID string, at day.Instant) (Account, int, error) {
	a, err := Find(ctx, tx, g, bankID)
	if err != nil {
		return a, 0, err
	}
	if err := turn(ctx, tx, g.Tenant(), a.ID); err != nil {
		return a, 0, err
	}
	m := audit.Moves{}
	n, err := pairUp(ctx, tx, g, m, a, at)
	if err != nil || n == 0 {
		return a, 0, err
	}
	return a, n, m.Write(ctx, tx, g, a.ID, deed{Did: "matched", Account: a.Code, Lines: n}, at)
}

// Chosen is what a person says belongs together.
type Chosen struct {
	ID      string   `json:"id" doc:"账户"`
	Lines   []string `json:"lines" doc:"流水"`
	Entries []string `json:"entries" doc:"分录"`
	Words   string   `json:"words" doc:"说明"`
}

// ByPerson matches what a person chose. Both sides must add up to the same; a
// match of one side alone, or over more days than the rule allows by itself,
// wants a reason.
//
// law: K8
func ByPerson(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Chosen, at day.Instant) (Account, error) {
	a, err := Find(ctx, tx, g, in.ID)
	if err != nil {
		return a, err
	}
	if err := turn(ctx, tx, g.Tenant(), a.ID); err != nil {
		return a, err
	}
	b, err := chosen(ctx, tx, g.Tenant(), a, in)
	if err != nil {
		return a, err
	}
	sum := money.Fen(0)
	for _, l := range b.lines {
		sum += l.Amount
	}
	for _, e := range b.items {
		sum -= e.Amount
	}
	if sum != 0 {
		return a, &fault.Error{Kind: fault.Invalid, Rule: "K8", Text: fmt.Sprintf("选中的流水和分录合计相差 %s 元，不能勾对。请重新选择，或先填制缺的凭证。", sum.Grouped()), Fields: map[string]string{"lines": "流水：与分录合计相差 " + sum.Grouped() + " 元"}}
	}
	cal, window, err := nearness(ctx, tx, g.Tenant(), at.Day())
	if err != nil {
		return a, err
	}
	in.Words = strings.TrimSpace(in.Words)
	if n := utf8.RuneCountInString(in.Words); n > 200 || n == 0 && b.far(cal, window) {
		return a, &fault.Error{Kind: fault.Invalid, Rule: "K8", Text: "只勾一边，或者日期相差较远的，要写明为什么是同一笔。", Fields: map[string]string{"words": "说明：请用 200 个字以内写明理由"}}
	}
	m := audit.Moves{}
	if err := bind(ctx, tx, g, m, a.ID, []bond{b}, in.Words, at); err != nil {
		return a, err
	}
	return a, m.Write(ctx, tx, g, a.ID, deed{Did: "matched by hand", Account: a.Code, Lines: len(b.lines), Words: in.Words}, at)
}

// far reports whether a match is one that the rule would not make by itself.
func (b bond) far(cal day.Calendar, window int) bool {
	if len(b.lines) == 0 || len(b.items) == 0 {
		return true
	}
	for _, l := range b.lines {
		for _, e := range b.items {
			if n := cal.Workdays(l.Day, e.Day); n > window || -n > window {
				return true
			}
		}
	}
	return false
}

// chosen reads what a person picked: all of it open, at least two things.
func chosen(ctx context.Context, tx *sqldb.Tx, tenant int64, a Account, in Chosen) (b bond, err error) {
	b.how = ByHand
	lines, err := openLines(ctx, tx, tenant, a.ID, "9999-12-31")
	if err != nil {
		return b, err
	}
	items, err := openItems(ctx, tx, tenant, a, "9999-12-31")
	if err != nil {
		return b, err
	}
	for _, l := range lines {
		if slices.Contains(in.Lines, l.ID) {
			b.lines = append(b.lines, l)
		}
	}
	for _, e := range items {
		if slices.Contains(in.Entries, e.key()) {
			b.items = append(b.items, e)
		}
	}
	once := func(list []string) int { slices.Sort(list); return len(slices.Compact(list)) }
	switch n, m := once(slices.Clone(in.Lines)), once(slices.Clone(in.Entries)); {
	case len(b.lines) != n || len(b.items) != m:
		return b, fault.New(fault.Conflict, "选中的流水或分录里，有的已经勾对过了，请刷新后再选。")
	case n+m < 2:
		return b, &fault.Error{Kind: fault.Invalid, Rule: "K8", Text: "请选中至少一笔流水和一笔分录再勾对。", Fields: map[string]string{"lines": "流水：请勾选"}}
	}
	return b, nil
}

// Parting takes a match apart.
type Parting struct {
	ID    string `json:"id" doc:"勾对"`
	Words string `json:"words" doc:"说明"`
}

// Unmatch takes a match apart, with the reason. What a confirmed
// reconciliation covers whole stays.
//
// law: K8
func Unmatch(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Parting, at day.Instant) (Account, error) {
	x, err := sqldb.One(ctx, tx, scanMatch, selectMatches+` AND x.id = $3`, g.Tenant(), g.Under(), in.ID)
	if err != nil {
		return Account{}, err
	}
	in.Words = strings.TrimSpace(in.Words)
	if n := utf8.RuneCountInString(in.Words); n == 0 || n > 200 {
		return Account{}, &fault.Error{Kind: fault.Invalid, Rule: "K8", Text: "请写明为什么取消勾对。", Fields: map[string]string{"words": "说明：请用 1 到 200 个字写明理由"}}
	}
	a, err := Find(ctx, tx, g, x.bank)
	if err != nil {
		return a, err
	}
	if err := turn(ctx, tx, g.Tenant(), a.ID); err != nil {
		return a, err
	}
	shut, err := frozen(ctx, tx, g.Tenant(), a.ID)
	if err != nil {
		return a, err
	}
	if x.Last <= shut {
		return a, fault.ByRule(fault.Conflict, "K8", "%s 以前的余额调节表已经确认，这条勾对不能取消。请先退回那个月的余额调节表。", shut)
	}
	m := audit.Moves{}
	if err := dissolve(ctx, tx, g.Tenant(), m, x.ID); err != nil {
		return a, err
	}
	return a, m.Write(ctx, tx, g, a.ID, deed{Did: "unmatched", Account: a.Code, Lines: len(x.of.Lines), Words: in.Words}, at)
}

// dissolve deletes a match and opens its lines again.
func dissolve(ctx context.Context, tx *sqldb.Tx, tenant int64, m audit.Moves, id string) error {
	if err := m.Removed(ctx, tx, tenant, audit.Touched{Table: "bank_matches", ID: id}); err != nil {
		return err
	}
	for _, q := range []string{
		`INSERT INTO bank_open (tenant_id, bank_id, line_id) SELECT l.tenant_id, l.bank_id, l.id FROM bank_match_lines x JOIN bank_lines l ON l.tenant_id = x.tenant_id AND l.id = x.line_id WHERE x.tenant_id = $1 AND x.match_id = $2`,
		`DELETE FROM bank_match_lines WHERE tenant_id = $1 AND match_id = $2`,
		`DELETE FROM bank_match_entries WHERE tenant_id = $1 AND match_id = $2`,
	} {
		if _, err := tx.Exec(ctx, q, tenant, id); err != nil {
			return err
		}
	}
	n, err := tx.Exec(ctx, `DELETE FROM bank_matches WHERE tenant_id = $1 AND id = $2`, tenant, id)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "这条勾对刚刚已由他人取消，请刷新后再看。")
	}
	return err
}

// Matched is a match as it stands.
type Matched struct {
	ID    string      `json:"id"`
	How   How         `json:"how"`
	First day.Day     `json:"first"`
	Last  day.Day     `json:"last"`
	Words string      `json:"words,omitempty"`
	Made  day.Instant `json:"made"`
	Lines []Line      `json:"lines"`
	Items []Item      `json:"entries"`
	bank  string
	of    members
}

const selectMatches = `
	SELECT x.id, x.bank_id, x.how, x.first_day, x.last_day, x.members, x.words, x.made FROM bank_matches x
	JOIN bank_accounts a ON a.tenant_id = x.tenant_id AND a.id = x.bank_id
	WHERE x.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = a.tenant_id AND r.above_id = $2 AND r.union_id = a.union_id)`

func scanMatch(row sqldb.Row) (x Matched, err error) {
	var text string
	if err = row(&x.ID, &x.bank, &x.How, &x.First, &x.Last, &text, &x.Words, &x.Made); err == nil {
		err = json.Unmarshal([]byte(text), &x.of)
	}
	return x, err
}
