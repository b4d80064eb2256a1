package schema

// Sealed lists the tables whose rows carry a seal of their own (行印, kit/audit):
// what verify proves row by row.
//
// law: PL-08
var Sealed = []string{
	"accounts",
	"applications",
	"attachments",
	"bodies",
	"bundles",
	"case_papers",
	"cases",
	"certificates",
	"consents",
	"data_requests",
	"drills",
	"exchange_keys",
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
}
