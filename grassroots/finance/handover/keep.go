package handover

import (
	"context"
	"fmt"
	"io"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/print"
	"unionhall/kit/sqldb"
	"unionhall/law"
	"unionhall/law/books"
)

// Standing is a closed book with its archive, if it has one.
type Standing struct {
	Book  string       `json:"book"`
	Union registry.Ref `json:"union"`
	Year  int          `json:"year"`
	Kept  string       `json:"archive,omitempty"`
	State State        `json:"state,omitempty"`
	Until day.Day      `json:"delivered,omitempty"`
}

// standings lists closed books within g's reach by year and code, after one:
// with lacking only those that have no archive.
func standings(ctx context.Context, tx *sqldb.Tx, g auth.Grant, lacking bool, year int, after string, limit int) ([]Standing, error) {
	more, args := "", []any{g.Tenant(), g.Under(), after, int64(limit)}
	if lacking {
		more = ` AND a.id IS NULL`
	}
	if year != 0 {
		more += ` AND b.year = $5`
		args = append(args, int64(year))
	}
	return sqldb.List(ctx, tx, func(row sqldb.Row) (s Standing, err error) {
		return s, row(&s.Book, &s.Union.ID, &s.Union.Code, &s.Union.Name, &s.Year, &s.Kept, &s.State, &s.Until)
	}, `
		SELECT b.id, b.union_id, u.code, u.name, b.year, a.id, a.state, a.delivered
		FROM books b
		JOIN unions u ON u.tenant_id = b.tenant_id AND u.id = b.union_id
		LEFT JOIN book_archives a ON a.tenant_id = b.tenant_id AND a.book_id = b.id AND a.kind = 'final' AND a.state IN ('kept', 'delivered')
		WHERE b.tenant_id = $1 AND b.state = 'closed'
			AND EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = b.tenant_id AND r.above_id = $2 AND r.union_id = b.union_id)
			AND cast(b.year as text) || u.code > $3`+more+`
		ORDER BY cast(b.year as text) || u.code LIMIT $4`, args...)
}

// Tally is what waits to be kept or to be handed on.
type Tally struct {
	Lacking int64 // closed books without an archive
	Due     int64 // archives that may go to the archivist
	Late    int64 // of those, past the longest time
	Oldest  int   // the year of the oldest that is due
}

// TallyOf counts what waits within g's reach.
//
// law: F3.27
func TallyOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) (t Tally, err error) {
	within := ` AND EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = b.tenant_id AND r.above_id = $2 AND r.union_id = b.union_id)`
	t.Lacking, err = sqldb.One(ctx, tx, sqldb.Int, `
		SELECT count(*) FROM books b WHERE b.tenant_id = $1 AND b.state = 'closed'`+within+`
			AND NOT EXISTS (SELECT 1 FROM book_archives a WHERE a.tenant_id = b.tenant_id AND a.book_id = b.id AND a.kind = 'final' AND a.state IN ('kept', 'delivered'))`, g.Tenant(), g.Under())
	if err != nil {
		return t, err
	}
	terms, err := TermsOf(ctx, tx, g.Tenant(), today.Year(), today)
	if err != nil {
		return t, err
	}
	// of this year's archive: how many years later it is due, and late
	due, late := today.Year()-(terms.From.Year()-today.Year()), today.Year()-(terms.Last.Year()-today.Year())-1
	return t, sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]int64, err error) { return v, row(&v[0], &v[1]) }, func(v [2]int64) error {
		t.Due += v[1]
		if int(v[0]) <= late {
			t.Late += v[1]
		}
		if t.Oldest == 0 {
			t.Oldest = int(v[0])
		}
		return nil
	}, `
		SELECT b.year, count(*) FROM book_archives b
		WHERE b.tenant_id = $1 AND b.kind = 'final' AND b.state = 'kept' AND b.year <= $3`+within+` GROUP BY b.year ORDER BY b.year`, g.Tenant(), g.Under(), int64(due))
}

// Past is a part of an archive whose time is over (到期档案): what may be
// proposed for appraisal. Nothing here destroys it.
type Past struct {
	Union registry.Ref  `json:"union"`
	Year  int           `json:"year"`
	Kind  books.Archive `json:"kind"`
	Until day.Day       `json:"until"`
	Kept  string        `json:"archive"`
}

// mostPast is how many archives an appraisal looks at.
const mostPast = 2000

// PastOf lists what is past its time on a day, the oldest first.
//
// law: F3.27
func PastOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) ([]Past, error) {
	b, err := rulebook.Of(ctx, tx, g.Tenant())
	if err != nil {
		return nil, err
	}
	all, err := sqldb.List(ctx, tx, scanKept, `SELECT `+keptColumns+fromKept+` AND a.kind = 'final' AND a.state IN ('kept', 'delivered') ORDER BY a.year, u.code, a.id LIMIT $3`, g.Tenant(), g.Under(), int64(mostPast))
	if err != nil {
		return nil, err
	}
	out := []Past{}
	for _, k := range all {
		for _, kind := range []books.Archive{books.Reports, books.Originals} {
			until, forever, err := keepUntil(b, law.PlaceOf(g.Tenant()), kind, k.Year)
			if err != nil {
				return nil, err
			}
			if !forever && until < today {
				out = append(out, Past{k.Union, k.Year, kind, until, k.ID})
			}
		}
	}
	return out, nil
}

// writePast writes what is past its time as text.
func writePast(w io.Writer, all []Past) error {
	t, err := newTable(w, "序号", "立档单位", "工会编码", "会计年度", "类别", "保管期满")
	if err != nil {
		return err
	}
	for i, p := range all {
		if err := t.row(fmt.Sprint(i+1), p.Union.Name, p.Union.Code, fmt.Sprint(p.Year), p.Kind.Label(), string(p.Until)); err != nil {
			return err
		}
	}
	return t.close()
}

// printPast is the opinion to sign: the archivist leads the appraisal, with
// accounting, audit and discipline.
//
// law: F3.27
func printPast(w io.Writer, office string, all []Past, at day.Instant) error {
	d, err := print.New(print.Paper{Office: office, Title: "会计档案鉴定意见书", Note: "截至 " + string(at.Day()), Made: at})
	if err != nil {
		return err
	}
	d.Text("下列会计档案保管期已满，提请鉴定。由档案部门牵头，会计、审计、纪检监察部门共同鉴定；仍须继续保管的，重新划定期限。未结清的债权债务凭证和涉及其他未了事项的凭证，单独抽出立卷，保管到事项了结为止。")
	t := d.Table(print.Column{Head: "序号", Width: 0.5}, print.Column{Head: "立档单位", Width: 2.4}, print.Column{Head: "年度", Width: 0.6}, print.Column{Head: "类别", Width: 2}, print.Column{Head: "保管期满"}, print.Column{Head: "鉴定意见（销毁、续存到何时）", Width: 1.6})
	for i, p := range all {
		if err := t.Row(fmt.Sprint(i+1), p.Union.Name, fmt.Sprint(p.Year), p.Kind.Label(), string(p.Until), ""); err != nil {
			return err
		}
	}
	t.End()
	d.Text("销毁须另造会计档案销毁清册，由单位负责人、档案部门负责人、会计部门负责人和经办人签署；销毁时由档案和会计部门各派员监销，电子会计档案还须有信息系统管理部门派员监销。本意见书只是提请鉴定，不是销毁清册。")
	d.Signatures("档案部门", "会计部门", "审计（经审会）", "纪检监察", "单位负责人", "日期")
	_, err = d.WriteTo(w)
	return err
}

// Blob is where the file of an archive stands.
type Blob struct{ Archive, Hash string }

// Blobs lists the files that the archives of a tenant name, for verify.
func Blobs(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]Blob, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (b Blob, err error) { return b, row(&b.Archive, &b.Hash) },
		`SELECT id, hash FROM book_archives WHERE tenant_id = $1 AND hash IS NOT NULL ORDER BY id`, tenant)
}
