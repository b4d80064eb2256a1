package hall_test

import (
	"testing"

	"unionhall/hall/city"
)

// A small city has the same demo accounts as a large one: what has not enough
// unions for it is left out.
func TestSmallDemo(t *testing.T) {
	for _, p := range []city.Plan{{Unions: 10, Members: 100, Years: 1, Seed: 1}, {Unions: 12, Members: 150, Years: 3, Seed: 3}} {
		s := raise(t, "sqlite", p)
		for login := range offices {
			if a := s.as(t, login).page(t, "/"); a.code != 200 {
				t.Errorf("%d unions: the work table of %s: %s", p.Unions, login, a)
			}
		}
	}
}
