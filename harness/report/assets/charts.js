// All charts, drawn with Observable Plot as SVG at the width that there is, and again when that changes.
"use strict";
(() => {
  const page = JSON.parse(document.getElementById("data").textContent);
  const { base, points, signed, unique, tip, titled, beside, drawAll } = drawing;
  const runs = page.runs;
  const several = runs.length > 1;
  const paired = new Set(page.pairs.map((d) => `${d.task}-mixed`));
  page.cells = page.cells.filter((d) => !paired.has(d.task)); // they have a map of their own
  const SYMBOLS = ["circle", "square", "triangle", "diamond2", "star", "cross", "wye", "times"];
  const colour = { domain: runs, range: runs.map((_, index) => `var(--run-${index})`) };
  const symbol = { domain: runs, range: runs.map((_, index) => SYMBOLS[index]) };
  const legended = { ...symbol, legend: several };
  const interval = (d, format = points) => ("low" in d ? ` [${format(d.low)}, ${format(d.high)}]` : "");
  const nameOf = (code) => page.languages[code]?.[0] ?? code;
  const familyOf = (code) => page.languages[code]?.[1] ?? "unknown";
  const scriptOf = (code) => page.languages[code]?.[2] ?? "unknown";
  const widest = (labels) => 14 + 6.6 * Math.max(0, ...labels.map((label) => label.length));
  const row = several ? 7 + 9 * runs.length : 22;

  // Marks of several runs in one row stand below each other.
  function byRun(data, marks) {
    const present = runs.filter((run) => data.some((d) => d.run === run));
    return present.flatMap((run, index) => marks(data.filter((d) => d.run === run), (index - (present.length - 1) / 2) * 7));
  }
  const spanned = (data) => data.filter((d) => d.low < d.high); // one of no width, or none, is no line
  const spans = (y) => (data, dy) => [
    Plot.ruleY(spanned(data), { y, x1: "low", x2: "high", stroke: "run", strokeWidth: 2, dy }),
    Plot.dot(data, { y, x: "score", fill: "run", symbol: "run", r: 3.5, dy }),
  ];
  function grid(node, boxes, legend = false) {
    const shown = legend && several;
    beside(node, boxes, shown ? [Plot.legend({ color: colour, symbol: { ...symbol, legend: true }, fill: "color", stroke: "none", ...base })] : []);
  }

  const charts = {
    averages(width) {
      const data = page.averages;
      const order = ["task", "group", "total"].flatMap((what) => unique(data.filter((d) => d.what === what).map((d) => d.name)));
      return Plot.plot({
        ...base, width, marginLeft: widest(order), marginTop: 40, height: 56 + order.length * row, ariaLabel: "Averages with 95 % intervals",
        x: { label: "score (%)", grid: true, nice: true, axis: "top" }, y: { domain: order, label: null, tickSize: 0 }, color: colour, symbol: legended,
        marks: [...byRun(data, spans("name")), tip(data, "score", "name", (d) => `${d.run}\n${d.name} ${points(d.score)}${interval(d)}`)],
      });
    },

    differences(width) {
      const data = page.differences;
      const order = unique(data.map((d) => d.name));
      const later = (scale) => ({ domain: scale.domain.slice(1), range: scale.range.slice(1) });
      return Plot.plot({
        ...base, width, marginLeft: widest(order), marginTop: 40, height: 56 + order.length * row, ariaLabel: "Differences with 95 % intervals",
        x: { label: `difference to ${runs[0]} (points)`, grid: true, nice: true, axis: "top" }, y: { domain: order, label: null, tickSize: 0 }, color: later(colour), symbol: { ...later(symbol), legend: runs.length > 2 },
        marks: [
          Plot.ruleX([0], { stroke: "var(--ink)" }),
          ...byRun(data, (part, dy) => [
            Plot.ruleY(spanned(part), { y: "name", x1: "low", x2: "high", stroke: "run", strokeWidth: 2, dy }),
            Plot.dot(part.filter((d) => !d.significant), { y: "name", x: "difference", fill: "var(--page)", stroke: "run", strokeWidth: 2, symbol: "run", r: 4, dy }),
            Plot.dot(part.filter((d) => d.significant), { y: "name", x: "difference", fill: "run", stroke: "run", strokeWidth: 2, symbol: "run", r: 4, dy }),
          ]),
          tip(data, "difference", "name", (d) => `${d.run}\n${d.name} ${signed(d.difference)}${interval(d, signed)}${d.significant ? "\nsignificant" : ""}`),
        ],
      });
    },

    heat(width) {
      const chosen = (id) => document.getElementById(id).value;
      const [run, what, order] = [chosen("heat-run"), chosen("heat-value"), chosen("heat-order")];
      const cells = page.cells.filter((d) => d.run === run);
      const at = new Map(page.cells.map((d) => [`${d.run}\n${d.task}\n${d.language}`, d.score]));
      const value = {
        score: (d) => d.score,
        gap: (d) => at.get(`${run}\n${d.task}\nen`) - d.score,
        change: (d) => d.score - at.get(`${runs[0]}\n${d.task}\n${d.language}`),
      }[what];
      const data = cells.map((d) => ({ ...d, value: value(d) })).filter((d) => Number.isFinite(d.value));
      const circle = { family: familyOf, script: scriptOf, name: () => "" }[order];
      const codes = unique(cells.map((d) => d.language)).sort((a, b) => d3.ascending(circle(a) + "\n" + nameOf(a), circle(b) + "\n" + nameOf(b)));
      const tasks = unique(cells.map((d) => d.task));
      const left = widest(tasks);
      const wide = Math.min(Math.max(width, left + 10 + codes.length * 24), left + 10 + codes.length * 56);
      const most = d3.max(data, (d) => Math.abs(d.value)) || 1;
      const diverging = what !== "score";
      const domain = diverging ? [-most, most] : [Math.min(...data.map((d) => d.value), 100), Math.max(...data.map((d) => d.value), 0)];
      const interpolate = diverging ? (what === "gap" ? (t) => d3.interpolatePuOr(1 - t) : d3.interpolatePuOr) : d3.interpolateYlGnBu;
      const scale = d3.scaleSequential(domain[0] === domain[1] ? [domain[0] - 1, domain[1] + 1] : domain, interpolate);
      const ink = (d) => (luminance(scale(d.value)) > 0.179 ? "#000" : "#fff");
      const first = codes.filter((code, index) => index === 0 || circle(code) !== circle(codes[index - 1]));
      const label = { score: "score (%)", gap: "behind English (points)", change: `difference to ${runs[0]} (points)` }[what];
      return Plot.plot({
        ...base, width: wide, marginLeft: left, marginTop: 26, marginBottom: order === "name" ? 10 : 84, marginRight: 10, height: 36 + tasks.length * 30 + (order === "name" ? 0 : 74),
        ariaLabel: "Heat map of tasks and languages", x: { domain: codes, label: null, tickSize: 0, padding: 0.06 }, y: { domain: tasks, label: null, tickSize: 0, padding: 0.06 },
        color: { type: "linear", domain: scale.domain(), interpolate, legend: true, label, width: 300 },
        marks: [
          Plot.axisX({ anchor: "top", tickSize: 0 }),
          order === "name" ? null : Plot.axisX(first, { anchor: "bottom", tickFormat: circle, tickRotate: -40, tickSize: 5, textAnchor: "end" }),
          Plot.cell(data, { x: "language", y: "task", fill: "value", stroke: "var(--line)" }),
          Plot.text(data, { x: "language", y: "task", text: (d) => d.value.toFixed(0).replace("-", "−").replace(/^−0$/, "0"), fill: ink, fontSize: 11 }),
          tip(data, "language", "task", (d) => `${d.task} · ${nameOf(d.language)} (${d.language})\n${familyOf(d.language)}, ${scriptOf(d.language)} script\nscore ${points(d.score)}${interval(d)}, n = ${d.n}${diverging ? `\n${label}: ${signed(d.value)}` : ""}`),
        ],
      });
    },

    languages(width, node) {
      const tasks = unique(page.cells.map((d) => d.task));
      grid(node, tasks.map((task) => (size) => {
        const data = page.cells.filter((d) => d.task === task);
        const order = d3.groupSort(data, (group) => -(group.find((d) => d.run === runs[0]) ?? group[0]).score, (d) => d.language);
        return titled(task, Plot.plot({
          ...base, width: size, marginLeft: widest(order.map(nameOf)) + 4, marginTop: 22, marginBottom: 6, height: 30 + order.length * (several ? row : 18),
          ariaLabel: `${task} by language`, x: { label: null, grid: true, axis: "top", nice: true, ticks: 5 },
          y: { domain: order, label: null, tickSize: 0, tickFormat: nameOf }, color: colour, symbol,
          marks: [...byRun(data, spans("language")), tip(data, "score", "language", (d) => `${d.run}\n${nameOf(d.language)} ${points(d.score)}${interval(d)}, n = ${d.n}`)],
        }));
      }), true);
    },

    breakdown(width, node) {
      const circle = document.getElementById("break-circle").value;
      const parts = page.breakdown.filter((d) => d.circle === circle);
      grid(node, unique(parts.map((d) => d.task)).map((task) => (size) => {
        const data = parts.filter((d) => d.task === task);
        const order = circle === "pretraining" ? page.amounts.filter((name) => data.some((d) => d.group === name)) : d3.groupSort(data, (group) => -(group.find((d) => d.run === runs[0]) ?? group[0]).score, (d) => d.group);
        return titled(task, Plot.plot({
          ...base, width: size, marginLeft: widest(order) + 4, marginTop: 22, marginBottom: 6, height: 30 + order.length * (several ? row : 18),
          ariaLabel: `${task} by ${circle}`, x: { label: null, grid: true, axis: "top", nice: true, ticks: 5 }, y: { domain: order, label: null, tickSize: 0 }, color: colour, symbol,
          marks: [...byRun(data, spans("group")), tip(data, "score", "group", (d) => `${d.run}\n${d.group} ${points(d.score)}${interval(d)}\n${d.languages.map(nameOf).join(", ")}`)],
        }));
      }), true);
    },

    amounts(width, node) {
      const gigabytes = (code) => page.languages[code]?.[3];
      const known = page.cells.filter((d) => gigabytes(d.language) != null).map((d) => ({ ...d, amount: Math.max(0.05, gigabytes(d.language)) }));
      grid(node, unique(known.map((d) => d.task)).map((task) => (size) => {
        const data = known.filter((d) => d.task === task);
        return titled(task, Plot.plot({
          ...base, width: size, height: 220, marginBottom: 36, ariaLabel: `${task} by amount of text`, color: colour, symbol,
          x: { type: "log", domain: [0.05, 400], ticks: [0.05, 1, 10, 100], tickFormat: (value) => (value <= 0.05 ? "0" : String(value)), label: "GiB of text" }, y: { label: "score (%)", grid: true, nice: true },
          marks: [
            Plot.dot(data, { x: "amount", y: "score", fill: "run", symbol: "run", r: 3.5 }),
            several ? null : Plot.text(data, { x: "amount", y: "score", text: "language", dy: -8, fontSize: 10 }),
            tip(data, "amount", "score", (d) => `${d.run}\n${nameOf(d.language)} ${points(d.score)}${interval(d)}\n${gigabytes(d.language)} GiB`),
          ],
        }));
      }), true);
    },

    pairs(width, node) {
      const kinds = unique(page.pairs.map((d) => `${d.task}\t${d.run}`));
      grid(node, kinds.map((kind) => (size) => {
        const data = page.pairs.filter((d) => `${d.task}\t${d.run}` === kind);
        const codes = unique(data.flatMap((d) => [d.first, d.second]));
        const domain = d3.extent(data, (d) => d.score);
        const scale = d3.scaleSequential(domain[0] === domain[1] ? [domain[0] - 1, domain[1] + 1] : domain, d3.interpolateYlGnBu);
        return titled(kind.replace("\t", several ? ", " : " ").replace(several ? "" : runs[0], "").trim(), Plot.plot({
          ...base, width: size, height: 60 + codes.length * Math.max(20, Math.min(34, (size - 50) / codes.length)), marginLeft: 34, marginTop: 26, marginRight: 4, ariaLabel: "Heat map of language pairs",
          x: { domain: codes, label: null, axis: "top", tickSize: 0, padding: 0.05 }, y: { domain: codes, label: null, tickSize: 0, padding: 0.05 }, color: { type: "linear", domain: scale.domain(), interpolate: d3.interpolateYlGnBu },
          marks: [
            Plot.cell(data, { x: "second", y: "first", fill: "score", stroke: (d) => (d.first === d.second ? "var(--ink)" : "var(--line)") }),
            Plot.text(data, { x: "second", y: "first", text: (d) => d.score.toFixed(0), fill: (d) => (luminance(scale(d.score)) > 0.179 ? "#000" : "#fff"), fontSize: 11 }),
            tip(data, "second", "first", (d) => `${d.run}\n${nameOf(d.first)}, ${nameOf(d.second)}: ${points(d.score)}${interval(d)}`),
          ],
        }));
      }));
    },

    "gap-family": (width) => gapChart(width, familyOf, "family"),
    "gap-script": (width) => gapChart(width, scriptOf, "script"),

    sweeps(width, node) {
      grid(node, page.sweeps.map((sweep) => (size) => {
        const data = sweep.points.map(([language, block, score]) => ({ language, block, score }));
        const mean = data.filter((d) => d.language === "mean");
        const each = data.filter((d) => d.language !== "mean");
        const ink = `var(--run-${runs.indexOf(sweep.run)})`;
        const title = `${sweep.task}: ${sweep.measure}${several ? `, ${sweep.run}` : ""}`;
        return titled(title, Plot.plot({
          ...base, width: size, height: 260, ariaLabel: title, x: { label: "block", ticks: unique(data.map((d) => d.block)), tickFormat: "d" }, y: { label: "score (%)", grid: true, nice: true },
          marks: [
            Plot.line(each, { x: "block", y: "score", z: "language", stroke: "var(--muted)", strokeOpacity: 0.35, strokeWidth: 1 }),
            Plot.line(mean, { x: "block", y: "score", stroke: ink, strokeWidth: 2.5 }),
            Plot.dot(mean, { x: "block", y: "score", fill: ink, r: 3.5 }),
            tip(data, "block", "score", (d) => `${nameOf(d.language)}, block ${d.block}: ${points(d.score)}`),
          ],
        }));
      }));
    },

    answers(width, node) {
      grid(node, page.answers.map((map) => (size) => {
        const data = map.points.map(([question, answer, value]) => ({ question, answer, value }));
        const scale = d3.scaleSequential([0, Math.max(1, d3.max(data, (d) => d.value))], d3.interpolateYlGnBu);
        const ink = (d) => (luminance(scale(d.value)) > 0.179 ? "#000" : "#fff");
        const order = unique(data.map((d) => d.question));
        const title = `${map.task}: ${map.measure}${several ? `, ${map.run}` : ""}`;
        return titled(title, Plot.plot({
          ...base, width: size, marginLeft: 56, marginTop: 40, height: 60 + order.length * 28, ariaLabel: title,
          x: { domain: unique(data.map((d) => d.answer)), label: "answer", axis: "top", tickSize: 0, padding: 0.06 }, y: { domain: order, label: "question", tickSize: 0, padding: 0.06 },
          color: { type: "linear", domain: scale.domain(), interpolate: d3.interpolateYlGnBu },
          marks: [
            Plot.cell(data, { x: "answer", y: "question", fill: "value", stroke: "var(--line)" }),
            Plot.text(data, { x: "answer", y: "question", text: (d) => d.value.toFixed(0), fill: ink, fontSize: 11 }),
            tip(data, "answer", "question", (d) => `${nameOf(d.question)} question, ${nameOf(d.answer)} answers: ${points(d.value)}`),
          ],
        }));
      }));
    },

    curves(width, node) {
      const drawn = page.curves.flatMap((curve) => [["loss", curve.loss], ["dev", curve.dev]]
        .filter(([, values]) => values.length > 1)
        .map(([what, values]) => (size) => {
          const data = values.map(([step, value]) => ({ step, value }));
          const smooth = what === "loss" && data.length > 30;
          const label = what === "loss" ? "loss" : "dev score";
          return titled(`${curve.title}: ${label}`, Plot.plot({
            ...base, width: size, height: 220, marginLeft: 56, ariaLabel: `${curve.title}: ${label} by step`, x: { label: "step" }, y: { label, grid: true, nice: true },
            marks: [
              Plot.line(data, { x: "step", y: "value", stroke: "var(--run-0)", strokeWidth: smooth ? 1 : 2, strokeOpacity: smooth ? 0.4 : 1 }),
              smooth ? Plot.line(data, Plot.windowY(Math.ceil(data.length / 15), { x: "step", y: "value", stroke: "var(--run-0)", strokeWidth: 2 })) : Plot.dot(data, { x: "step", y: "value", fill: "var(--run-0)", r: 2.5 }),
              tip(data, "step", "value", (d) => `step ${d.step}: ${d.value.toFixed(3)}`),
            ],
          }));
        }));
      grid(node, drawn);
    },

    phases(width) {
      const data = page.phases;
      const order = d3.groupSort(data, (group) => -d3.sum(group, (d) => d.seconds), (d) => d.task);
      const total = d3.rollups(data, (group) => d3.sum(group, (d) => d.seconds), (d) => d.run, (d) => d.task)
        .flatMap(([run, tasks]) => tasks.map(([task, seconds]) => ({ run, task, seconds })));
      return Plot.plot({
        ...base, width, marginLeft: widest(order), marginTop: 40, height: 56 + order.length * row, ariaLabel: "Seconds by task",
        x: { label: "seconds", grid: true, axis: "top" }, fy: { domain: order, label: null, padding: 0.2 }, y: { domain: runs, axis: null, padding: 0.1 }, color: { ...colour, legend: several },
        marks: [
          Plot.axisFy({ anchor: "left", tickSize: 0, label: null }),
          Plot.barX(total, { x: "seconds", y: "run", fy: "task", fill: "run", title: (d) => `${d.run}\n${d.task}: ${d.seconds.toFixed(1)} s` }),
        ],
      });
    },
  };

  function gapChart(width, circle, label) {
    const data = page.gaps.map((d) => ({ ...d, circle: circle(d.language) }));
    const order = d3.groupSort(data, (group) => d3.mean(group, (d) => d.points), (d) => d.circle);
    const means = (part) => d3.rollups(part, (group) => d3.mean(group, (d) => d.points), (d) => d.circle)
      .map(([name, mean]) => ({ run: part[0].run, circle: name, points: mean }));
    return Plot.plot({
      ...base, width, marginLeft: widest(order), marginTop: 40, height: 56 + order.length * row, ariaLabel: `Transfer gap by ${label}`,
      x: { label: "behind English (points)", grid: true, nice: true, axis: "top" }, y: { domain: order, label: null, tickSize: 0 }, color: colour, symbol: legended,
      marks: [
        Plot.ruleX([0], { stroke: "var(--ink)" }),
        ...byRun(data, (part, dy) => [
          Plot.dot(part, { x: "points", y: "circle", fill: "run", fillOpacity: 0.4, r: 2.2, dy }),
          Plot.dot(means(part), { x: "points", y: "circle", fill: "run", stroke: "var(--page)", symbol: "run", r: 5.5, dy }),
        ]),
        tip(data, "points", "circle", (d) => `${d.run}\n${d.task} · ${nameOf(d.language)}: ${signed(d.points)}`),
      ],
    });
  }

  // Relative luminance as WCAG defines it; above 0.179 black letters have the higher contrast.
  function luminance(text) {
    const { r, g, b } = d3.rgb(text);
    const [x, y, z] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  }

  const draw = drawAll(charts);
  for (const id of ["heat-run", "heat-value", "heat-order"]) {
    document.getElementById(id)?.addEventListener("change", () => draw("heat"));
  }
  document.getElementById("break-circle")?.addEventListener("change", () => draw("breakdown"));
  for (const mark of document.querySelectorAll("[data-mark]")) {
    if (!several) mark.remove();
    const run = runs[mark.dataset.mark];
    const shape = Plot.dot([0], { x: 7, y: 7, fill: colour.range[runs.indexOf(run)], symbol: symbol.range[runs.indexOf(run)], r: 5.5, frameAnchor: null });
    mark.append(...Plot.plot({ marks: [shape], width: 14, height: 14, margin: 0, axis: null, x: { type: "identity" }, y: { type: "identity" } }).querySelectorAll("g"));
  }
})();
