// Package smtptest is a mail server for tests: it speaks the real dialogue on
// a loopback port, and as slowly or unkindly as a test asks.
package smtptest

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"math/big"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"
)

// Server says how a server behaves; empty replies are the kind ones.
type Server struct {
	TLS            bool // from the first byte
	Offer          bool // STARTTLS
	User, Password string
	Hello          string // in place of 220
	Rcpt           string
	Data           string // after the letter
	Slow           time.Duration

	Host   string
	Port   int
	Client *tls.Config // what trusts the server
	keep   *kept
}

type kept struct {
	mu      sync.Mutex
	letters []Letter
	server  *tls.Config
}

// Letter is one that was taken.
type Letter struct {
	From, To string
	Secure   bool
	Header   mail.Header
	Text     string
}

// Letters lists what was taken.
func (s *Server) Letters() []Letter {
	s.keep.mu.Lock()
	defer s.keep.mu.Unlock()
	return append([]Letter(nil), s.keep.letters...)
}

// Start has a server listen until the test ends.
func Start(t testing.TB, s Server) *Server {
	t.Helper()
	s.keep = &kept{}
	s.keep.server, s.Client = certificates(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().(*net.TCPAddr)
	s.Host, s.Port = "127.0.0.1", at.Port
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.talk(c)
		}
	}()
	return &s
}

func certificates(t testing.TB) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(made)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}
}

// line is one connection.
type line struct {
	s        *Server
	c        net.Conn
	text     *textproto.Reader
	secure   bool
	proved   bool
	from, to string
}

func (s *Server) talk(c net.Conn) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(2 * time.Minute))
	time.Sleep(s.Slow)
	l := &line{s: s, c: c, secure: s.TLS}
	if s.TLS {
		l.c = tls.Server(c, s.keep.server)
	}
	l.text = textproto.NewReader(bufio.NewReader(l.c))
	if s.Hello != "" {
		l.say(s.Hello)
		return
	}
	l.say("220 test ready")
	for {
		said, err := l.text.ReadLine()
		if err != nil {
			return
		}
		if !l.hear(said) {
			return
		}
	}
}

func (l *line) say(s string) { io.WriteString(l.c, s+"\r\n") }

func or(s, kind string) string {
	if s != "" {
		return s
	}
	return kind
}

func (l *line) hear(said string) (on bool) {
	verb, rest, _ := strings.Cut(said, " ")
	switch strings.ToUpper(verb) {
	case "EHLO":
		l.say("250-test")
		if l.s.Offer && !l.secure {
			l.say("250-STARTTLS")
		}
		if l.s.User != "" && l.secure {
			l.say("250-AUTH PLAIN")
		}
		l.say("250 8BITMIME")
	case "HELO", "NOOP", "RSET":
		l.say("250 ok")
	case "STARTTLS":
		l.say("220 go on")
		l.c, l.secure = tls.Server(l.c, l.s.keep.server), true
		l.text = textproto.NewReader(bufio.NewReader(l.c))
	case "AUTH":
		_, token, _ := strings.Cut(rest, " ")
		b, err := base64.StdEncoding.DecodeString(token)
		if l.proved = err == nil && string(b) == "\x00"+l.s.User+"\x00"+l.s.Password; !l.proved {
			l.say("535 5.7.8 wrong password")
			return true
		}
		l.say("235 welcome")
	case "MAIL":
		if l.s.User != "" && l.secure && !l.proved {
			l.say("530 5.7.0 sign in first")
			return true
		}
		l.from = between(rest)
		l.say("250 ok")
	case "RCPT":
		l.to = between(rest)
		l.say(or(l.s.Rcpt, "250 ok"))
	case "DATA":
		l.say("354 go on")
		return l.take()
	case "QUIT":
		l.say("221 bye")
		return false
	default:
		l.say("502 what?")
	}
	return true
}

func between(s string) string {
	_, s, _ = strings.Cut(s, "<")
	s, _, _ = strings.Cut(s, ">")
	return s
}

func (l *line) take() bool {
	m, err := mail.ReadMessage(l.text.DotReader())
	if err != nil {
		return false
	}
	b, err := io.ReadAll(m.Body)
	if err != nil {
		return false
	}
	if l.s.Data == "" {
		l.s.keep.mu.Lock()
		l.s.keep.letters = append(l.s.keep.letters, Letter{From: l.from, To: l.to, Secure: l.secure, Header: m.Header, Text: decoded(m.Header, b)})
		l.s.keep.mu.Unlock()
	}
	l.say(or(l.s.Data, "250 taken"))
	return true
}

// decoded is a letter's text as its reader sees it.
func decoded(h mail.Header, b []byte) string {
	var r io.Reader = strings.NewReader(string(b))
	switch strings.ToLower(h.Get("Content-Transfer-Encoding")) {
	case "quoted-printable":
		r = quotedprintable.NewReader(r)
	case "base64":
		r = base64.NewDecoder(base64.StdEncoding, r)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return string(b)
	}
	return string(text)
}
