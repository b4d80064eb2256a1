-- The papers beside the books: receipts given for income, invoices taken for
-- spending, and what was answered to a doubt.

-- +goose Up
-- A book of receipts that a union was handed (领入的收据), its numbers from
-- first to last, width digits each. The row is the head at which its numbers
-- are taken.
CREATE TABLE receipt_books (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	code       text   NOT NULL,
	first_no   text   NOT NULL,
	last_no    text   NOT NULL,
	issuer     text   NOT NULL,
	received   text   NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE INDEX receipt_books_union ON receipt_books (tenant_id, union_id, id);

-- One number of a receipt: unused, issued, voided or returned. An electronic
-- one is of no book. A number is there once in the whole committee.
CREATE TABLE receipts (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	book_id    text,
	kind       text   NOT NULL,
	code       text   NOT NULL,
	number     text   NOT NULL,
	check_code text,
	state      text   NOT NULL,
	date       text,
	payer      text,
	item       text,
	amount     bigint NOT NULL,
	handler    text,
	copies     bigint NOT NULL,
	words      text,
	voucher_id text,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, kind, code, number),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id),
	FOREIGN KEY (tenant_id, book_id) REFERENCES receipt_books (tenant_id, id),
	FOREIGN KEY (tenant_id, voucher_id) REFERENCES vouchers (tenant_id, id)
);
CREATE INDEX receipts_union ON receipts (tenant_id, union_id, state, id);
CREATE INDEX receipts_book ON receipts (tenant_id, book_id, number);
CREATE INDEX receipts_voucher ON receipts (tenant_id, voucher_id) WHERE voucher_id IS NOT NULL;

-- An invoice that somebody brought (发票). Its number is there once in the
-- whole committee, whatever became of it. paper says that it exists on paper
-- only; red_of is the invoice that a negative one takes back.
CREATE TABLE invoices (
	tenant_id   bigint  NOT NULL,
	id          text    NOT NULL,
	union_id    text    NOT NULL,
	kind        text    NOT NULL,
	code        text    NOT NULL,
	number      text    NOT NULL,
	check_code  text,
	date        text    NOT NULL,
	amount      bigint  NOT NULL,
	seller      text    NOT NULL,
	seller_uscc text,
	buyer       text,
	buyer_uscc  text,
	paper       boolean NOT NULL,
	state       text    NOT NULL,
	voucher_id  text,
	red_of      text,
	note        text,
	account_id  text    NOT NULL,
	at          text    NOT NULL,
	version     bigint  NOT NULL,
	mac         bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, kind, code, number),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id),
	FOREIGN KEY (tenant_id, voucher_id) REFERENCES vouchers (tenant_id, id)
);
CREATE INDEX invoices_union ON invoices (tenant_id, union_id, id);
CREATE INDEX invoices_voucher ON invoices (tenant_id, voucher_id) WHERE voucher_id IS NOT NULL;
CREATE UNIQUE INDEX invoices_red ON invoices (tenant_id, red_of) WHERE red_of IS NOT NULL;

-- The file of an invoice as it came, with what was read out of it. Until it is
-- registered it belongs to none. The same bytes are there once.
CREATE TABLE invoice_files (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	invoice_id text,
	name       text   NOT NULL,
	hash       text   NOT NULL,
	type       text   NOT NULL,
	size       bigint NOT NULL,
	form       text   NOT NULL,
	read       text   NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, hash),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id),
	FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoices (tenant_id, id)
);
CREATE INDEX invoice_files_invoice ON invoice_files (tenant_id, invoice_id, id);
CREATE INDEX invoice_files_waiting ON invoice_files (tenant_id, union_id, id) WHERE invoice_id IS NULL;

-- A second use of an invoice that was refused: who brought it where, once a day.
CREATE TABLE invoice_refusals (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	invoice_id text   NOT NULL,
	day        text   NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, union_id, invoice_id, account_id, day),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id),
	FOREIGN KEY (tenant_id, invoice_id) REFERENCES invoices (tenant_id, id)
);

-- What the accountant answered to a doubt about entries (疑点说明). Rows are
-- added, never changed.
CREATE TABLE flag_answers (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	book_id    text   NOT NULL,
	flag       text   NOT NULL,
	words      text   NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, book_id, flag),
	FOREIGN KEY (tenant_id, book_id) REFERENCES books (tenant_id, id)
);
