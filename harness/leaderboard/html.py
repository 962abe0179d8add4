"""The leaderboard as one page that needs nothing else: no request, no library; scripts only sort."""

from __future__ import annotations

from collections.abc import Sequence

from xharness.leaderboard.board import LEGEND, Section
from xharness.leaderboard.render import By, tables
from xharness.tables.escapes import html as escape
from xharness.tables.html import bullets, scrolling

STYLE = """
:root { color-scheme: light dark; --line: #c8ccd4; --soft: #f2f4f8; --text: #1a1d24; --back: #fff; --mark: #0b57d0; }
@media (prefers-color-scheme: dark) {
  :root { --line: #444b57; --soft: #232833; --text: #e8eaf0; --back: #161a21; --mark: #a8c7fa; }
}
body { font: 16px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 84rem; padding: 0 1rem;
  color: var(--text); background: var(--back); }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .4rem 0 1rem; }
caption { text-align: left; font-weight: 600; padding: .3rem 0; }
th, td { padding: .35rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { background: var(--soft); }
td.number, th.number { text-align: right; }
td.number, td.date { white-space: nowrap; }
thead th { vertical-align: bottom; }
tbody th { min-width: 9rem; }
th button { all: unset; cursor: pointer; font-weight: 600; }
th button:focus-visible { outline: 2px solid var(--mark); outline-offset: 2px; }
th[aria-sort=ascending] button::after { content: " \\2191"; }
th[aria-sort=descending] button::after { content: " \\2193"; }
ul { padding-left: 1.2rem; font-size: .92rem; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } .scroll { overflow: visible; } }
"""

SCRIPT = """
for (const head of document.querySelectorAll("thead th")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = head.textContent;
  head.replaceChildren(button);
  button.addEventListener("click", () => {
    const body = head.closest("table").tBodies[0], column = head.cellIndex;
    const first = head.classList.contains("number") ? "descending" : "ascending";
    const other = first === "ascending" ? "descending" : "ascending";
    const order = head.getAttribute("aria-sort") === first ? other : first;
    for (const each of head.parentNode.cells) each.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1, text = row => row.cells[column].textContent;
    const compare = (a, b) => a.localeCompare(b, "en", { numeric: true });
    const rows = [...body.rows].sort((a, b) =>
      (!text(a) - !text(b)) || sign * compare(text(a), text(b)));
    body.append(...rows);
  });
}
"""


def as_html(found: Sequence[Section], by: By | None) -> str:
    """The page."""
    parts = []
    for section in found:
        parts.append(f"<section><h2>{escape(str(section.protocol))}</h2>")
        parts += [scrolling(table) for table in tables(section, by)]
        if section.notes:
            parts.append(bullets(section.notes))
        parts.append("</section>")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>XTREME leaderboard</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        "<h1>XTREME leaderboard</h1>\n<p>Percent. Each section is one protocol: numbers of different sections must not "
        "be compared.</p>\n" + "\n".join(parts) + f"\n<h2>How to read it</h2>\n{bullets(LEGEND)}\n</main>\n"
        f"<script>{SCRIPT}</script>\n</body>\n</html>\n"
    )
