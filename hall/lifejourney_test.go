package hall_test

import (
	"encoding/json"
	"strings"
	"testing"

	"unionhall/hall"
	"unionhall/hall/city"
	"unionhall/kit/browser"
)

const (
	applications = "/grassroots/registry/applications"
	transfers    = "/grassroots/registry/transfers"
)

// asked reads a page's own address as a program would, with its session.
func asked(p *browser.Page, path string) string {
	return browser.Eval[string](p, `(() => { const x = new XMLHttpRequest(); x.open("GET", "`+path+`", false); x.setRequestHeader("Accept", "application/json"); x.send(); return x.responseText })()`)
}

// S2-11, S2-15: a chair hangs up an invitation; a visitor applies on a phone,
// loses nothing to a typing error; the chair approves at a desk; the newcomer
// opens an account and shows the card, which a stranger proves.
func TestJourneyAdmission(t *testing.T) {
	s := one()
	desk := browser.Open(t, s.url)
	desk.Size(1366, 768)
	desk.Login("chair", hall.DemoPassword())
	desk.Go("/grassroots/registry/invites")
	label := "走廊海报" + fresh()
	desk.Type("#f-name", label)
	desk.Click("生成链接和二维码")
	desk.See("入会邀请做好了")
	desk.Fits()
	code := s.first(t, `SELECT code FROM invites WHERE tenant_id = $1 AND name = $2`, int64(city.Tenant), label)

	phone := browser.Open(t, s.url)
	phone.Size(390, 844)
	phone.Go("/join/" + code)
	phone.Fits()
	phone.Click("收集哪些信息")
	phone.See("证件号码用来保证一人一籍")
	name, no := "欧阳晴", number()
	phone.Type("#f-name", name)
	phone.Type("#f-id_no", no[:17]+map[bool]string{true: "1", false: "2"}[no[17] != '1'])
	phone.Type("#f-phone", "15400008888")
	phone.Click("#f-agreed")
	phone.Click("提交申请")
	phone.See("证件号码：")
	if phone.Status() != 422 || phone.Value("#f-name") != name || phone.Value("#f-phone") != "15400008888" {
		t.Errorf("a refused form comes back with %d, %q", phone.Status(), phone.Value("#f-name"))
	}
	phone.Type("#f-id_no", no)
	phone.Click("提交申请")
	phone.See("已收到您的入会申请")
	phone.See("待审批")
	phone.Fits()
	receipt := phone.Path()
	if strings.Contains(phone.HTML(), no) || strings.Contains(phone.HTML(), name) {
		t.Error("the receipt tells name or number")
	}

	desk.Go("/")
	desk.See("入会申请 · " + name)
	desk.Go(applications)
	desk.Click(name)
	desk.See("要办的一步")
	desk.Click("批准入会")
	desk.See("入会时间从今天算起")
	desk.Click("dialog .btn.main")
	desk.See("已入会，会员号和会员证即时生效")
	desk.Fits()

	phone.Go(receipt)
	phone.See("欢迎加入")
	login := "ouyang" + fresh()
	phone.Type("#f-login", login)
	phone.Type("#f-password", "Qing-8tian!hai")
	phone.Type("#f-repeat", "Qing-8tian!hai")
	phone.Click("开通账号")
	phone.See("账号")
	phone.Login(login, "Qing-8tian!hai")
	phone.Go("/me/card")
	phone.See("请对方扫码核验")
	phone.Fits()
	var card struct{ Check string }
	if err := json.Unmarshal([]byte(asked(phone, "/me/card")), &card); err != nil {
		t.Fatal(err)
	}

	stranger := browser.Open(t, s.url)
	stranger.Size(390, 844)
	stranger.Go(card.Check[strings.Index(card.Check, "/card/"):])
	stranger.See("会籍有效")
	stranger.See("欧*晴")
	stranger.Fits()
	if strings.Contains(stranger.HTML(), name) {
		t.Error("the proof tells the name")
	}
}

// S2-12: a member asks on the phone to move, the old union lets go, the new
// one takes in.
func TestJourneyTransfer(t *testing.T) {
	s := one()
	phone := browser.Open(t, s.url)
	phone.Size(390, 844)
	phone.Login("member", hall.DemoPassword())
	phone.Go("/me/transfer")
	union := s.first(t, `SELECT name FROM unions WHERE tenant_id = $1 AND id = $2`, int64(city.Tenant), s.unionOf(t, "chair2"))
	phone.Select("#f-union", union)
	phone.Type("#f-reason", "公开遴选")
	phone.Click("提交申请")
	phone.See("待转出确认")
	phone.Fits()
	id := s.first(t, `SELECT t.id FROM transfers t JOIN accounts a ON a.tenant_id = t.tenant_id AND a.member_id = t.member_id WHERE t.tenant_id = $1 AND a.login = 'member' AND t.state = 'requested'`, int64(city.Tenant))

	old := browser.Open(t, s.url)
	old.Size(1366, 768)
	old.Login("chair", hall.DemoPassword())
	old.Go(transfers + "/" + id)
	old.Click("确认转出")
	old.Click("dialog .btn.main")
	old.See("接收以前仍算本工会的会员")

	next := browser.Open(t, s.url)
	next.Size(1366, 768)
	next.Login("chair2", hall.DemoPassword())
	next.Go(transfers + "/" + id)
	next.Click("退回")
	next.Type("dialog input[name=words]", "尚未到岗")
	next.Click("dialog .btn.danger")
	next.See("会籍仍在")
	next.Fits()
	phone.Go("/me/transfer")
	phone.See("已退回")
}
