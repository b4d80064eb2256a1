package ledger

// AccountsPage is the chart of a system.
type AccountsPage struct {
	System books.System    `json:"system"`
	Items  []books.Account `json:"items"`
	add    bool
}

// SystemQuery chooses an accounting system.
type SystemQuery struct {
	System books.System `json:"system" doc:"会计制度"`
}

func (rm Room) accounts(r *web.Request, in SystemQuery) (p AccountsPage, err error) {
	if in.System != books.A09 {
		in.System = books.A21
	}
	chart, err := ChartOf(r.Ctx, r.Tx, r.Grant.Tenant(), in.System)
	return AccountsPage{System: in.System, Items: chart.All(), add: r.May(Chart)}, err
}

// Added is an account that the office added.
type Added struct{ books.Account }

func (a Added) Place() string { return Home + "/accounts?system=" + string(a.System) }
func (a Added) Created() bool { return true }
func (a Added) Said() string  { return "已增设 " + a.Code + " " + a.Name + "。" }

func (rm Room) detailAccount(r *web.Request, in Detailing) (Added, error) {
	a, err := AddDetail(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Added{a}, err
}
