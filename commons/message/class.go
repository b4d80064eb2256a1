package message

import (
	"slices"
	"strings"
)

// Class is what a message is about; everybody chooses by it how they want to
// be told.
type Class string

const (
	Must   Class = "must"   // 必读通知
	Duty   Class = "duty"   // 待办和催办
	Own    Class = "own"    // 本人会籍
	Safety Class = "safety" // 账号安全
	Work   Class = "work"   // 任务结果
)

// Classes lists them in the order people are shown them.
var Classes = []Class{Must, Duty, Own, Safety, Work}

// Label is what the class is called.
func (c Class) Label() string {
	switch c {
	case Must:
		return "必读通知"
	case Own:
		return "本人会籍"
	case Safety:
		return "账号安全"
	case Work:
		return "任务结果"
	}
	return "待办和催办"
}

// pressing are the classes that go a second way when nobody reads them.
//
// law: S2-34, MSG-01
var pressing = []Class{Must, Duty, Safety}

// Presses reports whether an unread message of the class goes a second way.
func (c Class) Presses() bool { return slices.Contains(pressing, c) }

// classOf is the class of a message by the page that it leads to.
func classOf(href string) Class {
	switch {
	case strings.HasPrefix(href, "/jobs"):
		return Work
	case href == "/me" || strings.HasPrefix(href, "/me/"):
		return Own
	case strings.HasPrefix(href, "/account"):
		return Safety
	}
	return Duty
}

// Channel is a way out of the house (消息通道). Inside, every message is there
// always.
type Channel string

const (
	Mail     Channel = "mail"
	SMS      Channel = "sms"
	WeCom    Channel = "wecom"
	DingTalk Channel = "dingtalk"
)

// Channels lists the ways in the order people are shown them; a message that
// nobody reads goes by the first that was not tried.
var Channels = []Channel{Mail, SMS, WeCom, DingTalk}

// Label is what the way is called.
func (c Channel) Label() string {
	switch c {
	case Mail:
		return "邮件"
	case SMS:
		return "短信"
	case WeCom:
		return "企业微信"
	case DingTalk:
		return "钉钉"
	}
	return string(c)
}

// Group reports whether others read along: then no more is said than that
// something waits.
//
// law: R1.66
func (c Channel) Group() bool { return c == WeCom || c == DingTalk }

// Known reports whether there is such a way at all.
func (c Channel) Known() bool { return slices.Contains(Channels, c) }
