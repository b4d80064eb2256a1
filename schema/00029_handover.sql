-- Handing the books over: archives of years, and lists from one finance officer
-- to the next.

-- +goose Up
-- The archive of a book (会计档案): one file in the blob store under its hash.
-- kind is final, or draft of a book that is still open.
CREATE TABLE book_archives (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	book_id    text   NOT NULL,
	year       bigint NOT NULL,
	kind       text   NOT NULL,
	state      text   NOT NULL,
	words      text,
	name       text,
	hash       text,
	size       bigint NOT NULL,
	files      bigint NOT NULL,
	vouchers   bigint NOT NULL,
	account_id text   NOT NULL,
	made       text   NOT NULL,
	ended      text,
	failure    text,
	receiver   text,
	delivered  text,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, book_id) REFERENCES books (tenant_id, id)
);
CREATE UNIQUE INDEX book_archives_building ON book_archives (tenant_id, book_id) WHERE state = 'building';
CREATE UNIQUE INDEX book_archives_kept ON book_archives (tenant_id, book_id) WHERE kind = 'final' AND state IN ('kept', 'delivered');
CREATE INDEX book_archives_union ON book_archives (tenant_id, union_id, year, id);

-- A list by which a finance officer hands over (交接清册). lists is JSON: what
-- the books said on the day, and the rows that people wrote.
CREATE TABLE officer_changes (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	on_day     text   NOT NULL,
	state      text   NOT NULL,
	giver_id   text   NOT NULL,
	giver      text   NOT NULL,
	taker_id   text   NOT NULL,
	taker      text   NOT NULL,
	witness_id text   NOT NULL,
	witness    text   NOT NULL,
	giver_as   text   NOT NULL,
	taker_as   text   NOT NULL,
	witness_as text   NOT NULL,
	lists      text   NOT NULL,
	made       text   NOT NULL,
	ended      text,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE INDEX officer_changes_union ON officer_changes (tenant_id, union_id, id);
