package message_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"unionhall/commons/message"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/gateway"
	"unionhall/kit/mail"
	"unionhall/kit/mail/smtptest"
	"unionhall/kit/outbox"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/schema/dbtest"
)

// station is a post on one engine with a mail server, a short-message gateway
// and a robot on this machine, and two accounts.
type station struct {
	t      *testing.T
	db     *sqldb.DB
	post   *message.Post
	mail   *smtptest.Server
	at     atomic.Int64
	mu     sync.Mutex
	sms    []string
	robots []string
	admin  auth.Grant

	robotsAt string
}

var tenants = []int64{2106000001, 2106000002}

func (s *station) now() time.Time       { return time.Unix(s.at.Load(), 0) }
func (s *station) instant() day.Instant { return day.At(s.now()) }
func (s *station) pass(d time.Duration) { s.at.Add(int64(d / time.Second)) }

func (s *station) do(f func(tx *sqldb.Tx) error) {
	s.t.Helper()
	if err := s.db.Do(s.t.Context(), f); err != nil {
		s.t.Fatal(err)
	}
}

func opened(t *testing.T, db *sqldb.DB, server smtptest.Server) *station {
	t.Helper()
	keys, err := seal.Create(filepath.Join(t.TempDir(), "keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	db.UseKeys(keys)
	s := &station{t: t, db: db, mail: smtptest.Start(t, server)}
	start, err := time.Parse(time.RFC3339, "2026-11-23T02:00:00Z") // ten in the morning
	if err != nil {
		t.Fatal(err)
	}
	s.at.Store(start.Unix())
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.URL.Path == "/sms" {
			s.sms = append(s.sms, string(b))
		} else {
			s.robots = append(s.robots, string(b))
		}
		io.WriteString(w, `{"errcode":0}`)
	}))
	t.Cleanup(srv.Close)
	near := gateway.Guard{Private: true}
	s.post = &message.Post{
		DB: db, Box: outbox.New(db, s.now), Guard: near, Public: "https://union.example.cn/", Now: s.now,
		Mail: mail.Settings{Host: s.mail.Host, Port: s.mail.Port, From: "union@example.cn", TLS: mail.Plain, Timeout: 300 * time.Millisecond},
		SMS:  gateway.Gateway{URL: srv.URL + "/sms", Body: `{"to":"{phone}","text":"{text}"}`},
		Late: func(context.Context, *sqldb.Tx, int64, day.Day) (time.Duration, error) { return 24 * time.Hour, nil },
	}
	s.post.Box.Sends = s.post.Sends()
	s.admin = auth.System(tenants[0], "admin", "post.channels", "root")
	s.do(func(tx *sqldb.Tx) error {
		for _, tenant := range tenants {
			if _, err := tx.Exec(t.Context(), `INSERT INTO tenants (tenant_id, name, region, demo, started, version) VALUES ($1, '滨江工委', '210600', $2, '2026-01-01', 1)`, tenant, false); err != nil {
				return err
			}
			for _, a := range []string{"a", "b"} {
				if _, err := tx.Exec(t.Context(), `INSERT INTO accounts (tenant_id, id, login, name, name_key, password, must_change, changed, locked, version) VALUES ($1, $2, $2, $2, $2, '-', $3, '-', $3, 1)`, tenant, a, false); err != nil {
					return err
				}
			}
		}
		for _, c := range message.Channels {
			if _, err := s.post.Turn(t.Context(), tx, s.admin, c, true, 0, s.instant()); err != nil {
				return err
			}
		}
		return nil
	})
	s.robotsAt = srv.URL
	return s
}

// work chooses ways and sends what is due.
func (s *station) work() {
	s.t.Helper()
	if err := s.post.Route(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
	if err := s.post.Box.RunDue(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

var digits = regexp.MustCompile(`\d{6}`)

// reachable gives an account an address and proves it by the code that
// arrived there.
func (s *station) reachable(g auth.Grant, c message.Channel, address string) message.Address {
	s.t.Helper()
	var a message.Address
	s.do(func(tx *sqldb.Tx) (err error) {
		a, err = s.post.SetAddress(s.t.Context(), tx, g, message.AddressForm{Channel: c, Address: address, Secret: map[bool]string{true: "SEC"}[c == message.DingTalk]}, s.instant())
		return err
	})
	s.work()
	code := digits.FindString(s.last(c))
	right := false
	s.do(func(tx *sqldb.Tx) (err error) {
		right, err = message.TryCode(s.t.Context(), tx, g, message.ProveForm{ID: a.ID, Code: code}, s.instant())
		return err
	})
	if !right {
		s.t.Fatalf("the code %q that came by %s is wrong: %s", code, c, s.last(c))
	}
	s.do(func(tx *sqldb.Tx) (err error) {
		a, err = message.Prove(s.t.Context(), tx, g, a.ID, s.instant())
		return err
	})
	return a
}

// last is the newest text that arrived by a channel, without the office's
// name.
func (s *station) last(c message.Channel) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch all := s.mail.Letters(); {
	case c == message.Mail && len(all) > 0:
		return all[len(all)-1].Text
	case c == message.SMS && len(s.sms) > 0:
		return strings.SplitN(s.sms[len(s.sms)-1], "text", 2)[1]
	case c.Group() && len(s.robots) > 0:
		return s.robots[len(s.robots)-1]
	}
	return ""
}

func (s *station) arrived() (mails, sms, robots int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.mail.Letters()), len(s.sms), len(s.robots)
}

func (s *station) send(account string, class message.Class, title string) {
	s.t.Helper()
	s.do(func(tx *sqldb.Tx) error {
		return message.SendAs(s.t.Context(), tx, class, tenants[0], account, title, "正文里的个人情况", "/somewhere", s.instant())
	})
}

// PL-13, R1.66: a message goes by the ways its receiver chose, with a title and
// a link and nothing of its body; a group is told no more than that something
// waits. Who proved no address is told in the house alone.
func TestPost(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := opened(t, db, smtptest.Server{})
		a := grant(t, tenants[0], "a")
		for c, address := range map[message.Channel]string{message.Mail: "zhou@example.cn", message.SMS: "15400000001", message.WeCom: s.robotsAt + "/wecom?key=k", message.DingTalk: s.robotsAt + "/ding?access_token=k"} {
			s.reachable(a, c, address)
		}
		s.do(func(tx *sqldb.Tx) error {
			_, err := message.Choose(t.Context(), tx, a, message.Choice{By: map[message.Class][]message.Channel{message.Duty: message.Channels, message.Own: {message.SMS}}, DigestAt: "08:00"}, s.instant())
			return err
		})
		m0, s0, r0 := s.arrived()
		s.send("a", message.Duty, "张三申请入会")
		s.send("a", message.Work, "导入做完了") // no way was chosen for it
		s.send("b", message.Duty, "别人的")   // b proved no address
		s.work()
		s.work()
		if m, n, r := s.arrived(); m != m0+1 || n != s0+1 || r != r0+2 {
			t.Fatalf("arrived %d mails, %d short messages, %d by robots", m-m0, n-s0, r-r0)
		}
		if text := s.last(message.Mail); !strings.Contains(text, "张三申请入会") || !strings.Contains(text, "https://union.example.cn/messages/") || strings.Contains(text, "个人情况") {
			t.Errorf("the mail says %s", text)
		}
		if text := s.last(message.SMS); !strings.Contains(text, "张三申请入会") || strings.Contains(text, "个人情况") {
			t.Errorf("the short message says %s", text)
		}
		for _, text := range s.robots[r0:] {
			if strings.Contains(text, "张三") || !strings.Contains(text, "您有一条待办和催办") {
				t.Errorf("a group is told %s", text)
			}
		}
	})
}

// Two instances choose ways at once: each message goes once.
func TestRouteOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := opened(t, db, smtptest.Server{})
		s.reachable(grant(t, tenants[0], "a"), message.Mail, "zhou@example.cn")
		before, _, _ := s.arrived()
		for range 30 {
			s.send("a", message.Duty, "一件事")
		}
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := s.post.Route(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		s.work()
		if n, _, _ := s.arrived(); n != before+30 {
			t.Errorf("%d mails of 30 messages", n-before)
		}
	})
}

// Hours of quiet hold back all but the safety of the account; the letter of
// the day takes up what came, but for what was read meanwhile.
func TestQuietAndDigest(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := opened(t, db, smtptest.Server{})
		a := grant(t, tenants[0], "a")
		s.reachable(a, message.Mail, "zhou@example.cn")
		mails := map[message.Class][]message.Channel{message.Duty: {message.Mail}, message.Own: {message.Mail}, message.Safety: {message.Mail}}
		s.do(func(tx *sqldb.Tx) error {
			_, err := message.Choose(t.Context(), tx, a, message.Choice{By: mails, DigestAt: "08:30", QuietFrom: "22:00", QuietTo: "07:00", Digest: true}, s.instant())
			return err
		})
		s.pass(13 * time.Hour) // 23:00
		before, _, _ := s.arrived()
		s.send("a", message.Duty, "夜里的待办")
		s.send("a", message.Safety, "换了地方登录")
		s.send("a", message.Own, "会籍甲")
		s.work()
		s.send("a", message.Own, "会籍乙")
		s.work()
		n, _, _ := s.arrived()
		if n != before+1 || !strings.Contains(s.last(message.Mail), "换了地方登录") {
			t.Fatalf("at night came %d mails, %s", n-before, s.last(message.Mail))
		}
		s.pass(8 * time.Hour) // 07:00
		s.work()
		if n, _, _ = s.arrived(); n != before+2 || !strings.Contains(s.last(message.Mail), "夜里的待办") {
			t.Fatalf("at seven there are %d mails", n-before)
		}
		s.do(func(tx *sqldb.Tx) error {
			list, err := message.List(t.Context(), tx, a, true, "", 9)
			for _, m := range list {
				if err == nil && m.Title == "会籍甲" {
					_, err = message.MarkRead(t.Context(), tx, a, m.ID, s.instant())
				}
			}
			return err
		})
		s.pass(90 * time.Minute) // 08:30
		s.work()
		text := s.last(message.Mail)
		if n, _, _ = s.arrived(); n != before+3 || !strings.Contains(text, "今天有 1 条消息未读") || !strings.Contains(text, "会籍乙") || strings.Contains(text, "会籍甲") {
			t.Errorf("the letter of the day (%d): %s", n-before, text)
		}
	})
}

// S2-34, MSG-01: what nobody read within 24 hours goes a second way, once; not a minute
// before, nothing that was read, and nothing of a class that presses nobody.
func TestPress(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := opened(t, db, smtptest.Server{})
		a := grant(t, tenants[0], "a")
		s.reachable(a, message.Mail, "zhou@example.cn")
		s.reachable(a, message.SMS, "15400000001")
		s.do(func(tx *sqldb.Tx) error {
			_, err := message.Choose(t.Context(), tx, a, message.Choice{By: map[message.Class][]message.Channel{message.Must: {message.Mail}}, DigestAt: "08:00"}, s.instant())
			return err
		})
		_, before, _ := s.arrived()
		s.send("a", message.Must, "读过的")
		s.do(func(tx *sqldb.Tx) error {
			list, err := message.List(t.Context(), tx, a, true, "", 1)
			if err == nil {
				_, err = message.MarkRead(t.Context(), tx, a, list[0].ID, s.instant())
			}
			return err
		})
		s.send("a", message.Must, "必读")
		s.send("a", message.Work, "任务")
		s.work()
		for _, c := range []struct {
			after time.Duration
			want  int
		}{{24*time.Hour - time.Minute, 0}, {time.Minute, 1}, {time.Hour, 1}} {
			s.pass(c.after)
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					if err := s.post.Press(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			s.work()
			if _, n, _ := s.arrived(); n != before+c.want {
				t.Errorf("after %v more %d went a second way, want %d", c.after, n-before, c.want)
			}
		}
		if !strings.Contains(s.last(message.SMS), "必读") {
			t.Errorf("the second way said %s", s.last(message.SMS))
		}
	})
}

// A dead, slow or unkind mail server slows nobody: sending a message takes as
// long as without one, and the letters wait or are listed with the reason.
func TestDeadMailServer(t *testing.T) {
	for name, c := range map[string]struct {
		server smtptest.Server
		state  outbox.State
		words  string
	}{
		"slow": {smtptest.Server{Slow: time.Minute}, outbox.Waiting, "连接不上"}, "busy": {smtptest.Server{Rcpt: "451 later"}, outbox.Waiting, "暂时不收"},
		"refuses": {smtptest.Server{Rcpt: "550 no such user"}, outbox.Dead, "请核对邮箱地址"},
	} {
		t.Run(name, func(t *testing.T) {
			s := opened(t, dbtest.SQLite(t), c.server)
			a := grant(t, tenants[0], "a")
			s.do(func(tx *sqldb.Tx) error {
				at, err := s.post.SetAddress(t.Context(), tx, a, message.AddressForm{Channel: message.Mail, Address: "zhou@example.cn"}, s.instant())
				if err == nil { // as if it had been proved while the server was well
					_, err = tx.Exec(t.Context(), `UPDATE addresses SET proved = $1 WHERE tenant_id = $2 AND id = $3`, string(s.instant()), tenants[0], at.ID)
				}
				return err
			})
			s.pass(time.Hour) // the code has run out
			start := time.Now()
			for range 20 {
				s.send("a", message.Duty, "一件事")
			}
			if d := time.Since(start); d > 3*time.Second {
				t.Errorf("twenty messages took %v", d)
			}
			s.work()
			var list []outbox.Letter
			s.do(func(tx *sqldb.Tx) (err error) {
				list, err = outbox.List(t.Context(), tx, s.admin, outbox.Filter{Kind: "mail", Limit: 50})
				return err
			})
			if len(list) != 20 {
				t.Fatalf("%d letters", len(list))
			}
			for _, l := range list {
				if l.State != c.state || !strings.Contains(l.Error, c.words) || l.Title != "待办和催办" {
					t.Errorf("%+v", l)
				}
			}
		})
	}
}

// An address is proved by its code alone: five wrong ones, a stale one or
// another's prove nothing; five codes an hour are sent.
func TestCodes(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := opened(t, db, smtptest.Server{})
		a, b, twin := grant(t, tenants[0], "a"), grant(t, tenants[0], "b"), grant(t, tenants[1], "a")
		form := message.AddressForm{Channel: message.Mail, Address: "zhou@example.cn"}
		var at message.Address
		s.do(func(tx *sqldb.Tx) (err error) {
			at, err = s.post.SetAddress(t.Context(), tx, a, form, s.instant())
			return err
		})
		try := func(g auth.Grant, code string) (right bool, err error) {
			err = db.Do(t.Context(), func(tx *sqldb.Tx) (err error) {
				right, err = message.TryCode(t.Context(), tx, g, message.ProveForm{ID: at.ID, Code: code}, s.instant())
				return err
			})
			return right, err
		}
		for _, g := range []auth.Grant{b, twin} {
			if _, err := try(g, "123456"); fault.Of(err).Kind != fault.NotFound {
				t.Errorf("another's address: %v", err)
			}
		}
		s.work()
		code := digits.FindString(s.last(message.Mail))
		for range 5 {
			if right, err := try(a, "x"+code); right || err != nil {
				t.Error(right, err)
			}
		}
		if right, _ := try(a, code); right {
			t.Error("the right code after five wrong ones is taken")
		}
		for i := range 5 {
			err := db.Do(t.Context(), func(tx *sqldb.Tx) error { _, err := s.post.Code(t.Context(), tx, a, at.ID, s.instant()); return err })
			if want := map[bool]fault.Kind{true: fault.Busy}[i == 4]; err != nil && fault.Of(err).Kind != want || err == nil && want != "" {
				t.Errorf("code %d: %v", i+2, err)
			}
		}
		s.work()
		code = digits.FindString(s.last(message.Mail))
		s.pass(11 * time.Minute)
		if right, _ := try(a, code); right {
			t.Error("a stale code is taken")
		}
		// Whatever else is left for them: nothing goes to an address that is not proved.
		n, _, _ := s.arrived()
		s.send("a", message.Duty, "一件事")
		s.work()
		if m, _, _ := s.arrived(); m != n {
			t.Error("a mail went to an address that nobody proved")
		}
		for _, bad := range []message.AddressForm{{Channel: message.Mail, Address: "zhou"}, {Channel: message.SMS, Address: "12345"}, {Channel: "pigeon", Address: "x"}} {
			err := db.Do(t.Context(), func(tx *sqldb.Tx) error {
				_, err := s.post.SetAddress(t.Context(), tx, a, bad, s.instant())
				return err
			})
			if fault.Of(err).Kind != fault.Invalid {
				t.Errorf("%+v: %v", bad, err)
			}
		}
	})
}

// The office's channels: opened on the version that was read, twenty at once
// open it once; a closed one takes no address, and what waits is given up.
func TestTurn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		s := opened(t, db, smtptest.Server{})
		a := grant(t, tenants[0], "a")
		s.reachable(a, message.Mail, "zhou@example.cn")
		s.send("a", message.Duty, "一件事")
		if err := s.post.Route(t.Context()); err != nil {
			t.Fatal(err)
		}
		var won atomic.Int64
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				err := db.Do(t.Context(), func(tx *sqldb.Tx) error {
					_, err := s.post.Turn(t.Context(), tx, s.admin, message.Mail, false, 1, s.instant())
					return err
				})
				if err == nil {
					won.Add(1)
				} else if fault.Of(err).Kind != fault.Conflict {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d of twenty closed it", won.Load())
		}
		s.work()
		s.do(func(tx *sqldb.Tx) error {
			list, err := outbox.List(t.Context(), tx, s.admin, outbox.Filter{Kind: "mail", Limit: 9})
			if err == nil && (len(list) != 1 || list[0].State != outbox.Dead || list[0].Error != "本单位没有开通邮件") {
				t.Errorf("%+v", list)
			}
			return err
		})
		err := db.Do(t.Context(), func(tx *sqldb.Tx) error {
			_, err := s.post.SetAddress(t.Context(), tx, a, message.AddressForm{Channel: message.Mail, Address: "zhou@example.cn"}, s.instant())
			return err
		})
		if fault.Of(err).Kind != fault.Conflict {
			t.Errorf("an address for a closed channel: %v", err)
		}
		s.post.SMS = gateway.Gateway{}
		err = db.Do(t.Context(), func(tx *sqldb.Tx) error {
			_, err := s.post.Turn(t.Context(), tx, s.admin, message.SMS, true, 1, s.instant())
			return err
		})
		if fault.Of(err).Kind != fault.Conflict {
			t.Errorf("a channel without settings: %v", err)
		}
	})
}

// The class of a message is that of the page it leads to.
func TestClasses(t *testing.T) {
	for href, want := range map[string]message.Class{"/jobs/1": message.Work, "/me": message.Own, "/account/sessions": message.Safety, "/grassroots/registry/unions/1": message.Duty, "": message.Duty} {
		s := opened(t, dbtest.SQLite(t), smtptest.Server{})
		a := grant(t, tenants[0], "a")
		s.do(func(tx *sqldb.Tx) error {
			if err := message.Send(t.Context(), tx, tenants[0], "a", "题", "", href, s.instant()); err != nil {
				return err
			}
			list, err := message.List(t.Context(), tx, a, false, "", 1)
			if err == nil && list[0].Class != want {
				t.Errorf("%q is of class %s", href, list[0].Class)
			}
			return err
		})
	}
	if !slices.Contains(message.Classes, message.Must) || message.Work.Presses() || !message.Must.Presses() {
		t.Error("which classes press")
	}
}
