package rules

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"unionhall/commons/rulebook"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
)

// The years that the calendar shows: the first the program has a notice of,
// and some ahead of today.
const (
	firstYear = 2004
	ahead     = 2
)

// CalendarQuery names a year.
type CalendarQuery struct {
	Year int `json:"year" doc:"年份"`
}

// Year is one year of the calendar as this office has it.
type Year struct {
	Year     int         `json:"year"`
	Known    bool        `json:"known"` // its notice is there; else weekends only
	Own      bool        `json:"own"`   // the office brought the notice in
	Workdays int         `json:"workdays"`
	Months   []Month     `json:"months"`
	Days     []Exception `json:"days"`
	Text     string      `json:"-"` // what stands in the form
	today    day.Day
	may      bool
}

// Month is how many working days a month has.
type Month struct {
	Month    int `json:"month"`
	Workdays int `json:"workdays"`
	grid     ui.MonthGrid
}

// Exception is a day that a notice sets apart.
type Exception struct {
	Day   day.Day `json:"day"`
	Works bool    `json:"works"`
	Name  string  `json:"name"`
	Own   bool    `json:"own"`
}

func (m *Room) calendar(r *web.Request, in CalendarQuery) (Year, error) {
	if in.Year == 0 {
		in.Year = r.Today.Year()
	}
	if in.Year < firstYear || in.Year > r.Today.Year()+ahead {
		return Year{}, fault.New(fault.Invalid, "日历从 %d 年到 %d 年，请在这些年份里选。", firstYear, r.Today.Year()+ahead)
	}
	own, err := rulebook.OwnDays(r.Ctx, r.Tx, r.Grant.Tenant())
	if err != nil {
		return Year{}, err
	}
	cal, err := rulebook.Calendar(r.Ctx, r.Tx, r.Grant.Tenant())
	y := yearOf(cal, in.Year, own, r.Today)
	y.may = r.May(Enter)
	return y, err
}

// yearOf draws a year.
//
// law: PL-25
func yearOf(cal day.Calendar, year int, own []rulebook.OwnDay, today day.Day) Year {
	y := Year{Year: year, Known: cal.Known(year), Days: []Exception{}, today: today}
	mine := map[day.Day]bool{}
	for _, d := range own {
		mine[d.Day] = true
		y.Own = y.Own || d.Notice == year
	}
	for month := 1; month <= 12; month++ {
		first := day.Day(fmt.Sprintf("%04d-%02d-01", year, month))
		grid := ui.MonthGrid{Title: strconv.Itoa(month) + "月", Blank: fromMonday(first)}
		n := 0
		for d := first; d <= first.MonthEnd(); d = d.AddDays(1) {
			works := cal.Workday(d)
			cell := ui.DayCell{N: len(grid.Days) + 1, Off: !works, Now: d == today}
			if e, ok := cal.Holiday(d); ok {
				cell.Mark, cell.Title = mark(e), title(e)
				y.Days = append(y.Days, Exception{d, e.Works, e.Name, mine[d]})
			}
			if works {
				n++
			}
			grid.Days = append(grid.Days, cell)
		}
		grid.Note = fmt.Sprintf("%d 个工作日", n)
		y.Workdays += n
		y.Months = append(y.Months, Month{month, n, grid})
	}
	return y
}

func fromMonday(d day.Day) int {
	week := []string{"星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"}
	return max(0, slices.Index(week, d.Weekday()))
}

func mark(e day.Exception) string {
	if e.Works {
		return "班"
	}
	return "休"
}

func title(e day.Exception) string {
	if e.Works {
		return e.Name + "调休上班"
	}
	return e.Name
}

func (y Year) grids() (out []ui.MonthGrid) {
	for _, m := range y.Months {
		out = append(out, m.grid)
	}
	return out
}

func (y Year) years() (out []ui.Option) {
	for n := y.today.Year() + ahead; n >= firstYear; n-- {
		out = append(out, ui.Option{Value: strconv.Itoa(n), Text: strconv.Itoa(n) + " 年"})
	}
	return out
}

// Notice is a year's notice as it was read, before it is written.
type Notice struct {
	Year   int         `json:"year"`
	Days   []Exception `json:"days"`
	Off    int         `json:"off"`
	MadeUp int         `json:"made_up"` // make-up working days
	Known  bool        `json:"known"`   // the year has a notice already, which this one overlays
	Text   string      `json:"text"`
}

// ReadNotice reads a notice as an officer brings it. All days must belong to
// one year, or to its neighbours' turn of the year.
//
// law: PL-25
func ReadNotice(text string) (n Notice, err error) {
	days, err := day.ParseNotice(text)
	if err != nil {
		return n, &fault.Error{Kind: fault.Invalid, Text: "通知没有读通，请按提示改正。", Fields: map[string]string{"text": fault.Of(err).Text}}
	}
	count := map[int]int{}
	for _, d := range days {
		y := d.Day.Year()
		if count[y]++; count[y] > count[n.Year] {
			n.Year = y
		}
	}
	first, last := day.Day(fmt.Sprintf("%04d-12-01", n.Year-1)), day.Day(fmt.Sprintf("%04d-01-31", n.Year+1))
	var far []string
	lines := make([]string, len(days))
	for i, d := range days {
		if d.Day < first || d.Day > last {
			far = append(far, string(d.Day))
		}
		if d.Works {
			n.MadeUp++
		} else {
			n.Off++
		}
		n.Days = append(n.Days, Exception{d.Day, d.Works, d.Name, true})
		lines[i] = string(d.Day) + " " + mark(d) + " " + d.Name
	}
	if len(far) > 0 {
		return n, &fault.Error{Kind: fault.Invalid, Text: "通知没有读通，请按提示改正。", Fields: map[string]string{
			"text": fmt.Sprintf("通知：多数日期在 %d 年，%s 却离得太远，请核对年份；一次只录入一年", n.Year, strings.Join(far, "、"))}}
	}
	n.Text = strings.Join(lines, "\n")
	return n, nil
}

// NoticeForm brings a notice as text, or as a file that has it.
type NoticeForm struct {
	Text string     `json:"text" doc:"通知"`
	File web.Upload `json:"file" doc:"文件"`
}

// Place of a notice that was read is where it is looked at before it is kept.
func (n Notice) Place() string { return "/law/calendar/new?text=" + url.QueryEscape(n.Text) }

// readUpload puts what stands in the file into the text.
func readUpload(r *web.Request, in *NoticeForm) error {
	if in.File.Blob.Hash == "" {
		return nil
	}
	text, err := tableText(r.Site.Files, in.File)
	if err != nil {
		return err
	}
	in.Text = text
	return nil
}

// noticeLimits are far beyond any year's notice.
var noticeLimits = sheet.Limits{Bytes: 1 << 20, Unzipped: 8 << 20, Columns: 50, Rows: 2000}

func tableText(store files.Store, up web.Upload) (text string, err error) {
	f, err := store.Open(up.Blob.Hash)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	book, err := sheet.Open(io.NewSectionReader(f, 0, up.Blob.Size), up.Blob.Size, up.Name, noticeLimits)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	var b strings.Builder
	err = book.All(0, func(row *sheet.Row) error {
		for _, c := range row.Cells {
			b.WriteString(c.Text + "\t")
		}
		b.WriteByte('\n')
		return nil
	})
	return b.String(), err
}

// TextQuery carries a notice that is looked at.
type TextQuery struct {
	Text string `json:"text" doc:"通知"`
}

func (m *Room) lookNotice(r *web.Request, in TextQuery) (Notice, error) {
	n, err := ReadNotice(in.Text)
	if err != nil {
		return n, err
	}
	cal, err := rulebook.Calendar(r.Ctx, r.Tx, r.Grant.Tenant())
	n.Known = cal.Known(n.Year)
	return n, err
}

// Kept is a notice that was written or taken back.
type Kept struct {
	Year int `json:"year"`
	Days int `json:"days"`
	said string
}

func (k Kept) Place() string { return "/law/calendar?year=" + strconv.Itoa(k.Year) }
func (k Kept) Said() string  { return k.said }

// head queues whoever changes the office's calendar.
func head(ctx context.Context, tx *sqldb.Tx, tenant int64) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO counters (tenant_id, kind, scope, last) VALUES ($1, 'calendar', 'all', 1)
		ON CONFLICT (tenant_id, kind, scope) DO UPDATE SET last = counters.last + 1`, tenant)
	return err
}

// KeepNotice writes a year's notice; one of the same year that the office
// brought in before gives way to it.
func KeepNotice(ctx context.Context, tx *sqldb.Tx, g auth.Grant, text string, at day.Instant) (Kept, error) {
	n, err := ReadNotice(text)
	if err != nil {
		return Kept{}, err
	}
	if err := head(ctx, tx, g.Tenant()); err != nil {
		return Kept{}, err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM own_days WHERE tenant_id = $1 AND notice = $2`, g.Tenant(), int64(n.Year)); err != nil {
		return Kept{}, err
	}
	for _, d := range n.Days {
		_, err := tx.Exec(ctx, `
			INSERT INTO own_days (tenant_id, day, notice, workday, name) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (tenant_id, day) DO UPDATE SET notice = excluded.notice, workday = excluded.workday, name = excluded.name`,
			g.Tenant(), d.Day, int64(n.Year), d.Works, d.Name)
		if err != nil {
			return Kept{}, err
		}
	}
	k := Kept{n.Year, len(n.Days), fmt.Sprintf("%d 年的放假和调休安排已录入，共 %d 天。", n.Year, len(n.Days))}
	return k, audit.Write(ctx, tx, g, "calendar", map[string]any{"year": n.Year, "days": strings.Split(n.Text, "\n")}, at)
}

// DropNotice takes a year's notice back. One that the office never brought in
// is fault.Conflict.
func DropNotice(ctx context.Context, tx *sqldb.Tx, g auth.Grant, year int, at day.Instant) (Kept, error) {
	if err := head(ctx, tx, g.Tenant()); err != nil {
		return Kept{}, err
	}
	n, err := tx.Exec(ctx, `DELETE FROM own_days WHERE tenant_id = $1 AND notice = $2`, g.Tenant(), int64(year))
	if err != nil {
		return Kept{}, err
	}
	if n == 0 {
		return Kept{}, fault.New(fault.Conflict, "本单位没有录入 %d 年的安排，或刚刚已由他人撤回。", year)
	}
	k := Kept{year, int(n), fmt.Sprintf("已撤回本单位录入的 %d 年安排。", year)}
	return k, audit.Write(ctx, tx, g, "calendar", map[string]any{"year": year, "withdrawn": n}, at)
}
