// Package asset keeps what a union owns: the cards (卡片) of fixed assets,
// intangible assets and long-term prepaid expenses, their depreciation, what
// leaves and is found, the store (库存物品) and the counts (盘点). Every act has
// its voucher; a card is worth what its posted vouchers say.
//
// A move of a card counts while its voucher is posted. So a draft changes no
// figure (待记账), a discarded one leaves nothing, and a posted red voucher
// takes its move back with it: the card and the books agree at every moment,
// and the check of the identities (K3) shows what came into 162, 163, 171, 172,
// 181 or 141 by vouchers that no card or slip knows.
package asset

import (
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/ui"
	"unionhall/law/books"
)

// What people may do here. The last four are steps of the Procedure.
const (
	Look    auth.Action = "asset.look"
	Add     auth.Action = "asset.add"     // 建卡、变更卡片
	Run     auth.Action = "asset.run"     // 计提折旧和摊销
	Stock   auth.Action = "asset.stock"   // 出入库
	Count   auth.Action = "asset.count"   // 盘点
	Ask     auth.Action = "asset.ask"     // 提出处置、盘盈
	Approve auth.Action = "asset.approve" // 批准
	Refuse  auth.Action = "asset.refuse"  // 不同意
	Drop    auth.Action = "asset.drop"    // 撤回
	Book    auth.Action = "asset.book"    // 批准后入账
)

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{
	Look: "查看资产", Add: "登记资产卡片", Run: "计提折旧和摊销", Stock: "办理出入库", Count: "盘点", Ask: "提出资产处置", Approve: "批准资产处置",
	Refuse: "不同意资产处置", Drop: "撤回资产处置", Book: "资产处置入账",
}

// Roles says which office may do what.
//
// law: F3.23, F5.7
func Roles() auth.Roles {
	out := auth.Roles{
		auth.Accountant: {Look, Add, Run, Stock, Count, Ask},
		auth.Cashier:    {Look},
		auth.Director:   {Look},
		auth.Chair:      {Look},
		auth.Auditor:    {Look},
	}
	for o, acts := range Procedure.Grants() {
		out[o] = append(out[o], acts...)
	}
	return out
}

// Kind is what a card is of.
type Kind string

const (
	Fixed      Kind = "fixed"      // 固定资产
	Intangible Kind = "intangible" // 无形资产
	Prepaid    Kind = "prepaid"    // 长期待摊费用
)

// Kinds are all, in the order of their accounts.
var Kinds = []Kind{Fixed, Intangible, Prepaid}

func (k Kind) Label() string {
	return map[Kind]string{Fixed: "固定资产", Intangible: "无形资产", Prepaid: "长期待摊费用"}[k]
}

// Origin is how a card came.
type Origin string

const (
	Bought  Origin = "bought"
	Given   Origin = "given"
	Found   Origin = "found"
	Opening Origin = "opening"
	Handed  Origin = "handed"
)

func (o Origin) Label() string {
	return map[Origin]string{Bought: "购置", Given: "接受捐赠、无偿调入", Found: "盘盈", Opening: "期初已有", Handed: "内部调拨"}[o]
}

// OwnerLabel names whose an asset is.
//
// law: F3.5
func OwnerLabel(owner string) string {
	if owner == books.FT {
		return "国有资产"
	}
	return "工会资产"
}

// State is where a card stands. It is not stored: it follows from the vouchers.
type State string

const (
	Pending State = "pending" // 待记账
	InUse   State = "use"     // 在用
	Leaving State = "leaving" // 处置中
	Gone    State = "gone"    // 已处置
	Void    State = "void"    // 凭证已作废或冲销
)

func (s State) Label() string {
	return map[State]string{Pending: "待记账", InUse: "在用", Leaving: "处置中", Gone: "已处置", Void: "已冲销"}[s]
}

func (s State) Tone() ui.Kind {
	return map[State]ui.Kind{Pending: ui.Warn, InUse: ui.OK, Leaving: ui.Warn, Gone: ui.Mute, Void: ui.Mute}[s]
}

// Card is the card of one asset. Worth and State are what its posted vouchers
// make of it.
type Card struct {
	ID       string       `json:"id"`
	Union    registry.Ref `json:"union"`
	No       int64        `json:"no"`
	Kind     Kind         `json:"kind"`
	Class    string       `json:"class"`
	Content  string       `json:"content"`
	Name     string       `json:"name"`
	Model    string       `json:"model,omitempty"`
	Origin   Origin       `json:"origin"`
	Owner    string       `json:"owner"`           // fr 工会, ft 国有
	Share    int64        `json:"share,omitempty"` // of treasury money in it, per cent: a memo
	Acquired day.Day      `json:"acquired"`
	Used     string       `json:"in_use"` // the month it was put to use
	Years    int64        `json:"years,omitempty"`
	Cost     money.Fen    `json:"cost"` // what it came in at
	Place    string       `json:"place,omitempty"`
	Keeper   string       `json:"keeper,omitempty"`
	Reason   string       `json:"reason,omitempty"`
	FromCard string       `json:"from,omitempty"`
	Made     day.Instant  `json:"made"`
	By       string       `json:"by"`
	Version  int64        `json:"version"`
	Worth    Worth        `json:"worth"`
	State    State        `json:"state"`
}

// Worth is what a card is worth in the books.
type Worth struct {
	Cost money.Fen `json:"cost"` // 原值
	Used money.Fen `json:"used"` // 累计折旧、摊销
}

// Net is the value that is left (净值).
func (w Worth) Net() money.Fen { return w.Cost - w.Used }

// Home is where the room begins.
const Home = "/grassroots/finance/assets"

// At is the page of the card.
func (c Card) At() string { return Home + "/" + c.ID }

// MatterKind is why something leaves, or comes without being bought.
type MatterKind string

const (
	Sale       MatterKind = "sale"        // 出售
	Scrap      MatterKind = "scrap"       // 报废
	Loss       MatterKind = "loss"        // 盘亏、毁损
	GiveAway   MatterKind = "give"        // 对外捐赠、无偿调出
	Handover   MatterKind = "handover"    // 调拨给本工委的另一工会
	StockLoss  MatterKind = "stock_loss"  // 库存物品盘亏
	StockFound MatterKind = "stock_found" // 库存物品盘盈
	Surplus    MatterKind = "surplus"     // 固定资产盘盈
)

func (k MatterKind) Label() string {
	return map[MatterKind]string{Sale: "出售", Scrap: "报废", Loss: "盘亏、毁损", GiveAway: "无偿调出、捐赠", Handover: "内部调拨", StockLoss: "库存盘亏", StockFound: "库存盘盈", Surplus: "资产盘盈"}[k]
}

// rule is the business that the regulation knows it as.
func (k MatterKind) rule() string {
	switch k {
	case Sale, GiveAway, Handover:
		return "J32"
	}
	return "J33"
}

// waits reports whether its value waits in 182 until it is approved.
//
// law: J33
func (k MatterKind) waits() bool { return k != Sale && k != GiveAway && k != Handover }

// MatterState is where a matter stands.
type MatterState string

const (
	Asked    MatterState = "asked"
	Approved MatterState = "approved"
	Booked   MatterState = "booked"
	Refused  MatterState = "refused"
	Dropped  MatterState = "dropped"
)

func (s MatterState) Label() string { return Procedure.Labels[s] }
func (s MatterState) Tone() ui.Kind { return ui.Kind(Procedure.Kinds[s]) }

// Procedure is how something leaves the books: the accountant asks, a leader
// who is another person approves by a document, the accountant books it.
//
// law: J32, J33, F3.23
var Procedure = flow.Flow[MatterState]{
	Labels: map[MatterState]string{Asked: "待批准", Approved: "已批准，待入账", Booked: "已办结", Refused: "不同意", Dropped: "已撤回"},
	Kinds:  map[MatterState]string{Asked: "warn", Approved: "info", Booked: "ok", Refused: "bad", Dropped: "mute"},
	Steps: []flow.Step[MatterState]{
		{From: Asked, Act: Approve, To: Approved, By: []auth.Office{auth.Chair, auth.Director}, Apart: []auth.Action{Ask}, Button: "批准", Paper: true, Rule: "J33"},
		{From: Asked, Act: Refuse, To: Refused, By: []auth.Office{auth.Chair, auth.Director}, Apart: []auth.Action{Ask}, Button: "不同意", Words: true, Danger: true, Rule: "J33"},
		{From: Asked, Act: Drop, To: Dropped, By: []auth.Office{auth.Accountant}, Button: "撤回", Words: true, Rule: "J33"},
		{From: Approved, Act: Book, To: Booked, By: []auth.Office{auth.Accountant}, Apart: []auth.Action{Approve}, Button: "入账", Rule: "J33"},
	},
}

// Matter is one such case.
type Matter struct {
	ID       string       `json:"id"`
	Union    registry.Ref `json:"union"`
	No       int64        `json:"no"`
	Kind     MatterKind   `json:"kind"`
	CardID   string       `json:"card,omitempty"`
	ItemID   string       `json:"item,omitempty"`
	ToUnion  string       `json:"to,omitempty"`
	ToCard   string       `json:"to_card,omitempty"`
	Quantity Quantity     `json:"quantity"`
	Cost     money.Fen    `json:"cost"`
	Used     money.Fen    `json:"used"`
	State    MatterState  `json:"state"`
	Day      day.Day      `json:"day"`
	Reason   string       `json:"reason"`
	Document string       `json:"document,omitempty"`
	CountID  string       `json:"count,omitempty"`
	First    string       `json:"first,omitempty"`  // the voucher that takes it off, or on
	Second   string       `json:"second,omitempty"` // the voucher after approval
	Asked    day.Instant  `json:"asked"`
	Ended    day.Instant  `json:"ended,omitempty"`
	Version  int64        `json:"version"`
	Name     string       `json:"name"` // of the card or the goods
	owner    string
	of       Kind
}

// Place is the matter's page.
func (m Matter) Place() string { return Home + "/matters/" + m.ID }

// Revision is what a step must name to be sure that it saw the latest.
func (m Matter) Revision() int64 { return m.Version }
