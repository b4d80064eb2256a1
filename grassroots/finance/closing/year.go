package closing

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// analysed is the act on December that says the projects were looked at.
const analysed = "analyse"

// Stage is a step of the end of a year as it stands.
type Stage struct {
	books.Stage
	State string `json:"state"` // done, todo, hint (a person must see for themselves), none (does not concern this union)
	Note  string `json:"note,omitempty"`
	Href  string `json:"href,omitempty"`
	Act   string `json:"act,omitempty"`
	Press bool   `json:"press,omitempty"` // this page has its button now
}

// Fate is a project with money left, for a person to say what becomes of it.
type Fate struct {
	Key     string    `json:"key"`
	Account string    `json:"account"`
	Project string    `json:"project"`
	Name    string    `json:"name"`
	Amount  money.Fen `json:"amount"`
	balance books.Balance
}

// Ending is a year that is to be closed.
type Ending struct {
	ledger.Book
	Stages []Stage `json:"stages"`
	Fates  []Fate  `json:"projects,omitempty"`
	Items  []Item  `json:"items"` // what the closing of the year lacks
	open   []books.Balance
	months [13]State
	seen   bool // the projects were analysed since December was last closed
}

// EndingOf reads how far the end of a union's year is.
//
// law: F3.14, F3.15
func (rm *Room) EndingOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, year int) (e Ending, err error) {
	if e.Book, err = ledger.BookOf(ctx, tx, g, union, year); err != nil {
		return e, err
	}
	return e, rm.read(ctx, tx, g, &e)
}

func (rm *Room) read(ctx context.Context, tx *sqldb.Tx, g auth.Grant, e *Ending) error {
	months, err := ledger.Months(ctx, tx, g.Tenant(), e.ID)
	if err != nil {
		return err
	}
	for _, m := range months {
		e.months[m.Month] = State(m.State)
	}
	f, err := ledger.FiguresOf(ctx, tx, g, ledger.Ask{Union: e.Union.ID, Year: e.Year, From: 1, To: 12, Projects: true})
	if err != nil {
		return err
	}
	e.open = balancesOf(f)
	acts, err := sqldb.List(ctx, tx, sqldb.Text, `
		SELECT act FROM month_acts WHERE tenant_id = $1 AND book_id = $2 AND month = 12 AND act IN ('close', 'analyse') ORDER BY id DESC LIMIT 1`, g.Tenant(), e.ID)
	if err != nil {
		return err
	}
	e.seen = len(acts) > 0 && acts[0] == analysed
	if err := rm.fates(ctx, tx, g, e); err != nil {
		return err
	}
	if e.Items, err = rm.annual(ctx, tx, g, e, f); err != nil {
		return err
	}
	rm.stages(e, f)
	return nil
}

// fates lists what projects have left, once it was gathered.
func (rm *Room) fates(ctx context.Context, tx *sqldb.Tx, g auth.Grant, e *Ending) error {
	e.Fates = nil
	if e.System == books.A09 || e.holds("32101", "32102", "32103", "33101", "33102", "33103") {
		return nil
	}
	var names map[string]string
	for _, b := range e.open {
		if b.Account != "32104" && b.Account != "33104" {
			continue
		}
		if names == nil {
			names = map[string]string{ledger.Staff: "基本支出—人员经费", ledger.Office: "基本支出—公用经费", "": "未分项目"}
			all, err := ledger.Projects(ctx, tx, g, e.Union.ID)
			if err != nil {
				return err
			}
			for _, p := range all {
				names[p.ID] = p.Name
			}
		}
		e.Fates = append(e.Fates, Fate{Key: b.Account + "-" + b.Project, Account: b.Account, Project: b.Project, Name: names[b.Project], Amount: b.Amount, balance: b})
	}
	return nil
}

// holds reports whether any of the accounts, or one below, has a balance.
func (e Ending) holds(codes ...string) bool {
	return slices.ContainsFunc(e.open, func(b books.Balance) bool {
		return slices.ContainsFunc(codes, func(c string) bool { return len(b.Account) >= len(c) && b.Account[:len(c)] == c })
	})
}

// annual lists what the closing of the year asks for.
//
// law: F3.16, K5, K6
func (rm *Room) annual(ctx context.Context, tx *sqldb.Tx, g auth.Grant, e *Ending, f ledger.Figures) (out []Item, err error) {
	open := slices.IndexFunc(e.months[1:], func(s State) bool { return s == Open })
	if open >= 0 {
		p := Period{Union: e.Union, Year: e.Year, Month: open + 1}
		out = append(out, Item{Key: "months", Rule: "F3.16", Text: p.Title() + "还没有结账。", Href: p.Place(), Act: "去结账"})
	} else {
		out = append(out, Item{Key: "months", Rule: "F3.16", OK: true, Text: "十二个月都已结账。"})
	}
	out = append(out, broken(e.Book, books.Check(e.System, f, true), strconv.Itoa(e.Year)+"-12")...)
	if len(e.Fates) > 0 && !e.seen {
		out = append(out, Item{Key: "analyse", Rule: "F3.14", Text: "结转资金的项目还没有逐个分析。", Href: yearPlace(e.Union.Code, e.Year) + "#analyse", Act: "去分析"})
	}
	for _, ask := range rm.YearAsks {
		items, err := ask(ctx, tx, g, e.Book, 12)
		if err != nil {
			return nil, err
		}
		out = append(out, items...)
	}
	return out, nil
}

// stages says of every step of the end of the year how it stands.
func (rm *Room) stages(e *Ending, f ledger.Figures) {
	december := Period{Union: e.Union, Year: e.Year, Month: 12}
	closed := e.months[12] != Open
	ahead := true // nothing before is left to do
	e.Stages = nil
	for _, s := range books.YearEnd(e.System) {
		x := Stage{Stage: s, State: "hint"}
		done := func(ok bool) {
			if x.State = "todo"; ok {
				x.State = "done"
			}
		}
		switch s.Key {
		case "whole":
			open := slices.IndexFunc(e.months[1:12], func(s State) bool { return s == Open })
			if done(open < 0); open >= 0 {
				p := Period{Union: e.Union, Year: e.Year, Month: open + 1}
				x.Href, x.Act, x.Note = p.Place(), "去结账", p.Title()+"还没有结账。"
			}
		case "quota":
			if f.Debit("111", "", true) == 0 && f.Opening("111", "") == 0 && f.Debit(restored(e.System), "", true) == 0 {
				x.State, x.Note = "none", "本年没有财政额度。"
			} else {
				done(f.Closing("111", "") == 0)
			}
		case "count":
			if e.System == books.A21 {
				done(f.Closing("182", "") == 0)
			}
		case "carry":
			if done(closed && !e.holds("4", "5")); x.State == "todo" {
				x.Href, x.Act = december.Place(), "去结 12 月的账"
				if x.Press = e.System == books.A09 && closed && ahead; closed {
					x.Href = ""
				}
				if e.System == books.A21 && closed {
					x.Note = "有的收入、支出没有标明来源，结不出去，请先更正。"
				}
			}
		case "gather":
			done(closed && !e.holds(s.From...))
			x.Press = closed && ahead && x.State == "todo"
		case "analyse":
			done(closed && (len(e.Fates) == 0 || e.seen))
			x.Press = closed && ahead && len(e.Fates) > 0 && x.State == "todo"
		case "settle":
			done(closed && !e.holds(s.From...))
			x.Press = closed && ahead && x.State == "todo"
		case "proof":
			done(e.State == ledger.Ended)
			x.Press = closed && ahead && x.State == "todo" && lacking("", e.Items) == nil
		}
		if e.State == ledger.Ended && x.State == "hint" {
			x.State = "done"
		}
		x.Press = x.Press && e.State == ledger.Running
		if x.State == "todo" && s.Key != "whole" && s.Key != "count" {
			ahead = false
		}
		e.Stages = append(e.Stages, x)
	}
}

// restored is where treasury quota rests over the turn of the year.
func restored(s books.System) string {
	if s == books.A09 {
		return "112"
	}
	return "121"
}

// Ended is a year after an act.
type Ended struct {
	Union   string `json:"union"`
	Year    int    `json:"year"`
	Step    string `json:"step"`
	State   string `json:"state"`
	Voucher string `json:"voucher,omitempty"`
	Opening string `json:"opening,omitempty"` // next year's opening voucher
	place   string
	said    string
}

func (e Ended) Place() string { return e.place }
func (e Ended) Said() string  { return e.said }

// Takes takes a step of the end of a year: gather, analyse, settle, of the
// system of 2009 carry, or proof, which closes the year and opens the next.
// fates says of every project with money left whether it goes on (keep) or is
// over (free).
//
// law: F3.14, F3.15, F3.16
func (rm *Room) Takes(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, year int, key string, fates map[string]string, at day.Instant) (Ended, error) {
	b, err := ledger.BookOf(ctx, tx, g, union, year)
	out := Ended{Union: b.Union.Code, Year: year, Step: key, State: "done", place: yearPlace(b.Union.Code, year)}
	if err != nil {
		return out, err
	}
	m := audit.Moves{}
	if err := rm.take(ctx, tx, g, m, b, key, fates, at, &out); err != nil {
		return out, err
	}
	return out, m.Write(ctx, tx, g, b.ID, deed{Did: "year " + key, Union: b.Union.Name, Period: strconv.Itoa(year), Voucher: out.Voucher}, at)
}

func (rm *Room) take(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b ledger.Book, key string, fates map[string]string, at day.Instant, out *Ended) error {
	if _, err := ledger.Hold(ctx, tx, g.Tenant(), b, 12); err != nil {
		return err
	}
	now, err := ledger.FindBook(ctx, tx, g, b.ID)
	if err != nil {
		return err
	}
	if now.State == ledger.Ended {
		return fault.ByRule(fault.Conflict, "F3.17", "%d 年的账已经年结，不用再办。", b.Year)
	}
	e := Ending{Book: now}
	if err := rm.read(ctx, tx, g, &e); err != nil {
		return err
	}
	i := slices.IndexFunc(e.Stages, func(s Stage) bool { return s.Key == key })
	if i < 0 {
		return fault.New(fault.NotFound, "年末没有这一步，请从年结页面办理。")
	}
	s := e.Stages[i]
	if key == "proof" {
		if err := lacking(strconv.Itoa(b.Year)+" 年", e.Items); err != nil {
			return err
		}
	}
	if !s.Press {
		if s.State == "done" {
			return fault.ByRule(fault.Conflict, s.Rule, "“%s”已经办完，不用再办。", s.Title)
		}
		return fault.ByRule(fault.Conflict, "F3.14", "“%s”现在还不能办，请按次序先办前面的步骤。", s.Title)
	}
	return rm.press(ctx, tx, g, m, e, s, fates, at, out)
}

func (rm *Room) press(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, e Ending, s Stage, fates map[string]string, at day.Instant, out *Ended) (err error) {
	var lines []books.Line
	switch s.Key {
	case "carry":
		lines = books.Carry(e.System, e.open)
	case "gather":
		lines = books.Gather(e.open, "321", "331")
	case "analyse":
		over, words, err := e.judge(fates)
		if err != nil {
			return err
		}
		lines = books.Free(over)
		if err := ledger.Note(ctx, tx, g, m, e.Book, 12, analysed, words, at); err != nil {
			return err
		}
	case "settle":
		lines = books.Gather(e.open, "322", "332")
	case "proof":
		return rm.end(ctx, tx, g, m, e, at, out)
	}
	var v ledger.Voucher
	err = ledger.Within(ctx, tx, g.Tenant(), e.Book, 12, func() (err error) {
		v, err = enter(ctx, tx, g, m, e.Book, 12, fmt.Sprintf("%d 年年末结转：%s", e.Year, s.Title), "year-"+s.Key, lines, at)
		return err
	})
	out.Voucher, out.said = v.ID, s.Title+"：已办。"
	if v.ID != "" {
		out.said = fmt.Sprintf("%s：结转凭证 %s 已记账。", s.Title, v.Name())
	}
	return err
}

// judge reads what becomes of each project.
func (e Ending) judge(fates map[string]string) (over []books.Balance, words string, err error) {
	fields := map[string]string{}
	for _, f := range e.Fates {
		switch fates[f.Key] {
		case "free":
			over = append(over, f.balance)
			words += fmt.Sprintf("%s %s 元转为结余；", f.Name, f.Amount)
		case "keep":
			words += fmt.Sprintf("%s %s 元继续结转；", f.Name, f.Amount)
		default:
			fields["fate."+f.Key] = f.Name + "：请选择继续结转，或者项目已完成、撤销"
		}
	}
	if len(fields) > 0 {
		err = &fault.Error{Kind: fault.Invalid, Rule: "F3.14", Text: "请逐个项目分析后再提交。", Fields: fields}
	}
	return over, words, err
}

// end closes the year for good and brings its balances into the next.
func (rm *Room) end(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, e Ending, at day.Instant, out *Ended) error {
	if err := ledger.End(ctx, tx, g, m, e.Book, at); err != nil {
		return err
	}
	out.State = "closed"
	if e.System == books.A09 && e.Year == 2021 {
		out.said = "2021 年已年结。2022 年起执行新制度，请接着办理新旧衔接。"
		return nil
	}
	v, err := bring(ctx, tx, g, m, e, at)
	if err != nil {
		return err
	}
	out.Opening = v.ID
	out.said = fmt.Sprintf("%d 年已年结，%d 年的年初余额已转入。", e.Year, e.Year+1)
	return nil
}
