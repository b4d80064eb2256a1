package handover

import (
	"context"
	"fmt"
	"io"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// deed is what the log tells of an act.
type deed struct {
	Did      string `json:"did"`
	Union    string `json:"union,omitempty"`
	Year     int    `json:"year,omitempty"`
	Format   string `json:"format,omitempty"`
	Below    bool   `json:"below,omitempty"`
	Document string `json:"document,omitempty"`
	Words    string `json:"words,omitempty"`
	Hash     string `json:"sha256,omitempty"`
}

// logExport writes down who takes books away. It comes before the file.
//
// law: R1.66
func logExport(ctx context.Context, db *sqldb.DB, g auth.Grant, thing string, d deed, at day.Instant) error {
	d.Did = "exported"
	return db.Do(ctx, func(tx *sqldb.Tx) error { return audit.Write(ctx, tx, g, thing, d, at) })
}

// Log writes down that the shell takes the books of a year away.
//
// law: R1.66
func Log(ctx context.Context, tx *sqldb.Tx, g auth.Grant, u registry.Union, year int, format string, at day.Instant) error {
	return audit.Write(ctx, tx, g, u.ID, deed{Did: "exported", Union: u.Name, Year: year, Format: format}, at)
}

// LogTaken writes down that somebody takes an archive along.
func LogTaken(ctx context.Context, tx *sqldb.Tx, g auth.Grant, k Kept, at day.Instant) error {
	return audit.Write(ctx, tx, g, k.ID, deed{Did: "taken", Union: k.Union.Name, Year: k.Year, Hash: k.Hash}, at)
}

// JournalQuery asks for the journal of a year as text.
type JournalQuery struct {
	Union  string `json:"union" doc:"工会"`
	Year   int    `json:"year" doc:"年度"`
	Format Format `json:"format" doc:"格式"`
	Below  bool   `json:"below" doc:"含下级"`
}

// file is what the text is called.
func (q JournalQuery) file(union string) string {
	name := fmt.Sprintf("%s-%d", union, q.Year)
	if q.Below {
		name += "-含下级"
	}
	return name + map[Format]string{Beancount: ".beancount"}[q.Format] + map[Format]string{Hledger: ".journal"}[q.Format]
}

func journalFile(r *web.Request, in JournalQuery) (f web.File, err error) {
	if in.Format == "" {
		in.Format = Hledger
	}
	if in.Year == 0 {
		in.Year = r.Today.Year()
	}
	u, err := ledger.Union(r.Ctx, r.Tx, r.Grant, in.Union)
	if err != nil {
		return f, err
	}
	if err := in.Format.check(); err != nil {
		return f, err
	}
	if !in.Below {
		if _, err := ledger.BookOf(r.Ctx, r.Tx, r.Grant, u.ID, in.Year); err != nil {
			return f, err
		}
	}
	d := deed{Union: u.Name, Year: in.Year, Format: string(in.Format), Below: in.Below}
	if err := logExport(r.Ctx, r.Site.DB, r.Grant, u.ID, d, r.Now); err != nil {
		return f, err
	}
	return web.File{Name: in.file(u.Code), Type: "text/plain; charset=utf-8", Write: func(w io.Writer) error {
		return Journal(r.Ctx, r.Tx, r.Grant, u.ID, in.Year, in.Below, in.Format, w)
	}}, nil
}

// BookQuery names a union's book of a year.
type BookQuery struct {
	Union string `json:"union" doc:"工会"`
	Year  int    `json:"year" doc:"年度"`
}

func (rm *Room) gbtFile(r *web.Request, in BookQuery) (f web.File, err error) {
	if in.Year == 0 {
		in.Year = r.Today.Year()
	}
	b, err := ledger.BookOf(r.Ctx, r.Tx, r.Grant, in.Union, in.Year)
	if err != nil {
		return f, err
	}
	if err := logExport(r.Ctx, r.Site.DB, r.Grant, b.ID, deed{Union: b.Union.Name, Year: b.Year, Format: interfaceName}, r.Now); err != nil {
		return f, err
	}
	return web.File{Name: fmt.Sprintf("%s-%d-数据接口.zip", b.Union.Code, b.Year), Type: "application/zip", Write: func(w io.Writer) error {
		return gbtOf(r.Ctx, r.Tx, r.Grant, rm.Names, b, r.Now, w)
	}}, nil
}

// HomePage is what may be taken along of a union's year.
type HomePage struct {
	Union    string       `json:"union"`
	Name     string       `json:"name"`
	Year     int          `json:"year"`
	Book     *ledger.Book `json:"book"`
	Archives []Kept       `json:"archives"`
	Terms    *Terms       `json:"terms,omitempty"`
	choice   choice
	may      map[auth.Action]bool
}

// choice is the unions and years to choose from.
type choice struct {
	books []ledger.Book
	today day.Day
}

// unions lists those that keep books in the year, the chosen one always.
func (c choice) unions(code, name string) (out []ui.Option) {
	seen := false
	for _, b := range c.books {
		out, seen = append(out, ui.Option{Value: b.Union.Code, Text: b.Union.Name}), seen || b.Union.Code == code
	}
	if !seen && code != "" {
		out = append([]ui.Option{{Value: code, Text: name}}, out...)
	}
	return out
}

// years lists the last ten years and the chosen one.
func (c choice) years(year int) (out []ui.Option) {
	for y := max(c.today.Year(), year); y >= min(c.today.Year()-9, year); y-- {
		out = append(out, ui.Option{Value: fmt.Sprint(y), Text: fmt.Sprintf("%d 年", y)})
	}
	return out
}

func (rm *Room) home(r *web.Request, in BookQuery) (p HomePage, err error) {
	if in.Year < 2010 || in.Year > r.Today.Year()+1 {
		in.Year = r.Today.Year()
	}
	u, err := ledger.Union(r.Ctx, r.Tx, r.Grant, in.Union)
	if err != nil {
		return p, err
	}
	p = HomePage{Union: u.Code, Name: u.Name, Year: in.Year, choice: choice{today: r.Today}, may: map[auth.Action]bool{Archive: r.May(Archive), Take: r.May(Take)}}
	if p.choice.books, err = ledger.Books(r.Ctx, r.Tx, r.Grant, "", in.Year); err != nil {
		return p, err
	}
	for _, b := range p.choice.books {
		if b.Union.ID == u.ID {
			p.Book = &b
		}
	}
	if p.Book == nil {
		return p, nil
	}
	if p.Archives, err = KeptOf(r.Ctx, r.Tx, r.Grant, p.Book.ID); err != nil {
		return p, err
	}
	terms, err := TermsOf(r.Ctx, r.Tx, r.Grant.Tenant(), in.Year, r.Today)
	p.Terms = &terms
	return p, err
}

func (p HomePage) current() *Kept { return current(p.Archives) }

// at is an address with the union and the year of the page.
func (p HomePage) at(path, more string) string {
	return fmt.Sprintf("%s?union=%s&year=%d%s", path, p.Union, p.Year, more)
}
