package books

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"unionhall/kit/fault"
	"unionhall/kit/money"
)

// Write returns the entries of an event from what its form brought: all of
// them, the second pair of A21 too. What is missing or cannot be is
// fault.Invalid at the fields. A share that is no whole fen is rounded, and
// the rest stays with the union that books the receipt.
//
// law: F1.14 J17 J18 J19 J20 J21 J22 J23 J24 J25 J26 J27 J28 J29 J30 J31
// law: J32 J33 J34 J35 J36 J37 J38 J39 J40 J41 J42 J43 J44 J45 F3.11
func Write(e Event, s System, given map[string]string) ([]Line, error) {
	if ok, why := e.In(s); !ok {
		return nil, fault.ByRule(fault.Invalid, e.Rule, "%s没有「%s」这笔业务：%s", s.Label(), e.Name, why)
	}
	w := writer{event: e, system: s, given: given, asked: e.Fields(s), fields: map[string]string{},
		money: map[string]money.Fen{}, percent: map[string]int64{}}
	w.read()
	var out []Line
	for _, x := range e.entries[s] {
		if l, ok := w.line(x); ok {
			out = append(out, l)
		}
	}
	if len(w.fields) == 0 && len(out) < 2 {
		w.refuse("amount", "请填写金额。")
	}
	if len(out) == 2 && out[0].Account == out[1].Account {
		w.refuse(e.entries[s][0].field, "转出和转入是同一个账户，请选择两个不同的账户。")
	}
	if len(w.fields) > 0 {
		return nil, &fault.Error{Kind: fault.Invalid, Rule: e.Rule, Text: w.first, Fields: w.fields}
	}
	return out, nil
}

type writer struct {
	event   Event
	system  System
	given   map[string]string
	asked   []EventField
	money   map[string]money.Fen
	percent map[string]int64 // in millionths
	fields  map[string]string
	first   string
}

func (w *writer) refuse(name, format string, args ...any) {
	if _, ok := w.fields[name]; ok {
		return
	}
	w.fields[name] = fmt.Sprintf(format, args...)
	if w.first == "" {
		w.first = w.fields[name]
	}
}

// value is what was typed into a field; what the form does not ask for counts
// for nothing.
func (w *writer) value(name string) string {
	if name != "summary" && !slices.ContainsFunc(w.asked, func(f EventField) bool { return f.Name == name }) {
		return ""
	}
	return strings.TrimSpace(w.given[name])
}

// read checks what was typed, field by field.
func (w *writer) read() {
	for _, f := range w.asked {
		text := w.value(f.Name)
		if text == "" {
			if !f.Optional && !w.implied(f) {
				w.refuse(f.Name, "请填写%s。", f.Label)
			}
			continue
		}
		switch f.Kind {
		case Money:
			fen, err := money.Parse(text)
			switch {
			case err != nil:
				w.refuse(f.Name, "%s", fault.Of(err).Text)
			case fen < 0 || fen == 0 && !f.Optional:
				w.refuse(f.Name, "%s要大于零。", f.Label)
			case fen > MostFen:
				w.refuse(f.Name, "%s超过 %s 元，请核对位数。", f.Label, MostFen.Grouped())
			}
			w.money[f.Name] = fen
		case Percent:
			millionths, ok := hundredth(text)
			if !ok {
				w.refuse(f.Name, "%s请填 0 到 100 之间的数，最多四位小数。", f.Label)
			}
			w.percent[f.Name] = millionths
		case Choice:
			if !slices.Contains(f.Options, text) {
				w.refuse(f.Name, "请重新选择%s。", f.Label)
			}
		}
	}
	if w.percent["up"]+w.percent["down"] > 1_000_000 {
		w.refuse("up", "上解和转拨比例合计不能超过 100。")
	}
}

// implied reports whether a field says itself: the only account there is, or a
// source that the account or the project settles.
func (w *writer) implied(f EventField) bool {
	switch f.Name {
	case "source":
		return true // judged at its line
	case "project":
		return w.system == A09
	}
	return f.Kind == Choose && single(w.system, f.Options) != ""
}

// single returns the account that options leave no choice about.
func single(s System, options []string) string {
	if len(options) != 1 {
		return ""
	}
	if a, ok := Find(s, options[0]); ok && a.Leaf {
		return a.Code
	}
	return ""
}

// hundredth reads a percentage in millionths of the whole.
func hundredth(text string) (int64, bool) {
	whole, part, dot := strings.Cut(strings.TrimSuffix(text, "%"), ".")
	if dot && (part == "" || len(part) > 4) || len(whole) > 3 {
		return 0, false
	}
	n, err := strconv.ParseUint(whole+(part + "0000")[:4], 10, 31)
	return int64(n), err == nil && n <= 1_000_000
}

// line writes one entry; none of nothing.
func (w *writer) line(x entry) (Line, bool) {
	var sum money.Fen
	for _, t := range x.terms {
		part := w.money[t.money]
		if t.percent != "" {
			part = w.share(part, t.percent)
		}
		if t.minus {
			part = -part
		}
		sum += part
	}
	last := x.terms[len(x.terms)-1].money
	if sum < 0 && !x.either {
		w.refuse(last, "「%s」不能大于总数，请核对金额。", w.label(last))
	}
	l := Line{Account: w.account(x), Summary: w.value("summary")}
	if l.Summary == "" {
		l.Summary = w.event.Name
	}
	if debit := x.debit != (sum < 0); debit {
		l.Debit = max(sum, -sum)
	} else {
		l.Credit = max(sum, -sum)
	}
	if sum == 0 || l.Account == "" {
		return Line{}, false
	}
	w.tag(&l, x)
	return l, true
}

// share returns the part of an amount that goes up, or down: each to the fen,
// but both together never more than there is.
//
// law: F1.14
func (w *writer) share(whole money.Fen, name string) money.Fen {
	part := whole.Share(w.percent[name], 1_000_000)
	if name == "down" {
		part = min(part, whole-whole.Share(w.percent["up"], 1_000_000))
	}
	return part
}

func (w *writer) label(name string) string {
	for _, f := range w.asked {
		if f.Name == name {
			return f.Label
		}
	}
	return name
}

// account returns the account of an entry, that chosen or the one it names.
func (w *writer) account(x entry) string {
	if x.field == "" {
		return x.accounts[0]
	}
	code := w.value(x.field)
	if code == "" {
		a, ok := Find(w.system, x.accounts[0])
		if ok && a.Leaf && (len(x.accounts) == 1 || definitions()[x.field].Kind == Bank) {
			return a.Code
		}
		w.refuse(x.field, "请选择%s。", w.label(x.field))
		return ""
	}
	a, ok := Stated(w.system, code)
	below := func(top string) bool { return under(code, top) }
	if w.system == A21 && x.field != "trust" && slices.ContainsFunc(entrustedCash, below) {
		w.refuse(x.field, "「%s」里是代管的钱，这笔业务请用别的账户。", a.Shown())
		return ""
	}
	if !ok || !slices.ContainsFunc(x.accounts, below) {
		w.refuse(x.field, "「%s」不是这笔业务的%s，请重新选择。", code, w.label(x.field))
		return ""
	}
	if a.Code == code && !a.Leaf {
		w.refuse(x.field, "「%s」下设明细，请选它的末级科目。", a.Shown())
		return ""
	}
	return code
}

// parties are the accounts that are kept by whom they are owed to or by.
var parties = map[System][]string{
	A21: {"131", "132", "135", "201", "211", "212", "215", "221"},
	A09: {"121", "131", "132", "135", "211", "221", "222", "225", "231"},
}

// projects are the balances that are kept by project.
var projects = map[System][]string{A21: {"161", "30103", "321", "331", "332"}, A09: {"161", "302"}}

// tag puts to a line what its account is kept by.
//
// law: F3.4 F3.5 F3.12
func (w *writer) tag(l *Line, x entry) {
	a, _ := Stated(w.system, l.Account)
	a.Code = l.Account
	flows := a.Class == Income || a.Class == Expense
	if slices.Contains(parties[w.system], Top(l.Account)) {
		l.Party = w.value("party")
	}
	if flows || slices.ContainsFunc(projects[w.system], func(top string) bool { return under(l.Account, top) }) {
		l.Project = w.value("project")
	}
	if a.Class == Expense {
		l.Dept, l.Econ = w.value("dept"), w.value("econ")
	}
	if w.system == A09 {
		return
	}
	if flows && x.mark != "" {
		l.Source = w.source(x, a)
		if l.Source == SP && l.Project == "" {
			w.refuse("project", "专项资金按项目核算，请选择项目。")
		}
		if l.Source == FT {
			l.Func = w.value("func")
		}
		return
	}
	mark := x.mark
	switch mark {
	case "":
		mark = w.value("source") // treasury money is spent from a state-owned deposit
	case "source", "owner":
		mark = w.value(mark)
	}
	if mark == FT && (a.Class == Asset || Top(l.Account) == "301") {
		l.Source = FT
	}
}

// source settles where the money of a line comes from: as the template says,
// as was chosen, or as the account or the project leaves no choice.
func (w *writer) source(x entry, a Account) string {
	if x.mark != "source" {
		return x.mark
	}
	may, chosen := Sources(a), w.value("source")
	switch {
	case len(may) == 1:
		return may[0]
	case chosen == "" && w.value("project") != "" && slices.Contains(may, SP):
		return SP
	case chosen == "":
		w.refuse("source", "请选择资金来源。")
	case !slices.Contains(may, chosen):
		w.refuse("source", "「%s」不能用%s，请重新选择资金来源。", a.Shown(), SourceLabel(chosen))
	}
	return chosen
}
