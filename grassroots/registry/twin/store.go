package twin

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

const selectPairs = `
	SELECT t.id, t.a_id, a.name, ua.name, ua.code, a.birthday, a.status, t.b_id, b.name, ub.name, ub.code, b.birthday, b.status, t.score, t.reasons, t.state, t.words, t.at, t.version
	FROM twins t
	JOIN members a ON a.tenant_id = t.tenant_id AND a.id = t.a_id
	JOIN unions ua ON ua.tenant_id = a.tenant_id AND ua.id = a.union_id
	JOIN union_reach ra ON ra.tenant_id = a.tenant_id AND ra.union_id = a.union_id AND ra.above_id = $2
	JOIN members b ON b.tenant_id = t.tenant_id AND b.id = t.b_id
	JOIN unions ub ON ub.tenant_id = b.tenant_id AND ub.id = b.union_id
	JOIN union_reach rb ON rb.tenant_id = b.tenant_id AND rb.union_id = b.union_id AND rb.above_id = $2
	WHERE t.tenant_id = $1`

func scanPair(row sqldb.Row) (p Pair, err error) {
	return p, row(&p.ID, &p.A.ID, &p.A.Name, &p.A.Union, &p.A.Code, &p.A.Born, &p.A.Status, &p.B.ID, &p.B.Name, &p.B.Union, &p.B.Code, &p.B.Born, &p.B.Status,
		&p.Score, &p.Reasons, &p.State, &p.Words, &p.At, &p.Version)
}

// Find returns a pair of whom g reaches both, or fault.NotFound.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Pair, error) {
	return sqldb.One(ctx, tx, scanPair, selectPairs+` AND t.id = $3`, g.Tenant(), g.Under(), id)
}

// Query is the filter row of the list.
type Query struct {
	Union string `json:"union" doc:"工会编码"`
	State State  `json:"state" doc:"处理情况"`
	After string `json:"after" doc:"上一页末行"`
	Limit int    `json:"limit" doc:"每页行数"`
}

const pageRows = 50

// Page is one page of pairs, the most likely first.
type Page struct {
	Items []Pair `json:"items"`
	Next  string `json:"next,omitempty"`
}

// List returns the pairs of whom g reaches both.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q Query) (p Page, err error) {
	if q.Limit < 1 || q.Limit > 200 {
		q.Limit = pageRows
	}
	if q.State != Apart {
		q.State = Open
	}
	text, args := selectPairs+` AND t.state = $3`, []any{g.Tenant(), g.Under(), string(q.State)}
	mark := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if score, id, ok := strings.Cut(q.After, ","); ok {
		n, err := strconv.ParseInt(score, 10, 64)
		if err != nil {
			return p, fault.New(fault.Invalid, "翻页的地址不对，请从第一页看起。")
		}
		at := mark(n)
		text += ` AND (t.score < ` + at + ` OR t.score = ` + at + ` AND t.id > ` + mark(id) + `)`
	}
	if q.Union != "" {
		at := mark(q.Union)
		text += ` AND (ua.code = ` + at + ` OR ub.code = ` + at + `)`
	}
	text += ` ORDER BY t.score DESC, t.id LIMIT ` + mark(int64(q.Limit+1))
	if p.Items, err = sqldb.List(ctx, tx, scanPair, text, args...); err != nil {
		return p, err
	}
	if len(p.Items) > q.Limit {
		p.Items = p.Items[:q.Limit]
		last := p.Items[q.Limit-1]
		p.Next = strconv.FormatInt(last.Score, 10) + "," + last.ID
	}
	return p, nil
}

// Waiting counts the open pairs within reach, up to most.
func Waiting(ctx context.Context, tx *sqldb.Tx, g auth.Grant, most int64) (int64, error) {
	return sqldb.One(ctx, tx, sqldb.Int, `
		SELECT count(*) FROM (SELECT t.id FROM twins t
			JOIN members a ON a.tenant_id = t.tenant_id AND a.id = t.a_id
			JOIN union_reach ra ON ra.tenant_id = a.tenant_id AND ra.union_id = a.union_id AND ra.above_id = $2
			JOIN members b ON b.tenant_id = t.tenant_id AND b.id = t.b_id
			JOIN union_reach rb ON rb.tenant_id = b.tenant_id AND rb.union_id = b.union_id AND rb.above_id = $2
			WHERE t.tenant_id = $1 AND t.state = 'open' LIMIT $3) AS few`, g.Tenant(), g.Under(), most)
}

// settled is what the log tells of a pair.
type settled struct {
	Did    string `json:"did"`
	A      string `json:"a"`
	B      string `json:"b"`
	Reason string `json:"reason"`
}

// SayApart remembers that two are not one person. A pair that somebody else
// settled is fault.Conflict.
//
// law: S2-10
func SayApart(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, reason string, at day.Instant) (Pair, error) {
	p, err := Find(ctx, tx, g, id)
	if err != nil {
		return p, err
	}
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n < 4 || n > 200 {
		return p, &fault.Error{Kind: fault.Invalid, Text: "请写明为什么不是同一个人，以后不再提示。", Fields: map[string]string{"words": "理由：请写 4 到 200 个字"}}
	}
	if err := settle(ctx, tx, g, p, version, Apart, reason, at); err != nil {
		return p, err
	}
	p.State, p.Words, p.Version = Apart, reason, p.Version+1
	return p, audit.Write(ctx, tx, g, p.ID, settled{"apart", p.A.ID, p.B.ID, reason}, at)
}

// Reopen takes back that two are not one person.
func Reopen(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, at day.Instant) (Pair, error) {
	p, err := Find(ctx, tx, g, id)
	if err != nil {
		return p, err
	}
	n, err := tx.Exec(ctx, `UPDATE twins SET state = 'open', words = NULL, version = version + 1 WHERE tenant_id = $1 AND id = $2 AND state = 'apart' AND version = $3`, g.Tenant(), id, seen(version, p))
	if err != nil {
		return p, err
	}
	if n == 0 {
		return p, taken()
	}
	p.State, p.Words, p.Version = Open, "", p.Version+1
	return p, audit.Write(ctx, tx, g, p.ID, settled{"reopened", p.A.ID, p.B.ID, ""}, at)
}

// seen is the version that an act goes by: the one that was shown.
func seen(version int64, p Pair) int64 {
	if version == 0 {
		return p.Version
	}
	return version
}

func taken() error {
	return fault.New(fault.Conflict, "这一对刚刚已由他人处理，请刷新后再看。")
}

func settle(ctx context.Context, tx *sqldb.Tx, g auth.Grant, p Pair, version int64, to State, words string, at day.Instant) error {
	n, err := tx.Exec(ctx, `UPDATE twins SET state = $1, words = $2, account_id = $3, at = $4, version = version + 1 WHERE tenant_id = $5 AND id = $6 AND state = 'open' AND version = $7`,
		string(to), words, g.Account(), string(at), g.Tenant(), p.ID, seen(version, p))
	if err == nil && n == 0 {
		err = taken()
	}
	return err
}

// Merge makes one membership of a pair; see member.Merge.
//
// law: S2-10, MEM-05
func Merge(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, j member.Joining, at day.Instant) (member.Merger, error) {
	p, err := Find(ctx, tx, g, id)
	if err != nil {
		return member.Merger{}, err
	}
	if ids := [2]string{j.Keep, j.Drop}; ids != [2]string{p.A.ID, p.B.ID} && ids != [2]string{p.B.ID, p.A.ID} {
		return member.Merger{}, &fault.Error{Kind: fault.Invalid, Text: "请选择保留哪一份会籍。", Fields: map[string]string{"keep": "保留：请选择左边或右边"}}
	}
	if err := settle(ctx, tx, g, p, version, Merged, strings.TrimSpace(j.Reason), at); err != nil {
		return member.Merger{}, err
	}
	return member.Merge(ctx, tx, g, j, at)
}

// Unmerge undoes a merger and has the pair wait again; see member.Unmerge.
func Unmerge(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, at day.Instant) (member.Merger, []string, error) {
	m, edited, err := member.Unmerge(ctx, tx, g, id, version, at)
	if err != nil {
		return m, nil, err
	}
	_, err = tx.Exec(ctx, `UPDATE twins SET state = 'open', words = NULL, version = version + 1 WHERE tenant_id = $1 AND state = 'merged' AND (a_id = $2 AND b_id = $3 OR a_id = $3 AND b_id = $2)`,
		g.Tenant(), m.Kept, m.Gone)
	return m, edited, err
}
