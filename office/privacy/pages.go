package privacy

import (
	"io"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sheet"
	"unionhall/kit/web"
)

// Routes are the addresses of this room. None of them deletes a record.
func (m *Room) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + place, Needs: Keep, Doc: "个人信息保护", Do: web.Page(hub, hubView)},
		{Pattern: "GET " + place + "/fields", Needs: Keep, Doc: "谁看得到哪些信息", Do: web.Page(m.fields, fieldsView)},
		{Pattern: "GET " + recordPlace, Needs: Keep, Doc: "一本台账", Do: web.Page(list, listView)},
		{Pattern: "GET " + recordPlace + ".csv", Needs: Keep, Doc: "导出台账，文本表格", Do: web.Download(csv)},
		{Pattern: "GET " + recordPlace + ".xlsx", Needs: Keep, Doc: "导出台账，电子表格", Do: web.Download(xlsx)},
		{Pattern: "GET " + recordPlace + "/new", Needs: Keep, Doc: "登记台账的表", Do: web.Page(entering, enterView)},
		{Pattern: "POST " + recordPlace, Needs: Keep, Doc: "登记一条台账", Do: web.Again(web.Act(enter), entering, enterView)},
		{Pattern: "GET " + recordPlace + "/{record}", Needs: Keep, Doc: "一条台账", Do: web.Page(m.one, oneView)},
		{Pattern: "GET " + recordPlace + "/{record}/edit", Needs: Keep, Doc: "补充台账的表", Do: web.Page(editing, editView)},
		{Pattern: "POST " + recordPlace + "/{record}/edit", Needs: Keep, Doc: "补充或更正一条台账", Do: web.Again(web.Act(edit), editing, editView)},
	}
}

// HubPage leads to the registers.
type HubPage struct {
	Counts map[string]int64 `json:"records"`
}

func hub(r *web.Request, _ struct{}) (HubPage, error) {
	n, err := Count(r.Ctx, r.Tx, r.Grant)
	return HubPage{n}, err
}

// Seen is one field with who sees it.
type Seen struct {
	Label string            `json:"label"`
	By    map[string]string `json:"by"` // office to how
}

// FieldsPage is who sees which field, as the rights of the offices say.
//
// law: R1.74
type FieldsPage struct {
	Items   []Seen `json:"items"`
	offices []auth.Office
}

func (m *Room) fields(*web.Request, struct{}) (FieldsPage, error) {
	p := FieldsPage{Items: []Seen{}, offices: auth.Offices}
	may := func(o auth.Office, act auth.Action) bool {
		for _, x := range m.Roles[o] {
			if x == act {
				return true
			}
		}
		return false
	}
	for _, s := range m.Sights {
		seen := Seen{s.Label, map[string]string{}}
		for _, o := range p.offices {
			switch {
			case o == auth.Member:
				seen.By[string(o)] = "本人可见"
			case !may(o, s.Look):
				seen.By[string(o)] = "看不到"
			case s.Clear == "":
				seen.By[string(o)] = "可见"
			case may(o, s.Clear):
				seen.By[string(o)] = "遮盖，写明用途可看"
			default:
				seen.By[string(o)] = "遮盖"
			}
		}
		p.Items = append(p.Items, seen)
	}
	return p, nil
}

// Query chooses a register.
type Query struct {
	Kind  string `json:"kind" doc:"台账"`
	After string `json:"after" doc:"上一页末行"`
}

// register is the one that was chosen; the first where none was.
func (q Query) register() (Register, error) {
	if q.Kind == "" {
		return Registers[0], nil
	}
	reg, ok := RegisterOf(q.Kind)
	if !ok {
		return reg, fault.New(fault.NotFound, "没有这本台账。")
	}
	return reg, nil
}

// ListPage is one page of a register.
type ListPage struct {
	Items []Record `json:"items"`
	Next  string   `json:"next,omitempty"`
	reg   Register
	today day.Day
}

const pageRows = 50

func list(r *web.Request, in Query) (ListPage, error) {
	reg, err := in.register()
	if err != nil {
		return ListPage{}, err
	}
	p := ListPage{reg: reg, today: r.Today}
	p.Items, err = List(r.Ctx, r.Tx, r.Grant, reg.Key, in.After, pageRows+1)
	if len(p.Items) > pageRows {
		p.Items = p.Items[:pageRows]
		p.Next = p.Items[pageRows-1].ID
	}
	return p, err
}

// EnterPage is the form of a new record.
type EnterPage struct {
	Register string  `json:"register"`
	Fields   []Field `json:"fields"`
	reg      Register
	today    day.Day
}

func entering(r *web.Request, in Query) (EnterPage, error) {
	reg, err := in.register()
	return EnterPage{reg.Key, reg.Fields, reg, r.Today}, err
}

// Saved is a record that was just written.
type Saved struct {
	Record
	said  string
	fresh bool
}

func (s Saved) Said() string  { return s.said }
func (s Saved) Created() bool { return s.fresh }

func enter(r *web.Request, in Entry) (Saved, error) {
	rec, err := Add(r.Ctx, r.Tx, r.Grant, in, r.Now)
	return Saved{rec, "已登记，保存到 " + string(rec.Until) + " 以后。", true}, err
}

// ByID names a record.
type ByID struct {
	Record string `json:"record" doc:"编号"`
}

// OnePage is one record.
type OnePage struct {
	Record
	reg Register
	who string
}

func (m *Room) one(r *web.Request, in ByID) (OnePage, error) {
	rec, err := Find(r.Ctx, r.Tx, r.Grant, in.Record)
	if err != nil {
		return OnePage{}, err
	}
	names, err := m.Names(r.Ctx, r.Tx, r.Grant.Tenant(), []string{rec.Account})
	reg, _ := RegisterOf(rec.Kind)
	return OnePage{rec, reg, names[rec.Account]}, err
}

func editing(r *web.Request, in ByID) (OnePage, error) {
	rec, err := Find(r.Ctx, r.Tx, r.Grant, in.Record)
	reg, _ := RegisterOf(rec.Kind)
	return OnePage{Record: rec, reg: reg}, err
}

// EditForm is an entry over a record.
type EditForm struct {
	Entry
	Record  string `json:"record" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
}

func edit(r *web.Request, in EditForm) (Saved, error) {
	rec, err := Amend(r.Ctx, r.Tx, r.Grant, in.Record, in.Version, in.Entry, r.Now)
	return Saved{rec, "已保存；以前的内容留在操作日志里。", false}, err
}

func (r Register) columns() []sheet.Column {
	out := []sheet.Column{{Name: "编号", Width: 8}, {Name: "名称", Width: 30}, {Name: "日期", Kind: sheet.Date, Width: 12}}
	for _, f := range r.Fields {
		out = append(out, sheet.Column{Name: f.Label, Width: 24})
	}
	return append(out, sheet.Column{Name: "保存到", Kind: sheet.Date, Width: 12})
}

// step is how many records an export reads at once.
const step = 500

func export(r *web.Request, reg Register, w *sheet.Writer, err error) error {
	for before := ""; err == nil; {
		var all []Record
		if all, err = List(r.Ctx, r.Tx, r.Grant, reg.Key, before, step); err != nil {
			return err
		}
		for _, rec := range all {
			line := []string{number(rec.No), rec.Title, string(rec.Day)}
			for _, f := range reg.Fields {
				line = append(line, rec.Fields[f.Name])
			}
			if err := w.Row(append(line, string(rec.Until))...); err != nil {
				return err
			}
		}
		if len(all) < step {
			return w.Close()
		}
		before = all[len(all)-1].ID
	}
	return err
}

func csv(r *web.Request, in Query) (web.File, error) {
	reg, err := in.register()
	return web.File{Name: reg.Title + "台账.csv", Type: "text/csv; charset=utf-8", Write: func(dst io.Writer) error {
		w, err := sheet.NewCSV(dst, reg.columns())
		return export(r, reg, w, err)
	}}, err
}

func xlsx(r *web.Request, in Query) (web.File, error) {
	reg, err := in.register()
	return web.File{Name: reg.Title + "台账.xlsx", Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Write: func(dst io.Writer) error {
		w, err := sheet.NewXLSX(dst, reg.Title+"台账", reg.columns())
		return export(r, reg, w, err)
	}}, err
}
