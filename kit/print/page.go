package print

// Page goes on at the top of a new page.
func (d *Doc) Page() { d.newPage() }

// Next begins another paper of the same file on a new page, under its own head.
func (d *Doc) Next(office, title, note string) {
	d.paper.Office, d.paper.Title, d.paper.Note = office, title, note
	d.fresh = true
	d.newPage()
	d.fresh = false
}
