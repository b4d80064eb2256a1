package member

import (
	"cmp"
	"context"
	"slices"

	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

const (
	tokenTable   = "member_tokens"
	tokenColumns = "tenant_id, token, name_key, member_id"
)

// Clue is what search needs of a member; it holds no number in the clear.
type Clue struct {
	ID, Name string
	key      string
	numbers  [2]string // tokens of the last digits of document and phone
}

// ClueOf returns the clue of a member.
func ClueOf(k *seal.Keys, tenant int64, m Member) Clue {
	e := Clue{ID: m.ID, Name: m.Person.Name, key: zh.SortKey(m.Person.Name)}
	for i, no := range []string{m.Person.IDNo, m.Person.Phone} {
		if len(no) >= tail {
			e.numbers[i] = tailToken(k, tenant, no[len(no)-tail:])
		}
	}
	return e
}

// tokens lists what a search finds the member by: every one and two characters
// of the name, its readings, and the last digits of phone and document, which
// only the key can tell.
func (e Clue) tokens() []string {
	out := zh.Grams(e.Name)
	spell := spellings(e.Name)
	for i, mark := range []string{spelled, called, shortest} {
		if spell[i] != "" {
			out = append(out, mark+spell[i])
		}
	}
	for _, t := range e.numbers {
		if t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// What Index holds in memory and writes at a time. Tokens go in sorted, so
// that a page of the table is written once and not once for each newcomer.
const (
	heldTokens  = 200_000
	indexedRows = 4_000
)

// Indexing is how far Index is. Note, if there is one, writes the piece's
// number with the piece, so that a run that was cut off goes on after From
// pieces of the same clues. Step is told how many of all tokens are written.
type Indexing struct {
	From int64
	Note func(tx *sqldb.Tx, piece int64) error
	Step func(done, total int) error
}

// Index makes a great many members found by search. It writes in pieces and
// may be cut off.
func Index(ctx context.Context, db *sqldb.DB, tenant int64, clues []Clue, at Indexing) error {
	bounds, total := shares(clues)
	done, piece := 0, int64(0)
	for i := range len(bounds) - 1 {
		held := hold(clues, bounds[i], bounds[i+1])
		for len(held) > 0 {
			n := min(indexedRows, len(held))
			if piece++; piece > at.From {
				if err := indexPiece(ctx, db, tenant, clues, held[:n], at.Note, piece); err != nil {
					return err
				}
			}
			held, done = held[n:], done+n
			if at.Step == nil || piece <= at.From {
				continue
			}
			if err := at.Step(done, total); err != nil {
				return err
			}
		}
	}
	return nil
}

func indexPiece(ctx context.Context, db *sqldb.DB, tenant int64, clues []Clue, held []heldToken, note func(*sqldb.Tx, int64) error, piece int64) error {
	rows := make([][]any, len(held))
	for j, h := range held {
		c := &clues[h.clue]
		rows[j] = []any{tenant, h.token, c.key, c.ID}
	}
	return db.Chunk(ctx, func(tx *sqldb.Tx) error {
		if err := tx.InsertNew(ctx, tokenTable, tokenColumns, rows); err != nil || note == nil {
			return err
		}
		return note(tx, piece)
	})
}

// heldToken is a token and the clue whose it is.
type heldToken struct {
	token string
	clue  int32
}

// hold lists the tokens from lo up to hi, in the order of the table.
func hold(clues []Clue, lo, hi string) []heldToken {
	out := make([]heldToken, 0, min(heldTokens+heldTokens/4, 16*len(clues)))
	for i := range clues {
		for _, t := range clues[i].tokens() {
			if lo <= t && (hi == "" || t < hi) {
				out = append(out, heldToken{t, int32(i)})
			}
		}
	}
	slices.SortFunc(out, func(a, b heldToken) int {
		x, y := &clues[a.clue], &clues[b.clue]
		return cmp.Or(cmp.Compare(a.token, b.token), cmp.Compare(x.key, y.key), cmp.Compare(x.ID, y.ID))
	})
	return out
}

// shares cuts all tokens into ranges of about heldTokens each, by a sample; an
// empty bound at the end is no bound.
func shares(clues []Clue) (bounds []string, total int) {
	every := max(1, len(clues)/2000)
	var sample []string
	for i := 0; i < len(clues); i += every {
		sample = append(sample, clues[i].tokens()...)
	}
	slices.Sort(sample)
	total = len(sample) * every
	bounds = []string{""}
	for i, n := 1, (total+heldTokens-1)/heldTokens; i < n; i++ {
		if b := sample[i*len(sample)/n]; b > bounds[len(bounds)-1] {
			bounds = append(bounds, b)
		}
	}
	return append(bounds, ""), total
}
