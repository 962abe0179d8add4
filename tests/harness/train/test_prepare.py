"""What is checked before anything is trained."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness.compute.encoders import with_token
from tests.harness.conftest import Demo
from tests.harness.train.phases import QUICK, options
from xharness.tasks.common.errors import UserError
from xharness.train.prepare import prepare


@pytest.mark.parametrize("name", ["xquad", "xnli"])
def test_no_room_for_text_is_said_before_anything_is_trained(demo: Demo, tmp_path: Path, name: str) -> None:
    sets = (*QUICK[:-1], "max_length=8")
    if name == "xnli":
        assert prepare(options(demo, tmp_path, name, sets=sets)).total == 6  # it has room for a few pieces
        return
    with pytest.raises(UserError) as caught:
        prepare(options(demo, tmp_path, name, sets=sets))
    assert caught.value.what.startswith("no room for the context beside a question of ")
    assert caught.value.fix == "raise it: --set max_length=N or cut questions: --set max_question_length=N"
    assert prepare(options(demo, tmp_path, name, sets=(*sets, "max_question_length=2"))).total == 6


def test_questions_of_dev_are_asked_for_room_too(demo: Demo, tmp_path: Path) -> None:
    """Else training would end at the first evaluation on dev."""
    from xharness.train.prepare import _check_room

    phase = prepare(options(demo, tmp_path, "xquad"))
    data = phase.data["squad_v1"]
    dev = {"en": replace(data.dev["en"], examples=[replace(data.dev["en"].examples[0], question="lomi " * 80)])}
    recipe = replace(phase.recipe, max_length=60)
    _check_room(phase.loaded, replace(data, dev={}), recipe)
    with pytest.raises(UserError, match="beside a question of 64 pieces"):
        _check_room(phase.loaded, replace(data, dev=dev), recipe)


def test_a_token_without_a_vector_is_refused_before_training(demo: Demo, tmp_path: Path) -> None:
    start = with_token(tmp_path / "start", "Zuerichsee").path
    with pytest.raises(UserError, match=r"has tokens that the model does not know \(Zuerichsee\)"):
        prepare(options(demo, tmp_path, "xnli", model=start))
