package hall

import (
	"bytes"
	"context"
	"fmt"
	"os"

	"unionhall/grassroots/registry"
	"unionhall/hall/city"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/files"
	"unionhall/kit/paper"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
	"unionhall/office/rules"
)

// DemoPassword is the password of all demo accounts unless the environment
// names another.
func DemoPassword() string {
	if p := os.Getenv("UNIONHALL_DEMO_PASSWORD"); p != "" {
		return p
	}
	return "unionhall-demo"
}

// DemoAccount is one way into the synthetic city.
type DemoAccount = account.DemoLogin

// DemoAccounts lists them in the order they are shown.
var DemoAccounts = []account.DemoLogin{
	{Login: "officer", Who: "组织干事"}, {Login: "director", Who: "工委主任"}, {Login: "chair", Who: "市财政局工会主席"}, {Login: "chair2", Who: "市教育局工会主席"},
	{Login: "member", Who: "市财政局会员"}, {Login: "member2", Who: "市教育局会员"}, {Login: "accountant", Who: "会计"}, {Login: "cashier", Who: "出纳"}, {Login: "auditor", Who: "经审会"},
	{Login: "admin", Who: "系统管理员"}, {Login: "security", Who: "安全管理员"}, {Login: "audit", Who: "审计管理员"},
}

// demoNames are who sits at the committee's own posts.
var demoNames = map[string]string{
	"admin": "郑宇", "director": "梁振东", "officer": "周敏", "accountant": "许静", "cashier": "邓佳", "auditor": "潘立新", "security": "贺鹏", "audit": "易文",
}

var demoOffices = map[string]auth.Office{
	"admin": auth.Admin, "director": auth.Director, "officer": auth.Officer, "accountant": auth.Accountant, "cashier": auth.Cashier,
	"auditor": auth.Auditor, "security": auth.Security, "audit": auth.Auditing, "chair": auth.Chair, "chair2": auth.Chair,
}

// HasOffice reports whether the database holds any office.
func (h *House) HasOffice(ctx context.Context) (yes bool, err error) {
	err = h.DB.View(ctx, func(tx *sqldb.Tx) error {
		all, err := account.Tenants(ctx, tx)
		yes = len(all) > 0
		return err
	})
	return yes, err
}

// MakeDemo fills an empty database with a synthetic city and its accounts.
func (h *House) MakeDemo(ctx context.Context, p city.Plan) error {
	hash, err := seal.HashPassword(ctx, DemoPassword())
	if err != nil {
		return err
	}
	at := day.At(h.Now())
	if p.Today == "" {
		p.Today = at.Day()
	}
	var root registry.Union
	err = h.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		_, root, _, err = account.Init(ctx, tx, city.Tenant, account.Beginning{
			Name: city.Office, ShortName: "市直机关工会工委", Region: city.Region, Login: "admin", Person: demoNames["admin"], Hash: hash, Demo: true, By: "demo",
			Offices: []auth.Office{auth.Admin},
		}, at)
		if err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, `UPDATE tenants SET setup = 'done' WHERE tenant_id = $1`, int64(city.Tenant)); err != nil {
			return err
		}
		g := auth.System(city.Tenant, "demo", account.Founding, root.ID)
		return audit.Write(ctx, tx, g, root.ID, map[string]string{"setup": "done"}, at, audit.Touched{Table: "tenants"})
	})
	if err != nil {
		return fmt.Errorf("demo office: %w", err)
	}
	people, err := city.Fill(ctx, h.DB, root, p)
	if err != nil {
		return fmt.Errorf("demo city: %w", err)
	}
	clerks := city.Clerks{Unions: people.Unions}
	scan, err := h.demoPaper(ctx, p.Today)
	if err != nil {
		return fmt.Errorf("demo paper: %w", err)
	}
	for _, fill := range []func(tx *sqldb.Tx) error{
		func(tx *sqldb.Tx) error { return h.demoAccounts(ctx, tx, root, people, hash, &clerks, at) },
		func(tx *sqldb.Tx) error { return h.demoTerms(ctx, tx, root, at) },
		func(tx *sqldb.Tx) error { return demoPapers(ctx, tx, root.ID, people, at) },
		func(tx *sqldb.Tx) error { return h.demoLife(ctx, tx, root, people, at) },
		func(tx *sqldb.Tx) error { return h.demoNumbers(ctx, tx, root, at) },
	} {
		if err := h.DB.Do(ctx, fill); err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	if err := city.Casework(ctx, h.DB, root, p.Today, clerks, scan); err != nil {
		return fmt.Errorf("demo cases: %w", err)
	}
	if err := h.demoYearly(ctx, root.ID, p, at); err != nil {
		return fmt.Errorf("yearly returns: %w", err)
	}
	if err := h.demoBooks(ctx, root, p, people, at); err != nil {
		return fmt.Errorf("demo books: %w", err)
	}
	if err := h.demoBanks(ctx, root, people, p, at); err != nil {
		return fmt.Errorf("demo banks: %w", err)
	}
	if err := h.demoHandover(ctx, root, at); err != nil {
		return fmt.Errorf("demo handover: %w", err)
	}
	if err := h.demoPrivacy(ctx, root, people, at); err != nil {
		return fmt.Errorf("demo privacy: %w", err)
	}
	return nil
}

// demoPaper is what the city's cases hand in for every paper.
func (h *House) demoPaper(ctx context.Context, today day.Day) (files.Blob, error) {
	var b bytes.Buffer
	l := paper.Letter{Issuer: "演示单位", Title: "演示材料", Body: []string{"这是演示数据中的材料，代替单位上传的扫描件。"}, On: today, Seal: true}
	if err := l.PDF(&b); err != nil {
		return files.Blob{}, err
	}
	return h.Files.Put(ctx, &b, 1<<20)
}

// demoNumbers lets the office number its replies its own way.
func (h *House) demoNumbers(ctx context.Context, tx *sqldb.Tx, root registry.Union, at day.Instant) error {
	g := auth.System(city.Tenant, "demo", rules.Confirm, root.ID)
	for id, value := range map[string]string{"reply.pattern": "滨直工复〔{年}〕{号}号", "opinion.pattern": "滨直工函〔{年}〕{号}号"} {
		if _, err := h.rooms.rules.Set(ctx, tx, g, rules.SetForm{ID: id, Value: value, From: "2015-01-01", Document: "滨直工发〔2015〕2号"}, at); err != nil {
			return err
		}
	}
	return nil
}

func (h *House) demoAccounts(ctx context.Context, tx *sqldb.Tx, root registry.Union, c city.People, hash string, clerks *city.Clerks, at day.Instant) error {
	g := auth.System(city.Tenant, "demo", account.Manage, root.ID)
	for _, d := range DemoAccounts {
		if d.Login == "admin" {
			continue // founded with the office
		}
		n := account.New{Login: d.Login, Name: demoNames[d.Login], Hash: hash}
		under := root.ID
		switch d.Login {
		case "chair":
			under, n.MemberID, n.Name = c.Unions[0].ID, c.Chairs[0].ID, c.Chairs[0].Name
		case "chair2":
			under, n.MemberID, n.Name = c.Unions[1].ID, c.Chairs[1].ID, c.Chairs[1].Name
		case "member":
			n.MemberID, n.Name = c.Members[0].ID, c.Members[0].Name
		case "member2":
			n.MemberID, n.Name = c.Members[1].ID, c.Members[1].Name
		}
		a, err := account.Create(ctx, tx, g, n, at)
		if err != nil {
			return fmt.Errorf("account %s: %w", d.Login, err)
		}
		switch d.Login {
		case "officer":
			clerks.Officer = a.ID
		case "director":
			clerks.Director = a.ID
		case "chair":
			clerks.Chairs[0] = a.ID
		case "chair2":
			clerks.Chairs[1] = a.ID
		}
		office, ok := demoOffices[d.Login]
		if !ok {
			continue
		}
		if _, err := account.Give(ctx, tx, g.For(account.Appoint), account.Giving{Account: a.ID, Office: office, UnionID: under, From: at.Day().AddYears(-1)}, at); err != nil {
			return fmt.Errorf("post of %s: %w", d.Login, err)
		}
	}
	if err := h.demoPost(ctx, tx, city.Tenant, root.ID, at); err != nil {
		return fmt.Errorf("messages: %w", err)
	}
	return nil
}
