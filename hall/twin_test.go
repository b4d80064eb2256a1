package hall_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"unionhall/hall/city"
	"unionhall/kit/sqldb"
	"unionhall/schema"
)

// twin is the number of the committee that is a copy of the demo's.
const twin = 2106000002

// duplicate copies every row of the demo's committee under the twin's number,
// ids and all: whatever forgets the tenant somewhere finds two of everything.
func (s *stand) duplicate(t *testing.T) {
	t.Helper()
	s.write(t, func(tx *sqldb.Tx) error {
		for _, table := range schema.Tables() {
			if schema.Shared[table.Name] {
				continue
			}
			var columns []string
			err := sqldb.Records(tx, func(r sqldb.Record) error { columns = r.Columns; return nil }, `SELECT * FROM `+table.Name+` LIMIT 1`)
			if err != nil {
				return err
			}
			if columns == nil {
				t.Logf("%s is empty", table.Name)
				continue
			}
			names := slices.DeleteFunc(slices.Clone(columns), func(c string) bool { return c == "tenant_id" })
			list := strings.Join(names, ", ")
			_, err = tx.Exec(ctx, `INSERT INTO `+table.Name+` (tenant_id, `+list+`) SELECT cast($1 as bigint), `+list+` FROM `+table.Name+` WHERE tenant_id = $2`, int64(twin), int64(city.Tenant))
			if err != nil {
				return fmt.Errorf("%s: %w", table.Name, err)
			}
		}
		return nil
	})
}

// rows is a hash of every table's rows of a tenant.
func (s *stand) rows(t *testing.T, tenant int64) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := s.house.DB.View(ctx, func(tx *sqldb.Tx) error {
		for _, table := range schema.Tables() {
			if schema.Shared[table.Name] {
				continue
			}
			sum, n := sha256.New(), 0
			err := sqldb.Records(tx, func(r sqldb.Record) error {
				n++
				fmt.Fprintf(sum, "%#v\n", r.Values)
				return nil
			}, `SELECT * FROM `+table.Name+` WHERE tenant_id = $1 ORDER BY `+strings.Join(table.Key, ", "), tenant)
			if err != nil {
				return err
			}
			out[table.Name] = fmt.Sprintf("%d rows %s", n, hex.EncodeToString(sum.Sum(nil))[:12])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// readAll asks for every page and text file as several roles and returns the
// answers by role and pattern.
func (s *stand) readAll(t *testing.T, of map[string]things) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, login := range slices.Sorted(maps.Keys(of)) { // in one order, so that what the log has told is the same each time
		x := of[login]
		for _, rt := range s.house.Routes() {
			if rt.Needs == "" || !strings.HasPrefix(rt.Pattern, "GET ") || strings.HasSuffix(rt.Pattern, ".xlsx") || strings.HasSuffix(rt.Pattern, ".pdf") { // they carry the minute they were made
				continue
			}
			_, path := x.address(t, rt.Pattern)
			if a := s.as(t, login).get(t, path); a.code < 500 {
				a.head = nil
				out[login+" "+rt.Pattern] = withoutNumber(a)
			} else {
				t.Errorf("%s as %s: %s", rt.Pattern, login, a)
			}
		}
	}
	return out
}

// clock is a time of day, such as when a session was last seen, which goes on
// between two readings.
var clock = regexp.MustCompile(`\b\d{2}:\d{2}\b|T\d{6}Z`)

// withoutNumber is an answer without the number of a problem, which is new
// each time, and with its clocks stopped.
func withoutNumber(a answer) string {
	body, _, _ := strings.Cut(string(a.body), `"number":`)
	return fmt.Sprint(a.code, clock.ReplaceAllString(body, "--:--"))
}

// Two committees with the same ids in every row never see each other: what the
// one is shown is what it was shown before there was the other, and what it
// does leaves every row of the other as it was.
func TestTwins(t *testing.T) {
	for _, engine := range engines(t) {
		t.Run(engine, func(t *testing.T) {
			s := raise(t, engine, city.Plan{Unions: 36, Members: 200, Years: 3, Seed: 2})
			of := map[string]things{}
			for _, login := range []string{"officer", "admin", "security", "audit", "director", "chair", "member"} {
				of[login] = s.near(t, login)
			}
			s.rest(t)
			first, before := s.readAll(t, of), s.readAll(t, of)
			s.rest(t) // taking lists away is logged, and a line that no block holds yet would be sealed beside its twin
			s.duplicate(t)
			after, compared := s.readAll(t, of), 0
			for _, k := range slices.Sorted(maps.Keys(before)) {
				if first[k] != before[k] {
					continue // it tells the time
				}
				if compared++; after[k] != before[k] {
					t.Errorf("%s was\n%.600s\nand beside a twin is\n%.600s", k, before[k], after[k])
				}
			}
			if compared < len(before)*9/10 {
				t.Errorf("only %d of %d answers stay the same", compared, len(before))
			}
			s.leaveTheTwinAlone(t, of)
		})
	}
}

// rest waits until nothing is under way and the log is sealed.
func (s *stand) rest(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		busy := s.look(t, `SELECT id FROM jobs WHERE state IN ('waiting', 'running', 'cancelling')`)
		loose := s.look(t, `SELECT id FROM audit_rows WHERE block IS NULL`)
		if len(busy)+len(loose) == 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d jobs open, %d lines not sealed", len(busy), len(loose))
		}
	}
}

// leaveTheTwinAlone does a day's work in the one committee and looks whether
// any row of the other has changed.
func (s *stand) leaveTheTwinAlone(t *testing.T, of map[string]things) {
	t.Helper()
	s.rest(t)
	other, own := s.rows(t, twin), s.rows(t, city.Tenant)
	s.dayOfWork(t, of)
	s.rest(t)
	for table, was := range other {
		if now := s.rows(t, twin)[table]; now != was {
			t.Errorf("%s of the twin was %s and is %s", table, was, now)
		}
	}
	var changed []string
	for table, now := range s.rows(t, city.Tenant) {
		if now != own[table] {
			changed = append(changed, table)
		}
	}
	if len(changed) < 12 {
		t.Errorf("the day's work touched only %v", changed)
	}
}
