package member

import (
	"context"
	"strings"

	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
)

// browse lists members in the order asked for, after the key, and reports
// whether there are more. Sorted by date, those without one come last.
func (s *scope) browse(ctx context.Context) ([]Row, bool, error) {
	limit, after := s.q.Limit, s.q.After
	column := strings.TrimPrefix(s.q.Sort, "-")
	if column == "name" {
		rows, err := s.stretch(ctx, "m.name_key", "", after, limit+1)
		return cut(rows, limit, err)
	}
	var rows []Row
	var err error
	undated := strings.HasPrefix(after, "~")
	if !undated {
		if rows, err = s.stretch(ctx, "m.joined", "", after, limit+1); err != nil {
			return nil, false, err
		}
		after = ""
	}
	if len(rows) <= limit && s.q.From == "" && s.q.To == "" {
		rest, err := s.stretch(ctx, "", " AND m.joined IS NULL", after, limit+1-len(rows))
		return cut(append(rows, rest...), limit, err)
	}
	return cut(rows, limit, nil)
}

func cut(rows []Row, limit int, err error) ([]Row, bool, error) {
	if len(rows) > limit {
		return rows[:limit], true, err
	}
	return rows, false, err
}

// stretch lists members by a column and the id, after the key, which has both.
func (s *scope) stretch(ctx context.Context, column, where, after string, limit int) ([]Row, error) {
	q := s.stretchText(column, where, after, limit)
	return sqldb.List(ctx, s.tx, s.scanRow, q, s.args...)
}

// stretchText reads members along the index that gives the order. The few,
// whom none leads to, are read from all their unions and sorted, first without
// what is shown of them.
func (s *scope) stretchText(column, where, after string, limit int) string {
	s.args = nil
	back, compare := "", " > "
	if strings.HasPrefix(s.q.Sort, "-") {
		back, compare = " DESC", " < "
	}
	sort, place := "", column
	if column == "m.joined" {
		sort = "joined"
	}
	if s.small() && column != "" {
		place = "(" + place + " || '')" // or the index of the many would lead
	}
	q := s.source() + s.filters(sort) + where
	if s.small() && column != "m.name_key" {
		q += anyName
	}
	if sort == "joined" && after == "" {
		q += ` AND ` + place + ` IS NOT NULL`
	}
	if key, id, ok := strings.Cut(after, "~"); ok && column == "" {
		q += ` AND m.id` + compare + s.arg(id)
	} else if ok {
		q += ` AND (` + place + `, m.id)` + compare + `(` + s.arg(key) + `, ` + s.arg(id) + `)`
	}
	by := `m.id` + back
	if column != "" {
		by = place + back + `, ` + by
	}
	end := ` ORDER BY ` + by + ` LIMIT ` + s.arg(int64(limit))
	switch {
	case s.leaf:
		return `SELECT ` + rowColumns + q + end
	case !s.small():
		q = strings.Replace(q, ` WHERE `, ` CROSS JOIN unions u WHERE u.tenant_id = m.tenant_id AND u.id = m.union_id AND `, 1)
		return `SELECT ` + rowColumns + unionColumns + q + end
	}
	if column == "" {
		place = "''"
	}
	return `SELECT ` + rowColumns + unionColumns + ` FROM (SELECT m.id AS id, ` + place + ` AS place` + q + end + `) k
		CROSS JOIN members m CROSS JOIN unions u
		WHERE m.tenant_id = ` + s.arg(s.tenant) + ` AND m.id = k.id AND u.tenant_id = m.tenant_id AND u.id = m.union_id
		ORDER BY k.place` + back + `, k.id` + back
}

func (s *scope) scanRow(row sqldb.Row) (r Row, err error) {
	var id, phone []byte
	if s.leaf {
		r.Union, r.UnionName = s.top.Code, s.short
		err = row(&r.ID, &r.Name, &r.Sex, &r.Birthday, &id, &phone, &r.Status, &r.Joined, &r.CardNo)
	} else {
		err = row(&r.ID, &r.Name, &r.Sex, &r.Birthday, &id, &phone, &r.Status, &r.Joined, &r.CardNo, &r.Union, &r.UnionName)
	}
	if err != nil {
		return r, err
	}
	return r, s.open(&r, id, phone)
}

// open puts the numbers into r, masked, having compared them with what is
// searched.
func (s *scope) open(r *Row, id, phone []byte) error {
	no, err := openID(s.tx.Keys(), s.tenant, id)
	if err != nil {
		return err
	}
	tel, err := openPhone(s.tx.Keys(), s.tenant, phone)
	r.fits = s.fits(r.Name, r.CardNo, no, tel)
	r.IDNo, r.Phone = ident.Mask(no), ident.MaskPhone(tel)
	return err
}
