// The item browser: search and filters over the items that the page holds, a page at a time.
"use strict";
(() => {
  const page = JSON.parse(document.getElementById("data").textContent).browser;
  const list = document.getElementById("item-list");
  if (!list) return;
  const STEP = 25;
  const ALL = "all";
  const fields = { run: "item-run", task: "item-task", language: "item-language", status: "item-status" };
  const controls = Object.fromEntries(Object.entries(fields).map(([name, id]) => [name, document.getElementById(id)]));
  const search = document.getElementById("item-search");
  const items = page.items.map((item) => ({ ...page.cells[item.cell], ...item }));
  for (const item of items) {
    const texts = [item.id, item.gold, ...item.answers, ...Object.values(item.inputs)];
    item.text = texts.join("\n").toLowerCase();
  }
  let shown = STEP;

  const element = (tag, text, className) => {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  // An answer with what differs from the other one marked: word by word where both have as many words, else all
  // between what they share at the start and at the end.
  function marked(text, other) {
    const made = element("dd");
    made.dir = "auto";
    if (!text) {
      made.append(element("span", "nothing", "none"));
      return made;
    }
    const [a, b] = [text.split(/(\s+)/), other.split(/(\s+)/)];
    let [start, end] = [0, 0];
    while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
    while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
    const differs = (word, index) =>
      a.length === b.length ? word.trim() && word !== b[index] : index >= start && index < a.length - end;
    made.append(...a.map((word, index) => (differs(word, index) ? element("mark", word) : word)));
    return made;
  }

  function card(item) {
    const made = element("article", undefined, "item");
    const header = element("header");
    header.append(element("span", item.status, `chip ${item.status.replace(" ", "-")}`));
    header.append(element("span", `${item.task} · ${item.language} · ${item.id}`));
    if (page.changed && controls.run.options.length > 2) header.append(element("span", item.run));
    if ("effect" in item) header.append(element("span", `effect ${item.effect.toFixed(3)} points`));
    if ("score" in item) header.append(element("span", `score ${item.score.toFixed(1)}`));
    const texts = element("dl");
    const add = (name, node) => texts.append(element("dt", name), node);
    const plain = (text) => {
      const node = element("dd", text || undefined);
      node.dir = "auto";
      if (!text) node.append(element("span", "nothing", "none"));
      return node;
    };
    for (const [name, text] of Object.entries(item.inputs)) add(name, plain(text));
    add("gold", plain(item.gold));
    if (page.changed) {
      add(page.base, marked(item.answers[0], item.answers[1]));
      add(item.run, marked(item.answers[1], item.answers[0]));
    } else add("answer", marked(item.answers[0], item.gold));
    for (const [name, text] of Object.entries(item.facts ?? {})) add(name, plain(text));
    made.append(header, texts);
    return made;
  }

  function matching() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    return items.filter((item) =>
      Object.entries(controls).every(([name, control]) => control.value === ALL || item[name] === control.value) &&
      words.every((word) => item.text.includes(word)));
  }

  function show() {
    const found = matching();
    list.replaceChildren(...found.slice(0, shown).map(card));
    const seen = Math.min(shown, found.length);
    document.getElementById("item-count").textContent =
      `${seen.toLocaleString("en")} of ${found.length.toLocaleString("en")} matching items shown`;
    document.getElementById("item-more").hidden = seen === found.length;
  }

  for (const [name, control] of Object.entries(controls)) {
    const values = [...new Set(items.map((item) => item[name]))];
    if (name === "language") values.sort();
    control.replaceChildren(...[ALL, ...values].map((value) => new Option(value)));
    if (name === "run") control.parentElement.hidden = values.length < 2;
  }
  const again = () => { shown = STEP; show(); };
  document.getElementById("item-tools").addEventListener("input", again);
  document.getElementById("item-tools").addEventListener("submit", (event) => event.preventDefault());
  document.getElementById("item-more").addEventListener("click", () => { shown += STEP; show(); });
  show();
})();
