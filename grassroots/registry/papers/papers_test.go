package papers

import (
	"archive/zip"
	"bytes"
	"io"
	"net/url"
	"strings"
	"sync"
	"testing"

	"unionhall/commons/certificate"
	"unionhall/grassroots/registry/forms"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/fault"
	"unionhall/kit/files"
	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
	"unionhall/law"
	"unionhall/schema"
)

// PL-27, PL-28: a union's papers say what the registry holds, numbers masked,
// and carry one code a record however often they are printed.
func TestUnion(t *testing.T) {
	each(t, func(w *world) {
		v := w.visit(auth.Officer, w.root)
		at := unions + "/" + w.unions[0] + "/papers"
		v.want(v.page(at), 200, "打印基本情况表", "还没有打印过带核验码的表格")
		pdf := v.page(at + "/basic.pdf")
		v.want(pdf, 200, "%PDF-")
		text := printed(t, pdf.body)
		codes := w.text(`SELECT code FROM certificates WHERE tenant_id = $1`, int64(tenant))
		if len(codes) != 1 {
			w.t.Fatalf("certificates: %v", codes)
		}
		for _, word := range []string{"滨江市财政局机关工会", "滨江市直机关工会工委", "第7届", "2030-03-01", "李𬭎", "138****5678", "江城大街<1>号", certificate.Spelt(codes[0]), "/verify/" + codes[0], "未建"} {
			if !strings.Contains(text, word) {
				w.t.Errorf("%q is not on the paper: %s", word, text)
			}
		}
		if strings.Contains(text, phone) || strings.Contains(text, idNo) {
			w.t.Error("a number in full")
		}
		v.want(v.page(at+"/basic.docx"), 200, "PK")
		list := printed(w.t, v.page(at+"/officers.pdf").body)
		for _, word := range []string{"工会干部花名册", "李𬭎", "兼职", "138****5678", "核验码："} {
			if !strings.Contains(list, word) {
				w.t.Errorf("%q is not on the list", word)
			}
		}
		v.want(v.page(at+"/officers.xlsx"), 200, "PK")
		if all := w.text(`SELECT kind FROM certificates WHERE tenant_id = $1 ORDER BY kind`, int64(tenant)); len(all) != 2 || len(w.text(`SELECT id FROM certificates WHERE tenant_id = $1`, int64(twin))) != 0 {
			w.t.Errorf("certificates %v", all)
		}
		v.want(v.json(at), 200, `"state":"valid"`, codes[0])
		v.want(w.visit(auth.Chair, w.unions[1]).page(at+"/basic.pdf"), 404)
		v.want(w.visit(auth.Director, w.root).page(at), 403)
		w.whole()
	})
}

// R1.74: full numbers are printed for whoever may see them, with a reason that
// is logged, and the code proves the paper all the same.
func TestFullNumbers(t *testing.T) {
	each(t, func(w *world) {
		v := w.visit(auth.Officer, w.root)
		at := members + "/" + w.people[0] + "/papers"
		v.want(v.page(at), 200, "要完整的号码", "打印登记表（完整号码）")
		masked := printed(w.t, v.page(at+"/registration.pdf").body)
		if strings.Contains(masked, idNo) || !strings.Contains(masked, ident.Mask(idNo)) || !strings.Contains(masked, "同意入会") || !strings.Contains(masked, "2020年3月4日") {
			w.t.Errorf("masked: %s", masked)
		}
		v.want(v.page(at+"/registration.pdf?full=1&reason=x"), 422, "用途")
		full := printed(w.t, v.page(at+"/registration.pdf?full=1&reason="+url.QueryEscape("办理法人登记")).body)
		if !strings.Contains(full, idNo) || !strings.Contains(full, phone) {
			w.t.Errorf("in full: %s", full)
		}
		if n := w.text(`SELECT id FROM audit_rows WHERE tenant_id = $1 AND act = $2 AND thing_id = $3 AND change LIKE '%办理法人登记%'`, int64(tenant), string(member.Reveals), w.people[0]); len(n) != 2 {
			w.t.Errorf("%d lines in the log", len(n))
		}
		if n := w.text(`SELECT id FROM certificates WHERE tenant_id = $1 AND thing_id = $2`, int64(tenant), w.people[0]); len(n) != 1 {
			w.t.Errorf("%d certificates of one record", len(n))
		}
		blind := w.visit(auth.Officer, w.root, member.Reveals)
		v.want(blind.page(at+"/application.pdf?full=1&reason="+url.QueryEscape("办理法人登记")), 403, "中间遮盖")
		if strings.Contains(blind.page(at).body, "要完整的号码") {
			w.t.Error("the page offers what it refuses")
		}
		v.want(v.page(at+"/application.docx"), 200, "PK")
		v.want(w.visit(auth.Chair, w.unions[1]).page(at+"/registration.pdf"), 404)
		w.whole()
	})
}

// PL-28: a paper is taken back once, with a reason, by whoever reaches it.
func TestRevoke(t *testing.T) {
	each(t, func(w *world) {
		v := w.visit(auth.Officer, w.root)
		at := unions + "/" + w.unions[0] + "/papers"
		v.page(at + "/basic.pdf")
		id := w.text(`SELECT id FROM certificates WHERE tenant_id = $1`, int64(tenant))[0]
		why := url.Values{"reason": {"资料有误"}}
		v.want(v.post(at+"/"+id+"/revoke", url.Values{}), 422, "原因")
		v.want(v.post(members+"/"+w.people[0]+"/papers/"+id+"/revoke", why), 404)
		v.want(v.post(unions+"/"+w.unions[1]+"/papers/"+id+"/revoke", why), 404)
		v.want(w.visit(auth.Chair, w.unions[1]).post(at+"/"+id+"/revoke", why), 404)
		var all sync.WaitGroup
		var mu sync.Mutex
		got := map[int]int{}
		for range 20 {
			all.Go(func() {
				r := v.post(at+"/"+id+"/revoke", why)
				mu.Lock()
				got[r.code]++
				mu.Unlock()
			})
		}
		all.Wait()
		if got[303] != 1 || got[409] != 19 {
			w.t.Errorf("twenty at once: %v", got)
		}
		v.want(v.page(at), 200, "已撤销", "资料有误")
		v.page(at + "/basic.pdf")
		v.want(v.page(at), 200, "已撤销", "有效")
		w.whole()
	})
}

func starterOf(t *testing.T, key string) []byte {
	t.Helper()
	k, _ := forms.Find(key)
	var b bytes.Buffer
	if err := k.Starter().DOCX(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// changed is a Word file with one part of its text replaced.
func changed(t *testing.T, docx []byte, old, new string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(docx), int64(len(docx)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	to := zip.NewWriter(&out)
	for _, f := range z.File {
		w, err := to.Create(f.Name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(bytes.ReplaceAll(b, []byte(old), []byte(new))); err != nil {
			t.Fatal(err)
		}
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func textOf(t *testing.T, docx string) string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(docx), int64(len(docx)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// PL-27: the office's own template is used once it is there, refused with the
// marks that nobody knows, replaced by who saw the latest, and taken away.
func TestTemplates(t *testing.T) {
	each(t, func(w *world) {
		v := w.visit(auth.Officer, w.root)
		form := place + "/registration"
		docx := starterOf(w.t, "registration")
		own := changed(w.t, docx, "工会会员登记表", "本市会员登记表（{{姓名}}）")
		v.want(v.page(place), 200, "工会会员登记表", "默认样式")
		v.want(v.page(place+"/nothing"), 404)
		v.want(v.page(form), 200, "{{姓名}}", "下载起始模板")
		v.want(v.page(form+"/own.docx"), 404)
		v.want(v.upload(form, []byte("plain text"), "0"), 422, "不是 docx 文档")
		v.want(v.upload(form, changed(w.t, docx, "{{姓名}}", "{{身高}}"), "0"), 422, "{{身高}}")
		v.want(v.upload(form, own, "0"), 303)
		v.want(v.upload(form, own, "0"), 303) // pressed twice
		v.want(v.page(form), 200, "自有模板", "我的模板.docx", "恢复默认样式")
		paper := textOf(w.t, v.page(members+"/"+w.people[0]+"/papers/registration.docx").body)
		if !strings.Contains(paper, "本市会员登记表（李𬭎）") || strings.Contains(paper, "{{") {
			w.t.Errorf("not by the template: %.400s", paper)
		}
		if !strings.Contains(textOf(w.t, v.page(form+"/preview.docx").body), "本市会员登记表（（姓名））") {
			w.t.Error("the preview is not by the template")
		}
		if v.page(form+"/own.docx").body != string(own) {
			w.t.Error("the template does not come back as it went in")
		}
		v.want(v.upload(form, docx, "7"), 409, "已由他人更换")
		v.want(v.upload(form, docx, "1"), 303)
		v.want(v.post(form+"/restore", url.Values{"version": {"1"}}), 409)
		v.want(v.post(form+"/restore", url.Values{"version": {"2"}}), 303)
		v.want(v.post(form+"/restore", url.Values{"version": {"2"}}), 409)
		if !strings.Contains(textOf(w.t, v.page(members+"/"+w.people[0]+"/papers/registration.docx").body), "工会会员登记表") {
			w.t.Error("not as it ships again")
		}
		v.want(w.visit(auth.Officer, w.unions[0]).upload(form, own, "0"), 403, "由工委的组织干事维护")
		v.want(w.visit(auth.Chair, w.unions[0]).upload(form, own, "0"), 403)
		v.want(w.visit(auth.Chair, w.unions[0]).page(form+"/blank.docx"), 200)
		w.whole()
	})
}

// Twenty bring a template of their own at once: one is kept.
func TestTemplateRace(t *testing.T) {
	each(t, func(w *world) {
		g := auth.As(tenant, "officer", auth.Officer, Templates, w.root)
		var all sync.WaitGroup
		var mu sync.Mutex
		won := 0
		for i := range 20 {
			all.Go(func() {
				err := w.db.Do(ctx, func(tx *sqldb.Tx) error {
					_, err := Keep(ctx, tx, g, "basic", "a.docx", files.Blob{Hash: strings.Repeat(string(rune('a'+i)), 64), Size: 9, Type: docxType}, 0, now)
					return err
				})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if fault.Of(err).Kind != fault.Conflict {
					w.t.Error(err)
				}
			})
		}
		all.Wait()
		if n := w.text(`SELECT id FROM paper_templates WHERE tenant_id = $1`, int64(tenant)); won != 1 || len(n) != 1 {
			w.t.Errorf("%d won, %d kept", won, len(n))
		}
		w.whole()
	})
}

// whole proves the log and every sealed row, of both tenants.
func (w *world) whole() {
	w.t.Helper()
	if err := w.db.View(ctx, func(tx *sqldb.Tx) error {
		for _, n := range []int64{tenant, twin} {
			rep, err := audit.Verify(ctx, tx, n, schema.Sealed)
			if err != nil {
				return err
			}
			for _, f := range rep.Findings {
				w.t.Errorf("%d: %+v", n, f)
			}
		}
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
}

// The rules that the pages name are in the book.
func TestRules(t *testing.T) {
	for _, id := range []string{"R1.74", "MEM-02"} {
		if _, ok := law.RuleOf(id); !ok {
			t.Errorf("no rule %s", id)
		}
	}
}
