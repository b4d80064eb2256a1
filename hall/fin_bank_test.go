package hall_test

import (
	"strings"
	"testing"

	"unionhall/grassroots/finance/bank"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

const banks = "/grassroots/finance/bank"

// banked makes, of a union, a bank account with a statement, a match of two
// lines that cancel out, a reconciliation, and a counted cash box.
func (s *stand) banked(t testing.TB, tenant int64, union string, x things) {
	t.Helper()
	at := day.At(s.house.Now())
	root := s.first(t, `SELECT id FROM unions WHERE tenant_id = $1 AND parent_id IS NULL`, tenant)
	as := func(act auth.Action) auth.Grant { return auth.As(tenant, "test", auth.Accountant, act, root) }
	if held := s.look(t, `SELECT id FROM bank_accounts WHERE tenant_id = $1 AND union_id = $2 AND kind = 'bank' ORDER BY id`, tenant, union); len(held) > 0 {
		x["bank account"] = held[0]
		x["statement"] = s.first(t, `SELECT id FROM bank_statements WHERE tenant_id = $1 AND bank_id = $2 ORDER BY id`, tenant, held[0])
		x["match"] = s.first(t, `SELECT id FROM bank_matches WHERE tenant_id = $1 AND bank_id = $2 ORDER BY id`, tenant, held[0])
		x["reconciliation"] = s.first(t, `SELECT id FROM bank_tables WHERE tenant_id = $1 AND bank_id = $2 ORDER BY id`, tenant, held[0])
		box := s.first(t, `SELECT id FROM bank_accounts WHERE tenant_id = $1 AND union_id = $2 AND kind = 'cash' ORDER BY id`, tenant, union)
		if all := s.look(t, `SELECT id FROM cash_counts WHERE tenant_id = $1 AND bank_id = $2 ORDER BY id`, tenant, box); len(all) > 0 {
			x["cash count"] = all[0]
			return
		}
		s.write(t, func(tx *sqldb.Tx) error {
			c, err := bank.CountCash(ctx, tx, auth.As(tenant, "test", auth.Cashier, bank.Count, root), bank.Counting{Bank: box, Day: at.Day()}, at)
			x["cash count"] = c.ID
			return err
		})
		return
	}
	month := at.Day().MonthStart().AddDays(-1).MonthStart()
	file := "交易日期,摘要,收入,支出,余额\n" + string(month) + ",测试进账,5.00,,5.00\n" + string(month.AddDays(1)) + ",冲正,,5.00,0.00\n"
	read, err := bank.ReadStatement(strings.NewReader(file), int64(len(file)), "对账单.csv", nil, at.Day())
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, func(tx *sqldb.Tx) error {
		a, err := bank.Register(ctx, tx, as(bank.Keep), bank.Registers{Union: union, Kind: bank.Bank, Name: "基本存款账户", Bank: "中国工商银行滨江支行", Number: "62220210" + fresh(), Account: "102", Since: month, Opening: "0"}, at)
		if err != nil {
			return err
		}
		x["bank account"] = a.ID
		st, _, err := bank.Begin(ctx, tx, as(bank.Import), a.ID, "对账单.csv", fresh(), read, at)
		if err != nil {
			return err
		}
		x["statement"] = st.ID
		_, _, err = bank.Take(ctx, tx, as(bank.Import), st.ID, 0, at)
		return err
	})
	lines := s.look(t, `SELECT id FROM bank_lines WHERE tenant_id = $1 AND bank_id = $2 ORDER BY id`, tenant, x["bank account"])
	s.write(t, func(tx *sqldb.Tx) error {
		_, err := bank.ByPerson(ctx, tx, as(bank.Match), bank.Chosen{ID: x["bank account"], Lines: lines, Words: "银行自己冲正"}, at)
		if err != nil {
			return err
		}
		table, err := bank.Draw(ctx, tx, as(bank.Agree), x["bank account"], string(month)[:7], at)
		if err != nil {
			return err
		}
		x["reconciliation"] = table.ID
		box, err := bank.Register(ctx, tx, as(bank.Keep), bank.Registers{Union: union, Kind: bank.Cash, Name: "库存现金", Account: "101", Since: month}, at)
		if err != nil {
			return err
		}
		c, err := bank.CountCash(ctx, tx, auth.As(tenant, "test", auth.Cashier, bank.Count, root), bank.Counting{Bank: box.ID, Day: at.Day(), Pieces: map[string]string{"100": "3"}}, at)
		x["cash count"] = c.ID
		return err
	})
	x["match"] = s.first(t, `SELECT id FROM bank_matches WHERE tenant_id = $1 AND bank_id = $2`, tenant, x["bank account"])
}
