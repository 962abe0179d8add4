"""A run as a row: scores, description, protocol."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.harness.leaderboard.runs import TUNED, share, write_run
from xharness.leaderboard.ranks import standings
from xharness.leaderboard.rows import LeaderboardRow, Protocol
from xharness.leaderboard.runs import run_row
from xharness.submissions.metadata import TEMPLATE
from xharness.submissions.published import is_of_other_size
from xharness.tasks.common.errors import UserError


def test_rows_have_the_scores_of_the_run(rows: list[LeaderboardRow]) -> None:
    best = rows[2]
    assert (best.model, best.date, best.quoted) == ("best", "2024-05-31", False)
    assert best.scores["all_task"] == pytest.approx(75.0)
    assert best.scores["retrieval"] == pytest.approx(75.0)
    assert best.scores["xquad"] == pytest.approx(75.0)
    assert best.languages["panx"]["sw"] == pytest.approx(75.0)


def test_an_incomplete_run_has_blanks_and_no_average(rows: list[LeaderboardRow]) -> None:
    part = standings(rows, 0, 0)[-1]
    assert part.row.model == "part"
    assert part.rank is None
    assert set(part.row.scores) == {"tagging", "qa", "pawsx", "panx", "udpos", "bucc2018", "xquad", "mlqa", "tydiqa"}


UNKNOWN_PARENT = {"path": "e5", "provenance": None}
KNOWN_PARENT = {"path": "x", "provenance": None, "hub": {"id": "xlm-roberta-large", "revision": "0"}}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Protocol("zero-shot", "frozen")),
        ({"encoder": TUNED}, Protocol("zero-shot", "tuned")),
        ({"provenance": {**TUNED, "zero_shot": False}}, Protocol("beyond English", "frozen")),
        ({"provenance": None}, Protocol("not known", "frozen")),
        ({"hub": ""}, Protocol("not known", "not known")),
        ({"hub": "intfloat/multilingual-e5-small"}, Protocol("not known", "not known")),
        ({"hub": "FacebookAI/xlm-roberta-base"}, Protocol("zero-shot", "frozen")),
        ({"hub": "somebody/xlm-roberta-base"}, Protocol("not known", "not known")),
        ({"provenance": {**TUNED, "parents": [UNKNOWN_PARENT]}}, Protocol("not known", "frozen")),
        ({"provenance": {**TUNED, "parents": [KNOWN_PARENT]}}, Protocol("zero-shot", "frozen")),
        ({"without": ("bucc2018", "tatoeba")}, Protocol("zero-shot", "none")),
        ({"options": {"limit": 5}}, Protocol("zero-shot", "frozen", "first 5 items of each cell")),
    ],
)
def test_the_protocol_comes_from_provenance(tmp_path: Path, change: dict[str, Any], expected: Protocol) -> None:
    rest: dict[str, Any] = {
        "without": ("panx", "udpos", "xquad", "mlqa", "tydiqa", "pawsx", *change.pop("without", ()))
    }
    assert run_row(write_run(tmp_path / "run", share(3, 4), **rest, **change)).protocol == expected


def test_made_up_test_sets_stand_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xharness.leaderboard.runs.is_of_other_size", is_of_other_size)
    run = write_run(tmp_path / "run", share(3, 4), langs=("de", "en"))
    assert run_row(run).protocol.test == "test data of other sizes than the published ones"
    limited = write_run(tmp_path / "limited", share(3, 4), langs=("de", "en"), options={"limit": 4})
    assert run_row(limited).protocol.test == "first 4 items of each cell"


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


def test_the_description_says_what_encoder_retrieves(tmp_path: Path) -> None:
    rest: dict[str, Any] = {"without": ("panx", "udpos", "xquad", "mlqa", "tydiqa", "pawsx", "xnli"), "hub": ""}
    described = tmp_path / "model.toml"
    described.write_text(TEMPLATE)
    bare = write_run(tmp_path / "bare", share(3, 4), **rest)
    assert run_row(bare, described).protocol == Protocol("zero-shot", "frozen")
    described.write_text(TEMPLATE.replace('"pretrained" ', '"tuned"      '))
    assert run_row(bare, described).protocol == Protocol("zero-shot", "tuned")
    described.write_text("".join(line for line in TEMPLATE.splitlines(True) if "retrieval" not in line))
    assert run_row(bare, described).protocol == Protocol("zero-shot", "not known")
    described.write_text(TEMPLATE)
    with pytest.raises(UserError, match="says that the encoder of retrieval is the pretrained one"):
        run_row(write_run(tmp_path / "tuned", share(3, 4), encoder=TUNED, **rest), described)


def test_what_is_no_run_is_said(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(UserError, match="no run at"):
        run_row(tmp_path / "none")
    with pytest.raises(UserError, match="is not a run"):
        run_row(folder / "best" / "scores.json")
