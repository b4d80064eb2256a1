package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// answer is what an act said; the first one to a key is kept.
type answer struct {
	Place   string          `json:"place"`
	Body    json.RawMessage `json:"body"`
	Said    string          `json:"said,omitempty"`
	Created bool            `json:"created,omitempty"`
	kept    json.RawMessage // stored instead of Body
}

// first runs act unless this person's key has an answer already. The key is
// claimed in the act's own transaction: an act that fails leaves it free, and
// of two at once the second waits, runs again and finds the first's answer.
// The same key on another request is fault.Conflict. Where nobody signs in
// there is no one to keep answers for: such a room keeps the key with its thing.
func first(r *Request, key, target string, in input, act func() (answer, error)) (a answer, err error) {
	if key == "" || r.Grant.Tenant() == 0 {
		return act()
	}
	if len(key) > 200 {
		return a, fault.New(fault.Invalid, "操作编号太长，请刷新页面后再办。")
	}
	form := in.form.Encode()
	for name, u := range in.uploads {
		form += "\n" + name + "=" + u.Blob.Hash
	}
	sum := sha256.Sum256([]byte(target + "\n" + form + "\n" + string(in.body)))
	request := hex.EncodeToString(r.Tx.Keys().MAC(sum[:])) // keyed, since a form may hold a password
	r.Tx.Once()                                            // the key tells whether a commit whose answer was lost took place
	n, err := r.Tx.Exec(r.Ctx, `
		INSERT INTO answers (tenant_id, account_id, key, request, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (tenant_id, account_id, key) DO NOTHING`, r.Grant.Tenant(), r.Grant.Account(), key, request, string(r.Now))
	if err != nil {
		return a, err
	}
	if n == 0 {
		return kept(r, key, request)
	}
	if a, err = act(); err != nil {
		return a, err
	}
	stored := a
	if a.kept != nil {
		stored.Body, stored.Said = a.kept, ""
	}
	body, err := json.Marshal(stored)
	if err != nil {
		return a, err
	}
	err = r.Tx.Queue(r.Ctx, `UPDATE answers SET body = $1 WHERE tenant_id = $2 AND account_id = $3 AND key = $4`,
		string(body), r.Grant.Tenant(), r.Grant.Account(), key)
	return a, err
}

func kept(r *Request, key, request string) (a answer, err error) {
	was, err := sqldb.One(r.Ctx, r.Tx, func(row sqldb.Row) (v [2]string, err error) {
		err = row(&v[0], &v[1])
		return v, err
	}, `SELECT request, body FROM answers WHERE tenant_id = $1 AND account_id = $2 AND key = $3`, r.Grant.Tenant(), r.Grant.Account(), key)
	if err != nil {
		return a, err
	}
	if was[0] != request {
		return a, fault.New(fault.Conflict, "这个操作编号已用于另一项操作，请刷新页面后再办。")
	}
	return a, json.Unmarshal([]byte(was[1]), &a)
}
