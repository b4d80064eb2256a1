package asset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/money"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/law/books"
)

// Brought is one row of a workbook of cards that a union had before its books
// were kept here.
type Brought struct {
	Row      int    `json:"row"`
	Kind     string `json:"kind"`
	Sort     string `json:"sort"`
	Name     string `json:"name"`
	Model    string `json:"model"`
	Acquired string `json:"acquired"`
	Years    string `json:"years"`
	Cost     string `json:"cost"`
	Used     string `json:"used"`
	Owner    string `json:"owner"`
	Place    string `json:"place"`
	Keeper   string `json:"keeper"`
}

// fields are the columns of the workbook.
var fields = []sheet.Field{
	{Key: "name", Label: "资产名称", Synonyms: []string{"名称", "设备名称"}, Required: true},
	{Key: "sort", Label: "类别", Synonyms: []string{"资产类别", "分类", "明细类别"}, Required: true},
	{Key: "acquired", Label: "取得日期", Synonyms: []string{"购置日期", "入账日期", "启用日期"}, Required: true},
	{Key: "cost", Label: "原值", Synonyms: []string{"资产原值", "价值", "金额"}, Required: true},
	{Key: "used", Label: "累计折旧", Synonyms: []string{"已提折旧", "累计摊销"}},
	{Key: "years", Label: "折旧年限", Synonyms: []string{"使用年限", "年限"}},
	{Key: "kind", Label: "资产种类", Synonyms: []string{"种类"}},
	{Key: "model", Label: "规格型号", Synonyms: []string{"型号", "规格"}},
	{Key: "owner", Label: "产权", Synonyms: []string{"资产来源"}},
	{Key: "place", Label: "存放地点", Synonyms: []string{"地点", "使用部门"}},
	{Key: "keeper", Label: "保管人", Synonyms: []string{"使用人", "责任人"}},
}

// mostRows is how many cards one workbook brings.
const mostRows = 2000

var sheetLimits = sheet.Limits{Bytes: 10 << 20, Unzipped: 100 << 20, Columns: 60, Rows: mostRows + 50}

// blank is the workbook to fill in.
func blank(dst io.Writer) error {
	var sorts []string
	for _, k := range Kinds {
		for _, s := range Sorts(k) {
			sorts = append(sorts, s.Class+"—"+s.Content)
		}
	}
	hints := map[string]string{
		"sort": "从列表中选", "acquired": "2024-03-31", "cost": "6000.00", "used": "到建账日止已提的，2021 年及以前没有就空着", "years": "空着按最低年限", "kind": "固定资产、无形资产或长期待摊费用，空着是固定资产", "owner": "工会资产或国有资产，空着是工会资产",
	}
	columns := make([]sheet.Blank, len(fields))
	for i, f := range fields {
		columns[i] = sheet.Blank{Name: f.Label, Required: f.Required, Hint: hints[f.Key]}
		if f.Key == "sort" {
			columns[i].Choices = sorts
		}
	}
	return sheet.Template(dst, "期初资产卡片", columns)
}

// rowsOf reads the table in a file that was uploaded: by the keys of known.
func rowsOf(store files.Store, up web.Upload, known []sheet.Field, each func(row int, at func(key string) string)) (err error) {
	wrong := func(text string) error {
		return &fault.Error{Kind: fault.Invalid, Text: "文件没有收下。", Fields: map[string]string{"file": "文件：" + text}}
	}
	if up.Blob.Hash == "" {
		return wrong("请选择要上传的工作簿")
	}
	f, err := store.Open(up.Blob.Hash)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	book, err := sheet.Open(io.NewSectionReader(f, 0, up.Blob.Size), up.Blob.Size, up.Name, sheetLimits)
	if err != nil {
		return wrong(fault.Of(err).Text)
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	head, err := book.FindHead(sheet.Known(known))
	if err != nil {
		return wrong(fault.Of(err).Text)
	}
	column := map[string]int{}
	var required []int
	for _, m := range sheet.Guess(head.Names, known) {
		column[m.Key] = m.Column
	}
	for _, k := range known {
		if c, ok := column[k.Key]; ok && k.Required {
			required = append(required, c)
		} else if k.Required {
			return wrong("没有“" + k.Label + "”这一列，请用下载的表填写")
		}
	}
	_, err = book.Rows(head, required, func(row *sheet.Row) error {
		each(row.N, func(key string) string {
			if c, ok := column[key]; ok {
				return strings.TrimSpace(row.Cell(c).Text)
			}
			return ""
		})
		return nil
	})
	return err
}

// ReadBrought reads the workbook of cards.
func ReadBrought(store files.Store, up web.Upload) (out []Brought, err error) {
	err = rowsOf(store, up, fields, func(n int, at func(string) string) {
		out = append(out, Brought{Row: n, Kind: at("kind"), Sort: at("sort"), Name: at("name"), Model: at("model"), Acquired: at("acquired"), Years: at("years"), Cost: at("cost"), Used: at("used"), Owner: at("owner"), Place: at("place"), Keeper: at("keeper")})
	})
	return out, err
}

// judge reads a row as a card with what was written off of it on a day.
//
// law: F3.9, F3.5
func (b Brought) judge(s books.System, on day.Day) (Card, money.Fen, error) {
	f := Form{Kind: Fixed, Sort: strings.ReplaceAll(b.Sort, "—", "|"), Name: b.Name, Model: b.Model, Price: b.Cost, Owner: books.FR, Place: b.Place, Keeper: b.Keeper}
	if strings.Count(f.Sort, "|") > 1 { // a content has a dash of its own
		f.Sort = b.Sort
	}
	for _, k := range Kinds {
		if b.Kind == k.Label() {
			f.Kind = k
		}
	}
	if strings.Contains(b.Owner, "国有") {
		f.Owner = books.FT
	}
	var flaws []string
	d, err := day.Parse(b.Acquired)
	if err != nil {
		flaws = append(flaws, "取得日期：请写成 2024-03-31 的样子")
	} else if d >= on {
		flaws = append(flaws, "取得日期：应在 "+string(on)+" 以前，以后的请用“购置”登记")
	}
	f.Day = d
	if b.Years != "" {
		if f.Years, err = strconv.ParseInt(b.Years, 10, 64); err != nil {
			flaws = append(flaws, "折旧年限：请填整数")
		}
	}
	used, err := optional("used", "累计折旧", b.Used)
	if err != nil {
		flaws = append(flaws, "累计折旧：不是金额")
	}
	c, err := f.check(s)
	for _, text := range fault.Of(err).Fields {
		if err != nil && !strings.HasPrefix(text, "取得日期") {
			flaws = append(flaws, text)
		}
	}
	if err == nil && used > c.Cost {
		flaws = append(flaws, "累计折旧：不能大于原值")
	}
	if s == books.A09 && used > 0 {
		flaws = append(flaws, "累计折旧：2009 年的制度不提折旧，请空着")
	}
	if len(flaws) > 0 {
		return c, 0, errors.New(strings.Join(flaws, "；"))
	}
	return c, used, nil
}

// OpenCards takes up the cards that a union had when its books were opened: with the
// opening balances, without vouchers. Either all rows are good and taken up, or
// none, and every row at fault is named.
//
// law: F3.9, K3
func OpenCards(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, year int, rows []Brought, at day.Instant) ([]Card, error) {
	b, err := ledger.BookOf(ctx, tx, g, union, year)
	if err != nil {
		return nil, err
	}
	on := day.Day(fmt.Sprintf("%04d-01-01", year))
	if len(rows) == 0 || len(rows) > mostRows {
		return nil, invalid("K3", map[string]string{"file": fmt.Sprintf("文件：应有 1 到 %d 行资产", mostRows)})
	}
	flaws := map[string]string{}
	cards, used := make([]Card, len(rows)), make([]money.Fen, len(rows))
	for i, r := range rows {
		c, n, err := r.judge(b.System, on)
		if err != nil && len(flaws) < 50 {
			flaws[fmt.Sprintf("rows.%04d", r.Row)] = fmt.Sprintf("第 %d 行 %s：%s", r.Row, r.Name, err)
		}
		cards[i], used[i] = c, n
	}
	if len(flaws) > 0 {
		return nil, &fault.Error{Kind: fault.Invalid, Rule: "F3.9", Text: "有的行填得不对，一行都没有登记。请按提示改好后再上传。", Fields: flaws}
	}
	first, err := head(ctx, tx, g.Tenant(), b.Union.ID, "cards", int64(len(cards)))
	if err != nil {
		return nil, err
	}
	m := audit.Moves{}
	moves := make([]Move, len(cards))
	var total money.Fen
	for i := range cards {
		c := &cards[i]
		c.ID, c.No, c.Union, c.Origin, c.Made, c.By, c.State = sqldb.NewID(), first+int64(i), b.Union, Opening, at, g.Account(), InUse
		c.Worth = Worth{c.Cost, used[i]}
		p := c.first()
		if p.Months > 0 {
			p = Plan{Basis: c.Worth.Net(), Before: used[i], From: MonthOf(on), Months: max(p.Left(MonthOf(on)), 1)}
		}
		moves[i] = Move{CardID: c.ID, Act: ActIn, Day: on, Cost: c.Cost, Used: used[i], Plan: p, At: at}
		total += c.Cost
	}
	if err := insertCards(ctx, tx, g.Tenant(), m, cards); err != nil {
		return nil, err
	}
	if err := insertMoves(ctx, tx, g.Tenant(), m, moves...); err != nil {
		return nil, err
	}
	return cards, m.Write(ctx, tx, g, cards[0].ID, deed{Did: "opened", Union: b.Union.Name, Count: len(cards), Amount: total.String()}, at)
}
