package procedure

import (
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/web"
)

// LegalOne is a union in the register.
type LegalOne struct {
	Union       registry.Ref `json:"union"`
	Certificate Certificate  `json:"certificate"`
	Has         bool         `json:"registered"`
	Status      string       `json:"status"`
	Due         []Due        `json:"due"`
	Items       []Alteration `json:"items"`
	Cases       []Case       `json:"cases"`
	Warnings    []string     `json:"warnings"`
	ask, enter  bool
	look        bool // at cases
	today       day.Day
}

// Place is the union's page in the register.
func (l LegalOne) Place() string { return legalPlace + "/" + l.Union.ID }

// legalOne reads a union's place in the register, with what a certificate of
// it would say where it has none.
//
// law: ID-01
func legalOne(r *web.Request, in ByID) (LegalOne, error) {
	l := LegalOne{today: r.Today, ask: r.May(Ask), enter: r.May(Enter), look: r.May(Look), Due: []Due{}, Items: []Alteration{}, Cases: []Case{}, Warnings: []string{}}
	u, err := registry.Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return l, err
	}
	l.Union = u.Ref()
	if l.Certificate, l.Has, err = CertificateOf(r.Ctx, r.Tx, r.Grant, u.ID); err != nil {
		return l, err
	}
	s, err := spansOf(r.Ctx, r.Tx, r.Grant.Tenant(), r.Today)
	if err != nil {
		return l, err
	}
	p, err := presentOf(r.Ctx, r.Tx, r.Grant, u.ID)
	if err != nil {
		return l, err
	}
	l.Status = statusOf(l.Certificate, l.Has, s, r.Today)
	l.Due = append(l.Due, dues(l.Certificate, l.Status, u.State != registry.Standing, p, u.Name, s, r.Today)...)
	if l.Has {
		e := l.Certificate.Entry
		if l.Warnings, err = e.check(r.Ctx, r.Tx, r.Grant, u, r.Today); err != nil && fault.Of(err).Kind != fault.Invalid {
			return l, err
		}
		if l.Items, err = alterations(r.Ctx, r.Tx, r.Grant, l.Certificate.ID); err != nil {
			return l, err
		}
	} else if l.Certificate, err = proposed(r.Ctx, r.Tx, r.Grant, Case{Union: u.Ref(), Kind: Registration}, r.Today); err != nil {
		return l, err
	}
	if l.look {
		l.Cases, err = Of(r.Ctx, r.Tx, r.Grant, u.Code, r.Today)
	}
	return l, err
}

// Entered is a certificate that was taken into the register.
type Entered struct {
	Certificate
	Warnings []string `json:"warnings"`
}

// Said is the sentence that the next page shows.
func (e Entered) Said() string { return "证书已登记。" + strings.Join(e.Warnings, "") }

func enter(r *web.Request, in Entering) (Entered, error) {
	c, warnings, err := EnterCertificate(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Entered{c, warnings}, err
}
