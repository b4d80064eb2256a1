// Package mail hands letters to a mail server (SMTP). It is never called
// inside a transaction: the outbox does that.
package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"regexp"
	"strconv"
	"strings"
	"time"

	smtp "github.com/wneessen/go-mail"
)

// How the way to the server is guarded.
const (
	StartTLS = "starttls" // must be offered and is taken
	TLS      = "tls"      // from the first byte (465)
	Plain    = "none"     // a server beside this one
)

// Settings say which server takes the mail.
type Settings struct {
	Host     string
	Port     int // 587, 465 or 25 by TLS unless set
	User     string
	Password string
	From     string // 职工之家 <union@example.cn>
	TLS      string // StartTLS unless set
	Timeout  time.Duration
	Config   *tls.Config // trusted roots other than the system's; may be nil
}

// Set reports whether there is a server at all.
func (s Settings) Set() bool { return s.Host != "" }

// Check refuses settings that can't work, in words for operators.
func (s Settings) Check() error {
	if s.From == "" || smtp.NewMsg().From(s.From) != nil {
		return errors.New("mail needs --smtp-from, such as union@example.cn")
	}
	_, err := s.client()
	return err
}

// Letter is one mail. ID makes its Message-ID: a repeat carries the same.
type Letter struct {
	ID, To, Subject, Text string
	At                    time.Time
}

var address = regexp.MustCompile(`^[^\s<>@",;:()\[\]\\]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

// Valid reports whether s is one plain mail address.
func Valid(s string) bool { return len(s) <= 254 && address.MatchString(s) }

// Error is why the server did not take a letter. Code is its reply, 0 where
// there was none; Final says that the same again can't go better.
type Error struct {
	Code  int
	Final bool
	cause error
}

func (e *Error) Error() string { return e.cause.Error() }
func (e *Error) Unwrap() error { return e.cause }

func (s Settings) client() (*smtp.Client, error) {
	options := []smtp.Option{smtp.WithTimeout(s.within()), smtp.WithoutNoop()}
	if s.Config != nil {
		options = append(options, smtp.WithTLSConfig(s.Config))
	}
	port := s.Port
	switch s.TLS {
	case "", StartTLS:
		options = append(options, smtp.WithTLSPolicy(smtp.TLSMandatory))
		port = either(port, 587)
	case TLS:
		options = append(options, smtp.WithSSL())
		port = either(port, 465)
	case Plain:
		options = append(options, smtp.WithTLSPolicy(smtp.NoTLS))
		port = either(port, 25)
	default:
		return nil, fmt.Errorf("--smtp-tls must be %s, %s or %s", StartTLS, TLS, Plain)
	}
	if s.User != "" {
		options = append(options, smtp.WithSMTPAuth(smtp.SMTPAuthAutoDiscover), smtp.WithUsername(s.User), smtp.WithPassword(s.Password))
	}
	return smtp.NewClient(s.Host, append(options, smtp.WithPort(port))...)
}

func either(a, b int) int {
	if a != 0 {
		return a
	}
	return b
}

func (s Settings) within() time.Duration {
	if s.Timeout <= 0 {
		return 15 * time.Second
	}
	return s.Timeout
}

// Send hands one letter to the server; a refusal is an *Error.
func (s Settings) Send(ctx context.Context, l Letter) error {
	m := smtp.NewMsg()
	if err := m.From(s.From); err != nil {
		return &Error{0, false, err} // a setting that can be mended
	}
	if err := m.To(l.To); err != nil {
		return &Error{553, true, err}
	}
	m.Subject(strings.Join(strings.Fields(l.Subject), " "))
	m.SetMessageIDWithValue(l.ID + "@" + s.domain())
	m.SetDateWithValue(l.At)
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetBodyString(smtp.TypeTextPlain, l.Text)
	c, err := s.client()
	if err != nil {
		return &Error{0, false, err}
	}
	ctx, cancel := context.WithTimeout(ctx, 2*s.within())
	defer cancel()
	if err := c.DialAndSendWithContext(ctx, m); err != nil {
		return judge(err)
	}
	return nil
}

// judge reads what the server said out of a failure.
func judge(err error) error {
	e := &Error{cause: err}
	var send *smtp.SendError
	var said *textproto.Error
	var dial net.Error
	switch {
	case errors.As(err, &send) && send.ErrorCode() > 0:
		e.Code = send.ErrorCode()
	case errors.As(err, &said):
		e.Code = said.Code
	case errors.As(err, &dial):
	default:
		if m := reply.FindString(err.Error()); m != "" {
			e.Code, _ = strconv.Atoi(m[:3]) // three digits by the pattern
		}
	}
	// 5xx about the letter or its receiver is for good; about who we are (530,
	// 535, 538) an operator can mend it.
	e.Final = e.Code >= 550 && e.Code < 560
	return e
}

var reply = regexp.MustCompile(`\b[45]\d\d [^\d]`)

// domain is that of the sender's address.
func (s Settings) domain() string {
	_, d, _ := strings.Cut(strings.TrimRight(s.From, ">"), "@")
	return d
}
