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
from xharness.evaluation.evaluate import Reporter
from xharness.studies.phase_trainer import find_phase
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import render_json
from xharness.tasks.common.keys import content_key
from xharness.tasks.common.sealed import seal
from xharness.train.earlier import as_of_today
from xharness.train.finetune import finetune
from xharness.train.mixture_options import MixtureOptions
from xharness.train.mixture_options import describe as describe_mixture
from xharness.train.options import FinetuneOptions
from xharness.train.phase import Phase
from xharness.train.prepare import prepare
from xharness.train.specify import specify


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads or encodes an example fails."""

    def read(*_: object, **__: object) -> None:
        raise AssertionError("an example was read")

    for name in ("prepare.load_tokenizer", "prepare.read", "prepare.read_text", "prepare.objective"):
        monkeypatch.setattr(f"xharness.train.{name}", read)


def notes_of(chosen: FinetuneOptions) -> list[str]:
    """What a training says."""
    notes: list[str] = []
    finetune(chosen, Reporter(lambda _what, _fraction: None, notes.append))
    return notes


@pytest.mark.usefixtures("unread")
def test_the_key_is_known_before_an_example_is_read(demo: Demo, tmp_path: Path) -> None:
    assert len(specify(options(demo, tmp_path, "mlm", "xnli", "squad_v1")).key) == 64


@pytest.mark.usefixtures("unread")
def test_names_of_recipes_and_places_of_files_say_nothing(demo: Demo, tmp_path: Path) -> None:
    plain = specify(options(demo, tmp_path, "mnli", sets=())).key
    assert specify(options(demo, tmp_path / "other", "mnli", sets=(), recipe="jiant")).key == plain
    assert specify(options(demo, tmp_path, "mnli", sets=("batch_size=16", "batch_size=32"))).key == plain
    moved = Path(shutil.copytree(demo.data, tmp_path / "data", ignore=shutil.ignore_patterns("text")))
    assert specify(options(demo, tmp_path, "mnli", sets=(), data=moved)).key == plain


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


@pytest.mark.usefixtures("unread")
def test_options_of_the_mixture_change_the_key(demo: Demo, tmp_path: Path) -> None:
    mixed = options(demo, tmp_path, "mlm", "xnli")
    weighted = MixtureOptions(strategy="temperature", temperature=3.0)
    keys = {specify(each).key for each in (mixed, replace(mixed, mlm_alpha=0.7), replace(mixed, mlm_ratio=0.5))}
    assert len(keys) == 3
    assert specify(replace(mixed, mlm_ratio=0.2)).key == specify(mixed).key  # that is the default
    assert specify(replace(mixed, mixture=weighted)).key not in keys


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


# --- what earlier versions trained -----------------------------------------------------------------------------------


def version_1(phase: Phase) -> dict[str, Any]:
    """The identity of a phase as version 1 had it."""
    now: Any = phase.specification.identity
    drawn = any(recipe.selection.examples for recipe in phase.recipes.values())
    old = {name: value for name, value in now.items() if name not in ("version", "seed")}
    return old | {
        "recipe": {name: recipe.record() for name, recipe in phase.recipes.items()},
        "dev": {name: dict.fromkeys(dev, "0" * 64) if drawn else dev for name, dev in now["dev"].items()},
        "mixture": describe_mixture(phase.sizes, phase.mixture) if len(phase.data) > 1 else None,
    }


@pytest.mark.parametrize(
    ("tasks", "more"),
    [
        (("xnli",), {}),
        (("xnli",), {"sets": (*QUICK, "dev_examples=2")}),
        (("xnli", "udpos"), {"mixture": MixtureOptions(strategy="capped", cap=3)}),
        (("mlm", "xnli"), {"mlm_alpha": 0.5}),
        (("mlm",), {}),
    ],
    ids=str,
)
def test_an_identity_of_version_1_is_recognised(
    demo: Demo, tmp_path: Path, tasks: tuple[str, ...], more: dict[str, Any]
) -> None:
    phase = prepare(options(demo, tmp_path, *tasks, **more))
    old = version_1(phase)
    assert as_of_today(old, phase.specification) == phase.specification.identity
    if "mixture" in more:
        other = specify(options(demo, tmp_path, *tasks, **more | {"mixture": MixtureOptions(strategy="uniform")}))
        assert as_of_today(old, other)["mixture"] != other.identity["mixture"]
    changed = specify(options(demo, tmp_path, *tasks, **more | {"seed": 3}))
    assert as_of_today(old, changed) != changed.identity


def test_a_phase_that_an_earlier_version_finished_is_used(demo: Demo, tmp_path: Path) -> None:
    sets = (*QUICK, "dev_examples=2")
    chosen = options(demo, tmp_path / "phases" / "xnli-0123456789ab", "xnli", sets=sets)
    folder = finetune(chosen)
    record = json.loads((folder / "xharness.json").read_text())
    old = version_1(prepare(chosen))
    (folder / "xharness.json").write_text(render_json(seal({**record, "identity": old, "phase": content_key(old)})))
    before = (folder / "model.safetensors").stat().st_mtime_ns
    (note,) = notes_of(chosen)
    assert note.startswith("note: not verified: ")
    assert (folder / "model.safetensors").stat().st_mtime_ns == before
    phase = specify(chosen)
    assert find_phase(tmp_path / "phases", phase) == folder
    other = specify(replace(chosen, seed=3))
    assert find_phase(tmp_path / "phases", other).name == f"xnli-{other.key[:12]}"
    with pytest.raises(UserError, match="holds another training") as caught:
        finetune(replace(chosen, seed=3))
    assert caught.value.why == "seed was 42, now 3"


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
