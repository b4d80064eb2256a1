// Package intake takes workbooks in (导入): it reads what offices keep, judges
// every row before anything is written, writes what may pass when a person
// says so, and takes a whole import back within a day.
package intake

import (
	"encoding/json"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/day"
)

// Run is the one action here: whoever may run imports sees the own office's.
const Run auth.Action = "imports.run"

// Kind is what a workbook holds.
type Kind string

const (
	Roster Kind = "roster" // 会员花名册
	Unions Kind = "unions" // 基层工会情况表
)

func (k Kind) Label() string {
	switch k {
	case Roster:
		return "会员花名册"
	case Unions:
		return "基层工会情况表"
	}
	return string(k)
}

// State is where an import stands.
type State string

const (
	Reading   State = "reading"   // 正在核对
	Judged    State = "judged"    // 已核对，待确认
	Applying  State = "applying"  // 正在写入
	Confirmed State = "confirmed" // 已写入
	Undoing   State = "undoing"   // 正在撤销
	Undone    State = "undone"    // 已撤销
	Failed    State = "failed"    // 读不出来
)

func (s State) Label() string {
	switch s {
	case Reading:
		return "正在核对"
	case Judged:
		return "已核对，待确认"
	case Applying:
		return "正在写入"
	case Confirmed:
		return "已写入"
	case Undoing:
		return "正在撤销"
	case Undone:
		return "已撤销"
	case Failed:
		return "未能读取"
	}
	return string(s)
}

// Import is one workbook on its way in. The counts are rows: each is new,
// changed, moved (an active member of another union), the same, or refused.
type Import struct {
	ID        string      `json:"id"`
	Kind      Kind        `json:"kind"`
	State     State       `json:"state"`
	UnderID   string      `json:"-"` // the union it is for: everything must stand below it
	Under     string      `json:"under"`
	Account   string      `json:"-"`
	By        string      `json:"by"` // who brought it
	FileName  string      `json:"file_name"`
	FileHash  string      `json:"-"`
	Sheet     string      `json:"sheet,omitempty"`
	HeadRow   int64       `json:"head_row"`
	Columns   Columns     `json:"-"`
	Rows      int64       `json:"rows"`
	New       int64       `json:"new"`
	Changed   int64       `json:"changed"`
	Moved     int64       `json:"moved"`
	Same      int64       `json:"same"`
	Refused   int64       `json:"refused"`
	Warned    int64       `json:"warned"`
	Chunks    int64       `json:"-"`
	Applied   int64       `json:"-"`
	Offered   int64       `json:"-"` // of the moved ones, those that a transfer may bring over
	Note      string      `json:"note,omitempty"`
	Made      day.Instant `json:"made"`
	Confirmed day.Instant `json:"confirmed,omitempty"`
	Undone    day.Instant `json:"undone,omitempty"`
	Version   int64       `json:"version"`
}

// Place is the import's page.
func (i Import) Place() string { return "/grassroots/registry/imports/" + i.ID }

// Revision is what a step must name to be sure that it saw the latest.
func (i Import) Revision() int64 { return i.Version }

// Writes is how many rows a confirmation writes.
func (i Import) Writes() int64 { return i.New + i.Changed }

// Column is one column of the workbook, what field it was taken for, and what
// stands in its first rows, personal numbers masked.
type Column struct {
	Header  string   `json:"header"`
	Field   string   `json:"field"`
	Samples []string `json:"samples"`
	Hidden  bool     `json:"hidden,omitempty"`
	Sure    bool     `json:"sure"` // by its name or from memory, not by likeness
}

// Columns are the columns of a workbook, by place.
type Columns []Column

func (c Columns) text() (string, error) {
	b, err := json.Marshal(c)
	return string(b), err
}

// Map is what the columns were taken for, by header.
func (c Columns) Map() map[string]string {
	m := make(map[string]string, len(c))
	for _, col := range c {
		if col.Header != "" {
			m[col.Header] = col.Field
		}
	}
	return m
}

// Severity says whether a problem keeps the row out.
type Severity string

const (
	Refuse Severity = "refuse"
	Warn   Severity = "warn"
)

// Problem is one thing that is wrong with a row. Row is the sheet's own row
// number; 0 is the whole file.
type Problem struct {
	Row      int64    `json:"row"`
	Name     string   `json:"name,omitempty"`
	Column   string   `json:"column,omitempty"`
	Severity Severity `json:"severity"`
	Code     string   `json:"code"`
	Message  string   `json:"message"`
	Rule     string   `json:"rule,omitempty"`
}

// what a judged row is to be.
const (
	fresh   = "new"
	changed = "changed"
	moved   = "moved"
	away    = "away" // moved, from beyond the importer's reach
	same    = "same"
)

// line is a judged row that will be written, as it waits in its chunk, sealed.
type line struct {
	Row     int           `json:"r"`
	What    string        `json:"w"`
	Union   registry.Ref  `json:"u"`
	Person  member.Person `json:"p"`
	Settled bool          `json:"h,omitempty"` // the row says that the person is no migrant
	Status  member.Status `json:"s,omitempty"` // empty: the row does not say
	Joined  day.Day       `json:"j,omitempty"`
	Event   entry         `json:"e"`
	Was     string        `json:"m,omitempty"` // the member that is there already
	Seen    int64         `json:"v,omitempty"` // in the version that was compared
}

// entry is what the row says about how the membership came to be so.
type entry struct {
	Type   member.EventType `json:"t"`
	Day    day.Day          `json:"d"`
	Reason string           `json:"r,omitempty"`
}

// image is what undo needs of one member that the import wrote.
type image struct {
	ID      string         `json:"id"`
	Version int64          `json:"v"`           // as the import left it
	Before  *member.Member `json:"b,omitempty"` // nil: the import brought the person
}
