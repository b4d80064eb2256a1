package drill

import (
	"fmt"
	"strings"

	"unionhall/kit/audit"
	"unionhall/kit/job"
	"unionhall/kit/web"
)

// Routes are the addresses of this room.
func (m *Room) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /system/drills", Needs: Look, Doc: "恢复演练的历次报告", Do: web.Page(m.list, listView)},
		{Pattern: "POST /system/drills", Needs: Run, Doc: "现在做一次恢复演练", Do: web.Act(m.begin)},
	}
}

// Page is the history of drills.
type Page struct {
	Items []Drill `json:"items"`
	Going bool    `json:"going"`
	may   bool
}

func (m *Room) list(r *web.Request, _ struct{}) (p Page, err error) {
	if p.Items, err = List(r.Ctx, r.Tx, r.Grant); err != nil {
		return p, err
	}
	p.may = r.May(Run)
	p.Going, err = job.Open(r.Ctx, r.Tx, r.Grant.Tenant(), thing)
	return p, err
}

// Begun is a drill on its way.
type Begun struct{ job.Job }

func (Begun) Said() string {
	return "已开始演练，离开这一页也会继续；完成后在这里看报告。"
}
func (Begun) Created() bool { return true }
func (Begun) Place() string { return "/system/drills" }

func (m *Room) begin(r *web.Request, _ struct{}) (Begun, error) {
	j, err := m.Begin(r.Ctx, r.Tx, r.Grant, r.Now)
	return Begun{j}, err
}

// Why words what is wrong, a sentence each.
func (r Report) Why() string {
	var b strings.Builder
	if r.Trouble != "" {
		b.WriteString(r.Trouble)
	}
	var unlike []string
	for _, t := range r.Tables {
		if !t.Same {
			unlike = append(unlike, t.Name)
		}
	}
	if len(unlike) > 0 {
		fmt.Fprintf(&b, "有 %d 张表恢复后与原来不同：%s。", len(unlike), strings.Join(unlike, "、"))
	}
	if len(r.Findings) > 0 {
		fmt.Fprintf(&b, "核对发现 %d 处不符。", len(r.Findings))
	}
	return b.String()
}

func size(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d 千字节", (bytes+1023)>>10)
	}
	return fmt.Sprintf("%.1f 兆字节", float64(bytes)/(1<<20))
}

// firstFew are as many findings as a card shows.
func firstFew(all []audit.Finding) []audit.Finding { return all[:min(5, len(all))] }
