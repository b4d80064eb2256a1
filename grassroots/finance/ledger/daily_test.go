package ledger_test

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/grassroots/registry/town"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// A list paged by key is the whole list, in every order, once; what is
// exported is what is filtered.
func TestLists(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		s.Open(s.B, 2026)
		for i := range 7 {
			s.Post(s.A, "2026-03-05", fmt.Sprintf("收到会费%d", i), fmt.Sprintf("102 debit %d.00", 10-i), fmt.Sprintf("401 credit %d.00 fr", 10-i))
		}
		s.Post(s.A, "2026-04-01", "慰问", "50105 debit 3.00 fr office", "102 credit 3.00")
		s.Draft(s.A, "2026-05-01", "待审", "102 debit 77.00", "401 credit 77.00 fr")
		s.Draft(s.B, "2026-05-01", "另一个工会", "102 debit 5.00", "401 credit 5.00 fr")
		v := visit(t, s, auth.Accountant, "accountant", s.Root)
		of := "?union=" + s.A.Code + "&year=2026"
		for _, c := range []struct {
			query string
			want  int
		}{
			{of, 9}, {of + "&state=posted", 8}, {of + "&state=draft", 1}, {of + "&state=discarded", 0}, {of + "&period=2026-03", 7}, {of + "&period=4", 1}, {"?year=2026", 10}, {"?year=2026&state=draft", 2}, {"?year=2020", 0},
			{of + "&q=" + url.QueryEscape("会费"), 7}, {of + "&q=77", 1}, {of + "&q=" + url.QueryEscape("记-2"), 1}, {of + "&q=%25", 0}, {of + "&account=501", 1}, {of + "&account=102", 8}, {of + "&maker=accountant", 9}, {of + "&maker=nobody", 0}, {of + "&unsigned=1", 8}, {of + "&nature=opening", 0},
		} {
			for _, sort := range []string{"", "date", "-date", "amount", "-amount", "made", "-made"} {
				all := listed(v, c.query+"&limit=3&sort="+sort)
				ids := map[string]bool{}
				for _, x := range all {
					ids[x.ID] = true
				}
				if len(all) != c.want || len(ids) != c.want {
					t.Errorf("%s by %q: %d vouchers, %d of them once, want %d", c.query, sort, len(all), len(ids), c.want)
				}
				if by := strings.TrimPrefix(sort, "-"); by == "amount" && !slices.IsSortedFunc(all, func(a, b ledger.Voucher) int {
					if sort == "-amount" {
						a, b = b, a
					}
					return int(a.Total - b.Total)
				}) {
					t.Errorf("%s is not sorted %s", c.query, sort)
				}
			}
			_, csv, _ := v.send("GET", "/vouchers.csv"+c.query, "", "*/*", "")
			if n := strings.Count(csv, "\n") - 1; n != c.want {
				t.Errorf("%s as a file has %d lines, want %d", c.query, n, c.want)
			}
		}
		if all := listed(v, of+"&state=posted&limit=3"); all[0].Month != 4 || all[1].Number != 7 || all[7].Number != 1 {
			t.Errorf("posted ones by number: %s", all[0].Name())
		}
		if code, text := v.json("GET", "/vouchers"+of+"&sort=salary", "", nil); code != 422 {
			t.Errorf("no such order: %d %s", code, text)
		}
		for _, path := range []string{"/vouchers" + of, "/vouchers?year=2026", "/vouchers" + of + "&state=posted&sort=-amount", "", "/accounts?system=2009&q=yhck", "/projects", "/templates"} {
			if code, text := v.page(path); code != 200 || !strings.Contains(text, "</html>") {
				t.Errorf("%s: %d", path, code)
			}
		}
	})
}

// Many are reviewed and posted at one press: what a rule refuses is told and
// stays, numbers have no gap.
//
// law: F3.19, F3.20, F3.23
func TestMany(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		var ids []string
		for i := range 5 {
			ids = append(ids, s.Draft(s.A, "2026-03-05", fmt.Sprintf("收到会费%d", i), "102 debit 1.00", "401 credit 1.00 fr").ID)
		}
		var bare ledger.Voucher
		v := visit(t, s, auth.Accountant, "accountant", s.Root)
		v.json("POST", "/vouchers", fmt.Sprintf(`{"union":%q,"date":"2026-03-05","summary":"没有单据","lines":[{"account":"102","debit":"2"},{"account":"401","credit":"2","source":"fr"}]}`, s.A.Code), &bare)
		ids = append(ids, bare.ID)
		all := `{"id":["` + strings.Join(ids, `","`) + `"]}`
		chair := visit(t, s, auth.Director, "director", s.Root)
		_, preview := chair.page("/vouchers/many?act=review&id=" + strings.Join(ids, "&id="))
		has(t, preview, "将审核 6 张，合计 7.00 元")
		var d struct {
			Done    int
			Refused []ledger.Refused
		}
		if code, text := chair.json("POST", "/vouchers/many/review", all, &d); code != 200 || d.Done != 6 {
			t.Fatalf("review: %d %s", code, text)
		}
		if code, text := chair.json("POST", "/vouchers/many/review", all, &d); code != 200 || d.Done != 0 || len(d.Refused) != 6 {
			t.Errorf("pressed twice: %d %s", code, text)
		}
		_, preview = v.page("/vouchers/many?act=post&id=" + strings.Join(ids, "&id="))
		has(t, preview, "将记账 5 张，合计 5.00 元", "不能记账的 1 张", "没有附单据")
		if code, text := v.json("POST", "/vouchers/many/post", all, &d); code != 200 || d.Done != 5 || len(d.Refused) != 1 || d.Refused[0].Rule != "F3.20" {
			t.Errorf("post: %d %s", code, text)
		}
		if code, _ := visit(t, s, auth.Cashier, "cashier", s.Root).json("POST", "/vouchers/many/sign", all, &d); code != 200 || d.Done != 6 {
			t.Errorf("F3.18: signed %d, %+v", code, d)
		}
		if code, _ := v.json("POST", "/vouchers/many/review", all, nil); code != 403 {
			t.Errorf("the accountant reviews: %d", code)
		}
		verify(t, s)
	})
}

// A voucher of which only the amounts are wrong gets one of the difference,
// red where it was too much, once; twenty at the same moment make one.
//
// law: F3.22
func TestMend(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		v := s.Post(s.A, "2026-03-05", "慰问会员", "50105 debit 300.00 fr office", "50101 debit 5.00 fr office", "102 credit 305.00")
		rights := []money.Fen{30_00, 5_00, 35_00}
		var wg sync.WaitGroup
		errs, made := make([]error, 20), make([]ledger.Voucher, 20)
		for i := range errs {
			wg.Go(func() {
				errs[i] = s.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
					made[i], err = ledger.Mend(ctx, tx, s.Accountant(ledger.Correct), v.ID, 0, rights, "2026-04-02", town.Now)
					return err
				})
			})
		}
		wg.Wait()
		var fix ledger.Voucher
		won := 0
		for i, err := range errs {
			if err == nil {
				won, fix = won+1, made[i]
			} else if f := fault.Of(err); f.Kind != fault.Conflict || f.Rule != "F3.22" {
				t.Errorf("the loser got %v", err)
			}
		}
		if won != 1 || len(fix.Lines) != 2 || fix.Lines[0].Debit != -270_00 || fix.Lines[1].Credit != -270_00 || fix.Summary != "更正 3 月 5 日 记-1 号凭证金额" {
			t.Fatalf("%d made: %+v", won, fix)
		}
		s.Through(fix)
		if got := figures(s, s.A.ID, 1, 4).Debit("501", "fr", false); got != 35_00 {
			t.Errorf("after the correction %s was spent", got)
		}
		s.Do(func(tx *sqldb.Tx) error {
			for what, err := range map[string]error{
				"the red one of what was corrected": second(ledger.Undo(ctx, tx, s.Accountant(ledger.Reverse), v.ID, "", town.Now)),
				"nothing differs":                   second(ledger.Mend(ctx, tx, s.Accountant(ledger.Correct), fix.ID, 0, []money.Fen{-270_00, -270_00}, "", town.Now)),
			} {
				if fault.Of(err).Rule != "F3.22" {
					t.Errorf("%s: %v", what, err)
				}
			}
			return nil
		})
		web := visit(t, s, auth.Accountant, "accountant", s.Root)
		_, text := web.page("/vouchers/" + v.ID)
		has(t, text, "差额更正凭证", fix.ID)
		_, text = web.page("/vouchers/" + fix.ID)
		has(t, text, "更正了", "-270.00", v.ID, "负贰佰柒拾元整")
		verify(t, s)
	})
}

func second(_ ledger.Voucher, err error) error { return err }

// A voucher is kept as a template, used, copied and forgotten.
func TestTemplates(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		d := s.Post(s.A, "2026-03-05", "慰问会员", "50105 debit 30.00 fr office", "102 credit 30.00 @张某")
		v := visit(t, s, auth.Accountant, "accountant", s.Root)
		var kept ledger.Template
		if code, text := v.json("POST", "/vouchers/"+d.ID+"/template", `{"name":"慰问","amounts":false}`, &kept); code != 201 || kept.Lines[0].Debit != 0 || kept.Lines[1].Party != "" {
			t.Fatalf("kept: %d %s", code, text)
		}
		if code, _ := v.json("POST", "/vouchers/"+d.ID+"/template", `{"name":"慰问"}`, nil); code != 409 {
			t.Errorf("the same name again: %d", code)
		}
		_, text := v.page("/vouchers/new?union=" + s.A.Code + "&template=" + kept.ID)
		has(t, text, `value="慰问会员"`, `value="50105 职工活动支出—会员活动支出"`)
		_, text = v.page("/vouchers/new?union=" + s.A.Code + "&copy=" + d.ID)
		has(t, text, `value="30.00"`, `value="张某"`)
		_, text = v.page("/templates?union=" + s.A.Code)
		has(t, text, "慰问")
		if code, _ := visit(t, s, auth.Accountant, "x", s.B).json("POST", "/templates/"+kept.ID+"/delete", `{}`, nil); code != 404 {
			t.Errorf("out of reach: %d", code)
		}
		for _, want := range []int{200, 404} {
			if code, _ := v.json("POST", "/templates/"+kept.ID+"/delete", `{}`, nil); code != want {
				t.Errorf("forgotten: %d, want %d", code, want)
			}
		}
	})
}

// Details of the office's own come and go by F3.3; projects are renamed and
// end by F3.4.
func TestChartAndProjects(t *testing.T) {
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		v := visit(t, s, auth.Accountant, "accountant", s.Root)
		add := func(name string, want int) (a books.Account) {
			t.Helper()
			code, text := v.json("POST", "/accounts", fmt.Sprintf(`{"system":"2021","parent":"50105","name":%q,"document":"省工发〔2026〕1号"}`, name), &a)
			if code != want {
				t.Errorf("F3.3 %s: %d %s", name, code, text)
			}
			return a
		}
		one, two := add("春游", 201), add("秋游", 201)
		if one.Code != "5010501" || two.Code != "5010502" {
			t.Errorf("codes %s and %s", one.Code, two.Code)
		}
		add("春游", 409)
		end := func(code string, want int) {
			t.Helper()
			if got, text := v.json("POST", "/accounts/end", fmt.Sprintf(`{"system":"2021","code":%q}`, code), nil); got != want {
				t.Errorf("end %s: %d %s", code, got, text)
			}
		}
		s.Draft(s.A, "2026-03-05", "春游", "5010501 debit 1.00 fr office", "102 credit 1.00")
		end("5010501", 409)
		end("102", 409)
		end("5010502", 200)
		end("5010502", 404)
		if three := add("冬游", 201); three.Code != "5010503" {
			t.Errorf("an ended code is given again: %s", three.Code)
		}
		var p ledger.Project
		v.json("POST", "/projects", fmt.Sprintf(`{"union":%q,"code":"2026-01","name":"送温暖","from":"2026-01-01"}`, s.A.Code), &p)
		for _, c := range []struct {
			path, body string
			want       int
		}{
			{"/rename", `{"name":"送清凉","version":1}`, 200}, {"/rename", `{"name":"送清凉","version":1}`, 409}, {"/rename", `{"name":""}`, 422},
			{"/end", `{"ended":"2025-01-01"}`, 422}, {"/end", `{"ended":"2026-06-01"}`, 200}, {"/end", `{}`, 409},
		} {
			if code, text := v.json("POST", "/projects/"+p.ID+c.path, c.body, nil); code != c.want {
				t.Errorf("F3.4 %s %s: %d %s", c.path, c.body, code, text)
			}
		}
		_, text := v.page("/vouchers/new?union=" + s.A.Code)
		if strings.Contains(text, "送清凉") {
			t.Error("F3.4: a project that has ended is offered")
		}
	})
}

// A voucher of many lines is printed on several sheets, 12 1/3 and on.
//
// law: F3.19, F3.25
func TestPrint(t *testing.T) {
	for _, c := range []struct {
		law  string
		n    int
		want string
	}{{"F3.19 one sheet", 8, "12"}, {"F3.19 two", 9, "12　1/2 12　2/2"}, {"F3.19 three", 24, "12　1/3 12　2/3 12　3/3"}} {
		if got := strings.Join(ledger.SheetNumbers(ledger.Voucher{Number: 12}, c.n), " "); got != c.want {
			t.Errorf("%s: %s", c.law, got)
		}
	}
	each(t, func(t *testing.T, s shop.Shop) {
		s.Open(s.A, 2026)
		d := s.Post(s.A, "2026-03-05", "慰问会员", "50105 debit 1409.50 fr office", "102 credit 1409.50")
		v := visit(t, s, auth.Accountant, "accountant", s.Root)
		var b ledger.Standing
		var home struct{ Items []ledger.Standing }
		v.json("GET", "?year=2026", "", &home)
		b = home.Items[0]
		for _, path := range []string{"/vouchers/" + d.ID + "/print", "/vouchers.pdf?union=" + s.A.Code + "&year=2026&state=posted&period=3", "/vouchers.pdf?union=" + s.A.Code + "&year=2026&period=9", "/books/" + b.ID + "/covers/3.pdf"} {
			if code, text, _ := v.send("GET", path, "", "*/*", ""); code != 200 || !bytes.HasPrefix([]byte(text), []byte("%PDF-")) {
				t.Errorf("%s: %d", path, code)
			}
		}
		if code, _, _ := v.send("GET", "/books/"+b.ID+"/covers/13.pdf", "", "application/json", ""); code != 404 {
			t.Errorf("a 13th month: %d", code)
		}
	})
}
