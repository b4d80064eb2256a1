// Package member keeps the members (会员) of the unions: who they are, how
// their membership began and changed, and how one of them is found.
package member

import (
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
)

// What people may do here.
const (
	Look    auth.Action = "members.look"   // see members, numbers masked
	Export  auth.Action = "members.export" // take lists away, numbers masked
	Reveals auth.Action = "members.reveal" // see a sealed field, with a reason that is logged
	Edit    auth.Action = "members.edit"   // register, correct
	Change  auth.Action = "members.change" // retain, take back, let go, transfer
	Own     auth.Action = "members.own"    // one's own data
)

// Labels name the actions for the log.
var Labels = map[auth.Action]string{
	Look: "查看会员", Export: "导出会员名单", Reveals: "查看完整号码", Edit: "登记和更正会员", Change: "会籍变动", Own: "本人资料",
}

// Status is where a membership stands (会籍).
type Status string

const (
	Applied      Status = "applied"      // 申请中
	Active       Status = "active"       // 在册
	Retained     Status = "retained"     // 保留会籍
	Transferring Status = "transferring" // 接转中
	Left         Status = "left"         // 已退会
	Expelled     Status = "expelled"     // 已除名
	Deceased     Status = "deceased"     // 已故
)

// Counted stands in a filter for every status that counts.
const Counted Status = "counted" // 计入统计

// Statuses lists them in the order people are shown them.
var Statuses = []Status{Active, Retained, Transferring, Applied, Left, Expelled, Deceased}

func (s Status) Label() string {
	switch s {
	case Applied:
		return "申请中"
	case Active:
		return "在册"
	case Retained:
		return "保留会籍"
	case Transferring:
		return "接转中"
	case Left:
		return "已退会"
	case Expelled:
		return "已除名"
	case Deceased:
		return "已故"
	case Counted:
		return "计入统计"
	}
	return string(s)
}

// Counts reports whether a member in this status stands in the statistics and
// may vote.
//
// law: MEM-19, MEM-26
func (s Status) Counts() bool { return s == Active || s == Transferring }

// Pays reports whether a member in this status pays dues.
//
// law: DUE-04, MEM-19
func (s Status) Pays() bool { return s.Counts() }

// Open reports whether the membership goes on.
func (s Status) Open() bool { return s.Counts() || s == Retained || s == Applied }

// Sex is as the document of identity says.
type Sex string

const (
	Male    Sex = "male"
	Female  Sex = "female"
	Unknown Sex = "unknown"
)

func (s Sex) Label() string {
	switch s {
	case Male:
		return "男"
	case Female:
		return "女"
	}
	return "未说明"
}

// Person is what is recorded of a member, numbers in the clear. It never
// leaves the program as it stands: lists show Row, pages mask.
type Person struct {
	Name       string
	Sex        Sex
	Birthday   day.Day
	IDType     string // code of law/codes
	IDNo       string
	Phone      string
	Ethnic     string
	Education  string
	Politics   string
	Employment string
	Skill      string
	Household  string
	Domicile   string
	Native     string
	Migrant    bool
	WorkUnit   string
	Duty       string
	Title      string
	Email      string
	OuterCard  string
}

// Member is a person with the membership of today.
type Member struct {
	ID       string
	Union    registry.Ref
	Person   Person
	CardNo   string
	Status   Status
	Joined   day.Day
	LeftDay  day.Day
	ImportID string
	Version  int64
}

// Place is the member's page.
func (m Member) Place() string { return "/grassroots/registry/members/" + m.ID }

// Revision is what an edit must name to be sure that it saw the latest.
func (m Member) Revision() int64 { return m.Version }

// EventType says how a membership changed (会籍变化类型).
type EventType string

const (
	Joins     EventType = "joined"      // 入会
	MovesIn   EventType = "moved_in"    // 转入
	Retains   EventType = "retained"    // 保留
	Resumes   EventType = "resumed"     // 恢复
	MovesOut  EventType = "moved_out"   // 转出
	Expels    EventType = "expelled"    // 除名
	Leaves    EventType = "left"        // 退会
	Dies      EventType = "deceased"    // 去世
	Seconds   EventType = "seconded"    // 借调
	Returns   EventType = "returned"    // 借调期满返回
	Studies   EventType = "studies"     // 脱产学习
	Idles     EventType = "laid_off"    // 下岗待岗
	Rests     EventType = "internal"    // 内部退养
	Releases  EventType = "released"    // 转出确认
	Recalls   EventType = "recalled"    // 转接终止
	Withdrawn EventType = "import_undo" // 撤销导入
)

func (t EventType) Label() string {
	switch t {
	case Joins:
		return "入会"
	case MovesIn:
		return "转入"
	case Retains:
		return "保留会籍"
	case Resumes:
		return "恢复会籍"
	case MovesOut:
		return "转出"
	case Expels:
		return "除名"
	case Leaves:
		return "退会"
	case Dies:
		return "去世"
	case Seconds:
		return "借调"
	case Returns:
		return "借调期满返回"
	case Studies:
		return "脱产学习"
	case Idles:
		return "下岗待岗"
	case Rests:
		return "内部退养"
	case Releases:
		return "转出确认"
	case Recalls:
		return "转接终止"
	case Withdrawn:
		return "撤销导入"
	}
	return string(t)
}

// Event is one change of a membership; today's state is their fold.
//
// law: MEM-25
type Event struct {
	ID       string      `json:"id"`
	MemberID string      `json:"-"`
	Type     EventType   `json:"type"`
	Day      day.Day     `json:"day"`
	Reason   string      `json:"reason,omitempty"`
	From     string      `json:"from_union,omitempty"`
	To       string      `json:"to_union,omitempty"`
	Document string      `json:"document,omitempty"`
	ImportID string      `json:"-"`
	Account  string      `json:"account"`
	At       day.Instant `json:"at"`
}
