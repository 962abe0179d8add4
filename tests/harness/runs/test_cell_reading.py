"""One cell of a run that need not be finished."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.harness.runs.opened import ITEMS, RECORD, TEXT, message
from xharness.runs.cell_reading import read_cell
from xharness.runs.folder import RunFolder
from xharness.tasks.common.errors import UserError


def test_a_cell_is_read_before_its_run_is_finished(folder: RunFolder) -> None:
    found = read_cell(folder.path, "xnli", "de")
    assert found.prediction.read_text(encoding="utf-8") == TEXT
    assert found.items["main"].ids == ITEMS["main"].ids
    assert not (folder.path / "scores.json").exists()


def test_the_others_are_not_looked_at(folder: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a report of 10,000 cells would list 10,000 files for each of them."""
    monkeypatch.setattr(RunFolder, "names", lambda _self: pytest.fail("all cells were listed"))
    assert read_cell(folder.path, "xnli", "de").record.language == "de"


def test_dev_stands_in_where_there_is_no_test(folder: RunFolder) -> None:
    folder.save(replace(RECORD, language="sw", split="dev", prediction="dev-sw.tsv"), TEXT, ITEMS)
    assert read_cell(folder.path, "xnli", "sw").record.split == "dev"
    folder.save(replace(RECORD, language="sw", prediction="test-sw.tsv"), TEXT, ITEMS)
    assert read_cell(folder.path, "xnli", "sw").record.split == "test"


@pytest.mark.parametrize(
    ("task", "language", "there"), [("xnli", "fr", "it holds xnli in de"), ("panx", "de", "it holds xnli")]
)
def test_what_is_there_is_named(folder: RunFolder, task: str, language: str, there: str) -> None:
    with pytest.raises(UserError) as caught:
        read_cell(folder.path, task, language)
    assert f"has no {task} in '{language}'" in message(caught)
    assert there in message(caught)


def test_a_cell_without_gold_or_with_other_answers_is_refused(folder: RunFolder) -> None:
    folder.save(replace(RECORD, language="sw", n=0, prediction="", reason="no gold here"), None, {})
    with pytest.raises(UserError, match="has no score for xnli in 'sw'") as caught:
        read_cell(folder.path, "xnli", "sw")
    assert caught.value.why == "no gold here"
    folder.prediction_path("xnli", RECORD.prediction).write_text("neutral\nneutral\n")
    with pytest.raises(UserError, match=r"xnli in 'de' of .* is damaged"):
        read_cell(folder.path, "xnli", "de")
