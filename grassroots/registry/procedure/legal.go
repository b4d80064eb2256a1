package procedure

import (
	"context"
	"fmt"
	"strings"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
)

// Standing of a certificate.
type Standing string

const (
	Valid     Standing = "valid"     // 有效
	Cancelled Standing = "cancelled" // 已注销
)

// Entry is what stands on a certificate (工会法人资格证书) as it is entered.
//
// law: LEG-04, LEG-08
type Entry struct {
	Number         string  `json:"number" doc:"证书编号"`
	USCC           string  `json:"uscc" doc:"统一社会信用代码"`
	Name           string  `json:"name" doc:"名称"`
	Authority      string  `json:"authority" doc:"登记机关"` // LEG-03
	Representative string  `json:"representative" doc:"法定代表人"`
	Premises       string  `json:"premises" doc:"住所"`
	From           day.Day `json:"valid_from" doc:"有效期自"`
	To             day.Day `json:"valid_to" doc:"有效期至"`
}

// Certificate is the certificate of a union as the register has it today.
type Certificate struct {
	ID    string       `json:"id"`
	Union registry.Ref `json:"union"`
	State Standing     `json:"state"`
	Entry
	Ended   day.Day `json:"ended,omitempty"`
	Version int64   `json:"version"`
}

// Alteration is a change of one item of the register.
type Alteration struct {
	Act      string  `json:"act"` // the kind of the case, or entered
	Item     string  `json:"item"`
	Was      string  `json:"was,omitempty"`
	Now      string  `json:"now,omitempty"`
	Day      day.Day `json:"day"`
	Document string  `json:"document,omitempty"`
	Case     string  `json:"case,omitempty"`
}

const certificateColumns = `k.id, u.id, u.code, u.name, k.state, k.number, k.uscc, k.name, k.authority, k.representative, k.premises, k.from_day, k.to_day, k.ended, k.version`

func scanCertificate(row sqldb.Row) (c Certificate, err error) {
	err = row(&c.ID, &c.Union.ID, &c.Union.Code, &c.Union.Name, &c.State, &c.Number, &c.USCC, &c.Name, &c.Authority, &c.Representative, &c.Premises, &c.From, &c.To, &c.Ended, &c.Version)
	return c, err
}

// CertificateOf returns the certificate of a union within g's reach, and
// whether there is one, cancelled or not.
func CertificateOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string) (Certificate, bool, error) {
	all, err := sqldb.List(ctx, tx, scanCertificate, `SELECT `+certificateColumns+` FROM legal_persons k
		JOIN unions u ON u.tenant_id = k.tenant_id AND u.id = k.union_id
		WHERE k.tenant_id = $1 AND k.union_id = $3 AND EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = k.tenant_id AND r.above_id = $2 AND r.union_id = k.union_id)`,
		g.Tenant(), g.Under(), unionID)
	if err != nil || len(all) == 0 {
		return Certificate{}, false, err
	}
	return all[0], true, nil
}

// alterations lists what became of a certificate, the newest first.
func alterations(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) ([]Alteration, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (a Alteration, err error) {
		return a, row(&a.Act, &a.Item, &a.Was, &a.Now, &a.Day, &a.Document, &a.Case)
	}, `SELECT i.act, i.item, i.was, i.now, i.day, i.document, i.case_id FROM legal_items i
		WHERE i.tenant_id = $1 AND i.certificate_id = $2 ORDER BY i.day DESC, i.id`, g.Tenant(), id)
}

// registered is what stands in the register for each item of the change form.
func registered(ctx context.Context, tx *sqldb.Tx, g auth.Grant, u registry.Union, c Certificate) (map[string]string, error) {
	out := map[string]string{"name": c.Name, "premises": c.Premises, "representative": c.Representative, "parent": c.Authority}
	past, err := alterations(ctx, tx, g, c.ID)
	for _, a := range past {
		for _, i := range items {
			if _, has := out[i.name]; !has && a.Item == i.label && a.Now != "" {
				out[i.name] = a.Now // what the newest change left
			}
		}
	}
	for _, i := range items {
		if out[i.name] == "" {
			delete(out, i.name)
		}
	}
	return out, err
}

// check refuses an entry that can't be, and tells what is odd about one.
//
// law: ID-01, LEG-03, LEG-04
func (e *Entry) check(ctx context.Context, tx *sqldb.Tx, g auth.Grant, u registry.Union, today day.Day) (warnings []string, err error) {
	for _, p := range []*string{&e.Number, &e.USCC, &e.Name, &e.Authority, &e.Representative, &e.Premises} {
		*p = strings.TrimSpace(*p)
	}
	wrong := map[string]string{}
	for name, v := range map[string]struct{ label, text string }{"name": {"名称", e.Name}, "authority": {"登记机关", e.Authority}} {
		if v.text == "" {
			wrong[name] = v.label + "：请按证书填写"
		}
	}
	for name, v := range map[string]string{"number": e.Number, "name": e.Name, "authority": e.Authority, "representative": e.Representative, "premises": e.Premises} {
		if len([]rune(v)) > longLine {
			wrong[name] = "最多 100 个字"
		}
	}
	code, flaw := ident.ReadUSCC(e.USCC)
	if flaw != "" {
		wrong["uscc"] = "统一社会信用代码：应为 18 位，且校验正确，请按证书核对"
	}
	if e.From == "" || e.From > today {
		wrong["valid_from"] = "有效期自：请按证书填写，不能晚于今天"
	}
	if e.To == "" || e.To <= e.From {
		wrong["valid_to"] = "有效期至：请按证书填写，应晚于有效期自"
	}
	if len(wrong) > 0 {
		rule := "LEG-04"
		if wrong["uscc"] != "" {
			rule = "ID-01"
		}
		return nil, incomplete(rule, "证书的内容填得不对，请按提示改正后再提交。", wrong)
	}
	e.USCC = string(code)
	if hint := code.UnionHint(fmt.Sprintf("%06d", g.Tenant()/10000)); hint != "" {
		warnings = append(warnings, hint)
	}
	odd, err := e.oddYears(ctx, tx, g)
	if odd != "" {
		warnings = append(warnings, odd)
	}
	if err != nil {
		return nil, err
	}
	same, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM legal_persons WHERE tenant_id = $1 AND uscc = $2 AND state = 'valid' AND union_id <> $3`, g.Tenant(), e.USCC, u.ID)
	if err == nil && same > 0 {
		err = incomplete("ID-01", "这个统一社会信用代码已登记在另一家工会的证书上。", map[string]string{"uscc": "统一社会信用代码：已有工会使用，请核对"})
	}
	return warnings, err
}

// oddYears tells of a certificate that runs for longer or shorter than a term.
//
// law: LEG-04
func (e Entry) oddYears(ctx context.Context, tx *sqldb.Tx, g auth.Grant) (string, error) {
	book, err := rulebook.Of(ctx, tx, g.Tenant())
	if err != nil {
		return "", err
	}
	bands, err := book.Bands("cert.years", lawPlace(g), e.From)
	if err != nil || len(bands) == 0 {
		return "", notInForce(err)
	}
	low, high := e.From.AddYears(bands[0].Min).AddDays(-31), e.From.AddYears(bands[0].Max).AddDays(31)
	if e.To < low || e.To > high {
		return fmt.Sprintf("证书的有效期一般为 %d 至 %d 年，与本届任期一致，请核对。", bands[0].Min, bands[0].Max), nil
	}
	return "", nil
}

// put writes a certificate, new or on the version that was read, with an item
// for everything that changed, and lets the union bear its code.
func put(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, was, now *Certificate, a Alteration, at day.Instant) ([]string, error) {
	if was.ID == "" {
		now.ID, now.Version = sqldb.NewID(), 1
		_, err := tx.Exec(ctx, `INSERT INTO legal_persons (tenant_id, id, union_id, state, number, uscc, name, authority, representative, premises, from_day, to_day, ended, version)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 1)`, g.Tenant(), now.ID, now.Union.ID, string(now.State), now.Number, now.USCC, now.Name, now.Authority,
			now.Representative, now.Premises, now.From, now.To, now.Ended)
		if err != nil {
			return nil, err
		}
	} else {
		n, err := tx.Exec(ctx, `UPDATE legal_persons SET state = $1, number = $2, uscc = $3, name = $4, authority = $5, representative = $6, premises = $7, from_day = $8, to_day = $9, ended = $10,
			version = version + 1 WHERE tenant_id = $11 AND id = $12 AND version = $13`, string(now.State), now.Number, now.USCC, now.Name, now.Authority, now.Representative, now.Premises,
			now.From, now.To, now.Ended, g.Tenant(), was.ID, was.Version)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, fault.New(fault.Conflict, "%s的法人登记刚刚已由他人改过，请刷新后再办。", was.Union.Name)
		}
		now.Version = was.Version + 1
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "legal_persons", ID: now.ID}); err != nil {
		return nil, err
	}
	told, err := note(ctx, tx, g, m, *was, *now, a)
	if err != nil {
		return nil, err
	}
	return told, bear(ctx, tx, g, *now, at)
}

// facts are what a certificate says, as its items are called.
func (c Certificate) facts() []item {
	state := map[Standing]string{Valid: "有效", Cancelled: "已注销"}[c.State]
	return []item{
		{"名称", c.Name}, {"统一社会信用代码", c.USCC}, {"证书编号", c.Number}, {"登记机关", c.Authority}, {"法定代表人", c.Representative}, {"住所", c.Premises},
		{"有效期自", string(c.From)}, {"有效期至", string(c.To)}, {"状态", state},
	}
}

// note adds an item for each fact that is not what it was.
func note(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, was, now Certificate, a Alteration) (told []string, err error) {
	before := was.facts()
	for i, f := range now.facts() {
		if f.label != before[i].label {
			told = append(told, f.name)
			a.Item, a.Was, a.Now = f.name, before[i].label, f.label
			if err := remember(ctx, tx, g, m, now.ID, a); err != nil {
				return told, err
			}
		}
	}
	return told, nil
}

// remember adds one item of what became of a certificate.
func remember(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, certificate string, a Alteration) error {
	id := sqldb.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO legal_items (tenant_id, id, certificate_id, case_id, act, item, was, now, day, document)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`, g.Tenant(), id, certificate, a.Case, a.Act, a.Item, a.Was, a.Now, a.Day, a.Document)
	if err != nil {
		return err
	}
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "legal_items", ID: id})
}

// bear writes the certificate's code into the union's particulars.
//
// law: LEG-08
func bear(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c Certificate, at day.Instant) error {
	u, err := registry.Find(ctx, tx, g, c.Union.ID)
	if err != nil || u.State != registry.Standing || u.USCC == c.USCC || c.State != Valid {
		return err
	}
	p := u.Particulars()
	p.USCC = c.USCC
	_, _, err = registry.Amend(ctx, tx, g.For(registry.Edit), u.ID, u.Version, p, at)
	return told(err)
}
