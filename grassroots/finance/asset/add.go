package asset

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law"
	"unionhall/law/books"
)

// Paying says how an act is paid and booked.
type Paying struct {
	Expense     string `json:"expense" doc:"支出科目"`
	Source      string `json:"source" doc:"资金来源"`
	Project     string `json:"project" doc:"项目"`
	Econ        string `json:"econ" doc:"经济分类"`
	Bank        string `json:"bank" doc:"付款科目"`
	Keep        string `json:"keep" doc:"质量保证金"`
	Party       string `json:"party" doc:"供货单位"`
	Attachments int64  `json:"attachments" doc:"附单据张数"`
}

// Form asks for cards of one sort, with the voucher that brings them in.
type Form struct {
	Union    string  `json:"union" doc:"工会"`
	Kind     Kind    `json:"kind" doc:"资产种类"`
	Sort     string  `json:"sort" doc:"类别"`
	Name     string  `json:"name" doc:"名称"`
	Model    string  `json:"model" doc:"规格型号"`
	Price    string  `json:"price" doc:"单价"`
	Number   int64   `json:"number" doc:"数量"`
	Bulk     bool    `json:"bulk" doc:"大批同类物资"`
	Reason   string  `json:"reason" doc:"说明"`
	Day      day.Day `json:"day" doc:"取得日期"`
	InUse    string  `json:"in_use" doc:"启用月份"`
	Years    int64   `json:"years" doc:"年限"`
	Owner    string  `json:"owner" doc:"产权"`
	Share    int64   `json:"share" doc:"其中财政资金比例"`
	Place    string  `json:"place" doc:"存放地点"`
	Keeper   string  `json:"keeper" doc:"保管人"`
	Nominal  bool    `json:"nominal" doc:"按名义金额入账"`
	Evidence string  `json:"evidence" doc:"计价依据"`
	Paying
}

const (
	longestName = 100
	mostAtOnce  = 200
)

// check judges the form and returns the card that it makes, without an id.
//
// law: F3.5, F3.7, F3.9
func (f *Form) check(s books.System) (Card, error) {
	for _, p := range []*string{&f.Name, &f.Model, &f.Reason, &f.Place, &f.Keeper, &f.InUse, &f.Evidence} {
		*p = strings.TrimSpace(*p)
	}
	fields, rule := map[string]string{}, "F3.7"
	text := func(name, label, v string, least int) {
		if n := utf8.RuneCountInString(v); n < least || n > longestName {
			fields[name] = fmt.Sprintf("%s：请用 %d 到 %d 个字", label, least, longestName)
		}
	}
	if f.Kind == "" {
		f.Kind = Fixed
	}
	sort, ok := sortOf(f.Kind, f.Sort)
	if !ok {
		fields["sort"] = "类别：请从列表中选择"
	}
	text("name", "名称", f.Name, 1)
	text("model", "规格型号", f.Model, 0)
	text("place", "存放地点", f.Place, 0)
	text("keeper", "保管人", f.Keeper, 0)
	text("reason", "说明", f.Reason, 0)
	price, err := money.Parse(f.Price)
	if f.Nominal {
		price, err = books.Nominal, nil
	}
	if err != nil || price <= 0 {
		fields["price"] = "单价：请填写大于零的金额，例如 6000.00"
	}
	if f.Number == 0 {
		f.Number = 1
	}
	if f.Number < 1 || f.Number > mostAtOnce {
		fields["number"] = fmt.Sprintf("数量：一次可建 1 到 %d 张卡片", mostAtOnce)
	}
	if f.Owner == "" {
		f.Owner = books.FR
	}
	if f.Owner != books.FR && f.Owner != books.FT {
		fields["owner"] = "产权：请选择工会资产或国有资产"
	}
	if f.Share < 0 || f.Share > 100 {
		fields["share"] = "其中财政资金比例：请填 0 到 100"
	}
	month := MonthOf(f.Day)
	if _, err := day.Parse(string(f.Day)); err != nil {
		fields["day"] = "取得日期：请填写日期"
	}
	if f.InUse == "" {
		f.InUse = string(month)
	} else if _, ok := ParseMonth(f.InUse); !ok {
		fields["in_use"] = "启用月份：请按 2026-03 的样子填写"
	}
	if ok && f.Years == 0 {
		f.Years = sort.Min
	}
	if ok && (f.Years < sort.Min || f.Years > sort.Max) {
		fields["years"], rule = "年限："+sort.lifeText(), "F3.9"
	}
	c := Card{Kind: f.Kind, Class: sort.Class, Content: sort.Content, Name: f.Name, Model: f.Model, Owner: f.Owner, Share: f.Share, Acquired: f.Day, Used: f.InUse, Years: f.Years, Cost: price, Place: f.Place, Keeper: f.Keeper, Reason: f.Reason, Version: 1}
	return c, invalid(rule, fields)
}

// lifeText says over how many years a sort is written off.
func (s Sort) lifeText() string {
	switch {
	case s.Max == 0:
		return s.Content + "不计提折旧"
	case s.Max == longestLife:
		return fmt.Sprintf("%s不少于 %d 年", s.Content, s.Min)
	}
	return fmt.Sprintf("%s为 %d 到 %d 年", s.Content, s.Min, s.Max)
}

// threshold refuses a purchase too cheap to be a fixed asset, unless it is a
// bulk of like goods, for which a reason is given.
//
// law: F3.8
func threshold(ctx context.Context, tx *sqldb.Tx, tenant int64, f Form, c Card) error {
	if c.Kind != Fixed {
		return nil
	}
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return err
	}
	special := c.Class == "专用设备"
	is, err := books.IsAsset(book, law.PlaceOf(tenant), c.Acquired, c.Cost, special, true, f.Bulk)
	switch {
	case err != nil:
		return err
	case !is:
		id := map[bool]string{true: "books.asset.special_yuan", false: "books.asset.general_yuan"}[special]
		least, err := book.Int(id, law.PlaceOf(tenant), c.Acquired)
		if err != nil {
			return err
		}
		return &fault.Error{Kind: fault.Invalid, Rule: "F3.8", Text: fmt.Sprintf("单价不到 %d 元，不作固定资产，请直接列支或作库存物品入库；大批同类物资请勾选并写明理由。", least),
			Fields: map[string]string{"price": fmt.Sprintf("单价：%s应在 %d 元以上", map[bool]string{true: "专用设备", false: "一般资产"}[special], least)}}
	case f.Bulk && f.Reason == "":
		return &fault.Error{Kind: fault.Invalid, Rule: "F3.8", Text: "大批同类物资作固定资产，请写明理由。", Fields: map[string]string{"reason": "说明：请写明是什么物资、一共多少"}}
	}
	return nil
}

// bank is the account that pays; the office may have opened details of it.
func (p Paying) bank() string {
	if p.Bank == "" {
		return "102"
	}
	return p.Bank
}

// spent are the lines of money that is paid out for something.
//
// law: J28, F3.12
func (p Paying) spent(s books.System, total money.Fen) ([]books.Line, error) {
	keep := money.Fen(0)
	if strings.TrimSpace(p.Keep) != "" {
		n, err := money.Parse(p.Keep)
		if err != nil || n < 0 || n > total {
			return nil, &fault.Error{Kind: fault.Invalid, Rule: "J28", Text: "请按提示改正后再提交。", Fields: map[string]string{"keep": "质量保证金：不能超过总价"}}
		}
		keep = n
	}
	out := []books.Line{{Account: p.Expense, Debit: total, Source: p.Source, Project: p.Project, Econ: p.Econ, Party: p.Party}}
	if total > keep {
		out = append(out, books.Line{Account: p.bank(), Credit: total - keep, Party: p.Party})
	}
	if keep > 0 {
		out = append(out, books.Line{Account: map[books.System]string{books.A21: "215", books.A09: "225"}[s], Credit: keep, Party: p.Party})
	}
	return out, nil
}

// told names the fields of the form where the ledger's judge speaks of lines.
func told(err error) error {
	f := fault.Of(err)
	if err == nil || len(f.Fields) == 0 {
		return err
	}
	out := *f
	out.Fields = map[string]string{}
	for k, v := range f.Fields {
		switch {
		case k == "lines.0.account":
			k = "expense"
		case k == "lines.0.source", k == "lines.0.project":
			k = k[len("lines.0."):]
		case strings.HasSuffix(k, ".account"):
			k = "bank"
		case k == "date":
			k = "day"
		}
		out.Fields[k] = v
	}
	return &out
}

// Buy makes the cards of a purchase and the draft of its voucher.
//
// law: J28, J30, F3.7, F3.8
func Buy(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f Form, at day.Instant) ([]Card, error) {
	return bring(ctx, tx, g, f, Bought, at)
}

// Give makes the card of an asset that was given, at the worth that papers or
// an appraisal tell, or at the nominal yuan.
//
// law: J28, F3.7
func Give(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f Form, at day.Instant) ([]Card, error) {
	return bring(ctx, tx, g, f, Given, at)
}

func bring(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f Form, how Origin, at day.Instant) ([]Card, error) {
	b, err := bookFor(ctx, tx, g, f.Union, f.Day)
	if err != nil {
		return nil, err
	}
	c, err := f.check(b.System)
	if err != nil {
		return nil, err
	}
	event := map[Kind]string{Fixed: "asset_bought", Intangible: "intangible", Prepaid: "prepaid"}[c.Kind]
	e := ledger.Entry{Union: b.Union.ID, Date: f.Day, Attachments: f.Attachments}
	total := c.Cost * money.Fen(f.Number)
	if how == Given {
		c.Reason, event = strings.TrimSpace(f.Evidence), "asset_given"
		if !f.Nominal && f.Evidence == "" {
			return nil, invalid("F3.7", map[string]string{"evidence": "计价依据：请写凭据、评估报告或同类价格；都没有的按名义金额一元入账"})
		}
	} else {
		if err := threshold(ctx, tx, g.Tenant(), f, c); err != nil {
			return nil, err
		}
		if e.Lines, err = f.spent(b.System, total); err != nil {
			return nil, err
		}
	}
	acc := accountsOf(b.System, c.Kind)
	e.Lines = append(e.Lines, books.Line{Account: acc.asset, Debit: total, Source: c.Owner}, books.Line{Account: acc.fund, Credit: total, Source: c.Owner})
	e.Summary, e.Event = fmt.Sprintf("%s%s", how.Label(), c.Name), event
	if f.Number > 1 {
		e.Summary += fmt.Sprintf(" %d 件", f.Number)
	}
	c.Union, c.Origin, c.Made, c.By = b.Union, how, at, g.Account()
	cards, err := number(ctx, tx, g, c, f.Number)
	if err != nil {
		return nil, err
	}
	e.SourceID = cards[0].ID
	v, err := ledger.Write(ctx, tx, g.For(ledger.Make), e, at)
	if err != nil {
		return nil, told(err)
	}
	return cards, enter(ctx, tx, g, cards, v.ID, deed{Did: "added", Union: b.Union.Name, Name: c.Name, Count: len(cards), Amount: total.String(), Voucher: v.ID}, at)
}

// bookFor is the book of a union that a day falls in, open to entries.
func bookFor(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, on day.Day) (ledger.Book, error) {
	if _, err := day.Parse(string(on)); err != nil {
		return ledger.Book{}, invalid("F3.18", map[string]string{"day": "日期：请填写日期"})
	}
	return ledger.BookOf(ctx, tx, g, union, on.Year())
}

// number makes n cards like c under the next numbers of its union.
func number(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c Card, n int64) ([]Card, error) {
	first, err := head(ctx, tx, g.Tenant(), c.Union.ID, "cards", n)
	out := make([]Card, n)
	for i := range out {
		out[i] = c
		out[i].ID, out[i].No, out[i].State = sqldb.NewID(), first+int64(i), Pending
	}
	return out, err
}

// enter stores new cards with the move that brings them in.
func enter(ctx context.Context, tx *sqldb.Tx, g auth.Grant, cards []Card, voucher string, told deed, at day.Instant) error {
	m := audit.Moves{}
	if err := insertCards(ctx, tx, g.Tenant(), m, cards); err != nil {
		return err
	}
	moves := make([]Move, len(cards))
	for i, c := range cards {
		moves[i] = Move{CardID: c.ID, Act: ActIn, Day: c.Acquired, Cost: c.Cost, Plan: c.first(), Voucher: voucher, At: at}
	}
	if err := insertMoves(ctx, tx, g.Tenant(), m, moves...); err != nil {
		return err
	}
	return m.Write(ctx, tx, g, cards[0].ID, told, at)
}

// first is the plan of a new card: the whole cost over its years, the month of
// addition counting.
//
// law: F3.9
func (c Card) first() Plan {
	s, ok := sortOf(c.Kind, c.Class+"|"+c.Content)
	if !ok || !s.writes(c.Cost) {
		return Plan{}
	}
	return Plan{Basis: c.Cost, From: MonthOf(c.Acquired), Months: c.Years * 12}
}
