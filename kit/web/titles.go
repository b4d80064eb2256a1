package web

import "unionhall/kit/fault"

// troubleTitle is the head of the page that a fault is told on.
func troubleTitle(t Trouble) string {
	switch t.Code {
	case fault.NotFound:
		return "没有找到"
	case fault.Denied:
		return "不能办理"
	case fault.Unknown:
		return "请先登录"
	case fault.Conflict:
		return "情况有变"
	case fault.Busy:
		return "请稍候"
	case fault.TooLarge:
		return "文件太大"
	case fault.Internal:
		return "系统出了故障"
	}
	return "没有办成"
}
