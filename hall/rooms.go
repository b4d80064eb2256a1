package hall

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"unionhall/commons/consent"
	"unionhall/grassroots/finance/asset"
	"unionhall/grassroots/finance/bank"
	"unionhall/grassroots/finance/bill"
	"unionhall/grassroots/finance/closing"
	"unionhall/grassroots/finance/event"
	"unionhall/grassroots/finance/handover"
	"unionhall/grassroots/finance/ledger"
	"unionhall/grassroots/finance/statement"
	"unionhall/grassroots/registry"
	"unionhall/grassroots/registry/admission"
	"unionhall/grassroots/registry/card"
	"unionhall/grassroots/registry/intake"
	"unionhall/grassroots/registry/member"
	"unionhall/grassroots/registry/own"
	"unionhall/grassroots/registry/papers"
	"unionhall/grassroots/registry/parting"
	"unionhall/grassroots/registry/procedure"
	"unionhall/grassroots/registry/term"
	"unionhall/grassroots/registry/transfer"
	"unionhall/grassroots/registry/twin"
	"unionhall/grassroots/registry/yearly"
	"unionhall/hall/city"
	"unionhall/kit/auth"
	"unionhall/kit/sqldb"
	"unionhall/kit/ui"
	"unionhall/kit/web"
	"unionhall/law"
	"unionhall/office/account"
	"unionhall/office/desk"
	"unionhall/office/drill"
	"unionhall/office/exchange"
	"unionhall/office/manual"
	"unionhall/office/post"
	"unionhall/office/privacy"
	"unionhall/office/record"
	"unionhall/office/rules"
	"unionhall/office/verify"
)

// rooms are the furnished rooms and what is drawn from them once.
type rooms struct {
	registry  registry.Room
	cases     procedure.Room
	admission *admission.Room
	twins     *twin.Room
	own       *own.Room
	desk      *desk.Desk
	rules     *rules.Room
	record    *record.Room
	exchange  *exchange.Room
	consent   *consent.Room
	privacy   *privacy.Room
	verify    *verify.Room
	daily     []daily
	menus     map[auth.Office][]ui.MenuGroup
	drill     *drill.Room
	handover  *handover.Room
	closing   *closing.Room
}

// wings is the menu: the three services, of which only what exists is shown,
// and the system.
//
// law: S01
var wings = []wing{
	{"", []place{
		{ui.MenuItem{Text: "工作台", Href: "/", Icon: "layout-dashboard", Go: "h"}, auth.Anyone},
	}},
	{"服务基层工作", []place{
		{ui.MenuItem{Text: "工会组织", Href: "/grassroots/registry/unions", Icon: "sitemap", Tab: "组织", Go: "u"}, registry.Look},
		{ui.MenuItem{Text: "换届届期", Href: "/grassroots/registry/terms", Icon: "calendar", Go: "e"}, term.Look},
		{ui.MenuItem{Text: "女职工工作", Href: "/grassroots/registry/women", Icon: "user-check", Go: "n"}, term.LookWomen},
		{ui.MenuItem{Text: "办理事项", Href: "/grassroots/registry/procedures", Icon: "clipboard-list", Go: "b"}, procedure.Look},
		{ui.MenuItem{Text: "法人资格", Href: "/grassroots/registry/legal", Icon: "certificate", Go: "f"}, procedure.Register},
		{ui.MenuItem{Text: "会员会籍", Href: "/grassroots/registry/members", Icon: "users", Tab: "会员", Go: "m"}, member.Look},
		{ui.MenuItem{Text: "入会申请", Href: "/grassroots/registry/applications", Icon: "user-plus"}, admission.Look},
		{ui.MenuItem{Text: "会籍接转", Href: "/grassroots/registry/transfers", Icon: "transfer"}, transfer.Look},
		{ui.MenuItem{Text: "退会和开除", Href: "/grassroots/registry/partings", Icon: "user-minus"}, parting.Look},
		{ui.MenuItem{Text: "资料更正申请", Href: "/grassroots/registry/requests", Icon: "pencil"}, own.Look},
		{ui.MenuItem{Text: "疑似重复", Href: "/grassroots/registry/twins", Icon: "friends"}, twin.Look},
		{ui.MenuItem{Text: "到期资料", Href: "/grassroots/registry/retention", Icon: "clock"}, own.Erase},
		{ui.MenuItem{Text: "导入", Href: "/grassroots/registry/imports", Icon: "upload", Go: "i"}, intake.Run},
		{ui.MenuItem{Text: "会员统计", Href: "/grassroots/registry/members/figures", Icon: "chart-bar", Go: "s"}, member.Look},
		{ui.MenuItem{Text: "统计年报", Href: "/grassroots/registry/yearly", Icon: "file-spreadsheet", Go: "y"}, yearly.Look},
		{ui.MenuItem{Text: "表格与模板", Href: "/grassroots/registry/papers", Icon: "printer"}, papers.Print},
	}},
	{"会计账务", []place{
		{ui.MenuItem{Text: "账簿", Href: ledger.Home, Icon: "file-spreadsheet", Tab: "账簿", Go: "z"}, ledger.Look},
		{ui.MenuItem{Text: "按业务记账", Href: "/grassroots/finance/events", Icon: "writing", Go: "q"}, event.Record},
		{ui.MenuItem{Text: "凭证", Href: ledger.Home + "/vouchers", Icon: "file-text", Go: "v"}, ledger.Look},
		{ui.MenuItem{Text: "银行和现金", Href: bank.Home, Icon: "wallet"}, bank.Look},
		{ui.MenuItem{Text: "对账单勾对", Href: bank.Home + "/matching", Icon: "checks"}, bank.Look},
		{ui.MenuItem{Text: "余额调节表", Href: bank.Home + "/reconciliation", Icon: "scale"}, bank.Look},
		{ui.MenuItem{Text: "现金盘点", Href: bank.Home + "/counts", Icon: "coin"}, bank.Look},
		{ui.MenuItem{Text: "结账", Href: closing.Home, Icon: "circle-check"}, closing.Look},
		{ui.MenuItem{Text: "会计科目", Href: ledger.Home + "/accounts", Icon: "sitemap"}, ledger.Look},
		{ui.MenuItem{Text: "项目", Href: ledger.Home + "/projects", Icon: "clipboard-list"}, ledger.Look},
	}},
	{"报表和归档", []place{
		{ui.MenuItem{Text: "会计报表", Href: statement.Home, Icon: "chart-bar", Go: "x"}, statement.Look},
		{ui.MenuItem{Text: "科目余额", Href: ledger.Home + "/balances", Icon: "list-check"}, ledger.Look},
		{ui.MenuItem{Text: "总账和明细账", Href: statement.Books + "/general", Icon: "table"}, statement.Look},
		{ui.MenuItem{Text: "报表报送", Href: statement.Filings, Icon: "send"}, statement.Look},
		{ui.MenuItem{Text: "移交和归档", Href: handover.Home, Icon: "device-floppy"}, handover.Look},
	}},
	{"票据和资产", []place{
		{ui.MenuItem{Text: "收据", Href: bill.Home + "/receipts", Icon: "receipt"}, bill.Look},
		{ui.MenuItem{Text: "发票台账", Href: bill.Home + "/invoices", Icon: "file-text"}, bill.Look},
		{ui.MenuItem{Text: "往来账龄", Href: bill.Home + "/aging", Icon: "clock"}, bill.Look},
		{ui.MenuItem{Text: "记账疑点", Href: bill.Home + "/flags", Icon: "flag"}, bill.Look},
		{ui.MenuItem{Text: "资产卡片", Href: asset.Home, Icon: "building"}, asset.Look},
		{ui.MenuItem{Text: "资产处置", Href: asset.Home + "/matters", Icon: "trash"}, asset.Look},
		{ui.MenuItem{Text: "折旧和摊销", Href: asset.Home + "/runs", Icon: "chart-line"}, asset.Look},
		{ui.MenuItem{Text: "库存物品", Href: asset.StockHome, Icon: "inbox"}, asset.Look},
		{ui.MenuItem{Text: "盘点", Href: asset.CountHome, Icon: "list-check"}, asset.Look},
	}},
	{"服务职工会员", []place{
		{ui.MenuItem{Text: "我的会籍", Href: "/me", Icon: "id", Tab: "会籍", Go: "w"}, member.Own},
		{ui.MenuItem{Text: "我的信息", Href: "/me/data", Icon: "shield-check"}, member.Own},
	}},
	{"系统", []place{
		{ui.MenuItem{Text: "账号与岗位", Href: "/system/accounts", Icon: "user-check", Go: "a"}, account.Look},
		{ui.MenuItem{Text: "登录安全", Href: "/system/security", Icon: "shield-check", Go: "k"}, account.Factors},
		{ui.MenuItem{Text: "制度依据", Href: "/law/rules", Icon: "gavel", Go: "l"}, auth.Anyone},
		{ui.MenuItem{Text: "参数", Href: "/law/params", Icon: "adjustments", Go: "p"}, auth.Anyone},
		{ui.MenuItem{Text: "工作日历", Href: "/law/calendar", Icon: "calendar", Go: "c"}, auth.Anyone},
		{ui.MenuItem{Text: "操作日志", Href: "/audit", Icon: "history", Go: "o"}, record.Look},
		{ui.MenuItem{Text: "消息通道", Href: "/system/channels", Icon: "bell"}, post.Look},
		{ui.MenuItem{Text: "个人信息保护", Href: "/system/privacy", Icon: "shield-check"}, privacy.Keep},
		{ui.MenuItem{Text: "上下级往来", Href: "/system/exchange", Icon: "send"}, exchange.Look},
		{ui.MenuItem{Text: "恢复演练", Href: "/system/drills", Icon: "device-floppy"}, drill.Look},
		{ui.MenuItem{Text: "单位设置", Href: "/setup", Icon: "settings"}, desk.Setup},
		{ui.MenuItem{Text: "任务", Href: "/jobs", Icon: "list-check", Go: "j"}, auth.Anyone},
	}},
}

// said is what a room says of itself, whatever house it is in: who may do what
// there, and what those acts are called in the log.
type said struct {
	roles  auth.Roles
	labels map[auth.Action]string
}

// all lists what every room says.
func all() []said {
	return []said{
		{registry.Roles(), registry.Labels},
		{member.Roles(), member.Labels},
		{term.Roles(), term.Labels},
		{intake.Roles(), intake.Labels},
		{procedure.Roles(), procedure.Labels},
		{admission.Roles(), admission.Labels},
		{transfer.Roles(), transfer.Labels},
		{parting.Roles(), parting.Labels},
		{papers.Roles(), papers.Labels},
		{account.Roles(), account.Labels},
		{desk.Roles(), desk.Labels},
		{rules.Roles(), rules.Labels},
		{record.Roles(), record.Labels},
		{exchange.Roles(), exchange.Labels},
		{yearly.Roles(), yearly.Labels},
		{post.Roles(), post.Labels},
		{twin.Roles(), twin.Labels},
		{own.Roles(), own.Labels},
		{consent.Roles(), consent.Labels},
		{privacy.Roles(), privacy.Labels},
		{drill.Roles(), drill.Labels},
		{ledger.Roles(), ledger.Labels},
		{statement.Roles(), statement.Labels},
		{closing.Roles(), closing.Labels},
		{bank.Roles(), bank.Labels},
		{bill.Roles(), bill.Labels},
		{asset.Roles(), asset.Labels},
		{event.Roles(), event.Labels},
		{handover.Roles(), handover.Labels},
	}
}

// Roles is what each office may do in the whole house.
func Roles() auth.Roles {
	out := auth.Roles{}
	for _, room := range all() {
		for office, acts := range room.roles {
			out[office] = append(out[office], acts...)
		}
	}
	return out
}

// furnish makes the rooms and hands each what it asks of others.
func (h *House) furnish() {
	roles := Roles()
	h.Intake = &intake.Room{Files: h.Files, Runner: h.Runner, Transfers: transfer.Room{}}
	h.Accounts = &account.Office{Site: h.Site, Roles: roles, DemoPassword: DemoPassword(), Demo: DemoAccounts, Members: people{}}
	h.Post = h.newPost()
	h.Yearly = &yearly.Room{Runner: h.Runner}
	unions := registry.Room{Members: member.People{}, Posts: account.Seats{}}
	h.rooms = rooms{
		registry:  unions,
		cases:     procedure.Room{Unions: unions},
		admission: admission.New(transfer.Room{}, logins{}),
		twins:     &twin.Room{Runner: h.Runner},
		own:       &own.Room{Files: h.Files, Runner: h.Runner, More: ownSections},
		rules:     &rules.Room{Names: account.Names},
		record:    &record.Room{Runner: h.Runner, Labels: actLabels(), Names: account.Names, Things: nameThings, Find: findThings, More: proofs},
		exchange:  &exchange.Room{Files: h.Files, Totals: totals, Names: account.Names},
		consent:   &consent.Room{Offices: publicOffices},
		drill:     &drill.Room{Runner: h.Runner, Do: h.drill},
		privacy:   &privacy.Room{Roles: roles, Sights: sights(), Names: account.Names},
		verify:    verify.New(),
		handover:  h.newHandover(),
		closing:   h.newClosing(),
		daily:     h.works(),
		menus:     map[auth.Office][]ui.MenuGroup{},
	}
	h.rooms.desk = &desk.Desk{
		Sources: sources(), Finders: finders, Tiles: tiles, Start: startSteps, Card: ownCard, Runner: h.Runner, Document: OpenAPI,
	}
	for _, o := range auth.Offices {
		h.rooms.menus[o] = menuOf(roles, o)
	}
	if h.Runner != nil {
		maps.Copy(h.Runner.Works, h.Intake.Works())
		maps.Copy(h.Runner.Works, h.Yearly.Works())
		maps.Copy(h.Runner.Falls, h.Intake.Falls())
		maps.Copy(h.Runner.Works, h.rooms.record.Works())
		maps.Copy(h.Runner.Works, h.rooms.twins.Works())
		maps.Copy(h.Runner.Works, h.rooms.own.Works())
		maps.Copy(h.Runner.Works, h.rooms.drill.Works())
		maps.Copy(h.Runner.Works, h.rooms.handover.Works())
		maps.Copy(h.Runner.Falls, h.rooms.handover.Falls())
		maps.Copy(h.Runner.Works, h.rooms.closing.Works())
		h.Runner.Works[rekeys] = h.reseal
	}
	if h.Site != nil {
		h.Site.Who, h.Site.Frame, h.Site.Rule = h.Accounts.Who, h.frame, clause
		h.Site.Seen = h.Accounts.Seen
	}
}

// clause is a rule as the page of a refusal shows it.
func clause(id string) ui.Article {
	r, ok := law.RuleOf(id)
	if !ok {
		return ui.Article{ID: id}
	}
	return ui.Article{ID: r.ID, Text: r.Text, Citation: r.Citation, Recalled: r.Confidence == law.Recalled}
}

// Routes is every address of the house.
func (h *House) Routes() []web.Route {
	return slices.Concat(
		h.rooms.desk.Routes(),
		h.Accounts.Routes(),
		h.rooms.registry.Routes(),
		member.Routes(),
		h.rooms.cases.Routes(),
		term.Room{Names: account.Names}.Routes(),
		h.Intake.Routes(),
		h.Yearly.Routes(),
		h.rooms.admission.Routes(),
		transfer.Routes(),
		parting.Routes(),
		card.Routes(),
		papers.Routes(),
		h.rooms.twins.Routes(),
		h.rooms.own.Routes(),
		h.rooms.consent.Routes(),
		h.rooms.privacy.Routes(),
		h.rooms.verify.Routes(),
		h.rooms.rules.Routes(),
		h.rooms.record.Routes(),
		h.rooms.exchange.Routes(),
		h.Post.Routes(),
		ledger.Room{Names: account.Names, Doubts: doubtsOf}.Routes(),
		statement.Room{Names: account.Names}.Routes(),
		h.rooms.closing.Routes(),
		bank.Room{Files: h.Files, Names: account.Names}.Routes(),
		bill.Room{Names: account.Names}.Routes(),
		asset.Room{Names: account.Names}.Routes(),
		event.Routes(),
		h.rooms.handover.Routes(),
		h.rooms.drill.Routes(),
		manual.Routes(h.demo),
		desk.Machine(h.ready),
		[]web.Route{{Pattern: "GET /metrics", Doc: "运行指标", Do: web.Raw(func(w http.ResponseWriter, hr *http.Request) { h.Site.Metrics(w, hr) })}},
	)
}

// actLabels says what every action is called in the log.
func actLabels() map[auth.Action]string {
	out := map[auth.Action]string{city.Make: "生成演示数据", Nightly: "每日办理", Rekey: "更换密钥"}
	for _, room := range all() {
		for act, label := range room.labels {
			out[act] = label
		}
	}
	return out
}

// isDemo reports whether what is shown is a synthetic city.
func (h *House) isDemo(ctx context.Context) (demo bool, err error) {
	err = h.DB.View(ctx, func(tx *sqldb.Tx) error {
		all, err := account.Tenants(ctx, tx)
		demo = slices.ContainsFunc(all, func(t account.Tenant) bool { return t.Demo })
		return err
	})
	return demo, err
}
