"""One table in every format."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest
from rich.console import Console

from xharness.tables import csv_text, html, latex, markdown, terminal
from xharness.tables.packed import pack_rows
from xharness.tables.table import Column, Emphasis, Table, TableCell, TableRow, exact, facts, number, words

EVIL = "a_b | <c>"
TABLE = Table(
    "made",
    "In percent",
    [Column("name", folds=True), Column("95 % score", numeric=True, stacked=True), Column("empty")],
    [
        TableRow([words(EVIL), number(71.236, detail="[70, 72]", marked=True), words("")], ends_section=True),
        TableRow([TableCell("all", emphasis=Emphasis.TOTAL), number(None), words("")], strong=True),
    ],
)


def test_markdown_aligns_numbers_and_sets_sums_in_bold() -> None:
    assert markdown.render(TABLE) == [
        "| name | 95 % score | empty |",
        "| --- | ---: | --- |",
        "| a\\_b \\| &lt;c&gt; | 71.24 † \\[70, 72\\] |  |",
        "| **all** | **–** |  |",
    ]
    assert markdown.piped(["a"], [["**b**"]]) == ["| a |", "| --- |", "| **b** |"]


def test_latex_has_a_rule_before_the_sums() -> None:
    lines = latex.render(TABLE).splitlines()
    assert r"\caption{In percent; $^{\dagger}$ not zero-shot}" in lines
    assert r"\begin{tabular}{lrl}" in lines
    assert lines[lines.index(r"\textbf{all} & \textbf{--} &  \\") - 1] == r"\midrule"
    (first,) = [line for line in lines if line.startswith(r"a\_b")]
    assert first == r"a\_b | $<$c$>$ & 71.24 $^{\dagger}$ [70, 72] &  \\"


def test_csv_gives_numbers_as_they_are_and_keeps_formulas_from_acting() -> None:
    rows = [TableRow([exact("=1+1"), exact(-0.1234567), exact(None)])]
    read = list(csv.reader(io.StringIO(csv_text.render(Table("t", "", TABLE.columns, rows)))))
    assert read == [["name", "95 % score", "empty"], ["'=1+1", "-0.1234567", ""]]


def test_html_escapes_and_aligns() -> None:
    assert (
        '<td style="text-align: left">a_b | &lt;c&gt;</td><td style="text-align: right">71.24 †</td>'
        in html.notebook(TABLE)
    )
    assert '<td class="name">a_b | &lt;c&gt;</td><td class="number">71.24 †</td>' in html.scrolling(TABLE)
    page = html.searchable(TABLE)
    assert '<td class="number" data-sort="71.236">71.24 † <small>[70, 72]</small></td>' in page
    assert '<tr class="strong"><td>all</td>' in page
    assert html.breaking("a|b/<") == "a|<wbr>b/<wbr>&lt;"


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
    assert [line.split()[1] for line in lines if "blocks" in line or "title" in line] == ["title", "blocks"]
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


def test_packed_rows_hold_each_piece_once() -> None:
    data = pack_rows(TABLE)
    assert len(data["pieces"]) == len(set(data["pieces"]))
    first = ["|".join(data["pieces"][at] for at in places) for places in data["rows"][0]]
    assert first == [f"{EVIL}\t", "71.24 †\t[70, 72]", "\t"]


@pytest.mark.parametrize(("value", "text"), [(-1.236, "−1.24"), (12345.0, "12,345.00")])
def test_numbers_have_real_minus_signs(value: float, text: str) -> None:
    assert number(value).text == text
