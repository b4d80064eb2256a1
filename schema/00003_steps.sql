-- What procedures leave behind, work that is done once a day, and what the
-- work table remembers until something changes.

-- +goose Up
-- One step that was taken in a procedure (办理步骤): who, in which office, when,
-- from which state to which, and the words given. Rows are added, never
-- changed.
CREATE TABLE steps (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	thing_id   text   NOT NULL,
	act        text   NOT NULL,
	before     text   NOT NULL,
	after      text   NOT NULL,
	account_id text   NOT NULL,
	self_id    text,
	office     text   NOT NULL,
	acting_for text,
	words      text,
	document   text,
	at         text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id)
);
CREATE INDEX steps_thing ON steps (tenant_id, thing_id, id);

-- The last day for which a daily work was begun: several instances share it,
-- and the row decides which of them begins.
CREATE TABLE daily (
	tenant_id bigint NOT NULL,
	work      text   NOT NULL,
	day       text   NOT NULL,
	PRIMARY KEY (tenant_id, work)
);

-- Lines that tell of a changed row, not of a look or a log-in: whatever is
-- added up may be remembered until the newest of them is another.
CREATE INDEX audit_rows_moved ON audit_rows (tenant_id, id) WHERE moved IS NOT NULL;
