package dbtest_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"unionhall/kit/sqldb"
	"unionhall/schema"
	"unionhall/schema/dbtest"
)

// Every engine stands at the newest migration, and two tests share nothing.
func TestEachIsFreshAndWhole(t *testing.T) {
	ctx := context.Background()
	dbtest.Each(t, func(t *testing.T, db *sqldb.DB) {
		has, newest, err := db.Versions(ctx, schema.Files)
		if err != nil || has != newest || newest == 0 {
			t.Errorf("schema %d of %d, %v", has, newest, err)
		}
		// A second run finds no trace of the first: the table is not there yet.
		err = db.Do(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.Exec(ctx, `CREATE TABLE left_over (tenant_id bigint NOT NULL)`)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	again := dbtest.SQLite(t)
	err := again.Do(ctx, func(tx *sqldb.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO left_over (tenant_id) VALUES ($1)`, 1)
		return err
	})
	if err == nil {
		t.Error("a table of another test is here")
	}
}

func TestSplit(t *testing.T) {
	files, err := dbtest.Split(fstest.MapFS{"1.sql": {Data: []byte(`-- +goose Up
CREATE TABLE a (
	tenant_id bigint NOT NULL,
	PRIMARY KEY (tenant_id)
) /* rowless */;
CREATE TABLE whole (
	id bigint NOT NULL
);
`)}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := files.(fstest.MapFS).ReadFile("1.sql")
	if err != nil {
		t.Fatal(err)
	}
	want := `-- +goose Up
CREATE TABLE a (
	tenant_id bigint NOT NULL,
	PRIMARY KEY (tenant_id)
) /* rowless */ PARTITION BY HASH (tenant_id);
CREATE TABLE a_p0 PARTITION OF a FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE a_p1 PARTITION OF a FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE a_p2 PARTITION OF a FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE a_p3 PARTITION OF a FOR VALUES WITH (MODULUS 4, REMAINDER 3);
CREATE TABLE whole (
	id bigint NOT NULL
);
`
	if got := strings.TrimSpace(string(text)); got != strings.TrimSpace(want) {
		t.Errorf("got\n%s", got)
	}
}
