package procedure

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"unionhall/commons/certificate"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/paper"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/law"
)

// print is a paper that a case can be printed as, by the word of its address.
type print struct{ name, title string }

var (
	formPrint    = print{"form", "申请表"}
	requestPrint = print{"request", "请示"}
	reportPrint  = print{"report", "报上级的请示"}
	replyPrint   = print{"reply", "批复"}
)

// document is a paper that can be written both ways.
type document interface {
	PDF(w io.Writer) error
	DOCX(w io.Writer) error
}

// prints are the papers that there are of a case as it stands.
//
// law: PL-27
func (c Case) prints() []print {
	out := []print{formPrint}
	if !c.Kind.Legal() {
		out = append(out, requestPrint)
		if c.Level > 0 && c.Submitted != "" {
			out = append(out, reportPrint)
		}
	}
	if c.Reply != "" {
		p := replyPrint
		if c.Kind.Legal() {
			p.title = "上级工会意见"
		}
		out = append(out, p)
	}
	return out
}

// printed are the routes of the papers.
func printed() (out []web.Route) {
	for _, p := range []print{formPrint, requestPrint, reportPrint, replyPrint} {
		out = append(out,
			web.Route{Pattern: "GET " + place + "/{id}/" + p.name + ".pdf", Needs: Look, Doc: "打印" + p.title, Do: web.Download(printAs(p, false))},
			web.Route{Pattern: "GET " + place + "/{id}/" + p.name + ".docx", Needs: Look, Doc: p.title + "的文档", Do: web.Download(printAs(p, true))})
	}
	return out
}

func printAs(p print, word bool) func(*web.Request, ByID) (web.File, error) {
	return func(r *web.Request, in ByID) (web.File, error) {
		c, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
		if err != nil {
			return web.File{}, err
		}
		i := slices.IndexFunc(c.prints(), func(x print) bool { return x.name == p.name })
		if i < 0 {
			return web.File{}, fault.New(fault.Conflict, "这件事还没有%s，办到那一步以后才能打印。", p.title)
		}
		d, err := c.document(r, p.name)
		if err != nil {
			return web.File{}, err
		}
		title := c.Title + c.prints()[i].title
		if word {
			return web.File{Name: title + ".docx", Type: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Write: d.DOCX}, nil
		}
		return web.File{Name: title + ".pdf", Type: "application/pdf", Write: d.PDF}, nil
	}
}

// document writes one of the case's papers.
func (c Case) document(r *web.Request, name string) (document, error) {
	root, err := registry.Root(r.Ctx, r.Tx, r.Grant.Tenant())
	if err != nil {
		return nil, err
	}
	d := Detail{Case: c}
	if err := d.names(r); err != nil {
		return nil, err
	}
	past, err := c.flow().History(r.Ctx, r.Tx, r.Grant, c.ID)
	if err != nil {
		return nil, err
	}
	proof, err := proofOf(r.Ctx, r.Tx, r.Grant, c)
	if err != nil {
		return nil, err
	}
	w := written{d, root.Name, nil, map[State]day.Day{}}
	if proof != "" {
		w.proof = &paper.Proof{URL: site(r) + "/verify/" + proof, Code: certificate.Spelt(proof)}
	}
	for _, p := range past {
		w.when[p.After] = p.At.Day()
	}
	switch name {
	case formPrint.name:
		return w.form(), nil
	case requestPrint.name:
		return w.request(), nil
	case reportPrint.name:
		return w.report(), nil
	}
	return w.reply(), nil
}

// site is the address under which people reach the house.
func site(r *web.Request) string {
	scheme := "http"
	if r.HTTP.TLS != nil || r.HTTP.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	return scheme + "://" + r.HTTP.Host
}

// written is a case with what its papers need to know beside it.
type written struct {
	Detail
	office string
	proof  *paper.Proof
	when   map[State]day.Day // the day it last came into a state
}

// asked says in a clause what the case asks for.
func (w written) asked() string {
	f := w.Fields
	switch w.Kind {
	case Found:
		return "建立" + f["name"]
	case Rename:
		return w.Union.Name + "更名为" + f["name"]
	case Move:
		return w.Union.Name + "改隶" + w.targets["parent"]
	case Merge:
		return w.Union.Name + "并入" + w.targets["into"]
	case Dissolve:
		return "撤销" + w.Union.Name
	}
	return w.Union.Name + w.Kind.Label()
}

// asker is the union that asks.
func (w written) asker() string {
	if w.Kind == Found {
		return w.Fields["name"] + "筹备组"
	}
	return w.Union.Name
}

// grounds are the reasons in full sentences.
func (w written) grounds() string {
	f, out := w.Fields, strings.TrimRight(w.Fields["reason"], "。")
	if f["basis"] != "" {
		out = "根据" + f["basis"] + "，" + out
	}
	return out + "。"
}

func (w written) request() paper.Letter {
	f := w.Fields
	body := []string{w.grounds() + "现申请" + w.asked() + "。"}
	switch w.Kind {
	case Found:
		body = append(body, fmt.Sprintf("现有职工%s人，拟入会%s人，筹备工作由%s负责，同级党组织为%s。", f["staff"], f["members"], f["leader"], f["party_org"]))
	case Merge:
		body = append(body, "经费、财产交接情况："+f["assets"])
	case Dissolve:
		body = append(body, "经费、财产、债务清理情况："+f["settled"], "会员会籍安置情况："+f["people"])
	}
	var attached []string
	for _, p := range needs(w.Case, law.Nation) {
		if p.ID != "request" && p.Must {
			attached = append(attached, p.Name)
		}
	}
	return paper.Letter{Issuer: w.asker(), Title: "关于" + w.asked() + "的请示", To: w.office, Body: append(body, "妥否，请批示。"), Attached: attached, On: w.when[Submitted], Seal: true}
}

func (w written) report() paper.Letter {
	body := []string{
		fmt.Sprintf("%s报来《关于%s的请示》。%s", w.asker(), w.asked(), w.grounds()),
		"经审查，材料齐全，符合规定，我们同意" + w.asked() + "。",
		"妥否，请批示。",
	}
	return paper.Letter{Issuer: w.office, Title: "关于" + w.asked() + "的请示", To: stand{w.Chain, 1}.body(), Body: body, On: w.when[Sent], Seal: true}
}

// reply is the office's answer: to the union, or where it only gives its word
// to who registers.
//
// law: PL-26, PL-28
func (w written) reply() paper.Letter {
	l := paper.Letter{Issuer: w.office, Number: w.Reply, Title: "关于同意" + w.asked() + "的批复", To: w.asker(), On: w.ReplyOn, Seal: true, Proof: w.proof}
	if w.Kind.Legal() {
		l.Title, l.To = "关于"+w.asked()+"的意见", stand{w.Chain, 1}.body()
		l.Body = []string{w.Union.Name + "系依法依章建立的工会组织。经审查，其" + w.Kind.Label() + "的申请材料齐全，内容属实，同意上报，请予办理。"}
		return l
	}
	first := "你会《关于" + w.asked() + "的请示》收悉。"
	if w.OuterDoc != "" {
		first += "报经" + stand{w.Chain, 1}.body() + "批准（" + w.OuterDoc + "），"
	}
	first += map[Kind]string{
		Found: "同意建立" + w.Fields["name"] + "，隶属" + w.Union.Name + "。", Rename: "同意" + w.asked() + "，原印章同时停止使用。", Move: "同意" + w.asked() + "。",
		Merge: "同意" + w.asked() + "，会员会籍一并移交，原印章上缴。", Dissolve: "同意" + w.asked() + "，印章上缴。",
	}[w.Kind]
	l.Body = []string{first}
	switch w.Kind {
	case Found:
		l.Body = append(l.Body, "请按照《中国工会章程》和《工会基层组织选举工作条例》，选举产生工会委员会和经费审查委员会，并将选举结果报批。")
	case Merge, Dissolve:
		l.Body = append(l.Body, "请妥善做好经费、财产的移交和会员会籍的管理。已取得法人资格的，应当办理注销登记。")
	case Rename:
		l.Body = append(l.Body, "已取得法人资格的，请在规定期限内办理变更登记。")
	}
	l.Body = append(l.Body, "此复。")
	return l
}

// formTitles are what the forms are called on paper.
var formTitles = map[Kind]string{
	Found: "建立基层工会组织申请表", Rename: "工会组织更名申请表", Move: "工会组织隶属关系变更申请表", Merge: "工会组织合并申请表", Dissolve: "工会组织撤销申请表",
	Registration: "基层工会法人资格登记申请表", Change: "基层工会法人变更登记表", Renew: "工会法人资格证书换领申请表", Extend: "工会法人资格证书展期申请表",
	Replace: "工会法人资格证书补领申请表", Cancel: "基层工会法人注销登记申请表",
}

// form lays the case out as the form that is signed and sealed, with a box for
// each body of the chain.
//
// law: LEG-03, PL-27
func (w written) form() paper.Form {
	f := paper.Form{Issuer: w.asker(), Title: formTitles[w.Kind], Number: w.Reply, Proof: w.proof, Note: "本表一式三份，由" + w.asker() + "、" + w.office + "和登记（批准）机关各存一份。"}
	name := "工会名称"
	if w.Kind == Found {
		name = "上级工会"
	}
	f.Rows = append(f.Rows, []paper.Cell{{Label: name, Text: w.Union.Name, Wide: 2}, {Label: "工会编码", Text: w.Union.Code}})
	for _, g := range grouped(forms[w.Kind]) {
		if g.title != "" {
			f.Rows = append(f.Rows, []paper.Cell{{Label: g.title, Head: true}})
		}
		for _, row := range g.rows {
			f.Rows = append(f.Rows, w.cells(row)...)
		}
	}
	f.Opinions = []paper.Opinion{{Who: w.asker() + "意见", On: w.when[Submitted], Seal: true}}
	for i, s := range w.Chain {
		o := paper.Opinion{Who: s.Body + "意见", Seal: true}
		if i == 0 && w.Reply != "" {
			o.Text, o.On = string(map[law.Mode]string{law.Approves: "同意。", law.Opines: "同意上报。"}[s.Mode]), w.ReplyOn
		}
		f.Opinions = append(f.Opinions, o)
	}
	if len(w.Chain) == 0 {
		f.Opinions = append(f.Opinions, paper.Opinion{Who: w.office + "意见", Seal: true})
	}
	return f
}

// cells are the row of a form for fields side by side; an item of the change
// form shows both of its values.
func (w written) cells(row []field) [][]paper.Cell {
	var out []paper.Cell
	for _, f := range row {
		text := f.shown(w.Fields[f.name])
		if f.sort == union {
			text = w.targets[f.name]
		}
		if item, ok := strings.CutPrefix(f.name, "new_"); ok && w.Kind == Change {
			return [][]paper.Cell{{{Label: f.label + "登记值", Text: w.Registered[item]}, {Label: "新值", Text: text}}}
		}
		c := paper.Cell{Label: f.label, Text: text}
		if f.sort == long {
			c.Tall = 3
		}
		out = append(out, c)
	}
	return [][]paper.Cell{out}
}

const replyKind = "case.reply"

// prove makes the record that the printed reply's code leads to.
//
// law: PL-28
func (c Case) prove(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, at day.Instant) error {
	root, err := registry.Root(ctx, tx, g.Tenant())
	if err != nil {
		return err
	}
	holder := c.Union.Name
	if c.Kind == Found {
		holder = c.Fields["name"]
	}
	hash, err := certificate.Proven(struct{ Case, Title, Reply, On, Union string }{c.ID, c.Title, c.Reply, string(c.ReplyOn), c.Union.Code})
	if err != nil {
		return err
	}
	_, err = certificate.Issue(ctx, tx, g, m, certificate.Certificate{Kind: replyKind, Thing: c.ID, Title: c.Title + "：" + c.Reply, Holder: holder, Public: true, Issuer: root.Name, On: at.Day(), Hash: hash}, at)
	return err
}

// proofOf is the code of the case's reply; empty where there is none.
func proofOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c Case) (string, error) {
	if c.Reply == "" {
		return "", nil
	}
	all, err := certificate.ByThing(ctx, tx, g, c.ID)
	for _, x := range all {
		if x.Kind == replyKind && x.Revoked == "" {
			return x.Code, err
		}
	}
	return "", err
}
