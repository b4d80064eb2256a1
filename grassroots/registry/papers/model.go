// Package papers prints the forms of the field (打印表格) from what the ground
// floor knows, as PDF and as Word, each with a code that proves it, and keeps
// an office's own templates of them.
package papers

import (
	"context"

	"unionhall/commons/certificate"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/forms"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// What people may do here.
const (
	Print     auth.Action = "papers.print"     // print forms, numbers masked
	Templates auth.Action = "papers.templates" // the office's own templates
)

// Labels name the actions for the log.
var Labels = map[auth.Action]string{Print: "打印表格", Templates: "维护表格模板"}

// Roles says which office may do what. Whoever prints sees members' data, so
// it is those who keep it.
func Roles() auth.Roles {
	return auth.Roles{auth.Officer: {Print, Templates}, auth.Chair: {Print}}
}

const (
	place   = "/grassroots/registry/papers"
	unions  = "/grassroots/registry/unions"
	members = "/grassroots/registry/members"
)

// Routes is every page of this room with the action it needs.
func Routes() []web.Route {
	const u, m, f = unions + "/{id}/papers", members + "/{id}/papers", place + "/{form}"
	return []web.Route{
		{Pattern: "GET " + u, Needs: Print, Doc: "一个工会可打印的表格", Do: web.Page(ofUnion, unionView)},
		{Pattern: "GET " + u + "/basic.pdf", Needs: Print, Doc: "打印工会基本情况表", Do: web.Download(basicPDF)},
		{Pattern: "GET " + u + "/basic.docx", Needs: Print, Doc: "工会基本情况表（文档）", Do: web.Download(basicDOCX)},
		{Pattern: "GET " + u + "/officers.pdf", Needs: Print, Doc: "打印工会干部花名册", Do: web.Download(officersPDF)},
		{Pattern: "GET " + u + "/officers.xlsx", Needs: Print, Doc: "工会干部花名册（电子表格）", Do: web.Download(officersXLSX)},
		{Pattern: "POST " + u + "/{paper}/revoke", Needs: Print, Doc: "撤销工会的一份凭证", Do: web.Again(web.Act(revokeUnion), ofUnion, unionView)},
		{Pattern: "GET " + m, Needs: Print, Doc: "一名会员可打印的表格", Do: web.Page(ofMember, memberView)},
		{Pattern: "GET " + m + "/application.pdf", Needs: Print, Doc: "打印入会申请书", Do: web.Download(applicationPDF)},
		{Pattern: "GET " + m + "/application.docx", Needs: Print, Doc: "入会申请书（文档）", Do: web.Download(applicationDOCX)},
		{Pattern: "GET " + m + "/registration.pdf", Needs: Print, Doc: "打印会员登记表", Do: web.Download(registrationPDF)},
		{Pattern: "GET " + m + "/registration.docx", Needs: Print, Doc: "会员登记表（文档）", Do: web.Download(registrationDOCX)},
		{Pattern: "POST " + m + "/{paper}/revoke", Needs: Print, Doc: "撤销会员的一份凭证", Do: web.Again(web.Act(revokeMember), ofMember, memberView)},
		{Pattern: "GET " + place, Needs: Print, Doc: "空白表格和模板", Do: web.Page(all, allView)},
		{Pattern: "GET " + f, Needs: Print, Doc: "一种表格的空白件和模板", Do: web.Page(one, oneView)},
		{Pattern: "GET " + f + "/blank.pdf", Needs: Print, Doc: "空白表格", Do: web.Download(blankPDF)},
		{Pattern: "GET " + f + "/blank.docx", Needs: Print, Doc: "空白表格（文档）", Do: web.Download(blankDOCX)},
		{Pattern: "GET " + f + "/starter.docx", Needs: Print, Doc: "带标记的起始模板", Do: web.Download(starter)},
		{Pattern: "GET " + f + "/own.docx", Needs: Templates, Doc: "下载自有模板", Do: web.Download(own)},
		{Pattern: "GET " + f + "/preview.docx", Needs: Templates, Doc: "用示例内容预览模板", Do: web.Download(preview)},
		{Pattern: "POST " + f, Needs: Templates, Doc: "上传或更换自有模板", Do: web.Again(web.ActAfter(read, keep), one, oneView)},
		{Pattern: "POST " + f + "/restore", Needs: Templates, Doc: "恢复默认样式", Do: web.Again(web.Act(restore), one, oneView)},
	}
}

// ByID names one union or member.
type ByID struct {
	ID string `json:"id" doc:"编号"`
}

// prove makes the certificate of a paper, or finds the one of the same record,
// in a transaction of its own, since a download only reads. record is what the
// paper tells, numbers masked: a hash of full ones could be guessed.
//
// law: PL-28
func prove(r *web.Request, c certificate.Certificate, record any, change func(title string) any) (out certificate.Certificate, err error) {
	if c.Hash, err = certificate.Proven(record); err != nil {
		return c, err
	}
	err = r.Site.DB.Do(r.Ctx, func(tx *sqldb.Tx) error {
		m := audit.Moves{}
		if out, err = certificate.Issue(r.Ctx, tx, r.Grant, m, c, r.Now); err != nil || len(m) == 0 {
			return err
		}
		return m.Write(r.Ctx, tx, r.Grant, c.Thing, change(c.Title), r.Now)
	})
	return out, err
}

// Deeds as the logs of a union and of a member read them.
func unionDeed(act string) func(string) any {
	return func(title string) any { return registry.Deed{Act: act, Now: title} }
}

func memberDeed(act string) func(string) any {
	return func(title string) any { return member.Deed{Did: act, File: title} }
}

// Issued is a paper that was handed out, as the page lists it.
type Issued struct {
	certificate.Certificate
	State certificate.State `json:"state"`
	Label string            `json:"label"`
}

// issuedFor lists the papers of a thing that g was seen to reach.
func issuedFor(ctx context.Context, tx *sqldb.Tx, g auth.Grant, thing string, today day.Day) ([]Issued, error) {
	all, err := certificate.ByThing(ctx, tx, g, thing)
	out := make([]Issued, len(all))
	for i, c := range all {
		out[i] = Issued{c, c.State(today), c.State(today).Label()}
	}
	return out, err
}

// titleOf is what a form is called.
func titleOf(key string) string {
	k, _ := forms.Find(key)
	return k.Title
}
