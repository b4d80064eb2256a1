package hall_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unionhall/grassroots/finance/bill"
	"unionhall/grassroots/finance/ledger"
	"unionhall/hall/city"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
	"unionhall/office/account"
)

// filed is a file as the metadata of an archive lists it.
type filed struct {
	Path string `xml:"路径"`
	Kind string `xml:"类别"`
	Till string `xml:"保管到"`
	Sum  string `xml:"SHA256"`
}

// unzipped reads an archive: its files, and what its metadata say of them.
func unzipped(t *testing.T, content []byte) (all map[string][]byte, meta []filed) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	all = map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if _, twice := all[f.Name]; twice {
			t.Errorf("%s is there twice", f.Name)
		}
		if all[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	d := xml.NewDecoder(bytes.NewReader(all["metadata.xml"]))
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return all, meta
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := tok.(xml.StartElement); ok && e.Name.Local == "文件" {
			var f filed
			if err := d.DecodeElement(&f, &e); err != nil {
				t.Fatal(err)
			}
			meta = append(meta, f)
		}
	}
}

// told is the text of a PDF, without spaces.
func told(t *testing.T, pdf []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "paper.pdf")
	if err := os.WriteFile(name, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", name, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.FieldsFunc(string(out), func(r rune) bool { return r == ' ' || r == '　' }), "")
}

// F3.27, F3.24, F3.28: the archive of the demo city's closed year holds as
// paper the vouchers of each month under their cover, the ledgers, the
// statements of months and year, each with its hash and its term.
func TestYearPapers(t *testing.T) {
	s := one()
	id := s.first(t, `SELECT id FROM book_archives WHERE tenant_id = $1 AND kind = 'final' AND state = 'kept' ORDER BY id`, int64(city.Tenant))
	who := s.as(t, "accountant")
	a := who.get(t, keptPlace+"/"+id+"/file")
	if a.code != 200 {
		t.Fatal(a)
	}
	all, meta := unzipped(t, a.body)
	kinds := map[string]string{}
	for _, f := range meta {
		sum := sha256.Sum256(all[f.Path])
		if len(all[f.Path]) == 0 || hex.EncodeToString(sum[:]) != f.Sum {
			t.Errorf("%s is not what the metadata say", f.Path)
		}
		kinds[f.Path] = f.Kind
		if (f.Till == "永久") != (f.Kind == books.Annual.Label()) {
			t.Errorf("%s of kind %s is kept until %s", f.Path, f.Kind, f.Till)
		}
	}
	want := map[string]struct {
		kind books.Archive
		says []string
	}{
		"账簿/总账.pdf":          {books.Originals, []string{"总账", "年初余额", "本年累计", "102银行存款"}},
		"账簿/明细账/102银行存款.pdf": {books.Originals, []string{"明细账（102）", "本月合计", "本年累计"}},
		"报表/年度资产负债表.pdf":     {books.Annual, []string{"资产负债表", "年度", "资产总计", "工会主席（法定代表人）："}},
		"报表/年度会计报表附注.pdf":    {books.Annual, []string{"会计报表附注"}},
	}
	for m := 1; m <= 12; m++ {
		for _, form := range []string{"资产负债表", "收入支出表"} {
			want[fmt.Sprintf("报表/%02d月%s.pdf", m, form)] = struct {
				kind books.Archive
				says []string
			}{books.Reports, []string{form, fmt.Sprintf("年%d月", m), "单位（公章）："}}
		}
		if csv := fmt.Sprintf("凭证/%02d月记账凭证", m); len(all[csv+".csv"]) > 0 {
			want[csv+".pdf"] = struct {
				kind books.Archive
				says []string
			}{books.Originals, []string{"记账凭证封面", "记字第1号至第", "记账凭证", "字第1", "附单据"}}
		}
	}
	for name, w := range want {
		if len(all[name]) == 0 {
			t.Errorf("no %s among %v", name, slices.Sorted(maps.Keys(all)))
			continue
		}
		if kinds[name] != w.kind.Label() {
			t.Errorf("%s is of kind %s", name, kinds[name])
		}
		text := told(t, all[name])
		for _, say := range w.says {
			if !strings.Contains(text, say) {
				t.Errorf("%s does not say %s: %.600s", name, say, text)
			}
		}
	}
}

// S2-47: the page of a voucher shows the doubts that point to it with their
// clause; one without any shows none.
func TestDoubtsOnTheVoucher(t *testing.T) {
	s := one()
	var flag bill.Flag
	s.write(t, func(tx *sqldb.Tx) error {
		g, err := account.Shell(ctx, tx, city.Tenant, "test", ledger.Look)
		if err != nil {
			return err
		}
		all, err := ledger.Books(ctx, tx, g, "", s.house.Now().Year()-1)
		for _, b := range all {
			if flag.Key != "" || err != nil {
				break
			}
			var flags []bill.Flag
			flags, err = bill.Flags(ctx, tx, g, b)
			for _, f := range flags {
				if len(f.Vouchers) > 0 {
					flag = f
				}
			}
		}
		return err
	})
	if flag.Key == "" {
		t.Fatal("the city has no doubtful voucher")
	}
	who, place := s.as(t, "auditor"), ledger.Home+"/vouchers/"
	a := who.page(t, place+flag.Vouchers[0].ID)
	for _, want := range []string{"疑点：" + flag.Kind.Label(), flag.Text, flag.Rule} {
		if a.code != 200 || !strings.Contains(string(a.body), want) {
			t.Errorf("the page has no %q: %d", want, a.code)
		}
	}
	if a := who.get(t, place+flag.Vouchers[0].ID); !strings.Contains(string(a.body), `"doubts":[{"kind":"`+flag.Kind.Label()) {
		t.Errorf("the answer for programs: %s", a)
	}
	draft := s.first(t, `SELECT id FROM vouchers WHERE tenant_id = $1 AND state = 'draft'`, int64(city.Tenant))
	if a := s.as(t, "accountant").page(t, place+draft); a.code != 200 || strings.Contains(string(a.body), "疑点：") {
		t.Errorf("a draft: %d", a.code)
	}
}
