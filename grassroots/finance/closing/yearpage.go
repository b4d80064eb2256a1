package closing

import (
	"fmt"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/web"
)

// ByYear names a year of a union.
type ByYear struct {
	Union string `json:"union" doc:"工会"`
	Year  int    `json:"year" doc:"年度"`
}

// YearPage is the end of a year, step by step.
type YearPage struct {
	Ending
	press bool
	event func(key, union string) string
}

func (rm *Room) year(r *web.Request, in ByYear) (p YearPage, err error) {
	p = YearPage{press: r.May(Year), event: rm.Event}
	p.Ending, err = rm.EndingOf(r.Ctx, r.Tx, r.Grant, in.Union, in.Year)
	return p, err
}

// place is where an event that a step asks for is entered.
func (p YearPage) place(key string) string {
	if p.event == nil {
		return fmt.Sprintf("%s/vouchers/new?union=%s&year=%d", ledger.Home, p.Union.Code, p.Year)
	}
	return p.event(key, p.Union.Code)
}

// StepForm takes a step of the end of a year.
type StepForm struct {
	ByYear
	Step string            `json:"step" doc:"步骤"`
	Fate map[string]string `json:"fate" doc:"项目"`
}

func (rm *Room) takes(r *web.Request, in StepForm) (Ended, error) {
	return rm.Takes(r.Ctx, r.Tx, r.Grant, in.Union, in.Year, in.Step, in.Fate, r.Now)
}
