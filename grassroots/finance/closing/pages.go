package closing

import (
	"context"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/files"
	"unionhall/kit/flow"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
)

// Room is the pages of closing. Names tells who an account is; Asks and
// YearAsks what other rooms know of a month and of a year that is to be
// closed, Submitted whether the statements of a month are handed in.
type Room struct {
	Names    func(ctx context.Context, tx *sqldb.Tx, tenant int64, accounts []string) (map[string]string, error)
	Files    files.Store
	Runner   *job.Runner
	Asks     []Inquiry
	YearAsks []Inquiry
	// Event is where the form of a business event is; nil leads to an empty voucher.
	Event     func(key, union string) string
	Submitted func(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book, month int) (bool, error)
}

// Routes is every page of this room with the action it needs.
func (rm *Room) Routes() []web.Route {
	const one = Home + "/{union}/{period}"
	return append(append(rm.openingRoutes(), rm.moveRoutes()...), []web.Route{
		{Pattern: "GET " + Home, Needs: Look, Doc: "各工会的结账情况", Do: web.Page(rm.list, listView)},
		{Pattern: "GET " + one, Needs: Look, Doc: "一个月的结账检查", Do: web.Page(rm.period, periodView)},
		{Pattern: "POST " + one + "/close", Needs: Close, Doc: "月末结账", Do: web.Again(web.Act(rm.close), rm.period, periodView)},
		{Pattern: "POST " + one + "/reopen", Needs: Reopen, Doc: "申请或同意重新开账", Do: web.Again(web.Act(rm.reopen), rm.period, periodView)},
		{Pattern: "GET " + Years + "/{union}/{year}", Needs: Look, Doc: "年结的步骤", Do: web.Page(rm.year, yearView)},
		{Pattern: "POST " + Years + "/{union}/{year}/{step}", Needs: Year, Doc: "办理年结的一步", Do: web.Again(web.Act(rm.takes), rm.year, yearView)},
		{Pattern: "POST " + one + "/refuse", Needs: Refuse, Doc: "不同意重新开账", Do: web.Again(web.Act(rm.refuse), rm.period, periodView)},
	}...)
}

func clause(id string) ui.Article {
	r, ok := law.RuleOf(id)
	if !ok {
		return ui.Article{ID: id}
	}
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

// YearQuery chooses a year.
type YearQuery struct {
	Year int `json:"year" doc:"年度"`
}

// ListPage is how far the books of a year are closed.
type ListPage struct {
	Year  int        `json:"year"`
	Items []Standing `json:"items"`
	Runs  []Run      `json:"runs"` // the latest
	begin bool
	kinds []RunKind // what the viewer may do for many
}

func (rm *Room) list(r *web.Request, in YearQuery) (p ListPage, err error) {
	p = ListPage{Year: in.Year, begin: r.May(Begin)}
	for _, k := range []RunKind{RunMonth, RunYear, RunReview, RunPost} {
		if r.May(acts[k]) {
			p.kinds = append(p.kinds, k)
		}
	}
	if p.Year == 0 {
		p.Year = r.Today.Year()
	}
	if p.Items, err = Standings(r.Ctx, r.Tx, r.Grant, p.Year); err != nil {
		return p, err
	}
	p.Runs, err = LatestRuns(r.Ctx, r.Tx, r.Grant, p.Year)
	return p, err
}

// ByPeriod names a month of a union.
type ByPeriod struct {
	Union  string `json:"union" doc:"工会"`
	Period string `json:"period" doc:"月份"`
}

// PeriodPage is a month with what its closing asks for, and what happened to it.
type PeriodPage struct {
	Period
	Name  string            `json:"period"`
	Items []Item            `json:"items"`
	Acts  []ledger.MonthAct `json:"acts"`
	who   map[string]string
	open  []flow.Step[State]
	book  ledger.Book
}

// ready reports whether the month may be closed.
func (p PeriodPage) ready() bool { return lacking("", p.Items) == nil }

func (rm *Room) period(r *web.Request, in ByPeriod) (p PeriodPage, err error) {
	if p.book, p.Period, err = FindPeriod(r.Ctx, r.Tx, r.Grant, in.Union, in.Period); err != nil {
		return p, err
	}
	p.Name = p.Period.Name()
	if p.State == Open {
		if p.Items, err = rm.Checks(r.Ctx, r.Tx, r.Grant, p.book, p.Month); err != nil {
			return p, err
		}
	}
	all, err := ledger.MonthActs(r.Ctx, r.Tx, r.Grant.Tenant(), p.book.ID)
	if err != nil {
		return p, err
	}
	accounts := []string{}
	for _, a := range all {
		if a.Month == p.Month {
			p.Acts, accounts = append(p.Acts, a), append(accounts, a.Account)
		}
	}
	if p.book.State == ledger.Running {
		p.open = Procedure.Open(p.State, flow.WhoOf(r.Grant), "", p.past())
	}
	p.who, err = rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), accounts)
	return p, err
}

// PeriodForm acts on a month.
type PeriodForm struct {
	flow.Given
	Union  string `json:"union" doc:"工会"`
	Period string `json:"period" doc:"月份"`
}

func (rm *Room) close(r *web.Request, in ByPeriod) (Result, error) {
	return rm.Shut(r.Ctx, r.Tx, r.Grant, in.Union, in.Period, r.Now)
}

func (rm *Room) reopen(r *web.Request, in PeriodForm) (Result, error) {
	return rm.Reopens(r.Ctx, r.Tx, r.Grant, in.Union, in.Period, in.Given, r.Now)
}

func (rm *Room) refuse(r *web.Request, in PeriodForm) (Result, error) {
	return rm.Refuses(r.Ctx, r.Tx, r.Grant, in.Union, in.Period, in.Given, r.Now)
}
