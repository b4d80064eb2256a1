package hall

import (
	"context"
	"fmt"

	"unionhall/grassroots/finance/statement"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/office/desk"
)

// mostFilings is how many filings the work table names.
const mostFilings = 20

// fromStatements tells a chair whose month is closed what to submit, and the
// director what waits to be received.
//
// law: F3.17, F3.28
func fromStatements(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(statement.Look)
	if !ok {
		return p, nil
	}
	month := lastMonth(v.Today)
	switch g.Office() {
	case auth.Director:
		sent, err := statement.Standings(ctx, tx, g, month, statement.StandingQuery{State: string(statement.Sent), Limit: mostFilings})
		for _, x := range sent {
			p.Duties = append(p.Duties, desk.Duty{Title: x.Union.Name + month.Name() + "报表", Href: x.Filing.Place(), Note: "于 " + x.Filing.At.Local() + " 报送，等待接收", Tag: "待接收", Kind: ui.Warn, Act: "接收", ActHref: x.Filing.Place()})
		}
		if err != nil {
			return p, err
		}
		_, unsent, err := statement.Waiting(ctx, tx, g, month)
		if unsent > 0 {
			p.Figures = []desk.Figure{{Label: fmt.Sprintf("%d 月报表未报送", month.Month), Value: grouped(unsent), Unit: "个", Note: "有账套的工会", Href: fmt.Sprintf("%s?year=%d&period=%d&state=missing", statement.Filings, month.Year, month.Month)}}
		}
		return p, err
	case auth.Chair:
		unsent, err := statement.Standings(ctx, tx, g, month, statement.StandingQuery{State: "missing", Limit: mostFilings})
		for _, x := range unsent {
			if x.Closed {
				to := fmt.Sprintf("%s/new?union=%s&year=%d&period=%d", statement.Filings, x.Union.Code, month.Year, month.Month)
				p.Duties = append(p.Duties, desk.Duty{Title: "报送" + x.Union.Name + month.Name() + "报表", Href: to, Note: "这个月已经结账", Tag: "待报送", Kind: ui.Info, Act: "去报送", ActHref: to})
			}
		}
		return p, err
	}
	return p, nil
}

// lastMonth is the month before a day's.
func lastMonth(today day.Day) statement.Span {
	before := day.Day(string(today[:8]) + "01").AddDays(-1)
	n := 0
	_, err := fmt.Sscanf(string(before[5:7]), "%d", &n)
	if err != nil {
		return statement.Span{Year: before.Year()}
	}
	return statement.Span{Year: before.Year(), Month: n}
}
