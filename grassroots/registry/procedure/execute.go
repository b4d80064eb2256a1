package procedure

import (
	"context"
	"fmt"
	"strconv"

	"unionhall/commons/message"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law"
)

func lawPlace(g auth.Grant) law.Place { return law.PlaceOf(g.Tenant()) }

// approve takes a case past the stage it waits for: numbers what the office
// answers, and with the last approval does what was asked for, all in the
// transaction of the step.
//
// law: ORG-02, ORG-05
func (rm Room) approve(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, c *Case, at day.Instant) error {
	_, level, decided := c.stand().after(c.Kind)
	opines := len(c.Chain) > 0 && c.Chain[0].Mode == law.Opines
	if c.Reply == "" && (decided || opines) {
		if err := c.number(ctx, tx, g, at.Day()); err != nil {
			return err
		}
		if err := c.prove(ctx, tx, g, m, at); err != nil {
			return err
		}
	}
	c.Level = level
	if !decided || c.Kind.Legal() {
		return nil
	}
	document := c.Reply
	if opines {
		document = c.OuterDoc
	}
	return rm.execute(ctx, tx, g, c, registry.Paper{Day: at.Day(), Document: document, Reason: c.Fields["reason"]}, at)
}

// execute does what the case asks for in the registry, on the reply's number.
// What can't be done there is told, and nothing of it is done.
func (rm Room) execute(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c *Case, p registry.Paper, at day.Instant) error {
	if c.Kind == Found {
		return c.found(ctx, tx, g, p, at)
	}
	u, err := registry.Find(ctx, tx, g, c.Union.ID)
	if err != nil {
		return err
	}
	act := g.For(registry.Change)
	switch c.Kind {
	case Rename:
		to := registry.Naming{Name: c.Fields["name"], ShortName: c.Fields["short_name"]}
		if to.ShortName == "" {
			to.ShortName = u.ShortName
		}
		_, err = registry.Rename(ctx, tx, act, u.ID, u.Version, to, p, at)
	case Move:
		var above registry.Union
		if above, err = c.target(ctx, tx, g, "parent"); err == nil {
			_, err = registry.Move(ctx, tx, act, u.ID, u.Version, above.ID, p, at)
		}
	case Merge:
		var into registry.Union
		if into, err = c.target(ctx, tx, g, "into"); err == nil {
			_, _, err = rm.Unions.Merge(ctx, tx, act, u.ID, u.Version, into.ID, p, at)
			c.Result = into.ID
		}
	case Dissolve:
		_, err = rm.Unions.Close(ctx, tx, act, u.ID, u.Version, p, at)
	}
	return told(err)
}

// told says that an approval failed at the registry: its fields are not those
// of this form, so that their words go into the text.
func told(err error) error {
	f := fault.Of(err)
	if err == nil || f.Kind == fault.Internal || len(f.Fields) == 0 {
		return err
	}
	text := "这件事现在办不成："
	for _, t := range f.Fields {
		text += t + "。"
	}
	return &fault.Error{Kind: fault.Conflict, Rule: f.Rule, Text: text + "可以退回补正，或先处理好再批准。"}
}

// found makes the union that a case asks for.
//
// law: ORG-02, ORG-03
func (c *Case) found(ctx context.Context, tx *sqldb.Tx, g auth.Grant, p registry.Paper, at day.Instant) error {
	staff, err := strconv.ParseInt(c.Fields["staff"], 10, 64)
	if err != nil {
		return fmt.Errorf("case %s: staff: %w", c.ID, err)
	}
	u := registry.Union{
		Name: c.Fields["name"], ShortName: c.Fields["short_name"], Kind: registry.Kind(c.Fields["kind"]), ParentID: c.Union.ID, OrganKind: c.Fields["organ_kind"],
		PartyOrg: c.Fields["party_org"], Staff: staff, Leader: c.Fields["leader"], Phone: c.Fields["phone"], Address: c.Fields["address"],
	}
	u, _, err = registry.Establish(ctx, tx, g.For(registry.Found), u, p, at)
	c.Result = u.ID
	return told(err)
}

// tell leaves a message for who acts next, and for who asked.
func tell(ctx context.Context, tx *sqldb.Tx, g auth.Grant, c Case, from State, in Taking, at day.Instant) error {
	if c.State == from && g.Action() != Record && g.Action() != File {
		return nil
	}
	next := func(title string, o ...auth.Office) error {
		words := c.Union.Name
		if c.Due != "" {
			words += "，请在 " + string(c.Due) + " 前办理。"
		}
		return message.ToUnion(ctx, tx, g.Tenant(), c.Union.ID, o, title+"：“"+c.Title+"”", words, c.Place(), at)
	}
	asker := func(title, words string) error {
		if c.Account == g.Account() {
			return nil
		}
		return message.Send(ctx, tx, g.Tenant(), c.Account, title+"：“"+c.Title+"”", words, c.Place(), at)
	}
	switch c.State {
	case Submitted:
		return next("等您审查", auth.Officer)
	case Checked:
		return next("等您审批", auth.Director)
	case Returned:
		return asker("请补正后重新提交", in.Words)
	case Refused:
		return asker("没有获得批准", in.Words)
	case Sent:
		if g.Action() == Approve {
			if err := next("请报"+c.stand().body(), auth.Officer); err != nil {
				return err
			}
		}
		return asker("已报"+c.stand().body(), "")
	case Approved:
		return asker("上级已批准", c.OuterDoc)
	case Filing:
		if err := next("请报备案", auth.Officer); err != nil {
			return err
		}
		return asker("已获批准", c.Reply)
	case Done:
		return asker("已办结", c.Reply)
	}
	return nil
}
