package hall

import (
	"path/filepath"
	"strings"

	"unionhall/kit/files"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
)

// Settings say where a house stands and how it is reached.
type Settings struct {
	Data            string     // folder of the database, keys and files
	DB              string     // postgres:// address; empty: the embedded database in Data
	Pooler          bool       // the address leads to a pooler that lends connections by the transaction
	Suite           seal.Suite // algorithms of the keys of a new office
	Files           string     // s3://bucket/prefix?endpoint=…; empty: the folder files in Data
	S3Key, S3Secret string
	Listen          string
	Demo            bool // a synthetic city is made on the first start
}

// Where is what the database is opened by.
func (s Settings) Where() string {
	if s.DB != "" {
		return s.DB + s.pooled()
	}
	return filepath.Join(s.Data, "unionhall.db")
}

// server is the address of the server's database, empty for the embedded one.
func (s Settings) server() string {
	if s.DB == "" {
		return ""
	}
	return s.Where()
}

// pooled asks the driver to keep nothing on a connection, which behind a
// pooler is another one with every transaction.
func (s Settings) pooled() string {
	if !s.Pooler || strings.Contains(s.DB, execMode) {
		return ""
	}
	if strings.Contains(s.DB, "?") {
		return "&" + execMode + "exec"
	}
	return "?" + execMode + "exec"
}

const execMode = "default_query_exec_mode="

// Embedded reports whether the database lies in Data.
func (s Settings) Embedded() bool { return !sqldb.Server(s.Where()) }

// store opens where attachments are kept.
func (s Settings) store() (files.Closer, error) {
	if s.Files != "" {
		return files.OpenObjects(s.Files, s.S3Key, s.S3Secret)
	}
	return files.OpenFolder(s.blobs())
}

func (s Settings) keyFile() string { return filepath.Join(s.Data, "keys.json") }
func (s Settings) blobs() string   { return filepath.Join(s.Data, "files") }
