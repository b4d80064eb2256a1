package member

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

// search lists one page of what was typed, after the key, and reports whether
// there is more. The key is the way's number and the place on it.
func (s *scope) search(ctx context.Context) ([]Row, bool, error) {
	lead, ok := leading(s.terms)
	if !ok {
		return []Row{}, false, nil
	}
	at, after := s.resume()
	if lead.Kind != zh.InNumbers && s.size <= few && (!s.whole || s.rare()) {
		return s.sift(ctx, lead, at, after)
	}
	out, err := s.carded(ctx, lead)
	if err != nil {
		return nil, false, err
	}
	want := s.q.Limit + 1
	for ways := s.ways(lead); at < len(ways) && len(out) < want; at++ {
		for more := true; more && len(out) < want; {
			var rows []Row
			if rows, after, err = s.tokens(ctx, lead, at, ways[at], after, want); err != nil {
				return nil, false, err
			}
			for _, r := range rows {
				if n, _ := foundBy(r.Name, lead); r.fits && n == at && !(isCard(lead) && r.CardNo == lead.Text) {
					out = append(out, r)
				}
			}
			more = len(rows) == want
		}
		after = ""
	}
	return cut(out, s.q.Limit, nil)
}

// resume reads the key that the page goes on from.
func (s *scope) resume() (at int, after string) {
	n, after, _ := strings.Cut(s.q.After, "~")
	at, err := strconv.Atoi(n)
	if err != nil || at < 0 {
		return 0, ""
	}
	return at, after
}

func isCard(t zh.Term) bool { return t.Kind == zh.InNumbers && len(t.Text) == cardDigits }

// carded finds who has the number on the card; it comes before all others.
//
// law: CARD-02
func (s *scope) carded(ctx context.Context, lead zh.Term) ([]Row, error) {
	if !isCard(lead) || s.q.After != "" {
		return []Row{}, nil
	}
	s.args = nil
	ids, err := sqldb.List(ctx, s.tx, sqldb.Text, `SELECT m.id`+s.source()+s.filters("")+` AND m.card_no = `+s.arg(lead.Text), s.args...)
	if err != nil || len(ids) == 0 {
		return []Row{}, err
	}
	rows, err := s.byIDs(ctx, ids)
	for i := range rows {
		rows[i].key = "0~"
	}
	return rows, err
}

// tokens lists members by the tokens of a way after the place on it, in their
// order, and the place of the last.
func (s *scope) tokens(ctx context.Context, lead zh.Term, at int, w way, after string, limit int) ([]Row, string, error) {
	last, q := "", s.tokensText(lead, w, after, limit)
	rows, err := sqldb.List(ctx, s.tx, func(row sqldb.Row) (Row, error) {
		var token, key string
		r, err := s.scanRow(func(dest ...any) error { return row(append([]any{&token, &key}, dest...)...) })
		last = token + "~" + key + "~" + r.ID
		r.key = itoa(at) + "~" + last
		return r, err
	}, q, s.args...)
	return rows, last, err
}

func (s *scope) tokensText(lead zh.Term, w way, after string, limit int) string {
	s.args = nil
	columns, from := rowColumns, ` FROM member_tokens k CROSS JOIN members m`
	join := ` AND m.tenant_id = k.tenant_id AND m.id = k.member_id`
	if !s.leaf {
		columns += unionColumns
		from += ` CROSS JOIN unions u`
		join += ` AND u.tenant_id = m.tenant_id AND u.id = m.union_id`
	}
	q := `SELECT k.token, k.name_key, ` + columns + from + s.stretchOf(w) + s.hints(lead)
	by := ` ORDER BY k.name_key, k.member_id`
	if w.hi != "" {
		by = ` ORDER BY k.token, k.name_key, k.member_id`
	}
	place := strings.SplitN(after, "~", 3)
	switch {
	case len(place) < 3:
	case w.hi == "":
		q += ` AND (k.name_key, k.member_id) > (` + s.arg(place[1]) + `, ` + s.arg(place[2]) + `)`
	default:
		q += ` AND (k.token, k.name_key, k.member_id) > (` + s.arg(place[0]) + `, ` + s.arg(place[1]) + `, ` + s.arg(place[2]) + `)`
	}
	return q + join + s.within() + s.filters("") + by + ` LIMIT ` + s.arg(int64(limit))
}

// stretchOf is the tokens of a way.
func (s *scope) stretchOf(w way) string {
	if w.hi == "" {
		return ` WHERE k.tenant_id = ` + s.arg(s.tenant) + ` AND k.token = ` + s.arg(w.lo)
	}
	return ` WHERE k.tenant_id = ` + s.arg(s.tenant) + ` AND k.token >= ` + s.arg(w.lo) + ` AND k.token < ` + s.arg(w.hi)
}

// within keeps members m to the union, where they are found by other things.
func (s *scope) within() string {
	switch {
	case s.leaf:
		return ` AND m.union_id = ` + s.arg(s.top.ID)
	case s.whole:
		return ``
	}
	return s.reach()
}

// sift reads the names of a few members through, for which no token is worth
// its while, and counts who fits.
func (s *scope) sift(ctx context.Context, lead zh.Term, at int, after string) ([]Row, bool, error) {
	s.args = nil
	type hit struct {
		way            int
		token, key, id string
	}
	compare := func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.way, b.way), cmp.Compare(a.token, b.token), cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id))
	}
	var hits []hit
	err := sqldb.Each(ctx, s.tx, func(row sqldb.Row) (v [3]string, err error) { return v, row(&v[0], &v[1], &v[2]) }, func(v [3]string) error {
		if s.named(v[1]) {
			n, token := foundBy(v[1], lead)
			if n >= 0 {
				hits = append(hits, hit{n, token, v[2], v[0]})
			}
		}
		return nil
	}, `SELECT m.id, m.name, m.name_key`+s.source()+s.filters("")+anyName, s.args...)
	if err != nil {
		return nil, false, err
	}
	slices.SortFunc(hits, compare)
	if !s.numbers() {
		n := int64(len(hits))
		s.total = &n
	}
	if place := strings.SplitN(after, "~", 3); len(place) == 3 {
		from := hit{at, place[0], place[1], place[2]}
		i, _ := slices.BinarySearchFunc(hits, from, compare)
		for i < len(hits) && compare(hits[i], from) <= 0 {
			i++
		}
		hits = hits[i:]
	}
	out := []Row{}
	for part := range slices.Chunk(hits, asked) {
		ids := make([]string, len(part))
		for i, h := range part {
			ids[i] = h.id
		}
		rows, err := s.byIDs(ctx, ids)
		if err != nil {
			return nil, false, err
		}
		for i, r := range rows {
			r.key = itoa(part[i].way) + "~" + part[i].token + "~" + part[i].key + "~" + part[i].id
			if r.fits {
				out = append(out, r)
			}
		}
		if len(out) > s.q.Limit {
			break
		}
	}
	return cut(out, s.q.Limit, nil)
}

// found counts the answers, up to a thousand, where that is cheap: nil where
// it is not.
func (s *scope) found(ctx context.Context) (any, error) {
	lead, ok := leading(s.terms)
	switch {
	case s.total != nil:
		return *s.total, nil
	case !ok:
		return int64(0), nil
	case lead.Kind == zh.InNumbers:
		all := *s
		all.q.After, all.q.Limit = "", most+1
		rows, _, err := all.search(ctx)
		return capped(int64(len(rows))), err
	case len(s.terms) > 1 || !s.whole || s.q.dated():
		return nil, nil
	}
	return s.countWays(ctx, lead)
}

// countWays counts way by way, and whom two ways find once.
func (s *scope) countWays(ctx context.Context, lead zh.Term) (any, error) {
	var each []string
	sum, ways := int64(0), 0
	for _, w := range s.ways(lead) {
		s.args = nil
		n, err := sqldb.One(ctx, s.tx, sqldb.Int, `SELECT count(*) FROM (`+s.tally(lead, w)+` LIMIT `+s.arg(int64(most+1))+`) AS t`, s.args...)
		if err != nil || n > most {
			return capped(n), err
		}
		if n > 0 {
			sum += n
			ways++
		}
	}
	if ways < 2 {
		return sum, nil
	}
	s.args = nil
	for _, w := range s.ways(lead) {
		each = append(each, s.tally(lead, w))
	}
	n, err := sqldb.One(ctx, s.tx, sqldb.Int, `SELECT count(*) FROM (`+strings.Join(each, ` UNION `)+`) AS t`, s.args...)
	return capped(n), err
}

// tally lists who is found by a way, by tokens alone where those tell all.
func (s *scope) tally(lead zh.Term, w way) string {
	q := `SELECT k.member_id AS id FROM member_tokens k `
	long := lead.Kind == zh.InName && utf8.RuneCountInString(lead.Text) > 2
	if !long && s.q.Status == "" && s.q.Sex == "" && len(s.hidden) == 0 {
		return q + s.stretchOf(w)
	}
	q += ` CROSS JOIN members m` + s.stretchOf(w) + s.hints(lead) + ` AND m.tenant_id = k.tenant_id AND m.id = k.member_id` + s.filters("")
	if long {
		q += ` AND replace(m.name, '·', '') LIKE ` + s.arg("%"+lead.Text+"%") + ` ESCAPE '\'`
	}
	return q
}

// ByNumber finds the member with a document of identity, wherever in the
// tenant; empty for none. It is for registration, which must know.
func ByNumber(ctx context.Context, tx *sqldb.Tx, tenant int64, idType, idNo string) (string, error) {
	ids, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT id FROM members WHERE tenant_id = $1 AND id_blind = $2`, tenant, BlindID(tx.Keys(), tenant, idType, idNo))
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}
