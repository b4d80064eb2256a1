package law

import (
	_ "embed"
	"slices"
	"sync"
)

//go:embed papers.tsv
var papersText string

// When a paper is asked for.
const (
	Must          = "must"           // always
	May           = "may"            // where the place asks for it
	OfPremises    = "premises"       // if nothing but the premises change
	BeyondPremise = "beyond_premise" // if anything beyond the premises changes
)

// Need is one paper (材料) that a case must bring.
type Need struct {
	Case       string     `json:"case"`
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	When       string     `json:"when"`
	Region     string     `json:"region"`
	Rule       string     `json:"rule"`
	Citation   string     `json:"citation"`
	Confidence Confidence `json:"confidence"`
}

var papers = sync.OnceValue(func() (all []Need) {
	for _, f := range table(papersText, 8) {
		all = append(all, Need{f[0], f[1], f[2], f[3], f[4], f[5], f[6], Confidence(f[7])})
	}
	return all
})

// PapersOf lists the papers of a kind of case at a place: those of the
// narrowest region that has a list of its own.
//
// law: LEG-06
func PapersOf(kind string, at Place) (out []Need) {
	rank := -1
	for _, n := range papers() {
		if n.Case == kind {
			rank = max(rank, slices.Index(at, n.Region))
		}
	}
	for _, n := range papers() {
		if n.Case == kind && rank >= 0 && n.Region == at[rank] {
			out = append(out, n)
		}
	}
	return out
}
