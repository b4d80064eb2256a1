package member

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
)

// Two registrations of one person become one membership: one row stays, what
// hung on the other hangs on it, and the other's id leads there. Both rows are
// kept sealed, so that the merger can be undone.

// follower is a column that names a member, and follows a merged one.
type follower struct {
	table, column string
	sealed        bool
}

// followers is what hangs on a member and goes with a merger. Events and
// accounts, which have rules of their own, are in hang and in link.
var followers = []follower{
	{"seats", "member_id", true}, {"attachments", "thing_id", true}, {"data_requests", "member_id", true},
}

// Merger is two memberships that became one (合并会籍).
type Merger struct {
	ID       string      `json:"id"`
	Kept     string      `json:"kept"`
	Gone     string      `json:"gone"`
	Undone   bool        `json:"undone"`
	Words    string      `json:"words,omitempty"`
	Account  string      `json:"account"`
	At       day.Instant `json:"at"`
	UndoneBy string      `json:"undone_by,omitempty"`
	UndoneAt day.Instant `json:"undone_at,omitempty"`
	Version  int64       `json:"version"`
	Before   Both        `json:"-"`
	hashes   [2]string
}

// Both is what a merger was made of.
type Both struct {
	Kept, Gone, After Member
	Events            []string            // that were moved
	Rows              map[string][]string // ids by table, that were moved
	Account           string              // of the one that went
	Handed            bool                // whether it now belongs to the one that stayed
}

// Place is the page of the merger.
func (m Merger) Place() string { return "/grassroots/registry/twins/merged/" + m.ID }

// Revision is what an act must name to be sure that it saw the latest.
func (m Merger) Revision() int64 { return m.Version }

// printOf is a keyed hash of all that is recorded of a member, the version left
// out: it goes up whatever happens.
func printOf(k *seal.Keys, m Member) (string, error) {
	m.Version, m.Union = 0, registry.Ref{ID: m.Union.ID}
	b, err := json.Marshal(m)
	return hex.EncodeToString(k.MAC(b)), err
}

// Joining is how two memberships are made one: which stays, which fields are
// taken from the one that goes, and why.
type Joining struct {
	Keep, Drop string
	Versions   [2]int64 // of keep and drop, as they were seen
	FromDrop   []string
	Reason     string
}

// mergeable refuses what must not be merged.
//
// law: MEM-05
func mergeable(a, b Member, reason string) error {
	n := utf8.RuneCountInString(reason)
	switch {
	case n < leastReason || n > longest:
		return &fault.Error{Kind: fault.Invalid, Text: "请写明凭什么认定是同一个人。", Fields: map[string]string{"reason": "依据：请写 4 到 200 个字"}}
	case a.ID == b.ID:
		return fault.New(fault.Invalid, "这是同一份会籍，不用合并。")
	case a.Person.IDNo == "" || b.Person.IDNo == "":
		return fault.ByRule(fault.Conflict, "R1.75", "其中一份资料已按保存期限清理，不能再合并。")
	case !a.Status.Open() && b.Status.Open():
		return fault.ByRule(fault.Conflict, "MEM-05", "%s在%s的会籍是“%s”，请保留在册的那一份。", a.Person.Name, a.Union.Name, a.Status.Label())
	case a.Status == Transferring || b.Status == Transferring:
		return fault.ByRule(fault.Conflict, "MEM-26", "其中一份会籍正在接转，请接转办完以后再合并。")
	}
	return nil
}

// Merge makes two memberships one. Whoever was faster with either of them is
// fault.Conflict. Files, seats, events and who looked stay with both told.
//
// law: MEM-05, S2-10
func Merge(ctx context.Context, tx *sqldb.Tx, g auth.Grant, j Joining, at day.Instant) (Merger, error) {
	m := Merger{ID: sqldb.NewID(), Kept: j.Keep, Gone: j.Drop, Words: strings.TrimSpace(j.Reason), Account: g.Account(), At: at, Version: 1}
	kept, err := read(ctx, tx, g, j.Keep, j.Versions[0])
	if err != nil {
		return m, err
	}
	gone, err := read(ctx, tx, g, j.Drop, j.Versions[1])
	if err != nil {
		return m, err
	}
	if err := mergeable(kept, gone, m.Words); err != nil {
		return m, err
	}
	now := kept
	if now.Person, err = Blend(kept, gone, j.FromDrop, at.Day()); err != nil {
		return m, err
	}
	if slices.Contains(j.FromDrop, "joined") {
		now.Joined = gone.Joined
	}
	b := NewBatch(tx, g, at)
	if err := b.takeOut(ctx, gone); err != nil {
		return m, err
	}
	if err := b.Update(ctx, kept, now); err != nil {
		return m, err
	}
	now.Version = kept.Version + 1
	m.Before = Both{Kept: kept, Gone: gone, After: now}
	if err := b.hang(ctx, &m.Before); err != nil {
		return m, err
	}
	if err := b.keepMerger(ctx, &m); err != nil {
		return m, err
	}
	return m, b.Audit(ctx, kept.ID, Deed{Did: "merged", From: gone.Union.Name, To: kept.Union.Name, Reason: m.Words, Fields: difference(kept.Person, now.Person)})
}

// takeOut removes a member's row and what search knows of it; what hangs on
// the person stays.
func (b *Batch) takeOut(ctx context.Context, m Member) error {
	if err := b.dropTokens(ctx, m); err != nil {
		return err
	}
	if err := b.moves.Removed(ctx, b.tx, b.g.Tenant(), audit.Touched{Table: "members", ID: m.ID}); err != nil {
		if fault.Of(err).Kind == fault.NotFound {
			return fault.New(fault.Conflict, "%s的资料刚刚已由他人办理，请刷新后再看。", m.Person.Name)
		}
		return err
	}
	n, err := b.tx.Exec(ctx, `DELETE FROM members WHERE tenant_id = $1 AND id = $2 AND version = $3`, b.g.Tenant(), m.ID, m.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "%s的资料刚刚已由他人改过，请刷新后再办。", m.Person.Name)
	}
	b.count(m, -1)
	return nil
}

// hang moves what hangs on the one that goes, and notes what was moved.
func (b *Batch) hang(ctx context.Context, v *Both) (err error) {
	if v.Events, err = b.moveEvents(ctx, v.Gone.ID, v.Kept.ID, nil); err != nil {
		return err
	}
	v.Rows = map[string][]string{}
	for _, f := range followers {
		ids, err := sqldb.List(ctx, b.tx, sqldb.Text, `SELECT id FROM `+f.table+` WHERE tenant_id = $1 AND `+f.column+` = $2 ORDER BY id`, b.g.Tenant(), v.Gone.ID)
		if err != nil {
			return err
		}
		if len(ids) > 0 {
			v.Rows[f.table] = ids
		}
		if err := b.follow(ctx, f, ids, v.Gone.ID, v.Kept.ID); err != nil {
			return err
		}
	}
	return b.link(ctx, v)
}

// follow lets rows name another member.
func (b *Batch) follow(ctx context.Context, f follower, ids []string, from, to string) error {
	for _, id := range ids {
		n, err := b.tx.Exec(ctx, `UPDATE `+f.table+` SET `+f.column+` = $1 WHERE tenant_id = $2 AND id = $3 AND `+f.column+` = $4`, to, b.g.Tenant(), id, from)
		if err != nil {
			return err
		}
		if n > 0 && f.sealed {
			if err := b.moves.Touch(ctx, b.tx, b.g.Tenant(), audit.Touched{Table: f.table, ID: id}); err != nil {
				return err
			}
		}
	}
	return nil
}

// link gives the account of the one that goes to the one that stays; where
// that has one already, a person signs in with one account only.
func (b *Batch) link(ctx context.Context, v *Both) error {
	tenant := b.g.Tenant()
	ids, err := sqldb.List(ctx, b.tx, sqldb.Text, `SELECT id FROM accounts WHERE tenant_id = $1 AND member_id = $2`, tenant, v.Gone.ID)
	if err != nil || len(ids) == 0 {
		return err
	}
	other, err := sqldb.One(ctx, b.tx, sqldb.Int, `SELECT count(*) FROM accounts WHERE tenant_id = $1 AND member_id = $2`, tenant, v.Kept.ID)
	if err != nil {
		return err
	}
	v.Account, v.Handed = ids[0], other == 0
	to := ""
	if v.Handed {
		to = v.Kept.ID
	}
	return b.relink(ctx, v.Account, to)
}

func (b *Batch) relink(ctx context.Context, account, to string) error {
	if _, err := b.tx.Exec(ctx, `UPDATE accounts SET member_id = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3`, to, b.g.Tenant(), account); err != nil {
		return err
	}
	return b.moves.Touch(ctx, b.tx, b.g.Tenant(), audit.Touched{Table: "accounts", ID: account})
}

// moveEvents lets events belong to another member: all, or those named. It
// returns which were moved.
func (b *Batch) moveEvents(ctx context.Context, from, to string, only []string) ([]string, error) {
	tenant := b.g.Tenant()
	rows, err := sqldb.List(ctx, b.tx, func(row sqldb.Row) ([]any, error) {
		var s [12]string
		var mac []byte
		if err := row(&s[0], &s[1], &s[2], &s[3], &s[4], &s[5], &s[6], &s[7], &s[8], &s[9], &s[10], &mac); err != nil {
			return nil, err
		}
		out := []any{tenant}
		for _, v := range s[:11] {
			out = append(out, v)
		}
		return append(out, mac), nil
	}, `SELECT id, member_id, type, day, reason, from_union, to_union, document, import_id, account_id, at, mac
		FROM member_events WHERE tenant_id = $1 AND member_id = $2 ORDER BY id`, tenant, from)
	if err != nil {
		return nil, err
	}
	moved := []string{}
	for _, r := range rows {
		id, _ := r[1].(string)
		if only != nil && !slices.Contains(only, id) {
			continue
		}
		old, _ := r[len(r)-1].([]byte)
		r[2], r[len(r)-1] = to, nil
		mac := eventSeal.Seal(b.tx.Keys(), r)
		if _, err := b.tx.Exec(ctx, `UPDATE member_events SET member_id = $1, mac = $2 WHERE tenant_id = $3 AND member_id = $4 AND id = $5`, to, mac, tenant, from, id); err != nil {
			return nil, err
		}
		b.moves.Add("member_events", old)
		b.moves.Add("member_events", mac)
		moved = append(moved, id)
	}
	return moved, nil
}

// keepMerger writes down what was, sealed, with the hashes of both rows.
func (b *Batch) keepMerger(ctx context.Context, m *Merger) error {
	keys, tenant := b.tx.Keys(), b.g.Tenant()
	for i, was := range []Member{m.Before.Kept, m.Before.Gone} {
		h, err := printOf(keys, was)
		if err != nil {
			return err
		}
		m.hashes[i] = h
	}
	body, err := json.Marshal(m.Before)
	if err != nil {
		return err
	}
	gone := m.Before.Gone.Person
	_, err = b.tx.Exec(ctx, `INSERT INTO merges (tenant_id, id, kept_id, gone_id, blind, body, kept_hash, gone_hash, state, words, account_id, at, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'merged', $9, $10, $11, 1)`,
		tenant, m.ID, m.Kept, m.Gone, BlindID(keys, tenant, gone.IDType, gone.IDNo), keys.SealBlob(tenant, "merges", "body", body), m.hashes[0], m.hashes[1], m.Words, m.Account, string(m.At))
	if err != nil {
		return err
	}
	return b.moves.Touch(ctx, b.tx, tenant, audit.Touched{Table: "merges", ID: m.ID})
}

const selectMergers = `SELECT x.id, x.kept_id, x.gone_id, x.body, x.kept_hash, x.gone_hash, x.state, x.words, x.account_id, x.at, x.undone_by, x.undone, x.version
	FROM merges x JOIN members m ON m.tenant_id = x.tenant_id AND m.id = x.kept_id
	WHERE x.tenant_id = $1` + withinReach

func scanMerger(tx *sqldb.Tx, tenant int64) sqldb.Scan[Merger] {
	return func(row sqldb.Row) (m Merger, err error) {
		var sealed []byte
		var state string
		if err := row(&m.ID, &m.Kept, &m.Gone, &sealed, &m.hashes[0], &m.hashes[1], &state, &m.Words, &m.Account, &m.At, &m.UndoneBy, &m.UndoneAt, &m.Version); err != nil {
			return m, err
		}
		m.Undone = state != "merged"
		body, err := tx.Keys().OpenBlob(tenant, "merges", "body", sealed)
		if err != nil {
			return m, err
		}
		return m, json.Unmarshal(body, &m.Before)
	}
}

// FindMerger returns a merger whose survivor g reaches, or fault.NotFound.
func FindMerger(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Merger, error) {
	return sqldb.One(ctx, tx, scanMerger(tx, g.Tenant()), selectMergers+` AND x.id = $3`, g.Tenant(), g.Under(), id)
}

// Mergers lists the mergers within reach, the latest first.
func Mergers(ctx context.Context, tx *sqldb.Tx, g auth.Grant, before string, limit int) ([]Merger, error) {
	return sqldb.List(ctx, tx, scanMerger(tx, g.Tenant()), selectMergers+` AND x.id < $3 ORDER BY x.id DESC LIMIT $4`, g.Tenant(), g.Under(), cmp.Or(before, "~"), int64(limit))
}

// mostMergers is how far a chain of mergers is followed.
const mostMergers = 20

// Survivor returns who a merged member became, within g's reach, or
// fault.NotFound.
func Survivor(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Member, error) {
	for range mostMergers {
		next, err := sqldb.One(ctx, tx, sqldb.Text, `SELECT kept_id FROM merges WHERE tenant_id = $1 AND gone_id = $2 AND state <> 'undone' ORDER BY id DESC`, g.Tenant(), id)
		if err != nil {
			return Member{}, err
		}
		id = next
		if m, err := Find(ctx, tx, g, id); err == nil || fault.Of(err).Kind != fault.NotFound {
			return m, err
		}
	}
	return Member{}, fault.New(fault.NotFound, "记录不存在或已被移走。")
}

// MergedNumbers returns which of the numbers belong to memberships that were
// merged into others: nobody is registered under them anew.
//
// law: MEM-05
func MergedNumbers(ctx context.Context, tx *sqldb.Tx, tenant int64, blinds []string) (map[string]bool, error) {
	out := map[string]bool{}
	some, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM (SELECT x.id FROM merges x WHERE x.tenant_id = $1 AND x.state = 'merged' LIMIT 1) AS t`, tenant)
	if err != nil || some == 0 {
		return out, err
	}
	for len(blinds) > 0 {
		n := min(asked, len(blinds))
		args := []any{tenant}
		for i := range asked {
			args = append(args, blinds[min(i, n-1)])
		}
		err := sqldb.Each(ctx, tx, sqldb.Text, func(b string) error { out[b] = true; return nil },
			`SELECT x.blind FROM merges x WHERE x.tenant_id = $1 AND x.state = 'merged' AND x.blind IN (`+marks(2, asked)+`)`, args...)
		if err != nil {
			return nil, err
		}
		blinds = blinds[n:]
	}
	return out, nil
}
