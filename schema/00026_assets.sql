-- +goose Up

-- What a union owns: the heads that its acts about assets and stock queue at,
-- with the last numbers given.
CREATE TABLE asset_heads (
	tenant_id bigint NOT NULL,
	union_id  text   NOT NULL,
	cards     bigint NOT NULL,
	items     bigint NOT NULL,
	slips     bigint NOT NULL,
	matters   bigint NOT NULL,
	PRIMARY KEY (tenant_id, union_id),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);

-- The card (卡片) of one fixed asset, intangible asset or long-term prepaid
-- expense. What it is worth is not here: that is the sum of its moves whose
-- vouchers are posted; cost is what it came in at.
CREATE TABLE asset_cards (
	tenant_id    bigint NOT NULL,
	id           text   NOT NULL,
	union_id     text   NOT NULL,
	no           bigint NOT NULL,
	kind         text   NOT NULL,
	class        text   NOT NULL,
	content      text   NOT NULL,
	name         text   NOT NULL,
	model        text,
	origin       text   NOT NULL,
	owner        text   NOT NULL,
	share        bigint NOT NULL,
	acquired     text   NOT NULL,
	in_use       text   NOT NULL,
	years        bigint NOT NULL,
	cost         bigint NOT NULL,
	place        text,
	keeper       text,
	reason       text,
	from_card    text,
	made         text   NOT NULL,
	account_id   text   NOT NULL,
	version      bigint NOT NULL,
	mac          bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, union_id, no),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);

-- What an act did to a card: by how much its cost and its accumulated
-- depreciation change. It counts while its voucher is posted and no posted red
-- voucher takes it back; one without a voucher came with the opening balances.
-- A move that plans says how the write-off goes on: basis in plan_months equal
-- parts from the month plan_from on, after plan_used was written off.
CREATE TABLE asset_moves (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	card_id    text   NOT NULL,
	act        text   NOT NULL,
	day        text   NOT NULL,
	cost       bigint NOT NULL,
	used        bigint NOT NULL,
	plan_basis  bigint NOT NULL,
	plan_used   bigint NOT NULL,
	plan_from   text,
	plan_months bigint NOT NULL,
	voucher_id  text,
	matter_id   text,
	at          text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, card_id) REFERENCES asset_cards (tenant_id, id)
);
CREATE INDEX asset_moves_card ON asset_moves (tenant_id, card_id, id);
CREATE INDEX asset_moves_acts ON asset_moves (tenant_id, card_id, id) WHERE act <> 'depreciation';
CREATE INDEX asset_moves_voucher ON asset_moves (tenant_id, voucher_id) WHERE voucher_id IS NOT NULL;

-- The write-off of one month of one union (计提折旧). A month whose voucher was
-- taken back by a red one may run once more: that is another round.
CREATE TABLE asset_runs (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	month      text   NOT NULL,
	round      bigint NOT NULL,
	total      bigint NOT NULL,
	cards      bigint NOT NULL,
	voucher_id text,
	at         text   NOT NULL,
	account_id text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, union_id, month, round),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);

-- Something that a leader must approve (待批事项): an asset sold, scrapped,
-- missing, found, handed over; stock missing or found.
CREATE TABLE asset_matters (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	no         bigint NOT NULL,
	kind       text   NOT NULL,
	card_id    text,
	item_id    text,
	to_union   text,
	to_card    text,
	quantity   bigint NOT NULL,
	cost       bigint NOT NULL,
	used       bigint NOT NULL,
	state      text   NOT NULL,
	day        text   NOT NULL,
	reason     text   NOT NULL,
	document   text,
	count_id   text,
	first_id   text,
	second_id  text,
	asked      text   NOT NULL,
	ended      text,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, union_id, no),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE INDEX asset_matters_open ON asset_matters (tenant_id, union_id, id) WHERE ended IS NULL;
CREATE INDEX asset_matters_card ON asset_matters (tenant_id, card_id) WHERE card_id IS NOT NULL;

-- A kind of goods in store (库存物品). Quantities are in thousandths of its unit.
CREATE TABLE stock_items (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	no         bigint NOT NULL,
	name       text   NOT NULL,
	spec       text,
	unit       text   NOT NULL,
	owner      text   NOT NULL,
	made       text   NOT NULL,
	account_id text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, union_id, no),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);

-- A slip (出入库单): goods that came in or went out, for what amount. It counts
-- unless its voucher was discarded or taken back.
CREATE TABLE stock_slips (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	item_id    text   NOT NULL,
	no         bigint NOT NULL,
	way        text   NOT NULL,
	day        text   NOT NULL,
	quantity   bigint NOT NULL,
	amount     bigint NOT NULL,
	lot_id     text,
	receiver   text,
	voucher_id text,
	matter_id  text,
	at         text   NOT NULL,
	account_id text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, union_id, no),
	FOREIGN KEY (tenant_id, item_id) REFERENCES stock_items (tenant_id, id)
);
CREATE INDEX stock_slips_item ON stock_slips (tenant_id, item_id, day, no);
CREATE INDEX stock_slips_voucher ON stock_slips (tenant_id, voucher_id) WHERE voucher_id IS NOT NULL;

-- How a union values what leaves its store in a year (发出计价方法): one, kept.
CREATE TABLE stock_methods (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	year       bigint NOT NULL,
	method     text   NOT NULL,
	at         text   NOT NULL,
	account_id text   NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, union_id, year),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);

-- A count (盘点) of what a union owns as of a day, and what it found of each.
CREATE TABLE asset_counts (
	tenant_id  bigint NOT NULL,
	id         text   NOT NULL,
	union_id   text   NOT NULL,
	day        text   NOT NULL,
	state      text   NOT NULL,
	account_id text   NOT NULL,
	at         text   NOT NULL,
	ended      text,
	version    bigint NOT NULL,
	mac        bytea,
	PRIMARY KEY (tenant_id, id),
	FOREIGN KEY (tenant_id, union_id) REFERENCES unions (tenant_id, id)
);
CREATE INDEX asset_counts_union ON asset_counts (tenant_id, union_id, day);

CREATE TABLE asset_count_lines (
	tenant_id bigint NOT NULL,
	id        text   NOT NULL,
	count_id  text   NOT NULL,
	no        bigint NOT NULL,
	thing     text   NOT NULL,
	thing_id  text   NOT NULL,
	code      text   NOT NULL,
	name      text   NOT NULL,
	unit      text   NOT NULL,
	place     text,
	keeper    text,
	expected  bigint NOT NULL,
	amount    bigint NOT NULL,
	found     bigint,
	note      text,
	mac       bytea,
	PRIMARY KEY (tenant_id, id),
	UNIQUE (tenant_id, count_id, no),
	FOREIGN KEY (tenant_id, count_id) REFERENCES asset_counts (tenant_id, id)
);
