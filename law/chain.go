package law

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"unionhall/kit/day"
)

// Kinds of parameters that are words.
const (
	Ladder  Kind = "chain"   // 工委批准,市总工会备案
	Pattern Kind = "pattern" // 滨直工复〔{年}〕{号}号
)

// Mode is what a body does in an approval chain.
type Mode string

const (
	Approves Mode = "批准"   // without it nothing happens
	Opines   Mode = "签署意见" // the higher union's word, for who decides above it
	Files    Mode = "备案"   // is told afterwards
)

// Stage is one level of an approval chain (审批链): a body and what it does.
type Stage struct {
	Body string `json:"body"`
	Mode Mode   `json:"mode"`
}

// Chain is a list of stages from the nearest body upwards. The first is the
// office itself; the others answer by letter.
//
// law: ORG-02
type Chain []Stage

// String writes the chain as a parameter holds it.
func (c Chain) String() string {
	out := make([]string, len(c))
	for i, s := range c {
		out[i] = s.Body + string(s.Mode)
	}
	return strings.Join(out, ",")
}

// Decides reports whether a stage after the one at level still has to approve.
func (c Chain) Decides(level int) bool {
	for _, s := range c[min(level+1, len(c)):] {
		if s.Mode == Approves {
			return true
		}
	}
	return false
}

const longestStages = 5

// Chain reads an approval chain: at least one body approves, nobody approves
// after another has filed, and only the first gives an opinion.
func (p Param) Chain() (out Chain, err error) {
	approves := false
	for s := range strings.SplitSeq(strings.ReplaceAll(p.Value, "，", ","), ",") {
		s = strings.TrimSpace(s)
		stage := Stage{}
		for _, m := range []Mode{Approves, Opines, Files} {
			if body, ok := strings.CutSuffix(s, string(m)); ok {
				stage = Stage{strings.TrimSpace(body), m}
			}
		}
		n := utf8.RuneCountInString(stage.Body)
		switch {
		case n == 0 || n > 20:
			return nil, p.unreadable()
		case stage.Mode == Opines && len(out) > 0, stage.Mode == Files && len(out) == 0:
			return nil, p.unreadable()
		case stage.Mode == Approves && len(out) > 0 && out[len(out)-1].Mode == Files:
			return nil, p.unreadable()
		}
		approves = approves || stage.Mode == Approves
		out = append(out, stage)
	}
	if !approves || len(out) > longestStages {
		return nil, p.unreadable()
	}
	return out, nil
}

// Numbering writes numbers of documents: 滨直工复〔2026〕3号.
type Numbering string

// Of writes the number n of a year.
func (n Numbering) Of(year int, no int64) string {
	return strings.NewReplacer("{年}", strconv.Itoa(year), "{号}", strconv.FormatInt(no, 10)).Replace(string(n))
}

// Pattern reads how documents are numbered: year and number stand in it once.
func (p Param) Pattern() (Numbering, error) {
	if strings.Count(p.Value, "{年}") != 1 || strings.Count(p.Value, "{号}") != 1 || utf8.RuneCountInString(p.Value) > 40 {
		return "", p.unreadable()
	}
	return Numbering(p.Value), nil
}

// Chain is Find for an approval chain.
func (b Book) Chain(id string, at Place, on day.Day) (Chain, error) {
	p, err := b.Find(id, at, on)
	if err != nil {
		return nil, err
	}
	return p.Chain()
}

// Pattern is Find for a way of numbering documents.
func (b Book) Pattern(id string, at Place, on day.Day) (Numbering, error) {
	p, err := b.Find(id, at, on)
	if err != nil {
		return "", err
	}
	return p.Pattern()
}
