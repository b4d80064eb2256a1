package member

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// Deed is what the log tells of an act on a member; no number stands in it.
type Deed struct {
	Did      string               `json:"did"` // registered, corrected, revealed, attached, detached, or a Step
	Fields   map[string][2]string `json:"fields,omitempty"`
	Field    string               `json:"field,omitempty"`
	Reason   string               `json:"reason,omitempty"`
	Document string               `json:"document,omitempty"`
	Day      day.Day              `json:"day,omitempty"`
	From     string               `json:"from,omitempty"`
	To       string               `json:"to,omitempty"`
	File     string               `json:"file,omitempty"`
	Own      bool                 `json:"own,omitempty"`  // the person's own doing
	Rows     int64                `json:"rows,omitempty"` // of a list
}

// Register admits a person to the union with the code, on the day that its
// committee approved (no day: today). Somebody who is a member already,
// wherever in the tenant, is fault.Conflict.
//
// law: MEM-02, MEM-05
func Register(ctx context.Context, tx *sqldb.Tx, g auth.Grant, code string, f Form, joined day.Day, document string, at day.Instant) (Member, error) {
	today := at.Day()
	p, err := f.person(today)
	fields := fault.Of(err).Fields
	if err == nil {
		fields = map[string]string{}
	} else if fields == nil {
		return Member{}, err
	}
	if joined == "" {
		joined = today
	}
	if joined > today {
		fields["joined"] = "入会时间：不能晚于今天"
	}
	u, err := registry.ByCode(ctx, tx, g, code)
	if err != nil {
		if fault.Of(err).Kind != fault.NotFound {
			return Member{}, err
		}
		fields["union"] = "所属工会：请从列表中选择您管理的工会"
	}
	if len(fields) > 0 {
		return Member{}, &fault.Error{Kind: fault.Invalid, Text: "有的内容填得不对，请按提示改正后再提交。", Fields: fields}
	}
	if u, err = registry.Hold(ctx, tx, g, u.ID); err != nil {
		return Member{}, err
	}
	if err := nobody(ctx, tx, g, p, ""); err != nil {
		return Member{}, err
	}
	number, err := CardNumbers(ctx, tx, g.Tenant(), u.Ref(), 1)
	if err != nil {
		return Member{}, err
	}
	m := Member{ID: sqldb.NewID(), Union: u.Ref(), Person: p, CardNo: number(), Status: Active, Joined: joined, Version: 1}
	b := NewBatch(tx, g, at)
	err = b.Insert(ctx, []Member{m}, []Event{{ID: sqldb.NewID(), MemberID: m.ID, Type: Joins, Day: joined, To: u.ID, Document: strings.TrimSpace(document)}})
	if fault.Of(err).Kind == fault.Conflict {
		return m, errors.Join(fault.ByRule(fault.Conflict, "MEM-05", "此人刚刚已由他人登记，请刷新列表后再看。"), err)
	}
	if err != nil {
		return m, err
	}
	return m, b.Audit(ctx, m.ID, Deed{Did: "registered", To: u.Name, Day: joined, Document: strings.TrimSpace(document)})
}

// nobody refuses a number of identity that somebody else but except has. What
// is beyond g's reach is told no more than that it is there.
//
// law: MEM-05
func nobody(ctx context.Context, tx *sqldb.Tx, g auth.Grant, p Person, except string) error {
	id, err := ByNumber(ctx, tx, g.Tenant(), p.IDType, p.IDNo)
	if err != nil || id == except && id != "" {
		return err
	}
	if id == "" {
		return mergedAway(ctx, tx, g, p, except)
	}
	text := "这个证件号码已在其他工会登记。一人只有一份会籍，请与原工会办理会籍接转。"
	other, err := Find(ctx, tx, g, id)
	switch {
	case err == nil && other.Status.Open():
		text = other.Person.Name + "已是" + other.Union.Name + "的会员（" + other.Status.Label() + "）。一人只有一份会籍，请打开此人的页面办理转接。"
	case err == nil:
		text = other.Person.Name + "曾在" + other.Union.Name + "入会（" + other.Status.Label() + "）。请打开此人的页面办理重新入会。"
	case fault.Of(err).Kind != fault.NotFound:
		return err
	}
	return &fault.Error{Kind: fault.Conflict, Rule: "MEM-05", Text: text, Fields: map[string]string{"id_no": "证件号码：此人已经登记"}}
}

// mergedAway refuses the number of a membership that was merged into another;
// the survivor itself may take it.
//
// law: MEM-05
func mergedAway(ctx context.Context, tx *sqldb.Tx, g auth.Grant, p Person, except string) error {
	into, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT x.kept_id FROM merges x WHERE x.tenant_id = $1 AND x.state = 'merged' AND x.blind = $2 ORDER BY x.id DESC`,
		g.Tenant(), BlindID(tx.Keys(), g.Tenant(), p.IDType, p.IDNo))
	if err != nil || len(into) == 0 || slices.Contains(into, except) {
		return err
	}
	text := "这个证件号码的会籍已与另一份合并，不能再登记。请按姓名查找此人。"
	return &fault.Error{Kind: fault.Conflict, Rule: "MEM-05", Text: text, Fields: map[string]string{"id_no": "证件号码：此人已经登记"}}
}

// Correct writes the form over what is registered of a member, in the version
// that was read; whoever was faster is told with fault.Conflict.
func Correct(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, f Form, joined day.Day, at day.Instant) (Member, error) {
	was, err := read(ctx, tx, g, id, version)
	if err != nil {
		return was, err
	}
	p, err := f.person(at.Day())
	if err != nil {
		return was, err
	}
	if joined > at.Day() {
		return was, &fault.Error{Kind: fault.Invalid, Text: "入会时间不对，请改正后再提交。", Fields: map[string]string{"joined": "入会时间：不能晚于今天"}}
	}
	now := was
	now.Person, now.Joined = p, joined
	changed := difference(was.Person, p)
	if was.Joined != joined {
		changed["joined"] = [2]string{string(was.Joined), string(joined)}
	}
	if len(changed) == 0 {
		return was, nil
	}
	if err := nobody(ctx, tx, g, p, was.ID); err != nil {
		return was, err
	}
	b := NewBatch(tx, g, at)
	err = b.Update(ctx, was, now)
	if err != nil {
		return was, err
	}
	now.Version++
	return now, b.Audit(ctx, now.ID, Deed{Did: "corrected", Fields: changed})
}

// read finds a member in the version that somebody saw, 0 for whichever. A
// later one is fault.Conflict that says who changed it and when.
func read(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64) (Member, error) {
	m, err := Find(ctx, tx, g, id)
	if err != nil || version == 0 || version == m.Version {
		return m, err
	}
	last, err := audit.Last(ctx, tx, g, id)
	if err != nil {
		if fault.Of(err).Kind == fault.NotFound {
			return m, fault.New(fault.Conflict, "%s的资料刚刚已由他人改过，请刷新后再办。", m.Person.Name)
		}
		return m, err
	}
	who, err := names(ctx, tx, g.Tenant(), []string{last.Account})
	if err != nil {
		return m, err
	}
	return m, fault.New(fault.Conflict, "%s的资料已由%s于 %s 改过，请刷新后再办。", m.Person.Name, who.of(last), last.At.Local())
}

// Alter takes a step of a membership, in the version that was read. A step
// that is not open any more is fault.Conflict.
//
// law: MEM-25
func Alter(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, s Step, p Paper, at day.Instant) (Member, error) {
	m, err := read(ctx, tx, g, id, version)
	if err != nil {
		return m, err
	}
	b := NewBatch(tx, g, at)
	now, d, err := b.step(ctx, m, s, p)
	if err != nil {
		return m, err
	}
	return now, b.Audit(ctx, id, d)
}

// step writes one step of one membership and returns what the log tells.
func (b *Batch) step(ctx context.Context, m Member, s Step, p Paper) (Member, Deed, error) {
	if m.Person.IDNo == "" {
		return m, Deed{}, fault.ByRule(fault.Conflict, "R1.75", "此人的资料已按保存期限清理。如重新入会，请重新登记。")
	}
	w, err := moveOf(m, s)
	if err != nil {
		return m, Deed{}, err
	}
	past, err := History(ctx, b.tx, b.g, m.ID)
	if err != nil {
		return m, Deed{}, err
	}
	since := m.Joined
	for _, e := range past {
		since = max(since, e.Day)
	}
	if err := p.check(w, since, b.at.Day()); err != nil {
		return m, Deed{}, err
	}
	now := w.apply(m, p)
	if s == Transfer {
		if now.Union, err = b.target(ctx, m, p.Union); err != nil {
			return m, Deed{}, err
		}
	}
	if err := b.Update(ctx, m, now); err != nil {
		return m, Deed{}, err
	}
	e := Event{ID: sqldb.NewID(), MemberID: m.ID, Type: w.event, Day: p.Day, Reason: p.reason(), From: m.Union.ID, To: now.Union.ID, Document: p.Document}
	d := Deed{Did: string(s), Reason: e.Reason, Document: p.Document, Day: p.Day, From: m.Status.Label(), To: now.Status.Label()}
	if s == Transfer {
		d.From, d.To = m.Union.Name, now.Union.Name
	}
	now.Version++
	return now, d, b.Events(ctx, []Event{e})
}

// target is the union that a member is transferred to; whoever does so must
// reach both.
//
// law: MEM-10
func (b *Batch) target(ctx context.Context, m Member, code string) (registry.Ref, error) {
	wrong := func(text string) error {
		return &fault.Error{Kind: fault.Invalid, Rule: "MEM-10", Text: text, Fields: map[string]string{"union": "转入工会：请改选"}}
	}
	u, err := registry.ByCode(ctx, b.tx, b.g, code)
	switch {
	case err != nil && fault.Of(err).Kind == fault.NotFound:
		return m.Union, wrong("请选择您管理范围内的工会。转到范围以外的工会，请上级工会办理。")
	case err != nil:
		return m.Union, err
	case u.ID == m.Union.ID:
		return m.Union, wrong(m.Person.Name + "已经在这家工会，请选择另一家。")
	}
	u, err = registry.Hold(ctx, b.tx, b.g, u.ID)
	return u.Ref(), err
}

// AlterMany takes the same step of several memberships, all or none.
func AlterMany(ctx context.Context, tx *sqldb.Tx, g auth.Grant, ids []string, s Step, p Paper, at day.Instant) (int, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) == 0 || len(ids) > mostAtOnce {
		return 0, fault.New(fault.Invalid, "请勾选 1 到 %d 名会员后再办。", mostAtOnce)
	}
	for _, id := range ids {
		if _, err := Alter(ctx, tx, g, id, 0, s, p, at); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// mostAtOnce is how many members one act on ticked rows may take.
const mostAtOnce = 200

// holders are people by their accounts.
type holders map[string]string

// of is who wrote r, with the office: 李敏（组织干事）.
func (h holders) of(r audit.Row) string {
	return h.by(r.Account, r.Office, r.Acting != "")
}

func (h holders) by(account string, office auth.Office, acting bool) string {
	label := office.Label()
	if acting {
		label = "代" + label
	}
	switch who := h[account]; {
	case office == "system":
		return "系统"
	case who == "":
		return label
	case office == "":
		return who
	default:
		return who + "（" + label + "）"
	}
}

// names finds who holds the accounts.
func names(ctx context.Context, tx *sqldb.Tx, tenant int64, accounts []string) (holders, error) {
	out := holders{}
	accounts = slices.DeleteFunc(slices.Compact(slices.SortedFunc(slices.Values(accounts), cmp.Compare[string])), func(a string) bool { return a == "" })
	if len(accounts) == 0 {
		return out, nil
	}
	args := []any{tenant}
	for _, a := range accounts {
		args = append(args, a)
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) }, func(v [2]string) error {
		out[v[0]] = v[1]
		return nil
	}, `SELECT id, name FROM accounts WHERE tenant_id = $1 AND id IN (`+marks(2, len(accounts))+`)`, args...)
	return out, err
}

// Names finds who holds the accounts, by their ids.
func Names(ctx context.Context, tx *sqldb.Tx, tenant int64, accounts []string) (map[string]string, error) {
	return names(ctx, tx, tenant, accounts)
}
