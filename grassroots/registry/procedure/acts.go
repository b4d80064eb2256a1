package procedure

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
)

// Deed is what the log says of an act on a case or a certificate.
type Deed struct {
	Did      string   `json:"did"`
	Title    string   `json:"title,omitempty"`
	From     string   `json:"from,omitempty"`
	To       string   `json:"to,omitempty"`
	Words    string   `json:"words,omitempty"`
	Document string   `json:"document,omitempty"`
	Reply    string   `json:"reply,omitempty"`
	File     string   `json:"file,omitempty"`
	Items    []string `json:"items,omitempty"`
}

// titleOf says in a line what a case is for.
func titleOf(k Kind, u registry.Union, fields map[string]string) string {
	if k == Found {
		return "建立" + fields["name"]
	}
	return u.Name + k.Label()
}

// Asking is a case as it is filled in.
type Asking struct {
	Kind   Kind              `json:"kind" doc:"事项"`
	Union  string            `json:"union" doc:"工会编码"` // of a founding the one above
	Fields map[string]string `json:"fields" doc:"表格内容"`
}

// Open begins a case as a draft. A unit that has no union yet is asked for
// under the union that will stand above it.
func Open(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Asking, at day.Instant) (Case, error) {
	if !slices.Contains(Kinds, in.Kind) {
		return Case{}, incomplete("", "还没有选择要办的事项。", map[string]string{"kind": "事项：请从列表中选择"})
	}
	if in.Union == "" {
		return Case{}, incomplete("", "还没有选择工会。", map[string]string{"union": "工会：请选择要办事的工会"})
	}
	u, err := registry.ByCode(ctx, tx, g, in.Union)
	if err != nil {
		return Case{}, err
	}
	fields := tidy(in.Kind, in.Fields)
	if err := suits(in.Kind, u); err != nil {
		return Case{}, err
	}
	if err := draftable(in.Kind, fields); err != nil {
		return Case{}, err
	}
	c := Case{ID: sqldb.NewID(), Kind: in.Kind, Union: u.Ref(), State: Draft, Fields: fields, Account: g.Account(), Made: at, Entered: at.Day(), Version: 1}
	c.Title = titleOf(c.Kind, u, fields)
	m := audit.Moves{}
	if err := insert(ctx, tx, g, m, c); err != nil {
		return c, err
	}
	if err := c.flow().Trace(ctx, tx, g, m, c.ID, "", Draft, flow.Given{}, at); err != nil {
		return c, err
	}
	return c, m.Write(ctx, tx, g, c.ID, Deed{Did: "opened", Title: c.Title, To: string(Draft)}, at)
}

// draftable refuses what can't even be kept: wrong values, and a founding
// without a name.
func draftable(k Kind, fields map[string]string) error {
	wrong := judge(k, fields, false)
	if k == Found && fields["name"] == "" {
		wrong["fields.name"] = "工会名称：请填写，草稿也要有名称"
	}
	if len(wrong) > 0 {
		return incomplete("", "有的内容填得不对，请按提示改正后再提交。", wrong)
	}
	return nil
}

// suits refuses a kind of case that the union can't have.
//
// law: LEG-01, LEG-06
func suits(k Kind, u registry.Union) error {
	switch {
	case u.State != registry.Standing && k != Cancel:
		return fault.New(fault.Conflict, "%s%s，不能再办理此事项。请改选存续的工会。", u.Name, u.State.Label())
	case k == Found && len(u.Kind.Takes()) == 0:
		return incomplete("ORG-02", "这家工会下面不能再设工会。", map[string]string{"union": u.Name + "是" + u.Kind.Label() + "，下面不能再设工会，请改选上级"})
	case k.Legal() && (u.Kind.Part() || u.Kind == registry.National || u.Kind == registry.Province || u.Kind == registry.City || u.Kind == registry.County || u.Kind == registry.Industry):
		return fault.ByRule(fault.Invalid, "LEG-01", "%s是%s，不办理法人登记。", u.Name, u.Kind.Label())
	case !k.Legal() && k != Found && u.ParentID == "":
		return fault.New(fault.Invalid, "%s是最上级的工会，它的变动不在这里办理。", u.Name)
	}
	return nil
}

// editable refuses changes to a case that has left who asks.
func (c Case) editable() error {
	if c.State == Draft || c.State == Returned {
		return nil
	}
	return fault.New(fault.Conflict, "现在是“%s”，不能再改。要改请先撤回，或请审查的人退回。", c.State.Label())
}

// theirs refuses whoever does not stand on the side that asks.
func theirs(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c Case) error {
	past, err := c.flow().History(ctx, tx, g, c.ID)
	if err != nil {
		return err
	}
	if len(past) > 0 && past[0].Office != g.Office() && past[0].Account != g.Account() {
		return fault.ByRule(fault.Denied, "ORG-02", "这件事由%s提出，请由提出的一方办理。", past[0].Office.Label())
	}
	return nil
}

// Amend writes what the form of a draft, or of a returned case, holds.
func Amend(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, fields map[string]string, at day.Instant) (Case, error) {
	c, err := hold(ctx, tx, g, id, version)
	if err != nil {
		return c, err
	}
	if err := c.editable(); err != nil {
		return c, err
	}
	if err := theirs(ctx, tx, g, c); err != nil {
		return c, err
	}
	c.Fields = tidy(c.Kind, fields)
	if err := draftable(c.Kind, c.Fields); err != nil {
		return c, err
	}
	u, err := registry.Find(ctx, tx, g, c.Union.ID)
	if err != nil {
		return c, err
	}
	c.Title = titleOf(c.Kind, u, c.Fields)
	m := audit.Moves{}
	if err := save(ctx, tx, g, m, c.State, &c); err != nil {
		return c, err
	}
	return c, m.Write(ctx, tx, g, c.ID, Deed{Did: "amended", Title: c.Title}, at)
}

// Taking is a step with what it brings: words, the number and day of a letter,
// and of a certificate what stands on it.
type Taking struct {
	ID       string  `json:"id"`
	Version  int64   `json:"version" doc:"版本"`
	Words    string  `json:"words" doc:"说明"`
	Document string  `json:"document" doc:"文号"`
	Day      day.Day `json:"day" doc:"日期"` // of the letter; empty: today
	Entry
}

// Take makes the step of g's action on a case. For refusals see flow.Advance;
// a form or a list of papers that is not whole is fault.Invalid naming each.
func (rm Room) Take(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Taking, at day.Instant) (Case, error) {
	c, err := hold(ctx, tx, g, in.ID, in.Version)
	if err != nil {
		return c, err
	}
	in.Words, in.Document = strings.TrimSpace(in.Words), strings.TrimSpace(in.Document)
	m, from := audit.Moves{}, c.State
	step, err := c.flow().Advance(ctx, tx, g, m, c.ID, c.State, "", flow.Given{Words: in.Words, Document: in.Document}, at)
	if err != nil {
		return c, err
	}
	if g.Action() == Submit || g.Action() == Withdraw {
		if err := theirs(ctx, tx, g, c); err != nil {
			return c, err
		}
	}
	level := c.Level
	c.State = step.To
	if err := rm.carry(ctx, tx, g, m, &c, in, at); err != nil {
		return c, err
	}
	if c.State != from || c.Level != level {
		if err := c.wait(ctx, tx, g, at.Day()); err != nil {
			return c, err
		}
	}
	if !c.State.Open() {
		c.Ended = at
	}
	if err := save(ctx, tx, g, m, from, &c); err != nil {
		return c, err
	}
	if err := tell(ctx, tx, g, c, from, in, at); err != nil {
		return c, err
	}
	d := Deed{Did: "stepped", Title: c.Title, From: string(from), To: string(c.State), Words: in.Words, Document: in.Document, Reply: c.Reply}
	return c, m.Write(ctx, tx, g, c.ID, d, at)
}

// carry does what the step of g's action does beside moving the case.
func (rm Room) carry(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, c *Case, in Taking, at day.Instant) error {
	switch g.Action() {
	case Submit:
		return c.handIn(ctx, tx, g, at)
	case Approve:
		return rm.approve(ctx, tx, g, m, c, at)
	case Record, Decline:
		if err := c.letter(in, at.Day()); err != nil || g.Action() == Decline {
			return err
		}
		return rm.approve(ctx, tx, g, m, c, at)
	case Issue:
		_, c.Level = c.stand().filed()
		return issue(ctx, tx, g, m, c, in.Entry, at)
	case File:
		_, c.Level = c.stand().filed()
		return c.letter(in, at.Day())
	case Prolong:
		return c.prolong(ctx, tx, g)
	}
	return nil
}

// letter takes down a letter from above: its number, and its day.
func (c *Case) letter(in Taking, today day.Day) error {
	if in.Day == "" {
		in.Day = today
	}
	if in.Day > today || in.Day < c.Submitted.Day() {
		return incomplete("", "来文的日期不对。", map[string]string{"day": fmt.Sprintf("日期：应在提交日 %s 到今天之间", c.Submitted.Day())})
	}
	c.OuterDoc, c.OuterOn = in.Document, in.Day
	return nil
}

// prolong gives the state's clock its time once more (延长一次).
func (c *Case) prolong(ctx context.Context, tx *sqldb.Tx, g auth.Grant) error {
	if c.Prolonged > 0 {
		return fault.New(fault.Conflict, "这一步的期限已经延长过一次，不能再延长，请尽快办理。")
	}
	clock, err := limit(ctx, tx, g, c.Kind, c.State, c.Due)
	c.Due, c.AlertOn, c.Alerted, c.Prolonged = clock.Due, clock.Alert, 0, 1
	return err
}

// handIn asks for everything that a case must bring, and writes down the chain
// and the register as they stand.
//
// law: ORG-02, LEG-02
func (c *Case) handIn(ctx context.Context, tx *sqldb.Tx, g auth.Grant, at day.Instant) error {
	if wrong := judge(c.Kind, c.Fields, true); len(wrong) > 0 {
		return incomplete(c.Kind.rule(), "表格还没有填完，请先补齐。", wrong)
	}
	papers, err := papersOf(ctx, tx, g, *c)
	if err != nil {
		return err
	}
	if lack := missing(papers); len(lack) > 0 {
		return incomplete(c.Kind.rule(), fmt.Sprintf("还缺 %d 份材料，请上传后再提交。", len(lack)), lack)
	}
	u, err := registry.Hold(ctx, tx, g, c.Union.ID)
	if err != nil && (c.Kind != Cancel || fault.Of(err).Kind != fault.Conflict) {
		return err
	}
	same, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM cases c WHERE c.tenant_id = $1 AND c.union_id = $2 AND c.kind = $3 AND c.title = $4 AND c.id <> $5
		AND c.state IN ('submitted', 'returned', 'checked', 'sent', 'approved', 'filing')`, g.Tenant(), c.Union.ID, string(c.Kind), c.Title, c.ID)
	if err != nil {
		return err
	}
	if same > 0 {
		return fault.New(fault.Conflict, "“%s”已经提交过，正在办理。请打开那一件，或先撤回它。", c.Title)
	}
	if err := c.sensible(ctx, tx, g, u, at.Day()); err != nil {
		return err
	}
	c.Level, c.Submitted = 0, at
	c.Chain, err = chainOf(ctx, tx, g.Tenant(), c.Kind, at.Day())
	return err
}

// target finds the union that a field of the form names by its code, wherever
// in the office it stands.
func (c Case) target(ctx context.Context, tx *sqldb.Tx, g auth.Grant, name string) (registry.Union, error) {
	all, err := registry.Known(ctx, tx, g)
	if err != nil {
		return registry.Union{}, err
	}
	i := slices.IndexFunc(all, func(u registry.Union) bool { return u.Code == c.Fields[name] && u.State == registry.Standing })
	if i < 0 {
		return registry.Union{}, incomplete("", "有的内容填得不对，请按提示改正后再提交。", map[string]string{"fields." + name: "没有这家工会，或已不存续，请重新选择"})
	}
	return all[i], nil
}

// sensible refuses what the register knows can't be done.
//
// law: LEG-04, LEG-06
func (c *Case) sensible(ctx context.Context, tx *sqldb.Tx, g auth.Grant, u registry.Union, today day.Day) error {
	switch c.Kind {
	case Move, Merge:
		_, err := c.target(ctx, tx, g, map[Kind]string{Move: "parent", Merge: "into"}[c.Kind])
		return err
	case Found, Rename, Dissolve:
		return nil
	}
	cert, has, err := CertificateOf(ctx, tx, g, c.Union.ID)
	if err != nil {
		return err
	}
	valid := has && cert.State == Valid
	switch {
	case c.Kind == Registration && valid:
		return fault.ByRule(fault.Conflict, "LEG-04", "%s已有法人资格证书，请改办变更登记或换领证书。", c.Union.Name)
	case c.Kind != Registration && !valid:
		return fault.ByRule(fault.Conflict, "LEG-02", "%s没有有效的法人资格证书，请先办理法人资格登记；已有证书的，请组织干事补登。", c.Union.Name)
	case c.Kind == Extend:
		return c.extendable(ctx, tx, g, cert, today)
	case c.Kind == Change:
		c.Registered, err = registered(ctx, tx, g, u, cert)
	}
	return err
}

// extendable refuses an extension beyond what the term's may be.
//
// law: LEG-04, ELE-02
func (c *Case) extendable(ctx context.Context, tx *sqldb.Tx, g auth.Grant, cert Certificate, today day.Day) error {
	book, err := rulebook.Of(ctx, tx, g.Tenant())
	if err != nil {
		return err
	}
	months, err := book.Int("term.extension.max_months", lawPlace(g), today)
	if err != nil {
		return err
	}
	until, last := day.Day(c.Fields["until"]), cert.To.AddMonths(months)
	if until <= cert.To || until > last {
		return incomplete("LEG-04", "展期的日期不对。", map[string]string{"fields.until": fmt.Sprintf("展期到：应在证书届满日 %s 之后，最晚到 %s（延期换届不超过 %d 个月）", cert.To, last, months)})
	}
	return nil
}
