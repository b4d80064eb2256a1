package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Robot is the webhook of a robot in a work app's group (企业微信、钉钉群机器人).
// Secret signs for DingTalk; WeCom has none.
type Robot struct {
	URL    string
	Secret string
	Guard  Guard
	Now    func() time.Time
}

// WeCom has a WeCom robot say a text.
//
// The form: https://developer.work.weixin.qq.com/document/path/91770
func (r Robot) WeCom(ctx context.Context, text string) error {
	return r.say(ctx, r.URL, text)
}

// DingTalk has a DingTalk robot say a text; with a Secret the request is
// signed: base64 of HMAC-SHA256 over timestamp, line feed and secret.
//
// The form: https://open.dingtalk.com/document/robots/custom-robot-access
func (r Robot) DingTalk(ctx context.Context, text string) error {
	to := r.URL
	if r.Secret != "" {
		stamp := strconv.FormatInt(r.Now().UnixMilli(), 10)
		to += map[bool]string{true: "&", false: "?"}[strings.Contains(to, "?")] + "timestamp=" + stamp + "&sign=" + url.QueryEscape(DingSign(r.Secret, stamp))
	}
	return r.say(ctx, to, text)
}

// DingSign is the signature that DingTalk asks for.
func DingSign(secret, stamp string) string {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(stamp + "\n" + secret))
	return base64.StdEncoding.EncodeToString(h.Sum(nil))
}

// say sends a text message; both apps take the same body and answer 200 with
// an errcode of their own.
func (r Robot) say(ctx context.Context, to, text string) error {
	body, err := json.Marshal(map[string]any{"msgtype": "text", "text": map[string]string{"content": text}})
	if err != nil {
		return err
	}
	answer, err := send(ctx, r.Guard.Client(within(0)), http.MethodPost, to, http.Header{"Content-Type": {"application/json; charset=utf-8"}}, string(body))
	if err != nil {
		return err
	}
	var a struct {
		Code int    `json:"errcode"`
		Said string `json:"errmsg"`
	}
	if err := json.Unmarshal([]byte(answer), &a); err != nil {
		return &Error{Status: 200, Words: line(answer)}
	}
	if a.Code != 0 {
		return &Error{Status: 200, Words: fmt.Sprintf("%d %s", a.Code, line(a.Said)), Final: badKey[a.Code]}
	}
	return nil
}

// badKey are the answers that say the robot is gone or the key is wrong: no
// use to try again.
var badKey = map[int]bool{93000: true, 300001: true, 310000: true, 400101: true, 40013: true, 40014: true}
