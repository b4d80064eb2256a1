package bank

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sheet"
)

// What a column of a statement can hold. The bank writes from its own side: a
// debit (借方) is money that went, a credit (贷方) money that came.
var statementFields = []sheet.Field{
	{Key: "day", Label: "交易日期", Synonyms: []string{"记账日期", "入账日期", "交易时间", "日期", "记账时间", "业务日期", "交易日", "入账时间", "会计日期"}},
	{Key: "went", Label: "支出", Synonyms: []string{"借方", "借方发生额", "借方金额", "支出金额", "支取", "付款金额", "转出金额", "付出", "借方发生额（支取）", "借方发生额(支出)", "支出（元）"}},
	{Key: "came", Label: "收入", Synonyms: []string{"贷方", "贷方发生额", "贷方金额", "收入金额", "存入", "收款金额", "转入金额", "收进", "贷方发生额（收入）", "贷方发生额(收入)", "收入（元）"}},
	{Key: "amount", Label: "交易金额", Synonyms: []string{"金额", "发生额", "发生金额", "交易额", "金额（元）"}},
	{Key: "side", Label: "借贷标志", Synonyms: []string{"借贷", "借/贷", "收支", "收付标志", "借贷方向", "收支标志", "收/支", "收付", "交易方向", "借贷标识"}},
	{Key: "balance", Label: "余额", Synonyms: []string{"账户余额", "帐户余额", "本次余额", "交易后余额", "当前余额", "账面余额", "余额（元）"}},
	{Key: "summary", Label: "摘要", Synonyms: []string{"交易摘要", "业务摘要", "摘要说明", "交易类型", "业务类型"}},
	{Key: "purpose", Label: "用途", Synonyms: []string{"附言", "备注", "交易用途", "交易附言", "用途/附言", "个性化信息", "客户附言", "交易说明"}},
	{Key: "other", Label: "对方户名", Synonyms: []string{"对方名称", "对方单位名称", "交易对方", "对方账户名称", "对方帐户名称", "对方单位", "收（付）方名称", "收/付方名称", "对手方户名", "交易对手"}},
	{Key: "other_no", Label: "对方账号", Synonyms: []string{"对方帐号", "对方账户", "对方帐户", "收（付）方账号", "收/付方账号", "交易对方账号", "对方卡号/账号"}},
	{Key: "flow", Label: "流水号", Synonyms: []string{"交易流水号", "流水", "交易序号", "柜员流水号", "核心流水号", "业务编号", "回单编号", "交易编号", "凭证号", "凭证号码"}},
}

func fieldLabel(key string) string {
	for _, f := range statementFields {
		if f.Key == key {
			return f.Label
		}
	}
	return ""
}

// Severity is what a problem means for its row.
type Severity string

const (
	Refuse Severity = "refuse" // 不收
	Warn   Severity = "warn"   // 收下，但要看
)

// Problem is what is wrong with a row, by the sheet's own row number.
type Problem struct {
	Row      int64    `json:"row"`
	Column   string   `json:"column,omitempty"`
	Severity Severity `json:"severity"`
	Code     string   `json:"code"`
	Message  string   `json:"message"`
	Rule     string   `json:"rule,omitempty"`
}

// Read is a statement as it was understood.
type Read struct {
	Sheet    string            `json:"sheet,omitempty"`
	Headers  []string          `json:"headers"`
	Layout   map[string]string `json:"layout"` // header to field
	Sure     map[string]bool   `json:"sure"`   // headers that were known for certain
	Samples  map[string]string `json:"-"`
	Rows     int64             `json:"rows"`
	Refused  int64             `json:"refused"`
	Lines    []Line            `json:"-"`
	Problems []Problem         `json:"problems"`
	Opening  *money.Fen        `json:"opening,omitempty"`
	Closing  *money.Fen        `json:"closing,omitempty"`
}

// statementLimits bound what is read within a request.
var statementLimits = sheet.Limits{Bytes: 20 << 20, Unzipped: 200 << 20, Columns: 200, Rows: 20_000}

// ReadStatement reads a bank's statement, xlsx or csv in any encoding. known is
// what the account's columns were said to be before, header by header. A file
// without a date and an amount is fault.Invalid; a row that cannot be read is
// a Problem.
//
// law: S2-42, K8
func ReadStatement(src io.ReaderAt, size int64, name string, known map[string]string, today day.Day) (Read, error) {
	book, err := sheet.Open(src, size, name, statementLimits)
	if err != nil {
		return Read{}, err
	}
	defer book.Close()
	is := sheet.Known(statementFields)
	head, err := book.FindHead(func(h string) bool { return is(h) || known[h] != "" && known[h] != "-" })
	if fault.Of(err).Kind == fault.Invalid && err != nil {
		return Read{}, fault.New(fault.Invalid, "「%s」里没有找到表头。前 30 行之内要有一行写明各列的名称，例如“交易日期”“借方发生额”“贷方发生额”“余额”；请补上后重新上传。", name)
	}
	if err != nil {
		return Read{}, err
	}
	r := &reader{Read: Read{Sheet: book.Sheets()[head.Sheet].Name}, book: book, today: today, at: map[string]int{}, minus: map[int64]bool{}}
	r.columns(head.Names, known)
	if err := r.samples(head); err != nil {
		return r.Read, err
	}
	if !r.whole() {
		r.Problems = append(r.Problems, Problem{Severity: Refuse, Code: "columns.missing", Message: "没有认出日期或金额的列。请在“对应列”里指明：日期一列；金额或者收入、支出两列，或者一列金额加借贷标志。", Rule: "K8"})
		return r.Read, nil
	}
	var required []int
	for _, k := range []string{"day", "went", "came", "amount"} {
		if c, ok := r.at[k]; ok {
			required = append(required, c)
		}
	}
	if _, err := book.Rows(head, required, r.row); err != nil {
		return r.Read, err
	}
	r.settle()
	return r.Read, nil
}

type reader struct {
	Read
	minus map[int64]bool // rows whose spending is written with a minus
	plus  bool           // one is not
	book  *sheet.Book
	today day.Day
	at    map[string]int // column by field
	names []string
}

// columns says which column is what: as said before, else by its name.
func (r *reader) columns(names []string, known map[string]string) {
	r.names, r.Layout, r.Sure = uniqueNames(names), map[string]string{}, map[string]bool{}
	for i, n := range r.names {
		if n == "" {
			continue
		}
		r.Headers = append(r.Headers, n)
		r.Layout[n] = ""
		if f := known[n]; f != "" {
			r.Sure[n] = true
			if _, taken := r.at[f]; f != "-" && !taken {
				r.Layout[n], r.at[f] = f, i
			}
		}
	}
	for _, m := range sheet.Guess(names, statementFields) {
		n := r.names[m.Column]
		if _, taken := r.at[m.Key]; taken || n == "" || known[n] != "" {
			continue
		}
		r.Layout[n], r.Sure[n], r.at[m.Key] = m.Key, m.Score >= 80, m.Column
	}
}

// uniqueNames tells columns of one name apart by their place.
func uniqueNames(names []string) []string {
	out, seen := slices.Clone(names), map[string]bool{}
	for i, n := range out {
		if n != "" && seen[n] {
			out[i] = fmt.Sprintf("%s（第 %d 列）", n, i+1)
		}
		seen[out[i]] = true
	}
	return out
}

// samples shows of every column what it begins with, numbers of accounts left
// out.
func (r *reader) samples(head sheet.Head) error {
	all, err := r.book.Samples(head, 2)
	r.Samples = map[string]string{}
	for i, n := range r.names {
		if n == "" || i >= len(all) {
			continue
		}
		for j, s := range all[i] {
			if len(s) >= 12 && strings.Trim(s, "0123456789 ") == "" {
				s = mask(s)
			}
			if j > 0 {
				r.Samples[n] += "、"
			}
			r.Samples[n] += clip(s, 24)
		}
	}
	return err
}

// whole reports whether the columns are enough to read by.
func (r *reader) whole() bool {
	has := func(k string) bool { _, ok := r.at[k]; return ok }
	return has("day") && (has("amount") || has("went") && has("came"))
}

// text is what a row holds for a field.
func (r *reader) text(row *sheet.Row, field string) string {
	c, ok := r.at[field]
	if !ok {
		return ""
	}
	return strings.TrimSpace(row.Cell(c).Text)
}

func (r *reader) header(field string) string {
	if c, ok := r.at[field]; ok {
		return r.names[c]
	}
	return ""
}

func (r *reader) tell(row int, field string, s Severity, code, format string, args ...any) {
	if len(r.Problems) < 1000 {
		r.Problems = append(r.Problems, Problem{Row: int64(row), Column: r.header(field), Severity: s, Code: code, Message: fmt.Sprintf(format, args...), Rule: "K8"})
	}
}

// notes begin rows that carry a balance over or add up.
var notes = []string{"期初", "承前", "上期余额", "上页", "过次页", "转次页", "合计", "累计", "小计", "总计", "本页"}

// row judges one row.
func (r *reader) row(row *sheet.Row) error {
	l := Line{Row: int64(row.N), Flow: clip(r.text(row, "flow"), 60), Other: clip(r.text(row, "other"), 100), OtherNo: clip(r.text(row, "other_no"), 40)}
	l.Summary = clip(strings.TrimSpace(r.text(row, "summary")+" "+r.text(row, "purpose")), 200)
	blank := r.text(row, "went") == "" && r.text(row, "came") == "" && r.text(row, "amount") == ""
	first := strings.TrimSpace(r.text(row, "day") + r.text(row, "summary"))
	if (blank || r.text(row, "day") == "") && slices.ContainsFunc(notes, func(w string) bool { return strings.Contains(first+l.Summary, w) }) {
		return nil
	}
	r.Rows++
	before := len(r.Problems)
	l.Day = r.day(row)
	l.Amount = r.amount(row, blank)
	if text := r.text(row, "balance"); text != "" {
		if n, err := amountOf(text); err == nil {
			l.Balance = &n
		} else {
			r.tell(row.N, "balance", Warn, "balance.unreadable", "余额“%s”读不出来，这一行不按余额核对。", clip(text, 30))
		}
	}
	for _, p := range r.Problems[before:] {
		if p.Severity == Refuse {
			r.Refused++
			return nil
		}
	}
	if l.Amount == 0 {
		return nil
	}
	r.Lines = append(r.Lines, l)
	return nil
}

// day reads when it was.
func (r *reader) day(row *sheet.Row) day.Day {
	text := r.text(row, "day")
	d, ok := dayOf(text, r.book.Serial)
	switch {
	case text == "":
		r.tell(row.N, "day", Refuse, "date.missing", "没有日期，这一行没有收下。")
	case !ok:
		r.tell(row.N, "day", Refuse, "date.unreadable", "日期“%s”读不出来。请按 2026-03-05 的样子改好后重新上传。", clip(text, 30))
	case d > r.today:
		r.tell(row.N, "day", Refuse, "date.future", "日期 %s 还没有到，请核对这一行。", d)
	}
	return d
}

// amount reads how much came or went.
func (r *reader) amount(row *sheet.Row, blank bool) money.Fen {
	if blank {
		r.tell(row.N, r.moneyColumn(), Refuse, "amount.missing", "没有金额，这一行没有收下。")
		return 0
	}
	read := func(field string) money.Fen {
		text := r.text(row, field)
		if text == "" || strings.Trim(text, "-—－/ ") == "" {
			return 0
		}
		n, err := amountOf(text)
		if err != nil {
			r.tell(row.N, field, Refuse, "amount.unreadable", "金额“%s”：%s", clip(text, 30), fault.Of(err).Text)
		}
		return n
	}
	if _, two := r.at["went"]; two && r.text(row, "went")+r.text(row, "came") != "" {
		came, went := read("came"), read("went")
		if came != 0 && went != 0 {
			r.tell(row.N, "came", Refuse, "amount.both", "收入和支出都填了金额，不知道是哪一笔，这一行没有收下。")
		}
		r.plus = r.plus || went > 0
		if went < 0 {
			r.minus[int64(row.N)] = true
		}
		return came - went
	}
	n := read("amount")
	if _, has := r.at["side"]; !has {
		return n
	}
	switch side := r.text(row, "side"); sideOf(side) {
	case 1:
		return n
	case -1:
		return -n
	default:
		r.tell(row.N, "side", Refuse, "side.unknown", "借贷标志“%s”认不出是收入还是支出，这一行没有收下。", clip(side, 20))
	}
	return 0
}

func (r *reader) moneyColumn() string {
	for _, k := range []string{"amount", "went", "came"} {
		if _, ok := r.at[k]; ok {
			return k
		}
	}
	return ""
}

// clip shortens a text.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n]) + "…"
}
