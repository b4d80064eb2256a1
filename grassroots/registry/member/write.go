package member

import (
	"context"
	"slices"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

const memberColumns = `tenant_id, id, union_id, name, name_key, sex, birthday, id_type, id_sealed, id_blind, phone, ethnic, education, politics,
	employment, skill, household, domicile, native, migrant, work_unit, duty, title, email, outer_card, card_no, status, joined, left_day, import_id, version, mac`

const eventColumns = `tenant_id, id, member_id, type, day, reason, from_union, to_union, document, import_id, account_id, at, mac`

var (
	memberSeal = audit.LayoutOf("members", columnsOf(memberColumns))
	eventSeal  = audit.LayoutOf("member_events", columnsOf(eventColumns))
)

// Batch gathers what a transaction writes about members, so that figures and
// search follow in one go and many members cost no more than they must.
type Batch struct {
	tx      *sqldb.Tx
	g       auth.Grant
	at      day.Instant
	moves   audit.Moves
	figures Figures
}

// NewBatch begins to write members under g at the instant at.
func NewBatch(tx *sqldb.Tx, g auth.Grant, at day.Instant) *Batch {
	return &Batch{tx, g, at, audit.Moves{}, newFigures()}
}

// Insert writes new members with their tokens and the event that began each
// membership. A person who is there already is fault.Conflict.
func (b *Batch) Insert(ctx context.Context, ms []Member, began []Event) error {
	if err := b.InsertUnfound(ctx, ms, began); err != nil {
		return err
	}
	var rows [][]any
	for _, m := range ms {
		e := ClueOf(b.tx.Keys(), b.g.Tenant(), m)
		for _, t := range e.tokens() {
			rows = append(rows, []any{b.g.Tenant(), t, e.key, m.ID})
		}
	}
	return b.tx.QueueInsert(ctx, tokenTable, tokenColumns, rows)
}

// InsertUnfound is Insert for a great many: no search finds them before Index
// has been given their clues.
func (b *Batch) InsertUnfound(ctx context.Context, ms []Member, began []Event) error {
	keys := b.tx.Keys()
	rows := make([][]any, 0, len(ms))
	for _, m := range ms {
		row := b.values(m, zh.SortKey(m.Person.Name))
		mac := memberSeal.Seal(keys, row)
		row[len(row)-1] = mac
		b.moves.Add("members", mac)
		rows = append(rows, row)
		b.count(m, 1)
	}
	if err := b.tx.Insert(ctx, "members", memberColumns, rows); err != nil {
		return err
	}
	return b.Events(ctx, began)
}

// values are the columns of m in the order of memberColumns, the seal empty.
func (b *Batch) values(m Member, key string) []any {
	k, t, p := b.tx.Keys(), b.g.Tenant(), m.Person
	blind := erased + m.ID
	if p.IDNo != "" {
		blind = BlindID(k, t, p.IDType, p.IDNo)
	}
	return []any{t, m.ID, m.Union.ID, p.Name, key, string(p.Sex), string(p.Birthday), p.IDType, sealID(k, t, p.IDNo), blind,
		sealPhone(k, t, p.Phone), p.Ethnic, p.Education, p.Politics, p.Employment, p.Skill, p.Household, p.Domicile, p.Native, p.Migrant,
		p.WorkUnit, p.Duty, p.Title, p.Email, p.OuterCard, m.CardNo, string(m.Status), string(m.Joined), string(m.LeftDay), m.ImportID, m.Version, nil}
}

// Update writes what now makes of was, on the version that was read. Whoever
// was faster makes it fault.Conflict. The name's tokens follow.
func (b *Batch) Update(ctx context.Context, was, now Member) error {
	keys, tenant := b.tx.Keys(), b.g.Tenant()
	now.Version = was.Version + 1
	key := zh.SortKey(now.Person.Name)
	row := b.values(now, key)
	old, err := sqldb.List(ctx, b.tx, func(row sqldb.Row) (mac []byte, err error) { return mac, row(&mac) },
		`SELECT mac FROM members WHERE tenant_id = $1 AND id = $2 AND version = $3`, tenant, was.ID, was.Version)
	if err != nil {
		return err
	}
	if len(old) == 0 {
		return fault.New(fault.Conflict, "%s的资料刚刚已由他人改过，请刷新后再办。", was.Person.Name)
	}
	mac := memberSeal.Seal(keys, row)
	row[len(row)-1] = mac
	n, err := b.tx.Exec(ctx, updateMember, append(row, was.Version)...)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "%s的资料刚刚已由他人改过，请刷新后再办。", was.Person.Name)
	}
	b.moves.Add("members", old[0])
	b.moves.Add("members", mac)
	b.count(was, -1)
	b.count(now, 1)
	return b.retoken(ctx, was, now)
}

// updateMember sets every column but the key, on the version that was read.
var updateMember = updateText()

func updateText() string {
	q, n := "UPDATE members SET ", 0
	for i, c := range columnsOf(memberColumns) {
		if c == "tenant_id" || c == "id" {
			continue
		}
		if n++; n > 1 {
			q += ", "
		}
		q += c + " = $" + itoa(i+1)
	}
	width := len(columnsOf(memberColumns))
	return q + " WHERE tenant_id = $1 AND id = $2 AND version = $" + itoa(width+1)
}

// retoken replaces what search finds was by with what it finds now by.
func (b *Batch) retoken(ctx context.Context, was, now Member) error {
	keys, tenant := b.tx.Keys(), b.g.Tenant()
	oldKey, newKey := zh.SortKey(was.Person.Name), zh.SortKey(now.Person.Name)
	before, after := ClueOf(keys, tenant, was).tokens(), ClueOf(keys, tenant, now).tokens()
	if oldKey == newKey && slices.Equal(before, after) {
		return nil
	}
	if err := b.dropTokens(ctx, was); err != nil {
		return err
	}
	rows := make([][]any, len(after))
	for i, t := range after {
		rows[i] = []any{tenant, t, newKey, now.ID}
	}
	return b.tx.QueueInsert(ctx, tokenTable, tokenColumns, rows)
}

func (b *Batch) dropTokens(ctx context.Context, m Member) error {
	key := zh.SortKey(m.Person.Name)
	for _, t := range ClueOf(b.tx.Keys(), b.g.Tenant(), m).tokens() {
		_, err := b.tx.Exec(ctx, `DELETE FROM member_tokens WHERE tenant_id = $1 AND token = $2 AND name_key = $3 AND member_id = $4`, b.g.Tenant(), t, key, m.ID)
		if err != nil {
			return err
		}
	}
	return nil
}

// Remove takes a member out whom an import brought by mistake, with tokens and
// events; nothing else may hang on the person.
func (b *Batch) Remove(ctx context.Context, m Member) error {
	tenant := b.g.Tenant()
	type sealed struct {
		id  string
		mac []byte
	}
	events, err := sqldb.List(ctx, b.tx, func(row sqldb.Row) (s sealed, err error) { return s, row(&s.id, &s.mac) },
		`SELECT id, mac FROM member_events WHERE tenant_id = $1 AND member_id = $2`, tenant, m.ID)
	if err != nil {
		return err
	}
	for _, e := range events {
		b.moves.Add("member_events", e.mac)
	}
	if err := b.moves.Removed(ctx, b.tx, tenant, audit.Touched{Table: "members", ID: m.ID}); err != nil {
		return err
	}
	if _, err := b.tx.Exec(ctx, `DELETE FROM member_events WHERE tenant_id = $1 AND member_id = $2`, tenant, m.ID); err != nil {
		return err
	}
	if err := b.dropTokens(ctx, m); err != nil {
		return err
	}
	n, err := b.tx.Exec(ctx, `DELETE FROM members WHERE tenant_id = $1 AND id = $2 AND version = $3`, tenant, m.ID, m.Version)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "%s的资料刚刚已由他人改过，请刷新后再办。", m.Person.Name)
	}
	b.count(m, -1)
	return nil
}

// Events writes changes of membership.
func (b *Batch) Events(ctx context.Context, events []Event) error {
	rows := make([][]any, len(events))
	for i, e := range events {
		row := []any{b.g.Tenant(), e.ID, e.MemberID, string(e.Type), string(e.Day), e.Reason, e.From, e.To, e.Document, e.ImportID, b.g.Account(), string(b.at), nil}
		mac := eventSeal.Seal(b.tx.Keys(), row)
		row[len(row)-1] = mac
		b.moves.Add("member_events", mac)
		rows[i] = row
	}
	return b.tx.QueueInsert(ctx, "member_events", eventColumns, rows)
}

// Audit flushes the figures and writes the batch's one line in the log.
func (b *Batch) Audit(ctx context.Context, thing string, change any) error {
	if err := b.Flush(ctx); err != nil {
		return err
	}
	return b.moves.Write(ctx, b.tx, b.g, thing, change, b.at)
}

// Moves is how the seals moved so far; an act that also touches other rooms'
// rows adds theirs and writes them together.
func (b *Batch) Moves() audit.Moves { return b.moves }

// CardNumbers takes n member numbers of a union.
func CardNumbers(ctx context.Context, tx *sqldb.Tx, tenant int64, union registry.Ref, n int64) (func() string, error) {
	next, err := registry.Next(ctx, tx, tenant, "card", union.ID, n)
	return func() string {
		next++
		return registry.CardNo(union.Code, next-1)
	}, err
}
