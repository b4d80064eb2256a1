-- Bank and cash: accounts, statements of banks, what of them is matched with
-- the books, and the papers that prove both agreed.

-- +goose Up
-- A bank account of a union or its cash box. account is the ledger's code that
-- it is kept under; opening is what the bank held before the day since, from
-- which on statements are matched. layout is what its statements' columns were
-- last said to be.
CREATE TABLE bank_accounts (
	tenant_id    bigint NOT NULL,
	id           text   NOT NULL,
	union_id     text   NOT NULL,
	kind         text   NOT NULL,
	name         text   NOT NULL,
	bank         text,
	number       bytea,
	number_blind text,
	account      text   NOT NULL,
	since        text   NOT NULL,
	opening      bigint,
	ended        text,
	layout       text,
	version      bigint NOT NULL,
	mac          bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE UNIQUE INDEX bank_accounts_account ON bank_accounts (tenant_id, union_id, account) WHERE ended IS NULL;
CREATE UNIQUE INDEX bank_accounts_number ON bank_accounts (tenant_id, number_blind) WHERE number_blind IS NOT NULL AND ended IS NULL;

-- The row at which whoever imports, matches or agrees an account queues.
CREATE TABLE bank_heads (
	tenant_id bigint NOT NULL,
	bank_id   text   NOT NULL,
	turn      bigint NOT NULL,
	PRIMARY KEY (tenant_id, bank_id),
	FOREIGN KEY (tenant_id, bank_id) REFERENCES bank_accounts (tenant_id, id)
);

-- A statement (对账单) as it was taken in. body holds the lines, sealed, until
-- somebody confirms them; problems and layout are JSON.
CREATE TABLE bank_statements (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	bank_id   text   NOT NULL,
	file_name text   NOT NULL,
	file_hash text   NOT NULL,
	state     text   NOT NULL,
	from_day  text,
	to_day    text,
	counted   bigint NOT NULL,
	fresh     bigint NOT NULL,
	known     bigint NOT NULL,
	refused   bigint NOT NULL,
	warned    bigint NOT NULL,
	came      bigint NOT NULL,
	went      bigint NOT NULL,
	opening   bigint,
	closing   bigint,
	layout    text,
	problems  text,
	body      bytea,
	maker     text   NOT NULL,
	made      text   NOT NULL,
	confirmer text,
	confirmed text,
	version   bigint NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, bank_id) REFERENCES bank_accounts (tenant_id, id)
);
CREATE UNIQUE INDEX bank_statements_file ON bank_statements (tenant_id, bank_id, file_hash) WHERE state <> 'undone';

-- A line of a statement: amount is positive where money came in. Lines without
-- a statement stood open before the account's first day.
CREATE TABLE bank_lines (
	tenant_id    bigint NOT NULL,
	id           text   NOT NULL,
	bank_id      text   NOT NULL,
	statement_id text,
	sheet_row    bigint NOT NULL,
	day          text   NOT NULL,
	amount       bigint NOT NULL,
	balance      bigint,
	flow         text,
	summary      text,
	other        text,
	other_no     bytea,
	mac          bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, bank_id) REFERENCES bank_accounts (tenant_id, id)
);
CREATE INDEX bank_lines_day ON bank_lines (tenant_id, bank_id, day, id);
CREATE INDEX bank_lines_statement ON bank_lines (tenant_id, statement_id) WHERE statement_id IS NOT NULL;

-- What the union had booked before the account's first day and the bank had
-- not: open like an entry until the bank's line comes.
CREATE TABLE bank_items (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	bank_id   text   NOT NULL,
	day       text   NOT NULL,
	amount    bigint NOT NULL,
	summary   text   NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, bank_id) REFERENCES bank_accounts (tenant_id, id)
);
CREATE INDEX bank_items_bank ON bank_items (tenant_id, bank_id, id);

-- Lines of statements that nothing answers yet.
CREATE TABLE bank_open (
	tenant_id bigint NOT NULL,
	bank_id   text   NOT NULL,
	line_id   text   NOT NULL,
	PRIMARY KEY (tenant_id, bank_id, line_id),
	FOREIGN KEY (tenant_id, line_id) REFERENCES bank_lines (tenant_id, id)
);

-- A match (勾对): lines and entries that add up to the same. first_day and
-- last_day are those of all that it holds; members lists them under the seal.
CREATE TABLE bank_matches (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	bank_id   text   NOT NULL,
	how       text   NOT NULL,
	first_day text   NOT NULL,
	last_day  text   NOT NULL,
	members   text   NOT NULL,
	words     text,
	maker     text   NOT NULL,
	made      text   NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, bank_id) REFERENCES bank_accounts (tenant_id, id)
);
CREATE INDEX bank_matches_last ON bank_matches (tenant_id, bank_id, last_day, id);

CREATE TABLE bank_match_lines (
	tenant_id bigint NOT NULL,
	line_id   text   NOT NULL,
	match_id  text   NOT NULL,
	PRIMARY KEY (tenant_id, line_id),
	FOREIGN KEY (tenant_id, match_id) REFERENCES bank_matches (tenant_id, id)
);
CREATE INDEX bank_match_lines_match ON bank_match_lines (tenant_id, match_id);

-- line 0 is of bank_items.
CREATE TABLE bank_match_entries (
	tenant_id  bigint NOT NULL,
	voucher_id text   NOT NULL,
	line       bigint NOT NULL,
	match_id   text   NOT NULL,
	PRIMARY KEY (tenant_id, voucher_id, line),
	FOREIGN KEY (tenant_id, match_id) REFERENCES bank_matches (tenant_id, id)
);
CREATE INDEX bank_match_entries_match ON bank_match_entries (tenant_id, match_id);

-- The reconciliation of an account at a month's end (余额调节表), frozen as JSON
-- in content with its digest.
CREATE TABLE bank_tables (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	bank_id   text   NOT NULL,
	period    text   NOT NULL,
	state     text   NOT NULL,
	bank      bigint NOT NULL,
	book      bigint NOT NULL,
	adjusted  bigint NOT NULL,
	content   text   NOT NULL,
	digest    text   NOT NULL,
	maker     text   NOT NULL,
	made      text   NOT NULL,
	confirmer text,
	confirmed text,
	version   bigint NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, bank_id, period),
	FOREIGN KEY (tenant_id, bank_id) REFERENCES bank_accounts (tenant_id, id)
);

-- A count of cash (现金盘点): how many of each note and coin, by whom, and who
-- watched.
CREATE TABLE cash_counts (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	bank_id   text   NOT NULL,
	day       text   NOT NULL,
	state     text   NOT NULL,
	pieces    text   NOT NULL,
	counted   bigint NOT NULL,
	book      bigint NOT NULL,
	words     text,
	maker     text   NOT NULL,
	made      text   NOT NULL,
	witness   text,
	witnessed text,
	version   bigint NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, bank_id) REFERENCES bank_accounts (tenant_id, id)
);
CREATE INDEX cash_counts_day ON cash_counts (tenant_id, bank_id, day, id);
