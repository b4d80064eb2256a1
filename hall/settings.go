package hall

import (
	"path/filepath"

	"unionhall/kit/oidc"
	"unionhall/kit/sms"
	"unionhall/kit/sqldb"
)

// Outside and Texts are the settings of the ways in beside the password.
type (
	Outside = oidc.Settings
	Texts   = sms.Settings
)

// Settings say where a house stands and how it is reached.
type Settings struct {
	Data   string // folder of the database, keys and files
	DB     string // postgres:// address; empty: the embedded database in Data
	Listen string
	Demo   bool // a synthetic city is made on the first start

	Outside Outside // identity provider to sign in by
	Texts   Texts   // gateway that sends codes to members
}

// Where is what the database is opened by.
func (s Settings) Where() string {
	if s.DB != "" {
		return s.DB
	}
	return filepath.Join(s.Data, "unionhall.db")
}

// Embedded reports whether the database lies in Data.
func (s Settings) Embedded() bool { return !sqldb.Server(s.Where()) }

func (s Settings) keyFile() string { return filepath.Join(s.Data, "keys.json") }
func (s Settings) blobs() string   { return filepath.Join(s.Data, "files") }
