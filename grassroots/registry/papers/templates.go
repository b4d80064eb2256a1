package papers

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/forms"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/paper"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// Template is an office's own Word template of a form (自有模板).
type Template struct {
	Form    string      `json:"form"`
	Name    string      `json:"name"`
	Hash    string      `json:"hash"`
	Size    int64       `json:"size"`
	At      day.Instant `json:"at"`
	Version int64       `json:"version"`
}

const docxType = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// largest is how many bytes a template may have.
const largest = 8 << 20

const selectTemplates = `SELECT t.id, t.name, t.hash, t.size, t.at, t.version FROM paper_templates t WHERE t.tenant_id = $1`

func scanTemplate(row sqldb.Row) (t Template, err error) {
	return t, row(&t.Form, &t.Name, &t.Hash, &t.Size, (*string)(&t.At), &t.Version)
}

// templatesOf lists the templates that g's office has: they are the whole
// committee's, and everybody who prints there uses them.
func templatesOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant) ([]Template, error) {
	return sqldb.List(ctx, tx, scanTemplate, selectTemplates+` ORDER BY t.id`, g.Tenant())
}

// templateOf is the template of a form; one without a name where there is none.
func templateOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, form string) (Template, error) {
	all, err := templatesOf(ctx, tx, g)
	i := slices.IndexFunc(all, func(t Template) bool { return t.Form == form })
	if err != nil || i < 0 {
		return Template{Form: form}, err
	}
	return all[i], nil
}

// atTop refuses whoever does not act for the whole committee: a template is
// what everybody in it prints by.
func atTop(ctx context.Context, tx *sqldb.Tx, g auth.Grant) error {
	root, err := sqldb.One(ctx, tx, sqldb.Text, `SELECT u.id FROM unions u WHERE u.tenant_id = $1 AND u.parent_id IS NULL`, g.Tenant())
	if err == nil && root != g.Under() {
		err = fault.New(fault.Denied, "模板供整个工委使用，由工委的组织干事维护。请把模板交给工委上传。")
	}
	return err
}

// Keep puts a template in the place of the one with the version, 0 meaning
// that there is none. The same file twice changes nothing.
func Keep(ctx context.Context, tx *sqldb.Tx, g auth.Grant, form, name string, blob files.Blob, version int64, at day.Instant) (Template, error) {
	if err := atTop(ctx, tx, g); err != nil {
		return Template{}, err
	}
	had, err := templateOf(ctx, tx, g, form)
	if err != nil || had.Hash == blob.Hash {
		return had, err
	}
	const stale = "这种表格的模板刚刚已由他人更换，请刷新页面后再办。"
	if had.Version != version {
		return had, fault.New(fault.Conflict, stale)
	}
	n, err := tx.Exec(ctx, `
		INSERT INTO paper_templates (tenant_id, id, name, hash, size, account_id, at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 1)
		ON CONFLICT (tenant_id, id) DO UPDATE SET name = excluded.name, hash = excluded.hash, size = excluded.size, account_id = excluded.account_id, at = excluded.at, version = paper_templates.version + 1
		WHERE paper_templates.version = $8`, g.Tenant(), form, name, blob.Hash, blob.Size, g.Account(), string(at), version)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, stale)
	}
	if err != nil {
		return had, err
	}
	t, err := templateOf(ctx, tx, g, form)
	if err != nil {
		return t, err
	}
	return t, audit.Write(ctx, tx, g, g.Under(), registry.Deed{Act: "template_kept", Now: titleOf(form) + "（" + name + "）"}, at, audit.Touched{Table: "paper_templates", ID: form})
}

// Restore takes the office's template away, so that the form looks as it
// ships. The bytes stay until no record names them.
func Restore(ctx context.Context, tx *sqldb.Tx, g auth.Grant, form string, version int64, at day.Instant) (Template, error) {
	if err := atTop(ctx, tx, g); err != nil {
		return Template{}, err
	}
	had, err := templateOf(ctx, tx, g, form)
	if err != nil {
		return had, err
	}
	if had.Version == 0 || had.Version != version {
		return had, fault.New(fault.Conflict, "这种表格的模板刚刚已由他人更换或恢复，请刷新页面后再办。")
	}
	m := audit.Moves{}
	if err := m.Removed(ctx, tx, g.Tenant(), audit.Touched{Table: "paper_templates", ID: form}); err != nil {
		return had, err
	}
	n, err := tx.Exec(ctx, `DELETE FROM paper_templates WHERE tenant_id = $1 AND id = $2 AND version = $3`, g.Tenant(), form, version)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "这种表格的模板刚刚已由他人更换或恢复，请刷新页面后再办。")
	}
	if err != nil {
		return had, err
	}
	return Template{Form: form}, m.Write(ctx, tx, g, g.Under(), registry.Deed{Act: "template_restored", Now: titleOf(form), Was: had.Name}, at)
}

// opened reads a template out of the blob store.
func opened(s files.Store, hash string, size int64) (*paper.Template, error) {
	f, err := s.Open(hash)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return paper.Open(f, size)
}

// pdfOf is a form as a PDF file; about is whom it is about.
func pdfOf(key, about string, v paper.Values) web.File {
	k, _ := forms.Find(key)
	return web.File{Name: named(k.Title, about) + ".pdf", Type: "application/pdf", Write: k.Fill(v).PDF}
}

func named(title, about string) string { return strings.Trim(title+"-"+about, "-") }

// docxOf is a form as a Word file: by the office's template where it has one.
func docxOf(r *web.Request, key, about string, v paper.Values) (web.File, error) {
	k, _ := forms.Find(key)
	f := web.File{Name: named(k.Title, about) + ".docx", Type: docxType, Write: k.Fill(v).DOCX}
	t, err := templateOf(r.Ctx, r.Tx, r.Grant, key)
	if err != nil || t.Version == 0 {
		return f, err
	}
	f.Write = func(w io.Writer) error { return filled(r.Site.Files, k, t, v, w) }
	return f, nil
}

func filled(s files.Store, k forms.Kind, t Template, v paper.Values, w io.Writer) error {
	tpl, err := opened(s, t.Hash, t.Size)
	if fault.Of(err).Kind == fault.NotFound {
		return errors.Join(fault.New(fault.Busy, "模板文件不在服务器上。请组织干事重新上传模板，或恢复默认样式。"), err)
	}
	if err != nil {
		return err
	}
	return tpl.Fill(k.Known(v), w)
}

func digits(n int64) string { return strconv.FormatInt(n, 10) }
