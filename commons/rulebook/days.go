package rulebook

import (
	"context"

	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// OwnDay is an exception to the week that the office brought in itself, with
// the year of the notice it stems from.
type OwnDay struct {
	day.Exception
	Notice int
}

// OwnDays lists the days that the tenant brought in, in their order.
func OwnDays(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]OwnDay, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (d OwnDay, err error) {
		return d, row(&d.Day, &d.Works, &d.Name, &d.Notice)
	}, `SELECT day, workday, name, notice FROM own_days WHERE tenant_id = $1 ORDER BY day`, tenant)
}

// Calendar returns the working days as the tenant counts them: those that the
// program brings along, and over them the notices the office brought in.
//
// law: PL-25
func Calendar(ctx context.Context, tx *sqldb.Tx, tenant int64) (day.Calendar, error) {
	own, err := OwnDays(ctx, tx, tenant)
	if err != nil || len(own) == 0 {
		return day.China(), err
	}
	notice := make([]day.Exception, len(own))
	for i, d := range own {
		notice[i] = d.Exception
	}
	return day.China().With(notice), nil
}
