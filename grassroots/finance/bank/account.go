package bank

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"unionhall/grassroots/finance/ledger"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/money"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

const accountColumns = `a.id, a.union_id, u.code, u.name, a.kind, a.name, a.bank, a.number, a.account, a.since, coalesce(a.opening, 0), CASE WHEN a.opening IS NULL THEN 0 ELSE 1 END, a.ended, a.layout, a.version`

const fromAccounts = `
	FROM bank_accounts a
	JOIN unions u ON u.tenant_id = a.tenant_id AND u.id = a.union_id
	WHERE a.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = a.tenant_id AND r.above_id = $2 AND r.union_id = a.union_id)`

// scanAccount reads an account; its number stays masked.
func scanAccount(tx *sqldb.Tx, tenant int64) sqldb.Scan[Account] {
	return func(row sqldb.Row) (a Account, err error) {
		var layout string
		var opening, has int64
		err = row(&a.ID, &a.Union.ID, &a.Union.Code, &a.Union.Name, &a.Kind, &a.Name, &a.Bank, &a.sealed, &a.Code, &a.Since, &opening, &has, &a.Ended, &layout, &a.Version)
		if has == 1 {
			a.Opening = (*money.Fen)(&opening)
		}
		if err == nil && layout != "" {
			err = json.Unmarshal([]byte(layout), &a.layout)
		}
		if err == nil && len(a.sealed) > 0 {
			var number string
			number, err = tx.Keys().Open(tenant, "bank_accounts", "number", a.sealed)
			a.Number = mask(number)
		}
		return a, err
	}
}

// Find returns an account within g's reach, or fault.NotFound.
func Find(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Account, error) {
	return sqldb.One(ctx, tx, scanAccount(tx, g.Tenant()), `SELECT `+accountColumns+fromAccounts+` AND a.id = $3`, g.Tenant(), g.Under(), id)
}

// mostAccounts is how many accounts a list shows.
const mostAccounts = 200

// Accounts lists the accounts within g's reach, those of one union where union
// is its id; ended ones come last.
func Accounts(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union, after string) ([]Account, error) {
	text, args := `SELECT `+accountColumns+fromAccounts, []any{g.Tenant(), g.Under()}
	if union != "" {
		args = append(args, union)
		return sqldb.List(ctx, tx, scanAccount(tx, g.Tenant()), text+` AND a.union_id = $3 ORDER BY CASE WHEN a.ended IS NULL THEN 0 ELSE 1 END, a.account, a.id`, args...)
	}
	args = append(args, after+" ", int64(mostAccounts+1))
	return sqldb.List(ctx, tx, scanAccount(tx, g.Tenant()), text+` AND a.ended IS NULL AND a.id > $3 ORDER BY a.id LIMIT $4`, args...)
}

// Registers asks for an account, or for another content of one.
type Registers struct {
	ID      string  `json:"-"`
	Version int64   `json:"-"`
	Union   string  `json:"union" doc:"工会"`
	Kind    Kind    `json:"kind" doc:"种类"`
	Name    string  `json:"name" doc:"账户名称"`
	Bank    string  `json:"branch" doc:"开户行"`
	Number  string  `json:"number" doc:"账号"`
	Account string  `json:"account" doc:"科目"`
	Since   day.Day `json:"since" doc:"对账起始日"`
	Opening string  `json:"opening" doc:"起始日前的银行余额"`
}

// check judges what was asked; was is the account as it stands, empty of a new
// one.
//
// law: F3.24, K8
func (in *Registers) check(ctx context.Context, tx *sqldb.Tx, g auth.Grant, was Account) (opening *money.Fen, err error) {
	in.Name, in.Bank, in.Account = strings.TrimSpace(in.Name), strings.TrimSpace(in.Bank), strings.TrimSpace(in.Account)
	in.Account, _, _ = strings.Cut(in.Account, " ")
	in.Number = strings.NewReplacer(" ", "", "-", "").Replace(in.Number)
	fields := map[string]string{}
	if n := utf8.RuneCountInString(in.Name); n == 0 || n > 60 {
		fields["name"] = "账户名称：请用 1 到 60 个字"
	}
	if in.Kind != Bank && in.Kind != Cash {
		fields["kind"] = "种类：请选银行账户或库存现金"
	}
	if in.Kind == Bank {
		if n := utf8.RuneCountInString(in.Bank); n == 0 || n > 80 {
			fields["branch"] = "开户行：请填写开户许可证上的银行名称"
		}
		if was.ID == "" || in.Number != "" {
			if len(in.Number) < 6 || len(in.Number) > 40 || strings.Trim(in.Number, "0123456789") != "" {
				fields["number"] = "账号：请填 6 到 40 位数字"
			}
		}
		if text := strings.TrimSpace(in.Opening); text != "" {
			n, err := money.Parse(text)
			if err != nil {
				fields["opening"] = "起始日前的银行余额：" + fault.Of(err).Text
			}
			opening = &n
		}
	}
	if in.Since == "" {
		fields["since"] = "对账起始日：请填写从哪一天起对账"
	}
	if in.Kind.top() != "" && in.Since != "" {
		chart, err := ledger.ChartOf(ctx, tx, g.Tenant(), books.SystemOn(in.Since))
		if err != nil {
			return nil, err
		}
		a, known := chart.Find(in.Account)
		switch {
		case !known || books.Top(in.Account) != in.Kind.top():
			fields["account"] = fmt.Sprintf("科目：%s要用 %s 或它的明细科目", in.Kind.Label(), in.Kind.top())
		case !a.Leaf:
			fields["account"] = "科目：" + a.Code + " 下面还有明细科目，请选到最末一级"
		}
	}
	if len(fields) > 0 {
		return nil, &fault.Error{Kind: fault.Invalid, Rule: "F3.24", Text: "账户的内容不全，请按提示改正后再提交。", Fields: fields}
	}
	return opening, nil
}

// deed is what the log tells.
type deed struct {
	Did     string `json:"did"`
	Union   string `json:"union,omitempty"`
	Account string `json:"account,omitempty"`
	Period  string `json:"period,omitempty"`
	Lines   int    `json:"lines,omitempty"`
	Matches int    `json:"matches,omitempty"`
	Amount  string `json:"amount,omitempty"`
	Words   string `json:"words,omitempty"`
}

func (in Registers) sealed(tx *sqldb.Tx, tenant int64) (number []byte, blind string) {
	if in.Kind != Bank || in.Number == "" {
		return nil, ""
	}
	return tx.Keys().Seal(tenant, "bank_accounts", "number", in.Number), tx.Keys().Blind(tenant, "bank_accounts.number", in.Number)
}

// taken words the refusal of a number or a ledger account that is in use.
func taken(err error) error {
	if fault.Of(err).Kind != fault.Conflict {
		return err
	}
	return fault.ByRule(fault.Conflict, "F3.24", "这个科目或账号已经登记了账户。一个科目只记一个账户：请在 102 下增设明细科目，或先停用原来的账户。")
}

// orNull writes what may be missing.
func orNull(n *money.Fen) any {
	if n == nil {
		return nil
	}
	return int64(*n)
}

// Register enters an account of a union.
//
// law: F3.24, S2-42
func Register(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Registers, at day.Instant) (Account, error) {
	u, err := ledger.Union(ctx, tx, g, in.Union)
	if err != nil {
		return Account{}, err
	}
	opening, err := in.check(ctx, tx, g, Account{})
	if err != nil {
		return Account{}, err
	}
	if in.Kind == Cash {
		in.Bank = ""
	}
	id := sqldb.NewID()
	number, blind := in.sealed(tx, g.Tenant())
	_, err = tx.Exec(ctx, `INSERT INTO bank_accounts (tenant_id, id, union_id, kind, name, bank, number, number_blind, account, since, opening, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)`,
		g.Tenant(), id, u.ID, string(in.Kind), in.Name, in.Bank, orNone(number), blind, in.Account, string(in.Since), orNull(opening))
	if err != nil {
		return Account{}, taken(err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO bank_heads (tenant_id, bank_id, turn) VALUES ($1, $2, 0)`, g.Tenant(), id); err != nil {
		return Account{}, err
	}
	if err := audit.Write(ctx, tx, g, id, deed{Did: "registered", Union: u.Name, Account: in.Account, Words: in.Name}, at, audit.Touched{Table: "bank_accounts", ID: id}); err != nil {
		return Account{}, err
	}
	return Find(ctx, tx, g, id)
}

func orNone(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// Amend changes an account, in the version that was read. Where statements
// stand already, the first day and the balance before it stay.
//
// law: F3.24
func Amend(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Registers, at day.Instant) (Account, error) {
	was, err := Find(ctx, tx, g, in.ID)
	if err != nil {
		return was, err
	}
	if in.Version != 0 && in.Version != was.Version {
		return was, stale(was.Name)
	}
	in.Kind = was.Kind
	opening, err := in.check(ctx, tx, g, was)
	if err != nil {
		return was, err
	}
	if err := turn(ctx, tx, g.Tenant(), was.ID); err != nil {
		return was, err
	}
	if used, err := began(ctx, tx, g.Tenant(), was.ID); err != nil {
		return was, err
	} else if used && (in.Since != was.Since || in.Account != was.Code || was.Opening != nil && (opening == nil || *opening != *was.Opening)) {
		return was, fault.ByRule(fault.Conflict, "K8", "这个账户已经有流水或余额调节表，科目、对账起始日和起始余额不能再改。确需改动请停用后重新登记。")
	}
	number, blind := in.sealed(tx, g.Tenant())
	n, err := tx.Exec(ctx, `
		UPDATE bank_accounts SET name = $1, bank = $2, account = $3, since = $4, opening = $5, number = coalesce($6, number), number_blind = coalesce($7, number_blind), version = version + 1
		WHERE tenant_id = $8 AND id = $9 AND version = $10`,
		in.Name, in.Bank, in.Account, string(in.Since), orNull(opening), orNone(number), blind, g.Tenant(), was.ID, was.Version)
	if err != nil {
		return was, taken(err)
	}
	if n == 0 {
		return was, stale(was.Name)
	}
	if err := audit.Write(ctx, tx, g, was.ID, deed{Did: "amended", Account: in.Account, Words: in.Name}, at, audit.Touched{Table: "bank_accounts", ID: was.ID}); err != nil {
		return was, err
	}
	return Find(ctx, tx, g, was.ID)
}

func stale(name string) error {
	return fault.New(fault.Conflict, "%s刚刚已由他人改过，请刷新后再看；您填写的内容还在本页。", name)
}

// began reports whether anything hangs on an account's first day.
func began(ctx context.Context, tx *sqldb.Tx, tenant int64, id string) (bool, error) {
	all, err := sqldb.List(ctx, tx, sqldb.Text, `
		SELECT l.id FROM bank_lines l WHERE l.tenant_id = $1 AND l.bank_id = $2
		UNION ALL SELECT b.id FROM bank_tables b WHERE b.tenant_id = $1 AND b.bank_id = $2
		UNION ALL SELECT c.id FROM cash_counts c WHERE c.tenant_id = $1 AND c.bank_id = $2 LIMIT 1`, tenant, id)
	return len(all) > 0, err
}

// Ends is the day on which an account was closed.
type Ends struct {
	ID      string  `json:"id" doc:"账户"`
	Version int64   `json:"version" doc:"版本"`
	Day     day.Day `json:"day" doc:"停用日期"`
}

// End closes an account; its past stays.
func End(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Ends, at day.Instant) (Account, error) {
	was, err := Find(ctx, tx, g, in.ID)
	if err != nil {
		return was, err
	}
	switch {
	case in.Version != 0 && in.Version != was.Version || was.Ended != "":
		return was, stale(was.Name)
	case in.Day == "" || in.Day < was.Since || in.Day > at.Day():
		return was, &fault.Error{Kind: fault.Invalid, Text: "停用日期不对，请改正后再提交。", Fields: map[string]string{"day": "停用日期：请填启用之后、今天以前的日期"}}
	}
	n, err := tx.Exec(ctx, `UPDATE bank_accounts SET ended = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND version = $4 AND ended IS NULL`, string(in.Day), g.Tenant(), was.ID, was.Version)
	if err != nil {
		return was, err
	}
	if n == 0 {
		return was, stale(was.Name)
	}
	if err := audit.Write(ctx, tx, g, was.ID, deed{Did: "ended", Words: was.Name}, at, audit.Touched{Table: "bank_accounts", ID: was.ID}); err != nil {
		return was, err
	}
	return Find(ctx, tx, g, was.ID)
}

// Open returns the whole number of an account and logs who saw it and why.
//
// law: R1.74
func Open(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id, reason string, at day.Instant) (a Account, number string, err error) {
	if a, err = Find(ctx, tx, g, id); err != nil {
		return a, "", err
	}
	reason = strings.TrimSpace(reason)
	if n := utf8.RuneCountInString(reason); n < 4 || n > 200 {
		return a, "", &fault.Error{Kind: fault.Invalid, Rule: "R1.74", Text: "查看完整账号要写明用途。", Fields: map[string]string{"reason": "用途：请写 4 到 200 个字"}}
	}
	if len(a.sealed) == 0 {
		return a, "", fault.New(fault.Invalid, "这个账户没有登记账号。")
	}
	if number, err = tx.Keys().Open(g.Tenant(), "bank_accounts", "number", a.sealed); err != nil {
		return a, "", err
	}
	return a, number, audit.Write(ctx, tx, g, a.ID, deed{Did: "revealed", Words: reason}, at)
}

// turn takes the account's head row, at which whoever writes about it queues.
func turn(ctx context.Context, tx *sqldb.Tx, tenant int64, id string) error {
	n, err := tx.Exec(ctx, `UPDATE bank_heads SET turn = turn + 1 WHERE tenant_id = $1 AND bank_id = $2`, tenant, id)
	if err == nil && n != 1 {
		err = fmt.Errorf("head of account %s: %d rows", id, n)
	}
	return err
}
