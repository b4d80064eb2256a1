package statement

import (
	"context"

	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// Room is the pages of the statements. Names tells who an account is.
type Room struct {
	Names func(ctx context.Context, tx *sqldb.Tx, tenant int64, accounts []string) (map[string]string, error)
}

// Routes is every page of this room with the action it needs.
func (rm Room) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET " + Home, Needs: Look, Doc: "会计报表目录", Do: web.Page(home, homeView)},
		{Pattern: "GET " + Home + "/{form}", Needs: Look, Doc: "一张会计报表", Do: web.Page(form, formView)},
		{Pattern: "GET " + Home + "/{form}/cells/{row}", Needs: Look, Doc: "报表里一个数字的来源", Do: web.Page(cell, cellView)},
	}
}
