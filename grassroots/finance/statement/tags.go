package statement

import (
	"context"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Tagged is what bears one tag: a project, a source, a party or a department.
type Tagged struct {
	Key     string     `json:"key"`
	Name    string     `json:"name"`
	Account string     `json:"account,omitempty"` // of a party
	Opening money.Fen  `json:"opening"`
	Income  money.Fen  `json:"income"`  // of a party: debited
	Expense money.Fen  `json:"expense"` // of a party: credited
	Rest    money.Fen  `json:"rest"`
	side    books.Side // of a party's account
}

// byBalances lists projects or sources: what they started the year with,
// received, spent and have left.
//
// law: F3.4, F3.12, F3.24
func byBalances(f ledger.Figures, key func(ledger.Sum) string) map[string]Tagged {
	out := map[string]Tagged{}
	for _, s := range toDate(f).Sums {
		k := key(s)
		t := out[k]
		t.Key = k
		a, ok := books.Stated(f.System, s.Account)
		switch {
		case !ok:
		case a.Class == books.Income:
			t.Income += s.In.Credit - s.In.Debit
		case a.Class == books.Expense:
			t.Expense += s.In.Debit - s.In.Credit
		case carried(f.System, s.Account):
			t.Opening -= s.Opening.Net()
		}
		t.Rest = t.Opening + t.Income - t.Expense
		out[k] = t
	}
	return out
}

// carried reports whether an account holds what earlier years left over.
func carried(s books.System, account string) bool {
	top := books.Top(account)
	if s == books.A09 {
		return top == "331"
	}
	return top == "321" || top == "322" || top == "331" || top == "332"
}

// byEntries lists parties by account, or departments: they stand on entries
// only.
//
// law: F3.24
func byEntries(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Ask, column string) ([]Tagged, error) {
	account := `''`
	if column == "party" {
		account = `e.account`
	}
	debit, credit := `sum(CASE WHEN e.month > 0 THEN e.debit ELSE 0 END)`, `sum(CASE WHEN e.month > 0 THEN e.credit ELSE 0 END)`
	class := ``
	if column == "dept" { // spending and income of a department
		debit, credit = `sum(CASE WHEN e.account >= '5' AND e.account < '6' THEN e.debit - e.credit ELSE 0 END)`, `sum(CASE WHEN e.account >= '4' AND e.account < '5' THEN e.credit - e.debit ELSE 0 END)`
		class = ` AND NOT e.carry`
	}
	return sqldb.List(ctx, tx, func(row sqldb.Row) (t Tagged, err error) {
		var net, debit, credit money.Fen
		if err = row(&t.Key, &t.Account, &net, &debit, &credit); err != nil {
			return t, err
		}
		t.Name = t.Key
		if column == "dept" {
			t.Income, t.Expense, t.Rest = credit, debit, credit-debit
			return t, nil
		}
		acc, _ := books.Stated(a.System(), t.Account)
		t.side = acc.Side
		t.Opening, t.Income, t.Expense = natural(t.side, net), debit, credit
		t.Rest = t.Opening + natural(t.side, debit-credit)
		return t, nil
	}, `
		SELECT e.`+column+`, `+account+`, cast(sum(CASE WHEN e.month = 0 THEN e.debit - e.credit ELSE 0 END) as bigint), cast(`+debit+` as bigint), cast(`+credit+` as bigint)
		FROM books b
		JOIN entries e ON e.tenant_id = b.tenant_id AND e.book_id = b.id AND e.month <= $5
		WHERE b.tenant_id = $1 AND b.year = $4 AND e.`+column+` IS NOT NULL`+class+` AND `+within(a.Below, "b.union_id", "$3")+reached("b", "union_id")+`
		GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 2000`, g.Tenant(), g.Under(), a.Union, int64(a.Year), int64(a.To()))
}
