package main

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"time"

	"unionhall/hall"
)

// out is how messages leave the house.
type out struct {
	PublicURL string `env:"UNIONHALL_PUBLIC_URL" help:"Address of this server as people reach it; links in letters begin with it." placeholder:"https://HOST"`

	SMTPHost     string `name:"smtp-host" env:"UNIONHALL_SMTP_HOST" help:"Mail server; without one there is no mail."`
	SMTPPort     int    `name:"smtp-port" env:"UNIONHALL_SMTP_PORT" help:"587, 465 or 25 by --smtp-tls."`
	SMTPTLS      string `name:"smtp-tls" env:"UNIONHALL_SMTP_TLS" enum:"starttls,tls,none" default:"starttls" help:"starttls, tls or none."`
	SMTPFrom     string `name:"smtp-from" env:"UNIONHALL_SMTP_FROM" help:"Sender of mail."`
	SMTPUser     string `name:"smtp-user" env:"UNIONHALL_SMTP_USER" help:"Account at the mail server."`
	SMTPPassword string `name:"smtp-password" env:"UNIONHALL_SMTP_PASSWORD" help:"Its password; better in the environment."`

	SMSURL        string            `name:"sms-url" env:"UNIONHALL_SMS_URL" help:"Short-message gateway; {phone} and {text} stand for what is sent."`
	SMSMethod     string            `name:"sms-method" env:"UNIONHALL_SMS_METHOD" enum:"POST,GET,PUT" default:"POST" help:"POST, GET or PUT."`
	SMSBody       string            `name:"sms-body" env:"UNIONHALL_SMS_BODY" help:"Body of the request."`
	SMSHeader     map[string]string `name:"sms-header" env:"UNIONHALL_SMS_HEADER" help:"Headers, such as Authorization=KEY;Content-Type=text/plain."`
	SMSHeaderFile string            `name:"sms-header-file" env:"UNIONHALL_SMS_HEADER_FILE" help:"File of lines \"Name: value\" with what proves who asks." placeholder:"FILE"`
	SMSExpect     string            `name:"sms-expect" env:"UNIONHALL_SMS_EXPECT" help:"What an answer that took the message holds."`
	SMSTimeout    time.Duration     `name:"sms-timeout" env:"UNIONHALL_SMS_TIMEOUT" default:"10s" help:"How long an answer may take."`

	PrivateTargets bool `name:"private-targets" env:"UNIONHALL_PRIVATE_TARGETS" help:"Let webhooks and robots reach machines of the intranet."`
}

// settings puts the flags together, or says what is wrong with them.
func (o out) settings() (s hall.Out, err error) {
	s.Public, s.Private = strings.TrimRight(o.PublicURL, "/"), o.PrivateTargets
	s.Mail.Host, s.Mail.Port, s.Mail.TLS, s.Mail.From = o.SMTPHost, o.SMTPPort, o.SMTPTLS, o.SMTPFrom
	s.Mail.User, s.Mail.Password = o.SMTPUser, o.SMTPPassword
	s.SMS.URL, s.SMS.Method, s.SMS.Body, s.SMS.Header = o.SMSURL, o.SMSMethod, o.SMSBody, o.SMSHeader
	s.SMS.Expect, s.SMS.Timeout = o.SMSExpect, o.SMSTimeout
	if err := headers(o.SMSHeaderFile, &s.SMS.Header); err != nil {
		return s, err
	}
	if err := s.Check(); err != nil {
		return s, fmt.Errorf("settings: %w (unionhall help settings)", err)
	}
	return s, nil
}

// headers adds what stands in a file of lines "Name: value".
func headers(path string, to *map[string]string) error {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("file %s with the headers of the short-message gateway cannot be read: %w", path, err)
	}
	all := maps.Clone(*to)
	if all == nil {
		all = map[string]string{}
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return fmt.Errorf("file %s must hold lines such as \"Authorization: Bearer …\"", path)
		}
		all[strings.TrimSpace(name)] = strings.TrimSpace(value)
	}
	*to = all
	return nil
}
