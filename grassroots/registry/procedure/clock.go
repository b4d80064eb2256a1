package procedure

import (
	"context"
	"errors"

	"unionhall/commons/rulebook"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

// Clock is how long a case may stand in a state (办理时限): from the day it
// came there to the last day, and the day on which somebody is reminded.
type Clock struct {
	Param   string
	Days    int
	Working bool
	Due     day.Day
	Alert   day.Day
}

// clockFrom reckons a limit from the day a case came into its state; that day
// itself does not count. share is how much of it may pass unreminded, rounded
// up to a whole day.
//
// law: LEG-07, PL-25
func clockFrom(cal day.Calendar, began day.Day, span law.Span, share law.Ratio) (due, alert day.Day) {
	part := (int64(span.Days)*share.Num + share.Den - 1) / share.Den
	if span.Working {
		return cal.AddWorkdays(began, span.Days), cal.AddWorkdays(began, int(part))
	}
	return began.AddDays(span.Days), began.AddDays(int(part))
}

// limit reads the clock of a kind of case in a state that it came into on a
// day. A state without one, or whose parameter was not yet in force, has none.
func limit(ctx context.Context, tx *sqldb.Tx, g auth.Grant, k Kind, s State, began day.Day) (c Clock, err error) {
	c.Param = clockOf(k, s)
	if c.Param == "" {
		return c, nil
	}
	book, err := rulebook.Of(ctx, tx, g.Tenant())
	if err != nil {
		return c, err
	}
	at := law.PlaceOf(g.Tenant())
	span, err := book.Days(c.Param, at, began)
	if errors.Is(err, law.ErrNoValue) {
		return Clock{}, nil
	} else if err != nil {
		return c, err
	}
	share, err := book.Ratio("case.alert_share", at, began)
	if err != nil {
		return c, err
	}
	cal, err := rulebook.Calendar(ctx, tx, g.Tenant())
	if err != nil {
		return c, err
	}
	c.Days, c.Working = span.Days, span.Working
	c.Due, c.Alert = clockFrom(cal, began, span, share)
	return c, nil
}

// chainOf reads the approval chain of a kind of case in force on a day.
//
// law: ORG-02
func chainOf(ctx context.Context, tx *sqldb.Tx, tenant int64, k Kind, on day.Day) (law.Chain, error) {
	book, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return nil, err
	}
	return book.Chain("chain."+string(k), law.PlaceOf(tenant), on)
}

// wait sets the clock of the state that the case has just come into.
func (c *Case) wait(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) error {
	clock, err := limit(ctx, tx, g, c.Kind, c.State, today)
	c.Entered, c.Clock, c.Days, c.Due, c.AlertOn, c.Alerted, c.Prolonged = today, clock.Param, clock.Days, clock.Due, clock.Alert, 0, 0
	return err
}
