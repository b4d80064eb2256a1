package books

import "unionhall/kit/money"

// Dues returns what a member owes for one month (会费) on a base of wages: half
// a per cent of it, what is below ten yuan left out. Both are in fen.
//
// law: F1.2
func Dues(base money.Fen) money.Fen {
	const ten = 10_00
	return (max(0, base) / ten * ten).Share(5, 1000)
}
