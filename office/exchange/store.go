package exchange

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

// own is the key that this office signs with.
type own struct {
	public string
	secret ed25519.PrivateKey
}

// keyID is the one key of an office; a second would make its peers doubt.
const keyID = "key"

// publicKey returns the office's key as base64, empty where it has none yet.
func publicKey(ctx context.Context, tx *sqldb.Tx, tenant int64) (string, error) {
	all, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT public FROM exchange_keys WHERE tenant_id = $1`, tenant)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[0], nil
}

// ownKey returns the office's key; one who has none yet is fault.Conflict.
func ownKey(ctx context.Context, tx *sqldb.Tx, tenant int64) (k own, err error) {
	all, err := sqldb.List(ctx, tx, func(row sqldb.Row) (r sealed, err error) { return r, row(&r.public, &r.secret) },
		`SELECT public, secret FROM exchange_keys WHERE tenant_id = $1 AND id = $2`, tenant, keyID)
	if err == nil && len(all) == 0 {
		err = fault.New(fault.Conflict, "本单位还没有签名密钥，请先在“上下级往来”页面生成。")
	}
	if err != nil {
		return k, err
	}
	seed, err := tx.Keys().OpenBlob(tenant, "exchange_keys", "secret", all[0].secret)
	if err != nil {
		return k, err
	}
	return own{all[0].public, ed25519.NewKeyFromSeed(seed)}, nil
}

type sealed struct {
	public string
	secret []byte
}

// MakeKey makes the office's key, once; a second time is fault.Conflict.
func MakeKey(ctx context.Context, tx *sqldb.Tx, g auth.Grant, at day.Instant) (string, error) {
	public, secret, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return "", err
	}
	text := base64.StdEncoding.EncodeToString(public)
	n, err := tx.Exec(ctx, `
		INSERT INTO exchange_keys (tenant_id, id, public, secret, made) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		g.Tenant(), keyID, text, tx.Keys().SealBlob(g.Tenant(), "exchange_keys", "secret", secret.Seed()), string(at))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "签名密钥已经生成，不能换：对方凭它认出本单位。")
	}
	if err != nil {
		return "", err
	}
	return text, audit.Write(ctx, tx, g, keyID, Deed{Did: "key", Hash: fingerprint(text)}, at, audit.Touched{Table: "exchange_keys", ID: keyID})
}

const selectPeers = `SELECT p.id, p.name, p.public, p.last_seq, p.added, p.ended, p.version FROM peers p WHERE p.tenant_id = $1`

func scanPeer(row sqldb.Row) (p Peer, err error) {
	err = row(&p.ID, &p.Name, &p.Public, &p.LastSeq, &p.Added, &p.Ended, &p.Version)
	p.Print = fingerprint(p.Public)
	return p, err
}

// Peers lists the offices whose bundles are taken, or were.
func Peers(ctx context.Context, tx *sqldb.Tx, g auth.Grant) ([]Peer, error) {
	return sqldb.List(ctx, tx, scanPeer, selectPeers+` ORDER BY p.ended IS NOT NULL, p.name_key, p.id`, g.Tenant())
}

func findPeer(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Peer, error) {
	return sqldb.One(ctx, tx, scanPeer, selectPeers+` AND p.id = $2`, g.Tenant(), id)
}

// Deed is what the log tells of an act here.
type Deed struct {
	Did  string  `json:"did"` // sent, received, trusted, ended
	Name string  `json:"name,omitempty"`
	Seq  int64   `json:"seq,omitempty"`
	AsOf day.Day `json:"as_of,omitempty"`
	Hash string  `json:"sha256,omitempty"`
}

// Believe says that bundles signed with a key are taken as those of an office.
// A key that is believed already is fault.Conflict.
func Believe(ctx context.Context, tx *sqldb.Tx, g auth.Grant, name, public string, at day.Instant) (Peer, error) {
	name = strings.TrimSpace(name)
	fields := map[string]string{}
	if n := len([]rune(name)); n < 2 || n > 60 {
		fields["name"] = "单位名称：请写 2 到 60 个字"
	}
	key, err := readKey(public)
	if err != nil {
		fields["public"] = "公钥：不完整，请从对方的“上下级往来”页面整段复制"
	}
	if len(fields) > 0 {
		return Peer{}, &fault.Error{Kind: fault.Invalid, Text: "还不能登记，请按提示改正。", Fields: fields}
	}
	p := Peer{ID: sqldb.NewID(), Name: name, Public: base64.StdEncoding.EncodeToString(key), Added: at, Version: 1}
	p.Print = fingerprint(p.Public)
	if mine, err := publicKey(ctx, tx, g.Tenant()); err != nil {
		return p, err
	} else if mine == p.Public {
		return p, &fault.Error{Kind: fault.Invalid, Text: "这是本单位自己的公钥。", Fields: map[string]string{"public": "公钥：请填写对方的公钥"}}
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO peers (tenant_id, id, name, name_key, public, last_seq, account_id, added, version) VALUES ($1, $2, $3, $4, $5, 0, $6, $7, 1)
		ON CONFLICT DO NOTHING`, g.Tenant(), p.ID, name, zh.UnitSortKey(name), p.Public, g.Account(), string(at))
	if err != nil {
		return p, err
	}
	if n == 0 {
		return p, fault.New(fault.Conflict, "这个公钥已经登记过，请在列表里查看。")
	}
	return p, audit.Write(ctx, tx, g, p.ID, Deed{Did: "trusted", Name: name, Hash: p.Print}, at, audit.Touched{Table: "peers", ID: p.ID})
}

// Doubt ends that a key is believed; what came before stays. One who has been
// ended already is fault.Conflict.
func Doubt(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, at day.Instant) (Peer, error) {
	p, err := findPeer(ctx, tx, g, id)
	if err != nil {
		return p, err
	}
	n, err := tx.Exec(ctx, `UPDATE peers SET ended = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND version = $4 AND ended IS NULL`,
		string(at), g.Tenant(), id, version)
	if err != nil {
		return p, err
	}
	if n == 0 {
		return p, fault.New(fault.Conflict, "%s的登记刚刚已由他人改过，请刷新后再办。", p.Name)
	}
	p.Ended, p.Version = at, p.Version+1
	return p, audit.Write(ctx, tx, g, id, Deed{Did: "ended", Name: p.Name}, at, audit.Touched{Table: "peers", ID: id})
}

const selectBundles = `
	SELECT b.id, b.way, coalesce(p.name, ''), b.peer_id, b.kind, b.as_of, b.seq, b.file_hash, b.size, b.unions, b.members, b.women, b.account_id, b.at
	FROM bundles b LEFT JOIN peers p ON p.tenant_id = b.tenant_id AND p.id = b.peer_id
	WHERE b.tenant_id = $1`

func scanBundle(row sqldb.Row) (b Bundle, err error) {
	err = row(&b.ID, &b.Way, &b.Peer, &b.PeerID, &b.Kind, &b.AsOf, &b.Seq, &b.Hash, &b.Size, &b.Unions, &b.Members, &b.Women, &b.Account, &b.At)
	return b, err
}

// List lists bundles, the newest first, before the one with the id before.
func List(ctx context.Context, tx *sqldb.Tx, g auth.Grant, way Way, before string, limit int) ([]Bundle, error) {
	if before == "" {
		before = "~"
	}
	q, args := selectBundles+` AND b.id < $2`, []any{g.Tenant(), before, int64(limit)}
	if way != "" {
		q, args = q+` AND b.way = $4`, append(args, string(way))
	}
	return sqldb.List(ctx, tx, scanBundle, q+` ORDER BY b.id DESC LIMIT $3`, args...)
}

// Find returns a bundle, or fault.NotFound.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Bundle, error) {
	return sqldb.One(ctx, tx, scanBundle, selectBundles+` AND b.id = $2`, g.Tenant(), id)
}

// before returns the bundle of the same sender that came before b, if any.
func before(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b Bundle) (Bundle, bool, error) {
	q, args := selectBundles+` AND b.way = $2 AND b.seq < $3`, []any{g.Tenant(), string(b.Way), b.Seq}
	if b.PeerID != "" {
		q, args = q+` AND b.peer_id = $4`, append(args, b.PeerID)
	}
	all, err := sqldb.List(ctx, tx, scanBundle, q+` ORDER BY b.seq DESC LIMIT 1`, args...)
	if err != nil || len(all) == 0 {
		return Bundle{}, false, err
	}
	return all[0], true, nil
}

// Keep writes down a bundle that was made or that came. One that came must be
// newer than all before it from the same sender, whose row its act touches
// first; the same file a second time is the first one's bundle.
//
// law: PL-33
func Keep(ctx context.Context, tx *sqldb.Tx, g auth.Grant, p parcel, b Bundle, at day.Instant) (Bundle, error) {
	b.ID, b.Kind, b.AsOf, b.Seq, b.At = sqldb.NewID(), p.Kind, p.AsOf, p.Seq, at
	b.Unions, b.Members, b.Women = sums(p.lines)
	d := Deed{Did: "sent", Seq: b.Seq, AsOf: b.AsOf, Hash: b.Hash}
	if b.Way == In {
		var err error
		if b.PeerID, b.Peer, err = newer(ctx, tx, g, p); err != nil {
			if was, ok := same(ctx, tx, g, b.Hash); ok && fault.Of(err).Kind == fault.Conflict {
				return was, nil
			}
			return b, err
		}
		d.Did, d.Name = "received", b.Peer
	}
	m := audit.Moves{}
	if b.PeerID != "" {
		if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "peers", ID: b.PeerID}); err != nil {
			return b, err
		}
	}
	if err := insertBundle(ctx, tx, g, m, b); err != nil {
		return b, err
	}
	return b, m.Write(ctx, tx, g, b.ID, d, at)
}

// same finds the bundle that came with the very file.
func same(ctx context.Context, tx *sqldb.Tx, g auth.Grant, hash string) (Bundle, bool) {
	was, err := sqldb.List(ctx, tx, scanBundle, selectBundles+` AND b.way = $2 AND b.file_hash = $3`, g.Tenant(), string(In), hash)
	if err != nil || len(was) == 0 {
		return Bundle{}, false
	}
	return was[0], true
}

// newer takes hold of the sender of a parcel, who must be known and not have
// sent a newer one.
func newer(ctx context.Context, tx *sqldb.Tx, g auth.Grant, p parcel) (id, name string, err error) {
	all, err := sqldb.List(ctx, tx, scanPeer, selectPeers+` AND p.public = $2 AND p.ended IS NULL`, g.Tenant(), p.Key)
	if err != nil {
		return "", "", err
	}
	if len(all) == 0 {
		return "", "", broken("“" + p.From + "”还没有登记为往来单位。请安全管理员与对方电话核对指纹 " + fingerprint(p.Key) + " 后登记，再来收。")
	}
	peer := all[0]
	n, err := tx.Exec(ctx, `UPDATE peers SET last_seq = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND last_seq < $1 AND ended IS NULL`, p.Seq, g.Tenant(), peer.ID)
	if err != nil {
		return "", "", err
	}
	if n == 0 {
		return "", "", fault.New(fault.Conflict, "已经收过%s更新的数据，这一份是旧的，没有收下。", peer.Name)
	}
	return peer.ID, peer.Name, nil
}

func insertBundle(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, b Bundle) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO bundles (tenant_id, id, way, peer_id, kind, as_of, seq, file_hash, size, unions, members, women, account_id, at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`,
		g.Tenant(), b.ID, string(b.Way), b.PeerID, b.Kind, string(b.AsOf), b.Seq, b.Hash, b.Size, b.Unions, b.Members, b.Women, g.Account(), string(b.At))
	if err != nil {
		return err
	}
	return m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "bundles", ID: b.ID})
}
