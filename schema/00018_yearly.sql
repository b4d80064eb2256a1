-- The yearly return (工会统计年报): figures as of a day, with the people and
-- unions behind each, kept as they were counted.

-- +goose Up
-- pass is the counting that holds; rows of another are left over from one that
-- was cut off. hash is over everything that was counted, and from the freezing
-- on over what the unions said as well.
CREATE TABLE yearly_returns (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	union_id  text   NOT NULL,
	year      bigint NOT NULL,
	on_day    text   NOT NULL,
	state     text   NOT NULL,
	pass      bigint NOT NULL,
	people    bigint NOT NULL,
	hash      text,
	counted   text,
	version   bigint NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, union_id, year),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);

-- A union as it stood that day. ord numbers them so that what stands below one
-- is ord to last; figures are numbers with spaces, in the order of the program.
CREATE TABLE yearly_units (
	tenant_id  bigint NOT NULL,
	return_id  text   NOT NULL,
	pass       bigint NOT NULL,
	ord        bigint NOT NULL,
	last       bigint NOT NULL,
	depth      bigint NOT NULL,
	union_id   text   NOT NULL,
	code       text   NOT NULL,
	name       text   NOT NULL,
	kind       text   NOT NULL,
	organ_kind text,
	figures    text   NOT NULL,
	PRIMARY KEY (tenant_id, return_id, pass, ord)
);
CREATE INDEX yearly_units_union ON yearly_units (tenant_id, return_id, pass, union_id);

-- A person behind the figures of a union; bits say behind which.
CREATE TABLE yearly_people (
	tenant_id bigint NOT NULL,
	return_id text   NOT NULL,
	pass      bigint NOT NULL,
	ord       bigint NOT NULL,
	name_key  text   NOT NULL,
	member_id text   NOT NULL,
	name      text   NOT NULL,
	bits      bigint NOT NULL,
	PRIMARY KEY (tenant_id, return_id, pass, ord, name_key, member_id)
) /* rowless */;

-- What a union says of its own figures (核对): right, or what is wrong.
CREATE TABLE yearly_reviews (
	tenant_id   bigint NOT NULL,
	id          text   NOT NULL,
	return_id   text   NOT NULL,
	union_id    text   NOT NULL,
	state       text   NOT NULL,
	words       text,
	staff_women bigint NOT NULL,
	account_id  text   NOT NULL,
	at          text   NOT NULL,
	mac         bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, return_id, union_id),
	FOREIGN KEY (tenant_id, return_id) REFERENCES yearly_returns (tenant_id, id)
);
