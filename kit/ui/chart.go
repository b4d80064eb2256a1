package ui

import "strconv"

// Bar is one line of a BarChart.
type Bar struct {
	Label, Href string
	Value       int64
	Text        string // what is written at its end; the number when empty
	Kind        Kind
}

// Month is one place on the time axis with its one or two values.
type Month struct {
	Label string // 3月
	A, B  int64
}

// Series is what a ColumnChart or LineChart draws. Without a name for B there
// is one series.
type Series struct {
	Summary string // the chart in a sentence, for all readers
	Unit    string // 人
	Axis    string // head of the first column of the table: 月份
	A, B    string // names of the series
	Months  []Month
}

func plain(n int64) string { return strconv.FormatInt(n, 10) }

// share is part of whole as an SVG length of two decimals, 12.34%.
func share(part, whole int64) string {
	if whole <= 0 || part < 0 {
		return "0%"
	}
	return hundredths(part*10000/whole) + "%"
}

func hundredths(n int64) string {
	s := strconv.FormatInt(n/100, 10)
	if n%100 != 0 {
		s += "." + strconv.FormatInt(n%100/10, 10) + strconv.FormatInt(n%10, 10)
	}
	return s
}

func (b Bar) text() string {
	if b.Text != "" {
		return b.Text
	}
	return count(b.Value)
}

func longest(bars []Bar) int64 {
	var top int64 = 1
	for _, b := range bars {
		top = max(top, b.Value)
	}
	return top
}

// top is the value at the upper edge of the plot: the next 1, 2 or 5 times a
// power of ten above the highest, divisible by four from 4 on.
func (s Series) top() int64 {
	var high int64 = 1
	for _, m := range s.Months {
		high = max(high, m.A+m.B)
		if s.B == "" {
			high = max(high, m.A)
		}
	}
	for p := int64(4); ; p *= 10 {
		for _, f := range []int64{1, 2, 3, 5} {
			if p*f >= high {
				return p * f
			}
		}
	}
}

// marks are the words beside the horizontal lines, from above.
func (s Series) marks() []string {
	t := s.top()
	return []string{count(t), count(t * 3 / 4), count(t / 2), count(t / 4), "0"}
}

// labelled says whether the i-th of n labels has room.
func labelled(i, n int) bool { return n <= 12 || i%((n+11)/12) == 0 }

// middle is the centre of the i-th of n places, at is the left edge of its
// column and wide its width, all in per cent of the plot.
func middle(i, n int) string { return share(int64(2*i+1), int64(2*n)) }
func left(i, n int) string   { return share(int64(100*i+22), int64(100*n)) }
func wide(n int) string      { return share(56, int64(100*n)) }

// points is the line through values in a box of 100 by 100.
func points(values []int64, low, high int64) string {
	out := make([]byte, 0, len(values)*12)
	for i, v := range values {
		x := int64(10000)
		if len(values) > 1 {
			x = int64(i) * 10000 / int64(len(values)-1)
		}
		y := int64(5000)
		if high > low {
			y = 10000 - (v-low)*10000/(high-low)
		}
		out = append(out, hundredths(x)+","+hundredths(y)+" "...)
	}
	return string(out)
}

// centred is the line of a LineChart, whose points stand over their labels.
func (s Series) centred(second bool) string {
	n, t := int64(len(s.Months)), s.top()
	out := make([]byte, 0, n*12)
	for i, m := range s.Months {
		v := m.A
		if second {
			v = m.B
		}
		out = append(out, hundredths((2*int64(i)+1)*10000/(2*n))+","+hundredths(10000-v*10000/t)+" "...)
	}
	return string(out)
}

func extremes(values []int64) (low, high int64) {
	low, high = values[0], values[0]
	for _, v := range values {
		low, high = min(low, v), max(high, v)
	}
	return low, high
}
