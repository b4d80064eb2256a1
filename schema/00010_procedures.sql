-- Procedures on paper (办理事项): founding, renaming, moving, merging and
-- dissolving unions, and their registration as legal persons.

-- +goose Up
-- One case. union_id is the union it is about, of a founding the one above;
-- result_id is the union that came of it. chain and registered are as they
-- stood on the day it was handed in. due and alert_on belong to the state.
CREATE TABLE cases (
	tenant_id   bigint NOT NULL,
	id          text   NOT NULL,
	kind        text   NOT NULL,
	union_id    text   NOT NULL,
	title       text   NOT NULL,
	state       text   NOT NULL,
	level       bigint NOT NULL,
	chain       text,
	fields      text   NOT NULL,
	registered  text,
	account_id  text   NOT NULL,
	made        text   NOT NULL,
	submitted   text,
	entered     text   NOT NULL,
	clock       text,
	days        bigint NOT NULL,
	due         text,
	alert_on    text,
	alerted     bigint NOT NULL,
	prolonged   bigint NOT NULL,
	outer_doc   text,
	outer_on    text,
	series      text,
	reply_year  bigint,
	reply_no    bigint,
	reply       text,
	reply_on    text,
	ended       text,
	result_id   text,
	version     bigint NOT NULL,
	mac         bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE INDEX cases_union ON cases (tenant_id, union_id, id);
CREATE INDEX cases_state ON cases (tenant_id, state, due, id);
CREATE INDEX cases_alert ON cases (tenant_id, alert_on) WHERE ended IS NULL;
CREATE UNIQUE INDEX cases_reply ON cases (tenant_id, series, reply_year, reply_no);

-- Which paper (材料) of the list a file of a case is.
CREATE TABLE case_papers (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	case_id   text   NOT NULL,
	paper     text   NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, id) REFERENCES attachments (tenant_id, id),
	FOREIGN KEY (tenant_id, case_id) REFERENCES cases (tenant_id, id)
);
CREATE INDEX case_papers_case ON case_papers (tenant_id, case_id, id);

-- The certificate of a union as a legal person (工会法人资格证书) as it is
-- today; what it was before stands in its items.
CREATE TABLE legal_persons (
	tenant_id      bigint NOT NULL,
	id             text   NOT NULL,
	union_id       text   NOT NULL,
	state          text   NOT NULL,
	number         text,
	uscc           text   NOT NULL,
	name           text   NOT NULL,
	authority      text   NOT NULL,
	representative text,
	premises       text,
	from_day       text   NOT NULL,
	to_day         text   NOT NULL,
	ended          text,
	version        bigint NOT NULL,
	mac            bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE UNIQUE INDEX legal_persons_union ON legal_persons (tenant_id, union_id);
CREATE INDEX legal_persons_to ON legal_persons (tenant_id, to_day, id);

-- One item of the register that was entered or changed: what stood there and
-- what stands there now. Rows are added, never changed.
CREATE TABLE legal_items (
	tenant_id      bigint NOT NULL,
	id             text   NOT NULL,
	certificate_id text   NOT NULL,
	case_id        text,
	act            text   NOT NULL,
	item           text   NOT NULL,
	was            text,
	now            text,
	day            text   NOT NULL,
	document       text,
	mac            bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, certificate_id) REFERENCES legal_persons (tenant_id, id)
);
CREATE INDEX legal_items_person ON legal_items (tenant_id, certificate_id, id);
