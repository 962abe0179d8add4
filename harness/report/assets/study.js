// The charts of a study: effects with all seeds, changes by target, and lines over amounts.
"use strict";
(() => {
  const page = JSON.parse(document.getElementById("data").textContent);
  const { base, points, signed, unique, tip, titled, beside, drawAll } = drawing;
  // Colour and shape say the same.
  const LOOKS = {
    "supported": { ink: "var(--run-0)", symbol: "circle", full: true },
    "not supported": { ink: "var(--run-1)", symbol: "times", full: true },
    "inconclusive": { ink: "var(--run-6)", symbol: "diamond2", full: false },
    "other languages": { ink: "var(--run-0)", symbol: "circle", full: true },
    "English": { ink: "var(--run-1)", symbol: "square", full: false },
  };
  const there = (value) => value !== null;
  const interval = (low, high, format = signed) => (there(low) ? ` [${format(low)}, ${format(high)}]` : "");
  const said = (d) =>
    `${d.label}\n${d.series}: ${signed(d.value)}${interval(d.low, d.high)}` +
    (there(d.seedLow) ? `\nover seeds${interval(d.seedLow, d.seedHigh)}` : "") +
    d.points.map(([seed, value]) => `\nseed ${seed}: ${signed(value)}`).join("");

  function legend(names) {
    const list = document.createElement("p");
    list.className = "legend";
    for (const name of names) {
      const { ink, symbol, full } = LOOKS[name];
      const mark = Plot.plot({
        width: 16, height: 16, margin: 0, axis: null, x: { domain: [0, 16], range: [0, 16] }, y: { domain: [0, 16], range: [0, 16] },
        marks: [Plot.dot([[8, 8]], { r: 5, symbol, stroke: ink, strokeWidth: 2, fill: full ? ink : "none" })],
      });
      mark.setAttribute("aria-hidden", "true");
      const item = document.createElement("span");
      item.append(mark, ` ${name}`);
      list.append(item);
    }
    return list;
  }

  // One row a label, with its name above; several series of a label stand below each other.
  function forest(data, width, ariaLabel, unit) {
    const labels = unique(data.map((d) => d.label));
    const series = unique(data.map((d) => d.series));
    const stacked = labels.some((label) => data.filter((d) => d.label === label).length > 1);
    const lane = stacked ? 16 : 0;
    const below = (d) => 10 + (stacked ? (series.indexOf(d.series) - (series.length - 1) / 2) * lane : 0);
    const marks = (d) => {
      const { ink, symbol, full } = LOOKS[d.series];
      const at = { y: "label", dy: below(d) };
      return [
        Plot.ruleY(there(d.seedLow) ? [d] : [], { ...at, x1: "seedLow", x2: "seedHigh", stroke: ink, strokeWidth: 1 }),
        Plot.ruleY(there(d.low) ? [d] : [], { ...at, x1: "low", x2: "high", stroke: ink, strokeWidth: 4 }),
        Plot.dot(d.points.map(([, value]) => ({ label: d.label, value })), { y: "label", x: "value", dy: below(d) + 7, r: 2, fill: ink, fillOpacity: 0.7 }),
        Plot.dot(symbol === "times" ? [d] : [], { ...at, x: "value", r: 7, fill: "var(--page)" }),
        Plot.dot([d], { ...at, x: "value", r: 5, symbol, stroke: ink, strokeWidth: 2, fill: full ? ink : "var(--page)" }),
      ];
    };
    const ends = data.flatMap((d) => [0, d.value, d.low, d.high, d.seedLow, d.seedHigh, ...d.bounds, ...d.points.map((p) => p[1])]).filter(there);
    const domain = ends.some((end) => end !== 0) ? d3.extent(ends) : [-1, 1];
    const limits = data.flatMap((d) => d.bounds.map((bound) => ({ label: d.label, bound })));
    return Plot.plot({
      ...base, width, marginLeft: 8, marginRight: 12, marginTop: 40, marginBottom: 8, height: 52 + labels.length * (46 + lane), ariaLabel,
      x: { label: unit, grid: true, nice: true, axis: "top", domain, insetLeft: 10, insetRight: 10, ticks: Math.max(3, Math.min(9, width / 70)) },
      y: { type: "band", domain: labels, axis: null, padding: 0 },
      marks: [
        Plot.ruleX([0], { stroke: "var(--ink)" }),
        Plot.tickX(limits, { y: "label", x: "bound", stroke: "var(--muted)", strokeDasharray: "4 3", strokeWidth: 1.5, insetTop: 20, insetBottom: 2 }),
        Plot.text(labels, { y: (d) => d, text: (d) => d, frameAnchor: "left", textAnchor: "start", dy: -14 - lane / 2, lineWidth: (width - 20) / 12, textOverflow: "ellipsis", stroke: "var(--page)", strokeWidth: 4, fill: "var(--ink)" }),
        ...data.flatMap(marks),
        tip(data, "value", "label", said),
      ],
    });
  }

  drawAll({
    hypotheses(width, node) {
      const size = Math.min(width, 900);
      node.replaceChildren(legend(unique(page.hypotheses.map((d) => d.series))), forest(page.hypotheses, size, "Effects of the hypotheses", "effect (points)"));
    },

    changes(width, node) {
      const targets = unique(page.changes.map((d) => d.target));
      const boxes = targets.map((target) => (size) =>
        titled(target, forest(page.changes.filter((d) => d.target === target), size, `Changes on ${target}`, "change (points)")));
      beside(node, boxes, [legend(unique(page.changes.map((d) => d.series)))]);
    },

    lines(width, node) {
      beside(node, page.lines.map((line) => (size) => {
        const amounts = unique(line.means.map((d) => d.amount)).sort(d3.ascending);
        const seeds = line.means.flatMap((d) => d.points.map(([seed, value]) => ({ amount: d.amount, seed, value })));
        return titled(line.title, Plot.plot({
          ...base, width: size, height: 300, marginLeft: 46, marginBottom: 42, marginRight: 30, ariaLabel: `Score over amount: ${line.title}`,
          x: { type: "log", label: "amount", grid: true, tickFormat: d3.format(","), ticks: amounts.filter((_, index) => size > 60 * amounts.length || (amounts.length - index) % 2) },
          y: { label: "score (%)", grid: true, nice: true },
          marks: [
            Plot.areaY(line.band, { x: "0", y1: "1", y2: "2", fill: "var(--run-0)", fillOpacity: 0.15 }),
            Plot.line(line.fit, { x: "0", y: "1", stroke: "var(--run-0)", strokeWidth: 2 }),
            Plot.ruleX(line.means, { x: "amount", y1: "low", y2: "high", stroke: "var(--ink)", strokeWidth: 1.5 }),
            Plot.dot(seeds, { x: "amount", y: "value", r: 2.2, fill: "var(--muted)", dx: 7 }),
            Plot.dot(line.means, { x: "amount", y: "value", r: 4.5, fill: "var(--page)", stroke: "var(--ink)", strokeWidth: 2 }),
            tip(line.means, "amount", "value", (d) => `${d.label}: ${points(d.value)}${interval(d.low, d.high, points)}`),
          ],
        }));
      }));
    },
  });
})();
