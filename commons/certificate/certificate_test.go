package certificate_test

import (
	"context"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"unionhall/commons/certificate"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

const at = day.Instant("2026-11-26T02:00:00.000000Z")

var ctx = context.Background()

func grant(tenant int64) auth.Grant { return auth.System(tenant, "test", "papers.print", "root") }

func paper(hash string) certificate.Certificate {
	return certificate.Certificate{Kind: "union.table", Thing: "u1", Title: "工会基本情况表", Holder: "王建国", Issuer: "滨江市财政局机关工会", On: "2026-11-26", Until: "2027-11-25", Hash: hash}
}

func each(t *testing.T, f func(t *testing.T, db *sqldb.DB)) {
	keys, err := seal.Create(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		db.UseKeys(keys)
		f(t, db)
	})
}

func issue(db *sqldb.DB, tenant int64, c certificate.Certificate) (out certificate.Certificate, err error) {
	err = db.Do(ctx, func(tx *sqldb.Tx) (err error) {
		m := audit.Moves{}
		if out, err = certificate.Issue(ctx, tx, grant(tenant), m, c, at); err != nil {
			return err
		}
		return m.Write(ctx, tx, grant(tenant), c.Thing, out, at)
	})
	return out, err
}

func lookup(t *testing.T, db *sqldb.DB, code string) (c certificate.Certificate) {
	t.Helper()
	if err := db.View(ctx, func(tx *sqldb.Tx) (err error) {
		c, err = certificate.Lookup(ctx, tx, code)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

// PL-28: whoever holds the code finds the paper, of the right committee, as it
// stands on the day.
func TestLife(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB) {
		c, err := issue(db, 2106000001, paper("h1"))
		if err != nil {
			t.Fatal(err)
		}
		twin, err := issue(db, 2106000002, paper("h1"))
		if err != nil {
			t.Fatal(err)
		}
		if c.Code == twin.Code || c.Code[:7] == twin.Code[:7] {
			t.Errorf("codes %s and %s", c.Code, twin.Code)
		}
		got := lookup(t, db, " "+strings.ToLower(certificate.Spelt(c.Code))+" ")
		if got.ID != c.ID || got.State("2026-11-26") != certificate.Valid || got.Masked() != "王**" {
			t.Errorf("%+v, %s", got, got.Masked())
		}
		for on, want := range map[day.Day]certificate.State{"2027-11-25": certificate.Valid, "2027-11-26": certificate.Expired} {
			if s := got.State(on); s != want {
				t.Errorf("on %s %s, want %s", on, s, want)
			}
		}
		if s := lookup(t, db, "2222222222222222").State("2026-11-26"); s != certificate.Nothing {
			t.Errorf("a code that is none: %s", s)
		}
		revoke := func(tenant int64, reason string) error {
			return db.Do(ctx, func(tx *sqldb.Tx) error {
				m := audit.Moves{}
				_, err := certificate.Revoke(ctx, tx, grant(tenant), m, c.ID, reason, at)
				if err == nil {
					err = m.Write(ctx, tx, grant(tenant), c.Thing, "revoked", at)
				}
				return err
			})
		}
		for _, try := range []struct {
			name   string
			tenant int64
			reason string
			want   fault.Kind
		}{
			{"no reason", 2106000001, " ", fault.Invalid},
			{"another committee", 2106000002, "作废重开", fault.NotFound},
			{"the first", 2106000001, "作废重开", ""},
			{"the second", 2106000001, "作废重开", fault.Conflict},
		} {
			err := revoke(try.tenant, try.reason)
			if try.want == "" && err != nil || try.want != "" && fault.Of(err).Kind != try.want {
				t.Errorf("%s: %v", try.name, err)
			}
		}
		if got := lookup(t, db, c.Code); got.State("2026-11-26") != certificate.Revoked || got.Reason != "作废重开" {
			t.Errorf("revoked: %+v", got)
		}
		if s := lookup(t, db, twin.Code).State("2026-11-26"); s != certificate.Valid {
			t.Errorf("the twin is %s", s)
		}
		again, err := issue(db, 2106000001, paper("h1"))
		if err != nil || again.Code == c.Code {
			t.Errorf("made anew after it was taken back: %s, %v", again.Code, err)
		}
		var all []certificate.Certificate
		if err := db.View(ctx, func(tx *sqldb.Tx) (err error) {
			all, err = certificate.ByThing(ctx, tx, grant(2106000001), "u1")
			return err
		}); err != nil || len(all) != 2 || all[0].ID != again.ID {
			t.Errorf("of the thing: %v, %v", all, err)
		}
	})
}

// Twenty print the same record at once: one certificate, for all of them.
func TestOnceForARecord(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB) {
		var all sync.WaitGroup
		codes := make([]string, 20)
		for i := range codes {
			all.Go(func() {
				c, err := issue(db, 2106000001, paper("same"))
				if err != nil {
					t.Error(err)
				}
				codes[i] = c.Code
			})
		}
		all.Wait()
		for _, c := range codes {
			if c != codes[0] {
				t.Fatalf("%v", codes)
			}
		}
	})
}

func TestCodes(t *testing.T) {
	each(t, func(t *testing.T, db *sqldb.DB) {
		c, err := issue(db, 9999999999, paper("x"))
		if err != nil {
			t.Fatal(err)
		}
		if len(c.Code) != certificate.CodeChars || strings.ContainsAny(c.Code, "01OI") {
			t.Errorf("code %s", c.Code)
		}
		for i := range c.Code { // a slip at any place is caught before the database
			for _, r := range "23456789ABCDEFGHJKLMNPQRSTUVWXYZ" {
				other := c.Code[:i] + string(r) + c.Code[i+1:]
				if other != c.Code && certificate.Plain(other) != "" {
					t.Fatalf("%s passes for %s", other, c.Code)
				}
			}
		}
		for _, bad := range []string{"", "王建国", strings.Repeat("A", 1000), "\x00", "' OR 1=1 --", c.Code + "A"} {
			if certificate.Plain(bad) != "" {
				t.Errorf("%q is taken for a code", bad)
			}
		}
		if _, err := issue(db, 2106000001, certificate.Certificate{Kind: "x"}); err == nil {
			t.Error("a certificate of nothing")
		}
	})
}

func TestMasked(t *testing.T) {
	for name, want := range map[string]string{"": "", "李𬭎": "李*", "王建国": "王**", "欧阳建国": "欧***", "阿卜杜热西提·买买提": "阿*****·***"} {
		if got := (certificate.Certificate{Holder: name}).Masked(); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := (certificate.Certificate{Holder: "滨江市财政局机关工会", Public: true}).Masked(); got != "滨江市财政局机关工会" {
		t.Errorf("an office: %s", got)
	}
}
