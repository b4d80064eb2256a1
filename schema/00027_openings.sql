-- Workbooks of opening balances, of one union or of many.

-- +goose Up
-- A workbook as it came; who confirms it has its opening vouchers drafted.
CREATE TABLE opening_files (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	year       bigint NOT NULL,
	under_id   text   NOT NULL,
	file_name  text   NOT NULL,
	file_hash  text   NOT NULL,
	size       bigint NOT NULL,
	state      text   NOT NULL,
	account_id text   NOT NULL,
	made       text   NOT NULL,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, under_id) REFERENCES unions (tenant_id, id)
);

-- Something done for many unions at once (批量办理), one after the other; what
-- became of each stands below it. kind: month, year, review, post, file.
CREATE TABLE closing_runs (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	kind       text   NOT NULL,
	year       bigint NOT NULL,
	month      bigint NOT NULL,
	file_id    text,
	under_id   text   NOT NULL,
	unions     text   NOT NULL,
	account_id text   NOT NULL,
	office     text   NOT NULL,
	acting_for text,
	made       text   NOT NULL,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, under_id) REFERENCES unions (tenant_id, id)
);

CREATE TABLE closing_results (
	tenant_id bigint NOT NULL,
	run_id    text   NOT NULL,
	union_id  text   NOT NULL,
	state     text   NOT NULL,
	words     text   NOT NULL,
	PRIMARY KEY (tenant_id, run_id, union_id),
	FOREIGN KEY (tenant_id, run_id) REFERENCES closing_runs (tenant_id, id)
);

-- The move of a union's books from the system of 2009 to that of 2021
-- (新旧衔接), with its working papers as JSON.
CREATE TABLE closing_moves (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	old_id     text   NOT NULL,
	new_id     text   NOT NULL,
	papers     text   NOT NULL,
	account_id text   NOT NULL,
	made       text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE INDEX closing_moves_union ON closing_moves (tenant_id, union_id, id);
