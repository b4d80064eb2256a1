package hall

import (
	"context"
	"fmt"

	"unionhall/commons/certificate"
	"unionhall/grassroots/registry/papers"
	"unionhall/hall/city"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// demoPapers hands out papers of every state, so that there is something to
// prove: of the first demo union and of its plain member.
func demoPapers(ctx context.Context, tx *sqldb.Tx, root string, c city.People, at day.Instant) error {
	g, today := auth.System(city.Tenant, "demo", papers.Print, root), at.Day()
	u, m := c.Unions[0], c.Members[0]
	for _, p := range []struct {
		certificate.Certificate
		takenBack string
	}{
		{certificate.Certificate{Kind: "basic", Thing: u.ID, Title: "工会基本情况表", Holder: u.Name, Public: true, On: today.AddMonths(-2)}, "班子成员有变动，已重新出具"},
		{certificate.Certificate{Kind: "officers", Thing: u.ID, Title: "工会干部花名册", Holder: u.Name, Public: true, On: today.AddMonths(-1)}, ""},
		{certificate.Certificate{Kind: "registration", Thing: m.ID, Title: "工会会员登记表", Holder: m.Name, On: today.AddMonths(-5)}, ""},
		{certificate.Certificate{Kind: "standing", Thing: m.ID, Title: "会员资格证明", Holder: m.Name, On: today.AddMonths(-4), Until: today.AddMonths(-3)}, ""},
	} {
		moves := audit.Moves{}
		made := p.Certificate
		made.Issuer = u.Name
		var err error
		if made.Hash, err = certificate.Proven([]any{"demo", made}); err != nil {
			return err
		}
		if made, err = certificate.Issue(ctx, tx, g, moves, made, at); err == nil && p.takenBack != "" {
			_, err = certificate.Revoke(ctx, tx, g, moves, made.ID, p.takenBack, at)
		}
		if err == nil {
			err = moves.Write(ctx, tx, g, made.ID, map[string]string{"paper": made.Title}, at)
		}
		if err != nil {
			return fmt.Errorf("paper of %s: %w", made.Thing, err)
		}
	}
	return nil
}
