package law

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
)

// indexText is written by package indexer: `go run ./cmd/dev generate`.
//
//go:embed index.tsv
var indexText string

// Status says how far a rule is kept by this release.
type Status string

const (
	Done    Status = "done"    // named in code and in tests
	Partial Status = "partial" // in one of them, or only some of its rules are done
	Open    Status = "open"    // due in this release, and in neither
	Waiting Status = "later"   // due in a later release
)

// Label is how an officer reads the status.
func (s Status) Label() string {
	switch s {
	case Done:
		return "已实现"
	case Partial:
		return "部分实现"
	case Waiting:
		return "以后的版本"
	default:
		return "尚未实现"
	}
}

// IndexRow says where a rule is kept and where that is proved.
type IndexRow struct {
	Rule
	Status Status   `json:"status"`
	Code   []string `json:"code"`  // files, from the root of the repository
	Tests  []string `json:"tests"` // likewise
}

// Index returns every rule of the book with its place in the product.
func Index() []IndexRow { return slices.Clone(index()) }

var index = sync.OnceValue(func() (out []IndexRow) {
	for _, f := range table(indexText, 4) {
		if r, ok := RuleOf(f[0]); ok {
			out = append(out, IndexRow{r, Status(f[1]), strings.Fields(f[2]), strings.Fields(f[3])})
		}
	}
	return out
})
