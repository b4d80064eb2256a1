package handover

import (
	"fmt"
	"strings"
	"time"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// stamp is an instant as archives keep it.
func stamp(at day.Instant) time.Time {
	t, err := time.Parse(time.RFC3339, string(at))
	if err != nil {
		return time.Time{}
	}
	return t
}

// general writes 总账.
func (e *gbt) general() error {
	e.x.record("总账基础信息", cell{"会计制度", e.book.System.Label()}, cell{"结构分隔符", "-"}, cell{"会计科目编号规则", "3-2-2"}, cell{"现金流量项目编号规则", ""})
	tagged, err := e.tagged()
	if err != nil {
		return err
	}
	for _, a := range e.chart.All() {
		e.x.record("会计科目", cell{"科目编号", a.Code}, cell{"科目名称", a.Name}, cell{"科目级次", fmt.Sprint(a.Level)}, cell{"科目类型", a.Class.Label()}, cell{"余额方向", stands(a.Side)})
	}
	for _, a := range e.chart.All() {
		for i, aux := range auxiliaries {
			if tagged[a.Code][i] {
				e.x.record("科目辅助核算", cell{"科目编号", a.Code}, cell{"辅助项编号", aux.code}, cell{"辅助项名称", aux.name}, cell{"对应档案", aux.of})
			}
		}
	}
	for _, write := range []func() error{e.balances, e.lines, e.forms} {
		if err := write(); err != nil {
			return err
		}
	}
	return e.x.err
}

// stands is the side of an account; one that may stand on either counts as a
// debit.
func stands(s books.Side) string {
	if s == books.Credit {
		return "贷"
	}
	return "借"
}

// tagged tells which auxiliary items the entries of each account have.
func (e *gbt) tagged() (map[string][6]bool, error) {
	out := map[string][6]bool{}
	type row struct {
		account string
		n       [6]int64
	}
	return out, sqldb.Each(e.ctx, e.tx, func(scan sqldb.Row) (r row, err error) {
		return r, scan(&r.account, &r.n[0], &r.n[1], &r.n[2], &r.n[3], &r.n[4], &r.n[5])
	}, func(r row) error {
		var has [6]bool
		for i, n := range r.n {
			has[i] = n > 0
		}
		out[r.account] = has
		return nil
	}, `
		SELECT account, cast(sum(CASE WHEN source <> '-' THEN 1 ELSE 0 END) as bigint), cast(sum(CASE WHEN project <> '-' THEN 1 ELSE 0 END) as bigint), count(party), count(dept), count(econ), count(func)
		FROM entries WHERE tenant_id = $1 AND book_id = $2 GROUP BY account`, e.g.Tenant(), e.book.ID)
}

// turn is what an account of a source and project moved by in a month.
type turn struct {
	account, source, project string
	month                    int64
	debit, credit            money.Fen
}

// balances writes 科目余额及发生额: of each account, source and project every
// month up to the last that has anything.
func (e *gbt) balances() error {
	last, err := sqldb.One(e.ctx, e.tx, sqldb.Int, `SELECT coalesce(max(month), 0) FROM balances WHERE tenant_id = $1 AND book_id = $2`, e.g.Tenant(), e.book.ID)
	if err != nil {
		return err
	}
	if e.book.State == ledger.Ended {
		last = 12
	}
	last = max(last, 1)
	var at turn
	var months [13]turn
	flush := func() error {
		if at.account == "" {
			return nil
		}
		a, _ := e.chart.Find(at.account)
		sign := money.Fen(1)
		if a.Side == books.Credit {
			sign = -1
		}
		held := months[0].debit - months[0].credit
		for m := int64(1); m <= last; m++ {
			t := months[m]
			before := held
			held += t.debit - t.credit
			e.x.record("科目余额及发生额", cell{"科目编号", at.account}, cell{"辅助项1编号", plainTag(at.source)}, cell{"辅助项2编号", plainTag(at.project)},
				cell{"期初余额方向", stands(a.Side)}, cell{"期末余额方向", stands(a.Side)}, cell{"币种编码", "CNY"}, cell{"会计年度", fmt.Sprint(e.book.Year)}, cell{"会计期间号", fmt.Sprint(m)},
				cell{"期初数量", ""}, cell{"期初原币余额", (sign * before).String()}, cell{"期初本币余额", (sign * before).String()},
				cell{"借方数量", ""}, cell{"借方原币发生额", t.debit.String()}, cell{"借方本币发生额", t.debit.String()},
				cell{"贷方数量", ""}, cell{"贷方原币发生额", t.credit.String()}, cell{"贷方本币发生额", t.credit.String()},
				cell{"期末数量", ""}, cell{"期末原币余额", (sign * held).String()}, cell{"期末本币余额", (sign * held).String()})
		}
		return e.x.err
	}
	err = sqldb.Each(e.ctx, e.tx, func(row sqldb.Row) (t turn, err error) {
		return t, row(&t.account, &t.source, &t.project, &t.month, &t.debit, &t.credit)
	}, func(t turn) error {
		if t.account != at.account || t.source != at.source || t.project != at.project {
			if err := flush(); err != nil {
				return err
			}
			at, months = t, [13]turn{}
		}
		months[t.month] = t
		return nil
	}, `
		SELECT account, source, project, month, debit + carry_debit, credit + carry_credit FROM balances
		WHERE tenant_id = $1 AND book_id = $2 ORDER BY account, source, project, month`, e.g.Tenant(), e.book.ID)
	if err != nil {
		return err
	}
	return flush()
}

// plainTag is a tag as it is told: none is empty.
func plainTag(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// voucherLine is one line of a posted voucher with what is told of it.
type voucherLine struct {
	voucher, nature, maker, reviewer, poster, cashier, text string
	date                                                    day.Day
	month, number, line, sheets                             int64
	books.Line
}

func scanVoucherLine(row sqldb.Row) (v voucherLine, err error) {
	l := &v.Line
	err = row(&v.voucher, &v.nature, &v.date, &v.month, &v.number, &v.text, &v.sheets, &v.maker, &v.reviewer, &v.poster, &v.cashier,
		&v.line, &l.Account, &l.Debit, &l.Credit, &l.Source, &l.Project, &l.Party, &l.Dept, &l.Econ, &l.Func, &l.Summary)
	l.Source, l.Project = plainTag(l.Source), plainTag(l.Project)
	if l.Summary == "" {
		l.Summary = v.text
	}
	return v, err
}

// selectLines reads the lines of a book's posted vouchers; what narrows them
// and their order follow.
const selectLines = `
	SELECT v.id, v.nature, v.date, v.month, v.number, v.summary, v.attachments, v.maker, v.reviewer, v.poster, v.cashier,
		e.line, e.account, e.debit, e.credit, e.source, e.project, e.party, e.dept, e.econ, e.func, e.summary
	FROM vouchers v JOIN entries e ON e.tenant_id = v.tenant_id AND e.voucher_id = v.id
	WHERE v.tenant_id = $1 AND v.book_id = $2 AND v.number IS NOT NULL`

const inOrder = ` ORDER BY v.month, v.number, e.line`

// lines writes 记账凭证, line by line.
func (e *gbt) lines() error {
	year := fmt.Sprint(e.book.Year)
	return sqldb.Each(e.ctx, e.tx, scanVoucherLine, func(v voucherLine) error {
		if err := e.ctx.Err(); err != nil {
			return err
		}
		return e.x.record("记账凭证", cell{"记账凭证日期", compact(v.date)}, cell{"会计年度", year}, cell{"会计期间号", fmt.Sprint(v.month)}, cell{"记账凭证类型编号", "记"},
			cell{"记账凭证编号", fmt.Sprint(v.number)}, cell{"记账凭证行号", fmt.Sprint(v.line)}, cell{"记账凭证摘要", v.Summary}, cell{"科目编号", v.Account},
			cell{"辅助项1编号", v.Source}, cell{"辅助项2编号", v.Project}, cell{"辅助项3编号", v.Party}, cell{"辅助项4编号", v.Dept}, cell{"辅助项5编号", v.Econ}, cell{"辅助项6编号", v.Func},
			cell{"币种编码", "CNY"}, cell{"借方原币金额", v.Debit.String()}, cell{"借方本币金额", v.Debit.String()}, cell{"贷方原币金额", v.Credit.String()}, cell{"贷方本币金额", v.Credit.String()},
			cell{"汇率", "1"}, cell{"单价", ""}, cell{"结算方式编码", ""}, cell{"票据类型", ""}, cell{"票据号", ""}, cell{"票据日期", ""}, cell{"附件数", fmt.Sprint(v.sheets)},
			cell{"制单人", e.who[v.maker]}, cell{"审核人", e.who[v.reviewer]}, cell{"记账人", e.who[v.poster]}, cell{"记账标志", "1"}, cell{"作废标志", "0"})
	}, selectLines+` AND v.month > 0`+inOrder, e.g.Tenant(), e.book.ID)
}

// forms writes 报表集 and 报表项数据: every form of the book's system, as of the
// end of the year.
func (e *gbt) forms() error {
	f, err := ledger.FiguresOf(e.ctx, e.tx, e.g, ledger.Ask{Union: e.book.Union.ID, Year: e.book.Year, From: 1, To: 12})
	if err != nil {
		return err
	}
	forms := formsOf(e.book)
	end := fmt.Sprintf("%d1231", e.book.Year)
	for _, form := range forms {
		e.x.record("报表集", cell{"报表编号", form.Number}, cell{"报表名称", form.Title}, cell{"报表报告日", end}, cell{"报表报告期", fmt.Sprintf("%d年", e.book.Year)}, cell{"编制单位", e.book.Union.Name}, cell{"货币单位", "元"})
	}
	for _, form := range forms {
		values, err := books.Eval(form, f)
		if err != nil {
			return fmt.Errorf("form %s: %w", form.ID, err)
		}
		for _, v := range values {
			if v.Check || !v.Year {
				continue
			}
			e.x.record("报表项数据", cell{"报表编号", form.Number}, cell{"报表项编号", v.ID}, cell{"报表项名称", strings.TrimSpace(v.Label)}, cell{"报表项公式", v.Formula}, cell{"报表项数值", v.Amount.String()})
		}
	}
	return e.x.err
}

// formsOf lists the forms that a book's figures alone make: 2021-a1 has a line
// for each project, which the statement's own page draws.
func formsOf(b ledger.Book) (out []books.Form) {
	for _, f := range books.Forms(b.System) {
		if f.ID != "2021-a1" && (f.Grassroots || b.Level == "county") {
			out = append(out, f)
		}
	}
	return out
}
