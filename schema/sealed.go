package schema

// Sealed lists the tables whose rows carry a seal of their own (行印, kit/audit):
// what verify proves row by row.
//
// law: PL-08
var Sealed = []string{
	"accounts",
	"acting_leads",
	"applications",
	"attachments",
	"bodies",
	"bundles",
	"care_events",
	"case_papers",
	"cases",
	"certificates",
	"consents",
	"data_requests",
	"exchange_keys",
	"invites",
	"legal_items",
	"legal_persons",
	"member_events",
	"members",
	"merges",
	"notices",
	"officer_moves",
	"own_params",
	"paper_templates",
	"partings",
	"peers",
	"posts",
	"privacy_records",
	"seats",
	"steps",
	"tenants",
	"term_extensions",
	"transfers",
	"union_meetings",
	"union_spans",
	"unions",
}
