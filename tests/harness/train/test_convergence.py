"""A training that came to nothing is marked in its provenance, and wherever its numbers are shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.harness.conftest import Call, Demo
from tests.harness.train.phases import QUICK, options
from tests.tasks.readers.ranked import write_rows
from xharness.checkpoints.provenance import did_not_train, read
from xharness.evaluation.evaluate import Reporter
from xharness.tasks.base import Items
from xharness.tasks.common.errors import UserError
from xharness.train import convergence
from xharness.train.convergence import interval_doubt, loss_doubt, right_or_wrong_doubt
from xharness.train.finetune import finetune
from xharness.train.loop import validation
from xharness.train.loop.validation import ValidationSet, dev_items


def test_losses_that_never_fell() -> None:
    assert loss_doubt([0.5, 0.5, 0.7, 0.7, 0.6, 0.6, 0.9, 0.9]) == [
        "the training loss never fell: its mean is 0.500 over the first quarter of the log, and 0.600 or more over "
        "each later one"
    ]
    assert loss_doubt([0.7, 0.7, 0.8, 0.8, 0.69, 0.69, 0.9, 0.9]) == []
    assert loss_doubt([0.5, 0.7, 0.9, 0.9, 0.9, 0.9, 0.9]) == []  # too few to tell


@pytest.mark.parametrize(
    ("right", "count", "level", "marked"),
    [(58, 100, 50.0, True), (59, 100, 50.0, False), (30, 100, 50.0, True), (4, 4, 50.0, False), (0, 4, 50.0, False)],
)
def test_right_answers_beside_chance(right: int, count: int, level: float, marked: bool) -> None:
    """Guessing gives 59 of 100 with probability 0.044 and 58 with 0.067; four answers can say nothing."""
    assert bool(right_or_wrong_doubt(right, count, level)) == marked


def test_a_bound_is_stated() -> None:
    assert right_or_wrong_doubt(55, 100, 50.0) == [
        "55 of 100 are right on English dev, which is not above chance (50.0 %): guessing gives as many with "
        "probability 0.18, and the bound is 0.05"
    ]


def test_scores_that_are_no_share_of_right_answers() -> None:
    from xharness.tasks import xquad

    dev = ValidationSet(xquad.TASK, "en", [], [], (), 64, None)
    ids = tuple(map(str, range(40)))
    columns = len(xquad.TASK.metric.columns)
    statistics = np.full((40, columns), 1.0)
    statistics[:20, : columns - 1] = 0
    items = Items(ids, ids, statistics)
    assert interval_doubt(dev, items, 10.0) == []
    (said,) = interval_doubt(dev, items, 45.0)
    assert said.startswith("the score on English dev (50.0, 95 % interval [")
    assert said.endswith("]) is not above chance (45.0)")


@pytest.fixture
def hopeless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing is above chance: the bound is one that nobody can reach on six examples."""
    monkeypatch.setattr(convergence, "right_or_wrong_doubt", lambda *_: ["guesses"])
    yield


@pytest.fixture
def marked(demo: Demo, tmp_path: Path, hopeless: None) -> Path:
    return finetune(options(demo, tmp_path / "suite" / "pawsx", "pawsx"))


def test_the_mark_is_part_of_the_phase_s_record(demo: Demo, tmp_path: Path, hopeless: None) -> None:
    notes: list[str] = []
    told = Reporter(lambda _what, _share: None, notes.append)
    folder = finetune(options(demo, tmp_path / "ckpt", "pawsx", "udpos"), told)
    records = {name: json.loads((folder / name / "xharness.json").read_text()) for name in ("pawsx", "udpos")}
    assert did_not_train(records["pawsx"]) == ["guesses"]
    assert "note: pawsx did not train: guesses" in notes
    child = finetune(options(demo, tmp_path / "child", "xquad", model=folder / "pawsx"))
    record = json.loads((child / "xharness.json").read_text())
    assert "guesses" not in did_not_train(record)  # its parent's mark is in its parent's entry
    assert record["parents"][0]["provenance"]["did_not_train"] == ["guesses"]


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many examples each evaluation of a dev set had; every training is marked with its right answers."""
    found: list[int] = []

    def counted(dev: ValidationSet, *rest: Any) -> Items:
        found.append(len(dev.examples))
        return dev_items(dev, *rest)

    monkeypatch.setattr(validation, "dev_items", counted)
    monkeypatch.setattr(convergence, "right_or_wrong_doubt", lambda right, count, _level: [f"{right} of {count}"])
    monkeypatch.setattr(convergence, "MOST_EXAMPLES", 4)
    return found


def test_what_chose_the_weights_has_answered_dev(
    demo: Demo, tmp_path: Path, answered: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = options(demo, tmp_path / "plain", "pawsx", sets=(*QUICK, "steps=4", "eval_every=2"))
    record = read(finetune(chosen))
    assert answered == [20, 20], "two evaluations chose, and nothing more was asked"
    answered.clear()

    def fail(*_: object, **__: object) -> None:
        raise UserError("no room", "the disk is full", "make room")

    with monkeypatch.context() as patch, pytest.raises(UserError, match="no room"):
        patch.setattr(convergence, "loss_doubt", fail)
        finetune(replace(chosen, out=tmp_path / "again"))
    again = read(finetune(replace(chosen, out=tmp_path / "again")))
    assert answered == [20, 20, 20], "nobody remembers what they were"
    assert did_not_train(again) == did_not_train(record)
    assert did_not_train(record)[0].endswith(" of 20")


def test_where_nothing_chose_the_first_examples_are_answered(demo: Demo, tmp_path: Path, answered: list[int]) -> None:
    folder = finetune(options(demo, tmp_path / "ckpt", "pawsx", sets=(*QUICK, "steps=2", "select=last")))
    assert answered == [4]
    assert did_not_train(read(folder))[0].endswith(" of 4")


def test_wherever_numbers_are_shown(demo: Demo, marked: Path, tmp_path: Path, call: Call) -> None:
    run = tmp_path / "run"
    found = call("evaluate", "--model", marked, "--data", demo.data, "--out", run, "--tasks", "pawsx", "--langs", "de")
    assert "note: pawsx: the model did not train: guesses" in " ".join(found.out.split())
    ranked = call("leaderboard", run, "--no-published", "--by", "language")
    assert ranked.code == 0, ranked.err
    assert "[did not train: pawsx]" in " ".join(ranked.out.split())
    assert "did not train: pawsx: guesses" in " ".join(ranked.out.split())
    assert json.loads(call("leaderboard", run, "--format", "json").out)["sections"]
    assert "guesses" in call("models", "show", marked).out
    compared = call("compare", run, run)
    assert "run did not train: pawsx: guesses" in " ".join(compared.out.split())
    page = tmp_path / "page.html"
    assert call("report", run, "--out", page).code == 0
    assert page.read_text(encoding="utf-8").count("guesses") >= 2  # a remark, and in the family tree


def test_a_model_that_learned_nothing_is_caught(demo: Demo, tmp_path: Path) -> None:
    """COPA, whose last step is kept, so that nothing else looks at dev."""
    for split, count in (("train", 20), ("val", 60)):
        rows = [
            {"premise": f"ba {n}", "choice1": "ko", "choice2": "gi", "question": "cause", "label": n % 2, "idx": n}
            for n in range(count)
        ]
        write_rows(tmp_path / "data" / "intermediate" / "copa" / f"{split}.jsonl", rows)
    sets = ("steps=2", "batch_size=4", "learning_rate=1e-9", "max_length=64", "select=last")
    folder = finetune(options(demo, tmp_path / "ckpt", "copa", data=tmp_path / "data", sets=sets))
    (why,) = did_not_train(read(folder))
    assert "of 60 are right on English dev, which is not above chance (50.0 %)" in why


def test_text_has_no_dev_set_and_too_short_a_log(demo: Demo, tmp_path: Path) -> None:
    folder = finetune(options(demo, tmp_path / "ckpt", "mlm", sets=(*QUICK, "steps=1")))
    assert "did_not_train" not in (folder / "xharness.json").read_text(encoding="utf-8")
