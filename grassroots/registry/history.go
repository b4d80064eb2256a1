package registry

import (
	"context"
	"encoding/json"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
)

// Past is a span with the names that it stands by: how a union came to be what
// it is (沿革).
type Past struct {
	Span
	ParentName string `json:"parent_name,omitempty"`
	IntoName   string `json:"into_name,omitempty"`
	FromName   string `json:"from_name,omitempty"` // a union that went up in this one
}

// History lists the spans of a union, the latest first, and those of unions
// that were merged into it.
func History(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) ([]Past, error) {
	spans, err := sqldb.List(ctx, tx, scanSpan, `SELECT `+spanColumns+` FROM union_spans s
		WHERE s.tenant_id = $1 AND (s.union_id = $2 OR s.into_id = $3) ORDER BY s.from_day DESC, s.id DESC`, g.Tenant(), id, id)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, s := range spans {
		ids = append(ids, s.ParentID, s.IntoID, s.UnionID)
	}
	refs, err := namesOf(ctx, tx, g.Tenant(), ids)
	if err != nil {
		return nil, err
	}
	out := make([]Past, len(spans))
	for i, s := range spans {
		out[i] = Past{Span: s, ParentName: refs[s.ParentID].Name, IntoName: refs[s.IntoID].Name}
		if s.UnionID != id {
			out[i].FromName = refs[s.UnionID].Name
		}
	}
	return out, nil
}

// title says in a line what a span began with.
func (p Past) title() string {
	switch {
	case p.FromName != "":
		return p.FromName + "并入"
	case p.Act == actMerged:
		return "并入" + p.IntoName
	case p.Act == actMoved:
		return "改隶" + p.ParentName
	case p.Act == actRenamed:
		return "更名为" + p.Name + "（" + p.Kind.Label() + "）"
	case p.Act == actClosed:
		return "撤销"
	case p.ParentName != "":
		return actLabel(p.Act) + "，隶属" + p.ParentName
	}
	return actLabel(p.Act)
}

func (p Past) words() string {
	var parts []string
	if p.Document != "" {
		parts = append(parts, "依据 "+p.Document)
	}
	if p.Reason != "" {
		parts = append(parts, p.Reason)
	}
	return strings.Join(parts, "；")
}

// namesOf names unions by id, wherever in the tenant: a union's own papers
// name those it came from and stood under.
func namesOf(ctx context.Context, tx *sqldb.Tx, tenant int64, ids []string) (map[string]Ref, error) {
	out, args := map[string]Ref{}, []any{tenant}
	for _, id := range ids {
		if _, twice := out[id]; id != "" && !twice {
			out[id] = Ref{}
			args = append(args, id)
		}
	}
	if len(args) == 1 {
		return out, nil
	}
	err := sqldb.Each(ctx, tx, func(row sqldb.Row) (r Ref, err error) { return r, row(&r.ID, &r.Code, &r.Name) },
		func(r Ref) error { out[r.ID] = r; return nil },
		`SELECT id, code, name FROM unions WHERE tenant_id = $1 AND id IN `+marks(2, len(args)-1), args...)
	return out, err
}

// Entry is one line of the log as people read it.
type Entry struct {
	At    day.Instant `json:"at"`
	Who   string      `json:"who"`
	Title string      `json:"title"`
	Words string      `json:"words,omitempty"`
}

// logRows is how many lines of the log a union's page shows.
const logRows = 50

// logOf reads the log of a union that g was seen to reach.
func logOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) ([]Entry, error) {
	rows, err := audit.Of(ctx, tx, g, id, "", logRows)
	if err != nil {
		return nil, err
	}
	seen, accounts := map[string]bool{}, []string{}
	for _, r := range rows {
		if !seen[r.Account] {
			seen[r.Account] = true
			accounts = append(accounts, r.Account)
		}
	}
	who, err := people(ctx, tx, g, accounts)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, len(rows))
	for i, r := range rows {
		var d Deed
		if err := json.Unmarshal([]byte(r.Change), &d); err != nil {
			return nil, err
		}
		out[i] = Entry{At: r.At, Who: who.name(r), Title: d.title(), Words: d.words()}
	}
	return out, nil
}

func (d Deed) title() string {
	switch d.Act {
	case "amended":
		return "修改资料"
	case "received":
		return "接收" + d.Was + "并入"
	case "handed_over": // by package member, when a union ends
		return "会籍移交" + d.Now
	case "installed":
		return "登记" + d.Now
	case "concluded":
		return "结束" + d.Was
	case "seated":
		return "任职：" + d.Now
	case "vacated":
		return "离任：" + d.Was + "，" + d.Now
	case "consented":
		return "补登" + d.Now
	case "printed": // these by package papers
		return "打印" + d.Now
	case "taken_away":
		return "导出" + d.Now
	case "paper_revoked":
		return "撤销凭证：" + d.Now
	case "template_kept":
		return "启用自有模板：" + d.Now
	case "template_restored":
		return "恢复默认样式：" + d.Now
	case actFounded, actImported, actRenamed, actMoved, actMerged, actClosed:
		return actLabel(d.Act)
	}
	return "登记"
}

func (d Deed) words() string {
	var parts []string
	add := func(label, text string) {
		if text != "" {
			parts = append(parts, label+text)
		}
	}
	switch d.Act {
	case actRenamed:
		add("", d.Was+" → "+d.Now)
	case actMoved:
		add("", "由"+d.Was+"改隶"+d.Now)
	case actMerged:
		add("并入", d.Now)
	case "installed":
		add("接替", d.Was)
	}
	if len(d.Fields) > 0 {
		add("改了", strings.Join(d.Fields, "、"))
	}
	switch {
	case d.People == 0:
	case d.Act == actMerged || d.Act == actClosed || d.Act == "received" || d.Act == "handed_over":
		add("", "移交会籍 "+digits(d.People)+" 名")
	default:
		add("", digits(d.People)+" 个任职随之届满")
	}
	if d.Day != "" {
		add("自 ", string(d.Day)+" 起")
	}
	add("依据 ", d.Document)
	add("", d.Reason)
	return strings.Join(parts, "；")
}
