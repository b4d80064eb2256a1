// Unionhall's own script. Pages work without it; it only makes them quicker to
// the hand. It runs before the page is drawn, so that hidden columns do not
// flash, and listens on the document, so that replaced parts need no set-up.
(() => {
	"use strict";
	const root = document.documentElement;
	const get = (store, k) => { try { return JSON.parse(store.getItem(k)); } catch { return null; } };
	const put = (store, k, v) => { try { v === null ? store.removeItem(k) : store.setItem(k, JSON.stringify(v)); } catch { /* full or refused: only memory is lost */ } };
	const all = (s, at = document) => [...at.querySelectorAll(s)];
	root.classList.add("js");

	// Columns and density, remembered in this browser.
	const sheet = document.createElement("style");
	const drawColumns = () => {
		const cols = get(localStorage, "cols") || {};
		const rules = Object.entries(cols).flatMap(([t, hidden]) => hidden.map(n => `#${CSS.escape(t)} tr>:nth-child(${n | 0}){display:none!important}`));
		sheet.textContent = rules.join("");
		root.classList.toggle("dense", !!get(localStorage, "dense"));
	};
	document.head.append(sheet);
	drawColumns();
	const tickColumns = () => all(".picker").forEach(p => {
		const hidden = (get(localStorage, "cols") || {})[p.dataset.table] || [];
		all("[data-col]", p).forEach(c => { c.checked = !hidden.includes(+c.dataset.col); });
		all("[data-dense]", p).forEach(c => { c.checked = !!get(localStorage, "dense"); });
	});
	const pickColumns = box => {
		if (box.matches("[data-dense]")) put(localStorage, "dense", box.checked || null);
		else {
			const p = box.closest(".picker"), cols = get(localStorage, "cols") || {};
			cols[p.dataset.table] = all("[data-col]", p).filter(c => !c.checked).map(c => +c.dataset.col);
			put(localStorage, "cols", cols);
		}
		drawColumns();
	};

	// Look: elder mode and theme, kept in cookies that the server reads too.
	const cookie = (k, v) => { document.cookie = `${k}=${v};path=/;samesite=lax;max-age=${v ? 31536000 : 0}`; };
	const look = what => {
		const c = root.classList;
		if (what === "elder") {
			const on = c.toggle("elder");
			c.toggle("desk", !on);
			cookie("elder", on ? "1" : "");
			all("[data-look=elder] span").forEach(s => { s.textContent = on ? "标准版" : "大字版"; });
			return;
		}
		const dark = what === "theme" && !(c.contains("dark") || !c.contains("light") && matchMedia("(prefers-color-scheme: dark)").matches);
		c.remove("dark", "light");
		if (what === "theme") c.add(dark ? "dark" : "light");
		cookie("theme", what === "theme" ? (dark ? "dark" : "light") : "");
	};

	// Drafts: what is typed stays in this tab until it has been sent and taken.
	const who = () => document.body.dataset.who || "";
	const draftKey = f => "draft:" + who() + ":" + location.pathname + ":" + f.getAttribute("action");
	const typed = f => all("input,select,textarea", f).filter(e => e.name && !["hidden", "password", "file", "submit"].includes(e.type) && !e.readOnly);
	const values = f => typed(f).map(e => [e.name, e.type === "checkbox" || e.type === "radio" ? e.value + ":" + e.checked : e.value]);
	const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
	const fill = (f, list) => typed(f).forEach((e, i) => {
		if (!list[i] || list[i][0] !== e.name) return;
		if (e.type === "checkbox" || e.type === "radio") e.checked = list[i][1].endsWith(":true");
		else e.value = list[i][1];
	});
	const first = new WeakMap();
	const openDrafts = () => {
		all("form[data-draft]").forEach(f => {
			const k = draftKey(f), server = document.getElementById("summary");
			let kept = get(sessionStorage, k);
			if (kept && kept.sent && !server && document.querySelector(".flash.ok")) put(sessionStorage, k, kept = null); // taken, and drawn again
			if (kept && !server) f.dispatchEvent(new CustomEvent("rows", { detail: kept.v })); // a form of rows makes room for them
			const was = values(f);
			first.set(f, was);
			if (!kept || same(kept.v, was) || kept.v.length !== was.length || server) return;
			fill(f, kept.v);
			put(sessionStorage, k, { v: kept.v });
			f.dispatchEvent(new Event("filled"));
			const n = document.createElement("div");
			n.className = "notice";
			n.setAttribute("role", "status");
			n.innerHTML = '<div>已恢复您上次没有提交的内容。</div><button type="button" class="btn">不要了，用原来的</button>';
			n.lastChild.onclick = () => { fill(f, was); put(sessionStorage, k, null); n.remove(); };
			f.prepend(n);
		});
		// A form that was sent and is no longer in front of the person was taken.
		if (document.querySelector("#main:not(.door)")) {
			const here = all("form[data-draft]").map(draftKey);
			Object.keys(sessionStorage).filter(k => k.startsWith("draft:") && !here.includes(k) && (get(sessionStorage, k) || {}).sent).forEach(k => put(sessionStorage, k, null));
		}
	};
	const ready = f => { delete f.dataset.sent; all("[aria-busy]", f).forEach(b => b.removeAttribute("aria-busy")); };
	let leaving = false;
	addEventListener("beforeunload", e => {
		if (!leaving && all("form[data-draft]").some(f => first.has(f) && !same(values(f), first.get(f)))) { e.preventDefault(); e.returnValue = ""; }
	});

	// Rows that are ticked, for the bar of acts on many.
	const tally = form => {
		const boxes = all(`input[type=checkbox][form="${CSS.escape(form)}"]`), on = boxes.filter(b => b.checked).length;
		all(`[data-bulk="${CSS.escape(form)}"]`).forEach(b => { b.classList.toggle("some", on > 0); all("[data-tally]", b).forEach(t => { t.textContent = on; }); });
		all(`[data-all="${CSS.escape(form)}"]`).forEach(a => { a.checked = on > 0 && on === boxes.length; a.indeterminate = on > 0 && on < boxes.length; });
	};

	let shown = null;
	const show = d => {
		d.showModal();
		shown = d;
		d.oncancel = e => { e.preventDefault(); hide(d); };
	};
	const hide = d => {
		const box = d.closest("details");
		d.close();
		shown = null;
		if (box) { box.open = false; box.querySelector("summary").focus(); }
	};

	document.addEventListener("click", e => {
		const at = s => e.target.closest(s);
		all("details.pop[open]").forEach(d => { if (!d.contains(e.target)) d.open = false; });
		const l = at("[data-look]");
		if (l) { e.preventDefault(); look(l.dataset.look); }
		const ask = at(".confirm > summary");
		if (ask) {
			e.preventDefault();
			const box = ask.parentNode, d = box.querySelector("dialog");
			box.open = true;
			d.open = false;
			show(d);
		}
		if (at("[data-close]")) hide(at("dialog"));
		if (e.target === shown) hide(shown);
		const a = at("a[href]");
		if (a && !a.target) leaving = true; // what is typed waits in its draft
		const copy = at("[data-copy]");
		if (copy && navigator.clipboard) navigator.clipboard.writeText(copy.dataset.copy).then(() => { const w = copy.textContent; copy.textContent = "已复制"; setTimeout(() => { copy.textContent = w; }, 1500); });
		if (at("[data-print]")) print();
		if (location.hash === "#menu" && !at(".nav") && !at("[href='#menu']")) location.hash = "#main";
	});
	document.addEventListener("change", e => {
		const t = e.target;
		if (t.matches("[data-col],[data-dense]")) pickColumns(t);
		const drop = t.type === "file" && t.closest(".drop");
		if (drop) {
			const s = drop.querySelector("[data-none]");
			s.textContent = [...t.files].map(f => f.name + "（" + Math.max(1, Math.round(f.size / 1024)).toLocaleString("zh-CN") + " 千字节）").join("、") || s.dataset.none;
		}
		if (t.matches("[data-auto]")) t.form.requestSubmit ? t.form.requestSubmit() : t.form.submit();
		if (t.matches("[data-all]")) { all(`input[type=checkbox][form="${CSS.escape(t.dataset.all)}"]`).forEach(b => { b.checked = t.checked; }); tally(t.dataset.all); }
		else if (t.type === "checkbox" && t.getAttribute("form")) tally(t.getAttribute("form"));
	});
	document.addEventListener("input", e => {
		const f = e.target.form;
		if (f && f.matches("[data-draft]")) put(sessionStorage, draftKey(f), { v: values(f) });
	});
	document.addEventListener("submit", e => {
		const f = e.target;
		if (e.defaultPrevented) return;
		if (f.matches("[data-leave]")) { sessionStorage.clear(); leaving = true; return; }
		if (f.method === "get") { // short addresses
			const empty = all("input,select", f).filter(i => i.name && i.value === "" && !i.disabled);
			empty.forEach(i => { i.disabled = true; });
			setTimeout(() => empty.forEach(i => { i.disabled = false; }));
			return;
		}
		if (f.dataset.sent) { e.preventDefault(); return; } // a second press does nothing
		f.dataset.sent = "1";
		leaving = true;
		all("button:not([type=button])", f).forEach(b => b.setAttribute("aria-busy", "true"));
		setTimeout(ready, 6000, f); // the answer may have been a file
		if (f.matches("[data-draft]")) put(sessionStorage, draftKey(f), { v: values(f), sent: 1 });
	});
	addEventListener("pageshow", () => { leaving = false; all("form").forEach(ready); }); // back from the next page

	// Keys: / searches, g and a letter goes, ? tells, Escape closes.
	let gone = 0;
	const tellKeys = () => {
		let d = document.getElementById("keys");
		if (!d) {
			d = document.createElement("dialog");
			d.id = "keys";
			d.innerHTML = '<h2>键盘</h2><dl class="dl"></dl><div class="row end"><button class="btn" type="button" data-close>关上</button></div>';
			const line = (keys, words) => {
				const row = document.createElement("div");
				row.innerHTML = "<dt></dt><dd></dd>";
				[...keys].forEach(k => { const b = document.createElement("kbd"); b.textContent = k; row.firstChild.append(b, " "); });
				row.lastChild.textContent = words;
				d.querySelector("dl").append(row);
			};
			line("/", "搜索");
			line("gh", "首页");
			all("[data-go]").forEach(a => line("g" + a.dataset.go, a.title || a.querySelector("span").textContent));
			line("?", "显示这一页");
			document.body.append(d);
		}
		show(d);
	};
	document.addEventListener("keydown", e => {
		if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
		if (e.key === "Escape") {
			const p = document.querySelector("details.pop[open]");
			if (p) { p.open = false; p.querySelector("summary").focus(); }
			if (location.hash === "#menu") location.hash = "#main";
		}
		if (e.target.matches("input,select,textarea,[contenteditable]") || shown) return;
		const field = document.querySelector("#find");
		if (e.key === "/" && field && field.offsetParent) { e.preventDefault(); field.focus(); field.select(); }
		else if (e.key === "?") tellKeys();
		else if (e.key === "g") gone = Date.now();
		else if (Date.now() - gone < 1200) {
			gone = 0;
			const a = e.key === "h" ? document.querySelector("a.brand") : document.querySelector(`[data-go="${CSS.escape(e.key)}"]`);
			if (a) a.click();
		}
	});

	// A file may be dropped on its field.
	["dragover", "dragleave", "drop"].forEach(n => document.addEventListener(n, e => {
		const d = e.target.closest && e.target.closest(".drop");
		if (d) d.classList.toggle("over", n === "dragover");
	}));

	document.addEventListener("DOMContentLoaded", () => {
		tickColumns();
		openDrafts();
		all("[data-bulk]").forEach(b => tally(b.dataset.bulk));
		const s = document.getElementById("summary");
		if (s) s.focus();
	});
})();
