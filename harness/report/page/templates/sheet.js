"use strict";
(() => {
  const { sheet, columns } = JSON.parse(document.getElementById("data").textContent);
  const key = `harness-sheet-${sheet}`;
  const rater = document.getElementById("rater"), openOnly = document.getElementById("open-only");
  const articles = [...document.querySelectorAll("article")];

  // what one question of an item says: "" where it is open
  function value(box) {
    if (box.tagName === "LABEL") return box.querySelector("input, textarea").value.trim();
    if (box.dataset.statements === undefined) return box.querySelector("input:checked")?.value ?? "";
    const checked = [...box.querySelectorAll("input:checked")];
    if (checked.length < Number(box.dataset.statements)) return "";
    return checked.filter(input => input.value === "no").map(input => input.dataset.statement).join(" ") || "0";
  }

  const boxes = article => [...article.querySelectorAll("[data-question]")];
  const judged = article => boxes(article).filter(box => box.tagName !== "LABEL").every(box => value(box) !== "");

  function show() {
    let done = 0;
    for (const article of articles) {
      const complete = judged(article);
      done += complete;
      article.classList.toggle("done", complete);
      article.classList.toggle("hidden", openOnly.checked && complete && !article.contains(document.activeElement));
    }
    document.getElementById("progress").textContent = `${done} of ${articles.length}`;
  }

  function state() {
    const fields = [...document.querySelectorAll("article input, article textarea")];
    return { rater: rater.value, fields: fields.map(field => (field.type === "radio" ? field.checked : field.value)) };
  }

  function keep() {
    show();
    try {
      localStorage.setItem(key, JSON.stringify(state()));
    } catch {
      document.getElementById("kept").textContent = "This browser keeps nothing: save the file before you close the page.";
    }
  }

  function recall() {
    let before = null;
    try { before = JSON.parse(localStorage.getItem(key)); } catch { return; }
    const fields = [...document.querySelectorAll("article input, article textarea")];
    if (!before || !Array.isArray(before.fields) || before.fields.length !== fields.length) return;
    rater.value = String(before.rater ?? "");
    fields.forEach((field, i) => {
      if (field.type === "radio") field.checked = before.fields[i] === true;
      else field.value = String(before.fields[i]);
    });
  }

  const cell = text => `"${text.replaceAll('"', '""')}"`;

  function table() {
    const rows = [["sheet", "item", "rater", ...columns]];
    for (const article of articles) {
      const values = Object.fromEntries(boxes(article).map(box => [box.dataset.question, value(box)]));
      rows.push([sheet, article.dataset.item, rater.value.trim(), ...columns.map(name => values[name] ?? "-")]);
    }
    return "\ufeff" + rows.map(row => row.map(cell).join(",")).join("\r\n") + "\r\n";
  }

  document.addEventListener("input", keep);
  document.addEventListener("click", event => {
    if (!event.target.classList.contains("clear")) return;
    for (const field of event.target.closest("article").querySelectorAll("input, textarea")) {
      if (field.type === "radio") field.checked = false;
      else field.value = field.defaultValue;
    }
    keep();
  });
  document.getElementById("save").addEventListener("click", () => {
    if (!rater.value.trim()) {
      document.getElementById("kept").textContent = "Please write your name first.";
      rater.focus();
      return;
    }
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([table()], { type: "text/csv" }));
    link.download = `ratings-${sheet}-${rater.value.trim().replace(/[^\p{L}\p{N}]+/gu, "-")}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    document.getElementById("kept").textContent = `Saved as ${link.download}. Send that file back.`;
  });
  recall();
  show();
})();
