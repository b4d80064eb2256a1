// Package handover gives the books to others: as text that an outside program
// re-adds, as the files of the national data interface, as the archive of a
// year, and from one finance officer to the next.
package handover

import (
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/auth"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
)

// What people may do here.
const (
	Look auth.Action = "handover.look"
)

// Labels is what the actions are called in the log.
var Labels = map[auth.Action]string{Look: "导出账簿"}

// Roles says which office may do what: whoever may look at the books may take
// them along.
//
// law: F3.23, F5.7
func Roles() auth.Roles {
	return auth.Roles{auth.Accountant: {Look}, auth.Cashier: {Look}, auth.Director: {Look}, auth.Chair: {Look}, auth.Auditor: {Look}}
}

// Room is the pages of handing over. Names tells who an account is.
type Room struct {
	Names names
}

// Home is where the room begins.
const Home = "/grassroots/finance/handover"

// Routes is every page of this room with the action it needs.
func (rm *Room) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + ledger.Home + "/journal", Needs: Look, Doc: "导出日记账文本", Do: web.Download(journalFile)},
		{Pattern: "GET " + Home, Needs: Look, Doc: "移交和归档", Do: web.Page(rm.home, homeView)},
		{Pattern: "GET " + Home + "/gbt.zip", Needs: Look, Doc: "导出会计软件数据接口文件", Do: web.Download(rm.gbtFile)},
	}
}

func clause(id string) ui.Article {
	r, ok := law.RuleOf(id)
	if !ok {
		return ui.Article{ID: id}
	}
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}
