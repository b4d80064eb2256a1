package member

import (
	"context"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"

	"unionhall/kit/audit"
	"unionhall/kit/sqldb"
)

// Recount counts every member of a tenant anew and reports where the figures
// or the search differ. While an import is half written its newcomers stand in
// neither; then nothing is reported. It is for the command verify.
func Recount(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]audit.Finding, error) {
	moving, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM imports WHERE tenant_id = $1 AND state IN ('applying', 'undoing')`, tenant)
	if err != nil || moving > 0 {
		return nil, err
	}
	var out []audit.Finding
	for _, c := range []struct{ table, what, kept, counted string }{
		{"member_figures", "会员人数",
			`SELECT union_id || ' ' || status || ' ' || sex, n FROM member_figures WHERE tenant_id = $1 AND n <> 0`,
			`SELECT union_id || ' ' || status || ' ' || sex, count(*) FROM members WHERE tenant_id = $1 GROUP BY union_id, status, sex`},
		{"member_totals", "会员总数",
			`SELECT status || ' ' || sex, n FROM member_totals WHERE tenant_id = $1 AND n <> 0`,
			`SELECT status || ' ' || sex, count(*) FROM members WHERE tenant_id = $1 GROUP BY status, sex`},
		{"member_months", "按月入会人数",
			`SELECT union_id || ' ' || month, joined FROM member_months WHERE tenant_id = $1 AND joined <> 0`,
			`SELECT union_id || ' ' || substr(joined, 1, 7), count(*) FROM members WHERE tenant_id = $1 AND joined IS NOT NULL GROUP BY union_id, substr(joined, 1, 7)`},
		{"member_months", "按月减少人数",
			`SELECT union_id || ' ' || month, gone FROM member_months WHERE tenant_id = $1 AND gone <> 0`,
			`SELECT union_id || ' ' || substr(left_day, 1, 7), count(*) FROM members WHERE tenant_id = $1 AND left_day IS NOT NULL GROUP BY union_id, substr(left_day, 1, 7)`},
		{"member_years", "按出生年份的会员人数",
			`SELECT union_id || ' ' || born, n FROM member_years WHERE tenant_id = $1 AND n <> 0`,
			`SELECT union_id || ' ' || substr(birthday, 1, 4), count(*) FROM members WHERE tenant_id = $1 AND birthday IS NOT NULL AND status IN ('active', 'transferring') GROUP BY union_id, substr(birthday, 1, 4)`},
	} {
		kept, err := tally(ctx, tx, c.kept, tenant)
		if err != nil {
			return nil, err
		}
		counted, err := tally(ctx, tx, c.counted, tenant)
		if err != nil {
			return nil, err
		}
		out = append(out, differ(c.table, c.what, kept, counted)...)
	}
	found, err := researched(ctx, tx, tenant)
	return append(out, found...), err
}

func tally(ctx context.Context, tx *sqldb.Tx, q string, tenant int64) (map[string]int64, error) {
	out := map[string]int64{}
	type line struct {
		key string
		n   int64
	}
	return out, sqldb.Each(ctx, tx, func(row sqldb.Row) (l line, err error) { return l, row(&l.key, &l.n) }, func(l line) error {
		out[l.key] = l.n
		return nil
	}, q, tenant)
}

// differ tells where what is kept is not what was counted.
func differ(table, what string, kept, counted map[string]int64) (out []audit.Finding) {
	keys := maps.Clone(kept)
	maps.Copy(keys, counted)
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		if kept[k] != counted[k] {
			out = append(out, audit.Finding{Where: table + " " + k, What: fmt.Sprintf("%s记为 %d，实有 %d", what, kept[k], counted[k])})
		}
	}
	return out
}

// researched compares the tokens that the search has with those that the
// members should have, by their number and the sum of their hashes.
func researched(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]audit.Finding, error) {
	var kept, due struct {
		n   int64
		sum uint64
	}
	seed := maphash.MakeSeed()
	hash := func(parts ...string) uint64 {
		var h maphash.Hash
		h.SetSeed(seed)
		for _, p := range parts {
			h.WriteString(p)
			h.WriteByte(0)
		}
		return h.Sum64()
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (v [3]string, err error) { return v, row(&v[0], &v[1], &v[2]) }, func(v [3]string) error {
		kept.n++
		kept.sum += hash(v[0], v[1], v[2])
		return nil
	}, `SELECT token, name_key, member_id FROM member_tokens WHERE tenant_id = $1`, tenant)
	if err != nil {
		return nil, err
	}
	err = sqldb.Each(ctx, tx, scanMember(tx, tenant), func(m Member) error {
		c := ClueOf(tx.Keys(), tenant, m)
		for _, t := range c.tokens() {
			due.n++
			due.sum += hash(t, c.key, c.ID)
		}
		return nil
	}, `SELECT `+fullColumns+fromMembers, tenant)
	if err != nil || kept == due {
		return nil, err
	}
	return []audit.Finding{{Where: "member_tokens", What: fmt.Sprintf("检索词有 %d 个，应有 %d 个，或有的不符；请重建检索", kept.n, due.n)}}, nil
}
