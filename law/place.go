package law

import "strconv"

// Place is where a question is asked, from the widest to the narrowest: the
// nation, province and city (GB/T 2260 codes), then the committee.
type Place []string

// Nation is a place without local rules.
var Nation = Place{"CN"}

// PlaceOf reads where a tenant stands off its number, which is the six digits
// of its area followed by four of its own: 2106000001 is the first committee
// of the city 210600 in the province 210000.
func PlaceOf(tenant int64) Place {
	n := strconv.FormatInt(tenant, 10)
	if len(n) != 10 {
		return Nation
	}
	return Place{"CN", n[:2] + "0000", n[:4] + "00", n}
}
