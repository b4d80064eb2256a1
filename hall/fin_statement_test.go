package hall_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/statement"
	"unionhall/hall"
	"unionhall/hall/city"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/browser"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

func init() {
	kinds[statement.Home+"/{form}"] = "shared statement"
	kinds[statement.Home+"/{form}/cells/{row}"] = "shared statement row"
	kinds[statement.Filings+"/{id}"] = "filing"
}

// filedYear is a year that no demo keeps books of.
const filedYear = 2023

// stated has a union keep books of a year, and submit the statements of its
// first month.
func (s *stand) stated(t testing.TB, tenant int64, union string, x things) {
	t.Helper()
	x["shared statement"], x["shared statement row"], x["shared event"] = "2021-01", "A01", "dues"
	if len(s.look(t, `SELECT id FROM filings WHERE tenant_id = $1 AND union_id = $2`, tenant, union)) == 0 {
		s.write(t, func(tx *sqldb.Tx) error {
			at := day.At(s.house.Now())
			g := auth.As(tenant, "test", auth.Chair, statement.Submit, union)
			b, err := ledger.Start(ctx, tx, g.For(ledger.Open), ledger.Opens{Union: union, Year: filedYear}, at)
			if err != nil {
				return err
			}
			_, err = ledger.Write(ctx, tx, g.For(ledger.Make), ledger.Entry{Union: union, Date: "2023-02-01", Summary: "收到会费", Attachments: 1, Lines: []books.Line{
				{Account: "102", Debit: 100_00}, {Account: "401", Credit: 100_00, Source: books.FR}}}, at)
			if err != nil {
				return err
			}
			m := audit.Moves{}
			if err := ledger.Lock(ctx, tx, g.For(ledger.Carry), m, b, 1, "", at); err != nil {
				return err
			}
			if err := m.Write(ctx, tx, g.For(ledger.Carry), b.ID, map[string]string{"did": "close"}, at); err != nil {
				return err
			}
			_, err = statement.Send(ctx, tx, g, statement.SubmitForm{Union: union, Year: filedYear, Period: "1"}, at)
			return err
		})
	}
	x["filing"] = s.first(t, `SELECT id FROM filings WHERE tenant_id = $1 AND union_id = $2 ORDER BY id DESC`, tenant, union)
	if x["book"] == "" {
		x["book"] = s.filedBook(t, tenant, union)
		x["voucher"] = s.first(t, `SELECT id FROM vouchers WHERE tenant_id = $1 AND book_id = $2 ORDER BY id DESC`, tenant, x["book"])
	}
}

// filedBook is the book of which a union submitted a month.
func (s *stand) filedBook(t testing.TB, tenant int64, union string) string {
	t.Helper()
	return s.first(t, `SELECT id FROM books WHERE tenant_id = $1 AND union_id = $2 AND year = $3`, tenant, union, int64(filedYear))
}

// An accountant opens the balance sheet and goes from a figure down to the
// voucher, looks at all unions together, and prints; a chair does so on the
// phone.
//
// S2-36, S2-44
func TestJourneyStatements(t *testing.T) {
	s := one()
	union := s.unionOf(t, "chair")
	code := s.first(t, `SELECT code FROM unions WHERE tenant_id = $1 AND id = $2`, int64(city.Tenant), union)
	year := s.house.Now().Year()
	sheet := fmt.Sprintf("%s/2021-01?union=%s&year=%d&period=2", statement.Home, code, year)
	down := func(p *browser.Page) {
		p.Go(sheet)
		p.See("货币资金")
		p.Fits()
		p.Click("#left tbody tr:first-child td:last-child a")
		p.See("由哪些科目组成")
		p.Fits()
		p.Click("102 银行存款")
		p.See("本月合计")
		p.Fits()
		p.Click("记-1")
		if !strings.HasPrefix(p.Path(), ledger.Home+"/vouchers/") {
			t.Errorf("the figure leads to %s", p.Path())
		}
	}
	p := browser.Open(t, s.url)
	p.Login("accountant", hall.DemoPassword())
	down(p)
	p.Go(fmt.Sprintf("%s/2021-02?year=%d&period=2&below=1", statement.Home, year))
	p.See("个账套")
	p.Accessible()
	p.Click("#rows tbody tr:nth-child(12) td:last-child a")
	p.See("各工会的数字")
	p.See("市财政局")
	for _, path := range []string{sheet, strings.Replace(sheet, "2021-01?", "2021-01/form.pdf?", 1), fmt.Sprintf("%s/detail.pdf?union=%s&year=%d&account=102", statement.Books, code, year)} {
		a := s.as(t, "accountant").page(t, path)
		if a.code != 200 || strings.Contains(path, ".pdf") && !bytes.HasPrefix(a.body, []byte("%PDF-")) {
			t.Errorf("%s: %d", path, a.code)
		}
	}
	var cell struct {
		Amount string
		Parts  []struct{ Own string }
		Unions []struct{ Amount string }
	}
	s.as(t, "accountant").get(t, fmt.Sprintf("%s/2021-01/cells/A19?year=%d&period=2&below=1&column=closing", statement.Home, year)).into(t, &cell)
	var parts, unions money.Fen
	for _, x := range cell.Parts {
		parts += yuan(t, x.Own)
	}
	for _, x := range cell.Unions {
		unions += yuan(t, x.Amount)
	}
	if total := yuan(t, cell.Amount); total == 0 || parts != total || unions != total || len(cell.Unions) < 3 {
		t.Errorf("S2-44: %s is made of %s and of the %d unions' %s", total, parts, len(cell.Unions), unions)
	}
	phone := browser.Open(t, s.url)
	phone.Size(390, 844)
	phone.Login("chair", hall.DemoPassword())
	down(phone)
	phone.Go(statement.Home + "/charts")
	phone.See("收支差额")
	phone.Fits()
	phone.Accessible()
}

// A chair submits the statements of a closed month; the director receives them
// and the work table says so.
//
// F3.17
func TestJourneyFiling(t *testing.T) {
	s := one()
	union := s.unionOf(t, "chair2")
	s.outside(t)
	book, root := s.filedBook(t, city.Tenant, union), s.first(t, `SELECT id FROM unions WHERE tenant_id = $1 AND parent_id IS NULL`, int64(city.Tenant))
	s.write(t, func(tx *sqldb.Tx) error {
		g, m := auth.System(city.Tenant, "test", ledger.Carry, root), audit.Moves{}
		err := ledger.Lock(ctx, tx, g, m, ledger.Book{ID: book, Year: filedYear}, 2, "", day.At(s.house.Now()))
		if err == nil {
			err = m.Write(ctx, tx, g, book, map[string]string{"did": "closed"}, day.At(s.house.Now()))
		}
		return err
	})
	code := s.first(t, `SELECT code FROM unions WHERE tenant_id = $1 AND id = $2`, int64(city.Tenant), union)
	chair := browser.Open(t, s.url)
	chair.Size(390, 844)
	chair.Login("chair2", hall.DemoPassword())
	chair.Go(fmt.Sprintf("%s/2021-01?union=%s&year=%d&period=2", statement.Home, code, filedYear))
	chair.Click("报送")
	chair.See("报送这些报表")
	chair.Fits()
	chair.Click("form .btn.main")
	chair.See("内容已经固定")
	chair.Fits()
	director := browser.Open(t, s.url)
	director.Login("director", hall.DemoPassword())
	director.Go(chair.Path())
	director.Accessible()
	director.Click("接收")
	director.See("已接收")
	director.Go(fmt.Sprintf("%s?year=%d&period=2", statement.Filings, filedYear))
	director.See("已接收")
}

// K2: a closed statement whose books do not balance is refused: to programs by
// the rule, to people with what is wrong and where to look.
func TestBrokenStatement(t *testing.T) {
	s := one()
	s.outside(t)
	book := s.filedBook(t, city.Tenant, s.unionOf(t, "chair2"))
	code := s.first(t, `SELECT code FROM unions WHERE tenant_id = $1 AND id = $2`, int64(city.Tenant), s.unionOf(t, "chair2"))
	path := fmt.Sprintf("%s/2021-01?union=%s&year=%d&period=1", statement.Home, code, filedYear)
	chair := s.as(t, "chair2")
	if a := chair.page(t, path); a.code != 200 || !bytes.Contains(a.body, []byte("已结账")) {
		t.Fatalf("before: %d", a.code)
	}
	s.write(t, func(tx *sqldb.Tx) error {
		return tx.Insert(ctx, "balances", "tenant_id, book_id, month, account, source, project, debit, credit, carry_debit, carry_credit", [][]any{{int64(city.Tenant), book, int64(1), "162", "-", "-", int64(700), int64(0), int64(0), int64(0)}})
	})
	defer s.write(t, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM balances WHERE tenant_id = $1 AND book_id = $2 AND month = 1 AND account = '162'`, int64(city.Tenant), book)
		return err
	})
	if a := chair.send(t, "GET", path, ""); a.code != 409 || a.text(t, "rule") != "K2" {
		t.Errorf("to a program: %s", a)
	}
	a := chair.page(t, path)
	for _, words := range []string{"这张报表不能出", "7.00", "看科目余额表", "/law/rules#K3"} {
		if !bytes.Contains(a.body, []byte(words)) {
			t.Errorf("the page does not say %q", words)
		}
	}
	if a := chair.page(t, strings.Replace(path, "2021-01?", "2021-01/form.pdf?", 1)); a.code != 409 {
		t.Errorf("printed: %d", a.code)
	}
}

func yuan(t testing.TB, text string) money.Fen {
	t.Helper()
	n, err := money.Parse(text)
	if err != nil {
		t.Error(err)
	}
	return n
}
