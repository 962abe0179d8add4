"""The key of a phase: from what was asked for and the files' content, known before an example is read."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.harness.conftest import Demo
from tests.harness.train.phases import QUICK, options
from tests.harness.train.specifications import unread  # noqa: F401
from xharness.tasks.common.errors import UserError
from xharness.train.finetune import finetune
from xharness.train.mixture_options import MixtureOptions
from xharness.train.specify import specify


@pytest.mark.usefixtures("unread")
@pytest.mark.parametrize(
    "more",
    [
        {"seed": 7}, {"sets": (*QUICK, "weight_decay=0.5")}, {"examples": 3}, {"precision": "bf16"},
        {"mixture": MixtureOptions(grouped=True)}, {"where": "genre=fiction"},
    ],
    ids=str,
)  # fmt: skip
def test_what_changes_the_result_changes_the_key(demo: Demo, tmp_path: Path, more: dict[str, Any]) -> None:
    assert specify(options(demo, tmp_path, "xnli", **more)).key != specify(options(demo, tmp_path, "xnli")).key


def test_a_finished_phase_is_recognised_unread(demo: Demo, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    chosen = options(demo, tmp_path / "ckpt", "xnli")
    finetune(chosen)
    request.getfixturevalue("unread")
    assert finetune(chosen) == tmp_path / "ckpt"
    with pytest.raises(UserError, match="holds another training"):
        finetune(replace(chosen, data_seed=3, examples=3))


def test_another_result_of_the_same_parent_is_not_taken_for_it(demo: Demo, tmp_path: Path) -> None:
    """A parent of the same key whose weights came out otherwise, as on another machine."""
    chosen = options(demo, tmp_path / "ckpt", "xnli")
    phase = specify(chosen, parent_key="the same")
    finetune(chosen, specification=phase)
    assert json.loads((tmp_path / "ckpt" / "xharness.json").read_text())["identity"]["parent"] == "the same"
    other = Path(shutil.copytree(demo.models / "encoder", tmp_path / "other"))
    (other / "config.json").write_text((other / "config.json").read_text() + "\n")
    again = specify(replace(chosen, model=other), parent_key="the same")
    assert again.key == phase.key
    with pytest.raises(UserError, match="was trained from other weights"):
        finetune(replace(chosen, model=other), specification=again)


# --- negatives -------------------------------------------------------------------------------------------------------


def test_negatives_are_a_field_of_the_recipe_of_dual_encoders(demo: Demo, tmp_path: Path) -> None:
    chosen, set_ = (
        specify(options(demo, tmp_path, "lareqa", **more))
        for more in ({"negatives": 3}, {"sets": (*QUICK, "negatives=3")})
    )
    assert chosen.key == set_.key != specify(options(demo, tmp_path, "lareqa")).key
    both = specify(options(demo, tmp_path, "xnli", "squad_pairs", negatives=3))
    assert [recipe.negatives for recipe in both.recipes.values()] == [None, 3]
    assert [recipe.pooling for recipe in both.recipes.values()] == [None, "pooler"]


@pytest.mark.parametrize(
    ("tasks", "more", "what"),
    [
        (("xnli",), {"negatives": 4}, "--negatives 4 with xnli"),
        (("xnli", "udpos"), {"negatives": 4}, "--negatives 4 with xnli, udpos"),
        (("mlm",), {"negatives": 4}, "--negatives 4 with mlm"),
        (("lareqa",), {"negatives": 1}, "--negatives is 1"),
        (("lareqa",), {"negatives": 4, "sets": ("negatives=8",)}, "--negatives and --set negatives="),
    ],
)
def test_negatives_that_would_be_ignored(
    demo: Demo, tmp_path: Path, tasks: tuple[str, ...], more: dict[str, Any], what: str
) -> None:
    with pytest.raises(UserError) as caught:
        specify(options(demo, tmp_path, *tasks, **more))
    assert caught.value.what == what
