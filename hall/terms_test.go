package hall_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/term"
	"unionhall/hall/city"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/browser"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/schema"
)

const terms = "/grassroots/registry/terms"

// PL-09: when a chair's seat ends the account's post over the union ends with
// it, an officer is told, and the page that was open a moment ago is closed;
// who is newly seated and has an account is offered the post.
func TestRightsEndWithTheSeat(t *testing.T) {
	for _, engine := range engines(t) {
		t.Run(engine, func(t *testing.T) {
			rightsEnd(t, raise(t, engine, city.Plan{Unions: 40, Members: 3000, Years: 3, Seed: 1}))
		})
	}
}

func rightsEnd(t *testing.T, s *stand) {
	chair, officer, admin := s.as(t, "chair"), s.as(t, "officer"), s.as(t, "admin")
	union := s.unionOf(t, "chair")
	seat := s.first(t, `SELECT s.id FROM seats s JOIN accounts a ON a.tenant_id = s.tenant_id AND a.member_id = s.member_id WHERE s.tenant_id = $1 AND a.login = 'chair' AND s.to_day IS NULL AND s.office = 'chair'`, int64(city.Tenant))
	if a := chair.get(t, terms); a.code != 200 {
		t.Fatal(a)
	}
	today := day.At(s.house.Now()).Day()
	officer.post(t, "/grassroots/registry/seats/"+seat+"/end", fmt.Sprintf(`{"version":1,"to":%q,"how_ended":"retired","document":"滨组干字〔2026〕20号"}`, today.AddDays(-1)))
	if a := chair.get(t, terms); a.code != 403 {
		t.Errorf("PL-09: who chairs no longer gets %s", a)
	}
	if to := s.first(t, `SELECT p.to_day FROM posts p JOIN accounts a ON a.tenant_id = p.tenant_id AND a.id = p.account_id WHERE p.tenant_id = $1 AND a.login = 'chair'`, int64(city.Tenant)); to != string(today.AddDays(-1)) {
		t.Errorf("PL-09: the post ends on %s", to)
	}
	told := func(login string) string {
		return strings.Join(s.look(t, `SELECT m.title FROM messages m JOIN accounts a ON a.tenant_id = m.tenant_id AND a.id = m.account_id WHERE m.tenant_id = $1 AND a.login = $2 ORDER BY m.id`, int64(city.Tenant), login), "；")
	}
	if !strings.Contains(told("officer"), "岗位随任职结束") {
		t.Errorf("PL-09: the officer was told %s", told("officer"))
	}

	body := s.first(t, `SELECT body_id FROM seats WHERE tenant_id = $1 AND id = $2`, int64(city.Tenant), seat)
	account := s.accountOf(t, city.Tenant, "member")
	vice := s.first(t, `SELECT s.id FROM seats s WHERE s.tenant_id = $1 AND s.body_id = $2 AND s.to_day IS NULL AND NOT EXISTS (
		SELECT 1 FROM seats o JOIN bodies b ON b.tenant_id = o.tenant_id AND b.id = o.body_id AND b.kind = 'audit'
		WHERE o.tenant_id = s.tenant_id AND o.member_id = s.member_id AND o.to_day IS NULL)`, int64(city.Tenant), body)
	member := s.first(t, `SELECT member_id FROM seats WHERE tenant_id = $1 AND id = $2`, int64(city.Tenant), vice)
	admin.post(t, "/system/accounts/"+account+"/member", fmt.Sprintf(`{"member":%q,"version":%s}`, member, s.first(t, `SELECT cast(version AS text) FROM accounts WHERE tenant_id = $1 AND id = $2`, int64(city.Tenant), account)))
	fill := fmt.Sprintf(`{"member_id":%q,"office":"chair","how":"by_election","elector":%%q,"from":%q,"document":"滨直工〔2026〕45号"}`, member, today)
	if a := officer.send(t, "POST", "/grassroots/registry/bodies/"+body+"/fill", fmt.Sprintf(fill, "")); a.code != 422 || a.text(t, "rule") != "ELE-61" {
		t.Errorf("ELE-61: %s", a)
	}
	officer.post(t, "/grassroots/registry/bodies/"+body+"/fill", fmt.Sprintf(fill, "committee"))
	if how := s.first(t, `SELECT how_ended FROM seats WHERE tenant_id = $1 AND id = $2`, int64(city.Tenant), vice); how != "promoted" {
		t.Errorf("ELE-61, ORG-27: the seat held before ended as %s", how)
	}
	if !strings.Contains(told("admin"), "请任命岗位") {
		t.Errorf("PL-09: the administrator was told %s", told("admin"))
	}
	place := "/system/accounts/" + account + "/posts?office=chair&union=" + union
	offered := func() (out []string) {
		var table struct {
			Duties []struct{ Tag, Href string }
		}
		admin.get(t, "/").into(t, &table)
		for _, d := range table.Duties {
			if d.Tag == "未任命" {
				out = append(out, d.Href)
			}
		}
		return out
	}
	if got := offered(); !slices.Contains(got, place) {
		t.Errorf("PL-09: the work table offers %v", got)
	}
	admin.post(t, "/system/accounts/"+account+"/posts", fmt.Sprintf(`{"office":"chair","union":%q,"from":%q}`, union, today))
	if got := offered(); slices.Contains(got, place) {
		t.Errorf("PL-09: the post is offered still: %v", got)
	}
	err := s.house.DB.View(ctx, func(tx *sqldb.Tx) error {
		rep, err := audit.Verify(ctx, tx, city.Tenant, schema.Sealed)
		if len(rep.Findings) > 0 {
			t.Errorf("PL-08: %+v", rep.Findings)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A chair asks for an extension, the officer looks it over, the director
// approves: three people, each led there by the own work table; then on the
// phone the chair writes down a meeting.
func TestJourneyTerms(t *testing.T) {
	s := raise(t, "sqlite", small)
	chair := s.tab(t, "chair2") // whose committee is overdue
	chair.Go("/")
	chair.See("委员会届满")
	chair.Go(terms)
	chair.See("届满未换届")
	chair.Go(terms + "/unions/" + s.unionOf(t, "chair2"))
	chair.See("没有经批准的延期")
	chair.Click("申请延期")
	chair.Set("#f-until", "2020-01-01")
	chair.Type("#f-words", "单位机构改革")
	chair.Click("form button.main")
	chair.See("应晚于届满日")
	if chair.Status() != 422 || chair.Value("#f-words") != "单位机构改革" {
		t.Errorf("the refused form comes back with %d %q", chair.Status(), chair.Value("#f-words"))
	}
	due := day.Day(s.first(t, `SELECT due FROM bodies WHERE tenant_id = $1 AND union_id = $2 AND kind = 'committee' AND ended IS NULL`, int64(city.Tenant), s.unionOf(t, "chair2")))
	chair.Set("#f-until", string(due.AddMonths(6)))
	chair.Click("form button.main")
	chair.See("等工委组织干事审核")
	place := chair.Path()

	step := func(login, button, document, see string) *browser.Page {
		p := s.tab(t, login)
		p.Go("/")
		if !strings.Contains(p.HTML(), place) {
			t.Errorf("%s is not led to %s", login, place)
		}
		p.Go(place)
		p.Click(button)
		if document != "" {
			p.Type("dialog #f-document", document)
		}
		p.Click("dialog .btn.main")
		p.See(see)
		return p
	}
	step("officer", "审核通过", "", "待批准")
	step("director", "批准延期", "滨直工〔2026〕51号", "已批准")
	chair.Go(terms + "?state=extended")
	chair.See("延期中")
	chair.Go("/messages")
	chair.See("延期换届已批准")

	chair.Size(390, 844)
	chair.Go(terms + "/unions/" + s.unionOf(t, "chair2"))
	chair.Fits()
	chair.Click("登记会议")
	chair.Set("#f-day", string(day.At(s.house.Now()).Day().AddDays(-3)))
	chair.Type("#f-due", "20")
	chair.Type("#f-present", "18")
	chair.Click("form button.main")
	chair.See("已登记")
	chair.Go(terms)
	chair.Fits()
	chair.Go("/grassroots/registry/women")
	chair.See("女职工委员会")
	chair.Fits()
}

// The register of protections says nothing before a reason is given, and who
// looked why stands in the log; a chair who is not the women's director is told
// whom to ask.
func TestJourneyCare(t *testing.T) {
	s := raise(t, "sqlite", small)
	p := s.tab(t, "officer")
	p.Go("/grassroots/registry/women")
	p.Click("女职工保护登记")
	name := s.first(t, `SELECT m.name FROM care_events e JOIN members m ON m.tenant_id = e.tenant_id AND m.id = e.member_id WHERE e.tenant_id = $1 ORDER BY e.id`, int64(city.Tenant))
	if strings.Contains(p.Text(), name) {
		t.Error("WOM-05: a name stands there before anybody asked")
	}
	p.Type("#f-reason", "安排产假慰问")
	p.Click("form button.main")
	p.See(name)
	p.See("产假")
	a := s.tab(t, "audit")
	a.Go("/audit?q=" + url.QueryEscape("安排产假慰问"))
	a.See("女职工保护登记")
	c := s.tab(t, "chair2")
	c.Go("/grassroots/registry/women/care")
	c.See("不向您开放")
}

// Files: the table goes out as CSV, workbook and calendar, each as it is
// filtered, and each with what the page shows.
func TestTermFiles(t *testing.T) {
	s := one()
	p := s.as(t, "officer")
	var page struct {
		Items []struct{ Union, Due string }
	}
	p.get(t, terms+"?state=warn&limit=200").into(t, &page)
	if len(page.Items) == 0 {
		t.Fatal("nothing is near its end")
	}
	for _, c := range []struct {
		ending, kind string
		n            func(body string) int
	}{
		{".csv", "text/csv", func(b string) int { return strings.Count(b, "即将届满") }},
		{".ics", "text/calendar", func(b string) int { return strings.Count(b, "BEGIN:VEVENT") }},
		{".xlsx", "application/vnd.openxmlformats", nil},
	} {
		a := p.get(t, terms+c.ending+"?state=warn")
		if a.code != 200 || !strings.HasPrefix(a.head.Get("Content-Type"), c.kind) || len(a.body) < 100 {
			t.Errorf("%s: %s", c.ending, a)
		}
		if c.n != nil && c.n(string(a.body)) != len(page.Items) {
			t.Errorf("%s holds %d, the page %d", c.ending, c.n(string(a.body)), len(page.Items))
		}
	}
}

// requests makes what waits for a decision in a union: an extension of a term
// and the move of a chair.
func (s *stand) requests(t testing.TB, tenant int64, union string, x things) {
	t.Helper()
	at := day.At(s.house.Now())
	chair := auth.As(tenant, "test", auth.Chair, term.Ask, union)
	s.write(t, func(tx *sqldb.Tx) error {
		open, err := term.OpenExtensions(ctx, tx, chair)
		if err != nil {
			return err
		}
		if len(open) == 0 {
			body, err := registry.FindBody(ctx, tx, chair, s.first(t, `SELECT id FROM bodies WHERE tenant_id = $1 AND union_id = $2 AND kind = 'committee' AND ended IS NULL`, tenant, union))
			if err != nil {
				return err
			}
			e, err := term.AskExtension(ctx, tx, chair, body.ID, body.Due.AddMonths(3), flow.Given{Words: "筹备不及"}, at)
			if err != nil {
				return err
			}
			open = append(open, e)
		}
		x["extension"] = open[0].ID
		moves, err := term.OpenMoves(ctx, tx, chair)
		if err != nil {
			return err
		}
		if len(moves) == 0 {
			seat := s.first(t, `SELECT s.id FROM seats s WHERE s.tenant_id = $1 AND s.union_id = $2 AND s.to_day IS NULL AND s.office IN ('chair', 'vice') ORDER BY s.id`, tenant, union)
			m, err := term.AskToMove(ctx, tx, chair.For(term.AskMove), seat, term.MoveAsked{Target: "市机关事务局", OwnConsent: "2026-01-20 会议"}, at)
			if err != nil {
				return err
			}
			moves = append(moves, m)
		}
		x["move"] = moves[0].ID
		return nil
	})
}
