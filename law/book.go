package law

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"unionhall/kit/day"
)

//go:embed params.tsv
var paramsText string

// Param is one value of one parameter, for a region, between two days.
type Param struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"` // what an officer reads
	Kind       Kind       `json:"kind"`
	Value      string     `json:"value"`
	Unit       Unit       `json:"unit"`
	Region     string     `json:"region"` // CN, a GB/T 2260 code, or a tenant's number
	From       day.Day    `json:"from"`   // no day: from the first
	To         day.Day    `json:"to"`     // no day: until further notice
	Rule       string     `json:"rule"`   // the clause it belongs to
	Citation   string     `json:"citation"`
	Confidence Confidence `json:"confidence"`
}

// Pending reports whether the value is 待核实: shown, but binding nobody until
// the office confirms it.
func (p Param) Pending() bool { return p.Confidence == Recalled }

// Own is a value that an office set for itself, or one it confirmed by writing
// down the same value: who did, by which document and when.
type Own struct {
	Param
	By       string  `json:"by"`
	Document string  `json:"document"`
	On       day.Day `json:"on"`
}

// ErrNoValue says that a parameter had no value at the place on the day, as
// before its regulation came into force.
var ErrNoValue = errors.New("no value in force")

// Book holds parameters: those we ship, and an office's own over them. The
// zero Book is what we ship.
type Book struct {
	shelf *shelf           // nil: the shipped ones
	own   map[string][]Own // by parameter
}

// Shipped is the book as delivered, without any office's own values.
var Shipped Book

type shelf struct {
	ids  []string // in the order of the file
	byID map[string][]Param
}

var shipped = sync.OnceValue(func() *shelf {
	var all []Param
	for _, f := range table(paramsText, 11) {
		all = append(all, Param{f[0], f[1], Kind(f[2]), f[3], Unit(f[4]), f[5],
			day.Day(f[6]), day.Day(f[7]), f[8], f[9], Confidence(f[10])})
	}
	return arrange(all)
})

func arrange(params []Param) *shelf {
	s := &shelf{byID: map[string][]Param{}}
	for _, p := range params {
		if s.byID[p.ID] == nil {
			s.ids = append(s.ids, p.ID)
		}
		s.byID[p.ID] = append(s.byID[p.ID], p)
	}
	return s
}

func (b Book) params() *shelf {
	if b.shelf == nil {
		return shipped()
	}
	return b.shelf
}

// With returns the book with an office's own values over it. A value whose
// parameter is not in the book is left out: the release that knew it is gone.
// Name, kind, unit and rule stay those of the book.
func (b Book) With(own []Own) Book {
	out := Book{shelf: b.shelf, own: map[string][]Own{}}
	maps.Copy(out.own, b.own)
	for _, o := range own {
		known := b.params().byID[o.ID]
		if len(known) == 0 {
			continue
		}
		last := known[len(known)-1]
		o.Name, o.Kind, o.Rule, o.Confidence = last.Name, last.Kind, last.Rule, Confirmed
		if o.Unit == "" {
			o.Unit = last.Unit
		}
		out.own[o.ID] = append(slices.Clip(out.own[o.ID]), o)
	}
	return out
}

// Find returns the value of id in force at the place on the day: the narrowest
// region that has one wins over the wider ones, an office's own over ours, and
// of two such the one that came into force later. Without any value there and then it is
// ErrNoValue, never a guess.
func (b Book) Find(id string, at Place, on day.Day) (Param, error) {
	best, rank := Param{}, -1
	consider := func(p Param, own bool) {
		if p.From > on || p.To != "" && on > p.To {
			return
		}
		r := slices.Index(at, p.Region)
		later := own && best.Confidence != Confirmed || p.From >= best.From
		if r > rank || r >= 0 && r == rank && later {
			best, rank = p, r
		}
	}
	for _, p := range b.params().byID[id] {
		consider(p, false)
	}
	for _, o := range b.own[id] {
		consider(o.Param, true)
	}
	if rank < 0 {
		return Param{}, fmt.Errorf("law: %s for %v on %s: %w", id, at, on, ErrNoValue)
	}
	return best, nil
}

// Own returns the office's own value of id that is in force at the place on
// the day, with who set it and by which document.
func (b Book) Own(id string, at Place, on day.Day) (own Own, ok bool) {
	p, err := b.Find(id, at, on)
	if err != nil {
		return Own{}, false
	}
	for _, o := range b.own[id] {
		if o.Param == p {
			own, ok = o, true
		}
	}
	return own, ok
}

// All returns the value in force of every parameter that has one at the place
// on the day, in the order of the rulebook.
func (b Book) All(at Place, on day.Day) (out []Param) {
	for _, id := range b.params().ids {
		if p, err := b.Find(id, at, on); err == nil {
			out = append(out, p)
		}
	}
	return out
}

// IDs returns the parameters of the book in its order.
func (b Book) IDs() []string { return slices.Clone(b.params().ids) }

// Values returns every value of a parameter, past and present, of every
// region, with the office's own at the end.
func (b Book) Values(id string) []Param {
	out := slices.Clone(b.params().byID[id])
	for _, o := range b.own[id] {
		out = append(out, o.Param)
	}
	return out
}
