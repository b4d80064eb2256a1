package statement

import (
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/law/books"
)

// System is whose words a cell is told in.
func (p CellPage) System() books.System  { return p.scope.System() }
func (s Statement) System() books.System { return s.form.System }

// sourceName is how an accountant names the source of a part.
func sourceName(s books.System, source string) string {
	if source == "" {
		return ""
	}
	return books.SourceLabel(source)
}

// words of the formula language, in Chinese.
var formulaWords = strings.NewReplacer(
	"net_credit(", "贷方净额（", "net_debit(", "借方净额（", "open_result()", "本期未结转的收支差额",
	"bal_debit(", "借方余额（", "bal(", "余额（", "opening_year(", "年初余额（", "opening(", "期初余额（", "occ(", "发生额（",
	"cr(", "贷方发生额（", "dr(", "借方发生额（",
	"sum(income)", "各项收入之和", "sum(expense)", "各项支出之和", "sum(", "各行之和（",
	"+", " + ", "-", " − ", "(", "（", ")", "）", ",", "，", "..", " 至 ", ":", " 至 ", "*", " 各行")

// formula is a formula in the words of the page.
func formula(text string) string { return formulaWords.Replace(text) }

// entry of the list of books.
type link struct{ Text, Href, Note string }

// more are the books and charts beside the forms.
func (p HomePage) more() []link {
	out := []link{
		{"科目余额表", p.bar.at(ledger.Home + "/balances"), "每个科目的年初、借方、贷方、期末，按级折叠"},
		{"总账", p.bar.at(Books + "/general"), "每个总账科目逐月的借方、贷方和余额"},
		{"明细账", p.bar.at(Books + "/detail"), "一个科目的每一笔，带对方科目和余额"},
		{"辅助账", p.bar.at(Books + "/tags"), "按项目、资金来源、往来单位、部门看收支"},
		{"收支图表", p.bar.at(Home + "/charts"), "收入和支出按类别、按月，与上年比"},
		{"与分录核对", p.bar.at(Home + "/proof"), "把余额从每一笔分录重新加起来对一遍"},
	}
	if p.note && p.bar.System() == books.A21 {
		out = append(out, link{"报表附注", address(Home+"/notes", p.Union.Code, Span{p.Year, 0}, false), "年度报表的八项附注，数字自动带出"})
	}
	return out
}

// label sets a part of the line above it in.
func (l Line) label() string {
	if l.within() {
		return "　" + l.Label
	}
	return l.Label
}
