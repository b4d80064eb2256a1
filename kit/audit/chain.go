package audit

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"unionhall/kit/day"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
)

type hashed struct{ id, hash string }

func scanHashed(row sqldb.Row) (h hashed, err error) {
	err = row(&h.id, &h.hash)
	return h, err
}

func blockHash(k *seal.Keys, before string, no int64, rows []hashed) string {
	b := fmt.Appendf(nil, "%d %s", no, before)
	for _, r := range rows {
		b = append(append(append(append(b, 0), r.id...), ' '), r.hash...)
	}
	return hex.EncodeToString(k.MAC(b))
}

// Tenants lists every tenant; the sealer and verify go through them.
func Tenants(ctx context.Context, tx *sqldb.Tx) ([]int64, error) {
	return sqldb.List(ctx, tx, sqldb.Int, `SELECT tenant_id FROM tenants ORDER BY tenant_id`)
}

// Chain seals the rows that no block holds yet into the next block, and
// returns how many those were. By "no block yet", not by time: a transaction
// that commits late falls into the next block and nothing is skipped.
func Chain(ctx context.Context, tx *sqldb.Tx, tenant int64, at day.Instant) (int, error) {
	open, err := sqldb.List(ctx, tx, scanHashed, `SELECT id, hash FROM audit_rows WHERE tenant_id = $1 AND block IS NULL ORDER BY id LIMIT 5000`, tenant)
	if err != nil || len(open) == 0 {
		return 0, err
	}
	last, err := sqldb.List(ctx, tx, scanBlock, selectBlocks+` ORDER BY no DESC LIMIT 1`, tenant)
	if err != nil {
		return 0, err
	}
	head := block{hash: "first"}
	if len(last) > 0 {
		head = last[0]
	}
	no := head.no + 1
	_, err = tx.Exec(ctx, `INSERT INTO audit_blocks (tenant_id, no, at, rows, hash) VALUES ($1, $2, $3, $4, $5)`,
		tenant, no, string(at), int64(len(open)), blockHash(tx.Keys(), head.hash, no, open))
	if err != nil {
		return 0, err // another instance took this number: its block holds the rows
	}
	for _, r := range open {
		if n, err := tx.Exec(ctx, `UPDATE audit_rows SET block = $1 WHERE tenant_id = $2 AND id = $3 AND block IS NULL`, no, tenant, r.id); err != nil || n != 1 {
			return 0, fmt.Errorf("chain %s: %d rows, %w", r.id, n, err)
		}
	}
	return len(open), nil
}

type block struct {
	no, rows int64
	hash     string
}

const selectBlocks = `SELECT no, rows, hash FROM audit_blocks WHERE tenant_id = $1`

func scanBlock(row sqldb.Row) (b block, err error) {
	err = row(&b.no, &b.rows, &b.hash)
	return b, err
}

// Finding is one thing that verify found: where, and what is wrong with it.
type Finding struct {
	Where string `json:"where"`
	What  string `json:"what"`
}

// Report is what Verify went through and what it found.
type Report struct {
	Rows, Blocks int64 // of the log
	Sealed       int64 // rows with a seal of their own
	Findings     []Finding
}

func (r *Report) find(where, what string, args ...any) {
	if len(r.Findings) < 100 {
		r.Findings = append(r.Findings, Finding{where, fmt.Sprintf(what, args...)})
	}
}

// Verify proves a tenant's log and the rows of the sealed tables. It has no
// grant: the command verify and the audit administrator ask.
func Verify(ctx context.Context, tx *sqldb.Tx, tenant int64, tables []string) (Report, error) {
	var rep Report
	sums := Moves{}
	if err := rep.log(ctx, tx, tenant, sums); err != nil {
		return rep, err
	}
	for _, t := range tables {
		if err := rep.table(tx, tenant, t, sums); err != nil {
			return rep, err
		}
	}
	return rep, nil
}

// log walks the blocks in order and adds up the moves of all rows.
func (rep *Report) log(ctx context.Context, tx *sqldb.Tx, tenant int64, sums Moves) error {
	blocks, err := sqldb.List(ctx, tx, scanBlock, selectBlocks+` ORDER BY no`, tenant)
	if err != nil {
		return err
	}
	before := "first"
	for i, b := range append(blocks, block{}) {
		where, args := ` AND block = $2 ORDER BY id`, []any{tenant, b.no}
		if i == len(blocks) {
			where, args = ` AND block IS NULL ORDER BY id`, args[:1]
		}
		var rows []hashed
		err := sqldb.Each(ctx, tx, scanRow, func(r Row) error {
			if r.seal(tx.Keys()) != r.hash {
				rep.find("audit_rows "+r.ID, "这条日志被改动过")
			}
			rows = append(rows, hashed{r.ID, r.hash})
			rep.Rows++
			return sums.parse(r.moved)
		}, selectRows+where, args...)
		if err != nil {
			return err
		}
		if i == len(blocks) {
			break
		}
		if b.no != int64(i+1) || b.rows != int64(len(rows)) || b.hash != blockHash(tx.Keys(), before, b.no, rows) {
			rep.find(fmt.Sprintf("audit_blocks %d", b.no), "日志链在第%d段断开：有日志被删除、增添或改动", i+1)
		}
		before = b.hash
		rep.Blocks++
	}
	return nil
}

func (m Moves) parse(text string) error {
	for _, f := range strings.Fields(text) {
		table, sum, _ := strings.Cut(f, "=")
		b, err := hex.DecodeString(sum)
		if err != nil {
			return fmt.Errorf("audit: moves %q: %w", text, err)
		}
		m.Add(table, b)
	}
	return nil
}

// table proves every row's own seal and that they add up to what the log says.
func (rep *Report) table(tx *sqldb.Tx, tenant int64, table string, sums Moves) error {
	sum, layout, macAt, idAt := Mac{}, Layout{}, -1, -1
	err := sqldb.Records(tx, func(r sqldb.Record) error {
		if macAt < 0 {
			layout, macAt, idAt = LayoutOf(table, r.Columns), slices.Index(r.Columns, "mac"), slices.Index(r.Columns, "id")
		}
		mac, _ := r.Values[macAt].([]byte)
		if string(layout.Seal(tx.Keys(), r.Values)) != string(mac) {
			id := any("")
			if idAt >= 0 {
				id = r.Values[idAt]
			}
			rep.find(fmt.Sprintf("%s %v", table, id), "这条记录在程序之外被改动过")
		}
		sum.add(mac)
		rep.Sealed++
		return nil
	}, `SELECT * FROM `+table+` WHERE tenant_id = $1`, tenant)
	if err != nil {
		return err
	}
	want := Mac{}
	if sums[table] != nil {
		want = *sums[table]
	}
	if sum != want {
		rep.find(table, "这张表的记录与操作日志对不上：有记录在程序之外被增添、删除或还原")
	}
	return nil
}
