package handover

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// Done is an archive that an act changed.
type Done struct {
	Kept
	said    string
	created bool
}

func (d Done) Said() string  { return d.said }
func (d Done) Created() bool { return d.created }

func (rm *Room) archive(r *web.Request, in Archiving) (Done, error) {
	k, err := rm.Begin(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Done{k, "已开始归档，离开这一页不影响。", true}, err
}

// ArchivesQuery narrows the list of archives.
type ArchivesQuery struct {
	Year    int    `json:"year" doc:"年度"`
	Lacking bool   `json:"lacking" doc:"只看没有归档的"`
	After   string `json:"after" doc:"从哪一条之后"`
	Limit   int    `json:"limit" doc:"条数"`
}

// ArchivesPage is every closed book with its archive.
type ArchivesPage struct {
	Items []Standing `json:"items"`
	Tally Tally      `json:"-"`
	Next  string     `json:"next,omitempty"`
	q     ArchivesQuery
	today day.Day
}

func (rm *Room) archives(r *web.Request, in ArchivesQuery) (p ArchivesPage, err error) {
	if in.Limit <= 0 || in.Limit > 200 {
		in.Limit = 50
	}
	p = ArchivesPage{q: in, today: r.Today}
	if p.Items, err = standings(r.Ctx, r.Tx, r.Grant, in.Lacking, in.Year, in.After, in.Limit+1); err != nil {
		return p, err
	}
	if len(p.Items) > in.Limit {
		p.Items = p.Items[:in.Limit]
		last := p.Items[in.Limit-1]
		p.Next = fmt.Sprintf("%d%s", last.Year, last.Union.Code)
	}
	p.Tally, err = TallyOf(r.Ctx, r.Tx, r.Grant, r.Today)
	return p, err
}

func (p ArchivesPage) next() string {
	if p.Next == "" {
		return ""
	}
	return p.list(p.q.Lacking) + "&after=" + p.Next
}

// list is the address of the list, of all or of those without an archive.
func (p ArchivesPage) list(lacking bool) string {
	url := archives + "?lacking=" + map[bool]string{true: "1", false: ""}[lacking]
	if p.q.Year != 0 {
		url += fmt.Sprintf("&year=%d", p.q.Year)
	}
	return url
}

func (p ArchivesPage) years() []ui.Option {
	return append([]ui.Option{{Value: "", Text: "全部"}}, choice{today: p.today}.years(p.today.Year()-1)...)
}

// ByArchive names an archive.
type ByArchive struct {
	ID string `json:"archive" doc:"编号"`
}

// KeptPage is one archive with what was done to it.
type KeptPage struct {
	Kept
	Terms   Terms              `json:"terms"`
	Steps   []flow.Past[State] `json:"steps"`
	Checked *Proof             `json:"checked,omitempty"`
	log     []audit.Row
	who     map[string]string
	open    []flow.Step[State]
	may     map[auth.Action]bool
}

// Proof is a time at which the file was read again.
type Proof struct {
	At day.Instant `json:"at"`
	OK bool        `json:"ok"`
}

// mostLog is how many times of taking and checking a page shows.
const mostLog = 20

func (rm *Room) kept(r *web.Request, in ByArchive) (p KeptPage, err error) {
	if p.Kept, err = FindKept(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if p.Terms, err = TermsOf(r.Ctx, r.Tx, r.Grant.Tenant(), p.Year, r.Today); err != nil {
		return p, err
	}
	if p.Steps, err = Keeping.History(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	all, err := audit.Of(r.Ctx, r.Tx, r.Grant, p.ID, "", mostLog)
	if err != nil {
		return p, err
	}
	accounts := []string{p.By}
	for _, x := range all {
		if x.Act != Take && x.Act != Check {
			continue
		}
		p.log, accounts = append(p.log, x), append(accounts, x.Account)
		if x.Act == Check && p.Checked == nil {
			p.Checked = &Proof{x.At, didOf(x) == "checked"}
		}
	}
	for _, s := range p.Steps {
		accounts = append(accounts, s.Account)
	}
	if p.Kind == Final {
		p.open = Keeping.Open(p.State, flow.WhoOf(r.Grant), "", p.Steps)
	}
	p.may = map[auth.Action]bool{Take: r.May(Take), Check: r.May(Check)}
	p.who, err = rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), accounts)
	return p, err
}

// didOf is what a line of the log says was done.
func didOf(x audit.Row) string {
	var d deed
	if err := json.Unmarshal([]byte(x.Change), &d); err != nil {
		return ""
	}
	return d.Did
}

// story is what was done to the archive, in the order of time.
func (p KeptPage) story() []ui.Event {
	out := []ui.Event{}
	for _, s := range p.Steps {
		e := ui.Event{Kind: ui.Info, At: s.At.Local(), Title: map[State]string{Building: "开始归档", Stored: "已归档", Delivered: "已移交档案部门", Replaced: "已由新的档案代替", Failed: "没有归成"}[s.After], Words: s.Words, Who: person(p.who, s.Account, s.Office)}
		if s.Document != "" {
			e.Words += "（文号 " + s.Document + "）"
		}
		out = append(out, e)
	}
	for i := len(p.log) - 1; i >= 0; i-- {
		x := p.log[i]
		e := ui.Event{Kind: ui.Info, At: x.At.Local(), Title: "取走一份", Who: person(p.who, x.Account, x.Office)}
		if x.Act == Check {
			e.Title = "重新校验：相符"
			if didOf(x) != "checked" {
				e.Kind, e.Title = ui.Bad, "重新校验：不符"
			}
		}
		out = append(out, e)
	}
	return out
}

func (rm *Room) takeAway(r *web.Request, in ByArchive) (f web.File, err error) {
	k, err := FindKept(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return f, err
	}
	if k.Hash == "" {
		return f, fault.New(fault.Conflict, "这份档案还没有文件：%s。", k.State.Label())
	}
	err = r.Site.DB.Do(r.Ctx, func(tx *sqldb.Tx) error { return LogTaken(r.Ctx, tx, r.Grant, k, r.Now) })
	return web.File{Name: k.Name, Type: "application/zip", Write: func(w io.Writer) error { return rm.copyOut(k.Hash, w) }}, err
}

// copyOut writes the bytes under a hash.
func (rm *Room) copyOut(hash string, w io.Writer) error {
	f, err := rm.Files.Open(hash)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = io.Copy(w, f)
	return err
}

// Checking asks for the file to be read again.
type Checking struct {
	ID    string `json:"archive" doc:"编号"`
	right bool
	hash  string
}

// rehash reads the file anew, before the transaction.
func (rm *Room) rehash(r *web.Request, in *Checking) error {
	var k Kept
	err := r.Site.DB.View(r.Ctx, func(tx *sqldb.Tx) (err error) { k, err = FindKept(r.Ctx, tx, r.Grant, in.ID); return err })
	if err != nil {
		return err
	}
	if k.Hash == "" {
		return fault.New(fault.Conflict, "这份档案还没有文件：%s。", k.State.Label())
	}
	err = rm.Files.Verify(k.Hash)
	in.hash = k.Hash
	if in.right = err == nil; err != nil && !errors.Is(err, files.ErrChanged) && fault.Of(err).Kind != fault.NotFound {
		return err
	}
	return nil
}

// checked writes down how the reading ended.
//
// law: F3.27, S06
func (rm *Room) checked(r *web.Request, in Checking) (Done, error) {
	k, err := FindKept(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Done{}, err
	}
	d, said := deed{Did: "checked", Union: k.Union.Name, Year: k.Year, Hash: in.hash}, "档案文件与归档时的校验值相符。"
	if !in.right {
		d.Did, said = "changed", "档案文件与归档时的校验值不符，或者已经不在。请联系系统管理员从备份恢复。"
	}
	return Done{Kept: k, said: said}, audit.Write(r.Ctx, r.Tx, r.Grant, k.ID, d, r.Now)
}

func (rm *Room) deliver(r *web.Request, in Delivery) (Done, error) {
	k, err := HandOver(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Done{Kept: k, said: "已登记移交档案部门。"}, err
}

// ExpiredPage is what is past its time.
type ExpiredPage struct {
	Items []Past  `json:"items"`
	Today day.Day `json:"today"`
}

func expiredPage(r *web.Request, _ struct{}) (ExpiredPage, error) {
	all, err := PastOf(r.Ctx, r.Tx, r.Grant, r.Today)
	return ExpiredPage{all, r.Today}, err
}

func expiredPDF(r *web.Request, _ struct{}) (web.File, error) {
	all, err := PastOf(r.Ctx, r.Tx, r.Grant, r.Today)
	if err != nil {
		return web.File{}, err
	}
	u, err := ledger.Union(r.Ctx, r.Tx, r.Grant, "")
	return web.File{Name: "会计档案鉴定意见书.pdf", Type: "application/pdf", Write: func(w io.Writer) error { return printPast(w, u.Name, all, r.Now) }}, err
}

func expiredCSV(r *web.Request, _ struct{}) (web.File, error) {
	all, err := PastOf(r.Ctx, r.Tx, r.Grant, r.Today)
	return web.File{Name: "到期会计档案.csv", Type: "text/csv; charset=utf-8", Write: func(w io.Writer) error { return writePast(w, all) }}, err
}
