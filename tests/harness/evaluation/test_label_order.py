"""Names for outputs that a config does not name, and their order checked by English dev."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.harness.conftest import Demo
from tests.harness.evaluation.made import options
from xharness.evaluation import label_order
from xharness.evaluation.evaluate import evaluate
from xharness.evaluation.label_order import check_label_orders
from xharness.evaluation.prepare import prepare
from xharness.tasks.common.errors import UserError

NAMES = ("contradiction", "entailment", "neutral")
GIVEN = ",".join(NAMES)


@pytest.fixture
def nameless(demo: Demo, tmp_path: Path) -> Path:
    """A checkpoint as a plain training script leaves it."""
    folder = Path(shutil.copytree(demo.models / "xnli", tmp_path / "nameless"))
    config = json.loads((folder / "config.json").read_text("utf-8"))
    assert list(config["id2label"].values()) == list(NAMES)
    config |= {"id2label": {str(k): f"LABEL_{k}" for k in range(3)}, "label2id": {f"LABEL_{k}": k for k in range(3)}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "xharness.json").unlink(missing_ok=True)
    return folder


def test_named_outputs_answer_and_the_number_says_how_they_were_named(
    demo: Demo, nameless: Path, tmp_path: Path
) -> None:
    chosen = options(demo, tmp_path / "run", model=nameless, tasks="xnli", langs="de")
    with pytest.raises(UserError, match="--label-names contradiction,entailment,neutral"):
        evaluate(chosen)
    named = replace(chosen, label_names=GIVEN)
    result = evaluate(named)
    plain = evaluate(options(demo, tmp_path / "plain", tasks="xnli", langs="de"))
    assert result.scores["xnli"] == plain.scores["xnli"]
    assert f"|labels:{GIVEN.replace(',', '/')}" in result.scores["xharness"]["cells"]["xnli"]["de"]["signature"]
    (said,) = (note for note in result.manifest["notes"] if "label names" in note)
    assert said == (
        "xnli: the order of the label names was not checked: there are not 50 examples of English dev with labels"
    )
    again = evaluate(named)
    assert (again.computed, again.manifest["notes"]) == (0, result.manifest["notes"])
    with pytest.raises(UserError, match="another run"):
        evaluate(replace(named, label_names="neutral,entailment,contradiction"))


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("no,yes,maybe", "its labels (no, yes, maybe) are not those of xnli"),
        ("no,yes", "fits no head"),
        ("no,no,yes", "cannot use --label-names"),
    ],
)
def test_names_that_fit_nothing_are_refused(demo: Demo, nameless: Path, tmp_path: Path, names: str, said: str) -> None:
    with pytest.raises(UserError) as error:
        prepare(options(demo, tmp_path / "run", model=nameless, tasks="xnli", label_names=names))
    assert said in str(error.value)


def test_outputs_that_have_names_are_not_renamed(demo: Demo, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="fits no head"):
        prepare(options(demo, tmp_path / "run", model=demo.models / "xnli", tasks="xnli", label_names=GIVEN))


def test_names_in_the_place_of_the_gold_folder_are_told_from_it(demo: Demo, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--label-names a,b"):
        prepare(options(demo, tmp_path / "run", labels=Path("a,b")))


def _said(demo: Demo, nameless: Path, out: Path, monkeypatch: pytest.MonkeyPatch, answer: Any) -> str:
    """What is said of a model that answers so to English dev."""
    from xharness.compute.device import resolve
    from xharness.evaluation.plan import Plan

    monkeypatch.setattr(label_order, "LEAST", 1)
    monkeypatch.setattr(label_order, "answers_to_dev", lambda _plan, _cell, dev, _models: list(map(answer, dev.gold)))
    chosen = options(demo, out, model=nameless, tasks="xnli", langs="de", label_names=GIVEN)
    plan = Plan.of(prepare(chosen), resolve("cpu", "fp32"))
    models: Any = None
    return check_label_orders(plan, plan.cells, models)["xnli"]


def test_the_right_order_is_far_above_all_others(
    demo: Demo, nameless: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = _said(demo, nameless, tmp_path / "run", monkeypatch, lambda gold: gold)
    assert "the order given scores 100.0, far above the next best" in said


def test_another_order_that_is_far_better_is_named(
    demo: Demo, nameless: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    swapped = dict(zip(NAMES, ("neutral", "entailment", "contradiction"), strict=True))
    with pytest.raises(UserError) as error:
        _said(demo, nameless, tmp_path / "run", monkeypatch, swapped.__getitem__)
    assert error.value.fix == "--label-names neutral,entailment,contradiction"


def test_a_model_that_guesses_says_nothing_of_the_order(
    demo: Demo, nameless: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = Random(0)
    monkeypatch.setattr(label_order, "FAR", 200.0)
    said = _said(demo, nameless, tmp_path / "run", monkeypatch, lambda _gold: random.choice(NAMES))
    assert "not far enough from the others to tell" in said
