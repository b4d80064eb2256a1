package hall_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unionhall/hall/city"
	"unionhall/kit/browser"
	"unionhall/kit/zh"
)

const samples = "../grassroots/registry/intake/testdata/"

// refusals counts the rows of a sample that must be refused.
func refusals(t *testing.T, name string) (n int) {
	t.Helper()
	var list []struct{ Refuse []string }
	b, err := os.ReadFile(samples + strings.TrimSuffix(name, filepath.Ext(name)) + ".expected.json")
	if err == nil {
		err = json.Unmarshal(b, &list)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if len(e.Refuse) > 0 {
			n++
		}
	}
	return n
}

// count counts rows of the office.
func (s *stand) count(t *testing.T, table string) int {
	t.Helper()
	return int(number64(t, s.first(t, `SELECT cast(count(*) AS text) FROM `+table)))
}

// bring uploads a workbook through the page and leads to the verdicts.
func bring(p *browser.Page, kind, file string) {
	p.Go(imports)
	p.Click("导入文件")
	p.Click(kind)
	p.Upload("#f-file", file)
	p.Click("上传并核对")
}

// A new office takes its unions and its members in through the page: the four
// samples, each with its verdicts, confirmed; the last is taken back whole.
func TestJourneyImport(t *testing.T) {
	s := office()
	p := browser.Open(t, s.url)
	p.Login("boss", bossSecret)
	p.See("第 1 步")
	before := 0
	for _, c := range []struct {
		kind, name, table string
		rows              int
	}{
		{"基层工会情况表", "基层工会情况表.xlsx", "unions", 0}, {"会员花名册", "会员花名册-标准.xlsx", "members", 0},
		{"会员花名册", "会员花名册-常见毛病.xlsx", "members", 0}, {"会员花名册", "会员名单-国标编码.csv", "members", 0},
	} {
		before = s.count(t, c.table)
		file, err := filepath.Abs(samples + c.name)
		if err != nil {
			t.Fatal(err)
		}
		bring(p, c.kind, file)
		p.See("确认之前不会写入任何数据")
		p.See("新增")
		if n := s.count(t, c.table); n != before {
			t.Errorf("%s: %d rows before anybody confirmed", c.name, n-before)
		}
		id := filepath.Base(p.Path())
		var v struct{ Rows, New, Refused int }
		told := browser.Eval[string](p, `(() => { const x = new XMLHttpRequest(); x.open("GET", "`+imports+"/"+id+`", false); x.setRequestHeader("Accept", "application/json"); x.send(); return x.responseText })()`)
		if err := json.Unmarshal([]byte(told), &v); err != nil {
			t.Fatal(err, told)
		}
		if want := refusals(t, c.name); v.Refused != want || v.New != v.Rows-want || v.New == 0 {
			t.Errorf("%s: %+v, want %d refused", c.name, v, want)
		}
		if v.Refused > 0 {
			p.See(fmt.Sprintf("退回 %d 行", v.Refused))
			p.See("下载带意见的原表")
		} else {
			p.See("写入")
		}
		p.Click("写入 ")
		p.See("前可以整体撤销")
		if n := s.count(t, c.table); n != before+v.New {
			t.Errorf("%s: %d rows were written of %d", c.name, n-before, v.New)
		}
	}
	p.Click("整体撤销")
	p.See("会被移除")
	p.Click("dialog .btn.danger")
	p.See("已撤销")
	if n := s.count(t, "members"); n != before {
		t.Errorf("%d members are left of the import that was taken back", n-before)
	}
	p.Go(members)
	p.See("共 ")
}

// A head that nobody has seen is mapped by hand once, and known from then on.
func TestJourneyMapping(t *testing.T) {
	s := office()
	p := browser.Open(t, s.url)
	p.Login("boss", bossSecret)
	dir := t.TempDir()
	write := func(name string) string {
		path := filepath.Join(dir, "名单"+fresh()+".csv")
		if err := os.WriteFile(path, []byte("贵姓尊名,证件号码,民族,所属工会\n"+name+","+number()+",汉族,"+city.Office+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	bring(p, "会员花名册", write("尉迟恭"))
	p.See("对应列")
	p.Select("贵姓尊名对应的项目", "姓名（必填）")
	p.Click("按新的对应列重新核对")
	p.See("写入 1 人")
	bring(p, "会员花名册", write("单雄信"))
	p.See("写入 1 人")
}

// The officer founds a union, is told what is wrong with the form without
// losing what was typed, renames it, registers a member, seats a committee
// with its chair, and looks at a number for a reason that stays.
func TestJourneyRegistry(t *testing.T) {
	s := office()
	p := browser.Open(t, s.url)
	p.Login("boss", bossSecret)
	p.Go(unions)
	p.Click("建会")
	p.Type("#f-name", "滨江市航道处工会")
	p.Type("#f-document", "滨直工〔2026〕3号")
	p.Set("#f-day", "2021-05-06")
	p.Type("#f-uscc", "12345")
	p.Click("form button.main")
	p.See("统一社会信用代码：")
	if p.Status() != 422 || p.Value("#f-name") != "滨江市航道处工会" || p.Value("#f-document") != "滨直工〔2026〕3号" {
		t.Errorf("a refused form comes back with %d, %q", p.Status(), p.Value("#f-name"))
	}
	p.Type("#f-uscc", "")
	p.Click("form button.main")
	p.See("已建会，编码")
	place := p.Path()

	p.Click("更名")
	p.Type("#f-name", "滨江市航道中心工会")
	p.Type("#f-document", "滨直工〔2026〕4号")
	p.Type("#f-reason", "机构改革")
	p.Click("form button.main")
	p.See("已更名")
	p.Click("沿革")
	p.See("滨江市航道处工会")

	no := number()
	p.Go(members + "/new")
	p.Select("#f-union", "滨江市航道中心工会")
	p.Set("#f-joined", "2022-03-04")
	p.Type("#f-name", "单雄信")
	p.Type("#f-id_no", no)
	p.Type("#f-phone", "15400005678")
	p.Click("form button.main")
	p.See("已登记单雄信")
	person := p.Path()

	p.Go(place + "?tab=bodies")
	p.Click("登记工会委员会")
	p.Set("#f-elected", "2025-01-05")
	p.Type("#f-seats", "5")
	p.Type("#f-reason", "人数少")
	p.Type("#f-document", "滨直工〔2025〕1号")
	p.Click("form button.main")
	p.See("已登记工会委员会")
	p.Click("登记任职")
	p.Type("input[name=q]:not(#find)", "单雄")
	p.Click("查找")
	p.Click("input[name=member_id]")
	p.Select("#f-office", "主席")
	p.Click("form button.main")
	p.See("单雄信任工会委员会主席")
	s.reveal(t, p, person, no)
}

// reveal looks at a number on a person's page and finds the look told there.
func (s *stand) reveal(t *testing.T, p *browser.Page, person, no string) {
	t.Helper()
	p.Go(person)
	if strings.Contains(p.HTML(), no) {
		t.Error("the number stands on the page before anybody asked")
	}
	p.Click("查看")
	p.See("本人看得到")
	p.Type("dialog input[name=reason]", "核对入会申请")
	p.Click("dialog .btn.main")
	p.See(no)
	p.Click("谁看过")
	p.See("核对入会申请")
	p.See("赵敏")
	p.Go(person)
	if strings.Contains(p.HTML(), no) {
		t.Error("the number is still shown")
	}
}

// Whoever holds two posts acts in one at a time and changes by a click; elder
// mode and leaving are a click away as well.
func TestJourneyIdentity(t *testing.T) {
	s := office()
	p := browser.Open(t, s.url)
	p.Login("boss", bossSecret)
	turn := func(office string) {
		p.Click("当前身份")
		p.Click(office)
		p.Go("/")
	}
	turn("系统管理员")
	p.See("账号与岗位")
	p.Go(unions + "/new")
	if p.Status() != 403 || !strings.Contains(p.Text(), "切换为“组织干事") {
		t.Errorf("as the administrator founding a union is %d: %s", p.Status(), p.Text())
	}
	turn("组织干事")
	p.See("会员会籍")
	p.Go(unions + "/new")
	if p.Status() != 200 {
		t.Errorf("as the officer founding a union is %d", p.Status())
	}

	p.Go("/")
	size := func() float64 {
		return browser.Eval[float64](p, `parseFloat(getComputedStyle(document.querySelector("#main p")).fontSize)`)
	}
	small := size()
	p.Click("大字版")
	p.Go("/") // it lasts
	if big := size(); big < 1.5*small {
		t.Errorf("elder mode writes %.0f px, else %.0f", big, small)
	}
	p.Click("标准版")
	if back := size(); back != small {
		t.Errorf("back again it writes %.0f px, before %.0f", back, small)
	}
	p.Click("当前身份")
	p.Click("退出")
	if !strings.HasPrefix(p.Path(), "/login") {
		t.Errorf("leaving leads to %s", p.Path())
	}
	p.Go(members)
	if !strings.HasPrefix(p.Path(), "/login") {
		t.Errorf("who has left still gets %s", p.Path())
	}
}

// keys walks with the Tab key until what has the keyboard fits, and fails for
// every stop that cannot be seen.
func tabTo(t *testing.T, p *browser.Page, fits string) {
	t.Helper()
	for range 120 {
		p.Press("\t")
		at := p.Focused()
		if !browser.Eval[bool](p, `(() => { const s = getComputedStyle(document.activeElement); return document.activeElement === document.body || s.outlineStyle !== "none" || s.boxShadow !== "none" })()`) {
			t.Errorf("%s: the keyboard is at %s and nobody sees it", p.Path(), at)
		}
		if strings.Contains(at, fits) {
			return
		}
	}
	t.Fatalf("%s: the keyboard does not get to %s", p.Path(), fits)
}

// PL-16: from the log-in to a person's page and back without a mouse.
func TestKeyboardAlone(t *testing.T) {
	s := one()
	name := s.first(t, `SELECT name FROM members WHERE tenant_id = 2106000001 AND status = 'active' AND length(name) = 3 ORDER BY id DESC`)
	id := s.first(t, `SELECT id FROM members WHERE tenant_id = 2106000001 AND name = $1`, name)
	p := browser.Open(t, s.url)
	p.Go("/login")
	if !strings.Contains(p.Focused(), `name="login"`) {
		tabTo(t, p, `name="login"`)
	}
	p.Press("officer")
	tabTo(t, p, `name="password"`)
	p.Press("unionhall-demo\r")
	if p.Path() != "/" {
		t.Fatalf("the log-in leads to %s", p.Path())
	}
	p.Press("/")
	if !strings.Contains(p.Focused(), `id="find"`) {
		t.Fatalf("/ leads to %s", p.Focused())
	}
	p.Press(zh.Letters(name) + "\r")
	p.See(name)
	tabTo(t, p, members+"/"+id)
	p.Press("\r")
	if p.Path() != members+"/"+id || !strings.Contains(p.Text(), name) {
		t.Fatalf("it opens %s", p.Path())
	}
	tabTo(t, p, `href="`+members+`"`)
	p.Press("\r")
	if p.Path() != members {
		t.Errorf("back leads to %s", p.Path())
	}
	p.Press("gu")
	if p.Path() != unions {
		t.Errorf("g u leads to %s", p.Path())
	}
}
