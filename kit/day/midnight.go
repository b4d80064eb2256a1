package day

import "time"

// Start returns the instant at which d begins in Beijing, empty for no day.
func (d Day) Start() string { return d.midnight(0) }

// End returns the instant at which the day after d begins, empty for no day.
func (d Day) End() string { return d.midnight(1) }

func (d Day) midnight(days int) string {
	t, err := time.ParseInLocation(time.DateOnly, string(d), beijing)
	if err != nil {
		return ""
	}
	return string(At(t.AddDate(0, 0, days)))
}
