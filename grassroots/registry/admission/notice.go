package admission

import (
	"crypto/sha256"
	"encoding/hex"
)

// noticeVersion names the text that applicants accept; a changed text gets a
// new one, and what was accepted before stays on record with its hash.
const noticeVersion = "入会告知 2026-11"

// notice is what people are told before anything is collected: who, what for,
// which data, how long, and which rights they have.
//
// law: R1.61, R1.62
var notice = []struct{ Head, Text string }{
	{"谁在收集", "您申请加入的基层工会，以及它的上级工会。"},
	{"做什么用", "审批入会、登记会籍、编发会员证、会籍接转和会员统计，不作别的用途。"},
	{"收集哪些", "必填：姓名、证件类别和号码、手机号。证件号码用来保证一人一籍。其余各项可以不填，不影响入会。"},
	{"怎样保管", "证件号码和手机号加密保存，日常只显示遮盖后的号码；谁看过完整号码都会记录，您入会后看得到。"},
	{"保存多久", "入会的，随会籍保存；没有入会的，保存一年后删除。数据保存在本单位，不出境。"},
	{"您的权利", "可以查阅、复制、更正，可以撤回申请和同意。撤回以前已办的事不受影响。请联系您所在的工会办理。"},
}

// noticeHash proves which text was accepted.
func noticeHash() string {
	h := sha256.New()
	h.Write([]byte(noticeVersion))
	for _, n := range notice {
		h.Write([]byte("\n" + n.Head + "\n" + n.Text))
	}
	return hex.EncodeToString(h.Sum(nil))
}
