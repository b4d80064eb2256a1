package registry

import (
	"net/url"

	"unionhall/kit/ui"
)

// What pages show of bodies and seats.

func electedWord(k Kind) string {
	if k.Elects() {
		return "选举日期"
	}
	return "任命日期"
}

func openMark(open bool) string {
	if open {
		return "-open"
	}
	return ""
}

func fullTime(b bool) string {
	if b {
		return "专职"
	}
	return "兼职"
}

func endingWords(s Seat) string {
	words := s.Ending.Label()
	if s.EndDoc != "" {
		words += "（" + s.EndDoc + "）"
	}
	if c := s.count(); c != "" {
		words += "，" + c
	}
	return words
}

// absent are the bodies that a union may have and that don't sit. A standing
// committee is for large committees only, and not offered to others.
func (d Detail) absent() (out []BodyKind) {
	committee, _ := sitting(d.Bodies, Committee)
	for _, k := range d.Kind.BodyKinds() {
		if _, ok := sitting(d.Bodies, k); !ok && (k != Standings || committee.Size > 11) {
			out = append(out, k)
		}
	}
	return out
}

func bodyOptions(k Kind) (out []ui.Option) {
	for _, b := range k.BodyKinds() {
		out = append(out, ui.Option{Value: string(b), Text: b.Label()})
	}
	return out
}

func officeOptions(k Kind, b BodyKind) (out []ui.Option) {
	for _, o := range k.Offices(b) {
		out = append(out, ui.Option{Value: string(o), Text: o.Label()})
	}
	return out
}

func howOptions(k Kind) (out []ui.Option) {
	for _, h := range Hows {
		if k.Elects() || h == ByAppointing {
			out = append(out, ui.Option{Value: string(h), Text: h.Label()})
		}
	}
	return out
}

func endingOptions() (out []ui.Option) {
	for _, e := range Endings {
		out = append(out, ui.Option{Value: string(e), Text: e.Label()})
	}
	return out
}

func electorOptions() (out []ui.Option) {
	for _, e := range []Elector{ByCommittee, ByMeeting} {
		out = append(out, ui.Option{Value: string(e), Text: e.Label()})
	}
	return out
}

func yearOptions(t Term) (out []ui.Option) {
	for _, y := range t.Years {
		out = append(out, ui.Option{Value: plain(y), Text: plain(y) + " 年"})
	}
	return out
}

// seatsHelp says what the rules have for the seats of a body.
func (p BodyForm) seatsHelp() string {
	if p.Term.Max == 0 {
		return "按实际名额填写。"
	}
	words := "会员 " + digits(p.Members) + " 人，规定 " + plain(p.Term.Min) + " 至 " + plain(p.Term.Max) + " 个，宜为单数"
	if !p.Term.Binding {
		return words + "（该档次待核实）。"
	}
	return words + "；超出的请说明理由。"
}

func (p BodyForm) note() string {
	return "登记后" + p.Sits.Kind.Label() + ordinal(p.Sits.Nth) + "随即结束，在任的 " + digits(p.Sits.Holding.Seats) + " 人以届满离任。"
}

// found tells of one candidate what an officer needs to choose.
func (p Person) words() string {
	words := p.Union
	if p.Duty != "" {
		words += " · " + p.Duty
	}
	if p.CardNo != "" {
		words += " · 会员号 " + p.CardNo
	}
	if p.Keeper {
		words += " · 会计或出纳"
	}
	if !counts(p.Status) {
		words += " · 会籍不在册"
	}
	return words
}

func peopleOptions(found []Person) (out []ui.Option) {
	for _, p := range found {
		out = append(out, ui.Option{Value: p.ID, Text: p.Name + "（" + p.words() + "）"})
	}
	return out
}

func refOptions(refs []Ref) (out []ui.Option) {
	for _, r := range refs {
		out = append(out, ui.Option{Value: r.Code, Text: r.Name + "（" + r.Code + "）"})
	}
	return out
}

func kindChoices(kinds []Kind) (out []ui.Option) {
	for _, k := range kinds {
		out = append(out, ui.Option{Value: string(k), Text: k.Label()})
	}
	return out
}

func queryEscape(q string) string { return url.QueryEscape(q) }

// howOf is how most people come into a seat of a union of the kind.
func howOf(k Kind) How {
	if k.Elects() {
		return ByElection
	}
	return ByAppointing
}

func (p SeatPage) leavingNote() string {
	if p.Office.Heads() {
		return "离任后" + p.Office.Label() + "空缺，请及时补选。"
	}
	return "任职记录保留在历届班子中。"
}
