package own

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"unionhall/commons/message"
	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/flow"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

const requestColumns = `q.id, q.member_id, m.name, u.name, u.id, q.kind, q.field, q.value, q.reason, q.relative, q.relation, q.contact, q.state, q.due, q.warned, q.late, q.at, q.version`

const fromRequests = `
	FROM data_requests q JOIN members m ON m.tenant_id = q.tenant_id AND m.id = q.member_id
	JOIN unions u ON u.tenant_id = m.tenant_id AND u.id = m.union_id
	WHERE q.tenant_id = $1`

const withinReach = ` AND EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = q.tenant_id AND r.above_id = $2 AND r.union_id = m.union_id)`

func scanRequest(k *seal.Keys, tenant int64) sqldb.Scan[Request] {
	return func(row sqldb.Row) (q Request, err error) {
		var value, contact []byte
		err = row(&q.ID, &q.Member, &q.Name, &q.Union, &q.unionID, &q.Kind, &q.Field, &value, &q.Reason, &q.Relative, &q.Relation, &contact, &q.State, &q.Due, &q.warned, &q.late, &q.At, &q.Version)
		if err == nil && len(value) > 0 {
			q.value, err = k.Open(tenant, "data_requests", "value", value)
		}
		if err == nil && len(contact) > 0 {
			q.contact, err = k.Open(tenant, "data_requests", "contact", contact)
		}
		return q, err
	}
}

// Find returns a request about a member within reach, or fault.NotFound.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Request, error) {
	return sqldb.One(ctx, tx, scanRequest(tx.Keys(), g.Tenant()), `SELECT `+requestColumns+fromRequests+withinReach+` AND q.id = $3`, g.Tenant(), g.Under(), id)
}

// FindMine returns one of g's own requests, or fault.NotFound. What a relative
// asked is nobody's own.
func FindMine(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Request, error) {
	return sqldb.One(ctx, tx, scanRequest(tx.Keys(), g.Tenant()), `SELECT `+requestColumns+fromRequests+` AND q.member_id = $2 AND q.relation IS NULL AND q.id = $3`, g.Tenant(), cmp.Or(g.Self(), "nobody"), id)
}

// Mine lists g's own requests, the latest first.
func Mine(ctx context.Context, tx *sqldb.Tx, tenant int64, memberID string) ([]Request, error) {
	return sqldb.List(ctx, tx, scanRequest(tx.Keys(), tenant), `SELECT `+requestColumns+fromRequests+` AND q.member_id = $2 AND q.relation IS NULL ORDER BY q.id DESC LIMIT 200`, tenant, memberID)
}

// List returns requests within reach: those that wait, the nearest due first,
// or the latest that were answered.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, open bool, after string, limit int) ([]Request, error) {
	text, args := `SELECT `+requestColumns+fromRequests+withinReach, []any{g.Tenant(), g.Under()}
	if open {
		due, id, _ := strings.Cut(after, ",")
		text += ` AND q.state = 'asked' AND (q.due, q.id) > ($3, $4) ORDER BY q.due, q.id LIMIT $5`
		args = append(args, due, id)
	} else {
		text += ` AND q.state <> 'asked' AND q.id < $3 ORDER BY q.id DESC LIMIT $4`
		args = append(args, cmp.Or(after, "~"))
	}
	return sqldb.List(ctx, tx, scanRequest(tx.Keys(), g.Tenant()), text, append(args, int64(limit))...)
}

// Asking is what a person asks.
type Asking struct {
	Kind     Kind   `json:"kind" doc:"申请事项"`
	Field    string `json:"field" doc:"项目"`
	Value    string `json:"value" doc:"应为"`
	Reason   string `json:"reason" doc:"理由"`
	Relative string `json:"relative" doc:"近亲属姓名"`
	Relation string `json:"relation" doc:"与会员的关系"`
	Contact  string `json:"contact" doc:"近亲属联系方式"`
}

const longest = 500

// check judges what is asked about a member.
func (a *Asking) check(m member.Member, today day.Day) error {
	a.Reason, a.Value, a.Relative, a.Contact = strings.TrimSpace(a.Reason), strings.TrimSpace(a.Value), strings.TrimSpace(a.Relative), strings.TrimSpace(a.Contact)
	fields := map[string]string{}
	if n := utf8.RuneCountInString(a.Reason); n < 4 || n > longest {
		fields["reason"] = fmt.Sprintf("理由：请写 4 到 %d 个字", longest)
	}
	all, optional := member.Amendable()
	named := func(list []member.Value) bool {
		return slices.ContainsFunc(list, func(v member.Value) bool { return v.Name == a.Field })
	}
	switch {
	case a.Kind == Correct && !named(all), a.Kind == Delete && a.Field != "" && !named(optional):
		fields["field"] = "项目：请从列表中选择；姓名、性别、出生日期和证件是会籍必需的，只能更正，不能单独删除"
	case a.Kind == Correct && a.Value == "":
		fields["value"] = "应为：请填写正确的内容"
	case a.Kind == Explain || a.Kind == Copy:
		a.Field, a.Value = "", ""
	case a.Kind == Delete:
		a.Value = ""
	case a.Kind != Correct:
		fields["kind"] = "申请事项：请从列表中选择"
	}
	if utf8.RuneCountInString(a.Value) > longest {
		fields["value"] = fmt.Sprintf("应为：最多 %d 个字", longest)
	}
	if len(fields) > 0 {
		return &fault.Error{Kind: fault.Invalid, Rule: "R1.63", Text: "申请还缺少内容，请补齐后再提交。", Fields: fields}
	}
	if m.Minimised() {
		return fault.ByRule(fault.Conflict, "R1.75", "此人的资料已按保存期限清理，没有可更正或删除的内容。")
	}
	if a.Kind == Correct {
		_, err := member.Amended(m, a.Field, a.Value, today)
		return err
	}
	return nil
}

// AskMine files what g's own person asks. The same thing asked again while it
// waits is fault.Conflict.
//
// law: R1.63
func AskMine(ctx context.Context, tx *sqldb.Tx, g auth.Grant, a Asking, at day.Instant) (Request, error) {
	if g.Self() == "" {
		return Request{}, fault.New(fault.NotFound, "您的账号没有对应的会员资料。如果您是会员，请联系本单位工会主席或组织干事登记。")
	}
	m, err := member.Any(ctx, tx, g.Tenant(), g.Self())
	if err != nil {
		return Request{}, err
	}
	if a.Kind == Copy {
		return Request{}, &fault.Error{Kind: fault.Invalid, Text: "自己的资料不用申请，可以在“我的信息”里直接查看和取走。", Fields: map[string]string{"kind": "申请事项：请改选"}}
	}
	a.Relative, a.Relation, a.Contact = "", "", ""
	return file(ctx, tx, g.For(Ask), m, a, at)
}

// AskFor files what a near relative asks about a dead member within reach.
//
// law: R1.63
func AskFor(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, a Asking, at day.Instant) (Request, error) {
	m, err := member.Find(ctx, tx, g, id)
	if err != nil {
		return Request{}, err
	}
	fields := map[string]string{}
	if strings.TrimSpace(a.Relative) == "" {
		fields["relative"] = "近亲属姓名：请填写"
	}
	if !slices.Contains(relations, a.Relation) {
		fields["relation"] = "与会员的关系：请从列表中选择"
	}
	if strings.TrimSpace(a.Contact) == "" {
		fields["contact"] = "近亲属联系方式：请填写，答复要送达本人"
	}
	switch {
	case m.Status != member.Deceased:
		return Request{}, fault.ByRule(fault.Conflict, "R1.63", "近亲属只能就已去世会员的资料提出申请。%s的会籍是“%s”，请由本人提出。", m.Person.Name, m.Status.Label())
	case len(fields) > 0:
		return Request{}, &fault.Error{Kind: fault.Invalid, Rule: "R1.63", Text: "申请还缺少内容，请补齐后再提交。", Fields: fields}
	}
	return file(ctx, tx, g, m, a, at)
}

// relations are who counts as a near relative (近亲属).
var relations = []string{"配偶", "父母", "子女", "兄弟姐妹", "祖父母、外祖父母", "孙子女、外孙子女"}

func file(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m member.Member, a Asking, at day.Instant) (Request, error) {
	if err := a.check(m, at.Day()); err != nil {
		return Request{}, err
	}
	// the member's row is the head: of twenty presses one finds nothing waiting
	if n, err := tx.Exec(ctx, `UPDATE members SET version = version WHERE tenant_id = $1 AND id = $2`, g.Tenant(), m.ID); err != nil || n == 0 {
		return Request{}, cmp.Or(err, fault.New(fault.Conflict, "会员资料刚刚已变动，请刷新后再试。"))
	}
	waits, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM data_requests q WHERE q.tenant_id = $1 AND q.member_id = $2 AND q.state = 'asked' AND q.kind = $3 AND coalesce(q.field, '-') = $4`,
		g.Tenant(), m.ID, string(a.Kind), cmp.Or(a.Field, "-"))
	if err != nil {
		return Request{}, err
	}
	if waits > 0 {
		return Request{}, fault.New(fault.Conflict, "同样的申请正在等待答复，不用再提。可以在申请里看进度，或先撤回。")
	}
	due, err := dueDay(ctx, tx, g.Tenant(), at.Day())
	if err != nil {
		return Request{}, err
	}
	q := Request{ID: sqldb.NewID(), Member: m.ID, Name: m.Person.Name, Union: m.Union.Name, unionID: m.Union.ID, Kind: a.Kind, Field: a.Field, Reason: a.Reason, Relative: a.Relative, Relation: a.Relation,
		State: Asked, Due: due, At: at, Version: 1, value: a.Value, contact: a.Contact}
	_, err = tx.Exec(ctx, `INSERT INTO data_requests (tenant_id, id, member_id, kind, field, value, reason, relative, relation, contact, state, due, account_id, at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, 1)`,
		g.Tenant(), q.ID, q.Member, string(q.Kind), q.Field, sealed(tx.Keys(), g.Tenant(), "value", a.Value), q.Reason, q.Relative, q.Relation, sealed(tx.Keys(), g.Tenant(), "contact", a.Contact),
		string(Asked), string(due), g.Account(), string(at))
	if err != nil {
		return q, err
	}
	moves := audit.Moves{}
	if err := moves.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "data_requests", ID: q.ID}); err != nil {
		return q, err
	}
	if err := Answering.Trace(ctx, tx, g, moves, q.ID, "", Asked, flow.Given{}, at); err != nil {
		return q, err
	}
	err = message.ToUnion(ctx, tx, g.Tenant(), q.unionID, []auth.Office{auth.Chair, auth.Officer}, "个人信息申请："+q.What(), q.Name+"提出，请在 "+string(due)+" 前答复并说明理由。", q.Place(), at)
	if err != nil {
		return q, err
	}
	return q, moves.Write(ctx, tx, g, q.ID, told{Did: "asked", Member: m.ID, Kind: q.Kind, Field: q.Field}, at)
}

// told is what the log tells of a request; no value stands in it.
type told struct {
	Did    string `json:"did"`
	Member string `json:"member"`
	Kind   Kind   `json:"kind"`
	Field  string `json:"field,omitempty"`
}

func sealed(k *seal.Keys, tenant int64, column, text string) []byte {
	if text == "" {
		return nil
	}
	return k.Seal(tenant, "data_requests", column, text)
}

// dueDay is the last working day on which a request of today is answered in
// time.
//
// law: R1.63
func dueDay(ctx context.Context, tx *sqldb.Tx, tenant int64, today day.Day) (day.Day, error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return "", err
	}
	span, err := book.Days(replyDays, law.PlaceOf(tenant), today)
	if err != nil {
		return "", err
	}
	if !span.Working {
		return today.AddDays(span.Days), nil
	}
	calendar, err := rulebook.Calendar(ctx, tx, tenant)
	return calendar.AddWorkdays(today, span.Days), err
}

// Decide takes the step of g's action: what was granted is done in the same
// transaction, by whoever decided. See flow for what is refused.
//
// law: R1.63
func Decide(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, v flow.Given, at day.Instant) (Request, error) {
	q, err := Find(ctx, tx, g, id)
	if err != nil {
		return q, err
	}
	return q.step(ctx, tx, g, version, v, at)
}

// TakeBack ends a request of g's own person without an answer.
func TakeBack(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, at day.Instant) (Request, error) {
	q, err := FindMine(ctx, tx, g, id)
	if err != nil {
		return q, err
	}
	return q.step(ctx, tx, g.For(Cancel), version, flow.Given{}, at)
}

func (q Request) step(ctx context.Context, tx *sqldb.Tx, g auth.Grant, version int64, v flow.Given, at day.Instant) (Request, error) {
	stale := fault.New(fault.Conflict, "这份申请刚刚已由他人办理，请刷新后再看。")
	if version != 0 && version != q.Version {
		return q, stale
	}
	v.Words = strings.TrimSpace(v.Words)
	moves := audit.Moves{}
	step, err := Answering.Advance(ctx, tx, g, moves, q.ID, q.State, q.Member, v, at)
	if err != nil {
		return q, err
	}
	n, err := tx.Exec(ctx, `UPDATE data_requests SET state = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND state = $4 AND version = $5`,
		string(step.To), g.Tenant(), q.ID, string(step.From), q.Version)
	if err != nil {
		return q, err
	}
	if n == 0 {
		return q, stale
	}
	if err := moves.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "data_requests", ID: q.ID}); err != nil {
		return q, err
	}
	q.State, q.Version = step.To, q.Version+1
	if q.State == Granted {
		if err := q.fulfil(ctx, tx, g, at); err != nil {
			return q, err
		}
	}
	if q.State != Taken && q.Relation == "" {
		err := message.ToMember(ctx, tx, g.Tenant(), q.Member, "您的申请已答复："+q.What(), Answering.Labels[q.State]+"。点开看理由。", q.Mine(), at)
		if err != nil {
			return q, err
		}
	}
	return q, moves.Write(ctx, tx, g, q.ID, told{Did: string(step.To), Member: q.Member, Kind: q.Kind, Field: q.Field}, at)
}

// fulfil does what was granted.
func (q Request) fulfil(ctx context.Context, tx *sqldb.Tx, g auth.Grant, at day.Instant) error {
	g = g.For(member.Edit)
	switch {
	case q.Kind == Correct:
		_, err := member.Amend(ctx, tx, g, q.Member, q.Field, q.value, at)
		return moved(err)
	case q.Kind == Delete && q.Field != "":
		_, err := member.Amend(ctx, tx, g, q.Member, q.Field, "", at)
		return moved(err)
	case q.Kind == Delete:
		m, err := member.Find(ctx, tx, g, q.Member)
		if err != nil {
			return err
		}
		if m.Status.Open() {
			return fault.ByRule(fault.Conflict, "R1.63", "会籍还在，会籍必需的资料不能全部删除。请选“不同意”并说明理由，或请本人只申请删除非必需的项目。")
		}
		b := member.NewBatch(tx, g, at)
		if err := b.Minimise(ctx, m); err != nil {
			return err
		}
		return b.Audit(ctx, m.ID, member.Deed{Did: "minimised"})
	}
	return nil
}

// moved says so where the registration has changed since the request, so that
// it can't be done as asked any more.
func moved(err error) error {
	if f := fault.Of(err); err != nil && f.Kind == fault.Invalid {
		return fault.New(fault.Conflict, "登记的资料已变，不能照申请办理：%s请核对后再答复。", f.Text)
	}
	return err
}

// Hang hangs a file that is in the blob store on a request that waits.
func Hang(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Request, name string, blob files.Blob, at day.Instant) error {
	wrong := func(text string) error {
		return &fault.Error{Kind: fault.Invalid, Text: "文件没有收下。", Fields: map[string]string{"file": "文件：" + text}}
	}
	if blob.Size > 20<<20 {
		return wrong("超过 20 MB，请压缩或分成几个文件后再传")
	}
	if err := files.Refuse(blob); err != nil {
		return wrong(fault.Of(err).Text)
	}
	id := sqldb.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO attachments (tenant_id, id, thing_id, name, hash, type, size, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		g.Tenant(), id, q.ID, member.CutName(name), blob.Hash, blob.Type, blob.Size, g.Account(), string(at))
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, g.For(Ask), q.ID, told{Did: "attached", Member: q.Member, Kind: q.Kind}, at, audit.Touched{Table: "attachments", ID: id})
}

// Paper is a file that hangs on a request.
type Paper struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Hash string `json:"-"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// Papers lists the files of a request that the caller was seen to reach.
func Papers(ctx context.Context, tx *sqldb.Tx, tenant int64, request string) ([]Paper, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (p Paper, err error) { return p, row(&p.ID, &p.Name, &p.Hash, &p.Type, &p.Size) },
		`SELECT a.id, a.name, a.hash, a.type, a.size FROM attachments a WHERE a.tenant_id = $1 AND a.thing_id = $2 ORDER BY a.id`, tenant, request)
}
