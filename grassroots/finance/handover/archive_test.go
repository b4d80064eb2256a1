package handover

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/ledger/shop"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/flow"
	"unionhall/kit/job"
	"unionhall/kit/sqldb"
	"unionhall/law"
	"unionhall/law/books"
	"unionhall/schema"
	"unionhall/schema/dbtest"
)

const (
	now   = day.Instant("2027-02-01T02:00:00.000000Z")
	later = day.Instant("2028-01-05T02:00:00.000000Z")
)

// world is the shop with its years, a room that keeps archives, and a hand on
// its files.
type world struct {
	shop.Shop
	room *Room
	dir  string
	book ledger.Book
}

// people are whom the room may choose from.
var people = []Person{{"accountant", "丁一", auth.Accountant}, {"cashier", "李二", auth.Cashier}, {"new", "王三", auth.Accountant}, {"director", "赵四", auth.Director}, {"accountant", "丁一", auth.Director}}

func newWorld(t *testing.T, db *sqldb.DB) *world {
	t.Helper()
	s := furnish(t, db)
	dir := t.TempDir()
	store, err := files.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	called := map[string]string{}
	for _, p := range people {
		called[p.Account] = p.Name
	}
	w := &world{Shop: s, dir: dir, room: &Room{Files: store, Runner: job.NewRunner(db, func() time.Time { return stamp(now) }),
		Names: func(_ context.Context, _ *sqldb.Tx, _ int64, ids []string) (map[string]string, error) {
			out := map[string]string{}
			for _, id := range ids {
				out[id] = called[id]
			}
			return out, nil
		},
		Keepers: func(context.Context, *sqldb.Tx, int64, string, day.Day) ([]Person, error) { return people, nil },
	}}
	w.room.Runner.Works, w.room.Runner.Falls = w.room.Works(), w.room.Falls()
	s.Do(func(tx *sqldb.Tx) (err error) {
		w.book, err = ledger.BookOf(ctx, tx, s.Accountant(Look), s.A.ID, 2026)
		return err
	})
	return w
}

// hang hangs an original document on a posted voucher.
func (w *world) hang(number int64, name, content string) {
	w.T.Helper()
	blob, err := w.room.Files.Put(ctx, strings.NewReader(content), 1<<20)
	if err != nil {
		w.T.Fatal(err)
	}
	w.Do(func(tx *sqldb.Tx) error {
		id, err := sqldb.One(ctx, tx, sqldb.Text, `SELECT id FROM vouchers WHERE tenant_id = $1 AND book_id = $2 AND month = 3 AND number = $3`, w.Tenant, w.book.ID, number)
		if err != nil {
			return err
		}
		file := sqldb.NewID()
		if _, err = tx.Exec(ctx, `INSERT INTO attachments (tenant_id, id, thing_id, name, hash, type, size, account_id, at) VALUES ($1, $2, $3, $4, $5, $6, $7, 'accountant', $8)`, w.Tenant, file, id, name, blob.Hash, blob.Type, blob.Size, string(now)); err != nil {
			return err
		}
		return audit.Write(ctx, tx, w.Accountant(ledger.Make), id, "hung", now, audit.Touched{Table: "attachments", ID: file})
	})
}

// end closes every month and the year.
func (w *world) end() {
	w.T.Helper()
	w.Do(func(tx *sqldb.Tx) error {
		g, m := w.Accountant(ledger.Carry), audit.Moves{}
		for month := range 13 {
			if err := ledger.Lock(ctx, tx, g, m, w.book, month, "", now); err != nil {
				return err
			}
		}
		if err := ledger.End(ctx, tx, g, m, w.book, now); err != nil {
			return err
		}
		return m.Write(ctx, tx, g, w.book.ID, "ended", now)
	})
}

// begin asks for an archive and has it built.
func (w *world) begin(in Archiving) (k Kept, err error) {
	w.T.Helper()
	in.Union, in.Year = w.A.Code, 2026
	err = w.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
		k, err = w.room.Begin(ctx, tx, w.Accountant(Archive), in, now)
		return err
	})
	if err != nil {
		return k, err
	}
	if err := w.room.Runner.RunDue(ctx); err != nil {
		w.T.Fatal(err)
	}
	return w.find(k.ID), nil
}

func (w *world) find(id string) (k Kept) {
	w.T.Helper()
	w.Do(func(tx *sqldb.Tx) (err error) { k, err = FindKept(ctx, tx, w.Accountant(Look), id); return err })
	return k
}

// whole proves the log and the seals.
func (w *world) whole() {
	w.T.Helper()
	w.Do(func(tx *sqldb.Tx) error {
		rep, err := audit.Verify(ctx, tx, w.Tenant, schema.Sealed)
		for _, f := range rep.Findings {
			if !strings.Contains(f.What, "封存") {
				w.T.Errorf("verify: %+v", f)
			}
		}
		return err
	})
}

// opened reads the archive's file.
func (w *world) opened(k Kept) map[string][]byte {
	w.T.Helper()
	var b bytes.Buffer
	if err := w.room.copyOut(k.Hash, &b); err != nil {
		w.T.Fatal(err)
	}
	sum := sha256.Sum256(b.Bytes())
	if hex.EncodeToString(sum[:]) != k.Hash || int64(b.Len()) != k.Size {
		w.T.Error("the file is not what the row says")
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		w.T.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			w.T.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(r); err != nil {
			w.T.Fatal(err)
		}
	}
	return out
}

// F3.27, S06: a closed year is kept as one file: everything in it, each file
// with its hash and its term, by people and programs to be read; an open one
// only as a draft.
func TestArchive(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.hang(1, `..\慰问签收单.pdf`, "%PDF-1.4 one")
		w.hang(1, "发票.pdf", "%PDF-1.4 two")
		if _, err := w.begin(Archiving{}); fault.Of(err).Kind != fault.Conflict || fault.Of(err).Rule != "F3.27" {
			t.Errorf("an open year: %v", err)
		}
		draft, err := w.begin(Archiving{Draft: true})
		if err != nil || draft.State != Stored || !strings.Contains(draft.Name, "草稿") || !bytes.Contains(w.opened(draft)["metadata.xml"], []byte("<性质>草稿")) {
			t.Fatalf("the draft: %+v, %v", draft, err)
		}
		w.end()
		w.room.Papers = func(_ context.Context, _ *sqldb.Tx, _ auth.Grant, in Wanted) ([]Paper, error) {
			return []Paper{{Name: "报表/封面.txt", Kind: books.Annual, Write: func(o io.Writer) error {
				_, err := fmt.Fprintf(o, "%d %s", in.Book.Year, in.By)
				return err
			}}}, nil
		}
		k, err := w.begin(Archiving{})
		if err != nil || k.State != Stored || k.Vouchers != 4 || k.Kind != Final {
			t.Fatalf("%+v, %v", k, err)
		}
		all := w.opened(k)
		proven(t, k, all)
		for name, want := range map[string]string{
			"附件/03月/记-0001-01-慰问签收单.pdf": "one", "附件/03月/记-0001-02-发票.pdf": "two", "报表/封面.txt": "2026 丁一",
			"账簿/总账.csv": "本年累计", "账簿/明细账.csv": "慰问会员", "账簿/科目余额表.csv": "会费收入", "报表/年度报表数据.csv": "资产总计", "报表/03月报表数据.csv": "货币资金", "移交清册.pdf": "%PDF",
		} {
			if !bytes.Contains(all[name], []byte(want)) {
				t.Errorf("%s holds no %s (%d bytes)", name, want, len(all[name]))
			}
		}
		if want := journal(t, w.Shop, w.A.Code, false, Hledger); !bytes.Equal(all["文本账/hledger.journal"], want) {
			t.Error("the journal is another")
		}
		w.whole()
	})
}

// proven holds the metadata against the files.
func proven(t *testing.T, k Kept, all map[string][]byte) {
	t.Helper()
	_, meta := tables(t, bytes.NewReader(all["metadata.xml"]))
	if len(meta["文件"]) != len(all)-1 || int64(len(all)) != k.Files {
		t.Errorf("%d files in the metadata, %d there, %d in the row", len(meta["文件"]), len(all), k.Files)
	}
	for _, f := range meta["文件"] {
		sum := sha256.Sum256(all[f["路径"]])
		if hex.EncodeToString(sum[:]) != f["SHA256"] || fmt.Sprint(len(all[f["路径"]])) != f["字节数"] {
			t.Errorf("%s is not what the metadata say", f["路径"])
		}
		want := map[string]string{books.Originals.Label(): "2056-12-31", books.Reports.Label(): "2036-12-31", books.Annual.Label(): "永久"}[f["类别"]]
		if f["保管到"] != want || want == "" {
			t.Errorf("%s is kept until %s, want %s", f["路径"], f["保管到"], want)
		}
	}
	head := meta["档案"][0]
	if head["归档人"] != "丁一" || head["凭证张数"] != "4" || head["性质"] != "正式" || head["全宗"] == "" || head["软件版本"] == "" || len(meta["凭证号"]) != 3 {
		t.Errorf("the metadata are %v %v", head, meta["凭证号"])
	}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(all["移交清册.csv"]), "\ufeff")))
	if lines, err := r.ReadAll(); err != nil || len(lines) != len(all)-3+1 {
		t.Errorf("%d lines in the list, %v", len(lines), err)
	}
}

// F3.27: an archive is made anew only with a reason, and the old one gives way;
// what was delivered stays; what the books don't prove is refused with the list.
func TestArchiveAgain(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.end()
		first, err := w.begin(Archiving{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.begin(Archiving{}); fault.Of(err).Fields["words"] == "" {
			t.Errorf("without a reason: %v", err)
		}
		second, err := w.begin(Archiving{Words: "补附件"})
		if err != nil || second.State != Stored || w.find(first.ID).State != Replaced {
			t.Errorf("made anew: %+v, %v", second, err)
		}
		deliver := func(id, receiver string, on day.Day, at day.Instant, by auth.Office) (k Kept, err error) {
			err = w.DB.Do(ctx, func(tx *sqldb.Tx) (err error) {
				k, err = HandOver(ctx, tx, w.As(by, Deliver), Delivery{ID: id, Receiver: receiver, Day: on, Given: flow.Given{Document: "档交〔2028〕1号"}}, at)
				return err
			})
			return k, err
		}
		for name, c := range map[string]struct {
			id, receiver string
			on           day.Day
			by           auth.Office
			want         fault.Kind
		}{
			"nobody received it":    {second.ID, "", "", auth.Accountant, fault.Invalid},
			"before it was made":    {second.ID, "孙五", "2026-12-31", auth.Accountant, fault.Invalid},
			"tomorrow":              {second.ID, "孙五", "2028-01-06", auth.Accountant, fault.Invalid},
			"the cashier":           {second.ID, "孙五", "", auth.Cashier, fault.Denied},
			"one that was replaced": {first.ID, "孙五", "", auth.Accountant, fault.Conflict},
			"one that is not there": {sqldb.NewID(), "孙五", "", auth.Accountant, fault.NotFound},
		} {
			if _, err := deliver(c.id, c.receiver, c.on, later, c.by); fault.Of(err).Kind != c.want {
				t.Errorf("%s: %v", name, err)
			}
		}
		k, err := deliver(second.ID, "孙五", "", later, auth.Accountant)
		if err != nil || k.State != Delivered || w.find(k.ID).Receiver != "孙五" || w.find(k.ID).Delivered != "2028-01-05" {
			t.Errorf("delivered: %+v, %v", k, err)
		}
		if _, err := w.begin(Archiving{Words: "再做"}); fault.Of(err).Kind != fault.Conflict {
			t.Errorf("after the delivery: %v", err)
		}
		w.whole()
	})
}

// F3.27: books that do not prove are not kept.
func TestArchiveOfBrokenBooks(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.end()
		w.Do(func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE balances SET debit = debit + 1 WHERE tenant_id = $1 AND account = '102' AND month = 3`, w.Tenant)
			return err
		})
		k, err := w.begin(Archiving{})
		if err != nil || k.State != Failed || !strings.Contains(k.Failure, "对不上") || k.Hash != "" {
			t.Errorf("%+v, %v", k, err)
		}
		w.Do(func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE balances SET debit = debit - 1 WHERE tenant_id = $1 AND account = '102' AND month = 3`, w.Tenant)
			return err
		})
		if k, err = w.begin(Archiving{}); err != nil || k.State != Stored {
			t.Errorf("put right: %+v, %v", k, err)
		}
		w.whole()
	})
}

// S-: of twenty who press at once one has the archive built, and of twenty who
// deliver one does.
func TestArchiveRaces(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.end()
		won := at20(func() error {
			return w.DB.Do(ctx, func(tx *sqldb.Tx) error {
				_, err := w.room.Begin(ctx, tx, w.Accountant(Archive), Archiving{Union: w.A.Code, Year: 2026}, now)
				return err
			})
		}, t)
		if won != 1 {
			t.Errorf("%d began", won)
		}
		if err := w.room.Runner.RunDue(ctx); err != nil {
			t.Fatal(err)
		}
		var k Kept
		w.Do(func(tx *sqldb.Tx) (err error) {
			k, err = w.room.Current(ctx, tx, w.Accountant(Look), w.A.Code, 2026)
			return err
		})
		if won = at20(func() error {
			return w.DB.Do(ctx, func(tx *sqldb.Tx) error {
				_, err := HandOver(ctx, tx, w.Accountant(Deliver), Delivery{ID: k.ID, Receiver: "孙五", Given: flow.Given{Document: "1"}}, later)
				return err
			})
		}, t); won != 1 {
			t.Errorf("%d delivered", won)
		}
		w.whole()
	})
}

// at20 has twenty do the same at once; whoever fails is refused.
func at20(f func() error, t *testing.T) (won int) {
	var mu sync.Mutex
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			err := f()
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if fault.Of(err).Kind != fault.Conflict {
				t.Error(err)
			}
		})
	}
	all.Wait()
	return won
}

// F3.27: what waits to be kept, may be handed on and is late, by the years that
// have passed; what is past its time is proposed, and nothing more.
func TestTerms(t *testing.T) {
	for _, c := range []struct {
		law        string
		year       int
		from, last day.Day
	}{{"F3.27 one year, three at most", 2024, "2026-01-01", "2027-12-31"}} {
		got, err := termsOf(law.Shipped, law.Nation, c.year, "2026-11-26")
		if err != nil || got.From != c.from || got.Last != c.last {
			t.Errorf("%s: %+v, %v", c.law, got, err)
		}
	}
	for _, c := range []struct {
		law   string
		kind  books.Archive
		year  int
		until day.Day
	}{
		{"F3.27 thirty years", books.Originals, 2024, "2054-12-31"},
		{"F3.27 ten years", books.Reports, 2016, "2026-12-31"},
		{"F3.27 of before 2016, the new term (财会〔2016〕3号)", books.Reports, 2012, "2022-12-31"},
	} {
		if got, forever, err := keepUntil(law.Shipped, law.Nation, c.kind, c.year); got != c.until || forever || err != nil {
			t.Errorf("%s: %s %v %v", c.law, got, forever, err)
		}
	}
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		w := newWorld(t, db)
		w.end()
		tally := func(today day.Day) (x Tally) {
			w.Do(func(tx *sqldb.Tx) (err error) { x, err = TallyOf(ctx, tx, w.Accountant(Look), today); return err })
			return x
		}
		if x := tally("2027-03-01"); x.Lacking != 1 || x.Due != 0 {
			t.Errorf("before it is kept: %+v", x)
		}
		if _, err := w.begin(Archiving{}); err != nil {
			t.Fatal(err)
		}
		for today, want := range map[day.Day]Tally{"2027-12-31": {}, "2028-01-01": {Due: 1, Oldest: 2026}, "2029-12-31": {Due: 1, Oldest: 2026}, "2030-01-01": {Due: 1, Late: 1, Oldest: 2026}} {
			if x := tally(today); x != want {
				t.Errorf("on %s: %+v", today, x)
			}
		}
		for today, want := range map[day.Day]int{"2036-12-31": 0, "2037-01-01": 1, "2057-01-01": 2} {
			var all []Past
			w.Do(func(tx *sqldb.Tx) (err error) { all, err = PastOf(ctx, tx, w.Accountant(Look), today); return err })
			if len(all) != want {
				t.Errorf("past on %s: %+v", today, all)
			}
			var pdf, text bytes.Buffer
			if err := errors.Join(printPast(&pdf, "工委", all, now), writePast(&text, all)); err != nil || pdf.Len() == 0 || strings.Count(text.String(), "\n") != want+1 {
				t.Errorf("the papers of %s: %v", today, err)
			}
		}
	})
}

// S06: a file that was changed, or is gone, shows when it is read again.
func TestCheckAgain(t *testing.T) {
	w := newWorld(t, dbtest.SQLite(t))
	w.end()
	k, err := w.begin(Archiving{})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.room.Files.Verify(k.Hash); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(filepath.Join(w.dir, k.Hash[:2], k.Hash[2:]), []byte("other"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := w.room.Files.Verify(k.Hash); !errors.Is(err, files.ErrChanged) {
		t.Errorf("changed: %v", err)
	}
	w.Do(func(tx *sqldb.Tx) error {
		all, err := Blobs(ctx, tx, w.Tenant)
		if len(all) != 1 || all[0].Hash != k.Hash {
			t.Errorf("blobs: %v", all)
		}
		return err
	})
}
