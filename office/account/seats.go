package account

import (
	"context"

	"unionhall/commons/message"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// Seats has the posts of chairs follow their seats: what package registry asks
// for when somebody stops or begins to chair a union.
type Seats struct{}

// Unseat gives the posts that a member's account holds as chair over a union
// their last day: the seat's, or yesterday where that has passed. A deputy's
// post ends with that of the absent. It returns how many there were.
//
// law: PL-09, PL-10
func (Seats) Unseat(ctx context.Context, tx *sqldb.Tx, g auth.Grant, memberID, unionID string, last day.Day, document string, at day.Instant) (int, error) {
	if err := head(ctx, tx, g.Tenant()); err != nil {
		return 0, err
	}
	last = max(last, at.Day().AddDays(-1))
	posts, err := sqldb.List(ctx, tx, scanPost, selectPosts+` AND p.union_id = $2 AND p.office = $3 AND (p.to_day IS NULL OR p.to_day > $4)
		AND EXISTS (SELECT 1 FROM accounts a WHERE a.tenant_id = p.tenant_id AND (a.id = p.account_id AND p.acting_for IS NULL OR a.name = p.acting_for) AND a.member_id = $5)
		ORDER BY p.id`, g.Tenant(), unionID, string(auth.Chair), string(last), memberID)
	if err != nil {
		return 0, err
	}
	for _, p := range posts { // one, with a deputy two
		to := max(last, p.From.AddDays(-1))
		if _, err := tx.Exec(ctx, `UPDATE posts SET to_day = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3`, string(to), g.Tenant(), p.ID); err != nil {
			return 0, err
		}
		change := map[string]string{"post": p.ID, "office": string(p.Office), "union": p.UnionID, "to": string(to), "document": document}
		if err := audit.Write(ctx, tx, g, p.Account, change, at, audit.Touched{Table: "posts", ID: p.ID}); err != nil {
			return 0, err
		}
	}
	return len(posts), nil
}

// Offer tells the system administrators that a member who has an account was
// seated as chair of a union and holds no post over it yet.
//
// law: PL-09
func (Seats) Offer(ctx context.Context, tx *sqldb.Tx, g auth.Grant, memberID, unionID, union string, at day.Instant) (bool, error) {
	waiting, err := Unposted(ctx, tx, g, at.Day(), memberID, unionID)
	if err != nil || len(waiting) == 0 {
		return false, err
	}
	root, err := sqldb.One(ctx, tx, sqldb.Text, `SELECT u.id FROM unions u WHERE u.tenant_id = $1 AND u.parent_id IS NULL ORDER BY u.id LIMIT 1`, g.Tenant())
	if err != nil {
		return false, err
	}
	w := waiting[0]
	return true, message.ToUnion(ctx, tx, g.Tenant(), root, []auth.Office{auth.Admin}, "请任命岗位："+w.Name,
		w.Name+"已任"+union+"主席，有登录账号，还没有工会主席的岗位。", w.Place(), at)
}

// Newcomer is an account whose person chairs a union without the post.
type Newcomer struct {
	Account, Name, UnionID, Union string
	From                          day.Day // of the seat
}

// Place is the form that gives the post.
func (n Newcomer) Place() string {
	return "/system/accounts/" + n.Account + "/posts?office=chair&union=" + n.UnionID
}

// mostNewcomers is how many of them one look lists.
const mostNewcomers = 50

// Unposted lists the accounts of those who chair a union today and hold no post
// over it, of one member and one union where these are named.
//
// law: PL-09
func Unposted(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day, memberID, unionID string) ([]Newcomer, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (n Newcomer, err error) {
		return n, row(&n.Account, &n.Name, &n.UnionID, &n.Union, &n.From)
	}, `
		SELECT a.id, a.name, u.id, u.name, s.from_day
		FROM accounts a
		JOIN seats s ON s.tenant_id = a.tenant_id AND s.member_id = a.member_id AND s.to_day IS NULL AND s.office = 'chair'
		JOIN unions u ON u.tenant_id = s.tenant_id AND u.id = s.union_id
		WHERE a.tenant_id = $1 AND NOT a.locked AND a.member_id IS NOT NULL
			AND (coalesce($2, '') = '' OR a.member_id = $2) AND (coalesce($3, '') = '' OR u.id = $3)
			AND NOT EXISTS (SELECT 1 FROM posts p WHERE p.tenant_id = a.tenant_id AND p.account_id = a.id AND p.union_id = u.id AND p.office = 'chair' AND (p.to_day IS NULL OR p.to_day >= $4))
		ORDER BY s.from_day, a.id LIMIT $5`, g.Tenant(), memberID, unionID, string(today), int64(mostNewcomers))
}
