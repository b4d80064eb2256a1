package hall

import (
	"context"
	"fmt"

	"unionhall/grassroots/finance/closing"
	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/office/account"
	"unionhall/office/desk"
)

// newClosing furnishes the room that closes the books with what other rooms
// know of a month.
//
// law: F3.16, F3.17
func (h *House) newClosing() *closing.Room {
	return &closing.Room{Names: account.Names, Files: h.Files, Runner: h.Runner, Asks: []closing.Inquiry{bankAgrees}, Event: func(key, union string) string {
		return "/grassroots/finance/events/" + key + "?union=" + union
	}}
}

// mostToClose is how many books to close the work table knows by name.
const mostToClose = 2

// fromClosing tells who keeps books which months are to be closed, and who may
// allow it that a month is to be opened again.
//
// law: F3.16, F3.17
func fromClosing(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (p desk.Part, err error) {
	g, ok := v.Grant(closing.Look)
	if !ok {
		return p, nil
	}
	_, closes := v.Grant(closing.Close)
	_, allows := v.Grant(closing.Refuse)
	due := 0
	for year := v.Today.Year() - 1; year <= v.Today.Year() && (closes || allows); year++ {
		all, err := closing.Standings(ctx, tx, g, year)
		if err != nil {
			return p, err
		}
		for _, s := range all {
			if allows && s.Asked() >= 0 {
				q := s.Period(s.Asked())
				p.Duties = append(p.Duties, desk.Duty{Title: s.Union.Name + " 申请重新开账", Href: q.Place(), Note: q.Title(), Tag: "待同意", Kind: ui.Warn, Act: "去办理", ActHref: q.Place()})
			}
			if q, ok := unclosed(s, v); ok && closes {
				if due++; due <= mostToClose {
					p.Duties = append(p.Duties, q)
				}
			}
		}
	}
	if due > mostToClose {
		p.Duties = append(p.Duties, desk.Duty{Title: fmt.Sprintf("还有 %d 个账套待结账", due-mostToClose), Href: closing.Home, Note: "可以批量结账", Tag: "待结账", Kind: ui.Info, Act: "去结账", ActHref: closing.Home})
	}
	return p, nil
}

// unclosed is a book whose next month is over and not closed, or whose year is.
func unclosed(s closing.Standing, v desk.Viewer) (desk.Duty, bool) {
	if s.State == ledger.Ended {
		return desk.Duty{}, false
	}
	next := s.Next()
	if next == 0 {
		place := fmt.Sprintf("%s/%s/%d", closing.Years, s.Union.Code, s.Year)
		return desk.Duty{Title: fmt.Sprintf("%s %d 年待年结", s.Union.Name, s.Year), Href: place, Note: "十二个月都已结账", Tag: "待年结", Kind: ui.Info, Act: "去年结", ActHref: place}, s.Year < v.Today.Year()
	}
	q := s.Period(next)
	return desk.Duty{Title: s.Union.Name + " " + q.Title() + "待结账", Href: q.Place(), Note: "结账前先看还缺什么", Tag: "待结账", Kind: ui.Info, Act: "去结账", ActHref: q.Place()},
		q.Ends() < v.Today
}
