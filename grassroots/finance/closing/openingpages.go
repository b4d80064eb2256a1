package closing

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/fault"
	"unionhall/kit/job"
	"unionhall/kit/money"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/law/books"
)

// openingRoutes are the pages of opening balances and of what is done for many
// unions at once.
func (rm *Room) openingRoutes() []web.Route {
	const one, file = Openings + "/{union}/{year}", Openings + "/files/{file}"
	return []web.Route{
		{Pattern: "GET " + Openings, Needs: Look, Doc: "各工会的年初余额", Do: web.Page(rm.openings, openingsView)},
		{Pattern: "GET " + Openings + "/template.xlsx", Needs: Begin, Doc: "下载年初余额模板", Do: web.Download(template)},
		{Pattern: "POST " + Openings + "/files", Needs: Begin, Doc: "上传年初余额并核对", Do: web.Again(web.Act(rm.upload), rm.openings, openingsView)},
		{Pattern: "GET " + file, Needs: Begin, Doc: "一个年初余额文件的核对结果", Do: web.Page(rm.file, fileView)},
		{Pattern: "GET " + file + "/report.xlsx", Needs: Begin, Doc: "下载带核对意见的年初余额", Do: web.Download(rm.report)},
		{Pattern: "POST " + file + "/confirm", Needs: Begin, Doc: "确认写入年初余额", Do: web.Again(web.Act(rm.confirm), rm.file, fileView)},
		{Pattern: "GET " + one, Needs: Look, Doc: "一个账套的年初余额", Do: web.Page(rm.opening, openingView)},
		{Pattern: "POST " + one, Needs: Begin, Doc: "录入年初余额", Do: web.Again(web.Act(rm.begin), rm.opening, openingView)},
		{Pattern: "POST " + Runs + "/month", Needs: Close, Doc: "批量月结", Do: web.Again(web.Act(rm.many(RunMonth)), rm.ask, askView)},
		{Pattern: "POST " + Runs + "/year", Needs: Year, Doc: "批量年结", Do: web.Again(web.Act(rm.many(RunYear)), rm.ask, askView)},
		{Pattern: "POST " + Runs + "/review", Needs: ledger.Review, Doc: "批量审核年初余额", Do: web.Again(web.Act(rm.many(RunReview)), rm.ask, askView)},
		{Pattern: "POST " + Runs + "/post", Needs: ledger.Post, Doc: "年初余额批量记账", Do: web.Again(web.Act(rm.many(RunPost)), rm.ask, askView)},
		{Pattern: "GET " + Runs, Needs: Look, Doc: "批量办理前的确认", Do: web.Page(rm.ask, askView)},
		{Pattern: "GET " + Runs + "/{run}", Needs: Look, Doc: "一次批量办理的结果", Do: web.Page(rm.run, runView)},
	}
}

// OpeningState is how far the opening balances of a book are.
type OpeningState struct {
	ledger.Book
	Voucher string       `json:"voucher,omitempty"`
	Stands  ledger.State `json:"opening,omitempty"`
	Total   money.Fen    `json:"total"`
}

// OpeningsPage is the opening balances of a year.
type OpeningsPage struct {
	Year  int            `json:"year"`
	Items []OpeningState `json:"items"`
	Files []File         `json:"files"` // the latest
	begin bool
}

func (rm *Room) openings(r *web.Request, in YearQuery) (p OpeningsPage, err error) {
	p.Year, p.begin = in.Year, r.May(Begin)
	if p.Year == 0 {
		p.Year = r.Today.Year()
	}
	all, err := ledger.Books(r.Ctx, r.Tx, r.Grant, "", p.Year)
	if err != nil {
		return p, err
	}
	if p.begin {
		if p.Files, err = LatestFiles(r.Ctx, r.Tx, r.Grant, p.Year); err != nil {
			return p, err
		}
	}
	at := map[string]int{}
	for i, b := range all {
		at[b.ID] = i
		p.Items = append(p.Items, OpeningState{Book: b})
	}
	type found struct {
		book string
		OpeningState
	}
	return p, sqldb.Each(r.Ctx, r.Tx, func(row sqldb.Row) (f found, err error) { return f, row(&f.book, &f.Voucher, &f.Stands, &f.Total) }, func(f found) error {
		if i, ok := at[f.book]; ok {
			p.Items[i].Voucher, p.Items[i].Stands, p.Items[i].Total = f.Voucher, f.Stands, f.Total
		}
		return nil
	}, `SELECT y.book_id, y.id, y.state, y.total FROM (`+openingVouchers+`) y ORDER BY y.id DESC`, r.Grant.Tenant(), int64(p.Year))
}

func template(_ *web.Request, _ struct{}) (web.File, error) {
	return web.File{Name: "年初余额模板.xlsx", Type: sheetType, Write: func(w io.Writer) error { return sheet.Template(w, "年初余额", blanks) }}, nil
}

const sheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// FileForm brings a workbook of opening balances.
type FileForm struct {
	Year  int        `json:"year" doc:"年度"`
	Union string     `json:"union" doc:"工会"`
	File  web.Upload `json:"file" doc:"文件"`
}

// Kept is a workbook after an act.
type Kept struct {
	File
	created bool
}

func (k Kept) Created() bool { return k.created }

func (rm *Room) upload(r *web.Request, in FileForm) (Kept, error) {
	f, err := Keep(r.Ctx, r.Tx, r.Grant, in.File, in.Union, in.Year, r.Now)
	if err != nil {
		return Kept{}, err
	}
	book, err := rm.open(f) // what cannot be read is told at once
	if err != nil {
		return Kept{}, err
	}
	defer book.Close()
	_, err = book.FindHead(sheet.Known(columns))
	return Kept{f, true}, err
}

// ByFile names a workbook.
type ByFile struct {
	File string `json:"file" doc:"文件"`
}

// FilePage is a workbook with what is wrong in it.
type FilePage struct {
	File
	Judged
	ready int // unions to be written
}

func (rm *Room) file(r *web.Request, in ByFile) (p FilePage, err error) {
	if p.File, err = FindFile(r.Ctx, r.Tx, r.Grant, in.File); err != nil {
		return p, err
	}
	p.Judged, err = rm.judged(r.Ctx, r.Tx, r.Grant, p.File)
	for _, o := range p.Openings {
		if !o.Refused && o.State == "" {
			p.ready++
		}
	}
	return p, err
}

func (rm *Room) report(r *web.Request, in ByFile) (web.File, error) {
	f, err := FindFile(r.Ctx, r.Tx, r.Grant, in.File)
	if err != nil {
		return web.File{}, err
	}
	ext := strings.ToLower(filepath.Ext(f.Name))
	return web.File{Name: strings.TrimSuffix(f.Name, filepath.Ext(f.Name)) + "-核对意见" + ext, Type: sheetType,
		Write: func(w io.Writer) error { return rm.Report(r.Ctx, r.Tx, r.Grant, f, w) }}, nil
}

// Begun is a run after it was begun.
type Begun struct {
	Run
	said string
}

func (b Begun) Said() string  { return b.said }
func (b Begun) Created() bool { return true }

func (rm *Room) confirm(r *web.Request, in ByFile) (Begun, error) {
	run, err := rm.Confirm(r.Ctx, r.Tx, r.Grant, in.File, r.Now)
	return Begun{run, "正在逐个工会生成年初余额凭证。"}, err
}

func (rm *Room) many(kind RunKind) func(r *web.Request, in Wants) (Begun, error) {
	return func(r *web.Request, in Wants) (Begun, error) {
		in.Kind = kind
		run, err := rm.Starts(r.Ctx, r.Tx, r.Grant, in, r.Now)
		return Begun{run, "已开始办理，可以离开本页，结果会留在这里。"}, err
	}
}

// AskPage says what will be done for which unions.
type AskPage struct {
	Kind   RunKind        `json:"kind"`
	Year   int            `json:"year"`
	Unions []registry.Ref `json:"unions"`
	next   int            // the month that the first is at
}

// ask shows what a run would do; no unions are all that have books.
func (rm *Room) ask(r *web.Request, in Wants) (p AskPage, err error) {
	p.Kind, p.Year, p.next = in.Kind, in.Year, max(1, in.Month)
	if p.Year == 0 {
		p.Year = r.Today.Year()
	}
	if p.Kind.Label() == "" {
		p.Kind = RunMonth
	}
	all, err := Standings(r.Ctx, r.Tx, r.Grant, p.Year)
	for _, s := range all {
		if len(in.Unions) == 0 || slices.Contains(in.Unions, s.Union.ID) {
			if p.Unions = append(p.Unions, s.Union); len(p.Unions) == 1 && in.Month == 0 {
				p.next = max(1, s.Next())
			}
		}
	}
	return p, err
}

// words is what will happen.
func (p AskPage) words() string {
	switch p.Kind {
	case RunMonth:
		return "逐个工会检查、结转、结账；缺东西的工会不结，说明原因，不影响别的工会。"
	case RunYear:
		return "逐个工会结完剩下的月份，再办年末结转和年结；有余额的项目一律继续结转到下年。年结后不能再记账。"
	case RunReview:
		return "逐个工会审核待审核的年初余额凭证；您自己填制的由他人审核。"
	}
	return "逐个工会把已审核的年初余额凭证记账；您自己审核的由他人记账。"
}

// ByRun names a run.
type ByRun struct {
	Run string `json:"run" doc:"编号"`
}

// RunPage is what became of each union.
type RunPage struct {
	Run
	Job     *job.Job    `json:"job,omitempty"`
	Results []RunResult `json:"items"`
}

func (rm *Room) run(r *web.Request, in ByRun) (p RunPage, err error) {
	if p.Run, err = FindRun(r.Ctx, r.Tx, r.Grant, in.Run); err != nil {
		return p, err
	}
	j, err := job.About(r.Ctx, r.Tx, r.Grant, p.By, p.ID)
	if err == nil {
		p.Job = &j
	} else if fault.Of(err).Kind != fault.NotFound {
		return p, err
	}
	p.Results, err = Results(r.Ctx, r.Tx, r.Grant.Tenant(), p.ID)
	return p, err
}

// OpeningPage is the form of the opening balances of a book.
type OpeningPage struct {
	ledger.Book
	Voucher  ledger.Voucher  `json:"voucher"`
	Hints    []books.Broken  `json:"hints"`
	rows     []openingRow    // the accounts of the chart, and what is there
	accounts []books.Account // that may have further lines
	projects []ledger.Project
	chart    ledger.Accounts
	begin    bool
}

// openingRow is a line of the form.
type openingRow struct {
	books.Line
	name string
}

// spare is how many empty lines stand below the form.
const spare = 8

func (rm *Room) opening(r *web.Request, in ByYear) (p OpeningPage, err error) {
	p.begin = r.May(Begin)
	if p.Book, err = ledger.BookOf(r.Ctx, r.Tx, r.Grant, in.Union, in.Year); err != nil {
		return p, err
	}
	if p.Voucher, err = openingOf(r.Ctx, r.Tx, r.Grant, p.Book); err != nil {
		return p, err
	}
	p.Hints = hints(p.System, p.Voucher.Lines)
	if p.chart, err = ledger.ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), p.System); err != nil {
		return p, err
	}
	at := map[string][]books.Line{}
	for _, l := range p.Voucher.Lines {
		at[l.Account] = append(at[l.Account], l)
	}
	for _, a := range p.chart.All() {
		if !a.Leaf || a.Class == books.Income || a.Class == books.Expense {
			continue
		}
		p.accounts = append(p.accounts, a)
		for _, l := range at[a.Code] {
			p.rows = append(p.rows, openingRow{l, p.chart.Name(a.Code)})
		}
		if len(at[a.Code]) == 0 && (p.Level != "grassroots" || books.Grassroots(a)) {
			p.rows = append(p.rows, openingRow{books.Line{Account: a.Code}, p.chart.Name(a.Code)})
		}
	}
	p.projects, err = ledger.Projects(r.Ctx, r.Tx, r.Grant, p.Union.ID)
	return p, err
}

// may reports whether the form can still be changed.
func (p OpeningPage) may() bool {
	return p.begin && p.State == ledger.Running && (p.Voucher.ID == "" || p.Voucher.State == ledger.Draft)
}

// OpeningForm is what people send.
type OpeningForm struct {
	Union   string         `json:"union" doc:"工会"`
	Year    int            `json:"year" doc:"年度"`
	Version int64          `json:"version" doc:"版本"`
	Lines   []ledger.Typed `json:"lines" doc:"余额"`
}

// Written is the opening voucher after the form was taken.
type Written struct {
	ledger.Voucher
	place string
}

func (w Written) Place() string { return w.place }
func (w Written) Created() bool { return w.Version == 1 }
func (w Written) Said() string {
	return "年初余额已保存为凭证，请审核人审核后记账。"
}

func (rm *Room) begin(r *web.Request, in OpeningForm) (Written, error) {
	lines, at, err := parse(in.Lines)
	if err != nil {
		return Written{}, err
	}
	v, err := Opens(r.Ctx, r.Tx, r.Grant, Begins{Union: in.Union, Year: in.Year, Version: in.Version, Lines: lines}, r.Now)
	return Written{v, fmt.Sprintf("%s/%s/%d", Openings, v.Union.Code, in.Year)}, ledger.Told(err, at)
}

// parse reads the lines that hold an amount.
func parse(typed []ledger.Typed) ([]books.Line, []int, error) {
	filled := slices.Clone(typed)
	for i, t := range filled {
		if t.Debit == "" && t.Credit == "" {
			filled[i] = ledger.Typed{}
		}
	}
	return ledger.Parse(filled)
}
