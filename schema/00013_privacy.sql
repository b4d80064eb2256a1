-- Persons twice on the books and how they became one, what people were told of
-- their data and agreed to, what they asked for, and the registers of the
-- security administrator.

-- +goose Up
-- Two members who may be one person (疑似重复); a_id < b_id. Found anew by a
-- job, but what an officer settled stays settled. Who was looked at stands in
-- the log.
CREATE TABLE twins (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	a_id       text   NOT NULL,
	b_id       text   NOT NULL,
	score      bigint NOT NULL,
	reasons    text   NOT NULL,
	state      text   NOT NULL,
	words      text,
	account_id text,
	at         text,
	found      text   NOT NULL,
	version    bigint NOT NULL,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, a_id, b_id)
);
CREATE INDEX twins_score ON twins (tenant_id, state, score, id);

-- Two memberships of one person made one (合并会籍): body holds both rows as
-- they were, sealed; blind finds the number that is no longer used.
CREATE TABLE merges (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	kept_id    text   NOT NULL,
	gone_id    text   NOT NULL,
	blind      text   NOT NULL,
	body       bytea  NOT NULL,
	kept_hash  text   NOT NULL,
	gone_hash  text   NOT NULL,
	state      text   NOT NULL,
	words      text,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	undone_by  text,
	undone     text,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX merges_gone ON merges (tenant_id, gone_id) WHERE state = 'merged';
CREATE INDEX merges_kept ON merges (tenant_id, kept_id, id);
CREATE INDEX merges_blind ON merges (tenant_id, blind);

-- One version of what people are told about their data (告知书); a later one
-- of the same purpose takes its place.
CREATE TABLE notices (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	purpose    text   NOT NULL,
	nth        bigint NOT NULL,
	who        text   NOT NULL,
	aim        text   NOT NULL,
	kinds      text   NOT NULL,
	keeping    text   NOT NULL,
	rights     text   NOT NULL,
	effect     text,
	hash       text   NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, purpose, nth)
);

-- A person's consent (同意) to a notice, until it is withdrawn or given anew.
CREATE TABLE consents (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	person_id  text   NOT NULL,
	purpose    text   NOT NULL,
	notice_id  text   NOT NULL,
	given      text   NOT NULL,
	ended      text,
	how_ended  text,
	account_id text   NOT NULL,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX consents_open ON consents (tenant_id, person_id, purpose) WHERE ended IS NULL;
CREATE INDEX consents_person ON consents (tenant_id, person_id, id);
CREATE INDEX consents_notice ON consents (tenant_id, notice_id, id);

-- What a person asks about the own data (个人信息申请): to correct, to delete,
-- to explain; value and contact are sealed.
CREATE TABLE data_requests (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	member_id  text   NOT NULL,
	kind       text   NOT NULL,
	field      text,
	value      bytea,
	reason     text   NOT NULL,
	relative   text,
	relation   text,
	contact    bytea,
	state      text   NOT NULL,
	due        text   NOT NULL,
	warned     text,
	late       text,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id)
);
CREATE INDEX data_requests_member ON data_requests (tenant_id, member_id, id);
CREATE INDEX data_requests_open ON data_requests (tenant_id, due, id) WHERE state = 'asked';

-- A batch of leavers whose data are to be minimised (到期清理).
CREATE TABLE erasures (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	under_id   text   NOT NULL,
	until      text   NOT NULL,
	n          bigint NOT NULL,
	done       bigint NOT NULL,
	state      text   NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	ended      text,
	PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX erasures_open ON erasures (tenant_id, under_id) WHERE state = 'running';

-- Leavers who are still told apart, by the day they left.
CREATE INDEX members_leavers ON members (tenant_id, left_day, id) WHERE left_day IS NOT NULL;

-- The registers of the security administrator: impact assessments, sharing and
-- entrusting, breaches. body holds the form, as JSON; nothing is deleted.
CREATE TABLE privacy_records (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	kind       text   NOT NULL,
	no         bigint NOT NULL,
	title      text   NOT NULL,
	day        text   NOT NULL,
	keep_until text   NOT NULL,
	body       text   NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, kind, no)
);
