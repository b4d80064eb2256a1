package hall

import (
	"context"
	"fmt"

	"unionhall/grassroots/finance/asset"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/office/desk"
)

// fromAssets tells whose depreciation of a month that is over has not run, who
// has not counted yet as the year ends, and what waits to be approved or
// booked.
//
// law: F3.9, F3.10, J33
func fromAssets(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(asset.Look)
	if !ok {
		return p, nil
	}
	waiting, err := asset.Waiting(ctx, tx, g)
	if err != nil {
		return p, err
	}
	mine := map[auth.Office]asset.MatterState{auth.Chair: asset.Asked, auth.Director: asset.Asked, auth.Accountant: asset.Approved}[g.Office()]
	if n := waiting[mine]; mine != "" && n > 0 {
		p.Duties = append(p.Duties, desk.Duty{Title: fmt.Sprintf("资产处置：%d 件%s", n, mine.Label()), Href: asset.Home + "/matters", Tag: mine.Label(), Kind: ui.Warn, Act: "去办理", ActHref: asset.Home + "/matters"})
	}
	if g.Office() != auth.Accountant {
		return p, nil
	}
	owners, err := asset.Owners(ctx, tx, g, v.Today)
	if err != nil {
		return p, err
	}
	p.Duties = append(p.Duties, assetDuties(owners, v.Today)...)
	return p, nil
}

// mostAssetDuties is how many unions the work table names; more are one line.
const mostAssetDuties = 2

// lastQuarter is the month from which on a count of the year is due.
const lastQuarter = 10

func assetDuties(owners []asset.Owner, today day.Day) (out []desk.Duty) {
	over := asset.MonthOf(today).Plus(-1) // the last month that is over
	var late, uncounted []asset.Owner
	for _, o := range owners {
		if o.Last < over && o.First <= over {
			late = append(late, o)
		}
		if !o.Counted && today.Month() >= lastQuarter {
			uncounted = append(uncounted, o)
		}
	}
	say := func(list []asset.Owner, title, act, path string, due day.Day) {
		for _, o := range list[:min(len(list), mostAssetDuties)] {
			href := path + "?union=" + o.Code
			out = append(out, desk.Duty{Title: o.Name + " " + title, Href: href, Due: due, Act: act, ActHref: href})
		}
		if n := len(list) - mostAssetDuties; n > 0 {
			out = append(out, desk.Duty{Title: fmt.Sprintf("还有 %d 个工会%s", n, title), Href: path, Due: due, Act: act, ActHref: path})
		}
	}
	say(late, over.Label()+"折旧未计提", "去计提", asset.Home+"/runs", over.Last().AddDays(1))
	say(uncounted, "本年还没有盘点", "去盘点", asset.CountHome, day.Day(fmt.Sprintf("%04d-12-31", today.Year())))
	return out
}
