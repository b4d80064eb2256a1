package yearly

import (
	"fmt"
	"io"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/law/codes"
)

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// write writes a return as a workbook: the whole first, then each union with
// all below it, set in by its depth.
func write(dst io.Writer, title string, units []Unit) error {
	columns := []sheet.Column{{Name: "序号", Kind: sheet.Integer}, {Name: "工会名称", Width: 40}, {Name: "工会编码", Width: 16}, {Name: "组织类别", Width: 16}}
	for _, x := range Indicators {
		columns = append(columns, sheet.Column{Name: x.Label + "（" + x.Unit + "）", Kind: sheet.Integer, Width: 14})
	}
	columns = append(columns, sheet.Column{Name: "女职工（人，本会填报）", Kind: sheet.Integer, Width: 14}, sheet.Column{Name: "本会核对", Width: 12}, sheet.Column{Name: "核对意见", Width: 30})
	w, err := sheet.NewXLSX(dst, title, columns)
	if err != nil {
		return err
	}
	for i, u := range units {
		row := []string{fmt.Sprint(i + 1), indent(u.Depth-units[0].Depth) + u.Name, u.Code, u.Kind.Label()}
		for _, n := range u.Sum {
			row = append(row, fmt.Sprint(n))
		}
		women := ""
		if u.Review != "" && u.Women > 0 {
			women = fmt.Sprint(u.Women)
		}
		if err := w.Row(append(row, women, u.reviewLabel(), u.Words)...); err != nil {
			return err
		}
	}
	return w.Close()
}

func indent(n int64) string {
	out := ""
	for range n {
		out += "　"
	}
	return out
}

func (u Unit) reviewLabel() string {
	return map[string]string{confirmed: "无误", objected: "有异议"}[u.Review]
}

func returnFile(r *web.Request, in OneQuery) (web.File, error) {
	y, err := find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return web.File{}, err
	}
	units, err := unitsOf(r.Ctx, r.Tx, r.Grant, y, in.Unit)
	if err == nil && len(units) == 0 {
		err = fault.New(fault.Conflict, "年报正在汇总，请稍后再下载。")
	}
	if err != nil {
		return web.File{}, err
	}
	title := fmt.Sprintf("%s（统计日 %s，%s）", y.title(), y.On, Procedure.Labels[y.State])
	return web.File{Name: y.title() + ".xlsx", Type: xlsxType, Write: func(dst io.Writer) error { return write(dst, title, units) }}, nil
}

// PreviewQuery names the day to count on without keeping anything.
type PreviewQuery struct {
	Day day.Day `json:"day" doc:"统计日"`
}

// preview counts as of a day and writes the return at once.
func preview(r *web.Request, in PreviewQuery) (web.File, error) {
	if in.Day == "" {
		in.Day = r.Today
	}
	if in.Day > r.Today || in.Day.Year() < firstYear {
		return web.File{}, &fault.Error{Kind: fault.Invalid, Text: "不能试算这一天。", Fields: map[string]string{"day": "统计日：不能晚于今天"}}
	}
	return web.File{Name: "年报试算" + string(in.Day) + ".xlsx", Type: xlsxType, Write: func(dst io.Writer) error {
		c, err := tally(r.Ctx, r.Tx, r.Grant, in.Day)
		if err != nil {
			return err
		}
		return write(dst, fmt.Sprintf("工会统计年报试算（统计日 %s，未保存）", in.Day), c.units)
	}}, nil
}

// basic is a line of the union basic table: a union's particulars with one who
// sits in its bodies.
type basic struct {
	union   [14]string
	body    string
	nth     int64
	elected day.Day
	due     day.Day
	person  [8]string
	full    bool
	id      string
}

// unionsFile writes the union basic tables (工会基本情况表, organisation.md 7) of
// the unions of a return as they are today, with who sits in their bodies; no
// numbers of persons are among it.
//
// law: S2-14
func unionsFile(r *web.Request, in OneQuery) (web.File, error) {
	y, err := find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: "工会基本情况表.xlsx", Type: xlsxType, Write: func(dst io.Writer) error { return writeUnions(r, dst, r.Grant, y) }}, nil
}

var basicColumns = []sheet.Column{
	{Name: "工会名称", Width: 34}, {Name: "工会编码", Width: 16}, {Name: "组织类别", Width: 14}, {Name: "上级工会", Width: 30}, {Name: "单位性质", Width: 12}, {Name: "机关类别", Width: 12},
	{Name: "建会日期", Kind: sheet.Date}, {Name: "社会信用代码", Width: 22}, {Name: "地址", Width: 30}, {Name: "负责人"}, {Name: "联系电话", Width: 16}, {Name: "党组织", Width: 26},
	{Name: "职工人数", Kind: sheet.Integer}, {Name: "会员人数", Kind: sheet.Integer},
	{Name: "班子", Width: 16}, {Name: "届次"}, {Name: "选举日期", Kind: sheet.Date}, {Name: "届满日期", Kind: sheet.Date},
	{Name: "姓名"}, {Name: "性别"}, {Name: "出生年月"}, {Name: "学历"}, {Name: "政治面貌"}, {Name: "工会职务", Width: 16}, {Name: "专（兼）职"}, {Name: "党政职务", Width: 16},
}

func writeUnions(r *web.Request, dst io.Writer, g auth.Grant, y Return) error {
	w, err := sheet.NewXLSX(dst, "工会基本情况表", basicColumns)
	if err != nil {
		return err
	}
	last := ""
	err = sqldb.Each(r.Ctx, r.Tx, scanBasic, func(b basic) error {
		row := make([]string, 0, len(basicColumns))
		for _, v := range b.union {
			if b.id == last {
				v = ""
			}
			row = append(row, v)
		}
		last = b.id
		if b.body != "" {
			row = append(row, registry.BodyKind(b.body).Label(), fmt.Sprintf("第%d届", b.nth), string(b.elected), string(b.due))
			if b.person[0] != "" {
				row = append(row, b.person[0], sexes[b.person[1]], month(b.person[2]), codes.Education.Label(b.person[3]), codes.Political.Label(b.person[4]), registry.Office(b.person[5]).Label(), map[bool]string{true: "专职", false: "兼职"}[b.full], b.person[6])
			}
		}
		return w.Row(row...)
	}, `
		SELECT u.id, u.name, u.code, u.kind, coalesce(p.name, ''), u.nature, u.organ_kind, u.founded, u.uscc, u.address, u.leader, u.phone, u.party_org, cast(u.staff AS text),
			coalesce((SELECT cast(sum(f.n) AS text) FROM member_figures f WHERE f.tenant_id = u.tenant_id AND f.union_id = u.id AND f.status IN ('active', 'transferring')), '0'),
			b.kind, coalesce(b.nth, 0), b.elected, b.due, m.name, m.sex, m.birthday, m.education, m.politics, s.office, m.duty, coalesce(s.fulltime, false)
		FROM unions u
		JOIN union_reach r ON r.tenant_id = u.tenant_id AND r.union_id = u.id AND r.above_id = $2
		JOIN union_reach q ON q.tenant_id = u.tenant_id AND q.union_id = u.id AND q.above_id = $3
		LEFT JOIN unions p ON p.tenant_id = u.tenant_id AND p.id = u.parent_id
		LEFT JOIN bodies b ON b.tenant_id = u.tenant_id AND b.union_id = u.id AND b.ended IS NULL
		LEFT JOIN seats s ON s.tenant_id = b.tenant_id AND s.body_id = b.id AND s.to_day IS NULL
		LEFT JOIN members m ON m.tenant_id = s.tenant_id AND m.id = s.member_id
		WHERE u.tenant_id = $1 AND u.state = 'standing'
		ORDER BY u.name_key, u.id, b.kind, s.from_day, s.id`, g.Tenant(), g.Under(), y.UnionID)
	if err != nil {
		return err
	}
	return w.Close()
}

var sexes = map[string]string{"male": "男", "female": "女", "unknown": "未说明"}

// month is the year and month of a birthday.
func month(s string) string {
	if len(s) < 7 {
		return s
	}
	return s[:7]
}

func scanBasic(row sqldb.Row) (b basic, err error) {
	u, p := &b.union, &b.person
	err = row(&b.id, &u[0], &u[1], &u[2], &u[3], &u[4], &u[5], &u[6], &u[7], &u[8], &u[9], &u[10], &u[11], &u[12], &u[13],
		&b.body, &b.nth, &b.elected, &b.due, &p[0], &p[1], &p[2], &p[3], &p[4], &p[5], &p[6], &b.full)
	u[2], u[4], u[5] = registry.Kind(u[2]).Label(), codes.UnitNature.Label(u[4]), codes.OrganKind.Label(u[5])
	return b, err
}
