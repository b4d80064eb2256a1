// Package consent keeps what people are told about their data (告知) in dated
// versions, and what each agreed to (同意), purpose by purpose.
package consent

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"unionhall/kit/auth"
	"unionhall/kit/day"
)

// What people may do here.
const (
	Publish auth.Action = "privacy.publish" // publish what people are told
	Answer  auth.Action = "privacy.answer"  // give, decline, withdraw: one's own
)

// Labels name the actions for the log.
var Labels = map[auth.Action]string{Publish: "发布个人信息告知", Answer: "本人同意或撤回"}

// Roles says which office may do what. Everybody answers for oneself.
func Roles() auth.Roles { return auth.Roles{auth.Security: {Publish}} }

// Purpose is what data are used for. Without what is needed nobody can be a
// member; the rest is for each to decide, and costs nothing to refuse.
//
// law: R1.60, R1.62
type Purpose struct {
	Key       string `json:"purpose"`
	Label     string `json:"label"`
	Needed    bool   `json:"needed"`    // membership rests on it: told, not asked
	Sensitive bool   `json:"sensitive"` // asked for separately, with necessity and effect
	draft     Notice
}

const (
	theOffice = "本工会及其上级工会（工委）。联系方式见本单位公告，也可在“我的申请”中提出。"
	yourRight = "您可以在“我的信息”里查看、复制、申请更正或删除，了解谁看过您的完整号码、为什么；可以随时撤回同意，与同意一样方便。我们在规定的工作日内答复并说明理由。"
)

// Purposes lists them in the order in which people are shown them; the drafts
// are where an office begins.
var Purposes = []Purpose{
	{"membership", "会籍管理", true, false, Notice{Who: theOffice, Aim: "确认会员身份，办理入会、转接、保留和终止会籍，行使选举等民主权利，编报工会统计。", Kinds: "姓名、性别、出生日期、证件类别和号码、工作单位、入会时间。",
		Keeping: "会籍存续期间；离会后按本单位规定的年数保存，到期清理可识别本人的内容。", Rights: yourRight}},
	{"notify", "通知和联系", false, false, Notice{Who: theOffice, Aim: "发送会籍办理进度、活动和服务通知。", Kinds: "手机号码、邮箱。", Keeping: "会籍存续期间或撤回同意为止。", Rights: yourRight}},
	{"care", "困难帮扶和慰问", false, true, Notice{Who: theOffice, Aim: "核实困难情况，办理帮扶、慰问和互助保障。", Kinds: "健康状况和诊疗材料、家庭收入和财产、银行卡号、家庭成员情况。", Keeping: "困难职工档案退出后按规定年数保存。", Rights: yourRight,
		Effect: "这些信息一旦泄露可能影响您的名誉和财产安全，所以只有经办人按权限查看，每次查看都留记录。不同意只影响申请帮扶，不影响会籍和其他服务。"}},
	{"child", "未成年子女的信息", false, true, Notice{Who: theOffice, Aim: "办理助学、托管和亲子活动。", Kinds: "不满十四周岁子女的姓名、出生日期、就读学校。", Keeping: "活动或助学结束后按规定年数保存。", Rights: yourRight,
		Effect: "不满十四周岁儿童的信息都是敏感个人信息，须由监护人同意。不同意只影响为子女报名的项目。"}},
	{"photo", "活动影像", false, false, Notice{Who: theOffice, Aim: "工会活动的宣传和存档。", Kinds: "活动中的照片和录像。", Keeping: "按规定年数保存；撤回同意后不再使用，已印刷的除外。", Rights: yourRight}},
}

// PurposeOf finds a purpose by its key.
func PurposeOf(key string) (Purpose, bool) {
	i := slices.IndexFunc(Purposes, func(p Purpose) bool { return p.Key == key })
	if i < 0 {
		return Purpose{}, false
	}
	return Purposes[i], true
}

// Notice is one version of what people are told: who, what for, which kinds,
// how long, which rights; of sensitive kinds the effect on the person as well.
//
// law: R1.61
type Notice struct {
	ID      string      `json:"id"`
	Purpose string      `json:"purpose"`
	Nth     int64       `json:"nth"`
	Who     string      `json:"who"`
	Aim     string      `json:"aim"`
	Kinds   string      `json:"kinds"`
	Keeping string      `json:"keeping"`
	Rights  string      `json:"rights"`
	Effect  string      `json:"effect,omitempty"`
	Hash    string      `json:"hash"`
	Account string      `json:"-"`
	At      day.Instant `json:"at"`
}

// hash is the fingerprint of the text that people agree to.
func (n Notice) hash() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{n.Purpose, n.Who, n.Aim, n.Kinds, n.Keeping, n.Rights, n.Effect}, "\x00")))
	return hex.EncodeToString(sum[:])
}

// Ended says how a consent ended.
type Ended string

const (
	Withdrawn Ended = "withdrawn" // 已撤回
	Declined  Ended = "declined"  // 未同意: never given
	Renewed   Ended = "renewed"   // given anew to a later version
)

// Consent is one answer of a person to one notice.
type Consent struct {
	ID       string      `json:"id"`
	Purpose  string      `json:"purpose"`
	Notice   string      `json:"notice"`
	Nth      int64       `json:"nth"`
	Given    day.Instant `json:"given"`
	Ended    day.Instant `json:"ended,omitempty"`
	HowEnded Ended       `json:"how_ended,omitempty"`
	Version  int64       `json:"-"`
}

// Holds reports whether the person agrees now.
func (c Consent) Holds() bool { return c.ID != "" && c.Ended == "" }

// Words say how the answer stands.
func (c Consent) Words(p Purpose) string {
	switch {
	case c.ID == "":
		return "尚未答复"
	case c.Ended == "" && p.Needed:
		return "已阅读"
	case c.Ended == "":
		return "已同意"
	case c.HowEnded == Declined:
		return "未同意"
	case c.HowEnded == Renewed:
		return "已换新版本"
	}
	return "已撤回"
}

// Standing is how one person stands to one purpose.
type Standing struct {
	Purpose
	Notice  Notice  `json:"notice"`
	Consent Consent `json:"consent"`
	Asked   bool    `json:"asked"` // the person has not answered this version yet
}
