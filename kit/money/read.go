package money

import (
	"strings"

	"unionhall/kit/fault"
)

// ParseWords reads an amount in capital characters as vouchers and cheques of
// others write it: with or without 人民币, 圆 for 元, 正 for 整, and every way
// of setting zeros, so both 壹拾万柒仟元零伍角叁分 and 壹拾万零柒仟元伍角叁分. What
// no amount is written like is fault.Invalid.
func ParseWords(text string) (Fen, error) {
	s := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "人民币"))
	s = strings.NewReplacer("圆", "元", "正", "整", "貳", "贰", "陸", "陆", "萬", "万", "億", "亿").Replace(s)
	bad := fault.New(fault.Invalid, "「%s」不是大写金额，请写成壹仟肆佰零玖元伍角整的样子。", text)
	if len(s) > 3*60 {
		return 0, bad
	}
	f := capitalsOf(s)
	if strings.HasPrefix(s, "元") || s == "整" {
		return 0, bad
	}
	// Only what the amount itself is written like, zeros apart, was read right.
	if bare(f.Words()) != bare(s) || !strings.HasSuffix(s, "整") && !strings.HasSuffix(s, "分") && !strings.HasSuffix(s, "角") && !strings.HasSuffix(s, "元") {
		return 0, bad
	}
	return f, nil
}

// bare leaves out what may be written in several ways.
func bare(s string) string { return strings.NewReplacer("零", "", "整", "").Replace(s) }

// capitalsOf adds up what the characters stand for.
func capitalsOf(s string) Fen {
	rest, negative := strings.CutPrefix(s, "负")
	var total, section, d Fen
	for _, r := range rest {
		switch r {
		case '拾':
			section, d = section+d*10, 0
		case '佰':
			section, d = section+d*100, 0
		case '仟':
			section, d = section+d*1000, 0
		case '万':
			section, d = (section+d)*10_000, 0
		case '亿':
			total, section, d = (total+section+d)*100_000_000, 0, 0
		case '元':
			total, section, d = (total+section+d)*100, 0, 0
		case '角':
			total, d = total+d*10, 0
		case '分':
			total, d = total+d, 0
		default:
			d = Fen(max(0, strings.Index("零壹贰叁肆伍陆柒捌玖", string(r))/3))
		}
	}
	if negative {
		return -total
	}
	return total
}
