"""Votes over copies with synonyms: another run than the plain one, told by every number, for texts only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.harness.conftest import Demo
from tests.harness.evaluation.made import options
from xharness.evaluation.evaluate import evaluate
from xharness.tasks.common.errors import UserError


def test_a_vote_is_another_run_and_says_how_it_was_taken(demo: Demo, tmp_path: Path) -> None:
    synonyms = tmp_path / "synonyms.tsv"
    words = sorted({word for line in (demo.data / "download").rglob("*en*") for word in _words(line)})[:200]
    synonyms.write_text("".join(f"{word}\t{words[-place]}\n" for place, word in enumerate(words)), encoding="utf-8")
    base: dict[str, Any] = {"tasks": "xnli,pawsx", "langs": "de,en"}
    plain = evaluate(options(demo, tmp_path / "plain", **base))
    chosen = options(demo, tmp_path / "vote", **base, synonyms=synonyms, votes=5)
    voted = evaluate(chosen)
    signature = voted.scores["xharness"]["cells"]["xnli"]["de"]["signature"]
    assert "|votes:5/synonyms=" in signature
    assert "votes" not in plain.scores["xharness"]["cells"]["xnli"]["de"]["signature"]
    assert evaluate(chosen).computed == 0
    for change in ({"votes": 6}, {"seed": 1}, {"synonyms": None, "votes": None}):
        with pytest.raises(UserError, match="another run"):
            evaluate(replace(chosen, **change))
    synonyms.write_text("nowhere\telse\n", encoding="utf-8")
    with pytest.raises(UserError, match="another run"):
        evaluate(chosen)


def _words(file: Path) -> list[str]:
    return [word for word in file.read_text(encoding="utf-8").lower().split() if word.isalpha()]


def test_only_texts_can_be_voted_about(demo: Demo, tmp_path: Path) -> None:
    synonyms = tmp_path / "synonyms.tsv"
    synonyms.write_text("ba\tlu\n", encoding="utf-8")
    for tasks, problem in (("xnli,udpos", "--synonyms with udpos"), (None, "--synonyms with")):
        with pytest.raises(UserError, match=problem):
            evaluate(options(demo, tmp_path / "run", tasks=tasks, synonyms=synonyms))
    with pytest.raises(UserError, match="--votes without --synonyms"):
        evaluate(options(demo, tmp_path / "run", tasks="xnli", votes=3))
    with pytest.raises(UserError, match="no synonyms at"):
        evaluate(options(demo, tmp_path / "run", tasks="xnli", synonyms=tmp_path / "nothing"))
    assert not (tmp_path / "run").exists()
