package hall

import (
	"errors"
	"net/url"
	"path/filepath"
	"strings"

	"unionhall/kit/files"
	"unionhall/kit/gateway"
	"unionhall/kit/mail"
	"unionhall/kit/oidc"
	"unionhall/kit/seal"
	"unionhall/kit/sqldb"
)

// Outside is the identity provider to sign in by.
type Outside = oidc.Settings

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

	Outside Outside // identity provider to sign in by
	Out     Out
}

// Out says how messages leave the house.
type Out struct {
	Public  string // https://union.example.cn: what links in letters begin with
	Mail    mail.Settings
	SMS     gateway.Gateway
	Private bool // also machines of the intranet may be spoken to
}

// Check refuses settings that can't work, in words for operators.
func (o Out) Check() error {
	if o.Mail.Set() {
		if err := o.Mail.Check(); err != nil {
			return err
		}
	}
	if o.SMS.Set() {
		if err := o.SMS.Check(); err != nil {
			return err
		}
	}
	if u, err := url.Parse(o.Public); err != nil || o.Public != "" && u.Host == "" {
		return errors.New("--public-url must be a whole address such as https://union.example.cn")
	}
	return nil
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

// SuiteOf reads the name of the algorithms that a new office seals with.
func SuiteOf(name string) (seal.Suite, error) { return seal.SuiteOf(name) }
