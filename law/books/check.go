package books

import (
	"fmt"
	"strings"

	"unionhall/kit/money"
)

// Broken is an identity of the books that does not hold; a statement is not
// made while one is.
type Broken struct {
	Rule       string    `json:"rule"`
	Text       string    `json:"text"` // a sentence for the accountant
	Difference money.Fen `json:"difference"`
}

// Check tells what is broken in the books at the end of a period, or of the
// year after its last closing (annual). The source is that of the year to
// date. K1 is Judge's, voucher by voucher; K8 is Agree's.
//
// law: F3.1 K2 K3 K4 K5 K6 K7 K9
func Check(s System, src Source, annual bool) []Broken {
	c := checker{system: s, src: src}
	c.trial()
	switch s {
	case A21:
		c.assetFund()
		c.entrusted()
	case A09:
		c.equal("K7", "301", "162")
		c.equal("K7", "302", "161")
		c.equal("K7", "311", "151")
	}
	if !annual {
		return c.found
	}
	if s == A21 {
		c.carried()
		c.zero("321", "322", "331", "332")
		c.none("182")
	}
	c.none("111")
	c.results()
	return c.found
}

type checker struct {
	system System
	src    Source
	found  []Broken
}

func (c *checker) broken(rule string, difference money.Fen, format string, args ...any) {
	c.found = append(c.found, Broken{rule, fmt.Sprintf(format, args...), difference})
}

// of is the closing balance of accounts on their natural sides.
func (c *checker) of(codes ...string) (sum money.Fen) {
	for _, code := range codes {
		sum += c.src.Closing(code, "")
	}
	return sum
}

func (c *checker) name(code string) string {
	a, _ := Find(c.system, code)
	return "「" + a.Shown() + "」"
}

// level1 calls for each account that no other stands above.
func (c *checker) level1(do func(Account)) {
	for _, a := range Chart(c.system) {
		if a.Level == 1 {
			do(a)
		}
	}
}

// trial: debits and credits are equal, of balances and of turnover (K2).
func (c *checker) trial() {
	var opening, closing, debit, credit money.Fen
	c.level1(func(a Account) {
		o, e := c.src.Opening(a.Code, ""), c.src.Closing(a.Code, "")
		if a.Side == Credit {
			o, e = -o, -e
		}
		opening, closing = opening+o, closing+e
		debit += c.src.Debit(a.Code, "", true)
		credit += c.src.Credit(a.Code, "", true)
	})
	for _, x := range []struct {
		what       string
		difference money.Fen
	}{{"年初余额", opening}, {"发生额", debit - credit}, {"期末余额", closing}} {
		if x.difference != 0 {
			c.broken("K2", x.difference, "试算不平衡：%s借方比贷方多 %s 元，请核对%s。", x.what, x.difference.Grouped(), x.what)
		}
	}
}

// result is the part of the year's income that is not yet carried.
func (c *checker) result() (sum money.Fen) {
	c.level1(func(a Account) {
		switch a.Class {
		case Income:
			sum += c.src.Closing(a.Code, "")
		case Expense:
			sum -= c.src.Closing(a.Code, "")
		}
	})
	return sum
}

// assetFund: what is no money stands in the asset fund with the same sum, and
// the rest on both sides too (K3, K4). Of what 182 holds itself, below neither
// detail, nobody can tell goods from money, so it may explain a difference.
func (c *checker) assetFund() {
	pairs := []struct {
		fund   string
		assets money.Fen
	}{
		{"30101", c.of("141")}, {"30102", c.of("151")}, {"30103", c.of("161")},
		{"30104", c.of("162") - c.of("163")}, {"30105", c.of("171") - c.of("172")}, {"30106", c.of("181")},
	}
	goods, cash := c.of("18201"), c.of("18202")
	loose := c.of("182") - goods - cash
	assets := goods
	for _, p := range pairs {
		assets += p.assets
	}
	if d := c.of("301") - assets; !explains(loose, d) {
		c.broken("K3", d, "资产基金与对应资产不等，相差 %s 元：购入、领用、处置资产时请同时记资产基金。", d.Grouped())
	}
	if loose == 0 && goods == 0 && cash == 0 {
		for _, p := range pairs {
			if d := c.of(p.fund) - p.assets; d != 0 {
				c.broken("K3", d, "%s与对应资产不等，相差 %s 元：请核对该类资产的入账和转销。", c.name(p.fund), d.Grouped())
			}
		}
	}
	left := c.of("101", "102", "111", "121", "131", "132", "135") + cash
	right := c.of("201", "211", "212", "215", "221", "311", "321", "322", "331", "332", "341") + c.result()
	if d := left - right; !explains(-loose, d) {
		c.broken("K4", d, "货币资金和应收款与负债、结转结余不等，相差 %s 元：请核对往来和资产基金的分录。", d.Grouped())
	}
}

// explains reports whether d is nothing or a part of whole.
func explains(whole, d money.Fen) bool {
	if whole < 0 {
		whole, d = -whole, -d
	}
	return d >= 0 && d <= whole
}

// entrusted: money kept for others lies apart (K9).
func (c *checker) entrusted() {
	if d := c.of("221") - c.of(entrustedCash...); d != 0 {
		c.broken("K9", d, "代管经费与现金、银行存款中的代管经费明细不等，相差 %s 元：代管的钱请单独存放和核算。", d.Grouped())
	}
}

// carried: the year's carried sums follow from its start, changes and result,
// less what was put into investments (K5).
func (c *checker) carried() {
	var opening, changed, result money.Fen
	for _, code := range []string{"321", "322", "331", "332"} {
		opening += c.src.Opening(code, "")
	}
	net := func(code string) money.Fen { return c.src.Credit(code, "", false) - c.src.Debit(code, "", false) }
	for _, code := range []string{"32101", "32201", "33101", "33201", "33202"} {
		changed += net(code)
	}
	c.level1(func(a Account) {
		if a.Class == Income || a.Class == Expense {
			result += net(a.Code)
		}
	})
	want := opening + changed + result + net("32205")
	if d := c.of("321", "322", "331", "332") - want; d != 0 {
		c.broken("K5", d, "年末资金结转结余与年初数、调整及变动、本期收支差额对不上，相差 %s 元：请核对年末结转和投资的分录。", d.Grouped())
	}
}

// zero: of these accounts only the last detail, the accumulated, has a
// balance at the end of the year (K6).
func (c *checker) zero(tops ...string) {
	for _, a := range Chart(c.system) {
		for _, top := range tops {
			if a.Parent == top && !strings.HasPrefix(a.Name, "累计") {
				c.none(a.Code)
			}
		}
	}
}

// none: the account is empty at the end of the year (K6).
func (c *checker) none(code string) {
	if d := c.of(code); d != 0 {
		c.broken("K6", d, "年末%s应无余额，现有 %s 元：请先办完年末结转。", c.name(code), d.Grouped())
	}
}

// results: income and expenditure are carried (K6, F3.15).
func (c *checker) results() {
	c.level1(func(a Account) {
		if a.Class == Income || a.Class == Expense {
			c.none(a.Code)
		}
	})
}

// equal: a fund of 2009 is as large as its assets (K7).
func (c *checker) equal(rule, fund, asset string) {
	if d := c.of(fund) - c.of(asset); d != 0 {
		c.broken(rule, d, "%s与%s不等，相差 %s 元：购入、转出资产时请同时记基金。", c.name(fund), c.name(asset), d.Grouped())
	}
}

// Reconciliation is a bank account at the end of a month (余额调节表): what each
// side has that the other has not yet.
type Reconciliation struct {
	Book         money.Fen // 本会日记账余额
	BankReceived money.Fen // 银行已收、本会未收
	BankPaid     money.Fen // 银行已付、本会未付
	Bank         money.Fen // 对账单余额
	BookReceived money.Fen // 本会已收、银行未收
	BookPaid     money.Fen // 本会已付、银行未付
}

// Agree returns both sides as they will be when all items have come through;
// they are equal, or something is amiss. For a cash count the items are
// nothing and the bank is the till.
//
// law: K8
func (r Reconciliation) Agree() (book, bank money.Fen, ok bool) {
	book = r.Book + r.BankReceived - r.BankPaid
	bank = r.Bank + r.BookReceived - r.BookPaid
	return book, bank, book == bank
}
