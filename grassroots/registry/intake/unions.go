package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/ident"
	"unionhall/kit/job"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/kit/zh"
	"unionhall/law/codes"
)

// unionLine is a judged row of a table of unions.
type unionLine struct {
	Row   int            `json:"r"`
	What  string         `json:"w"`
	Union registry.Union `json:"u"`
	Seen  int64          `json:"v,omitempty"`
}

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
	known := map[string]registry.Union{}
	err = r.turn.DB.View(ctx, func(tx *sqldb.Tx) error {
		all, err := registry.Known(ctx, tx, r.g)
		for _, u := range all {
			if u.State == registry.Standing {
				known[zh.Squeeze(u.Name)] = u
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	j := &unionJudge{judge: r.judge, known: known, under: r.imp.UnderID, coming: map[string]string{}, first: map[string]int{}}
	var lines []unionLine
	_, err = r.book.Rows(r.head, cols, func(row *sheet.Row) error {
		if len(lines) >= 10_000 {
			return fault.New(fault.Invalid, "一次最多导入一万个工会，请分成几个文件。")
		}
		l, problems, refused := j.row(row)
		r.imp.Rows++
		switch {
		case refused:
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
		if !refused && len(problems) > 0 {
			r.imp.Warned++
		}
		return r.tell(ctx, problems)
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
	known  map[string]registry.Union
	under  string
	coming map[string]string // names of this file to the ids they will have
	first  map[string]int
}

func (j *unionJudge) row(r *sheet.Row) (l unionLine, ps []Problem, refused bool) {
	name := zh.Squeeze(j.cell(r, "name").Text)
	say := func(sev Severity, field, code, rule, text string) {
		ps = append(ps, Problem{Row: int64(r.N), Name: clip(name, 50), Column: j.head(field), Severity: sev, Code: code, Message: text, Rule: rule})
		refused = refused || sev == Refuse
	}
	u := registry.Union{Name: name, State: registry.Standing, Kind: registry.Base, OwnAccount: true}
	switch {
	case name == "":
		say(Refuse, "name", "name.missing", "IMP-04", "单位名称没有填写。")
	case len([]rune(name)) > longest || strings.ContainsAny(name, "=<>@\t"):
		say(Refuse, "name", "name.format", "IMP-04", "单位名称里有不该有的字符，或超过 200 个字。")
	case j.first[name] != 0:
		say(Refuse, "name", "duplicate.file", "IMP-04", fmt.Sprintf("与本表第 %d 行是同一个工会。请只保留一行。", j.first[name]))
	}
	j.first[name] = r.N
	was, is := j.known[name]
	if is {
		u = was
	}
	j.parent(r, &u, is, say)
	j.particulars(r, &u, is, say)
	if refused {
		return l, ps, true
	}
	l = unionLine{Row: r.N, What: fresh, Union: u, Seen: was.Version}
	if is {
		l.What = map[bool]string{true: "same", false: changed}[u == was]
		return l, ps, false
	}
	l.Union.ID = sqldb.NewID()
	j.coming[name] = l.Union.ID
	return l, ps, false
}

func (j *unionJudge) head(field string) string {
	if c, ok := j.columns[field]; ok && j.headers[c] != "" {
		return j.headers[c]
	}
	return label(Unions, field)
}

type teller func(sev Severity, field, code, rule, text string)

// parent finds the union that a row stands under: in the registry, or above
// it in the file. An import never moves a union that is there: that takes a
// document.
func (j *unionJudge) parent(r *sheet.Row, u *registry.Union, is bool, say teller) {
	written := zh.Squeeze(j.cell(r, "parent").Text)
	id := j.under
	if written != "" {
		if coming, ok := j.coming[written]; ok {
			id = coming
		} else if a := j.resolve.find(written); a.code == "" {
			id = a.union.ID
		} else if a.code == "union.reach" {
			say(Refuse, "parent", a.code, "IMP-04", "“"+clip(written, 40)+"”不在您的管理范围内。")
			return
		} else {
			text := "没有叫“" + clip(written, 40) + "”的工会。请先登记它，或把它排在本表前面。"
			if len(a.like) > 0 {
				text += "您是否指：" + strings.Join(a.like, "、") + "？"
			}
			say(Refuse, "parent", "union.unknown", "IMP-04", text)
			return
		}
	}
	if is && written != "" && u.ParentID != id && u.ID != id {
		say(Warn, "parent", "parent.differs", "ORG-06", "登记的上级与表中不同，导入不改变隶属关系。需要划转请在该工会的页面上办理，并写明文号。")
		return
	}
	if !is {
		u.ParentID = id
	}
}

// particulars reads the rest of a row; what it leaves empty stays.
func (j *unionJudge) particulars(r *sheet.Row, u *registry.Union, is bool, say teller) {
	for _, c := range []struct {
		field string
		into  *string
	}{
		{"short_name", &u.ShortName}, {"org_code", &u.OrgCode}, {"address", &u.Address}, {"region", &u.Region},
		{"economy", &u.Economy}, {"leader", &u.Leader}, {"phone", &u.Phone},
	} {
		if t := cut(j.text(r, c.field), longest); t != "" {
			*c.into = t
		}
	}
	for _, c := range []struct {
		field string
		table codes.Table
		into  *string
	}{{"nature", codes.UnitNature, &u.Nature}, {"industry", codes.Industry, &u.Industry}} {
		if t := j.text(r, c.field); t != "" {
			if code, ok := c.table.Parse(t); ok {
				*c.into = code
			} else {
				say(Warn, c.field, c.field+".unknown", "IMP-02", "“"+clip(t, 20)+"”不在代码表里，这一项先空着。")
			}
		}
	}
	if code, ok := codes.BaseForm.Parse(j.text(r, "form")); ok && !is {
		u.Kind = map[string]registry.Kind{"0": registry.Base, "1": registry.Joint}[code]
	}
	if t := j.text(r, "uscc"); t != "" {
		if c, flaw := ident.ReadUSCC(t); flaw == "" {
			u.USCC = string(c)
		} else {
			say(Warn, "uscc", "uscc.checksum", "ID-01", flaw.Text("社会信用代码")+"这一项先空着。")
		}
	}
	if t := j.text(r, "staff"); t != "" {
		var n int64
		if _, err := fmt.Sscanf(t, "%d", &n); err == nil && n >= 0 && n < 1e7 {
			u.Staff = n
		} else {
			say(Warn, "staff", "staff.unreadable", "IMP-02", "“"+clip(t, 20)+"”不是人数，这一项先空着。")
		}
	}
	if t := j.cell(r, "founded").Text; strings.TrimSpace(t) != "" {
		if d, _, ok := j.date(t); ok && d <= j.today {
			u.Founded = d
		} else {
			say(Warn, "founded", "founded.unreadable", "IMP-03", "“"+clip(t, 20)+"”不是能读懂的建会日期，这一项先空着。")
		}
	}
}

// unionTrace is what undo needs of the unions an import wrote.
type unionTrace struct {
	ID      string          `json:"id"`
	Version int64           `json:"v"`
	Before  *registry.Union `json:"b,omitempty"`
}

// applyUnions writes the judged unions, all or none.
func (rm *Room) applyUnions(ctx context.Context, t *job.Turn, g auth.Grant, imp Import) error {
	at := t.Now()
	return t.DB.Do(ctx, func(tx *sqldb.Tx) error {
		var lines []unionLine
		if imp.Chunks > 0 {
			c, err := readChunk(ctx, tx, g.Tenant(), imp.ID, 1)
			if err != nil {
				return err
			}
			body, err := tx.Keys().OpenBlob(g.Tenant(), "import_chunks", "body", c.body)
			if err != nil {
				return err
			}
			if err := json.Unmarshal(body, &lines); err != nil {
				return err
			}
		}
		traces, moves := []unionTrace{}, audit.Moves{}
		for _, l := range lines {
			tr, err := writeUnion(ctx, tx, g, moves, imp, l, at.Day())
			if err != nil {
				return fmt.Errorf("row %d: %w", l.Row, err)
			}
			traces = append(traces, tr)
		}
		undo, err := json.Marshal(traces)
		if err != nil {
			return err
		}
		if _, err = tx.Exec(ctx, `UPDATE import_chunks SET undo = $1 WHERE tenant_id = $2 AND import_id = $3 AND no = 1`,
			tx.Keys().SealBlob(g.Tenant(), "import_chunks", "undo", undo), g.Tenant(), imp.ID); err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE imports SET state = 'confirmed', applied = chunks, confirmed = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND state = 'applying'`, string(at), g.Tenant(), imp.ID)
		if err != nil || n == 0 {
			return err
		}
		return moves.Write(ctx, tx, g, imp.ID, map[string]any{"did": "confirmed", "new": imp.New, "changed": imp.Changed}, at)
	})
}

func writeUnion(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, imp Import, l unionLine, today day.Day) (unionTrace, error) {
	u := l.Union
	if l.What == fresh {
		code, err := registry.NextCode(ctx, tx, g.Tenant())
		if err != nil {
			return unionTrace{}, err
		}
		u.Code, u.ImportID = code, imp.ID
		from := u.Founded
		if from == "" {
			from = today
		}
		return unionTrace{ID: u.ID, Version: 1}, registry.Insert(ctx, tx, g, m, u, "imported", from, "", "导入“"+imp.FileName+"”")
	}
	was, err := registry.Find(ctx, tx, g, u.ID)
	if err != nil {
		return unionTrace{}, err
	}
	if was.Version != l.Seen {
		return unionTrace{}, fault.New(fault.Invalid, "“%s”在核对之后已由他人改过。请重新上传文件核对。", u.Name)
	}
	if err := registry.Save(ctx, tx, g, m, was, u); err != nil {
		return unionTrace{}, err
	}
	return unionTrace{ID: u.ID, Version: was.Version + 1, Before: &was}, nil
}

// undoUnions takes the unions of an import back, in one transaction; those on
// which something hangs by now stay and are told.
func (rm *Room) undoUnions(ctx context.Context, t *job.Turn, g auth.Grant, imp Import) error {
	at := t.Now()
	return t.DB.Do(ctx, func(tx *sqldb.Tx) error {
		var traces []unionTrace
		if imp.Applied > 0 {
			c, err := readChunk(ctx, tx, g.Tenant(), imp.ID, 1)
			if err != nil {
				return err
			}
			body, err := tx.Keys().OpenBlob(g.Tenant(), "import_chunks", "undo", c.undo)
			if err != nil {
				return err
			}
			if err := json.Unmarshal(body, &traces); err != nil {
				return err
			}
		}
		m := audit.Moves{}
		for i := len(traces) - 1; i >= 0; i-- {
			why, err := undoUnion(ctx, tx, g, m, traces[i])
			if err != nil {
				return err
			}
			if why != "" {
				if err := insertProblems(ctx, tx, g.Tenant(), imp.ID, keptSeq+i, []Problem{{Severity: Warn, Code: "undo.kept", Rule: "IMP-04", Message: why}}); err != nil {
					return err
				}
			}
		}
		if err := m.Write(ctx, tx, g, imp.ID, map[string]any{"did": "undone"}, at); err != nil {
			return err
		}
		return undone(ctx, tx, g, imp, at)
	})
}

func undoUnion(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m audit.Moves, tr unionTrace) (kept string, err error) {
	now, err := registry.Find(ctx, tx, g, tr.ID)
	if err != nil {
		return "", err
	}
	if now.Version != tr.Version {
		return "撤销时保留了“" + now.Name + "”：写入之后又改过。如需改动请在该工会的页面上办理。", nil
	}
	if tr.Before != nil {
		return "", registry.Save(ctx, tx, g, m, now, *tr.Before)
	}
	empty, err := registry.Withdraw(ctx, tx, g, m, now)
	if err == nil && !empty {
		kept = "撤销时保留了“" + now.Name + "”：已有会员、下级工会或班子。"
	}
	return kept, err
}
