package bill

import (
	"fmt"
	"strconv"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// ReceiptQuery is the filter row of the register of receipts.
type ReceiptQuery struct {
	Union string       `json:"union" doc:"工会"`
	State ReceiptState `json:"state" doc:"状态"`
	Kind  string       `json:"kind" doc:"收据种类"`
	Loose bool         `json:"loose" doc:"未关联凭证"`
	Q     string       `json:"q" doc:"号码、交款单位、收款项目"`
	After string       `json:"after" doc:"从哪一张之后"`
	Limit int          `json:"limit" doc:"条数"`
}

func (q ReceiptQuery) where(args []any) (string, []any) {
	out := ""
	add := func(text string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			text = strings.Replace(text, "?", "$"+strconv.Itoa(len(args)), 1)
		}
		out += " AND " + text
	}
	if q.Union != "" {
		add(`u.code = ?`, q.Union)
	}
	if q.State != "" {
		add(`x.state = ?`, string(q.State))
	} else {
		add(`x.state <> 'unused'`)
	}
	if q.Kind != "" {
		add(`x.kind = ?`, q.Kind)
	}
	if q.Loose {
		add(`x.state = 'issued' AND x.voucher_id IS NULL`)
	}
	if s := strings.TrimSpace(q.Q); s != "" {
		add(`(x.number LIKE ? ESCAPE '\' OR x.payer LIKE ? ESCAPE '\' OR x.item LIKE ? ESCAPE '\')`, like(s), like(s), like(s))
	}
	if q.After != "" {
		add(`x.id < ?`, q.After)
	}
	return out, args
}

func like(s string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(s) + "%"
}

// ReceiptListPage is the register of receipts.
type ReceiptListPage struct {
	Items  []Receipt `json:"items"`
	Next   string    `json:"next,omitempty"`
	q      ReceiptQuery
	unions []ui.Option
	issue  bool
	take   bool
}

func receiptList(r *web.Request, in ReceiptQuery) (p ReceiptListPage, err error) {
	in.Limit = limit(in.Limit)
	where, args := in.where([]any{r.Grant.Tenant(), r.Grant.Under()})
	args = append(args, int64(in.Limit+1))
	p = ReceiptListPage{q: in, issue: r.May(Issue), take: r.May(Take)}
	if p.Items, err = sqldb.List(r.Ctx, r.Tx, scanReceipt, selectReceipts+where+fmt.Sprintf(` ORDER BY x.id DESC LIMIT $%d`, len(args)), args...); err != nil {
		return p, err
	}
	if len(p.Items) > in.Limit {
		p.Items, p.Next = p.Items[:in.Limit], p.Items[in.Limit-1].ID
	}
	if p.Items == nil {
		p.Items = []Receipt{}
	}
	p.unions, err = unionsOf(r.Ctx, r.Tx, r.Grant)
	return p, err
}

func (q ReceiptQuery) address(path, after string) string {
	loose := ""
	if q.Loose {
		loose = "1"
	}
	return address(path, "union", q.Union, "state", string(q.State), "kind", q.Kind, "loose", loose, "q", q.Q, "after", after)
}

func (p ReceiptListPage) next() string {
	if p.Next == "" {
		return ""
	}
	return p.q.address(receiptsPlace, p.Next)
}

var receiptExport = []sheet.Column{{Name: "工会", Width: 30}, {Name: "收据种类", Width: 20}, {Name: "票据代码", Width: 14}, {Name: "号码", Width: 14}, {Name: "校验码"}, {Name: "状态"}, {Name: "开具日期", Kind: sheet.Date},
	{Name: "交款单位", Width: 30}, {Name: "收款项目", Width: 24}, {Name: "金额", Kind: sheet.Money}, {Name: "经办人"}, {Name: "保存联数", Kind: sheet.Integer}, {Name: "说明", Width: 24}, {Name: "凭证", Width: 18}}

func receiptsCSV(r *web.Request, in ReceiptQuery) (web.File, error) { return receiptsFile(r, in, true) }
func receiptsXLSX(r *web.Request, in ReceiptQuery) (web.File, error) {
	return receiptsFile(r, in, false)
}

func receiptsFile(r *web.Request, in ReceiptQuery, csv bool) (web.File, error) {
	where, args := in.where([]any{r.Grant.Tenant(), r.Grant.Under()})
	return table("收据登记簿", receiptExport, csv, func(write func(...string) error) error {
		return sqldb.Each(r.Ctx, r.Tx, scanReceipt, func(x Receipt) error {
			return write(x.Union.Name, KindLabel(x.Kind), x.Code, x.Number, x.Check, x.State.Label(), string(x.Date), x.Payer, x.Item, x.Amount.String(), x.Handler, count(x.Copies), x.Words, x.Voucher.Name())
		}, selectReceipts+where+` ORDER BY x.id DESC`, args...)
	}), nil
}

// BatchQuery chooses whose batches are shown.
type BatchQuery struct {
	Union string `json:"union" doc:"工会"`
}

// BatchListPage is the batches of receipts within reach.
type BatchListPage struct {
	Items  []Batch `json:"items"`
	q      BatchQuery
	unions []ui.Option
	take   bool
	low    int
}

func batchList(r *web.Request, in BatchQuery) (p BatchListPage, err error) {
	p = BatchListPage{q: in, take: r.May(Take)}
	id := ""
	if in.Union != "" {
		u, err := ledger.Union(r.Ctx, r.Tx, r.Grant, in.Union)
		if err != nil {
			return p, err
		}
		id = u.ID
	}
	if p.Items, err = Batches(r.Ctx, r.Tx, r.Grant, id); err != nil {
		return p, err
	}
	if p.Items == nil {
		p.Items = []Batch{}
	}
	if p.low, err = param(r.Ctx, r.Tx, r.Grant.Tenant(), "books.receipt.low", r.Today); err != nil {
		return p, err
	}
	p.unions, err = unionsOf(r.Ctx, r.Tx, r.Grant)
	return p, err
}

// rest is how much of a batch is left, for its badge.
func (b Batch) rest(low int) (ui.Kind, string) {
	switch {
	case b.Unused == 0:
		return ui.Mute, "已用完"
	case b.Unused <= int64(low):
		return ui.Warn, "余 " + count(b.Unused) + " 张，快用完"
	}
	return ui.OK, "余 " + count(b.Unused) + " 张"
}

// TakePage is the form that registers a batch.
type TakePage struct {
	Union  string `json:"union"`
	unions []ui.Option
	today  day.Day
}

func takeForm(r *web.Request, in BatchQuery) (p TakePage, err error) {
	u, err := ledger.Union(r.Ctx, r.Tx, r.Grant, in.Union)
	if err != nil {
		return p, err
	}
	p.Union, p.today = u.Code, r.Today
	p.unions, err = unionsOf(r.Ctx, r.Tx, r.Grant)
	return p, err
}

// Taken is a batch that was registered or given back.
type Taken struct {
	Batch
	said string
}

func (t Taken) Said() string  { return t.said }
func (t Taken) Created() bool { return t.Version == 1 }

func takeAct(r *web.Request, in Taking) (Taken, error) {
	b, err := Receive(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Taken{b, fmt.Sprintf("已登记 %d 张收据，可以开具了。", b.Unused)}, err
}

func returnAct(r *web.Request, in Returning) (Taken, error) {
	b, err := ReturnRest(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Taken{b, "未用的号码已登记为缴回。"}, err
}

// BatchPage is a batch with all its numbers.
type BatchPage struct {
	Series
	Missing    []string `json:"gaps"`
	issue, ret bool
}

func batchPage(r *web.Request, in ByID) (p BatchPage, err error) {
	p.Series, err = Numbers(r.Ctx, r.Tx, r.Grant, in.ID)
	p.Missing = p.Gaps()
	p.issue, p.ret = r.May(Issue) && p.Unused > 0, r.May(Return) && p.Unused > 0
	return p, err
}

// GiveQuery asks for the form of a receipt.
type GiveQuery struct {
	Book    string `json:"book" doc:"收据本"`
	Kind    string `json:"kind" doc:"收据种类"`
	Voucher string `json:"voucher" doc:"凭证"`
	Union   string `json:"union" doc:"工会"`
}

// GivePage is the form that issues a receipt; Next is the number that it gets.
type GivePage struct {
	Kind    string  `json:"kind"`
	Batches []Batch `json:"books"`
	Batch   *Batch  `json:"book,omitempty"`
	Union   string  `json:"union"`
	q       GiveQuery
	unions  []ui.Option
	voucher ledger.Voucher
	today   day.Day
}

func giveForm(r *web.Request, in GiveQuery) (p GivePage, err error) {
	p = GivePage{Kind: OnPaper, q: in, today: r.Today}
	if in.Kind == Electronic {
		p.Kind = Electronic
	}
	union := ""
	if in.Voucher != "" {
		if p.voucher, err = ledger.Find(r.Ctx, r.Tx, r.Grant, in.Voucher); err != nil {
			return p, err
		}
		union, p.Union = p.voucher.Union.ID, p.voucher.Union.Code
	} else if p.Union = in.Union; p.Union == "" {
		if p.Union, err = ownCode(r.Ctx, r.Tx, r.Grant); err != nil {
			return p, err
		}
	}
	all, err := Batches(r.Ctx, r.Tx, r.Grant, union)
	if err != nil {
		return p, err
	}
	for i := len(all) - 1; i >= 0; i-- { // the oldest is used up first
		if all[i].Unused > 0 {
			p.Batches = append(p.Batches, all[i])
		}
	}
	for i, b := range p.Batches {
		if b.ID == in.Book || in.Book == "" && p.Batch == nil {
			p.Batch = &p.Batches[i]
		}
	}
	p.unions, err = unionsOf(r.Ctx, r.Tx, r.Grant)
	return p, err
}

// income is what the voucher of the form takes in.
func (p GivePage) income() string {
	if n := received(p.voucher); n > 0 {
		return n.String()
	}
	return ""
}

func (p GivePage) batchOptions() (out []ui.Option) {
	for _, b := range p.Batches {
		out = append(out, ui.Option{Value: b.ID, Text: b.Union.Name + "　" + b.First + "—" + b.Last + "　下一张 " + b.Next})
	}
	return out
}

// Given is a receipt that an act changed.
type Given struct {
	Receipt
	Words string `json:"words_of_amount,omitempty"` // 金额大写
	said  string
	made  bool
}

func (g Given) Said() string  { return g.said }
func (g Given) Created() bool { return g.made }

func giveAct(r *web.Request, in Giving) (Given, error) {
	x, err := Give(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Given{x, x.Amount.Words(), "收据 " + x.Number + " 已开具，可以打印。", true}, err
}

func voidAct(r *web.Request, in Voiding) (Given, error) {
	x, err := VoidReceipt(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Given{x, x.Amount.Words(), "收据 " + x.Number + " 已作废，请保存好各联。", false}, err
}

func tieAct(r *web.Request, in Tying) (Given, error) {
	x, err := TieReceipt(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Given{x, x.Amount.Words(), "收据已关联到 " + x.Voucher.Name() + "。", false}, err
}

// ReceiptPage is one receipt with what may be done.
type ReceiptPage struct {
	Receipt
	Words    string                    `json:"words_of_amount"` // 金额大写
	Steps    []flow.Past[ReceiptState] `json:"steps"`
	who      map[string]string
	open     []flow.Step[ReceiptState]
	vouchers []ui.Option
	tie      bool
}

func (rm Room) receiptPage(r *web.Request, in ByID) (p ReceiptPage, err error) {
	if p.Receipt, err = FindReceipt(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	p.Words = p.Amount.Words()
	if p.Steps, err = Receipting.History(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	if p.who, err = rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), accountsOf(p.Steps, p.By)); err != nil {
		return p, err
	}
	for _, s := range Receipting.Open(p.State, flow.WhoOf(r.Grant), "", p.Steps) {
		if s.Act == Void {
			p.open = append(p.open, s)
		}
	}
	if p.tie = r.May(Tie) && p.State == Issued && p.Voucher.ID == ""; p.tie {
		p.vouchers, err = vouchersFor(r.Ctx, r.Tx, r.Grant, p.Union.ID, day.Day(yearText(p.Date.Year())+"-01-01"))
	}
	return p, err
}

func amountText(n money.Fen) string { return n.Grouped() + " 元" }
