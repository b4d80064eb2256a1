package account

import "strconv"

func digits(n int) string { return strconv.Itoa(n) }
