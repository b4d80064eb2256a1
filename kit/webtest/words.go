package webtest

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// unread are the elements whose words nobody reads, and those that quote what
// has to be typed as it stands: commands, file names, keys.
var unread = []string{"script", "style", "template", "code", "pre", "kbd", "samp"}

// told are the attributes that a person sees or hears.
var told = []string{"alt", "aria-label", "aria-description", "placeholder", "title", "label", "data-confirm"}

// Text is what is to be read on a page, its title and the words in its
// attributes included, one piece a line.
func Text(root *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode {
			if slices.Contains(unread, n.Data) || attr(n, "translate") == "no" {
				return
			}
			for _, name := range told {
				line(&b, attr(n, name))
			}
			if kind := attr(n, "type"); n.Data == "input" && (kind == "submit" || kind == "button" || kind == "reset") {
				line(&b, attr(n, "value"))
			}
		}
		if n.Type == html.TextNode {
			line(&b, n.Data)
		}
		for c := range n.ChildNodes() {
			walk(c)
		}
	}
	walk(root)
	return b.String()
}

func line(b *strings.Builder, text string) {
	if text = strings.Join(strings.Fields(text), " "); text != "" {
		b.WriteString(text + "\n")
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// allowed are the Latin words that Chinese papers write too: names of formats,
// products and units.
var allowed = strings.Fields(`Unionhall CSV csv Excel xlsx xls Word docx PDF WPS QR API JSON SQLite PostgreSQL OpenAPI HTTP HTTPS IP
	UTF GB GBK KB MB OFD XML SHA Windows Linux Chrome Edge APP Ctrl beancount hledger`)

var (
	latin = regexp.MustCompile(`[A-Za-z0-9._@:/%+#&=?~'’-]+`)
	word  = regexp.MustCompile(`[A-Za-z]{2,}`)
	code  = regexp.MustCompile(`[0-9@/=]`) // an address, a number, a rule's id
)

// EnglishWords returns the English words in a text, each once, but for those
// in the list of what Chinese papers write too and those in also. A piece
// with a digit, a slash or an @ in it is a code or an address and no word.
//
// law: PL-29
func EnglishWords(text string, also ...string) (out []string) {
	for _, piece := range latin.FindAllString(text, -1) {
		if code.MatchString(piece) {
			continue
		}
		for _, w := range word.FindAllString(piece, -1) {
			if !slices.Contains(allowed, w) && !slices.Contains(also, w) && !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
	}
	return out
}
