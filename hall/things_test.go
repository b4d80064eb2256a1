package hall_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"unionhall/commons/message"
	"unionhall/hall"
	"unionhall/hall/city"
	"unionhall/kit/audit"
	"unionhall/kit/auth"
	"unionhall/kit/day"
	"unionhall/kit/ident"
	"unionhall/kit/sqldb"
	"unionhall/office/account"
	"unionhall/office/exchange"
	"unionhall/office/record"
)

// kinds says what a parameter of a path is, by the path that leads to it. One
// that is not here fails the tests that go through all routes: name it, and
// give things of its kind in furnish.
var kinds = map[string]string{
	unions + "/{id}":                             "union",
	"/grassroots/registry/bodies/{id}":           "body",
	"/grassroots/registry/seats/{id}":            "seat",
	members + "/{id}":                            "member",
	"/grassroots/registry/applications/{id}":     "application",
	"/grassroots/registry/invites/{id}":          "invite",
	"/grassroots/registry/transfers/{id}":        "transfer",
	"/grassroots/registry/partings/{id}":         "parting",
	"/me/transfer/{id}":                          "own transfer",
	imports + "/{id}":                            "import",
	members + "/{id}/files/{file}":               "file",
	procedures + "/{id}":                         "case",
	procedures + "/{id}/papers/{file}":           "case paper",
	legal + "/{id}":                              "union",
	"/account/sessions/{id}":                     "own session",
	"/account/tokens/{id}":                       "own token",
	"/messages/{id}":                             "own message",
	"/jobs/{id}":                                 "own job",
	"/system/accounts/{id}":                      "account",
	"/system/accounts/{id}/posts/{post}":         "post",
	"/system/accounts/{id}/trust/{post}":         "trusted post",
	"/system/accounts/{id}/sessions/{session}":   "session",
	"/audit/{id}":                                "log line",
	"/audit/checks/{id}":                         "check",
	"/system/exchange/{id}":                      "bundle",
	"/system/exchange/peers/{id}":                "peer",
	unions + "/{id}/papers/{paper}":              "paper",
	members + "/{id}/papers/{paper}":             "member paper",
	"/grassroots/registry/papers/{form}":         "shared form",
	"/verify/{code}":                             "shared code",
	"/help/{page}":                               "shared help",
	twins + "/{id}":                              "pair",
	twins + "/merged/{merger}":                   "merger",
	requests + "/{request}":                      "request",
	requests + "/{request}/files/{paper}":        "request paper",
	"/me/requests/{own}":                         "own request",
	"/me/requests/{own}/files/{paper}":           "own paper",
	"/me/consents/{purpose}":                     "shared purpose",
	"/system/privacy/notices/{purpose}":          "shared purpose",
	"/system/privacy/records/{record}":           "record",
	"/law/params/{id}":                           "shared param",
	"/law/calendar/{year}":                       "shared year",
	"/grassroots/registry/terms/unions/{id}":     "union",
	"/grassroots/registry/terms/bodies/{id}":     "body",
	"/grassroots/registry/terms/seats/{id}":      "seat",
	"/grassroots/registry/terms/extensions/{id}": "extension",
	"/grassroots/registry/terms/moves/{id}":      "move",
	procedures + "/{id}/prints/{print}":          "case print",
	"/system/accounts/{id}/links/{link}":         "link",
	"/account/links/{id}":                        "own link",
	"/account/messages/addresses/{id}":           "own address",
	"/system/channels/{channel}":                 "shared channel",
	"/system/outbox/{id}":                        "letter",
	"/system/hooks/{id}":                         "hook",
	"/grassroots/registry/yearly/{id}":           "return",
	banks + "/accounts/{bank}":                   "bank account",
	banks + "/statements/{statement}":            "statement",
	banks + "/matches/{match}":                   "match",
	banks + "/reconciliations/{table}":           "reconciliation",
	banks + "/counts/{count}":                    "cash count",
	bills + "/books/{id}":                        "receipt book",
	bills + "/receipts/{id}":                     "receipt",
	bills + "/invoices/{id}":                     "invoice",
	bills + "/files/{id}":                        "invoice file",
}

// shared are the kinds of things that belong to nobody.
func shared(kind string) bool { return strings.HasPrefix(kind, "shared ") }

// own are the kinds of things that one account alone may see.
func own(kind string) bool { return strings.HasPrefix(kind, "own ") }

// params lists the kinds of a pattern's parameters.
func params(t testing.TB, pattern string) (out []string) {
	t.Helper()
	_, path, _ := strings.Cut(pattern, " ")
	at := ""
	for _, part := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		at += "/" + part
		if strings.HasPrefix(part, "{") && part != "{$}" {
			k, ok := kinds[at]
			if !ok {
				t.Fatalf("%s: name in kinds what %s is", pattern, at)
			}
			out = append(out, k)
		}
	}
	return out
}

// things are the ids of one thing of each kind.
type things map[string]string

// address is the method and path of a pattern for these things.
func (x things) address(t testing.TB, pattern string) (method, path string) {
	t.Helper()
	method, path, _ = strings.Cut(pattern, " ")
	path = strings.TrimSuffix(path, "{$}")
	for _, k := range params(t, pattern) {
		id := x[k]
		if id == "" {
			t.Fatalf("%s: there is no %s to ask for; make one in furnish", pattern, k)
		}
		from, to := strings.Index(path, "{"), strings.Index(path, "}")
		path = path[:from] + id + path[to+1:]
	}
	return method, path + queries[pattern]
}

// furnish finds or makes a thing of each kind: of the union, by the clerk who
// keeps its registry, and of the account.
func (s *stand) furnish(t testing.TB, tenant int64, clerk person, union, acc string) things {
	t.Helper()
	x := things{"union": union, "account": acc, "shared param": "security.password.history", "shared year": "2025", "shared channel": "wecom", "shared help": "members", "shared purpose": "notify"}
	code := s.first(t, `SELECT code FROM unions WHERE tenant_id = $1 AND id = $2`, tenant, union)
	x["import"] = clerk.judged(t, "roster", "名单"+fresh()+".csv", []byte("姓名,证件号码,所属工会\n"+fmt.Sprintf("王%s,%s,%s\n", "建国", number(), code)))
	if len(s.look(t, `SELECT id FROM members WHERE tenant_id = $1 AND union_id = $2`, tenant, union)) == 0 {
		clerk.post(t, imports+"/"+x["import"]+"/confirm", `{}`)
		clerk.reaches(t, x["import"], "confirmed")
		again := clerk.judged(t, "roster", "名单"+fresh()+".csv", []byte("姓名,证件号码,所属工会\n"+fmt.Sprintf("李%s,%s,%s\n", "建国", number(), code)))
		x["import"] = again
	}
	x["member"] = s.first(t, `SELECT id FROM members WHERE tenant_id = $1 AND union_id = $2 AND status = 'active' ORDER BY id`, tenant, union)
	if len(s.look(t, `SELECT id FROM bodies WHERE tenant_id = $1 AND union_id = $2`, tenant, union)) == 0 {
		b := clerk.post(t, unions+"/"+union+"/bodies", `{"kind":"committee","nth":1,"elected":"2026-01-05","years":5,"seats":3,"document":"滨直工〔2026〕1号","reason":"人少"}`).text(t, "id")
		clerk.post(t, "/grassroots/registry/bodies/"+b+"/fill", fmt.Sprintf(`{"member_id":%q,"office":"chair","how":"elected"}`, x["member"]))
	}
	x["body"] = s.first(t, `SELECT id FROM bodies WHERE tenant_id = $1 AND union_id = $2 ORDER BY ended IS NULL DESC, id`, tenant, union)
	x["seat"] = s.first(t, `SELECT id FROM seats WHERE tenant_id = $1 AND union_id = $2 ORDER BY to_day IS NULL DESC, id`, tenant, union)
	clerk.upload(t, members+"/"+x["member"]+"/files", "入会申请书.pdf", []byte("%PDF-1.4\n%%EOF\n"))
	x["file"] = s.first(t, `SELECT id FROM attachments WHERE tenant_id = $1 AND thing_id = $2`, tenant, x["member"])
	x["case"] = clerk.post(t, procedures, fmt.Sprintf(`{"kind":"rename","union":%q,"fields":{"name":"滨江市更名%s工会"}}`, code, fresh())).text(t, "id")
	clerk.upload(t, procedures+"/"+x["case"]+"/papers", "依据.PDF", []byte("%PDF-1.4\n%%EOF\n"), "paper", "basis")
	x["case print"] = "form.pdf"
	x["case paper"] = s.first(t, `SELECT id FROM case_papers WHERE tenant_id = $1 AND case_id = $2`, tenant, x["case"])
	x["log line"] = s.first(t, `SELECT id FROM audit_rows WHERE tenant_id = $1 ORDER BY id DESC`, tenant)
	x["trusted post"] = s.first(t, `SELECT id FROM posts WHERE tenant_id = $1 AND office IN ('admin', 'security', 'audit') ORDER BY office DESC`, tenant)
	x["return"] = s.returned(t, tenant, union)
	s.stated(t, tenant, union, x)
	s.outward(t, tenant, acc, x)
	s.closed(t, tenant, union, x)
	s.comingAndGoing(t, tenant, clerk, union, code, x)
	s.aboutData(t, tenant, union, x)
	s.requests(t, tenant, union, x)
	s.parcels(t, tenant, x)
	s.printed(t, tenant, clerk, x)
	s.personal(t, tenant, acc, x)
	s.banked(t, tenant, union, x)
	s.handed(t, tenant, union, x)
	s.papered(t, tenant, union, x)
	s.owned(t, tenant, union, x)
	s.vouched(t, tenant, union, x)
	return x
}

// comingAndGoing makes an invitation to the union, an application for it, and
// the transfer and the parting of its member.
func (s *stand) comingAndGoing(t testing.TB, tenant int64, clerk person, union, code string, x things) {
	t.Helper()
	const reg = "/grassroots/registry/"
	until := string(day.At(s.house.Now()).Day().AddDays(30))
	x["invite"] = clerk.post(t, reg+"invites", fmt.Sprintf(`{"union":%q,"name":"新入职","expires":%q}`, code, until)).text(t, "id")
	x["application"] = clerk.post(t, reg+"applications", fmt.Sprintf(`{"union":%q,"way":"paper","name":"赵建国","id_no":%q,"phone":"15400001234"}`, code, number())).text(t, "id")
	root := s.first(t, `SELECT code FROM unions WHERE tenant_id = $1 AND parent_id IS NULL`, tenant)
	one := func(table, union, more, path, body string) string { // a small union has few to choose from
		if all := s.look(t, `SELECT x.id FROM `+table+` x WHERE x.tenant_id = $1 AND `+union+` = $2 AND `+more+` ORDER BY x.id DESC`, tenant, x["union"]); len(all) > 0 {
			return all[0]
		}
		m := s.first(t, `SELECT m.id FROM members m WHERE m.tenant_id = $1 AND m.union_id = $2 AND m.status = 'active' ORDER BY m.id DESC`, tenant, x["union"])
		return clerk.post(t, reg+path, fmt.Sprintf(body, m)).text(t, "id")
	}
	x["transfer"] = one("transfers", "x.from_union", "x.to_union = (SELECT u.id FROM unions u WHERE u.tenant_id = x.tenant_id AND u.parent_id IS NULL)", "transfers", `{"member":%q,"union":"`+root+`","reason":"工作调动"}`)
	x["own transfer"] = x["transfer"]
	x["parting"] = one("partings", "x.union_id", "x.version > 0", "partings", `{"member":%q,"kind":"lapse","since":"2025-01","reason":"多次联系不上"}`)
}

// parcels makes a bundle of the office and a peer of it, once.
func (s *stand) parcels(t testing.TB, tenant int64, x things) {
	t.Helper()
	if all := s.look(t, `SELECT id FROM bundles WHERE tenant_id = $1`, tenant); len(all) > 0 {
		x["bundle"], x["peer"] = all[0], s.first(t, `SELECT id FROM peers WHERE tenant_id = $1`, tenant)
		return
	}
	s.write(t, func(tx *sqldb.Tx) error {
		g, err := account.Shell(ctx, tx, tenant, "test", exchange.Trust)
		if err != nil {
			return err
		}
		public, _, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return err
		}
		if _, err := exchange.MakeKey(ctx, tx, g, day.At(s.house.Now())); err != nil {
			return err
		}
		p, err := exchange.Believe(ctx, tx, g, "滨江市总工会", base64.StdEncoding.EncodeToString(public), day.At(s.house.Now()))
		x["peer"] = p.ID
		return err
	})
	clerk := s.as(t, "officer")
	if tenant != city.Tenant {
		clerk = s.signIn(t, "boss", second, bossSecret)
	}
	x["bundle"] = clerk.post(t, "/system/exchange", `{}`).text(t, "id")
}

// personal makes what belongs to one account.
func (s *stand) personal(t testing.TB, tenant int64, acc string, x things) {
	t.Helper()
	at := day.At(s.house.Now())
	s.write(t, func(tx *sqldb.Tx) error {
		g, err := account.Shell(ctx, tx, tenant, "test", account.Tokens)
		if err != nil {
			return err
		}
		if err := message.Send(ctx, tx, tenant, acc, "一条消息", "内容", "/messages", at); err != nil {
			return err
		}
		for range 2 {
			_, token, err := account.MakeToken(ctx, tx, g, acc, "测试", account.Self, 30, at)
			if err != nil {
				return err
			}
			x["own token"], x["session"] = token.ID, token.ID
		}
		if x["own address"], err = s.reachedAt(t, tx, g, acc, at); err != nil {
			return err
		}
		check := sqldb.NewID()
		x["check"] = check
		if err := audit.Write(ctx, tx, auth.As(tenant, acc, auth.Auditing, record.Verify, g.Under()), check, record.Proved{}, at); err != nil {
			return err
		}
		job, err := s.house.Runner.Start(ctx, tx, auth.As(tenant, acc, auth.Officer, "test", g.Under()), at, "test", "测试", "", struct{}{})
		x["own job"] = job.ID
		return err
	})
	s.asked(t, tenant, acc, x)
	x["own session"] = x["session"]
	x["link"] = s.linked(t, tenant, acc)
	x["own link"] = x["link"]
	x["own message"] = s.first(t, `SELECT id FROM messages WHERE tenant_id = $1 AND account_id = $2 ORDER BY id DESC`, tenant, acc)
	if posts := s.look(t, `SELECT id FROM posts WHERE tenant_id = $1 AND account_id = $2`, tenant, acc); len(posts) > 0 {
		x["post"] = posts[0]
	}
}

// linked links an account to a person at an identity provider, as its owner
// would, and returns the link.
func (s *stand) linked(t testing.TB, tenant int64, acc string) string {
	t.Helper()
	s.write(t, func(tx *sqldb.Tx) error {
		return account.Join(ctx, tx, auth.As(tenant, acc, auth.Member, account.Links, ""), acc, "https://id.example", "subject"+fresh(), "测试", day.At(s.house.Now()))
	})
	return s.first(t, `SELECT id FROM sign_in_links WHERE tenant_id = $1 AND account_id = $2 ORDER BY id DESC`, tenant, acc)
}

// accountOf is the id of a login.
func (s *stand) accountOf(t testing.TB, tenant int64, login string) string {
	t.Helper()
	return s.first(t, `SELECT id FROM accounts WHERE tenant_id = $1 AND login = $2`, tenant, login)
}

// unionOf is the union that a login's post or membership is in.
func (s *stand) unionOf(t testing.TB, login string) string {
	t.Helper()
	return s.first(t, `
		SELECT coalesce(p.union_id, m.union_id) FROM accounts a
		LEFT JOIN posts p ON p.tenant_id = a.tenant_id AND p.account_id = a.id
		LEFT JOIN members m ON m.tenant_id = a.tenant_id AND m.id = a.member_id
		WHERE a.tenant_id = $1 AND a.login = $2`, int64(city.Tenant), login)
}

// outside are things beyond the reach of chair and member: of chair2.
func (s *stand) outside(t testing.TB) things {
	t.Helper()
	return s.furnish(t, city.Tenant, s.as(t, "officer"), s.unionOf(t, "chair2"), s.accountOf(t, city.Tenant, "chair2"))
}

// near are things that everybody may see whose office has anything to do with
// their kind: of chair's union, and of the account of login.
func (s *stand) near(t testing.TB, login string) things {
	t.Helper()
	x := s.furnish(t, city.Tenant, s.as(t, "officer"), s.unionOf(t, "chair"), s.accountOf(t, city.Tenant, "chair"))
	mine := things{}
	s.personal(t, city.Tenant, s.accountOf(t, city.Tenant, login), mine)
	for k, id := range mine {
		if own(k) {
			x[k] = id
		}
	}
	return x
}

// livedIn sees to it, once, that there is something of everything to look at:
// an import full of faults, a chair who was moved without consent, and what
// near makes for the officer.
func (s *stand) livedIn(t testing.TB) {
	t.Helper()
	s.lived.Do(func() {
		officer := s.as(t, "officer")
		x := s.near(t, "officer")
		faulty, err := os.ReadFile("../grassroots/registry/intake/testdata/会员花名册-常见毛病.xlsx")
		if err != nil {
			t.Fatal(err)
		}
		officer.judged(t, "roster", "会员花名册-常见毛病.xlsx", faulty)
		union := officer.post(t, unions, `{"name":"滨江市航标处工会","kind":"base","parent":"210600000000","document":"滨直工〔2020〕1号","day":"2020-01-02"}`).text(t, "id")
		code := officer.get(t, unions+"/"+union).text(t, "code")
		person := officer.post(t, members, fmt.Sprintf(`{"name":"仇士良","id_no":%q,"union":%q,"joined":"2021-03-04"}`, number(), code)).text(t, "id")
		body := officer.post(t, unions+"/"+union+"/bodies", `{"kind":"committee","nth":1,"elected":"2025-01-05","years":5,"seats":3,"document":"滨直工〔2025〕1号","reason":"人少"}`).text(t, "id")
		seat := officer.post(t, "/grassroots/registry/bodies/"+body+"/fill", fmt.Sprintf(`{"member_id":%q,"office":"chair","how":"elected"}`, person)).text(t, "id")
		s.moved = unions + "/" + union
		officer.post(t, "/grassroots/registry/seats/"+seat+"/end", `{"version":1,"to":"2026-02-01","how_ended":"moved"}`)
		officer.post(t, members+"/"+x["member"]+"/reveal", `{"field":"id_no","reason":"核对入会申请"}`)
	})
}

// second is the number of another committee in the same installation.
const second = 2107000001

const bossSecret = "Wmzh-8dzhgg!"

// elsewhere are things of another committee.
func (s *stand) elsewhere(t testing.TB) things {
	t.Helper()
	if !slices.Contains(s.look(t, `SELECT login FROM accounts WHERE tenant_id = $1`, int64(second)), "boss") {
		err := s.house.Found(ctx, hall.Founding{Name: "锦州市直机关工会工委", Region: "210700", Login: "boss", Person: "赵敏", Password: bossSecret, By: "test"})
		if err != nil {
			t.Fatal(err)
		}
		boss := s.signIn(t, "boss", second, bossSecret)
		boss.post(t, unions, `{"name":"锦州市水务局机关工会","kind":"base","parent":"210700000000","document":"锦直工〔2026〕1号","founded":"2020-05-06","day":"2020-05-06"}`)
	}
	boss := s.signIn(t, "boss", second, bossSecret)
	union := s.first(t, `SELECT id FROM unions WHERE tenant_id = $1 AND parent_id IS NOT NULL`, int64(second))
	return s.furnish(t, second, boss, union, s.accountOf(t, second, "boss"))
}

var numbers = 0

// number is the number of a document that nobody has: its area is none.
func number() string {
	numbers++
	return ident.CheckedID(fmt.Sprintf("98%04d19850607%03d", numbers/499+1, 2*(numbers%499)+1))
}
