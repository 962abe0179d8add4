"""A matrix of language pairs as a page of its own: a heat map without scripts, which asks no server for anything."""

from __future__ import annotations

from collections.abc import Iterator

from xharness.diagnostics.matrix import Matrix, summary
from xharness.tables.escapes import html
from xharness.tables.table import bounds, number

_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1b1b1b; background: #fff }}
table {{ border-collapse: collapse; font-variant-numeric: tabular-nums }}
caption {{ text-align: left; margin-bottom: .5rem }}
th, td {{ padding: .3rem .5rem; text-align: right; border: 1px solid #fff }}
.own {{ outline: 2px solid #1b1b1b; outline-offset: -3px }}
.means {{ background: #f2f2f2 }}
</style></head><body>
<h1>{title}</h1>
{lines}
<table><caption>Accuracy in percent; rows: language of the first text, columns: of the second; framed: one language.
Point at a cell for its 95 % interval.</caption>
<thead><tr><td></td>{heads}<th class="means">others</th></tr></thead>
<tbody>{rows}</tbody></table>
</body></html>
"""


def heat_map(found: Matrix) -> str:
    """The whole page."""
    heads = "".join(f'<th scope="col">{html(language)}</th>' for language in found.languages)
    lines = "".join(f"<p>{html(line)}</p>" for line in summary(found))
    rows = "".join(_rows(found))
    return _PAGE.format(title=html(f"{found.task}: pairs of languages"), lines=lines, heads=heads, rows=rows)


def _rows(found: Matrix) -> Iterator[str]:
    for first in found.languages:
        cells = "".join(_cell(found, first, second) for second in found.languages)
        yield f'<tr><th scope="row">{html(first)}</th>{cells}{_mean(found.mean(first=first))}</tr>'
    means = "".join(_mean(found.mean(second=second)) for second in found.languages)
    yield f'<tr><th scope="row" class="means">others</th>{means}{_mean(found.mean())}</tr>'


def _cell(found: Matrix, first: str, second: str) -> str:
    score = found.scores.get((first, second))
    if score is None:
        return "<td></td>"
    told = f"{first}, {second}: {score:.2f} {bounds(found.intervals[first, second])}".rstrip()
    own = ' class="own"' if first == second else ""
    return f'<td{own} style="{_colours(score, found)}" title="{html(told)}">{score:.1f}</td>'


def _mean(score: float | None) -> str:
    return f'<td class="means">{number(score, 1).text}</td>'


def _colours(score: float, found: Matrix) -> str:
    """From pale to dark blue between the lowest and the highest score; letters that stand out."""
    low, high = min(found.scores.values()), max(found.scores.values())
    share = (score - low) / (high - low) if high > low else 0.5
    return f"background: hsl(205, 60%, {96 - 61 * share:.0f}%); color: {'#fff' if share > 0.55 else '#1b1b1b'}"
