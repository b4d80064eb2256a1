package hall_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"unionhall/hall"
)

// formulas is a union whose every text would be a formula in a spreadsheet.
const formulas = `{"name":"+1-2工会%s","short_name":"@简称","address":"=HYPERLINK(\"http://x\",\"点\")","leader":"-王某","phone":"+86 415 2000000","economy":"@1",` +
	`"kind":"base","parent":%q,"document":"=1","party_org":"+党委","day":"2020-01-02"}`

// PL-20: whoever exports a list and imports the file as it is changes nothing.
// PL-22: no cell of it is a formula.
func TestRoundTrip(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		p := s.as(t, "officer")
		root := s.first(t, `SELECT code FROM unions WHERE tenant_id = 2106000001 AND parent_id IS NULL`)
		p.post(t, unions, fmt.Sprintf(formulas, fresh(), root))
		for _, c := range []struct {
			kind, name string
			take       func(name string) []byte
		}{
			{"unions", "工会.csv", func(string) []byte { return p.file(t, unions+".csv") }},
			{"unions", "工会.xlsx", func(string) []byte { return p.file(t, unions+".xlsx") }},
			{"roster", "会员.csv", s.roster(t)},
			{"roster", "会员.xlsx", s.roster(t)},
		} {
			t.Run(c.name, func(t *testing.T) {
				content := c.take(c.name)
				neutral(t, c.name, content)
				var v struct {
					Rows, New, Changed, Moved, Same, Refused, Warned int
					Problems                                         []map[string]any
				}
				id := p.judged(t, c.kind, strings.Replace(c.name, ".", fresh()+".", 1), content)
				p.get(t, imports+"/"+id).into(t, &v)
				if v.Rows < 30 || v.New+v.Changed+v.Moved+v.Refused > 0 || v.Same != v.Rows {
					t.Errorf("%.3000s", fmt.Sprintf("%+v", v))
				}
			})
		}
	})
}

// file takes a file away.
func (p person) file(t testing.TB, path string) []byte {
	t.Helper()
	a := p.get(t, path)
	if a.code != 200 {
		t.Fatalf("%s: %s", path, a)
	}
	return a.body
}

// roster exports the members with their numbers in full.
func (s *stand) roster(t *testing.T) func(string) []byte {
	return func(name string) []byte {
		t.Helper()
		out := filepath.Join(t.TempDir(), name)
		if err := s.house.Export(ctx, hall.Exporting{Kind: "roster", Full: true, Out: out, By: "test"}); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}

// neutral fails the test for every cell that a spreadsheet would compute.
func neutral(t *testing.T, name string, content []byte) {
	t.Helper()
	var rows [][]string
	var err error
	if strings.HasSuffix(name, ".csv") {
		rows, err = csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff")))).ReadAll()
	} else {
		rows, err = cells(t, content)
	}
	if err != nil {
		t.Fatal(err)
	}
	marked := 0
	for _, row := range rows {
		for _, cell := range row {
			if strings.HasPrefix(cell, "'") {
				marked++
			}
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				t.Errorf("%s: the cell %q begins a formula", name, cell)
			}
		}
	}
	if strings.HasPrefix(name, "工会") && marked < 6 {
		t.Errorf("%s: only %d cells are marked as text", name, marked)
	}
}

func cells(t *testing.T, content []byte) (rows [][]string, err error) {
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		return nil, err
	}
	defer book.Close()
	sheet := book.GetSheetName(0)
	if rows, err = book.GetRows(sheet); err != nil {
		return nil, err
	}
	for r := range rows {
		for c := range rows[r] {
			at, err := excelize.CoordinatesToCellName(c+1, r+1)
			if err != nil {
				return nil, err
			}
			if f, err := book.GetCellFormula(sheet, at); err != nil || f != "" {
				t.Errorf("%s holds a formula: %q %v", at, f, err)
			}
		}
	}
	return rows, nil
}
