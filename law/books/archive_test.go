package books

import (
	"testing"

	"unionhall/kit/day"
	"unionhall/law"
)

func TestKeepUntil(t *testing.T) {
	for _, c := range []struct {
		law     string
		kind    Archive
		of      day.Day
		want    day.Day
		forever bool
	}{
		{"F3.27 a voucher of March", Originals, "2024-03-31", "2054-12-31", false},
		{"F3.27 one of the last day", Originals, "2024-12-31", "2054-12-31", false},
		{"F3.27 a month's report", Reports, "2024-02-29", "2034-12-31", false},
		{"F3.27 the year's", Annual, "2024-12-31", "", true},
		{"F3.27 a card, from disposal", AssetCard, "2024-05-10", "2029-05-10", false},
	} {
		until, forever, err := KeepUntil(law.Shipped, law.Nation, c.kind, c.of)
		if until != c.want || forever != c.forever || err != nil {
			t.Errorf("%s: %s %v %v", c.law, until, forever, err)
		}
	}
	for _, kind := range Archives {
		if kind.Label() == string(kind) {
			t.Errorf("F3.27 %s has no label", kind)
		}
		if _, _, err := KeepUntil(law.Shipped, law.Nation, kind, "2010-01-01"); err == nil {
			t.Errorf("F3.27 %s: the terms of 2016 do not reach back", kind)
		}
	}
}
