-- One text for SQLite and PostgreSQL. tenant_id (a root committee) is the
-- first column and leads every key; ids are UUIDv7 as text; days and instants
-- are text; a text that may be missing is NULL, never ''. A table with a mac
-- column has its rows sealed (kit/audit): whatever changes one seals it anew.

-- +goose Up
CREATE TABLE installation (
	name  text NOT NULL,
	value text NOT NULL,
	PRIMARY KEY (name)
);

-- A root committee (工委).
CREATE TABLE tenants (
	tenant_id bigint  NOT NULL,
	name      text    NOT NULL,
	region    text    NOT NULL,
	demo      boolean NOT NULL,
	started   text    NOT NULL,
	setup     text,
	version   bigint  NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id)
);

-- Gapless numbers: one row for each kind and scope, updated with what it numbers.
CREATE TABLE counters (
	tenant_id bigint NOT NULL,
	kind      text   NOT NULL,
	scope     text   NOT NULL,
	last      bigint NOT NULL,
	PRIMARY KEY (tenant_id, kind, scope)
);

-- Who signs in.
CREATE TABLE accounts (
	tenant_id   bigint  NOT NULL,
	id          text    NOT NULL,
	login       text    NOT NULL,
	name        text    NOT NULL,
	name_key    text    NOT NULL,
	member_id   text,
	password    text    NOT NULL,
	must_change boolean NOT NULL,
	changed     text    NOT NULL,
	locked      boolean NOT NULL,
	version     bigint  NOT NULL,
	mac         bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, login)
);
CREATE UNIQUE INDEX accounts_member ON accounts (tenant_id, member_id);
CREATE INDEX accounts_name ON accounts (tenant_id, name_key, id);

-- The last passwords of an account, none of which may come again.
CREATE TABLE old_passwords (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	account_id text   NOT NULL,
	password   text   NOT NULL,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);
CREATE INDEX old_passwords_account ON old_passwords (tenant_id, account_id, id);

-- Failed log-ins in a row, by the hash of what was typed as login, whether
-- there is such a one or not; a success clears them, and so does until.
CREATE TABLE login_failures (
	tenant_id bigint NOT NULL,
	login     text   NOT NULL,
	failures  bigint NOT NULL,
	until     text   NOT NULL,
	PRIMARY KEY (tenant_id, login)
);

-- When and from where an account last signed in.
CREATE TABLE last_logins (
	tenant_id  bigint NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	address    text,
	PRIMARY KEY (tenant_id, account_id),
	FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);

-- An office held over a union and all below it (岗位).
CREATE TABLE posts (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	account_id text   NOT NULL,
	office     text   NOT NULL,
	union_id   text   NOT NULL,
	from_day   text   NOT NULL,
	to_day     text,
	acting_for text,
	document   text,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);
CREATE INDEX posts_account ON posts (tenant_id, account_id, id);
CREATE INDEX posts_union ON posts (tenant_id, union_id, id);

-- Sessions and API tokens; the id is the hash of what the client holds.
CREATE TABLE sessions (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	account_id text   NOT NULL,
	post_id    text,
	kind       text   NOT NULL,
	label      text,
	address    text,
	made       text   NOT NULL,
	seen       text   NOT NULL,
	expires    text   NOT NULL,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);
CREATE INDEX sessions_account ON sessions (tenant_id, account_id, id);

-- First answers to acts that carried an Idempotency-Key.
CREATE TABLE answers (
	tenant_id  bigint NOT NULL,
	account_id text   NOT NULL,
	key        text   NOT NULL,
	request    text   NOT NULL,
	body       text,
	at         text   NOT NULL,
	PRIMARY KEY (tenant_id, account_id, key)
);

-- What was done, written with what it tells of. block is NULL until the
-- sealer chains the row; moved says which sealed rows changed, by table.
CREATE TABLE audit_rows (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	at         text   NOT NULL,
	account_id text   NOT NULL,
	office     text   NOT NULL,
	acting_for text,
	act        text   NOT NULL,
	thing_id   text   NOT NULL,
	change     text   NOT NULL,
	moved      text,
	block      bigint,
	hash       text   NOT NULL,
	PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_rows_thing ON audit_rows (tenant_id, thing_id, id);
CREATE INDEX audit_rows_account ON audit_rows (tenant_id, account_id, id);
CREATE INDEX audit_rows_block ON audit_rows (tenant_id, block, id);
CREATE INDEX audit_rows_open ON audit_rows (tenant_id, id) WHERE block IS NULL;

CREATE TABLE audit_blocks (
	tenant_id bigint NOT NULL,
	no        bigint NOT NULL,
	at        text   NOT NULL,
	rows      bigint NOT NULL,
	hash      text   NOT NULL,
	PRIMARY KEY (tenant_id, no)
);

-- Long work (任务): import, export, backup. A worker holds it by lease.
CREATE TABLE jobs (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	kind       text   NOT NULL,
	title      text   NOT NULL,
	account_id text,
	thing_id   text,
	input      text,
	state      text   NOT NULL,
	done       bigint NOT NULL,
	total      bigint NOT NULL,
	note       text,
	result     text,
	tries      bigint NOT NULL,
	due        text   NOT NULL,
	lease      text,
	made       text   NOT NULL,
	ended      text,
	PRIMARY KEY (tenant_id, id)
);
CREATE INDEX jobs_due ON jobs (tenant_id, state, due, id);
CREATE INDEX jobs_account ON jobs (tenant_id, account_id, id);

-- Messages to people, and what is to leave the house after the commit.
CREATE TABLE messages (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	account_id text   NOT NULL,
	title      text   NOT NULL,
	body       text,
	href       text,
	at         text   NOT NULL,
	read_at    text,
	PRIMARY KEY (tenant_id, id)
);
CREATE INDEX messages_account ON messages (tenant_id, account_id, id);
CREATE INDEX messages_unread ON messages (tenant_id, account_id) WHERE read_at IS NULL;

CREATE TABLE outbox (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	kind      text   NOT NULL,
	body      text   NOT NULL,
	tries     bigint NOT NULL,
	due       text   NOT NULL,
	PRIMARY KEY (tenant_id, id)
);
CREATE INDEX outbox_due ON outbox (tenant_id, due, id);

-- Files hung on a thing; the bytes are in the blob store under their hash.
CREATE TABLE attachments (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	thing_id   text   NOT NULL,
	name       text   NOT NULL,
	hash       text   NOT NULL,
	type       text   NOT NULL,
	size       bigint NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id)
);
CREATE INDEX attachments_thing ON attachments (tenant_id, thing_id, id);

-- The office's own values of parameters, and those it confirmed.
CREATE TABLE own_params (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	param      text   NOT NULL,
	value      text   NOT NULL,
	from_day   text   NOT NULL,
	to_day     text,
	document   text,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id)
);
CREATE INDEX own_params_param ON own_params (tenant_id, param, from_day);

-- Exceptions to the week that an officer brought in before a release has
-- them; notice is the year of the notice they stem from.
CREATE TABLE own_days (
	tenant_id bigint  NOT NULL,
	day       text    NOT NULL,
	notice    bigint  NOT NULL,
	workday   boolean NOT NULL,
	name      text,
	PRIMARY KEY (tenant_id, day)
);
