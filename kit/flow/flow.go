// Package flow states a procedure (办理流程) as a table. Buttons, refusals,
// rights, deadlines, the log of steps and the picture in the manual come from
// that table; the room keeps only what its things are.
package flow

import (
	"context"
	"fmt"
	"slices"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
)

// Subject, in a step's Apart, is the person whom the thing is about.
const Subject auth.Action = "subject"

// Step is one line of a procedure: who may take it, from where, to where.
type Step[S ~string] struct {
	From   S
	Act    auth.Action
	To     S
	By     []auth.Office
	Apart  []auth.Action // who took one of these may not take this (职责分离)
	Button string        // what the act is called on the page
	Words  bool          // a reason must be given
	Paper  bool          // a document number must be given
	Danger bool          // it ends the thing against the asker's wish
	Rule   string        // the clause that asks for the step
}

// Flow is the procedure of one kind of thing. Labels names every state; the
// keys are stored. Clocks names the parameter in law/ that holds how many days
// a thing may stand in a state (时限).
type Flow[S ~string] struct {
	Labels map[S]string
	Kinds  map[S]string // of the badge; see ui.Kind
	Clocks map[S]string
	Steps  []Step[S]
}

// Past is one step that was taken, in which office, and the words given.
type Past[S ~string] struct {
	Act      auth.Action `json:"act"`
	Before   S           `json:"before"`
	After    S           `json:"after"`
	Account  string      `json:"account"`
	Self     string      `json:"-"`
	Office   auth.Office `json:"office"`
	Acting   string      `json:"acting_for,omitempty"`
	Words    string      `json:"words,omitempty"`
	Document string      `json:"document,omitempty"`
	At       day.Instant `json:"at"`
}

// Who is a person about to take a step.
type Who struct {
	Account string
	Self    string // the member this person is, if any
	Office  auth.Office
}

// WhoOf is the person of a grant.
func WhoOf(g auth.Grant) Who { return Who{g.Account(), g.Self(), g.Office()} }

// Take returns the step that act makes from the state from. A step that the
// state does not know is fault.Conflict; one of another office, or of a person
// who must keep apart from it, fault.Denied. subject is the member whom the
// thing is about; empty where it is about nobody.
func (f Flow[S]) Take(from S, act auth.Action, w Who, subject string, past []Past[S]) (Step[S], error) {
	var other *Step[S]
	for i, s := range f.Steps {
		if s.From != from || s.Act != act {
			continue
		}
		if slices.Contains(s.By, w.Office) {
			return s, s.apart(w, subject, past)
		}
		other = &f.Steps[i]
	}
	if other != nil {
		return *other, fault.ByRule(fault.Denied, other.Rule, "“%s”由%s办理。", other.Button, offices(other.By))
	}
	return Step[S]{}, fault.New(fault.Conflict, "现在是“%s”，不能办理这一步。请刷新页面后再看。", f.Labels[from])
}

// apart refuses a person who must keep apart from the step: the subject, and
// whoever took one of the steps it names, under either of the two names that a
// person has here.
func (s Step[S]) apart(w Who, subject string, past []Past[S]) error {
	if subject != "" && w.Self == subject && slices.Contains(s.Apart, Subject) {
		return fault.ByRule(fault.Denied, s.Rule, "不能办理与本人有关的事项，请由他人办理。")
	}
	for _, p := range past {
		same := p.Account == w.Account || p.Self != "" && p.Self == w.Self
		if same && slices.Contains(s.Apart, p.Act) {
			return fault.ByRule(fault.Denied, s.Rule, "您已办理过这件事前面的步骤，这一步须由另一人办理。")
		}
	}
	return nil
}

func offices(by []auth.Office) string {
	out := ""
	for i, o := range by {
		if i > 0 {
			out += "或"
		}
		out += o.Label()
	}
	return out
}

// By is who takes a step, as pages say it: 工会主席或组织干事.
func (s Step[S]) Who() string { return offices(s.By) }

// Open returns the steps that Take would let this person take; the page draws
// one button for each.
func (f Flow[S]) Open(from S, w Who, subject string, past []Past[S]) (open []Step[S]) {
	for _, s := range f.Steps {
		if s.From != from || !slices.Contains(s.By, w.Office) {
			continue
		}
		if _, err := f.Take(from, s.Act, w, subject, past); err == nil {
			open = append(open, s)
		}
	}
	return open
}

// Next returns every step that the state knows, whoever takes it: what the page
// says of a thing that waits for somebody else.
func (f Flow[S]) Next(from S) (out []Step[S]) {
	for _, s := range f.Steps {
		if s.From == from {
			out = append(out, s)
		}
	}
	return out
}

// Ends reports whether nothing leads on from the state.
func (f Flow[S]) Ends(s S) bool { return len(f.Next(s)) == 0 }

// Acts lists the acts of the procedure, each once, in the order of the table:
// a room makes one route of each.
func (f Flow[S]) Acts() (out []auth.Action) {
	for _, s := range f.Steps {
		if !slices.Contains(out, s.Act) {
			out = append(out, s.Act)
		}
	}
	return out
}

// Grants returns the acts that each office needs for f, so that no role table
// repeats what the procedure already says.
func (f Flow[S]) Grants() auth.Roles {
	g := auth.Roles{}
	for _, s := range f.Steps {
		for _, o := range s.By {
			if !slices.Contains(g[o], s.Act) {
				g[o] = append(g[o], s.Act)
			}
		}
	}
	return g
}

// Matrix writes every state × act × office, a line for each step that some
// office may take: a golden file of it shows a new right as one new line.
func (f Flow[S]) Matrix() string {
	out := ""
	for _, o := range auth.Offices {
		for _, s := range f.Steps {
			if slices.Contains(s.By, o) {
				out += fmt.Sprintf("%s\t%s\t%s -> %s\tapart %v\t%s\n", o, s.Act, s.From, s.To, s.Apart, s.Rule)
			}
		}
	}
	return out
}

const stepColumns = `tenant_id, id, thing_id, act, before, after, account_id, self_id, office, acting_for, words, document, at, mac`

var stepSeal = audit.LayoutOf("steps", []string{"tenant_id", "id", "thing_id", "act", "before", "after", "account_id", "self_id", "office", "acting_for", "words", "document", "at", "mac"})

// History lists the steps taken on a thing that the caller may see, the first
// one first.
func (f Flow[S]) History(ctx context.Context, tx *sqldb.Tx, g auth.Grant, thing string) ([]Past[S], error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (p Past[S], err error) {
		err = row(&p.Act, &p.Before, &p.After, &p.Account, &p.Self, &p.Office, &p.Acting, &p.Words, &p.Document, &p.At)
		return p, err
	}, `
		SELECT act, before, after, account_id, self_id, office, acting_for, words, document, at
		FROM steps WHERE tenant_id = $1 AND thing_id = $2 ORDER BY id`, g.Tenant(), thing)
}

// Given are the words and the document number that come with a step.
type Given struct {
	Words    string `json:"words" doc:"说明"`
	Document string `json:"document" doc:"文号"`
}

const longest = 500

// check asks for what the step must have.
func (v Given) check(words, paper bool, rule string) error {
	fields := map[string]string{}
	if words && v.Words == "" {
		fields["words"] = "说明：请写明理由"
	}
	if paper && v.Document == "" {
		fields["document"] = "文号：请填写批准或依据文件的文号"
	}
	if len([]rune(v.Words)) > longest {
		fields["words"] = fmt.Sprintf("说明：最多 %d 个字", longest)
	}
	if len([]rune(v.Document)) > 100 {
		fields["document"] = "文号：最多 100 个字"
	}
	if len(fields) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Rule: rule, Text: "还缺少内容，请补齐后再提交。", Fields: fields}
}

// Advance judges g's step on a thing that was read in the state from, and
// writes its trace; m takes up its seal. The caller then moves the thing with
// an update that the state from guards (0 rows: fault.Conflict), and writes m
// to the log. For refusals see Take; a step without the words or the document
// that it must have is fault.Invalid.
func (f Flow[S]) Advance(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, thing string, from S, subject string, v Given, at day.Instant) (Step[S], error) {
	past, err := f.History(ctx, tx, g, thing)
	if err != nil {
		return Step[S]{}, err
	}
	step, err := f.Take(from, g.Action(), WhoOf(g), subject, past)
	if err != nil {
		return step, err
	}
	if err := v.check(step.Words, step.Paper, step.Rule); err != nil {
		return step, err
	}
	return step, f.Trace(ctx, tx, g, m, thing, step.From, step.To, v, at)
}

// Trace writes that g took a thing from one state to another: the first step,
// which makes the thing, and steps that no table knows, such as a merger's.
func (f Flow[S]) Trace(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, thing string, from, to S, v Given, at day.Instant) error {
	row := []any{g.Tenant(), sqldb.NewID(), thing, string(g.Action()), orBegin(from), string(to), g.Account(), g.Self(), string(g.Office()), g.ActingFor(), v.Words, v.Document, string(at), nil}
	mac := stepSeal.Seal(tx.Keys(), row)
	row[len(row)-1] = mac
	m.Add("steps", mac)
	return tx.QueueInsert(ctx, "steps", stepColumns, [][]any{row})
}

// orBegin spells the state before the first one: "nothing" is NULL in the
// database, and a step always comes from somewhere.
func orBegin[S ~string](s S) string {
	if s == "" {
		return "-"
	}
	return string(s)
}
