package statement

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
	"unionhall/kit/web"
	"unionhall/law/books"
)

// items are the eight notes to the statements of a year (附注).
//
// law: F3.28
var items = [8]string{
	"遵循工会会计制度的声明", "工会整体财务状况、预算执行情况的说明", "重要会计政策、会计估计及其变更的说明", "会计报表中列示的重要项目的进一步说明",
	"重要资产处置、资产重大损失情况的说明", "以名义金额计量的资产名称、数量等情况", "资金结转结余变动情况的说明", "需要说明的其他事项",
}

// Notes are the notes to a year's statements of one union.
type Notes struct {
	ID      string      `json:"id,omitempty"`
	Union   string      `json:"union"`
	Name    string      `json:"name"`
	Year    int         `json:"year"`
	Items   [8]string   `json:"items"`
	Saved   bool        `json:"saved"` // false: drawn up from the figures, not yet kept
	At      day.Instant `json:"at,omitempty"`
	Version int64       `json:"version"`
	book    ledger.Book
}

// Place is the notes' page.
func (n Notes) Place() string { return address(Home+"/notes", n.Union, Span{Year: n.Year}, false) }

// longestNote is how long one of the notes may be, in characters.
const longestNote = 5000

// NotesOf returns the notes of a year, or a draft of them made from the
// figures.
//
// law: F3.28
func NotesOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, year int) (n Notes, err error) {
	b, err := ledger.BookOf(ctx, tx, g, union, year)
	if err != nil {
		return n, err
	}
	n = Notes{Union: b.Union.Code, Name: b.Union.Name, Year: year, book: b}
	if b.System != books.A21 {
		return n, fault.ByRule(fault.Invalid, "F0.1", "%d 年执行%s，没有这八项附注。", year, b.System.Label())
	}
	var text string
	kept, err := sqldb.List(ctx, tx, func(row sqldb.Row) (k Notes, err error) { return k, row(&k.ID, &text, &k.At, &k.Version) },
		`SELECT n.id, n.items, n.at, n.version FROM statement_notes n WHERE n.tenant_id = $1 AND n.book_id = $2`, g.Tenant(), b.ID)
	if err != nil {
		return n, err
	}
	if len(kept) == 0 {
		n.Items, err = prefilled(ctx, tx, g, b)
		return n, err
	}
	n.ID, n.At, n.Version, n.Saved = kept[0].ID, kept[0].At, kept[0].Version, true
	return n, json.Unmarshal([]byte(text), &n.Items)
}

// prefilled draws the notes up from the figures of the year.
func prefilled(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book) (out [8]string, err error) {
	a := Ask{Union: b.Union.ID, Span: Span{Year: b.Year}}
	sums, err := figures(ctx, tx, g, a, false)
	if err != nil {
		return out, err
	}
	l := index(toDate(sums))
	of := func(form, row string) (value books.Value) {
		if err != nil {
			return value
		}
		f, _ := books.FormOf(form)
		var values []books.Value
		values, err = books.Eval(f, l)
		for _, v := range values {
			if v.ID == row {
				value = v
			}
		}
		return value
	}
	yuan := func(n money.Fen) string { return n.Grouped() + " 元" }
	assets, debts, net := of("2021-01", "A19"), of("2021-01", "L06"), of("2021-01", "N08")
	income, expense := of("2021-02", "R05").Amount, of("2021-02", "R15").Amount
	if err != nil {
		return out, err
	}
	out[0] = fmt.Sprintf("本会 %d 年度会计报表按照《工会会计制度》（财会〔2021〕7号）编制，真实、完整地反映了本会的财务状况和收支情况。", b.Year)
	out[1] = fmt.Sprintf("年末资产总计 %s（年初 %s），负债合计 %s（年初 %s），净资产合计 %s（年初 %s）。\n本年收入合计 %s，支出合计 %s，本期收支差额 %s。\n预算执行情况：",
		yuan(assets.Amount), yuan(assets.Opening), yuan(debts.Amount), yuan(debts.Opening), yuan(net.Amount), yuan(net.Opening), yuan(income), yuan(expense), yuan(income-expense))
	out[2] = "收入和支出采用收付实现制，年末应收应付、职工薪酬和非货币性资产等按制度采用权责发生制；固定资产按直线法计提折旧，不留残值。本年没有变更会计政策和会计估计。"
	out[3] = mainItems(l)
	out[4] = fmt.Sprintf("待处理财产损溢年末余额 %s。", yuan(l.Closing("182", "")))
	out[5] = "本年末没有以名义金额计量的资产。"
	out[6] = fmt.Sprintf("年初资金结转结余 %s，本年调整及变动 %s，本期收支差额 %s，年末资金结转结余 %s。",
		yuan(of("2021-02", "R01").Amount), yuan(of("2021-02", "R04").Amount), yuan(income-expense), yuan(of("2021-02", "R28").Amount))
	out[7] = "无。"
	return out, err
}

// mainItems names the balances that a reader asks about first.
func mainItems(l lookup) string {
	var out []string
	for _, x := range [][2]string{{"101", "库存现金"}, {"102", "银行存款"}, {"135", "其他应收款"}, {"141", "库存物品"}, {"162", "固定资产原值"}, {"211", "应付上级经费"}, {"215", "其他应付款"}} {
		if n := l.Closing(x[0], ""); n != 0 || l.Opening(x[0], "") != 0 {
			out = append(out, fmt.Sprintf("%s年末 %s 元，年初 %s 元", x[1], n.Grouped(), l.Opening(x[0], "").Grouped()))
		}
	}
	if len(out) == 0 {
		return "没有需要进一步说明的重要项目。"
	}
	return strings.Join(out, "；\n") + "。"
}

// NotesForm keeps the notes of a year. Items are sent as items.0 to items.7.
type NotesForm struct {
	Union   string `json:"union" doc:"工会"`
	Year    int    `json:"year" doc:"年度"`
	Version int64  `json:"version" doc:"版本"`
	Item0   string `json:"item0" doc:"附注一"`
	Item1   string `json:"item1" doc:"附注二"`
	Item2   string `json:"item2" doc:"附注三"`
	Item3   string `json:"item3" doc:"附注四"`
	Item4   string `json:"item4" doc:"附注五"`
	Item5   string `json:"item5" doc:"附注六"`
	Item6   string `json:"item6" doc:"附注七"`
	Item7   string `json:"item7" doc:"附注八"`
}

func (f NotesForm) items() [8]string {
	return [8]string{f.Item0, f.Item1, f.Item2, f.Item3, f.Item4, f.Item5, f.Item6, f.Item7}
}

// Keep stores the notes of a year. What was changed meanwhile is
// fault.Conflict.
//
// law: F3.28
func Keep(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in NotesForm, at day.Instant) (Notes, error) {
	n, err := NotesOf(ctx, tx, g, in.Union, in.Year)
	if err != nil {
		return n, err
	}
	fields := map[string]string{}
	for i, text := range in.items() {
		n.Items[i] = strings.TrimSpace(text)
		if len([]rune(n.Items[i])) > longestNote {
			fields[fmt.Sprintf("item%d", i)] = fmt.Sprintf("%s：最多 %d 个字", items[i], longestNote)
		}
	}
	if len(fields) > 0 {
		return n, &fault.Error{Kind: fault.Invalid, Rule: "F3.28", Text: "附注没有保存，请按提示改正。", Fields: fields}
	}
	text, err := json.Marshal(n.Items)
	if err != nil {
		return n, err
	}
	stale := fault.New(fault.Conflict, "附注刚刚已由他人修改，请刷新后再看；您填写的内容还在本页。")
	if in.Version != n.Version {
		return n, stale
	}
	var done int64
	if n.ID == "" {
		n.ID = sqldb.NewID()
		done, err = tx.Exec(ctx, `INSERT INTO statement_notes (tenant_id, id, book_id, items, account_id, at, version) VALUES ($1, $2, $3, $4, $5, $6, 1) ON CONFLICT (tenant_id, book_id) DO NOTHING`,
			g.Tenant(), n.ID, n.book.ID, string(text), g.Account(), string(at))
	} else {
		done, err = tx.Exec(ctx, `UPDATE statement_notes SET items = $1, account_id = $2, at = $3, version = version + 1 WHERE tenant_id = $4 AND id = $5 AND version = $6`,
			string(text), g.Account(), string(at), g.Tenant(), n.ID, n.Version)
	}
	if err == nil && done == 0 {
		err = stale
	}
	if err != nil {
		return n, err
	}
	n.Version, n.At, n.Saved = n.Version+1, at, true
	return n, audit.Write(ctx, tx, g, n.ID, deed{Did: "noted", Union: n.Name, Period: itoa(n.Year)}, at, audit.Touched{Table: "statement_notes", ID: n.ID})
}

// NotesPage is the form of the notes.
type NotesPage struct {
	Notes
	none bool // no books of the year
	edit bool
	bar  bar
}

func notes(r *web.Request, in Query) (p NotesPage, err error) {
	s, err := scopeOf(r, in, wholeYear(r))
	if err != nil {
		return p, err
	}
	s.Below, s.Month = false, 0
	if p.bar, err = barOf(r, s, Home+"/notes"); err != nil {
		return p, err
	}
	p.bar.tree, p.bar.months, p.edit = false, nil, r.May(Note)
	p.Notes, err = NotesOf(r.Ctx, r.Tx, r.Grant, s.union.ID, s.Year)
	if fault.Of(err).Kind == fault.Conflict {
		p.Notes, p.none, err = Notes{Union: s.union.Code, Name: s.union.Name, Year: s.Year}, true, nil
	}
	return p, err
}

// Noted are notes that were kept.
type Noted struct{ Notes }

func (n Noted) Said() string { return "附注已保存。" }

func note(r *web.Request, in NotesForm) (Noted, error) {
	n, err := Keep(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Noted{n}, err
}
