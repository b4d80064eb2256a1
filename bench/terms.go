package main

import "context"

// termUnions is how many unions the calendar of terms is measured with, and
// termMembers how many members these have.
const (
	termUnions  = 3_000
	termMembers = 30_000
)

// terms measures the calendar of terms of many unions: the map and the first
// page, the months of the unions, and what one month holds.
func (b *bench) terms(ctx context.Context) error {
	data, err := b.cityOf(ctx, termUnions, termMembers)
	if err != nil {
		return err
	}
	s, err := b.product(ctx, data)
	if err != nil {
		return err
	}
	defer s.stop()
	if err := s.signIn(ctx); err != nil {
		return err
	}
	for _, p := range []struct{ name, path string }{
		{"calendar, map and 50 rows", "/grassroots/registry/terms"},
		{"calendar, one quarter", "/grassroots/registry/terms?month=2028-Q1"},
		{"calendar, months by unions", "/grassroots/registry/terms?view=months"},
	} {
		var best figures
		for round := range b.rounds + 1 {
			r, err := s.load(ctx, 1, b.spanOf(round), htmlList.accept, []string{p.path})
			if err != nil {
				return err
			}
			if round > 0 {
				best.best(r)
			}
		}
		b.table.most("terms of 3,000 unions, "+p.name+": CPU a request", amount{}, amount{best.cpu, millis}, 20)
		b.table.note("terms of 3,000 unions, "+p.name+": p99 of one connection", amount{}, amount{best.p99, millis})
	}
	return nil
}
