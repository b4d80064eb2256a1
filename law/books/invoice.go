package books

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/zh"
)

// InvoiceKind is the family that a paper's number belongs to (票据种类).
type InvoiceKind string

const (
	Digital InvoiceKind = DigitalInvoice // 数电票: twenty digits, no code
	VAT     InvoiceKind = OldInvoice     // 旧版增值税发票: code and eight digits
	Fiscal  InvoiceKind = FiscalReceipt  // 财政电子票据: code of eight, number of ten, check code of six
)

// InvoiceKinds are all, the most usual first.
var InvoiceKinds = []InvoiceKind{Digital, VAT, Fiscal}

// Label is what an accountant calls the kind.
func (k InvoiceKind) Label() string {
	return map[InvoiceKind]string{Digital: "数电票", VAT: "增值税发票（旧版）", Fiscal: "财政电子票据"}[k]
}

// Serial is what tells one paper from every other: its kind, code and
// number. A kind without codes has none.
type Serial struct {
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
func (n Serial) Tidy() Serial {
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

// Wrong says which parts of a tidy number cannot be, by field. A check code
// need not be known.
//
// law: F6.4
func (n Serial) Wrong() map[string]string {
	wrong := map[string]string{}
	take := func(err error) {
		if err != nil {
			maps.Copy(wrong, fault.Of(err).Fields)
		}
	}
	take(InvoiceNumber(string(n.Kind), n.Code, n.Number))
	if n.Check != "" && wrong["kind"] == "" {
		take(CheckCode(string(n.Kind), n.Check))
	}
	return wrong
}

// Doubts says what is odd about a number of a paper of the day on. How the
// twenty digits are made up is recalled, not read, so it only warns.
//
// law: F6.4
func (n Serial) Doubts(on day.Day) (out []Doubt) {
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
