package own

import (
	"archive/zip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path"
	"strings"

	"unionhall/commons/consent"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
)

// most is how many lines of one kind an archive holds.
const most = 10000

// Everything is all that is held about one person, numbers in the clear if the
// person or a heir asked.
type Everything struct {
	Name     string      `json:"name"`
	Made     day.Instant `json:"made"`
	Office   string      `json:"office"`
	Sections []Section   `json:"sections"`
	papers   []Paper
}

// Gather collects all that is held about a member.
//
// law: R1.63
func (m *Room) Gather(ctx context.Context, tx *sqldb.Tx, g auth.Grant, who member.Member, clear bool, at day.Instant) (e Everything, err error) {
	e = Everything{Name: who.Person.Name, Made: at}
	if e.Office, err = sqldb.One(ctx, tx, sqldb.Text, `SELECT t.name FROM tenants t WHERE t.tenant_id = $1`, g.Tenant()); err != nil {
		return e, err
	}
	e.Sections = append(e.Sections, about(who, clear))
	for _, part := range []func(context.Context, *sqldb.Tx, auth.Grant, member.Member) (Section, error){history, seats, looks, changes, consents, requests} {
		s, err := part(ctx, tx, g, who)
		if err != nil {
			return e, err
		}
		e.Sections = append(e.Sections, s)
	}
	if e.papers, err = m.papers(ctx, tx, g, who); err != nil {
		return e, err
	}
	s := Section{Title: "附件", Head: []string{"文件", "大小（字节）"}}
	for _, p := range e.papers {
		s.Rows = append(s.Rows, []string{p.Name, fmt.Sprint(p.Size)})
	}
	e.Sections = append(e.Sections, s)
	for _, more := range m.More {
		parts, err := more(ctx, tx, g.Tenant(), who.ID)
		if err != nil {
			return e, err
		}
		e.Sections = append(e.Sections, parts...)
	}
	return e, nil
}

func about(m member.Member, clear bool) Section {
	s := Section{Title: "基本资料", Head: []string{"项目", "内容"}, Rows: [][]string{
		{"所属工会", m.Union.Name}, {"会籍状态", m.Status.Label()}, {"入会时间", string(m.Joined)}, {"终止日期", string(m.LeftDay)}, {"会员号", m.CardNo}}}
	values := m.Person.Masked()
	if clear {
		values = m.Person.Values()
	}
	for _, v := range values {
		s.Rows = append(s.Rows, []string{v.Label, v.Text})
	}
	return s
}

func history(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m member.Member) (Section, error) {
	s := Section{Title: "会籍变化", Head: []string{"日期", "变化", "原因", "文号"}}
	events, err := member.History(ctx, tx, g, m.ID)
	for _, e := range events {
		s.Rows = append(s.Rows, []string{string(e.Day), e.Type.Label(), e.Reason, e.Document})
	}
	return s, err
}

func seats(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m member.Member) (Section, error) {
	s := Section{Title: "工会任职", Head: []string{"职务", "机构", "自", "至", "文号"}}
	all, err := registry.HeldBy(ctx, tx, g.Tenant(), m.ID)
	for _, x := range all {
		s.Rows = append(s.Rows, []string{x.Office.Label(), x.Body.Label(), string(x.From), string(x.To), x.Document})
	}
	return s, err
}

func looks(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m member.Member) (Section, error) {
	s := Section{Title: "谁看过完整号码", Head: []string{"时间", "谁", "看了什么", "用途"}}
	all, err := member.LooksAt(ctx, tx, g.Tenant(), m, "", most)
	for _, e := range all {
		s.Rows = append(s.Rows, []string{e.At.Local(), e.Who, e.Title, e.Words})
	}
	return s, err
}

func changes(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m member.Member) (Section, error) {
	s := Section{Title: "资料变更记录", Head: []string{"时间", "谁", "做了什么", "内容"}}
	all, err := member.LogOf(ctx, tx, g, m.ID)
	for _, e := range all {
		s.Rows = append(s.Rows, []string{e.At.Local(), e.Who, e.Title, e.Words})
	}
	return s, err
}

func consents(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m member.Member) (Section, error) {
	s := Section{Title: "同意记录", Head: []string{"用途", "告知书", "答复", "时间", "终止"}}
	all, err := consent.Of(ctx, tx, g.Tenant(), m.ID)
	for _, c := range all {
		p, _ := consent.PurposeOf(c.Purpose)
		s.Rows = append(s.Rows, []string{p.Label, fmt.Sprintf("第 %d 版", c.Nth), c.Words(p), c.Given.Local(), c.Ended.Local()})
	}
	return s, err
}

func requests(ctx context.Context, tx *sqldb.Tx, g auth.Grant, m member.Member) (Section, error) {
	s := Section{Title: "我的申请和答复", Head: []string{"时间", "申请", "理由", "结果", "答复"}}
	all, err := Mine(ctx, tx, g.Tenant(), m.ID)
	if err != nil {
		return s, err
	}
	for _, q := range all { // a person asks a few times in a life
		past, err := Answering.History(ctx, tx, g, q.ID)
		if err != nil {
			return s, err
		}
		s.Rows = append(s.Rows, []string{q.At.Local(), q.What(), q.Reason, Answering.Labels[q.State], answer(past)})
	}
	return s, nil
}

// answer is what was said when the request was decided.
func answer(past []flow.Past[State]) string {
	for _, p := range past {
		if p.Act == Grant || p.Act == Refuse {
			return p.Words
		}
	}
	return ""
}

// papers are the files that hang on the person and on the person's requests.
func (m *Room) papers(ctx context.Context, tx *sqldb.Tx, g auth.Grant, who member.Member) ([]Paper, error) {
	return sqldb.List(ctx, tx, func(row sqldb.Row) (p Paper, err error) { return p, row(&p.ID, &p.Name, &p.Hash, &p.Type, &p.Size) }, `
		SELECT a.id, a.name, a.hash, a.type, a.size FROM attachments a WHERE a.tenant_id = $1 AND (a.thing_id = $2 OR a.thing_id IN (
			SELECT q.id FROM data_requests q WHERE q.tenant_id = $1 AND q.member_id = $2 AND q.relation IS NULL)) ORDER BY a.id`, g.Tenant(), who.ID)
}

// WriteZip writes everything as one archive: for programs, for reading, and
// the files themselves.
func (e Everything) WriteZip(ctx context.Context, store files.Store, dst io.Writer) error {
	z := zip.NewWriter(dst)
	w, err := z.Create("资料.json")
	if err != nil {
		return err
	}
	j := json.NewEncoder(w)
	j.SetIndent("", "  ")
	if err := j.Encode(e); err != nil {
		return err
	}
	if w, err = z.Create("资料.html"); err != nil {
		return err
	}
	if err := paperView(e).Render(ctx, w); err != nil {
		return err
	}
	for i, p := range e.papers {
		if err := copyTo(z, store, fmt.Sprintf("附件/%02d-%s", i+1, path.Base(strings.ReplaceAll(p.Name, "\\", "/"))), p.Hash); err != nil {
			return err
		}
	}
	return z.Close()
}

func copyTo(z *zip.Writer, store files.Store, name, hash string) error {
	f, err := store.Open(hash)
	if fault.Of(err).Kind == fault.NotFound {
		return nil // the record names a file that a restore did not bring back
	}
	if err != nil {
		return err
	}
	defer f.Close()
	w, err := z.Create(name)
	if err != nil {
		return err
	}
	_, err = io.Copy(w, f)
	return err
}

// logCopy writes that all data of a member were taken away: by the person, or
// for a relative whose request was granted.
//
// law: R1.74
func logCopy(ctx context.Context, db *sqldb.DB, g auth.Grant, memberID, reason string, at day.Instant) error {
	return db.Do(ctx, func(tx *sqldb.Tx) error {
		d := member.Deed{Did: "copied", Own: memberID == g.Self(), Reason: reason}
		return audit.Write(ctx, tx, g.For(member.Reveals), memberID, d, at)
	})
}
