-- Second factors, sign-ins by other houses, and log-ins that are on their way.

-- +goose Up
-- The second factor of an account (动态口令), whose id it carries. While
-- confirmed is missing the person is still enrolling.
CREATE TABLE second_factors (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	secret    bytea  NOT NULL,
	made      text   NOT NULL,
	confirmed text,
	mac       bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, id) REFERENCES accounts (tenant_id, id)
);

-- The latest time step whose code an account has used: none up to it counts
-- again.
CREATE TABLE second_uses (
	tenant_id  bigint NOT NULL,
	account_id text   NOT NULL,
	step       bigint NOT NULL,
	PRIMARY KEY (tenant_id, account_id),
	FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);

-- What is left of an account's recovery codes (恢复码), as keyed hashes.
CREATE TABLE recovery_codes (
	tenant_id  bigint NOT NULL,
	account_id text   NOT NULL,
	code       text   NOT NULL,
	PRIMARY KEY (tenant_id, account_id, code),
	FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);

-- Whom an account is at an identity provider (关联登录): the subject as a blind
-- index, since it may be a number of the person.
CREATE TABLE sign_in_links (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	account_id text   NOT NULL,
	issuer     text   NOT NULL,
	subject    text   NOT NULL,
	label      text,
	made       text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, issuer, subject),
	FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);
CREATE INDEX sign_in_links_account ON sign_in_links (tenant_id, account_id, id);

-- A log-in between its steps; the id is the hash of what the browser holds,
-- data is sealed.
CREATE TABLE halfway (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	kind       text   NOT NULL,
	account_id text,
	data       bytea  NOT NULL,
	tries      bigint NOT NULL,
	expires    text   NOT NULL,
	PRIMARY KEY (tenant_id, id)
);
CREATE INDEX halfway_expires ON halfway (tenant_id, expires, id);

-- How many codes were asked for today, for a phone and from an address; both
-- as blind indexes.
CREATE TABLE code_sends (
	tenant_id bigint NOT NULL,
	key       text   NOT NULL,
	day       text   NOT NULL,
	n         bigint NOT NULL,
	at        text   NOT NULL,
	PRIMARY KEY (tenant_id, key)
);
