"""From options to the specification of a phase."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness.conftest import Demo
from tests.harness.train.phases import options
from tests.harness.train.specifications import unread  # noqa: F401
from xharness.train.mixture_options import MixtureOptions
from xharness.train.specify import specify


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
def test_options_of_the_mixture_change_the_key(demo: Demo, tmp_path: Path) -> None:
    mixed = options(demo, tmp_path, "mlm", "xnli")
    weighted = MixtureOptions(strategy="temperature", temperature=3.0)
    keys = {specify(each).key for each in (mixed, replace(mixed, mlm_alpha=0.7), replace(mixed, mlm_ratio=0.5))}
    assert len(keys) == 3
    assert specify(replace(mixed, mlm_ratio=0.2)).key == specify(mixed).key  # that is the default
    assert specify(replace(mixed, mixture=weighted)).key not in keys
