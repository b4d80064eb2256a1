package hall_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"unionhall/grassroots/registry/member"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/browser"
	"unionhall/kit/day"
	"unionhall/kit/gateway"
	"unionhall/kit/oidc"
	"unionhall/kit/oidc/oidctest"
	"unionhall/kit/seal"
	"unionhall/kit/sms"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
)

// hire makes an account with the password bossSecret that holds an office over
// the whole committee.
func (s *stand) hire(t *testing.T, name string, office auth.Office) (login string) {
	t.Helper()
	hash, err := seal.HashPassword(ctx, bossSecret)
	if err != nil {
		t.Fatal(err)
	}
	login = "hired" + fresh()
	at := day.At(s.house.Now())
	s.write(t, func(tx *sqldb.Tx) error {
		g, err := account.Shell(ctx, tx, city.Tenant, "test", account.Manage)
		var a account.Account
		if err == nil {
			a, err = account.Create(ctx, tx, g, account.New{Login: login, Name: name, Hash: hash}, at)
		}
		if err == nil {
			_, err = account.Give(ctx, tx, g.For(account.Appoint), account.Giving{Account: a.ID, Office: office, UnionID: g.Under(), From: at.Day()}, at)
		}
		return err
	})
	return login
}

// R1.69, PL-12: an officer turns the second factor on at the desk, signs in
// with it, loses the telephone, and the security administrator helps.
func TestJourneySecondFactor(t *testing.T) {
	s := one()
	login := s.hire(t, "欧阳若水", auth.Officer)
	p := browser.Open(t, s.url)
	p.Login(login, bossSecret)
	p.Go("/account")
	p.Click("管理动态口令")
	p.Type("密码", bossSecret)
	p.Click("开始启用")
	p.See("用验证器扫描")
	secret := strings.ReplaceAll(browser.Eval[string](p, `document.querySelector(".quote").textContent`), " ", "")
	code, err := totp.GenerateCode(secret, s.house.Now())
	if err != nil {
		t.Fatal(err)
	}
	p.Type("验证器上的六位数字", "000000")
	p.Click("确认启用")
	p.See("动态口令不对")
	p.Type("验证器上的六位数字", code)
	p.Click("确认启用")
	p.See("恢复码只显示这一次")
	codes := strings.Fields(browser.Eval[string](p, `document.querySelector(".quote").textContent`))
	if len(codes) != 10 {
		t.Fatal(codes)
	}
	p.Go("/account/second")
	if strings.Contains(p.Text(), codes[0]) {
		t.Error("the recovery codes are shown again")
	}
	p.Go("/account")
	p.Click("当前身份")
	p.Click("退出")

	p.Type("账号", login)
	p.Type("密码", bossSecret)
	p.Click("登录")
	p.See("手机验证器上的六位数字")
	p.Type("动态口令", code)
	p.Click("登录")
	p.See("已经用过")
	p.Type("动态口令", codes[0])
	p.Click("登录")
	p.Go("/account/second")
	p.See("还剩 9 个")

	q := s.tab(t, "security")
	q.Go("/system/security")
	q.See("没有动态口令的干部")
	q.Go("/system/accounts/" + s.accountOf(t, city.Tenant, login))
	q.Click("重置动态口令")
	q.Type("理由", "手机丢失，已当面核实")
	q.Click("dialog[open] .btn.danger")
	q.See("已通知本人")
	p.Go("/account")
	if !strings.HasPrefix(p.Path(), "/login") {
		t.Errorf("after the reset the officer is at %s", p.Path())
	}
	p.Login(login, bossSecret)
	p.Go("/messages")
	p.See("您的动态口令已被重置")
}

// textGateway is a gateway that tells the code it was asked to send last.
func textGateway(t *testing.T) (g *sms.Sender, last func() string) {
	t.Helper()
	var mu sync.Mutex
	code := ""
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, hr *http.Request) {
		var m struct{ Text string }
		if err := json.NewDecoder(hr.Body).Decode(&m); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		code = regexp.MustCompile(`\d{6}`).FindString(m.Text)
	}))
	t.Cleanup(srv.Close)
	g = sms.New(gateway.Gateway{URL: srv.URL, Body: `{"to":"{phone}","text":"{text}"}`, Guard: gateway.Guard{Private: true}})
	return g, func() string {
		g.Wait()
		mu.Lock()
		defer mu.Unlock()
		return code
	}
}

// PL-11: a member who never had an account signs in on the telephone by a code
// and sees the own membership.
func TestJourneyTextOnThePhone(t *testing.T) {
	s := raise(t, "sqlite", small)
	g, last := textGateway(t)
	s.house.Accounts.Texts = g
	phone, name := "", ""
	for _, id := range s.look(t, `SELECT id FROM members WHERE tenant_id = $1 AND status = 'active' AND phone IS NOT NULL AND id NOT IN (SELECT member_id FROM accounts WHERE tenant_id = $1 AND member_id IS NOT NULL) ORDER BY id LIMIT 20`, int64(city.Tenant)) {
		err := s.house.DB.View(ctx, func(tx *sqldb.Tx) error {
			m, err := member.Any(ctx, tx, city.Tenant, id)
			if err != nil {
				return err
			}
			same, err := member.ByPhone(ctx, tx, city.Tenant, m.Person.Phone)
			if err == nil && len(same) == 1 && same[0].ID == id {
				phone, name = m.Person.Phone, m.Person.Name
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if phone == "" {
		t.Fatal("nobody has a telephone of their own")
	}
	p := browser.Open(t, s.url)
	p.Size(390, 844)
	p.Go("/login")
	p.Click("会员用短信验证码登录")
	p.Type("手机号", phone)
	p.Click("发送验证码")
	p.See("一分钟内会收到")
	p.Type("验证码", last())
	p.Click("登录")
	p.Go("/me")
	p.See(name)
	if wide := browser.Eval[bool](p, `document.documentElement.scrollWidth > innerWidth`); wide {
		t.Error("the page is wider than the telephone")
	}
}

// PL-11: an officer links the account at the identity provider, leaves, and
// comes back by it.
func TestJourneyIdentityProvider(t *testing.T) {
	s := raise(t, "sqlite", small)
	idp := oidctest.New(t)
	s.house.Accounts.Outside = oidc.New(oidc.Settings{Issuer: idp.Issuer, ClientID: oidctest.ClientID, Secret: oidctest.Secret, Name: "政务统一认证"}, time.Now)
	p := browser.Open(t, s.url)
	p.LedTo(idp.Issuer)
	p.Go("/login")
	p.Click("用政务统一认证登录")
	p.See("还没有关联")
	p.Login("officer", "unionhall-demo")
	p.Go("/account")
	p.Click("关联政务统一认证")
	p.See("解除")
	p.Click("当前身份")
	p.Click("退出")
	p.See("一并退出")
	p.Click("用政务统一认证登录")
	if p.Path() != "/" {
		t.Fatalf("the log-in leads to %s", p.Path())
	}
	p.Go("/account")
	p.See("周敏")
}
