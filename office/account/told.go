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
	}
	json.Unmarshal([]byte(x.Change), &c) // a line of another shape is told by its action alone
	title, kind = Labels[x.Act], ui.Info
	switch {
	case x.Act == SignIn:
		return "登录", c.Device + "，" + where(c.From), ui.Mute
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
