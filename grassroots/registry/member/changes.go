package member

import (
	"io"

	"unionhall/grassroots/registry"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/web"
)

// ChangeQuery names a member and the step to be taken.
type ChangeQuery struct {
	ID   string `json:"id" doc:"编号"`
	Step Step   `json:"step" doc:"事项"`
}

// ChangePage is the form of one step, or the choice among those that are open.
type ChangePage struct {
	Card
	Steps  []Step          `json:"steps"`
	Seats  []registry.Seat `json:"seats"` // that the member holds now
	Unions []registry.Ref  `json:"unions,omitempty"`
	step   Step
	move   move
	today  day.Day
}

func changing(r *web.Request, in ChangeQuery) (ChangePage, error) {
	m, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return ChangePage{}, err
	}
	p := ChangePage{Card: cardOf(m), Steps: steps(m.Status), step: in.Step, today: r.Today}
	if in.Step != "" {
		if p.move, err = moveOf(m, in.Step); err != nil {
			p.step = "" // no longer open: the choice says what is
		}
	}
	all, err := registry.SeatsOf(r.Ctx, r.Tx, r.Grant, m.ID)
	if err != nil {
		return p, err
	}
	for _, s := range all {
		if s.To == "" {
			p.Seats = append(p.Seats, s)
		}
	}
	if p.step == Transfer {
		p.Unions, err = joinable(r)
	}
	return p, err
}

// ChangeForm takes a step.
type ChangeForm struct {
	Paper
	ID      string `json:"id" doc:"编号"`
	Step    Step   `json:"step" doc:"事项"`
	Version int64  `json:"version" doc:"版本"`
}

func alter(r *web.Request, in ChangeForm) (Card, error) {
	m, err := Alter(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Step, in.Paper, r.Now)
	c := cardOf(m)
	c.said = "已为" + m.Person.Name + "办理" + in.Step.Label() + "。"
	return c, err
}

// ManyQuery names ticked rows and the step for all of them.
type ManyQuery struct {
	IDs  []string `json:"id" doc:"编号"`
	Step Step     `json:"step" doc:"事项"`
}

// ManyPage says what will happen to the ticked members.
type ManyPage struct {
	Ready  []Card         `json:"ready"`
	Not    []Card         `json:"not"` // for whom the step is not open
	Unions []registry.Ref `json:"unions,omitempty"`
	step   Step
	move   move
	today  day.Day
}

// together are the steps that may be taken for many at once.
var together = []Step{Retain, Resume, Transfer}

func many(r *web.Request, in ManyQuery) (ManyPage, error) {
	p := ManyPage{Ready: []Card{}, Not: []Card{}, step: in.Step, today: r.Today}
	if p.step == "" {
		p.step = Retain
	}
	if len(in.IDs) > mostAtOnce {
		return p, fault.New(fault.Invalid, "一次最多办理 %d 人，请少选一些。", mostAtOnce)
	}
	for _, id := range in.IDs {
		m, err := Find(r.Ctx, r.Tx, r.Grant, id)
		if err != nil {
			return p, err
		}
		if w, err := moveOf(m, p.step); err == nil {
			p.move = w
			p.Ready = append(p.Ready, cardOf(m))
		} else {
			p.Not = append(p.Not, cardOf(m))
		}
	}
	var err error
	if p.step == Transfer {
		p.Unions, err = joinable(r)
	}
	return p, err
}

// ManyForm takes a step for many.
type ManyForm struct {
	Paper
	IDs  []string `json:"id" doc:"编号"`
	Step Step     `json:"step" doc:"事项"`
}

// Many is what an act on many did.
type Many struct {
	Count int `json:"count"`
	said  string
}

// Place is the list.
func (Many) Place() string  { return listPlace }
func (m Many) Said() string { return m.said }

func alterMany(r *web.Request, in ManyForm) (Many, error) {
	n, err := AlterMany(r.Ctx, r.Tx, r.Grant, in.IDs, in.Step, in.Paper, r.Now)
	return Many{n, "已为 " + itoa(n) + " 人办理" + in.Step.Label() + "。"}, err
}

// AttachForm brings a file.
type AttachForm struct {
	ID   string     `json:"id" doc:"编号"`
	File web.Upload `json:"file" doc:"文件"`
}

func attach(r *web.Request, in AttachForm) (Card, error) {
	m, err := Attach(r.Ctx, r.Tx, r.Grant, in.ID, in.File.Name, in.File.Blob, r.Now)
	return filed(m, "已添加附件“"+CutName(in.File.Name)+"”。"), err
}

// filed is the answer to an act on a file; people come back to the files.
func filed(m Member, said string) Card {
	c := cardOf(m)
	c.said, c.tab = said, "files"
	return c
}

// Place is the page that shows what the act changed.
func (c Card) Place() string {
	if c.tab != "" {
		return c.Row.Place() + "?tab=" + c.tab
	}
	return c.Row.Place()
}

// OneFile names a file on a member.
type OneFile struct {
	ID   string `json:"id" doc:"编号"`
	File string `json:"file" doc:"附件"`
}

func detach(r *web.Request, in OneFile) (Card, error) {
	m, err := Detach(r.Ctx, r.Tx, r.Grant, in.ID, in.File, r.Now)
	return filed(m, "附件已删除。"), err
}

func download(r *web.Request, in OneFile) (web.File, error) {
	f, err := FindFile(r.Ctx, r.Tx, r.Grant, in.ID, in.File)
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: f.Name, Type: f.Type, Write: func(dst io.Writer) error { return copyBlob(r.Site.Files, f.Hash, dst) }}, nil
}

func copyBlob(store files.Store, hash string, dst io.Writer) error {
	b, err := store.Open(hash)
	if err != nil {
		return err
	}
	defer b.Close()
	_, err = io.Copy(dst, b)
	return err
}
