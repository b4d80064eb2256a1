package ledger

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law/books"
)

// Content is what people send to write a voucher.
type Content struct {
	Union       string  `json:"union" doc:"工会"`
	Date        day.Day `json:"date" doc:"日期"`
	Kind        string  `json:"kind" doc:"凭证字"`
	Summary     string  `json:"summary" doc:"摘要"`
	Attachments int64   `json:"attachments" doc:"附单据张数"`
	Lines       []Typed `json:"lines" doc:"分录"`
	More        string  `json:"more,omitempty" doc:"再加几行"`
	Then        string  `json:"then,omitempty" doc:"保存之后"`
}

// EntryForm puts another content into a draft.
type EntryForm struct {
	Content
	ID      string `json:"id,omitempty" doc:"编号"`
	Version int64  `json:"version,omitempty" doc:"版本"`
}

// entry reads the form; at is for Told.
//
// law: F3.19
func (f Content) entry(r *web.Request) (Entry, []int, error) {
	e := Entry{Union: f.Union, Date: f.Date, Summary: f.Summary, Attachments: f.Attachments}
	switch {
	case f.More != "":
		return e, nil, fault.New(fault.Invalid, moreRows)
	case f.Kind != "" && f.Kind != "记":
		return e, nil, &fault.Error{Kind: fault.Invalid, Rule: "F3.19", Text: "凭证字不对。", Fields: map[string]string{"kind": "凭证字：本账簿只用“记”字一种凭证"}}
	}
	chart, err := ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), books.SystemOn(f.Date))
	if err != nil {
		return e, nil, err
	}
	typed := chart.resolved(f.Lines)
	lines, at, err := Parse(typed)
	if err != nil {
		return e, at, err
	}
	e.Lines = lines
	return e, at, nil
}

const moreRows = "已加 5 行，填写的内容都在。"

// Blank asks for an empty voucher, for a copy of one, or for one from a
// template.
type Blank struct {
	Union    string  `json:"union" doc:"工会"`
	Year     int     `json:"year" doc:"年度"`
	Copy     string  `json:"copy" doc:"照此凭证填制"`
	Template string  `json:"template" doc:"常用凭证"`
	Date     day.Day `json:"date" doc:"日期"`
}

// EntryPage is the form of a voucher.
type EntryPage struct {
	Voucher
	Accounts  []Choice   `json:"accounts"`
	Projects  []Project  `json:"projects"`
	Summaries []string   `json:"summaries"`
	Templates []Template `json:"templates"`
	unions    []registry.Ref
	warned    []books.Gap
	lacking   string // the year that has no books
	q         Blank
}

func (rm Room) blank(r *web.Request, in Blank) (p EntryPage, err error) {
	if in.Year == 0 {
		in.Year = r.Today.Year()
		if in.Date != "" {
			in.Year = in.Date.Year()
		}
	}
	p = EntryPage{Accounts: []Choice{}, Projects: []Project{}, Summaries: []string{}, Templates: []Template{}, q: in}
	all, err := Books(r.Ctx, r.Tx, r.Grant, "", in.Year)
	if err != nil {
		return p, err
	}
	for _, b := range all {
		p.unions = append(p.unions, b.Union)
	}
	b, err := pick(r, all, in.Union)
	if err != nil {
		return p, err
	}
	p.Union, p.Year = b.Union, in.Year
	if b.ID == "" {
		p.lacking = yearText(in.Year)
		return p, nil
	}
	v := Voucher{BookID: b.ID, Union: b.Union, Year: b.Year, System: b.System, Kind: "记", Date: in.Date}
	if v.Date == "" {
		v.Date = r.Today
	}
	if v.Date.Year() != b.Year {
		v.Date = day.Day(yearText(b.Year) + "-12-31")
	}
	if in.Copy != "" {
		was, err := Find(r.Ctx, r.Tx, r.Grant, in.Copy)
		if err != nil {
			return p, err
		}
		v.Summary, v.Lines = was.Summary, copied(was, b.System)
	}
	if in.Template != "" {
		t, err := FindTemplate(r.Ctx, r.Tx, r.Grant, in.Template)
		if err != nil {
			return p, err
		}
		v.Summary, v.Lines = t.Summary, t.Lines
	}
	p.Voucher = v
	return p, rm.choices(r, b, &p)
}

// pick is the book of the union asked for, by its code or id; without one that
// of the viewer's own union, or the first that there is. It is empty where the
// union has none of that year.
func pick(r *web.Request, all []Book, union string) (Book, error) {
	u, err := Union(r.Ctx, r.Tx, r.Grant, union)
	if err != nil {
		return Book{}, err
	}
	for _, b := range all {
		if b.Union.ID == u.ID {
			return b, nil
		}
	}
	if union == "" && len(all) > 0 {
		return all[0], nil
	}
	return Book{Union: u.Ref()}, nil
}

// copied are the lines of a voucher to write another by: without the minus of
// a red one, and of the system that counts now.
func copied(was Voucher, s books.System) (out []books.Line) {
	if was.System != s {
		return nil
	}
	for _, l := range was.Lines {
		if was.Nature == Red {
			l.Debit, l.Credit = -l.Debit, -l.Credit
		}
		if l.Summary == was.Summary {
			l.Summary = ""
		}
		out = append(out, l)
	}
	return out
}

func (rm Room) edit(r *web.Request, in ByID) (p EntryPage, err error) {
	if p.Voucher, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	b, err := FindBook(r.Ctx, r.Tx, r.Grant, p.BookID)
	if err != nil {
		return p, err
	}
	return p, rm.choices(r, b, &p)
}

func (rm Room) choices(r *web.Request, b Book, p *EntryPage) error {
	chart, err := ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), b.System)
	if err != nil {
		return err
	}
	p.Accounts = chart.choices(b.Level)
	p.warned = gaps(b, p.Voucher, chart)
	if p.Projects, err = Projects(r.Ctx, r.Tx, r.Grant, b.Union.ID); err != nil {
		return err
	}
	if p.Templates, err = Templates(r.Ctx, r.Tx, r.Grant, b.Union.ID, b.System); err != nil {
		return err
	}
	p.Summaries, err = summaries(r.Ctx, r.Tx, r.Grant, b.ID)
	return err
}

// gaps are what the lines of a voucher still want.
//
// law: F3.4
func gaps(b Book, v Voucher, chart Accounts) []books.Gap {
	if v.ID == "" || v.Nature != Normal {
		return nil
	}
	return books.Gaps(b.System, judged(v.Nature, v.Attachments, v.Summary, v.Lines), b.Level == "county", chart.Find)
}

// fewestRows is how many lines an empty form offers.
const fewestRows = 4

// rows is how many lines the form shows: as many as were typed, those of the
// voucher, and some to go on with.
func (p EntryPage) rows(ctx context.Context) int {
	n := 0
	for web.Typed(ctx, lineName(n, "account"), none) != none || web.Typed(ctx, lineName(n, "debit"), none) != none {
		n++
	}
	if n > 0 {
		if web.Typed(ctx, "more", "") != "" {
			n += 5
		}
		return n
	}
	return max(fewestRows, len(p.Lines)+1)
}

func lineName(i int, field string) string { return "lines." + strconv.Itoa(i) + "." + field }

// line is what row i shows by itself.
func (p EntryPage) line(i int) (t Typed) {
	if i >= len(p.Lines) {
		return t
	}
	l := p.Lines[i]
	t = Typed{Account: l.Account, Summary: l.Summary, Source: l.Source, Project: l.Project, Party: l.Party, Dept: l.Dept, Econ: l.Econ, Func: l.Func}
	for _, c := range p.Accounts {
		if c.Code == l.Account {
			t.Account = c.shown()
		}
	}
	if l.Summary == p.Summary {
		t.Summary = ""
	}
	if l.Debit != 0 {
		t.Debit = l.Debit.String()
	}
	if l.Credit != 0 {
		t.Credit = l.Credit.String()
	}
	return t
}

// cell is one field of a row as the form shows it.
func cell(ctx context.Context, i int, name, label, otherwise string) ui.Field {
	f := web.Field(ctx, ui.Field{Name: lineName(i, name), Label: label, Value: otherwise})
	if _, short, ok := strings.Cut(f.Error, "："); ok && strings.HasPrefix(f.Error, "第 ") {
		f.Error = short // it stands at the row
	}
	return f
}

// extra reports whether the second part of a row holds anything or is refused.
func extra(ctx context.Context, i int, t Typed) bool {
	for name, value := range map[string]string{"dept": t.Dept, "party": t.Party, "econ": t.Econ, "func": t.Func} {
		if f := cell(ctx, i, name, "", value); f.Value != "" || f.Error != "" {
			return true
		}
	}
	return false
}

// problems are the refusals of a form, row by row in their order, each with
// the number of its row.
func problems(r web.Refusal) (out []ui.FieldError) {
	names := slices.SortedFunc(maps.Keys(r.Fields), func(a, b string) int {
		if d := rowOf(a) - rowOf(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for _, name := range names {
		text := r.Fields[name]
		if n := rowOf(name); n >= 0 && !strings.HasPrefix(text, "第 ") {
			text = fmt.Sprintf("第 %d 行：%s", n+1, text)
		}
		out = append(out, ui.FieldError{Name: name, Text: text})
	}
	return out
}

// rowOf is the row that a field belongs to, -1 for none.
func rowOf(name string) int {
	rest, ok := strings.CutPrefix(name, "lines.")
	at, _, _ := strings.Cut(rest, ".")
	if n, err := strconv.Atoi(at); ok && err == nil {
		return n
	}
	return -1
}

// action is where the form goes; what it says is asked for again if it is
// refused.
func (p EntryPage) action() string {
	if p.ID != "" {
		return p.Place()
	}
	return Home + "/vouchers?union=" + p.Union.Code + "&year=" + yearText(p.Year)
}

func (p EntryPage) back() string {
	if p.ID != "" {
		return p.Place()
	}
	return Home + "/vouchers?union=" + p.Union.Code + "&year=" + yearText(p.Year)
}

func (p EntryPage) title() string {
	if p.ID != "" {
		return "修改凭证"
	}
	return "填制凭证"
}

func (rm Room) write(r *web.Request, in Content) (Done, error) {
	e, at, err := in.entry(r)
	if err != nil {
		return Done{}, err
	}
	v, err := Write(r.Ctx, r.Tx, r.Grant, e, r.Now)
	d := Done{Voucher: v, said: "凭证已保存，请审核人审核。", created: true}
	if in.Then == "new" {
		d.next = Home + "/vouchers/new?union=" + v.Union.Code + "&date=" + string(v.Date)
	}
	return d, Told(err, at)
}

func (rm Room) rewrite(r *web.Request, in EntryForm) (Done, error) {
	e, at, err := in.entry(r)
	if err != nil {
		return Done{}, err
	}
	v, err := Rewrite(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, e, r.Now)
	return Done{Voucher: v, said: "凭证已修改。"}, rm.told(r, v, Told(err, at))
}

func (p EntryPage) lead() string {
	if p.BookID == "" {
		return p.Union.Name
	}
	return p.Union.Name + "，" + yearText(p.Year) + " 年，" + p.System.Label()
}
