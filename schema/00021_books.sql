-- The books: a union's accounting years, their vouchers, and the figures kept
-- from them so that a statement never scans history.

-- +goose Up
-- The books of one union for one year (账套). system says by which accounting
-- system they are kept, level which set of accounts is offered first.
CREATE TABLE books (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	year       bigint NOT NULL,
	system     text   NOT NULL,
	level      text   NOT NULL,
	state      text   NOT NULL,
	opened     text   NOT NULL,
	account_id text   NOT NULL,
	closed     text,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, union_id, year),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE INDEX books_year ON books (tenant_id, year, union_id);

-- A month of a book (会计期间), month 0 being the opening balances. The row is
-- the head at which whoever posts queues: it is open, and it gives the number.
CREATE TABLE book_months (
	tenant_id bigint NOT NULL,
	book_id   text   NOT NULL,
	month     bigint NOT NULL,
	state     text   NOT NULL,
	last      bigint NOT NULL,
	PRIMARY KEY (tenant_id, book_id, month),
	FOREIGN KEY (tenant_id, book_id) REFERENCES books (tenant_id, id)
);

-- What happened to a month (结账记录): closed, asked to be reopened, reopened.
-- Rows are added, never changed; the last says how the month stands.
CREATE TABLE month_acts (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	book_id    text   NOT NULL,
	month      bigint NOT NULL,
	act        text   NOT NULL,
	account_id text   NOT NULL,
	office     text   NOT NULL,
	words      text,
	at         text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, book_id) REFERENCES books (tenant_id, id)
);
CREATE INDEX month_acts_book ON month_acts (tenant_id, book_id, month, id);

-- An account that the office added below one that the system allows to have
-- details (自设明细科目).
CREATE TABLE own_accounts (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	system    text   NOT NULL,
	code      text   NOT NULL,
	name      text   NOT NULL,
	parent    text   NOT NULL,
	document  text   NOT NULL,
	ended     text,
	version   bigint NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, system, code)
);

-- What money is earmarked for (项目).
CREATE TABLE projects (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	union_id  text   NOT NULL,
	code      text   NOT NULL,
	name      text   NOT NULL,
	purpose   text,
	from_day  text   NOT NULL,
	ended     text,
	version   bigint NOT NULL,
	mac       bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, union_id, code),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);

-- A voucher (记账凭证). While it is no more than a draft its lines stand in
-- lines; posting turns them into entries. digest is of its lines either way and
-- falls under the seal of the row, so the entries need none of their own.
CREATE TABLE vouchers (
	tenant_id   bigint NOT NULL,
	id          text   NOT NULL,
	book_id     text   NOT NULL,
	month       bigint NOT NULL,
	date        text   NOT NULL,
	number      bigint,
	state       text   NOT NULL,
	nature      text   NOT NULL,
	summary     text   NOT NULL,
	attachments bigint NOT NULL,
	total       bigint NOT NULL,
	lines       text,
	digest      text   NOT NULL,
	event       text,
	source_id   text,
	reverses_id text,
	corrects_id text,
	maker       text   NOT NULL,
	made        text   NOT NULL,
	reviewer    text,
	reviewed    text,
	poster      text,
	posted      text,
	cashier     text,
	signed      text,
	version     bigint NOT NULL,
	mac         bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, book_id) REFERENCES books (tenant_id, id)
);
CREATE UNIQUE INDEX vouchers_number ON vouchers (tenant_id, book_id, month, number) WHERE number IS NOT NULL;
CREATE INDEX vouchers_waiting ON vouchers (tenant_id, book_id, id) WHERE number IS NULL;
CREATE UNIQUE INDEX vouchers_reverses ON vouchers (tenant_id, reverses_id) WHERE reverses_id IS NOT NULL AND state <> 'discarded';
CREATE INDEX vouchers_source ON vouchers (tenant_id, source_id) WHERE source_id IS NOT NULL;

-- One line of a posted voucher (分录). Rows are added, never changed. carry
-- marks those of closing vouchers (期末结转), which no statement of what
-- happened counts.
CREATE TABLE entries (
	tenant_id  bigint  NOT NULL,
	voucher_id text    NOT NULL,
	line       bigint  NOT NULL,
	book_id    text    NOT NULL,
	month      bigint  NOT NULL,
	date       text    NOT NULL,
	number     bigint  NOT NULL,
	carry      boolean NOT NULL,
	account    text    NOT NULL,
	debit      bigint  NOT NULL,
	credit     bigint  NOT NULL,
	source     text    NOT NULL,
	project    text    NOT NULL,
	party      text,
	dept       text,
	econ       text,
	func       text,
	summary    text    NOT NULL,
	PRIMARY KEY (tenant_id, voucher_id, line),
	FOREIGN KEY (tenant_id, voucher_id) REFERENCES vouchers (tenant_id, id)
);
CREATE INDEX entries_account ON entries (tenant_id, book_id, account, month, number, line);

-- What a book's account moved by in a month, by source and project ('-' for
-- none); month 0 is the opening balance. Kept by every posting, proven by verify.
CREATE TABLE balances (
	tenant_id    bigint NOT NULL,
	book_id      text   NOT NULL,
	month        bigint NOT NULL,
	account      text   NOT NULL,
	source       text   NOT NULL,
	project      text   NOT NULL,
	debit        bigint NOT NULL,
	credit       bigint NOT NULL,
	carry_debit  bigint NOT NULL,
	carry_credit bigint NOT NULL,
	PRIMARY KEY (tenant_id, book_id, month, account, source, project)
);
