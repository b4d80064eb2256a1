package books

import (
	"fmt"
	"slices"
	"strings"

	"unionhall/kit/day"
	"unionhall/kit/zh"
)

// InvoiceKind is the family that a paper's number belongs to (票据种类).
type InvoiceKind string

const (
	Digital InvoiceKind = "digital" // 数电票: twenty digits, no code
	VAT     InvoiceKind = "vat"     // 旧版增值税发票: code and eight digits
	Fiscal  InvoiceKind = "fiscal"  // 财政电子票据: code of eight, number of ten, check code of six
)

// InvoiceKinds are all, the most usual first.
var InvoiceKinds = []InvoiceKind{Digital, VAT, Fiscal}

// Label is what an accountant calls the kind.
func (k InvoiceKind) Label() string {
	return map[InvoiceKind]string{Digital: "数电票", VAT: "增值税发票（旧版）", Fiscal: "财政电子票据"}[k]
}

// InvoiceNumber is what tells one paper from every other: its kind, code and
// number. A kind without codes has none.
type InvoiceNumber struct {
	Kind   InvoiceKind `json:"kind" doc:"票据种类"`
	Code   string      `json:"code,omitempty" doc:"代码"`
	Number string      `json:"number" doc:"号码"`
	Check  string      `json:"check,omitempty" doc:"校验码"`
}

// Doubt is something about a paper that somebody should look at; it hinders
// nothing.
type Doubt struct {
	Field string `json:"field,omitempty"`
	Rule  string `json:"rule"`
	Text  string `json:"text"`
}

// Tidy is the number as it is stored: without blanks, its digits plain, its
// kind guessed from the lengths where none was chosen.
func (n InvoiceNumber) Tidy() InvoiceNumber {
	plain := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r == ' ' || r == '\u00a0' || r == '-' || r == '\t' {
				return -1
			}
			return r
		}, strings.TrimSpace(zh.Narrow(s)))
	}
	n.Code, n.Number, n.Check = plain(n.Code), plain(n.Number), plain(n.Check)
	if n.Kind == "" {
		switch c, d := len(n.Code), len(n.Number); {
		case c == 0 && d == 20:
			n.Kind = Digital
		case (c == 10 || c == 12) && d == 8:
			n.Kind = VAT
		case c == 8 && d == 10:
			n.Kind = Fiscal
		}
	}
	return n
}

// Wrong says which parts of a tidy number cannot be, by field. None of these
// numbers has a check digit, so only lengths can be judged.
//
// law: F6.4
func (n InvoiceNumber) Wrong() map[string]string {
	wrong := map[string]string{}
	ask := func(field, label, text string, lengths ...int) {
		if !digits(text) || !slices.Contains(lengths, len(text)) {
			wrong[field] = fmt.Sprintf("%s：应为 %s 位数字，现在是 %d 位", label, either(lengths), len([]rune(text)))
			if !digits(text) && text != "" {
				wrong[field] = fmt.Sprintf("%s：应为 %s 位数字，不能有其他字符", label, either(lengths))
			}
		}
	}
	switch n.Kind {
	case Digital:
		ask("number", "号码", n.Number, 20)
		if n.Code != "" {
			wrong["code"] = "代码：数电票没有代码，请留空"
		}
	case VAT:
		ask("code", "代码", n.Code, 10, 12)
		ask("number", "号码", n.Number, 8)
		if n.Check != "" {
			ask("check", "校验码", n.Check, 6, 20)
		}
	case Fiscal:
		ask("code", "代码", n.Code, 8)
		ask("number", "号码", n.Number, 10)
		if n.Check != "" && len(n.Check) != 6 { // letters occur
			wrong["check"] = "校验码：应为 6 位"
		}
	default:
		wrong["kind"] = "票据种类：请从列表中选择"
	}
	return wrong
}

// Doubts says what is odd about a number of a paper of the day on. How the
// twenty digits are made up is recalled, not read, so it only warns.
//
// law: F6.4
func (n InvoiceNumber) Doubts(on day.Day) (out []Doubt) {
	if n.Kind != Digital || len(n.Number) != 20 {
		return nil
	}
	if on != "" && n.Number[:2] != string(on)[2:4] {
		out = append(out, Doubt{"date", "F6.4", fmt.Sprintf("号码开头是 20%s 年，开票日期却是 %d 年，请核对。", n.Number[:2], on.Year())})
	}
	if !slices.Contains(provinces, n.Number[2:4]) {
		out = append(out, Doubt{"number", "F6.4", fmt.Sprintf("号码第 3、4 位“%s”不是省级税务机关的代码，请核对。", n.Number[2:4])})
	}
	return out
}

// provinces are the codes of provinces, as every region code begins.
var provinces = strings.Fields("11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65")

func digits(s string) bool {
	return s != "" && strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

func either(lengths []int) string {
	words := make([]string, len(lengths))
	for i, n := range lengths {
		words[i] = fmt.Sprint(n)
	}
	return strings.Join(words, " 或 ")
}
