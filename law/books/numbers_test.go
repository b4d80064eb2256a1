package books

import (
	"testing"

	"unionhall/kit/fault"
	"unionhall/kit/money"
)

func TestInvoiceNumber(t *testing.T) {
	for _, c := range []struct{ law, kind, code, number, field string }{
		{"F6.4 code of ten", OldInvoice, "2100123456", "01234567", ""},
		{"F6.4 code of twelve", OldInvoice, "021001234567", "01234567", ""},
		{"F6.4 code of eleven", OldInvoice, "02100123456", "01234567", "code"},
		{"F6.4 no code", OldInvoice, "", "01234567", "code"},
		{"F6.4 number of seven", OldInvoice, "2100123456", "1234567", "number"},
		{"F6.4 letters", OldInvoice, "2100123456", "0123456A", "number"},
		{"F6.4 数电票", DigitalInvoice, "", "25212000000012345678", ""},
		{"F6.4 数电票 has no code", DigitalInvoice, "2100123456", "25212000000012345678", "code"},
		{"F6.4 数电票 of nineteen", DigitalInvoice, "", "2521200000001234567", "number"},
		{"F6.4 财政电子票据", FiscalReceipt, "21010124", "0123456789", ""},
		{"F6.4 财政电子票据 code", FiscalReceipt, "2101012", "0123456789", "code"},
		{"F6.4 no kind", "", "1", "2", "kind"},
	} {
		err := InvoiceNumber(c.kind, c.code, c.number)
		if c.field == "" && err != nil || c.field != "" && (fault.Of(err).Fields[c.field] == "" || fault.Of(err).Rule != "F6.4") {
			t.Errorf("%s: %+v", c.law, err)
		}
	}
	for _, c := range []struct {
		law, kind, check string
		ok               bool
	}{
		{"F6.4 six signs", FiscalReceipt, "a1b2c3", true},
		{"F6.4 five", FiscalReceipt, "a1b2c", false},
		{"F6.4 six digits", FiscalReceipt, "012345", true},
		{"F6.4 twenty", OldInvoice, "01234567890123456789", true},
		{"F6.4 none on paper", OldInvoice, "", true},
		{"F6.4 数电票 has none", DigitalInvoice, "1", false},
	} {
		if err := CheckCode(c.kind, c.check); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.law, err)
		}
	}
}

// F3.25: both ways of 107,000.53 that the rule allows are read.
func TestAmountInWords(t *testing.T) {
	if got := money.Fen(1409_50).Words(); got != "壹仟肆佰零玖元伍角整" {
		t.Error(got)
	}
	for _, text := range []string{"壹拾万柒仟元零伍角叁分", "壹拾万零柒仟元伍角叁分", money.Fen(107000_53).Words()} {
		if got, err := money.ParseWords(text); got != 107000_53 || err != nil {
			t.Errorf("%s is %s, %v", text, got, err)
		}
	}
}
