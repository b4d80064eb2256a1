// Package bill keeps the papers beside the books (票据和往来): receipts that a
// union gives (收据), invoices that it takes (发票台账), what is owed to it and
// by it by age (往来账龄), and the doubts that entries raise (疑点).
package bill

import (
	"context"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/law"
	"unionhall/law/books"
)

// What people may do here.
const (
	Look   auth.Action = "bill.look"
	Take   auth.Action = "bill.take"   // 领入收据
	Issue  auth.Action = "bill.issue"  // 开具收据
	Void   auth.Action = "bill.void"   // 收据作废
	Return auth.Action = "bill.return" // 缴回未用的收据
	Tie    auth.Action = "bill.tie"    // 收据关联凭证
	Enter  auth.Action = "bill.enter"  // 登记、更正发票
	Link   auth.Action = "bill.link"   // 发票入账
	Unlink auth.Action = "bill.unlink" // 发票取消入账
	Cancel auth.Action = "bill.cancel" // 发票作废
	Redden auth.Action = "bill.red"    // 发票红冲
	Answer auth.Action = "bill.answer" // 说明疑点
)

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{
	Look: "查看票据和往来", Take: "领入收据", Issue: "开具收据", Void: "作废收据", Return: "缴回收据", Tie: "收据关联凭证",
	Enter: "登记发票", Link: "发票入账", Unlink: "发票取消入账", Cancel: "作废发票", Redden: "红冲发票", Answer: "说明疑点",
}

var (
	clerks = []auth.Office{auth.Accountant, auth.Cashier}
	keeper = []auth.Office{auth.Accountant}
)

// Roles says which office may do what. The accountant and the cashier keep the
// papers; a doubt is answered by the accountant, whose entries raised it.
//
// law: F3.23, F5.7
func Roles() auth.Roles {
	out := auth.Roles{
		auth.Accountant: {Look, Take, Tie, Enter, Answer},
		auth.Cashier:    {Look, Take, Tie, Enter},
		auth.Director:   {Look},
		auth.Chair:      {Look},
		auth.Auditor:    {Look},
	}
	for _, grants := range []auth.Roles{Receipting.Grants(), Invoicing.Grants()} {
		for o, acts := range grants {
			out[o] = append(out[o], acts...)
		}
	}
	return out
}

// Room is the pages of this room. Names tells who an account is.
type Room struct {
	Names func(ctx context.Context, tx *sqldb.Tx, tenant int64, accounts []string) (map[string]string, error)
}

// Home is where the room begins.
const Home = "/grassroots/finance/bill"

// ReceiptState is where a number of a receipt stands.
type ReceiptState string

const (
	Unused   ReceiptState = "unused"   // 未用
	Issued   ReceiptState = "issued"   // 已开具
	Voided   ReceiptState = "voided"   // 已作废
	Returned ReceiptState = "returned" // 已缴回
)

func (s ReceiptState) Label() string { return Receipting.Labels[s] }
func (s ReceiptState) Tone() ui.Kind { return ui.Kind(Receipting.Kinds[s]) }

// Receipting is the life of a number. What was voided stays voided, and keeps
// all its copies.
//
// law: F1.21
var Receipting = flow.Flow[ReceiptState]{
	Labels: map[ReceiptState]string{Unused: "未用", Issued: "已开具", Voided: "已作废", Returned: "已缴回"},
	Kinds:  map[ReceiptState]string{Unused: "info", Issued: "ok", Voided: "bad", Returned: "mute"},
	Steps: []flow.Step[ReceiptState]{
		{From: Unused, Act: Issue, To: Issued, By: clerks, Button: "开具收据", Rule: "F1.21"},
		{From: Unused, Act: Void, To: Voided, By: clerks, Button: "作废", Words: true, Danger: true, Rule: "F1.21"},
		{From: Unused, Act: Return, To: Returned, By: clerks, Button: "缴回未用的号码", Words: true, Rule: "F1.21"},
		{From: Issued, Act: Void, To: Voided, By: clerks, Button: "作废", Words: true, Danger: true, Rule: "F1.21"},
	},
}

// InvoiceState is where an invoice stands.
type InvoiceState string

const (
	Registered InvoiceState = "registered" // 已登记
	Linked     InvoiceState = "linked"     // 已入账
	Reddened   InvoiceState = "red"        // 已红冲
	Cancelled  InvoiceState = "void"       // 已作废
)

func (s InvoiceState) Label() string { return Invoicing.Labels[s] }
func (s InvoiceState) Tone() ui.Kind { return ui.Kind(Invoicing.Kinds[s]) }

// Invoicing is the life of an invoice in the register. Its number is taken for
// good, whatever became of it.
//
// law: F6.1, F6.2
var Invoicing = flow.Flow[InvoiceState]{
	Labels: map[InvoiceState]string{Registered: "已登记", Linked: "已入账", Reddened: "已红冲", Cancelled: "已作废"},
	Kinds:  map[InvoiceState]string{Registered: "warn", Linked: "ok", Reddened: "bad", Cancelled: "mute"},
	Steps: []flow.Step[InvoiceState]{
		{From: Registered, Act: Link, To: Linked, By: clerks, Button: "关联凭证", Rule: "F6.1"},
		{From: Registered, Act: Cancel, To: Cancelled, By: clerks, Button: "作废", Words: true, Danger: true, Rule: "F6.1"},
		{From: Registered, Act: Redden, To: Reddened, By: clerks, Button: "红冲", Rule: "F6.2"},
		{From: Linked, Act: Unlink, To: Registered, By: keeper, Button: "取消关联", Words: true, Rule: "F6.1"},
		{From: Linked, Act: Redden, To: Reddened, By: clerks, Button: "红冲", Rule: "F6.2"},
	},
}

// Batch is a book of receipts that was handed to a union (领入的一批收据), with
// how its numbers stand.
type Batch struct {
	ID       string       `json:"id"`
	Union    registry.Ref `json:"union"`
	Code     string       `json:"code,omitempty"` // 票据代码 or the print of the year
	First    string       `json:"first"`
	Last     string       `json:"last"`
	Issuer   string       `json:"issuer"`   // from whom
	Received day.Day      `json:"received"` // when
	Unused   int64        `json:"unused"`
	Issued   int64        `json:"issued"`
	Voided   int64        `json:"voided"`
	Returned int64        `json:"returned"`
	Next     string       `json:"next,omitempty"` // the number that comes next
	Version  int64        `json:"version"`
}

// Place is the batch's page.
func (b Batch) Place() string { return Home + "/books/" + b.ID }

// Revision is what an edit must name to be sure that it saw the latest.
func (b Batch) Revision() int64 { return b.Version }

// Name is how people call the batch: by its numbers.
func (b Batch) Name() string { return "收据 " + b.First + "—" + b.Last }

// The two kinds of receipts.
const (
	OnPaper    = "paper"      // 工会经费收入专用收据, from a batch
	Electronic = "electronic" // 财政电子票据, with code, number and check code
)

// KindLabel is what people call a kind of receipt.
func KindLabel(kind string) string {
	return map[string]string{OnPaper: "工会经费收入专用收据", Electronic: "电子票据"}[kind]
}

// Receipt is one number of a receipt, and what it was given for.
type Receipt struct {
	ID      string       `json:"id"`
	Union   registry.Ref `json:"union"`
	BatchID string       `json:"book,omitempty"`
	Kind    string       `json:"kind"`
	Code    string       `json:"code,omitempty"`
	Number  string       `json:"number"`
	Check   string       `json:"check,omitempty"`
	State   ReceiptState `json:"state"`
	Date    day.Day      `json:"date,omitempty"`
	Payer   string       `json:"payer,omitempty"`
	Item    string       `json:"item,omitempty"`
	Amount  money.Fen    `json:"amount"`
	Handler string       `json:"handler,omitempty"` // who signs it (经办人)
	Copies  int64        `json:"copies"`            // kept of a voided one
	Words   string       `json:"words,omitempty"`   // why it was voided or returned
	Voucher Paper        `json:"voucher,omitzero"`
	By      string       `json:"by"`
	At      day.Instant  `json:"at"`
	Version int64        `json:"version"`
}

// Paper names a voucher beside a receipt or an invoice.
type Paper struct {
	ID     string `json:"id"`
	Year   int    `json:"year"`
	Month  int    `json:"month"`
	Number int64  `json:"number,omitempty"`
}

// Place is the receipt's page.
func (r Receipt) Place() string { return Home + "/receipts/" + r.ID }

// Revision is what a step must name to be sure that it saw the latest.
func (r Receipt) Revision() int64 { return r.Version }

// Invoice is one invoice in the register.
type Invoice struct {
	ID    string       `json:"id"`
	Union registry.Ref `json:"union"`
	Reading
	Paper   bool         `json:"paper"` // there is no electronic original: it was issued on paper
	State   InvoiceState `json:"state"`
	Voucher Paper        `json:"voucher,omitzero"`
	RedOf   string       `json:"red_of,omitempty"` // the invoice that this one takes back
	Note    string       `json:"note,omitempty"`
	Files   int64        `json:"files"`     // all that lie with it
	Origins int64        `json:"originals"` // electronic originals among them
	By      string       `json:"by"`
	At      day.Instant  `json:"at"`
	Version int64        `json:"version"`
}

// Place is the invoice's page.
func (i Invoice) Place() string { return Home + "/invoices/" + i.ID }

// Revision is what a step must name to be sure that it saw the latest.
func (i Invoice) Revision() int64 { return i.Version }

// Name is how people call the invoice.
func (i Invoice) Name() string {
	if i.Code != "" {
		return i.Kind.Label() + " " + i.Code + " " + i.Number
	}
	return i.Kind.Label() + " " + i.Number
}

// Whole reports whether what F6.2 asks for lies with it: the electronic
// original, unless there is none.
//
// law: F6.2
func (i Invoice) Whole() bool { return i.Origins > 0 || i.Paper && i.Kind == books.VAT }

// File is one file of an invoice, or one that waits to be registered.
type File struct {
	ID        string       `json:"id"`
	Union     registry.Ref `json:"union"`
	InvoiceID string       `json:"invoice,omitempty"`
	Name      string       `json:"name"`
	Hash      string       `json:"sha256"`
	Type      string       `json:"-"`
	Size      int64        `json:"size"`
	Form      Form         `json:"form"`
	Read      Reading      `json:"read"`
	By        string       `json:"by"`
	At        day.Instant  `json:"at"`
	Version   int64        `json:"version"`
}

// Place is where the file is registered, or the invoice that it belongs to.
func (f File) Place() string {
	if f.InvoiceID != "" {
		return Home + "/invoices/" + f.InvoiceID
	}
	return Home + "/invoices/new?file=" + f.ID
}

// none stands for no code: a key must have a value.
const none = "-"

func orNone(s string) string {
	if s == "" {
		return none
	}
	return s
}

func some(s string) string {
	if s == none {
		return ""
	}
	return s
}

// deed is what the log tells of the papers.
type deed struct {
	Did     string `json:"did"`
	Union   string `json:"union,omitempty"`
	Number  string `json:"number,omitempty"`
	Last    string `json:"last,omitempty"`
	Count   int    `json:"count,omitempty"`
	Amount  string `json:"amount,omitempty"`
	Voucher string `json:"voucher,omitempty"`
	File    string `json:"file,omitempty"`
	Words   string `json:"words,omitempty"`
}

func clause(id string) ui.Article {
	r, ok := law.RuleOf(id)
	if !ok {
		return ui.Article{ID: id}
	}
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}
