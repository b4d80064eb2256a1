package closing_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/law/books"
)

// doings are vouchers as unions have them, of both systems; %s is an amount,
// the project stands where P does.
var doings = map[books.System][][]string{
	books.A21: {
		{"102 debit %s", "401 credit %s fr"},
		{"102 debit %s", "40302 credit %s sp P"},
		{"50105 debit %s fr office", "102 credit %s"},
		{"50105 debit %s sp P", "102 credit %s"},
		{"135 debit %s @王建国", "102 credit %s"},
		{"102 debit %s", "215 credit %s @李红"},
		{"102 debit %s", "32201 credit %s"},
		{"50702 debit %s fr office", "102 credit %s", "162 debit %s", "30104 credit %s"},
		{"30104 debit %s", "163 credit %s"},
		{"10203 debit %s", "221 credit %s"},
		{"32205 debit %s", "102 credit %s", "151 debit %s", "30102 credit %s"},
		{"32202 debit %s", "32102 credit %s P"},
	},
	books.A09: {
		{"102 debit %s", "401 credit %s"},
		{"50104 debit %s", "102 credit %s"},
		{"135 debit %s @王建国", "102 credit %s"},
		{"50502 debit %s", "102 credit %s", "162 debit %s", "301 credit %s"},
		{"102 debit %s", "231 credit %s"},
	},
}

// K1-K7, F3.12-F3.19: whatever allowed acts come in whatever order, books
// agree with themselves, numbers have no gap, and a year's end is the next
// year's start.
func TestAnyOrder(t *testing.T) {
	each(t, func(t *testing.T, w world) {
		for _, c := range []struct {
			u    registry.Union
			year int
		}{{w.A, 2025}, {w.B, 2019}} {
			r := rand.New(rand.NewPCG(uint64(c.year), 7))
			w.Open(c.u, c.year)
			p := w.project(c.u, fmt.Sprint(c.year))
			system := books.SystemOn(day.Day(fmt.Sprintf("%d-01-01", c.year)))
			month := 1
			for range 60 {
				period := fmt.Sprintf("%d-%02d", c.year, month)
				switch n := r.IntN(10); {
				case n < 6 && month <= 12:
					w.something(r, c.u, day.Day(period+"-1"+fmt.Sprint(r.IntN(9))), system, p)
				case n < 8 && month <= 12:
					if _, err := w.shut(c.u, period); err == nil {
						month++
					} else if fault.Of(err).Kind != fault.Conflict {
						t.Fatal(err)
					}
				case month > 1:
					last := fmt.Sprintf("%d-%02d", c.year, month-1)
					if _, err := w.reopen(auth.Accountant, c.u, last, "补记"); err != nil {
						t.Fatal(err)
					}
					if _, err := w.reopen(auth.Chair, c.u, last, ""); err != nil {
						t.Fatal(err)
					}
					month--
				}
				if f := w.figures(c.u, c.year, 1, 12); len(books.Check(system, f, false)) > 0 {
					t.Fatalf("%d: %+v", c.year, books.Check(system, f, false))
				}
			}
			w.finish(t, c.u, c.year, r)
		}
		w.verify()
	})
}

// something posts a voucher, or cancels the one that it posted, or leaves it.
func (w world) something(r *rand.Rand, u registry.Union, on day.Day, system books.System, project string) {
	w.T.Helper()
	kinds := doings[system]
	kind := kinds[r.IntN(len(kinds))]
	amount := fmt.Sprintf("%d.%02d", 1+r.IntN(500), r.IntN(100))
	lines := []string{}
	for _, l := range kind {
		if l[len(l)-1] == 'P' {
			l = l[:len(l)-1] + project
			if l[:5] == "32102" { // no source there, a project
				l = l[:len(l)-len(project)-1] + " fr " + project
			}
		}
		lines = append(lines, fmt.Sprintf(l, amount))
	}
	v := w.Post(u, on, "业务", lines...)
	if r.IntN(6) == 0 {
		w.Through(w.undone(v))
	}
}

// finish closes what is left and compares the two years.
func (w world) finish(t *testing.T, u registry.Union, year int, r *rand.Rand) {
	t.Helper()
	for m := 1; m <= 12; m++ {
		if _, err := w.shut(u, fmt.Sprintf("%d-%02d", year, m)); err != nil && fault.Of(err).Kind != fault.Conflict {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"carry", "gather", "analyse", "settle", "proof"} {
		fates := map[string]string{}
		for _, f := range w.ending(u, year).Fates {
			fates[f.Key] = []string{"keep", "free"}[r.IntN(2)]
		}
		if _, err := w.step(u, year, key, fates); err != nil && fault.Of(err).Kind != fault.Conflict && fault.Of(err).Kind != fault.NotFound {
			t.Fatalf("%s: %v", key, err)
		}
	}
	e := w.ending(u, year)
	if e.State != ledger.Ended {
		t.Fatalf("%d is not closed: %+v", year, e.Items)
	}
	was, now := w.figures(u, year, 1, 12), w.figures(u, year+1, 1, 1)
	if broken := books.Check(was.System, was, true); len(broken) > 0 {
		t.Errorf("K5, K6 of %d: %+v", year, broken)
	}
	for _, a := range books.Chart(was.System) {
		want(t, fmt.Sprintf("%d brought over %s", year, a.Code), now.Opening(a.Code, ""), was.Closing(a.Code, ""))
	}
}
