package intake

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

// The four workbooks go in, in the order of the issue, and every row gets the
// verdict that the file beside the workbook says.
func TestSamples(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db)
		for _, s := range samples {
			i := o.judged(s.kind, s.name, sample(t, s.name))
			if i.State != Judged {
				t.Fatalf("%s is %s: %s", s.name, i.State, i.Note)
			}
			if diff := cmp.Diff(expectation(t, s.name), codesOf(o.problems(i.ID))); diff != "" {
				t.Errorf("%s: verdicts (-want +got)\n%s", s.name, diff)
			}
			o.proven()
			i = o.confirm(i.ID, false)
			t.Log(s.name, i.Rows, i.count(), i.Warned)
			if i.State != Confirmed || i.Rows != i.New+i.Refused {
				t.Errorf("%s is %s: %s, %v", s.name, i.State, i.Note, i.count())
			}
			o.proven()
		}
	})
}
