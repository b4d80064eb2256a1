package books

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
	"sync"

	"unionhall/law"
)

//go:embed accounts2021.tsv
var accounts21 string

//go:embed accounts2009.tsv
var accounts09 string

// Account is one account (会计科目) of a chart.
type Account struct {
	System System `json:"system"`
	Code   string `json:"code"`
	Name   string `json:"name"`
	Parent string `json:"parent"` // "" of level 1
	Level  int    `json:"level"`
	Class  Class  `json:"class"`
	Side   Side   `json:"side"`
	// Used says for whom the regulation lists it: all, grassroots, county
	// (县级以上).
	Used   string `json:"used"`
	Must   bool   `json:"must"`   // its stated details must be opened
	Detail string `json:"detail"` // by what further details it is kept, a Chinese phrase
	// Leaf says that it may carry entries: nothing stands below it, or only
	// details that a union opens if it needs them.
	Leaf bool `json:"leaf"`
	// Stated says that the regulation itself gives the code; else the name is
	// the regulation's and the code ours.
	Stated     bool           `json:"stated"`
	Old        []string       `json:"old"` // the accounts of the other system it comes from or goes to
	Confidence law.Confidence `json:"confidence"`
	Source     string         `json:"source"`
	optional   bool           // opened only where it is needed
	closes     []string       // where its result may go at the end of a period
}

// Shown is name and code as a voucher shows them, never the code alone.
//
// law: F3.3
func (a Account) Shown() string { return a.Code + " " + a.Name }

// Chart returns the accounts the regulation states, in order of code.
//
// law: S02
func Chart(s System) []Account { return slices.Clone(charts()[s].all) }

// Find returns the account of a code, which the regulation states.
func Find(s System, code string) (Account, bool) {
	a, ok := charts()[s].at[code]
	return a, ok
}

// Stated returns the account the regulation states that code is or stands
// below: of 1020101 that of 10201.
func Stated(s System, code string) (Account, bool) {
	for n := len(code); n >= 3; n -= 2 {
		if a, ok := Find(s, code[:n]); ok {
			return a, true
		}
	}
	return Account{}, false
}

// Grassroots reports whether an account belongs to the standard set of a
// grassroots union (基层工会).
//
// law: F3.3
func Grassroots(a Account) bool { return a.Used == "all" || a.Used == "grassroots" }

// closed are the accounts of which the regulation keeps all details itself.
var closed = map[System][]string{
	A21: {"111", "121", "301", "321", "322", "331", "332", "341", "411", "521"},
	A09: {"111", "112", "301", "302", "311", "322", "331"},
}

// Open reports whether a union may, empowered by its provincial federation,
// keep own details below the account: one more level of two digits.
//
// law: F3.3
func (a Account) Open() bool {
	return a.Leaf && a.Level <= 2 && !slices.Contains(closed[a.System], Top(a.Code))
}

// Closes returns the account that the balance of a line of income or
// expenditure of a source goes to at the end of a period; "" of another
// account, or of a source the account cannot have.
//
// law: F3.12 F3.15
func Closes(a Account, source string) string {
	if a.Class != Income && a.Class != Expense {
		return ""
	}
	if a.System == A09 {
		return "331"
	}
	to := map[string]string{FT: "33103", SP: "32103", FR: "32203", "": ""}[source]
	switch Top(a.Code) {
	case "401", "411", "521":
		to = "32203"
	}
	if !slices.Contains(closing(a), to) {
		return ""
	}
	return to
}

// closing lists where the balance of an account of A21 may go: as it or the
// stated account above it says.
func closing(a Account) []string {
	for code := a.Code; len(code) >= 3; code = code[:len(code)-2] {
		if at, ok := Find(a.System, code); ok && len(at.closes) > 0 {
			return at.closes
		}
	}
	return nil
}

// Sources lists the tags that a line of the account may bear: one of them must
// stand on every line of income and expenditure of A21. Neither the
// stabilisation fund's two accounts nor A09 ask for one.
//
// law: F3.12
func Sources(a Account) (out []string) {
	if a.System == A09 || Top(a.Code) == "411" || Top(a.Code) == "521" {
		return nil
	}
	for _, source := range []string{FR, SP, FT} {
		if Closes(a, source) != "" && (Top(a.Code) != "401" || source == FR) {
			out = append(out, source)
		}
	}
	return out
}

type chart struct {
	all []Account
	at  map[string]Account
}

var charts = sync.OnceValue(func() map[System]chart {
	old := map[System]map[string][]string{A21: {}, A09: {}}
	all := map[System][]Account{A21: read(A21, accounts21), A09: read(A09, accounts09)}
	for s, list := range all {
		for _, a := range list {
			for _, code := range a.Old {
				old[s][a.Code] = append(old[s][a.Code], code)
				old[s.Other()][code] = append(old[s.Other()][code], a.Code)
			}
		}
	}
	out := map[System]chart{}
	for s, list := range all {
		c := chart{all: list, at: map[string]Account{}}
		for i := range list {
			a := &list[i]
			a.Old = old[s][a.Code]
			slices.Sort(a.Old)
			a.Old = slices.Compact(a.Old)
			a.Leaf = !slices.ContainsFunc(list, func(b Account) bool { return b.Parent == a.Code && !b.optional })
			c.at[a.Code] = *a
		}
		out[s] = c
	}
	return out
})

func read(s System, text string) (out []Account) {
	for _, f := range table(text, 15) {
		level, err := strconv.Atoi(f[3])
		if err != nil {
			panic("books: " + f[0])
		}
		out = append(out, Account{System: s, Code: f[0], Name: f[1], Parent: f[2], Level: level,
			Class: Class(f[4]), Side: Side(f[5]), Used: f[6], Must: f[7] == "must", Detail: f[8],
			closes: strings.Fields(f[9]), Stated: f[10] == "official", Old: strings.Fields(f[11]),
			Confidence: law.Confidence(f[13]), Source: f[14], optional: f[7] == "may" || f[7] == "if"})
	}
	return out
}

// table splits tab-separated text, whose first line names the columns. The
// text is ours: a line of the wrong width stops the program.
func table(text string, width int) (out [][]string) {
	_, rows, _ := strings.Cut(text, "\n")
	for line := range strings.Lines(rows) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != width {
			panic("books: " + line)
		}
		out = append(out, f)
	}
	return out
}
