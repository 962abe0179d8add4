"""Two languages in one pair of texts, out of parallel test sets."""

from __future__ import annotations

from pathlib import Path

import pytest

from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.data import DataFolder
from xharness.tasks.diagnostics.mixed_languages import TASKS, pair_names
from xharness.tasks.registry import Registry

MIXED = TASKS[0]


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """XNLI in German and Swahili, three rows of which one label differs."""
    for language, labels in {"de": "entailment neutral neutral", "sw": "entailment neutral entailment"}.items():
        rows = "".join(f"p{row}-{language}\th{row}-{language}\r\n" for row in range(3))
        (tmp_path / "download" / "xnli").mkdir(parents=True, exist_ok=True)
        (tmp_path / "download" / "xnli" / f"test-{language}.tsv").write_text(rows)
        (tmp_path / "labels" / "xnli").mkdir(parents=True, exist_ok=True)
        (tmp_path / "labels" / "xnli" / f"test-{language}.tsv").write_text(labels.replace(" ", "\n") + "\n")
    return DataFolder.open(tmp_path)


def test_tasks_have_all_pairs_and_are_like_those_that_they_mix() -> None:
    assert [(task.name, len(task.languages)) for task in TASKS] == [("xnli-mixed", 225), ("pawsx-mixed", 49)]
    base = Registry().tasks["xnli"]
    assert (MIXED.labels, MIXED.metric, MIXED.suite_folders) == (base.labels, base.metric, base.suite_folders)
    assert MIXED.recipe is None
    assert pair_names(("de", "sw")) == ("de-de", "de-sw", "sw-de", "sw-sw")


def test_the_first_text_is_of_one_language_and_the_second_of_the_other(folder: DataFolder) -> None:
    assert folder.languages(MIXED) == list(pair_names(("de", "sw")))
    cell = folder.load(MIXED, "de-sw")
    pairs = [(pair.first, pair.second, pair.id) for pair in cell.examples]  # type: ignore[attr-defined]
    assert pairs == [(f"p{row}-de", f"h{row}-sw", str(row + 1)) for row in range(3)]
    assert (cell.task, cell.language) == (MIXED, "de-sw")
    assert cell.gold == ["entailment", "neutral", "neutral"]
    assert "gold differs between languages: that of de counts" in cell.notes
    assert folder.load(MIXED, "sw-de").gold == ["entailment", "neutral", "entailment"]
    assert len(cell.files) == 4
    assert len(folder.load(MIXED, "de-sw", limit=2).examples) == 2


def test_a_pair_of_one_language_is_the_cell_itself(folder: DataFolder) -> None:
    own, plain = folder.load(MIXED, "de-de"), folder.load(Registry().tasks["xnli"], "de")
    assert (own.examples, own.gold) == (plain.examples, plain.gold)
    assert not any("differs" in note for note in own.notes)


def test_what_a_cell_holds_tells_what_it_is(folder: DataFolder) -> None:
    """The key follows from every file of both languages, and from which one comes first."""
    keys = {language: folder.hashes.sha256(folder.files(MIXED, language)) for language in ("de-sw", "sw-de", "de-de")}
    assert len({*keys.values()}) == 3


def test_files_of_different_length_are_a_problem(folder: DataFolder) -> None:
    path = folder.download / "xnli" / "test-sw.tsv"
    path.write_text(path.read_text() + "p\th\n")
    (Path(str(folder.labels)) / "xnli" / "test-sw.tsv").write_text("entailment\n" * 4)
    (problem,) = folder.load(MIXED, "de-sw").problems
    assert f"3 rows in {folder.download / 'xnli' / 'test-de.tsv'}, 4 rows in {path}" in problem.what


def test_problems_of_both_files_come_through(folder: DataFolder) -> None:
    (folder.download / "xnli" / "test-sw.tsv").write_text("one column\n" * 3)
    assert len(folder.load(MIXED, "de-sw").problems) >= 3


@pytest.mark.parametrize("language", ["de-fr", "fr-de"])
def test_a_language_that_is_not_there(folder: DataFolder, language: str) -> None:
    task: Task = MIXED
    assert not folder.holds(task, language)
    with pytest.raises(UserError, match="no test data of xnli in 'fr'"):
        folder.load(task, language)
