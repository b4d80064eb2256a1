// Package handover gives the books to others: as text that an outside program
// re-adds, as the files of the national data interface, as the archive of a
// year, and from one finance officer to the next.
package handover

import "unionhall/kit/auth"

// What people may do here.
const (
	Look auth.Action = "handover.look"
)
