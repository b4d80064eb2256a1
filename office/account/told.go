package account

import (
	"encoding/json"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/ui"
)

// told turns a line of the log about an account into what a person reads.
func told(x audit.Row) (title, words string, kind ui.Kind) {
	var c struct {
		Post, Office, From, To, Document, Device, Reason, Name, Was, Login, Member, Label, Ended string
		Acting                                                                                   string `json:"acting_for"`
		Locked                                                                                   *bool
		Password                                                                                 string
		Out                                                                                      bool `json:"handed_out"`
		Left                                                                                     int
		Token                                                                                    string
		How, Second, Linked, Parted                                                              string
	}
	json.Unmarshal([]byte(x.Change), &c) // a line of another shape is told by its action alone
	title, kind = Labels[x.Act], ui.Info
	switch {
	case x.Act == SignIn:
		return "登录", c.Device + "，" + where(c.From) + howWords(c.How), ui.Mute
	case x.Act == SignInFail && c.Second != "":
		return "动态口令输错", c.Device + "，" + where(c.From), ui.Warn
	case c.Second != "":
		return secondWords[c.Second], c.Reason, ui.Info
	case c.Linked != "":
		return "关联登录", c.Label, ui.Info
	case c.Parted != "":
		return "解除关联登录", c.Label, ui.Warn
	case x.Act == SignInFail:
		return "密码输错", c.Device + "，" + where(c.From), ui.Warn
	case x.Act == SignOut:
		return "退出登录", "", ui.Mute
	case c.Password != "" && c.Out:
		return "重设密码", "已发放初始密码，首次登录须修改", ui.Warn
	case c.Password != "":
		return "修改密码", "", ui.OK
	case c.Locked != nil && *c.Locked:
		return "停用账号", c.Reason, ui.Bad
	case c.Locked != nil:
		return "启用账号", c.Reason, ui.OK
	case c.Post != "" && c.From != "":
		return "任命" + acting(c.Acting) + auth.Office(c.Office).Label(), span(c.From, c.To) + paper(c.Document), ui.OK
	case c.Token != "":
		return "办理令牌", c.Label, ui.Info
	case c.Post != "":
		return "结束" + auth.Office(c.Office).Label(), "最后一天 " + c.To + paper(c.Document), ui.Warn
	case c.Ended == "token":
		return "收回令牌", c.Label, ui.Warn
	case c.Ended != "":
		return "退出登录", c.Label, ui.Warn
	case c.Was != "":
		return "更正姓名", c.Was + " 改为 " + c.Name, ui.Info
	case c.Login != "":
		return "建立账号", "", ui.OK
	case strings.Contains(x.Change, `"member"`) && c.Member == "":
		return "取消对应会员", "", ui.Warn
	case c.Member != "":
		return "对应会员", "", ui.Info
	}
	return title, "", kind
}

func acting(whom string) string {
	if whom == "" {
		return ""
	}
	return "代" + whom + "任"
}

func span(from, to string) string {
	if to == "" {
		return from + " 起"
	}
	return from + " 至 " + to
}

func paper(document string) string {
	if document == "" {
		return ""
	}
	return "，依据" + document
}

// secondWords are what the log says of a second factor.
var secondWords = map[string]string{
	"started": "开始启用动态口令", "on": "启用动态口令", "off": "停用动态口令", "codes": "换恢复码", "reset": "重置动态口令",
}

// howWords say how somebody signed in who did not by password alone.
func howWords(how string) string {
	out := ""
	for _, w := range strings.Fields(how) {
		switch w {
		case byOutside:
			out += "，统一身份认证"
		case byText:
			out += "，短信验证码"
		case string(byRecovery):
			out += "，用了恢复码"
		}
	}
	return out
}
