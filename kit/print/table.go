package print

// Column is one column of a table. Widths are shares of the line; none given
// is one share.
type Column struct {
	Head  string
	Width float64
	Align Align
}

const (
	padX = 1.2 * mm
	padY = 0.9 * mm
)

const lineHeight = smallSize * leading

// Table is a table being filled, row by row.
type Table struct {
	d       *Doc
	columns []Column
	edges   []float64 // of the columns, one more than there are
	head    [][]string
	top     float64 // where its frame begins on this page
	rows    int
	carry   func() (over, on []string)
}

// Table begins a table over the whole line. Rows follow, then End.
func (d *Doc) Table(columns ...Column) *Table {
	t := &Table{d: d, columns: columns, edges: []float64{side}}
	var all float64
	for _, c := range columns {
		all += share(c)
	}
	for i, c := range columns {
		t.edges = append(t.edges, t.edges[i]+d.inner()*share(c)/all)
	}
	for i, c := range columns {
		t.head = append(t.head, d.wrap(c.Head, t.space(i), smallSize))
	}
	d.room(t.tall(t.head) + 2*lineHeight)
	t.begin()
	return t
}

func share(c Column) float64 {
	if c.Width <= 0 {
		return 1
	}
	return c.Width
}

func (t *Table) space(i int) float64 { return t.edges[i+1] - t.edges[i] - 2*padX }

func (t *Table) tall(cells [][]string) float64 { return float64(deepest(cells))*lineHeight + 2*padY }

func deepest(cells [][]string) int {
	n := 1
	for _, lines := range cells {
		n = max(n, len(lines))
	}
	return n
}

// begin draws the head of the table at the top of its part on this page.
func (t *Table) begin() {
	d := t.d
	t.top = d.y
	h := t.tall(t.head)
	d.gp.SetFillColor(pale, pale, pale)
	d.gp.RectFromUpperLeftWithStyle(side, d.y, d.inner(), h, "F")
	d.rule(side, d.y, side+d.inner(), d.y)
	t.draw(t.head, true)
}

// draw puts the lines of cells into the row at hand, and the rule under it.
func (t *Table) draw(cells [][]string, head bool) {
	d := t.d
	h := t.tall(cells)
	for i, lines := range cells {
		a := t.columns[i].Align
		if head {
			a = Centre
		}
		y := d.y + (h-float64(len(lines))*lineHeight)/2
		for _, text := range lines {
			d.put(t.edges[i]+padX, y, t.space(i), smallSize, a, text)
			y += lineHeight
		}
	}
	d.y += h
	d.rule(side, d.y, side+d.inner(), d.y)
}

// frame draws the upright lines of the part on this page.
func (t *Table) frame() {
	for _, x := range t.edges {
		t.d.rule(x, t.top, x, t.d.y)
	}
}

// Carry has a page end with one more row and the next begin with one: what is
// carried over (过次页) and brought forward (承前页) in a book.
func (t *Table) Carry(f func() (over, on []string)) { t.carry = f }

// turn goes on to the next page, under the same head.
func (t *Table) turn() {
	var over, on []string
	if t.carry != nil && t.rows > 1 {
		over, on = t.carry()
		t.draw(t.wrapped(over), false)
	}
	t.frame()
	t.d.newPage()
	t.begin()
	if on != nil {
		t.draw(t.wrapped(on), false)
	}
}

func (t *Table) wrapped(cells []string) [][]string {
	out := make([][]string, len(t.columns))
	for i := range min(len(cells), len(t.columns)) {
		out[i] = t.d.wrap(cells[i], t.space(i), smallSize)
	}
	return out
}

// Row adds a row. Cells that are too long are broken into lines, a row that
// fits on no page into pages. The error is the paper's, to stop early by.
func (t *Table) Row(cells ...string) error {
	d := t.d
	wrapped := t.wrapped(cells)
	t.rows++
	for d.err == nil {
		free := int((d.floor() - d.y - 2*padY) / lineHeight)
		if t.carry != nil {
			free -= 2 // the line that is carried over, with its padding
		}
		page := int((d.floor() - d.firstLine() - t.tall(t.head) - 2*padY) / lineHeight)
		switch need := deepest(wrapped); {
		case need <= free:
			t.draw(wrapped, false)
			return d.err
		case need <= page || free < 3:
			t.turn()
		default:
			first, rest := split(wrapped, free)
			t.draw(first, false)
			wrapped = rest
		}
	}
	return d.err
}

// split parts a row after n lines.
func split(cells [][]string, n int) (first, rest [][]string) {
	for _, lines := range cells {
		at := min(n, len(lines))
		first, rest = append(first, lines[:at]), append(rest, lines[at:])
	}
	return first, rest
}

// End closes the table; one without rows says so.
func (t *Table) End() {
	d := t.d
	if t.rows == 0 {
		h := lineHeight + 2*padY
		d.put(side, d.y+padY, d.inner(), smallSize, Centre, "（没有内容）")
		t.frame()
		d.y += h
		d.rule(side, d.y, side+d.inner(), d.y)
		d.rule(side, d.y-h, side, d.y)
		d.rule(side+d.inner(), d.y-h, side+d.inner(), d.y)
	} else {
		t.frame()
	}
	d.y += 4 * mm
}
