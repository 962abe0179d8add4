"""The registry: what it finds, in which order, and what it leaves out."""

from __future__ import annotations

import pkgutil
from dataclasses import replace
from importlib import import_module

import pytest

import xharness.tasks
from xharness.tasks import xnli
from xharness.tasks.base import Recipe
from xharness.tasks.common.errors import UserError
from xharness.tasks.diagnostics import DIAGNOSTICS, TOGETHER
from xharness.tasks.intermediate import INTERMEDIATE
from xharness.tasks.packs import PACKS
from xharness.tasks.registry import XTREME, Registry, as_known, built_in, select_languages


def test_orders_are_the_official_scorers() -> None:
    official = ["pawsx", "xnli", "panx", "udpos", "bucc2018", "tatoeba", "xquad", "mlqa", "tydiqa"]
    assert list(XTREME.languages) == official
    assert list(built_in()) == [*official, "xcopa", "mewslix", "lareqa"]
    assert [task.name for task in Registry().select(None)] == official


def test_every_module_with_a_task_is_known() -> None:
    names = [module.name for module in pkgutil.iter_modules(xharness.tasks.__path__) if not module.ispkg]
    declared = [module for name in names if hasattr(module := import_module(f"xharness.tasks.{name}"), "TASK")]
    assert {module.TASK.name for module in declared} == {*built_in()}
    assert Registry().known.keys() == {*built_in(), *DIAGNOSTICS, *PACKS, *INTERMEDIATE}


def test_the_case_of_a_name_does_not_matter() -> None:
    registry = Registry()
    assert [task.name for task in registry.select("XNLI,QA")] == ["xnli", "xquad", "mlqa", "tydiqa"]
    assert registry.task("Bucc2018").name == "bucc2018"
    assert registry.trainable("PANX").name == "panx"
    assert as_known("mood", ["Mood", "mood"]) == "mood"
    assert as_known("MOOD", ["Mood", "mood"]) == "MOOD", "either could be meant"


def test_what_an_own_task_trains_on() -> None:
    shared = replace(xnli.TASK, name="shared", trains_on="xnli")
    data = replace(xnli.TASK, name="data", group="intermediate")
    registry = Registry([shared, data, replace(xnli.TASK, name="untrained", recipe=None)])
    assert registry.trainable("shared") is xnli.TASK
    assert registry.trainable("data") is data
    assert {*registry.added} == {"shared", "untrained"}
    assert "data" not in registry.tasks
    with pytest.raises(UserError) as caught:
        registry.trainable("untrained")
    assert "declares no recipe" in caught.value.why
    assert "recipe=Recipe(...)" in caught.value.fix


def test_a_name_is_declared_once() -> None:
    for name in ("xnli", "mnli"):
        with pytest.raises(UserError, match=f"'{name}' is declared twice"):
            Registry(
                [replace(xnli.TASK, name=name, recipe=Recipe(learning_rate=1, epochs=1, batch_size=1, max_length=8))]
            )


def test_newer_benchmarks_are_evaluated_only_when_they_are_named() -> None:
    registry = Registry()
    assert not {task.name for task in (*registry.select(None), *registry.select("all"))} & PACKS.keys()
    assert not registry.added.keys() & PACKS.keys()
    assert {task.name for task in registry.select("newer")} == {*PACKS}
    assert [task.name for task in registry.select("africa,americas")] == [
        "masakhaner2", "masakhaner2-names", "americasnli",
    ]  # fmt: skip


def test_languages_are_named_in_any_spelling_and_by_region() -> None:
    tasks = Registry().select("sib200,xnli")
    assert select_languages(tasks, "swh_Latn,de,zho_Hant") == {"sw", "de", "zh-Hant"}
    assert select_languages(tasks, "americas,en") == {"ay", "gn", "ht", "pap", "qu", "en"}
    assert select_languages(tasks, "americas,de", {"gn", "fr"}) == {"gn", "de"}  # of a region, those with data
    with pytest.raises(UserError, match="no language of americas"):
        select_languages(Registry().select("xnli"), "americas")
    with pytest.raises(UserError, match="unknown language 'swe'"):
        select_languages(Registry().select("xnli"), "swe")


def test_diagnostics_are_evaluated_only_when_they_are_named() -> None:
    registry = Registry()
    assert not {task.name for task in (*registry.select(None), *registry.select("all"))} & DIAGNOSTICS.keys()
    assert [task.name for task in registry.select("diagnostics")] == list(TOGETHER)
    assert {*DIAGNOSTICS} - {*TOGETHER} == {"xnli-permuted", "pawsx-permuted"}
    assert not registry.added.keys() & DIAGNOSTICS.keys()
