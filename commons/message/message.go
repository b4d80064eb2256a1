// Package message brings messages (消息) to people inside the product: each
// belongs to one account and is read by nobody else.
package message

import (
	"context"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// Message is one message to one account. Href is the page it is about; it may
// be empty.
type Message struct {
	ID    string      `json:"id"`
	Class Class       `json:"class"`
	Title string      `json:"title"`
	Body  string      `json:"body,omitempty"`
	Href  string      `json:"href,omitempty"`
	At    day.Instant `json:"at"`
	Read  day.Instant `json:"read,omitempty"`
}

// Send leaves a message for an account of the tenant, in the same transaction
// as what it tells of. After the commit it also leaves the house, the ways
// that the account chose (see Post); its class is that of the page it is about.
func Send(ctx context.Context, tx *sqldb.Tx, tenant int64, account, title, body, href string, at day.Instant) error {
	return SendAs(ctx, tx, classOf(href), tenant, account, title, body, href, at)
}

// SendAs is Send for a message of a class that its page does not tell.
func SendAs(ctx context.Context, tx *sqldb.Tx, class Class, tenant int64, account, title, body, href string, at day.Instant) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO messages (tenant_id, id, account_id, class, title, body, href, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		tenant, sqldb.NewID(), account, string(class), title, body, href, string(at))
	return err
}

const selectMessages = `SELECT m.id, m.class, m.title, m.body, m.href, m.at, m.read_at FROM messages m WHERE m.tenant_id = $1 AND m.account_id = $2`

func scan(row sqldb.Row) (m Message, err error) {
	err = row(&m.ID, &m.Class, &m.Title, &m.Body, &m.Href, &m.At, &m.Read)
	if m.Class == "" {
		m.Class = classOf(m.Href)
	}
	return m, err
}

// List returns g's own messages, the newest first, before the one with the id
// before (empty: from the newest on); unread leaves out those that were read.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unread bool, before string, limit int) ([]Message, error) {
	if before == "" {
		before = "~"
	}
	q := selectMessages + ` AND m.id < $3`
	if unread {
		q += ` AND m.read_at IS NULL`
	}
	return sqldb.List(ctx, tx, scan, q+` ORDER BY m.id DESC LIMIT $4`, g.Tenant(), g.Account(), before, int64(limit))
}

// Unread counts g's own messages that were not read.
func Unread(ctx context.Context, tx *sqldb.Tx, g auth.Grant) (int64, error) {
	return sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM messages m WHERE m.tenant_id = $1 AND m.account_id = $2 AND m.read_at IS NULL`, g.Tenant(), g.Account())
}

// Find returns one of g's own messages, or fault.NotFound.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Message, error) {
	return sqldb.One(ctx, tx, scan, selectMessages+` AND m.id = $3`, g.Tenant(), g.Account(), id)
}

// MarkRead notes that g has read a message; a second time changes nothing.
// Another's message is fault.NotFound.
func MarkRead(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Message, error) {
	_, err := tx.Exec(ctx, `UPDATE messages SET read_at = $1 WHERE tenant_id = $2 AND account_id = $3 AND id = $4 AND read_at IS NULL`,
		string(at), g.Tenant(), g.Account(), id)
	if err != nil {
		return Message{}, err
	}
	return Find(ctx, tx, g, id)
}

// MarkAll notes that g has read everything up to the message with the id last,
// the newest that was on the page: what came since stays unread. It returns
// how many those were.
func MarkAll(ctx context.Context, tx *sqldb.Tx, g auth.Grant, last string, at day.Instant) (int64, error) {
	if last == "" {
		return 0, fault.New(fault.Invalid, "没有可标为已读的消息，请刷新页面后再看。")
	}
	return tx.Exec(ctx, `UPDATE messages SET read_at = $1 WHERE tenant_id = $2 AND account_id = $3 AND id <= $4 AND read_at IS NULL`,
		string(at), g.Tenant(), g.Account(), last)
}
