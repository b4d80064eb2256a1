// Package sms sends codes by text message (短信验证码) in the background, through
// the gateway that letters go by too.
package sms

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"unionhall/kit/gateway"
)

// Sender sends codes in the background, so that nobody learns from the time an
// answer takes whether one was sent.
type Sender struct {
	g    gateway.Gateway
	line chan struct{}
	work sync.WaitGroup

	mu     sync.Mutex
	failed int
	last   time.Time
}

// atOnce is how many codes may be on their way; more are dropped and counted
// as failed.
const atOnce = 64

// New returns a sender by way of g; nil where there is no gateway.
func New(g gateway.Gateway) *Sender {
	if !g.Set() {
		return nil
	}
	return &Sender{g: g, line: make(chan struct{}, atOnce)}
}

// text is what the message says.
func text(code string) string {
	return "验证码 " + code + "，五分钟内有效。任何人向您索要都不要给。"
}

// Later sends a code in the background; a failure is logged and counted.
func (s *Sender) Later(phone, code string) {
	select {
	case s.line <- struct{}{}:
	default:
		s.note(errors.New("too many messages are on their way"))
		return
	}
	s.work.Go(func() {
		defer func() { <-s.line }()
		if err := s.g.Send(context.Background(), phone, text(code)); err != nil {
			s.note(err)
		}
	})
}

// note counts a failure and logs it without the gateway's words, which may
// repeat the number.
func (s *Sender) note(err error) {
	if e := (*gateway.Error)(nil); errors.As(err, &e) {
		err = fmt.Errorf("answered with %d", e.Status)
	}
	slog.Error("code not sent", "err", err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed++
	s.last = time.Now()
}

// Failed tells how many codes this process could not send, and when the last.
func (s *Sender) Failed() (n int, last time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed, s.last
}

// Wait returns when nothing is on its way any more.
func (s *Sender) Wait() { s.work.Wait() }
