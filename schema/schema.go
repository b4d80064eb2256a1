// Package schema holds the numbered migrations, one SQL text for both engines.
package schema

import "embed"

//go:embed *.sql
var Files embed.FS

// Shared tables belong to no tenant: they hold what the whole installation
// has in common.
var Shared = map[string]bool{"goose_db_version": true, "installation": true}
