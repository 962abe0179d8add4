// The data map and its histograms, drawn with Observable Plot as SVG at the width that there is, and again when that changes.
"use strict";
(() => {
  const page = JSON.parse(document.getElementById("data").textContent);
  const SYMBOLS = ["times", "triangle", "square", "diamond2", "star", "cross", "circle"];
  const NEVER = 1000; // forgetting of an example that was never right
  const base = { style: { background: "none", fontSize: "12px", fontFamily: "inherit", fontVariantNumeric: "tabular-nums" } };
  const points = page.points.map(([id, variability, confidence, correct, forgotten, selected]) => ({
    id, variability, confidence, correct, forgotten, selected,
  }));
  const times = d3.range(page.passes + 1);
  const mixed = (part) => `color-mix(in oklab, var(--run-0) ${Math.round(100 * part)}%, var(--run-1))`;
  const colour = { type: "ordinal", domain: times, range: times.map((time) => mixed(time / page.passes)) };
  const shape = (time) => SYMBOLS[Math.round((time / page.passes) * (SYMBOLS.length - 1))];
  const symbol = { domain: times, range: times.map(shape), legend: true, tickFormat: (time) => `right in ${time} of ${page.passes}` };
  const said = (d) => {
    const learned = d.forgotten === NEVER ? "never right" : `right in ${d.correct} of ${page.passes}, forgotten ${d.forgotten} times`;
    return `${d.id}\nconfidence ${d.confidence.toFixed(3)}, variability ${d.variability.toFixed(3)}\n${learned}`;
  };

  function histogram(width, name) {
    return Plot.plot({
      ...base, width, height: 200, marginLeft: 56, marginBottom: 44, ariaLabel: `Number of examples by ${name}`,
      x: { label: name }, y: { label: "examples", grid: true, nice: true },
      marks: [
        Plot.rectY(page[name], { x1: "low", x2: "high", y: "examples", fill: "var(--run-0)", title: (d) => `${d.low} to ${d.high}: ${d.examples}` }),
        Plot.ruleY([0], { stroke: "var(--ink)" }),
      ],
    });
  }

  const charts = {
    map(width) {
      const widest = Math.max(0.05, d3.max(points, (d) => d.variability) ?? 0);
      const region = (x, y, text, textAnchor) => Plot.text([{ x, y }], { x: "x", y: "y", text: [text], textAnchor, fill: "var(--ink)", stroke: "var(--page)", strokeWidth: 4, fontWeight: 600, fontSize: 13 });
      return Plot.plot({
        ...base, width, height: Math.min(620, Math.max(360, width * 0.6)), marginLeft: 48, marginBottom: 44, ariaLabel: "Training examples by variability and confidence",
        x: { label: "variability", domain: [0, widest], grid: true, nice: true }, y: { label: "confidence", domain: [0, 1], grid: true },
        color: colour, symbol,
        marks: [
          Plot.dot(points, { x: "variability", y: "confidence", stroke: "correct", symbol: "correct", r: 3, strokeOpacity: (d) => (page.selection && !d.selected ? 0.15 : 0.8) }),
          region(widest * 0.03, 0.97, "easy to learn", "start"), region(widest * 0.97, 0.5, "ambiguous", "end"), region(widest * 0.03, 0.03, "hard to learn", "start"),
          Plot.tip(points, Plot.pointer({ x: "variability", y: "confidence", title: said, fill: "var(--page)", stroke: "var(--line)" })),
        ],
      });
    },
    confidence: (width) => histogram(width, "confidence"),
    variability: (width) => histogram(width, "variability"),
  };

  const nodes = [...document.querySelectorAll("[data-chart]")];
  const draw = (node) => node.clientWidth && node.replaceChildren(charts[node.dataset.chart](node.clientWidth));
  nodes.forEach(draw);
  // A page that opens in the background has no width yet: it draws when it gets one.
  let width = document.documentElement.clientWidth;
  new ResizeObserver(() => {
    if (width === document.documentElement.clientWidth) return;
    width = document.documentElement.clientWidth;
    nodes.forEach(draw);
  }).observe(document.documentElement);
})();
