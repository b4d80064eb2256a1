package twin

import (
	"context"
	"hash/maphash"

	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
)

// Finding is the kind of the job that looks for twins.
const Finding = "twins.find"

// The job reads members in blocks and writes pairs in pieces, so that people
// are served in between; it keeps the most likely pairs.
const (
	blockRows = 2000
	pieceRows = 500
	mostPairs = 5000
)

// scope is the job's input: the union under which it looks, and the office.
type scope struct {
	Under  string      `json:"under"`
	Office auth.Office `json:"office"`
}

// Works are the jobs of this room.
func (m *Room) Works() map[string]job.Work { return map[string]job.Work{Finding: find} }

// searched is what the log tells of a search.
type searched struct {
	Did     string `json:"did"`
	Members int    `json:"members"`
	Pairs   int    `json:"pairs"`
}

// find is the job.
func find(ctx context.Context, t *job.Turn) (string, error) {
	var in scope
	if err := t.In(&in); err != nil {
		return "", err
	}
	g := auth.As(t.Tenant, t.Account, in.Office, Settle, in.Under)
	_, _, err := Search(ctx, t.DB, g, t.Now(), func(done, total int, note string) error { return t.Step(ctx, int64(done), int64(total), note) })
	return listPlace, err
}

// Search looks for twins among all members that g reaches and writes the pairs;
// step is told how far it is, and stops it by its error. It returns how many
// members it compared and how many pairs it found.
//
// law: S2-10
func Search(ctx context.Context, db *sqldb.DB, g auth.Grant, began day.Instant, step func(done, total int, note string) error) (members, found int, err error) {
	all, err := traces(ctx, db, g, step)
	if err != nil {
		return 0, 0, err
	}
	n := len(all)
	list, err := pairs(all, mostPairs, func(done int) error { return step(done*n/blocks, n, "正在比对") })
	if err != nil {
		return n, 0, err
	}
	for from := 0; from < len(list); from += pieceRows {
		piece := list[from:min(from+pieceRows, len(list))]
		err := db.Chunk(ctx, func(tx *sqldb.Tx) error { return keep(ctx, tx, g, all, piece, began) })
		if err == nil {
			err = step(n, n, "正在写入疑似重复的名单")
		}
		if err != nil {
			return n, 0, err
		}
	}
	return n, len(list), db.Do(ctx, func(tx *sqldb.Tx) error {
		if err := forget(ctx, tx, g, began); err != nil {
			return err
		}
		return audit.Write(ctx, tx, g, g.Under(), searched{"twins", n, len(list)}, began)
	})
}

// traces reads every member that g reaches, block by block.
func traces(ctx context.Context, db *sqldb.DB, g auth.Grant, step func(done, total int, note string) error) ([]trace, error) {
	h := hasher{maphash.MakeSeed()}
	var all []trace
	for after := ""; ; {
		var block []member.Member
		err := db.View(ctx, func(tx *sqldb.Tx) (err error) {
			block, err = member.Block(ctx, tx, g, after, blockRows)
			return err
		})
		if err != nil {
			return nil, err
		}
		if len(block) == 0 {
			return all, nil
		}
		for i := range block {
			all = append(all, h.traceOf(&block[i]))
		}
		after = block[len(block)-1].ID
		if err := step(len(all), 0, "正在读取会员"); err != nil {
			return nil, err
		}
	}
}

// keep writes pairs; one that was settled stays as it was settled.
func keep(ctx context.Context, tx *sqldb.Tx, g auth.Grant, all []trace, list []judged, at day.Instant) error {
	for _, p := range list {
		a, b := all[p.a].id, all[p.b].id
		if a > b {
			a, b = b, a
		}
		_, err := tx.Exec(ctx, `
			INSERT INTO twins (tenant_id, id, a_id, b_id, score, reasons, state, found, version) VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, 1)
			ON CONFLICT (tenant_id, a_id, b_id) DO UPDATE SET score = excluded.score, reasons = excluded.reasons, found = excluded.found WHERE twins.state = 'open'`,
			g.Tenant(), sqldb.NewID(), a, b, p.score, p.reasons, string(at))
		if err != nil {
			return err
		}
	}
	return nil
}

// forget drops open pairs within reach that this search did not find again,
// and those of whom one is gone.
func forget(ctx context.Context, tx *sqldb.Tx, g auth.Grant, began day.Instant) error {
	_, err := tx.Exec(ctx, `
		DELETE FROM twins WHERE tenant_id = $1 AND state = 'open' AND found < $2
		AND a_id IN (SELECT m.id FROM members m JOIN union_reach r ON r.tenant_id = m.tenant_id AND r.union_id = m.union_id WHERE m.tenant_id = $1 AND r.above_id = $3)
		AND b_id IN (SELECT m.id FROM members m JOIN union_reach r ON r.tenant_id = m.tenant_id AND r.union_id = m.union_id WHERE m.tenant_id = $1 AND r.above_id = $3)`,
		g.Tenant(), string(began), g.Under())
	return err
}
