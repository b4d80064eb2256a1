package hall_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unionhall/kit/browser"
)

// hand uploads a paper of the case on the page.
func hand(p *browser.Page, paper, file string) {
	p.Select("#f-paper", paper)
	p.Upload("#f-file", file)
	p.Click("上传")
	p.See("材料已收下")
}

// LEG-06, PL-26…28: a chair asks for a lost certificate at the desk, the
// officer checks, the director signs on the phone, the officer takes down the
// city's letter and the new certificate; the printed word of the office proves
// itself.
func TestJourneyProcedure(t *testing.T) {
	s := one()
	scan := filepath.Join(t.TempDir(), "扫描件.pdf")
	if err := os.WriteFile(scan, []byte("%PDF-1.4\n%%EOF\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	chair, officer, director := s.tab(t, "chair"), s.tab(t, "officer"), s.tab(t, "director")

	chair.Go(legal)
	chair.Click("#legal .key a")
	chair.See("法人资格证书")
	chair.Go(procedures)
	chair.Click("办新事项")
	chair.Select("#f-kind", "补领法人证书")
	chair.Click("去填表")
	chair.See("遗失或损毁的说明")
	chair.Set(`[name="fields.lost"]`, "2026-03-02")
	chair.Type(`[name="fields.how"]`, "搬迁时遗失")
	chair.Type(`[name="fields.handler"]`, "王芳")
	chair.Type(`[name="fields.phone"]`, "0415-2011111")
	chair.Click("保存草稿")
	chair.See("还缺 2 份材料")
	hand(chair, "遗失或损毁的说明", scan)
	hand(chair, "工会主席身份证复印件", scan)
	chair.Click("提交")
	chair.See("已提交，等待审查")
	chair.See("等待组织干事办理")
	place := chair.Path()

	officer.Go("/")
	officer.Click("全部 ")
	officer.Go(procedures + "?mine=1")
	officer.See("补领法人证书")
	officer.Go(place)
	officer.Click("审查通过，报审批")
	officer.Type("#f-words", "情况属实")
	officer.Click("form button.main")
	officer.See("已审查通过")
	if strings.Contains(officer.Text(), "签署意见，报市总工会\n") {
		t.Error("who checked is offered to sign")
	}

	director.Size(390, 844)
	director.Go(procedures + "?mine=1")
	director.Fits()
	director.Go(place)
	director.Fits()
	director.See("情况属实")
	director.Click("签署意见，报市总工会")
	director.Fits()
	director.Click("form button.main")
	director.See("文号：滨直工函")
	director.Fits()

	officer.Go(place)
	officer.Click("登记市总工会的批复")
	officer.Type("#f-document", "滨总工复〔2026〕99号")
	officer.Click("form button.main")
	officer.See("上级的批复已登记")
	officer.Click("登记证书")
	officer.Type("#f-number", "工法证字第2106999999号")
	officer.Click("form button.main")
	officer.See("证书已登记")
	officer.See("已办结")
	officer.Accessible()

	chair.Go(legal)
	chair.Click("#legal .key a")
	chair.See("工法证字第2106999999号")
	chair.See("滨总工复〔2026〕99号")
	chair.Go(place)
	chair.See("核验码")
	for _, kind := range []string{"form.pdf", "reply.pdf", "reply.docx"} {
		if a := s.as(t, "chair").get(t, place+"/"+kind); a.code != 200 || len(a.body) < 2000 {
			t.Errorf("%s: %s", kind, a)
		}
	}
}

// A draft on the phone: the choice, a form that is refused and keeps what was
// typed, the list of what is missing.
func TestJourneyProcedureOnThePhone(t *testing.T) {
	s := one()
	p := s.tab(t, "chair2")
	p.Size(390, 844)
	p.Go(procedures + "/new")
	p.Fits()
	p.Select("#f-kind", "更名")
	p.Select("#f-union", s.first(t, `SELECT name FROM unions WHERE tenant_id = 2106000001 AND id = $1`, s.unionOf(t, "chair2")))
	p.Click("去填表")
	p.Fits()
	p.Type(`[name="fields.name"]`, "滨江市<教育>工会")
	p.Type(`[name="fields.handler"]`, "刘洋")
	p.Click("保存草稿")
	p.See("里面有不该有的符号")
	if p.Status() != 422 || p.Value(`[name="fields.handler"]`) != "刘洋" {
		t.Errorf("the form lost what was typed: %d", p.Status())
	}
	p.Type(`[name="fields.name"]`, "滨江市教育和体育局工会")
	p.Click("保存草稿")
	p.See("还缺 2 份材料")
	p.Fits()
	p.Accessible()
	p.Click("作废草稿")
	p.Fits()
	p.Click("form button.danger, form button.main")
	p.See("已撤回")
}
