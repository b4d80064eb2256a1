package intake

import (
	"slices"
	"strings"
	"unicode/utf8"

	"unionhall/grassroots/registry"
	"unionhall/kit/zh"
)

// resolver understands what an office writes for a union: its code, its name,
// the unit's name, or a short form that fits exactly one.
type resolver struct {
	exact  map[string][]*registry.Union // code, name, short name, unit
	tails  map[string]*registry.Union   // the end of a unit's name; nil where it fits several
	within map[string]bool              // ids that the importer reaches
	names  []string
	seen   map[string]answer
}

// answer is what a written name came to.
type answer struct {
	union registry.Ref
	code  string   // of the problem, empty for none
	like  []string // 您是否指…
}

// hint asks whether another union was meant.
func (a answer) hint() string {
	if len(a.like) == 0 {
		return ""
	}
	return "您是否指：" + strings.Join(a.like, "、") + "？"
}

// shortest is how long a short form must at least be, in characters.
const shortest = 3

func newResolver(known []registry.Union, within map[string]bool) *resolver {
	r := &resolver{exact: map[string][]*registry.Union{}, tails: map[string]*registry.Union{}, within: within, seen: map[string]answer{}}
	for i := range known {
		u := &known[i]
		if u.State != registry.Standing {
			continue
		}
		r.names = append(r.names, u.Name)
		unit := zh.Stem(u.Name)
		for _, n := range []string{u.Code, zh.Squeeze(u.Name), zh.Squeeze(u.ShortName), unit} {
			if n != "" && !slices.Contains(r.exact[n], u) {
				r.exact[n] = append(r.exact[n], u)
			}
		}
		for at := range unit {
			if at == 0 || utf8.RuneCountInString(unit[at:]) < shortest {
				continue
			}
			if other, taken := r.tails[unit[at:]]; taken && other != u {
				r.tails[unit[at:]] = nil
			} else {
				r.tails[unit[at:]] = u
			}
		}
	}
	return r
}

// find resolves one written name; the same text is only worked out once.
func (r *resolver) find(written string) answer {
	if a, ok := r.seen[written]; ok {
		return a
	}
	a := r.work(written)
	r.seen[strings.Clone(written)] = a
	return a
}

func (r *resolver) work(written string) answer {
	name := zh.Squeeze(written)
	fits := r.exact[name]
	if len(fits) == 0 {
		fits = r.exact[zh.Stem(name)]
	}
	if len(fits) == 0 {
		if u := r.tails[zh.Stem(name)]; u != nil {
			fits = []*registry.Union{u}
		}
	}
	switch {
	case len(fits) == 1 && r.within[fits[0].ID]:
		return answer{union: fits[0].Ref()}
	case len(fits) == 1:
		return answer{union: fits[0].Ref(), code: "union.reach"}
	case len(fits) > 1:
		like := make([]string, 0, len(fits))
		for _, u := range fits {
			like = append(like, u.Name)
		}
		return answer{code: "union.unknown", like: like}
	}
	return answer{code: "union.unknown", like: zh.Similar(name, r.names, 3)}
}
