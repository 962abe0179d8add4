"""The two tables of a study."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from tests.harness.studies.written import write_study
from xharness.studies.findings import Findings, find
from xharness.studies.findings_tables import effects_table, verdicts_table
from xharness.tables.table import MISSING, Emphasis, Table
from xharness.tables.terminal import fit, render


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Findings:
    """Without one target of one arm, and with a seed fewer of another arm."""
    gone = {*(f"chain → pawsx, seed {seed}" for seed in (1, 2, 3)), "large → xnli, seed 3"}
    found = find(write_study(tmp_path_factory.mktemp("study"), without=gone))
    assert found is not None
    return found


def cell(table: Table, arm: str, column: str) -> tuple[str, str, Emphasis]:
    place = [each.label for each in table.columns].index(column)
    row = next(row for row in table.rows if row.cells[0].text == arm)
    return row.cells[place].shown, row.cells[place].detail, row.cells[place].emphasis


def test_effects(found: Findings) -> None:
    table = effects_table(found)
    targets = ("xnli", "pawsx")
    columns = [f"{target}, {which}" for target in targets for which in ("other languages", "English")]
    assert [column.label for column in table.columns] == ["arm", *columns]
    assert [row.cells[0].text for row in table.rows] == [
        arm.title or name for name, arm in found.study.design.arms.items()
    ]
    assert "mean over languages and 3 seeds" in table.caption
    score, detail, emphasis = cell(table, "no intermediate task", "xnli, other languages")
    assert (detail, emphasis) == ("", Emphasis.NONE)
    _, detail, emphasis = cell(table, "MNLI, 1,000 pairs", "xnli, other languages")
    assert detail.startswith("+") and detail.endswith("] ▲")
    assert emphasis is Emphasis.GAIN
    assert cell(table, "chain", "pawsx, English")[0] == MISSING
    assert float(score) > 40


def test_fewer_seeds_are_said(found: Findings) -> None:
    arm = found.study.design.arms["large"].title
    assert cell(effects_table(found), arm, "xnli, English")[1].endswith("(2 seeds)")
    assert "seeds" not in cell(effects_table(found), arm, "pawsx, English")[1]


def test_a_loss_is_marked_without_colour(tmp_path: Path) -> None:
    found = find(write_study(tmp_path, size="smoke", share=lambda arm, *_: 0.9 if arm == "none" else 0.2))
    assert found is not None
    _, detail, emphasis = cell(effects_table(found), "MNLI, 100 pairs", "xnli, English")
    assert detail.endswith("▼")
    assert emphasis is Emphasis.LOSS


def test_what_is_not_zero_shot_is_marked(found: Findings) -> None:
    table = effects_table(found, {("small", "xnli")})
    assert cell(table, "MNLI, 100 pairs", "xnli, English")[0].endswith("†")
    assert not cell(table, "MNLI, 100 pairs", "pawsx, English")[0].endswith("†")
    assert table.heading.endswith("† not zero-shot")


def test_verdicts(found: Findings) -> None:
    table = verdicts_table(found)
    first = [each.text for each in table.rows[0].cells]
    assert first[:2] == ["much MNLI helps", "supported"]
    assert first[2].startswith("+") and first[3].startswith("[+") and first[4].startswith("[")
    assert first[-1] == "2"
    assert [row.cells[0].text for row in table.rows] == [each.hypothesis.name for each in found.judgements]


def test_what_was_not_measured_has_dashes(tmp_path: Path) -> None:
    gone = {f"small → xnli, seed {seed}" for seed in (1, 2)}
    found = find(write_study(tmp_path, size="smoke", without=gone, items=40))
    assert found is not None
    (row,) = verdicts_table(found).rows
    assert [each.text for each in row.cells[1:]] == ["inconclusive", *[MISSING] * 6]


@pytest.mark.parametrize("width", [80, 100, 160])
def test_a_narrow_screen_keeps_every_word(found: Findings, width: int) -> None:
    table, screen = effects_table(found), Console(width=width, file=StringIO(), record=True)
    part = render(table)
    fit(screen, part)
    screen.print(part)
    lines = screen.export_text().splitlines()
    words = {word for line in lines for word in line.split()}
    assert words >= {word for row in table.rows for word in row.cells[0].text.split()}
    assert not any("…" in line for line in lines)
