package bill

import (
	"fmt"
	"slices"
	"strings"

	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/law/books"
)

// FlagKind is what makes an entry doubtful (疑点).
type FlagKind string

const (
	Split   FlagKind = "split"   // 疑似拆分付款
	Burst   FlagKind = "burst"   // 月末集中列支
	Round   FlagKind = "round"   // 整数大额
	Weekend FlagKind = "weekend" // 休息日业务
	Same    FlagKind = "same"    // 制单、审核、记账同一人
	NoSlip  FlagKind = "noslip"  // 拨缴收入没有收据
	Buyer   FlagKind = "buyer"   // 发票有疑问
	Twice   FlagKind = "twice"   // 重复报销被拒
)

// FlagKinds are all, in the order that pages show them.
var FlagKinds = []FlagKind{Twice, Split, Burst, Round, Weekend, Same, NoSlip, Buyer}

// Label is what an auditor calls the kind.
func (k FlagKind) Label() string {
	return map[FlagKind]string{Split: "疑似拆分付款", Burst: "月末集中列支", Round: "整数大额", Weekend: "休息日业务", Same: "岗位未分离", NoSlip: "拨缴收入没有收据", Buyer: "发票有疑问", Twice: "重复报销被拒"}[k]
}

func (k FlagKind) rule() string {
	switch k {
	case Same:
		return "F3.23"
	case NoSlip:
		return "F1.21"
	case Buyer:
		return "F3.21"
	case Twice:
		return "F6.1"
	}
	return "S2-47"
}

// Limits are the numbers by which entries are doubted.
type Limits struct {
	SplitDays     int
	Split         money.Fen
	BurstDays     int
	BurstShare    [2]int64 // numerator, denominator
	BurstVouchers int
	Round         money.Fen
}

// Slip is a voucher as the rules of doubt look at it.
type Slip struct {
	ID                      string
	Month                   int
	Number                  int64
	Date                    day.Day
	Summary                 string
	Event                   string
	Red                     bool // written to cancel another, or cancelled by one
	Maker, Reviewer, Poster string
	Receipts                int64
	Lines                   []books.Line
}

// Named is a voucher that a flag points to.
type Named struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Date   day.Day   `json:"date"`
	Amount money.Fen `json:"amount"`
}

// Flag is one doubt. Key tells it from the others of the book for as long as
// what raised it stands.
type Flag struct {
	Kind     FlagKind  `json:"kind"`
	Key      string    `json:"key"`
	Rule     string    `json:"rule"`
	Text     string    `json:"text"`
	Date     day.Day   `json:"date"`
	Vouchers []Named   `json:"vouchers,omitempty"`
	Invoice  string    `json:"invoice,omitempty"`
	Answer   *Answered `json:"answer,omitempty"`
}

// Names reports whether the flag points to a voucher.
func (f Flag) Names(voucher string) bool {
	return slices.ContainsFunc(f.Vouchers, func(n Named) bool { return n.ID == voucher })
}

// paid is what a voucher pays out of cash, bank and quota.
func (s Slip) paid() (n money.Fen) {
	for _, l := range s.Lines {
		if t := books.Top(l.Account); t == "101" || t == "102" || t == "111" {
			n += l.Credit - l.Debit
		}
	}
	return max(0, n)
}

// spent is what a voucher books as expenditure.
func (s Slip) spent() (n money.Fen) {
	for _, l := range s.Lines {
		if strings.HasPrefix(l.Account, "5") {
			n += l.Debit - l.Credit
		}
	}
	return max(0, n)
}

// parties are whom a voucher names.
func (s Slip) parties() (out []string) {
	for _, l := range s.Lines {
		if l.Party != "" && !slices.Contains(out, l.Party) {
			out = append(out, l.Party)
		}
	}
	return out
}

func (s Slip) named(amount money.Fen) Named {
	return Named{s.ID, fmt.Sprintf("记-%d", s.Number), s.Date, amount}
}

// Judge raises the doubts about the posted vouchers of a book, in the order of
// their days. workday tells whether a day is one.
//
// law: S2-47, F3.23, F1.21
func Judge(slips []Slip, p Limits, workday func(day.Day) bool) []Flag {
	live := slices.DeleteFunc(slices.Clone(slips), func(s Slip) bool { return s.Red })
	slices.SortStableFunc(live, func(a, b Slip) int {
		if c := strings.Compare(string(a.Date), string(b.Date)); c != 0 {
			return c
		}
		return int(a.Number - b.Number)
	})
	out := slices.Concat(split(live, p), burst(live, p), single(live, p, workday))
	slices.SortStableFunc(out, func(a, b Flag) int { return strings.Compare(string(b.Date), string(a.Date)) })
	return out
}

// to is what a voucher pays to one party, by the lines that name it.
func (s Slip) to(who string) money.Fen {
	var debit, credit money.Fen
	for _, l := range s.Lines {
		if l.Party == who {
			debit, credit = debit+l.Debit, credit+l.Credit
		}
	}
	return min(max(debit, credit), s.paid())
}

// split finds payments to one payee, each below the limit and all within so
// many days of the first, that together reach it.
func split(slips []Slip, p Limits) (out []Flag) {
	runs := map[string][]Slip{}
	var order []string
	for _, s := range slips {
		for _, who := range s.parties() {
			if n := s.to(who); n <= 0 || n >= p.Split {
				continue
			}
			if runs[who] == nil {
				order = append(order, who)
			}
			runs[who] = append(runs[who], s)
		}
	}
	for _, who := range order {
		all := runs[who]
		for from := 0; from < len(all); {
			to, sum := from, money.Fen(0)
			for to < len(all) && day.Days(all[from].Date, all[to].Date) <= p.SplitDays {
				sum += all[to].to(who)
				to++
			}
			if to-from < 2 || sum < p.Split {
				from++
				continue
			}
			f := Flag{Kind: Split, Key: "split:" + all[from].ID + ":" + who, Date: all[to-1].Date, Rule: Split.rule(),
				Text: fmt.Sprintf("%s 至 %s 分 %d 次付给“%s”，共 %s 元，每次都不到 %s 元。", all[from].Date, all[to-1].Date, to-from, who, sum.Grouped(), p.Split.Grouped())}
			for _, s := range all[from:to] {
				f.Vouchers = append(f.Vouchers, s.named(s.to(who)))
			}
			out = append(out, f)
			from = to
		}
	}
	return out
}

// burst finds months whose spending falls on their last days.
func burst(slips []Slip, p Limits) (out []Flag) {
	for month := 1; month <= 12; month++ {
		var all, late money.Fen
		var of []Named
		var end day.Day
		for _, s := range slips {
			n := s.spent()
			if s.Month != month || n == 0 {
				continue
			}
			all += n
			end = s.Date.MonthEnd()
			if day.Days(s.Date, end) < p.BurstDays {
				late += n
				of = append(of, s.named(n))
			}
		}
		if len(of) >= p.BurstVouchers && int64(late)*p.BurstShare[1] >= int64(all)*p.BurstShare[0] {
			out = append(out, Flag{Kind: Burst, Key: fmt.Sprintf("burst:%d", month), Date: end, Rule: Burst.rule(), Vouchers: of,
				Text: fmt.Sprintf("%d 月最后 %d 天有 %d 张支出凭证，共 %s 元，占全月支出的 %d%%。", month, p.BurstDays, len(of), late.Grouped(), int64(late)*100/int64(all))})
		}
	}
	return out
}

// single finds what one voucher shows by itself.
func single(slips []Slip, p Limits, workday func(day.Day) bool) (out []Flag) {
	for _, s := range slips {
		add := func(k FlagKind, amount money.Fen, text string) {
			out = append(out, Flag{Kind: k, Key: string(k) + ":" + s.ID, Date: s.Date, Rule: k.rule(), Text: text, Vouchers: []Named{s.named(amount)}})
		}
		spent, paid := s.spent(), s.paid()
		if p.Round > 0 && spent > 0 && spent%p.Round == 0 {
			add(Round, spent, fmt.Sprintf("支出正好 %s 元：%s", spent.Grouped(), s.Summary))
		}
		if (spent > 0 || paid > 0) && !workday(s.Date) {
			add(Weekend, max(spent, paid), fmt.Sprintf("%s 不是工作日：%s", s.Date.Chinese(), s.Summary))
		}
		if s.Reviewer != "" && s.Maker == s.Reviewer || s.Reviewer != "" && s.Reviewer == s.Poster {
			add(Same, max(spent, paid), "制单、审核、记账没有由不同的人办理："+s.Summary)
		}
		if in := s.selfPaid(); in > 0 && s.Receipts == 0 {
			add(NoSlip, in, fmt.Sprintf("收到拨缴经费 %s 元，没有关联收据；税务代收的以代收凭据为准，请说明。", in.Grouped()))
		}
	}
	return out
}

// selfPaid is the allocation that an employer paid in by itself: income of
// account 402 that came into the bank, by the event of self-payment or by none
// that says otherwise.
//
// law: F1.20, F1.21
func (s Slip) selfPaid() (n money.Fen) {
	if s.Event != "" && s.Event != "J02" && s.Event != "allocation" {
		return 0
	}
	bank := false
	for _, l := range s.Lines {
		if books.Top(l.Account) == "402" {
			n += l.Credit - l.Debit
		}
		bank = bank || (books.Top(l.Account) == "101" || books.Top(l.Account) == "102") && l.Debit > 0
	}
	if !bank {
		return 0
	}
	return max(0, n)
}
