package books

import (
	"strings"
	"unicode"
)

// node is a part of a formula: a sum of signed parts (op +, the sign of each
// in minus), a row of the form, a word of the ledger on an account, or a sum
// over rows.
type node struct {
	op       string // + row sum or the word: bal occ cr …
	kids     []node
	minus    []bool
	arg      string // a row; an account or a range; what a sum is over
	source   string
	equation bool // left minus right, which must be zero
}

// words are what a formula may ask of an account. Turnover leaves out the
// closing vouchers.
var words = map[string]bool{
	"bal":          true, // the balance on the natural side, at either end of the period
	"bal_debit":    true, // the same as a debit, a credit shown negative
	"opening_year": true, // at the start of the year
	"opening":      true, // at the start of the period
	"occ":          true, // turnover on the natural side
	"net_credit":   true,
	"net_debit":    true,
	"cr":           true,
	"dr":           true,
	"open_result":  true, // income less expenditure that is not yet carried
}

// sourceWords are the names of sources in formulas.
var sourceWords = map[string]string{"": "", "国有": FT, "财政拨款": FT}

// parse reads a formula. The text is ours: what it cannot read stops the
// program.
func parse(text string) node {
	left, right, equation := strings.Cut(text, "==")
	if !equation {
		return expression(left)
	}
	return node{op: "+", kids: []node{expression(left), expression(right)}, minus: []bool{false, true}, equation: true}
}

func expression(text string) node {
	p := parser{text: strings.ReplaceAll(text, " ", "")}
	n := p.sum()
	if p.text != "" {
		panic("books: formula " + text + " at " + p.text)
	}
	return n
}

type parser struct{ text string }

func (p *parser) take(sign string) bool {
	rest, ok := strings.CutPrefix(p.text, sign)
	p.text = rest
	return ok
}

func (p *parser) sum() node {
	n := node{op: "+"}
	for minus := p.take("-"); ; {
		n.kids, n.minus = append(n.kids, p.term()), append(n.minus, minus)
		switch {
		case p.take("+"):
			minus = false
		case p.take("-"):
			minus = true
		default:
			return n
		}
	}
}

func (p *parser) term() node {
	if p.take("(") {
		n := p.sum()
		if !p.take(")") {
			panic("books: formula without ) at " + p.text)
		}
		return n
	}
	end := strings.IndexFunc(p.text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if end < 0 {
		end = len(p.text)
	}
	name := p.text[:end]
	p.text = p.text[end:]
	if !p.take("(") {
		return node{op: "row", arg: name}
	}
	inside, rest, ok := strings.Cut(p.text, ")")
	p.text = rest
	arg, word, _ := strings.Cut(inside, ",")
	source, known := sourceWords[word]
	if !ok || !known || name != "sum" && !words[name] {
		panic("books: formula " + name + "(" + inside)
	}
	return node{op: name, arg: arg, source: source}
}
