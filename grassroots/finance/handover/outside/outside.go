// Package outside has programs that are not ours add up the books from their
// exported text: hledger and beancount where they are installed, and a small
// program of its own that knows nothing of the books.
package outside

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"unionhall/kit/money"
)

// tool is a program of the outside; without it the test is left out, which CI
// does not allow.
func tool(t testing.TB, name string) string {
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

// Keep writes a journal to a file of the test's own.
func Keep(t testing.TB, name string, text []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// run starts a program that is to read Chinese wherever it runs.
func run(t testing.TB, name string, args ...string) []byte {
	t.Helper()
	c := exec.Command(tool(t, name), args...)
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	var said bytes.Buffer
	c.Stderr = &said
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", name, err, out, said.Bytes())
	}
	return out
}

// Hledger has hledger check a journal strictly, and returns what it comes to,
// by account.
func Hledger(t testing.TB, file string) map[string]money.Fen {
	t.Helper()
	run(t, "hledger", "check", "--strict", "-f", file)
	return hledgerSums(t, run(t, "hledger", "balance", "-f", file, "--no-total", "-N", "--flat", "-O", "json"))
}

// Beancount has bean-check check a journal, and returns what bean-query comes
// to, by account.
func Beancount(t testing.TB, file string) map[string]money.Fen {
	t.Helper()
	run(t, "bean-check", "-C", file)
	sums := map[string]money.Fen{}
	out := run(t, "bean-query", "-q", "-f", "csv", file, strings.Replace("SELECT account, @ GROUP BY account", "@", "sum(number) AS total", 1)) // its own tongue, no SQL of ours
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
	return sums
}

// hledgerSums reads what hledger says of every account, by its code.
func hledgerSums(t testing.TB, out []byte) map[string]money.Fen {
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

// Sums is what the journal's text alone adds up to: at the start of the year, at
// its end, and in it without closing vouchers. Amounts are
// in fen; a debit is positive.
type Sums struct {
	opening, closing, occurred map[string]int64 // by account
}

var (
	dated = regexp.MustCompile(`^\d{4}-\d{2}-\d{2} \* \((\d{2})-\d+\)`)
	entry = regexp.MustCompile(`^  \S*?([0-9]+)-[^:]*?  (-?\d+)\.(\d\d) CNY`)
)

// ReAdd adds up a journal of hledger's.
func ReAdd(t testing.TB, text []byte) Sums {
	t.Helper()
	r := Sums{map[string]int64{}, map[string]int64{}, map[string]int64{}}
	month, carry, seen := "", false, 0
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		line := lines.Text()
		if m := dated.FindStringSubmatch(line); m != nil {
			month, carry = m[1], strings.Contains(line, "carry:1")
			continue
		}
		last := strings.LastIndex(line, ":")
		if cut := strings.Index(line, "  ;"); cut > 0 {
			last = strings.LastIndex(line[:cut], ":")
		}
		if last < 0 || !strings.HasPrefix(line, "  ") {
			continue
		}
		m := entry.FindStringSubmatch("  " + line[last+1:])
		if m == nil {
			t.Fatalf("not understood: %q", line)
		}
		n, err := strconv.ParseInt(m[2]+m[3], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seen++
		r.closing[m[1]] += n
		switch {
		case month == "00":
			r.opening[m[1]] += n
		case !carry:
			r.occurred[m[1]] += n
		}
	}
	if seen == 0 {
		t.Fatal("the journal has no entries")
	}
	return r
}

func sum(of map[string]int64, codes ...string) (n int64) {
	for account, v := range of {
		for _, c := range codes {
			if strings.HasPrefix(account, c) {
				n += v
			}
		}
	}
	return n
}

// Rows are the lines of the balance sheet (01) and of income and spending (02)
// of 2021, written here a second time from the forms on paper.
func (r Sums) Rows() map[string]int64 {
	assets := sum(r.closing, "101", "102", "111", "121", "131", "132", "135", "141") + sum(r.closing, "151", "161", "162", "163", "171", "172", "181", "182")
	liabilities := -sum(r.closing, "201", "211", "212", "215", "221")
	net := -sum(r.closing, "301", "311", "321", "322", "331", "332", "341")
	income := -sum(r.occurred, "401", "402", "403", "404", "405", "406", "407", "408", "411")
	spent := sum(r.occurred, "501", "502", "503", "504", "505", "506", "507", "508", "509", "510", "521")
	return map[string]int64{
		"A01": sum(r.closing, "101", "102"), "A19": assets, "L02": -sum(r.closing, "211"), "L06": liabilities, "N01": -sum(r.closing, "301"), "N08": net, "T01": liabilities + net,
		"R05": income, "R15": spent, "R27": income - spent, "R06": -sum(r.occurred, "401"), "R16": sum(r.occurred, "501"),
	}
}
