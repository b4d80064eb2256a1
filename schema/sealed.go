package schema

// Sealed lists the tables whose rows carry a seal of their own (行印, kit/audit):
// what verify proves row by row.
//
// law: PL-08
var Sealed = []string{
	"accounts", "attachments", "bodies", "consents", "data_requests", "member_events", "members", "merges", "notices", "own_params",
	"posts", "privacy_records", "seats", "steps", "tenants", "union_spans", "unions",
}
