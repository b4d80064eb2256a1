package city

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/law/books"
)

// event writes a business event the way its form does.
func (k *keeper) event(on day.Day, key, summary string, given map[string]string) *ledger.Record {
	e, ok := books.EventOf(key)
	if !ok {
		panic("city: no event " + key)
	}
	lines, err := books.Write(e, k.book.System, given)
	if err != nil {
		panic(fmt.Sprintf("city: event %s: %v", key, err)) // the plan is ours
	}
	for i := range lines {
		if lines[i].Account[0] == '5' && lines[i].Project == "" {
			lines[i].Project = ledger.Office
		}
		lines[i].Summary = summary
	}
	return k.write(on, ledger.Normal, summary, key, 1+int64(k.rand.IntN(4)), lines)
}

// about is an amount around n fen a member, uneven as real ones are.
func (k *keeper) about(n int64) string {
	total := k.n * n
	return money.Fen(total - total/10 + k.rand.Int64N(total/5+1)).String()
}

// opening begins the books: the first year with what was counted, then with
// what the year before left.
func (k *keeper) opening(year int) {
	if len(k.holds) == 0 {
		n := k.n
		if k.union.ParentID == "" {
			n = 900 // the committee keeps what the city's unions send up
		}
		stock := n*90_000 + k.rand.Int64N(n*20_000)
		asset := 600_000 + k.rand.Int64N(2_000_000)
		worn := asset / 3
		k.holds[holding{account: "102"}] = stock
		k.possess(year, money.Fen(asset), money.Fen(worn))
		k.holds[holding{account: "162", source: books.FR}] = asset
		k.holds[holding{account: "163", source: books.FR}] = -worn
		k.holds[holding{account: "30104", source: books.FR}] = -(asset - worn)
		k.holds[holding{account: "32205"}] = -stock
	}
	was := k.holds
	k.holds = map[holding]int64{}
	var lines []books.Line
	for _, h := range slices.SortedFunc(maps.Keys(was), compare) {
		if was[h] == 0 {
			continue
		}
		l := books.Line{Account: h.account, Source: h.source, Project: h.project, Party: h.party, Summary: "年初余额"}
		if was[h] > 0 {
			l.Debit = money.Fen(was[h])
		} else {
			l.Credit = money.Fen(-was[h])
		}
		lines = append(lines, l)
	}
	k.write(day.Day(fmt.Sprintf("%d-01-01", year)), ledger.Opening, "年初余额", "", 0, lines)
}

func compare(a, b holding) int {
	return cmp.Or(strings.Compare(a.account, b.account), strings.Compare(a.source, b.source), strings.Compare(a.project, b.project), strings.Compare(a.party, b.party))
}

// balances turns sums into what the rules of closing ask for, on each
// account's own side.
func (k *keeper) balances(sums map[holding]int64, tops ...string) (out []books.Balance) {
	for _, h := range slices.SortedFunc(maps.Keys(sums), compare) {
		if n := sums[h]; n != 0 && slices.Contains(tops, h.account[:1]) {
			if a, _ := books.Stated(k.book.System, h.account); a.Side == books.Credit {
				n = -n
			}
			out = append(out, books.Balance{Account: h.account, Source: h.source, Project: h.project, Amount: money.Fen(n)})
		}
	}
	return out
}

// carry closes income and spending of a month.
func (k *keeper) carry(year, month int) {
	lines := books.Carry(k.book.System, k.balances(k.month, "4", "5"))
	if len(lines) > 0 {
		k.write(k.end(year, month), ledger.Closing, fmt.Sprintf("结转 %d 月收支", month), "", 0, lines)
	}
	k.month = map[holding]int64{}
}

// settle brings the year's results to the accumulated sums.
func (k *keeper) settle(year int) {
	for _, s := range []struct {
		tops    []string
		summary string
	}{{[]string{"321", "331"}, "归集结转资金"}, {[]string{"322", "332"}, "归集结余资金"}} {
		lines := books.Gather(k.balances(k.holds, "3"), s.tops...)
		if len(lines) > 0 {
			k.write(k.end(year, 12), ledger.Closing, s.summary, "", 0, lines)
		}
	}
}

// business is what happens in a month.
func (k *keeper) business(year, month int) {
	if k.union.ParentID == "" {
		k.committee(year, month)
		return
	}
	k.receipts(year, month)
	k.spending(year, month)
	k.care(year, month)
	k.slips(year, month)
	k.wear(year, month)
}

// receipts is what comes in: dues and the share of the 2% by quarter.
func (k *keeper) receipts(year, month int) {
	if month%3 == 0 {
		k.event(k.day(year, month, 5, 12), "dues", fmt.Sprintf("收到第 %d 季度会费", month/3), map[string]string{"amount": k.about(4_800)})
		if k.own() {
			k.event(k.day(year, month, 8, 15), "allocation", fmt.Sprintf("收到第 %d 季度拨缴经费", month/3), map[string]string{"amount": k.about(54_000), "up": "40"})
			k.remit(year, month)
		} else {
			k.event(k.day(year, month, 8, 15), "returned_share", fmt.Sprintf("收到第 %d 季度税务代收经费本级份额", month/3), map[string]string{"amount": k.about(32_000)})
		}
		k.event(k.day(year, month, 21, 21), "interest", "收到存款利息", map[string]string{"amount": money.Fen(800 + k.rand.Int64N(9_000)).String(), "source": books.FR})
	}
	if month == 4 && k.project != "" {
		k.event(k.day(year, month, 6, 20), "earmarked", "收到上级专项补助", map[string]string{"amount": money.Fen(1_000_000 + 100_000*k.rand.Int64N(20)).String(), "project": k.project})
	}
}

// own reports whether the unit itself pays its 2% to the union.
func (k *keeper) own() bool { return k.union.Code[len(k.union.Code)-1]%3 == 0 }

// owed is what a liability holds, whoever it is owed to.
func (k *keeper) owed(account string) (n money.Fen) {
	for h, v := range k.holds {
		if h.account == account {
			n -= money.Fen(v)
		}
	}
	return n
}

// remit pays up what was received for those above.
func (k *keeper) remit(year, month int) {
	if due := k.owed("211"); due > 0 {
		k.event(k.day(year, month, 18, 25), "remit", fmt.Sprintf("上解第 %d 季度经费", month/3), map[string]string{"amount": due.String()})
	}
}

// spending is what a union does for its members.
func (k *keeper) spending(year, month int) {
	spend := func(key, account, summary string, each int64) {
		k.event(k.day(year, month, 3, 26), key, summary, map[string]string{"amount": k.about(each), "expense": account, "source": books.FR})
	}
	switch month {
	case 1:
		spend("member_activity", "50105", "春节慰问会员", 30_000)
	case 3:
		spend("activity", "50102", "三八妇女节趣味活动", 3_000)
	case 5:
		spend("activity", "50102", "职工健步走活动", 4_500)
	case 6:
		spend("member_activity", "50105", "端午节慰问会员", 20_000)
	case 7:
		spend("training", "50501", "工会干部培训", 2_000)
	case 9:
		spend("member_activity", "50105", "中秋节慰问会员", 20_000)
	case 10:
		spend("activity", "50103", "国庆主题宣传活动", 2_500)
	case 11:
		spend("contest", "50301", "职工技能竞赛奖励", 3_500)
	}
	if month%3 == 2 {
		spend("member_activity", "50105", "会员生日慰问", 7_000)
	}
	if month == 8 && k.rand.IntN(2) == 0 {
		spend("meeting", "50502", "工会委员会议", 800)
	}
	if month == 9 && k.project != "" {
		k.event(k.day(year, month, 3, 26), "home", "职工之家建设支出", map[string]string{"amount": money.Fen(300_000 + 10_000*k.rand.Int64N(40)).String(), "expense": "50302", "source": books.SP, "project": k.project})
	}
	if month == 4 && k.rand.IntN(4) == 0 {
		bought := k.event(k.day(year, month, 6, 24), "asset_bought", "购置计算机一台", map[string]string{"amount": "6000.00", "capital": "50702", "source": books.FR})
		k.buy(bought)
	}
}

// care is help for members in need, and money lent to whoever organises.
func (k *keeper) care(year, month int) {
	if month == 2 || month == 12 {
		if k.rand.IntN(3) == 0 {
			k.event(k.day(year, month, 4, 20), "hardship", "发放困难补助", map[string]string{"amount": money.Fen(100_000 * (1 + k.rand.Int64N(3))).String(), "expense": "50404", "source": books.FR})
		}
	}
	for _, h := range slices.SortedFunc(maps.Keys(k.holds), compare) {
		if n := k.holds[h]; h.account == "135" && n > 0 && !strings.HasPrefix(h.party, "赵") { // one name never settles in time
			k.event(k.day(year, month, 5, 25), "advance_settled", "报销并结清借款", map[string]string{"amount": money.Fen(n).String(), "spent": money.Fen(n - n/20).String(), "expense": "50102", "source": books.FR, "party": h.party})
			return
		}
	}
	if (month == 4 || month == 10) && k.rand.IntN(4) == 0 {
		who := []string{"张敏", "李强", "王芳", "赵磊", "陈静"}[k.rand.IntN(5)]
		k.event(k.day(year, month, 8, 22), "advance", "预借活动款", map[string]string{"amount": money.Fen(100_000 + 50_000*k.rand.Int64N(8)).String(), "party": who})
	}
}

// slips are the mistakes that people make, and how they are put right: a red
// voucher and the right one, a voucher for the difference, or for what was
// booked in a year that is over the adjustment of the opening balance.
//
// law: F3.22
func (k *keeper) slips(year, month int) {
	if k.rand.IntN(14) > 0 || !k.closes(year, month) {
		return
	}
	on := k.day(year, month, 10, 20)
	amount := money.Fen(20_000 + 100*k.rand.Int64N(900))
	lines := func(account string, n money.Fen, summary string) []books.Line {
		return []books.Line{{Account: account, Debit: n, Source: books.FR, Project: ledger.Office, Summary: summary}, {Account: "102", Credit: n, Summary: summary}}
	}
	switch k.rand.IntN(3) {
	case 0:
		wrong := k.write(on, ledger.Normal, "购买活动用品", "", 2, lines("50104", amount, "购买活动用品"))
		id, name := wrong.ID, fmt.Sprintf("%d 月 %d 日", on.Month(), dayOf(on))
		red := k.write(on.AddDays(2), ledger.Red, "注销"+name+"凭证（科目用错）", "", 0, lines("50104", -amount, "注销"+name+"凭证"))
		red.Reverses = id
		k.write(on.AddDays(2), ledger.Normal, "订正"+name+"凭证", "", 2, lines("50102", amount, "订正"+name+"凭证"))
	case 1:
		wrong := k.write(on, ledger.Normal, "会员活动用餐", "", 3, lines("50102", amount*10, "会员活动用餐"))
		id := wrong.ID
		fix := k.write(on.AddDays(3), ledger.Fix, "更正金额多记", "", 0, lines("50102", -amount*9, "更正金额多记"))
		fix.Corrects = id
	default:
		if year > k.first {
			k.event(on, "prior_back", "收回上年多付的活动费", map[string]string{"amount": amount.String(), "adjust": "32201"})
		}
	}
}

func dayOf(d day.Day) int { return day.Days(d.MonthStart(), d) + 1 }

// committee is the business of the committee itself: it gathers what the tax
// bureau collected, passes on what is others', and keeps its office.
func (k *keeper) committee(year, month int) {
	give := func(key, summary string, given map[string]string) {
		k.event(k.day(year, month, 4, 24), key, summary, given)
	}
	if month%3 == 0 {
		give("collected", fmt.Sprintf("收到第 %d 季度税务代收经费", month/3), map[string]string{"amount": money.Fen(60_000_000 + k.rand.Int64N(9_000_000)).String(), "up": "25", "down": "60", "pool": "10202"})
		give("pass_down", fmt.Sprintf("转拨第 %d 季度下级经费", month/3), map[string]string{"amount": k.owed("21202").String(), "party": "各基层工会", "pool": "10202"})
		give("remit", fmt.Sprintf("上解第 %d 季度经费", month/3), map[string]string{"amount": k.owed("211").String(), "bank": "10202"})
	}
	give("treasury_direct", "财政直接支付办公经费", map[string]string{"amount": money.Fen(900_000 + k.rand.Int64N(300_000)).String(), "expense": "50602", "project": ledger.Office})
	give("treasury_direct", "财政直接支付人员经费", map[string]string{"amount": money.Fen(4_200_000 + k.rand.Int64N(300_000)).String(), "expense": "50601", "project": ledger.Staff})
	switch month {
	case 4:
		give("subsidy_out", "拨付基层工会专项补助", map[string]string{"amount": "200000.00", "subsidy": "50802", "source": books.FR, "party": "基层工会"})
	case 5:
		give("activity_organised", "组织市直机关职工运动会", map[string]string{"amount": "86500.00", "expense": "50202", "source": books.FR})
	case 9:
		give("training", "市直机关工会干部培训班", map[string]string{"amount": "42800.00", "expense": "50501", "source": books.FR})
	case 12:
		give("warmth", "冬季送温暖", map[string]string{"amount": "120000.00", "expense": "50405", "source": books.FR})
	}
	k.wear(year, month)
}
