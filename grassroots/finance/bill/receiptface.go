package bill

import "strings"

func (p GivePage) title() string {
	if p.Kind == Electronic {
		return "登记电子票据"
	}
	return "开具收据"
}

func (p GivePage) lead() string {
	if p.Kind == Electronic {
		return "在财政票据平台开出以后，到这里登记，和凭证对应。"
	}
	return "按号码顺序开具；写错的不要涂改，作废后重开。"
}

func (p GivePage) submit() string {
	if p.Kind == Electronic {
		return "登记"
	}
	return "开具"
}

func (p GivePage) kindQuery() string {
	if p.Kind == Electronic {
		return Electronic
	}
	return ""
}

func (b *Batch) id() string {
	if b == nil {
		return ""
	}
	return b.ID
}

func (b *Batch) next() string {
	if b == nil {
		return ""
	}
	return b.Next
}

// sum is the amount of a receipt that has one.
func (r Receipt) sum() string {
	if r.Amount == 0 {
		return ""
	}
	return r.Amount.Grouped()
}

func (p BatchPage) nextNote() string {
	if p.Next == "" {
		return "已经用完"
	}
	return "下一张 " + p.Next
}

// mostGaps is how many gaps are told by number.
const mostGaps = 20

func (p BatchPage) gapText() string {
	if n := len(p.Missing); n > mostGaps {
		return strings.Join(p.Missing[:mostGaps], "、") + " 等 " + count(int64(n)) + " 个号码"
	}
	return strings.Join(p.Missing, "、")
}
