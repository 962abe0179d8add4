// Sorting by a click on a heading, filtering by words. Tables are whole without this.
"use strict";
(() => {
  // Rows of long tables are data: a cell is its text and a detail, in pieces that stand once.
  const { tables } = JSON.parse(document.getElementById("data").textContent);
  for (const [name, { pieces, rows }] of Object.entries(tables)) {
    const table = document.getElementById(`table-${name}`);
    const kinds = [...table.tHead.rows[0].cells].map((head) => head.className || head.dataset.kind || "");
    const body = document.createDocumentFragment();
    for (const cells of rows) {
      const row = document.createElement("tr");
      cells.forEach((places, index) => {
        const cell = row.insertCell();
        if (kinds[index]) cell.className = kinds[index];
        const [text, detail] = places.map((place) => pieces[place]).join("|").split("\t");
        if (kinds[index] === "code") {
          for (const piece of text.match(/[^|/]+[|/]?|[|/]/g) ?? []) cell.append(piece, document.createElement("wbr"));
        } else cell.append(text);
        if (kinds[index] === "number") {
          const number = Number(text.replace(/[,†\s]/g, "").replace("−", "-"));
          cell.dataset.sort = Number.isNaN(number) ? "-inf" : number;
        }
        if (detail) {
          const small = document.createElement("small");
          small.textContent = detail;
          cell.append(" ", small);
        }
      });
      body.append(row);
    }
    table.tBodies[0].append(body);
  }

  const value = (row, index) => {
    const cell = row.cells[index];
    return "sort" in cell.dataset ? Number(cell.dataset.sort === "-inf" ? -Infinity : cell.dataset.sort) : cell.textContent;
  };
  const compare = (a, b) =>
    typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b), "en", { numeric: true });

  function sort(table, index) {
    const heading = table.tHead.rows[0].cells[index];
    const numeric = heading.classList.contains("number");
    const before = heading.getAttribute("aria-sort");
    const next = before ? (before === "ascending" ? "descending" : "ascending") : numeric ? "descending" : "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", next);
    const sign = next === "ascending" ? 1 : -1;
    const rows = [...table.tBodies[0].rows].sort((a, b) => sign * compare(value(a, index), value(b, index)));
    table.tBodies[0].append(...rows);
  }

  for (const table of document.querySelectorAll("main table")) {
    [...table.tHead.rows[0].cells].forEach((cell, index) =>
      cell.querySelector("button")?.addEventListener("click", () => sort(table, index)));
  }

  for (const input of document.querySelectorAll("[data-filter]")) {
    const rows = [...document.getElementById(`table-${input.dataset.filter}`).tBodies[0].rows];
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const count = document.querySelector(`[data-count="${input.dataset.filter}"]`);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const row of rows) {
        row.hidden = !words.every((word) => texts.get(row).includes(word));
        shown += !row.hidden;
      }
      count.textContent = words.length ? `${shown} of ${rows.length} rows` : `${rows.length} rows`;
    });
  }

  document.getElementById("theme").addEventListener("change", (event) => {
    document.documentElement.style.colorScheme = event.target.value;
  });
})();
