-- Vouchers at the desk: templates of what a union books again and again.

-- +goose Up
-- A voucher kept as a template (常用凭证): what it is called, and the lines it
-- begins with, as JSON like those of a draft.
CREATE TABLE voucher_templates (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	system     text   NOT NULL,
	name       text   NOT NULL,
	summary    text   NOT NULL,
	lines      text   NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, union_id, name),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);

-- A voucher has one voucher of the difference at a time.
CREATE UNIQUE INDEX vouchers_corrects ON vouchers (tenant_id, corrects_id) WHERE corrects_id IS NOT NULL AND state <> 'discarded';
