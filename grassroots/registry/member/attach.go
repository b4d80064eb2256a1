package member

import (
	"context"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
)

// File is a paper hung on a member: an application, a decision. Its bytes are
// in the blob store.
type File struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	Type    string      `json:"type"`
	Size    int64       `json:"size"`
	At      day.Instant `json:"at"`
	Who     string      `json:"who"`
	Account string      `json:"-"`
	Hash    string      `json:"-"`
}

// largest is how many bytes a file on a member may have.
const largest = 20 << 20

// Attach hangs a file that is in the blob store on a member.
func Attach(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id, name string, blob files.Blob, at day.Instant) (Member, error) {
	m, err := Find(ctx, tx, g, id)
	if err != nil {
		return m, err
	}
	wrong := func(text string) error {
		return &fault.Error{Kind: fault.Invalid, Text: "文件没有收下。", Fields: map[string]string{"file": "文件：" + text}}
	}
	name = CutName(name)
	switch {
	case blob.Hash == "":
		return m, wrong("请选择要上传的文件")
	case blob.Size > largest:
		return m, wrong("超过 20 MB，请压缩或分成几个文件后再传")
	}
	if err := files.Refuse(blob); err != nil {
		return m, wrong(fault.Of(err).Text)
	}
	f := File{ID: sqldb.NewID(), Name: name}
	_, err = tx.Exec(ctx, `INSERT INTO attachments (tenant_id, id, thing_id, name, hash, type, size, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		g.Tenant(), f.ID, m.ID, name, blob.Hash, blob.Type, blob.Size, g.Account(), string(at))
	if err != nil {
		return m, err
	}
	return m, audit.Write(ctx, tx, g, m.ID, Deed{Did: "attached", File: name}, at, audit.Touched{Table: "attachments", ID: f.ID})
}

// CutName keeps the end of a long file name, which has its kind.
func CutName(name string) string {
	name = strings.TrimSpace(zh.Narrow(name[strings.LastIndexAny(name, `/\`)+1:]))
	if r := []rune(name); len(r) > 100 {
		name = string(r[len(r)-100:])
	}
	return name
}

const selectFiles = `SELECT id, name, hash, type, size, account_id, at FROM attachments WHERE tenant_id = $1 AND thing_id = $2`

func scanFile(row sqldb.Row) (f File, err error) {
	return f, row(&f.ID, &f.Name, &f.Hash, &f.Type, &f.Size, &f.Account, &f.At)
}

// filesOf lists what hangs on a member that g was seen to reach.
func filesOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) ([]File, error) {
	fs, err := sqldb.List(ctx, tx, scanFile, selectFiles+` ORDER BY id`, g.Tenant(), id)
	if err != nil {
		return nil, err
	}
	accounts := make([]string, len(fs))
	for i, f := range fs {
		accounts[i] = f.Account
	}
	who, err := names(ctx, tx, g.Tenant(), accounts)
	for i := range fs {
		fs[i].Who = who[fs[i].Account]
	}
	return fs, err
}

// FindFile returns a file that hangs on a member within g's reach.
func FindFile(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id, file string) (File, error) {
	m, err := Find(ctx, tx, g, id)
	if err != nil {
		return File{}, err
	}
	return sqldb.One(ctx, tx, scanFile, selectFiles+` AND id = $3`, g.Tenant(), m.ID, file)
}

// Detach takes a file off a member; only whoever hung it there may. The bytes
// stay until no record names them.
func Detach(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id, file string, at day.Instant) (Member, error) {
	m, err := Find(ctx, tx, g, id)
	if err != nil {
		return m, err
	}
	f, err := FindFile(ctx, tx, g, id, file)
	if err != nil {
		return m, err
	}
	if f.Account != g.Account() {
		return m, fault.New(fault.Denied, "这个附件是别人上传的，只有上传的人可以删除。")
	}
	moves := audit.Moves{}
	if err := moves.Removed(ctx, tx, g.Tenant(), audit.Touched{Table: "attachments", ID: f.ID}); err != nil {
		return m, err
	}
	n, err := tx.Exec(ctx, `DELETE FROM attachments WHERE tenant_id = $1 AND id = $2`, g.Tenant(), f.ID)
	if err != nil {
		return m, err
	}
	if n == 0 {
		return m, fault.New(fault.Conflict, "这个附件刚刚已由他人删除，请刷新后再看。")
	}
	return m, moves.Write(ctx, tx, g, m.ID, Deed{Did: "detached", File: f.Name}, at)
}
