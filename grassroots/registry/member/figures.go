package member

import "strings"

// Figures is how the counts of members moved, by union: a value that can be
// kept and counted later. Keys are union|status|sex and union|month.
type Figures struct {
	Heads  map[string]int64    `json:"h,omitempty"`
	Months map[string][2]int64 `json:"m,omitempty"`
}

// Add counts other into f, sign times.
func (f *Figures) Add(other Figures, sign int64) {
	if f.Heads == nil {
		f.Heads, f.Months = map[string]int64{}, map[string][2]int64{}
	}
	for k, n := range other.Heads {
		f.Heads[k] += sign * n
	}
	for k, v := range other.Months {
		was := f.Months[k]
		f.Months[k] = [2]int64{was[0] + sign*v[0], was[1] + sign*v[1]}
	}
}

// Take returns the figures the batch moved so far, and forgets them: whoever
// takes them has to Give them to a later batch.
func (b *Batch) Take() Figures {
	f := Figures{map[string]int64{}, map[string][2]int64{}}
	for k, n := range b.figures {
		f.Heads[k.union+"|"+string(k.status)+"|"+string(k.sex)] = n
	}
	for k, v := range b.months {
		f.Months[k.union+"|"+k.month] = v
	}
	clear(b.figures)
	clear(b.months)
	return f
}

// Give counts figures that another batch took.
func (b *Batch) Give(f Figures) {
	for k, n := range f.Heads {
		p := strings.Split(k, "|")
		b.figures[figure{p[0], Status(p[1]), Sex(p[2])}] += n
	}
	for k, v := range f.Months {
		u, m, _ := strings.Cut(k, "|")
		was := b.months[month{u, m}]
		b.months[month{u, m}] = [2]int64{was[0] + v[0], was[1] + v[1]}
	}
}
