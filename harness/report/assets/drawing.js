// What the charts of all pages share: a style, numbers as text, and drawing again when the width changes.
"use strict";
const drawing = (() => {
  const base = { style: { background: "none", fontSize: "12px", fontFamily: "inherit", fontVariantNumeric: "tabular-nums" } };
  const points = (value) => value.toFixed(2).replace("-", "−");
  const signed = (value) => (value > 0 ? "+" : "") + points(value);
  const unique = (values) => [...new Set(values)];
  const tip = (data, x, y, title) => Plot.tip(data, Plot.pointer({ x, y, title, fill: "var(--page)", stroke: "var(--line)" }));

  function titled(title, chart) {
    const box = document.createElement("div");
    const heading = document.createElement("h3");
    heading.textContent = title;
    box.append(heading, chart);
    return box;
  }

  // Charts beside each other, each as wide as a column; there must be as many boxes to know how wide that is.
  function beside(node, boxes, before = []) {
    const made = document.createElement("div");
    made.className = "grid";
    made.replaceChildren(...boxes.map(() => document.createElement("div")));
    node.replaceChildren(...before, made);
    const size = Math.floor(made.firstElementChild?.clientWidth ?? made.clientWidth);
    made.replaceChildren(...boxes.map((box) => box(size)));
  }

  // Draws each chart now, and again at another width; one in the background has no width yet.
  function drawAll(charts) {
    const nodes = [...document.querySelectorAll("[data-chart]")];
    function draw(node) {
      if (!node.clientWidth) return;
      const made = charts[node.dataset.chart](node.clientWidth, node);
      if (made) node.replaceChildren(made);
    }
    nodes.forEach(draw);
    let width = document.documentElement.clientWidth;
    new ResizeObserver(() => {
      if (width === document.documentElement.clientWidth) return;
      width = document.documentElement.clientWidth;
      nodes.forEach(draw);
    }).observe(document.documentElement);
    return (name) => draw(nodes.find((node) => node.dataset.chart === name));
  }
  return { base, points, signed, unique, tip, titled, beside, drawAll };
})();
