-- What operating leaves behind.

-- +goose Up
-- A restore drill (恢复演练): a backup was made, restored beside the office,
-- compared and proved. report is its JSON.
CREATE TABLE drills (
	tenant_id bigint  NOT NULL,
	id        text    NOT NULL,
	at        text    NOT NULL,
	good      boolean NOT NULL,
	report    text    NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id, id)
);
