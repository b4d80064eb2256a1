package zh

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestClean(t *testing.T) {
	for name, want := range map[string]string{
		"李　明":            "李明",
		" 李 明\t":         "李明",
		"\ufeff李明\u200b": "李明",
		"买买提•吐尔逊":        "买买提·吐尔逊",
		"买买提・吐尔逊":        "买买提·吐尔逊",
		"买买提 ‧ 吐尔逊":      "买买提·吐尔逊",
		"Ｔｏｍ":            "Tom",
		"葛\U000e0100城":   "葛城",
		"𠮷𡈽":             "𠮷𡈽",
	} {
		if got := Clean(name); got != want {
			t.Errorf("Clean(%q) = %q, want %q", name, got, want)
		}
	}
	if got := Narrow("　（１２） Ａb　c\u00a0"); got != "(12) Ab c" {
		t.Errorf("Narrow = %q", got)
	}
	if got := Squeeze("２１０６ ０２ x"); got != "210602x" {
		t.Errorf("Squeeze = %q", got)
	}
}

func TestNameFlaw(t *testing.T) {
	for _, c := range []struct {
		name string
		ok   bool
	}{
		{"王建国", true}, {"𠮷𡈽", true}, {"李〇", true}, {"﨑山", true}, {"𰻝生", true}, {"㛃儿", true},
		{"阿不都热合曼·买买提", true}, {"JohnSmith", true}, {"卡尔·Marx", true}, {"José", true},
		{strings.Repeat("王", 50), true}, {strings.Repeat("王", 51), false},
		{"", false}, {"王", false}, {"·王", false}, {"王·", false}, {"王··李", false}, {"··", false},
		{"=王建国", false}, {"+王", false}, {"-王", false}, {"@王", false}, {"王1", false}, {"王１", false},
		{"王(建国)", false}, {"王（建国）", false}, {"<b>王", false}, {"王 建国", false}, {"王\xff", false}, {"王，李", false}, {"Иван", false},
	} {
		if flaw := NameFlaw(c.name); (flaw == "") != c.ok || ValidName(c.name) != c.ok {
			t.Errorf("NameFlaw(%q) = %q", c.name, flaw)
		}
	}
}

func TestSurnames(t *testing.T) {
	for name, want := range map[string]string{
		"单立新": "shan li xin", "曾国强": "zeng guo qiang", "仇英": "qiu ying", "解晓东": "xie xiao dong",
		"查良镛": "zha liang yong", "盖叫天": "ge jiao tian", "区大为": "ou da wei", "翟志刚": "zhai zhi gang",
		"尉迟敬德": "yu chi jing de", "尉健行": "wei jian xing", "万俟卨": "mo qi xie", "万里": "wan li",
		"朴树": "piao shu", "乐嘉": "yue jia", "任长霞": "ren chang xia", "华罗庚": "hua luo geng",
		"盛世才": "sheng shi cai", "冼星海": "xian xing hai", "洗夫人": "xian fu ren", "员半千": "yun ban qian",
		"黑伯龙": "he bo long", "缪昌文": "miao chang wen", "宓妃": "mi fei", "覃志刚": "qin zhi gang",
		"么喜龙": "yao xi long", "葛优": "ge you", "卜卫东": "bu wei dong", "肖华": "xiao hua",
		"欧阳修": "ou yang xiu", "司马光": "si ma guang", "单于飞": "chan yu fei", "单于": "shan yu",
		"澹台灭明": "tan tai mie ming", "长孙无忌": "zhang sun wu ji", "长江": "chang jiang", "令狐冲": "ling hu chong",
		"诸葛亮": "zhu ge liang", "令计": "ling ji", "吕布": "lv bu", "朱德": "zhu de", "重阳": "zhong yang",
		"查干巴特尔": "cha gan ba te er", "乐·克洛": "le ke luo", "张晟珩": "zhang sheng heng",
		"王莞尔": "wang wan er", "麦麦提·艾力": "mai mai ti ai li", "JohnSmith": "john smith", "TOM": "tom",
		"𠅤〇㛃": "xi ling jie", "單雄信": "shan xiong xin", "李乐": "li le",
	} {
		if got := strings.Join(Pinyin(name), " "); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}

func TestLetters(t *testing.T) {
	for name, want := range map[string][2]string{
		"王建国":       {"wangjianguo", "wjg"},
		"吕绿":        {"lvlv", "ll"},
		"张卓玛":       {"zhangzhuoma", "zzm"},
		"JohnSmith": {"johnsmith", "js"},
		"":          {"", ""},
	} {
		if Letters(name) != want[0] || Initials(name) != want[1] {
			t.Errorf("%s is %s, %s", name, Letters(name), Initials(name))
		}
	}
	if l, i := UnitLetters("区财政局第12支部"), UnitInitials("区财政局第12支部"); l != "qucaizhengjudi12zhibu" || i != "qczjd12zb" {
		t.Errorf("a unit is %s, %s", l, i)
	}
}

func TestSortKey(t *testing.T) {
	want := []string{"艾力", "李", "李明", "李明亮", "理琦", "里佳", "厉行", "林冲", "卢俊", "陆游", "吕布", "栾平", "罗成", "单利新", "单立新", "Tom", "汪洋", "王安", "王建", "王建国", "曾一", "𱁬一"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, func(a, b string) int { return strings.Compare(SortKey(a), SortKey(b)) })
	if !slices.Equal(got, want) {
		t.Errorf("sorted %v\nwant   %v", got, want)
		for _, n := range got {
			t.Log(SortKey(n))
		}
	}
	if k := SortKey("单立新"); k != "shan4单li4立xin1新" {
		t.Errorf("SortKey = %s", k)
	}
	if SortKey("区财") == UnitSortKey("区财") || UnitSortKey("区财政局") != "qu1区cai2财zheng4政ju2局" {
		t.Errorf("UnitSortKey = %s", UnitSortKey("区财政局"))
	}
}

func TestGrams(t *testing.T) {
	if got, want := Grams("阿·依阿依B"), []string{"阿", "依", "阿依", "依阿", "b", "依b"}; !slices.Equal(got, want) {
		t.Errorf("Grams = %v, want %v", got, want)
	}
	if got := Probes("王建国"); !slices.Equal(got, []string{"王建", "建国"}) {
		t.Errorf("Probes = %v", got)
	}
	if got := Probes("王"); !slices.Equal(got, []string{"王"}) || Probes("") != nil {
		t.Errorf("Probes = %v", got)
	}
}

// Every part of a name is found by its probes.
func TestProbesFindParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(rapid.RuneFrom([]rune("王建国𠮷·Aüz")), 1, 12, -1).Draw(t, "name")
		grams := Grams(name)
		runes := []rune(name)
		from := rapid.IntRange(0, len(runes)-1).Draw(t, "from")
		to := rapid.IntRange(from, len(runes)).Draw(t, "to")
		for _, p := range Probes(string(runes[from:to])) {
			if !slices.Contains(grams, p) {
				t.Fatalf("%q lacks %q", name, p)
			}
		}
		for i, g := range grams {
			if slices.Index(grams, g) != i {
				t.Fatalf("%q has %q twice", name, g)
			}
		}
	})
}

func TestQuery(t *testing.T) {
	for text, want := range map[string][]Term{
		"王建国":                {{InName, "王建国"}},
		"李　明":                {{InName, "李明"}},
		"王 机关":               {{InName, "王"}, {InName, "机关"}},
		"李明 财政局":             {{InName, "李明"}, {InName, "财政局"}},
		"买买提·艾力":             {{InName, "买买提艾力"}},
		"Wang Jian Guo":      {{InLetters, "wangjianguo"}},
		"xi'an":              {{InLetters, "xian"}},
		"LÜ":                 {{InLetters, "lv"}},
		"王jg 0012":           {{InName, "王"}, {InLetters, "jg"}, {InNumbers, "0012"}},
		"138 0013-8000":      {{InNumbers, "13800138000"}},
		"+86 13800138000":    {{InNumbers, "13800138000"}},
		"210602********001x": {{InNumbers, "210602"}, {InNumbers, "001X"}},
		"001xu":              {{InNumbers, "001"}, {InLetters, "xu"}},
		"００１２":               {{InNumbers, "0012"}},
		"王，李":                {{InName, "王"}, {InName, "李"}},
		" %_' ":              nil,
	} {
		if got := Query(text); !slices.Equal(got, want) {
			t.Errorf("Query(%q) = %v, want %v", text, got, want)
		}
	}
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"单立新", "买买提•吐尔逊", "\xff王", "JohnSMITHü", "𠮷·"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name := Clean(text)
		if Clean(name) != name {
			t.Errorf("Clean(%q) is not clean", text)
		}
		if strings.Trim(Letters(name)+Initials(name), "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
			t.Errorf("Letters(%q) = %q", name, Letters(name))
		}
		if ValidName(name) && (SortKey(name) == "" || len(Grams(name)) == 0) {
			t.Errorf("%q cannot be sorted or found", name)
		}
		for _, q := range Query(text) {
			if q.Text == "" {
				t.Errorf("Query(%q) has an empty term", text)
			}
		}
	})
}

func BenchmarkSortKey(b *testing.B) {
	for b.Loop() {
		SortKey("王建国")
	}
}

func BenchmarkLetters(b *testing.B) {
	for b.Loop() {
		Letters("王建国")
	}
}

func BenchmarkGrams(b *testing.B) {
	for b.Loop() {
		Grams("王建国")
	}
}

func BenchmarkClean(b *testing.B) {
	for b.Loop() {
		Clean("王建国")
	}
}
