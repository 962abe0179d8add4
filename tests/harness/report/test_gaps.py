"""Transfer gaps: English minus a language."""

from __future__ import annotations

from tests.harness.report.made import run
from xharness.report.gaps import gap_table, gaps


def test_gaps_are_english_minus_the_language() -> None:
    one = run(cells={"xnli": {"en": 80.0, "de": 75.0, "ru": 70.0}, "tatoeba": {"de": 90.0}})
    assert [(gap.task, gap.language.code, gap.points) for gap in gaps([one])] == [("xnli", "de", 5), ("xnli", "ru", 10)]


def test_gaps_by_family_and_script_are_plain_means() -> None:
    cells = {"xnli": {"en": 80.0, "de": 75.0, "ru": 70.0}, "udpos": {"en": 90.0, "de": 88.0, "nl": 83.0, "bg": 78.0}}
    (germanic, slavic) = gap_table("family", [run(cells=cells)]).rows
    assert [cell.text for cell in germanic.cells] == ["Germanic", "de nl", "3", "+4.67"]
    assert [cell.text for cell in slavic.cells] == ["Slavic", "bg ru", "2", "+11.00"]
    assert [row.cells[0].text for row in gap_table("script", [run(cells=cells)]).rows] == ["Latin", "Cyrillic"]
