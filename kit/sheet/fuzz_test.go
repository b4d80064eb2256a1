package sheet

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"unionhall/kit/fault"
)

// exercise does with a file all that a person can: nothing may panic, and
// what fails must be a refusal.
func exercise(t *testing.T, raw []byte) {
	b, err := Open(bytes.NewReader(raw), int64(len(raw)), "x", Limits{Unzipped: 4 << 20, Rows: 2_000})
	if err == nil {
		defer func() {
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
		}()
		err = walk(b)
	}
	var f *fault.Error
	if err != nil && (!errors.As(err, &f) || f.Kind != fault.Invalid) {
		t.Fatalf("%v is no refusal", err)
	}
}

func walk(b *Book) error {
	known := func(string) bool { return true }
	for i := range b.Sheets() {
		if err := b.All(i, func(r *Row) error { return nil }); err != nil {
			return err
		}
	}
	h, err := b.FindHead(known)
	if err != nil {
		return err
	}
	if _, err := b.Samples(h, 2); err != nil {
		return err
	}
	rows := 0
	if _, err := b.Rows(h, []int{0}, func(r *Row) error { rows += r.N; return nil }); err != nil {
		return err
	}
	Guess(h.Names, roster)
	return b.Report(io.Discard, h, func(row int) Message { return Message{Text: "=x<", Refused: row%2 == 0} })
}

func FuzzFile(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("testdata", "*.*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, n := range names {
		raw, err := os.ReadFile(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw[:min(len(raw), 9_000)])
	}
	f.Add([]byte("姓名,证件号码\n\"王\"\"\n\",'1\n"))
	f.Add([]byte("\xFF\xFEa\x00,\x00b\x00"))
	f.Add(workbookOf(f, `<worksheet><sheetData><row><c t="str"><v>姓名</v></c></row></sheetData></worksheet>`))
	f.Fuzz(exercise)
}

func FuzzParts(f *testing.F) {
	f.Add(`<worksheet><dimension ref="A1"/><cols><col min="1" max="9" hidden="1"/></cols><sheetData><row r="1" spans="1:2"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>性别</t></is></c></row>`+
		`<row r="2"><c r="A2" s="1"><v>34467</v></c><c r="B2" t="str"><f>A1</f><v>&amp;_x000D_</v></c></row></sheetData><mergeCells><mergeCell ref="A2:A3"/></mergeCells></worksheet>`,
		`<sst><si><t>姓名</t></si><si><r><t>a</t></r><rPh><t>b</t></rPh></si></sst>`, dated)
	f.Add(`<x:worksheet><x:sheetData><x:row><x:c t='b'><x:v>1</x:v></x:c><x:c><![CDATA[a]]></x:c></x:row></x:sheetData></x:worksheet>`, `<sst/>`,
		`<styleSheet><fills count="1"><fill/></fills><cellXfs><xf numFmtId="14" fillId="0"><alignment/></xf></cellXfs></styleSheet>`)
	f.Fuzz(func(t *testing.T, sheet, shared, styles string) {
		exercise(t, workbookOf(t, sheet, "xl/sharedStrings.xml", shared, "xl/styles.xml", styles))
	})
}
