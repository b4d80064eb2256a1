package procedure

import (
	"context"
	"slices"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
	"unionhall/law"
)

// Paper is one paper of the list (材料) with what was handed in for it.
type Paper struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Must     bool     `json:"must"`
	Rule     string   `json:"rule"`
	Citation string   `json:"citation"`
	Recalled bool     `json:"recalled,omitempty"` // 待核实
	Files    []Upload `json:"files"`
}

// Upload is a file that was handed in for a paper.
type Upload struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	Type    string      `json:"type"`
	Size    int64       `json:"size"`
	At      day.Instant `json:"at"`
	Account string      `json:"-"`
	Hash    string      `json:"-"`
	paper   string
}

// needs lists the papers of the case's kind at the office's place, as far as
// what is asked for makes them due.
//
// law: LEG-05, LEG-06
func needs(c Case, at law.Place) (out []Paper) {
	what := changed(c.Fields)
	premises := len(what) > 0 && !slices.ContainsFunc(what, func(i item) bool { return i.name != "premises" && i.name != "premises_detail" })
	for _, n := range law.PapersOf(string(c.Kind), at) {
		if n.When == law.OfPremises && !premises || n.When == law.BeyondPremise && premises {
			continue
		}
		out = append(out, Paper{ID: n.ID, Name: n.Name, Must: n.When != law.May, Rule: n.Rule, Citation: n.Citation, Recalled: n.Confidence == law.Recalled, Files: []Upload{}})
	}
	return out
}

// papersOf lists the papers of a case with the files handed in. A file for a
// paper that is no longer asked for is kept at the end.
func papersOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c Case) ([]Paper, error) {
	out := needs(c, law.PlaceOf(g.Tenant()))
	ups, err := uploads(ctx, tx, g, c.ID)
	for _, u := range ups {
		i := slices.IndexFunc(out, func(p Paper) bool { return p.ID == u.paper })
		if i < 0 {
			i = len(out)
			out = append(out, Paper{ID: u.paper, Name: "其他材料", Files: []Upload{}})
		}
		out[i].Files = append(out[i].Files, u)
	}
	return out, err
}

const selectUploads = `SELECT a.id, a.name, a.hash, a.type, a.size, a.account_id, a.at, p.paper FROM case_papers p
	JOIN attachments a ON a.tenant_id = p.tenant_id AND a.id = p.id WHERE p.tenant_id = $1 AND p.case_id = $2`

func scanUpload(row sqldb.Row) (u Upload, err error) {
	return u, row(&u.ID, &u.Name, &u.Hash, &u.Type, &u.Size, &u.Account, &u.At, &u.paper)
}

func uploads(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) ([]Upload, error) {
	return sqldb.List(ctx, tx, scanUpload, selectUploads+` ORDER BY a.id`, g.Tenant(), id)
}

// missing names the papers that must be there and are not, by input.
func missing(papers []Paper) map[string]string {
	out := map[string]string{}
	for _, p := range papers {
		if p.Must && len(p.Files) == 0 {
			out["paper."+p.ID] = "缺少材料：" + p.Name
		}
	}
	return out
}

// other is the paper of what no list asks for.
const other = "other"

// largest is how many bytes a paper may have.
const largest = 20 << 20

// Attach hands in a file that is in the blob store for a paper of a case. Only
// while the case is with who asks.
func Attach(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id, paper, name string, blob files.Blob, at day.Instant) (Case, error) {
	c, err := hold(ctx, tx, g, id, 0)
	if err != nil {
		return c, err
	}
	if err := c.editable(); err != nil {
		return c, err
	}
	wrong := func(text string) error {
		return incomplete("", "文件没有收下。", map[string]string{"file": "文件：" + text})
	}
	switch {
	case blob.Hash == "":
		return c, wrong("请选择要上传的文件")
	case blob.Size > largest:
		return c, wrong("超过 20 MB，请压缩或分成几个文件后再传")
	case paper != other && !slices.ContainsFunc(needs(c, law.PlaceOf(g.Tenant())), func(p Paper) bool { return p.ID == paper }):
		return c, incomplete("", "文件没有收下。", map[string]string{"paper": "材料：请从材料清单中选择"})
	}
	if err := files.Refuse(blob); err != nil {
		return c, wrong(fault.Of(err).Text)
	}
	file := sqldb.NewID()
	name = cutName(name)
	_, err = tx.Exec(ctx, `INSERT INTO attachments (tenant_id, id, thing_id, name, hash, type, size, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		g.Tenant(), file, c.ID, name, blob.Hash, blob.Type, blob.Size, g.Account(), string(at))
	if err != nil {
		return c, err
	}
	if _, err = tx.Exec(ctx, `INSERT INTO case_papers (tenant_id, id, case_id, paper) VALUES ($1, $2, $3, $4)`, g.Tenant(), file, c.ID, paper); err != nil {
		return c, err
	}
	return c, audit.Write(ctx, tx, g, c.ID, Deed{Did: "attached", File: name}, at, audit.Touched{Table: "attachments", ID: file}, audit.Touched{Table: "case_papers", ID: file})
}

// cutName keeps the end of a long file name, which has its kind.
func cutName(name string) string {
	name = strings.TrimSpace(zh.Narrow(name[strings.LastIndexAny(name, `/\`)+1:]))
	if r := []rune(name); len(r) > 100 {
		name = string(r[len(r)-100:])
	}
	return name
}

// FindPaper returns a file of a case within g's reach.
func FindPaper(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id, file string) (Upload, error) {
	c, err := Find(ctx, tx, g, id)
	if err != nil {
		return Upload{}, err
	}
	return sqldb.One(ctx, tx, scanUpload, selectUploads+` AND p.id = $3`, g.Tenant(), c.ID, file)
}

// Detach takes a file off a case while that is with who asks.
func Detach(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id, file string, at day.Instant) (Case, error) {
	c, err := hold(ctx, tx, g, id, 0)
	if err != nil {
		return c, err
	}
	u, err := FindPaper(ctx, tx, g, id, file)
	if err != nil {
		return c, err
	}
	if err := c.editable(); err != nil {
		return c, err
	}
	m := audit.Moves{}
	for _, table := range []string{"case_papers", "attachments"} {
		if err := m.Removed(ctx, tx, g.Tenant(), audit.Touched{Table: table, ID: u.ID}); err != nil {
			return c, err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM `+table+` WHERE tenant_id = $1 AND id = $2`, g.Tenant(), u.ID); err != nil {
			return c, err
		}
	}
	return c, m.Write(ctx, tx, g, c.ID, Deed{Did: "detached", File: u.Name}, at)
}

// Needs lists the papers that a case must or may bring at the office's place.
func Needs(c Case, tenant int64) []Paper { return needs(c, law.PlaceOf(tenant)) }
