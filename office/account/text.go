package account

import "strconv"

func digits(n int) string { return strconv.Itoa(n) }

// join sets words side by side, without those that are empty.
func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + " " + b
}
