package term

import (
	"bufio"
	"context"
	"io"
	"strings"
	"unicode/utf8"

	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// columns of the calendar as a file.
var columns = []struct {
	sheet.Column
	text func(Row) string
}{
	{sheet.Column{Name: "工会编码", Width: 16}, func(r Row) string { return r.Code }},
	{sheet.Column{Name: "工会名称", Width: 34}, func(r Row) string { return r.Union }},
	{sheet.Column{Name: "机构", Width: 18}, func(r Row) string { return r.Kind.Label() }},
	{sheet.Column{Name: "届次", Kind: sheet.Integer}, func(r Row) string { return number(r.Nth) }},
	{sheet.Column{Name: "选举日期", Kind: sheet.Date}, func(r Row) string { return string(r.Elected) }},
	{sheet.Column{Name: "届满日期", Kind: sheet.Date}, func(r Row) string { return string(r.Due) }},
	{sheet.Column{Name: "延期前届满日期", Kind: sheet.Date, Width: 18}, func(r Row) string { return string(r.FirstDue) }},
	{sheet.Column{Name: "限期", Kind: sheet.Date}, func(r Row) string { return string(r.Deadline) }},
	{sheet.Column{Name: "状态"}, func(r Row) string { return r.Stage.Label() }},
	{sheet.Column{Name: "距届满天数", Kind: sheet.Integer}, func(r Row) string { return number(int64(r.Left)) }},
}

// rowsOf reads every row that q means.
func rowsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query, today day.Day) ([]Row, error) {
	if err := q.tidy(); err != nil {
		return nil, err
	}
	l, err := boundsOf(ctx, tx, g.Tenant(), today)
	if err != nil {
		return nil, err
	}
	return q.read(ctx, tx, g, l.Clock, "", 0)
}

func export(r *web.Request, q Query, dst io.Writer, csv bool) error {
	rows, err := rowsOf(r.Ctx, r.Tx, r.Grant, q, r.Today)
	if err != nil {
		return err
	}
	heads := make([]sheet.Column, len(columns))
	for i, c := range columns {
		heads[i] = c.Column
	}
	open := func() (*sheet.Writer, error) { return sheet.NewXLSX(dst, "届期", heads) }
	if csv {
		open = func() (*sheet.Writer, error) { return sheet.NewCSV(dst, heads) }
	}
	w, err := open()
	if err != nil {
		return err
	}
	values := make([]string, len(columns))
	for _, row := range rows {
		for i, c := range columns {
			values[i] = c.text(row)
		}
		if err := w.Row(values...); err != nil {
			return err
		}
	}
	return w.Close()
}

func exportCSV(r *web.Request, in Query) (web.File, error) {
	return web.File{Name: "届期.csv", Type: "text/csv; charset=utf-8", Write: func(dst io.Writer) error { return export(r, in, dst, true) }}, nil
}

func exportXLSX(r *web.Request, in Query) (web.File, error) {
	return web.File{Name: "届期.xlsx", Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Write: func(dst io.Writer) error { return export(r, in, dst, false) }}, nil
}

func exportICS(r *web.Request, in Query) (web.File, error) {
	rows, err := rowsOf(r.Ctx, r.Tx, r.Grant, in, r.Today)
	return web.File{Name: "届满日.ics", Type: "text/calendar; charset=utf-8", Write: func(dst io.Writer) error { return writeICS(dst, rows, r.Now) }}, err
}

// writeICS writes the due days as a calendar (RFC 5545): an all-day event of
// each body, under an id that stays, so that a second download replaces the
// first.
func writeICS(dst io.Writer, rows []Row, at day.Instant) error {
	w := bufio.NewWriter(dst)
	line := func(name, text string) { w.WriteString(fold(name + ":" + text)) }
	line("BEGIN", "VCALENDAR")
	line("VERSION", "2.0")
	line("PRODID", "-//Unionhall//Terms//ZH")
	line("METHOD", "PUBLISH")
	line("X-WR-CALNAME", "工会届满日")
	for _, r := range rows {
		line("BEGIN", "VEVENT")
		line("UID", r.ID+"@terms.unionhall")
		line("DTSTAMP", compact(string(at[:19]))+"Z")
		line("DTSTART;VALUE=DATE", compact(string(r.Due)))
		line("DTEND;VALUE=DATE", compact(string(r.Due.AddDays(1))))
		line("SUMMARY", icsText(r.Union+" "+r.Kind.Label()+"届满"))
		line("DESCRIPTION", icsText(r.Stage.Label()+"，第"+number(r.Nth)+"届，"+string(r.Elected)+" 选举"))
		if r.Stage == registry.Prolonged || r.FirstDue != "" {
			line("COMMENT", icsText("原届满日 "+string(r.FirstDue)+"，经批准延期"))
		}
		line("TRANSP", "TRANSPARENT")
		line("END", "VEVENT")
	}
	line("END", "VCALENDAR")
	return w.Flush()
}

func compact(s string) string { return strings.NewReplacer("-", "", ":", "").Replace(s) }

func icsText(s string) string {
	return strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\n", `\n`).Replace(s)
}

// fold ends a line and breaks it where it has more than 75 octets, never
// within a character.
func fold(s string) string {
	var b strings.Builder
	room := 75
	for _, r := range s {
		n := utf8.RuneLen(r)
		if n > room {
			b.WriteString("\r\n ")
			room = 74
		}
		b.WriteRune(r)
		room -= n
	}
	return b.String() + "\r\n"
}
