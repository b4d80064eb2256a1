// Package rulebook reads the rules' numbers as one office has them: what is
// shipped, and its own values over that.
package rulebook

import (
	"context"
	"strconv"

	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

// Of returns the tenant's book.
func Of(ctx context.Context, tx *sqldb.Tx, tenant int64) (law.Book, error) {
	own, err := Own(ctx, tx, tenant)
	if err != nil || len(own) == 0 {
		return law.Shipped, err
	}
	return law.Shipped.With(own), nil
}

// Own lists the tenant's own values, the oldest first.
func Own(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]law.Own, error) {
	region := strconv.FormatInt(tenant, 10)
	return sqldb.List(ctx, tx, func(row sqldb.Row) (o law.Own, err error) {
		var at day.Instant
		err = row(&o.ID, &o.Value, &o.From, &o.To, &o.Document, &o.By, &at)
		o.Region, o.On = region, at.Day()
		return o, err
	}, `SELECT param, value, from_day, to_day, document, account_id, at FROM own_params WHERE tenant_id = $1 ORDER BY at, id`, tenant)
}
