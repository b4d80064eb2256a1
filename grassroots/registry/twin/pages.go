package twin

import (
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/fault"
	"unionhall/kit/job"
	"unionhall/kit/web"
)

// Routes is every page of this room with the action it needs.
func (m *Room) Routes() []web.Route {
	const t = listPlace
	return []web.Route{
		{Pattern: "GET " + t, Needs: Look, Doc: "疑似重复的会员", Do: web.Page(m.list, listView)},
		{Pattern: "POST " + t + "/search", Needs: Settle, Doc: "查找疑似重复的会员", Do: web.Act(m.search)},
		{Pattern: "GET " + t + "/merged", Needs: Look, Doc: "合并过的会籍", Do: web.Page(merged, mergedView)},
		{Pattern: "GET " + t + "/merged/{merger}", Needs: Look, Doc: "一次会籍合并", Do: web.Page(merger, mergerView)},
		{Pattern: "POST " + t + "/merged/{merger}/undo", Needs: Settle, Doc: "撤销会籍合并", Do: web.Act(undo)},
		{Pattern: "GET " + t + "/{id}", Needs: Look, Doc: "两份疑似重复的会籍", Do: web.Page(pair, pairView)},
		{Pattern: "POST " + t + "/{id}/merge", Needs: Settle, Doc: "合并两份会籍", Do: web.Again(web.Act(merge), pair, pairView)},
		{Pattern: "POST " + t + "/{id}/apart", Needs: Settle, Doc: "认定不是同一人", Do: web.Again(web.Act(apart), pair, pairView)},
		{Pattern: "POST " + t + "/{id}/reopen", Needs: Settle, Doc: "撤回不是同一人的认定", Do: web.Act(reopen)},
	}
}

// ListPage is what the list shows.
type ListPage struct {
	Page
	Job    *job.Job `json:"job,omitempty"` // the newest search
	q      Query
	unions []registry.Union
	may    bool
}

func (m *Room) list(r *web.Request, in Query) (ListPage, error) {
	p, err := List(r.Ctx, r.Tx, r.Grant, in)
	out := ListPage{Page: p, q: in, may: r.May(Settle)}
	if err != nil {
		return out, err
	}
	if out.unions, err = registry.All(r.Ctx, r.Tx, r.Grant); err != nil {
		return out, err
	}
	j, err := job.About(r.Ctx, r.Tx, r.Grant, r.Grant.Account(), Finding)
	if err == nil {
		out.Job = &j
	} else if fault.Of(err).Kind == fault.NotFound {
		err = nil
	}
	return out, err
}

// Begun is a search on its way.
type Begun struct{ job.Job }

func (b Begun) Said() string  { return "已开始查找，离开这一页也会继续。" }
func (b Begun) Created() bool { return true }

func (m *Room) search(r *web.Request, _ struct{}) (Begun, error) {
	last, err := job.About(r.Ctx, r.Tx, r.Grant, r.Grant.Account(), Finding)
	if err == nil && !last.State.Ended() {
		return Begun{last}, nil // pressed twice: the one under way is the answer
	}
	if err != nil && fault.Of(err).Kind != fault.NotFound {
		return Begun{}, err
	}
	j, err := m.Runner.Start(r.Ctx, r.Tx, r.Grant, r.Now, Finding, "查找疑似重复的会员", Finding, scope{r.Grant.Under(), r.Grant.Office()})
	return Begun{j}, err
}

// ByID names a pair.
type ByID struct {
	ID string `json:"id" doc:"编号"`
}

// Choice is one field of which the two say different things.
type Choice struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	A     string `json:"a"`
	B     string `json:"b"`
}

// PairPage is two members side by side, numbers masked.
type PairPage struct {
	Pair
	Differ   []Choice       `json:"differ"`
	Same     []member.Value `json:"same"`
	VersionA int64          `json:"version_a"`
	VersionB int64          `json:"version_b"`
	may      bool
	cards    [2]string
}

func pair(r *web.Request, in ByID) (PairPage, error) {
	p, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	out := PairPage{Pair: p, may: r.May(Settle)}
	if err != nil {
		return out, err
	}
	a, err := member.Find(r.Ctx, r.Tx, r.Grant, p.A.ID)
	if err != nil {
		return out, err
	}
	b, err := member.Find(r.Ctx, r.Tx, r.Grant, p.B.ID)
	if err != nil {
		return out, err
	}
	out.VersionA, out.VersionB, out.cards = a.Version, b.Version, [2]string{a.CardNo, b.CardNo}
	out.Differ, out.Same = compare(a, b)
	return out, nil
}

// compare parts the fields of two members into those that differ and those
// that don't; the number of the document stands with its kind.
func compare(a, b member.Member) (differ []Choice, same []member.Value) {
	differ, same = []Choice{}, []member.Value{}
	theirs := b.Person.Masked()
	for i, v := range a.Person.Masked() {
		w := theirs[i]
		hidden := v.Name == member.IDField && a.Person.IDNo != b.Person.IDNo || v.Name == member.PhoneField && a.Person.Phone != b.Person.Phone
		switch {
		case v.Name == "id_type":
		case v.Name == member.IDField && (hidden || a.Person.IDType != b.Person.IDType):
			kind := func(m member.Member, no string) string { return m.Person.Masked()[3].Text + " " + no }
			differ = append(differ, Choice{v.Name, "证件", kind(a, v.Text), kind(b, w.Text)})
		case v.Text != w.Text || hidden:
			differ = append(differ, Choice{v.Name, v.Label, v.Text, w.Text})
		case v.Text != "":
			same = append(same, v)
		}
	}
	if a.Joined != b.Joined {
		differ = append(differ, Choice{"joined", "入会时间", string(a.Joined), string(b.Joined)})
	}
	return differ, same
}

// MergeForm says what is kept, field by field: a or b.
type MergeForm struct {
	ID       string            `json:"id" doc:"编号"`
	Version  int64             `json:"version" doc:"版本"`
	VersionA int64             `json:"version_a" doc:"左边的版本"`
	VersionB int64             `json:"version_b" doc:"右边的版本"`
	Keep     string            `json:"keep" doc:"保留"`
	Pick     map[string]string `json:"pick" doc:"各项取哪一份"`
	Reason   string            `json:"reason" doc:"依据"`
}

// joining turns the form into what member.Merge is told.
func (f MergeForm) joining(p Pair) member.Joining {
	j := member.Joining{Keep: p.A.ID, Drop: p.B.ID, Versions: [2]int64{f.VersionA, f.VersionB}, Reason: f.Reason}
	other := "b"
	switch f.Keep {
	case "a":
	case "b":
		j.Keep, j.Drop, j.Versions, other = p.B.ID, p.A.ID, [2]int64{f.VersionB, f.VersionA}, "a"
	default:
		j.Keep = ""
	}
	for name, from := range f.Pick {
		if from == other {
			j.FromDrop = append(j.FromDrop, name)
		}
	}
	return j
}

// Done is a merger that was just made or undone.
type Done struct {
	member.Merger
	said string
}

// Said tells the person what was done.
func (d Done) Said() string { return d.said }

func merge(r *web.Request, in MergeForm) (Done, error) {
	p, err := Find(r.Ctx, r.Tx, r.Grant, in.ID)
	if err != nil {
		return Done{}, err
	}
	m, err := Merge(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.joining(p), r.Now)
	return Done{m, "已合并为一份会籍。合并错了可以在这里撤销。"}, err
}

// Settled is a pair about which an officer decided.
type Settled struct {
	Pair
	said string
}

// Said tells the person what was done.
func (s Settled) Said() string { return s.said }

// SettleForm is what an officer says of a pair.
type SettleForm struct {
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
	Words   string `json:"words" doc:"理由"`
}

func apart(r *web.Request, in SettleForm) (Settled, error) {
	p, err := SayApart(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, in.Words, r.Now)
	return Settled{p, "已记下不是同一人，以后不再提示。"}, err
}

func reopen(r *web.Request, in SettleForm) (Settled, error) {
	p, err := Reopen(r.Ctx, r.Tx, r.Grant, in.ID, in.Version, r.Now)
	return Settled{p, "已放回待处理。"}, err
}

// MergedQuery says where the list of mergers begins.
type MergedQuery struct {
	After string `json:"after" doc:"上一页末行"`
}

// MergedPage lists mergers, the latest first.
type MergedPage struct {
	Items []MergerRow `json:"items"`
	Next  string      `json:"next,omitempty"`
}

// MergerRow is one merger as people read it.
type MergerRow struct {
	member.Merger
	Name  string `json:"name"`
	Union string `json:"union"`
	From  string `json:"from"`
}

func rowOf(m member.Merger) MergerRow {
	return MergerRow{m, m.Before.After.Person.Name, m.Before.Kept.Union.Name, m.Before.Gone.Union.Name}
}

func merged(r *web.Request, in MergedQuery) (MergedPage, error) {
	all, err := member.Mergers(r.Ctx, r.Tx, r.Grant, in.After, pageRows+1)
	p := MergedPage{Items: []MergerRow{}}
	if len(all) > pageRows {
		all = all[:pageRows]
		p.Next = all[pageRows-1].ID
	}
	for _, m := range all {
		p.Items = append(p.Items, rowOf(m))
	}
	return p, err
}

// ByMerger names a merger.
type ByMerger struct {
	Merger  string `json:"merger" doc:"合并编号"`
	Version int64  `json:"version" doc:"版本"`
}

// MergerPage is one merger: what was, and what was edited since.
type MergerPage struct {
	MergerRow
	Edited []string `json:"edited"`
	kept   []member.Value
	gone   []member.Value
	may    bool
}

func merger(r *web.Request, in ByMerger) (MergerPage, error) {
	m, err := member.FindMerger(r.Ctx, r.Tx, r.Grant, in.Merger)
	out := MergerPage{MergerRow: rowOf(m), Edited: []string{}, may: r.May(Settle)}
	if err != nil {
		return out, err
	}
	out.kept, out.gone = m.Before.Kept.Person.Masked(), m.Before.Gone.Person.Masked()
	if m.Undone {
		return out, nil
	}
	now, err := member.Any(r.Ctx, r.Tx, r.Grant.Tenant(), m.Kept)
	out.Edited = m.Edited(now)
	return out, err
}

func undo(r *web.Request, in ByMerger) (Done, error) {
	m, edited, err := Unmerge(r.Ctx, r.Tx, r.Grant, in.Merger, in.Version, r.Now)
	said := "已撤销合并，两份会籍都恢复到合并前。"
	if len(edited) > 0 {
		said = "已撤销合并。合并后改过的" + joined(edited) + "留在保留的那一份上，请核对。"
	}
	return Done{m, said}, err
}
