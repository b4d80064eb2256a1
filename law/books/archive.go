package books

import (
	"unionhall/kit/day"
	"unionhall/law"
)

// Archive is a kind of accounting archive (会计档案).
type Archive string

const (
	Originals Archive = "voucher" // 原始凭证、记账凭证、账簿、移交清册
	Reports   Archive = "report"  // 月度、季度报表，对账单，余额调节表，纳税申报表
	Annual    Archive = "annual"  // 年度报告，保管、销毁清册，鉴定意见书
	AssetCard Archive = "card"    // 固定资产卡片
)

// Archives are all kinds.
var Archives = []Archive{Originals, Reports, Annual, AssetCard}

// Label is the word of the schedule.
func (a Archive) Label() string {
	switch a {
	case Originals:
		return "凭证、账簿和移交清册"
	case Reports:
		return "月季报表、对账单和余额调节表"
	case Annual:
		return "年度报告和档案清册"
	case AssetCard:
		return "固定资产卡片"
	}
	return string(a)
}

// KeepUntil returns the last day a kind of archive must be kept, counted from
// the first day after the fiscal year of the day, of an asset's card from the
// day after its disposal; forever is true of what is kept for good.
//
// law: F3.27
func KeepUntil(b law.Book, at law.Place, kind Archive, of day.Day) (until day.Day, forever bool, err error) {
	start := of.AddDays(1)
	if kind != AssetCard {
		start = of.AddYears(1).MonthStart().AddMonths(1 - of.Month())
	}
	var years int
	switch kind {
	case Annual:
		forever, err = b.Bool("books.archive.annual_permanent", at, start)
		if forever || err != nil {
			return "", forever, err
		}
		years, err = b.Int("books.archive.voucher_years", at, start)
	case Reports:
		years, err = b.Int("books.archive.report_years", at, start)
	case AssetCard:
		years, err = b.Int("books.archive.asset_card_years", at, start)
	default:
		years, err = b.Int("books.archive.voucher_years", at, start)
	}
	return start.AddYears(years).AddDays(-1), false, err
}
