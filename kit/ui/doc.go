// Package ui is the face of the product: one stylesheet, one script, icons,
// the shell of every page and the parts that pages are built from. It knows
// no route table, no database and no rule; what a part shows is handed in.
//
// A page is written as
//
//	@ui.Shell(ui.Page{Title: "会员会籍", Lead: "…", Actions: actions()}) {
//		@ui.Card("逐行结果", nil) { … }
//	}
//
// and its handler has put a Frame into the context with With. Every part
// works without script; assets/app.js only improves. /help/parts in the demo
// shows each part with real content (Parts).
//
// Besides the parts, pages may use these classes: num (right-aligned figure),
// mute (secondary words), nw (never broken), pad (inside a card), row (a line
// of buttons), stack (things under each other), desk-only and phone-only.
package ui
