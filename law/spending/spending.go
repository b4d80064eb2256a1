// Package spending is what the regulations say of how union money may be spent
// (基层工会经费收支管理办法 and what provinces made of it): dated, regional rules
// as data, and the few of them that are reckoned, as pure functions. It
// proposes; where a payment is entered, a person decides.
package spending

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"unionhall/kit/day"
	"unionhall/kit/money"
)

//go:embed rules.tsv
var rulesText string

// Rule is one rule for one occasion, in force for a region between two days.
type Rule struct {
	ID         string
	Region     string // CN, or a province: LN
	From, To   day.Day
	Triggers   []string // occasions: outing, festival …
	Check      string   // what it asks, in the words of the data
	Limit      string
	Unit       string
	Period     string
	Action     string // block, warn …
	Severity   string
	Citation   string
	Confidence string
}

// Rules returns all of them in the order of the data.
func Rules() []Rule { return slices.Clone(rules()) }

var rules = sync.OnceValue(func() (out []Rule) {
	_, text, _ := strings.Cut(rulesText, "\n")
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 13 {
			panic("spending: " + line)
		}
		r := Rule{f[0], f[1], day.Day(f[2]), day.Day(f[3]), strings.Split(f[4], ","), f[5], f[6], f[7], f[8], f[9], f[10], f[11], f[12]}
		for i := range r.Triggers {
			r.Triggers[i] = strings.TrimSpace(r.Triggers[i])
		}
		out = append(out, r)
	}
	return out
})

// On returns the rules for an occasion that are in force in a region on a day,
// the national ones first. A regional rule that says it overrides a national
// one takes its place.
func On(trigger, region string, on day.Day) (out []Rule) {
	for _, r := range rules() {
		if (r.Region == "CN" || r.Region == region) && r.From <= on && (r.To == "" || on <= r.To) && slices.Contains(r.Triggers, trigger) {
			out = append(out, r)
		}
	}
	over := slices.Clone(out)
	return slices.DeleteFunc(out, func(r Rule) bool {
		return slices.ContainsFunc(over, func(o Rule) bool { return o.Region != "CN" && strings.Contains(o.Check, "overrides "+r.ID) })
	})
}

// Verdict is what the rules say of something that is to be spent: nothing
// where they allow it.
type Verdict struct {
	Blocked bool
	Rule    Rule
	Text    string    // for the person, in Chinese
	Excess  money.Fen // by how much money it passes the limit
}

// Outing judges how long an outing (春游秋游) lasts: a day, out and back, unless
// the region has another rule on that day.
func Outing(days int, region string, on day.Day) Verdict {
	for _, r := range On("outing", region, on) {
		most := map[string]int{"day": 1, "2 days 1 night": 2}[r.Limit]
		if r.Unit == "day" && r.Limit == "1" {
			most = 1
		}
		if most > 0 && days > most {
			return Verdict{Blocked: true, Rule: r, Text: fmt.Sprintf("春游秋游 %d 天超过规定的 %d 天，不能列支。", days, most)}
		}
	}
	return Verdict{}
}

// TopUp judges what films, matches, outings and park cards of a year cost: dues
// come first, and other union money may add up to three times the year's dues.
func TopUp(cost, dues money.Fen, region string, on day.Day) Verdict {
	for _, r := range On("film", region, on) {
		if r.Unit != "x dues" {
			continue
		}
		times := int64(r.Limit[0] - '0')
		if added := max(0, cost-dues); added > dues.Share(times, 1) {
			excess := added - dues.Share(times, 1)
			return Verdict{Blocked: true, Rule: r, Excess: excess, Text: fmt.Sprintf("会费不足部分最多补助会费收入的 %d 倍，超出 %s 元，不能列支。", times, excess.Grouped())}
		}
	}
	return Verdict{}
}

// Prizes judges how many of those who take part in a cultural or sports event
// win something: at most two thirds.
func Prizes(winners, participants int, region string, on day.Day) Verdict {
	for _, r := range On("prize.sport_culture", region, on) {
		if r.Unit == "ratio" && 3*winners > 2*participants {
			return Verdict{Blocked: true, Rule: r, Text: fmt.Sprintf("获奖 %d 人超过参加人数 %d 人的三分之二，奖励不能列支。", winners, participants)}
		}
	}
	return Verdict{}
}
