"""Tables on a screen."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from tests.harness.tables.made import EVIL, TABLE
from xharness.tables import terminal
from xharness.tables.table import Column, Table, TableRow, facts, words


def test_a_screen_shows_every_cell() -> None:
    console = Console(file=io.StringIO(), width=60)
    with console.capture() as shown:
        console.print(terminal.render(TABLE.without_empty_columns()))
    lines = [line.strip() for line in shown.get().splitlines() if line.strip()]
    assert lines[0] == "In percent"
    assert [line.split()[-1] for line in lines[1:4]] == ["95", "%", "score"]
    assert lines[5].startswith(EVIL)
    assert lines[5].endswith("71.24 † [70, 72]")
    assert lines[-1].split() == ["all", "–"]


def printed(table: Table, width: int, *, fitted: bool = False) -> list[str]:
    """The lines on a screen of so many columns."""
    console = Console(file=io.StringIO(), width=width)
    shown = terminal.render(table)
    if fitted:
        terminal.fit(console, shown)
    with console.capture() as captured:
        console.print(shown)
    return captured.get().splitlines()


def test_facts_have_no_line_of_headings_and_fold() -> None:
    lines = printed(facts("model", {"title": words("x" * 30), "blocks": words(24)}), 30)
    assert lines[0].strip() == "model"
    assert [line.split()[0] for line in lines if "blocks" in line or "title" in line] == ["title", "blocks"]
    assert "".join(lines).count("x") == 30


def test_a_screen_is_as_wide_as_a_table_needs() -> None:
    table = Table("t", "", [Column("name")], [TableRow([words("long " * 20 + "end")])])
    assert any("…" in line for line in printed(table, 40))
    assert any("end" in line for line in printed(table, 40, fitted=True))


def test_dense_columns_stand_closer() -> None:
    table = Table("t", "", [Column("a"), Column("b", numeric=True)], [TableRow([words("x"), words("1")])])
    wide, dense = printed(table, 40), printed(replace(table, dense=True), 40)
    assert next(line for line in wide if "x" in line).strip() == "x   1"
    assert next(line for line in dense if "x" in line).strip() == "x  1"


def test_a_caption_may_be_wider_than_its_table() -> None:
    table = Table("t", "a caption of many words", [Column("a")], [TableRow([words("x")])])
    assert printed(table, 40)[0].strip() == "a caption of many words"
    assert [line.strip() for line in printed(table, 15)[:2]] == ["a caption of", "many words"]
