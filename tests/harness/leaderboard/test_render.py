"""Every format of the board."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser

from xharness.leaderboard.board import Section, sections
from xharness.leaderboard.html import as_html
from xharness.leaderboard.render import as_csv, as_json, as_markdown, main_table, more_tables
from xharness.leaderboard.rows import LeaderboardRow, Protocol
from xharness.tables.table import Table


def test_csv_has_one_line_a_row_with_protocol_and_unrounded_scores(board: list[Section]) -> None:
    found = list(csv.DictReader(io.StringIO(as_csv(board, "language"))))
    best = next(line for line in found if line["model"] == "best")
    assert best["protocol"].startswith("zero-shot")
    assert (best["rank"], best["rank_low"], best["rank_high"], best["quoted"]) == ("1", "1", "2", "no")
    assert float(best["xnli.de"]) == 75.0
    assert len(found) == 6
    quoted = next(line for line in found if line["model"].startswith("Quoted"))
    assert (quoted["quoted"], quoted["rank_low"], quoted["sources"], quoted["xnli.de"]) == ("yes", "", "X", "")


def test_json_has_everything(board: list[Section]) -> None:
    content = json.loads(as_json(board))
    first = content["sections"][0]
    assert first["protocol"] == {"training": "zero-shot", "retrieval": "frozen", "test": ""}
    best = first["rows"][0]
    assert (best["rank"], best["ties"], best["rank_interval"]) == (1, ["a"], [1, 2])
    assert best["languages"]["tatoeba"]["de"] == 75.0


def test_markdown_escapes_names_and_says_who_is_quoted(board: list[Section]) -> None:
    text = as_markdown(board, "task")
    assert "| Quoted \\| &lt;b&gt; \\[quoted\\] |" in text
    assert text.count("#### by task") == 1  # nothing is known by task of the other section
    assert "- Quoted \\| &lt;b&gt; is quoted from: X" in text


def test_html_is_well_formed_and_asks_for_nothing(board: list[Section]) -> None:
    page = as_html(board, "task")
    open_tags: list[str] = []

    class Checked(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert not {"src", "href"} & {name for name, _ in attrs}
            if tag != "meta":
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    Checked().feed(page)
    assert open_tags == []
    assert "Quoted | &lt;b&gt;" in page
    assert "url(" not in page


def test_columns_without_anything_and_rows_with_tasks_only_are_left_out_and_named() -> None:
    frozen = Protocol("zero-shot", "frozen")
    whole = LeaderboardRow("Whole", frozen, {"all_task": 50.0, "qa": 40.0}, {}, sources=("X",))
    bare = LeaderboardRow("Bare", frozen, {"pawsx": 50.0}, {}, sources=("X",))
    (section,) = sections([whole, bare], resamples=0)
    table = main_table(section)
    assert [column.label for column in table.columns] == ["rank", "ranks", "model", "average", "question answering"]
    assert shown(table) == [["1", "quoted", "Whole [quoted]", "50.00", "40.00"]]
    assert [column.numeric for column in table.columns] == [False] * 3 + [True] * 2
    assert "only tasks are published, which --by task shows: Bare" in section.notes
    assert shown(more_tables(section, "task")[0]) == [["Bare", "50.00"]]


def shown(table: Table) -> list[list[str]]:
    return [[cell.shown for cell in row.cells] for row in table.rows]


def test_a_name_is_no_formula_in_csv(rows: list[LeaderboardRow]) -> None:
    evil = replace(rows[0], model="=cmd|' /C calc'!A0", affiliation="@SUM(1)")
    (read,) = csv.DictReader(io.StringIO(as_csv(sections([evil], resamples=0), None)))
    assert (read["model"], read["affiliation"]) == ("'=cmd|' /C calc'!A0", "'@SUM(1)")
    assert float(read["average"]) == evil.scores["all_task"]
