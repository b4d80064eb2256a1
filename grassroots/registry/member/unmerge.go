package member

import (
	"context"
	"maps"
	"slices"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// Edited lists, in words, what was changed of the survivor since the merger:
// it is kept when the merger is undone.
func (m Merger) Edited(now Member) []string {
	after := m.Before.After
	changed := difference(after.Person, now.Person)
	if after.Joined != now.Joined {
		changed["joined"] = [2]string{}
	}
	out := []string{}
	for _, name := range fieldOrder {
		if _, is := changed[name]; is {
			out = append(out, fieldLabels[name])
		}
	}
	if after.Union.ID != now.Union.ID {
		out = append(out, "所属工会")
	}
	if after.Status != now.Status || after.LeftDay != now.LeftDay {
		out = append(out, "会籍状态")
	}
	return out
}

// restored is the survivor as before the merger, but for what was edited since.
func (m Merger) restored(now Member) Member {
	before, after := m.Before.Kept, m.Before.After
	out := before
	out.Version = now.Version
	f, edited := formOf(before.Person), formOf(now.Person)
	for name := range difference(after.Person, now.Person) {
		f.put(name, edited)
	}
	out.Person = f.personOf()
	if after.Joined != now.Joined {
		out.Joined = now.Joined
	}
	if after.Union.ID != now.Union.ID {
		out.Union = now.Union
	}
	if after.Status != now.Status || after.LeftDay != now.LeftDay {
		out.Status, out.LeftDay = now.Status, now.LeftDay
	}
	if after.CardNo != now.CardNo {
		out.CardNo = now.CardNo
	}
	out.ImportID = now.ImportID
	return out
}

// Unmerge makes two memberships of one again, each as it was: the hashes of
// both rows prove it. What was edited since stays with the survivor, and is
// returned in words. A merger that was undone meanwhile, or whose survivor was
// merged into another, is fault.Conflict.
//
// law: S2-10
func Unmerge(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, at day.Instant) (Merger, []string, error) {
	m, err := FindMerger(ctx, tx, g, id)
	if err != nil {
		return m, nil, err
	}
	if m.Undone || version != 0 && version != m.Version {
		return m, nil, fault.New(fault.Conflict, "这次合并刚刚已由他人撤销，请刷新后再看。")
	}
	n, err := tx.Exec(ctx, `UPDATE merges SET state = 'undone', undone_by = $1, undone = $2, version = version + 1 WHERE tenant_id = $3 AND id = $4 AND state = 'merged' AND version = $5`,
		g.Account(), string(at), g.Tenant(), id, m.Version)
	if err != nil {
		return m, nil, err
	}
	if n == 0 {
		return m, nil, fault.New(fault.Conflict, "这次合并刚刚已由他人撤销，请刷新后再看。")
	}
	now, err := read(ctx, tx, g, m.Kept, 0)
	if err != nil {
		return m, nil, err
	}
	edited := m.Edited(now)
	b := NewBatch(tx, g, at)
	if err := b.moves.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "merges", ID: id}); err != nil {
		return m, nil, err
	}
	if err := b.part(ctx, m, now); err != nil {
		return m, nil, err
	}
	if err := m.proved(ctx, tx, g, len(edited) > 0); err != nil {
		return m, nil, err
	}
	m.Undone, m.UndoneBy, m.UndoneAt, m.Version = true, g.Account(), at, m.Version+1
	return m, edited, b.Audit(ctx, m.Kept, Deed{Did: "unmerged", From: m.Before.Kept.Union.Name, To: m.Before.Gone.Union.Name})
}

// part writes both rows back, and hands back what hung on each.
func (b *Batch) part(ctx context.Context, m Merger, now Member) error {
	if err := b.Update(ctx, now, m.restored(now)); err != nil {
		return err
	}
	gone := m.Before.Gone
	gone.Version++
	err := b.Insert(ctx, []Member{gone}, nil)
	if fault.Of(err).Kind == fault.Conflict {
		return fault.ByRule(fault.Conflict, "MEM-05", "原来的证件号码或会员号已另有人使用，不能撤销合并。请先更正那一份资料。")
	}
	if err != nil {
		return err
	}
	if len(m.Before.Events) > 0 {
		if _, err := b.moveEvents(ctx, m.Kept, m.Gone, m.Before.Events); err != nil {
			return err
		}
	}
	for _, f := range followers {
		if err := b.follow(ctx, f, m.Before.Rows[f.table], m.Kept, m.Gone); err != nil {
			return err
		}
	}
	if m.Before.Account == "" {
		return nil
	}
	of, err := sqldb.List(ctx, b.tx, sqldb.Text, `SELECT member_id FROM accounts WHERE tenant_id = $1 AND id = $2`, b.g.Tenant(), m.Before.Account)
	if err != nil || len(of) == 0 || of[0] != "" && of[0] != m.Kept {
		return err // the account is gone, or belongs to somebody else by now
	}
	return b.relink(ctx, m.Before.Account, m.Gone)
}

// proved compares both rows with the hashes taken before the merger.
func (m Merger) proved(ctx context.Context, tx *sqldb.Tx, g auth.Grant, edited bool) error {
	for i, id := range []string{m.Kept, m.Gone} {
		now, err := Any(ctx, tx, g.Tenant(), id)
		if err != nil {
			return err
		}
		h, err := printOf(tx.Keys(), now)
		if err != nil {
			return err
		}
		if h != m.hashes[i] && (i == 1 || !edited) {
			return fault.New(fault.Conflict, "撤销后的资料与合并前不一致，没有撤销。请联系系统管理员。")
		}
	}
	return nil
}

// formerIDs lists the ids of memberships that were merged into one, which the
// log still knows them by.
func formerIDs(ctx context.Context, tx *sqldb.Tx, tenant int64, id string) ([]string, error) {
	seen := map[string]bool{}
	for queue := []string{id}; len(queue) > 0 && len(seen) < mostMergers; queue = queue[1:] {
		gone, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT gone_id FROM merges WHERE tenant_id = $1 AND kept_id = $2 AND state = 'merged' ORDER BY gone_id`, tenant, queue[0])
		if err != nil {
			return nil, err
		}
		for _, former := range gone {
			if !seen[former] {
				seen[former] = true
				queue = append(queue, former)
			}
		}
	}
	return slices.Sorted(maps.Keys(seen)), nil
}
