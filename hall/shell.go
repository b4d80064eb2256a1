package hall

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/law"
	"unionhall/office/account"
)

// Founding is what unionhall init is told.
type Founding struct{ Name, Region, Login, Person, Password, By string }

// Found founds the office of this installation.
func (h *House) Found(ctx context.Context, f Founding) error {
	at := day.At(h.Now())
	if f.Person == "" {
		f.Person = "系统管理员"
	}
	tenant, err := account.TenantOf(f.Region, 1)
	if err != nil {
		return err
	}
	hash, err := goodHash(ctx, tenant, f.Login, f.Person, f.Password, at)
	if err != nil {
		return err
	}
	err = h.DB.Do(ctx, func(tx *sqldb.Tx) error {
		_, _, _, err := account.Init(ctx, tx, tenant, account.Beginning{Name: f.Name, Region: f.Region, Login: f.Login, Person: f.Person, Hash: hash, By: f.By}, at)
		return err
	})
	return errors.Join(err, h.Chain(ctx))
}

// goodHash refuses a weak password and hashes a good one.
func goodHash(ctx context.Context, tenant int64, login, name, password string, at day.Instant) (string, error) {
	limits, err := account.LimitsOf(law.Shipped, tenant, at.Day())
	if err != nil {
		return "", err
	}
	if flaw := limits.PasswordFlaw(password, login, name); flaw != "" {
		return "", fault.ByRule(fault.Invalid, "R1.69", "%s", flaw)
	}
	return seal.HashPassword(ctx, password)
}

// ErrNoOffice says that a command needs an office and there is none.
var ErrNoOffice = errors.New(`there is no office in this folder: run "unionhall init" first, or name another folder with --data`)

// tenant is the office that shell commands are about: the only one.
func (h *House) tenant(ctx context.Context) (t account.Tenant, err error) {
	err = h.DB.View(ctx, func(tx *sqldb.Tx) error {
		all, err := account.Tenants(ctx, tx)
		if err == nil && len(all) == 0 {
			err = ErrNoOffice
		}
		if err == nil {
			t = all[0]
		}
		return err
	})
	return t, err
}

// asShell runs f with the grant of whoever sits at the shell.
func (h *House) asShell(ctx context.Context, by string, act auth.Action, f func(tx *sqldb.Tx, g auth.Grant, at day.Instant) error) error {
	t, err := h.tenant(ctx)
	if err != nil {
		return err
	}
	return h.asOffice(ctx, t.ID, by, act, f)
}

func (h *House) asOffice(ctx context.Context, tenant int64, by string, act auth.Action, f func(tx *sqldb.Tx, g auth.Grant, at day.Instant) error) error {
	return h.DB.Do(ctx, func(tx *sqldb.Tx) error {
		g, err := account.Shell(ctx, tx, tenant, by, act)
		if err != nil {
			return err
		}
		return f(tx, g, day.At(h.Now()))
	})
}

// NewUser is an account that the shell makes, with a post if Office names one.
type NewUser struct{ Login, Name, Office, Password, By string }

// AddUser makes an account from the shell.
func (h *House) AddUser(ctx context.Context, n NewUser) error {
	t, err := h.tenant(ctx)
	if err != nil {
		return err
	}
	at := day.At(h.Now())
	hash, err := goodHash(ctx, t.ID, n.Login, n.Name, n.Password, at)
	if err != nil {
		return err
	}
	return h.asShell(ctx, n.By, account.Manage, func(tx *sqldb.Tx, g auth.Grant, at day.Instant) error {
		a, err := account.Create(ctx, tx, g, account.New{Login: n.Login, Name: n.Name, Hash: hash, MustChange: true}, at)
		if err != nil || n.Office == "" {
			return err
		}
		_, err = account.Give(ctx, tx, g.For(account.Appoint), account.Giving{Account: a.ID, Office: auth.Office(n.Office), UnionID: g.Under(), From: at.Day()}, at)
		return err
	})
}

// SetPassword gives an account a new password, to be changed at the next log-in.
func (h *House) SetPassword(ctx context.Context, login, password, by string) error {
	t, err := h.tenant(ctx)
	if err != nil {
		return err
	}
	hash, err := goodHash(ctx, t.ID, login, "", password, day.At(h.Now()))
	if err != nil {
		return err
	}
	return h.asShell(ctx, by, account.Password, func(tx *sqldb.Tx, g auth.Grant, at day.Instant) error {
		return account.NewPassword(ctx, tx, g, login, hash, true, at)
	})
}

// LockUser locks an account or unlocks it.
func (h *House) LockUser(ctx context.Context, login string, locked bool, by string) error {
	return h.asShell(ctx, by, account.Lock, func(tx *sqldb.Tx, g auth.Grant, at day.Instant) error {
		a, err := account.ByLogin(ctx, tx, g, login)
		if err != nil {
			return fault.New(fault.NotFound, "没有账号“%s”。", login)
		}
		_, err = account.SetLocked(ctx, tx, g, a.ID, locked, "命令行", a.Version, at)
		return err
	})
}

// ListUsers writes the accounts as a table.
func (h *House) ListUsers(ctx context.Context, out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	err := h.asShell(ctx, "shell", account.Look, func(tx *sqldb.Tx, g auth.Grant, at day.Instant) error {
		rows, err := sqldb.List(ctx, tx, func(row sqldb.Row) (r [3]string, err error) {
			var locked bool
			err = row(&r[0], &r[1], &locked)
			if locked {
				r[2] = "locked"
			}
			return r, err
		}, `SELECT login, name, locked FROM accounts WHERE tenant_id = $1 ORDER BY login`, g.Tenant())
		for _, r := range rows {
			fmt.Fprintf(w, "%s\t%s\t%s\n", r[0], r[1], r[2])
		}
		return err
	})
	return errors.Join(err, w.Flush())
}

// CreateToken makes an API token for a login and returns its secret.
func (h *House) CreateToken(ctx context.Context, login string, days int, by string, now time.Time) (string, error) {
	t, err := h.tenant(ctx)
	if err != nil {
		return "", err
	}
	return account.CreateToken(ctx, h.DB, t.ID, login, days, by, now)
}

// ListTokens writes the tokens as a table.
func (h *House) ListTokens(ctx context.Context, out io.Writer) error {
	t, err := h.tenant(ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	err = h.DB.View(ctx, func(tx *sqldb.Tx) error {
		all, err := account.ListTokens(ctx, tx, t.ID)
		for _, i := range all {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", i.ID[:min(12, len(i.ID))], i.Login, i.Label, i.Expires.Local())
		}
		return err
	})
	return errors.Join(err, w.Flush())
}

// RevokeToken takes a token back, by its id or how that begins.
func (h *House) RevokeToken(ctx context.Context, id, by string) error {
	return h.asShell(ctx, by, account.Tokens, func(tx *sqldb.Tx, g auth.Grant, at day.Instant) error {
		return account.Revoke(ctx, tx, g, id, at)
	})
}

// Explain returns what a person at the shell is told of an error: the words of
// a fault, with those at its fields, or the error's own.
func Explain(err error) string {
	f := (*fault.Error)(nil)
	if !errors.As(err, &f) || f.Kind == fault.Internal {
		return strings.Join(strings.Fields(err.Error()), " ") // one line
	}
	text := f.Text
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) {
		text += " " + f.Fields[name]
	}
	return text
}
