package ledger

// YearQuery chooses a year.
type YearQuery struct {
	Year int `json:"year" doc:"年度"`
}

// HomePage is the books of a year within reach.
type HomePage struct {
	Year  int    `json:"year"`
	Items []Book `json:"items"`
	open  bool
}

func (rm Room) home(r *web.Request, in YearQuery) (HomePage, error) {
	if in.Year == 0 {
		in.Year = r.Today.Year()
	}
	all, err := Books(r.Ctx, r.Tx, r.Grant, "", in.Year)
	return HomePage{Year: in.Year, Items: all, open: r.May(Open)}, err
}

// OpeningPage is the form that opens books.
type OpeningPage struct {
	Union string `json:"union"`
	Name  string `json:"name"`
	Year  int    `json:"year"`
}

func (rm Room) opening(r *web.Request, in Opens) (OpeningPage, error) {
	u, err := Union(r.Ctx, r.Tx, r.Grant, in.Union)
	if in.Year == 0 {
		in.Year = r.Today.Year()
	}
	return OpeningPage{Union: u.Code, Name: u.Name, Year: in.Year}, err
}

// Started is a book that was opened.
type Started struct{ Book }

func (s Started) Created() bool { return true }
func (s Started) Said() string  { return "账套已建立，请先录入或转入年初余额。" }

func (rm Room) start(r *web.Request, in Opens) (Started, error) {
	b, err := Start(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Started{b}, err
}

// BookPage is a book with its months and what waits in it.
type BookPage struct {
	Book
	Months  []Month         `json:"months"`
	Waiting map[State]int64 `json:"waiting"`
	make    bool
	by      string
}

func (rm Room) book(r *web.Request, in ByID) (p BookPage, err error) {
	if p.Book, err = FindBook(r.Ctx, r.Tx, r.Grant, in.ID); err != nil {
		return p, err
	}
	if p.Months, err = Months(r.Ctx, r.Tx, r.Grant.Tenant(), p.ID); err != nil {
		return p, err
	}
	p.make = r.May(Make) && p.State == Running
	if p.Waiting, err = Waiting(r.Ctx, r.Tx, r.Grant, p.ID); err != nil {
		return p, err
	}
	names, err := rm.Names(r.Ctx, r.Tx, r.Grant.Tenant(), []string{p.By})
	p.by = names[p.By]
	return p, err
}
