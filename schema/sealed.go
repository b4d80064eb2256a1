package schema

// Sealed lists the tables whose rows carry a seal of their own (行印, kit/audit):
// what verify proves row by row.
//
// law: PL-08
var Sealed = []string{
	"accounts",
	"acting_leads",
	"attachments",
	"bodies",
	"bundles",
	"care_events",
	"certificates",
	"exchange_keys",
	"member_events",
	"members",
	"officer_moves",
	"own_params",
	"paper_templates",
	"peers",
	"posts",
	"seats",
	"steps",
	"tenants",
	"term_extensions",
	"union_meetings",
	"union_spans",
	"unions",
}
