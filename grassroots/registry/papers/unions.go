package papers

import (
	"context"
	"fmt"
	"io"
	"strconv"

	"unionhall/commons/certificate"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/forms"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/ident"
	"unionhall/kit/paper"
	"unionhall/kit/print"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/law/codes"
	"unionhall/law/region"
)

// OfUnion is what can be printed of a union, and what was.
type OfUnion struct {
	Union  registry.Ref `json:"union"`
	Issued []Issued     `json:"issued"`
	today  day.Day
}

func ofUnion(r *web.Request, in ByID) (OfUnion, error) {
	u, err := registry.Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return OfUnion{}, err
	}
	issued, err := issuedFor(r.Ctx, r.Tx, r.Grant, u.ID, r.Today)
	return OfUnion{u.Ref(), issued, r.Today}, err
}

// body is a body that sits, as the table of a union tells of it.
type body struct {
	kind         registry.BodyKind
	nth          int64
	elected, due day.Day
}

// basicValues are what a union is, by the names on the paper.
//
// law: PL-27
func basicValues(ctx context.Context, tx *sqldb.Tx, g auth.Grant, u registry.Union, today day.Day) (paper.Values, error) {
	f, err := registry.FiguresOf(ctx, tx, g, u.ID)
	if err != nil {
		return paper.Values{}, err
	}
	type around struct {
		above string
		below int64
	}
	near, err := sqldb.One(ctx, tx, func(row sqldb.Row) (a around, err error) { return a, row(&a.above, &a.below) }, `
		SELECT a.name, (SELECT count(*) FROM unions c WHERE c.tenant_id = u.tenant_id AND c.parent_id = u.id AND c.state = 'standing')
		FROM unions u LEFT JOIN unions a ON a.tenant_id = u.tenant_id AND a.id = u.parent_id WHERE u.tenant_id = $1 AND u.id = $2`, g.Tenant(), u.ID)
	if err != nil {
		return paper.Values{}, err
	}
	bodies, err := sqldb.List(ctx, tx, func(row sqldb.Row) (b body, err error) {
		return b, row((*string)(&b.kind), &b.nth, (*string)(&b.elected), (*string)(&b.due))
	}, `SELECT b.kind, b.nth, b.elected, b.due FROM bodies b WHERE b.tenant_id = $1 AND b.union_id = $2 AND b.ended IS NULL ORDER BY b.kind, b.elected`, g.Tenant(), u.ID)
	if err != nil {
		return paper.Values{}, err
	}
	people, err := member.Officers(ctx, tx, g, u.ID)
	if err != nil {
		return paper.Values{}, err
	}
	v := paper.Values{Text: unionWords(u), Lists: map[string][]map[string]string{"班子": seated(people, u.ID)}}
	for name, text := range map[string]string{
		"上级工会": near.above, "下级工会": many(near.below, "个"), "职工人数": many(u.Staff, "人"), "会员人数": many(f.Members, "人"), "其中女会员": many(f.Women, "人"),
		"填报单位": u.Name, "截至日期": forms.Chinese(today), "填报说明日期": forms.Chinese(today), "经费审查委员会": "未建", "女职工委员会": "未建",
	} {
		v.Text[name] = text
	}
	for _, b := range bodies {
		switch b.kind {
		case registry.Committee:
			v.Text["本届届次"], v.Text["选举日期"], v.Text["届满日期"] = nth(b.nth), string(b.elected), string(b.due)
		case registry.Audit:
			v.Text["经费审查委员会"] = nth(b.nth)
		case registry.Women:
			v.Text["女职工委员会"] = nth(b.nth)
		}
	}
	return v, nil
}

func many(n int64, unit string) string { return strconv.FormatInt(n, 10) + " " + unit }

func nth(n int64) string { return fmt.Sprintf("第%d届", n) }

// unionWords are the particulars of a union as the paper spells them.
func unionWords(u registry.Union) map[string]string {
	own, sort := "否", "独立"
	if u.OwnAccount {
		own = "是"
	}
	switch u.Kind {
	case registry.Joint:
		sort = "联合"
	case registry.Base, registry.Single:
	default:
		sort = u.Kind.Label()
	}
	return map[string]string{
		"工会名称": u.Name, "工会编码": u.Code, "统一社会信用代码": u.USCC, "组织机构代码": u.OrgCode, "建会日期": string(u.Founded), "基层工会类型": sort,
		"单位性质类别": codes.UnitNature.Label(u.Nature), "经济类型": u.Economy, "所属行业": codes.Industry.Label(u.Industry), "单位所在政区": regionName(u.Region),
		"独立核算": own, "单位地址": u.Address, "负责人": u.Leader, "联系电话": u.Phone,
	}
}

// seated are those of the people who sit in the union itself.
func seated(people []member.Officer, unionID string) (out []map[string]string) {
	for _, o := range people {
		if o.Of.ID != unionID {
			continue
		}
		out = append(out, map[string]string{
			"姓名": o.Person.Name, "性别": o.Person.Sex.Label(), "出生年月": month(o.Person.Birthday), "学历": codes.Education.Label(o.Person.Education), "政治面貌": codes.Political.Label(o.Person.Politics),
			"工会职务": office(o), "专兼职": fullTime(o.FullTime), "党政职务": o.Person.Duty, "电话": ident.MaskPhone(o.Person.Phone),
		})
	}
	return out
}

// office is an office with its body, where that is not the committee.
func office(o member.Officer) string {
	switch o.Body {
	case registry.Audit:
		return "经审委" + o.Office.Label()
	case registry.Women:
		return "女工委" + o.Office.Label()
	}
	return o.Office.Label()
}

func regionName(code string) string {
	if name, ok := region.Lookup(code); ok {
		return name
	}
	return code
}

func fullTime(yes bool) string {
	if yes {
		return "专职"
	}
	return "兼职"
}

func month(d day.Day) string {
	if len(d) < 7 {
		return ""
	}
	return string(d[:7])
}

// basic makes the form of a union with its proof.
func basic(r *web.Request, in ByID) (registry.Union, paper.Values, error) {
	u, err := registry.Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return u, paper.Values{}, err
	}
	v, err := basicValues(r.Ctx, r.Tx, r.Grant, u, r.Today)
	if err != nil {
		return u, v, err
	}
	c, err := prove(r, certificate.Certificate{Kind: "basic", Thing: u.ID, Title: titleOf("basic"), Holder: u.Name, Public: true, Issuer: u.Name, On: r.Today}, v, unionDeed("printed"))
	v.Proof = proofOf(r, c)
	return u, v, err
}

func proofOf(r *web.Request, c certificate.Certificate) *paper.Proof {
	return &paper.Proof{URL: web.Origin(r.HTTP) + "/verify/" + c.Code, Code: certificate.Spelt(c.Code)}
}

func basicPDF(r *web.Request, in ByID) (web.File, error) {
	u, v, err := basic(r, in)
	return pdfOf("basic", u.Name, v), err
}

func basicDOCX(r *web.Request, in ByID) (web.File, error) {
	u, v, err := basic(r, in)
	if err != nil {
		return web.File{}, err
	}
	return docxOf(r, "basic", u.Name, v)
}

// listed are the columns of the list of officers (工会干部花名册).
var listed = []struct {
	name string
	wide float64
	text func(o member.Officer) string
}{
	{"姓名", 2.4, func(o member.Officer) string { return o.Person.Name }},
	{"性别", 1.1, func(o member.Officer) string { return o.Person.Sex.Label() }},
	{"出生年月", 1.8, func(o member.Officer) string { return month(o.Person.Birthday) }},
	{"民族", 1.6, func(o member.Officer) string { return codes.Ethnic.Label(o.Person.Ethnic) }},
	{"学历", 2.2, func(o member.Officer) string { return codes.Education.Label(o.Person.Education) }},
	{"政治面貌", 2, func(o member.Officer) string { return codes.Political.Label(o.Person.Politics) }},
	{"单位及行政职务", 4.4, func(o member.Officer) string { return o.Of.Name + " " + o.Person.Duty }},
	{"工会职务", 2.4, office},
	{"专/兼职", 1.3, func(o member.Officer) string { return fullTime(o.FullTime) }},
	{"任职时间", 2.2, func(o member.Officer) string { return string(o.From) }},
	{"届满时间", 2.2, func(o member.Officer) string { return string(o.Due) }},
	{"电话", 2.4, func(o member.Officer) string { return ident.MaskPhone(o.Person.Phone) }},
}

// rows are the list of officers as text.
func rows(people []member.Officer) [][]string {
	out := make([][]string, len(people))
	for i, o := range people {
		out[i] = make([]string, len(listed))
		for j, c := range listed {
			out[i][j] = c.text(o)
		}
	}
	return out
}

func officers(r *web.Request, in ByID) (registry.Union, [][]string, error) {
	u, err := registry.Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return u, nil, err
	}
	people, err := member.Officers(r.Ctx, r.Tx, r.Grant, u.ID)
	return u, rows(people), err
}

const officerList = "工会干部花名册"

func officersPDF(r *web.Request, in ByID) (web.File, error) {
	u, list, err := officers(r, in)
	if err != nil {
		return web.File{}, err
	}
	c, err := prove(r, certificate.Certificate{Kind: "officers", Thing: u.ID, Title: officerList, Holder: u.Name, Public: true, Issuer: u.Name, On: r.Today}, []any{r.Today, list}, unionDeed("printed"))
	if err != nil {
		return web.File{}, err
	}
	p := proofOf(r, c)
	by := r.Actor().Name()
	return web.File{Name: officerList + "-" + u.Name + ".pdf", Type: "application/pdf", Write: func(dst io.Writer) error {
		d, err := print.New(print.Paper{Office: u.Name, Title: officerList, Note: "截至 " + string(r.Today), By: by, Made: r.Now, Wide: true})
		if err != nil {
			return err
		}
		columns := []print.Column{{Head: "序号", Width: 1, Align: print.Right}}
		for _, c := range listed {
			columns = append(columns, print.Column{Head: c.name, Width: c.wide})
		}
		t := d.Table(columns...)
		for i, row := range list {
			if err := t.Row(append([]string{strconv.Itoa(i + 1)}, row...)...); err != nil {
				return err
			}
		}
		t.End()
		d.Signatures("填表人", "审核人", "工会主席（签章）")
		d.QR(p.URL, "核验码："+p.Code+"\n扫码或打开下面的网址，核对本表的电子记录：\n"+p.URL)
		_, err = d.WriteTo(dst)
		return err
	}}, nil
}

func officersXLSX(r *web.Request, in ByID) (web.File, error) {
	u, list, err := officers(r, in)
	if err == nil {
		err = r.Site.DB.Do(r.Ctx, func(tx *sqldb.Tx) error {
			return audit.Write(r.Ctx, tx, r.Grant, u.ID, registry.Deed{Act: "taken_away", Now: officerList}, r.Now)
		})
	}
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: officerList + "-" + u.Name + ".xlsx", Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Write: func(dst io.Writer) error {
		columns := make([]sheet.Column, len(listed))
		for i, c := range listed {
			columns[i] = sheet.Column{Name: c.name}
		}
		w, err := sheet.NewXLSX(dst, officerList, columns)
		if err != nil {
			return err
		}
		for _, row := range list {
			if err := w.Row(row...); err != nil {
				return err
			}
		}
		return w.Close()
	}}, nil
}
