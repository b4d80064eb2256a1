package hall

import (
	"context"
	"net/url"
	"strings"

	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/member"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/law"
	"unionhall/office/desk"
	"unionhall/office/manual"
)

// finders are what the search of the whole house looks through.
var finders = []desk.Finder{
	{Title: "会员", Find: findMembers},
	{Title: "工会组织", Find: findUnions},
	{Title: "制度依据", Find: findRules},
	{Title: "帮助", Find: findHelp},
}

func findMembers(ctx context.Context, tx *sqldb.Tx, v desk.Viewer, q string, limit int) (f desk.Found, err error) {
	g, ok := v.Grant(member.Look)
	if !ok {
		return f, nil
	}
	page, err := member.List(ctx, tx, g, member.Query{Q: q, Limit: limit})
	if err != nil {
		return f, err
	}
	for _, m := range page.Items {
		h := desk.Hit{Title: m.Name, Note: joined(m.UnionName, m.Phone, m.IDNo), Href: membersPage + "/" + m.ID, Tag: m.Status.Label(), Kind: ui.Mute}
		if m.Status == member.Active {
			h.Kind = ui.OK
		}
		f.Items = append(f.Items, h)
	}
	f.More = membersPage + "?q=" + url.QueryEscape(q)
	return f, nil
}

func findUnions(ctx context.Context, tx *sqldb.Tx, v desk.Viewer, q string, limit int) (f desk.Found, err error) {
	g, ok := v.Grant(registry.Look)
	if !ok {
		return f, nil
	}
	page, err := registry.List(ctx, tx, g, registry.Query{Q: q, State: registry.Any, Limit: limit}, v.Today)
	if err != nil {
		return f, err
	}
	for _, u := range page.Items {
		h := desk.Hit{Title: u.Name, Note: joined(u.Code, u.Kind.Label(), u.ParentName), Href: u.Place(), Tag: u.State.Label(), Kind: ui.OK}
		if u.State != registry.Standing {
			h.Kind = ui.Mute
		}
		f.Items = append(f.Items, h)
	}
	f.More = unionsPage + "?state=" + registry.Any + "&q=" + url.QueryEscape(q)
	return f, nil
}

// findRules looks in what the rules are called; their own page looks deeper.
func findRules(_ context.Context, _ *sqldb.Tx, _ desk.Viewer, q string, limit int) (f desk.Found, err error) {
	q = strings.ToLower(q)
	for _, r := range law.Rules() {
		if len(f.Items) < limit && (strings.Contains(r.Title, q) || strings.ToLower(r.ID) == q) {
			f.Items = append(f.Items, desk.Hit{Title: r.Title, Note: joined(r.ID, r.Citation), Href: "/law/rules#" + r.ID, Tag: r.Confidence.Label(), Kind: ui.Mute})
		}
	}
	f.More = "/law/rules?q=" + url.QueryEscape(q)
	return f, nil
}

// fewHelp is how many pages of the manual the search shows below the rest.
const fewHelp = 3

func findHelp(_ context.Context, _ *sqldb.Tx, _ desk.Viewer, q string, limit int) (f desk.Found, err error) {
	for _, t := range manual.Find(q, min(limit, fewHelp)) {
		f.Items = append(f.Items, desk.Hit{Title: t.Title, Note: t.Lead, Href: t.Href})
	}
	f.More = "/help"
	return f, nil
}

// joined sets what there is side by side.
func joined(parts ...string) string {
	var have []string
	for _, p := range parts {
		if p != "" {
			have = append(have, p)
		}
	}
	return strings.Join(have, " · ")
}
