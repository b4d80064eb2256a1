package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/ident"
	"unionhall/kit/job"
	"unionhall/kit/sheet"
	"unionhall/kit/sqldb"
	"unionhall/law/region"
)

// chunkRows is how many judged rows wait together; writing takes as many
// chunks at a time as the people who wait allow.
const chunkRows = 250

// reading is a workbook while it is judged.
type reading struct {
	turn    *job.Turn
	g       auth.Grant
	imp     Import
	book    *sheet.Book
	head    sheet.Head
	judge   *judge
	empty   bool // the office has no members yet: nobody to compare with
	pending []verdict
	lines   []line
	seq     int
}

// open reads the head of the workbook and settles which column is what: as an
// officer chose by hand, as remembered for this office, or by its name.
func (r *reading) open(ctx context.Context) error {
	fields := fieldsOf(r.imp.Kind)
	known := map[string]string{}
	err := r.turn.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		known, err = layouts(ctx, tx, r.g.Tenant(), r.imp.Kind)
		return err
	})
	if err != nil {
		return err
	}
	if r.head, err = findHead(r.book, r.imp.Kind, known); err != nil {
		return err
	}
	samples, err := r.book.Samples(r.head, 3)
	if err != nil {
		return err
	}
	r.imp.Sheet = r.book.Sheets()[r.head.Sheet].Name
	r.imp.HeadRow = int64(r.head.Last)
	chosen := r.imp.Columns
	r.imp.Columns = guess(r.head, fields, known)
	for i := range r.imp.Columns {
		c := &r.imp.Columns[i]
		if i < len(samples) {
			c.Samples = hide(c.Field, samples[i])
		}
		if i < len(chosen) && chosen[i].Header == c.Header {
			c.Field, c.Sure = chosen[i].Field, chosen[i].Sure
			c.Samples = hide(c.Field, samples[i])
		}
	}
	return nil
}

// findHead looks for the head of the table by the words of all offices and by
// those that this office taught.
//
// law: IMP-01
func findHead(book *sheet.Book, k Kind, known map[string]string) (sheet.Head, error) {
	is := sheet.Known(fieldsOf(k))
	return book.FindHead(func(h string) bool { return is(h) || known[h] != "" && known[h] != ignored })
}

// required are the columns of which a row of data fills at least one.
func (r *reading) required() (cols []int, by map[string]int, err error) {
	by = map[string]int{}
	for i, c := range r.imp.Columns {
		if c.Field != "" {
			by[c.Field] = i
		}
	}
	var missing []string
	for _, f := range fieldsOf(r.imp.Kind) {
		if !f.Required {
			continue
		}
		if c, ok := by[f.Key]; ok {
			cols = append(cols, c)
		} else {
			missing = append(missing, "“"+f.Label+"”")
		}
	}
	if len(missing) > 0 {
		return nil, nil, fault.New(fault.Invalid, "没有认出%s这一列。请在“对应列”里指明是哪一列，再重新核对。", strings.Join(missing, "和"))
	}
	return cols, by, nil
}

// roster judges every row of a roster.
func (r *reading) roster(ctx context.Context) error {
	cols, by, err := r.required()
	if err != nil {
		return err
	}
	if err := r.prepare(ctx, by); err != nil {
		return err
	}
	_, err = r.book.Rows(r.head, cols, func(row *sheet.Row) error {
		v := r.judge.row(row)
		r.imp.Rows++
		if v.refused {
			r.imp.Refused++
		}
		r.pending = append(r.pending, v)
		if len(r.pending) >= 4*chunkRows {
			return r.settle(ctx)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	if err := r.flush(ctx, true); err != nil {
		return err
	}
	return r.regions(ctx)
}

// prepare reads what rows are judged by.
func (r *reading) prepare(ctx context.Context, by map[string]int) error {
	j := &judge{kind: r.imp.Kind, today: r.turn.Now().Day(), columns: by, headers: r.head.Names, serial: r.book.Serial, first: map[string]int{}, regions: map[string]int{}}
	for _, f := range r.head.FillDown {
		if c, ok := by["union"]; ok && f.Column == c && !f.Merged {
			j.fillDown = true
		}
	}
	r.judge = j
	return r.turn.DB.View(ctx, func(tx *sqldb.Tx) error {
		var err error
		if j.all, err = registry.Known(ctx, tx, r.g); err != nil {
			return err
		}
		within, err := reach(ctx, tx, r.g, r.imp.UnderID)
		if err != nil {
			return err
		}
		j.resolve = newResolver(j.all, within)
		if len(within) == 1 {
			u, err := registry.Find(ctx, tx, r.g, r.imp.UnderID)
			if err != nil {
				return err
			}
			j.fallback = u.Ref()
		}
		any, err := sqldb.List(ctx, tx, sqldb.Int, `SELECT 1 FROM members WHERE tenant_id = $1 LIMIT 1`, r.g.Tenant())
		r.empty = len(any) == 0
		return err
	})
}

// settle compares the pending rows with who is there already and puts down
// what is wrong and what is to be written.
func (r *reading) settle(ctx context.Context) error {
	pending := r.pending
	r.pending = r.pending[:0]
	if len(pending) == 0 {
		return nil
	}
	there, err := r.there(ctx, pending)
	if err != nil {
		return err
	}
	var problems []Problem
	for i := range pending {
		v := &pending[i]
		if !v.refused {
			r.sort(v, there[i])
		}
		problems = append(problems, v.problems...)
	}
	if err := r.tell(ctx, problems); err != nil {
		return err
	}
	if err := r.flush(ctx, false); err != nil {
		return err
	}
	return r.turn.Step(ctx, r.imp.Rows, max(int64(r.head.Rows), r.imp.Rows), "正在核对")
}

// there finds who is there already, row by row.
func (r *reading) there(ctx context.Context, pending []verdict) ([]member.Member, error) {
	out := make([]member.Member, len(pending))
	if r.empty {
		return out, nil
	}
	blinds, cards := make([]string, 0, len(pending)), map[string][]string{}
	of := make([]string, len(pending))
	for i := range pending {
		switch v := &pending[i]; {
		case v.refused:
		case v.card != "":
			cards[v.Union.ID] = append(cards[v.Union.ID], v.card)
		default:
			of[i] = member.BlindID(r.turn.DB.Keys(), r.g.Tenant(), v.Person.IDType, v.Person.IDNo)
			blinds = append(blinds, of[i])
		}
	}
	err := r.turn.DB.View(ctx, func(tx *sqldb.Tx) error {
		known, err := member.ByBlinds(ctx, tx, r.g.Tenant(), blinds)
		if err != nil {
			return err
		}
		for union, list := range cards {
			held, err := member.ByCards(ctx, tx, r.g.Tenant(), union, list)
			if err != nil {
				return err
			}
			maps.Copy(known, held)
		}
		merged, err := member.MergedNumbers(ctx, tx, r.g.Tenant(), blinds)
		for i := range pending {
			v := &pending[i]
			switch {
			case v.card != "":
				out[i] = known[v.card]
			case merged[of[i]] && known[of[i]].ID == "":
				v.refuse(v.Row, r.judge.header("id_no"), "duplicate.elsewhere", "MEM-05", "这个证件号码的会籍已与另一份合并，这一行不写入。请改用保留的证件号码。")
			default:
				out[i] = known[of[i]]
			}
		}
		return err
	})
	return out, err
}

// sort counts a good row and keeps what is to be written.
func (r *reading) sort(v *verdict, was member.Member) {
	if r.unmask(v, was); v.refused {
		r.imp.Refused++
		return
	}
	if was.ID == "" {
		v.What = fresh
		r.imp.New++
	} else {
		v.Was, v.Seen, v.What = was.ID, was.Version, compare(was, v.line)
	}
	switch v.What {
	case changed:
		r.imp.Changed++
	case moved:
		r.imp.Moved++
		r.offer(v, was)
		return
	case same:
		r.imp.Same++
		if v.stale(was) {
			v.warn(v.Row, r.judge.header("id_no"), "member.left", "MEM-05", "此人已于 "+string(was.LeftDay)+" "+was.Status.Label()+"，表中没有更晚的入会日期，登记不变。如已重新入会，请填写新的入会日期。")
		}
	}
	if len(v.problems) > 0 {
		r.imp.Warned++
	}
	if v.What != same {
		r.lines = append(r.lines, v.line)
	}
}

// offer tells of a member of another union; within reach a transfer is offered.
//
// law: MEM-05
func (r *reading) offer(v *verdict, was member.Member) {
	text := "此人已是其他工会的会员，未写入。请与原工会办理会籍接转。"
	if r.judge.resolve.within[was.Union.ID] {
		text = "此人现在是“" + was.Union.Name + "”的会员，未写入。确认写入时可以选择一并接转过来。"
		r.imp.Offered++
	} else {
		v.What = away
	}
	r.lines = append(r.lines, v.line) // for the transfer that may be asked for
	v.refuse(v.Row, r.judge.header("id_no"), "duplicate.elsewhere", "MEM-05", text)
}

// unmask puts the numbers back that our own lists show with their middle
// hidden: a masked number means the one that is registered.
//
// law: IMP-05
func (r *reading) unmask(v *verdict, was member.Member) {
	if v.card != "" {
		if was.ID == "" || ident.Mask(was.Person.IDNo) != v.masked || was.Person.Name != v.Person.Name {
			v.refuse(v.Row, r.judge.header("id_no"), "id.masked", "IMP-05", "证件号码中间是遮盖的，又与登记的会员对不上。请填写完整的号码后重新导入这一行。")
			return
		}
		v.Person.IDType, v.Person.IDNo = was.Person.IDType, was.Person.IDNo
		v.Person.Sex, v.Person.Birthday = member.Unknown, ""
	}
	if v.phone != "" && ident.MaskPhone(was.Person.Phone) != v.phone {
		v.warn(v.Row, r.judge.header("phone"), "phone.format", "IMP-04", "“"+clip(v.phone, 30)+"”中间是遮盖的，不是完整的手机号，这一项没有登记。")
	}
}

func (r *reading) tell(ctx context.Context, problems []Problem) error {
	for len(problems) > 0 {
		n := min(500, len(problems))
		err := r.turn.DB.Chunk(ctx, func(tx *sqldb.Tx) error {
			return insertProblems(ctx, tx, r.g.Tenant(), r.imp.ID, r.seq, problems[:n])
		})
		if err != nil {
			return err
		}
		r.seq += n
		problems = problems[n:]
	}
	return nil
}

// flush seals the lines that fill a chunk, at the end the rest as well.
func (r *reading) flush(ctx context.Context, all bool) error {
	for len(r.lines) >= chunkRows || all && len(r.lines) > 0 {
		n := min(chunkRows, len(r.lines))
		body, err := json.Marshal(r.lines[:n])
		if err != nil {
			return err
		}
		sealed := r.turn.DB.Keys().SealBlob(r.g.Tenant(), "import_chunks", "body", body)
		r.imp.Chunks++
		err = r.turn.DB.Chunk(ctx, func(tx *sqldb.Tx) error {
			return insertChunk(ctx, tx, r.g.Tenant(), r.imp.ID, r.imp.Chunks, sealed)
		})
		if err != nil {
			return err
		}
		r.lines = append(r.lines[:0], r.lines[n:]...)
	}
	return nil
}

// regions warns once for the file of ID regions that no place has.
func (r *reading) regions(ctx context.Context) error {
	if len(r.judge.regions) == 0 {
		return nil
	}
	names, rows := slices.Sorted(maps.Keys(r.judge.regions)), 0
	for _, n := range r.judge.regions {
		rows += n
	}
	shown := names[:min(5, len(names))]
	for i, n := range shown {
		if place, ok := region.Lookup(n); ok {
			shown[i] = n + "（" + place + "）"
		}
	}
	return r.tell(ctx, []Problem{{
		Severity: Warn, Code: "region.unknown", Column: r.judge.header("id_no"), Rule: "IMP-02",
		Message: fmt.Sprintf("有 %d 人的身份证号前六位不是已知的行政区划（如 %s），校验码没有问题，照常登记；请留意是否录错。", rows, strings.Join(shown, "、")),
	}})
}
