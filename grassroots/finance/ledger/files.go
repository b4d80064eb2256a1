package ledger

import (
	"context"
	"io"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/kit/zh"
)

// Paper is an original document that hangs on a voucher (原始凭证): a scan, a
// photograph, an electronic invoice. Hash is the SHA-256 of its bytes, which
// are in the blob store.
type Paper struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	Type    string      `json:"type"`
	Size    int64       `json:"size"`
	Hash    string      `json:"sha256"`
	At      day.Instant `json:"at"`
	Account string      `json:"-"`
}

// largest is how many bytes a document may have.
const largest = 20 << 20

const selectPapers = `SELECT id, name, type, size, hash, at, account_id FROM attachments WHERE tenant_id = $1 AND thing_id = $2`

func scanPaper(row sqldb.Row) (p Paper, err error) {
	return p, row(&p.ID, &p.Name, &p.Type, &p.Size, &p.Hash, &p.At, &p.Account)
}

// Papers lists what hangs on a voucher that g was seen to reach.
func Papers(ctx context.Context, tx *sqldb.Tx, g auth.Grant, voucher string) ([]Paper, error) {
	return sqldb.List(ctx, tx, scanPaper, selectPapers+` ORDER BY id`, g.Tenant(), voucher)
}

// Hang hangs a document that is in the blob store on a voucher. On a posted
// one it is evidence that came later: it is added and told in the log, and the
// number of sheets that was posted stays.
//
// law: F3.20, F3.21
func Hang(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id, name string, blob files.Blob, at day.Instant) (Voucher, error) {
	v, err := Find(ctx, tx, g, id)
	if err != nil {
		return v, err
	}
	wrong := func(text string) error {
		return &fault.Error{Kind: fault.Invalid, Rule: "F3.20", Text: "文件没有收下。", Fields: map[string]string{"file": "文件：" + text}}
	}
	name = strings.TrimSpace(zh.Narrow(name[strings.LastIndexAny(name, `/\`)+1:]))
	if r := []rune(name); len(r) > 100 {
		name = string(r[len(r)-100:])
	}
	switch {
	case v.State == Discarded:
		return v, fault.New(fault.Conflict, "这张凭证已作废，不能再添加附件。")
	case blob.Hash == "":
		return v, wrong("请选择要上传的文件")
	case blob.Size > largest:
		return v, wrong("超过 20 MB，请压缩或分成几个文件后再传")
	}
	if err := files.Refuse(blob); err != nil {
		return v, wrong(fault.Of(err).Text)
	}
	all, err := Papers(ctx, tx, g, id)
	if err != nil {
		return v, err
	}
	for _, p := range all {
		if p.Hash == blob.Hash {
			return v, &fault.Error{Kind: fault.Conflict, Rule: "F3.20", Text: "这个文件已经附在这张凭证上，不用再传。", Fields: map[string]string{"file": "文件：与“" + p.Name + "”内容相同"}}
		}
	}
	p := Paper{ID: sqldb.NewID()}
	_, err = tx.Exec(ctx, `INSERT INTO attachments (tenant_id, id, thing_id, name, hash, type, size, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		g.Tenant(), p.ID, v.ID, name, blob.Hash, blob.Type, blob.Size, g.Account(), string(at))
	if err != nil {
		return v, err
	}
	m := audit.Moves{}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "attachments", ID: p.ID}); err != nil {
		return v, err
	}
	now := v
	if now.Attachments = max(v.Attachments, int64(len(all)+1)); v.State == Draft && now.Attachments != v.Attachments {
		if err := save(ctx, tx, g.Tenant(), m, v, now); err != nil {
			return v, err
		}
		now.Version++
		v = now
	}
	return v, m.Write(ctx, tx, g, v.ID, deed{Did: "attached", Voucher: v.Name(), Words: name + " " + blob.Hash[:12]}, at)
}

// FindPaper returns a document that hangs on a voucher within g's reach.
func FindPaper(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id, file string) (Paper, error) {
	v, err := Find(ctx, tx, g, id)
	if err != nil {
		return Paper{}, err
	}
	return sqldb.One(ctx, tx, scanPaper, selectPapers+` AND id = $3`, g.Tenant(), v.ID, file)
}

// Unhang takes a document off a voucher that is not posted. The bytes stay
// until no record names them.
//
// law: F3.20, S4
func Unhang(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id, file string, at day.Instant) (Voucher, error) {
	v, err := Find(ctx, tx, g, id)
	if err != nil {
		return v, err
	}
	p, err := FindPaper(ctx, tx, g, id, file)
	if err != nil {
		return v, err
	}
	if v.State != Draft {
		return v, fault.ByRule(fault.Conflict, "F3.20", "凭证%s，附件不能删除；传错了的，请再传正确的并在摘要或说明中写明。", v.State.Label())
	}
	m := audit.Moves{}
	if err := save(ctx, tx, g.Tenant(), m, v, v); err != nil { // nobody reviews it meanwhile
		return v, err
	}
	if err := m.Removed(ctx, tx, g.Tenant(), audit.Touched{Table: "attachments", ID: p.ID}); err != nil {
		return v, err
	}
	n, err := tx.Exec(ctx, `DELETE FROM attachments WHERE tenant_id = $1 AND id = $2`, g.Tenant(), p.ID)
	if err != nil {
		return v, err
	}
	if n == 0 {
		return v, fault.New(fault.Conflict, "这个附件刚刚已由他人删除，请刷新后再看。")
	}
	return v, m.Write(ctx, tx, g, v.ID, deed{Did: "detached", Voucher: v.Name(), Words: p.Name}, at)
}

// HangForm brings a document.
type HangForm struct {
	ID   string     `json:"id" doc:"编号"`
	File web.Upload `json:"file" doc:"文件"`
}

func (rm Room) hang(r *web.Request, in HangForm) (Done, error) {
	v, err := Hang(r.Ctx, r.Tx, r.Grant, in.ID, in.File.Name, in.File.Blob, r.Now)
	return Done{Voucher: v, said: "附件已添加。", created: true}, err
}

// FileQuery names a document of a voucher.
type FileQuery struct {
	ID     string `json:"id" doc:"编号"`
	File   string `json:"file" doc:"附件"`
	Inline bool   `json:"inline" doc:"在页面中打开"`
}

func (rm Room) download(r *web.Request, in FileQuery) (web.File, error) {
	p, err := FindPaper(r.Ctx, r.Tx, r.Grant, in.ID, in.File)
	return web.File{Name: p.Name, Type: p.Type, Inline: in.Inline, Write: func(w io.Writer) error {
		f, err := r.Site.Files.Open(p.Hash)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(w, f)
		return err
	}}, err
}

func (rm Room) unhang(r *web.Request, in FileQuery) (Done, error) {
	v, err := Unhang(r.Ctx, r.Tx, r.Grant, in.ID, in.File, r.Now)
	return Done{Voucher: v, said: "附件已删除。"}, err
}
