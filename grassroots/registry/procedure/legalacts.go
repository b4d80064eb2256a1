package procedure

import (
	"context"
	"errors"
	"fmt"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

// notInForce forgives a parameter that was not yet in force.
func notInForce(err error) error {
	if errors.Is(err, law.ErrNoValue) {
		return nil
	}
	return err
}

// present is what the registry knows of who heads a union and until when.
type present struct {
	chair     string
	chairFrom day.Day
	elected   day.Day
	due       day.Day
	renamed   day.Day // the day of the last change of name
}

// presentOf reads the union's chair, the term of its committee and the day it
// was last renamed.
//
// law: ORG-27
func presentOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string) (p present, err error) {
	return sqldb.One(ctx, tx, func(row sqldb.Row) (p present, err error) {
		return p, row(&p.chair, &p.chairFrom, &p.elected, &p.due, &p.renamed)
	}, `SELECT `+presentColumns+` FROM unions u`+presentJoins+` WHERE u.tenant_id = $1 AND u.id = $2`, g.Tenant(), unionID)
}

// presentColumns read a present beside a row of unions called u, joined with
// presentJoins.
const presentColumns = `coalesce(m.name, ''), coalesce(s.from_day, ''), coalesce(b.elected, ''), coalesce(b.due, ''),
	coalesce((SELECT max(x.from_day) FROM union_spans x WHERE x.tenant_id = u.tenant_id AND x.union_id = u.id AND x.act = 'renamed'), '')`

const presentJoins = `
	LEFT JOIN bodies b ON b.tenant_id = u.tenant_id AND b.id = (SELECT x.id FROM bodies x
		WHERE x.tenant_id = u.tenant_id AND x.union_id = u.id AND x.kind = 'committee' AND x.ended IS NULL ORDER BY x.elected DESC LIMIT 1)
	LEFT JOIN seats s ON s.tenant_id = u.tenant_id AND s.id = (SELECT x.id FROM seats x JOIN bodies y ON y.tenant_id = x.tenant_id AND y.id = x.body_id AND y.kind = 'committee'
		WHERE x.tenant_id = u.tenant_id AND x.union_id = u.id AND x.to_day IS NULL AND x.office = 'chair' ORDER BY x.from_day DESC LIMIT 1)
	LEFT JOIN members m ON m.tenant_id = s.tenant_id AND m.id = s.member_id`

// proposed is what a certificate of the union would say today; what the case
// asks for goes before what the register and the registry know.
//
// law: LEG-04, ORG-27
func proposed(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c Case, today day.Day) (Certificate, error) {
	u, err := registry.Find(ctx, tx, g, c.Union.ID)
	if err != nil {
		return Certificate{}, err
	}
	cert, has, err := CertificateOf(ctx, tx, g, c.Union.ID)
	if err != nil {
		return cert, err
	}
	p, err := presentOf(ctx, tx, g, c.Union.ID)
	if err != nil {
		return cert, err
	}
	renewing := !has || cert.State != Valid || c.Kind == Registration || c.Kind == Renew
	if !has {
		cert = Certificate{Union: u.Ref(), State: Valid}
	}
	if renewing {
		cert.Entry = Entry{Number: cert.Number, USCC: first(cert.USCC, u.USCC), Name: first(c.Fields["name"], u.Name), Authority: first(cert.Authority, c.stand().decider()),
			Representative: first(c.Fields["chair"], p.chair), Premises: first(c.Fields["premises"], cert.Premises, u.Address), From: today, To: day.Day(first(c.Fields["term_end"], string(p.due)))}
	}
	if c.Kind == Change {
		cert.Name, cert.Premises = first(c.Fields["new_name"], cert.Name), first(c.Fields["new_premises"], cert.Premises)
		cert.Representative, cert.Authority = first(c.Fields["new_representative"], cert.Representative), first(c.Fields["new_parent"], cert.Authority)
	}
	if c.Kind == Extend {
		cert.To = day.Day(c.Fields["until"])
	}
	return cert, nil
}

// decider is the last body on the chain that approves: the one that registers.
//
// law: LEG-03
func (p stand) decider() (body string) {
	for _, s := range p.chain {
		if s.Mode == law.Approves {
			body = s.Body
		}
	}
	return body
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// over lays what was typed over what was proposed.
func (e Entry) over(p Entry) Entry {
	return Entry{first(e.Number, p.Number), first(e.USCC, p.USCC), first(e.Name, p.Name), first(e.Authority, p.Authority), first(e.Representative, p.Representative), first(e.Premises, p.Premises),
		day.Day(first(string(e.From), string(p.From))), day.Day(first(string(e.To), string(p.To)))}
}

// issue writes what a case about a legal person changed into the register.
//
// law: LEG-04, LEG-05, LEG-06
func issue(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, c *Case, e Entry, at day.Instant) error {
	if err := touch(ctx, tx, g, c.Union.ID); err != nil {
		return err
	}
	was, has, err := CertificateOf(ctx, tx, g, c.Union.ID)
	if err != nil {
		return err
	}
	now, err := proposed(ctx, tx, g, *c, at.Day())
	if err != nil {
		return err
	}
	if c.Kind != Registration && !has {
		return fault.ByRule(fault.Conflict, "LEG-02", "%s没有法人资格证书，请先补登。", c.Union.Name)
	}
	u := registry.Union{ID: c.Union.ID}
	now.State, now.Ended = Valid, ""
	if c.Kind == Cancel {
		now.State, now.Ended = Cancelled, at.Day()
	} else {
		now.Entry = e.over(now.Entry)
		if _, err := now.check(ctx, tx, g, u, at.Day()); err != nil {
			return err
		}
	}
	a := Alteration{Act: string(c.Kind), Day: at.Day(), Document: first(c.OuterDoc, c.Reply), Case: c.ID}
	if _, err := put(ctx, tx, g, m, &was, &now, a, at); err != nil {
		return err
	}
	for _, i := range changed(c.Fields) { // items that stand in the register alone
		if i.name == "income" || i.name == "assets" || i.name == "premises_detail" {
			a.Item, a.Was, a.Now = i.label, c.Registered[i.name], c.Fields["new_"+i.name]
			if err := remember(ctx, tx, g, m, now.ID, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// touch takes hold of the union's row, standing or not.
func touch(ctx context.Context, tx *sqldb.Tx, g auth.Grant, unionID string) error {
	_, err := tx.Exec(ctx, `UPDATE unions SET version = version WHERE tenant_id = $1 AND id = $2`, g.Tenant(), unionID)
	return err
}

// Entering is a certificate that a union has already, as the officer takes it
// into the register, or a correction of one.
type Entering struct {
	ID       string `json:"id"`
	Version  int64  `json:"version" doc:"版本"`
	Document string `json:"document" doc:"依据"`
	Entry
}

// EnterCertificate takes a certificate into the register without a case. What
// is odd about it comes back as warnings.
//
// law: ID-01, LEG-04
func EnterCertificate(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Entering, at day.Instant) (Certificate, []string, error) {
	if err := touch(ctx, tx, g, in.ID); err != nil {
		return Certificate{}, nil, err
	}
	u, err := registry.Find(ctx, tx, g, in.ID)
	if err != nil {
		return Certificate{}, nil, err
	}
	if err := suits(Registration, u); err != nil {
		return Certificate{}, nil, err
	}
	was, has, err := CertificateOf(ctx, tx, g, u.ID)
	if err != nil {
		return was, nil, err
	}
	if has && was.Version != in.Version {
		return was, nil, fault.New(fault.Conflict, "%s的法人登记刚刚已由他人改过，请刷新后再办。", u.Name)
	}
	now := Certificate{ID: was.ID, Union: u.Ref(), State: Valid, Entry: in.Entry}
	warnings, err := now.check(ctx, tx, g, u, at.Day())
	if err != nil {
		return now, nil, err
	}
	m := audit.Moves{}
	items, err := put(ctx, tx, g, m, &was, &now, Alteration{Act: "entered", Day: at.Day(), Document: in.Document}, at)
	if err != nil {
		return now, nil, err
	}
	return now, warnings, m.Write(ctx, tx, g, u.ID, Deed{Did: "entered", Title: now.Name, Document: in.Document, Items: items}, at)
}

// place is the page of a union in the register.
const legalPlace = "/grassroots/registry/legal"

// Place is the certificate's page.
func (c Certificate) Place() string { return legalPlace + "/" + c.Union.ID }

// days says how far a day is off, in words.
func daysOff(today, on day.Day) string {
	switch n := day.Days(today, on); {
	case n < 0:
		return fmt.Sprintf("已过期 %d 天", -n)
	case n == 0:
		return "今天到期"
	default:
		return fmt.Sprintf("还有 %d 天", n)
	}
}
