-- The life of a membership: applications, transfers, partings.

-- +goose Up
-- A way in for applicants (入会邀请): the code stands in a link and on a poster.
CREATE TABLE invites (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	code       text   NOT NULL,
	name       text   NOT NULL,
	account_id text   NOT NULL,
	made       text   NOT NULL,
	expires    text   NOT NULL,
	closed     text,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, code),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE INDEX invites_union ON invites (tenant_id, union_id, id);

-- An application for membership (入会申请): the form is sealed in body; form_key
-- is the key of the request that brought it, so that it comes in once.
CREATE TABLE applications (
	tenant_id    bigint NOT NULL,
	id           text   NOT NULL,
	union_id     text   NOT NULL,
	invite_id    text,
	no           text   NOT NULL,
	way          text   NOT NULL,
	state        text   NOT NULL,
	name         text   NOT NULL,
	body         bytea  NOT NULL,
	id_blind     text   NOT NULL,
	form_key     text,
	consent      text   NOT NULL,
	consent_hash text   NOT NULL,
	consent_at   text   NOT NULL,
	applied      text   NOT NULL,
	due          text   NOT NULL,
	raised       text,
	ended        text,
	member_id    text,
	transfer_id  text,
	version      bigint NOT NULL,
	mac          bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, no),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE INDEX applications_union ON applications (tenant_id, union_id, state, id);
CREATE INDEX applications_state ON applications (tenant_id, state, due, id);
CREATE INDEX applications_invite ON applications (tenant_id, invite_id, id);
CREATE INDEX applications_person ON applications (tenant_id, id_blind, id);
CREATE UNIQUE INDEX applications_key ON applications (tenant_id, form_key);

-- A membership on its way from one union to another (会籍接转). kept is how it
-- stood before, and stands again if nothing comes of it.
CREATE TABLE transfers (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	no         text   NOT NULL,
	member_id  text   NOT NULL,
	from_union text   NOT NULL,
	to_union   text   NOT NULL,
	state      text   NOT NULL,
	asked_by   text   NOT NULL,
	account_id text   NOT NULL,
	kept       text   NOT NULL,
	reason     text   NOT NULL,
	asked      text   NOT NULL,
	confirmed  text,
	ended      text,
	alerted    text,
	dues_from  text,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, no),
	FOREIGN KEY (tenant_id, from_union) REFERENCES unions (tenant_id, id),
	FOREIGN KEY (tenant_id, to_union) REFERENCES unions (tenant_id, id)
);
CREATE UNIQUE INDEX transfers_open ON transfers (tenant_id, member_id) WHERE state IN ('requested', 'confirmed');
CREATE INDEX transfers_from ON transfers (tenant_id, from_union, id);
CREATE INDEX transfers_to ON transfers (tenant_id, to_union, id);
CREATE INDEX transfers_member ON transfers (tenant_id, member_id, id);
CREATE INDEX transfers_state ON transfers (tenant_id, state, id);

-- A membership that may end against the member's wish: no dues and no union
-- life (视为退会), or a crime (开除会籍).
CREATE TABLE partings (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	member_id text   NOT NULL,
	union_id  text   NOT NULL,
	kind      text   NOT NULL,
	state     text   NOT NULL,
	since     text,
	reason    text   NOT NULL,
	opened    text   NOT NULL,
	ended     text,
	version   bigint NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE UNIQUE INDEX partings_open ON partings (tenant_id, member_id) WHERE ended IS NULL;
CREATE INDEX partings_union ON partings (tenant_id, union_id, id);

-- Who is on secondment since when.
CREATE INDEX member_events_seconded ON member_events (tenant_id, day, member_id) WHERE type = 'seconded';
