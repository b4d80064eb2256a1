package bill_test

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"unionhall/grassroots/finance/bill"
	"unionhall/kit/fault"
	"unionhall/law/books"
)

const einvoice = `<?xml version="1.0" encoding="UTF-8"?>
<EInvoice><Header><EIid>26212000000012345678</EIid></Header><EInvoiceData>
<SellerInformation><SellerIdNum>91210600MA0000000X</SellerIdNum><SellerName>滨江百货有限公司</SellerName></SellerInformation>
<BuyerInformation><BuyerName>滨江市水务局工会</BuyerName></BuyerInformation>
<BasicInformation><TotalAmWithoutTax>78.32</TotalAmWithoutTax><TotalTaxAm>10.18</TotalTaxAm><TotalTax-includedAmount>88.50</TotalTax-includedAmount><RequestTime>2026-03-04 09:00:00</RequestTime></BasicInformation>
</EInvoiceData><TaxSupervisionInfo><InvoiceNumber>26212000000012345678</InvoiceNumber><IssueTime>2026-03-05 10:30:12</IssueTime></TaxSupervisionInfo></EInvoice>`

const fiscalReceipt = `<EInvoice><Header><EInvoiceTag>CZ-EI</EInvoiceTag></Header><EInvoiceData><Main><EInvoiceCode>21060226</EInvoiceCode><EInvoiceNumber>0001234567</EInvoiceNumber><RandomNumber>a1b2c3</RandomNumber>
<TotalAmount>500.00</TotalAmount><IssueDate>20260305</IssueDate><InvoicingParty><InvoicingPartyName>滨江市总工会</InvoicingPartyName></InvoicingParty><PayerParty><PayerPartyName>水务局</PayerPartyName></PayerParty></Main></EInvoiceData></EInvoice>`

const olderInvoice = `<eInvoice xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019"><fp:InvoiceCode>021001900111</fp:InvoiceCode><fp:InvoiceNo>12345678</fp:InvoiceNo><fp:InvoiceCheckCode>12345678901234567890</fp:InvoiceCheckCode>
<fp:IssueDate>2020年03月05日</fp:IssueDate><fp:TaxInclusiveTotalAmount>30.00</fp:TaxInclusiveTotalAmount><fp:Seller><fp:SellerName>滨江文具店</fp:SellerName></fp:Seller></eInvoice>`

const ofdHead = `<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"><ofd:DocBody><ofd:DocInfo><ofd:CustomDatas><ofd:CustomData Name="发票号码">26212000000012345678</ofd:CustomData><ofd:CustomData Name="开票日期">2026年03月05日</ofd:CustomData>
<ofd:CustomData Name="合计金额">78.32</ofd:CustomData><ofd:CustomData Name="合计税额">10.18</ofd:CustomData></ofd:CustomDatas></ofd:DocInfo></ofd:DocBody></ofd:OFD>`

func packed(t testing.TB, parts ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i+1 < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err == nil {
			_, err = io.WriteString(w, parts[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// pdf is a file with one packed stream.
func pdf(stream string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	fmt.Fprint(z, stream)
	z.Close()
	return "%PDF-1.7\n1 0 obj\n<</Filter/FlateDecode>>\nstream\r\n" + b.String() + "\nendstream\nendobj\n%%EOF"
}

// F6.1: what the usual files tell, of every make.
func TestRead(t *testing.T) {
	for _, c := range []struct {
		law, name, content string
		form               bill.Form
		kind               books.InvoiceKind
		number, date, sum  string
		seller             string
	}{
		{"F6.1 数电票 XML", "x.xml", einvoice, bill.FormXML, books.Digital, "26212000000012345678", "2026-03-05", "88.50", "滨江百货有限公司"},
		{"F6.1 财政电子票据 XML", "x.xml", fiscalReceipt, bill.FormXML, books.Fiscal, "0001234567", "2026-03-05", "500.00", "滨江市总工会"},
		{"F6.1 旧版电子发票 XML", "x.xml", olderInvoice, bill.FormXML, books.VAT, "12345678", "2020-03-05", "30.00", "滨江文具店"},
		{"F6.1 OFD by its head", "x.ofd", packed(t, "OFD.xml", ofdHead), bill.FormOFD, books.Digital, "26212000000012345678", "2026-03-05", "88.50", ""},
		{"F6.1 OFD with the invoice in it", "x.ofd", packed(t, "OFD.xml", "<OFD/>", "Doc_0/Attachs/original_invoice.xml", olderInvoice), bill.FormOFD, books.VAT, "12345678", "2020-03-05", "30.00", "滨江文具店"},
		{"F6.1 PDF with the XML attached", "x.pdf", pdf(einvoice), bill.FormPDF, books.Digital, "26212000000012345678", "2026-03-05", "88.50", "滨江百货有限公司"},
		{"F6.1 PDF with plain letters", "x.pdf", pdf("BT (26212000000012345678) Tj\n(2026-03-05) Tj\n(88.50) Tj\n(10.18) Tj\nET"), bill.FormPDF, books.Digital, "26212000000012345678", "2026-03-05", "88.50", ""},
		{"F6.1 PDF by its name", "dzfp_26212000000012345678_滨江百货有限公司_20260305103012.pdf", pdf("q Q"), bill.FormPDF, books.Digital, "26212000000012345678", "2026-03-05", "0.00", "滨江百货有限公司"},
		{"F6.1 a name that people made", "2026-03-05 滨江百货有限公司 26212000000012345678 88.50元.pdf", pdf("q Q"), bill.FormPDF, books.Digital, "26212000000012345678", "2026-03-05", "88.50", "滨江百货有限公司"},
		{"F6.1 an old invoice by its name", "021001900111_12345678.pdf", pdf("q Q"), bill.FormPDF, books.VAT, "12345678", "", "0.00", ""},
		{"F6.2 a picture", "照片.jpg", "\xff\xd8\xff\xe0", bill.FormImage, "", "", "", "0.00", ""},
		{"ours: what has no number tells the rest", "x.xml", "<EInvoice><SellerName>甲</SellerName></EInvoice>", bill.FormXML, "", "", "", "0.00", "甲"},
	} {
		form, r, err := bill.Read(strings.NewReader(c.content), int64(len(c.content)), c.name)
		if err != nil && c.number == "" && c.form == bill.FormXML {
			continue // refused is right as well
		}
		if err != nil || form != c.form || r.Kind != c.kind || r.Number != c.number || string(r.Date) != c.date || r.Amount.String() != c.sum || r.Seller != c.seller {
			t.Errorf("%s: %v %s %+v", c.law, err, form, r)
		}
	}
	for law, content := range map[string]string{
		"a zip that is none":   packed(t, "a.txt", "x"),
		"an XML that is none":  "<html><body>1</body></html>",
		"an XML broken off":    einvoice[:400],
		"a program":            "MZ\x90\x00",
		"nothing":              "",
		"deeper than invoices": strings.Repeat("<a>", 100),
	} {
		if _, _, err := bill.Read(strings.NewReader(content), int64(len(content)), "x.bin"); fault.Of(err).Fields["file"] == "" {
			t.Errorf("F6.2 %s: %v", law, err)
		}
	}
}

// F6.2: a package that claims gigabytes is read for a moment and no longer.
func TestBombs(t *testing.T) {
	huge := strings.Repeat(" ", 60<<20)
	for name, content := range map[string]string{
		"ofd": packed(t, "OFD.xml", "<OFD>"+huge+"</OFD>", "Doc_0/Attachs/invoice.xml", "<a>"+huge+"</a>", "Doc_0/Attachs/invoice2.xml", "<a>"+huge+"</a>"),
		"pdf": pdf(huge),
		"xml": "<a>" + strings.Repeat("<b></b>", 1<<20) + "</a>",
	} {
		began := time.Now()
		if _, r, err := bill.Read(strings.NewReader(content), int64(len(content)), "x."+name); err == nil && r.Number != "" {
			t.Errorf("%s: read %+v", name, r)
		}
		if d := time.Since(began); d > 20*time.Second {
			t.Errorf("%s took %s", name, d)
		}
	}
}

// F6.1: whatever is brought, reading it never falls, and a number that comes
// out is one.
func FuzzRead(f *testing.F) {
	f.Add([]byte(einvoice), "x.xml")
	f.Add([]byte(fiscalReceipt), "21060226_0001234567.xml")
	f.Add([]byte(packed(f, "OFD.xml", ofdHead)), "x.ofd")
	f.Add([]byte(pdf(einvoice)), "dzfp_26212000000012345678_滨江百货有限公司_20260305103012.pdf")
	f.Fuzz(func(t *testing.T, content []byte, name string) {
		_, r, err := bill.Read(bytes.NewReader(content), int64(len(content)), name)
		if err == nil && r.Number != "" && len(r.Serial.Wrong()) > 0 {
			t.Errorf("%q: %+v", name, r)
		}
		if r.Date != "" && len(r.Date) != 10 {
			t.Errorf("%q: date %q", name, r.Date)
		}
	})
}
