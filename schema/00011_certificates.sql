-- Papers that can be proven, and an office's own templates of them.

-- +goose Up
-- One paper that was handed out (凭证): what its code shows to whoever asks.
-- hash is that of the record when the paper was made; holder is masked when it
-- is shown, unless it is an office whose name is public.
CREATE TABLE certificates (
	tenant_id  bigint  NOT NULL,
	id         text    NOT NULL,
	code       text    NOT NULL,
	kind       text    NOT NULL,
	thing_id   text    NOT NULL,
	title      text    NOT NULL,
	holder     text,
	public     boolean NOT NULL,
	issuer     text    NOT NULL,
	on_day     text    NOT NULL,
	until      text,
	hash       text    NOT NULL,
	revoked    text,
	reason     text,
	account_id text    NOT NULL,
	at         text    NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, code)
);
CREATE INDEX certificates_thing ON certificates (tenant_id, thing_id, id);
CREATE UNIQUE INDEX certificates_same ON certificates (tenant_id, kind, thing_id, hash) WHERE revoked IS NULL;

-- An office's own Word template of a form (自有模板); id is the form's key, the
-- bytes are in the blob store.
CREATE TABLE paper_templates (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	name       text   NOT NULL,
	hash       text   NOT NULL,
	size       bigint NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id)
);
