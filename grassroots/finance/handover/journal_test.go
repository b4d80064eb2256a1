package handover

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

var ctx = context.Background()

// tool is a program of the outside; without it the test is left out, which CI
// does not allow.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is lacking, and in CI nothing may be left out", name)
		}
		t.Skipf("%s is lacking", name)
	}
	return path
}

func journal(t *testing.T, s shop.Shop, union string, below bool, f Format) []byte {
	t.Helper()
	var b bytes.Buffer
	s.Do(func(tx *sqldb.Tx) error {
		return Journal(ctx, tx, s.Accountant(Look), union, 2026, below, f, &b)
	})
	return b.Bytes()
}

func furnish(t *testing.T, db *sqldb.DB) shop.Shop {
	s := shop.New(t, db)
	s.Open(s.A, 2026)
	s.Open(s.B, 2026)
	s.Post(s.A, "2026-01-05", `收到会费 "一月"; 第一笔, 见附件`, "102 debit 100.00", "401 credit 100.00 fr")
	v := s.Post(s.A, "2026-03-31", "慰问会员", "50105 debit 30.00 fr office", "102 credit 30.00")
	s.Post(s.A, "2026-03-31", "借款", "135 debit 12.34 @张三；李四", "102 credit 12.34")
	s.Post(s.B, "2026-03-31", "收到会费", "102 debit 9000000.01", "401 credit 9000000.01 fr")
	s.Do(func(tx *sqldb.Tx) (err error) {
		v, err = ledger.Undo(ctx, tx, s.Accountant(ledger.Reverse), v.ID, "2026-04-01", v.Posted)
		return err
	})
	s.Through(v)
	return s
}

// S2-48: hledger, strict, takes the journal and comes to the same balances.
func TestHledger(t *testing.T) {
	hledger := tool(t, "hledger")
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := furnish(t, db)
		for _, below := range []bool{false, true} {
			union := s.A.Code
			if below {
				union = s.Root.Code
			}
			file := filepath.Join(t.TempDir(), "books.journal")
			if err := os.WriteFile(file, journal(t, s, union, below, Hledger), 0o644); err != nil {
				t.Fatal(err)
			}
			if out, err := utf8(exec.Command(hledger, "check", "--strict", "-f", file)).CombinedOutput(); err != nil {
				t.Fatalf("hledger check: %v\n%s", err, out)
			}
			out, err := utf8(exec.Command(hledger, "balance", "-f", file, "--no-total", "-N", "--flat", "-O", "json")).Output()
			if err != nil {
				t.Fatal(err)
			}
			equal(t, s, union, below, hledgerSums(t, out))
		}
	})
}

// hledgerSums reads what hledger says of every account, by its code.
func hledgerSums(t *testing.T, out []byte) map[string]money.Fen {
	t.Helper()
	var doc []json.RawMessage
	var rows [][]json.RawMessage
	if err := json.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(doc[0], &rows); err != nil {
		t.Fatal(err)
	}
	sums := map[string]money.Fen{}
	for _, r := range rows {
		var name string
		var amounts []struct {
			Quantity struct {
				Mantissa json.Number `json:"decimalMantissa"`
				Places   int         `json:"decimalPlaces"`
			} `json:"aquantity"`
		}
		if err := json.Unmarshal(r[0], &name); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(r[3], &amounts); err != nil {
			t.Fatal(err)
		}
		for _, a := range amounts {
			n, err := a.Quantity.Mantissa.Int64()
			if err != nil {
				t.Fatal(err)
			}
			for range 2 - a.Quantity.Places {
				n *= 10
			}
			sums[codeOf(name)] += money.Fen(n)
		}
	}
	return sums
}

func codeOf(name string) string {
	last := name[strings.LastIndex(name, ":")+1:]
	code, _, _ := strings.Cut(last, "-")
	return code
}

// equal holds the outside's sums against the books' own balances.
func equal(t *testing.T, s shop.Shop, union string, below bool, sums map[string]money.Fen) {
	t.Helper()
	s.Do(func(tx *sqldb.Tx) error {
		u, err := ledger.Union(ctx, tx, s.Accountant(Look), union)
		if err != nil {
			return err
		}
		f, err := ledger.FiguresOf(ctx, tx, s.Accountant(Look), ledger.Ask{Union: u.ID, Below: below, Year: 2026, From: 1, To: 12})
		ours := map[string]money.Fen{}
		for _, x := range f.Sums {
			ours[x.Account] += x.Closing()
		}
		for code, n := range ours {
			if sums[code] != n {
				t.Errorf("account %s: the outside has %s, we have %s", code, sums[code], n)
			}
		}
		if len(ours) == 0 {
			t.Error("no balances at all")
		}
		for code, n := range sums {
			if n != 0 && ours[code] == 0 {
				t.Errorf("account %s: the outside has %s, we have none", code, n)
			}
		}
		return err
	})
}

// S2-48: bean-check takes it, and bean-query comes to the same balances.
func TestBeancount(t *testing.T) {
	check, query := tool(t, "bean-check"), tool(t, "bean-query")
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := furnish(t, db)
		file := filepath.Join(t.TempDir(), "books.beancount")
		if err := os.WriteFile(file, journal(t, s, s.Root.Code, true, Beancount), 0o644); err != nil {
			t.Fatal(err)
		}
		if out, err := utf8(exec.Command(check, "-C", file)).CombinedOutput(); err != nil {
			t.Fatalf("bean-check: %v\n%s", err, out)
		}
		out, err := utf8(exec.Command(query, "-q", "-f", "csv", file, "SELECT account, sum(number) AS total GROUP BY account")).Output()
		if err != nil {
			t.Fatal(err)
		}
		sums := map[string]money.Fen{}
		for i, row := range strings.Split(strings.TrimSpace(string(out)), "\n") {
			name, number, ok := strings.Cut(strings.TrimSpace(row), ",")
			if !ok || i == 0 {
				continue
			}
			n, err := money.Parse(strings.TrimSpace(number))
			if err != nil {
				t.Fatalf("%q: %v", row, err)
			}
			sums[codeOf(strings.TrimSpace(name))] += n
		}
		equal(t, s, s.Root.Code, true, sums)
	})
}

// utf8 lets a program of the outside read Chinese wherever it runs.
func utf8(c *exec.Cmd) *exec.Cmd {
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	return c
}
