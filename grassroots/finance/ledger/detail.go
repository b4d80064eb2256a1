package ledger

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/flow"
	"unionhall/kit/money"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law/books"
)

// Detail is one voucher with what may be done.
type Detail struct {
	Voucher
	Words     string      `json:"words"` // its total as the paper has it (大写)
	Reversed  string      `json:"reversed_by,omitempty"`
	Corrected string      `json:"corrected_by,omitempty"`
	Papers    []Paper     `json:"files"`
	Gaps      []books.Gap `json:"gaps"`
	Doubts    []Doubt     `json:"doubts,omitempty"`
	chart     Accounts
	projects  map[string]string
	who       map[string]string
	open      []flow.Step[State]
	may       map[auth.Action]bool
	story     []audit.Row
	linked    map[string]string // names of the vouchers it hangs together with
	source    ui.Link
	book      Book
	signs     bool // the viewer may sign it now
}

func (rm Room) detail(r *web.Request, in ByID) (d Detail, err error) {
	if d.Voucher, err = Find(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return d, err
	}
	if d.book, err = FindBook(r.Ctx, r.Tx, r.Grant, d.BookID); err != nil {
		return d, err
	}
	if d.chart, err = ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), d.System); err != nil {
		return d, err
	}
	d.Words, d.Gaps = d.Total.Words(), gaps(d.book, d.Voucher, d.chart)
	if d.Gaps == nil {
		d.Gaps = []books.Gap{}
	}
	if d.projects, err = projectNames(r, d.Union.ID); err != nil {
		return d, err
	}
	if d.Papers, err = Papers(r.Ctx, r.Tx, r.Grant, d.ID); err != nil {
		return d, err
	}
	if d.story, err = audit.Of(r.Ctx, r.Tx, r.Grant, d.ID, "", longStory); err != nil {
		return d, err
	}
	if err := rm.ties(r, &d); err != nil {
		return d, err
	}
	if d.State == Posted && rm.Doubts != nil {
		if d.Doubts, err = rm.Doubts(r.Ctx, r.Tx, r.Grant, d.Voucher); err != nil {
			return d, err
		}
	}
	accounts := []string{d.Maker, d.Reviewer, d.Poster, d.Cashier}
	for _, s := range d.story {
		accounts = append(accounts, s.Account)
	}
	for _, p := range d.Papers {
		accounts = append(accounts, p.Account)
	}
	if d.who, err = rm.named(r, accounts); err != nil {
		return d, err
	}
	d.open, d.may = d.Steps(flow.WhoOf(r.Grant)), map[auth.Action]bool{}
	for _, act := range []auth.Action{Make, Sign, Reverse, Correct} {
		d.may[act] = r.May(act)
	}
	d.signs = d.may[Sign] && signable(r.Grant, d.Voucher) == nil && (d.State == Reviewed || d.State == Posted)
	return d, nil
}

// longStory is how many steps a voucher's page tells.
const longStory = 60

// named names accounts, the rules among them.
func (rm Room) named(r *web.Request, accounts []string) (map[string]string, error) {
	slices.Sort(accounts)
	accounts = slices.DeleteFunc(slices.Compact(accounts), func(a string) bool { return a == "" || a == Auto })
	who, err := rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), accounts)
	if who == nil {
		who = map[string]string{}
	}
	who[Auto] = "规则自动审核"
	return who, err
}

// projectNames names what a line may be for.
func projectNames(r *web.Request, union string) (map[string]string, error) {
	out := map[string]string{Staff: "人员经费", Office: "公用经费"}
	all, err := Projects(r.Ctx, r.Tx, r.Grant, union)
	for _, p := range all {
		out[p.ID] = p.Name
	}
	return out, err
}

// ties finds what the voucher hangs together with: its red one, that of the
// difference, what it is itself one of, and the thing that it books.
func (rm Room) ties(r *web.Request, d *Detail) (err error) {
	if d.Reversed, err = other(r.Ctx, r.Tx, r.Grant.Tenant(), "reverses_id", d.ID); err != nil {
		return err
	}
	if d.Corrected, err = other(r.Ctx, r.Tx, r.Grant.Tenant(), "corrects_id", d.ID); err != nil {
		return err
	}
	d.linked = map[string]string{}
	for _, id := range []string{d.Reversed, d.Corrected, d.ReversesID, d.CorrectsID} {
		if id == "" {
			continue
		}
		v, err := Find(r.Ctx, r.Tx, r.Grant, id)
		if err != nil {
			return err
		}
		d.linked[id] = v.listName() + "（" + v.State.Label() + "）"
	}
	if d.SourceID != "" && rm.Source != nil {
		d.source, err = rm.Source(r.Ctx, r.Tx, r.Grant, d.SourceID)
	}
	return err
}

// waits says who must act next.
func (d Detail) waits() string {
	var out []string
	for _, s := range Procedure.Next(d.State) {
		if !s.Danger && s.Act != Return {
			out = append(out, s.Button+"由"+s.Who()+"办理")
		}
	}
	return strings.Join(out, "；")
}

// line is a row of the voucher as people know it.
type lineRow struct {
	books.Line
	top, detail string // 总账科目, 明细科目
	code        string
	tags        []string
	red         bool
}

// lines are the rows as the paper shows them: the account's name and its code,
// never the code alone.
//
// law: F3.3
func (d Detail) rows() []lineRow {
	out := make([]lineRow, len(d.Lines))
	for i, l := range d.Lines {
		out[i] = d.chart.row(l, d.projects)
	}
	return out
}

func (a Accounts) row(l books.Line, projects map[string]string) lineRow {
	r := lineRow{Line: l, code: l.Account, red: l.Debit < 0 || l.Credit < 0}
	names := strings.Split(a.Name(l.Account), "—")
	r.top, r.detail = names[0], strings.Join(names[1:], "—")
	acc, _ := a.Find(l.Account)
	add := func(label, value string) {
		if value != "" {
			r.tags = append(r.tags, label+value)
		}
	}
	add("", sourceWord(acc, l.Source))
	add("", projects[l.Project])
	add("部门：", l.Dept)
	add("往来：", l.Party)
	add("经济分类：", l.Econ)
	add("功能分类：", l.Func)
	return r
}

func yuan(f money.Fen) string {
	if f == 0 {
		return ""
	}
	return f.Grouped()
}

// totals are the sums of both sides.
func (v Voucher) totals() (debit, credit money.Fen) {
	for _, l := range v.Lines {
		debit += l.Debit
		credit += l.Credit
	}
	return debit, credit
}

// told words what a line of the log says of a voucher.
func (d Detail) told(r audit.Row) ui.Event {
	var did deed
	if err := json.Unmarshal([]byte(r.Change), &did); err != nil {
		did = deed{}
	}
	kind, title := ui.Info, map[string]string{
		"made": "制单", "rewritten": "修改", "draft": "退回修改", "reviewed": "审核", "posted": "记账", "discarded": "作废", "signed": "出纳签章",
		"reverses": "生成红字凭证，冲销 " + did.Voucher, "corrects": "生成差额更正凭证，更正 " + did.Voucher, "attached": "添加附件", "detached": "删除附件",
	}[did.Did]
	if title == "" {
		title = Labels[r.Act]
	}
	switch did.Did {
	case "posted", "signed", "reviewed":
		kind = ui.OK
	case "draft":
		kind = ui.Warn
	case "discarded", "detached":
		kind = ui.Bad
	}
	words := did.Words
	if did.Did == "posted" {
		words = did.Voucher
	}
	if did.Did == "made" || did.Did == "rewritten" {
		words = fmt.Sprintf("%s，%s 元", did.Words, did.Total)
	}
	return ui.Event{Kind: kind, At: r.At.Local(), Title: title, Who: strings.TrimSpace(d.who[r.Account] + " " + r.Office.Label()), Words: words}
}

func (d Detail) events() (out []ui.Event) {
	for _, r := range slices.Backward(d.story) {
		out = append(out, d.told(r))
	}
	return out
}

func (d Detail) version() string { return strconv.FormatInt(d.Version, 10) }

// size is a file's size in words.
func (p Paper) size() string {
	if p.Size < 1<<20 {
		return fmt.Sprintf("%d 千字节", max(1, p.Size>>10))
	}
	return fmt.Sprintf("%d 兆字节", p.Size>>20)
}

func (p Paper) picture() bool {
	return p.Type == "image/jpeg" || p.Type == "image/png" || p.Type == "image/webp"
}

// kindWord names the kind of a file.
func (p Paper) kindWord() string {
	if at := strings.LastIndexByte(p.Name, '.'); at >= 0 && len(p.Name)-at <= 6 {
		return strings.ToUpper(p.Name[at+1:])
	}
	return "文件"
}

// eventWord names the business event that a voucher books.
func eventWord(key string) string {
	for _, e := range books.Events() {
		if e.Key == key || e.ID == key {
			return e.Name
		}
	}
	return key
}
