package ledger

import (
	"context"
	"slices"
	"strings"
	"sync"

	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/zh"
	"unionhall/law/books"
)

// Choice is an account as the form of a voucher offers it.
type Choice struct {
	Code    string   `json:"code"`
	Name    string   `json:"name"`
	Keys    string   `json:"-"`                 // pinyin and initials, to find it by
	Sources []string `json:"sources,omitempty"` // what the source of its line may be
	Owned   bool     `json:"owned,omitempty"`   // the source says whose asset it is (F3.5)
}

// shown is what the field holds when the account was chosen.
//
// law: F3.3
func (c Choice) shown() string { return c.Code + " " + c.Name }

// source says for the script what may stand in the source of a line.
func (c Choice) source() string {
	if c.Owned {
		return "own"
	}
	return strings.Join(c.Sources, " ")
}

// lastName is what the account alone is called, without those above it.
func lastName(name string) string {
	parts := strings.Split(name, "—")
	return parts[len(parts)-1]
}

// spelled remembers how the names of accounts are spelled: there are a few
// hundred, and each page shows them all.
var spelled sync.Map

// asRead puts characters of the one right reading in place of those that are
// read otherwise in these words.
var asRead = strings.NewReplacer("银行", "银航", "长期", "常期", "调剂", "条剂", "调整", "条整", "调节", "条节", "会计", "快计", "行政", "形政", "重", "众")

func keysOf(name string) string {
	if k, ok := spelled.Load(name); ok {
		return k.(string)
	}
	var keys []string
	for _, n := range []string{strings.ReplaceAll(name, "—", ""), lastName(name)} {
		for _, way := range []string{asRead.Replace(n), n} {
			for _, k := range []string{zh.UnitInitials(way), zh.UnitLetters(way)} {
				if !slices.Contains(keys, k) {
					keys = append(keys, k)
				}
			}
		}
	}
	k := strings.Join(keys, " ")
	spelled.Store(name, k)
	return k
}

// choices are the accounts that may carry entries, those of the book's level
// first.
//
// law: F3.3, F3.5, F3.12
func (a Accounts) choices(level string) []Choice {
	var first, rest []Choice
	for _, acc := range a.All() {
		if !acc.Leaf {
			continue
		}
		name := a.Name(acc.Code)
		c := Choice{Code: acc.Code, Name: name, Keys: keysOf(name), Sources: books.Sources(acc), Owned: acc.System == books.A21 && (acc.Class == books.Asset || books.Top(acc.Code) == "301")}
		if level == "county" || books.Grassroots(acc) || a.isOwn(acc.Code) {
			first = append(first, c)
		} else {
			rest = append(rest, c)
		}
	}
	return append(first, rest...)
}

// isOwn reports whether the office added the account itself.
func (a Accounts) isOwn(code string) bool {
	_, stated := books.Find(a.System, code)
	return !stated
}

// Lookup is the code of what somebody typed for an account: a code, a code
// with its name, a name, or the name's pinyin or initials, as far as one
// account alone answers to it. What is none comes back as it was typed.
func (a Accounts) Lookup(text string) string {
	text = strings.TrimSpace(zh.Narrow(text))
	code := firstWord(text)
	if _, ok := a.Find(code); ok || text == "" {
		return code
	}
	want, found := strings.ToLower(text), []string{}
	for _, c := range a.choices("county") {
		if c.Name == text || lastName(c.Name) == text || slices.Contains(strings.Fields(c.Keys), want) {
			found = append(found, c.Code)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return code
}

// most typed lines are looked up; a voucher of more is refused anyway.
const lookedUp = 1000

// resolved puts the codes of accounts in place of what was typed for them.
func (a Accounts) resolved(typed []Typed) []Typed {
	if len(typed) > lookedUp {
		return typed
	}
	out := slices.Clone(typed)
	for i := range out {
		out[i].Account = a.Lookup(out[i].Account)
	}
	return out
}

// sourceOptions are what the source of a line may be: of income and
// expenditure where the money comes from, of an asset whose it is.
//
// law: F3.5, F3.12
func sourceOptions() []ui.Option {
	return []ui.Option{
		{Value: "", Text: "—"},
		{Value: books.FR, Text: "工会资金（非专项），或工会资产"},
		{Value: books.SP, Text: books.SourceLabel(books.SP)},
		{Value: books.FT, Text: "财政拨款，或国有资产"},
	}
}

// sourceWord names the source of a line of an account.
func sourceWord(a books.Account, source string) string {
	if source == "" || a.Class == books.Income || a.Class == books.Expense {
		return books.SourceLabel(source)
	}
	switch source {
	case books.FT:
		return "国有资产"
	case books.FR:
		return "工会资产"
	}
	return books.SourceLabel(source)
}

// projectOptions are what a line may be for: basic spending, or a project
// that has not ended.
//
// law: F3.4
func projectOptions(all []Project) []ui.Option {
	out := []ui.Option{{Value: "", Text: "—"}, {Value: Staff, Text: "基本支出·人员经费"}, {Value: Office, Text: "基本支出·公用经费"}}
	for _, p := range all {
		if p.Ended == "" {
			out = append(out, ui.Option{Value: p.ID, Text: p.Code + " " + p.Name})
		}
	}
	return out
}

const (
	mostSummaries = 40
	readSummaries = 200
)

// summaries are what the union's latest vouchers were about, each once.
func summaries(ctx context.Context, tx *sqldb.Tx, g auth.Grant, book string) ([]string, error) {
	all, err := sqldb.List(ctx, tx, sqldb.Text, `
		SELECT v.summary FROM vouchers v JOIN books b ON b.tenant_id = v.tenant_id AND b.id = v.book_id
		WHERE v.tenant_id = $1 AND v.nature = 'normal' AND b.union_id = (SELECT o.union_id FROM books o WHERE o.tenant_id = $1 AND o.id = $2) AND b.year >= (SELECT o.year - 1 FROM books o WHERE o.tenant_id = $1 AND o.id = $2)
		ORDER BY v.id DESC LIMIT $3`, g.Tenant(), book, int64(readSummaries))
	out := []string{}
	for _, s := range all {
		if len(out) < mostSummaries && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out, err
}
