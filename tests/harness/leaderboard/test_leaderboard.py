"""Rows, protocols, ranks and ties, and every format of the board."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.harness.leaderboard.runs import TUNED, share, write_run
from xharness.leaderboard.board import Section, sections
from xharness.leaderboard.html import as_html
from xharness.leaderboard.ranks import standings, tie_letters
from xharness.leaderboard.render import as_csv, as_json, as_markdown, main_table, more_tables
from xharness.leaderboard.rows import LeaderboardRow, Protocol
from xharness.leaderboard.runs import run_row
from xharness.submissions.metadata import TEMPLATE
from xharness.tables.table import Table
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.version import VERSION


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs that are about as good (other items right), one that is worse, and half a one."""
    root = tmp_path_factory.mktemp("runs")
    write_run(root / "best", share(30))
    write_run(root / "close", share(29)[::-1])
    write_run(root / "worse", share(5))
    write_run(root / "part", share(40), without=("xnli", "tatoeba"))
    return root


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[LeaderboardRow]:
    return [run_row(folder / name) for name in ("worse", "part", "best", "close")]


@pytest.fixture(scope="module")
def board(rows: list[LeaderboardRow]) -> list[Section]:
    quoted = LeaderboardRow(
        "Quoted | <b>", Protocol("zero-shot", "frozen"), {"all_task": 50.0, "xnli": 50.0}, {}, sources=("X",)
    )
    other = LeaderboardRow("Other", Protocol("beyond English", "frozen"), {"all_task": 99.0}, {}, sources=("Y",))
    return sections([*rows, quoted, other], resamples=300)


def test_rows_have_the_scores_of_the_run(rows: list[LeaderboardRow]) -> None:
    best = rows[2]
    assert (best.model, best.date, best.quoted) == ("best", "2024-05-31", False)
    assert best.scores["all_task"] == pytest.approx(75.0)
    assert best.scores["retrieval"] == pytest.approx(75.0)
    assert best.scores["xquad"] == pytest.approx(75.0)
    assert best.languages["panx"]["sw"] == pytest.approx(75.0)


def test_ranks_have_intervals_and_what_cannot_be_told_apart_is_tied(rows: list[LeaderboardRow]) -> None:
    placed = standings(rows, 500, 0)
    assert [(s.row.model, s.rank) for s in placed] == [("best", 1), ("close", 2), ("worse", 3), ("part", None)]
    assert [s.ties for s in placed] == ["a", "a", "", ""]
    assert [s.ranks for s in placed] == [(1, 2), (1, 2), (3, 3), None]
    best = placed[0]
    assert best.interval is not None
    assert best.interval[0] < 75 < best.interval[1]


def test_an_incomplete_run_has_blanks_and_no_average(rows: list[LeaderboardRow]) -> None:
    part = standings(rows, 0, 0)[-1]
    assert part.row.model == "part"
    assert part.rank is None
    assert set(part.row.scores) == {"tagging", "qa", "pawsx", "panx", "udpos", "bucc2018", "xquad", "mlqa", "tydiqa"}


def test_a_run_beside_itself_shares_its_rank(folder: Path) -> None:
    placed = standings([run_row(folder / "best"), run_row(folder / "best")], 100, 0)
    assert [(s.rank, s.shared, s.ranks, s.ties) for s in placed] == [(1, True, (1, 1), "a")] * 2


def test_standings_are_the_same_for_the_same_seed_and_intervals_for_any(rows: list[LeaderboardRow]) -> None:
    first, again, other = standings(rows, 100, 1), standings(rows, 100, 1), standings(rows, 100, 2)
    assert first == again
    assert [s.interval for s in first] == [s.interval for s in other]


def test_ties_need_not_be_transitive() -> None:
    assert tie_letters({(0, 1), (1, 2)}, [0, 1, 2, 3]) == {0: "a", 1: "a b", 2: "b", 3: ""}


def test_quoted_rows_are_ranked_without_interval_or_tie(board: list[Section]) -> None:
    quoted = next(s for s in board[0].standings if s.row.quoted)
    assert (quoted.rank, quoted.ranks, quoted.ties, quoted.interval) == (3, None, "", None)


def test_protocols_never_mix(board: list[Section]) -> None:
    assert [section.protocol.training for section in board] == ["zero-shot", "beyond English"]
    assert [s.row.model for s in board[1].standings] == ["Other"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Protocol("zero-shot", "frozen")),
        ({"encoder": TUNED}, Protocol("zero-shot", "tuned")),
        ({"provenance": {**TUNED, "zero_shot": False}}, Protocol("beyond English", "frozen")),
        ({"provenance": None}, Protocol("not known", "frozen")),
        ({"encoder_head": "AutoModelForQuestionAnswering"}, Protocol("not known", "not known")),
        ({"without": ("bucc2018", "tatoeba")}, Protocol("zero-shot", "none")),
        ({"options": {"limit": 5}}, Protocol("zero-shot", "frozen", "first 5 items of each cell")),
    ],
)
def test_the_protocol_comes_from_provenance(tmp_path: Path, change: dict[str, Any], expected: Protocol) -> None:
    rest: dict[str, Any] = {
        "without": ("panx", "udpos", "xquad", "mlqa", "tydiqa", "pawsx", *change.pop("without", ()))
    }
    assert run_row(write_run(tmp_path / "run", share(3, 4), **rest, **change)).protocol == expected


def test_a_row_without_retrieval_joins_the_others_of_its_training(rows: list[LeaderboardRow]) -> None:
    lone = LeaderboardRow("lone", Protocol("zero-shot", "none"), {}, {})
    other = LeaderboardRow("else", Protocol("beyond English", "none"), {}, {})
    found = sections([*rows, lone, other], resamples=0)
    assert [[s.row.model for s in section.standings][-1] for section in found] == ["lone", "else"]


def test_the_description_names_the_model_and_says_what_provenance_does_not(tmp_path: Path) -> None:
    rest: dict[str, Any] = {"without": ("panx", "udpos", "xquad", "mlqa", "tydiqa", "pawsx", "bucc2018", "tatoeba")}
    described = tmp_path / "model.toml"
    described.write_text(TEMPLATE)
    unknown = write_run(tmp_path / "unknown", share(3, 4), provenance=None, **rest)
    row = run_row(unknown, described)
    assert (row.model, row.participant, row.parameters) == ("Our Model Large", "Ada Lovelace", 560_000_000)
    assert row.protocol.training == "zero-shot"
    (unknown / "metadata.toml").write_text(TEMPLATE.replace("= []", '= ["XNLI translated"]'))
    assert run_row(unknown).protocol.training == "beyond English"
    seen = {**TUNED, "zero_shot": False, "seen": ["panx is trained on de"]}
    run = write_run(tmp_path / "seen", share(3, 4), provenance=seen, **rest)
    with pytest.raises(UserError) as caught:
        run_row(run, described)
    assert "panx is trained on de" in caught.value.why


def test_what_is_no_run_is_said(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(UserError, match="no run at"):
        run_row(tmp_path / "none")
    with pytest.raises(UserError, match="is not a run"):
        run_row(folder / "best" / "scores.json")


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


def test_runs_measured_differently_are_noted(folder: Path) -> None:
    one, two = run_row(folder / "best"), run_row(folder / "close")
    assert two.run is not None
    cells = {
        name: replace(cell, signature=f"{cell.signature}|version:9" if name[0] == "xnli" else cell.signature)
        for name, cell in two.run.cells.items()
    }
    newer = replace(two, run=replace(two.run, cells=cells))
    (section,) = sections([one, newer], resamples=0)
    assert [note for note in section.notes if "differently" in note] == [
        f"close was measured differently: version was {VERSION}, now 9"
    ]


def test_a_name_is_no_formula_in_csv(rows: list[LeaderboardRow]) -> None:
    evil = replace(rows[0], model="=cmd|' /C calc'!A0", affiliation="@SUM(1)")
    (read,) = csv.DictReader(io.StringIO(as_csv(sections([evil], resamples=0), None)))
    assert (read["model"], read["affiliation"]) == ("'=cmd|' /C calc'!A0", "'@SUM(1)")
    assert float(read["average"]) == evil.scores["all_task"]
