package desk

import (
	"unionhall/commons/message"
	"unionhall/kit/web"
)

const letterRows = 30

// LettersQuery is the filter of the messages.
type LettersQuery struct {
	Unread bool   `json:"unread" doc:"只看未读"`
	After  string `json:"after" doc:"上一页末条"`
	Limit  int    `json:"limit" doc:"每页条数"`
}

// Letters is a page of the viewer's own messages, the newest first.
type Letters struct {
	Items  []message.Message `json:"items"`
	Next   string            `json:"next,omitempty"`
	Total  int64             `json:"unread"` // how many are not read yet
	unread bool
	first  bool // nothing is newer
}

func (d *Desk) letters(r *web.Request, in LettersQuery) (Letters, error) {
	if in.Limit < 1 || in.Limit > 200 {
		in.Limit = letterRows
	}
	out := Letters{unread: in.Unread, first: in.After == ""}
	var err error
	if out.Items, err = message.List(r.Ctx, r.Tx, r.Grant, in.Unread, in.After, in.Limit+1); err != nil {
		return out, err
	}
	if len(out.Items) > in.Limit {
		out.Items = out.Items[:in.Limit]
		out.Next = out.Items[in.Limit-1].ID
	}
	out.Total, err = message.Unread(r.Ctx, r.Tx, r.Grant)
	return out, err
}

func (l Letters) next() string {
	if l.Next == "" {
		return ""
	}
	if l.unread {
		return "/messages?unread=1&after=" + l.Next
	}
	return "/messages?after=" + l.Next
}

// last is the newest message of the page: what marking all reaches up to.
func (l Letters) last() string {
	if len(l.Items) == 0 {
		return ""
	}
	return l.Items[0].ID
}

// One names a thing by its id.
type One struct {
	ID string `json:"id" doc:"编号"`
}

// Letter is one message.
type Letter struct{ message.Message }

// Place is where the message leads, once it was read.
func (l Letter) Place() string {
	if l.Href != "" {
		return l.Href
	}
	return "/messages"
}

func (d *Desk) letter(r *web.Request, in One) (Letter, error) {
	m, err := message.Find(r.Ctx, r.Tx, r.Grant, in.ID)
	return Letter{m}, err
}

func (d *Desk) readLetter(r *web.Request, in One) (Letter, error) {
	m, err := message.MarkRead(r.Ctx, r.Tx, r.Grant, in.ID, r.Now)
	return Letter{m}, err
}

// ReadAllForm marks everything up to a message as read.
type ReadAllForm struct {
	Last string `json:"last" doc:"最新一条的编号"`
}

// Marked is how many messages an act marked as read.
type Marked struct {
	Marked int64 `json:"marked"`
}

func (Marked) Place() string { return "/messages" }
func (Marked) Said() string  { return "已全部标为已读。" }

func (d *Desk) readLetters(r *web.Request, in ReadAllForm) (Marked, error) {
	n, err := message.MarkAll(r.Ctx, r.Tx, r.Grant, in.Last, r.Now)
	return Marked{n}, err
}
