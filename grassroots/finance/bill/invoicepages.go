package bill

import (
	"io"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law/books"
)

// EntryQuery asks for the form of an invoice: of a file that was read, for a
// voucher.
type EntryQuery struct {
	Union   string `json:"union" doc:"工会"`
	File    string `json:"file" doc:"文件"`
	Voucher string `json:"voucher" doc:"凭证"`
}

// EntryPage is the form that registers an invoice.
type EntryPage struct {
	Union   string `json:"union"`
	File    *File  `json:"file,omitempty"`
	read    Reading
	q       EntryQuery
	unions  []ui.Option
	voucher ledger.Voucher
}

func entryForm(r *web.Request, in EntryQuery) (p EntryPage, err error) {
	p = EntryPage{Union: in.Union, q: in}
	if in.Voucher != "" {
		if p.voucher, err = ledger.Find(r.Ctx, r.Tx, r.Grant, in.Voucher); err != nil {
			return p, err
		}
		p.Union = p.voucher.Union.Code
	}
	if in.File != "" {
		f, err := FindFile(r.Ctx, r.Tx, r.Grant, in.File)
		if err != nil {
			return p, err
		}
		p.File, p.read, p.Union = &f, f.Read, f.Union.Code
	}
	if p.Union == "" {
		if p.Union, err = ownCode(r.Ctx, r.Tx, r.Grant); err != nil {
			return p, err
		}
	}
	p.unions, err = unionsOf(r.Ctx, r.Tx, r.Grant)
	return p, err
}

// Entered is an invoice that an act changed.
type Entered struct {
	Invoice
	said string
	made bool
}

func (e Entered) Said() string  { return e.said }
func (e Entered) Created() bool { return e.made }

// noteTwice looks, before the act, whether the invoice is there already. The
// act will refuse it; that somebody tried must outlive the refusal.
//
// law: F6.1, S2-47
func noteTwice(r *web.Request, in *Entry) error {
	var union, id string
	err := r.Site.DB.View(r.Ctx, func(tx *sqldb.Tx) error {
		u, err := ledger.Union(r.Ctx, tx, r.Grant, in.Union)
		if err != nil {
			return err
		}
		var read Reading
		if in.File != "" {
			f, err := FindFile(r.Ctx, tx, r.Grant, in.File)
			if err != nil {
				return err
			}
			read = f.Read
		}
		e, err := in.reading(read, r.Today)
		if err != nil {
			return err
		}
		union = u.ID
		id, _, err = holder(r.Ctx, tx, r.Grant, e.Serial)
		return err
	})
	if err != nil || id == "" { // the act itself tells what is wrong
		return nil
	}
	return r.Site.DB.Do(r.Ctx, func(tx *sqldb.Tx) error { return Refused(r.Ctx, tx, r.Grant, union, id, r.Now) })
}

func registerAct(r *web.Request, in Entry) (Entered, error) {
	i, err := Register(r.Ctx, r.Tx, r.Grant, in, r.Now)
	said := "发票已登记，请关联到报销的凭证。"
	if i.State == Linked {
		said = "发票已登记，并关联到 " + i.Voucher.Name() + "。"
	}
	return Entered{i, said, true}, err
}

// AmendForm says what an invoice should be.
type AmendForm struct {
	Entry
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
}

func amendAct(r *web.Request, in AmendForm) (Entered, error) {
	i, err := Amend(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Entry, r.Now)
	return Entered{i, "发票已更正。", false}, err
}

func stepAct(r *web.Request, in Step) (Entered, error) {
	i, err := Advance(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Entered{i, "发票 " + i.Number + "：" + i.State.Label() + "。", false}, err
}

// FileForm brings the file of an invoice. What was read out of it is filled in
// before the act.
type FileForm struct {
	ID      string     `json:"id" doc:"编号"`
	Union   string     `json:"union" doc:"工会"`
	Voucher string     `json:"voucher" doc:"凭证"`
	File    web.Upload `json:"file" doc:"文件"`
	Form    Form       `json:"-"`
	Read    Reading    `json:"-"`
}

// readFile reads the file before the transaction.
func readFile(r *web.Request, in *FileForm) error {
	if in.File.Blob.Hash == "" {
		return nil // told by the act, once it is known whose invoice it is
	}
	f, err := r.Site.Files.Open(in.File.Blob.Hash)
	if err != nil {
		return err
	}
	defer f.Close()
	in.Form, in.Read, err = Read(f, in.File.Blob.Size, in.File.Name)
	return err
}

var errNoFile = badFile("请选择发票的 PDF、OFD 或 XML 文件")

// Uploaded is a file that was taken; it leads to the form that registers it.
type Uploaded struct {
	File
	voucher string
}

// Place is the form, for the voucher that the file was brought for.
func (u Uploaded) Place() string {
	if u.voucher != "" && u.InvoiceID == "" {
		return u.File.Place() + "&voucher=" + u.voucher
	}
	return u.File.Place()
}
func (u Uploaded) Created() bool { return true }
func (u Uploaded) Said() string  { return "文件已收下，请核对读出的内容后登记。" }

func uploadAct(r *web.Request, in FileForm) (Uploaded, error) {
	if in.Form == "" {
		return Uploaded{}, errNoFile
	}
	union := in.Union
	if in.Voucher != "" {
		v, err := ledger.Find(r.Ctx, r.Tx, r.Grant, in.Voucher)
		if err != nil {
			return Uploaded{}, err
		}
		union = v.Union.ID
	}
	f, err := Upload(r.Ctx, r.Tx, r.Grant, union, "", in.File.Name, in.File.Blob, in.Form, in.Read, r.Now)
	return Uploaded{f, in.Voucher}, err
}

func addFileAct(r *web.Request, in FileForm) (Entered, error) {
	i, err := FindInvoice(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Entered{}, err
	}
	if in.Form == "" {
		return Entered{}, errNoFile
	}
	if in.Read.Number != "" && key(in.Read.Serial) != key(i.Serial) {
		return Entered{}, badFile("这个文件是发票 " + in.Read.Number + " 的，不是这一张的")
	}
	if _, err := Upload(r.Ctx, r.Tx, r.Grant, i.Union.ID, i.ID, in.File.Name, in.File.Blob, in.Form, in.Read, r.Now); err != nil {
		return Entered{}, err
	}
	return Entered{i, "文件已收下。", false}, nil
}

func fileBytes(r *web.Request, in ByID) (web.File, error) {
	f, err := FindFile(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: f.Name, Type: f.Type, Write: func(dst io.Writer) error {
		b, err := r.Site.Files.Open(f.Hash)
		if err != nil {
			return err
		}
		defer b.Close()
		_, err = io.Copy(dst, b)
		return err
	}}, nil
}

// EditPage is the form that puts an invoice right.
type EditPage struct{ Invoice }

func editForm(r *web.Request, in ByID) (EditPage, error) {
	i, err := FindInvoice(r.Ctx, r.Tx, r.Grant, in.ID)
	if err == nil && i.State != Registered {
		err = fault.ByRule(fault.Conflict, "F6.1", "发票现在是“%s”，不能再更正。", i.State.Label())
	}
	return EditPage{i}, err
}

// InvoicePage is one invoice with its files, its doubts and what may be done.
type InvoicePage struct {
	Invoice
	Papers   []File                    `json:"files_of"`
	Doubts   []books.Doubt             `json:"doubts"`
	Steps    []flow.Past[InvoiceState] `json:"steps"`
	Red      string                    `json:"red_by,omitempty"` // the red invoice that takes it back
	who      map[string]string
	open     []flow.Step[InvoiceState]
	vouchers []ui.Option
	enter    bool
}

func (rm Room) invoicePage(r *web.Request, in ByID) (p InvoicePage, err error) {
	if p.Invoice, err = FindInvoice(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if p.Papers, err = filesOf(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	if p.Steps, err = Invoicing.History(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	if p.who, err = rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), accountsOf(p.Steps, p.By)); err != nil {
		return p, err
	}
	if p.Doubts, err = doubtsOf(r, p.Invoice); err != nil {
		return p, err
	}
	red, err := sqldb.List(r.Ctx, r.Tx, sqldb.Text, `SELECT x.id FROM invoices x WHERE x.tenant_id = $1 AND x.red_of = $2`, r.Grant.Tenant(), p.ID)
	if err != nil {
		return p, err
	}
	if len(red) > 0 {
		p.Red = red[0]
	}
	for _, s := range Invoicing.Open(p.State, flow.WhoOf(r.Grant), "", p.Steps) {
		if s.Act != Redden { // done by registering the red one
			p.open = append(p.open, s)
		}
	}
	if p.enter = r.May(Enter); p.may(Link) {
		p.vouchers, err = vouchersFor(r.Ctx, r.Tx, r.Grant, p.Union.ID, p.Date)
	}
	return p, err
}

func (p InvoicePage) may(act auth.Action) bool {
	for _, s := range p.open {
		if s.Act == act {
			return true
		}
	}
	return false
}

func doubtsOf(r *web.Request, i Invoice) ([]books.Doubt, error) {
	u, err := registry.Find(r.Ctx, r.Tx, r.Grant, i.Union.ID)
	if err != nil {
		return nil, err
	}
	var v *ledger.Voucher
	if i.Voucher.ID != "" {
		found, err := ledger.Find(r.Ctx, r.Tx, r.Grant, i.Voucher.ID)
		if err != nil {
			return nil, err
		}
		v = &found
	}
	return Doubts(i, u, v), nil
}

func kindOptions() (out []ui.Option) {
	for _, k := range books.InvoiceKinds {
		out = append(out, ui.Option{Value: string(k), Text: k.Label()})
	}
	return out
}
