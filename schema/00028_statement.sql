-- Statements that were submitted to the superior, and the notes to those of a
-- year.

-- +goose Up
-- What a union submitted for a month, or for the year as month 13 (报送): the
-- forms as they stood, frozen, with their hash. What was returned is submitted
-- as another row.
CREATE TABLE filings (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	book_id    text   NOT NULL,
	union_id   text   NOT NULL,
	year       bigint NOT NULL,
	month      bigint NOT NULL,
	state      text   NOT NULL,
	forms      text   NOT NULL,
	hash       text   NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, book_id) REFERENCES books (tenant_id, id),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE UNIQUE INDEX filings_month ON filings (tenant_id, book_id, month) WHERE state <> 'returned';
CREATE INDEX filings_book ON filings (tenant_id, book_id, month, id);

-- The notes to the statements of a year (附注): the eight items as JSON, in
-- their order.
CREATE TABLE statement_notes (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	book_id    text   NOT NULL,
	items      text   NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, book_id),
	FOREIGN KEY (tenant_id, book_id) REFERENCES books (tenant_id, id)
);
