package hall_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"unionhall/commons/message"
	"unionhall/grassroots/registry"
	"unionhall/hall"
	"unionhall/hall/city"
	"unionhall/kit/browser"
	"unionhall/kit/day"
	"unionhall/kit/mail"
	"unionhall/kit/mail/smtptest"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
)

// receiver is another office's system that takes webhooks.
type receiver struct {
	url string
	mu  sync.Mutex
	got []string // event and body
}

func listening(t testing.TB) *receiver {
	r := &receiver{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		b, err := io.ReadAll(hr.Body)
		if err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got = append(r.got, hr.Header.Get("Unionhall-Event")+" "+string(b))
	}))
	t.Cleanup(srv.Close)
	r.url = srv.URL + "/unionhall"
	return r
}

func (r *receiver) heard() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Join(r.got, "\n")
}

// within waits until a thing is so, for what goes on by itself.
func within(t testing.TB, what string, is func() bool) {
	t.Helper()
	for start := time.Now(); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Since(start) > 20*time.Second {
			t.Fatalf("not so after twenty seconds: %s", what)
		}
	}
}

// The administrator opens mail; on the phone an address is proved by the code
// that comes there, and a message reaches it; a program elsewhere subscribes
// and is told of a union that is founded.
func TestJourneyMessages(t *testing.T) {
	srv := smtptest.Start(t, smtptest.Server{})
	out := hall.Out{Public: "https://union.example.cn", Private: true, Mail: mail.Settings{Host: srv.Host, Port: srv.Port, From: "union@example.cn", TLS: mail.Plain}}
	s := buildWith(t, "sqlite", out, func(h *hall.House) error {
		return h.Found(ctx, hall.Founding{Name: city.Office, Region: city.Region, Login: "boss", Person: "赵敏", Password: bossSecret, By: "test"})
	})
	other := listening(t)
	desk := browser.Open(t, s.url)
	desk.Login("boss", bossSecret)
	desk.Click("当前身份")
	desk.Click("系统管理员")
	desk.Go("/system/channels")
	desk.See("消息通道")
	desk.Click("form[action='/system/channels/mail'] button")
	desk.See("邮件已开通")

	phone := desk // an administrator is signed in at one place only
	phone.Size(390, 844)
	phone.Go("/account/messages")
	phone.Type("邮箱", "boss@example.cn")
	phone.Click("form[action='/account/messages/addresses'] button")
	phone.See("验证码已发往 b***@example.cn")
	within(t, "the code came", func() bool { return len(srv.Letters()) > 0 })
	phone.Type("收到的验证码", "000000")
	phone.Click("验证")
	phone.See("不对或已过期")
	phone.Type("收到的验证码", regexp.MustCompile(`\d{6}`).FindString(srv.Letters()[0].Text))
	phone.Click("验证")
	phone.See("邮件已验证")
	phone.Click("input[value='work.mail']")
	phone.Click("保存")
	phone.See("消息方式已保存")

	s.write(t, func(tx *sqldb.Tx) error {
		return message.SendAs(ctx, tx, message.Safety, city.Tenant, s.accountOf(t, city.Tenant, "boss"), "您的账号在别处登录", "地址和时间", "/account", day.At(s.house.Now()))
	})
	within(t, "the message came by mail", func() bool { return len(srv.Letters()) > 1 })
	if text := srv.Letters()[1].Text; !strings.Contains(text, "您的账号在别处登录") || !strings.Contains(text, "https://union.example.cn/messages/") || strings.Contains(text, "地址和时间") {
		t.Errorf("the mail says %s", text)
	}

	desk.Size(1366, 768)
	desk.Go("/system/hooks/new")
	desk.Type("名称", "办公系统")
	desk.Type("接收地址", other.url)
	desk.Click("保存")
	desk.See("请至少选一种")
	desk.Click("input[value='union.founded']")
	desk.Click("保存")
	desk.See("签名密钥（只显示这一次")
	desk.Click("发一条试用事件")
	within(t, "the trial came", func() bool { return strings.Contains(other.heard(), "ping") })
	s.write(t, func(tx *sqldb.Tx) error {
		g, err := account.Shell(ctx, tx, city.Tenant, "test", registry.Found)
		if err != nil {
			return err
		}
		_, _, err = registry.Establish(ctx, tx, g, registry.Union{Name: "滨江市水务局机关工会", Kind: registry.Base, ParentID: g.Under()}, registry.Paper{Day: "2020-05-06", Document: "滨直工〔2020〕1号"}, day.At(s.house.Now()))
		return err
	})
	within(t, "the founding was told", func() bool { return strings.Contains(other.heard(), "union.founded") })
	if strings.Contains(other.heard(), bossSecret) || !strings.Contains(other.heard(), "滨江市水务局机关工会") {
		t.Errorf("told: %s", other.heard())
	}
	desk.Go("/system/outbox")
	desk.See("已送达")
	desk.Click("办公系统：建会")
	desk.See("原样重发")
	desk.Click("原样重发")
	desk.See("已重新排队发送")
	within(t, "it was told again", func() bool { return strings.Count(other.heard(), "union.founded") > 1 })
}

// The return of a year goes from the officer to the auditor to the director;
// a chair judges the own figures on the phone.
func TestJourneyYearly(t *testing.T) {
	s := one()
	year := s.house.Now().Year() - 6
	open := func(login string) *browser.Page {
		p := browser.Open(t, s.url)
		p.Login(login, hall.DemoPassword())
		p.Go(returns)
		return p
	}
	officer := open("officer")
	officer.Set("年度", strconv.Itoa(year))
	officer.Click("开始汇总")
	officer.See("已开始汇总")
	path := officer.Path()
	if err := s.house.Runner.Await(ctx, city.Tenant, path[strings.LastIndexByte(path, '/')+1:]); err != nil {
		t.Fatal(err)
	}
	officer.Go(path)
	officer.See("基层工会")
	officer.Click("保留会籍")
	officer.See("及下级")

	chair := open("chair")
	chair.Size(390, 844)
	chair.Go(path)
	chair.Click("有异议")
	chair.Type("哪里不对", "职工人数应是三十人")
	chair.Click("提交")
	chair.See("已提交异议")

	auditor := open("auditor")
	auditor.Go(path)
	auditor.Click("审核无误")
	auditor.Click("dialog .btn.main")
	auditor.See("年报已审核")
	director := open("director")
	director.Go(path)
	director.Click("定稿")
	director.Click("dialog .btn.main")
	director.See("还有 1 个工会对数字有异议")
	chair.Click("无误")
	chair.Click("提交")
	chair.See("已确认本会数字无误")
	director.Go(path)
	director.Click("定稿")
	director.Click("dialog .btn.main")
	director.See("年报已定稿")
}
