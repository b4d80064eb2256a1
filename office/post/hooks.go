package post

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"unionhall/commons/message"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/fault"
	"unionhall/kit/gateway"
	"unionhall/kit/outbox"
	"unionhall/kit/sqldb"
)

// Stops is what the log calls that a hook which failed too often was stopped.
const Stops auth.Action = "post.hook_stopped"

const hookKind = "hook"

// Hook states.
const (
	active  = "active"
	stopped = "stopped"
)

// Hook is who is told of events, where and of which.
type Hook struct {
	ID       string      `json:"id"`
	Name     string      `json:"name"`
	URL      string      `json:"url"`
	Events   []string    `json:"events"`
	State    string      `json:"state"`
	Reason   string      `json:"reason,omitempty"` // why it was stopped
	Since    day.Instant `json:"since"`            // nothing before is told
	Version  int64       `json:"version"`
	Failures int64       `json:"failures"` // given up in a row
	sealed   []byte
}

// Place is the hook's page.
func (h Hook) Place() string { return hooksPlace + "/" + h.ID }

// Revision is what an edit must name.
func (h Hook) Revision() int64 { return h.Version }

const hooksPlace = "/system/hooks"

const selectHooks = `
	SELECT h.id, h.name, h.url, h.events, h.state, h.reason, h.since, h.version, h.secret, coalesce(f.failures, 0)
	FROM hooks h LEFT JOIN hook_failures f ON f.tenant_id = h.tenant_id AND f.hook_id = h.id
	WHERE h.tenant_id = $1`

func scanHook(row sqldb.Row) (h Hook, err error) {
	var events string
	err = row(&h.ID, &h.Name, &h.URL, &events, &h.State, &h.Reason, &h.Since, &h.Version, &h.sealed, &h.Failures)
	h.Events = strings.Fields(events)
	return h, err
}

func findHook(ctx context.Context, tx *sqldb.Tx, tenant int64, id string) (Hook, error) {
	return sqldb.One(ctx, tx, scanHook, selectHooks+` AND h.id = $2`, tenant, id)
}

func allHooks(ctx context.Context, tx *sqldb.Tx, tenant int64) ([]Hook, error) {
	return sqldb.List(ctx, tx, scanHook, selectHooks+` ORDER BY h.name, h.id LIMIT 200`, tenant)
}

// HookForm is a hook as somebody asks for it.
type HookForm struct {
	Name   string   `json:"name" doc:"名称"`
	URL    string   `json:"url" doc:"接收地址"`
	Events []string `json:"events" doc:"事件"`
}

// HookChange is what a hook is to become.
type HookChange struct {
	HookForm
	ID      string `json:"id" doc:"编号"`
	Version int64  `json:"version" doc:"版本"`
}

func (m *Room) check(f *HookForm) error {
	f.Name, f.URL = strings.TrimSpace(f.Name), strings.TrimSpace(f.URL)
	fields := map[string]string{}
	if n := utf8.RuneCountInString(f.Name); n < 2 || n > 60 {
		fields["name"] = "名称：请写是哪个系统，2 至 60 个字"
	}
	if text := m.flaw(f.URL); text != "" {
		fields["url"] = "接收地址：" + text
	}
	known := 0
	for _, e := range m.Events {
		if slices.Contains(f.Events, e.Name) {
			known++
		}
	}
	if known == 0 || known != len(f.Events) {
		fields["events"] = "事件：请至少选一种，只能从列出的里面选"
	}
	if len(fields) > 0 {
		return &fault.Error{Kind: fault.Invalid, Text: "订阅没有保存，请按提示改正。", Fields: fields}
	}
	return nil
}

// flaw says what is wrong with an address that is to be told of events. What a
// name leads to is judged again each time it is dialled.
func (m *Room) flaw(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Fragment != "" || len(to) > 500 {
		return "请写完整的地址，例如 https://oa.example.cn/unionhall"
	}
	if m.Guard.Private {
		return ""
	}
	if u.Scheme != "https" {
		return "须以 https:// 开头，内容才不会在路上被人看到"
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if a, err := netip.ParseAddr(host); err == nil && !gateway.Public(a) || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return "是内网地址；确要发往内网，请运维人员在设置里允许"
	}
	return ""
}

// HookMade is a hook just made or given a new secret; that is told once.
type HookMade struct {
	Hook
	Secret string `json:"secret,omitempty"`
	said   string
}

func (h HookMade) Said() string {
	return h.said + "签名密钥（只显示这一次，请马上抄存）：" + h.Secret
}
func (h HookMade) Created() bool { return h.Version == 1 }

// Kept is what a repeated key is answered with.
func (h HookMade) Kept() any { return h.Hook }

func secret() string {
	var b [24]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Add makes a hook, told of what happens from now on.
func (m *Room) Add(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f HookForm, at day.Instant) (HookMade, error) {
	if err := m.check(&f); err != nil {
		return HookMade{}, err
	}
	if err := catchUp(ctx, tx, g.Tenant()); err != nil {
		return HookMade{}, err
	}
	h := HookMade{Hook: Hook{ID: sqldb.NewID(), Name: f.Name, URL: f.URL, Events: f.Events, State: active, Since: at, Version: 1}, Secret: secret(), said: "订阅已建好。"}
	_, err := tx.Exec(ctx, `INSERT INTO hooks (tenant_id, id, name, url, events, secret, state, since, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1)`,
		g.Tenant(), h.ID, h.Name, h.URL, strings.Join(h.Events, " "), tx.Keys().Seal(g.Tenant(), "hooks", "secret", h.Secret), active, string(at))
	if err != nil {
		return h, err
	}
	return h, audit.Write(ctx, tx, g, h.ID, map[string]any{"did": "added", "hook": h.Name, "url": h.URL, "events": h.Events}, at, audit.Touched{Table: "hooks", ID: h.ID})
}

var stale = fault.New(fault.Conflict, "这个订阅刚刚已由他人改过，请刷新后再改。")

// Amend changes name, address and events of a hook, on the version that was
// read.
func (m *Room) Amend(ctx context.Context, tx *sqldb.Tx, g auth.Grant, f HookChange, at day.Instant) (Hook, error) {
	if _, err := findHook(ctx, tx, g.Tenant(), f.ID); err != nil {
		return Hook{}, err
	}
	if err := m.check(&f.HookForm); err != nil {
		return Hook{}, err
	}
	n, err := tx.Exec(ctx, `UPDATE hooks SET name = $1, url = $2, events = $3, version = version + 1 WHERE tenant_id = $4 AND id = $5 AND version = $6`,
		f.Name, f.URL, strings.Join(f.Events, " "), g.Tenant(), f.ID, f.Version)
	if err == nil && n == 0 {
		err = stale
	}
	if err == nil {
		err = audit.Write(ctx, tx, g, f.ID, map[string]any{"did": "changed", "hook": f.Name, "url": f.URL, "events": f.Events}, at, audit.Touched{Table: "hooks", ID: f.ID})
	}
	if err != nil {
		return Hook{}, err
	}
	return findHook(ctx, tx, g.Tenant(), f.ID)
}

// Switch stops a hook or lets it go on; what happened meanwhile is not told.
func (m *Room) Switch(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, on bool, version int64, at day.Instant) (Hook, error) {
	h, err := findHook(ctx, tx, g.Tenant(), id)
	if err != nil {
		return h, err
	}
	state, since := stopped, h.Since
	if on {
		state, since = active, at
		if err := catchUp(ctx, tx, g.Tenant()); err != nil {
			return h, err
		}
	}
	n, err := tx.Exec(ctx, `UPDATE hooks SET state = $1, reason = NULL, since = $2, version = version + 1 WHERE tenant_id = $3 AND id = $4 AND version = $5 AND state <> $1`, state, string(since), g.Tenant(), id, version)
	if err == nil && n == 0 {
		err = stale
	}
	if err == nil {
		_, err = tx.Exec(ctx, `DELETE FROM hook_failures WHERE tenant_id = $1 AND hook_id = $2`, g.Tenant(), id)
	}
	if err == nil {
		err = audit.Write(ctx, tx, g, id, map[string]any{"did": state, "hook": h.Name}, at, audit.Touched{Table: "hooks", ID: id})
	}
	if err != nil {
		return h, err
	}
	return findHook(ctx, tx, g.Tenant(), id)
}

// Rekey gives a hook a new secret; the old one signs nothing any more.
func (m *Room) Rekey(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, version int64, at day.Instant) (HookMade, error) {
	h, err := findHook(ctx, tx, g.Tenant(), id)
	if err != nil {
		return HookMade{}, err
	}
	fresh := secret()
	n, err := tx.Exec(ctx, `UPDATE hooks SET secret = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND version = $4`, tx.Keys().Seal(g.Tenant(), "hooks", "secret", fresh), g.Tenant(), id, version)
	if err == nil && n == 0 {
		err = stale
	}
	if err == nil {
		err = audit.Write(ctx, tx, g, id, map[string]any{"did": "rekeyed", "hook": h.Name}, at, audit.Touched{Table: "hooks", ID: id})
	}
	h.Version++
	return HookMade{Hook: h, Secret: fresh, said: "已换新密钥。"}, err
}

// Try sends a hook an event that tells of nothing.
func (m *Room) Try(ctx context.Context, tx *sqldb.Tx, g auth.Grant, id string, at day.Instant) (Hook, error) {
	h, err := findHook(ctx, tx, g.Tenant(), id)
	if err == nil && h.State != active {
		err = fault.New(fault.Conflict, "订阅已停用，请先启用再试。")
	}
	if err == nil {
		err = m.put(ctx, tx, h, Payload{ID: sqldb.NewID(), Event: Ping, At: at, Office: g.Tenant(), Data: map[string]any{"hook": h.ID}}, at)
	}
	return h, err
}

func (m *Room) put(ctx context.Context, tx *sqldb.Tx, h Hook, p Payload, at day.Instant) error {
	b, err := json.Marshal(p)
	if err != nil {
		return err
	}
	u, err := url.Parse(h.URL)
	if err != nil {
		return err
	}
	return m.Box.Put(ctx, tx, at, outbox.Letter{Tenant: p.Office, Kind: hookKind, Target: "hook " + u.Host, Title: h.Name + "：" + m.labelOf(p.Event), Thing: h.ID, Body: string(b)})
}

// deliver posts one event to its hook.
func (m *Room) deliver(ctx context.Context, l outbox.Letter) error {
	var h Hook
	var key string
	err := m.DB.View(ctx, func(tx *sqldb.Tx) (err error) {
		if h, err = findHook(ctx, tx, l.Tenant, l.Thing); err == nil {
			key, err = tx.Keys().Open(l.Tenant, "hooks", "secret", h.sealed)
		}
		return err
	})
	if err != nil {
		return err
	}
	if h.State != active {
		return &outbox.Failure{Text: "订阅已停用", Final: true}
	}
	var p Payload
	if err := json.Unmarshal([]byte(l.Body), &p); err != nil {
		return err
	}
	return message.Words(gateway.Hook{URL: h.URL, Secret: key, Event: p.Event, Delivery: l.ID, Body: l.Body, Guard: m.Guard, Now: m.Now}.Post(ctx))
}

// mostFailures is how many deliveries in a row are given up before a hook is
// stopped.
const mostFailures = 10

// Went forgets the failures of a hook that took something.
func (m *Room) Went(ctx context.Context, tx *sqldb.Tx, l outbox.Letter, _ day.Instant) error {
	if l.Kind != hookKind {
		return nil
	}
	_, err := tx.Exec(ctx, `DELETE FROM hook_failures WHERE tenant_id = $1 AND hook_id = $2`, l.Tenant, l.Thing)
	return err
}

// Fell counts what a hook did not take, and stops one that takes nothing.
func (m *Room) Fell(ctx context.Context, tx *sqldb.Tx, l outbox.Letter, at day.Instant) error {
	if l.Kind != hookKind {
		return nil
	}
	n, err := sqldb.One(ctx, tx, sqldb.Int, `
		INSERT INTO hook_failures (tenant_id, hook_id, failures) VALUES ($1, $2, 1)
		ON CONFLICT (tenant_id, hook_id) DO UPDATE SET failures = hook_failures.failures + 1 RETURNING failures`, l.Tenant, l.Thing)
	if err != nil || n < mostFailures {
		return err
	}
	reason := "连续 " + count(n) + " 次未送达，最后一次：" + l.Error
	stop, err := tx.Exec(ctx, `UPDATE hooks SET state = 'stopped', reason = $1, version = version + 1 WHERE tenant_id = $2 AND id = $3 AND state = 'active'`, reason, l.Tenant, l.Thing)
	if err != nil || stop == 0 {
		return err
	}
	root, err := sqldb.One(ctx, tx, sqldb.Text, `SELECT id FROM unions WHERE tenant_id = $1 AND parent_id IS NULL`, l.Tenant)
	if err != nil {
		return err
	}
	h, err := findHook(ctx, tx, l.Tenant, l.Thing)
	if err != nil {
		return err
	}
	if err := message.ToUnion(ctx, tx, l.Tenant, root, []auth.Office{auth.Admin}, "事件订阅「"+h.Name+"」已停用", reason+"。请核对接收地址后重新启用。", h.Place(), at); err != nil {
		return err
	}
	return audit.Write(ctx, tx, auth.System(l.Tenant, "system", Stops, root), l.Thing, map[string]any{"did": stopped, "hook": h.Name, "reason": reason}, at, audit.Touched{Table: "hooks", ID: l.Thing})
}
