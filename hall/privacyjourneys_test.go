package hall_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"unionhall/kit/browser"
)

// S2-10 at the desk: the officer looks for twins, merges a pair that the page
// explains, finds the old address leading on, and takes it back.
func TestJourneyTwins(t *testing.T) {
	s := office()
	p := browser.Open(t, s.url)
	p.Login("boss", bossSecret)
	enrol := func(kind, no string) {
		p.Go(members + "/new")
		p.Select("#f-union", "滨江市直机关工会工委") // other journeys found unions in this office
		p.Set("#f-joined", "2022-03-04")
		p.Type("#f-name", "尉迟敬德")
		p.Select("#f-id_type", kind)
		p.Type("#f-id_no", no)
		p.Set("#f-birthday", "1985-06-07")
		p.Select("#f-sex", "男")
		p.Click("form button.main")
		p.See("已登记尉迟敬德")
	}
	var both []string
	enrol("居民身份证", number())
	both = append(both, p.Path())
	enrol("护照", "E1234"+fresh())
	both = append(both, p.Path())
	p.Go(twins)
	p.Click("重新查找")
	s.rest(t)
	p.Go(twins)
	p.See("姓名和出生日期相同，证件类别不同")
	p.Click("尉迟敬德、尉迟敬德")
	p.Click("form button.main")
	if strings.Contains(p.Text(), "已合并为一份会籍") {
		t.Error("merged without a reason")
	}
	p.Type("#f-reason", "本人到场，护照与身份证一致")
	p.Click("合并")
	p.See("已合并为一份会籍")
	for _, place := range both { // either leads to the one that stayed
		p.Go(place)
		p.See("尉迟敬德")
	}
	p.Go(twins + "/merged")
	p.Click("#merged .key a")
	p.Click("撤销合并")
	p.See("两份会籍都恢复到合并前")
	p.Click("dialog .btn.danger")
	p.See("两份会籍都恢复到合并前。")
	p.Go(twins)
	p.See("尉迟敬德、尉迟敬德")
}

// R1.61 to R1.63 on the phone: from the log-in a visitor reads the notices; a
// member reads the own data, agrees, withdraws, asks for a correction, and
// finds the answer of the chair.
func TestJourneyOwnData(t *testing.T) {
	s := raise(t, "sqlite", small)
	p := browser.Open(t, s.url)
	p.Size(390, 844)
	p.Go("/login")
	p.Click("个人信息告知书")
	p.See("目的和方式")
	p.Fits()
	p.Login("member", "unionhall-demo")
	p.Go("/account")
	p.Click("我的信息")
	p.See("基本资料")
	p.Fits()
	p.Click("我的同意")
	p.See("困难帮扶和慰问")
	p.Click("撤回同意")
	p.See("已撤回对“通知和联系”的同意，其他服务不受影响")
	p.Fits()
	p.Go("/me/requests/new")
	p.Select("#f-field", "邮箱")
	p.Type("#f-value", "lei@example.com")
	p.Type("#f-reason", "换了")
	p.Click("form button.main")
	p.See("理由：")
	if p.Value("#f-value") != "lei@example.com" {
		t.Error("what was typed is lost")
	}
	p.Type("#f-reason", "换了邮箱")
	p.Click("form button.main")
	p.See("前答复并说明理由")
	p.Fits()

	chair := browser.Open(t, s.url)
	chair.Login("chair", "unionhall-demo")
	chair.Go(requests)
	chair.Click("更正邮箱")
	chair.Type("#f-words", "已与本人核对")
	chair.Click("同意并办理")
	chair.See("已同意并办理：更正邮箱")

	p.Go("/messages")
	p.See("您的申请已答复：更正邮箱")
	p.Go("/me/requests")
	p.Click("更正邮箱")
	p.See("已与本人核对")
	p.Go("/me/data")
	p.See("lei@example.com")
}

// R1.63, R1.74: nothing of another member stands in what a member is shown or
// takes away; the archive holds the own number, and the taking is told.
func TestOwnArchive(t *testing.T) {
	each(t, func(t *testing.T, s *stand) {
		mine := s.first(t, `SELECT member_id FROM accounts WHERE tenant_id = 2106000001 AND login = 'member'`)
		others := s.look(t, `SELECT name FROM members WHERE tenant_id = 2106000001 AND id <> $1 AND length(name) >= 3
			AND name NOT IN (SELECT name FROM accounts) AND name NOT IN (SELECT name FROM members WHERE id = $1)`, mine)
		m := s.as(t, "member")
		all := string(m.get(t, "/me/data").body) + string(m.get(t, "/me/looks").body) + string(m.get(t, "/me/requests").body) + string(m.page(t, "/me/data").body)
		a := m.send(t, http.MethodGet, "/me/copy.zip", "")
		z, err := zip.NewReader(bytes.NewReader(a.body), int64(len(a.body)))
		if err != nil {
			t.Fatal(err, a)
		}
		held := ""
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			held += string(b)
		}
		if len(others) < 20 {
			t.Fatal("too few others:", len(others))
		}
		for _, name := range others {
			if strings.Contains(all, name) || strings.Contains(held, name) {
				t.Errorf("%s is in another's data", name)
			}
		}
		number := m.send(t, http.MethodPost, "/me/reveal", `{"field":"id_no"}`).text(t, "value")
		if number == "" || !strings.Contains(held, number) {
			t.Error("the own number is not in the archive")
		}
		if strings.Contains(all, number) {
			t.Error("the own number stands on a page that masks it")
		}
		if !strings.Contains(string(m.get(t, "/me/looks").body), "本人取走全部资料") {
			t.Error("the taking is not told")
		}
		for _, x := range s.look(t, `SELECT change FROM audit_rows WHERE tenant_id = 2106000001`) {
			if strings.Contains(x, number) {
				t.Errorf("the log holds the number: %s", x)
			}
		}
	})
}
