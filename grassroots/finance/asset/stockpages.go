package asset

import (
	"fmt"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/day"
	"unionhall/kit/money"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

func (rm Room) stockRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + StockHome, Needs: Look, Doc: "库存物品", Do: web.Page(rm.stock, stockView)},
		{Pattern: "POST " + StockHome, Needs: Stock, Doc: "登记库存物品的品名", Do: web.Again(web.Act(rm.addGoods), rm.stock, stockView)},
		{Pattern: "GET " + StockHome + "/{id}", Needs: Look, Doc: "收发存账", Do: web.Page(rm.goods, goodsView)},
		{Pattern: "GET " + StockHome + "/{id}/book.xlsx", Needs: Look, Doc: "收发存账，电子表格", Do: web.Download(bookFile)},
		{Pattern: "POST " + StockHome + "/{id}/in", Needs: Stock, Doc: "购入物品入库", Do: web.Again(web.Act(rm.takeIn), rm.goods, goodsView)},
		{Pattern: "POST " + StockHome + "/{id}/out", Needs: Stock, Doc: "领用物品出库", Do: web.Again(web.Act(rm.handOut), rm.goods, goodsView)},
	}
}

// StockPage is the store of a union.
type StockPage struct {
	Union  string    `json:"union"`
	Method Method    `json:"method,omitempty"`
	Items  []Goods   `json:"items"`
	Sum    money.Fen `json:"sum"`
	unions []ui.Option
	name   string
	may    bool
}

func (rm Room) stock(r *web.Request, in UnionQuery) (p StockPage, err error) {
	c, err := choices(r, in.Union, r.Today)
	if err != nil {
		return p, err
	}
	u, err := ledger.Union(r.Ctx, r.Tx, r.Grant, c.Code)
	if err != nil {
		return p, err
	}
	p = StockPage{Union: c.Code, unions: c.unions, name: c.Name, may: r.May(Stock)}
	if p.Method, err = MethodOf(r.Ctx, r.Tx, r.Grant.Tenant(), u.ID, r.Today.Year()); err != nil {
		return p, err
	}
	p.Items, err = StockOf(r.Ctx, r.Tx, r.Grant, u.ID, forever)
	for _, i := range p.Items {
		p.Sum += i.Amount
	}
	return p, err
}

// Stored is what an act in the store answers.
type Stored struct {
	Goods
	said string
}

func (s Stored) Created() bool { return true }
func (s Stored) Said() string  { return s.said }

func (rm Room) addGoods(r *web.Request, in GoodsForm) (Stored, error) {
	i, err := AddGoods(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Stored{i, "品名已登记，可以入库了。"}, err
}

func (rm Room) takeIn(r *web.Request, in SlipForm) (Stored, error) {
	s, err := TakeIn(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Stored{Goods{ID: s.ItemID}, "已入库，凭证已生成，请审核、记账。"}, err
}

func (rm Room) handOut(r *web.Request, in SlipForm) (Stored, error) {
	s, err := HandOut(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Stored{Goods{ID: s.ItemID}, "已出库 " + s.Amount.Grouped() + " 元，凭证已生成，请审核、记账。"}, err
}

// GoodsPage is the stock book of one kind of goods.
type GoodsPage struct {
	Goods
	Slips   []Slip `json:"slips"`
	Lots    []Lot  `json:"lots"`
	Method  Method `json:"method,omitempty"`
	choices Choices
	may     bool
	today   day.Day
}

func (rm Room) goods(r *web.Request, in ByID) (p GoodsPage, err error) {
	if p.Goods, err = FindGoods(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	slips, left, err := SlipsOf(r.Ctx, r.Tx, r.Grant.Tenant(), p.ID)
	if err != nil {
		return p, err
	}
	p.Slips, p.Lots, p.Quantity, p.Amount = slips, left.Lots, left.Quantity, left.Amount
	p.may, p.today = r.May(Stock), r.Today
	if p.Method, err = MethodOf(r.Ctx, r.Tx, r.Grant.Tenant(), p.Union.ID, r.Today.Year()); err != nil || !p.may {
		return p, err
	}
	p.choices, err = choices(r, p.Union.ID, r.Today, "501", "502", "503", "504", "505", "506", "510", "508")
	return p, err
}

func (p GoodsPage) lots() (out []ui.Option) {
	for _, l := range p.Lots {
		out = append(out, ui.Option{Value: l.ID, Text: fmt.Sprintf("%d 号入库单（%s），余 %s%s，%s 元", l.No, l.Day, l.Quantity, p.Unit, l.Amount.Grouped())})
	}
	return out
}

var methodOptions = []ui.Option{{Value: string(FIFO), Text: FIFO.Label()}, {Value: string(Average), Text: Average.Label()}, {Value: string(Specific), Text: Specific.Label()}}

func (rm Room) countRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + CountHome, Needs: Look, Doc: "盘点", Do: web.Page(rm.counts, countsView)},
		{Pattern: "POST " + CountHome, Needs: Count, Doc: "开始盘点", Do: web.Again(web.Act(rm.beginCount), rm.counts, countsView)},
		{Pattern: "GET " + CountHome + "/{id}", Needs: Look, Doc: "一次盘点", Do: web.Page(rm.count, countView)},
		{Pattern: "GET " + CountHome + "/{id}/sheet.pdf", Needs: Look, Doc: "盘点表，打印", Do: web.Download(countPDF)},
		{Pattern: "GET " + CountHome + "/{id}/sheet.xlsx", Needs: Look, Doc: "盘点表，填写后传回", Do: web.Download(countXLSX)},
		{Pattern: "POST " + CountHome + "/{id}", Needs: Count, Doc: "填写实盘数", Do: web.Again(web.Act(rm.fill), rm.count, countView)},
		{Pattern: "POST " + CountHome + "/{id}/upload", Needs: Count, Doc: "传回盘点表", Do: web.Again(web.Act(rm.upload), rm.count, countView)},
		{Pattern: "POST " + CountHome + "/{id}/end", Needs: Count, Doc: "结束盘点，差异转盘盈盘亏", Do: web.Again(web.Act(rm.endCount), rm.count, countView)},
	}
}

// CountsPage is the counts of a union.
type CountsPage struct {
	Union  string   `json:"union"`
	Items  []Taking `json:"items"`
	Today  day.Day  `json:"today"`
	unions []ui.Option
	name   string
	may    bool
}

func (rm Room) counts(r *web.Request, in UnionQuery) (p CountsPage, err error) {
	c, err := choices(r, in.Union, r.Today)
	if err != nil {
		return p, err
	}
	u, err := ledger.Union(r.Ctx, r.Tx, r.Grant, c.Code)
	if err != nil {
		return p, err
	}
	p = CountsPage{Union: c.Code, Today: r.Today, unions: c.unions, name: c.Name, may: r.May(Count)}
	p.Items, err = Counts(r.Ctx, r.Tx, r.Grant, u.ID)
	return p, err
}

// BeginForm begins a count.
type BeginForm struct {
	Union string  `json:"union" doc:"工会"`
	Day   day.Day `json:"day" doc:"盘点日期"`
}

// Tally is what an act on a count answers.
type Tally struct {
	Taking
	said    string
	created bool
}

func (c Tally) Said() string  { return c.said }
func (c Tally) Created() bool { return c.created }

func (rm Room) beginCount(r *web.Request, in BeginForm) (Tally, error) {
	c, err := Begin(r.Ctx, r.Tx, r.Grant, in.Union, in.Day, r.Now)
	return Tally{c, "盘点表已生成。打印出来到现场盘，或下载填好再传回。", true}, err
}

// CountPage is one count with its lines.
type CountPage struct {
	Taking
	Lines []Entry `json:"lines"`
	Left  int     `json:"left"`
	Off   int     `json:"off"`
	may   bool
	ask   bool
	by    string
}

func sheetAt(r *web.Request, id string) (c Taking, lines []Entry, err error) {
	if c, err = FindCount(r.Ctx, r.Tx, r.Grant, id); err != nil {
		return c, nil, err
	}
	lines, err = EntriesOf(r.Ctx, r.Tx, r.Grant.Tenant(), c.ID)
	return c, lines, err
}

func (rm Room) count(r *web.Request, in ByID) (p CountPage, err error) {
	if p.Taking, p.Lines, err = sheetAt(r, in.ID); err != nil {
		return p, err
	}
	for _, e := range p.Lines {
		switch {
		case !e.Known:
			p.Left++
		case e.Differs():
			p.Off++
		}
	}
	p.may = r.May(Count) && p.State == Counting
	p.ask = r.May(Ask)
	names, err := rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), []string{p.By})
	p.by = names[p.By]
	return p, err
}

// FillForm keeps what was found.
type FillForm struct {
	ID    string    `json:"id" doc:"编号"`
	Lines []Finding `json:"lines" doc:"行"`
}

func (rm Room) fill(r *web.Request, in FillForm) (Tally, error) {
	c, err := Fill(r.Ctx, r.Tx, r.Grant, in.ID, in.Lines, r.Now)
	return Tally{Taking: c, said: "已保存。"}, err
}

// UploadForm brings a count sheet back.
type UploadForm struct {
	ID   string     `json:"id" doc:"编号"`
	File web.Upload `json:"file" doc:"盘点表"`
}

func (rm Room) upload(r *web.Request, in UploadForm) (Tally, error) {
	c, lines, err := sheetAt(r, in.ID)
	if err != nil {
		return Tally{Taking: c}, err
	}
	list, err := ReadCount(r.Site.Files, in.File, lines)
	if err != nil {
		return Tally{Taking: c}, err
	}
	c, err = Fill(r.Ctx, r.Tx, r.Grant, c.ID, list, r.Now)
	return Tally{Taking: c, said: fmt.Sprintf("已读入 %d 行。", len(list))}, err
}

func (rm Room) endCount(r *web.Request, in ByID) (Tally, error) {
	c, matters, err := End(r.Ctx, r.Tx, r.Grant, in.ID, r.Now)
	said := "盘点已完成，账实相符。"
	if len(matters) > 0 {
		said = fmt.Sprintf("盘点已完成，%d 项差异已转为盘盈、盘亏，请工会主席或主任批准。", len(matters))
	}
	return Tally{Taking: c, said: said}, err
}
