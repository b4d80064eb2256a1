package member

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// The sealed fields that may be revealed.
const (
	IDField    = "id_no"
	PhoneField = "phone"
)

// shortest reason that is taken, in characters.
const leastReason = 4

// Reveal returns a sealed field in the clear and logs who saw it and why. One's
// own needs no reason, and is logged all the same.
//
// law: R1.74
func Reveal(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m Member, field, reason string, at day.Instant) (string, error) {
	own := m.ID == g.Self() && g.Self() != ""
	reason = strings.TrimSpace(reason)
	n := utf8.RuneCountInString(reason)
	if !own && (n < leastReason || n > longest) {
		return "", &fault.Error{Kind: fault.Invalid, Rule: "R1.74", Text: "查看完整号码要写明用途，本人看得到谁看过、为什么。", Fields: map[string]string{"reason": "用途：请写 4 到 200 个字"}}
	}
	value := ""
	switch field {
	case IDField:
		value = m.Person.IDNo
	case PhoneField:
		value = m.Person.Phone
	default:
		return "", &fault.Error{Kind: fault.Invalid, Text: "请选择要查看的号码。", Fields: map[string]string{"field": "项目：请选证件号码或移动电话"}}
	}
	if value == "" {
		return "", fault.New(fault.Invalid, "这一项没有登记，没有可查看的内容。")
	}
	return value, audit.Write(ctx, tx, g.For(Reveals), m.ID, Deed{Did: "revealed", Field: field, Reason: reason, Own: own}, at)
}

// glimpse is a revealed value on its way to the page that shows it: sealed,
// for one account and a short time.
type glimpse struct {
	At      day.Instant `json:"t"`
	Account string      `json:"a"`
	Member  string      `json:"m"`
	Field   string      `json:"f"`
	Value   string      `json:"v"`
}

// glimpseSeconds is how long the page shows a revealed value.
const glimpseSeconds = 60

func (v glimpse) fresh(g auth.Grant, id string, at day.Instant) bool {
	shown, err1 := time.Parse(time.RFC3339, string(v.At))
	now, err2 := time.Parse(time.RFC3339, string(at))
	return err1 == nil && err2 == nil && v.Account == g.Account() && v.Member == id && now.Before(shown.Add(glimpseSeconds*time.Second))
}

// Entry is one line of a member's log as people read it.
type Entry struct {
	ID    string      `json:"id"`
	At    day.Instant `json:"at"`
	Who   string      `json:"who"`
	Title string      `json:"title"`
	Words string      `json:"words,omitempty"`
	seen  bool        // a sealed field was
}

// logRows is how many lines of the log a page shows.
const logRows = 50

// LogOf reads the log of a member that g was seen to reach.
func LogOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) ([]Entry, error) {
	rows, err := audit.Of(ctx, tx, g, id, "", logRows)
	if err != nil {
		return nil, err
	}
	former, err := formerIDs(ctx, tx, g.Tenant(), id)
	if err != nil {
		return nil, err
	}
	for _, f := range former { // a handful: what was written before a merger
		more, err := audit.Of(ctx, tx, g, f, "", logRows)
		if err != nil {
			return nil, err
		}
		rows = append(rows, more...)
	}
	slices.SortFunc(rows, func(a, b audit.Row) int { return cmp.Compare(b.ID, a.ID) })
	return entries(ctx, tx, g.Tenant(), rows[:min(logRows, len(rows))])
}

// LooksAt lists who saw sealed fields of a member, the latest first, before the
// line with the id before (empty: from the newest on): field by field, and in
// lists taken away with full numbers from the unions above the person's, today
// or before a transfer, which may have held the person. What was seen of a
// membership that was merged into this one counts.
//
// law: R1.74, R1.63
func LooksAt(ctx context.Context, tx *sqldb.Tx, tenant int64, m Member, before string, limit int) ([]Entry, error) {
	where, args, err := seenUnder(ctx, tx, tenant, m)
	if err != nil {
		return nil, err
	}
	args = append(args, cmp.Or(before, "~"), int64(limit))
	rows, err := sqldb.List(ctx, tx, func(row sqldb.Row) (r audit.Row, err error) {
		err = row(&r.ID, &r.At, &r.Account, &r.Office, &r.Acting, &r.Act, &r.Thing, &r.Change)
		return r, err
	}, `
		SELECT l.id, l.at, l.account_id, l.office, l.acting_for, l.act, l.thing_id, l.change FROM audit_rows l
		WHERE l.tenant_id = $1 AND l.act = $2 AND (`+where+`) AND l.id < $`+itoa(len(args)-1)+`
		ORDER BY l.id DESC LIMIT $`+itoa(len(args)), args...)
	if err != nil {
		return nil, err
	}
	return entries(ctx, tx, tenant, rows)
}

// seenUnder is a condition on lines of the log: the things under which somebody
// may have seen a person's numbers, with their parameters from $1 on.
func seenUnder(ctx context.Context, tx *sqldb.Tx, tenant int64, m Member) (where string, args []any, err error) {
	things, err := formerIDs(ctx, tx, tenant, m.ID)
	if err != nil {
		return "", nil, err
	}
	things = append(things, m.ID)
	above, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT r.above_id FROM union_reach r WHERE r.tenant_id = $1 AND r.union_id = $2`, tenant, m.Union.ID)
	if err != nil {
		return "", nil, err
	}
	for _, u := range above {
		things = append(things, listOf(u))
	}
	args = []any{tenant, string(Reveals)}
	for _, t := range things {
		args = append(args, t)
	}
	where = `l.thing_id IN (` + marks(3, len(things)) + `)`
	type left struct{ above, at string }
	earlier, err := sqldb.List(ctx, tx, func(row sqldb.Row) (l left, err error) { return l, row(&l.above, &l.at) }, `
		SELECT r.above_id, max(e.at) FROM member_events e JOIN union_reach r ON r.tenant_id = e.tenant_id AND r.union_id = e.from_union
		WHERE e.tenant_id = $1 AND e.member_id = $2 AND e.from_union <> $3 GROUP BY r.above_id ORDER BY r.above_id`, tenant, m.ID, m.Union.ID)
	for _, l := range earlier {
		if !slices.Contains(above, l.above) {
			args = append(args, listOf(l.above), l.at)
			where += ` OR l.thing_id = $` + itoa(len(args)-1) + ` AND l.at < $` + itoa(len(args))
		}
	}
	return where, args, err
}

func entries(ctx context.Context, tx *sqldb.Tx, tenant int64, rows []audit.Row) ([]Entry, error) {
	accounts := make([]string, len(rows))
	for i, r := range rows {
		accounts[i] = r.Account
	}
	who, err := names(ctx, tx, tenant, accounts)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, len(rows))
	for i, r := range rows {
		var d Deed
		if err := json.Unmarshal([]byte(r.Change), &d); err != nil {
			return nil, err
		}
		out[i] = Entry{ID: r.ID, At: r.At, Who: who.of(r), Title: d.title(), Words: d.words(), seen: d.Did == "revealed" || d.Did == "exported" || d.Did == "copied"}
	}
	return out, nil
}

// title says in a few words what was done.
func (d Deed) title() string {
	switch d.Did {
	case "registered":
		return "登记入会"
	case "corrected":
		return "更正资料"
	case "revealed":
		if d.Own {
			return "本人查看" + fieldLabels[d.Field]
		}
		return "查看" + fieldLabels[d.Field]
	case "exported":
		return "导出名单（完整号码，可能含本人）"
	case "attached":
		return "添加附件"
	case "detached":
		return "删除附件"
	case "printed": // these by package papers
		return "打印" + d.File
	case "paper revoked":
		return "撤销凭证：" + d.File
	case "handed over":
		return "随工会合并移交"
	case "merged":
		return "合并重复的会籍"
	case "unmerged":
		return "撤销合并"
	case "copied":
		if d.Own {
			return "本人取走全部资料"
		}
		return "为近亲属取走全部资料"
	case "minimised":
		return "按保存期限清理资料"
	}
	return Step(d.Did).Label()
}

// words tell the rest.
func (d Deed) words() string {
	var out []string
	add := func(label, text string) {
		if text != "" {
			out = append(out, label+text)
		}
	}
	for _, name := range fieldOrder {
		c, ok := d.Fields[name]
		switch {
		case !ok:
		case c[1] == changedNumber:
			out = append(out, fieldLabels[name]+changedNumber)
		default:
			out = append(out, fieldLabels[name]+"：“"+c[0]+"”改为“"+c[1]+"”")
		}
	}
	if d.From != "" && d.To != "" && d.From != d.To {
		out = append(out, d.From+" → "+d.To)
	} else if d.Did == "registered" {
		add("", d.To)
	}
	add("日期 ", string(d.Day))
	add("文号 ", d.Document)
	add("", d.File)
	if d.Did == "revealed" || d.Did == "exported" {
		add("用途：", d.Reason)
	} else {
		add("", d.Reason)
	}
	return strings.Join(out, "；")
}

// fieldOrder is the order in which the log tells of fields.
var fieldOrder = []string{"name", "sex", "birthday", "id_type", "id_no", "phone", "joined", "ethnic", "education", "politics", "employment", "skill",
	"household", "domicile", "native", "migrant", "work_unit", "duty", "title", "email", "outer_card"}
