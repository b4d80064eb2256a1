package hall

import (
	"strings"

	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/office/manual"
)

// place is a line of the menu, shown to whoever may do what it needs.
type place struct {
	ui.MenuItem
	needs auth.Action
}

// wing is a part of the menu: one of the three services, or the system.
type wing struct {
	title  string
	places []place
}

// menuOf draws the menu of an office once; a page only marks where it is.
func menuOf(roles auth.Roles, o auth.Office) []ui.MenuGroup {
	var out []ui.MenuGroup
	for _, w := range wings {
		g := ui.MenuGroup{Title: w.title}
		for _, p := range w.places {
			if p.needs == auth.Anyone || has(roles[o], p.needs) {
				g.Items = append(g.Items, p.MenuItem)
			}
		}
		if len(g.Items) > 0 {
			out = append(out, g)
		}
	}
	return out
}

func has(acts []auth.Action, a auth.Action) bool {
	for _, x := range acts {
		if x == a {
			return true
		}
	}
	return false
}

// marked returns the menu with the place of path marked: the longest address
// that path begins with.
func marked(menu []ui.MenuGroup, path string) []ui.MenuGroup {
	group, item, length := -1, -1, 0
	for g := range menu {
		for i, m := range menu[g].Items {
			if n := len(m.Href); n > length && (path == m.Href || m.Href != "/" && strings.HasPrefix(path, m.Href+"/")) {
				group, item, length = g, i, n
			}
		}
	}
	if group < 0 {
		return menu
	}
	out := append([]ui.MenuGroup{}, menu...)
	out[group].Items = append([]ui.MenuItem{}, out[group].Items...)
	out[group].Items[item].On = true
	return out
}

// frame is what stands around a page for whoever asks.
func (h *House) frame(r *web.Request) (*ui.Frame, error) {
	a := r.Actor()
	f := &ui.Frame{Office: "职工之家", SignedIn: a.SignedIn(), Person: a.Name(), Help: manual.PageFor(r.HTTP.URL.Path)}
	if !a.SignedIn() {
		f.Demo = h.demo
		return f, nil
	}
	type about struct {
		name   string
		demo   bool
		unread int64
	}
	v, err := sqldb.One(r.Ctx, r.Tx, func(row sqldb.Row) (v about, err error) { return v, row(&v.name, &v.demo, &v.unread) }, `
		SELECT t.name, t.demo, (SELECT count(*) FROM messages m WHERE m.tenant_id = t.tenant_id AND m.account_id = $2 AND m.read_at IS NULL)
		FROM tenants t WHERE t.tenant_id = $1`, a.Tenant(), a.Account())
	if err != nil {
		return nil, err
	}
	f.Office, f.Demo, f.Messages = v.name, v.demo, int(v.unread)
	now, held := a.Current(r.Today)
	for _, p := range a.Posts(r.Today) {
		f.Posts = append(f.Posts, ui.PostChoice{ID: p.ID, Label: p.Label(), Current: held && p.ID == now.ID})
	}
	if held {
		f.Post = now.Label()
		f.Menu = marked(h.rooms.menus[now.Office], r.HTTP.URL.Path)
	}
	return f, nil
}
