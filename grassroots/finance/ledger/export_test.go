package ledger

// SheetNumbers are the numbers that the sheets of a voucher of n lines bear.
func SheetNumbers(v Voucher, n int) (out []string) {
	for _, s := range sheets(v, make([]lineRow, n), nil) {
		out = append(out, s.number())
	}
	return out
}
