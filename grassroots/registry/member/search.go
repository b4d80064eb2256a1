package member

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

// few is up to how many members a union is read through by itself; above
// that the tokens of the whole office are faster.
const few = 4000

// past sorts after every token that begins with the same text.
const past = "\U0010FFFF"

// finder is one way to find: the tokens from lo up to hi, of which keep takes
// the fitting ones. An exact token has no hi.
type finder struct {
	lo, hi string
	like   string         // the whole name must hold this as well
	keep   func(Row) bool // nil: all
}

// finders turns what was typed into ways to find it, in the order the answers
// are shown.
func (s *scope) finders() []finder {
	text := strings.ToLower(strings.ReplaceAll(s.q.Q, " ", ""))
	switch {
	case text == "":
		return nil
	case isDigits(text):
		return s.byDigits(text)
	case isLetters(text):
		return byLetters(text)
	}
	name := []rune(zh.Clean(s.q.Q))
	if len(name) == 0 {
		return nil
	}
	if len(name) <= 2 {
		return []finder{{lo: string(name)}}
	}
	return []finder{{lo: string(name[len(name)-2:]), like: string(name)}}
}

func isDigits(t string) bool {
	for i, r := range t {
		if !unicode.IsDigit(r) && !(r == 'x' && i == len(t)-1 && i > 0) {
			return false
		}
	}
	return true
}

func isLetters(t string) bool {
	for _, r := range t {
		if (r < 'a' || r > 'z') && r != 'ü' {
			return false
		}
	}
	return true
}

// byLetters finds by initials first, then by the name's pinyin; who fits both
// is shown once.
func byLetters(t string) []finder {
	t = strings.ReplaceAll(t, "ü", "v")
	pinyin := finder{lo: "=" + t, hi: "=" + t + past}
	if len(t) == 1 {
		return []finder{pinyin}
	}
	given := finder{lo: "+" + t, hi: "+" + t + past, keep: func(r Row) bool {
		return !strings.HasPrefix(zh.Letters(r.Name), t) && !strings.HasPrefix(zh.Initials(r.Name), t)
	}}
	initials := finder{lo: "-" + t, hi: "-" + t + past, keep: func(r Row) bool { return !strings.HasPrefix(zh.Letters(r.Name), t) }}
	return []finder{initials, pinyin, given}
}

// byDigits finds by the last four digits of phone or document; whoever types
// more gets those whose whole number fits.
func (s *scope) byDigits(t string) []finder {
	if len(t) < tail {
		return nil
	}
	t = strings.ToUpper(t)
	f := finder{lo: tailToken(s.tx.Keys(), s.tenant, t[len(t)-tail:])}
	if len(t) == tail {
		return []finder{f}
	}
	f.like = "#" + t
	return []finder{f}
}

// tokens lists the members found by f after the key, in the token's order.
func (s *scope) tokens(ctx context.Context, f finder, after string, limit int) ([]Row, error) {
	s.args = nil
	q := `SELECT k.token, ` + rowColumns + ` FROM member_tokens k
		JOIN members m ON m.tenant_id = k.tenant_id AND m.id = k.member_id
		JOIN unions u ON u.tenant_id = m.tenant_id AND u.id = m.union_id
		WHERE k.tenant_id = ` + s.arg(s.tenant) + s.within(f)
	parts := strings.SplitN(after, "~", 3)
	if len(parts) == 3 && s.covers(f, parts[0]) {
		if f.hi == "" {
			q += ` AND (k.name_key, k.member_id) > (` + s.arg(parts[1]) + `, ` + s.arg(parts[2]) + `)`
		} else {
			q += ` AND (k.token, k.name_key, k.member_id) > (` + s.arg(parts[0]) + `, ` + s.arg(parts[1]) + `, ` + s.arg(parts[2]) + `)`
		}
	}
	q += s.filters()
	if f.hi == "" {
		q += ` ORDER BY k.name_key, k.member_id`
	} else {
		q += ` ORDER BY k.token, k.name_key, k.member_id`
	}
	return sqldb.List(ctx, s.tx, func(row sqldb.Row) (r Row, err error) {
		var idType string
		var id, phone []byte
		if err = row(&r.token, &r.ID, &r.Name, &r.key, &r.Sex, &r.Birthday, &idType, &id, &phone, &r.Union, &r.UnionName, &r.Status, &r.Joined, &r.CardNo); err != nil {
			return r, err
		}
		err = s.mask(&r, id, phone)
		return r, err
	}, q+` LIMIT `+s.arg(int64(limit)), s.args...)
}

func (s *scope) within(f finder) string {
	q := ""
	if f.hi == "" {
		q = ` AND k.token = ` + s.arg(f.lo)
	} else {
		q = ` AND k.token >= ` + s.arg(f.lo) + ` AND k.token < ` + s.arg(f.hi)
	}
	if f.like != "" && !strings.HasPrefix(f.like, "#") {
		q += ` AND m.name LIKE ` + s.arg("%"+escape(f.like)+"%") + ` ESCAPE '\'`
	}
	return q
}

func (s *scope) covers(f finder, token string) bool {
	return token == f.lo || f.hi != "" && f.lo <= token && token < f.hi
}

func escape(t string) string { return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(t) }

// search lists one page more one row of what was typed.
func (s *scope) search(ctx context.Context) ([]Row, error) {
	finders := s.finders()
	if len(finders) == 1 && finders[0].hi == "" && !strings.HasPrefix(finders[0].lo, "#") && !s.whole && s.size <= few {
		return s.scan(ctx)
	}
	out, want := []Row{}, s.q.Limit+1
	after, begun := s.q.After, s.q.After == ""
	for _, f := range finders {
		if !begun {
			if token, _, _ := strings.Cut(after, "~"); !s.covers(f, token) {
				continue
			}
			begun = true
		}
		for len(out) < want {
			rows, err := s.tokens(ctx, f, after, want)
			if err != nil {
				return nil, err
			}
			for _, r := range rows {
				if s.fits(f, r) && len(out) < want {
					out = append(out, r)
				}
			}
			if len(rows) < want {
				break
			}
			last := rows[len(rows)-1]
			after = last.token + "~" + last.key + "~" + last.ID
		}
		after = ""
	}
	return out, nil
}

// fits applies what SQL can't see: the sealed numbers behind the mask show
// their last four digits only, so more digits are compared by the blind index.
func (s *scope) fits(f finder, r Row) bool {
	if digits, ok := strings.CutPrefix(f.like, "#"); ok {
		return s.holds(r.ID, digits)
	}
	return f.keep == nil || f.keep(r)
}

func (s *scope) holds(id, digits string) bool {
	type pair struct{ id, phone []byte }
	v, err := sqldb.One(context.Background(), s.tx, func(row sqldb.Row) (p pair, err error) { return p, row(&p.id, &p.phone) },
		`SELECT id_sealed, phone FROM members WHERE tenant_id = $1 AND id = $2`, s.tenant, id)
	if err != nil {
		return false
	}
	no, err1 := openID(s.tx.Keys(), s.tenant, v.id)
	tel, err2 := openPhone(s.tx.Keys(), s.tenant, v.phone)
	return err1 == nil && err2 == nil && (strings.HasSuffix(no, digits) || strings.HasSuffix(tel, digits))
}

// scan reads a small union through for a part of a name.
func (s *scope) scan(ctx context.Context) ([]Row, error) {
	s.args = nil
	q := `SELECT ` + rowColumns + ` FROM members m JOIN unions u ON u.tenant_id = m.tenant_id AND u.id = m.union_id
		WHERE m.tenant_id = ` + s.arg(s.tenant) + s.filters() + ` AND m.name LIKE ` + s.arg("%"+escape(zh.Clean(s.q.Q))+"%") + ` ESCAPE '\'`
	if parts := strings.SplitN(s.q.After, "~", 3); len(parts) == 3 {
		q += ` AND (m.name_key, m.id) > (` + s.arg(parts[1]) + `, ` + s.arg(parts[2]) + `)`
	}
	return sqldb.List(ctx, s.tx, s.scanRow, q+` ORDER BY m.name_key, m.id LIMIT `+s.arg(int64(s.q.Limit+1)), s.args...)
}

// found counts the search's answers, up to a thousand.
func (s *scope) found(ctx context.Context) (any, error) {
	finders, sum := s.finders(), int64(0)
	if len(finders) == 1 && strings.HasPrefix(finders[0].like, "#") {
		return nil, nil // each answer must be opened to be counted
	}
	for _, f := range finders {
		s.args = nil
		join := ""
		filter := s.within(f)
		if rest := s.filters(); rest != "" || f.like != "" {
			join, filter = ` JOIN members m ON m.tenant_id = k.tenant_id AND m.id = k.member_id`, filter+rest
		}
		q := fmt.Sprintf(`SELECT count(*) FROM (SELECT 1 AS one FROM member_tokens k%s WHERE k.tenant_id = %s%s LIMIT 1001) AS t`, join, s.arg(s.tenant), filter)
		if s.size <= few && !s.whole && f.hi == "" && !strings.HasPrefix(f.lo, "#") {
			s.args = nil
			q = `SELECT count(*) FROM members m WHERE m.tenant_id = ` + s.arg(s.tenant) + s.filters() + ` AND m.name LIKE ` + s.arg("%"+escape(zh.Clean(s.q.Q))+"%") + ` ESCAPE '\'`
		}
		n, err := sqldb.One(ctx, s.tx, sqldb.Int, q, s.args...)
		if err != nil {
			return nil, err
		}
		sum += n
	}
	if len(finders) > 1 && sum <= 1000 {
		return nil, nil // who fits two ways would be counted twice; the page says how many it shows
	}
	return capped(sum), nil
}

// ByNumber finds the member with a document of identity, wherever in the
// tenant; nil for none. It is for imports and registration, which must know.
func ByNumber(ctx context.Context, tx *sqldb.Tx, tenant int64, idType, idNo string) (string, error) {
	ids, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT id FROM members WHERE tenant_id = $1 AND id_blind = $2`, tenant, BlindID(tx.Keys(), tenant, idType, idNo))
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return ids[0], nil
}

// Masked shows a number of identity as lists do.
func Masked(no string) string { return ident.Mask(no) }
