package intake

import (
	"context"
	"encoding/json"
	"strings"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// selectImports reads the imports within a grant's reach: those for a union
// that it reaches.
const selectImports = `
	SELECT i.id, i.kind, i.state, i.under_id, u.name, i.account_id, a.name, i.file_name, i.file_hash, i.sheet, i.head_row, i.columns, i.rows, i.fresh, i.changed, i.moved, i.offered, i.same, i.refused,
		i.warned, i.chunks, i.applied, i.note, i.made, i.confirmed, i.undone, i.version
	FROM imports i
	JOIN unions u ON u.tenant_id = i.tenant_id AND u.id = i.under_id
	LEFT JOIN accounts a ON a.tenant_id = i.tenant_id AND a.id = i.account_id
	WHERE i.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = i.tenant_id AND r.above_id = $2 AND r.union_id = i.under_id)`

func scanImport(row sqldb.Row) (i Import, err error) {
	var columns string
	err = row(&i.ID, &i.Kind, &i.State, &i.UnderID, &i.Under, &i.Account, &i.By, &i.FileName, &i.FileHash, &i.Sheet, &i.HeadRow, &columns, &i.Rows, &i.New, &i.Changed, &i.Moved, &i.Offered, &i.Same, &i.Refused,
		&i.Warned, &i.Chunks, &i.Applied, &i.Note, &i.Made, &i.Confirmed, &i.Undone, &i.Version)
	if err == nil && columns != "" {
		err = json.Unmarshal([]byte(columns), &i.Columns)
	}
	return i, err
}

// Find returns the import with the id, or fault.NotFound where g does not reach.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Import, error) {
	return sqldb.One(ctx, tx, scanImport, selectImports+` AND i.id = $3`, g.Tenant(), g.Under(), id)
}

// List returns imports, the newest first, before the one with the id before.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, before string, limit int) ([]Import, error) {
	if before == "" {
		before = "~"
	}
	return sqldb.List(ctx, tx, scanImport, selectImports+` AND i.id < $3 ORDER BY i.id DESC LIMIT $4`, g.Tenant(), g.Under(), before, int64(limit))
}

// Count is how many imports g reaches.
func Count(ctx context.Context, tx *sqldb.Tx, g auth.Grant) (int64, error) {
	return sqldb.One(ctx, tx, sqldb.Int, `
		SELECT count(*) FROM imports i WHERE i.tenant_id = $1 AND EXISTS (
			SELECT 1 FROM union_reach r WHERE r.tenant_id = i.tenant_id AND r.above_id = $2 AND r.union_id = i.under_id)`, g.Tenant(), g.Under())
}

// reach is every union under top, top included.
func reach(ctx context.Context, tx *sqldb.Tx, g auth.Grant, top string) (map[string]bool, error) {
	within := map[string]bool{}
	err := sqldb.Each(ctx, tx, sqldb.Text, func(id string) error {
		within[id] = true
		return nil
	}, `SELECT r.union_id FROM union_reach r WHERE r.tenant_id = $1 AND r.above_id = $2`, g.Tenant(), top)
	return within, err
}

// inForce returns the newest import of the same bytes for the same union that
// was neither taken back nor failed, if there is one.
func inForce(ctx context.Context, tx *sqldb.Tx, g auth.Grant, i Import) (Import, bool, error) {
	all, err := sqldb.List(ctx, tx, scanImport, selectImports+`
		AND i.under_id = $3 AND i.kind = $4 AND i.file_hash = $5 AND i.state NOT IN ('undone', 'failed')
		ORDER BY i.id DESC LIMIT 1`, g.Tenant(), g.Under(), i.UnderID, string(i.Kind), i.FileHash)
	if err != nil || len(all) == 0 {
		return Import{}, false, err
	}
	return all[0], true, nil
}

// insert writes a new import; false if one of the same bytes came meanwhile.
func insert(ctx context.Context, tx *sqldb.Tx, g auth.Grant, i Import) (bool, error) {
	n, err := tx.Exec(ctx, `
		INSERT INTO imports (tenant_id, id, kind, under_id, account_id, file_name, file_hash, state, head_row, rows, fresh, changed, moved, offered, same, refused, warned, chunks, applied, made, version)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $9, 1)
		ON CONFLICT DO NOTHING`,
		g.Tenant(), i.ID, string(i.Kind), i.UnderID, g.Account(), i.FileName, i.FileHash, string(Reading), string(i.Made))
	return n > 0, err
}

// move takes an import from one state to another; whoever was faster makes it
// fault.Conflict, which says who that was. version is the one that was seen.
func move(ctx context.Context, tx *sqldb.Tx, g auth.Grant, i Import, version int64, from, to State) error {
	n, err := tx.Exec(ctx, `UPDATE imports SET state = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND state = $4 AND version = $5`, string(to), g.Tenant(), i.ID, string(from), version)
	if err != nil || n > 0 {
		return err
	}
	now, err := Find(ctx, tx, g, i.ID)
	if err != nil {
		return err
	}
	if now.State == from {
		return fault.New(fault.Conflict, "这份导入在您打开之后又核对过一次，结果可能变了。请看过新的结果再办。")
	}
	who, err := sqldb.List(ctx, tx, func(row sqldb.Row) (text string, err error) {
		var name string
		var at day.Instant
		err = row(&name, &at)
		return name + "于 " + at.Local() + " ", err
	}, `
		SELECT coalesce(a.name, '他人'), j.made FROM jobs j LEFT JOIN accounts a ON a.tenant_id = j.tenant_id AND a.id = j.account_id
		WHERE j.tenant_id = $1 AND j.thing_id = $2 ORDER BY j.id DESC LIMIT 1`, g.Tenant(), i.ID)
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "这份导入现在是“%s”，不能再办这一步（%s办过）。请刷新后再看。", now.State.Label(), strings.Join(who, ""))
}

// keep writes what judging found: counts, columns, where the table stands.
func keep(ctx context.Context, tx *sqldb.Tx, tenant int64, i Import) error {
	columns, err := i.Columns.text()
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		UPDATE imports SET state = $1, sheet = $2, head_row = $3, columns = $4, rows = $5, fresh = $6, changed = $7, moved = $8, offered = $9, same = $10, refused = $11, warned = $12,
			chunks = $13, applied = 0, note = $14, version = version + 1
		WHERE tenant_id = $15 AND id = $16 AND state = 'reading'`,
		string(i.State), i.Sheet, i.HeadRow, columns, i.Rows, i.New, i.Changed, i.Moved, i.Offered, i.Same, i.Refused, i.Warned, i.Chunks, i.Note, tenant, i.ID)
	return err
}

// clean drops what an earlier judging left, in pieces.
func clean(ctx context.Context, db *sqldb.DB, tenant int64, id string) error {
	for _, q := range []string{
		`DELETE FROM import_chunks WHERE tenant_id = $1 AND import_id = $2 AND no IN (
			SELECT no FROM import_chunks WHERE tenant_id = $1 AND import_id = $2 LIMIT 50)`,
		`DELETE FROM import_problems WHERE tenant_id = $1 AND import_id = $2 AND (line, seq) IN (
			SELECT line, seq FROM import_problems WHERE tenant_id = $1 AND import_id = $2 LIMIT 2000)`,
	} {
		for n := int64(1); n > 0; {
			err := db.Chunk(ctx, func(tx *sqldb.Tx) (err error) {
				n, err = tx.Exec(ctx, q, tenant, id)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

const problemColumns = `tenant_id, import_id, line, seq, title, col, severity, code, message, rule`

func insertProblems(ctx context.Context, tx *sqldb.Tx, tenant int64, id string, from int, ps []Problem) error {
	rows := make([][]any, len(ps))
	for n, p := range ps {
		rows[n] = []any{tenant, id, p.Row, int64(from + n), p.Name, p.Column, string(p.Severity), p.Code, p.Message, p.Rule}
	}
	return tx.Insert(ctx, "import_problems", problemColumns, rows)
}

// Problems lists what is wrong with an import's rows, in the sheet's order,
// after the key (row, number), at most limit of them; severity "" is all.
func Problems(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, severity Severity, row, seq int64, limit int) ([]Problem, int64, error) {
	last := int64(0)
	ps, err := sqldb.List(ctx, tx, func(r sqldb.Row) (p Problem, err error) {
		err = r(&p.Row, &last, &p.Name, &p.Column, &p.Severity, &p.Code, &p.Message, &p.Rule)
		return p, err
	}, `
		SELECT p.line, p.seq, p.title, p.col, p.severity, p.code, p.message, p.rule
		FROM import_problems p WHERE p.tenant_id = $1 AND p.import_id = $2 AND (p.line, p.seq) > ($3, $4)
			AND (cast($5 as text) = '' OR p.severity = $5)
		ORDER BY p.line, p.seq LIMIT $6`, g.Tenant(), id, row, seq, string(severity), int64(limit))
	return ps, last, err
}

// layouts returns which field an office took a header for before.
func layouts(ctx context.Context, tx *sqldb.Tx, tenant int64, kind Kind) (map[string]string, error) {
	out := map[string]string{}
	type pair struct{ header, field string }
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (p pair, err error) { return p, row(&p.header, &p.field) }, func(p pair) error {
		out[p.header] = p.field
		return nil
	}, `SELECT header, field FROM import_layouts WHERE tenant_id = $1 AND kind = $2`, tenant, string(kind))
	return out, err
}

func remember(ctx context.Context, tx *sqldb.Tx, tenant int64, kind Kind, header, field string, at day.Instant) error {
	if field == "" {
		field = ignored
	}
	_, err := tx.Exec(ctx, `
		INSERT INTO import_layouts (tenant_id, kind, header, field, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant_id, kind, header) DO UPDATE SET field = excluded.field, at = excluded.at`, tenant, string(kind), header, field, string(at))
	return err
}

// ignored is remembered for a column that an officer chose not to take.
const ignored = "-"

// chunk is some hundred judged rows, sealed.
type chunk struct {
	no   int64
	body []byte
	undo []byte
}

func insertChunk(ctx context.Context, tx *sqldb.Tx, tenant int64, id string, no int64, body []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO import_chunks (tenant_id, import_id, no, body) VALUES ($1, $2, $3, $4)`, tenant, id, no, body)
	return err
}

func readChunk(ctx context.Context, tx *sqldb.Tx, tenant int64, id string, no int64) (chunk, error) {
	return sqldb.One(ctx, tx, func(row sqldb.Row) (c chunk, err error) { return c, row(&c.no, &c.body, &c.undo) },
		`SELECT no, body, undo FROM import_chunks WHERE tenant_id = $1 AND import_id = $2 AND no = $3`, tenant, id, no)
}
