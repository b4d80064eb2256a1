// Package desk is where everybody arrives: the work table (工作台) of an
// office, a member's first page, and what belongs to no room alone: search,
// messages, jobs, the start of a new office. It knows no other room; what each
// has to say is handed in by the hall as a Source, a Finder or a Tile.
package desk

import (
	"context"
	"sync"

	"unionhall/commons/message"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
)

// Setup is naming the office and ending its guided start.
const Setup auth.Action = "office.setup"

// Labels says what the actions of this room are called in the log.
var Labels = map[auth.Action]string{Setup: "单位设置"}

// Roles is what each office may do here beside what everybody may.
func Roles() auth.Roles {
	return auth.Roles{auth.Admin: {Setup}, auth.Officer: {Setup}}
}

// Viewer is who looks, and when.
type Viewer struct {
	Actor auth.Actor
	Today day.Day
	Now   day.Instant
}

// Grant returns the viewer's grant for an action of a room, if the post acted
// in now has one.
func (v Viewer) Grant(act auth.Action) (auth.Grant, bool) {
	g, err := v.Actor.Grant(act, v.Today)
	return g, err == nil
}

// Office is the post acted in now; empty for one who holds none.
func (v Viewer) Office() auth.Office {
	p, _ := v.Actor.Current(v.Today)
	return p.Office
}

// Source is one room's share of the work table. What the viewer may not see
// it leaves out; its queries are bounded.
type Source func(ctx context.Context, tx *sqldb.Tx, v Viewer) (Part, error)

// Part is what a room puts on the work table.
type Part struct {
	Duties  []Duty
	Figures []Figure
	Panels  []Panel
	Changes []Change
}

// Duty is one thing that waits for the viewer. With Due the page says how many
// days are left; without it says Tag.
type Duty struct {
	Title   string  `json:"title"`
	Href    string  `json:"href"`
	Note    string  `json:"note,omitempty"`
	Due     day.Day `json:"due,omitempty"`
	Tag     string  `json:"tag"`
	Kind    ui.Kind `json:"-"`
	Act     string  `json:"act,omitempty"` // what the next step is called
	ActHref string  `json:"act_href,omitempty"`
}

// Figure is a number worth knowing; Href opens the list behind it.
type Figure struct {
	Label string  `json:"label"`
	Value string  `json:"value"`
	Unit  string  `json:"unit,omitempty"`
	Note  string  `json:"note,omitempty"`
	Href  string  `json:"href,omitempty"`
	Kind  ui.Kind `json:"-"`
	Trend []int64 `json:"trend,omitempty"`
}

// Panel is a short table beside the duties. Bars draws its counts.
type Panel struct {
	Title  string     `json:"title"`
	Note   string     `json:"note,omitempty"` // in one sentence, also where there is no line
	More   ui.Link    `json:"-"`
	Lines  []Line     `json:"lines"`
	Bars   bool       `json:"-"`
	Clause ui.Article `json:"-"` // the clause it rests on, if it is one
}

// Line is one line of a Panel; Href opens the list behind its count.
type Line struct {
	Text  string  `json:"text"`
	Count int64   `json:"count"`
	Href  string  `json:"href,omitempty"`
	Rule  string  `json:"rule,omitempty"`
	Kind  ui.Kind `json:"-"`
}

// Change is something that happened within the viewer's reach.
type Change struct {
	At    day.Instant `json:"at"`
	Title string      `json:"title"`
	Note  string      `json:"note,omitempty"`
	Href  string      `json:"href,omitempty"`
}

// Card is a membership as its owner's first page shows it.
type Card struct {
	Name   string  `json:"name"`
	Union  string  `json:"union"`
	Number string  `json:"card_no"`
	Joined day.Day `json:"joined,omitempty"`
	State  string  `json:"state,omitempty"` // of the membership, if it is not the usual one
	Href   string  `json:"href,omitempty"`
}

// Tile is a service on a member's first page, shown to whoever may use it.
type Tile struct {
	ui.Tile
	Needs auth.Action
}

// Step is one step of a new office's start, its state computed from the data.
type Step struct {
	Title string `json:"title"`
	Note  string `json:"note"`
	Done  bool   `json:"done"`
	Act   string `json:"act"`
	Href  string `json:"href"`
}

// Finder searches one kind of thing.
type Finder struct {
	Title string
	Find  func(ctx context.Context, tx *sqldb.Tx, v Viewer, q string, limit int) (Found, error)
}

// Found is what a Finder found; More opens the whole list.
type Found struct {
	Items []Hit
	More  string
}

// Hit is one thing found.
type Hit struct {
	Title string  `json:"title"`
	Note  string  `json:"note,omitempty"`
	Href  string  `json:"href"`
	Tag   string  `json:"tag,omitempty"`
	Kind  ui.Kind `json:"-"`
}

// Desk is this room at work. The hall fills it in.
type Desk struct {
	Sources []Source
	Finders []Finder
	Tiles   []Tile
	// Start lists the steps of a new office.
	Start func(ctx context.Context, tx *sqldb.Tx, v Viewer) ([]Step, error)
	// Card returns the viewer's own membership; ok is false for one who has none.
	Card func(ctx context.Context, tx *sqldb.Tx, v Viewer) (c Card, ok bool, err error)
	// Runner does the jobs that the job pages show.
	Runner *job.Runner
	// Document returns the OpenAPI document of the whole house.
	Document func() ([]byte, error)

	manual Manual // the document as people read it, made when first asked for
	made   sync.Once
	lost   error
}

// Page is the work table, or a member's first page.
type Page struct {
	Name     string            `json:"-"`
	Today    day.Day           `json:"today"`
	Start    *Start            `json:"start,omitempty"`
	Card     *Card             `json:"card,omitempty"`
	Tiles    []ui.Tile         `json:"-"`
	Duties   []Duty            `json:"duties"`
	Hidden   int               `json:"-"` // further duties that the page does not show
	Overdue  int               `json:"overdue"`
	Figures  []Figure          `json:"figures"`
	Panels   []Panel           `json:"panels"`
	Changes  []Change          `json:"changes"`
	Messages []message.Message `json:"messages"`
}
