package hall

import (
	"context"
	"fmt"

	"unionhall/grassroots/registry/yearly"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
)

// mostReturned is up to how many members the city has returns of past years;
// to count a province three times would take minutes.
const mostReturned = 50_000

// demoYearly gives the city the returns of two years, frozen and submitted,
// and the draft of this one, which some unions have judged.
func (h *House) demoYearly(ctx context.Context, root string, p city.Plan, at day.Instant) error {
	if p.Members > mostReturned {
		return nil
	}
	who := map[string]string{}
	err := h.DB.View(ctx, func(tx *sqldb.Tx) error {
		return sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) }, func(v [2]string) error { who[v[0]] = v[1]; return nil },
			`SELECT login, id FROM accounts WHERE tenant_id = $1`, int64(city.Tenant))
	})
	if err != nil {
		return err
	}
	as := func(login string, act auth.Action) auth.Grant {
		return auth.As(city.Tenant, who[login], demoOffices[login], act, root)
	}
	this := int64(p.Today.Year())
	for year := this - 2; year <= this; year++ {
		var r yearly.Return
		err := h.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
			r, err = h.Yearly.Begin(ctx, tx, as("officer", yearly.Make), yearly.MakeForm{Year: year}, at)
			return err
		})
		if err == nil {
			err = h.Runner.RunAbout(ctx, city.Tenant, r.ID)
		}
		if err == nil && year == this {
			err = h.demoReviews(ctx, who, r, at)
		}
		if err != nil || year == this {
			return err
		}
		version := int64(2)
		for _, s := range []struct {
			login string
			act   auth.Action
		}{{"auditor", yearly.Check}, {"director", yearly.Freeze}, {"officer", yearly.Submit}} {
			err := h.DB.Do(ctx, func(tx *sqldb.Tx) error {
				f := yearly.StepForm{ID: r.ID, Version: version}
				if s.act == yearly.Submit {
					f.Given = flow.Given{Document: fmt.Sprintf("滨直工〔%d〕2号", year+1)}
				}
				_, err := h.Yearly.Take(ctx, tx, as(s.login, s.act), f, at)
				return err
			})
			if err != nil {
				return err
			}
			version++
		}
	}
	return nil
}

// demoReviews has two chairs judge their figures: one finds them right, the
// other does not.
func (h *House) demoReviews(ctx context.Context, who map[string]string, r yearly.Return, at day.Instant) error {
	return h.DB.Do(ctx, func(tx *sqldb.Tx) error {
		for login, f := range map[string]yearly.ReviewForm{
			"chair": {ID: r.ID, Right: true, Women: 3}, "chair2": {ID: r.ID, Words: "职工人数应含今年新分配的六人", Women: 2},
		} {
			union, err := sqldb.One(ctx, tx, sqldb.Text, `SELECT p.union_id FROM posts p WHERE p.tenant_id = $1 AND p.account_id = $2 AND p.office = 'chair'`, int64(city.Tenant), who[login])
			if err != nil {
				return err
			}
			if _, err := yearly.Confirm(ctx, tx, auth.As(city.Tenant, who[login], auth.Chair, yearly.Review, union), f, at); err != nil {
				return err
			}
		}
		return nil
	})
}
