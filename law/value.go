package law

import (
	"fmt"
	"strconv"
	"strings"

	"unionhall/kit/day"
	"unionhall/kit/fault"
)

// Kind says how the value of a parameter is written.
type Kind string

const (
	Int   Kind = "int"   // 25
	Ints  Kind = "ints"  // 3,5
	Share Kind = "ratio" // 2/3
	Days  Kind = "days"  // 15, counted in Unit
	Table Kind = "bands" // 24:3-5;200:3-7;*:37-45
	YesNo Kind = "bool"  // 是 or 否
)

// Unit is what a value counts, in the officer's word for it.
type Unit string

const (
	CalendarDays Unit = "日"
	WorkingDays  Unit = "工作日"
)

// Ratio is a share a regulation sets, as a fraction ("2/100").
type Ratio struct{ Num, Den int64 }

// Span is a time limit in days.
type Span struct {
	Days    int
	Working bool // counted in working days (工作日)
}

// Band is one line of a table by numbers of people: up to and including UpTo,
// between Min and Max.
type Band struct{ UpTo, Min, Max int }

// Unlimited is the UpTo of a table's last band.
const Unlimited = 1 << 31

// Bands is such a table, in rising order.
type Bands []Band

// Of returns the band that n falls into. A Max of 0 is a band without seats:
// so few need no delegates but meet all together.
func (b Bands) Of(n int) (Band, bool) {
	for _, band := range b {
		if n <= band.UpTo {
			return band, true
		}
	}
	return Band{}, false
}

// Ints reads a whole number or a list of them.
func (p Param) Ints() (out []int, err error) {
	for s := range strings.SplitSeq(p.Value, ",") {
		n, err := count(s)
		if err != nil {
			return nil, p.unreadable()
		}
		out = append(out, n)
	}
	return out, nil
}

// Int reads one whole number.
func (p Param) Int() (int, error) {
	n, err := count(p.Value)
	if err != nil {
		return 0, p.unreadable()
	}
	return n, nil
}

// Ratio reads a fraction between nothing and the whole.
func (p Param) Ratio() (Ratio, error) {
	num, den, _ := strings.Cut(p.Value, "/")
	n, err := count(num)
	if err != nil {
		return Ratio{}, p.unreadable()
	}
	d, err := count(den)
	if err != nil || d == 0 || n > d {
		return Ratio{}, p.unreadable()
	}
	return Ratio{Num: int64(n), Den: int64(d)}, nil
}

// Days reads a time limit.
func (p Param) Days() (Span, error) {
	n, err := p.Int()
	if err == nil && p.Unit != CalendarDays && p.Unit != WorkingDays {
		err = p.unreadable()
	}
	return Span{Days: n, Working: p.Unit == WorkingDays}, err
}

// Bool reads 是 or 否.
func (p Param) Bool() (bool, error) {
	if p.Value != "是" && p.Value != "否" {
		return false, p.unreadable()
	}
	return p.Value == "是", nil
}

// Bands reads a table whose bands rise and whose last has no limit.
func (p Param) Bands() (out Bands, err error) {
	for s := range strings.SplitSeq(p.Value, ";") {
		upTo, seats, _ := strings.Cut(s, ":")
		low, high, _ := strings.Cut(seats, "-")
		band := Band{UpTo: Unlimited}
		if upTo != "*" {
			if band.UpTo, err = count(upTo); err != nil {
				return nil, p.unreadable()
			}
		}
		if band.Min, err = count(low); err != nil {
			return nil, p.unreadable()
		}
		if band.Max, err = count(high); err != nil || band.Max < band.Min {
			return nil, p.unreadable()
		}
		if len(out) > 0 && band.UpTo <= out[len(out)-1].UpTo {
			return nil, p.unreadable()
		}
		out = append(out, band)
	}
	if out[len(out)-1].UpTo != Unlimited {
		return nil, p.unreadable()
	}
	return out, nil
}

// count reads digits and nothing else, up to what any count of people needs.
func count(s string) (int, error) {
	n, err := strconv.ParseUint(s, 10, 31)
	return int(n), err
}

func (p Param) unreadable() error {
	return fmt.Errorf("law: %s is %q, no %s", p.ID, p.Value, p.Kind)
}

// Check refuses a value that cannot be read as the parameter's kind, with
// fault.Invalid that says how to write it.
func (p Param) Check() error {
	var err error
	var how string
	switch p.Kind {
	case Int:
		_, err = p.Int()
		how = "请填写一个整数，例如 25"
	case Ints:
		_, err = p.Ints()
		how = "请填写整数，多个之间用逗号隔开，例如 3,5"
	case Share:
		_, err = p.Ratio()
		how = "请填写不大于一的分数，例如 2/3 或 5/100"
	case Days:
		_, err = p.Days()
		how = "请填写天数，单位选日或工作日，例如 15"
	case Table:
		_, err = p.Bands()
		how = "请逐档填写人数上限和名额，最后一档上限写星号，例如 200:3-7;1000:7-15;*:15-21"
	case YesNo:
		_, err = p.Bool()
		how = "请填写是或否"
	case Ladder:
		_, err = p.Chain()
		how = "请从近到远写各级机构和批准、备案或签署意见，用逗号隔开，备案写在最后，例如 工委批准,市总工会备案"
	case Pattern:
		_, err = p.Pattern()
		how = "请写文号的样子，年份写{年}，序号写{号}，例如 滨直工复〔{年}〕{号}号"
	default:
		err = p.unreadable()
	}
	if err != nil && how != "" {
		return fault.ByRule(fault.Invalid, p.Rule, "「%s」的值读不出来。%s。", p.Name, how)
	}
	return err
}

// Shown is the value as an officer reads it: 15工作日, 5%, 3、5年.
func (p Param) Shown() string {
	switch p.Kind {
	case Ints:
		return strings.ReplaceAll(p.Value, ",", "、") + string(p.Unit)
	case Ladder:
		return strings.ReplaceAll(p.Value, ",", "，")
	case Share:
		for den, sign := range map[string]string{"/100": "%", "/1000": "‰"} {
			if n, ok := strings.CutSuffix(p.Value, den); ok {
				return n + sign
			}
		}
		return p.Value
	case Table:
		bands, err := p.Bands()
		if err != nil {
			return p.Value
		}
		return bands.shown(string(p.Unit))
	default:
		return p.Value + string(p.Unit)
	}
}

func (b Bands) shown(unit string) string {
	if len(b) == 1 {
		return fmt.Sprintf("%d至%d%s", b[0].Min, b[0].Max, unit)
	}
	var lines []string
	for _, band := range b {
		above := "不超过" + strconv.Itoa(band.UpTo) + unit
		if band.UpTo == Unlimited {
			above = "更多"
		}
		seats := fmt.Sprintf("%d至%d%s", band.Min, band.Max, unit)
		if band.Max == 0 {
			seats = "不设"
		}
		lines = append(lines, above+"："+seats)
	}
	return strings.Join(lines, "；")
}

// Int is Find for one whole number.
func (b Book) Int(id string, at Place, on day.Day) (int, error) {
	p, err := b.Find(id, at, on)
	if err != nil {
		return 0, err
	}
	return p.Int()
}

// Ints is Find for a whole number or a list of them.
func (b Book) Ints(id string, at Place, on day.Day) ([]int, error) {
	p, err := b.Find(id, at, on)
	if err != nil {
		return nil, err
	}
	return p.Ints()
}

// Ratio is Find for a fraction.
func (b Book) Ratio(id string, at Place, on day.Day) (Ratio, error) {
	p, err := b.Find(id, at, on)
	if err != nil {
		return Ratio{}, err
	}
	return p.Ratio()
}

// Days is Find for a time limit.
func (b Book) Days(id string, at Place, on day.Day) (Span, error) {
	p, err := b.Find(id, at, on)
	if err != nil {
		return Span{}, err
	}
	return p.Days()
}

// Bands is Find for a table by numbers of people.
func (b Book) Bands(id string, at Place, on day.Day) (Bands, error) {
	p, err := b.Find(id, at, on)
	if err != nil {
		return nil, err
	}
	return p.Bands()
}

// Bool is Find for a yes or no.
func (b Book) Bool(id string, at Place, on day.Day) (bool, error) {
	p, err := b.Find(id, at, on)
	if err != nil {
		return false, err
	}
	return p.Bool()
}
