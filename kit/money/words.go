package money

import "strings"

// Words writes the amount in capital characters (人民币大写), as cheques and
// receipts ask: 1409.50 is 壹仟肆佰零玖元伍角整. Zeros within the yuan are
// written once, and once between 元 and a lone 分; none stands between 元 and
// 角. So 107000.53 is 壹拾万零柒仟元伍角叁分, one of the forms that 支付结算办法
// allows; ParseWords reads the other too.
//
// law: F3.25
func (f Fen) Words() string {
	n := magnitude(int64(f))
	yuan, jiao, fen := n/100, n/10%10, n%10
	var b strings.Builder
	if f < 0 {
		b.WriteString("负")
	}
	if yuan > 0 {
		w := capitals{b: &b}
		w.number(yuan)
		b.WriteString("元")
	}
	switch {
	case jiao > 0:
		b.WriteString(digit(jiao) + "角")
	case fen > 0 && yuan > 0:
		b.WriteString("零")
	case n == 0:
		b.WriteString("零元")
	}
	if fen > 0 {
		b.WriteString(digit(fen) + "分")
	} else {
		b.WriteString("整")
	}
	return b.String()
}

func digit(n uint64) string { return "零壹贰叁肆伍陆柒捌玖"[n*3 : n*3+3] }

// capitals writes a number; gap means that zeros stand since the last digit.
type capitals struct {
	b       *strings.Builder
	started bool
	gap     bool
}

func (w *capitals) number(n uint64) {
	const yi, wan = 100_000_000, 10_000
	if n >= yi {
		w.number(n / yi)
		w.b.WriteString("亿")
		n %= yi
	}
	if n >= wan {
		w.four(n / wan)
		w.b.WriteString("万")
	} else {
		w.gap = true
	}
	w.four(n % wan)
}

func (w *capitals) four(n uint64) {
	for i, unit := range [...]string{"仟", "佰", "拾", ""} {
		d := n / [...]uint64{1000, 100, 10, 1}[i] % 10
		if d == 0 {
			w.gap = true
			continue
		}
		if w.gap && w.started {
			w.b.WriteString("零")
		}
		w.gap, w.started = false, true
		w.b.WriteString(digit(d) + unit)
	}
}
