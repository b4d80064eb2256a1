package bill

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"io"
	"path"
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"

	"unionhall/law/books"
)

const (
	mostTokens = 200_000
	deepest    = 64
	mostParts  = 1000
)

// wanted are the elements that invoices of all makes tell us by, in lower
// case: 数电票 XML, the older e-invoice within an OFD, fiscal receipts.
var wanted = map[string]string{
	"invoicenumber": "number", "eiid": "number20", "invoiceno": "number", "fphm": "number", "发票号码": "number", "einvoicenumber": "number",
	"invoicecode": "code", "fpdm": "code", "发票代码": "code", "einvoicecode": "code",
	"invoicecheckcode": "check", "jym": "check", "校验码": "check", "randomnumber": "check", "checkcode": "check",
	"issuetime": "date", "issuedate": "date", "kprq": "date", "开票日期": "date", "requesttime": "made",
	"totaltax-includedamount": "amount", "taxinclusivetotalamount": "amount", "jshj": "amount", "价税合计": "amount", "totalamount": "amount",
	"合计金额": "net", "合计税额": "tax", "totalamwithouttax": "net", "totaltaxam": "tax",
	"sellername": "seller", "xfmc": "seller", "销售方名称": "seller", "invoicingpartyname": "seller",
	"selleridnum": "selleruscc", "sellertaxid": "selleruscc", "xfsh": "selleruscc", "销售方纳税人识别号": "selleruscc", "invoicingpartycode": "selleruscc",
	"buyername": "buyer", "gfmc": "buyer", "购买方名称": "buyer", "payerpartyname": "buyer",
	"buyeridnum": "buyeruscc", "buyertaxid": "buyeruscc", "gfsh": "buyeruscc", "购买方纳税人识别号": "buyeruscc", "payerpartycode": "buyeruscc",
}

// elements walks an XML text and keeps the first value of each wanted element,
// or of the element whose Name attribute is wanted, as OFD has it. It stops at
// what no invoice is: too long, too deep, too many tags.
func elements(r io.Reader, into map[string]string) error {
	d := xml.NewDecoder(io.LimitReader(r, mostText))
	d.CharsetReader = func(label string, in io.Reader) (io.Reader, error) {
		switch strings.ToLower(label) {
		case "gbk", "gb2312", "gb18030":
			return simplifiedchinese.GB18030.NewDecoder().Reader(in), nil
		}
		return in, nil
	}
	var at []string
	for n := 0; n < mostTokens; n++ {
		t, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			key := wanted[strings.ToLower(t.Name.Local)]
			for _, a := range t.Attr {
				if key == "" && a.Name.Local == "Name" {
					key = wanted[strings.ToLower(a.Value)]
				}
			}
			if at = append(at, key); len(at) > deepest {
				return errDeep
			}
		case xml.EndElement:
			at = at[:len(at)-1]
		case xml.CharData:
			if len(at) == 0 || at[len(at)-1] == "" {
				continue
			}
			key := at[len(at)-1]
			if text := strings.TrimSpace(string(t)); text != "" && into[key] == "" && len(text) < 1000 {
				into[key] = text
			}
		}
	}
	return errDeep
}

var errDeep = &xml.SyntaxError{Msg: "more than an invoice has"}

// reading makes what was found into a Reading; ok says that there was a number.
func reading(found map[string]string) (r Reading, ok bool) {
	number := found["number"]
	if number == "" {
		number = found["number20"]
	}
	n := books.Serial{Code: found["code"], Number: number, Check: found["check"]}.Tidy()
	if len(n.Number) == 20 { // 数电票 has no code, whatever stands there
		n = books.Serial{Kind: books.Digital, Number: n.Number}
	}
	if len(n.Wrong()) == 0 {
		r.Serial, ok = n, true
	}
	if r.Date = dated(found["date"]); r.Date == "" {
		r.Date = dated(found["made"])
	}
	if r.Amount = amountOf(found["amount"]); r.Amount == 0 && found["net"] != "" {
		r.Amount = amountOf(found["net"]) + amountOf(found["tax"])
	}
	r.Seller, r.Buyer = cut(found["seller"]), cut(found["buyer"])
	r.SellerUSCC, r.BuyerUSCC = uscc(found["selleruscc"]), uscc(found["buyeruscc"])
	return r, ok
}

// uscc keeps what could be a code of a unit.
func uscc(s string) string {
	s = strings.ToUpper(strings.TrimSpace(s))
	if len(s) > 20 || strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && (r < 'A' || r > 'Z') }) >= 0 {
		return ""
	}
	return s
}

// readXML reads an invoice that is XML; one that is broken off is none.
func readXML(r io.Reader) (Reading, bool) {
	found := map[string]string{}
	if err := elements(r, found); err != nil {
		return Reading{}, false
	}
	return reading(found)
}

// readOFD reads an OFD package: what its head says, and the invoice's own XML
// that lies in it. No more than mostText bytes are unpacked in all, however
// much the package claims.
func readOFD(r io.ReaderAt, size int64) (got Reading, ok bool) {
	z, err := zip.NewReader(r, size)
	if err != nil || len(z.File) > mostParts {
		return got, false
	}
	left, head := int64(mostText), false
	for _, pass := range []func(name string) bool{
		func(name string) bool { return name == "ofd.xml" },
		func(name string) bool { return strings.Contains(path.Base(name), "invoice") },
		func(name string) bool {
			return strings.Contains(name, "attach") || strings.HasSuffix(name, "customdata.xml") || strings.HasSuffix(name, "customtag.xml")
		},
	} {
		for _, f := range z.File {
			name := strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(f.Name, `\`, "/"), "/"))
			if !strings.HasSuffix(name, ".xml") || !pass(name) || left <= 0 {
				continue
			}
			head = head || name == "ofd.xml"
			found := map[string]string{}
			n, err := part(f, left, found)
			left -= n
			if err != nil {
				continue // a part that is broken tells nothing
			}
			more, _ := reading(found)
			got.fill(more)
		}
	}
	return got, head
}

// part reads one part of a package, and tells how many bytes that took.
func part(f *zip.File, left int64, found map[string]string) (int64, error) {
	r, err := f.Open()
	if err != nil {
		return 0, err
	}
	defer r.Close()
	c := &counted{r: io.LimitReader(r, left)}
	err = elements(c, found)
	return c.n, err
}

type counted struct {
	r io.Reader
	n int64
}

func (c *counted) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

// found XML within other bytes: where an invoice's own text begins.
var beginnings = [][]byte{[]byte("<EInvoice"), []byte("<eInvoice"), []byte("<?xml")}

// within reads an invoice's XML that lies inside other bytes.
func within(b []byte) (r Reading, ok bool) {
	for _, mark := range beginnings {
		if i := bytes.Index(b, mark); i >= 0 {
			found := map[string]string{}
			if elements(bytes.NewReader(b[i:]), found) != nil {
				// what follows the root is not XML any more; what was found before it counts
				if r, ok = reading(found); ok {
					return r, ok
				}
				continue
			}
			if r, ok = reading(found); ok {
				return r, ok
			}
		}
	}
	return Reading{}, false
}
