package bank

import (
	"strings"

	"unionhall/kit/day"
	"unionhall/kit/money"
)

// dayOf reads a day as banks write it, serial numbers of a spreadsheet too.
func dayOf(text string, serial func(string) (day.Day, bool)) (day.Day, bool) {
	if len(text) >= 14 && strings.Trim(text, "0123456789") == "" { // 20260305101112
		text = text[:8]
	}
	if len(text) == 5 && strings.Trim(text, "0123456789") == "" && serial != nil {
		return serial(text)
	}
	d, full, ok := day.Read(text)
	return d, ok && full && d.Year() >= 1990
}

// sideOf is 1 for what came and -1 for what went, in the bank's words.
func sideOf(text string) int {
	switch strings.ToUpper(strings.TrimSpace(text)) {
	case "贷", "贷方", "收", "收入", "存入", "转入", "来账", "进", "C", "CR", "+", "2":
		return 1
	case "借", "借方", "付", "支", "支出", "支取", "转出", "往账", "出", "D", "DR", "-", "1":
		return -1
	}
	return 0
}

// amountOf reads an amount as banks write it: 1,409.50, (3.00), 3.00-, +5.
func amountOf(text string) (money.Fen, error) {
	text = strings.NewReplacer("（", "(", "）", ")", "＋", "+", "－", "-", "−", "-", "人民币", "", "RMB", "", "CNY", "").Replace(strings.TrimSpace(text))
	text = strings.TrimSpace(text)
	negative := false
	if strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		negative, text = true, text[1:len(text)-1]
	}
	if s, ok := strings.CutSuffix(text, "-"); ok && !strings.HasPrefix(text, "-") {
		negative, text = !negative, s
	}
	text = strings.TrimPrefix(text, "+")
	n, err := money.Parse(strings.TrimSpace(text))
	if negative {
		n = -n
	}
	return n, err
}
