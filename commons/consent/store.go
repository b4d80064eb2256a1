package consent

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

const selectNotices = `SELECT n.id, n.purpose, n.nth, n.who, n.aim, n.kinds, n.keeping, n.rights, n.effect, n.hash, n.account_id, n.at FROM notices n WHERE n.tenant_id = $1`

func scanNotice(row sqldb.Row) (n Notice, err error) {
	return n, row(&n.ID, &n.Purpose, &n.Nth, &n.Who, &n.Aim, &n.Kinds, &n.Keeping, &n.Rights, &n.Effect, &n.Hash, &n.Account, &n.At)
}

// Versions lists every version of every notice of an office, the newest first.
func Versions(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]Notice, error) {
	return sqldb.List(ctx, tx, scanNotice, selectNotices+` ORDER BY n.purpose, n.nth DESC`, tenant)
}

// Current returns the notice in force for each purpose.
func Current(ctx context.Context, tx *sqldb.Tx, tenant int64) (map[string]Notice, error) {
	all, err := Versions(ctx, tx, tenant)
	out := map[string]Notice{}
	for _, n := range all {
		if _, newer := out[n.Purpose]; !newer {
			out[n.Purpose] = n
		}
	}
	return out, err
}

// Text is what a notice says, as it is published.
type Text struct {
	Purpose string `json:"purpose" doc:"用途"`
	Nth     int64  `json:"nth" doc:"现行版本"` // that was seen; 0: none yet
	Who     string `json:"who" doc:"处理者和联系方式"`
	Aim     string `json:"aim" doc:"目的和方式"`
	Kinds   string `json:"kinds" doc:"信息种类"`
	Keeping string `json:"keeping" doc:"保存期限"`
	Rights  string `json:"rights" doc:"本人的权利"`
	Effect  string `json:"effect" doc:"必要性和对本人的影响"`
}

const longest = 1000

// check asks for what the law has people told.
//
// law: R1.61, R1.60
func (t *Text) check() error {
	p, known := PurposeOf(t.Purpose)
	fields := map[string]string{}
	if !known {
		fields["purpose"] = "用途：请从列表中选择"
	}
	for _, f := range []struct {
		name, label string
		text        *string
		must        bool
	}{
		{"who", "处理者和联系方式", &t.Who, true}, {"aim", "目的和方式", &t.Aim, true}, {"kinds", "信息种类", &t.Kinds, true}, {"keeping", "保存期限", &t.Keeping, true},
		{"rights", "本人的权利", &t.Rights, true}, {"effect", "必要性和对本人的影响", &t.Effect, p.Sensitive},
	} {
		*f.text = strings.TrimSpace(*f.text)
		switch n := utf8.RuneCountInString(*f.text); {
		case n == 0 && f.must:
			fields[f.name] = f.label + "：请填写，告知书必须写明"
		case n > longest:
			fields[f.name] = fmt.Sprintf("%s：最多 %d 个字", f.label, longest)
		}
	}
	if len(fields) > 0 {
		return &fault.Error{Kind: fault.Invalid, Rule: "R1.61", Text: "告知书的内容不全，请补齐后再发布。", Fields: fields}
	}
	return nil
}

// Issue publishes the next version of a notice; everybody is asked again. A
// version that somebody else published meanwhile is fault.Conflict, one that
// says nothing new fault.Invalid.
//
// law: R1.61, R1.62
func Issue(ctx context.Context, tx *sqldb.Tx, g auth.Grant, t Text, at day.Instant) (Notice, error) {
	if err := t.check(); err != nil {
		return Notice{}, err
	}
	now, err := Current(ctx, tx, g.Tenant())
	if err != nil {
		return Notice{}, err
	}
	was := now[t.Purpose]
	n := Notice{ID: sqldb.NewID(), Purpose: t.Purpose, Nth: was.Nth + 1, Who: t.Who, Aim: t.Aim, Kinds: t.Kinds, Keeping: t.Keeping, Rights: t.Rights, Effect: t.Effect, Account: g.Account(), At: at}
	n.Hash = n.hash()
	switch {
	case was.Nth != t.Nth:
		return n, fault.New(fault.Conflict, "这份告知书刚刚已由他人发布了第 %d 版，请刷新后再改。", was.Nth)
	case was.Hash == n.Hash:
		return n, fault.New(fault.Invalid, "内容与现行的第 %d 版一样，不用重新发布。", was.Nth)
	}
	_, err = tx.Exec(ctx, `INSERT INTO notices (tenant_id, id, purpose, nth, who, aim, kinds, keeping, rights, effect, hash, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		g.Tenant(), n.ID, n.Purpose, n.Nth, n.Who, n.Aim, n.Kinds, n.Keeping, n.Rights, n.Effect, n.Hash, n.Account, string(at))
	if fault.Of(err).Kind == fault.Conflict {
		return n, fault.New(fault.Conflict, "这份告知书刚刚已由他人发布了新版本，请刷新后再改。")
	}
	if err != nil {
		return n, err
	}
	return n, audit.Write(ctx, tx, g, n.ID, map[string]any{"did": "published", "purpose": n.Purpose, "nth": n.Nth, "hash": n.Hash}, at, audit.Touched{Table: "notices", ID: n.ID})
}

const selectConsents = `
	SELECT c.id, c.purpose, c.notice_id, n.nth, c.given, c.ended, c.how_ended, c.version FROM consents c
	JOIN notices n ON n.tenant_id = c.tenant_id AND n.id = c.notice_id WHERE c.tenant_id = $1 AND c.person_id = $2`

func scanConsent(row sqldb.Row) (c Consent, err error) {
	return c, row(&c.ID, &c.Purpose, &c.Notice, &c.Nth, &c.Given, &c.Ended, &c.HowEnded, &c.Version)
}

// Of lists all answers of a person, the latest first.
func Of(ctx context.Context, tx *sqldb.Tx, tenant int64, person string) ([]Consent, error) {
	return sqldb.List(ctx, tx, scanConsent, selectConsents+` ORDER BY c.id DESC`, tenant, person)
}

// Given reports whether a person agrees to a purpose now, in whatever version:
// what other rooms ask before they use what needs it.
//
// law: R1.60, R1.62
func Given(ctx context.Context, tx *sqldb.Tx, tenant int64, person, purpose string) (bool, error) {
	n, err := sqldb.One(ctx, tx, sqldb.Int, `SELECT count(*) FROM consents c WHERE c.tenant_id = $1 AND c.person_id = $2 AND c.purpose = $3 AND c.ended IS NULL`, tenant, person, purpose)
	return n > 0, err
}

// Stand tells how a person stands to every purpose that has a notice.
func Stand(ctx context.Context, tx *sqldb.Tx, tenant int64, person string) ([]Standing, error) {
	now, err := Current(ctx, tx, tenant)
	if err != nil {
		return nil, err
	}
	mine, err := Of(ctx, tx, tenant, person)
	out := []Standing{}
	for _, p := range Purposes {
		n, published := now[p.Key]
		if !published {
			continue
		}
		s := Standing{Purpose: p, Notice: n}
		for _, c := range mine {
			if c.Purpose == p.Key {
				s.Consent = c
				break
			}
		}
		s.Asked = s.Consent.Notice != n.ID
		out = append(out, s)
	}
	return out, err
}

// standing is how g's own person stands to one purpose, in the version of the
// notice that was read.
func standing(ctx context.Context, tx *sqldb.Tx, g auth.Grant, purpose, notice string) (Standing, error) {
	if g.Self() == "" {
		return Standing{}, fault.New(fault.NotFound, "您的账号没有对应的会员资料，没有要答复的告知。")
	}
	all, err := Stand(ctx, tx, g.Tenant(), g.Self())
	if err != nil {
		return Standing{}, err
	}
	for _, s := range all {
		if s.Key != purpose {
			continue
		}
		if notice != "" && notice != s.Notice.ID {
			return s, fault.ByRule(fault.Conflict, "R1.61", "告知书刚刚更新为第 %d 版，请读过新的内容再答复。", s.Notice.Nth)
		}
		return s, nil
	}
	return Standing{}, fault.New(fault.NotFound, "没有这一项告知。")
}

// Give notes that g's own person agrees to the notice that was read. What is
// sensitive must be agreed to by itself. A second press changes nothing.
//
// law: R1.60, R1.62
func Give(ctx context.Context, tx *sqldb.Tx, g auth.Grant, purpose, notice string, separately bool, at day.Instant) (Standing, error) {
	s, err := standing(ctx, tx, g, purpose, notice)
	switch {
	case err != nil:
		return s, err
	case s.Sensitive && !separately:
		return s, &fault.Error{Kind: fault.Invalid, Rule: "R1.60", Text: "这一项是敏感个人信息，需要您单独同意。", Fields: map[string]string{"separately": "单独同意：请先读完上面的说明并勾选"}}
	case s.Consent.Holds() && !s.Asked:
		return s, nil
	}
	if s.Consent.Holds() {
		if err := end(ctx, tx, g, s.Consent, Renewed, at); err != nil {
			return s, err
		}
	}
	return add(ctx, tx, g, s, "", at)
}

// Decline notes that g's own person does not agree, or no longer: it is as
// easy as agreeing, and blocks nothing.
//
// law: R1.62
func Decline(ctx context.Context, tx *sqldb.Tx, g auth.Grant, purpose string, at day.Instant) (Standing, error) {
	s, err := standing(ctx, tx, g, purpose, "")
	switch {
	case err != nil:
		return s, err
	case s.Needed:
		return s, fault.ByRule(fault.Invalid, "R1.62", "会籍管理必须用到这些信息，不能单独撤回。如不再参加工会，请向所属工会提出退会。")
	case s.Consent.Holds():
		if err := end(ctx, tx, g, s.Consent, Withdrawn, at); err != nil {
			return s, err
		}
		s.Consent.Ended, s.Consent.HowEnded = at, Withdrawn
		m := map[string]any{"did": "withdrawn", "purpose": purpose}
		return s, audit.Write(ctx, tx, g.For(Answer), s.Consent.ID, m, at, audit.Touched{Table: "consents", ID: s.Consent.ID})
	case !s.Asked:
		return s, nil
	}
	return add(ctx, tx, g, s, Declined, at)
}

// end closes a consent that stands; whoever was faster is fault.Conflict.
func end(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c Consent, how Ended, at day.Instant) error {
	n, err := tx.Exec(ctx, `UPDATE consents SET ended = $1, how_ended = $2, version = version + 1 WHERE tenant_id = $3 AND id = $4 AND version = $5 AND ended IS NULL`,
		string(at), string(how), g.Tenant(), c.ID, c.Version)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "您刚刚已在别处答复，请刷新后再看。")
	}
	return err
}

// add writes an answer; one that is no consent ends as it begins.
func add(ctx context.Context, tx *sqldb.Tx, g auth.Grant, s Standing, how Ended, at day.Instant) (Standing, error) {
	old := s.Consent
	c := Consent{ID: sqldb.NewID(), Purpose: s.Key, Notice: s.Notice.ID, Nth: s.Notice.Nth, Given: at, HowEnded: how, Version: 1}
	if how != "" {
		c.Ended = at
	}
	_, err := tx.Exec(ctx, `INSERT INTO consents (tenant_id, id, person_id, purpose, notice_id, given, ended, how_ended, account_id, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)`,
		g.Tenant(), c.ID, g.Self(), c.Purpose, c.Notice, string(at), string(c.Ended), string(how), g.Account())
	if fault.Of(err).Kind == fault.Conflict {
		return s, fault.New(fault.Conflict, "您刚刚已在别处答复，请刷新后再看。")
	}
	if err != nil {
		return s, err
	}
	rows := []audit.Touched{{Table: "consents", ID: c.ID}}
	if old.Holds() {
		rows = append(rows, audit.Touched{Table: "consents", ID: old.ID})
	}
	s.Consent, s.Asked = c, false
	did := "given"
	if how != "" {
		did = string(how)
	}
	return s, audit.Write(ctx, tx, g.For(Answer), c.ID, map[string]any{"did": did, "purpose": s.Key, "nth": s.Notice.Nth, "hash": s.Notice.Hash}, at, rows...)
}

// Tally is how many people answered a notice, and how.
type Tally struct {
	Notice string
	How    Ended // "" : agree now
	N      int64
}

// Tallies counts the answers to all notices of an office.
func Tallies(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]Tally, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (t Tally, err error) { return t, row(&t.Notice, &t.How, &t.N) },
		`SELECT c.notice_id, c.how_ended, count(*) FROM consents c WHERE c.tenant_id = $1 GROUP BY c.notice_id, c.how_ended`, tenant)
}
