package hall

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"unionhall/grassroots/finance/bank"
	"unionhall/grassroots/registry"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
)

// demoBanked is how many unions of the city have their bank here as well.
const demoBanked = 12

// moved is what a voucher did to the bank, with its corrections.
type moved struct {
	day     day.Day
	amount  money.Fen
	summary string
	party   string
}

// demoBanks gives some unions of the city their bank accounts and cash boxes,
// a year of statements as banks write them, and the months that were
// reconciled; the last months wait.
func (h *House) demoBanks(ctx context.Context, root registry.Union, people city.People, p city.Plan, at day.Instant) error {
	who := map[string]string{}
	unions := people.Unions[:]
	err := h.DB.View(ctx, func(tx *sqldb.Tx) error {
		err := sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) }, func(v [2]string) error { who[v[0]] = v[1]; return nil },
			`SELECT login, id FROM accounts WHERE tenant_id = $1`, int64(city.Tenant))
		if err != nil {
			return err
		}
		return sqldb.Each(ctx, tx, func(row sqldb.Row) (u registry.Ref, err error) { return u, row(&u.ID, &u.Code, &u.Name) }, func(u registry.Ref) error {
			if len(unions) < demoBanked && !slices.ContainsFunc(unions, func(o registry.Ref) bool { return o.ID == u.ID }) {
				unions = append(unions, u)
			}
			return nil
		}, `SELECT u.id, u.code, u.name FROM unions u JOIN books b ON b.tenant_id = u.tenant_id AND b.union_id = u.id AND b.year = $2
			WHERE u.tenant_id = $1 AND u.parent_id IS NOT NULL ORDER BY u.code`, int64(city.Tenant), int64(at.Day().Year()))
	})
	if err != nil {
		return err
	}
	for i, u := range unions {
		d := demoBank{h: h, root: root.ID, who: who, union: u, n: i, at: at, rand: rand.New(rand.NewPCG(p.Seed, uint64(i)+901))}
		if err := d.keep(ctx); err != nil {
			return fmt.Errorf("bank of %s: %w", u.Name, err)
		}
	}
	return nil
}

type demoBank struct {
	h     *House
	root  string
	who   map[string]string
	union registry.Ref
	n     int
	at    day.Instant
	rand  *rand.Rand
}

func (d demoBank) as(o auth.Office, act auth.Action) auth.Grant {
	return auth.As(city.Tenant, d.who[map[auth.Office]string{auth.Accountant: "accountant", auth.Cashier: "cashier", auth.Director: "director"}[o]], o, act, d.root)
}

func (d demoBank) keep(ctx context.Context) error {
	start := day.Day(fmt.Sprintf("%d-01-01", d.at.Day().Year()))
	var acc bank.Account
	var all []moved
	err := d.h.DB.Do(ctx, func(tx *sqldb.Tx) error {
		opening, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT cast(coalesce(sum(x.debit - x.credit), 0) as bigint) FROM books b
			JOIN balances x ON x.tenant_id = b.tenant_id AND x.book_id = b.id AND x.account = '102' AND x.month = 0
			WHERE b.tenant_id = $1 AND b.union_id = $2 AND b.year = $3`, int64(city.Tenant), d.union.ID, int64(start.Year()))
		if err != nil {
			return err
		}
		acc, err = bank.Register(ctx, tx, d.as(auth.Accountant, bank.Keep), bank.Registers{Union: d.union.ID, Kind: bank.Bank, Name: "基本存款账户", Bank: "中国工商银行滨江市中心支行",
			Number: fmt.Sprintf("0707000%012d", 9_200_100_000+d.n*37), Account: "102", Since: start, Opening: money.Fen(opening).String()}, d.at)
		if err != nil {
			return err
		}
		if _, err = bank.Register(ctx, tx, d.as(auth.Accountant, bank.Keep), bank.Registers{Union: d.union.ID, Kind: bank.Cash, Name: "库存现金", Account: "101", Since: start}, d.at); err != nil {
			return err
		}
		all, err = d.moves(ctx, tx, start.Year())
		return err
	})
	if err != nil {
		return err
	}
	return d.months(ctx, acc, d.lines(all))
}

// moves reads what the books say of the bank: corrections together with what
// they correct, since the bank knows of one payment only.
func (d demoBank) moves(ctx context.Context, tx *sqldb.Tx, year int) (out []moved, err error) {
	at := map[string]int{}
	type entry struct {
		root string
		m    moved
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (e entry, err error) {
		return e, row(&e.root, &e.m.day, &e.m.amount, &e.m.summary, &e.m.party)
	}, func(e entry) error {
		if i, ok := at[e.root]; ok {
			out[i].amount += e.m.amount
			return nil
		}
		at[e.root] = len(out)
		out = append(out, e.m)
		return nil
	}, `SELECT coalesce(v.corrects_id, v.reverses_id, v.id), e.date, e.debit - e.credit, v.summary, e.party FROM books b
		JOIN entries e ON e.tenant_id = b.tenant_id AND e.book_id = b.id AND e.account = '102' AND e.month > 0
		JOIN vouchers v ON v.tenant_id = e.tenant_id AND v.id = e.voucher_id
		WHERE b.tenant_id = $1 AND b.union_id = $2 AND b.year = $3 ORDER BY e.date, e.number, e.line`, int64(city.Tenant), d.union.ID, int64(year))
	return slices.DeleteFunc(out, func(m moved) bool { return m.amount == 0 }), err
}

// lines is what the bank saw of it: money that comes is there before it is
// booked, what is paid goes some days later, fees nobody has booked yet.
func (d demoBank) lines(all []moved) (out []moved) {
	today, cal := d.at.Day(), day.China()
	for _, m := range all {
		if m.amount > 0 {
			m.day = max(cal.AddWorkdays(m.day, -d.rand.IntN(3)), m.day.MonthStart())
			m.party = []string{"市财政局零余额账户", "国家金库滨江市中心支库", "滨江市总工会", d.union.Name}[d.rand.IntN(4)]
		} else {
			m.day = cal.AddWorkdays(m.day, d.rand.IntN(4))
			if m.party == "" {
				m.party = []string{"滨江市新华书店", "滨江百货有限公司", "滨江市体育馆", "滨江印刷厂", "代发专户"}[d.rand.IntN(5)]
			}
		}
		if m.day <= today {
			out = append(out, m)
		}
	}
	for k := 1; k <= 2; k++ {
		if on := today.AddMonths(-k).MonthEnd(); on <= today {
			out = append(out, moved{on, -500 - money.Fen(d.n), "账户管理费", ""})
		}
	}
	slices.SortStableFunc(out, func(a, b moved) int { return strings.Compare(string(a.day), string(b.day)) })
	return out
}

// months imports one statement a month and reconciles all but the last two.
func (d demoBank) months(ctx context.Context, acc bank.Account, all []moved) error {
	balance, from := *acc.Opening, 0
	for month := 1; month <= d.at.Day().Month(); month++ {
		to := from
		for to < len(all) && all[to].day.Month() == month {
			to++
		}
		if to == from {
			continue
		}
		text, left := d.statement(all[from:to], balance)
		balance, from = left, to
		blob, err := d.h.Files.Put(ctx, strings.NewReader(text), 1<<20)
		if err != nil {
			return err
		}
		read, err := bank.ReadStatement(strings.NewReader(text), int64(len(text)), "对账单.csv", nil, d.at.Day())
		if err != nil {
			return err
		}
		err = d.h.DB.Do(ctx, func(tx *sqldb.Tx) error {
			s, _, err := bank.Begin(ctx, tx, d.as(auth.Cashier, bank.Import), acc.ID, fmt.Sprintf("对账单%d年%d月.csv", d.at.Day().Year(), month), blob.Hash, read, d.at)
			if err != nil || d.n == 0 && month == d.at.Day().Month() {
				return err // one statement waits to be looked at
			}
			_, _, err = bank.Take(ctx, tx, d.as(auth.Accountant, bank.Import), s.ID, 0, d.at)
			return err
		})
		if err != nil {
			return err
		}
	}
	for month := 1; month < d.at.Day().Month()-1; month++ {
		err := d.h.DB.Do(ctx, func(tx *sqldb.Tx) error {
			t, err := bank.Draw(ctx, tx, d.as(auth.Accountant, bank.Agree), acc.ID, fmt.Sprintf("%d-%02d", d.at.Day().Year(), month), d.at)
			if err != nil || month == d.at.Day().Month()-2 && d.n%2 == 0 {
				return err // half of the last ones wait to be confirmed
			}
			_, err = bank.Advance(ctx, tx, d.as(auth.Director, bank.Confirm), t.ID, 0, flow.Given{}, d.at)
			return err
		})
		if err != nil && fault.Of(err).Kind != fault.Conflict {
			return err
		}
	}
	return nil
}

// statement writes a month as one of the city's banks does.
func (d demoBank) statement(all []moved, balance money.Fen) (string, money.Fen) {
	var b strings.Builder
	signed := d.n%2 == 1
	if signed {
		b.WriteString("账户明细查询\n账户名称：" + d.union.Name + "\n交易时间,交易金额,账户余额,摘要,对方名称,交易流水号\n")
	} else {
		b.WriteString("交易日期,流水号,摘要,借方发生额,贷方发生额,余额,对方户名\n")
	}
	came, went := money.Fen(0), money.Fen(0)
	for i, m := range all {
		balance += m.amount
		flowNo := fmt.Sprintf("%s%02d%05d", strings.ReplaceAll(string(m.day), "-", ""), d.n, i+1)
		switch {
		case signed:
			fmt.Fprintf(&b, "%s 10:%02d:00,%s,%s,%s,%s,%s\n", strings.ReplaceAll(string(m.day), "-", "/"), i%60, m.amount, balance, m.summary, m.party, flowNo)
		case m.amount > 0:
			came += m.amount
			fmt.Fprintf(&b, "%s,%s,%s,,%s,%s,%s\n", m.day, flowNo, m.summary, m.amount, balance, m.party)
		default:
			went -= m.amount
			fmt.Fprintf(&b, "%s,%s,%s,%s,,%s,%s\n", m.day, flowNo, m.summary, -m.amount, balance, m.party)
		}
	}
	if !signed {
		fmt.Fprintf(&b, "合计,,,%s,%s,,\n", went, came)
	}
	return b.String(), balance
}
