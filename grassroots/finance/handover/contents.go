package handover

import (
	"bufio"
	"encoding/csv"
	"fmt"
	"io"
	"path"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// table writes rows as text that spreadsheets open: UTF-8 with its mark, and
// nothing in a cell that they would take for a formula.
type table struct {
	b *bufio.Writer
	w *csv.Writer
}

func newTable(dst io.Writer, head ...string) (*table, error) {
	t := &table{b: bufio.NewWriterSize(dst, 64<<10)}
	t.w = csv.NewWriter(t.b)
	t.w.UseCRLF = true
	if _, err := t.b.WriteString("\ufeff"); err != nil {
		return nil, err
	}
	return t, t.w.Write(head)
}

func (t *table) row(cells ...string) error {
	for i, c := range cells {
		if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) && !number(c) {
			cells[i] = "'" + c
		}
	}
	return t.w.Write(cells)
}

// number reports whether a text is an amount and nothing else.
func number(s string) bool { return strings.Trim(s, "-0123456789.") == "" }

func (t *table) close() error {
	t.w.Flush()
	if err := t.w.Error(); err != nil {
		return err
	}
	return t.b.Flush()
}

// vouchers are the posted vouchers, one file for each month.
//
// law: F3.27
func (p *packer) vouchers() error {
	for _, m := range p.months {
		if m.count == 0 {
			continue
		}
		name := fmt.Sprintf("凭证/%02d月记账凭证.csv", m.month)
		if m.month == 0 {
			name = "凭证/00年初余额.csv"
		}
		err := p.add(name, books.Originals, func(w io.Writer) error {
			t, err := newTable(w, "日期", "凭证字号", "行", "摘要", "科目编号", "科目名称", "借方金额", "贷方金额", "资金来源", "项目", "往来单位或个人", "部门", "附单据张数", "制单", "审核", "记账", "出纳")
			if err != nil {
				return err
			}
			err = sqldb.Each(p.ctx, p.tx, scanVoucherLine, func(v voucherLine) error {
				if err := p.ctx.Err(); err != nil {
					return err
				}
				return t.row(string(v.date), fmt.Sprintf("记-%d", v.number), fmt.Sprint(v.line), v.Summary, v.Account, p.chart.Name(v.Account), amountOrNone(v.Debit), amountOrNone(v.Credit),
					books.SourceLabel(v.Source), p.project(v.Project), v.Party, v.Dept, fmt.Sprint(v.sheets), p.who[v.maker], p.who[v.reviewer], p.who[v.poster], p.who[v.cashier])
			}, selectLines+` AND v.month = $3`+inOrder, p.g.Tenant(), p.book.ID, int64(m.month))
			if err != nil {
				return err
			}
			return t.close()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *packer) project(id string) string {
	if name := p.projects[id]; name != "" {
		return name
	}
	return id
}

func amountOrNone(f money.Fen) string {
	if f == 0 {
		return ""
	}
	return f.String()
}

// ledgers are the general ledger, the detail ledgers and the trial balance.
//
// law: F3.24
func (p *packer) ledgers() error {
	for _, l := range []struct {
		path  string
		write func(io.Writer) error
	}{{"账簿/总账.csv", p.generalLedger}, {"账簿/明细账.csv", p.detailLedger}, {"账簿/科目余额表.csv", p.trialBalance}} {
		if err := p.add(l.path, books.Originals, l.write); err != nil {
			return err
		}
	}
	return nil
}

// sided is a balance on the side the account stands on.
func (p *packer) sided(account string, n money.Fen) (side, amount string) {
	a, _ := p.chart.Find(account)
	if a.Side == books.Credit {
		n = -n
	}
	if n == 0 {
		return "平", n.String()
	}
	return stands(a.Side), n.String()
}

// generalLedger has each first-level account by month.
func (p *packer) generalLedger(w io.Writer) error {
	t, err := newTable(w, "科目编号", "科目名称", "月份", "摘要", "借方", "贷方", "方向", "余额")
	if err != nil {
		return err
	}
	account, held := "", money.Fen(0)
	var debits, credits money.Fen
	line := func(m int64, words string, d, c money.Fen) error {
		side, amount := p.sided(account, held)
		return t.row(account, p.chart.Name(account), fmt.Sprint(m), words, amountOrNone(d), amountOrNone(c), side, amount)
	}
	err = sqldb.Each(p.ctx, p.tx, func(row sqldb.Row) (v turn, err error) { return v, row(&v.account, &v.month, &v.debit, &v.credit) }, func(v turn) error {
		if v.account != account {
			account, held, debits, credits = v.account, 0, 0, 0
		}
		held += v.debit - v.credit
		if v.month == 0 {
			return line(0, "上年结转", 0, 0)
		}
		debits, credits = debits+v.debit, credits+v.credit
		if err := line(v.month, "本月合计", v.debit, v.credit); err != nil {
			return err
		}
		return line(v.month, "本年累计", debits, credits)
	}, `
		SELECT substr(account, 1, 3), month, cast(sum(debit + carry_debit) as bigint), cast(sum(credit + carry_credit) as bigint)
		FROM balances WHERE tenant_id = $1 AND book_id = $2 GROUP BY substr(account, 1, 3), month ORDER BY 1, 2`, p.g.Tenant(), p.book.ID)
	if err != nil {
		return err
	}
	return t.close()
}

// detailLedger has every entry of each account, with the balance after it.
func (p *packer) detailLedger(w io.Writer) error {
	t, err := newTable(w, "科目编号", "科目名称", "日期", "凭证字号", "摘要", "资金来源", "项目", "往来单位或个人", "借方", "贷方", "方向", "余额")
	if err != nil {
		return err
	}
	account, held := "", money.Fen(0)
	err = sqldb.Each(p.ctx, p.tx, scanVoucherLine, func(v voucherLine) error {
		if err := p.ctx.Err(); err != nil {
			return err
		}
		if v.Account != account {
			account, held = v.Account, 0
		}
		held += v.Debit - v.Credit
		side, amount := p.sided(account, held)
		no := fmt.Sprintf("记-%d", v.number)
		if v.month == 0 {
			no = "年初余额"
		}
		return t.row(account, p.chart.Name(account), string(v.date), no, v.Summary, books.SourceLabel(v.Source), p.project(v.Project), v.Party, amountOrNone(v.Debit), amountOrNone(v.Credit), side, amount)
	}, selectLines+` ORDER BY e.account, e.month, e.number, e.line`, p.g.Tenant(), p.book.ID)
	if err != nil {
		return err
	}
	return t.close()
}

// trialBalance has the balances of each month.
func (p *packer) trialBalance(w io.Writer) error {
	t, err := newTable(w, "月份", "科目编号", "科目名称", "方向", "年初余额", "本年借方", "本年贷方", "期末余额")
	if err != nil {
		return err
	}
	for m := 1; m <= 12; m++ {
		f, err := ledger.FiguresOf(p.ctx, p.tx, p.g, ledger.Ask{Union: p.book.Union.ID, Year: p.book.Year, From: 1, To: m})
		if err != nil {
			return err
		}
		for _, b := range f.Balances(p.chart) {
			if err := t.row(fmt.Sprint(m), b.Account, b.Name, stands(b.Side), b.Opening.String(), b.Debit.String(), b.Credit.String(), b.Closing.String()); err != nil {
				return err
			}
		}
	}
	return t.close()
}

// statements are the figures of every form: of each month, and of the year.
//
// law: F3.27, F3.28
func (p *packer) statements() error {
	write := func(from, to int, year bool) func(io.Writer) error {
		return func(w io.Writer) error {
			t, err := newTable(w, "报表", "报表名称", "行", "项目", "公式", "年初余额", "金额（元）")
			if err != nil {
				return err
			}
			f, err := ledger.FiguresOf(p.ctx, p.tx, p.g, ledger.Ask{Union: p.book.Union.ID, Year: p.book.Year, From: from, To: to})
			if err != nil {
				return err
			}
			for _, form := range formsOf(p.book) {
				values, err := books.Eval(form, f)
				if err != nil {
					return fmt.Errorf("form %s: %w", form.ID, err)
				}
				for _, v := range values {
					if v.Check || year && !v.Year || !year && (!v.Month || !form.Monthly) {
						continue
					}
					opening := ""
					if form.Balances {
						opening = v.Opening.String()
					}
					if err := t.row(form.Number, form.Title, v.ID, strings.TrimSpace(v.Label), v.Formula, opening, v.Amount.String()); err != nil {
						return err
					}
				}
			}
			return t.close()
		}
	}
	for m := 1; m <= 12; m++ {
		if err := p.add(fmt.Sprintf("报表/%02d月报表数据.csv", m), books.Reports, write(m, m, false)); err != nil {
			return err
		}
	}
	return p.add("报表/年度报表数据.csv", books.Annual, write(1, 12, true))
}

// texts are the journals that outside programs re-add, and the files of the
// national interface.
//
// law: S2-48
func (p *packer) texts() error {
	for _, f := range []struct {
		format Format
		name   string
	}{{Hledger, "文本账/hledger.journal"}, {Beancount, "文本账/beancount.beancount"}} {
		err := p.add(f.name, books.Originals, func(w io.Writer) error {
			return Journal(p.ctx, p.tx, p.g, p.book.Union.ID, p.book.Year, false, f.format, w)
		})
		if err != nil {
			return err
		}
	}
	return p.add("数据接口/"+fmt.Sprintf("%s-%d.zip", p.book.Union.Code, p.book.Year), books.Originals, func(w io.Writer) error {
		return gbtOf(p.ctx, p.tx, p.g, p.room.Names, p.book, p.at, w)
	})
}

// hung is a document that hangs on a voucher.
type hung struct {
	month, number, nth int64
	name, hash         string
}

// attachments are the original documents, named by their voucher.
//
// law: F3.27
func (p *packer) attachments() error {
	all, err := sqldb.List(p.ctx, p.tx, func(row sqldb.Row) (h hung, err error) { return h, row(&h.month, &h.number, &h.name, &h.hash) }, `
		SELECT v.month, v.number, a.name, a.hash
		FROM vouchers v JOIN attachments a ON a.tenant_id = v.tenant_id AND a.thing_id = v.id
		WHERE v.tenant_id = $1 AND v.book_id = $2 AND v.number IS NOT NULL ORDER BY v.month, v.number, a.id`, p.g.Tenant(), p.book.ID)
	if err != nil {
		return err
	}
	var last hung
	for _, h := range all {
		if h.nth = 1; h.month == last.month && h.number == last.number {
			h.nth = last.nth + 1
		}
		last = h
		name := fmt.Sprintf("附件/%02d月/记-%04d-%02d-%s", h.month, h.number, h.nth, path.Base(strings.ReplaceAll(h.name, `\`, "/")))
		err := p.add(name, books.Originals, func(w io.Writer) error {
			f, err := p.room.Files.Open(h.hash)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = io.Copy(w, f)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// papers are what the other rooms hand in, one document at a time.
func (p *packer) papers() error {
	if p.room.Papers == nil {
		return nil
	}
	all, err := p.room.Papers(p.ctx, p.tx, p.g, Wanted{p.book, p.who[p.kept.By], p.at})
	if err != nil {
		return err
	}
	for _, x := range all {
		if err := p.add(x.Name, x.Kind, x.Write); err != nil {
			return err
		}
	}
	return nil
}
