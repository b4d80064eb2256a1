package books

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

//go:embed events.tsv
var eventsText string

//go:embed fields.tsv
var fieldsText string

// Event is something that happens to a union's money, in plain words, and the
// entries that the account notes of both systems ask for (journal templates).
type Event struct {
	ID    string `json:"id"`   // J22, J28a: variants of one rule are told apart by a letter
	Rule  string `json:"rule"` // J22
	Key   string `json:"key"`  // hardship
	Group string `json:"group"`
	Name  string `json:"name"`  // 发放困难补助
	Words string `json:"words"` // when to use it, one sentence

	fields  []EventField
	entries map[System][]entry
	why     string // a sentence: why there is none in A09
}

// Kinds of fields.
const (
	Money   = "money"   // yuan, as money.Parse reads
	Percent = "percent" // 40 or 0.8, of a hundred
	Bank    = "bank"    // an account of cash or deposits
	Choose  = "account" // an account below one of the options
	Project = "project"
	Party   = "party"
	Text    = "text"
	Choice  = "choice" // one of the options
)

// EventField is one thing that an event's form asks for.
type EventField struct {
	Name     string   `json:"name"`
	Label    string   `json:"label"`
	Kind     string   `json:"kind"`
	Options  []string `json:"options,omitempty"` // accounts, each with all below; or the values of a choice
	Not      []string `json:"not,omitempty"`     // accounts below an option that are none: money kept for others
	Optional bool     `json:"optional"`
	Help     string   `json:"help"`
}

// entry is one line of a template: D {bank:102,101} amount-keep.
type entry struct {
	debit    bool
	field    string   // the field that chooses the account, "" of a fixed one
	accounts []string // the account, or the options
	mark     string   // what tells the source: ft, sp, fr, source, owner
	either   bool     // a negative amount goes to the other side
	terms    []term
}

// term is a signed field of money, or a percentage of one.
type term struct {
	minus   bool
	money   string
	percent string
}

// Events lists all events in the order of their rules.
//
// law: J01 J02 J03 J04 J05 J06 J07 J08 J09 J10 J11 J12 J13 J14 J15 J16
func Events() []Event { return slices.Clone(events()) }

// EventOf returns the event of a key.
func EventOf(key string) (Event, bool) {
	i := slices.IndexFunc(events(), func(e Event) bool { return e.Key == key })
	if i < 0 {
		return Event{}, false
	}
	return events()[i], true
}

// In reports whether a system knows the event, or says why not.
//
// law: J46 J47
func (e Event) In(s System) (ok bool, why string) {
	if len(e.entries[s]) > 0 {
		return true, ""
	}
	return false, e.why
}

// Fields lists what the form of the event asks for under a system: only what
// its entries use. Lines of expenditure may also tell department, economic
// class and, under A21, function.
//
// law: F3.4
func (e Event) Fields(s System) (out []EventField) {
	used := map[string][]string{}
	expense := false
	for _, x := range e.entries[s] {
		if x.field != "" {
			used[x.field] = x.accounts
		}
		for _, t := range x.terms {
			used[t.money], used[t.percent] = nil, nil
		}
		if x.mark == "source" || x.mark == "owner" {
			used[x.mark] = nil
		}
		expense = expense || x.accounts[0][0] == '5'
	}
	for _, f := range e.fields {
		options, ok := used[f.Name]
		switch {
		case f.Kind == Money, f.Kind == Percent, f.Kind == Bank, f.Kind == Choose, f.Kind == Choice:
			if !ok {
				continue
			}
		case f.Name == "func" && s == A09:
			continue
		case f.Name == "project" && s == A09:
			f.Optional = true
		}
		if f.Name == "source" {
			options = []string{FR, SP, FT}
		}
		if f.Name == "owner" {
			options = []string{FR, FT}
		}
		if f.Kind == Bank && f.Name != "trust" && s == A21 {
			f.Not = entrustedCash
		}
		f.Options = options
		out = append(out, f)
	}
	if expense {
		for _, name := range []string{"dept", "econ", "func"} {
			has := slices.ContainsFunc(out, func(f EventField) bool { return f.Name == name })
			if !has && (s == A21 || name == "dept") {
				out = append(out, definition(name+"?"))
			}
		}
	}
	return out
}

// entrustedCash is where money kept for others lies (K9).
var entrustedCash = []string{"10101", "10203"}

var events = sync.OnceValue(func() (out []Event) {
	for _, f := range table(eventsText, 10) {
		e := Event{ID: f[0], Rule: f[1], Key: f[2], Group: f[3], Name: f[4], Words: f[5], why: f[9],
			entries: map[System][]entry{A21: entries(f[7]), A09: entries(f[8])}}
		for name := range strings.FieldsSeq(f[6]) {
			e.fields = append(e.fields, definition(name))
		}
		out = append(out, e)
	}
	return out
})

// definition reads keep?, or amount=收到的拨缴经费: a field of fields.tsv, that
// need not be filled in, by another label.
func definition(text string) EventField {
	text, label, _ := strings.Cut(text, "=")
	name, optional := strings.CutSuffix(text, "?")
	f, ok := definitions()[name]
	if !ok {
		panic("books: no field " + name)
	}
	f.Optional = optional || f.Kind == Bank || name == "owner"
	if label != "" {
		f.Label = label
	}
	return f
}

var definitions = sync.OnceValue(func() map[string]EventField {
	out := map[string]EventField{}
	for _, f := range table(fieldsText, 4) {
		out[f[0]] = EventField{Name: f[0], Kind: f[1], Label: f[2], Help: f[3]}
	}
	return out
})

// entries reads the lines of a template. The text is ours: what cannot be read
// stops the program.
func entries(text string) (out []entry) {
	for part := range strings.SplitSeq(text, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		if len(words) != 3 || words[0] != "D" && words[0] != "C" {
			panic("books: entry " + part)
		}
		x := entry{debit: words[0] == "D"}
		account, mark, _ := strings.Cut(words[1], "@")
		x.mark = mark
		if inside, ok := strings.CutPrefix(account, "{"); ok {
			var options string
			x.field, options, _ = strings.Cut(strings.TrimSuffix(inside, "}"), ":")
			account = options
		}
		x.accounts = strings.Split(account, ",")
		var sum string
		sum, x.either = strings.CutPrefix(words[2], "±")
		x.terms = terms(sum)
		out = append(out, x)
	}
	return out
}

// terms reads amount-amount*up%.
func terms(text string) (out []term) {
	for text != "" {
		t := term{minus: text[0] == '-'}
		text = strings.TrimLeft(text, "+-")
		end := strings.IndexAny(text, "+-")
		if end < 0 {
			end = len(text)
		}
		t.money, t.percent, _ = strings.Cut(strings.TrimSuffix(text[:end], "%"), "*")
		out = append(out, t)
		text = text[end:]
	}
	return out
}
