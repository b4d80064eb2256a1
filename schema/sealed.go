package schema

// Sealed lists the tables whose rows carry a seal of their own (行印, kit/audit):
// what verify proves row by row.
//
// law: PL-08
var Sealed = []string{
	"accounts",
	"attachments",
	"bodies",
	"bundles",
	"certificates",
	"exchange_keys",
	"member_events",
	"members",
	"own_params",
	"paper_templates",
	"peers",
	"posts",
	"seats",
	"second_factors",
	"sign_in_links",
	"steps",
	"tenants",
	"union_spans",
	"unions",
}
