package books

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"unionhall/kit/day"
)

func TestSerial(t *testing.T) {
	for _, c := range []struct {
		law   string
		n     Serial
		kind  InvoiceKind
		wrong string // the fields at fault
		on    day.Day
		doubt int
	}{
		{"F6.4 数电票 twenty digits", Serial{Number: "26212000000012345678"}, Digital, "", "2026-03-05", 0},
		{"F6.4 blanks and full-width digits", Serial{Number: " ２６212000 00001234 5678"}, Digital, "", "2026-03-05", 0},
		{"F6.4 nineteen digits", Serial{Kind: Digital, Number: "2621200000001234567"}, Digital, "number", "", 0},
		{"F6.4 a letter", Serial{Kind: Digital, Number: "2621200000001234567O"}, Digital, "number", "", 0},
		{"F6.4 数电票 has no code", Serial{Kind: Digital, Code: "021001900111", Number: "26212000000012345678"}, Digital, "code", "", 0},
		{"F6.4 the year is another", Serial{Number: "25212000000012345678"}, Digital, "", "2026-01-05", 1},
		{"F6.4 no province", Serial{Number: "26992000000012345678"}, Digital, "", "2026-01-05", 1},
		{"F6.4 code of ten", Serial{Code: "2100193130", Number: "12345678"}, VAT, "", "2019-05-06", 0},
		{"F6.4 code of twelve with check code", Serial{Code: "021001900111", Number: "12345678", Check: "12345678901234567890"}, VAT, "", "2019-05-06", 0},
		{"F6.4 the last six of the check code", Serial{Code: "021001900111", Number: "12345678", Check: "567890"}, VAT, "", "2019-05-06", 0},
		{"F6.4 code of eleven", Serial{Kind: VAT, Code: "02100190011", Number: "12345678", Check: "1"}, VAT, "check code", "", 0},
		{"F6.4 财政电子票据", Serial{Code: "21060226", Number: "0001234567", Check: "a1b2c3"}, Fiscal, "", "2026-01-05", 0},
		{"F6.4 财政电子票据 of the wrong lengths", Serial{Kind: Fiscal, Code: "2106022", Number: "000123456", Check: "12345"}, Fiscal, "check code number", "", 0},
		{"F6.4 nothing known", Serial{Number: "123"}, "", "kind", "", 0},
	} {
		n := c.n.Tidy()
		if got := strings.Join(slices.Sorted(maps.Keys(n.Wrong())), " "); n.Kind != c.kind || got != c.wrong {
			t.Errorf("%s: kind %q wrong %q, want %q %q", c.law, n.Kind, got, c.kind, c.wrong)
		}
		if got := n.Doubts(c.on); len(got) != c.doubt {
			t.Errorf("%s: doubts %v, want %d", c.law, got, c.doubt)
		}
	}
}

// F6.4: whatever is typed is judged without a fall, and what passes is digits
// of a known length that Tidy leaves alone.
func FuzzSerial(f *testing.F) {
	f.Add("", "", "26212000000012345678", "")
	f.Add("vat", "021001900111", "12345678", "123456")
	f.Fuzz(func(t *testing.T, kind, code, number, check string) {
		n := Serial{InvoiceKind(kind), code, number, check}.Tidy()
		n.Doubts("2026-01-01")
		if len(n.Wrong()) == 0 && (n != n.Tidy() || strings.Trim(n.Number, digit) != "" || len(n.Number) > 20) {
			t.Errorf("%+v passes", n)
		}
	})
}
