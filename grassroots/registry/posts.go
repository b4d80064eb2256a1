package registry

import (
	"context"
	"slices"

	"unionhall/commons/message"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// Posts ends the rights that go with a seat. Package account keeps them and the
// hall hands it in.
type Posts interface {
	// Unseat gives the posts that a member's account holds as chair over a union
	// their last day, and returns how many those were.
	Unseat(ctx context.Context, tx *sqldb.Tx, g auth.Grant, memberID, unionID string, last day.Day, document string, at day.Instant) (int, error)
	// Offer tells who gives posts that a member with an account was seated as
	// chair of a union, and returns whether there was anything to tell.
	Offer(ctx context.Context, tx *sqldb.Tx, g auth.Grant, memberID, unionID, union string, at day.Instant) (bool, error)
}

// chairsOf lists who chairs the unions now.
func chairsOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionIDs ...string) (out []Seat, err error) {
	for _, id := range unionIDs { // there is one
		seats, err := openSeats(ctx, tx, g, id)
		if err != nil {
			return nil, err
		}
		for _, s := range seats {
			if s.Body == Committee && s.Office == Chairing {
				out = append(out, s)
			}
		}
	}
	return out, nil
}

// Keeping does an act on the bodies of unions, and has the chairs' rights
// follow their seats in the same transaction: who chairs no longer loses the
// post with the last day of the seat, and an officer is told; who newly chairs
// is offered it.
//
// law: PL-09
func (rm Room) Keeping(ctx context.Context, tx *sqldb.Tx, g auth.Grant, at day.Instant, act func() error, unionIDs ...string) error {
	if rm.Posts == nil {
		return act()
	}
	for _, id := range unionIDs { // the head of all that changes who sits
		if _, err := tx.Exec(ctx, `UPDATE unions SET version = version WHERE tenant_id = $1 AND id = $2`, g.Tenant(), id); err != nil {
			return err
		}
	}
	before, err := chairsOf(ctx, tx, g, unionIDs...)
	if err != nil {
		return err
	}
	if err := act(); err != nil {
		return err
	}
	after, err := chairsOf(ctx, tx, g, unionIDs...)
	if err != nil {
		return err
	}
	same := func(a Seat) func(Seat) bool {
		return func(b Seat) bool { return b.MemberID == a.MemberID && b.UnionID == a.UnionID }
	}
	for _, s := range before {
		if !slices.ContainsFunc(after, same(s)) {
			if err := rm.unseated(ctx, tx, g, s.ID, at); err != nil {
				return err
			}
		}
	}
	for _, s := range after {
		if slices.ContainsFunc(before, same(s)) {
			continue
		}
		u, err := Find(ctx, tx, g, s.UnionID)
		if err != nil {
			return err
		}
		if _, err := rm.Posts.Offer(ctx, tx, g, s.MemberID, u.ID, u.Name, at); err != nil {
			return err
		}
	}
	return nil
}

// Merge is the act Merge, with the rights of who chaired the union that ends.
func (rm Room) Merge(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, into string, p Paper, at day.Instant) (u Union, people int64, err error) {
	if err := holdTree(ctx, tx, g.Tenant()); err != nil { // before the unions, as every act on the tree
		return u, 0, err
	}
	err = rm.Keeping(ctx, tx, g, at, func() (err error) {
		u, people, err = Merge(ctx, tx, g, rm.Members, id, version, into, p, at)
		return err
	}, id)
	return u, people, err
}

// Close is the act Close, with the rights of who chaired the union.
func (rm Room) Close(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, p Paper, at day.Instant) (u Union, err error) {
	if err := holdTree(ctx, tx, g.Tenant()); err != nil {
		return u, err
	}
	err = rm.Keeping(ctx, tx, g, at, func() (err error) {
		u, err = Close(ctx, tx, g, rm.Members, id, version, p, at)
		return err
	}, id)
	return u, err
}

func (rm Room) unseated(ctx context.Context, tx *sqldb.Tx, g auth.Grant, seatID string, at day.Instant) error {
	s, err := FindSeat(ctx, tx, g, seatID)
	if err != nil {
		return err
	}
	n, err := rm.Posts.Unseat(ctx, tx, g, s.MemberID, s.UnionID, s.To, s.EndDoc, at)
	if err != nil || n == 0 {
		return err
	}
	u, err := Find(ctx, tx, g, s.UnionID)
	if err != nil {
		return err
	}
	return message.ToUnion(ctx, tx, g.Tenant(), u.ID, []auth.Office{auth.Officer}, "岗位随任职结束："+s.Name,
		u.Name+"主席"+s.Name+"于 "+string(s.To)+" 离任（"+s.Ending.Label()+"），账号的工会主席岗位同日结束。", s.Place(), at)
}
