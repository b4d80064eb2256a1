// The rows of a voucher by keyboard. The page works without it: then rows come
// from the server and accounts are typed by code or name.
(() => {
	"use strict";
	const ol = document.querySelector("[data-lines]");
	if (!ol) return;
	const form = ol.closest("form"), all = (s, at = form) => [...at.querySelectorAll(s)];
	const rows = () => all("[data-row]"), field = (row, name) => row.querySelector(`[name$=".${name}"]`);
	const rowOf = el => el.closest("[data-row]");

	// Accounts, from the list that the page holds.
	const accounts = [...document.querySelectorAll("#accounts option")].map(o => {
		const at = o.value.indexOf(" ");
		return { text: o.value, code: o.value.slice(0, at), name: o.value.slice(at + 1), keys: o.dataset.k.split(" "), source: o.dataset.s };
	});
	const known = text => { const t = text.trim(); return accounts.find(a => a.text === t || a.code === t.split(" ")[0]); };
	const search = text => {
		const q = text.trim().toLowerCase();
		if (!q) return accounts.slice(0, 60);
		const rank = a => a.code.startsWith(q) ? 0 : a.name.startsWith(q) || a.keys.some(k => k === q) ? 1 : a.keys.some(k => k.startsWith(q)) ? 2 : a.name.includes(q) || a.text.toLowerCase() === q ? 3 : a.keys.some(k => k.includes(q)) ? 4 : 9;
		return accounts.map(a => [rank(a), a]).filter(x => x[0] < 9).sort((x, y) => x[0] - y[0] || (x[1].code < y[1].code ? -1 : 1)).slice(0, 30).map(x => x[1]);
	};

	// The list of offers under an account field.
	const box = document.createElement("ul");
	box.className = "offers";
	box.id = "offers";
	box.setAttribute("role", "listbox");
	box.setAttribute("aria-label", "科目");
	box.hidden = true;
	document.body.append(box);
	let at = null, found = [], on = -1;
	const close = () => {
		box.hidden = true;
		if (at) { at.setAttribute("aria-expanded", "false"); at.removeAttribute("aria-activedescendant"); }
		at = null;
	};
	const mark = n => {
		on = n;
		[...box.children].forEach((li, i) => li.setAttribute("aria-selected", i === n));
		if (n >= 0) { box.children[n].scrollIntoView({ block: "nearest" }); at.setAttribute("aria-activedescendant", "offer-" + n); }
	};
	const offer = (el, text) => {
		found = search(text);
		at = el;
		if (!found.length) { close(); return; }
		box.replaceChildren(...found.map((a, i) => {
			const li = document.createElement("li"), b = document.createElement("b");
			li.id = "offer-" + i;
			li.setAttribute("role", "option");
			b.textContent = a.code;
			li.append(b, a.name);
			return li;
		}));
		const r = el.getBoundingClientRect();
		box.hidden = false;
		box.style.left = Math.max(8, Math.min(r.left, innerWidth - box.offsetWidth - 8)) + scrollX + "px";
		box.style.top = r.bottom + scrollY + 2 + "px";
		el.setAttribute("aria-expanded", "true");
		mark(text.trim() ? 0 : -1);
	};
	const take = (el, a) => { el.value = a.text; close(); sources(rowOf(el)); keep(el); };
	const keep = el => el.dispatchEvent(new Event("input", { bubbles: true }));
	box.addEventListener("mousedown", e => {
		e.preventDefault();
		const li = e.target.closest("li");
		if (li && at) { const el = at; take(el, found[[...box.children].indexOf(li)]); next(el); }
	});

	// What the source of a line may be depends on its account.
	const words = { fr: "工会资金（非专项）", sp: "工会资金（专项）", ft: "财政拨款" }, owned = { fr: "工会资产", ft: "国有资产" };
	const sources = row => {
		const sel = field(row, "source"), a = known(field(row, "account").value);
		if (!a) return;
		const own = a.source === "own", may = own ? ["fr", "ft"] : a.source.split(" ").filter(Boolean);
		[...sel.options].forEach(o => {
			if (!o.value) return;
			o.textContent = own ? owned[o.value] || words[o.value] : words[o.value];
			o.hidden = o.disabled = !may.includes(o.value);
		});
		if (sel.value && !may.includes(sel.value)) sel.value = "";
		if (!own && may.length === 1 && !sel.value) sel.value = may[0];
	};

	// Amounts in fen; null is no amount.
	const fen = text => {
		const t = text.replace(/[０-９．，－￥]/g, c => "0123456789.,-¥"["０１２３４５６７８９．，－￥".indexOf(c)]).replace(/[\s,¥元]/g, "");
		const m = /^(-?)(\d*)(?:\.(\d{0,2})0*)?$/.exec(t);
		if (!m || !(m[2] || m[3])) return null;
		const n = BigInt((m[2] || "0") + ((m[3] || "") + "00").slice(0, 2));
		return m[1] ? -n : n;
	};
	const yuan = n => {
		const neg = n < 0n, s = String(neg ? -n : n).padStart(3, "0");
		return (neg ? "-" : "") + s.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",") + "." + s.slice(-2);
	};
	const sums = but => {
		const out = { debit: 0n, credit: 0n };
		rows().forEach(r => ["debit", "credit"].forEach(k => { const f = field(r, k); if (f !== but) out[k] += fen(f.value) || 0n; }));
		return out;
	};
	const tally = () => {
		const s = sums(), gap = form.querySelector("[data-gap]"), d = s.debit - s.credit;
		form.querySelector("[data-debit]").textContent = yuan(s.debit);
		form.querySelector("[data-credit]").textContent = yuan(s.credit);
		gap.className = "js-only " + (d === 0n ? s.debit === 0n ? "" : "ok" : "bad");
		gap.textContent = d === 0n ? s.debit === 0n ? "还没有金额" : "借贷平衡" : (d > 0n ? "贷方" : "借方") + "还差 " + yuan(d > 0n ? d : -d) + " 元";
	};

	// Rows come and go; their names count from 0.
	const number = () => rows().forEach((r, i) => {
		r.setAttribute("aria-label", `第 ${i + 1} 行`);
		r.querySelector(".no").textContent = i + 1;
		r.querySelector("[data-drop]").setAttribute("aria-label", `删去第 ${i + 1} 行`);
		all("[name],[id],[for],[aria-describedby]", r).forEach(e => ["name", "id", "for", "aria-describedby"].forEach(k => {
			const v = e.getAttribute(k);
			if (v) e.setAttribute(k, v.replace(/lines\.\d+\./g, `lines.${i}.`));
		}));
	});
	const add = () => {
		const r = rows().pop().cloneNode(true);
		all("input,select", r).forEach(e => { e.value = ""; e.removeAttribute("aria-invalid"); });
		all(".err", r).forEach(e => e.remove());
		all("option", r).forEach(o => { o.hidden = o.disabled = false; });
		r.querySelector(".aux").open = false;
		ol.append(r);
		number();
		arm(r);
		return r;
	};
	const drop = row => {
		const list = rows(), i = list.indexOf(row);
		if (list.length > 2) row.remove();
		else all("input,select", row).forEach(e => { e.value = ""; });
		number();
		tally();
		field(rows()[Math.min(i, rows().length - 1)], "account").focus();
	};
	const arm = row => {
		const a = field(row, "account");
		a.removeAttribute("list");
		a.setAttribute("role", "combobox");
		a.setAttribute("aria-expanded", "false");
		a.setAttribute("aria-controls", "offers");
		sources(row);
	};

	// Enter goes on to the next field; past the last it makes a row, or goes to
	// the button once everything balances.
	const shown = e => e.offsetParent !== null && !e.closest("details:not([open])") && e.type !== "hidden" && !e.disabled && !e.readOnly;
	const next = el => {
		const list = all("input,select").filter(shown), row = rowOf(el);
		let i = list.indexOf(el) + 1;
		if (row && /\.debit$/.test(el.name) && el.value.trim() && list[i] && /\.credit$/.test(list[i].name) && !list[i].value) i++;
		const s = sums();
		const last = row && row === rows().pop() && (!list[i] || rowOf(list[i]) !== row);
		if (last && s.debit === s.credit && s.debit !== 0n) { form.querySelector(".btn.main").focus(); return; }
		if (last) { field(add(), "account").focus(); return; }
		if (list[i] && rowOf(list[i]) && rowOf(list[i]) !== row) i = list.indexOf(field(rowOf(list[i]), "account"));
		if (list[i]) { list[i].focus(); if (list[i].select) list[i].select(); } else form.querySelector(".btn.main").focus();
	};
	const fillGap = el => {
		const s = sums(el), d = /\.debit$/.test(el.name) ? s.credit - s.debit : s.debit - s.credit;
		const other = field(rowOf(el), /\.debit$/.test(el.name) ? "credit" : "debit");
		if (other.value.trim()) return;
		el.value = d === 0n ? "" : yuan(d).replace(/,/g, "");
		keep(el);
	};

	// Enter means one thing only, wherever the keyboard has gone meanwhile.
	let entered = false;
	document.addEventListener("keypress", e => { if (entered && e.key === "Enter") e.preventDefault(); }, true);
	document.addEventListener("keyup", () => { entered = false; }, true);
	document.addEventListener("keydown", e => { entered = e.key === "Enter" && e.defaultPrevented; });
	form.addEventListener("keydown", e => {
		const el = e.target, amount = /\.(debit|credit)$/.test(el.name || ""), account = /\.account$/.test(el.name || "");
		if (e.isComposing || e.altKey) return;
		if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); close(); form.requestSubmit ? form.requestSubmit(form.querySelector(".btn.main")) : form.querySelector(".btn.main").click(); return; }
		if (e.ctrlKey || e.metaKey) return;
		if (e.key === "F2") { e.preventDefault(); close(); field(add(), "account").focus(); return; }
		if (e.key === "F4" && rowOf(el)) { e.preventDefault(); close(); drop(rowOf(el)); return; }
		if (account && at === el && !box.hidden) {
			if (e.key === "ArrowDown" || e.key === "ArrowUp") { e.preventDefault(); mark((on + (e.key === "ArrowDown" ? 1 : found.length - 1)) % found.length); return; }
			if (e.key === "Escape") { e.preventDefault(); close(); return; }
			if ((e.key === "Enter" || e.key === "Tab") && on >= 0 && el.value.trim()) { take(el, found[on]); if (e.key === "Enter") { e.preventDefault(); next(el); } return; }
		}
		if (amount && (e.key === "ArrowDown" || e.key === "ArrowUp")) {
			const list = rows(), to = list[list.indexOf(rowOf(el)) + (e.key === "ArrowDown" ? 1 : -1)];
			if (to) { e.preventDefault(); field(to, el.name.split(".").pop()).focus(); }
			return;
		}
		if (e.key === "Enter" && el.matches("input,select")) { e.preventDefault(); close(); next(el); }
	});
	form.addEventListener("input", e => {
		if (/\.(debit|credit)$/.test(e.target.name)) {
			if (/[=＝]/.test(e.target.value)) { e.target.value = e.target.value.replace(/[=＝]/g, ""); fillGap(e.target); }
			tally();
		}
		if (/\.account$/.test(e.target.name) && e.isTrusted) offer(e.target, e.target.value);
	});
	form.addEventListener("focusin", e => { if (at && e.target !== at) close(); if (/\.account$/.test(e.target.name || "")) e.target.select(); });
	form.addEventListener("click", e => {
		if (/\.account$/.test(e.target.name || "") && box.hidden) offer(e.target, "");
		if (e.target.closest("[data-add]")) field(add(), "account").focus();
		const d = e.target.closest("[data-drop]");
		if (d) drop(rowOf(d));
	});
	form.addEventListener("change", e => { if (/\.account$/.test(e.target.name)) sources(rowOf(e.target)); });
	form.addEventListener("focusout", e => {
		if (at === e.target) close();
		if (!/\.account$/.test(e.target.name || "")) return;
		const a = known(e.target.value);
		if (a && e.target.value.trim() !== a.text) e.target.value = a.text;
		sources(rowOf(e.target));
	});
	form.addEventListener("rows", e => { // a draft that had more of them
		const most = Math.max(-1, ...e.detail.map(v => { const m = /^lines\.(\d+)\./.exec(v[0]); return m ? +m[1] : -1; }));
		while (rows().length <= most) add();
	});
	form.addEventListener("filled", () => { rows().forEach(sources); tally(); });
	rows().forEach(arm);
	tally();
})();
