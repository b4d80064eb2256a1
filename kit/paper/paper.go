// Package paper makes the official papers that offices sign and seal, each as
// a PDF file and as a Word file of the same text: letters (公文) and
// registration forms (登记表). It also fills an office's own Word templates.
package paper

import (
	"fmt"
	"strings"
	"unicode"

	"unionhall/kit/day"
)

// Letter is an official letter (请示, 批复, 函, 通知) in the layout of
// GB/T 9704: a head in red, the number, the rule, the title, to whom, the text,
// what is attached, who signs and the day.
type Letter struct {
	Issuer   string // 发文机关, the head
	Number   string // 发文字号
	Approver string // 签发人, of a letter to an office above; may be empty
	Title    string
	To       string   // 主送机关
	Body     []string // paragraphs
	Attached []string
	Signed   string // 署名; the issuer if empty
	On       day.Day
	Seal     bool // leave the place for the seal over name and day
	Proof    *Proof
}

// Form is a registration form (登记表): a ruled grid of labels and values with
// boxes for opinions under it.
type Form struct {
	Issuer   string // at the left under the title
	Role     string // what the issuer is: 填报单位 if empty
	Title    string
	Number   string // at the right
	Note     string // under the grid: how to fill it in
	Rows     [][]Cell
	Opinions []Opinion
	Photo    bool // the place of a photograph beside the first rows
	Proof    *Proof
}

// Cell is a label and its value. Wide is its share of the row, 0 meaning one
// share; Tall the least lines of its value. A Head stands alone, over what
// follows; a cell without a label is a value over its whole width.
type Cell struct {
	Label, Text string
	Wide, Tall  int
	Head        bool
}

// Opinion is a box for what an office says (意见), who signs, its seal and day;
// what is empty is left for the hand.
type Opinion struct {
	Who, Text, Signed string
	By                string // who signs: 负责人 if empty
	On                day.Day
	Seal              bool
}

// Proof leads whoever holds the paper to its electronic record: the address
// stands as a QR code, the code beside it.
type Proof struct{ URL, Code string }

// lines are what stands beside the QR code.
func (p Proof) lines() []string {
	return []string{"核验码：" + p.Code, "扫码或打开下面的网址，核对本件的电子记录：", p.URL}
}

// clean leaves what a paper can show: no controls but the ends of lines, no
// marks that turn the order of text round. Selectors of a character's variant
// stay, since they belong to people's names.
func clean(text string) string {
	text = strings.ReplaceAll(strings.ToValidUTF8(text, "〓"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r >= 0xfffe && r <= 0xffff:
			return -1
		}
		return r
	}, text)
}

// dated is a day as letters write it: 2026年11月26日.
func dated(on day.Day) string {
	var y, m, d int
	if _, err := fmt.Sscanf(string(on), "%d-%d-%d", &y, &m, &d); err != nil {
		return ""
	}
	return fmt.Sprintf("%d年%d月%d日", y, m, d)
}

// byHand is a day as forms write it, the place of one that is not known yet.
func byHand(on day.Day) string {
	if t := dated(on); t != "" {
		return t
	}
	return "　　年　　月　　日"
}

// signer is who signs a letter.
func (l Letter) signer() string {
	if l.Signed != "" {
		return l.Signed
	}
	return l.Issuer
}

// attached numbers what is attached, where there is more than one.
func (l Letter) attached() []string {
	out := make([]string, len(l.Attached))
	for i, a := range l.Attached {
		out[i] = a
		if len(l.Attached) > 1 {
			out[i] = fmt.Sprintf("%d. %s", i+1, a)
		}
	}
	return out
}

// toWhom is the line of the office that a letter goes to.
func (l Letter) toWhom() string {
	if l.To == "" || strings.HasSuffix(l.To, "：") {
		return l.To
	}
	return l.To + "："
}

// signature is how an opinion's box says who signs.
func (o Opinion) signature() string {
	if o.By == "" {
		return "负责人（签字）：" + o.Signed
	}
	return o.By + "（签字）：" + o.Signed
}

func (o Opinion) seal() string {
	if o.Seal {
		return "（盖章）"
	}
	return ""
}

// headSize is how many points the characters of a letter's head are high, so
// that the name stands in one line of 156 mm; long names take two.
func headSize(issuer string) int {
	n := len([]rune(clean(issuer)))
	return max(22, min(44, 430/max(n, 1))) // 156 mm are 442 points
}

// balanced breaks a label that is too long for its column of a form into lines
// of about one length.
func balanced(label string) string {
	const most = 6
	rs := []rune(clean(label))
	if len(rs) <= most || strings.ContainsFunc(label, func(r rune) bool { return r < 0x2e80 }) {
		return label
	}
	lines := (len(rs) + most - 1) / most
	per := (len(rs) + lines - 1) / lines
	var b strings.Builder
	for i, r := range rs {
		if i > 0 && i%per == 0 {
			b.WriteByte('\n')
		}
		b.WriteRune(r)
	}
	return b.String()
}
