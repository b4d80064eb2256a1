package mail_test

import (
	"errors"
	"mime"
	"strings"
	"testing"
	"time"

	"unionhall/kit/mail"
	"unionhall/kit/mail/smtptest"
)

func letter() mail.Letter {
	return mail.Letter{ID: "0190", To: "zhou@example.cn", Subject: "市财政局机关工会\n委员会届满", Text: "请登录查看\r\n.\r\n后面还有一行", At: time.Unix(1_780_000_000, 0)}
}

// A real dialogue: the letter arrives whole, over TLS from the first byte,
// after STARTTLS, or plain; with a password where one is asked.
func TestSend(t *testing.T) {
	for _, way := range []string{mail.TLS, mail.StartTLS, mail.Plain} {
		srv := smtptest.Start(t, smtptest.Server{TLS: way == mail.TLS, Offer: way == mail.StartTLS, User: "union", Password: "s3cret"})
		s := mail.Settings{Host: srv.Host, Port: srv.Port, From: "职工之家 <union@example.cn>", TLS: way, User: "union", Password: "s3cret", Config: srv.Client}
		if way == mail.Plain {
			s.User = "" // no password over an open line
		}
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
		if err := s.Send(t.Context(), letter()); err != nil {
			t.Fatalf("%s: %v", way, err)
		}
		got := srv.Letters()
		if len(got) != 1 || got[0].To != "zhou@example.cn" || got[0].From != "union@example.cn" || got[0].Secure != (way != mail.Plain) {
			t.Fatalf("%s: %+v", way, got)
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(got[0].Header.Get("Subject"))
		if err != nil || subject != "市财政局机关工会 委员会届满" {
			t.Errorf("%s: subject %q, %v", way, subject, err)
		}
		if id := got[0].Header.Get("Message-Id"); id != "<0190@example.cn>" {
			t.Errorf("id %s", id)
		}
		if !strings.Contains(got[0].Text, "后面还有一行") {
			t.Errorf("%s: %q", way, got[0].Text)
		}
	}
}

// What the server says decides whether the letter may go later.
func TestRefusals(t *testing.T) {
	for _, c := range []struct {
		name   string
		server smtptest.Server
		set    func(*mail.Settings)
		code   int
		final  bool
	}{
		{"no such receiver", smtptest.Server{Rcpt: "550 5.1.1 no such user"}, nil, 550, true},
		{"full for now", smtptest.Server{Rcpt: "452 4.2.2 mailbox full"}, nil, 452, false},
		{"grey list", smtptest.Server{Data: "451 4.7.1 try again"}, nil, 451, false},
		{"content refused", smtptest.Server{Data: "554 5.7.1 spam"}, nil, 554, true},
		{"not now", smtptest.Server{Hello: "421 too busy"}, nil, 421, false},
		{"no TLS offered", smtptest.Server{}, func(s *mail.Settings) { s.TLS = mail.StartTLS }, 0, false},
		{"wrong password", smtptest.Server{Offer: true, User: "union", Password: "s3cret"}, func(s *mail.Settings) { s.TLS, s.User, s.Password = mail.StartTLS, "union", "wrong" }, 535, false},
		{"slow", smtptest.Server{Slow: time.Minute}, func(s *mail.Settings) { s.Timeout = 200 * time.Millisecond }, 0, false},
		{"strange certificate", smtptest.Server{Offer: true}, func(s *mail.Settings) { s.TLS, s.Config = mail.StartTLS, nil }, 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			srv := smtptest.Start(t, c.server)
			s := mail.Settings{Host: srv.Host, Port: srv.Port, From: "union@example.cn", TLS: mail.Plain, Config: srv.Client}
			if c.set != nil {
				c.set(&s)
			}
			start := time.Now()
			err := s.Send(t.Context(), letter())
			var e *mail.Error
			if !errors.As(err, &e) || e.Code != c.code || e.Final != c.final {
				t.Errorf("%v (%+v)", err, e)
			}
			if d := time.Since(start); d > 10*time.Second {
				t.Errorf("it took %v", d)
			}
			if n := len(srv.Letters()); n != 0 {
				t.Errorf("%d letters arrived", n)
			}
		})
	}
	dead := mail.Settings{Host: "127.0.0.1", Port: 1, From: "union@example.cn", TLS: mail.Plain}
	var e *mail.Error
	if err := dead.Send(t.Context(), letter()); !errors.As(err, &e) || e.Final {
		t.Errorf("no server at all: %v", err)
	}
}

func TestValid(t *testing.T) {
	for s, want := range map[string]bool{
		"zhou@example.cn": true, "a.b+c@mail.example.com": true, "": false, "zhou": false, "zhou@localhost": false, "zhou@example.cn\r\nBcc: x@y.cn": false,
		"周 <zhou@example.cn>": false, "a@b.cn,c@d.cn": false, "a@@b.cn": false,
	} {
		if mail.Valid(s) != want {
			t.Errorf("%q: %v", s, !want)
		}
	}
}
