package handover

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"unionhall/commons/rulebook"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/registry"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/flow"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/law"
	"unionhall/law/books"
)

// State is where an archive stands.
type State string

const (
	Building  State = "building"  // 正在归档
	Stored    State = "kept"      // 财务部门保管
	Delivered State = "delivered" // 已移交档案部门
	Replaced  State = "replaced"  // 已由新的档案代替
	Failed    State = "failed"    // 没有归成
)

func (s State) Label() string { return Keeping.Labels[s] }
func (s State) Tone() ui.Kind { return ui.Kind(Keeping.Kinds[s]) }

// Keeping is what becomes of an archive: the finance office keeps it for a
// year, three at most, then the archivist does. Building, replacing and failing
// are not steps that somebody presses.
//
// law: F3.27
var Keeping = flow.Flow[State]{
	Labels: map[State]string{Building: "正在归档", Stored: "财务部门保管", Delivered: "已移交档案部门", Replaced: "已重新归档", Failed: "没有归成"},
	Kinds:  map[State]string{Building: "info", Stored: "ok", Delivered: "mute", Replaced: "mute", Failed: "bad"},
	Steps: []flow.Step[State]{
		{From: Stored, Act: Deliver, To: Delivered, By: []auth.Office{auth.Accountant, auth.Director}, Button: "移交档案部门", Paper: true, Rule: "F3.27"},
	},
}

// What kind of archive it is.
const (
	Final = "final" // 正式
	Draft = "draft" // 草稿: of a book that is still open
)

// Kept is the archive of a book (会计档案): one file that holds everything.
type Kept struct {
	ID        string       `json:"id"`
	Union     registry.Ref `json:"union"`
	BookID    string       `json:"book"`
	Year      int          `json:"year"`
	Kind      string       `json:"kind"`
	State     State        `json:"state"`
	Words     string       `json:"words,omitempty"` // why it was made anew
	Name      string       `json:"name,omitempty"`
	Hash      string       `json:"sha256,omitempty"`
	Size      int64        `json:"size,omitempty"`
	Files     int64        `json:"files,omitempty"`
	Vouchers  int64        `json:"vouchers,omitempty"`
	By        string       `json:"by"`
	Made      day.Instant  `json:"made"`
	Ended     day.Instant  `json:"ended,omitempty"`
	Failure   string       `json:"failure,omitempty"`
	Receiver  string       `json:"receiver,omitempty"`
	Delivered day.Day      `json:"delivered,omitempty"`
	Version   int64        `json:"version"`
}

// Place is the archive's page.
func (k Kept) Place() string { return archives + "/" + k.ID }

// Revision is what a step must name to be sure that it saw the latest.
func (k Kept) Revision() int64 { return k.Version }

// Title is what the archive is called.
func (k Kept) Title() string {
	t := fmt.Sprintf("%s %d 年会计档案", k.Union.Name, k.Year)
	if k.Kind == Draft {
		t += "（草稿）"
	}
	return t
}

const keptColumns = `a.id, a.union_id, u.code, u.name, a.book_id, a.year, a.kind, a.state, a.words, a.name, a.hash, a.size, a.files, a.vouchers, a.account_id, a.made, a.ended, a.failure, a.receiver, a.delivered, a.version`

const fromKept = `
	FROM book_archives a
	JOIN unions u ON u.tenant_id = a.tenant_id AND u.id = a.union_id
	WHERE a.tenant_id = $1 AND EXISTS (SELECT 1 FROM union_reach r WHERE r.tenant_id = a.tenant_id AND r.above_id = $2 AND r.union_id = a.union_id)`

func scanKept(row sqldb.Row) (k Kept, err error) {
	err = row(&k.ID, &k.Union.ID, &k.Union.Code, &k.Union.Name, &k.BookID, &k.Year, &k.Kind, &k.State, &k.Words, &k.Name, &k.Hash, &k.Size, &k.Files, &k.Vouchers, &k.By, &k.Made, &k.Ended, &k.Failure, &k.Receiver, &k.Delivered, &k.Version)
	return k, err
}

// FindKept returns an archive within g's reach, or fault.NotFound.
func FindKept(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Kept, error) {
	return sqldb.One(ctx, tx, scanKept, `SELECT `+keptColumns+fromKept+` AND a.id = $3`, g.Tenant(), g.Under(), id)
}

// KeptOf lists the archives of a book, the latest first.
func KeptOf(ctx context.Context, tx *sqldb.Tx, g auth.Grant, book string) ([]Kept, error) {
	return sqldb.List(ctx, tx, scanKept, `SELECT `+keptColumns+fromKept+` AND a.book_id = $3 ORDER BY a.id DESC`, g.Tenant(), g.Under(), book)
}

// Current is the archive of a year that is kept, delivered or being built; its
// id is empty if there is none.
func (rm *Room) Current(ctx context.Context, tx *sqldb.Tx, g auth.Grant, union string, year int) (Kept, error) {
	b, err := ledger.BookOf(ctx, tx, g, union, year)
	if err != nil {
		return Kept{}, err
	}
	all, err := KeptOf(ctx, tx, g, b.ID)
	if k := current(all); k != nil {
		return *k, err
	}
	return Kept{}, err
}

// current is the archive that is kept or being built; nil for none.
func current(all []Kept) *Kept {
	for i, k := range all {
		if k.State == Building || k.Kind == Final && (k.State == Stored || k.State == Delivered) {
			return &all[i]
		}
	}
	return nil
}

// Archiving asks for the archive of a union's year. Of an open book only a
// draft can be made; Words say why one that is kept is made anew.
type Archiving struct {
	Union string `json:"union" doc:"工会"`
	Year  int    `json:"year" doc:"年度"`
	Draft bool   `json:"draft" doc:"草稿"`
	Words string `json:"words" doc:"说明"`
}

// Begin has the archive of a year built by a job. A year that is not closed is
// fault.Conflict unless a draft is asked for, as are one whose archive is being
// built and one whose archive has been delivered.
//
// law: F3.27, S06
func (rm *Room) Begin(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Archiving, at day.Instant) (Kept, error) {
	b, err := ledger.BookOf(ctx, tx, g, in.Union, in.Year)
	if err != nil {
		return Kept{}, err
	}
	k := Kept{ID: sqldb.NewID(), Union: b.Union, BookID: b.ID, Year: b.Year, Kind: Final, State: Building, Words: strings.TrimSpace(in.Words), By: g.Account(), Made: at, Version: 1}
	if in.Draft {
		k.Kind = Draft
	}
	if err := k.allowed(ctx, tx, g, b); err != nil {
		return k, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO book_archives (tenant_id, id, union_id, book_id, year, kind, state, words, size, files, vouchers, account_id, made, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0, 0, $9, $10, 1)`,
		g.Tenant(), k.ID, k.Union.ID, k.BookID, int64(k.Year), k.Kind, string(k.State), k.Words, k.By, string(at))
	if fault.Of(err).Kind == fault.Conflict {
		return k, errors.Join(fault.ByRule(fault.Conflict, "F3.27", "%s %d 年的会计档案正在归档，请稍等片刻再看。", b.Union.Name, b.Year), err)
	}
	if err != nil {
		return k, err
	}
	m := audit.Moves{}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "book_archives", ID: k.ID}); err != nil {
		return k, err
	}
	if err := Keeping.Trace(ctx, tx, g, m, k.ID, "", Building, flow.Given{Words: k.Words}, at); err != nil {
		return k, err
	}
	if err := m.Write(ctx, tx, g, k.ID, deed{Did: "asked", Union: k.Union.Name, Year: k.Year, Format: k.Kind, Words: k.Words}, at); err != nil {
		return k, err
	}
	_, err = rm.Runner.Start(ctx, tx, g, at, archiving, "归档："+k.Title(), k.ID, building{Archive: k.ID, Account: g.Account(), Office: g.Office(), Under: g.Under()})
	return k, err
}

// allowed refuses an archive that must not be.
func (k Kept) allowed(ctx context.Context, tx *sqldb.Tx, g auth.Grant, b ledger.Book) error {
	if utf8.RuneCountInString(k.Words) > 200 {
		return &fault.Error{Kind: fault.Invalid, Text: "说明太长。", Fields: map[string]string{"words": "说明：最多 200 个字"}}
	}
	if k.Kind == Draft {
		if b.State == ledger.Ended {
			return fault.ByRule(fault.Conflict, "F3.27", "%d 年的账已经年结，请直接归档，不用做草稿。", b.Year)
		}
		return nil
	}
	if b.State != ledger.Ended {
		return fault.ByRule(fault.Conflict, "F3.27", "%d 年的账还没有年结，不能归档。请先办理年结；想先看看样子，可以做一份草稿。", b.Year)
	}
	all, err := KeptOf(ctx, tx, g, b.ID)
	if err != nil {
		return err
	}
	for _, was := range all {
		switch {
		case was.State == Delivered:
			return fault.ByRule(fault.Conflict, "F3.27", "%d 年的会计档案已于 %s 移交档案部门，不能重新归档。", b.Year, was.Delivered)
		case was.State == Stored && was.Kind == Final && k.Words == "":
			return &fault.Error{Kind: fault.Invalid, Rule: "F3.27", Text: "这一年已经归档。确实要重新归档的，请写明原因。", Fields: map[string]string{"words": "说明：请写明为什么重新归档"}}
		}
	}
	return nil
}

// settle stores what became of an archive that was being built.
func (k Kept) settle(ctx context.Context, tx *sqldb.Tx, g auth.Grant, did string, at day.Instant) error {
	m := audit.Moves{}
	if k.State == Stored && k.Kind == Final {
		old, err := sqldb.List(ctx, tx, sqldb.Text, `
			UPDATE book_archives SET state = 'replaced', version = version + 1 WHERE tenant_id = $1 AND book_id = $2 AND kind = 'final' AND state = 'kept' RETURNING id`, g.Tenant(), k.BookID)
		if err != nil {
			return err
		}
		for _, id := range old { // there is one at most
			if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "book_archives", ID: id}); err != nil {
				return err
			}
			if err := Keeping.Trace(ctx, tx, g, m, id, Stored, Replaced, flow.Given{Words: k.Words}, at); err != nil {
				return err
			}
		}
	}
	n, err := tx.Exec(ctx, `
		UPDATE book_archives SET state = $1, name = $2, hash = $3, size = $4, files = $5, vouchers = $6, ended = $7, failure = $8, version = version + 1
		WHERE tenant_id = $9 AND id = $10 AND state = 'building'`,
		string(k.State), k.Name, k.Hash, k.Size, k.Files, k.Vouchers, string(at), k.Failure, g.Tenant(), k.ID)
	if err != nil || n == 0 {
		return err // nobody builds it any more: another run was done with it
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "book_archives", ID: k.ID}); err != nil {
		return err
	}
	if err := Keeping.Trace(ctx, tx, g, m, k.ID, Building, k.State, flow.Given{Words: k.Failure}, at); err != nil {
		return err
	}
	return m.Write(ctx, tx, g, k.ID, deed{Did: did, Union: k.Union.Name, Year: k.Year, Format: k.Kind, Hash: k.Hash, Words: k.Failure}, at)
}

// Delivery is the handing over of an archive to the archivist.
type Delivery struct {
	flow.Given
	ID       string  `json:"archive" doc:"编号"`
	Version  int64   `json:"version" doc:"版本"`
	Receiver string  `json:"receiver" doc:"接收人"`
	Day      day.Day `json:"day" doc:"移交日期"`
}

// HandOver notes that an archive was handed over to the archivist.
//
// law: F3.27
func HandOver(ctx context.Context, tx *sqldb.Tx, g auth.Grant, in Delivery, at day.Instant) (Kept, error) {
	k, err := FindKept(ctx, tx, g, in.ID)
	if err != nil {
		return k, err
	}
	if in.Version != 0 && in.Version != k.Version {
		return k, fault.New(fault.Conflict, "这份档案刚刚已由他人办过，现在是“%s”。请刷新后再看。", k.State.Label())
	}
	if k.Kind == Draft {
		return k, fault.ByRule(fault.Conflict, "F3.27", "草稿不是会计档案，不能移交。请年结后正式归档。")
	}
	in.Receiver = strings.TrimSpace(in.Receiver)
	if in.Day == "" {
		in.Day = at.Day()
	}
	fields := map[string]string{}
	if n := utf8.RuneCountInString(in.Receiver); n == 0 || n > 60 {
		fields["receiver"] = "接收人：请填写档案部门接收人的姓名"
	}
	if in.Day > at.Day() || in.Day < k.Ended.Day() {
		fields["day"] = "移交日期：应在归档以后，不能晚于今天"
	}
	if len(fields) > 0 {
		return k, &fault.Error{Kind: fault.Invalid, Rule: "F3.27", Text: "请按提示改正后再提交。", Fields: fields}
	}
	m := audit.Moves{}
	told := in.Given
	told.Words = strings.TrimSpace("接收人 " + in.Receiver + "，" + string(in.Day) + "。" + in.Words)
	if _, err := Keeping.Advance(ctx, tx, g, m, k.ID, k.State, "", told, at); err != nil {
		return k, err
	}
	n, err := tx.Exec(ctx, `UPDATE book_archives SET state = 'delivered', receiver = $1, delivered = $2, version = version + 1 WHERE tenant_id = $3 AND id = $4 AND state = 'kept' AND version = $5`,
		in.Receiver, string(in.Day), g.Tenant(), k.ID, k.Version)
	if err != nil {
		return k, err
	}
	if n == 0 {
		return k, fault.New(fault.Conflict, "这份档案刚刚已由他人办过，请刷新后再看。")
	}
	if err := m.Touch(ctx, tx, g.Tenant(), audit.Touched{Table: "book_archives", ID: k.ID}); err != nil {
		return k, err
	}
	k.State, k.Receiver, k.Delivered, k.Version = Delivered, in.Receiver, in.Day, k.Version+1
	return k, m.Write(ctx, tx, g, k.ID, deed{Did: "delivered", Union: k.Union.Name, Year: k.Year, Document: in.Document, Words: told.Words}, at)
}

// Terms are the days between which an archive goes to the archivist: the
// finance office keeps it until From, and never longer than Last.
type Terms struct {
	From day.Day `json:"from"`
	Last day.Day `json:"last"`
}

// termsOf are the terms of a year's archive.
//
// law: F3.27
func termsOf(b law.Book, at law.Place, year int, today day.Day) (t Terms, err error) {
	least, err := b.Int("books.archive.finance_years", at, today)
	if err != nil {
		return t, err
	}
	most, err := b.Int("books.archive.finance_max_years", at, today)
	return Terms{day.Day(fmt.Sprintf("%04d-01-01", year+1+least)), day.Day(fmt.Sprintf("%04d-12-31", year+most))}, err
}

// firstTerms is the last year before the terms of 2016 began to count; what is
// older and not yet past its time is kept as long (财会〔2016〕3号).
const firstTerms = 2015

// keepUntil is until when a kind of a year's archive is kept.
//
// law: F3.27
func keepUntil(b law.Book, at law.Place, kind books.Archive, year int) (until day.Day, forever bool, err error) {
	by := max(year, firstTerms)
	until, forever, err = books.KeepUntil(b, at, kind, day.Day(fmt.Sprintf("%04d-12-31", by)))
	if err != nil || forever {
		return "", forever, err
	}
	return until.AddYears(year - by), false, nil
}

// TermsOf are the terms of a year's archive in an office, by its own rules.
func TermsOf(ctx context.Context, tx *sqldb.Tx, tenant int64, year int, today day.Day) (Terms, error) {
	b, err := rulebook.Of(ctx, tx, tenant)
	if err != nil {
		return Terms{}, err
	}
	return termsOf(b, law.PlaceOf(tenant), year, today)
}
