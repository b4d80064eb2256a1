package books

import (
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// byHand reads D 102@fr#帮扶 500000 of the files beside this.
func byHand(t *testing.T, text string) (out []Line) {
	for part := range strings.SplitSeq(text, ";") {
		f := strings.Fields(part)
		if len(f) != 3 {
			t.Fatal(part)
		}
		account, project, _ := strings.Cut(f[1], "#")
		account, source, _ := strings.Cut(account, "@")
		l := Line{Account: account, Source: source, Project: project}
		if f[0] == "D" {
			l.Debit = yuan(f[2])
		} else {
			l.Credit = yuan(f[2])
		}
		out = append(out, l)
	}
	return out
}

func rowsOf(t *testing.T, name string, width int) [][]string {
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return table(string(text), width)
}

// keep reads a year of entries and closes each month of A21 (F3.13), the year of
// A09; what is owed at its end is booked before (F3.2).
func keep(t *testing.T, s System, name string) *ledger {
	l := &ledger{system: s}
	rows := rowsOf(t, name, 3)
	for month := 0; month <= 12; month++ {
		for _, f := range rows {
			if m, err := strconv.Atoi(f[0]); err != nil || m != month {
				continue
			}
			lines := byHand(t, f[2])
			if month > 0 {
				l.post(t, month, false, lines...)
				continue
			}
			for _, x := range lines {
				b := Balance{Account: x.Account, Source: x.Source, Project: x.Project, Amount: x.Debit - x.Credit}
				if onCredit(s, x.Account) {
					b.Amount = -b.Amount
				}
				l.opening = append(l.opening, b)
			}
		}
		if month > 0 && (s == A21 || month == 12) {
			unbroken(t, l, month, false)
			l.close(t, month, "培训")
			unbroken(t, l, month, month == 12)
		}
	}
	return l
}

// F3.28: the statements of a simulated year of each system are, row by row,
// what was added up by hand.
func TestYears(t *testing.T) {
	for s, name := range map[System]string{A21: "2021", A09: "2009"} {
		l := keep(t, s, "year"+name+".tsv")
		for _, f := range rowsOf(t, "statements"+name+".tsv", 4) {
			src, annual := l.year(12), f[1] == "year"
			if !annual {
				m, err := strconv.Atoi(strings.TrimPrefix(f[1], "month "))
				if err != nil {
					t.Fatal(err)
				}
				src = l.month(m)
			}
			src.project = f[2]
			wanted := map[string]string{}
			for part := range strings.SplitSeq(f[3], ";") {
				row := strings.Fields(part)
				wanted[row[0]] = row[1]
			}
			got := show(t, f[0], src, annual)
			for _, id := range slices.Sorted(maps.Keys(got)) {
				if wanted[id] == "" {
					t.Errorf("%s %s %s: %s is %s, nothing by hand", f[0], f[1], f[2], id, got[id])
				}
			}
			for _, id := range slices.Sorted(maps.Keys(wanted)) {
				if got[id] != wanted[id] {
					t.Errorf("%s %s %s: %s is %q, by hand %s", f[0], f[1], f[2], id, got[id], wanted[id])
				}
			}
		}
	}
}

// F3.14: the steps stand in the order they are taken, and what each empties is
// stated.
func TestYearEnd(t *testing.T) {
	for s, want := range map[System]string{
		A21: "whole quota due depreciation count carry gather analyse settle proof",
		A09: "whole quota due count carry reserve proof",
	} {
		var keys []string
		for _, stage := range YearEnd(s) {
			keys = append(keys, stage.Key)
			for _, key := range stage.Events {
				if _, ok := EventOf(key); !ok {
					t.Errorf("%s: no event %s", stage.Key, key)
				}
			}
			for _, code := range stage.From {
				if _, ok := Find(s, code); !ok && len(code) > 1 {
					t.Errorf("%s: no account %s", stage.Key, code)
				}
			}
			if stage.Title == "" || !strings.HasSuffix(stage.Words, "。") {
				t.Errorf("%s has no words", stage.Key)
			}
		}
		if got := strings.Join(keys, " "); got != want {
			t.Errorf("F3.14 %s: %s", s, got)
		}
	}
}

// F3.12: a negative line is carried to the other side; what cannot go anywhere
// stays for K6 to find.
func TestCarry(t *testing.T) {
	lines := Carry(A21, []Balance{
		{Account: "402", Source: FR, Amount: 5_00}, {Account: "407", Source: FR, Amount: -2_00},
		{Account: "50404", Source: SP, Project: "帮扶", Amount: 3_00}, {Account: "40301", Source: SP, Amount: 9_00},
		{Account: "102", Amount: 7_00}, {Account: "999", Amount: 1},
	})
	want := []Line{
		{Account: "402", Debit: 5_00, Source: FR, Summary: "结转本期收入"},
		{Account: "407", Credit: 2_00, Source: FR, Summary: "结转本期收入"},
		{Account: "50404", Credit: 3_00, Source: SP, Project: "帮扶", Summary: "结转本期支出"},
		{Account: "32203", Credit: 3_00, Summary: "结转本期收入"},
		{Account: "32103", Debit: 3_00, Project: "帮扶", Summary: "结转本期支出"},
	}
	if !slices.Equal(lines, want) {
		t.Errorf("%+v", lines)
	}
}
