package statement

import (
	"context"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// Room is the pages of the statements. Names tells who an account is.
type Room struct {
	Names func(ctx context.Context, tx *sqldb.Tx, tenant int64, accounts []string) (map[string]string, error)
}

// Routes is every page of this room with the action it needs.
func (rm Room) Routes() []web.Route {
	balance, generals, details, tagsPath := ledger.Home+"/balances", Books+"/general", Books+"/detail", Books+"/tags"
	out := []web.Route{
		{Pattern: "GET " + Home, Needs: Look, Doc: "会计报表目录", Do: web.Page(home, homeView)},
		{Pattern: "GET " + Home + "/{form}", Needs: Look, Doc: "一张会计报表", Do: web.Page(form, formView)},
		{Pattern: "GET " + Home + "/{form}/form.pdf", Needs: Look, Doc: "打印会计报表", Do: web.Download(formPDF)},
		{Pattern: "GET " + Home + "/{form}/form.xlsx", Needs: Look, Doc: "会计报表（电子表格）", Do: web.Download(formXLSX)},
		{Pattern: "GET " + Home + "/{form}/cells/{row}", Needs: Look, Doc: "报表里一个数字的来源", Do: web.Page(cell, cellView)},
		{Pattern: "GET " + Home + "/charts", Needs: Look, Doc: "收支图表", Do: web.Page(charts, chartsView)},
		{Pattern: "GET " + Home + "/proof", Needs: Look, Doc: "余额与分录核对", Do: web.Page(proof, proofView)},
		{Pattern: "GET " + Home + "/notes", Needs: Look, Doc: "报表附注", Do: web.Page(notes, notesView)},
		{Pattern: "GET " + Home + "/notes.pdf", Needs: Look, Doc: "打印报表附注", Do: web.Download(notesPDF)},
		{Pattern: "POST " + Home + "/notes", Needs: Note, Doc: "保存报表附注", Do: web.Again(web.Act(note), notes, notesView)},
		{Pattern: "GET " + balance, Needs: Look, Doc: "科目余额表", Do: web.Page(balances, balancesView)},
		{Pattern: "GET " + balance + ".pdf", Needs: Look, Doc: "打印科目余额表", Do: web.Download(balancesPDF)},
		{Pattern: "GET " + balance + ".xlsx", Needs: Look, Doc: "科目余额表（电子表格）", Do: web.Download(balancesXLSX)},
		{Pattern: "GET " + generals, Needs: Look, Doc: "总账", Do: web.Page(general, generalView)},
		{Pattern: "GET " + generals + ".pdf", Needs: Look, Doc: "打印总账", Do: web.Download(generalPDF)},
		{Pattern: "GET " + generals + ".xlsx", Needs: Look, Doc: "总账（电子表格）", Do: web.Download(generalXLSX)},
		{Pattern: "GET " + details, Needs: Look, Doc: "明细账", Do: web.Page(detail, detailView)},
		{Pattern: "GET " + details + ".pdf", Needs: Look, Doc: "打印明细账", Do: web.Download(detailPDF)},
		{Pattern: "GET " + details + ".xlsx", Needs: Look, Doc: "明细账（电子表格）", Do: web.Download(detailXLSX)},
		{Pattern: "GET " + details + ".csv", Needs: Look, Doc: "明细账（文本）", Do: web.Download(detailCSV)},
		{Pattern: "GET " + tagsPath, Needs: Look, Doc: "辅助账", Do: web.Page(tagged, tagsView)},
		{Pattern: "GET " + tagsPath + ".pdf", Needs: Look, Doc: "打印辅助账", Do: web.Download(tagsPDF)},
		{Pattern: "GET " + tagsPath + ".xlsx", Needs: Look, Doc: "辅助账（电子表格）", Do: web.Download(tagsXLSX)},
		{Pattern: "GET " + Filings, Needs: Look, Doc: "报送情况", Do: web.Page(standings, standingsView)},
		{Pattern: "GET " + Filings + "/new", Needs: Submit, Doc: "报送报表的表", Do: web.Page(sending, sendView)},
		{Pattern: "POST " + Filings, Needs: Submit, Doc: "报送报表", Do: web.Again(web.Act(submit), sending, sendView)},
		{Pattern: "GET " + Filings + "/{id}", Needs: Look, Doc: "一次报送", Do: web.Page(rm.filing, filingView)},
		{Pattern: "GET " + Filings + "/{id}/forms.pdf", Needs: Look, Doc: "打印报送的报表", Do: web.Download(filingPDF)},
	}
	for _, act := range Procedure.Acts() {
		out = append(out, web.Route{Pattern: "POST " + Filings + "/{id}/" + pathOf(act), Needs: act, Doc: Labels[act], Do: web.Again(web.Act(take), rm.filing, filingView)})
	}
	return out
}
