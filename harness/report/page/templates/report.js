"use strict";
(() => {
  const DATA = JSON.parse(document.getElementById("data").textContent);
  const ARMS = DATA.arms.map(([name]) => name);
  const CANDIDATE = Math.max(0, ARMS.indexOf(DATA.candidate));
  const REFERENCE = ARMS.indexOf(DATA.reference);
  const SVG = "http://www.w3.org/2000/svg";
  const PAGE = 50;
  const $ = (id) => document.getElementById(id);

  // --- building the page: text only ever through textContent ---------------------------------------------------
  const el = (tag, attributes = {}, ...children) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === undefined || value === false) continue;
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else node.setAttribute(key, value === true ? "" : value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };
  const icon = (id, box, css) => {
    const svg = document.createElementNS(SVG, "svg");
    svg.setAttribute("viewBox", box);
    svg.setAttribute("aria-hidden", "true");
    if (css) svg.setAttribute("class", css);
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", `#${id}`);
    svg.append(use);
    return svg;
  };
  const bdi = (text) => el("bdi", { dir: "auto" }, text);
  const armName = (arm) => {
    const slot = DATA.arms[arm][1];
    return el("span", { class: "arm-name" }, icon(`a-${slot}`, "0 0 24 24", `swatch arm-${slot}`), bdi(ARMS[arm]));
  };
  const outcomeIcon = (trace) => icon(`o-${trace ? DATA.outcomes[trace.o][0] : "failed"}`, "0 0 13 26");
  const outcomeName = (trace) => (trace ? DATA.outcomes[trace.o][1] : "not asked");
  const good = (trace) => Boolean(trace) && DATA.outcomes[trace.o][2];

  // --- filters ---------------------------------------------------------------------------------------------------
  const RECALL = DATA.recall;
  const is = (trace, key) => Boolean(trace) && DATA.outcomes[trace.o][0] === key;
  const any = (test) => (row) => row.t.some((trace) => trace && test(trace));
  const wins = (row) => row.t.filter(good).length;
  const PRESETS = {
    all: ["every question", () => true],
    differ: ["where the arms differ", (row) => wins(row) > 0 && wins(row) < row.t.filter(Boolean).length],
    only: [`missed by ${DATA.candidate} only`, (row) => !good(row.t[CANDIDATE]) && wins(row) === row.t.filter(Boolean).length - 1],
    ...(REFERENCE >= 0 ? {
      lost: [`${DATA.reference} right, candidate not`, (row) => good(row.t[REFERENCE]) && !good(row.t[CANDIDATE])],
      gained: [`candidate right, ${DATA.reference} not`, (row) => !good(row.t[REFERENCE]) && good(row.t[CANDIDATE])],
    } : {}),
    unsupported: ["unsupported claims", any((trace) => is(trace, "unsupported"))],
    refused: ["refused in some arm", any((trace) => (trace.m || []).includes("refused"))],
    repaired: ["repaired in some arm", any((trace) => (trace.m || []).includes("repaired"))],
    missed: ["evidence not shown", any((trace) => RECALL >= 0 && trace.s && trace.s[RECALL] !== null && trace.s[RECALL] < 1)],
    none: ["missed by every arm", (row) => wins(row) === 0],
    ...(DATA.changed ? { changed: [`flipped since ${DATA.changed.run}`, (row) => DATA.changed.cases.includes(row.id)] } : {}),
  };
  const field = { text: $("f-text"), preset: $("f-preset"), arm: $("f-arm"), outcome: $("f-outcome"), kind: $("f-kind"), order: $("f-order") };
  const options = (select, pairs) => select.append(...pairs.map(([value, label]) => el("option", { value }, label)));
  options(field.preset, Object.entries(PRESETS).map(([key, [label]]) => [key, label]));
  options(field.arm, [["", "any"], ...ARMS.map((arm) => [arm, arm])]);
  options(field.outcome, [["", "any"], ...DATA.outcomes.map(([key, label]) => [key, label])]);
  options(field.kind, [["", "any"], ...[...new Set(DATA.cases.map((row) => row.kind))].map((kind) => [kind, kind.replace("_", " ")])]);

  const haystack = (row) => (row.hay ??= [row.id, row.q, ...row.t.map((trace) => (trace && trace.t) || "")].join("\n").toLowerCase());
  const matches = (row) => {
    const text = field.text.value.trim().toLowerCase();
    if (text && !haystack(row).includes(text)) return false;
    if (field.kind.value && row.kind !== field.kind.value) return false;
    if (!PRESETS[field.preset.value][1](row)) return false;
    if (!field.outcome.value && !field.arm.value) return true;
    const arms = field.arm.value ? [ARMS.indexOf(field.arm.value)] : ARMS.map((_, i) => i);
    return arms.some((arm) => row.t[arm] && (!field.outcome.value || is(row.t[arm], field.outcome.value)));
  };
  const longest = (row) => Math.max(0, ...row.t.map((trace) => ((trace && trace.t) || "").length));
  const ordered = (rows) => {
    if (field.order.value === "hard") return [...rows].sort((a, b) => wins(a) - wins(b));
    if (field.order.value === "long") return [...rows].sort((a, b) => longest(b) - longest(a));
    return rows;
  };

  // --- one question ----------------------------------------------------------------------------------------------
  const question = (row) => {
    const cells = el("span", { class: "cells" }, ...row.t.map(outcomeIcon));
    const spoken = row.t.map((trace, arm) => `${ARMS[arm]} ${outcomeName(trace)}`).join(", ");
    const summary = el("summary", {}, el("code", {}, row.id), el("span", { class: "text" }, bdi(row.q || "(question not at hand)")),
      cells, el("span", { class: "visually-hidden" }, spoken));
    const details = el("details", { class: "q", id: `q-${row.id}` }, summary);
    details.addEventListener("toggle", () => { if (details.open && details.childElementCount === 1) details.append(body(row)); });
    return details;
  };

  const body = (row) => {
    const passages = el("div", { class: "passages" });
    const answers = el("div", { class: "answers" }, ...row.t.map((trace, arm) => answer(row, trace, arm)));
    drawPassages(row, passages, row.t[CANDIDATE] && (row.t[CANDIDATE].h || []).length ? CANDIDATE : row.t.findIndex((t) => t && (t.h || []).length));
    return el("div", { class: "body" }, facts(row), goldenMark(row), answers, passages);
  };

  const facts = (row) => {
    const list = el("dl", { class: "facts" });
    const add = (term, value) => { if (value) list.append(el("dt", {}, term), el("dd", {}, bdi(value))); };
    add("accepted", row.accept.join(" · ") || (row.kind === "unanswerable" ? "none: it is to be refused" : ""));
    add("key points", row.points.join(" · "));
    add("kind", [row.kind, row.category, row.split].filter(Boolean).join(", ").replace("_", " "));
    add("verified by", row.by);
    return list;
  };

  // --- marks of the reader: kept in this browser, saved as a table that `harness judge read` takes ------------------
  const KEPT = `harness-marks-${DATA.run}`;
  let marks = {};
  let who = "";
  try { ({ marks = {}, who = "" } = JSON.parse(localStorage.getItem(KEPT)) || {}); } catch { /* nothing is kept here */ }
  const COLUMNS = ["correct", "golden", "decision", "new_accept", "note", "case_hash"];
  const sayMarks = () => { const n = Object.keys(marks).length; $("mark-says").textContent = n ? `${n} marked, kept in this browser until you save` : "Mark answers as right or wrong; nothing leaves this page."; };
  const keep = () => {
    try { localStorage.setItem(KEPT, JSON.stringify({ marks, who: $("mark-name").value })); } catch { /* saving still works */ }
    sayMarks();
  };
  const setMark = (item, column, values) => {
    const mark = { ...marks[item], ...values, column };
    if (mark[column] || mark.note) marks[item] = mark; else delete marks[item];
    keep();
  };
  const clearMark = (box, item) => {
    for (const input of box.querySelectorAll("input")) { input.checked = false; if (input.type === "text") input.value = ""; }
    for (const area of box.querySelectorAll("textarea")) area.value = area.defaultValue;
    delete marks[item];
    keep();
  };
  const choice = (item, name, legend, column, seen = {}) => { // seen: what goes with each mark
    const box = el("fieldset", { class: "mark" }, el("legend", {}, legend));
    for (const [value, label] of column === "correct" ? [["yes", "right"], ["no", "wrong"]] : [["right", "right"], ["wrong", "wrong"]]) {
      const input = el("input", { type: "radio", name: `mark-${name}`, value, checked: (marks[item] || {})[column] === value, onchange: () => setMark(item, column, { ...seen, [column]: value }) });
      box.append(el("label", {}, input, ` ${label}`));
    }
    box.append(el("button", { type: "button", onclick: () => clearMark(box, item) }, "clear"));
    box.append(el("input", { type: "text", placeholder: "note", "aria-label": `Note: ${legend}`, value: (marks[item] || {}).note || false, oninput: (event) => setMark(item, column, { ...seen, note: event.target.value.trim() }) }));
    return box;
  };
  const goldenMark = (row) => {
    const box = choice(row.id, row.id, "The accepted answer is", "golden", { case_hash: row.hash });
    const instead = el("textarea", { rows: 2, oninput: () => setMark(row.id, "golden", { new_accept: instead.value.trim() === row.accept.join("\n") ? "" : instead.value.trim() }) });
    instead.defaultValue = row.accept.join("\n");
    instead.value = (marks[row.id] || {}).new_accept || instead.defaultValue;
    const more = el("label", { class: "more" }, "What it should accept instead, one a line", instead);
    const show = () => { more.hidden = !box.querySelector('input[value="wrong"]').checked; };
    box.addEventListener("change", show);
    box.addEventListener("click", show);
    show();
    box.append(more);
    return box;
  };
  const cellText = (text) => `"${String(text).replaceAll('"', '""')}"`;
  const markTable = () => {
    const lines = Object.entries(marks).map(([item, mark]) => {
      const decision = mark.golden === "right" ? "accept" : mark.golden === "wrong" && mark.new_accept ? "mend" : "";
      const open = mark.column === "correct" ? "unsure" : "unclear"; // a note alone
      const values = { ...mark, [mark.column]: mark[mark.column] || open, decision, new_accept: decision === "mend" ? mark.new_accept : "" };
      return [`page-${DATA.run}`, item, $("mark-name").value.trim(), ...COLUMNS.map((name) => values[name] || "")];
    });
    return `\ufeff${[["sheet", "item", "rater", ...COLUMNS], ...lines].map((line) => line.map(cellText).join(",")).join("\r\n")}\r\n`;
  };
  const saveMarks = () => {
    const name = $("mark-name").value.trim();
    if (!name || !Object.keys(marks).length) {
      $("mark-says").textContent = name ? "Nothing is marked yet: open a question and mark its answers." : "Please write your name first.";
      (name ? $("mark-save") : $("mark-name")).focus();
      return;
    }
    const link = el("a", { href: URL.createObjectURL(new Blob([markTable()], { type: "text/csv" })), download: `${DATA.run}-${name.replace(/[^\p{L}\p{N}]+/gu, "-")}.labels.csv` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    $("mark-says").textContent = `Saved as ${link.download}. Read it with: harness judge read FILE`;
  };
  $("marks").hidden = false;
  $("mark-name").value = who;
  $("mark-name").addEventListener("input", keep);
  $("mark-save").addEventListener("click", saveMarks);
  sayMarks();

  const answer = (row, trace, arm) => {
    const card = el("article", { class: `answer arm-${DATA.arms[arm][1]}`, "aria-label": ARMS[arm] });
    card.append(el("header", {}, armName(arm), el("span", { class: "outcome" }, icon(`o-${trace ? DATA.outcomes[trace.o][0] : "failed"}`, "0 0 13 26", "key-cell"), outcomeName(trace))));
    if (!trace) { card.append(el("p", { class: "side" }, "This arm was not asked.")); return card; }
    if (trace.e) { card.append(el("p", { class: "side" }, "Error: ", bdi(trace.e))); return card; }
    card.append(el("div", { class: "said-text" }, bdi(trace.t || "(empty)")));
    const side = [trace.c.length ? `cites ${trace.c.join(", ")}` : "cites nothing", ...(trace.m || []), `${trace.k[0]} tokens read, ${trace.k[1]} written`];
    card.append(el("p", { class: "side" }, bdi(side.join(" · "))));
    card.append(choice(`${row.id} / ${ARMS[arm]}`, `${row.id}-${arm}`, `This answer is`, "correct"));
    card.append(lazily("Scores", () => scores(trace)));
    if (trace.r !== undefined) card.append(lazily("As generated", () => el("pre", { tabindex: "0" }, bdi(trace.r))));
    card.append(lazily("Prompt", () => prompt(row, trace, arm)));
    return card;
  };

  const lazily = (title, make) => {
    const details = el("details", {}, el("summary", {}, title));
    details.addEventListener("toggle", () => { if (details.open && details.childElementCount === 1) details.append(make()); });
    return details;
  };

  const scores = (trace) => {
    const lines = DATA.metrics.map(([, title, suffix, factor, decimals], i) => {
      const value = trace.s[i];
      const why = trace.w[i] === undefined ? "not scored" : DATA.reasons[trace.w[i]];
      return el("tr", {}, el("th", { scope: "row" }, title), el("td", { class: value === null ? "muted" : "num" }, value === null ? bdi(why) : `${(value * factor).toFixed(Number.isInteger(value * factor) ? 0 : decimals)} ${suffix}`));
    });
    return el("table", {}, el("tbody", {}, ...lines));
  };

  // The user's turn, laid out as harness.prompts lays it out; what stands before it comes with the record.
  const userTurn = (row, trace) => {
    const blocks = (trace.h || []).map((p, i) => `[S${i + 1}] ${DATA.passages[p][2]}\n${DATA.passages[p][3].trim()}`);
    return [...blocks, `Question: ${row.q.trim()}`].join("\n\n");
  };
  const prompt = (row, trace, arm) => {
    const head = DATA.prompts[ARMS[arm]];
    const turns = [...(head || []), { role: "user", content: userTurn(row, trace) }];
    const box = el("div", { class: "prompt", tabindex: "0" });
    if (!head) box.append(el("p", { class: "side" }, "The system message is not in this record; only the user's turn is shown."));
    for (const turn of turns) box.append(el("b", {}, turn.role), el("div", {}, bdi(turn.content)), el("br"));
    return box;
  };

  // --- passages with the words that support an answer ------------------------------------------------------------
  const WORD = /[\p{L}\p{N}](?:[\p{L}\p{N}]|[-_.:,'’](?=[\p{L}\p{N}]))*/gu;
  const COMMON = new Set("that this with from have will your they them their there which what when where does been before after into only than then also must more such each other about".split(" "));
  const words = (text) => new Set((text.toLowerCase().match(WORD) || []).filter((word) => /\p{N}/u.test(word) || (word.length > 3 && !COMMON.has(word))));

  const marked = (text, support, spans) => {
    const cuts = [...new Set([0, text.length, ...spans.flat()])].sort((a, b) => a - b);
    const out = el("bdi", { dir: "auto" });
    for (let i = 0; i + 1 < cuts.length; i += 1) {
      const inside = spans.some(([from, to]) => from <= cuts[i] && cuts[i + 1] <= to);
      const target = inside ? el("span", { class: "evidence" }) : out;
      const part = text.slice(cuts[i], cuts[i + 1]);
      let last = 0;
      for (const match of part.matchAll(WORD)) {
        if (!support.has(match[0].toLowerCase())) continue;
        target.append(part.slice(last, match.index), el("mark", {}, match[0]));
        last = match.index + match[0].length;
      }
      target.append(part.slice(last));
      if (inside) out.append(target);
    }
    return out;
  };

  const drawPassages = (row, box, arm) => {
    box.replaceChildren();
    const shownBy = new Map();
    row.t.forEach((trace, i) => ((trace && trace.h) || []).forEach((p, label) => shownBy.set(p, [...(shownBy.get(p) || []), `S${label + 1} in ${ARMS[i]}`])));
    if (!shownBy.size) { box.append(el("p", { class: "side muted" }, "No arm was shown a passage.")); return; }
    const select = el("select", { class: "mark-of", onchange: () => { drawPassages(row, box, Number(select.value)); box.querySelector("select").focus(); } });
    row.t.forEach((trace, i) => { if (trace && trace.t) select.append(el("option", { value: i, selected: i === arm }, ARMS[i])); });
    box.append(el("header", {}, el("h3", {}, "Passages that were shown"), el("label", { class: "small muted" }, "words of the answer of ", select)));
    const support = words((row.t[arm] && row.t[arm].t) || "");
    for (const [p, who] of shownBy) {
      const [id, , title, text] = DATA.passages[p];
      const gold = row.g[p];
      box.append(el("div", { class: "passage" }, el("b", {}, bdi(title)), el("div", { class: "who" }, el("code", {}, id), ` · ${who.join(", ")}`, gold ? " · golden evidence" : ""),
        el("p", {}, marked(text, support, gold || []))));
    }
  };

  // --- the list --------------------------------------------------------------------------------------------------
  let rows = [];
  let drawn = 0;
  const more = (count = PAGE) => {
    $("list").append(...rows.slice(drawn, drawn + count).map(question));
    drawn = Math.min(rows.length, drawn + count);
    $("more").hidden = drawn >= rows.length;
  };
  const refresh = () => {
    rows = ordered(DATA.cases.filter(matches));
    drawn = 0;
    $("list").replaceChildren();
    if (!rows.length) $("list").append(el("p", { class: "empty" }, "No question matches this filter."));
    more();
    $("count").textContent = `${rows.length} of ${DATA.cases.length} questions`;
  };
  const set = (values) => {
    $("tools").reset();
    for (const [key, value] of Object.entries(values)) field[key].value = value;
    refresh();
  };
  const toDrilldown = () => { $("tools").scrollIntoView(); const first = $("list").querySelector("summary"); if (first) first.focus({ preventScroll: true }); };
  const open = (id) => {
    if (!rows.some((row) => row.id === id)) set({});
    const at = rows.findIndex((row) => row.id === id);
    if (at < 0) return;
    if (at >= drawn) more(at - drawn + 1);
    const details = $(`q-${id}`);
    details.open = true;
    details.scrollIntoView();
    details.querySelector("summary").focus({ preventScroll: true });
  };
  let typing;
  $("tools").addEventListener("input", () => { clearTimeout(typing); typing = setTimeout(refresh, 80); });
  $("tools").addEventListener("reset", () => setTimeout(refresh));
  $("tools").addEventListener("submit", (event) => event.preventDefault());
  $("more").addEventListener("click", () => more());
  $("list").addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || event.target.tagName !== "SUMMARY" || !event.target.parentElement.classList.contains("q")) return;
    const all = [...$("list").querySelectorAll(".q > summary")];
    const next = all[all.indexOf(event.target) + step];
    if (next) { event.preventDefault(); next.focus(); }
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-outcome], button[data-preset]");
    const link = event.target.closest('a[href^="#q-"]');
    if (button) {
      set(button.dataset.preset ? { preset: button.dataset.preset } : { arm: button.dataset.arm, outcome: button.dataset.outcome });
      toDrilldown();
    } else if (link) {
      event.preventDefault();
      open(decodeURIComponent(link.getAttribute("href").slice(3)));
    }
  });

  // --- the question strip ------------------------------------------------------------------------------------------
  const strip = $("strip");
  if (strip) {
    const ids = JSON.parse(strip.dataset.ids);
    const cell = Number(strip.dataset.cell);
    const byId = new Map(DATA.cases.map((row) => [row.id, row]));
    const cursor = strip.querySelector(".cursor");
    let at = 0;
    const point = (index) => {
      at = Math.max(0, Math.min(ids.length - 1, index));
      const row = byId.get(ids[at]);
      const words = row ? row.t.map((trace, arm) => `${ARMS[arm]} ${outcomeName(trace)}`).join(", ") : "";
      cursor.setAttribute("x", at * cell);
      cursor.setAttribute("visibility", "visible");
      strip.setAttribute("aria-valuenow", at + 1);
      strip.setAttribute("aria-valuetext", `${ids[at]}: ${words}`);
      $("strip-says").replaceChildren(el("b", {}, ids[at]), " ", bdi(row ? row.q.slice(0, 160) : ""), el("br"), el("span", { class: "muted" }, words));
    };
    const under = (event) => Math.floor((event.clientX - strip.querySelector("svg").getBoundingClientRect().left) / (strip.querySelector("svg").getBoundingClientRect().width / ids.length));
    strip.addEventListener("pointermove", (event) => point(under(event)));
    strip.addEventListener("click", (event) => { point(under(event)); open(ids[at]); });
    strip.addEventListener("focus", () => point(at));
    strip.addEventListener("keydown", (event) => {
      const to = { ArrowRight: at + 1, ArrowUp: at + 1, ArrowLeft: at - 1, ArrowDown: at - 1, Home: 0, End: ids.length - 1, PageUp: at + 10, PageDown: at - 10 }[event.key];
      if (to !== undefined) { event.preventDefault(); point(to); }
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); open(ids[at]); }
    });
  }

  // --- sortable tables ---------------------------------------------------------------------------------------------
  const sortKey = (row, column) => {
    const cell = row.cells[column];
    const text = cell.dataset.sort ?? cell.textContent.trim();
    const number = parseFloat(text.replace(/−/g, "-").replace(/,/g, "").replace(/^[≥≤>+\s]+/, ""));
    return Number.isNaN(number) ? text.toLowerCase() : number;
  };
  const compare = (a, b) => (typeof a === typeof b ? (a < b ? -1 : a > b ? 1 : 0) : typeof a === "number" ? -1 : 1);
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (head.hasAttribute("data-nosort") || table.tBodies[0].rows.length < 2) return;
      const button = el("button", { type: "button", title: "Sort by this column" });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const up = head.getAttribute("aria-sort") !== "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        const sorted = [...table.tBodies[0].rows].sort((a, b) => (up ? 1 : -1) * compare(sortKey(a, column), sortKey(b, column)));
        table.tBodies[0].append(...sorted);
      });
    });
  }

  refresh();
  if (location.hash.startsWith("#q-")) open(decodeURIComponent(location.hash.slice(3)));
})();
