-- What offices that share no server send each other: signed bundles of totals.

-- +goose Up
-- The key that this office signs with; the secret half is sealed.
CREATE TABLE exchange_keys (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	public    text   NOT NULL,
	secret    bytea  NOT NULL,
	made      text   NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id, id)
);

-- An office whose bundles are taken (往来单位), with the key that it signs with.
CREATE TABLE peers (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	name       text   NOT NULL,
	name_key   text   NOT NULL,
	public     text   NOT NULL,
	last_seq   bigint NOT NULL,
	account_id text   NOT NULL,
	added      text   NOT NULL,
	ended      text,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX peers_key ON peers (tenant_id, public) WHERE ended IS NULL;

-- A bundle that was made here or came in (往来数据); the bytes are in the blob
-- store.
CREATE TABLE bundles (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	way        text   NOT NULL,
	peer_id    text,
	kind       text   NOT NULL,
	as_of      text   NOT NULL,
	seq        bigint NOT NULL,
	file_hash  text   NOT NULL,
	size       bigint NOT NULL,
	unions     bigint NOT NULL,
	members    bigint NOT NULL,
	women      bigint NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, peer_id) REFERENCES peers (tenant_id, id)
);
CREATE UNIQUE INDEX bundles_file ON bundles (tenant_id, way, file_hash);
CREATE INDEX bundles_peer ON bundles (tenant_id, peer_id, id);
