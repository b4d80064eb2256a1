package hall_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"unionhall/grassroots/registry/yearly"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

const returns = "/grassroots/registry/yearly"

// returned is a draft of one union's own return, which nobody beside it sees.
func (s *stand) returned(t testing.TB, tenant int64, union string) string {
	t.Helper()
	if has := s.look(t, `SELECT id FROM yearly_returns WHERE tenant_id = $1 AND union_id = $2`, tenant, union); len(has) > 0 {
		return has[0]
	}
	var r yearly.Return
	s.write(t, func(tx *sqldb.Tx) (err error) {
		g := auth.As(tenant, s.accountIn(tx, tenant), auth.Officer, yearly.Make, union)
		at := day.At(s.house.Now())
		r, err = s.house.Yearly.Begin(ctx, tx, g, yearly.MakeForm{Year: int64(at.Day().Year())}, at)
		return err
	})
	if err := s.house.Runner.RunAbout(ctx, tenant, r.ID); err != nil {
		t.Fatal(err)
	}
	return r.ID
}

// accountIn is that of an officer of the tenant.
func (s *stand) accountIn(tx *sqldb.Tx, tenant int64) string {
	ids, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT account_id FROM posts WHERE tenant_id = $1 AND office = 'officer' ORDER BY id LIMIT 1`, tenant)
	if err != nil || len(ids) == 0 {
		return ""
	}
	return ids[0]
}

// S2-14: a chair sees the own part of the committee's return and no other's,
// and each figure opens exactly as many people or unions as it says.
func TestYearlyReach(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		root := s.first(t, `SELECT y.id FROM yearly_returns y JOIN unions u ON u.tenant_id = y.tenant_id AND u.id = y.union_id WHERE y.tenant_id = $1 AND u.parent_id IS NULL ORDER BY y.year DESC`, int64(city.Tenant))
		code := func(login string) string {
			return s.first(t, `SELECT code FROM unions WHERE tenant_id = $1 AND id = $2`, int64(city.Tenant), s.unionOf(t, login))
		}
		chair, officer := s.as(t, "chair"), s.as(t, "officer")
		if a := chair.get(t, returns+"/"+root); a.code != 200 || !strings.Contains(string(a.body), code("chair")) || strings.Contains(string(a.body), code("chair2")) {
			t.Errorf("the chair's part: %s", a)
		}
		for _, path := range []string{"", "/people", "/units", "/return.xlsx"} {
			if a := chair.send(t, "GET", returns+"/"+root+path+"?unit="+code("chair2"), ""); a.code != 404 {
				t.Errorf("%s of another union: %s", path, a)
			}
		}
		a := officer.get(t, returns+"/"+root)
		var page struct {
			Figures []struct {
				Key   string
				Value int64
			}
		}
		a.into(t, &page)
		if len(page.Figures) != len(yearly.Indicators) {
			t.Fatalf("%d figures: %s", len(page.Figures), a)
		}
		for i, f := range page.Figures {
			if yearly.Indicators[i].Bit == 0 {
				var p struct{ Items []struct{ Value int64 } }
				officer.get(t, returns+"/"+root+"/units?of="+f.Key).into(t, &p)
				sum := int64(0)
				for _, x := range p.Items {
					sum += x.Value
				}
				if sum != f.Value {
					t.Errorf("%s is %d, its unions make %d", f.Key, f.Value, sum)
				}
				continue
			}
			if n := s.behind(t, officer, root, f.Key); n != f.Value {
				t.Errorf("%s is %d, its list holds %d", f.Key, f.Value, n)
			}
		}
	})
}

// behind counts the people that the pages of a figure's list hold.
func (s *stand) behind(t *testing.T, p person, id, key string) (n int64) {
	t.Helper()
	seen, after := map[string]bool{}, ""
	for {
		var page struct {
			Items []struct{ ID, Union string }
			Next  string
		}
		p.get(t, returns+"/"+id+"/people?limit=200&of="+key+"&after="+url.QueryEscape(after)).into(t, &page)
		for _, x := range page.Items {
			if seen[x.ID+x.Union] {
				t.Errorf("%s lists %s twice", key, x.ID)
			}
			seen[x.ID+x.Union] = true
		}
		if n += int64(len(page.Items)); page.Next == "" {
			return n
		}
		after = page.Next
	}
}

// The walk of a return through the pages of four people.
func TestYearlyWalk(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		year := s.house.Now().Year() - 4
		id := s.as(t, "officer").post(t, returns, fmt.Sprintf(`{"year":%d}`, year)).text(t, "id")
		if err := s.house.Runner.Await(ctx, city.Tenant, id); err != nil {
			t.Fatal(err)
		}
		at := returns + "/" + id
		if a := s.as(t, "officer").send(t, "POST", returns, fmt.Sprintf(`{"year":%d}`, year)); a.code != 409 {
			t.Errorf("a second one for the year: %s", a)
		}
		if a := s.as(t, "officer").send(t, "POST", at+"/check", `{"version":2}`); a.code != 403 {
			t.Errorf("who counted checks: %s", a)
		}
		if a := s.as(t, "chair").send(t, "POST", at+"/review", `{"right":false,"words":"少了两人"}`); a.code != 200 {
			t.Errorf("the chair objects: %s", a)
		}
		s.as(t, "auditor").post(t, at+"/check", `{"version":2}`)
		if a := s.as(t, "director").send(t, "POST", at+"/freeze", `{"version":3}`); a.code != 409 {
			t.Errorf("frozen against an objection: %s", a)
		}
		s.as(t, "chair").post(t, at+"/review", `{"right":true}`)
		s.as(t, "director").post(t, at+"/freeze", `{"version":3}`)
		if a := s.as(t, "chair").send(t, "POST", at+"/review", `{"right":true}`); a.code != 409 {
			t.Errorf("a word after the freezing: %s", a)
		}
		if a := s.as(t, "officer").send(t, "POST", at+"/recount", `{"version":4}`); a.code != 409 {
			t.Errorf("counted anew after the freezing: %s", a)
		}
		if a := s.as(t, "officer").send(t, "POST", at+"/submit", `{"version":4}`); a.code != 422 {
			t.Errorf("submitted without a document: %s", a)
		}
		s.as(t, "officer").post(t, at+"/submit", `{"version":4,"document":"滨直工〔2023〕2号"}`)
		p, err := s.house.Verify(ctx)
		if err != nil || len(p.Findings) > 0 {
			t.Errorf("%+v, %v", p.Findings, err)
		}
	})
}
