package member

import (
	"context"
	"maps"
	"slices"
	"strings"

	"unionhall/kit/day"
)

// Figures is how the counts of members moved, by union: a value that can be
// kept and counted later. Keys are union|status|sex, union|month and
// union|year of birth, of the counted ones.
type Figures struct {
	Heads  map[string]int64    `json:"h,omitempty"`
	Months map[string][2]int64 `json:"m,omitempty"`
	Years  map[string]int64    `json:"y,omitempty"`
}

func newFigures() Figures {
	return Figures{map[string]int64{}, map[string][2]int64{}, map[string]int64{}}
}

// Add counts other into f, sign times.
func (f *Figures) Add(other Figures, sign int64) {
	if f.Heads == nil {
		*f = newFigures()
	}
	for k, n := range other.Heads {
		f.Heads[k] += sign * n
	}
	for k, v := range other.Months {
		was := f.Months[k]
		f.Months[k] = [2]int64{was[0] + sign*v[0], was[1] + sign*v[1]}
	}
	for k, n := range other.Years {
		f.Years[k] += sign * n
	}
}

// count takes m into the figures of its union, or out of them.
//
// law: MEM-19
func (b *Batch) count(m Member, n int64) {
	u := m.Union.ID + "|"
	b.figures.Heads[u+string(m.Status)+"|"+string(m.Person.Sex)] += n
	for i, d := range []day.Day{m.Joined, m.LeftDay} {
		if d != "" {
			v := b.figures.Months[u+string(d[:7])]
			v[i] += n
			b.figures.Months[u+string(d[:7])] = v
		}
	}
	if m.Status.Counts() && m.Person.Birthday != "" {
		b.figures.Years[u+string(m.Person.Birthday[:4])] += n
	}
}

// Take returns the figures the batch moved so far, and forgets them: whoever
// takes them has to Give them to a later batch.
func (b *Batch) Take() Figures {
	f := b.figures
	b.figures = newFigures()
	return f
}

// Give counts figures that another batch took.
func (b *Batch) Give(f Figures) { b.figures.Add(f, 1) }

// Flush writes the figures that the batch moved. It comes once, at the end;
// rows are touched in the order of their keys, so that two batches can't wait
// for each other.
func (b *Batch) Flush(ctx context.Context) error {
	f, totals := b.Take(), map[string]int64{}
	for _, k := range slices.Sorted(maps.Keys(f.Heads)) {
		part := strings.Split(k, "|")
		totals[part[1]+"|"+part[2]] += f.Heads[k]
		err := b.add(ctx, f.Heads[k], `
			INSERT INTO member_figures (tenant_id, union_id, status, sex, n) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (tenant_id, union_id, status, sex) DO UPDATE SET n = member_figures.n + excluded.n`, part[0], part[1], part[2], f.Heads[k])
		if err != nil {
			return err
		}
	}
	for _, k := range slices.Sorted(maps.Keys(f.Months)) {
		union, month, _ := strings.Cut(k, "|")
		v := f.Months[k]
		err := b.add(ctx, v[0]|v[1], `
			INSERT INTO member_months (tenant_id, union_id, month, joined, gone) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (tenant_id, union_id, month) DO UPDATE SET joined = member_months.joined + excluded.joined, gone = member_months.gone + excluded.gone`,
			union, month, v[0], v[1])
		if err != nil {
			return err
		}
	}
	for _, k := range slices.Sorted(maps.Keys(f.Years)) {
		union, born, _ := strings.Cut(k, "|")
		err := b.add(ctx, f.Years[k], `
			INSERT INTO member_years (tenant_id, union_id, born, n) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant_id, union_id, born) DO UPDATE SET n = member_years.n + excluded.n`, union, born, f.Years[k])
		if err != nil {
			return err
		}
	}
	for _, k := range slices.Sorted(maps.Keys(totals)) {
		status, sex, _ := strings.Cut(k, "|")
		err := b.add(ctx, totals[k], `
			INSERT INTO member_totals (tenant_id, status, sex, n) VALUES ($1, $2, $3, $4)
			ON CONFLICT (tenant_id, status, sex) DO UPDATE SET n = member_totals.n + excluded.n`, status, sex, totals[k])
		if err != nil {
			return err
		}
	}
	return nil
}

// add runs q for a figure that moved.
func (b *Batch) add(ctx context.Context, moved int64, q string, args ...any) error {
	if moved == 0 {
		return nil
	}
	_, err := b.tx.Exec(ctx, q, append([]any{b.g.Tenant()}, args...)...)
	return err
}
