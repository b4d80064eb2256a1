package bank

import (
	"path"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// StatementsPage is what was imported, the latest first.
type StatementsPage struct {
	Items []Statement `json:"items"`
	Next  string      `json:"next,omitempty"`
	q     StatementsQuery
	may   bool
}

// StatementsQuery narrows the list.
type StatementsQuery struct {
	Bank  string `json:"bank" doc:"账户"`
	After string `json:"after" doc:"上一页末行"`
	Limit int    `json:"limit" doc:"每页行数"`
}

func statements(r *web.Request, in StatementsQuery) (p StatementsPage, err error) {
	if in.Limit < 1 || in.Limit > 200 {
		in.Limit = 50
	}
	p.q, p.may = in, r.May(Import)
	if p.Items, err = Statements(r.Ctx, r.Tx, r.Grant, in.Bank, in.After, in.Limit+1); err == nil && len(p.Items) > in.Limit {
		p.Items = p.Items[:in.Limit]
		p.Next = p.Items[in.Limit-1].ID
	}
	return p, err
}

func (p StatementsPage) next() string {
	if p.Next == "" {
		return ""
	}
	return Home + "/statements?bank=" + p.q.Bank + "&after=" + p.Next
}

// UploadPage is the form for a file.
type UploadPage struct {
	Bank   string    `json:"account"`
	Choice []Account `json:"accounts"`
}

// FreshQuery says which account the form begins with.
type FreshQuery struct {
	Account string `json:"account" doc:"账户"`
}

func fresh(r *web.Request, in FreshQuery) (p UploadPage, err error) {
	p.Bank = in.Account
	union := ""
	if in.Account != "" {
		a, err := Find(r.Ctx, r.Tx, r.Grant, in.Account)
		if err != nil {
			return p, err
		}
		union = a.Union.ID
	}
	all, err := Accounts(r.Ctx, r.Tx, r.Grant, union, "")
	for _, a := range all {
		if a.Kind == Bank && a.Ended == "" {
			p.Choice = append(p.Choice, a)
		}
	}
	return p, err
}

func (p UploadPage) options() (out []ui.Option) {
	for _, a := range p.Choice {
		out = append(out, ui.Option{Value: a.ID, Text: a.Union.Name + " · " + a.Name + "（" + a.Number + "）"})
	}
	return out
}

// Upload is a file for an account.
type Upload struct {
	Account string     `json:"account" doc:"账户"`
	File    web.Upload `json:"file" doc:"文件"`
	read    Read
}

// readFile reads the file before the transaction: it may take a moment.
func (rm Room) readFile(r *web.Request, in *Upload) error {
	if in.File.Blob.Hash == "" {
		return &fault.Error{Kind: fault.Invalid, Text: "没有收到文件，请选择对账单后再提交。", Fields: map[string]string{"file": "文件：请选择 .xlsx 或 .csv 文件"}}
	}
	var a Account
	err := r.Site.DB.View(r.Ctx, func(tx *sqldb.Tx) (err error) { a, err = Find(r.Ctx, tx, r.Grant, in.Account); return err })
	if err != nil {
		return chooseAccount(in.Account, err)
	}
	in.read, err = rm.open(in.File.Blob.Hash, in.File.Name, a.layout, r.Today)
	if f := fault.Of(err); err != nil && f.Kind == fault.Invalid {
		return &fault.Error{Kind: fault.Invalid, Text: f.Text, Fields: map[string]string{"file": "文件：" + f.Text}}
	}
	return err
}

func chooseAccount(id string, err error) error {
	if id == "" {
		return &fault.Error{Kind: fault.Invalid, Text: "请选择是哪个银行账户的对账单。", Fields: map[string]string{"account": "账户：请选择"}}
	}
	return err
}

func (rm Room) open(hash, name string, layout map[string]string, today day.Day) (Read, error) {
	f, err := rm.Files.Open(hash)
	if err != nil {
		return Read{}, err
	}
	defer f.Close()
	size, err := rm.Files.Size(hash)
	if err != nil {
		return Read{}, err
	}
	return ReadStatement(f, size, name, layout, today)
}

// Step is a statement after an act.
type Step struct {
	Statement
	said    string
	created bool
}

func (s Step) Said() string  { return s.said }
func (s Step) Created() bool { return s.created }

func (rm Room) upload(r *web.Request, in Upload) (Step, error) {
	s, again, err := Begin(r.Ctx, r.Tx, r.Grant, in.Account, clip(path.Base(in.File.Name), 120), in.File.Blob.Hash, in.read, r.Now)
	out := Step{Statement: s, created: !again}
	if again {
		out.said = "这份文件以前导入过，这里是那一次。"
	}
	return out, err
}

// ByStatement names a statement.
type ByStatement struct {
	ID string `json:"statement" doc:"对账单"`
}

// StatementPage is one statement, from the upload to the undo.
type StatementPage struct {
	Statement
	Lines []Line `json:"lines"`
	may   bool
}

// shownLines is how many lines the page of a statement shows.
const shownLines = 50

func statement(r *web.Request, in ByStatement) (p StatementPage, err error) {
	if p.Statement, err = FindStatement(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	p.may = r.May(Import)
	switch p.State {
	case Judged:
		if p.Lines, err = p.waiting(r.Tx, r.Grant.Tenant()); err != nil {
			return p, err
		}
		for i := range p.Lines {
			if p.Lines[i].OtherNo != "" {
				p.Lines[i].OtherNo = mask(p.Lines[i].OtherNo)
			}
		}
	case Taken:
		p.Lines, err = sqldb.List(r.Ctx, r.Tx, scanLine(r.Tx, r.Grant.Tenant()), `SELECT `+lineFields+` FROM bank_lines l WHERE l.tenant_id = $1 AND l.statement_id = $2 ORDER BY l.day, l.id`, r.Grant.Tenant(), p.ID)
	}
	return p, err
}

// Remapping is which column is to be what, by header.
type Remapping struct {
	ID      string            `json:"statement" doc:"对账单"`
	Columns map[string]string `json:"columns" doc:"对应列"`
	layout  map[string]string
	read    Read
}

// readAgain reads the file once more by the columns that a person chose.
func (rm Room) readAgain(r *web.Request, in *Remapping) error {
	var s Statement
	err := r.Site.DB.View(r.Ctx, func(tx *sqldb.Tx) (err error) { s, err = FindStatement(r.Ctx, tx, r.Grant, in.ID); return err })
	if err != nil {
		return err
	}
	if in.layout, err = (Read{Layout: s.Layout}).choose(in.Columns); err != nil {
		return err
	}
	in.read, err = rm.open(s.Hash, s.File, in.layout, r.Today)
	return err
}

func remap(r *web.Request, in Remapping) (Step, error) {
	s, err := Remap(r.Ctx, r.Tx, r.Grant, in.ID, in.layout, in.read, r.Now)
	return Step{Statement: s, said: "已按新的对应列重新核对，下次同样的表头不用再选。"}, err
}

// Stepping takes a step of a statement.
type Stepping struct {
	ID      string `json:"statement" doc:"对账单"`
	Version int64  `json:"version" doc:"版本"`
}

func take(r *web.Request, in Stepping) (Step, error) {
	s, n, err := Take(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, r.Now)
	return Step{Statement: s, said: "已收下 " + text(s.Fresh) + " 笔流水，自动勾对 " + text(int64(n)) + " 笔。"}, err
}

func undo(r *web.Request, in Stepping) (Step, error) {
	s, err := Undo(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, r.Now)
	return Step{Statement: s, said: "这份对账单已撤销。"}, err
}
