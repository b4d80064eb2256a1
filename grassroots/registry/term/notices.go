package term

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"unionhall/commons/message"
	"unionhall/grassroots/registry"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// falling is a term that ends on a day, with the bodies of one union whose
// term it is and the warning that is due.
type falling struct {
	unionID, union, above string
	due                   day.Day
	level                 int
	bodies                []registry.Body
}

// Remind tells the chairs of unions and the officers above them of terms that
// end or have ended, on the days that the rules name, each once; it is done
// once a day. Where a day passed unseen, only the latest warning is given. A
// chair gets a message of each union, an officer one of all.
//
// law: ELE-03, ELE-04
func Remind(ctx context.Context, tx *sqldb.Tx, g auth.Grant, at day.Instant) error {
	l, err := boundsOf(ctx, tx, g.Tenant(), at.Day())
	if err != nil || len(l.Warn) == 0 {
		return err
	}
	all, err := untold(ctx, tx, g, l.Clock)
	if err != nil {
		return err
	}
	officers := map[string][]falling{}
	for _, f := range all { // those of one day; the first time all that are near
		for _, b := range f.bodies {
			_, err := tx.Exec(ctx, `INSERT INTO term_notices (tenant_id, body_id, due, level, at) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (tenant_id, body_id, due, level) DO NOTHING`, g.Tenant(), b.ID, f.due, int64(f.level), string(at))
			if err != nil {
				return err
			}
		}
		if err := message.ToUnion(ctx, tx, g.Tenant(), f.unionID, []auth.Office{auth.Chair}, f.title()+"："+f.union, f.words(), unionPlace+f.unionID, at); err != nil {
			return err
		}
		to, err := message.Holders(ctx, tx, g.Tenant(), f.above, at.Day(), auth.Officer)
		if err != nil {
			return err
		}
		for _, a := range to {
			officers[a] = append(officers[a], f)
		}
	}
	for account, of := range officers {
		title, href := fmt.Sprintf("届期提醒：%d 家工会", len(of)), listPlace
		if len(of) == 1 {
			title, href = of[0].title()+"："+of[0].union, unionPlace+of[0].unionID
		}
		if err := message.Send(ctx, tx, g.Tenant(), account, title, digest(of), href, at); err != nil {
			return err
		}
	}
	return nil
}

// named is how many unions a message to an officer names.
const named = 12

func digest(of []falling) string {
	var lines []string
	for _, f := range of[:min(named, len(of))] {
		lines = append(lines, f.union+"："+f.words())
	}
	if len(of) > named {
		lines = append(lines, fmt.Sprintf("另有 %d 家，见届期日历。", len(of)-named))
	}
	return strings.Join(lines, "\n")
}

// untold lists the terms whose latest warning nobody was told yet, the earliest
// due first.
func untold(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c registry.Clock) (out []falling, err error) {
	type key struct {
		body  string
		due   day.Day
		level int
	}
	type told struct {
		key
		level int64
	}
	have := map[key]bool{}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (t told, err error) { return t, row(&t.body, &t.due, &t.level) },
		func(t told) error { have[key{t.body, t.due, int(t.level)}] = true; return nil }, `
		SELECT n.body_id, n.due, n.level FROM term_notices n
		JOIN bodies b ON b.tenant_id = n.tenant_id AND b.id = n.body_id AND b.due = n.due AND b.ended IS NULL
		WHERE n.tenant_id = $1`, g.Tenant())
	if err != nil {
		return nil, err
	}
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (f falling, err error) {
		var b registry.Body
		err = row(&b.ID, &f.unionID, &f.union, &f.above, &b.Kind, &f.due)
		f.bodies = []registry.Body{b}
		return f, err
	}, func(f falling) error {
		f.level = c.Level(f.due)
		if f.level == registry.Untold || have[key{f.bodies[0].ID, f.due, f.level}] {
			return nil
		}
		if n := len(out) - 1; n >= 0 && out[n].unionID == f.unionID && out[n].due == f.due {
			out[n].bodies = append(out[n].bodies, f.bodies[0])
		} else {
			out = append(out, f)
		}
		return nil
	}, `
		SELECT b.id, u.id, u.name, coalesce(u.parent_id, u.id), b.kind, b.due FROM bodies b
		JOIN unions u ON u.tenant_id = b.tenant_id AND u.id = b.union_id AND u.state = 'standing' AND u.kind <> 'agency'
		WHERE b.tenant_id = $1 AND b.ended IS NULL AND b.due <= $2 ORDER BY b.due, u.id, b.id`, g.Tenant(), c.Today.AddDays(slices.Max(c.Warn)))
	return out, err
}

// title is the warning in a few words (ELE-04).
func (f falling) title() string {
	switch {
	case f.level == registry.ToldGrave:
		return "长期未换届"
	case f.level == registry.ToldPast:
		return "届满未换届"
	case f.level == 0:
		return "今日届满"
	case f.level <= 30:
		return "换届紧急"
	case f.level <= 60:
		return "请提交换届请示"
	case f.level <= 90:
		return "请准备换届"
	}
	return "换届提醒"
}

func (f falling) words() string {
	var kinds []string
	for _, b := range f.bodies {
		kinds = append(kinds, b.Kind.Label())
	}
	words := strings.Join(kinds, "、")
	switch {
	case f.level < 0:
		return words + "已于 " + string(f.due) + " 届满，至今没有登记新一届，也没有经批准的延期。"
	case f.level == 0:
		return words + "今天届满。"
	}
	return fmt.Sprintf("%s将于 %s 届满，还有不到 %d 天。", words, f.due, f.level+1)
}
