package hall

import (
	"unionhall/grassroots/finance/closing"
	"unionhall/office/account"
)

// newClosing furnishes the room that closes the books with what other rooms
// know of a month.
//
// law: F3.16, F3.17
func (h *House) newClosing() *closing.Room {
	return &closing.Room{Names: account.Names, Files: h.Files, Runner: h.Runner}
}
