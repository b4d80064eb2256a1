package bank

import (
	"net/url"
	"slices"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// MatchingQuery chooses an account and a month of matches.
type MatchingQuery struct {
	Bank   string `json:"bank" doc:"账户"`
	Period string `json:"period" doc:"月份"`
	Line   string `json:"line" doc:"流水"` // whose candidates come first
}

// MatchingPage is what is open on both sides, and what was matched in a month.
type MatchingPage struct {
	Account Account   `json:"account"`
	Lines   []Line    `json:"lines"`
	Items   []Item    `json:"entries"`
	Done    []Matched `json:"matches"`
	Period  string    `json:"period"`
	period  Period
	others  []Account
	may     bool
	make    bool
	line    string
	wanted  money.Fen
}

func matching(r *web.Request, in MatchingQuery) (p MatchingPage, err error) {
	p = MatchingPage{Lines: []Line{}, Items: []Item{}, Done: []Matched{}, may: r.May(Match), make: r.May(ledger.Make), line: in.Line, period: readPeriod(in.Period, r.Today)}
	p.Period = p.period.String()
	if p.Account, p.others, err = pick(r, in.Bank, Bank); err != nil || p.Account.ID == "" {
		return p, err
	}
	if p.Lines, err = openLines(r.Ctx, r.Tx, r.Grant.Tenant(), p.Account.ID, "9999-12-31"); err != nil {
		return p, err
	}
	if p.Items, err = openItems(r.Ctx, r.Tx, r.Grant.Tenant(), p.Account, "9999-12-31"); err != nil {
		return p, err
	}
	p.offer()
	p.Done, err = matchedIn(r, p.Account.ID, p.period)
	return p, err
}

// offer puts the entries first that fit the line that is looked at.
func (p *MatchingPage) offer() {
	for _, l := range p.Lines {
		if l.ID == p.line {
			p.wanted = l.Amount
		}
	}
	if p.wanted != 0 {
		slices.SortStableFunc(p.Items, func(a, b Item) int {
			switch {
			case a.Amount == p.wanted && b.Amount != p.wanted:
				return -1
			case b.Amount == p.wanted && a.Amount != p.wanted:
				return 1
			}
			return 0
		})
	}
}

// fits is how many open entries have a line's amount.
func (p MatchingPage) fits(l Line) (n int) {
	for _, e := range p.Items {
		if e.Amount == l.Amount {
			n++
		}
	}
	return n
}

// matchedIn lists the matches whose last day lies in a month, with what they
// hold.
func matchedIn(r *web.Request, bankID string, p Period) ([]Matched, error) {
	out, err := sqldb.List(r.Ctx, r.Tx, scanMatch, selectMatches+` AND x.bank_id = $3 AND x.last_day >= $4 AND x.last_day <= $5 ORDER BY x.last_day, x.id`, r.Grant.Tenant(), r.Grant.Under(), bankID, string(p.First()), string(p.Last()))
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, x := range out {
		at[x.ID] = i
	}
	type of[T any] struct {
		match string
		it    T
	}
	scanned := scanLine(r.Tx, r.Grant.Tenant())
	err = sqldb.Each(r.Ctx, r.Tx, func(row sqldb.Row) (o of[Line], err error) {
		o.it, err = scanned(func(dest ...any) error { return row(append(dest, &o.match)...) })
		return o, err
	}, func(o of[Line]) error { x := &out[at[o.match]]; x.Lines = append(x.Lines, o.it); return nil },
		`SELECT `+lineFields+`, x.id FROM bank_lines l
		JOIN bank_match_lines ml ON ml.tenant_id = l.tenant_id AND ml.line_id = l.id
		JOIN bank_matches x ON x.tenant_id = ml.tenant_id AND x.id = ml.match_id
		WHERE x.tenant_id = $1 AND x.bank_id = $2 AND x.last_day >= $3 AND x.last_day <= $4 ORDER BY l.day, l.id`, r.Grant.Tenant(), bankID, string(p.First()), string(p.Last()))
	if err != nil {
		return nil, err
	}
	return out, sqldb.Each(r.Ctx, r.Tx, func(row sqldb.Row) (o of[Item], err error) {
		o.it, err = scanItem(func(dest ...any) error { return row(append(dest, &o.match)...) })
		return o, err
	}, func(o of[Item]) error { x := &out[at[o.match]]; x.Items = append(x.Items, o.it); return nil }, `
		SELECT e.voucher_id, e.line, e.date, e.number, e.debit - e.credit, e.summary, e.party, '', '', '', x.id
		FROM bank_matches x
		JOIN bank_match_entries me ON me.tenant_id = x.tenant_id AND me.match_id = x.id
		JOIN entries e ON e.tenant_id = me.tenant_id AND e.voucher_id = me.voucher_id AND e.line = me.line
		WHERE x.tenant_id = $1 AND x.bank_id = $2 AND x.last_day >= $3 AND x.last_day <= $4 ORDER BY e.date, e.number, e.line`, r.Grant.Tenant(), bankID, string(p.First()), string(p.Last()))
}

func auto(r *web.Request, in ByBank) (Done, error) {
	a, n, err := Auto(r.Ctx, r.Tx, r.Grant, in.ID, r.Now)
	said := "没有可以自动勾对的了，余下的请人工勾对或补填凭证。"
	if n > 0 {
		said = "自动勾对了 " + text(int64(n)) + " 笔流水。"
	}
	return Done{Account: a, said: said, place: a.at("matching", "")}, err
}

// ChosenForm is what a person says belongs together.
type ChosenForm struct {
	ID      string   `json:"bank" doc:"账户"`
	Lines   []string `json:"lines" doc:"流水"`
	Entries []string `json:"entries" doc:"分录"`
	Words   string   `json:"words" doc:"说明"`
}

func byPerson(r *web.Request, in ChosenForm) (Done, error) {
	a, err := ByPerson(r.Ctx, r.Tx, r.Grant, Chosen(in), r.Now)
	return Done{Account: a, said: "已勾对。", place: a.at("matching", "")}, err
}

// PartingForm takes a match apart.
type PartingForm struct {
	ID    string `json:"match" doc:"勾对"`
	Words string `json:"words" doc:"说明"`
}

func unmatch(r *web.Request, in PartingForm) (Done, error) {
	a, err := Unmatch(r.Ctx, r.Tx, r.Grant, Parting(in), r.Now)
	return Done{Account: a, said: "勾对已取消。", place: a.at("matching", "")}, err
}

// voucherFor is the form of a voucher that books a line, filled as far as it
// says.
func (p MatchingPage) voucherFor(l Line) string {
	q := url.Values{"union": {p.Account.Union.Code}, "year": {text(int64(l.Day.Year()))}, "date": {string(l.Day)}, "summary": {l.words()}}
	side, n := "debit", l.Amount
	if n < 0 {
		side, n = "credit", -n
	}
	q.Set("lines.0.account", p.Account.Code)
	q.Set("lines.0."+side, n.String())
	return ledger.Home + "/vouchers/new?" + q.Encode()
}
