package books

import (
	"slices"
	"strings"

	"unionhall/kit/money"
)

// Balance is what stands in an account by its tags, on its natural side.
type Balance struct {
	Account string
	Source  string
	Project string
	Func    string
	Party   string
	Amount  money.Fen
}

// Stage is one step of the end of a year, in the order they are taken.
type Stage struct {
	Key    string   `json:"key"`
	Rule   string   `json:"rule"`
	Title  string   `json:"title"`
	Words  string   `json:"words"`            // what is done, one sentence
	Events []string `json:"events,omitempty"` // the keys of events it may ask for
	From   []string `json:"from,omitempty"`   // accounts it empties
}

// YearEnd lists the steps of the end of a year in their order.
//
// law: F3.14 F3.15
func YearEnd(s System) []Stage {
	whole := Stage{Key: "whole", Rule: "F3.16", Title: "凭证齐全",
		Words: "确认十二个月的凭证都已审核记账，编号不断，各月已结账。"}
	count := Stage{Key: "count", Rule: "F3.10", Title: "清查盘点",
		Words:  "盘点现金、库存物品和固定资产，把盘盈、盘亏和报废按批准处理完，待处理财产损溢应为零。",
		Events: []string{"count_surplus", "count_loss", "surplus_approved", "loss_approved", "stock_loss", "stock_surplus", "cash_short_approved", "cash_over_approved", "bad_debt_approved"}}
	quota := Stage{Key: "quota", Rule: "J15", Title: "财政额度",
		Words:  "注销未用的授权支付额度，确认应下达未下达的额度和直接支付预算结余；没有财政拨款的跳过。",
		Events: []string{"quota_cancelled", "quota_unissued", "direct_left"}, From: []string{"111"}}
	due := Stage{Key: "due", Rule: "F3.2", Title: "上下级往来",
		Words:  "按上级通知确认应收的转拨经费和补助，按下级报告确认应收的经费，确认应付下级的补助。",
		Events: []string{"share_due", "subsidy_due", "lower_due", "subsidy_owed"}}
	proof := Stage{Key: "proof", Rule: "K6", Title: "核对年末余额",
		Words: "核对应为零的科目和各项勾稽，编制年度报表，开设下年账套。"}
	if s == A09 {
		return []Stage{whole, quota, due, count,
			{Key: "carry", Rule: "F3.15", Title: "结转收支", Words: "把全部收入、支出转入结余。", From: []string{"4", "5"}},
			{Key: "reserve", Rule: "J43", Title: "提取后备金", Words: "县级以上工会按规定从结余提取后备金；没有的跳过。", Events: []string{"reserve_set"}},
			proof}
	}
	return []Stage{whole, quota, due,
		{Key: "depreciation", Rule: "F3.9", Title: "折旧和摊销", Words: "计提十二月的折旧和摊销。", Events: []string{"depreciation", "amortisation", "prepaid_used"}},
		count,
		{Key: "carry", Rule: "F3.12", Title: "结转收支", Words: "按资金来源把收入、支出转入本年收支结转。", From: []string{"4", "5"}},
		{Key: "gather", Rule: "F3.14", Title: "归集结转资金", Words: "把年初余额调整、单位内部调剂、本年收支结转转入累计结转。",
			From: []string{"32101", "32102", "32103", "33101", "33102", "33103"}},
		{Key: "analyse", Rule: "F3.14", Title: "分析项目", Words: "逐个项目查看：已完成或已取消的，把剩余资金转为结余；要继续的留在结转。",
			From: []string{"32104", "33104"}},
		{Key: "settle", Rule: "F3.14", Title: "归集结余资金", Words: "把年初余额调整、归集上缴、内部调剂、本年收支和结转转入，并入累计结余。",
			From: []string{"32201", "32202", "32203", "32204", "33201", "33202", "33203", "33204"}},
		proof}
}

// Carry returns the closing entries of a period: every line of income and
// expenditure goes where its source says, by project. Balances of other
// accounts are left alone. Nothing to carry is no line; a source that the
// account cannot have stays where it is, for K6 to find.
//
// law: F3.12 F3.13 F3.15
func Carry(s System, open []Balance) []Line {
	c := carrier{system: s}
	for _, b := range open {
		a, ok := Stated(s, b.Account)
		if !ok {
			continue
		}
		a.Code = b.Account
		if to := Closes(a, b.Source); to != "" {
			summary := "结转本期收入"
			if a.Class == Expense {
				summary = "结转本期支出"
			}
			c.move(b, to, summary)
		}
	}
	return c.lines()
}

// Gather returns the entries that bring the details of the year below the
// carried sums to the accumulated one: of 321 and 331, then, once projects are
// analysed, of 322 and 332.
//
// law: F3.14
func Gather(balances []Balance, tops ...string) []Line {
	c := carrier{system: A21}
	for _, b := range balances {
		to := accumulated(Top(b.Account))
		if slices.Contains(tops, Top(b.Account)) && to != "" && b.Account != to {
			c.move(b, to, "归集到累计数")
		}
	}
	return c.lines()
}

// accumulated is the last detail (累计结转, 累计结余) of a carried sum.
func accumulated(top string) string {
	for _, a := range Chart(A21) {
		if a.Parent == top && strings.HasPrefix(a.Name, "累计") {
			return a.Code
		}
	}
	return ""
}

// Free returns the entries that turn what is left of finished or cancelled
// projects into free money: 32104 to 32204, 33104 to 33204.
//
// law: F3.14
func Free(projects []Balance) []Line {
	c := carrier{system: A21}
	for _, b := range projects {
		if to := map[string]string{"32104": "32204", "33104": "33204"}[b.Account]; to != "" {
			c.move(b, to, "项目结束，剩余资金转为结余")
		}
	}
	return c.lines()
}

// carrier gathers moves: each balance gives a line, and what goes to one
// account by one project and summary is one line.
type carrier struct {
	system System
	out    []Line
	to     []target
}

type target struct {
	Line
	credit money.Fen // credits less debits
}

func (c *carrier) move(b Balance, to, summary string) {
	if b.Amount == 0 {
		return
	}
	amount := b.Amount // as a credit to be taken off
	if !onCredit(c.system, b.Account) {
		amount = -amount
	}
	l := Line{Account: b.Account, Summary: summary, Source: b.Source, Project: b.Project, Func: b.Func}
	c.out = append(c.out, sided(l, -amount))
	goal := target{Line: Line{Account: to, Summary: summary}, credit: amount}
	if c.system == A21 && Top(to) != "322" {
		goal.Project, goal.Func = b.Project, b.Func
	}
	i := slices.IndexFunc(c.to, func(t target) bool { return t.Line == goal.Line })
	if i < 0 {
		c.to = append(c.to, goal)
		return
	}
	c.to[i].credit += amount
}

// lines returns the moves, then where they went; debits and credits to one
// account cancel out only within one summary.
func (c *carrier) lines() []Line {
	out := c.out
	for _, t := range c.to {
		if t.credit != 0 {
			out = append(out, sided(t.Line, t.credit))
		}
	}
	return out
}

// sided puts an amount on the credit side, or on the debit side if negative.
func sided(l Line, credit money.Fen) Line {
	if credit > 0 {
		l.Credit = credit
	} else {
		l.Debit = -credit
	}
	return l
}
