// Package yearly makes the yearly return of the unions (工会统计年报): figures
// as of a day, each with the people or unions behind it, kept as they were
// counted, so that what is corrected later alters no return that was frozen.
package yearly

import (
	"fmt"
	"strconv"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/job"
	"unionhall/kit/ui"
)

// What people may do here.
const (
	Look   auth.Action = "yearly.look"
	People auth.Action = "yearly.people" // the names behind a figure
	Make   auth.Action = "yearly.make"   // count, and count anew
	Check  auth.Action = "yearly.check"
	Back   auth.Action = "yearly.back" // give back to be counted anew
	Freeze auth.Action = "yearly.freeze"
	Submit auth.Action = "yearly.submit"
	Review auth.Action = "yearly.review" // a union says whether its figures are right
	Count  auth.Action = "yearly.count"  // the program's own step
)

// Labels says what the actions are called in the log.
var Labels = map[auth.Action]string{
	Make: "汇总年报", Check: "审核年报", Back: "退回年报", Freeze: "年报定稿", Submit: "上报年报", Review: "核对本会数字", Count: "年报数字汇总完成",
}

// State is where a return stands.
type State string

const (
	Counting  State = "counting"
	Draft     State = "draft"
	Checked   State = "checked"
	Frozen    State = "frozen"
	Submitted State = "submitted"
)

// Procedure is how a return comes about: one counts, another checks, the
// director freezes; from then on it is not altered.
//
// law: S2-14
var Procedure = flow.Flow[State]{
	Labels: map[State]string{Counting: "正在汇总", Draft: "草稿", Checked: "已审核", Frozen: "已定稿", Submitted: "已上报"},
	Kinds:  map[State]string{Counting: "info", Draft: "warn", Checked: "info", Frozen: "ok", Submitted: "ok"},
	Steps: []flow.Step[State]{
		{From: Draft, Act: Make, To: Counting, By: []auth.Office{auth.Officer}, Button: "重新汇总"},
		{From: Draft, Act: Check, To: Checked, By: []auth.Office{auth.Officer, auth.Auditor}, Apart: []auth.Action{Make}, Button: "审核无误"},
		{From: Draft, Act: Back, To: Draft, By: []auth.Office{auth.Officer, auth.Auditor}, Apart: []auth.Action{Make}, Button: "退回修改", Words: true},
		{From: Checked, Act: Back, To: Draft, By: []auth.Office{auth.Director}, Apart: []auth.Action{Make}, Button: "退回修改", Words: true},
		{From: Checked, Act: Freeze, To: Frozen, By: []auth.Office{auth.Director}, Apart: []auth.Action{Make, Check}, Button: "定稿"},
		{From: Frozen, Act: Submit, To: Submitted, By: []auth.Office{auth.Officer}, Button: "登记已上报", Paper: true},
	},
}

// Roles says which office may do what.
func Roles() auth.Roles {
	all := Procedure.Grants()
	for _, o := range []auth.Office{auth.Officer, auth.Director, auth.Auditor, auth.Chair, auth.Accountant} {
		all[o] = append(all[o], Look)
	}
	for _, o := range []auth.Office{auth.Officer, auth.Director, auth.Chair} {
		all[o] = append(all[o], People)
	}
	all[auth.Chair] = append(all[auth.Chair], Review)
	return all
}

// Room is this room at work.
type Room struct{ Runner *job.Runner }

// Indicator is one figure of a return. Bit is that of the people behind it;
// none where unions are.
type Indicator struct {
	Key, Label, Unit, Help string
	Bit                    int64
	Legal                  string
}

// The indicators, in the order they are kept and shown.
const (
	nUnions = iota
	nOrgan
	nInstitution
	nEnterprise
	nOther
	nJoint
	nCovered
	nLegal
	nStaff
	nMembers
	nWomen
	nMigrants
	nRetained
	nJoined
	nLeft
	nFull
	nPart
	nAudit
	nWomenBodies
	indicators
)

// Bits of people.
const (
	isMember int64 = 1 << iota
	isWoman
	isMigrant
	isRetained
	hasJoined
	hasLeft
	isFull
	isPart
)

// Indicators is what a return counts (organisation.md 7, 统计年报).
//
// law: MEM-19, ORG-12, ORG-13
var Indicators = [indicators]Indicator{
	{Key: "unions", Label: "基层工会", Unit: "个", Help: "基层工会、联合基层工会和组织员，不含分会、小组"},
	{Key: "organ", Label: "其中机关", Unit: "个", Help: "单位是机关的"},
	{Key: "institution", Label: "事业单位", Unit: "个", Help: "单位是事业单位的"},
	{Key: "enterprise", Label: "企业", Unit: "个", Help: "单位是企业的"},
	{Key: "other", Label: "其他", Unit: "个", Help: "单位是其他类别，或没有登记类别的"},
	{Key: "joint", Label: "联合基层工会", Unit: "个", Help: "几个单位联合建的"},
	{Key: "covered", Label: "覆盖单位", Unit: "个", Help: "联合工会按会员登记的工作单位数，其余各算一个"},
	{Key: "legal", Label: "有法人资格", Unit: "个", Help: "登记了统一社会信用代码的"},
	{Key: "staff", Label: "职工", Unit: "人", Help: "各工会登记的职工人数"},
	{Key: "members", Label: "会员", Unit: "人", Help: "在册和接转中的，不含保留会籍的", Bit: isMember},
	{Key: "women", Label: "女会员", Unit: "人", Help: "会员中的女性", Bit: isWoman},
	{Key: "migrants", Label: "农民工会员", Unit: "人", Help: "会员中登记为农民工的", Bit: isMigrant},
	{Key: "retained", Label: "保留会籍", Unit: "人", Help: "另列，不计入会员", Bit: isRetained},
	{Key: "joined", Label: "当年入会", Unit: "人", Help: "一月一日到统计日入会的", Bit: hasJoined},
	{Key: "left", Label: "当年减少", Unit: "人", Help: "一月一日到统计日退会、除名、去世、转出的", Bit: hasLeft},
	{Key: "fulltime", Label: "专职工会干部", Unit: "人", Help: "统计日在任、登记为专职的", Bit: isFull},
	{Key: "parttime", Label: "兼职工会干部", Unit: "人", Help: "统计日在任、不是专职的", Bit: isPart},
	{Key: "audit", Label: "经费审查委员会", Unit: "个", Help: "统计日在任的"},
	{Key: "women_bodies", Label: "女职工委员会", Unit: "个", Help: "统计日在任的"},
}

// Figures are the figures of a union, or of a union with all below it.
type Figures [indicators]int64

func (f Figures) String() string {
	var b strings.Builder
	for i, n := range f {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(strconv.FormatInt(n, 10))
	}
	return b.String()
}

func readFigures(s string) (f Figures, err error) {
	parts := strings.Fields(s)
	if len(parts) > len(f) {
		return f, fmt.Errorf("yearly: %d figures, this program knows %d", len(parts), len(f))
	}
	for i, p := range parts {
		if f[i], err = strconv.ParseInt(p, 10, 64); err != nil {
			return f, err
		}
	}
	return f, nil
}

func (f *Figures) add(o Figures) {
	for i, n := range o {
		f[i] += n
	}
}

// indicator finds one by its key; -1 for none.
func indicator(key string) int {
	for i, x := range Indicators {
		if x.Key == key {
			return i
		}
	}
	return -1
}

// Return is the return of a union, with all below it, for a year.
type Return struct {
	ID      string      `json:"id"`
	UnionID string      `json:"union_id"`
	Year    int64       `json:"year"`
	On      day.Day     `json:"day"`
	State   State       `json:"state"`
	People  int64       `json:"people"`
	Hash    string      `json:"hash,omitempty"`
	Counted day.Instant `json:"counted,omitempty"`
	Version int64       `json:"version"`
	pass    int64
}

const place = "/grassroots/registry/yearly"

// Place is the return's page.
func (r Return) Place() string { return place + "/" + r.ID }

// Revision is what a step must name.
func (r Return) Revision() int64 { return r.Version }

func (r Return) title() string { return fmt.Sprintf("%d 年工会统计年报", r.Year) }

func (s State) kind() ui.Kind { return ui.Kind(Procedure.Kinds[s]) }

// Unit is a union of a return as it stood that day.
type Unit struct {
	Ord     int64         `json:"-"`
	Last    int64         `json:"-"`
	Depth   int64         `json:"depth"`
	UnionID string        `json:"union_id"`
	Code    string        `json:"code"`
	Name    string        `json:"name"`
	Kind    registry.Kind `json:"kind"`
	Organ   string        `json:"organ_kind,omitempty"`
	Own     Figures       `json:"-"`
	Sum     Figures       `json:"-"` // with all below it
	review
}

// review is what a union said of its figures.
type review struct {
	Review string      `json:"review,omitempty"` // confirmed, objected
	Words  string      `json:"words,omitempty"`
	Women  int64       `json:"staff_women,omitempty"`
	At     day.Instant `json:"reviewed,omitempty"`
}

const (
	confirmed = "confirmed"
	objected  = "objected"
)
