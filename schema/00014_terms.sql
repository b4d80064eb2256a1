-- Terms of bodies (届期): extensions, warnings told, meetings, vacancies; and
-- what the women's committee watches over.

-- +goose Up
-- first_due is the due day before an approved extension moved it; deadline is
-- the day that the higher union has set for an election that is overdue.
ALTER TABLE bodies ADD COLUMN first_due text;
ALTER TABLE bodies ADD COLUMN deadline text;
-- elector is who chose the holder in a by-election; voters and votes_for are
-- the count of a removal.
ALTER TABLE seats ADD COLUMN elector text;
ALTER TABLE seats ADD COLUMN voters bigint;
ALTER TABLE seats ADD COLUMN votes_for bigint;

-- A request to hold an election later (延期换届).
CREATE TABLE term_extensions (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	body_id    text   NOT NULL,
	state      text   NOT NULL,
	was_due    text   NOT NULL,
	until      text   NOT NULL,
	reason     text   NOT NULL,
	asked      text   NOT NULL,
	account_id text   NOT NULL,
	decided    text,
	document   text,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, body_id) REFERENCES bodies (tenant_id, id)
);
CREATE INDEX term_extensions_body ON term_extensions (tenant_id, body_id, id);
CREATE INDEX term_extensions_open ON term_extensions (tenant_id, id) WHERE state IN ('asked', 'checked');

-- Which warning of which due day was told: each once.
CREATE TABLE term_notices (
	tenant_id bigint NOT NULL,
	body_id   text   NOT NULL,
	due       text   NOT NULL,
	level     bigint NOT NULL,
	at        text   NOT NULL,
	PRIMARY KEY (tenant_id, body_id, due, level)
);

-- A meeting of all members or of delegates (会员大会、会员代表大会).
CREATE TABLE union_meetings (
	tenant_id       bigint NOT NULL,
	id              text   NOT NULL,
	union_id        text   NOT NULL,
	day             text   NOT NULL,
	kind            text   NOT NULL,
	called          text   NOT NULL,
	proposers       bigint NOT NULL,
	due             bigint NOT NULL,
	present         bigint NOT NULL,
	delegates       bigint NOT NULL,
	women_delegates bigint NOT NULL,
	agenda          text,
	resolutions     text,
	account_id      text   NOT NULL,
	at              text   NOT NULL,
	mac             bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE INDEX union_meetings_union ON union_meetings (tenant_id, union_id, day);

-- A wish to move a chair or vice-chair before the term ends, and what those
-- who must consent said (任期内调动).
CREATE TABLE officer_moves (
	tenant_id   bigint NOT NULL,
	id          text   NOT NULL,
	union_id    text   NOT NULL,
	seat_id     text   NOT NULL,
	state       text   NOT NULL,
	target      text   NOT NULL,
	own_consent text   NOT NULL,
	asked       text   NOT NULL,
	reply_by    text   NOT NULL,
	decided     text,
	document    text,
	version     bigint NOT NULL,
	mac         bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, seat_id) REFERENCES seats (tenant_id, id)
);
CREATE INDEX officer_moves_seat ON officer_moves (tenant_id, seat_id, id);
CREATE INDEX officer_moves_open ON officer_moves (tenant_id, reply_by, id) WHERE state = 'asked';

-- Who leads while there is no chair (主持工作).
CREATE TABLE acting_leads (
	tenant_id     bigint NOT NULL,
	id            text   NOT NULL,
	union_id      text   NOT NULL,
	body_id       text   NOT NULL,
	seat_id       text   NOT NULL,
	from_day      text   NOT NULL,
	until         text   NOT NULL,
	party_consent text   NOT NULL,
	above_consent text   NOT NULL,
	account_id    text   NOT NULL,
	at            text   NOT NULL,
	mac           bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, seat_id) REFERENCES seats (tenant_id, id)
);
CREATE INDEX acting_leads_body ON acting_leads (tenant_id, body_id, id);

-- Pregnancy, birth and nursing of a member, for reminders (女职工保护): what it
-- is lies sealed. closes is the day after which nothing is left to remind of.
CREATE TABLE care_events (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	member_id  text   NOT NULL,
	sealed     bytea  NOT NULL,
	closes     text   NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE INDEX care_events_closes ON care_events (tenant_id, closes, id);

-- What the calendar of terms counts.
CREATE INDEX bodies_open ON bodies (tenant_id, due, first_due, union_id, kind) WHERE ended IS NULL;
