package closing

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Answers is what the official map cannot know of old books, as it was typed.
type Answers struct {
	Union         string    `json:"union" doc:"工会"`
	FoundingDue   string    `json:"founding_due" doc:"应收的建会筹备金"`
	FoundingOwed  string    `json:"founding_owed" doc:"应付的建会筹备金"`
	BelowLimit    string    `json:"below_limit" doc:"低于新标准的固定资产"`
	UsedUp        string    `json:"used_up" doc:"其中已经用完的物品"`
	Software      string    `json:"software" doc:"软件等无形资产"`
	Depreciation  string    `json:"depreciation" doc:"以前应提的折旧"`
	Amortisation  string    `json:"amortisation" doc:"以前应作的摊销"`
	EntrustedTill string    `json:"entrusted_till" doc:"现金中的代管经费"`
	Carried       []Carried `json:"carried" doc:"结余的分析"`
}

// Carried is a part of the old surplus that is for something.
type Carried struct {
	Account string `json:"account" doc:"转入科目"`
	Project string `json:"project" doc:"项目"`
	Amount  string `json:"amount" doc:"金额"`
}

// analysis reads what was typed.
func (a Answers) analysis() (out books.Analysis, err error) {
	fields := map[string]string{}
	read := func(name, label, text string) money.Fen {
		if strings.TrimSpace(text) == "" {
			return 0
		}
		n, err := money.Parse(text)
		if err != nil {
			fields[name] = label + "：" + fault.Of(err).Text
		}
		return n
	}
	out.FoundingDue = read("founding_due", "应收的建会筹备金", a.FoundingDue)
	out.FoundingOwed = read("founding_owed", "应付的建会筹备金", a.FoundingOwed)
	out.BelowLimit = read("below_limit", "低于新标准的固定资产", a.BelowLimit)
	out.UsedUp = read("used_up", "已经用完的物品", a.UsedUp)
	out.Software = read("software", "软件等无形资产", a.Software)
	out.Depreciation = read("depreciation", "以前应提的折旧", a.Depreciation)
	out.Amortisation = read("amortisation", "以前应作的摊销", a.Amortisation)
	out.EntrustedTill = read("entrusted_till", "现金中的代管经费", a.EntrustedTill)
	for i, c := range a.Carried {
		if strings.TrimSpace(c.Amount) != "" {
			out.Carried = append(out.Carried, books.Balance{Account: c.Account, Project: c.Project, Amount: read(fmt.Sprintf("carried.%d.amount", i), "结余的分析", c.Amount)})
		}
	}
	if len(fields) > 0 {
		return out, &fault.Error{Kind: fault.Invalid, Rule: "T21", Text: "有的金额填得不对，请按提示改正。", Fields: fields}
	}
	return out, nil
}

// Moved is a move that was made, with its working papers.
type Moved struct {
	ID      string       `json:"id"`
	OldID   string       `json:"old"`
	NewID   string       `json:"new"`
	Papers  []books.Step `json:"papers"`
	By      string       `json:"by"`
	Made    day.Instant  `json:"made"`
	place   string
	written int
}

func (m Moved) Place() string { return m.place }
func (m Moved) Created() bool { return true }
func (m Moved) Said() string {
	return fmt.Sprintf("新账年初余额已转入；%d 张衔接凭证待审核、记账。", m.written)
}

// oldBook is the union's book of 2021, which must have ended.
//
// law: T21, 3.8
func oldBook(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string) (ledger.Book, error) {
	b, err := ledger.BookOf(ctx, tx, g, union, 2021)
	if err != nil {
		return b, err
	}
	if b.State != ledger.Ended {
		return b, fault.ByRule(fault.Conflict, "T21", "%s 2021 年的账还没有年结，请先办年结，再办新旧衔接。", b.Union.Name)
	}
	return b, nil
}

// oldBalances are the closing balances of 2021 on their natural sides, those
// of parties apart; since tells of each how old its oldest open item is.
func oldBalances(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book) (out []books.Balance, since []string, err error) {
	f, err := ledger.FiguresOf(ctx, tx, g, ledger.Ask{Union: b.Union.ID, Year: b.Year, From: 1, To: 12, Projects: true})
	if err != nil {
		return nil, nil, err
	}
	lines, err := closingLines(ctx, tx, g, Ending{Book: b, open: balancesOf(f)})
	for _, l := range lines {
		out = append(out, books.Balance{Account: l.Account, Project: l.Project, Party: l.Party, Amount: natural(b.System, l.Account, l.Debit-l.Credit)})
		words := ""
		if d, ok := Since(l.Summary); ok {
			words = "，最早发生 " + string(d)
		}
		since = append(since, words)
	}
	return out, since, err
}

// Proposes computes the move of a union's books: the official map, then what
// was answered. Nothing is written.
//
// law: T21
func Proposes(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Answers) (ledger.Book, []books.Step, error) {
	b, err := oldBook(ctx, tx, g, in.Union)
	if err != nil {
		return b, nil, err
	}
	a, err := in.analysis()
	if err != nil {
		return b, nil, err
	}
	old, since, err := oldBalances(ctx, tx, g, b)
	if err != nil {
		return b, nil, err
	}
	steps, err := books.Move(old, a)
	if err != nil || len(steps) == 0 || steps[0].Key != "transfer" {
		return b, steps, err
	}
	for i := range steps[0].Lines {
		steps[0].Lines[i].Summary += since[i]
	}
	return b, steps, nil
}

// MoveOf returns the move that was made of a union's books; without an id
// there is none.
func MoveOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string) (Moved, error) {
	all, err := sqldb.List(ctx, tx, func(row sqldb.Row) (m Moved, err error) {
		var papers string
		if err = row(&m.ID, &m.OldID, &m.NewID, &papers, &m.By, &m.Made); err != nil {
			return m, err
		}
		return m, json.Unmarshal([]byte(papers), &m.Papers)
	}, `SELECT id, old_id, new_id, papers, account_id, made FROM closing_moves WHERE tenant_id = $1 AND union_id = $2 ORDER BY id DESC LIMIT 1`, g.Tenant(), union)
	if err != nil || len(all) == 0 {
		return Moved{}, err
	}
	return all[0], nil
}

// Brings brings a union's books over to the system of 2021: the balances by the
// official map as a posted opening voucher, what was analysed as drafts of 1
// January 2022 among the opening balances, each with its working paper. Books
// that have opening balances already are fault.Conflict.
//
// law: T21, F3.23
func Brings(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Answers, at day.Instant) (Moved, error) {
	old, steps, err := Proposes(ctx, tx, g, in)
	out := Moved{ID: sqldb.NewID(), OldID: old.ID, Papers: steps, By: g.Account(), Made: at, place: Moves + "/" + old.Union.Code}
	if err != nil {
		return out, err
	}
	next, err := nextBook(ctx, tx, g, old, at)
	if err != nil {
		return out, err
	}
	out.NewID = next.ID
	if _, err := ledger.Hold(ctx, tx, g.Tenant(), next, 0); err != nil {
		return out, err
	}
	there, err := openingOf(ctx, tx, g, next)
	if err == nil && there.ID != "" {
		err = fault.ByRule(fault.Conflict, "T21", "2022 年已有年初余额，新旧衔接不再办理；要重办请先用红字冲销年初余额凭证。")
	}
	if err != nil {
		return out, err
	}
	m := audit.Moves{}
	for _, s := range steps {
		e := ledger.Entry{Union: next.Union.ID, Date: firstDay(2022), Summary: "新旧衔接：" + s.Title, Lines: s.Lines, Nature: ledger.Opening, Event: "t21-" + s.Key, SourceID: out.ID}
		if s.Key == "transfer" {
			if _, err := ledger.Enter(ctx, tx, g, m, next, e, at); err != nil {
				return out, err
			}
			continue
		}
		out.written++
		if _, err := ledger.Write(ctx, tx, g.For(ledger.Make), e, at); err != nil {
			return out, err
		}
	}
	papers, err := json.Marshal(steps)
	if err != nil {
		return out, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO closing_moves (tenant_id, id, union_id, old_id, new_id, papers, account_id, made) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		g.Tenant(), out.ID, old.Union.ID, out.OldID, out.NewID, string(papers), out.By, string(at))
	if err != nil {
		return out, err
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "closing_moves", ID: out.ID}); err != nil {
		return out, err
	}
	return out, m.Write(ctx, tx, g, next.ID, deed{Did: "moved", Union: old.Union.Name, Period: "2022"}, at)
}
