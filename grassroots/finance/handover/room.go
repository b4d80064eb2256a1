// Package handover gives the books to others: as text that an outside program
// re-adds, as the files of the national data interface, as the archive of a
// year, and from one finance officer to the next.
package handover

import (
	"context"
	"io"
	"strings"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/files"
	"unionhall/kit/flow"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
	"unionhall/law/books"
)

// What people may do here.
const (
	Look    auth.Action = "handover.look"
	Take    auth.Action = "handover.take"    // 取走会计档案
	Archive auth.Action = "handover.archive" // 归档
	Check   auth.Action = "handover.check"   // 重新校验
	Deliver auth.Action = "handover.deliver" // 移交档案部门
	List    auth.Action = "handover.list"    // 编交接清册
	Give    auth.Action = "handover.give"    // 移交人确认
	Receive auth.Action = "handover.receive" // 接管人确认
	Witness auth.Action = "handover.witness" // 监交人确认
	Drop    auth.Action = "handover.drop"    // 作废交接清册
)

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{
	Look: "导出账簿", Take: "取走会计档案", Archive: "会计档案归档", Check: "校验会计档案", Deliver: "移交档案部门",
	List: "编交接清册", Give: "移交人确认", Receive: "接管人确认", Witness: "监交人确认", Drop: "作废交接清册",
}

// Roles says which office may do what: whoever may look at the books may take
// them along; the cashier keeps no archives.
//
// law: F3.23, F3.27, F5.7
func Roles() auth.Roles {
	out := auth.Roles{
		auth.Accountant: {Look, Take, Archive, Check, List},
		auth.Cashier:    {Look, List},
		auth.Director:   {Look, Take, Check},
		auth.Chair:      {Look, Take, Check},
		auth.Auditor:    {Look, Take, Check},
	}
	for _, grants := range []auth.Roles{Keeping.Grants(), Changing.Grants()} {
		for o, acts := range grants {
			out[o] = append(out[o], acts...)
		}
	}
	return out
}

// Paper is what another room adds to the archive of a year: under a name with
// its ending, kept as long as its kind is.
type Paper struct {
	Name  string
	Kind  books.Archive
	Write func(w io.Writer) error
}

// Wanted is the year whose papers an archive asks for, who has it made, and
// when.
type Wanted struct {
	Book ledger.Book
	By   string
	At   day.Instant
}

// Person is somebody who may hand over, take over or see to it.
type Person struct {
	Account string      `json:"account"`
	Name    string      `json:"name"`
	Office  auth.Office `json:"office"`
}

// Room is the pages of handing over. Names tells who an account is, Keepers
// who holds an office of the finances over a union. Papers lists what the other
// rooms add to an archive, and may be nil; each is written when its turn comes.
type Room struct {
	Files   files.Store
	Runner  *job.Runner
	Papers  func(ctx context.Context, tx *sqldb.Tx, g auth.Grant, w Wanted) ([]Paper, error)
	Names   names
	Keepers func(ctx context.Context, tx *sqldb.Tx, tenant int64, union string, on day.Day) ([]Person, error)
}

// Home is where the room begins.
const (
	Home     = "/grassroots/finance/handover"
	archives = Home + "/archives"
	expired  = Home + "/expired"
	officers = Home + "/officers"
)

// Routes is every page of this room with the action it needs.
func (rm *Room) Routes() []web.Route {
	out := []web.Route{
		{Pattern: "GET " + ledger.Home + "/journal", Needs: Look, Doc: "导出日记账文本", Do: web.Download(journalFile)},
		{Pattern: "GET " + Home, Needs: Look, Doc: "移交和归档", Do: web.Page(rm.home, homeView)},
		{Pattern: "GET " + Home + "/gbt.zip", Needs: Look, Doc: "导出会计软件数据接口文件", Do: web.Download(rm.gbtFile)},
		{Pattern: "GET " + archives, Needs: Look, Doc: "会计档案", Do: web.Page(rm.archives, archivesView)},
		{Pattern: "POST " + archives, Needs: Archive, Doc: "会计档案归档", Do: web.Again(web.Act(rm.archive), rm.home, homeView)},
		{Pattern: "GET " + archives + "/{archive}", Needs: Look, Doc: "一份会计档案", Do: web.Page(rm.kept, keptView)},
		{Pattern: "GET " + archives + "/{archive}/file", Needs: Take, Doc: "取走会计档案", Do: web.Download(rm.takeAway)},
		{Pattern: "POST " + archives + "/{archive}/check", Needs: Check, Doc: "校验会计档案", Do: web.Again(web.ActAfter(rm.rehash, rm.checked), rm.kept, keptView)},
		{Pattern: "POST " + archives + "/{archive}/deliver", Needs: Deliver, Doc: "移交档案部门", Do: web.Again(web.Act(rm.deliver), rm.kept, keptView)},
		{Pattern: "GET " + expired, Needs: Look, Doc: "到期会计档案", Do: web.Page(expiredPage, expiredView)},
		{Pattern: "GET " + expired + ".pdf", Needs: Look, Doc: "会计档案鉴定意见书", Do: web.Download(expiredPDF)},
		{Pattern: "GET " + expired + ".csv", Needs: Look, Doc: "到期会计档案清单", Do: web.Download(expiredCSV)},
		{Pattern: "GET " + officers, Needs: Look, Doc: "会计人员交接", Do: web.Page(changesPage, changesView)},
		{Pattern: "GET " + officers + "/new", Needs: List, Doc: "编交接清册的表", Do: web.Page(rm.newChange, newChangeView)},
		{Pattern: "POST " + officers, Needs: List, Doc: "编交接清册", Do: web.Again(web.Act(rm.begin), rm.newChange, newChangeView)},
		{Pattern: "GET " + officers + "/{change}", Needs: Look, Doc: "一份交接清册", Do: web.Page(rm.change, changeView)},
		{Pattern: "POST " + officers + "/{change}", Needs: List, Doc: "修改交接清册", Do: web.Again(web.Act(rm.rewrite), rm.change, changeView)},
		{Pattern: "GET " + officers + "/{change}/list.pdf", Needs: Look, Doc: "打印交接清册", Do: web.Download(rm.changePDF)},
	}
	for _, act := range Changing.Acts() {
		out = append(out, web.Route{Pattern: "POST " + officers + "/{change}/" + pathOf(act), Needs: act, Doc: Labels[act], Do: web.Again(web.Act(rm.step), rm.change, changeView)})
	}
	return out
}

func pathOf(act auth.Action) string { return strings.TrimPrefix(string(act), "handover.") }

func clause(id string) ui.Article {
	r, ok := law.RuleOf(id)
	if !ok {
		return ui.Article{ID: id}
	}
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

// person is a name with the office it acted in.
func person(who map[string]string, account string, o auth.Office) string {
	if name := who[account]; name != "" {
		return name + "（" + o.Label() + "）"
	}
	return o.Label()
}

// story is the steps that were taken, and what the thing waits for.
func story[S ~string](past []flow.Past[S], who map[string]string) (out []ui.Event) {
	for _, s := range past {
		e := ui.Event{Kind: ui.Info, At: s.At.Local(), Title: Labels[s.Act], Words: s.Words, Who: person(who, s.Account, s.Office)}
		if s.Document != "" {
			e.Words += "（文号 " + s.Document + "）"
		}
		out = append(out, e)
	}
	return out
}
