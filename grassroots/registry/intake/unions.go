package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/fault"
	"unionhall/kit/ident"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
	"unionhall/law/codes"
	"unionhall/law/region"
)

// unionLine is a judged row of a table of unions.
type unionLine struct {
	Row   int            `json:"r"`
	What  string         `json:"w"`
	Union registry.Union `json:"u"`
	Seen  int64          `json:"v,omitempty"`
}

// mostUnions is how many unions one table may bring: they are written in one
// transaction.
const mostUnions = 10_000

// unions judges every row of a table of unions. There are some hundred, so
// they wait in one chunk and are written in one transaction.
func (r *reading) unions(ctx context.Context) error {
	cols, by, err := r.required()
	if err != nil {
		return err
	}
	if err := r.prepare(ctx, by); err != nil {
		return err
	}
	j := newUnionJudge(r.judge, r.imp.UnderID)
	var lines []unionLine
	_, err = r.book.Rows(r.head, cols, func(row *sheet.Row) error {
		if r.imp.Rows >= mostUnions {
			return fault.New(fault.Invalid, "一次最多导入一万个工会，请分成几个文件。")
		}
		l, problems := j.row(row)
		r.imp.Rows++
		switch {
		case j.refused:
			r.imp.Refused++
		case l.What == fresh:
			r.imp.New++
			lines = append(lines, l)
		case l.What == changed:
			r.imp.Changed++
			lines = append(lines, l)
		default:
			r.imp.Same++
		}
		if !j.refused && len(problems) > 0 {
			r.imp.Warned++
		}
		if err := r.tell(ctx, problems); err != nil || r.imp.Rows%100 != 0 {
			return err
		}
		return r.turn.Step(ctx, r.imp.Rows, max(int64(r.head.Rows), r.imp.Rows), "正在核对")
	})
	if err != nil || len(lines) == 0 {
		return err
	}
	body, err := json.Marshal(lines)
	if err != nil {
		return err
	}
	r.imp.Chunks = 1
	return r.turn.DB.Do(ctx, func(tx *sqldb.Tx) error {
		return insertChunk(ctx, tx, r.g.Tenant(), r.imp.ID, 1, tx.Keys().SealBlob(r.g.Tenant(), "import_chunks", "body", body))
	})
}

// unionJudge judges rows of a table of unions, in their order: a row may
// stand under one above it.
type unionJudge struct {
	*judge
	under  string                       // the union that the import is for
	known  map[string][]*registry.Union // standing, by name and by code
	kinds  map[string]registry.Kind     // by id, those of this file too
	usccs  map[string]string            // to the id of who has it
	coming map[string]string            // names of this file to the ids they will have
	seen   map[string]int               // ids to the row of this file

	at       *sheet.Row // the row at hand
	name     string
	problems []Problem
	refused  bool
}

func newUnionJudge(j *judge, under string) *unionJudge {
	u := &unionJudge{judge: j, under: under, known: map[string][]*registry.Union{}, kinds: map[string]registry.Kind{}, usccs: map[string]string{}, coming: map[string]string{}, seen: map[string]int{}}
	for i := range j.all {
		k := &j.all[i]
		if k.State != registry.Standing {
			continue
		}
		u.kinds[k.ID] = k.Kind
		u.known[zh.Squeeze(k.Name)] = append(u.known[zh.Squeeze(k.Name)], k)
		u.known[k.Code] = append(u.known[k.Code], k)
		if k.USCC != "" {
			u.usccs[k.USCC] = k.ID
		}
	}
	return u
}

func (j *unionJudge) say(severity Severity, field, code, rule, text string, args ...any) {
	j.problems = append(j.problems, Problem{Row: int64(j.at.N), Name: clip(j.name, 50), Column: j.header(field), Severity: severity, Code: code, Message: fmt.Sprintf(text, args...), Rule: rule})
	j.refused = j.refused || severity == Refuse
}

// row judges one row; the problems are good until the next.
func (j *unionJudge) row(r *sheet.Row) (unionLine, []Problem) {
	j.at, j.name, j.problems, j.refused = r, zh.Squeeze(j.cell(r, "name").Text), j.problems[:0], false
	switch {
	case j.name == "":
		j.say(Refuse, "name", "name.missing", "IMP-04", "单位名称没有填写。请补上后重新导入这一行。")
	case len([]rune(j.name)) > longUnion || strings.ContainsAny(j.name, registry.NotInNames):
		j.say(Refuse, "name", "name.format", "IMP-04", "单位名称里有不该有的字符，或超过 %d 个字。", longUnion)
	}
	parent, within := j.parent()
	was := j.there(parent)
	if !within && (was == nil || was.ParentID != parent) {
		j.say(Refuse, "parent", "union.reach", "IMP-04", "“%s”不在您的管理范围内。", clip(j.text(r, "parent"), 40))
	}
	u := registry.Union{Name: j.name, Kind: kindOf(j.name, j.text(r, "kind"), j.text(r, "form")), ParentID: parent, State: registry.Standing, OwnAccount: true}
	if was != nil {
		u = *was
		j.differs(was, parent)
	} else if k := j.kinds[parent]; !j.refused && !slices.Contains(k.Takes(), u.Kind) {
		j.say(Refuse, "parent", "parent.kind", "ORG-05", "上级是%s，下面不能设%s。请核对上级工会。", k.Label(), u.Kind.Label())
	}
	if j.once(was, parent); j.refused {
		return unionLine{}, j.problems
	}
	j.particulars(&u)
	if was != nil {
		j.seen[u.ID] = r.N
		return unionLine{Row: r.N, What: map[bool]string{true: "same", false: changed}[u.Particulars() == was.Particulars()], Union: u, Seen: was.Version}, j.problems
	}
	u.ID = sqldb.NewID()
	j.coming[j.name], j.kinds[u.ID], j.seen[parent+" "+j.name] = u.ID, u.Kind, r.N
	if u.USCC != "" {
		j.usccs[u.USCC] = u.ID
	}
	return unionLine{Row: r.N, What: fresh, Union: u}, j.problems
}

// longUnion is how many characters a text of a union may have.
const longUnion = 100

// kindOf is the kind of union that a new row means: as it says, or by its name
// and form.
func kindOf(name, kind, form string) registry.Kind {
	if code, ok := codes.UnionKind.Parse(kind); ok {
		return registry.Kind(code)
	}
	switch code, _ := codes.BaseForm.Parse(form); {
	case strings.HasSuffix(name, "分工会"):
		return registry.Branch
	case strings.HasSuffix(name, "工会小组"):
		return registry.Group
	case code == "1":
		return registry.Joint
	}
	return registry.Base
}

// parent finds the union that a row stands under: above it in the file, or in
// the registry; within reports whether the importer reaches it.
func (j *unionJudge) parent() (id string, within bool) {
	written := zh.Squeeze(j.cell(j.at, "parent").Text)
	if written == "" {
		return j.under, true
	}
	if id, ok := j.coming[written]; ok {
		return id, true
	}
	a := j.resolve.find(written)
	if a.code == "union.unknown" {
		j.say(Refuse, "parent", a.code, "IMP-04", "没有叫“%s”的工会，请先登记它，或把它排在本表前面。%s", clip(written, 40), a.hint())
	}
	return a.union.ID, a.code != "union.reach"
}

// there finds the union that a row is about, if it is registered: by its
// code, else by its name, where several bear it under the same parent.
func (j *unionJudge) there(parent string) *registry.Union {
	fits := j.known[j.text(j.at, "code")]
	if len(fits) == 0 {
		fits = j.known[j.name]
	}
	if len(fits) > 1 {
		fits = slices.DeleteFunc(slices.Clone(fits), func(u *registry.Union) bool { return u.ParentID != parent })
	}
	if len(fits) == 0 || j.name == "" {
		return nil
	}
	if !j.resolve.within[fits[0].ID] {
		j.say(Refuse, "name", "union.reach", "IMP-04", "“%s”已登记，不在您的管理范围内，请由上级工会导入。", clip(j.name, 40))
	}
	return fits[0]
}

// differs tells what an import does not change of a union that is there: its
// name and its place, which take a document.
//
// law: ORG-05, ORG-06
func (j *unionJudge) differs(was *registry.Union, parent string) {
	if was.Name != j.name {
		j.say(Warn, "name", "name.differs", "ORG-05", "这个编码登记的名称是“%s”，导入不改名。需要更名请在该工会的页面上办理，并写明文号。", was.Name)
	}
	if parent != "" && j.text(j.at, "parent") != "" && was.ParentID != parent && was.ID != parent {
		j.say(Warn, "parent", "parent.differs", "ORG-06", "登记的上级与表中不同，导入不改变隶属关系。需要划转请在该工会的页面上办理，并写明文号。")
	}
}

// once refuses a union that the file has twice.
func (j *unionJudge) once(was *registry.Union, parent string) {
	key := parent + " " + j.name
	if was != nil {
		key = was.ID
	}
	if first := j.seen[key]; first > 0 {
		j.say(Refuse, "name", "duplicate.file", "IMP-04", "与本表第 %d 行是同一个工会。请只保留一行。", first)
	}
}

// particulars reads the rest of a row; what it leaves empty stays.
func (j *unionJudge) particulars(u *registry.Union) {
	for _, c := range []struct {
		field string
		into  *string
	}{
		{"short_name", &u.ShortName}, {"address", &u.Address}, {"region", &u.Region},
		{"economy", &u.Economy}, {"leader", &u.Leader}, {"phone", &u.Phone},
	} {
		t := cut(j.text(j.at, c.field), longUnion)
		if place, ok := region.Lookup(*c.into); c.field == "region" && ok && place == t {
			continue // our own list shows the name of the code
		}
		if t != "" {
			*c.into = t
		}
	}
	for _, c := range []struct {
		field string
		table codes.Table
		into  *string
	}{{"nature", codes.UnitNature, &u.Nature}, {"industry", codes.Industry, &u.Industry}} {
		if t := j.text(j.at, c.field); t != "" {
			if code, ok := c.table.Parse(t); ok {
				*c.into = code
			} else {
				j.say(Warn, c.field, c.field+".unknown", "IMP-02", "“%s”不在代码表里，这一项没有登记。", clip(t, 20))
			}
		}
	}
	j.numbers(u)
}

// numbers reads what has a form of its own.
//
// law: ID-01, IMP-03
func (j *unionJudge) numbers(u *registry.Union) {
	if t := j.text(j.at, "uscc"); t != "" {
		c, flaw := ident.ReadUSCC(t)
		switch owner := j.usccs[string(c)]; {
		case flaw != "":
			j.say(Warn, "uscc", "uscc.checksum", "ID-01", "%s这一项没有登记。", flaw.Text("社会信用代码"))
		case owner != "" && owner != u.ID:
			j.say(Warn, "uscc", "uscc.taken", "ID-01", "这个社会信用代码已登记在另一家工会名下，这一项没有登记。")
		default:
			u.USCC = string(c)
		}
	}
	if t := j.text(j.at, "org_code"); t != "" {
		if c, flaw := ident.ReadOrgCode(t); flaw == "" {
			u.OrgCode = c
		} else {
			j.say(Warn, "org_code", "org_code.checksum", "ID-01", "组织机构代码校验不对，这一项没有登记。")
		}
	}
	if t := j.text(j.at, "staff"); t != "" {
		if n, err := strconv.ParseInt(strings.TrimSuffix(t, "人"), 10, 64); err == nil && n >= 0 && n < 1e7 {
			u.Staff = n
		} else {
			j.say(Warn, "staff", "staff.unreadable", "IMP-02", "“%s”不是人数，这一项没有登记。", clip(t, 20))
		}
	}
	if t := j.cell(j.at, "founded").Text; strings.TrimSpace(t) != "" {
		if d, _, ok := j.date(t); ok && d <= j.today {
			u.Founded = d
		} else {
			j.say(Warn, "founded", "founded.unreadable", "IMP-03", "“%s”不是能读懂的建会日期，这一项没有登记。", clip(t, 20))
		}
	}
}
