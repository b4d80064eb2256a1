package member

import (
	"strconv"
	"strings"
)

func columnsOf(list string) []string {
	out := strings.Split(list, ",")
	for i := range out {
		out[i] = strings.TrimSpace(out[i])
	}
	return out
}

func itoa(n int) string { return strconv.Itoa(n) }
