// Package manual is the users' manual (帮助): a page per task, in the words of
// the screens, opened from the ? of each. The pages are Markdown files of our
// own, so that what they hold needs no cleaning.
package manual

import (
	"bytes"
	"embed"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

//go:embed pages/*.md
var files embed.FS

// parts is the table of contents: each page by its name in the address.
var parts = []struct {
	title string
	names []string
}{
	{"开始", []string{"sign-in", "second-factor", "other-doors", "desk", "setup", "keyboard"}},
	{"工会组织", []string{"unions", "union-changes", "bodies", "terms", "extension", "vacancies", "women"}},
	{"办理事项", []string{"cases", "cases-review", "replies", "legal"}},
	{"会员", []string{"members", "applications", "transfers", "partings", "find", "reveal", "twins", "join", "card", "yearly"}},
	{"会计账务", []string{"year-of-books", "books", "events", "vouchers", "posting", "corrections", "voucher-print", "statements", "statements-below", "ledgers", "filing", "openings", "month-close", "reopen", "year-close", "transition", "journals", "bank-statements", "reconciliation", "cash-count", "receipts", "invoices", "aging", "flags", "books-export", "books-archive", "officer-change"}},
	{"个人信息", []string{"my-data", "consent", "data-requests", "retention", "privacy"}},
	{"资产", []string{"assets", "depreciation", "asset-disposal", "stock", "counts"}},
	{"导入与导出", []string{"import", "undo", "export", "papers"}},
	{"规则", []string{"rules", "calendar"}},
	{"系统", []string{"accounts", "trusted", "sign-in-safety", "log", "tokens", "ways", "channels", "hooks", "exchange", "backup"}},
}

// screens says which page tells of the screens below an address; the longest
// address that fits wins.
var screens = map[string]string{
	"/grassroots/finance/events":         "events",
	"/":                                  "desk",
	"/account":                           "sign-in",
	"/account/links":                     "other-doors",
	"/account/messages":                  "ways",
	"/account/second":                    "second-factor",
	"/account/tokens":                    "tokens",
	"/api":                               "tokens",
	"/apply":                             "join",
	"/audit":                             "log",
	"/card":                              "card",
	"/grassroots/finance/assets":         "assets",
	"/grassroots/finance/assets/matters": "asset-disposal",
	"/grassroots/finance/assets/runs":    "depreciation",
	"/grassroots/finance/bank":           "journals",
	"/grassroots/finance/bank/counts":    "cash-count",
	"/grassroots/finance/bank/matching":  "bank-statements",
	"/grassroots/finance/bank/reconciliation": "reconciliation",
	"/grassroots/finance/bank/statements":     "bank-statements",
	"/grassroots/finance/bill/aging":          "aging",
	"/grassroots/finance/bill/books":          "receipts",
	"/grassroots/finance/bill/files":          "invoices",
	"/grassroots/finance/bill/flags":          "flags",
	"/grassroots/finance/bill/invoices":       "invoices",
	"/grassroots/finance/bill/receipts":       "receipts",
	"/grassroots/finance/books":               "ledgers",
	"/grassroots/finance/counts":              "counts",
	"/grassroots/finance/filings":             "filing",
	"/grassroots/finance/ledger":              "books",
	"/grassroots/finance/ledger/balances":     "ledgers",
	"/grassroots/finance/ledger/moves":        "transition",
	"/grassroots/finance/ledger/openings":     "openings",
	"/grassroots/finance/ledger/periods":      "month-close",
	"/grassroots/finance/ledger/runs":         "month-close",
	"/grassroots/finance/ledger/templates":    "vouchers",
	"/grassroots/finance/ledger/vouchers":     "posting",
	"/grassroots/finance/ledger/vouchers/new": "vouchers",
	"/grassroots/finance/ledger/years":        "year-close",
	"/grassroots/finance/statements":          "statements",
	"/grassroots/finance/stock":               "stock",
	"/grassroots/finance/handover":            "books-export",
	"/grassroots/finance/handover/archives":   "books-archive",
	"/grassroots/finance/handover/expired":    "books-archive",
	"/grassroots/finance/handover/officers":   "officer-change",
	"/grassroots/registry/applications":       "applications",
	"/grassroots/registry/bodies":             "bodies",
	"/grassroots/registry/imports":            "import",
	"/grassroots/registry/invites":            "applications",
	"/grassroots/registry/legal":              "legal",
	"/grassroots/registry/members":            "members",
	"/grassroots/registry/papers":             "papers",
	"/grassroots/registry/partings":           "partings",
	"/grassroots/registry/procedures":         "cases",
	"/grassroots/registry/requests":           "data-requests",
	"/grassroots/registry/retention":          "retention",
	"/grassroots/registry/seats":              "bodies",
	"/grassroots/registry/terms":              "terms",
	"/grassroots/registry/terms/bodies":       "extension",
	"/grassroots/registry/terms/extensions":   "extension",
	"/grassroots/registry/terms/moves":        "vacancies",
	"/grassroots/registry/terms/seats":        "vacancies",
	"/grassroots/registry/terms/unions":       "vacancies",
	"/grassroots/registry/transfers":          "transfers",
	"/grassroots/registry/twins":              "twins",
	"/grassroots/registry/unions":             "unions",
	"/grassroots/registry/unions/new":         "union-changes",
	"/grassroots/registry/women":              "women",
	"/grassroots/registry/yearly":             "yearly",
	"/jobs":                                   "desk",
	"/join":                                   "join",
	"/law/calendar":                           "calendar",
	"/law/params":                             "rules",
	"/law/rules":                              "rules",
	"/login":                                  "sign-in",
	"/login/code":                             "other-doors",
	"/login/outside":                          "other-doors",
	"/login/second":                           "second-factor",
	"/me":                                     "reveal",
	"/me/card":                                "card",
	"/me/consents":                            "consent",
	"/me/data":                                "my-data",
	"/me/looks":                               "my-data",
	"/me/requests":                            "my-data",
	"/me/transfer":                            "transfers",
	"/messages":                               "desk",
	"/privacy":                                "consent",
	"/search":                                 "find",
	"/setup":                                  "setup",
	"/system/accounts":                        "accounts",
	"/system/accounts/rules":                  "sign-in",
	"/system/channels":                        "channels",
	"/system/drills":                          "backup",
	"/system/exchange":                        "exchange",
	"/system/hooks":                           "hooks",
	"/system/outbox":                          "channels",
	"/system/privacy":                         "privacy",
	"/system/privacy/notices":                 "consent",
	"/system/security":                        "sign-in-safety",
	"/verify":                                 "papers",
}

// acts are the last words of addresses that a page of its own tells of.
var acts = map[string]string{
	"rename": "union-changes", "move": "union-changes", "merge": "union-changes", "close": "union-changes",
	"reopen": "reopen", "take": "cases-review", "bodies": "bodies", "fill": "bodies", "trust": "trusted", "undo": "undo", "papers": "papers",
	"correct": "corrections",
}

// PageFor is the address of the manual page for a screen.
func PageFor(path string) string {
	if path == "/help" || strings.HasPrefix(path, "/help/") {
		return "/help"
	}
	base := ""
	for p := path; ; p = p[:max(1, strings.LastIndexByte(p, '/'))] {
		if name, ok := screens[p]; ok && (p != "/" || path == "/") {
			base = name
			break
		}
		if p == "/" {
			return "/help"
		}
	}
	last := path[strings.LastIndexByte(path, '/')+1:]
	if name, ok := acts[last]; ok && strings.Count(path, "/") > 3 {
		base = name
	}
	return "/help/" + base
}

// entry is one page of the manual.
type entry struct {
	name, title, lead string
	text              string // what follows the title
}

type book struct {
	entries []entry // in the order of parts
	at      map[string]int
}

// contents reads the titles and first sentences of all pages, once.
var contents = sync.OnceValue(func() book {
	b := book{at: map[string]int{}}
	for _, p := range parts {
		for _, name := range p.names {
			b.at[name] = len(b.entries)
			b.entries = append(b.entries, read(name))
		}
	}
	return b
})

// read takes a page apart: its title, its first sentence, the rest.
func read(name string) entry {
	text, err := files.ReadFile("pages/" + name + ".md")
	if err != nil {
		panic(err) // embedded at build time
	}
	head, rest, _ := strings.Cut(string(text), "\n")
	return entry{name, strings.TrimPrefix(head, "# "), sentence(rest), strings.TrimSpace(rest)}
}

var bold = regexp.MustCompile(`\*\*([^*]+)\*\*`)

// sentence is the first of a text, headings left out.
func sentence(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			first, _, _ := strings.Cut(line, "。")
			return strings.TrimRight(strings.ReplaceAll(bold.ReplaceAllString(first, "$1"), "`", ""), "：") + "。"
		}
	}
	return ""
}

// setter turns Markdown into HTML; line ends between Chinese signs vanish.
var setter = sync.OnceValue(func() goldmark.Markdown {
	return goldmark.New(goldmark.WithExtensions(extension.Table, extension.CJK))
})

func set(text string) (string, error) {
	var b bytes.Buffer
	if err := setter().Convert([]byte(text), &b); err != nil {
		return "", fmt.Errorf("manual: %w", err)
	}
	html := strings.ReplaceAll(b.String(), "<table>", `<table class="t plain">`)
	return strings.NewReplacer("<thead>\n<tr>\n<th></th>", "<thead>\n<tr>\n<td></td>").Replace(html), nil
}

// Find returns pages whose title or text holds q, titles first: for the search
// of the whole house.
func Find(q string, limit int) (out []Topic) {
	q = strings.ToLower(q)
	for _, inTitle := range []bool{true, false} {
		for _, e := range contents().entries {
			titled := strings.Contains(strings.ToLower(e.title), q)
			if len(out) < limit && titled == inTitle && (titled || strings.Contains(strings.ToLower(e.text), q)) {
				out = append(out, e.topic())
			}
		}
	}
	return out
}

// Topic is a page of the manual as a list shows it.
type Topic struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	Lead  string `json:"lead"`
	Href  string `json:"href"`
}

func (e entry) topic() Topic { return Topic{e.name, e.title, e.lead, "/help/" + e.name} }
