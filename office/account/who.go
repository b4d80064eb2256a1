package account

import (
	"context"
	"net/http"
	"strings"
	"sync"

	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/oidc"
	"unionhall/kit/sms"
	"unionhall/kit/sqldb"
	"unionhall/kit/web"
)

// Office is this room at work. The hall fills it in.
type Office struct {
	Site    *web.Site
	Roles   auth.Roles // of the whole house
	Members Members
	// Demo are the accounts of the synthetic city that the log-in page offers,
	// all with the DemoPassword; only a tenant that is a demo shows them.
	Demo         []DemoLogin
	DemoPassword string
	// Outside is the identity provider (统一身份认证), Texts the gateway that
	// sends codes, Phones who finds members by their phone; each may be nil.
	Outside *oidc.Client
	Texts   *sms.Sender
	Phones  Phones

	rules     rules
	addresses addresses
	turns     turns
	due       due
}

// Members finds the members that accounts belong to. package member
// satisfies it.
type Members interface {
	// People returns some members within g's reach whose name or number q is.
	People(ctx context.Context, tx *sqldb.Tx, g auth.Grant, q string, limit int) ([]Person, error)
	// Person returns one of them by id, or fault.NotFound.
	Person(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string) (Person, error)
}

// Phones finds members by their phone for codes by text message. The hall
// makes one of package member.
type Phones interface {
	// ByPhone returns the active members of a tenant that have the phone.
	ByPhone(ctx context.Context, tx *sqldb.Tx, tenant int64, phone string) ([]Person, error)
}

// Person is what an account needs to know of a member.
type Person struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Union string `json:"union"`
	Phone string `json:"phone,omitempty"` // masked, to tell namesakes apart
}

const (
	cookieName   = "uh_session"
	passwordPage = "/account/password"
)

var errToken = fault.New(fault.Unknown, "接口令牌无效、已到期或已收回，请在「我的账号」重新办理。")

// shown is what a request carries: the secret and whether it came as a token.
func shown(hr *http.Request) (secret string, token bool) {
	if h := hr.Header.Get("Authorization"); h != "" {
		secret, _ = strings.CutPrefix(h, "Bearer ")
		return secret, true
	}
	if c, err := hr.Cookie(cookieName); err == nil {
		return c.Value, false
	}
	return "", false
}

// Who finds out for web.Site who asks: it reads the cookie or the token, and
// with one query the session, its account and the account's posts. Nobody is
// no error; a token that is none is fault.Unknown. Whoever must change the
// password first is led there from every other page.
//
// law: R1.69
func (o *Office) Who(hr *http.Request, tx *sqldb.Tx, now day.Instant) (auth.Actor, string, error) {
	secret, token := shown(hr)
	if secret == "" && !token {
		return auth.Actor{}, "", nil
	}
	var nobody error
	if token {
		nobody = errToken
	}
	tenant, id, ok := opened(secret)
	if !ok {
		return auth.Actor{}, "", nobody
	}
	w, err := findWho(hr.Context(), tx, tenant, id)
	if err != nil {
		return auth.Actor{}, "", err
	}
	if w.session.ID == "" || w.account.Locked || token != (w.session.Kind == Token) {
		return auth.Actor{}, "", nobody
	}
	today := now.Day()
	lim, err := o.limits(hr.Context(), tx, tenant, now)
	if err != nil {
		return auth.Actor{}, "", err
	}
	officer := w.officer(today)
	if !lim.Alive(w.session, officer, now) {
		return auth.Actor{}, "", nobody
	}
	o.due.note(w.session, now)
	a := auth.NewActor(tenant, w.account.ID, w.account.Name, w.account.MemberID, o.Roles, w.session.PostID, w.bound()...)
	if !token && hr.URL.Path != passwordPage && (w.account.MustChange || lim.Stale(w.account.Changed, officer, today)) {
		return a, id, errMustChange
	}
	if !token && lim.SecondMust && !strings.HasPrefix(hr.URL.Path, secondPage) && hr.URL.Path != passwordPage {
		if left, must := lim.Grace(a.Posts(today), today); must && left < 0 {
			f, err := factorOf(hr.Context(), tx, tenant, w.account.ID)
			if err == nil && !f.On() {
				err = errMustEnrol
			}
			return a, id, err
		}
	}
	return a, id, nil
}

var errMustEnrol = &web.Detour{Place: secondPage, Err: fault.ByRule(fault.Denied, "R1.69", "请先启用动态口令：按本单位的规定，干部登录除密码外还要动态口令，宽限期已过。")}

var errMustChange = &web.Detour{Place: passwordPage, Err: fault.ByRule(fault.Denied, "R1.69", "请先修改密码：初始密码或用了太久的密码须先改掉，才能办理其他事项。")}

// who is everything that one query says of a session.
type who struct {
	session Session
	account Account
	posts   []auth.Post
}

// officer reports whether any post but the member's own is held on the day.
func (w who) officer(on day.Day) bool {
	for _, p := range w.posts {
		if p.Office != auth.Member && p.Holds(on) {
			return true
		}
	}
	return false
}

// bound returns the posts that the session may act in: a token has one.
func (w who) bound() []auth.Post {
	if w.session.Kind != Token {
		return w.posts
	}
	for _, p := range w.posts {
		if p.ID == w.session.PostID {
			return []auth.Post{p}
		}
	}
	return nil
}

const selectWho = `
	SELECT s.kind, s.post_id, s.seen, s.expires, a.id, a.name, a.member_id, a.must_change, a.changed, a.locked, m.union_id,
		p.id, p.office, p.union_id, u.name, u.short_name, p.from_day, p.to_day, p.acting_for
	FROM sessions s
	JOIN accounts a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
	LEFT JOIN members m ON m.tenant_id = a.tenant_id AND m.id = a.member_id
	LEFT JOIN posts p ON p.tenant_id = a.tenant_id AND p.account_id = a.id
	LEFT JOIN unions u ON u.tenant_id = p.tenant_id AND u.id = p.union_id
	WHERE s.tenant_id = $1 AND s.id = $2
	ORDER BY p.id`

// findWho returns an empty who for a session that is not there.
func findWho(ctx context.Context, tx *sqldb.Tx, tenant int64, id string) (w who, err error) {
	var union string
	err = sqldb.Each(ctx, tx, func(row sqldb.Row) (p auth.Post, err error) {
		s, a, short := &w.session, &w.account, ""
		err = row(&s.Kind, &s.PostID, &s.Seen, &s.Expires, &a.ID, &a.Name, &a.MemberID, &a.MustChange, &a.Changed, &a.Locked, &union,
			&p.ID, &p.Office, &p.UnionID, &p.Union, &short, &p.From, &p.To, &p.ActingFor)
		if short != "" {
			p.Union = short
		}
		return p, err
	}, func(p auth.Post) error {
		w.session.ID = id
		if p.ID != "" {
			w.posts = append(w.posts, p)
		}
		return nil
	}, selectWho, tenant, id)
	if union != "" {
		w.posts = append(w.posts, auth.Post{ID: Self, Office: auth.Member, UnionID: union})
	}
	return w, err
}

// due remembers which sessions were last seen more than a minute ago, from
// the look at the start of a request to the note at its end.
type due struct {
	mu   sync.Mutex
	open map[string]bool
}

const manyDue = 10000

func (d *due) note(s Session, now day.Instant) {
	if now < later(s.Seen, seenEvery) {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open == nil || len(d.open) >= manyDue {
		d.open = map[string]bool{} // refused requests leave theirs behind
	}
	d.open[s.ID] = true
}

func (d *due) take(id string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.open[id]
	delete(d.open, id)
	return was
}

// Seen notes for web.Site that a session is in use, once a minute at most. A
// note that is lost is made by the next request.
func (o *Office) Seen(ctx context.Context, r *web.Request) error {
	if !o.due.take(r.Session) {
		return nil
	}
	return o.Site.DB.Do(context.WithoutCancel(ctx), func(tx *sqldb.Tx) error {
		return renew(ctx, tx, r.Actor().Tenant(), r.Session, r.Now)
	})
}

func renew(ctx context.Context, tx *sqldb.Tx, tenant int64, id string, now day.Instant) error {
	_, err := tx.Exec(ctx, `UPDATE sessions SET seen = $1 WHERE tenant_id = $2 AND id = $3 AND seen < $1`, string(now), tenant, id)
	return err
}
