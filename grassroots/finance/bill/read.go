package bill

import (
	"bytes"
	"io"
	"path"
	"regexp"
	"strings"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/zh"
	"unionhall/law/books"
)

// Form is what a file of an invoice is: the electronic original, or something
// that only shows it.
type Form string

const (
	FormXML   Form = "xml"   // 数电票 XML
	FormOFD   Form = "ofd"   // 版式文件 OFD
	FormPDF   Form = "pdf"   // 版式文件 PDF
	FormImage Form = "image" // 照片或扫描件
)

// Label is what people call the form.
func (f Form) Label() string {
	return map[Form]string{FormXML: "XML 原件", FormOFD: "OFD 原件", FormPDF: "PDF 原件", FormImage: "照片或扫描件"}[f]
}

// Original reports whether the file is an electronic original and no picture
// of a print.
//
// law: F6.2
func (f Form) Original() bool { return f == FormXML || f == FormOFD || f == FormPDF }

// Reading is what was read out of a file: all of it may be missing, and all of
// it may be put right by hand.
type Reading struct {
	books.Serial
	Date       day.Day   `json:"date,omitempty"`
	Amount     money.Fen `json:"amount,omitempty"`
	Seller     string    `json:"seller,omitempty"`
	SellerUSCC string    `json:"seller_uscc,omitempty"`
	Buyer      string    `json:"buyer,omitempty"`
	BuyerUSCC  string    `json:"buyer_uscc,omitempty"`
}

// most is how many bytes the file of an invoice may have, and mostText how
// many are read of what lies packed in it.
const (
	most     = 20 << 20
	mostText = 8 << 20
)

// Read looks into the file of an invoice, and then at its name. Whatever it
// cannot read it leaves empty; only a file that is none at all is refused.
//
// law: F6.1
func Read(r io.ReaderAt, size int64, name string) (Form, Reading, error) {
	if size > most {
		return "", Reading{}, badFile("超过 20 MB，请上传原始的发票文件")
	}
	head := make([]byte, min(size, 1024))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return "", Reading{}, err
	}
	var form Form
	var got Reading
	switch lower := strings.ToLower(path.Ext(name)); {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		form, got = FormPDF, readPDF(r, size)
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		var ok bool
		if got, ok = readOFD(r, size); !ok {
			return "", got, badFile("这个压缩包不是 OFD 发票，请上传发票的 PDF、OFD 或 XML 文件")
		}
		form = FormOFD
	case looksXML(head):
		var ok bool
		if got, ok = readXML(io.NewSectionReader(r, 0, size)); !ok {
			return "", got, badFile("这个 XML 不是发票，或者已经损坏，请重新下载后上传")
		}
		form = FormXML
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")), bytes.HasPrefix(head, []byte("\x89PNG")), lower == ".webp", lower == ".heic":
		form = FormImage
	default:
		return "", got, badFile("请上传发票的 PDF、OFD、XML 文件，或清楚的照片")
	}
	got.fill(FromName(name))
	return form, got, nil
}

func badFile(text string) error {
	return &fault.Error{Kind: fault.Invalid, Rule: "F6.2", Text: "文件没有收下。", Fields: map[string]string{"file": "文件：" + text}}
}

func looksXML(head []byte) bool {
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	return bytes.HasPrefix(bytes.TrimSpace(head), []byte("<"))
}

// fill takes from other what is missing. A number comes whole or not at all.
func (r *Reading) fill(other Reading) {
	if r.Number == "" {
		r.Serial = other.Serial
	}
	if r.Check == "" && r.Number == other.Number {
		r.Check = other.Check
	}
	if r.Date == "" {
		r.Date = other.Date
	}
	if r.Amount == 0 {
		r.Amount = other.Amount
	}
	for _, p := range []struct{ to, from *string }{{&r.Seller, &other.Seller}, {&r.SellerUSCC, &other.SellerUSCC}, {&r.Buyer, &other.Buyer}, {&r.BuyerUSCC, &other.BuyerUSCC}} {
		if *p.to == "" {
			*p.to = *p.from
		}
	}
}

var (
	twenty   = regexp.MustCompile(`(?:^|\D)(\d{20})(?:\D|$)`)
	coded    = regexp.MustCompile(`(?:^|\D)(\d{12}|\d{10})[^\d]{1,3}(\d{8})(?:\D|$)`)
	fiscal   = regexp.MustCompile(`(?:^|\D)(\d{8})[^\d]{1,3}(\d{10})(?:\D|$)`)
	stamped  = regexp.MustCompile(`(?:^|\D)(20\d{2})[-年.]?([01]\d)[-月.]?([0-3]\d)(?:\d{6})?(?:\D|$)`)
	priced   = regexp.MustCompile(`(?:^|[^\d.])(\d{1,9}\.\d{2})(?:[^\d.]|$)`)
	dzfp     = regexp.MustCompile(`(?i)^dzfp_\d{20}_([^_]+)_\d{8}`)
	isParty  = regexp.MustCompile(`[\p{Han}]{2,}.*(公司|厂|店|中心|商行|饭店|酒店|超市|部|社|院|馆|站|局|会|所|校)`)
	splitter = regexp.MustCompile(`[_\-—+\s]+`)
)

// FromName reads what names of invoice files tell: dzfp_26212000000012345678_
// 滨江百货有限公司_20260305103012.pdf as the tax bureau names them, and the
// like that people make.
func FromName(name string) (r Reading) {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = zh.Narrow(strings.TrimSuffix(name, path.Ext(name)))
	switch {
	case twenty.MatchString(name):
		r.Serial = books.Serial{Kind: books.Digital, Number: twenty.FindStringSubmatch(name)[1]}
	case coded.MatchString(name):
		m := coded.FindStringSubmatch(name)
		r.Serial = books.Serial{Kind: books.VAT, Code: m[1], Number: m[2]}
	case fiscal.MatchString(name):
		m := fiscal.FindStringSubmatch(name)
		r.Serial = books.Serial{Kind: books.Fiscal, Code: m[1], Number: m[2]}
	}
	rest := strings.ReplaceAll(strings.ReplaceAll(name, or(r.Number, "\x00"), " "), or(r.Code, "\x00"), " ")
	if m := stamped.FindStringSubmatch(rest); m != nil {
		r.Date = dated(m[1] + "-" + m[2] + "-" + m[3])
	}
	if m := priced.FindStringSubmatch(rest); m != nil {
		r.Amount = amountOf(m[1])
	}
	if m := dzfp.FindStringSubmatch(name); m != nil {
		r.Seller = cut(m[1])
		return r
	}
	for _, part := range splitter.Split(rest, -1) {
		if isParty.MatchString(part) {
			r.Seller = cut(part)
			break
		}
	}
	return r
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// longestName is how many characters of a name are kept.
const longestName = 100

func cut(s string) string {
	s = strings.TrimSpace(strings.ToValidUTF8(strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, s), ""))
	if rs := []rune(s); len(rs) > longestName {
		s = string(rs[:longestName])
	}
	return s
}

// dated reads a day as such files write it; none where it is none.
func dated(s string) day.Day {
	s = strings.NewReplacer("年", "-", "月", "-", "日", "", "/", "-", ".", "-").Replace(strings.TrimSpace(s))
	if len(s) >= 10 && s[4] == '-' {
		s = s[:10]
	} else if len(s) >= 8 && !strings.Contains(s[:8], "-") {
		s = s[:4] + "-" + s[4:6] + "-" + s[6:8]
	}
	d, err := day.Parse(s)
	if err != nil || d < "2000-01-01" || d > "2099-12-31" {
		return ""
	}
	return d
}

// amountOf reads an amount; 0 where it is none.
func amountOf(s string) money.Fen {
	s = strings.NewReplacer("¥", "", "￥", "", ",", "", "，", "", "元", "").Replace(strings.TrimSpace(s))
	n, err := money.Parse(s)
	if err != nil || n > books.MostFen || n < -books.MostFen {
		return 0
	}
	return n
}
