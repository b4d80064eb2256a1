package closing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// columns are what a workbook of opening balances may hold, as offices head it.
var columns = []sheet.Field{
	{Key: "union", Label: "工会编号", Synonyms: []string{"工会", "单位编号", "单位代码", "工会名称", "单位名称", "单位"}},
	{Key: "account", Label: "科目编码", Synonyms: []string{"科目代码", "科目编号", "会计科目编码", "编码", "科目"}, Required: true},
	{Key: "name", Label: "科目名称", Synonyms: []string{"会计科目", "会计科目名称", "名称"}},
	{Key: "side", Label: "方向", Synonyms: []string{"借贷方向", "余额方向", "借/贷", "借或贷"}},
	{Key: "debit", Label: "借方", Synonyms: []string{"借方余额", "借方金额", "期初借方", "年初借方", "借方（元）"}},
	{Key: "credit", Label: "贷方", Synonyms: []string{"贷方余额", "贷方金额", "期初贷方", "年初贷方", "贷方（元）"}},
	{Key: "balance", Label: "余额", Synonyms: []string{"年初余额", "期初余额", "金额", "余额（元）"}},
	{Key: "party", Label: "往来单位", Synonyms: []string{"往来单位或个人", "单位或个人", "债务人", "债权人", "往来户", "辅助核算"}},
	{Key: "project", Label: "项目", Synonyms: []string{"项目编号", "核算项目"}},
	{Key: "source", Label: "来源", Synonyms: []string{"资金来源"}},
}

var labels = func() map[string]string {
	out := map[string]string{}
	for _, c := range columns {
		out[c.Key] = c.Label
	}
	return out
}()

// Problem is what is wrong with a row of a workbook, at a column.
type Problem struct {
	Row     int    `json:"row"`
	Column  string `json:"column"`
	Message string `json:"message"`
	Rule    string `json:"rule,omitempty"`
	Warn    bool   `json:"warn,omitempty"` // the row is passed over or taken all the same
}

// Opening is what a workbook says of one union.
type Opening struct {
	Union   registry.Ref   `json:"union"`
	Lines   int            `json:"lines"`
	Debit   money.Fen      `json:"debit"`
	Credit  money.Fen      `json:"credit"`
	Hints   []books.Broken `json:"hints,omitempty"`
	Refused bool           `json:"refused"`
	State   ledger.State   `json:"state,omitempty"` // of the opening voucher the book has already
	lines   []books.Line
	rows    []int
}

// Judged is a workbook, every row judged.
type Judged struct {
	Rows     int       `json:"rows"`
	Openings []Opening `json:"openings"`
	Problems []Problem `json:"problems"`
	Refused  int       `json:"refused"` // problems that hinder
}

// mostProblems is how many a page is given.
const mostProblems = 500

func (j *Judged) tell(p Problem) {
	if !p.Warn {
		j.Refused++
	}
	if len(j.Problems) < mostProblems {
		j.Problems = append(j.Problems, p)
	}
}

// judge is the reading of one workbook.
type judge struct {
	Judged
	system  books.System
	chart   ledger.Accounts
	own     string // the union of a workbook without a column for it
	unions  map[string]registry.Ref
	codes   map[string]string // projects by union and code or name
	byUnion map[string]int
	names   map[string]string // accounts by name
	at      map[string]int    // columns by key
	totals  []total
}

// total is a row of an account that has details: its amount is theirs.
type total struct {
	row     int
	union   string
	account books.Account
	net     money.Fen
}

// Judge reads a workbook for a year. own is the union it is for where it names
// none. Nothing is written.
//
// law: K1, F0.1, F3.3, F3.4
func Judge(ctx context.Context, tx *sqldb.Tx, g auth.Grant, book *sheet.Book, year int, own string) (Judged, error) {
	head, err := book.FindHead(sheet.Known(columns))
	if err != nil {
		return Judged{}, err
	}
	j := judge{system: books.SystemOn(firstDay(year)), own: own, byUnion: map[string]int{}, at: map[string]int{}}
	for _, m := range sheet.Guess(head.Names, columns) {
		j.at[m.Key] = m.Column
	}
	if err := j.prepare(ctx, tx, g); err != nil {
		return Judged{}, err
	}
	account, coded := j.at["account"]
	if _, named := j.at["name"]; !coded && !named {
		return Judged{}, fault.New(fault.Invalid, "表里没有“科目编码”一列，请补上后重新上传，或下载模板填写。")
	}
	required := []int{account}
	if !coded {
		required = []int{j.at["name"]}
	}
	if _, err := book.Rows(head, required, func(r *sheet.Row) error { j.row(r); return nil }); err != nil {
		return Judged{}, err
	}
	j.details()
	return j.Judged, j.finish(ctx, tx, g, year)
}

// prepare loads what rows are compared with: unions within reach, the chart
// and projects.
func (j *judge) prepare(ctx context.Context, tx *sqldb.Tx, g auth.Grant) (err error) {
	if j.chart, err = ledger.ChartOf(ctx, tx, g.Tenant(), j.system); err != nil {
		return err
	}
	j.names = map[string]string{}
	for _, a := range j.chart.All() {
		if _, twice := j.names[a.Name]; twice {
			j.names[a.Name] = ""
		} else {
			j.names[a.Name] = a.Code
		}
	}
	j.unions, j.codes = map[string]registry.Ref{}, map[string]string{}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (u registry.Ref, err error) { return u, row(&u.ID, &u.Code, &u.Name) }, func(u registry.Ref) error {
		j.unions[u.Code], j.unions[u.Name], j.unions[u.ID] = u, u, u
		return nil
	}, `SELECT u.id, u.code, u.name FROM unions u WHERE u.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = u.tenant_id AND r.above_id = $2 AND r.union_id = u.id)`, g.Tenant(), g.Under())
	if err != nil {
		return err
	}
	return sqldb.Each(ctx, tx, func(row sqldb.Row) (v [4]string, err error) { return v, row(&v[0], &v[1], &v[2], &v[3]) }, func(v [4]string) error {
		j.codes[v[1]+" "+v[2]], j.codes[v[1]+" "+v[3]] = v[0], v[0]
		return nil
	}, `SELECT id, union_id, code, name FROM projects WHERE tenant_id = $1`, g.Tenant())
}

// text is a cell without blanks around it.
func (j *judge) text(r *sheet.Row, key string) string {
	c, ok := j.at[key]
	if !ok {
		return ""
	}
	return strings.TrimSpace(r.Cell(c).Text)
}

// row judges one row and keeps its line.
func (j *judge) row(r *sheet.Row) {
	j.Rows++
	bad := false
	refuse := func(column, rule, message string) {
		bad = true
		j.tell(Problem{Row: r.N, Column: labels[column], Message: message, Rule: rule})
	}
	union, ok := j.unionOf(r)
	if !ok {
		refuse("union", "", "找不到工会“"+j.text(r, "union")+"”，请填工会编号")
		return
	}
	a, why, rule := j.account(r)
	if why != "" {
		refuse("account", rule, why)
		return
	}
	net, column, why := j.amount(r, a)
	if why != "" {
		refuse(column, "K1", why)
		return
	}
	if net == 0 {
		return
	}
	if !a.Leaf {
		j.totals = append(j.totals, total{r.N, union.ID, a, net})
		return
	}
	if a.Class == books.Income || a.Class == books.Expense {
		refuse("account", "K6", "“"+a.Shown()+"”是收入、支出科目，年初没有余额")
	}
	l := opening(books.Line{Account: a.Code, Party: j.text(r, "party"), Summary: "年初余额"}, net)
	if l.Source, ok = sourceOf(j.text(r, "source")); !ok {
		refuse("source", "F3.12", "资金来源只有财政拨款、专项和非专项，国有资产和工会资产")
	}
	if p := j.text(r, "project"); p != "" {
		if l.Project = j.codes[union.ID+" "+p]; l.Project == "" {
			refuse("project", "F3.4", "没有“"+p+"”这个项目，请先登记")
		}
	}
	o := j.of(union)
	if bad {
		o.Refused = true
		return
	}
	o.lines, o.rows = append(o.lines, l), append(o.rows, r.N)
}

func (j *judge) of(u registry.Ref) *Opening {
	i, ok := j.byUnion[u.ID]
	if !ok {
		i = len(j.Openings)
		j.byUnion[u.ID] = i
		j.Openings = append(j.Openings, Opening{Union: u})
	}
	return &j.Openings[i]
}

func (j *judge) unionOf(r *sheet.Row) (registry.Ref, bool) {
	name := j.text(r, "union")
	if name == "" {
		name = j.own
	}
	u, ok := j.unions[name]
	return u, ok
}

// account finds the account of a row, by code or else by its name.
func (j *judge) account(r *sheet.Row) (a books.Account, why, rule string) {
	code, _, _ := strings.Cut(strings.ReplaceAll(j.text(r, "account"), ".", ""), " ")
	if code == "" {
		name := j.text(r, "name")
		if code = j.names[name]; code == "" {
			return a, "没有科目编码，也没有唯一叫“" + name + "”的科目", "F3.3"
		}
	}
	a, ok := j.chart.Find(code)
	if !ok {
		if other, there := books.Stated(j.system.Other(), code); there && other.Code == code {
			return a, fmt.Sprintf("“%s”是%s的科目，本年执行%s", other.Shown(), j.system.Other().Label(), j.system.Label()), "F0.1"
		}
		return a, "账套里没有科目“" + code + "”", "F3.3"
	}
	return a, "", ""
}

// amount reads debit less credit of a row, from two columns or from one with a
// side.
func (j *judge) amount(r *sheet.Row, a books.Account) (net money.Fen, column, why string) {
	read := func(key string) (money.Fen, bool) {
		text := j.text(r, key)
		if text == "" || text == "-" || text == "—" {
			return 0, true
		}
		n, err := money.Parse(text)
		if err == nil && abs(n) > books.MostFen {
			err = fault.New(fault.Invalid, "金额超过 %s 元，请核对位数", books.MostFen.Grouped())
		}
		if err != nil {
			column, why = key, strings.TrimSuffix(fault.Of(err).Text, "。")
		}
		return n, err == nil
	}
	debit, ok1 := read("debit")
	credit, ok2 := read("credit")
	balance, ok3 := read("balance")
	switch {
	case !ok1 || !ok2 || !ok3:
		return 0, column, why
	case debit != 0 && credit != 0:
		return 0, "credit", "一行只能有借方或贷方一个余额，请分成两行"
	case debit != 0 || credit != 0:
		return debit - credit, "", ""
	}
	side := j.text(r, "side")
	switch {
	case strings.HasPrefix(side, "借"):
		return balance, "", ""
	case strings.HasPrefix(side, "贷"):
		return -balance, "", ""
	case side == "" || side == "平":
		return natural(j.system, a.Code, balance), "", ""
	}
	return 0, "side", "方向只能是借或贷"
}

func sourceOf(text string) (string, bool) {
	switch text {
	case "":
		return "", true
	case books.FT, "财政拨款", "财政", "国有资产", "国有":
		return books.FT, true
	case books.SP, "专项", "工会资金（专项）", "专项资金":
		return books.SP, true
	case books.FR, "非专项", "工会资金（非专项）", "工会资金", "工会资产":
		return books.FR, true
	}
	return "", false
}

// details passes over rows of accounts with details whose amount is that of
// the rows below them, and refuses the others.
//
// law: K1
func (j *judge) details() {
	for _, t := range j.totals {
		var sum money.Fen
		if i, ok := j.byUnion[t.union]; ok {
			for _, l := range j.Openings[i].lines {
				if strings.HasPrefix(l.Account, t.account.Code) {
					sum += l.Debit - l.Credit
				}
			}
		}
		if sum == t.net {
			j.tell(Problem{Row: t.row, Column: labels["account"], Rule: "K1", Warn: true, Message: "“" + t.account.Shown() + "”是下面各行的合计，已跳过"})
			continue
		}
		j.of(j.unions[t.union]).Refused = true
		j.tell(Problem{Row: t.row, Column: labels["account"], Rule: "K1", Message: fmt.Sprintf("“%s”下设明细，请改用末级科目；它与下面各行的合计相差 %s 元", t.account.Shown(), (t.net - sum).Grouped())})
	}
}

// finish judges each union's balances as a whole.
func (j *judge) finish(ctx context.Context, tx *sqldb.Tx, g auth.Grant, year int) error {
	there := map[string]ledger.State{}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) }, func(v [2]string) error {
		there[v[0]] = ledger.State(v[1])
		return nil
	}, `SELECT y.union_id, y.state FROM (`+openingVouchers+`) y`, g.Tenant(), int64(year))
	if err != nil {
		return err
	}
	for i := range j.Openings {
		o := &j.Openings[i]
		o.Lines, o.State = len(o.lines), there[o.Union.ID]
		o.Debit, o.Credit = totals(o.lines)
		first := 0
		if len(o.rows) > 0 {
			first = o.rows[0]
		}
		if err := books.Judge(j.system, books.Voucher{Carry: true, MaxLines: 9999, Lines: o.lines}, j.chart.Find); err != nil && !o.Refused {
			o.Refused = true
			j.tell(Problem{Row: first, Column: labels["balance"], Rule: fault.Of(err).Rule, Message: o.Union.Name + "：" + strings.TrimSuffix(fault.Of(err).Text, "。")})
		}
		if !o.Refused {
			o.Hints = hints(j.system, o.lines)
		}
	}
	slices.SortStableFunc(j.Problems, func(a, b Problem) int { return a.Row - b.Row })
	return nil
}

// blanks are the columns of the workbook to fill in.
var blanks = []sheet.Blank{
	{Name: "工会编号", Hint: "一个文件可以有许多工会；只填一个工会的可以空着"},
	{Name: "科目编码", Required: true, Hint: "末级科目的编码，例如 102、32205"},
	{Name: "科目名称", Hint: "便于核对，不影响导入"},
	{Name: "方向", Hint: "只填“余额”一列时用", Choices: []string{"借", "贷"}},
	{Name: "借方", Hint: "年初借方余额，元，最多两位小数"},
	{Name: "贷方", Hint: "年初贷方余额"},
	{Name: "余额", Hint: "与“方向”合用；借方、贷方已填的空着"},
	{Name: "往来单位", Hint: "应收、应付等科目的单位或个人，一户一行"},
	{Name: "项目", Hint: "已登记的项目编号或名称"},
	{Name: "来源", Choices: []string{"财政拨款", "专项", "非专项"}},
}
