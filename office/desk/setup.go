package desk

import (
	"context"
	"fmt"
	"strconv"
	"unicode/utf8"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law/region"
)

// Start is a new office's guided start. It is over when Setup is done.
type Start struct {
	Name    string `json:"name"`
	Region  string `json:"region"`
	Place   string `json:"region_name"`
	Number  string `json:"number"` // of the committee: area and serial
	Demo    bool   `json:"demo"`
	Setup   string `json:"setup,omitempty"`
	Version int64  `json:"version"`
	Steps   []Step `json:"steps"`
}

// ended is what tenants.setup holds when the guided start is over.
const ended = "done"

// Over reports whether there is nothing to guide through any more.
func (s Start) Over() bool { return s.Demo || s.Setup == ended }

// Revision is what an edit must name to be sure that it saw the latest.
func (s Start) Revision() int64 { return s.Version }

// done counts the steps that are.
func (s Start) done() (n int) {
	for _, step := range s.Steps {
		if step.Done {
			n++
		}
	}
	return n
}

func findStart(ctx context.Context, tx *sqldb.Tx, g auth.Grant) (Start, error) {
	s, err := sqldb.One(ctx, tx, func(row sqldb.Row) (s Start, err error) {
		return s, row(&s.Name, &s.Region, &s.Demo, &s.Setup, &s.Version)
	}, `SELECT name, region, demo, setup, version FROM tenants WHERE tenant_id = $1`, g.Tenant())
	s.Place, _ = region.Lookup(s.Region)
	s.Number = strconv.FormatInt(g.Tenant(), 10)
	return s, err
}

// addStart puts the steps of an unfinished start on the work table.
func (d *Desk) addStart(ctx context.Context, tx *sqldb.Tx, v Viewer, p *Page) error {
	g, _ := v.Grant(Setup)
	s, err := findStart(ctx, tx, g)
	if err != nil || s.Over() {
		return err
	}
	if s.Steps, err = d.Start(ctx, tx, v); err != nil {
		return fmt.Errorf("steps of the start: %w", err)
	}
	p.Start = &s
	return nil
}

func (d *Desk) setup(r *web.Request, _ struct{}) (Start, error) {
	s, err := findStart(r.Ctx, r.Tx, r.Grant)
	if err == nil {
		s.Steps, err = d.Start(r.Ctx, r.Tx, viewer(r))
	}
	return s, err
}

// Named is an office with the name it was given.
type Named struct {
	Name    string `json:"name"`
	Version int64  `json:"version"`
}

func (Named) Place() string { return "/setup" }
func (Named) Said() string  { return "单位名称已保存。" }

// NameForm corrects the office's name.
type NameForm struct {
	Name    string `json:"name" doc:"单位名称"`
	Version int64  `json:"version" doc:"版本"`
}

// Rename gives the office the name that stands on every page and paper, on
// the version that was read. The union at the top of the tree keeps its own.
func Rename(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in NameForm, at day.Instant) (Named, error) {
	if n := utf8.RuneCountInString(in.Name); n < 2 || n > 60 {
		return Named{}, &fault.Error{Kind: fault.Invalid, Text: "单位名称没有保存。", Fields: map[string]string{"name": "单位名称：请填 2 至 60 个字"}}
	}
	n, err := tx.Exec(ctx, `UPDATE tenants SET name = $1, version = version + 1 WHERE tenant_id = $2 AND version = $3`, in.Name, g.Tenant(), in.Version)
	if err != nil {
		return Named{}, err
	}
	if n == 0 {
		return Named{}, fault.New(fault.Conflict, "单位设置刚刚已由他人改过，请刷新后再改。")
	}
	return Named{in.Name, in.Version + 1}, audit.Write(ctx, tx, g, thing(g), map[string]string{"name": in.Name}, at, audit.Touched{Table: "tenants"})
}

// Finished is an office whose guided start is over.
type Finished struct {
	Setup string `json:"setup"`
}

func (Finished) Place() string { return "/" }
func (Finished) Said() string {
	return "设置已完成，工作台不再显示设置步骤。以后可从「系统」的「单位设置」再打开。"
}

// Finish ends the guided start for everybody. A second time is fault.Conflict.
func Finish(ctx context.Context, tx *sqldb.Tx, g auth.Grant, at day.Instant) (Finished, error) {
	n, err := tx.Exec(ctx, `UPDATE tenants SET setup = 'done', version = version + 1 WHERE tenant_id = $1 AND (setup IS NULL OR setup <> 'done')`, g.Tenant())
	if err != nil {
		return Finished{}, err
	}
	if n == 0 {
		return Finished{}, fault.New(fault.Conflict, "设置已经完成，请回到工作台。")
	}
	return Finished{ended}, audit.Write(ctx, tx, g, thing(g), map[string]string{"setup": ended}, at, audit.Touched{Table: "tenants"})
}

// thing is what the log calls the office itself.
func thing(g auth.Grant) string { return strconv.FormatInt(g.Tenant(), 10) }

// view is the step as a line of the work table.
func (s Step) view(no int) ui.Duty {
	d := ui.Duty{Kind: ui.Info, Tag: fmt.Sprintf("第 %d 步", no), Title: s.Title, Href: s.Href, Note: s.Note, Act: ui.Link{Text: s.Act, Href: s.Href}}
	if s.Done {
		d.Kind, d.Tag = ui.OK, "已做好"
	}
	if s.Act == "" { // another's to do
		d.Href, d.Act = "/setup", ui.Link{}
	}
	return d
}
