package codes

import (
	"strings"
	"testing"
)

var every = []Table{Sex, Ethnic, Political, Employment, Education, Skill, IDType, Household,
	ChangeType, ChangeReason, OrganKind, UnionKind, UnitNature, Industry, BaseForm, YesNo}

// What offices write, above all in the sample workbooks.
func TestParse(t *testing.T) {
	for _, c := range []struct {
		table         Table
		written, want string // "" = no answer
	}{
		{Sex, "男", "1"}, {Sex, "女", "2"}, {Sex, "男性/男", "1"}, {Sex, " 女　", "2"}, {Sex, "男/女", ""}, {Sex, "", ""},
		{Ethnic, "汉族", "01"}, {Ethnic, "汉", "01"}, {Ethnic, "汉族/汉", "01"}, {Ethnic, "毛难", "36"}, {Ethnic, "毛南族", "36"},
		{Ethnic, "满族", "11"}, {Ethnic, "朝鲜族", "10"}, {Ethnic, "蒙古族", "02"}, {Ethnic, "回族", "03"}, {Ethnic, "锡伯", "38"},
		{Ethnic, "基诺族", "56"}, {Ethnic, "火星族", ""}, {Ethnic, "族", ""},
		{Political, "中共党员", "01"}, {Political, "党员", "01"}, {Political, "预备党员", "02"}, {Political, "团员", "03"},
		{Political, "共青团员", "03"}, {Political, "民革党员", "04"}, {Political, "九三学社社员", "10"}, {Political, "群众", "13"},
		{Political, "0", "13"}, {Political, "中共党员（预备）", "02"}, {Political, "党员/群众", ""},
		{Employment, "在岗", "1"}, {Employment, "待(下)岗", "2"}, {Employment, "内退", "7"}, {Employment, "退养（内退）", "7"},
		{Education, "大学本科", "20"}, {Education, "本科", "20"}, {Education, "学士", "20"}, {Education, "大学（本科）", "20"},
		{Education, "大学专科", "30"}, {Education, "大专", "30"}, {Education, "研究生", "10"}, {Education, "研究生（硕士）", "14"}, {Education, "硕士研究生", "14"},
		{Education, "博士研究生", "11"}, {Education, "中等专科", "41"}, {Education, "中专", "41"}, {Education, "高中", "60"},
		{Education, "初中", "70"}, {Education, "大学本科毕业", "21"}, {Education, "21", ""},
		{Skill, "高级技师", "1"}, {Skill, "一级", "1"}, {Skill, "高级工", "3"}, {Skill, "三级(高级)", "3"},
		{IDType, "居民身份证", "1"}, {IDType, "身份证", "1"}, {IDType, "台胞证", "5"},
		{Household, "非农业户口", "2"}, {Household, "城镇", "2"}, {Household, "农业", "3"}, {Household, "农业集体", "5"},
		{ChangeType, "入会", "1"}, {ChangeType, "转入", "2"}, {ChangeType, "保留会籍", "3"},
		{ChangeReason, "新入会", "11"}, {ChangeReason, `调入,原单位"撤并"`, "1"}, {ChangeReason, "劳动(工作)关系变化", "1"},
		{OrganKind, "事业", "institution"}, {OrganKind, "党委", "party"},
		{UnionKind, "工会工作委员会", "agency"}, {UnionKind, "机关工会委员会", "base"},
		{UnitNature, "机关", "500"}, {UnitNature, "事业", "400"},
		{Industry, "公共管理和社会组织", "19"}, {Industry, "农、林、牧、渔业", "01"}, {Industry, "教育", "16"},
		{BaseForm, "独立", "0"}, {YesNo, "否", "0"}, {YesNo, "是", "1"}, {YesNo, "√", "1"},
		{Table("no such table"), "男", ""},
	} {
		if got, ok := c.table.Parse(c.written); got != c.want || ok != (c.want != "") {
			t.Errorf("IMP-02 %s: Parse(%q) = %q, %v; want %q", c.table, c.written, got, ok, c.want)
		}
	}
}

// IMP-05: what is exported can be imported, so every label must lead back to
// its own code, and no word may lead to two.
func TestLabelsLeadBack(t *testing.T) {
	for _, table := range every {
		all := table.All()
		if len(all) == 0 {
			t.Errorf("%s is empty", table)
		}
		for _, c := range all {
			if got, ok := table.Parse(c.Label); !ok || got != c.Code {
				t.Errorf("%s: %s %q parses as %q", table, c.Code, c.Label, got)
			}
			if table.Label(c.Code) != c.Label || !table.Has(c.Code) {
				t.Errorf("%s: %s has no label", table, c.Code)
			}
		}
	}
	if got := Ethnic.Label("00"); got != "00" || Ethnic.Has("00") {
		t.Errorf("an unknown code is shown as %q", got)
	}
	seen := map[string]string{}
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 4 {
			t.Fatalf("line %q", line)
		}
		own := map[string]bool{}
		for _, w := range append(strings.Split(f[3], "|"), f[2]) {
			if w = letters(w); w == "" || own[w] {
				continue
			}
			own[w] = true
			if other := seen[f[0]+w]; other != "" {
				t.Errorf("%s: %q is both %s and %s", f[0], w, other, f[1])
			}
			seen[f[0]+w] = f[1]
		}
	}
}

// The tables of organisation.md 3.6, 3.5 and 1.1 are there whole.
func TestComplete(t *testing.T) {
	for table, want := range map[Table]string{
		Sex:          "0 1 2 9",
		Political:    "01 02 03 04 05 06 07 08 09 10 11 12 13",
		Education:    "10 11 12 13 14 15 16 17 18 19 20 21 22 23 28 30 31 32 33 40 41 42 43 44 45 46 47 48 49 60 61 62 63 70 71 73 80 81 83 90",
		Employment:   "1 2 3 4 5 6 7 8 9",
		Skill:        "1 2 3 4 5",
		ChangeType:   "1 2 3 4 5 6",
		OrganKind:    "party congress government cppcc court procuratorate democratic_party federation mass supervision institution enterprise other",
		UnionKind:    "national province city county industry agency federation base joint single branch group",
		ChangeReason: "1 2 3 4 5 6",
	} {
		for code := range strings.FieldsSeq(want) {
			if !table.Has(code) {
				t.Errorf("%s lacks %s", table, code)
			}
		}
	}
	for i, name := range strings.Fields("汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 独龙 鄂伦春 赫哲 门巴 珞巴 基诺") {
		if got := Ethnic.All()[i].Label; got != name+"族" {
			t.Errorf("ethnic group %d is %s, want %s", i+1, got, name)
		}
	}
	if n := len(Industry.All()); n != 20 {
		t.Errorf("%d sections of industry", n)
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		Education.Parse("硕士研究生")
	}
}
