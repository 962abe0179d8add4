"""Training with synonyms: what is replaced, what never is, and that it depends on seed, step and example only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Tiny
from tests.harness.train.engines import KINDS, Setting, examples, losses, weights
from xharness.compute.loading import Loaded
from xharness.tasks.common.errors import BadFiles, UserError
from xharness.tasks.recipe import Recipe
from xharness.tasks.substitution import DrawBelow, WordSubstitution
from xharness.tasks.synonyms import Synonyms, read_synonyms
from xharness.tasks.types.extractive_qa import SpanQuestion
from xharness.tasks.types.multiple_choice import ChoiceQuestion
from xharness.tasks.types.tagging import TaggedSentence
from xharness.tasks.types.text_classification import SentencePair
from xharness.train.loop.settings import TrainerCallbacks
from xharness.train.objectives import objective_class
from xharness.train.objectives.base import IGNORED, Objective, TrainingInstance
from xharness.train.synonyms import Augmenter

WORDS = {"ba": ("lu",), "ko": ("gi", "ne tus"), "dar": ("mi",)}


def last(below: int) -> int:
    """Always the last synonym."""
    return below - 1


def substitute(example: Any, draw: DrawBelow = last) -> Any:
    """An example with its words drawn, by the objective of its type."""
    (task,) = (task for task, made in map(examples, KINDS) if type(made[0]) is type(example))
    return objective_class(task).substitute(example, WordSubstitution(WORDS, draw))


def test_a_list_is_read_and_lines_of_a_word_add_up(tmp_path: Path) -> None:
    file = tmp_path / "synonyms.tsv"
    file.write_text("Ba\tlu\nko\tgi\tne tus\n\nba\tmi\n", encoding="utf-8")
    assert read_synonyms(file).words == {"ba": ("lu", "mi"), "ko": ("gi", "ne tus")}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("ba\n", "synonyms.tsv:1: 'ba' has no synonym"),
        ("ba\tlu\nko ko\tgi\n", ":2: 'ko ko' is not one word"),
    ],
)
def test_lines_that_are_no_synonyms(tmp_path: Path, content: str, problem: str) -> None:
    file = tmp_path / "synonyms.tsv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(BadFiles) as caught:
        read_synonyms(file)
    assert problem in caught.value.why
    with pytest.raises(UserError, match="no synonyms at"):
        read_synonyms(tmp_path / "nothing.tsv")


def test_every_kind_of_example_keeps_what_it_is_scored_by() -> None:
    pair = substitute(SentencePair("1", "Ba dar.", "KO ba-ba", "neutral"))
    assert (pair.first, pair.second, pair.label) == ("Lu mi.", "NE TUS ba-ba", "neutral")
    tagged = substitute(TaggedSentence("1", ("Ba", "ko", "."), ("X", "NOUN", "PUNCT")))
    assert (tagged.words, tagged.tags) == (("Lu", "gi", "."), ("X", "NOUN", "PUNCT"))  # one word stays one word
    choice = substitute(ChoiceQuestion("1", "ba", "ko?", ("dar", "tus"), 1))
    assert (choice.premise, choice.question, choice.choices, choice.label) == ("lu", "ne tus?", ("mi", "tus"), 1)


def test_answers_are_never_touched_and_their_places_are_right() -> None:
    question = SpanQuestion("1", "ba?", "ko ba ko dar ko", (("ba ko", 3), ("r", 11)))
    found = substitute(question)
    assert (found.question, found.context) == ("lu?", "ne tus ba ko dar ne tus")
    assert [found.context[start : start + len(text)] for text, start in found.answers] == ["ba ko", "r"]


@given(st.text("ba kodr.-", max_size=40), st.integers(0, 39), st.integers(0, 12), st.integers(0, 5))
def test_answers_stay_where_they_are_found(context: str, start: int, size: int, drawn: int) -> None:
    text = context[start : start + size]
    found = substitute(SpanQuestion("1", "", context, ((text, start),)), lambda below: drawn % below)
    ((kept, place),) = found.answers
    assert kept == text
    assert found.context[place : place + len(text)] == text or start > len(context)


def _instances(objective: Objective, loaded: Loaded, recipe: Recipe, examples: Sequence[Any]) -> list[TrainingInstance]:
    """Instances of changed examples."""
    return objective.make_instances(objective.task, objective.labels, examples, loaded, recipe)


def augmented(tiny: Tiny, kinds: tuple[str, ...], folder: Path) -> Setting:
    """A setting whose examples are varied by synonyms."""
    setting = Setting(tiny, kinds, folder, dropout=0.0)
    for kind in kinds:
        task, made = examples(kind)
        objective = setting.objectives[task.name]

        recipe = setting.recipe if kind == "qa" else replace(setting.recipe, max_length=64)
        encode = partial(_instances, objective, setting.loaded, recipe)
        objective.augment = Augmenter(type(objective), made, encode, Synonyms(WORDS, ""), 42)
    return setting


@pytest.mark.parametrize("kind", KINDS)
def test_units_differ_by_step_and_by_nothing_else(tiny: Tiny, tmp_path: Path, kind: str) -> None:
    (objective,) = augmented(tiny, (kind,), tmp_path).objectives.values()
    (again,) = augmented(tiny, (kind,), tmp_path).objectives.values()
    views = [[objective.instance_at_step(number, step) for number in range(20)] for step in (1, 2)]
    assert views[0] == [again.instance_at_step(number, 1) for number in range(20)]
    assert views[0] != views[1]
    if kind in ("sequence", "choice"):
        assert [view.target for view in views[0]] == [objective.instances[number].target for number in range(20)]
    if kind == "token":
        kept = [
            [tag for tag in instance.target if tag != IGNORED] for instance in (*views[0], *objective.instances[:20])
        ]
        assert kept[:20] == kept[20:]


def test_the_labelled_pieces_are_still_the_answer(tiny: Tiny, tmp_path: Path) -> None:
    setting = augmented(tiny, ("qa",), tmp_path)
    (objective,) = setting.objectives.values()
    _, made = examples("qa")
    checked = 0
    for number, instance in enumerate(objective.instances):
        view = objective.instance_at_step(number, 3)
        if view.target != (0, 0):
            pieces = view.rows[0][view.target[0] : view.target[1] + 1]
            assert setting.loaded.tokenizer.decode(pieces).strip() == made[instance.example].answers[0][0]
            checked += view != instance
    assert checked > 10


def test_micro_batches_change_rounding_only_and_resume_is_exact(tiny: Tiny, tmp_path: Path) -> None:
    curves = [losses(augmented(tiny, KINDS, tmp_path / str(b)).trainer(b), 12) for b in (100_000, 200)]
    assert curves[0] == pytest.approx(curves[1], abs=1e-5)

    def interrupt(_what: str, fraction: float) -> None:
        if fraction > 0.5:
            raise RuntimeError("killed")

    calm = augmented(tiny, KINDS, tmp_path / "calm").trainer(200)
    calm.run(TrainerCallbacks())
    with pytest.raises(RuntimeError, match="killed"):
        augmented(tiny, KINDS, tmp_path / "out").trainer(200, save_every=2).run(TrainerCallbacks(progress=interrupt))
    again = augmented(tiny, KINDS, tmp_path / "out").trainer(200, save_every=2)
    again.run(TrainerCallbacks())
    assert all(
        torch.equal(weight, weights(again.learner.raw)[name]) for name, weight in weights(calm.learner.raw).items()
    )
