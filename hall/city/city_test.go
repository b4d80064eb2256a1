package city_test

import (
	"path/filepath"
	"testing"

	"unionhall/grassroots/registry"
	"unionhall/hall/city"
	"unionhall/kit/audit"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
	"unionhall/schema"
	"unionhall/schema/dbtest"
)

const now = "2026-11-22T01:00:00.000000Z"

// sealed are the tables whose rows the city writes.
var sealed = []string{"unions", "union_spans", "bodies", "seats", "members", "member_events", "union_meetings"}

func build(t testing.TB, db *sqldb.DB, p city.Plan) city.People {
	t.Helper()
	keys, err := seal.Create(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	db.UseKeys(keys)
	if err := db.Migrate(t.Context(), schema.Files); err != nil {
		t.Fatal(err)
	}
	var root registry.Union
	err = db.Do(t.Context(), func(tx *sqldb.Tx) (err error) {
		_, root, _, err = account.Init(t.Context(), tx, city.Tenant, account.Beginning{Name: city.Office, Region: city.Region, Login: "admin", Person: "郑宇", Hash: "-", By: "test"}, now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	people, err := city.Fill(t.Context(), db, root, p)
	if err != nil {
		t.Fatal(err)
	}
	return people
}

// What the city writes is sealed and in the log like anybody's deeds.
func TestCityStandsUpToVerify(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		people := build(t, db, city.Plan{Unions: 30, Members: 600, Years: 3, Seed: 1, Today: "2026-11-22"})
		if people.Chairs[0].Name == "" || people.Members[0] == people.Chairs[0] {
			t.Errorf("people %+v", people)
		}
		err := db.View(t.Context(), func(tx *sqldb.Tx) error {
			rep, err := audit.Verify(t.Context(), tx, city.Tenant, sealed)
			if len(rep.Findings) > 0 || rep.Sealed < 600 {
				t.Errorf("%+v", rep)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// The same seed makes the same city, name for name.
func TestSameSeedSameCity(t *testing.T) {
	names := func(seed uint64) (out []string) {
		db := dbtest.SQLite(t)
		build(t, db, city.Plan{Unions: 12, Members: 200, Years: 3, Seed: seed, Today: "2026-11-22"})
		err := db.View(t.Context(), func(tx *sqldb.Tx) (err error) {
			out, err = sqldb.List(t.Context(), tx, sqldb.Text, `SELECT m.id || m.name || m.card_no || m.status FROM members m WHERE m.tenant_id = $1 ORDER BY m.id`, int64(city.Tenant))
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	a, b, c := names(7), names(7), names(8)
	if len(a) < 190 || len(a) != len(b) {
		t.Fatal(len(a), len(b))
	}
	same, other := 0, 0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
		if i < len(c) && a[i] == c[i] {
			other++
		}
	}
	if same != len(a) || other > 3 {
		t.Errorf("%d of %d alike with the same seed, %d with another", same, len(a), other)
	}
}

func BenchmarkCity(b *testing.B) {
	for range b.N {
		build(b, dbtest.SQLite(b), city.Plan{Unions: 150, Members: 20_000, Years: 3, Seed: 1, Today: "2026-11-22"})
	}
}
