package hall

import (
	"context"
	"fmt"
	"sync"
	"time"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/sqldb"
	"unionhall/office/desk"
)

// shelf keeps what one source said, for each post that asked.
type shelf struct {
	mu   sync.Mutex
	said map[asker]saying
}

// asker is all that a source's answer depends on beside the data.
type asker struct {
	tenant int64
	under  string
	office auth.Office
	today  day.Day
}

type saying struct {
	last string // how the log stood when it was said
	till time.Time
	part desk.Part
}

const (
	longestKept = time.Minute
	mostKept    = 500
)

// remembered asks source again only when something was written since: every
// write to what the work table adds up leaves a line in the log. Lines of two
// instances come out of order, so the newest alone tells nothing: how many wait
// for their block, and which block was the last, rise with every line.
func remembered(source desk.Source) desk.Source {
	s := &shelf{said: map[asker]saying{}}
	return func(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (desk.Part, error) {
		post, ok := v.Actor.Current(v.Today)
		if !ok {
			return desk.Part{}, nil
		}
		who := asker{v.Actor.Tenant(), post.UnionID, post.Office, v.Today}
		last, err := stand(ctx, tx, who.tenant)
		if err != nil {
			return desk.Part{}, err
		}
		if p, ok := s.find(who, last); ok {
			return p, nil
		}
		p, err := source(ctx, tx, v)
		if err == nil {
			s.keep(who, saying{last, time.Now().Add(longestKept), p})
		}
		return p, err
	}
}

// stand is a text that differs after every line of a tenant's log.
func stand(ctx context.Context, tx *sqldb.Tx, tenant int64) (string, error) {
	return sqldb.One(ctx, tx, func(row sqldb.Row) (string, error) {
		var block, open int64
		err := row(&block, &open)
		return fmt.Sprint(block, " ", open), err
	}, `
		SELECT (SELECT coalesce(max(b.no), 0) FROM audit_blocks b WHERE b.tenant_id = $1),
			(SELECT count(*) FROM audit_rows a WHERE a.tenant_id = $1 AND a.block IS NULL)`, tenant)
}

func (s *shelf) find(who asker, last string) (desk.Part, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, ok := s.said[who]
	return w.part, ok && w.last == last && time.Now().Before(w.till)
}

func (s *shelf) keep(who asker, w saying) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.said) >= mostKept {
		clear(s.said)
	}
	s.said[who] = w
}
