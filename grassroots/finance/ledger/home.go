package ledger

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// HomeQuery chooses a year and narrows its books.
type HomeQuery struct {
	Year  int    `json:"year" doc:"年度"`
	Q     string `json:"q" doc:"工会名称"`
	State string `json:"state" doc:"状态"` // waiting, ended, none
}

// Standing is a book with how it stands.
type Standing struct {
	Book
	Closed  int             `json:"closed_through"` // the last month closed without a gap, 0 for none
	Posted  int64           `json:"posted"`
	Waiting map[State]int64 `json:"waiting"`
}

// HomePage is the books of a year within reach.
type HomePage struct {
	Year  int            `json:"year"`
	Items []Standing     `json:"items"`
	None  []registry.Ref `json:"without"` // unions that have no books of the year
	open  bool
	q     HomeQuery
}

func (rm Room) home(r *web.Request, in HomeQuery) (p HomePage, err error) {
	if in.Year == 0 {
		in.Year = r.Today.Year()
	}
	p = HomePage{Year: in.Year, Items: []Standing{}, None: []registry.Ref{}, open: r.May(Open), q: in}
	all, err := standings(r.Ctx, r.Tx, r.Grant, in.Year)
	if err != nil {
		return p, err
	}
	unions, err := registry.Whole(r.Ctx, r.Tx, r.Grant, registry.Query{Q: in.Q}, r.Today)
	if err != nil {
		return p, err
	}
	fits := map[string]bool{}
	for _, u := range unions {
		fits[u.ID] = true
		if !u.Kind.Part() && !slices.ContainsFunc(all, func(s Standing) bool { return s.Union.ID == u.ID }) {
			p.None = append(p.None, registry.Ref{ID: u.ID, Code: u.Code, Name: u.Name})
		}
	}
	for _, s := range all {
		if (fits[s.Union.ID] || in.Q == "") && s.fits(in.State) {
			p.Items = append(p.Items, s)
		}
	}
	return p, nil
}

func (s Standing) fits(state string) bool {
	switch state {
	case "waiting":
		return s.Waiting[Draft]+s.Waiting[Reviewed] > 0
	case "ended":
		return s.State == Ended
	case "running":
		return s.State == Running
	}
	return true
}

// standings reads the books of a year with their months and what waits, each
// in one query.
func standings(ctx context.Context, tx *sqldb.Tx, g auth.Grant, year int) ([]Standing, error) {
	all, err := Books(ctx, tx, g, "", year)
	if err != nil {
		return nil, err
	}
	out, at := make([]Standing, len(all)), map[string]int{}
	for i, b := range all {
		out[i], at[b.ID] = Standing{Book: b, Waiting: map[State]int64{}}, i
	}
	type month struct {
		book string
		Month
	}
	closed := map[string]map[int]bool{}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (m month, err error) {
		return m, row(&m.book, &m.Month.Month, &m.Month.State, &m.Last)
	}, func(m month) error {
		i, ok := at[m.book]
		if !ok {
			return nil
		}
		out[i].Posted += m.Last
		if closed[m.book] == nil {
			closed[m.book] = map[int]bool{}
		}
		closed[m.book][m.Month.Month] = m.Closed()
		return nil
	}, `SELECT m.book_id, m.month, m.state, m.last FROM book_months m JOIN books b ON b.tenant_id = m.tenant_id AND b.id = m.book_id WHERE m.tenant_id = $1 AND b.year = $2`, g.Tenant(), int64(year))
	if err != nil {
		return nil, err
	}
	for i, s := range out {
		for n := 1; n <= 12 && closed[s.ID][n]; n++ {
			out[i].Closed = n
		}
	}
	type count struct {
		book  string
		state State
		n     int64
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (c count, err error) { return c, row(&c.book, &c.state, &c.n) }, func(c count) error {
		if i, ok := at[c.book]; ok {
			out[i].Waiting[c.state] = c.n
		}
		return nil
	}, `
		SELECT v.book_id, v.state, count(*) FROM vouchers v JOIN books b ON b.tenant_id = v.tenant_id AND b.id = v.book_id
		WHERE v.tenant_id = $1 AND b.year = $2 AND v.number IS NULL GROUP BY v.book_id, v.state`, g.Tenant(), int64(year))
	return out, err
}

// stand is how far a book's year is.
func (s Standing) stand() (ui.Kind, string) {
	switch {
	case s.State == Ended:
		return ui.Mute, "已年结"
	case s.Closed == 0:
		return ui.Info, "未结账"
	}
	return ui.OK, fmt.Sprintf("已结到 %d 月", s.Closed)
}

// waits words what waits in a book.
func (s Standing) waits() string {
	var out string
	for _, st := range []State{Draft, Reviewed} {
		if n := s.Waiting[st]; n > 0 {
			if out != "" {
				out += "，"
			}
			out += fmt.Sprintf("%s %d", st.Label(), n)
		}
	}
	return cmp.Or(out, "没有")
}

// OpeningPage is the form that opens books.
type OpeningPage struct {
	Union  string `json:"union"`
	Name   string `json:"name"`
	Year   int    `json:"year"`
	unions []ui.Option
}

func (rm Room) opening(r *web.Request, in Opens) (p OpeningPage, err error) {
	u, err := Union(r.Ctx, r.Tx, r.Grant, in.Union)
	if err != nil {
		return p, err
	}
	if in.Year == 0 {
		in.Year = r.Today.Year()
	}
	p = OpeningPage{Union: u.Code, Name: u.Name, Year: in.Year}
	all, err := standings(r.Ctx, r.Tx, r.Grant, in.Year)
	if err != nil {
		return p, err
	}
	unions, err := registry.Whole(r.Ctx, r.Tx, r.Grant, registry.Query{}, r.Today)
	if err != nil {
		return p, err
	}
	has := map[string]bool{}
	for _, s := range all {
		has[s.Union.ID] = true
	}
	for _, x := range unions {
		if text := x.Name; !x.Kind.Part() || x.ID == u.ID {
			if has[x.ID] {
				text += "（已建账）"
			}
			p.unions = append(p.unions, ui.Option{Value: x.Code, Text: text})
		}
	}
	return p, nil
}

// Started is a book that was opened.
type Started struct{ Book }

func (s Started) Created() bool { return true }
func (s Started) Said() string  { return "账套已建立，请先录入或转入年初余额。" }

func (rm Room) start(r *web.Request, in Opens) (Started, error) {
	b, err := Start(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Started{b}, err
}

// BookPage is a book with its months and what waits in it.
type BookPage struct {
	Book
	Months  []Month         `json:"months"`
	Waiting map[State]int64 `json:"waiting"`
	Years   []int           `json:"years"` // of which the union has books
	make    bool
	by      string
	drafts  map[int]int64
	others  []Book
}

func (rm Room) book(r *web.Request, in ByID) (p BookPage, err error) {
	if p.Book, err = FindBook(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if p.Months, err = Months(r.Ctx, r.Tx, r.Grant.Tenant(), p.ID); err != nil {
		return p, err
	}
	p.make = r.May(Make) && p.State == Running
	if p.Waiting, err = Waiting(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	if p.others, err = Books(r.Ctx, r.Tx, r.Grant, p.Union.ID, 0); err != nil {
		return p, err
	}
	for _, b := range p.others {
		p.Years = append(p.Years, b.Year)
	}
	p.drafts = map[int]int64{}
	err = sqldb.Each(r.Ctx, r.Tx, func(row sqldb.Row) (c [2]int64, err error) { return c, row(&c[0], &c[1]) },
		func(c [2]int64) error { p.drafts[int(c[0])] = c[1]; return nil },
		`SELECT month, count(*) FROM vouchers WHERE tenant_id = $1 AND book_id = $2 AND number IS NULL AND state <> 'discarded' GROUP BY month`, r.Grant.Tenant(), p.ID)
	if err != nil {
		return p, err
	}
	names, err := rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), []string{p.By})
	p.by = names[p.By]
	return p, err
}

func (p BookPage) at(path string) string {
	return Home + path + "?union=" + p.Union.Code + "&year=" + yearText(p.Year)
}

func (p BookPage) yearTabs() (out []ui.Place) {
	for _, b := range p.others {
		out = append(out, ui.Place{Text: yearText(b.Year) + " 年", Href: b.Place(), On: b.ID == p.ID})
	}
	return out
}

func (p BookPage) draftsText(m int) string {
	if n := p.drafts[m]; n > 0 {
		return strconv.FormatInt(n, 10)
	}
	return ""
}

func levelWord(level string) string {
	if level == "county" {
		return "县级以上工会"
	}
	return "基层工会"
}
