-- Messages that leave the house: ways, addresses, what waits to go, webhooks.

-- +goose Up
-- class is what a message is about; routed, when its ways out were chosen;
-- pressed, when one that nobody read went a second way; digest, the row of the
-- outbox whose letter of the day tells of it.
ALTER TABLE messages ADD COLUMN class text;
ALTER TABLE messages ADD COLUMN routed text;
ALTER TABLE messages ADD COLUMN pressed text;
ALTER TABLE messages ADD COLUMN digest text;
UPDATE messages SET routed = at, pressed = at WHERE routed IS NULL;
CREATE INDEX messages_unrouted ON messages (tenant_id, id) WHERE routed IS NULL;
CREATE INDEX messages_late ON messages (tenant_id, at, id) WHERE read_at IS NULL AND pressed IS NULL;
CREATE INDEX messages_digest ON messages (tenant_id, digest, id) WHERE digest IS NOT NULL;

-- due, while a row is being sent, is the end of its lease. target is the
-- machine it goes to: only so many at once. An idempotency key for receivers
-- is the id.
ALTER TABLE outbox ADD COLUMN state text NOT NULL DEFAULT 'waiting';
ALTER TABLE outbox ADD COLUMN target text;
ALTER TABLE outbox ADD COLUMN title text;
ALTER TABLE outbox ADD COLUMN account_id text;
ALTER TABLE outbox ADD COLUMN thing_id text;
ALTER TABLE outbox ADD COLUMN lease text;
ALTER TABLE outbox ADD COLUMN error text;
ALTER TABLE outbox ADD COLUMN made text;
ALTER TABLE outbox ADD COLUMN ended text;
CREATE INDEX outbox_open ON outbox (tenant_id, due, id) WHERE state IN ('waiting', 'sending');
CREATE INDEX outbox_state ON outbox (tenant_id, state, id);
CREATE INDEX outbox_thing ON outbox (tenant_id, thing_id, id);

-- One try to send: when, how long it took, what was answered.
CREATE TABLE tries (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	outbox_id text   NOT NULL,
	at        text   NOT NULL,
	took      bigint NOT NULL,
	status    bigint NOT NULL,
	error     text,
	PRIMARY KEY (tenant_id, id)
);
CREATE INDEX tries_outbox ON tries (tenant_id, outbox_id, id);

-- Which ways out an office has (消息通道); a way without a row is closed.
CREATE TABLE channels (
	tenant_id bigint  NOT NULL,
	id        text    NOT NULL,
	open      boolean NOT NULL,
	version   bigint  NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id, id)
);

-- Where an account is reached outside (接收地址), sealed; proved by a code
-- that was sent there.
CREATE TABLE addresses (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	account_id text   NOT NULL,
	channel    text   NOT NULL,
	address    bytea  NOT NULL,
	secret     bytea,
	proved     text,
	made       text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, account_id, channel),
	FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);

-- The code that is to prove an address: sealed, so that it can be sent.
CREATE TABLE address_codes (
	tenant_id  bigint NOT NULL,
	address_id text   NOT NULL,
	code       bytea  NOT NULL,
	until      text   NOT NULL,
	tries      bigint NOT NULL,
	sent       bigint NOT NULL,
	PRIMARY KEY (tenant_id, address_id)
);

-- How an account wants to be told (消息方式). ways is JSON: class to channels.
CREATE TABLE message_ways (
	tenant_id  bigint  NOT NULL,
	account_id text    NOT NULL,
	ways       text    NOT NULL,
	quiet_from text,
	quiet_to   text,
	digest     boolean NOT NULL,
	digest_at  text    NOT NULL,
	version    bigint  NOT NULL,
	PRIMARY KEY (tenant_id, account_id),
	FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);

-- Who is told of events by webhook (事件订阅). events is a list with spaces.
CREATE TABLE hooks (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	name      text   NOT NULL,
	url       text   NOT NULL,
	events    text   NOT NULL,
	secret    bytea  NOT NULL,
	state     text   NOT NULL,
	reason    text,
	since     text   NOT NULL,
	version   bigint NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id, id)
);

-- Deliveries of a hook that failed for good, in a row; a success clears them.
CREATE TABLE hook_failures (
	tenant_id bigint NOT NULL,
	hook_id   text   NOT NULL,
	failures  bigint NOT NULL,
	PRIMARY KEY (tenant_id, hook_id)
);
