"""Cells of permutations: the example itself, then one order after another, always the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.tasks.readers.made_up import write
from xharness.tasks.base import Task
from xharness.tasks.data import DataFolder
from xharness.tasks.diagnostics.permuted import MOST, TASKS, DrawnOrders, cell_names, permuted
from xharness.tasks.registry import Registry
from xharness.tasks.types.text_classification import SentencePair

TEXT = "one two three four five six."


@pytest.fixture
def data(tmp_path: Path) -> DataFolder:
    write(tmp_path / "download/xnli/test-de.tsv", f"{TEXT}\tA b\n" * 2)
    write(tmp_path / "labels/xnli/test-de.tsv", "neutral\nentailment\n")
    return DataFolder.open(tmp_path)


def texts(data: DataFolder, task: Task, name: str) -> list[tuple[str, str | None]]:
    cell = data.load(task, name)
    assert not cell.problems
    assert cell.gold == ["neutral", "entailment"]
    return [(each.first, each.second) for each in cell.examples if isinstance(each, SentencePair)]


def test_cells_are_languages_and_numbers(data: DataFolder) -> None:
    task = TASKS[0]
    assert cell_names(["de", "en"], 1) == ("de-0", "de-1", "en-0", "en-1")
    assert data.languages(task) == list(cell_names(["de"], MOST))
    assert texts(data, task, "de-0") == [(TEXT, "A b"), (TEXT, "A b")]
    drawn = [texts(data, task, f"de-{number}") for number in (1, 2, 3)]
    assert len({first for rows in drawn for first, _ in rows}) > 3
    assert all(
        second == "b A" and sorted(first[:-1].split()) == sorted(TEXT[:-1].split())
        for r in drawn
        for first, second in r
    )
    assert [texts(data, task, f"de-{number}") for number in (1, 2, 3)] == drawn


def test_other_draws_are_other_texts_and_say_so(data: DataFolder) -> None:
    base = Registry().tasks["xnli"]
    window = permuted(base, DrawnOrders("window", 1, 4))
    assert window.signature == {"perturbation": "window,size=1,seed=4,gold=undefined"}
    assert TASKS[0].signature == {"perturbation": "derangement,seed=0,gold=undefined"}
    other = permuted(base, DrawnOrders(seed=1))
    assert texts(data, other, "de-1") != texts(data, TASKS[0], "de-1")
    assert replace(other, combination=None).recipe is None
