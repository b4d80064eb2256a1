package hall

import (
	"context"
	"errors"
	"time"

	"unionhall/grassroots/finance/bank"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/grassroots/registry/procedure"
	"unionhall/grassroots/registry/yearly"
	"unionhall/hall/keep"
	"unionhall/kit/audit"
	"unionhall/kit/files"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
	"unionhall/schema"
)

// Backup writes everything the house holds to a new file.
func (h *House) Backup(ctx context.Context, path string, portable bool, now time.Time) (keep.Manifest, error) {
	return keep.Backup(ctx, keep.Source{DB: h.DB, Files: h.Files, KeyFile: h.Settings.keyFile(), Portable: portable}, path, now)
}

// Restore puts a backup where s says.
func Restore(ctx context.Context, path string, s Settings, force bool) (keep.Manifest, error) {
	return keep.Restore(ctx, path, keep.Target{Dir: s.Data, DB: s.server(), Force: force})
}

// MoveFiles copies the attachments of the folder into the object store, those
// that are not there yet; the folder stays as it is.
func MoveFiles(ctx context.Context, s Settings) (moved, all int64, err error) {
	if s.Files == "" {
		return 0, 0, errors.New("name the object store with --files s3://bucket/prefix?endpoint=https://host:port")
	}
	from, err := files.OpenFolder(s.blobs())
	if err != nil {
		return 0, 0, err
	}
	defer from.Close()
	to, err := s.store()
	if err != nil {
		return 0, 0, err
	}
	defer to.Close()
	return files.Copy(ctx, from, to)
}

// Proof is what Verify went through and what it found.
type Proof struct {
	LogRows  int64           `json:"log_rows"`
	Blocks   int64           `json:"blocks"`
	Sealed   int64           `json:"sealed_rows"`
	Files    int64           `json:"files"`
	Findings []audit.Finding `json:"findings"`
}

// Verify proves the log and the sealed rows of every office, the figures that
// are derived, the tree, and the bytes of every file.
func (h *House) Verify(ctx context.Context) (Proof, error) {
	p := Proof{Findings: []audit.Finding{}}
	err := h.DB.View(ctx, func(tx *sqldb.Tx) error {
		tenants, err := audit.Tenants(ctx, tx)
		if err != nil {
			return err
		}
		for _, t := range tenants {
			if err := p.office(ctx, tx, t); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return p, err
	}
	return p, h.Files.Walk(func(hash string, _ int64) error {
		p.Files++
		if err := h.Files.Verify(hash); err != nil {
			p.Findings = append(p.Findings, audit.Finding{Where: "files " + hash, What: "文件的内容与它的哈希不符"})
		}
		return ctx.Err()
	})
}

// proofs are those of rooms, beside the log and the seals.
var proofs = []func(context.Context, *sqldb.Tx, int64) ([]audit.Finding, error){registry.Verify, member.Recount, procedure.Verify, yearly.Verify, ledger.Verify, bank.Verify}

func (p *Proof) office(ctx context.Context, tx *sqldb.Tx, tenant int64) error {
	rep, err := audit.Verify(ctx, tx, tenant, schema.Sealed)
	if err != nil {
		return err
	}
	p.LogRows, p.Blocks, p.Sealed = p.LogRows+rep.Rows, p.Blocks+rep.Blocks, p.Sealed+rep.Sealed
	p.Findings = append(p.Findings, rep.Findings...)
	for _, check := range proofs {
		found, err := check(ctx, tx, tenant)
		if err != nil {
			return err
		}
		p.Findings = append(p.Findings, found...)
	}
	return nil
}

// OpenAPI returns the document of every route of the house.
func OpenAPI() ([]byte, error) {
	h := &House{}
	h.furnish()
	return web.Document("职工之家", h.Routes())
}
