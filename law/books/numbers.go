package books

import (
	"strings"

	"unionhall/kit/fault"
)

// Kinds of receipts (票据) that the register of originals knows by number.
const (
	OldInvoice     = "vat"     // 增值税发票（旧版），纸质或电子
	DigitalInvoice = "digital" // 数电票
	FiscalReceipt  = "fiscal"  // 财政电子票据
)

// receipts are what the numbers of a kind look like: the lengths its code, its
// number and its check code may have; 0 is none.
var receipts = map[string]struct {
	name                string
	code, number, check []int
}{
	OldInvoice:     {"增值税发票", []int{10, 12}, []int{8}, []int{0, 6, 20}},
	DigitalInvoice: {"数电票", []int{0}, []int{20}, []int{0}},
	FiscalReceipt:  {"财政电子票据", []int{8}, []int{10}, []int{6}},
}

// InvoiceNumber refuses a code and number that a receipt of the kind cannot
// have, with fault.Invalid at code or number. No check digit is known: whether
// the receipt is genuine only the issuer's query tells, and whether it was used
// before the register.
//
// law: F6.4 F6.2
func InvoiceNumber(kind, code, number string) error {
	r, ok := receipts[kind]
	if !ok {
		return &fault.Error{Kind: fault.Invalid, Rule: "F6.4", Text: "请选择票据种类。", Fields: map[string]string{"kind": "请选择票据种类。"}}
	}
	fields := map[string]string{}
	signs(fields, "code", r.name+"代码", code, digit, r.code)
	signs(fields, "number", r.name+"号码", number, digit, r.number)
	return refused(fields, "number", "code")
}

// CheckCode refuses a check code (校验码) that a receipt of the kind cannot have.
//
// law: F6.4
func CheckCode(kind, check string) error {
	r, may := receipts[kind], digit
	if kind == FiscalReceipt {
		may += "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	}
	fields := map[string]string{}
	signs(fields, "check", r.name+"校验码", check, may, r.check)
	return refused(fields, "check")
}

func refused(fields map[string]string, order ...string) error {
	for _, name := range order {
		if text := fields[name]; text != "" {
			return &fault.Error{Kind: fault.Invalid, Rule: "F6.4", Text: text, Fields: fields}
		}
	}
	return nil
}

const digit = "0123456789"

// signs notes at a field what is wrong with a number of given lengths, made of
// what it may hold.
func signs(fields map[string]string, field, name, text, may string, lengths []int) {
	var words []string
	for _, n := range lengths {
		if len(text) == n && strings.Trim(text, may) == "" {
			return
		}
		if n > 0 {
			words = append(words, map[int]string{6: "六", 8: "八", 10: "十", 12: "十二", 20: "二十"}[n]+"位")
		}
	}
	if len(words) == 0 {
		fields[field] = name + "不用填写，请清空。"
		return
	}
	fields[field] = name + "应为" + strings.Join(words, "或") + "，请对照票面核对。"
}
