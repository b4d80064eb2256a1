// Package exchange lets offices that share no server tell each other their
// totals (上下级数据往来): a file, signed by the one, carried on a disk or sent
// by mail, checked and kept by the other. No person is in it.
package exchange

import (
	"context"
	"io"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/files"
	"unionhall/kit/sqldb"
)

// What people may do here.
const (
	Look  auth.Action = "exchange.look"  // see what was sent and what came
	Send  auth.Action = "exchange.send"  // make a bundle, take one in
	Trust auth.Action = "exchange.trust" // say whose bundles are taken
)

// Labels name the actions for the log.
var Labels = map[auth.Action]string{Look: "查看往来数据", Send: "上下级数据往来", Trust: "登记往来单位"}

// Roles is what each office may do here. Whose key is believed is a matter of
// security, and not of whoever wants a bundle in.
func Roles() auth.Roles {
	return auth.Roles{
		auth.Officer: {Look, Send}, auth.Director: {Look}, auth.Security: {Look, Trust},
	}
}

// Way is whether a bundle was made here or came from elsewhere.
type Way string

const (
	Out Way = "out" // 发出
	In  Way = "in"  // 收到
)

func (w Way) Label() string {
	if w == Out {
		return "发出"
	}
	return "收到"
}

// Peer (往来单位) is an office whose bundles are taken.
type Peer struct {
	ID      string      `json:"id"`
	Name    string      `json:"name"`
	Public  string      `json:"public"` // its key, as base64
	Print   string      `json:"fingerprint"`
	LastSeq int64       `json:"last_seq"` // of its newest bundle
	Added   day.Instant `json:"added"`
	Ended   day.Instant `json:"ended,omitempty"`
	Version int64       `json:"version"`
}

// Place is where peers are listed.
func (p Peer) Place() string { return peersPlace }

// Revision is what an edit must name to be sure that it saw the latest.
func (p Peer) Revision() int64 { return p.Version }

// Bundle is one file that went out or came in.
type Bundle struct {
	ID      string      `json:"id"`
	Way     Way         `json:"way"`
	Peer    string      `json:"peer,omitempty"` // whose it is, of one that came
	PeerID  string      `json:"peer_id,omitempty"`
	Kind    string      `json:"kind"`
	AsOf    day.Day     `json:"as_of"`
	Seq     int64       `json:"seq"`
	Hash    string      `json:"sha256"`
	Size    int64       `json:"size"`
	Unions  int64       `json:"unions"`
	Members int64       `json:"members"`
	Women   int64       `json:"women"`
	Account string      `json:"account"`
	At      day.Instant `json:"at"`
}

// Place is the bundle's page.
func (b Bundle) Place() string { return home + "/" + b.ID }

// Line is one union of a bundle: its totals and what it lacks, nobody's name.
//
// law: PL-32
type Line struct {
	Code    string   `json:"code"`
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`
	Parent  string   `json:"parent,omitempty"`
	Members int64    `json:"members"`
	Women   int64    `json:"women"`
	Staff   int64    `json:"staff"`
	TermDue day.Day  `json:"term_due,omitempty"`
	Missing []string `json:"missing,omitempty"`
}

// Totals lists the unions of the whole office as they stand on the day, for a
// bundle. The hall hands it in.
type Totals func(ctx context.Context, tx *sqldb.Tx, g auth.Grant, today day.Day) ([]Line, error)

// Room is this room at work. The hall fills it in.
type Room struct {
	Files  files.Store
	Totals Totals
	// Names returns what accounts are called, by id.
	Names func(ctx context.Context, tx *sqldb.Tx, tenant int64, ids []string) (map[string]string, error)
}

func (m *Room) open(hash string) (io.ReadCloser, error) { return m.Files.Open(hash) }
