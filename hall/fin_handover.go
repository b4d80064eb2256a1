package hall

import (
	"unionhall/grassroots/finance/handover"
	"unionhall/office/account"
)

// newHandover makes the room that gives the books to others.
func (h *House) newHandover() *handover.Room {
	return &handover.Room{Names: account.Names}
}
