package hall

import (
	"context"
	"strings"
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
	last string // the newest lines of the log that tell of changed rows
	till time.Time
	part desk.Part
}

const (
	longestKept = time.Minute
	mostKept    = 500
)

// remembered asks source again only when a row was changed since: every write
// to what the work table adds up moves a seal, and its line in the log says so;
// looks, log-ins and lists taken away move none. Two
// instances on one database write lines out of order, so it is some of the
// newest that must be as they were, and nothing is kept for longer than a minute.
func remembered(source desk.Source) desk.Source {
	s := &shelf{said: map[asker]saying{}}
	return func(ctx context.Context, tx *sqldb.Tx, v desk.Viewer) (desk.Part, error) {
		post, ok := v.Actor.Current(v.Today)
		if !ok {
			return desk.Part{}, nil
		}
		who := asker{v.Actor.Tenant(), post.UnionID, post.Office, v.Today}
		lines, err := sqldb.List(ctx, tx, sqldb.Text, `SELECT id FROM audit_rows WHERE tenant_id = $1 AND moved IS NOT NULL ORDER BY id DESC LIMIT 16`, who.tenant)
		if err != nil {
			return desk.Part{}, err
		}
		last := strings.Join(lines, " ")
		if len(lines) == 0 {
			return source(ctx, tx, v)
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
