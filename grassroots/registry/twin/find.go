package twin

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/zh"
)

// trace is what the search for twins keeps of one member: keyed hashes that
// live as long as the search, no number in the clear.
type trace struct {
	id     string
	union  uint64
	open   bool
	sex    member.Sex
	number uint64                // of the document, whatever its kind
	paper  string                // its kind
	marks  [2*checked - 1]uint32 // how an ID number looks with one digit or two neighbours hidden
	blocks [blocks]uint64        // under which it may meet a twin; 0: none
}

// checked is how many digits of an ID number are a person's; the last one
// checks them.
const checked = 17

// The blocks: members meet only within one.
const (
	byNumber    = iota // the same digits under another kind of document
	byOld              // 15 digits and 18 of one card
	byBorn             // name and day of birth
	bySound            // the name's reading, day of birth, union
	byPhone            // phone
	byFirstHalf        // name and the first half of the ID number
	byLastHalf         // name and the last
	blocks
)

// crowd is how many members may share a block: more than so many share a
// phone or a name by chance, and pairs of them say nothing.
const crowd = 200

// hasher makes the hashes of one search.
type hasher struct{ seed maphash.Seed }

func (h hasher) of(parts ...string) uint64 {
	var m maphash.Hash
	m.SetSeed(h.seed)
	for _, p := range parts {
		m.WriteString(p)
		m.WriteByte(0)
	}
	return m.Sum64() | 1
}

// bare is a name without what is written now so, now otherwise: width, blanks,
// dots, case.
func bare(name string) string {
	return strings.ToLower(strings.ReplaceAll(zh.Clean(name), "·", ""))
}

// old15 is the 15-digit number that an 18-digit one was before 1999; other
// numbers are what they are.
func old15(no string) string {
	if len(no) == 18 && no[6:8] == "19" {
		return no[:6] + no[8:17]
	}
	if len(no) == 15 && strings.Trim(no, "0123456789") == "" {
		return no
	}
	return ""
}

// traceOf keeps of a member what the search needs.
func (h hasher) traceOf(m *member.Member) trace {
	p := &m.Person
	name := bare(p.Name)
	no := strings.ToUpper(zh.Squeeze(p.IDNo))
	t := trace{id: m.ID, union: h.of(m.Union.ID), open: m.Status.Open(), sex: p.Sex, paper: p.IDType, number: h.of(no)}
	t.blocks[byNumber] = h.of("no", no)
	if o := old15(no); o != "" {
		t.blocks[byOld] = h.of("15", o)
	}
	if p.Birthday != "" {
		t.blocks[byBorn] = h.of("born", name, string(p.Birthday))
		if sound := zh.Letters(p.Name); sound != "" {
			t.blocks[bySound] = h.of("sound", sound, string(p.Birthday), m.Union.ID)
		}
	}
	if p.Phone != "" {
		t.blocks[byPhone] = h.of("phone", p.Phone)
	}
	if len(no) == 18 {
		t.blocks[byFirstHalf] = h.of("first", name, no[:8])
		t.blocks[byLastHalf] = h.of("last", name, no[9:checked])
		h.mark(&t, no[:checked])
	}
	return t
}

// mark notes how the number looks with each digit hidden, and with each two
// neighbours in one order: two numbers that share such a mark differ in one
// digit, or in two that changed places.
func (h hasher) mark(t *trace, no string) {
	b := []byte(no)
	for i := range b {
		was := b[i]
		b[i] = '*'
		t.marks[i] = uint32(maphash.Bytes(h.seed, b))
		b[i] = was
	}
	for i := range checked - 1 {
		x, y := b[i], b[i+1]
		b[i], b[i+1] = min(x, y), max(x, y)
		t.marks[checked+i] = uint32(maphash.Bytes(h.seed, b) >> 32)
		b[i], b[i+1] = x, y
	}
}

// near reports whether two ID numbers differ in one digit, or in two
// neighbours that changed places.
func near(a, b *trace) bool {
	if a.marks == ([2*checked - 1]uint32{}) || a.number == b.number {
		return false
	}
	same := 0
	for i := range a.marks {
		if a.marks[i] == b.marks[i] {
			same++
		}
	}
	return same > 0
}

// judged is a pair with what speaks for it.
type judged struct {
	a, b    int32
	score   int64
	reasons string
}

// least is the score from which a pair is shown.
const least = 40

// kin says how much speaks for two being one, in words and points.
//
// law: S2-10
func kin(a, b *trace) (score int64, reasons []string) {
	add := func(points int64, words string) {
		score += points
		reasons = append(reasons, words)
	}
	meets := func(block int) bool { return a.blocks[block] != 0 && a.blocks[block] == b.blocks[block] }
	named := meets(byBorn)
	sounds := meets(bySound) && !named
	switch {
	case meets(byNumber):
		add(90, "证件号码相同、证件类别不同")
	case meets(byOld):
		add(90, "15 位旧号与 18 位号是同一证件")
	case (meets(byFirstHalf) || meets(byLastHalf)) && near(a, b):
		add(65, "姓名相同，证件号码只差一位或两位颠倒")
	}
	switch {
	case named && a.paper != b.paper:
		add(65, "姓名和出生日期相同，证件类别不同")
	case named:
		add(40, "姓名和出生日期相同")
	case sounds:
		add(45, "同一工会、出生日期相同、姓名读音相同")
	}
	if meets(byPhone) {
		add(40, "手机号码相同")
	}
	if score > 0 && a.union == b.union && !sounds {
		add(10, "在同一工会")
	}
	if a.sex != b.sex && a.sex != member.Unknown && b.sex != member.Unknown {
		add(-25, "性别不同")
	}
	return min(score, 99), reasons
}

// pairs finds who may be one person among the traces, the most likely first
// and no more than most. It sorts the members block by block, so that memory
// stays that of the traces.
func pairs(ts []trace, most int, step func(done int) error) ([]judged, error) {
	seen, order := map[[2]int32]bool{}, make([]int32, len(ts))
	var out []judged
	for block := range blocks {
		for i := range order {
			order[i] = int32(i)
		}
		key := func(i int32) uint64 { return ts[i].blocks[block] }
		slices.SortFunc(order, func(a, b int32) int { return cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(a, b)) })
		for from := 0; from < len(order); {
			to := from + 1
			for to < len(order) && key(order[to]) == key(order[from]) {
				to++
			}
			if key(order[from]) != 0 && to-from <= crowd {
				out = meet(ts, order[from:to], block, seen, out)
			}
			from = to
		}
		if len(out) > 4*most {
			out = best(out, most)
		}
		if err := step(block + 1); err != nil {
			return nil, err
		}
	}
	return best(out, most), nil
}

// meet judges every two of a block that did not meet before.
func meet(ts []trace, group []int32, block int, seen map[[2]int32]bool, out []judged) []judged {
	for i, a := range group {
		for _, b := range group[i+1:] {
			x, y := &ts[a], &ts[b]
			if !x.open && !y.open || block >= byFirstHalf && !near(x, y) || seen[[2]int32{a, b}] {
				continue
			}
			score, reasons := kin(x, y)
			if score < least {
				continue
			}
			seen[[2]int32{a, b}] = true
			out = append(out, judged{a, b, score, strings.Join(reasons, "；")})
		}
	}
	return out
}

// best keeps the most likely pairs.
func best(all []judged, most int) []judged {
	slices.SortFunc(all, func(a, b judged) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b))
	})
	return all[:min(most, len(all))]
}
