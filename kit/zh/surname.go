package zh

import (
	"strings"
	"unicode/utf8"
)

// surnames are the surnames (姓) that read otherwise than their character does
// elsewhere. Where a surname has two readings it is the one of the north-east.
var surnames = map[rune]string{
	'单': "shan4", '單': "shan4", '曾': "zeng1", '仇': "qiu2", '解': "xie4", '查': "zha1",
	'盖': "ge3", '蓋': "ge3", '区': "ou1", '區': "ou1", '翟': "zhai2", '朴': "piao2",
	'乐': "yue4", '樂': "yue4", '任': "ren2", '华': "hua4", '華': "hua4", '盛': "sheng4",
	'洗': "xian3", '冼': "xian3", '员': "yun4", '員': "yun4", '贠': "yun4", '黑': "he4",
	'缪': "miao4", '繆': "miao4", '宓': "mi4", '覃': "qin2", '么': "yao1", '幺': "yao1",
	'要': "yao1", '葛': "ge3", '卜': "bu3", '牟': "mu4", '都': "du1", '召': "shao4",
	'少': "shao4", '折': "she2", '佘': "she2", '厍': "she4", '祭': "zhai4", '郇': "xun2",
	'郗': "xi1", '种': "chong2", '句': "gou1", '勾': "gou1", '能': "nai4", '佴': "nai4",
	'乜': "nie4", '訾': "zi1", '贲': "ben1", '賁': "ben1", '繁': "po2", '秘': "bi4",
	'炅': "gui4", '占': "zhan1", '干': "gan1", '藏': "zang4", '蔚': "yu4", '那': "na1",
	'哈': "ha3", '曲': "qu1", '过': "guo1", '過': "guo1", '应': "ying1", '應': "ying1",
	'相': "xiang1", '燕': "yan1", '适': "kuo4", '晟': "cheng2", '莘': "shen1", '笮': "ze2",
	'車': "che1", '车': "che1", '石': "shi2", '沈': "shen3", '叶': "ye4", '葉': "ye4",
}

// compounds are the surnames of two characters (复姓) that read otherwise than
// their characters do.
var compounds = [...]struct{ name, first, second string }{
	{"尉迟", "yu4", "chi2"}, {"尉遲", "yu4", "chi2"},
	{"万俟", "mo4", "qi2"}, {"萬俟", "mo4", "qi2"},
	{"单于", "chan2", "yu2"}, {"單于", "chan2", "yu2"},
	{"澹台", "tan2", "tai2"}, {"澹臺", "tan2", "tai2"},
	{"长孙", "zhang3", "sun1"}, {"長孫", "zhang3", "sun1"},
	{"令狐", "ling2", "hu2"}, {"子车", "zi3", "ju1"},
	{"拓跋", "tuo4", "ba2"}, {"鲜于", "xian1", "yu2"},
	{"诸葛", "zhu1", "ge3"}, {"諸葛", "zhu1", "ge3"},
}

// family returns how the first two characters of a person's name read as a
// surname, each "" where they read as ever. A name with a dot, or of more than
// four characters, is a translation and begins with no Chinese surname. A name
// of two characters has a surname of one: 单于 is a Mr 单.
func family(name string) (first, second string) {
	n := utf8.RuneCountInString(name)
	if n > 4 || strings.Contains(name, dot) {
		return "", ""
	}
	for i := range compounds {
		if c := &compounds[i]; n > 2 && strings.HasPrefix(name, c.name) {
			return c.first, c.second
		}
	}
	r, _ := utf8.DecodeRuneInString(name)
	return surnames[r], ""
}
