package print

// Page goes on at the top of a new page.
func (d *Doc) Page() { d.newPage() }
