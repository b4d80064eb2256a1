package hall

import (
	"context"
	"fmt"
	"strings"

	"unionhall/grassroots/registry/intake"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
	"unionhall/office/desk"
	"unionhall/office/rules"
)

// started is how far a new office has come, counted.
type started struct {
	accounts, unions, members int64
	trusted                   []string // the offices of the three administrators that are held
}

func howFar(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (s started, err error) {
	tenant := v.Actor.Tenant()
	s, err = sqldb.One(ctx, tx, func(row sqldb.Row) (s started, err error) { return s, row(&s.accounts, &s.unions, &s.members) }, `
		SELECT
			(SELECT count(*) FROM (SELECT 1 AS one FROM accounts a WHERE a.tenant_id = $1 LIMIT 1000) AS t),
			(SELECT count(*) FROM unions u WHERE u.tenant_id = $1 AND u.parent_id IS NOT NULL AND u.state = 'standing'),
			(SELECT cast(coalesce(sum(f.n), 0) AS bigint) FROM member_figures f WHERE f.tenant_id = $1)`, tenant)
	if err != nil {
		return s, err
	}
	s.trusted, err = sqldb.List(ctx, tx, sqldb.Text, `
		SELECT DISTINCT p.office FROM posts p
		WHERE p.tenant_id = $1 AND p.office IN ('admin', 'security', 'audit') AND p.from_day <= $2 AND (p.to_day IS NULL OR p.to_day >= $3)`,
		tenant, string(v.Today), string(v.Today))
	return s, err
}

// startSteps are the steps of a new office, each as far as the data say.
func startSteps(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) ([]desk.Step, error) {
	s, err := howFar(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	params, err := rules.All(ctx, tx, v.Actor.Tenant(), v.Today)
	if err != nil {
		return nil, err
	}
	waits := rules.Pending(params)
	steps := []desk.Step{
		{Title: "核对名称与本地参数", Note: "规定里的数字都已核实", Done: waits == 0, Act: "核实参数", Href: "/law/params?state=pending"},
		accountStep(s, v),
		{Title: "导入工会", Note: fmt.Sprintf("已有 %s 个工会", grouped(s.unions)), Done: s.unions > 0, Act: "导入工会", Href: "/grassroots/registry/imports/new?kind=unions"},
		{Title: "导入会员", Note: fmt.Sprintf("已有 %s 名会员", grouped(s.members)), Done: s.members > 0, Act: "导入会员", Href: "/grassroots/registry/imports/new?kind=roster"},
	}
	if waits > 0 {
		steps[0].Note = fmt.Sprintf("还有 %d 个数字待核实；核实之前只作提示，不作限制", waits)
	}
	if s.unions == 0 {
		steps[2].Note = "用「基层工会情况表」一次导入，也可以逐个建会登记"
	}
	if s.members == 0 {
		steps[3].Note = "用「会员花名册」一次导入，先导入工会再导入会员"
	}
	if _, may := v.Grant(intake.Run); !may {
		for i := range steps[2:] {
			steps[2+i].Act, steps[2+i].Note = "", steps[2+i].Note+"；"+elsewhere(v, auth.Officer)
		}
	}
	return steps, nil
}

// accountStep tells whether the three administrators are named.
//
// law: R1.69
func accountStep(s started, v desk.Viewer) desk.Step {
	step := desk.Step{Title: "第一批账号", Done: len(s.trusted) == len(account.Trusted), Act: "账号与岗位", Href: "/system/accounts"}
	var lacking []string
	for _, o := range account.Trusted {
		held := false
		for _, t := range s.trusted {
			held = held || auth.Office(t) == o
		}
		if !held {
			lacking = append(lacking, o.Label())
		}
	}
	step.Note = fmt.Sprintf("已有 %s 个账号，三员齐备", grouped(s.accounts))
	if len(lacking) > 0 {
		step.Note = fmt.Sprintf("已有 %s 个账号，三员尚缺%s", grouped(s.accounts), strings.Join(lacking, "、"))
	}
	if _, may := v.Grant(account.Look); !may {
		step.Act, step.Note = "", step.Note+"；"+elsewhere(v, auth.Admin)
	}
	return step
}

// elsewhere says whose office a step is, and where it is one's own, that one
// must change to it.
func elsewhere(v desk.Viewer, o auth.Office) string {
	for _, p := range v.Actor.Posts(v.Today) {
		if p.Office == o {
			return "请在右上角换成" + o.Label() + "的身份办理"
		}
	}
	return "由" + o.Label() + "办理"
}
