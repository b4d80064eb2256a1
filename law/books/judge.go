package books

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/law"
)

// MostFen is the largest amount a line, and a voucher, may bear: 10^13 fen.
const MostFen money.Fen = 10_000_000_000_000

// Judge refuses a voucher that the books may not take, with fault.Invalid that
// names every field at fault (lines.0.debit) and the rule of the first. Known
// returns the accounts of the union's chart for the year, own details too;
// nil stands for what the regulation states.
//
// law: K1 K9 F0.1 F3.3 F3.12 F3.22
func Judge(s System, v Voucher, known func(code string) (Account, bool)) error {
	if known == nil {
		known = func(code string) (Account, bool) { return Find(s, code) }
	}
	j := judge{system: s, v: v, known: known, fields: map[string]string{}}
	most := v.MaxLines
	if most == 0 {
		most = maxLines()
	}
	switch n := len(v.Lines); {
	case n > most:
		return &fault.Error{Kind: fault.Invalid, Rule: "K1", Text: fmt.Sprintf("一张凭证最多 %d 行，这里有 %d 行，请分成几张。", most, n),
			Fields: map[string]string{"lines": fmt.Sprintf("最多 %d 行", most)}}
	case n < 2:
		j.refuse("lines", "K1", "一张凭证至少有一借一贷两行，请补上对应的一行。")
	}
	for i, l := range v.Lines {
		j.account(i, l)
		j.amounts(i, l)
	}
	j.balance()
	j.entrusted()
	return j.err()
}

// maxLines is the number of lines we ship, of the present day: it was never
// another.
var maxLines = sync.OnceValue(func() int {
	n, err := law.Shipped.Int("books.voucher.max_lines", law.Nation, "2022-01-01")
	if err != nil {
		panic(err)
	}
	return n
})

type judge struct {
	system     System
	v          Voucher
	known      func(string) (Account, bool)
	rule, text string // the first refusal
	fields     map[string]string
}

func (j *judge) refuse(field, rule, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if j.rule == "" {
		j.rule, j.text = rule, text
	}
	if _, ok := j.fields[field]; !ok {
		j.fields[field] = text
	}
}

func (j *judge) err() error {
	switch len(j.fields) {
	case 0:
		return nil
	case 1:
		return &fault.Error{Kind: fault.Invalid, Rule: j.rule, Text: j.text, Fields: j.fields}
	}
	return &fault.Error{Kind: fault.Invalid, Rule: j.rule, Fields: j.fields,
		Text: fmt.Sprintf("凭证有 %d 处需要改正，请看标出的栏目。首先：%s", len(j.fields), j.text)}
}

func field(i int, name string) string { return fmt.Sprintf("lines.%d.%s", i, name) }

// account judges the account of a line and what it must say beside it.
func (j *judge) account(i int, l Line) {
	at := field(i, "account")
	a, ok := j.known(l.Account)
	switch other, there := Stated(j.system.Other(), l.Account); {
	case l.Account == "":
		j.refuse(at, "K1", "请选择科目。")
		return
	case !ok && there:
		j.refuse(at, "F0.1", "「%s」是%s的科目，这一天按%s记账，请另选科目。", other.Shown(), j.system.Other().Label(), j.system.Label())
		return
	case !ok:
		j.refuse(at, "F3.3", "账套里没有科目「%s」，请从科目表选择。", l.Account)
		return
	case a.System != j.system:
		j.refuse(at, "F0.1", "「%s」属于%s，这一天按%s记账，请另选科目。", a.Shown(), a.System.Label(), j.system.Label())
		return
	case !a.Leaf:
		j.refuse(at, "K1", "「%s」下设明细，请选它的末级科目。", a.Shown())
	}
	j.tags(i, l, a)
}

// tags judges the source of a line of income or expenditure.
func (j *judge) tags(i int, l Line, a Account) {
	at := field(i, "source")
	may := Sources(a)
	switch {
	case l.Source != "" && l.Source != FR && l.Source != SP && l.Source != FT:
		j.refuse(at, "F3.12", "资金来源只有工会资金（非专项）、工会资金（专项）和财政拨款，请重新选择。")
	case len(may) == 0:
	case l.Source == "":
		j.refuse(at, "F3.12", "「%s」要注明资金来源，期末才知道转到哪里。", a.Shown())
	case !slices.Contains(may, l.Source):
		names := make([]string, 0, len(may))
		for _, source := range may {
			names = append(names, SourceLabel(source))
		}
		j.refuse(at, "F3.12", "「%s」的资金来源只能是%s。", a.Shown(), strings.Join(names, "、"))
	case l.Source == SP && l.Project == "":
		j.refuse(field(i, "project"), "F3.12", "专项资金按项目核算，请选择项目。")
	}
}

// amounts judges the two amounts of a line.
func (j *judge) amounts(i int, l Line) {
	for _, x := range []struct {
		name   string
		amount money.Fen
	}{{"debit", l.Debit}, {"credit", l.Credit}} {
		switch at := field(i, x.name); {
		case x.amount < 0 && !j.v.Red:
			j.refuse(at, "F3.22", "金额不能是负数；要冲减请用红字凭证。")
		case x.amount > MostFen || x.amount < -MostFen:
			j.refuse(at, "K1", "金额超过 %s 元，请核对位数。", MostFen.Grouped())
		}
	}
	switch {
	case l.Debit == 0 && l.Credit == 0:
		j.refuse(field(i, "debit"), "K1", "请填写借方或贷方金额，零金额的行请删去。")
	case l.Debit != 0 && l.Credit != 0:
		j.refuse(field(i, "credit"), "K1", "一行只能有借方或贷方一个金额，请分成两行。")
	}
}

// balance judges the sums. Amounts are clipped first, so that no sum passes 64
// bits; one that was clipped is refused already.
func (j *judge) balance() {
	var debit, credit money.Fen
	for _, l := range j.v.Lines {
		debit += clip(l.Debit)
		credit += clip(l.Credit)
	}
	switch {
	case debit > MostFen || credit > MostFen || debit < -MostFen || credit < -MostFen:
		j.refuse("lines", "K1", "合计超过 %s 元，请核对位数。", MostFen.Grouped())
	case debit > credit:
		j.refuse("lines", "K1", "借贷不平：借方合计 %s 元，贷方合计 %s 元，贷方还差 %s 元。", debit.Grouped(), credit.Grouped(), (debit - credit).Grouped())
	case debit < credit:
		j.refuse("lines", "K1", "借贷不平：借方合计 %s 元，贷方合计 %s 元，借方还差 %s 元。", debit.Grouped(), credit.Grouped(), (credit - debit).Grouped())
	}
}

func clip(f money.Fen) money.Fen { return max(-MostFen-1, min(f, MostFen+1)) }

// Entrusted is the account of money kept for others (代管经费).
func Entrusted(s System) string {
	if s == A09 {
		return "231"
	}
	return "221"
}

// entrusted keeps money that belongs to others away from income and
// expenditure.
func (j *judge) entrusted() {
	at, result := -1, false
	for i, l := range j.v.Lines {
		if at < 0 && under(l.Account, Entrusted(j.system)) {
			at = i
		}
		result = result || strings.HasPrefix(l.Account, "4") || strings.HasPrefix(l.Account, "5")
	}
	if at >= 0 && result {
		j.refuse(field(at, "account"), "K9", "代管经费不是本会的钱，不能和收入、支出科目记在一张凭证里，请分开记。")
	}
}

// MissingAttachment reports whether a voucher lacks the original documents
// that it may not be posted without: all but closing and correcting ones have
// some.
//
// law: F3.20
func MissingAttachment(v Voucher) bool {
	return v.Attachments < 1 && !v.Carry && !v.Red && !v.Corrects
}

// Gap is a detail that a line should still bear.
type Gap struct {
	Field string `json:"field"` // lines.0.econ
	Rule  string `json:"rule"`
	Text  string `json:"text"`
}

// Gaps lists what the lines of expenditure of A21 still want for their
// auxiliary ledgers. It hinders no draft; county is true of a union of county
// level or above, which keeps treasury money by function too.
//
// law: F3.4
func Gaps(s System, v Voucher, county bool, known func(code string) (Account, bool)) (out []Gap) {
	if s != A21 || v.Carry {
		return nil
	}
	for i, l := range v.Lines {
		a, ok := known(l.Account)
		if !ok || a.Class != Expense || Top(a.Code) == "521" {
			continue
		}
		if l.Econ == "" {
			out = append(out, Gap{field(i, "econ"), "F3.4", "支出要注明部门预算支出经济分类的款级科目。"})
		}
		if county && l.Source == FT && l.Func == "" {
			out = append(out, Gap{field(i, "func"), "F3.4", "财政拨款的支出要注明支出功能分类的项级科目。"})
		}
		if county && l.Source == FT && l.Project == "" {
			out = append(out, Gap{field(i, "project"), "F3.4", "财政拨款的支出要注明人员经费、公用经费或项目。"})
		}
	}
	return out
}
