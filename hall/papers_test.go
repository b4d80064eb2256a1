package hall_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unionhall/commons/certificate"
	laid "unionhall/grassroots/registry/forms"
	"unionhall/hall/city"
	"unionhall/kit/browser"
)

const papers = "/grassroots/registry/papers"

// printed prints a paper of the union and one of the member, and gives the
// office a template of its own.
func (s *stand) printed(t testing.TB, tenant int64, clerk person, x things) {
	t.Helper()
	for _, path := range []string{unions + "/" + x["union"] + "/papers/basic.pdf", members + "/" + x["member"] + "/papers/registration.pdf"} {
		if a := clerk.get(t, path); a.code != 200 {
			t.Fatalf("%s: %s", path, a)
		}
	}
	of := func(column, thing string) string {
		return s.first(t, `SELECT `+column+` FROM certificates WHERE tenant_id = $1 AND thing_id = $2 AND revoked IS NULL ORDER BY id DESC`, tenant, thing)
	}
	x["paper"], x["member paper"], x["shared code"] = of("id", x["union"]), of("id", x["member"]), of("code", x["union"])
	x["shared form"] = "basic"
	if len(s.look(t, `SELECT id FROM paper_templates WHERE tenant_id = $1`, tenant)) == 0 {
		k, _ := laid.Find("basic")
		var b bytes.Buffer
		if err := k.Starter().DOCX(&b); err != nil {
			t.Fatal(err)
		}
		if a := clerk.upload(t, papers+"/basic", "基本情况表.docx", b.Bytes(), "version", "0"); a.code != 200 {
			t.Fatalf("template: %s", a)
		}
	}
}

// shot keeps a picture of the page where PAPERS names a folder to look in.
func shot(t *testing.T, p *browser.Page, name string) {
	t.Helper()
	if dir := os.Getenv("PAPERS"); dir != "" {
		p.Screenshot(filepath.Join(dir, name+".png"))
	}
}

// PL-28: an officer prints a union's table; a visitor with a phone, without
// any account, scans its code; then the officer takes it back, and the same
// code says so.
func TestJourneyPapers(t *testing.T) {
	s := one()
	union := s.unionOf(t, "chair2")
	officer := s.tab(t, "officer")
	officer.Size(1366, 768)
	officer.Go(unions + "/" + union)
	shot(t, officer, "union")
	officer.Click("打印表格")
	officer.See("工会干部花名册")
	pdf := s.as(t, "officer").get(t, unions+"/"+union+"/papers/basic.pdf")
	if pdf.code != 200 || !bytes.HasPrefix(pdf.body, []byte("%PDF-")) {
		t.Fatalf("the table: %s", pdf)
	}
	code := s.first(t, `SELECT code FROM certificates WHERE tenant_id = $1 AND thing_id = $2 AND kind = 'basic' AND revoked IS NULL ORDER BY id DESC`, int64(city.Tenant), union)
	officer.Go(unions + "/" + union + "/papers")
	officer.See(certificate.Spelt(code))
	officer.Accessible()
	shot(t, officer, "papers-desk")

	visitor := s.tab(t, "")
	visitor.Size(390, 844)
	visitor.Go("/verify")
	visitor.See("输入纸面二维码旁的核验码")
	visitor.Type("input[name=code]", strings.ToLower(certificate.Spelt(code)))
	visitor.Click("核验")
	visitor.See("有效")
	visitor.See("工会基本情况表")
	shot(t, visitor, "verify-phone")
	visitor.Accessible()
	visitor.Fits()
	visitor.Go("/verify/" + code[:17] + "2")
	visitor.See("查无此件")
	shot(t, visitor, "verify-none")

	officer.Click("撤销")
	officer.Type("dialog[open] input[name=reason]", "资料有误，已重新出具")
	officer.Click("dialog[open] .btn.danger")
	officer.See("已撤销")
	visitor.Go("/verify/" + code)
	visitor.See("已撤销")
	visitor.See("资料有误，已重新出具")
}

// PL-27: an officer takes the starting template, uploads it as the office's
// own, prints by it, and goes back to how the form ships. On a phone as well.
func TestJourneyTemplate(t *testing.T) {
	s := office()
	p := browser.Open(t, s.url)
	p.Login("boss", bossSecret)
	p.Size(390, 844)
	p.Go(papers)
	p.Fits()
	shot(t, p, "forms-phone")
	p.Click("工会会员登记表")
	p.See("默认样式")
	k, _ := laid.Find("registration")
	file := filepath.Join(t.TempDir(), "登记表.docx")
	var b bytes.Buffer
	if err := k.Starter().DOCX(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Upload("#f-file", file)
	p.Click("上传并启用")
	p.See("已启用自有模板")
	p.Fits()
	p.Accessible()
	shot(t, p, "template-phone")
	p.Click("恢复默认样式")
	p.Click("dialog[open] .btn.main")
	p.See("已恢复默认样式")
	bad := filepath.Join(t.TempDir(), "坏模板.docx")
	if err := os.WriteFile(bad, bytes.Repeat([]byte("不是文档"), 100), 0o600); err != nil {
		t.Fatal(err)
	}
	p.Upload("#f-file", bad)
	p.Click("上传并启用")
	p.See("不是 docx 文档")
}
