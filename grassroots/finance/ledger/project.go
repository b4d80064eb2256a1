package ledger

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/sqldb"
	"unionhall/law/books"
)

// Basic spending (基本支出) stands where a project would: for staff, and for the
// office. Whatever else an expenditure names is a project of the union.
//
// law: F3.4
const (
	Staff  = "staff"  // 基本支出—人员经费
	Office = "office" // 基本支出—公用经费
)

// Project is what money is earmarked for (项目).
type Project struct {
	ID      string  `json:"id"`
	UnionID string  `json:"union_id"`
	Code    string  `json:"code"`
	Name    string  `json:"name"`
	Purpose string  `json:"purpose,omitempty"`
	From    day.Day `json:"from"`
	Ended   day.Day `json:"ended,omitempty"`
	Version int64   `json:"version"`
}

func scanProject(row sqldb.Row) (p Project, err error) {
	err = row(&p.ID, &p.UnionID, &p.Code, &p.Name, &p.Purpose, &p.From, &p.Ended, &p.Version)
	return p, err
}

const selectProjects = `
	SELECT p.id, p.union_id, p.code, p.name, p.purpose, p.from_day, p.ended, p.version
	FROM projects p
	WHERE p.tenant_id = $1 AND EXISTS (
		SELECT 1 FROM union_reach r WHERE r.tenant_id = p.tenant_id AND r.above_id = $2 AND r.union_id = p.union_id)`

// Projects lists a union's projects, ended ones too, by code.
func Projects(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string) ([]Project, error) {
	return sqldb.List(ctx, tx, scanProject, selectProjects+` AND p.union_id = $3 ORDER BY p.code`, g.Tenant(), g.Under(), union)
}

// Plans asks for a project.
type Plans struct {
	Union   string  `json:"union" doc:"工会"`
	Code    string  `json:"code" doc:"项目编号"`
	Name    string  `json:"name" doc:"项目名称"`
	Purpose string  `json:"purpose" doc:"用途"`
	From    day.Day `json:"from" doc:"开始日期"`
}

// AddProject registers a project of a union. A code that it uses already is
// fault.Conflict.
//
// law: F3.4
func AddProject(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Plans, at day.Instant) (Project, error) {
	u, err := Union(ctx, tx, g, in.Union)
	if err != nil {
		return Project{}, err
	}
	p := Project{ID: sqldb.NewID(), UnionID: u.ID, Code: strings.TrimSpace(in.Code), Name: strings.TrimSpace(in.Name), Purpose: strings.TrimSpace(in.Purpose), From: in.From, Version: 1}
	fields := map[string]string{}
	if n := len([]rune(p.Code)); n == 0 || n > 20 || p.Code == Staff || p.Code == Office || p.Code == none {
		fields["code"] = "项目编号：请用 1 到 20 个字符，例如 2026-01"
	}
	if n := len([]rune(p.Name)); n == 0 || n > 60 {
		fields["name"] = "项目名称：请用 1 到 60 个字"
	}
	if len([]rune(p.Purpose)) > 200 {
		fields["purpose"] = "用途：最多 200 个字"
	}
	if len(fields) > 0 {
		return p, &fault.Error{Kind: fault.Invalid, Rule: "F3.4", Text: "请按提示改正后再提交。", Fields: fields}
	}
	if p.From == "" {
		p.From = at.Day()
	}
	_, err = tx.Exec(ctx, `INSERT INTO projects (tenant_id, id, union_id, code, name, purpose, from_day, version) VALUES ($1, $2, $3, $4, $5, $6, $7, 1)`,
		g.Tenant(), p.ID, p.UnionID, p.Code, p.Name, p.Purpose, string(p.From))
	if fault.Of(err).Kind == fault.Conflict {
		return p, errors.Join(&fault.Error{Kind: fault.Conflict, Rule: "F3.4", Text: "这个项目编号已经用过，请换一个。", Fields: map[string]string{"code": "项目编号：已经用过"}}, err)
	}
	if err != nil {
		return p, err
	}
	return p, audit.Write(ctx, tx, g, p.ID, deed{Did: "planned", Union: u.Name, Words: p.Code + " " + p.Name}, at, audit.Touched{Table: "projects", ID: p.ID})
}

// knownProjects refuses lines whose project is none of the union's. A line may
// name a project by its code; it is stored by its id.
func knownProjects(ctx context.Context, tx *sqldb.Tx, tenant int64, union string, lines []books.Line) error {
	asked := false
	for _, l := range lines {
		asked = asked || l.Project != "" && l.Project != Staff && l.Project != Office
	}
	if !asked {
		return nil
	}
	ids := map[string]string{}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (v [2]string, err error) { return v, row(&v[0], &v[1]) },
		func(v [2]string) error { ids[v[0]], ids[v[1]] = v[0], v[0]; return nil },
		`SELECT id, code FROM projects WHERE tenant_id = $1 AND union_id = $2`, tenant, union)
	if err != nil {
		return err
	}
	fields := map[string]string{}
	for i, l := range lines {
		if l.Project == "" || l.Project == Staff || l.Project == Office {
			continue
		}
		id, ok := ids[l.Project]
		if !ok {
			fields[fmt.Sprintf("lines.%d.project", i)] = fmt.Sprintf("第 %d 行项目：没有“%s”这个项目，请先登记", i+1, l.Project)
		}
		lines[i].Project = id
	}
	if len(fields) > 0 {
		return &fault.Error{Kind: fault.Invalid, Rule: "F3.4", Text: "有的项目没有登记，请按提示改正。", Fields: fields}
	}
	return nil
}
