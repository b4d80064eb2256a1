package books

import "unionhall/kit/money"

// Line is one entry of a voucher (分录). Amounts are in fen; of debit and
// credit one is zero.
type Line struct {
	Account string    `json:"account"`
	Debit   money.Fen `json:"debit"`
	Credit  money.Fen `json:"credit"`
	Summary string    `json:"summary,omitempty"`
	Source  string    `json:"source,omitempty"`  // FR, SP, FT
	Project string    `json:"project,omitempty"` // 项目
	Party   string    `json:"party,omitempty"`   // 往来单位或个人
	Dept    string    `json:"dept,omitempty"`    // 部门
	Econ    string    `json:"econ,omitempty"`    // 部门预算支出经济分类，款
	Func    string    `json:"func,omitempty"`    // 支出功能分类，项
}

// Voucher is what Judge must know of one (记账凭证).
type Voucher struct {
	Red         bool   // written to cancel another (红字); its amounts are negative
	Corrects    bool   // written to put another right (更正)
	Carry       bool   // a closing voucher (期末结转)
	Attachments int    // 所附原始凭证张数
	Summary     string // 摘要
	Lines       []Line
	MaxLines    int // how many lines it may have; 0 for the number we ship
}
