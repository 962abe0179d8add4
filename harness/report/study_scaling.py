"""The table of a study's lines over amounts."""

from __future__ import annotations

from xharness.studies.findings import Findings
from xharness.studies.statistics.wording import bracket
from xharness.tables.table import Column, Table, TableRow, bounds, number, words


def scaling_table(found: Findings) -> Table:
    """A row an arm of each line, by amount; then what ten times as much adds."""
    slopes = {each.hypothesis.name: each.estimate for each in found.judgements}
    rows = []
    for line in found.lines:
        for arm, amount in sorted(line.amounts.items(), key=lambda item: item[1]):
            score = line.scores[arm]
            shown = number(score.value, detail=bounds(score.interval))
            rows.append(TableRow([words(line.hypothesis), words(arm), number(amount, 0), shown]))
        slope = slopes[line.hypothesis]
        detail = bracket(slope.interval) if slope else ""
        added = number(line.slope, sign=True, detail=detail)
        rows.append(TableRow([words(line.hypothesis), words("ten times as much"), words(""), added], strong=True))
    columns = [Column("hypothesis"), Column("arm"), Column("amount", True), Column("score (%)", True)]
    return Table("scaling", "Scores by amount with 95 % intervals", columns, rows)
