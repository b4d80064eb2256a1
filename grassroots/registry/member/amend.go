package member

import (
	"context"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

// Amendable lists the fields of a person that may be corrected on request, and
// of those the ones that may be left empty.
func Amendable() (all, optional []Value) {
	for _, v := range (Person{}).Masked() {
		if v.Name == "id_type" {
			continue
		}
		all = append(all, v)
		switch v.Name {
		case "name", "sex", "birthday", IDField, "migrant":
		default:
			optional = append(optional, v)
		}
	}
	return all, optional
}

// set writes into the form what a person says a field should be, in words.
func (f *Form) set(field, text string) error {
	wrong := func(why string) error {
		return &fault.Error{Kind: fault.Invalid, Text: "更正的内容填得不对，请改正后再提交。", Fields: map[string]string{"value": fieldLabels[field] + "：" + why}}
	}
	for _, c := range f.coded() {
		if c.name != field {
			continue
		}
		code, ok := c.table.Parse(text)
		if !ok && text != "" {
			return wrong("请按登记表上的名称填写，如" + c.table.All()[0].Label)
		}
		*c.value = code
		return nil
	}
	for _, t := range f.free() {
		if t.name == field {
			*t.value = text
			return nil
		}
	}
	switch field {
	case "name":
		f.Name = text
	case "sex":
		sex, ok := map[string]Sex{"男": Male, "女": Female}[text]
		if !ok {
			return wrong("请填男或女")
		}
		f.Sex = sex
	case "birthday":
		d, full, ok := day.Read(text)
		if !ok || !full {
			return wrong("请按 1990-01-31 的样子填写")
		}
		f.Birthday = d
	case IDField:
		f.IDNo = text
	case PhoneField:
		f.Phone = text
	case "migrant":
		yes, ok := map[string]bool{"是": true, "否": false}[text]
		if !ok {
			return wrong("请填是或否")
		}
		f.Migrant = yes
	default:
		return &fault.Error{Kind: fault.Invalid, Text: "请选择要更正的项目。", Fields: map[string]string{"field": "项目：请从列表中选择"}}
	}
	return nil
}

// Amended is the person with one field as text says, judged on the day. What
// can't be is fault.Invalid at the field called value.
func Amended(m Member, field, text string, today day.Day) (Person, error) {
	f := formOf(m.Person)
	if err := f.set(field, strings.TrimSpace(zh.Narrow(text))); err != nil {
		return m.Person, err
	}
	p, err := f.person(today)
	if flaw := fault.Of(err); err != nil && flaw.Kind == fault.Invalid {
		words := ""
		for _, w := range flaw.Fields {
			words = w
		}
		return p, &fault.Error{Kind: fault.Invalid, Rule: flaw.Rule, Text: flaw.Text, Fields: map[string]string{"value": words}}
	}
	if err == nil && len(difference(m.Person, p)) == 0 {
		err = &fault.Error{Kind: fault.Invalid, Text: "登记的就是这个内容，不用更正。", Fields: map[string]string{"value": fieldLabels[field] + "：与登记的一样"}}
	}
	return p, err
}

// Amend corrects one field as a person asked; see Correct. It answers a
// request, whose right the caller has proved.
//
// law: R1.63
func Amend(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id, field, text string, at day.Instant) (Member, error) {
	m, err := read(ctx, tx, g, id, 0)
	if err != nil {
		return m, err
	}
	p, err := Amended(m, field, text, at.Day())
	if err != nil {
		return m, err
	}
	return Correct(ctx, tx, g, id, m.Version, formOf(p), m.Joined, at)
}

// erased marks the number of a person whose data were minimised: it finds
// nobody any more.
const erased = "erased:"

// Minimised reports whether nothing is left of the person but a masked name.
func (m Member) Minimised() bool { return m.Person.IDNo == "" }

// maskName keeps the first character of a name.
func maskName(name string) string {
	r := []rune(name)
	return string(r[:1]) + strings.Repeat("＊", max(1, len(r)-1))
}

// Minimise takes from a membership that ended all that tells who it was: the
// numbers, the contact data, the day of birth, what mergers and requests keep
// of the person. The membership, its events and the figures stay. The caller
// writes the log by b.Audit.
//
// law: R1.75, PL-34
func (b *Batch) Minimise(ctx context.Context, m Member) error {
	if m.Status.Open() {
		return fault.ByRule(fault.Conflict, "R1.75", "%s的会籍还在，不能清理资料。", m.Person.Name)
	}
	now := m
	now.Person = Person{Name: maskName(m.Person.Name), Sex: m.Person.Sex, IDType: m.Person.IDType}
	if err := b.Update(ctx, m, now); err != nil {
		return err
	}
	keys, tenant := b.tx.Keys(), b.g.Tenant()
	ids, err := sqldb.List(ctx, b.tx, sqldb.Text, `SELECT id FROM merges WHERE tenant_id = $1 AND kept_id = $2 ORDER BY id`, tenant, m.ID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, err := b.tx.Exec(ctx, `UPDATE merges SET state = 'closed', body = $1, blind = $2, version = version + 1 WHERE tenant_id = $3 AND id = $4`,
			keys.SealBlob(tenant, "merges", "body", []byte(`{}`)), erased+id, tenant, id)
		if err == nil {
			err = b.moves.Touch(ctx, b.tx, tenant, audit.Touched{Table: "merges", ID: id})
		}
		if err != nil {
			return err
		}
	}
	return b.forgetRequests(ctx, m.ID)
}

// forgetRequests drops what requests hold of a person; that they were made and
// answered stays.
func (b *Batch) forgetRequests(ctx context.Context, id string) error {
	tenant := b.g.Tenant()
	ids, err := sqldb.List(ctx, b.tx, sqldb.Text, `SELECT id FROM data_requests WHERE tenant_id = $1 AND member_id = $2 AND (value IS NOT NULL OR contact IS NOT NULL OR relative IS NOT NULL) ORDER BY id`, tenant, id)
	for _, r := range ids {
		if err == nil {
			_, err = b.tx.Exec(ctx, `UPDATE data_requests SET value = NULL, contact = NULL, relative = NULL, version = version + 1 WHERE tenant_id = $1 AND id = $2`, tenant, r)
		}
		if err == nil {
			err = b.moves.Touch(ctx, b.tx, tenant, audit.Touched{Table: "data_requests", ID: r})
		}
	}
	return err
}

const leaverWhere = ` AND m.left_day IS NOT NULL AND m.left_day <= $3 AND m.status IN ('left', 'expelled', 'deceased') AND substr(m.id_blind, 1, 7) <> 'erased:'`

// Leavers lists members within reach who left on the day until or before and
// still are told apart.
func Leavers(ctx context.Context, tx *sqldb.Tx, g auth.Grant, until day.Day, limit int) ([]Member, error) {
	return sqldb.List(ctx, tx, scanMember(tx, g.Tenant()), `SELECT `+fullColumns+fromMembers+withinReach+leaverWhere+` ORDER BY m.left_day, m.id LIMIT $4`,
		g.Tenant(), g.Under(), string(until), int64(limit))
}

// LeaversBy counts Leavers by the year in which they left.
func LeaversBy(ctx context.Context, tx *sqldb.Tx, g auth.Grant, until day.Day) (map[string]int64, error) {
	type line struct {
		year string
		n    int64
	}
	out := map[string]int64{}
	return out, sqldb.Each(ctx, tx, func(row sqldb.Row) (l line, err error) { return l, row(&l.year, &l.n) }, func(l line) error {
		out[l.year] = l.n
		return nil
	}, `SELECT substr(m.left_day, 1, 4), count(*) FROM members m WHERE m.tenant_id = $1`+withinReach+leaverWhere+` GROUP BY substr(m.left_day, 1, 4)`,
		g.Tenant(), g.Under(), string(until))
}

// Label is what a field of a person is called.
func Label(field string) string { return fieldLabels[field] }
