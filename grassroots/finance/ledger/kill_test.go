package ledger_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/auth"
	"unionhall/kit/flow"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
	"unionhall/schema/dbtest"
)

// poster is what a killed process was doing: twenty people write, review and
// post at once, and say of each voucher once it is answered that it is posted.
func poster(where, keyFile, union, root string) {
	db, err := sqldb.Open(where)
	if err != nil {
		panic(err)
	}
	keys, err := seal.Load(keyFile)
	if err != nil {
		panic(err)
	}
	db.UseKeys(keys)
	out := make(chan string)
	as := func(o auth.Office, act auth.Action) auth.Grant { return auth.As(town.Tenant, string(o), o, act, root) }
	for range 20 {
		go func() {
			for {
				var v ledger.Voucher
				for _, f := range []func(tx *sqldb.Tx) error{
					func(tx *sqldb.Tx) (err error) {
						v, err = ledger.Write(ctx, tx, as(auth.Accountant, ledger.Make), ledger.Entry{Union: union, Date: "2026-05-05", Summary: "收到会费", Attachments: 1, Lines: []books.Line{
							{Account: "102", Debit: 3_00}, {Account: "401", Credit: 1_00, Source: books.FR}, {Account: "408", Credit: 2_00, Source: books.FR}}}, town.Now)
						return err
					},
					func(tx *sqldb.Tx) (err error) {
						v, err = ledger.Advance(ctx, tx, as(auth.Director, ledger.Review), v.ID, 0, flow.Given{}, town.Now)
						return err
					},
					func(tx *sqldb.Tx) (err error) {
						v, err = ledger.Advance(ctx, tx, as(auth.Accountant, ledger.Post), v.ID, 0, flow.Given{}, town.Now)
						return err
					},
				} {
					if err := db.Do(ctx, f); err != nil {
						panic(err)
					}
				}
				out <- fmt.Sprintf("%s %d", v.ID, v.Number)
			}
		}()
	}
	for line := range out {
		fmt.Println(line)
	}
}

func TestMain(m *testing.M) {
	if where := os.Getenv("LEDGER_CHILD"); where != "" {
		poster(where, os.Getenv("LEDGER_KEYS"), os.Getenv("LEDGER_UNION"), os.Getenv("LEDGER_ROOT"))
		return
	}
	os.Exit(m.Run())
}

// A process is killed (kill -9) at full load, two hundred times on the embedded
// database: every voucher that was acknowledged is there under its number, none
// is there by half, the numbers have no gap, and the sums are right.
//
// law: F3.19, S04
func TestKilled(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := shop.New(t, db)
		keyFile := filepath.Join(t.TempDir(), "keys.json")
		keys, err := seal.Create(keyFile)
		if err != nil {
			t.Fatal(err)
		}
		db.UseKeys(keys)
		s.Open(s.A, 2026)
		times := 200
		if !db.Embedded() || testing.Short() {
			times = 10 // the server itself is killed by the tests of several instances
		}
		told := map[string]string{}
		for range times {
			for id, number := range killed(t, s, keyFile, 20+rand.IntN(80)) {
				told[id] = number
			}
		}
		if len(told) < times {
			t.Fatalf("only %d vouchers were posted in %d runs", len(told), times)
		}
		stored := map[string]string{}
		s.Do(func(tx *sqldb.Tx) error {
			return sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) {
				var n int64
				err = row(&v[0], &n)
				v[1] = fmt.Sprint(n)
				return v, err
			}, func(v [2]string) error { stored[v[0]] = v[1]; return nil },
				`SELECT id, number FROM vouchers WHERE tenant_id = $1 AND number IS NOT NULL`, s.Tenant)
		})
		for id, number := range told {
			if stored[id] != number {
				t.Errorf("voucher %s was acknowledged as %s, it is %q", id, number, stored[id])
			}
		}
		verify(t, s)
		if got, want := figures(s, s.A.ID, 5, 5).Closing("102", ""), 3_00*len(stored); int(got) != want {
			t.Errorf("the bank holds %s after %d vouchers", got, len(stored))
		}
		t.Logf("%d acknowledged, %d stored", len(told), len(stored))
	})
}

// killed lets a process post for so many milliseconds, kills it, and returns
// what it had acknowledged.
func killed(t *testing.T, s shop.Shop, keyFile string, ms int) map[string]string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(self)
	c.Env = append(os.Environ(), "LEDGER_CHILD="+s.DB.Where(), "LEDGER_KEYS="+keyFile, "LEDGER_UNION="+s.A.Code, "LEDGER_ROOT="+s.Root.ID)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	told, first := map[string]string{}, true
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		id, number, whole := strings.Cut(lines.Text(), " ")
		if first {
			first = false
			time.AfterFunc(time.Duration(ms)*time.Millisecond, func() { c.Process.Kill() })
		}
		if whole {
			told[id] = number
		}
	}
	if err := c.Wait(); err == nil {
		t.Fatal("the process ended by itself")
	}
	return told
}
