package member

import (
	"bytes"
	"testing"

	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

// The roster on paper is a whole PDF, however many members the list has: none
// or more than a page.
func TestWritePDF(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		o := newOffice(t, db, tenant, 0)
		o.enrol(o.crowd(60)...)
		for _, q := range []Query{{}, {Q: "没有这个人"}} {
			var b bytes.Buffer
			o.view(func(tx *sqldb.Tx) error {
				return WritePDF(ctx, tx, o.officer(Export), q, "周敏", now, &b)
			})
			if !bytes.HasPrefix(b.Bytes(), []byte("%PDF-")) || !bytes.Contains(b.Bytes()[b.Len()-32:], []byte("%%EOF")) {
				t.Errorf("%d bytes are no whole document", b.Len())
			}
		}
	})
}
