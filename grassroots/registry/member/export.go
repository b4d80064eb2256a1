package member

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/ident"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/law/codes"
)

// The columns of a roster that is taken away: the words and the order of those
// that an import knows, so that what went out can come back (PL-20).
//
// law: IMP-05
var exported = []struct {
	name string
	kind sheet.Kind
	text func(*Member) string
}{
	{"姓名", sheet.Text, func(m *Member) string { return m.Person.Name }},
	{"性别", sheet.Text, func(m *Member) string { return m.Person.Sex.Label() }},
	{"出生日期", sheet.Date, func(m *Member) string { return string(m.Person.Birthday) }},
	{"民族", sheet.Text, func(m *Member) string { return codes.Ethnic.Label(m.Person.Ethnic) }},
	{"就业状况", sheet.Text, func(m *Member) string { return codes.Employment.Label(m.Person.Employment) }},
	{"有效证件类别", sheet.Text, func(m *Member) string { return codes.IDType.Label(m.Person.IDType) }},
	{"证件号码", sheet.Text, func(m *Member) string { return m.Person.IDNo }},
	{"学历", sheet.Text, func(m *Member) string { return codes.Education.Label(m.Person.Education) }},
	{"技能等级", sheet.Text, func(m *Member) string { return codes.Skill.Label(m.Person.Skill) }},
	{"移动电话", sheet.Text, func(m *Member) string { return m.Person.Phone }},
	{"户籍类型", sheet.Text, func(m *Member) string { return codes.Household.Label(m.Person.Household) }},
	{"户籍所在地", sheet.Text, func(m *Member) string { return m.Person.Domicile }},
	{"政治面貌", sheet.Text, func(m *Member) string { return codes.Political.Label(m.Person.Politics) }},
	{"工作单位", sheet.Text, func(m *Member) string { return m.Union.Name }},
	{"工会编码", sheet.Text, func(m *Member) string { return m.Union.Code }},
	{"籍贯", sheet.Text, func(m *Member) string { return m.Person.Native }},
	{"是否农民工", sheet.Text, func(m *Member) string { return map[bool]string{true: "是", false: "否"}[m.Person.Migrant] }},
	{"入会时间", sheet.Date, func(m *Member) string { return string(m.Joined) }},
	{"会籍状态", sheet.Text, func(m *Member) string { return m.Status.Label() }},
	{"会员号", sheet.Text, func(m *Member) string { return m.CardNo }},
	{"工会会员卡号", sheet.Text, func(m *Member) string { return m.Person.OuterCard }},
	{"职务", sheet.Text, func(m *Member) string { return m.Person.Duty }},
	{"职称", sheet.Text, func(m *Member) string { return m.Person.Title }},
	{"邮箱", sheet.Text, func(m *Member) string { return m.Person.Email }},
}

// ExportQuery asks for the whole of a list, with full numbers if there is a
// reason.
type ExportQuery struct {
	Query
	Full   bool   `json:"full" doc:"完整号码"`
	Reason string `json:"reason" doc:"用途"`
}

// check refuses full numbers to who may not see them or gives no reason.
//
// law: R1.74
func (q *ExportQuery) check(may bool) error {
	q.Reason = strings.TrimSpace(q.Reason)
	n := utf8.RuneCountInString(q.Reason)
	switch {
	case !q.Full:
		return nil
	case !may:
		return fault.New(fault.Denied, "您的职务只能导出号码中间遮盖的名单。")
	case n < leastReason || n > longest:
		return &fault.Error{Kind: fault.Invalid, Rule: "R1.74", Text: "导出完整号码要写明用途，每位会员都看得到。请返回填写后再导出。", Fields: map[string]string{"reason": "用途：请写 4 到 200 个字"}}
	}
	return nil
}

// LogExport writes down who takes a list away. It comes before the list.
//
// law: R1.66
func LogExport(ctx context.Context, db *sqldb.DB, g auth.Grant, q ExportQuery, at day.Instant) error {
	return db.Do(ctx, func(tx *sqldb.Tx) error {
		s, err := ready(ctx, tx, g, q.Query)
		if err != nil {
			return err
		}
		g := g.For(Export)
		if q.Full {
			g = g.For(Reveals)
		}
		return audit.Write(ctx, tx, g, listOf(s.top.ID), Deed{Did: "exported", Reason: q.Reason, Rows: s.size}, at)
	})
}

// writeList writes all members that q means into w, numbers masked unless they
// are asked for in full. One goroutine reads while another writes, since each
// takes half of the time.
func writeList(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q ExportQuery, w *sheet.Writer) error {
	const some = 200 // rows handed over at a time
	parts, written := make(chan [][]string, 4), make(chan error, 1)
	go func() {
		var err error
		for part := range parts {
			for _, values := range part {
				if err == nil {
					err = w.Row(values...)
				}
			}
		}
		written <- err
	}()
	part := make([][]string, 0, some)
	err := eachMember(ctx, tx, g, q.Query, func(m *Member) error {
		if !q.Full {
			m.Person.IDNo, m.Person.Phone = ident.Mask(m.Person.IDNo), ident.MaskPhone(m.Person.Phone)
		}
		values := make([]string, len(exported))
		for i := range exported {
			values[i] = exported[i].text(m)
		}
		if part = append(part, values); len(part) == some {
			parts <- part
			part = make([][]string, 0, some)
		}
		return ctx.Err()
	})
	parts <- part
	close(parts)
	if err = errors.Join(err, <-written); err != nil {
		return err
	}
	return w.Close()
}

// eachMember hands over all members that q means, in the order of its list.
func eachMember(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query, f func(*Member) error) error {
	q.After, q.Limit = "", 200
	s, err := ready(ctx, tx, g, q)
	if err != nil {
		return err
	}
	if q.Q != "" {
		return s.eachFound(ctx, f)
	}
	column := map[bool]string{true: "m.joined", false: "m.name_key"}[s.byDate()]
	if err := s.eachAlong(ctx, column, f); err != nil || column == "m.name_key" || s.q.From != "" || s.q.To != "" {
		return err
	}
	return s.eachAlong(ctx, "", f)
}

// eachAlong reads members as they come along one index, one at a time.
func (s *scope) eachAlong(ctx context.Context, column string, f func(*Member) error) error {
	s.args = nil
	back, sort := "", ""
	if strings.HasPrefix(s.q.Sort, "-") {
		back = " DESC"
	}
	by := "m.id" + back
	switch {
	case column == "m.joined" && !s.whole || s.picked:
		by = column + " || ''" + back + ", " + by // no index of the whole may lead
	case column != "":
		by = column + back + ", " + by
	}
	if column == "m.joined" && s.whole {
		sort = "joined"
	}
	q := s.source() + s.filters(sort)
	if !s.whole && column != "m.name_key" {
		q += anyName
	}
	switch column {
	case "":
		q += ` AND m.joined IS NULL`
	case "m.joined":
		q += ` AND m.joined || '' IS NOT NULL`
	}
	q = strings.Replace(q, ` WHERE `, ` CROSS JOIN unions u WHERE u.tenant_id = m.tenant_id AND u.id = m.union_id AND `, 1)
	return sqldb.Each(ctx, s.tx, scanMember(s.tx, s.tenant), func(m Member) error { return f(&m) }, `SELECT `+fullColumns+q+` ORDER BY `+by, s.args...)
}

// eachFound reads what a search finds, page by page.
func (s *scope) eachFound(ctx context.Context, f func(*Member) error) error {
	for {
		rows, more, err := s.search(ctx)
		if err != nil {
			return err
		}
		for part := range slices.Chunk(rows, asked) {
			if err := s.eachOf(ctx, part, f); err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
		s.q.After = rows[len(rows)-1].key
	}
}

var membersByIDs = withAsked + fullColumns + fromAsked

func (s *scope) eachOf(ctx context.Context, rows []Row, f func(*Member) error) error {
	args := make([]any, 1, asked+1)
	args[0] = s.tenant
	for i := range asked {
		args = append(args, rows[min(i, len(rows)-1)].ID)
	}
	ms, err := sqldb.List(ctx, s.tx, scanMember(s.tx, s.tenant), membersByIDs, args...)
	if err != nil {
		return err
	}
	for _, r := range rows {
		i := slices.IndexFunc(ms, func(m Member) bool { return m.ID == r.ID })
		if i < 0 {
			continue
		}
		if err := f(&ms[i]); err != nil {
			return err
		}
	}
	return nil
}

func sheetColumns() []sheet.Column {
	out := make([]sheet.Column, len(exported))
	for i, c := range exported {
		out[i] = sheet.Column{Name: c.name, Kind: c.kind}
	}
	return out
}

// WriteCSV and WriteXLSX write the whole list that q means, for pages and for
// the shell alike.
func WriteCSV(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q ExportQuery, dst io.Writer) error {
	w, err := sheet.NewCSV(dst, sheetColumns())
	if err != nil {
		return err
	}
	return writeList(ctx, tx, g, q, w)
}

func WriteXLSX(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q ExportQuery, dst io.Writer) error {
	w, err := sheet.NewXLSX(dst, "会员花名册", sheetColumns())
	if err != nil {
		return err
	}
	return writeList(ctx, tx, g, q, w)
}
