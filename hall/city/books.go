package city

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"unionhall/grassroots/finance/asset"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Keepers are the accounts of those who keep the city's books.
type Keepers struct{ Accountant, Director, Cashier string }

// bookkeeping is the making of the books.
type bookkeeping struct {
	db    *sqldb.DB
	plan  Plan
	root  registry.Union
	who   Keepers
	at    day.Instant
	first int // the first year
}

// mostBooks is how many unions of a larger city keep books: a province's would
// take many minutes to write.
const mostBooks = 300

// Bookkeeping gives every union of the city its books of the plan's years, up
// to the day: opened, written month by month with the mistakes that people
// make and how they are put right, closed by month and year.
func Bookkeeping(ctx context.Context, db *sqldb.DB, root registry.Union, p Plan, who Keepers, at day.Instant) error {
	b := bookkeeping{db: db, plan: p, root: root, who: who, at: at, first: p.Today.Year() - p.Years + 1}
	var all []registry.Union
	members := map[string]int64{}
	err := db.View(ctx, func(tx *sqldb.Tx) (err error) {
		if all, err = registry.All(ctx, tx, b.as(ledger.Look)); err != nil {
			return err
		}
		type count struct {
			union string
			n     int64
		}
		return sqldb.Each(ctx, tx, func(row sqldb.Row) (c count, err error) { return c, row(&c.union, &c.n) },
			func(c count) error { members[c.union] = c.n; return nil },
			`SELECT union_id, count(*) FROM members WHERE tenant_id = $1 AND status = 'active' GROUP BY union_id`, int64(Tenant))
	})
	if err != nil {
		return err
	}
	for i, u := range all {
		if u.State != registry.Standing || i >= mostBooks && u.ParentID != "" {
			continue
		}
		k := &keeper{bookkeeping: b, union: u, n: max(members[u.ID], 8), holds: map[holding]int64{}, seed: uint64(i) + 77}
		if err := k.keep(ctx); err != nil {
			return fmt.Errorf("books of %s: %w", u.Name, err)
		}
	}
	return nil
}

func (b bookkeeping) as(act auth.Action) auth.Grant {
	return auth.As(Tenant, b.who.Accountant, auth.Accountant, act, b.root.ID)
}

// holding is where a sum stands: what the next year begins with.
type holding struct{ account, source, project, party string }

// keeper writes the books of one union.
type keeper struct {
	bookkeeping
	union   registry.Union
	n       int64 // members
	rand    *rand.Rand
	holds   map[holding]int64 // debits less credits of everything that is carried on
	month   map[holding]int64 // of income and spending since the last carry
	project string            // the id of this year's project, if there is one
	book    ledger.Book
	records []ledger.Record
	ids     uint64
	seed    uint64
	owns    []owned // what is written off, as it stands
	cards   []asset.Card
	moves   []asset.Move
	runs    []asset.MonthRun
}

// keep writes one year after another, each in a transaction of its own.
func (k *keeper) keep(ctx context.Context) error {
	for year := k.first; year <= k.plan.Today.Year(); year++ {
		begun, owned := maps.Clone(k.holds), slices.Clone(k.owns) // the transaction may run again
		err := k.db.Chunk(ctx, func(tx *sqldb.Tx) (err error) {
			k.owns = slices.Clone(owned)
			k.holds, k.ids, k.rand = maps.Clone(begun), 0, rand.New(rand.NewPCG(k.plan.Seed+uint64(year), k.seed))
			k.book, err = ledger.Start(ctx, tx, k.as(ledger.Open), ledger.Opens{Union: k.union.ID, Year: year}, k.on(day.Day(fmt.Sprintf("%d-01-04", year))))
			if err != nil {
				return err
			}
			return k.year(ctx, tx, year)
		})
		if err != nil {
			return fmt.Errorf("%d: %w", year, err)
		}
	}
	return nil
}

// on is a moment of work on a day.
func (k *keeper) on(d day.Day) day.Instant {
	return day.Instant(string(d) + "T02:30:00.000000Z")
}

// year writes a year, closes what has passed of it, and says so in the log.
func (k *keeper) year(ctx context.Context, tx *sqldb.Tx, year int) error {
	k.records, k.month, k.project = nil, map[holding]int64{}, ""
	k.cards, k.moves, k.runs = nil, nil, nil
	if err := k.plans(ctx, tx, year); err != nil {
		return err
	}
	k.opening(year)
	last := 12
	if year == k.plan.Today.Year() {
		last = k.plan.Today.Month()
	}
	for month := 1; month <= last; month++ {
		k.business(year, month)
		if k.closes(year, month) {
			k.carry(year, month)
		}
	}
	ended := year < k.plan.Today.Year()
	if ended {
		k.settle(year)
	}
	slices.SortStableFunc(k.records, func(a, b ledger.Record) int {
		return cmp.Or(cmp.Compare(order(a), order(b)), strings.Compare(string(a.Date), string(b.Date)))
	})
	m := audit.Moves{}
	if _, err := ledger.Enroll(ctx, tx, k.as(ledger.Post), m, k.book, k.records); err != nil {
		return err
	}
	if err := asset.Enroll(ctx, tx, k.as(asset.Add), m, k.union.Ref(), k.cards, k.moves, k.runs); err != nil {
		return err
	}
	for month := 0; month <= last; month++ {
		if ended || month == 0 || k.closes(year, month) {
			if err := ledger.Lock(ctx, tx, k.as(ledger.Carry), m, k.book, month, "", k.on(k.end(year, max(month, 1)))); err != nil {
				return err
			}
		}
	}
	if ended {
		if err := ledger.End(ctx, tx, k.as(ledger.Carry), m, k.book, k.on(day.Day(fmt.Sprintf("%d-01-20", year+1)))); err != nil {
			return err
		}
	}
	return m.Write(ctx, tx, k.as(ledger.Post), k.book.ID, map[string]any{"did": "enrolled", "union": k.union.Name, "year": year, "vouchers": len(k.records)}, k.at)
}

// order puts opening balances first and closing vouchers behind the month that
// they close, in the order in which they were written.
func order(r ledger.Record) int {
	switch r.Nature {
	case ledger.Opening:
		return 0
	case ledger.Closing:
		return 2*r.Date.Month() + 1
	}
	return 2 * r.Date.Month()
}

// closes reports whether a month is over and closed: all but the last two.
func (k *keeper) closes(year, month int) bool {
	return k.end(year, month).AddDays(20) < k.plan.Today
}

func (k *keeper) end(year, month int) day.Day {
	return day.Day(fmt.Sprintf("%d-%02d-01", year, month)).MonthEnd()
}

// day picks a day of a month that has come already.
func (k *keeper) day(year, month, from, to int) day.Day {
	d := day.Day(fmt.Sprintf("%d-%02d-%02d", year, month, from+k.rand.IntN(to-from+1)))
	return min(d, k.end(year, month), k.plan.Today)
}

// plans registers the year's project of a third of the unions.
func (k *keeper) plans(ctx context.Context, tx *sqldb.Tx, year int) error {
	if k.rand.IntN(3) > 0 && k.union.ParentID != "" {
		return nil
	}
	name := []string{"职工之家建设", "困难职工帮扶", "劳动和技能竞赛"}[k.rand.IntN(3)]
	p, err := ledger.AddProject(ctx, tx, k.as(ledger.Plan), ledger.Plans{Union: k.union.ID, Code: fmt.Sprintf("%d-01", year), Name: name,
		Purpose: "上级专项补助，专款专用", From: day.Day(fmt.Sprintf("%d-03-01", year))}, k.on(day.Day(fmt.Sprintf("%d-03-01", year))))
	k.project = p.ID
	return err
}

// write adds a voucher that was posted on the day.
func (k *keeper) write(on day.Day, nature ledger.Nature, summary, event string, sheets int64, lines []books.Line) *ledger.Record {
	for i := range lines {
		l := &lines[i]
		if l.Account[0] == '4' || l.Account[0] == '5' {
			k.month[holding{l.Account, l.Source, l.Project, ""}] += int64(l.Debit - l.Credit)
		} else {
			k.holds[holding{l.Account, l.Source, l.Project, l.Party}] += int64(l.Debit - l.Credit)
		}
	}
	k.ids++
	made := k.on(on)
	k.records = append(k.records, ledger.Record{
		ID:    fmt.Sprintf("%08x-0000-7%03x-8000-%012x", k.plan.Seed&0xffffffff, k.book.Year%4096, k.serial()),
		Entry: ledger.Entry{Date: on, Summary: summary, Attachments: sheets, Lines: lines, Event: event, Nature: nature},
		Maker: k.who.Accountant, Made: made, Reviewer: k.who.Director, Poster: k.who.Accountant, Posted: made,
	})
	r := &k.records[len(k.records)-1]
	switch {
	case nature == ledger.Closing || nature == ledger.Opening:
		r.Reviewer = ledger.Auto
	case cash(lines):
		r.Cashier = k.who.Cashier
	}
	return r
}

// serial tells the vouchers of all unions apart.
func (k *keeper) serial() uint64 {
	var n uint64
	for _, c := range k.union.Code {
		n = n*10 + uint64(c-'0')
	}
	return n%1_000_000<<20 | k.ids
}

func cash(lines []books.Line) bool {
	for _, l := range lines {
		if t := books.Top(l.Account); t == "101" || t == "102" {
			return true
		}
	}
	return false
}
