package member

import (
	"io"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"unionhall/kit/auth"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

func benchOffice(b *testing.B) *office {
	o := newOffice(b, dbtest.SQLite(b), tenant, 146)
	o.enrol(o.crowd(20000)...)
	return o
}

// go test -bench List -run - : what one page costs without the shell.
func BenchmarkList(b *testing.B) {
	o := benchOffice(b)
	for _, c := range []struct {
		name string
		q    Query
	}{
		{"union", Query{Union: o.unions[10].Code}},
		{"branches", Query{Union: o.unions[0].Code}},
		{"whole", Query{}},
		{"retained", Query{Status: Retained}},
		{"deceased", Query{Status: Deceased}},
		{"json20", Query{Union: o.unions[10].Code, Limit: 20}},
		{"one character", Query{Q: "国", Limit: 20}},
		{"two characters", Query{Q: "国建", Limit: 20}},
		{"three characters", Query{Q: "王国建", Limit: 20}},
		{"pinyin", Query{Q: "wang", Limit: 20}},
		{"initials", Query{Q: "wgj", Limit: 20}},
		{"four digits", Query{Q: "0012", Limit: 20}},
		{"full number", Query{Q: o.people[77].Person.IDNo, Limit: 20}},
	} {
		b.Run(c.name, func(b *testing.B) {
			g, before := o.officer(Look), cpu(b)
			for b.Loop() {
				o.view(func(tx *sqldb.Tx) error {
					_, err := List(ctx, tx, g, c.q)
					return err
				})
			}
			b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
		})
	}
}

// cpu is what this process has used so far; on a busy machine the clock tells
// nothing.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// go test -bench Page -run - : what a page costs from request to bytes.
func BenchmarkPage(b *testing.B) {
	o := benchOffice(b)
	v := o.visit(auth.Officer, o.root.ID, "")
	for _, c := range []struct{ name, path, accept string }{
		{"html 50", listPlace + "?union=" + o.unions[10].Code, "text/html"},
		{"html branches", listPlace + "?union=" + o.unions[0].Code, "text/html"},
		{"html whole", listPlace, "text/html"},
		{"json 20", listPlace + "?limit=20&union=" + o.unions[10].Code, "application/json"},
	} {
		b.Run(c.name, func(b *testing.B) {
			before, size := cpu(b), 0
			for b.Loop() {
				req := httptest.NewRequest("GET", c.path, nil)
				req.Header.Set("Accept", c.accept)
				req.Header.Set("Accept-Encoding", "gzip")
				w := httptest.NewRecorder()
				v.server.Config.Handler.ServeHTTP(w, req)
				if size = w.Body.Len(); w.Code != 200 {
					b.Fatal(w.Code)
				}
			}
			b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(size), "gzip-bytes")
		})
	}
}

// go test -bench Export -run - : a list of 20,000 as a workbook, and what the
// same cells cost without reading them.
func BenchmarkExport(b *testing.B) {
	o := benchOffice(b)
	b.Run("list", func(b *testing.B) {
		before := cpu(b)
		for b.Loop() {
			o.view(func(tx *sqldb.Tx) error {
				return WriteXLSX(ctx, tx, o.officer(Export), ExportQuery{}, io.Discard)
			})
		}
		b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
	})
	b.Run("cells", func(b *testing.B) {
		before := cpu(b)
		for b.Loop() {
			w, err := sheet.NewXLSX(io.Discard, "会员花名册", sheetColumns())
			if err != nil {
				b.Fatal(err)
			}
			values := make([]string, len(exported))
			for _, m := range o.people {
				for i, c := range exported {
					values[i] = c.text(&m)
				}
				if err := w.Row(values...); err != nil {
					b.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64((cpu(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
	})
}
