package books

import (
	"fmt"
	"slices"
	"strings"

	"unionhall/kit/fault"
	"unionhall/kit/money"
)

// Successor returns the account of A21 that the balance of an account of A09
// goes to at the start of 2022, before anything is analysed; "" of one that
// must be closed by then. An own detail goes where the account above it goes.
//
// law: T21
func Successor(code string) string {
	for n := len(code); n >= 3; n -= 2 {
		if to, ok := successors[code[:n]]; ok {
			return to
		}
	}
	return ""
}

// successors is the map of 财会〔2021〕16号. The details of 161 and 201 are ours
// to choose; the union may move within them.
var successors = map[string]string{
	"101": "101", "102": "102", "111": "111", "112": "12102", "11201": "12101", "11202": "12102", "121": "135",
	"131": "131", "13101": "13101", "13102": "13102", "13103": "135", "132": "132", "135": "135", "141": "141",
	"151": "151", "161": "16101", "162": "162",
	"201": "20101", "202": "20103", "203": "20107", "211": "215", "221": "211", "222": "212", "22201": "21201",
	"22202": "21202", "22203": "215", "225": "215", "231": "221",
	"301": "30104", "302": "30103", "311": "30102", "321": "32205", "32101": "32205", "32102": "32205",
	"32103": "31101", "322": "32205", "331": "32205",
}

// Analysis answers what the map cannot know. Amounts are in fen; nothing is 0.
type Analysis struct {
	FoundingDue   money.Fen // of 132, founding money (建会筹备金) due from lower unions
	FoundingOwed  money.Fen // of 221, founding money owed to the higher union
	BelowLimit    money.Fen // of 162, goods below the new threshold
	UsedUp        money.Fen // of these, what is no longer there
	Software      money.Fen // of 162, software and other intangibles
	Depreciation  money.Fen // what the rest of 162 should have lost by now
	Amortisation  money.Fen // likewise the software
	EntrustedTill money.Fen // of 231, what lies in the till; the rest lies in the bank
	// Carried parts the old surplus: by account (32104, 33104 or 33205), project
	// and function. What no line names stays free, in 32205.
	Carried []Balance
}

// Step is one voucher of the move with its working paper (工作底稿).
type Step struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Paper string `json:"paper"` // what was done and from which figures
	Lines []Line `json:"lines"`
}

// Move brings the closing balances of 2021, on their natural sides by codes of
// A09, to the accounts of A21: first all by the map, then step by step what
// was analysed, each a balanced voucher of 1 January 2022. Old books that do
// not balance or are not closed, and answers beyond what is there, are
// fault.Invalid.
//
// law: T21
func Move(old []Balance, a Analysis) ([]Step, error) {
	m := mover{a: a, have: map[string]money.Fen{}}
	if err := m.read(old); err != nil {
		return nil, err
	}
	if err := m.answers(); err != nil {
		return nil, err
	}
	m.transfer(old)
	m.step("founding_due", "应收的建会筹备金", "132 中的建会筹备金改记其他应收款。", pair("135", "132", a.FoundingDue))
	m.step("founding_owed", "应付的建会筹备金", "221 中的建会筹备金改记其他应付款。", pair("211", "215", a.FoundingOwed))
	m.step("stock", "库存物品补记资产基金", "按库存物品的账面余额，由结余补记资产基金。", pair("32205", "30101", m.have["141"]))
	m.step("below_limit", "低于新标准的固定资产", "不足新标准的固定资产转为库存物品，资产基金同时调整。",
		pair("141", "162", a.BelowLimit), pair("30104", "30101", a.BelowLimit))
	m.step("used_up", "已经用完的物品", "转入库存物品中实物已不存在的，同时注销。", pair("30101", "141", a.UsedUp))
	m.step("software", "软件等无形资产", "固定资产中的软件等转为无形资产，资产基金同时调整。",
		pair("171", "162", a.Software), pair("30104", "30105", a.Software))
	m.step("depreciation", "补提以前折旧", "按新的折旧年限，一次补记二〇二一年末以前应提的折旧。", pair("30104", "163", a.Depreciation))
	m.step("amortisation", "补提以前摊销", "一次补记二〇二一年末以前应作的摊销。", pair("30105", "172", a.Amortisation))
	m.step("entrusted", "代管经费单独存放", "代管的钱在现金、银行存款中单独列示。",
		pair("10101", "101", a.EntrustedTill), pair("10203", "102", m.have["231"]-a.EntrustedTill))
	var parts [][2]Line
	for _, b := range a.Carried {
		p := pair("32205", b.Account, b.Amount)
		p[1].Project, p[1].Func = b.Project, b.Func
		parts = append(parts, p)
	}
	m.step("surplus", "分析结余", "逐项目分析原结余：有指定用途未完成的转结转，财政拨款单列，其余留在结余。", parts...)
	return m.steps, nil
}

// Opened adds up the steps: the opening balances of 2022 by account, project
// and function, in order of code.
func Opened(steps []Step) (out []Balance) {
	for _, s := range steps {
		for _, l := range s.Lines {
			b := Balance{Account: l.Account, Project: l.Project, Func: l.Func, Party: l.Party}
			i := slices.IndexFunc(out, func(o Balance) bool { o.Amount = 0; return o == b })
			if i < 0 {
				i = len(out)
				out = append(out, b)
			}
			if onCredit(A21, l.Account) {
				out[i].Amount += l.Credit - l.Debit
			} else {
				out[i].Amount += l.Debit - l.Credit
			}
		}
	}
	out = slices.DeleteFunc(out, func(b Balance) bool { return b.Amount == 0 })
	slices.SortStableFunc(out, func(a, b Balance) int { return strings.Compare(a.Account, b.Account) })
	return out
}

type mover struct {
	a     Analysis
	have  map[string]money.Fen // old balances of level 1
	steps []Step
}

func refusal(format string, args ...any) error {
	return fault.ByRule(fault.Invalid, "T21", format, args...)
}

// read adds up the old balances and refuses books that are not ready.
func (m *mover) read(old []Balance) error {
	var difference money.Fen
	for _, b := range old {
		a, ok := Stated(A09, b.Account)
		switch {
		case !ok:
			return refusal("旧账没有科目「%s」，请核对编码。", b.Account)
		case Successor(b.Account) == "" && b.Amount != 0:
			return refusal("「%s」还有余额，请先在旧账结转年末收支。", a.Shown())
		}
		m.have[Top(b.Account)] += b.Amount
		if a.Side == Credit {
			difference -= b.Amount
		} else {
			difference += b.Amount
		}
	}
	if difference != 0 {
		return refusal("旧账余额不平衡，借方比贷方多 %s 元，请核对各科目余额。", difference.Grouped())
	}
	for fund, asset := range map[string]string{"301": "162", "302": "161", "311": "151"} {
		if m.have[fund] != m.have[asset] {
			f, _ := Find(A09, fund)
			a, _ := Find(A09, asset)
			return fault.ByRule(fault.Invalid, "K7", "旧账「%s」与「%s」不等，请先在旧账调整。", f.Shown(), a.Shown())
		}
	}
	return nil
}

// answers refuses what cannot be of what is there.
func (m *mover) answers() error {
	a := m.a
	for _, x := range []struct {
		field, name string
		part, whole money.Fen
	}{
		{"founding_due", "应收的建会筹备金", a.FoundingDue, m.have["132"]},
		{"founding_owed", "应付的建会筹备金", a.FoundingOwed, m.have["221"]},
		{"below_limit", "低于新标准的固定资产", a.BelowLimit, m.have["162"]},
		{"used_up", "已经用完的物品", a.UsedUp, a.BelowLimit},
		{"software", "软件等无形资产", a.Software, m.have["162"] - a.BelowLimit},
		{"depreciation", "以前应提的折旧", a.Depreciation, m.have["162"] - a.BelowLimit - a.Software},
		{"amortisation", "以前应作的摊销", a.Amortisation, a.Software},
		{"entrusted_till", "现金中的代管经费", a.EntrustedTill, min(m.have["231"], m.have["101"])},
		{"entrusted", "银行存款中的代管经费", m.have["231"] - a.EntrustedTill, m.have["102"]},
	} {
		if x.part < 0 || x.part > max(0, x.whole) {
			text := fmt.Sprintf("%s是 %s 元，应在 0 至 %s 元之间，请核对。", x.name, x.part.Grouped(), max(0, x.whole).Grouped())
			return &fault.Error{Kind: fault.Invalid, Rule: "T21", Text: text, Fields: map[string]string{x.field: text}}
		}
	}
	if m.have["141"] < 0 {
		return refusal("旧账库存物品是负数，请先在旧账核对出入库。")
	}
	for i, b := range a.Carried {
		if b.Account != "32104" && b.Account != "33104" && b.Account != "33205" {
			return refusal("分析结余的第 %d 行：只能转入工会资金结转、财政拨款结转或财政拨款结余的累计数。", i+1)
		}
		if b.Amount <= 0 || b.Account == "32104" && b.Project == "" {
			return refusal("分析结余的第 %d 行：请填写金额，工会资金结转还要选择项目。", i+1)
		}
	}
	return nil
}

// transfer takes every old balance to its new account in one voucher.
func (m *mover) transfer(old []Balance) {
	var lines []Line
	var paper strings.Builder
	paper.WriteString("按衔接规定的科目对照表转入：")
	for _, b := range old {
		if b.Amount == 0 {
			continue
		}
		from, _ := Stated(A09, b.Account)
		to, _ := Find(A21, Successor(b.Account))
		l := Line{Account: to.Code, Summary: "转入旧账余额：" + from.Name, Party: b.Party, Project: b.Project}
		if Top(to.Code) == "322" {
			l.Project = "" // free money has none
		}
		credit := b.Amount
		if from.Side != Credit {
			credit = -credit
		}
		lines = append(lines, sided(l, credit))
		fmt.Fprintf(&paper, "%s %s 元→%s；", from.Shown(), b.Amount.Grouped(), to.Shown())
	}
	if len(lines) > 0 {
		m.steps = append(m.steps, Step{"transfer", "转入旧账余额", paper.String(), lines})
	}
}

// step adds a voucher of pairs; pairs of nothing, and steps of none, are left
// out.
func (m *mover) step(key, title, paper string, pairs ...[2]Line) {
	var lines []Line
	for _, p := range pairs {
		if p[0].Debit > 0 {
			p[0].Summary, p[1].Summary = title, title
			lines = append(lines, p[0], p[1])
		}
	}
	if len(lines) == 0 {
		return
	}
	var sum money.Fen
	for _, l := range lines {
		sum += l.Debit
	}
	m.steps = append(m.steps, Step{key, title, fmt.Sprintf("%s借贷各 %s 元。", paper, sum.Grouped()), lines})
}

// pair is a debit and a credit of one amount.
func pair(debit, credit string, amount money.Fen) [2]Line {
	return [2]Line{{Account: debit, Debit: amount}, {Account: credit, Credit: amount}}
}
