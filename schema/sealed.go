package schema

// Sealed lists the tables whose rows carry a seal of their own (行印, kit/audit):
// what verify proves row by row.
//
// law: PL-08
var Sealed = []string{
	"accounts",
	"addresses",
	"applications",
	"attachments",
	"bodies",
	"bundles",
	"case_papers",
	"cases",
	"certificates",
	"channels",
	"consents",
	"data_requests",
	"exchange_keys",
	"hooks",
	"invites",
	"legal_items",
	"legal_persons",
	"member_events",
	"members",
	"merges",
	"notices",
	"own_params",
	"paper_templates",
	"partings",
	"peers",
	"posts",
	"privacy_records",
	"seats",
	"steps",
	"tenants",
	"transfers",
	"union_spans",
	"unions",
	"yearly_returns",
	"yearly_reviews",
}
