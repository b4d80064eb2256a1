package closing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
)

// RunKind is what is done for many unions at once.
type RunKind string

const (
	RunMonth  RunKind = "month"  // 月末结账
	RunYear   RunKind = "year"   // 年结
	RunReview RunKind = "review" // 审核年初余额
	RunPost   RunKind = "post"   // 年初余额记账
	RunFile   RunKind = "file"   // 由工作簿生成年初余额
)

func (k RunKind) Label() string {
	return map[RunKind]string{RunMonth: "批量月结", RunYear: "批量年结", RunReview: "批量审核年初余额", RunPost: "年初余额批量记账", RunFile: "导入年初余额"}[k]
}

// acts is the right that each kind needs, union by union.
var acts = map[RunKind]auth.Action{RunMonth: Close, RunYear: Year, RunReview: ledger.Review, RunPost: ledger.Post, RunFile: Begin}

// Run is something done for many unions at once (批量办理).
type Run struct {
	ID     string      `json:"id"`
	Kind   RunKind     `json:"kind"`
	Year   int         `json:"year"`
	Month  int         `json:"month,omitempty"`
	FileID string      `json:"file,omitempty"`
	Unions []string    `json:"unions"`
	By     string      `json:"by"`
	Made   day.Instant `json:"made"`
	under  string
	office auth.Office
	acting string
}

// Place is the run's page.
func (r Run) Place() string { return Runs + "/" + r.ID }

// Runs is where what was done for many unions is told.
const Runs = ledger.Home + "/runs"

// RunResult is what became of one union in a run.
type RunResult struct {
	Union registry.Ref `json:"union"`
	State string       `json:"state"` // done or refused
	Words string       `json:"words"`
}

// Wants asks for a run. No unions are all within reach that have books.
type Wants struct {
	Kind   RunKind  `json:"kind" doc:"事项"`
	Year   int      `json:"year" doc:"年度"`
	Month  int      `json:"month" doc:"月份"`
	FileID string   `json:"-"`
	Unions []string `json:"unions" doc:"工会"`
}

// mostUnions is how many unions one run takes.
const mostUnions = 5000

// Starts begins a run: a job, which does one union after the other, each in
// its own transaction.
func (rm *Room) Starts(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Wants, at day.Instant) (Run, error) {
	r := Run{ID: sqldb.NewID(), Kind: in.Kind, Year: in.Year, Month: in.Month, FileID: in.FileID, Unions: in.Unions, By: g.Account(), Made: at}
	switch {
	case acts[in.Kind] != g.Action():
		return r, fault.New(fault.Denied, "这一项不能这样办理，请从结账页面开始。")
	case in.Kind == RunMonth && (in.Month < 1 || in.Month > 12):
		return r, &fault.Error{Kind: fault.Invalid, Rule: "F3.16", Text: "请选择要结账的月份。", Fields: map[string]string{"month": "月份：请填 1 到 12"}}
	}
	all, err := ledger.Books(ctx, tx, g, "", in.Year)
	if err != nil {
		return r, err
	}
	known := map[string]bool{}
	for _, b := range all {
		known[b.Union.ID] = true
	}
	if in.Kind != RunFile {
		if len(r.Unions) == 0 {
			for _, b := range all {
				r.Unions = append(r.Unions, b.Union.ID)
			}
		}
		for _, u := range r.Unions {
			if !known[u] {
				return r, fault.New(fault.NotFound, "有的工会不在您的范围内，或者没有 %d 年的账套，请刷新后重新选择。", in.Year)
			}
		}
	}
	if n := len(r.Unions); n == 0 || n > mostUnions {
		return r, fault.New(fault.Invalid, "请选择要办理的工会，一次最多 %d 个。", mostUnions)
	}
	_, err = tx.Exec(ctx, `INSERT INTO closing_runs (tenant_id, id, kind, year, month, file_id, under_id, unions, account_id, office, acting_for, made) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		g.Tenant(), r.ID, string(r.Kind), int64(r.Year), int64(r.Month), r.FileID, g.Under(), strings.Join(r.Unions, " "), r.By, string(g.Office()), g.ActingFor(), string(at))
	if err != nil {
		return r, err
	}
	if _, err := rm.Runner.Start(ctx, tx, g, at, runs, fmt.Sprintf("%s（%d 个工会）", r.Kind.Label(), len(r.Unions)), r.ID, r.ID); err != nil {
		return r, err
	}
	return r, audit.Write(ctx, tx, g, r.ID, deed{Did: "run " + string(r.Kind), Period: fmt.Sprintf("%d-%02d", r.Year, r.Month), Total: fmt.Sprint(len(r.Unions))}, at)
}

// runs is the kind of job.
const runs = "closing.runs"

// Works are the jobs of this room.
func (rm *Room) Works() map[string]job.Work { return map[string]job.Work{runs: rm.work} }

// FindRun returns a run within g's reach.
func FindRun(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Run, error) {
	return sqldb.One(ctx, tx, scanRun, selectRuns+` AND x.id = $3`, g.Tenant(), g.Under(), id)
}

// LatestRuns lists the last few runs of a year within g's reach.
func LatestRuns(ctx context.Context, tx *sqldb.Tx, g auth.Grant, year int) ([]Run, error) {
	return sqldb.List(ctx, tx, scanRun, selectRuns+` AND x.year = $3 ORDER BY x.id DESC LIMIT 10`, g.Tenant(), g.Under(), int64(year))
}

const selectRuns = `
	SELECT x.id, x.kind, x.year, x.month, x.file_id, x.under_id, x.unions, x.account_id, x.office, x.acting_for, x.made FROM closing_runs x
	WHERE x.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = x.tenant_id AND r.above_id = $2 AND r.union_id = x.under_id)`

func scanRun(row sqldb.Row) (r Run, err error) {
	var unions string
	err = row(&r.ID, &r.Kind, &r.Year, &r.Month, &r.FileID, &r.under, &unions, &r.By, &r.office, &r.acting, &r.Made)
	r.Unions = strings.Fields(unions)
	return r, err
}

// Results lists what became of each union so far, those that were refused
// first.
func Results(ctx context.Context, tx *sqldb.Tx, tenant int64, run string) ([]RunResult, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (r RunResult, err error) {
		return r, row(&r.Union.ID, &r.Union.Code, &r.Union.Name, &r.State, &r.Words)
	}, `
		SELECT x.union_id, u.code, u.name, x.state, x.words FROM closing_results x
		JOIN unions u ON u.tenant_id = x.tenant_id AND u.id = x.union_id
		WHERE x.tenant_id = $1 AND x.run_id = $2 ORDER BY x.state DESC, u.name_key, u.id`, tenant, run)
}

// work does a run. What is done stands in the results, so that a run cut off
// goes on with the next union.
func (rm *Room) work(ctx context.Context, t *job.Turn) (string, error) {
	var r Run
	done := map[string]bool{}
	err := t.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		if r, err = FindRun(ctx, tx, auth.System(t.Tenant, "system", Look, rootOf(ctx, tx, t.Tenant)), t.Thing); err != nil {
			return err
		}
		ids, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT union_id FROM closing_results WHERE tenant_id = $1 AND run_id = $2`, t.Tenant, r.ID)
		for _, id := range ids {
			done[id] = true
		}
		return err
	})
	if err != nil {
		return "", err
	}
	g := auth.As(t.Tenant, r.By, r.office, acts[r.Kind], r.under)
	if r.acting != "" {
		g = g.Covering(r.acting)
	}
	do, err := rm.doing(ctx, t, g, r)
	if err != nil {
		return "", err
	}
	refused := 0
	for i, union := range r.Unions {
		if err := t.Step(ctx, int64(i), int64(len(r.Unions)), fmt.Sprintf("第 %d 个工会", i+1)); err != nil {
			return "", err
		}
		if done[union] {
			continue
		}
		ok, err := once(ctx, t, r, union, func(tx *sqldb.Tx) (string, error) { return do(tx, union, t.Now()) })
		if err != nil {
			return "", err
		}
		if !ok {
			refused++
		}
	}
	note := fmt.Sprintf("%d 个工会已办", len(r.Unions)-refused)
	if refused > 0 {
		note += fmt.Sprintf("，%d 个没有办成，请看原因", refused)
	}
	return r.Place(), t.Step(ctx, int64(len(r.Unions)), int64(len(r.Unions)), note)
}

// once does one union, and notes what became of it with what was done or,
// where it was refused, alone.
func once(ctx context.Context, t *job.Turn, r Run, union string, do func(tx *sqldb.Tx) (string, error)) (ok bool, err error) {
	note := func(tx *sqldb.Tx, state, words string) error {
		_, err := tx.Exec(ctx, `INSERT INTO closing_results (tenant_id, run_id, union_id, state, words) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (tenant_id, run_id, union_id) DO NOTHING`,
			t.Tenant, r.ID, union, state, words)
		return err
	}
	err = t.DB.Chunk(ctx, func(tx *sqldb.Tx) error {
		words, err := do(tx)
		if err != nil {
			return err
		}
		return note(tx, "done", words)
	})
	if err == nil {
		return true, nil
	}
	if k := fault.Of(err).Kind; k == fault.Internal || k == fault.Busy {
		return false, err
	}
	why := fault.Of(err).Text
	return false, t.DB.Chunk(ctx, func(tx *sqldb.Tx) error { return note(tx, "refused", why) })
}

// rootOf is the tenant's root committee.
func rootOf(ctx context.Context, tx *sqldb.Tx, tenant int64) string {
	id, err := sqldb.One(ctx, tx, sqldb.Text, `SELECT id FROM unions WHERE tenant_id = $1 AND parent_id IS NULL`, tenant)
	if err != nil {
		return ""
	}
	return id
}

// doing returns what a run does for one union; it answers with a sentence.
func (rm *Room) doing(ctx context.Context, t *job.Turn, g auth.Grant, r Run) (func(tx *sqldb.Tx, union string, at day.Instant) (string, error), error) {
	switch r.Kind {
	case RunMonth:
		return func(tx *sqldb.Tx, union string, at day.Instant) (string, error) {
			res, err := rm.Shut(ctx, tx, g, union, Period{Year: r.Year, Month: r.Month}.Name(), at)
			return res.said, err
		}, nil
	case RunYear:
		return func(tx *sqldb.Tx, union string, at day.Instant) (string, error) {
			res, err := rm.Whole(ctx, tx, g, union, r.Year, at)
			return res.said, err
		}, nil
	case RunReview, RunPost:
		return func(tx *sqldb.Tx, union string, at day.Instant) (string, error) {
			b, err := ledger.BookOf(ctx, tx, g, union, r.Year)
			if err != nil {
				return "", err
			}
			v, err := openingOf(ctx, tx, g, b)
			if err == nil && v.ID == "" {
				err = fault.New(fault.NotFound, "没有年初余额凭证。")
			}
			if err != nil {
				return "", err
			}
			v, err = ledger.Advance(ctx, tx, g, v.ID, v.Version, flow.Given{}, at)
			return "年初余额凭证：" + v.State.Label() + "。", err
		}, nil
	}
	judged, err := rm.again(ctx, t, g, r)
	if err != nil {
		return nil, err
	}
	return func(tx *sqldb.Tx, union string, at day.Instant) (string, error) {
		i := slices.IndexFunc(judged.Openings, func(o Opening) bool { return o.Union.ID == union })
		if i < 0 || judged.Openings[i].Refused {
			return "", fault.New(fault.Invalid, "这个工会的行有问题，没有写入。")
		}
		o := judged.Openings[i]
		return fmt.Sprintf("年初余额凭证已生成，%d 行，借贷各 %s 元，请审核。", o.Lines, o.Debit.Grouped()), o.Drafts(ctx, tx, g, r.Year, at)
	}, nil
}

// Whole closes what is left of a year and the year itself: the months in
// their order, the steps of the year's end, with every project that has money
// left going on. What lacks is told as at each step.
//
// law: F3.14, F3.16
func (rm *Room) Whole(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, year int, at day.Instant) (Ended, error) {
	b, err := ledger.BookOf(ctx, tx, g, union, year)
	out := Ended{Union: b.Union.Code, Year: year, Step: "proof", place: yearPlace(b.Union.Code, year)}
	if err != nil {
		return out, err
	}
	m := audit.Moves{}
	for month := 1; month <= 12; month++ {
		p, err := standing(ctx, tx, g.Tenant(), b, month)
		if err != nil {
			return out, err
		}
		if p.State == Open {
			if _, err := rm.shut(ctx, tx, g, m, b, p, at); err != nil {
				return out, err
			}
		}
	}
	e := Ending{Book: b}
	for _, key := range []string{"carry", "gather", "analyse", "settle", "proof"} {
		if err := rm.read(ctx, tx, g, &e); err != nil {
			return out, err
		}
		if i := slices.IndexFunc(e.Stages, func(s Stage) bool { return s.Key == key }); i >= 0 && (e.Stages[i].Press || key == "proof") {
			fates := map[string]string{}
			for _, f := range e.Fates {
				fates[f.Key] = "keep"
			}
			if err := rm.take(ctx, tx, g, m, b, key, fates, at, &out); err != nil {
				return out, err
			}
		}
	}
	return out, m.Write(ctx, tx, g, b.ID, deed{Did: "year whole", Union: b.Union.Name, Period: fmt.Sprint(year)}, at)
}
