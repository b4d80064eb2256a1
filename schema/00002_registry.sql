-- The ground floor: unions, their bodies, their members, and what comes in by
-- workbook.

-- +goose Up
CREATE TABLE unions (
	tenant_id   bigint  NOT NULL,
	id          text    NOT NULL,
	code        text    NOT NULL,
	name        text    NOT NULL,
	name_key    text    NOT NULL,
	letters     text,
	initials    text,
	short_name  text,
	kind        text    NOT NULL,
	organ_kind  text,
	parent_id   text,
	state       text    NOT NULL,
	uscc        text,
	founded     text,
	closed      text,
	region      text,
	address     text,
	leader      text,
	phone       text,
	nature      text,
	industry    text,
	economy     text,
	org_code    text,
	party_org   text,
	staff       bigint  NOT NULL,
	own_account boolean NOT NULL,
	import_id   text,
	version     bigint  NOT NULL,
	mac         bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, code),
	FOREIGN KEY (tenant_id, parent_id) REFERENCES unions (tenant_id, id)
);
CREATE INDEX unions_name ON unions (tenant_id, name_key, id);
CREATE INDEX unions_parent ON unions (tenant_id, parent_id);

-- Who is over whom today, every union over itself (closure of the tree).
CREATE TABLE union_reach (
	tenant_id bigint NOT NULL,
	above_id  text   NOT NULL,
	union_id  text   NOT NULL,
	depth     bigint NOT NULL,
	PRIMARY KEY (tenant_id, above_id, union_id),
	FOREIGN KEY (tenant_id, above_id) REFERENCES unions (tenant_id, id),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE INDEX union_reach_union ON union_reach (tenant_id, union_id);

-- What a union was called and where it stood, from a day to the day before
-- another: the tree as of any day. act says how the span began.
CREATE TABLE union_spans (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	union_id  text   NOT NULL,
	from_day  text   NOT NULL,
	to_day    text,
	name      text   NOT NULL,
	kind      text   NOT NULL,
	parent_id text,
	act       text   NOT NULL,
	document  text,
	reason    text,
	into_id   text,
	mac       bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE INDEX union_spans_union ON union_spans (tenant_id, union_id, from_day);

-- A committee, audit committee, women's committee (班子).
CREATE TABLE bodies (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	union_id  text   NOT NULL,
	kind      text   NOT NULL,
	nth       bigint NOT NULL,
	seats     bigint NOT NULL,
	elected   text   NOT NULL,
	due       text,
	ended     text,
	document  text,
	reason    text,
	version   bigint NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE INDEX bodies_union ON bodies (tenant_id, union_id, kind, elected);
CREATE INDEX bodies_due ON bodies (tenant_id, due, id);

-- Who sat where, from when to when, and how it began and ended (任职); rows
-- are added and ended, never removed (ORG-28).
CREATE TABLE seats (
	tenant_id     bigint  NOT NULL,
	id            text    NOT NULL,
	body_id       text    NOT NULL,
	union_id      text    NOT NULL,
	member_id     text    NOT NULL,
	office        text    NOT NULL,
	fulltime      boolean NOT NULL,
	from_day      text    NOT NULL,
	how           text    NOT NULL,
	document      text,
	to_day        text,
	how_ended     text,
	end_doc       text,
	own_consent   text,
	above_consent text,
	version       bigint  NOT NULL,
	mac           bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, body_id) REFERENCES bodies (tenant_id, id)
);
CREATE INDEX seats_body ON seats (tenant_id, body_id, from_day);
CREATE INDEX seats_union ON seats (tenant_id, union_id, to_day);
CREATE INDEX seats_member ON seats (tenant_id, member_id, from_day);

-- A person with the membership of today (会员). The sealed columns open with
-- the key outside the database; the blind ones find a person by number.
CREATE TABLE members (
	tenant_id  bigint  NOT NULL,
	id         text    NOT NULL,
	union_id   text    NOT NULL,
	name       text    NOT NULL,
	name_key   text    NOT NULL,
	sex        text    NOT NULL,
	birthday   text,
	id_type    text    NOT NULL,
	id_sealed  bytea   NOT NULL,
	id_blind   text    NOT NULL,
	phone      bytea,
	ethnic     text,
	education  text,
	politics   text,
	employment text,
	skill      text,
	household  text,
	domicile   text,
	native     text,
	migrant    boolean NOT NULL,
	work_unit  text,
	duty       text,
	title      text,
	email      text,
	outer_card text,
	card_no    text,
	status     text    NOT NULL,
	joined     text,
	left_day   text,
	import_id  text,
	version    bigint  NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, id_blind),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
) /* rowless */;
CREATE INDEX members_name ON members (tenant_id, name_key, id);
CREATE INDEX members_union ON members (tenant_id, union_id, name_key, id);
CREATE INDEX members_joined ON members (tenant_id, joined, id);
CREATE UNIQUE INDEX members_card ON members (tenant_id, card_no);
CREATE INDEX members_few ON members (tenant_id, status, name_key, id) WHERE status <> 'active';
CREATE INDEX members_sexless ON members (tenant_id, sex, name_key, id) WHERE sex = 'unknown';
CREATE INDEX members_phoneless ON members (tenant_id, union_id, id, status, phone) WHERE phone IS NULL AND status = 'active';

-- What search finds a member by: pieces of the name, pinyin, last digits.
CREATE TABLE member_tokens (
	tenant_id bigint NOT NULL,
	token     text   NOT NULL,
	name_key  text   NOT NULL,
	member_id text   NOT NULL,
	PRIMARY KEY (tenant_id, token, name_key, member_id)
) /* rowless */;

-- How a membership began and changed (会籍变化); today's state is their fold.
CREATE TABLE member_events (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	member_id  text   NOT NULL,
	type       text   NOT NULL,
	day        text   NOT NULL,
	reason     text,
	from_union text,
	to_union   text,
	document   text,
	import_id  text,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, member_id, id)
) /* rowless */;

-- How many members a union has itself, by status and sex: kept with every
-- write, proven by verify.
CREATE TABLE member_figures (
	tenant_id bigint NOT NULL,
	union_id  text   NOT NULL,
	status    text   NOT NULL,
	sex       text   NOT NULL,
	n         bigint NOT NULL,
	PRIMARY KEY (tenant_id, union_id, status, sex)
) /* rowless */;

-- The same for the whole tenant.
CREATE TABLE member_totals (
	tenant_id bigint NOT NULL,
	status    text   NOT NULL,
	sex       text   NOT NULL,
	n         bigint NOT NULL,
	PRIMARY KEY (tenant_id, status, sex)
) /* rowless */;

-- Members joined and left by union and month.
CREATE TABLE member_months (
	tenant_id bigint NOT NULL,
	union_id  text   NOT NULL,
	month     text   NOT NULL,
	joined    bigint NOT NULL,
	gone      bigint NOT NULL,
	PRIMARY KEY (tenant_id, union_id, month)
) /* rowless */;

-- Counted members by union and year of birth.
CREATE TABLE member_years (
	tenant_id bigint NOT NULL,
	union_id  text   NOT NULL,
	born      text   NOT NULL,
	n         bigint NOT NULL,
	PRIMARY KEY (tenant_id, union_id, born)
) /* rowless */;

-- A workbook on its way in (导入).
CREATE TABLE imports (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	kind       text   NOT NULL,
	under_id   text   NOT NULL,
	account_id text   NOT NULL,
	file_name  text   NOT NULL,
	file_hash  text   NOT NULL,
	state      text   NOT NULL,
	sheet      text,
	columns    text,
	head_row   bigint NOT NULL,
	rows       bigint NOT NULL,
	fresh      bigint NOT NULL,
	changed    bigint NOT NULL,
	moved      bigint NOT NULL,
	offered    bigint NOT NULL,
	same       bigint NOT NULL,
	refused    bigint NOT NULL,
	warned     bigint NOT NULL,
	chunks     bigint NOT NULL,
	applied    bigint NOT NULL,
	note       text,
	made       text   NOT NULL,
	confirmed  text,
	undone     text,
	version    bigint NOT NULL,
	PRIMARY KEY (tenant_id, id)
);
CREATE INDEX imports_under ON imports (tenant_id, under_id, id);
CREATE INDEX imports_moving ON imports (tenant_id, id) WHERE state IN ('applying', 'undoing');
CREATE UNIQUE INDEX imports_file ON imports (tenant_id, under_id, kind, file_hash) WHERE state IN ('reading', 'judged');

-- Judged rows wait here, sealed, some hundred a chunk; undo holds what the
-- chunk's rows were before.
CREATE TABLE import_chunks (
	tenant_id bigint NOT NULL,
	import_id text   NOT NULL,
	no        bigint NOT NULL,
	body      bytea  NOT NULL,
	undo      bytea,
	PRIMARY KEY (tenant_id, import_id, no)
);

CREATE TABLE import_problems (
	tenant_id bigint NOT NULL,
	import_id text   NOT NULL,
	line      bigint NOT NULL,
	seq       bigint NOT NULL,
	title     text,
	col       text,
	severity  text   NOT NULL,
	code      text   NOT NULL,
	message   text   NOT NULL,
	rule      text,
	PRIMARY KEY (tenant_id, import_id, line, seq)
);

-- How an office's own workbooks are laid out: remembered mappings.
CREATE TABLE import_layouts (
	tenant_id bigint NOT NULL,
	kind      text   NOT NULL,
	header    text   NOT NULL,
	field     text   NOT NULL,
	at        text   NOT NULL,
	PRIMARY KEY (tenant_id, kind, header)
);
