package papers

import (
	"context"
	"strings"
	"unicode/utf8"

	"unionhall/commons/certificate"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/forms"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/ident"
	"unionhall/kit/paper"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/law/codes"
)

// OfMember is what can be printed of a member, and what was.
type OfMember struct {
	ID     string       `json:"id"`
	Name   string       `json:"name"`
	Union  registry.Ref `json:"union"`
	Issued []Issued     `json:"issued"`
	reveal bool         // numbers may be printed in full
}

func ofMember(r *web.Request, in ByID) (OfMember, error) {
	m, err := member.Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return OfMember{}, err
	}
	issued, err := issuedFor(r.Ctx, r.Tx, r.Grant, m.ID, r.Today)
	return OfMember{m.ID, m.Person.Name, m.Union, issued, r.May(member.Reveals)}, err
}

// PersonQuery asks for a form of a member, with full numbers if there is a
// reason.
type PersonQuery struct {
	ID     string `json:"id" doc:"编号"`
	Full   bool   `json:"full" doc:"完整号码"`
	Reason string `json:"reason" doc:"用途"`
}

const leastReason, longestReason = 4, 200

// check refuses full numbers to who may not see them or gives no reason.
//
// law: R1.74
func (q *PersonQuery) check(may bool) error {
	q.Reason = strings.TrimSpace(q.Reason)
	n := utf8.RuneCountInString(q.Reason)
	switch {
	case !q.Full:
		return nil
	case !may:
		return fault.New(fault.Denied, "您的职务只能打印号码中间遮盖的表格。")
	case n < leastReason || n > longestReason:
		return &fault.Error{Kind: fault.Invalid, Rule: "R1.74", Text: "打印完整号码要写明用途，本人看得到谁、什么时候、为什么。请返回填写后再打印。", Fields: map[string]string{"reason": "用途：请写 4 到 200 个字"}}
	}
	return nil
}

// personWords are who a member is, numbers masked.
func personWords(m member.Member) map[string]string {
	p := m.Person
	unit := p.WorkUnit
	if unit == "" {
		unit = m.Union.Name
	}
	return map[string]string{
		"姓名": p.Name, "性别": p.Sex.Label(), "出生日期": string(p.Birthday), "民族": codes.Ethnic.Label(p.Ethnic), "学历": codes.Education.Label(p.Education), "籍贯": p.Native,
		"政治面貌": codes.Political.Label(p.Politics), "证件类别": codes.IDType.Label(p.IDType), "证件号码": ident.Mask(p.IDNo), "移动电话": ident.MaskPhone(p.Phone),
		"工作单位": unit, "职务": p.Duty, "职称": p.Title, "所属工会": m.Union.Name, "会员证号码": m.CardNo, "入会时间": string(m.Joined),
	}
}

// approval is how the committee let a member in: by which paper, on which day.
func approval(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m member.Member) (words, on string, err error) {
	past, err := member.History(ctx, tx, g, m.ID)
	for _, e := range past {
		if e.Type == member.Joins {
			words, on = "同意入会。", forms.Chinese(e.Day)
			if e.Document != "" {
				words = "经委员会讨论（" + e.Document + "），同意入会。"
			}
		}
	}
	return words, on, err
}

// person makes a form of a member. Full numbers are read and logged one by
// one, as on the member's page; they are no part of what the code proves.
func person(r *web.Request, in PersonQuery, key string) (member.Member, paper.Values, error) {
	if err := in.check(r.May(member.Reveals)); err != nil {
		return member.Member{}, paper.Values{}, err
	}
	m, err := member.Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return m, paper.Values{}, err
	}
	v := paper.Values{Text: personWords(m)}
	if key == "registration" {
		if v.Text["审批意见"], v.Text["审批意见日期"], err = approval(r.Ctx, r.Tx, r.Grant, m); err != nil {
			return m, v, err
		}
		c, err := prove(r, certificate.Certificate{Kind: key, Thing: m.ID, Title: titleOf(key), Holder: m.Person.Name, Issuer: m.Union.Name, On: r.Today}, v, memberDeed("printed"))
		if err != nil {
			return m, v, err
		}
		v.Proof = proofOf(r, c)
	}
	if !in.Full {
		return m, v, nil
	}
	err = r.Site.DB.Do(r.Ctx, func(tx *sqldb.Tx) error {
		for field, label := range map[string]string{member.IDField: "证件号码", member.PhoneField: "移动电话"} {
			if v.Text[label] == "" {
				continue
			}
			full, err := member.Reveal(r.Ctx, tx, r.Grant, m, field, in.Reason, r.Now)
			if err != nil {
				return err
			}
			v.Text[label] = full
		}
		return nil
	})
	return m, v, err
}

func personPDF(r *web.Request, in PersonQuery, key string) (web.File, error) {
	m, v, err := person(r, in, key)
	return pdfOf(key, m.Person.Name, v), err
}

func personDOCX(r *web.Request, in PersonQuery, key string) (web.File, error) {
	m, v, err := person(r, in, key)
	if err != nil {
		return web.File{}, err
	}
	return docxOf(r, key, m.Person.Name, v)
}

func applicationPDF(r *web.Request, in PersonQuery) (web.File, error) {
	return personPDF(r, in, "application")
}

func applicationDOCX(r *web.Request, in PersonQuery) (web.File, error) {
	return personDOCX(r, in, "application")
}

func registrationPDF(r *web.Request, in PersonQuery) (web.File, error) {
	return personPDF(r, in, "registration")
}

func registrationDOCX(r *web.Request, in PersonQuery) (web.File, error) {
	return personDOCX(r, in, "registration")
}
