package hall

import (
	"errors"
	"net/url"
	"path/filepath"

	"unionhall/kit/gateway"
	"unionhall/kit/mail"
	"unionhall/kit/oidc"
	"unionhall/kit/sqldb"
)

// Outside is the identity provider to sign in by.
type Outside = oidc.Settings

// Settings say where a house stands and how it is reached.
type Settings struct {
	Data   string // folder of the database, keys and files
	DB     string // postgres:// address; empty: the embedded database in Data
	Listen string
	Demo   bool // a synthetic city is made on the first start

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
		return s.DB
	}
	return filepath.Join(s.Data, "unionhall.db")
}

// Embedded reports whether the database lies in Data.
func (s Settings) Embedded() bool { return !sqldb.Server(s.Where()) }

func (s Settings) keyFile() string { return filepath.Join(s.Data, "keys.json") }
func (s Settings) blobs() string   { return filepath.Join(s.Data, "files") }
