"""Cells on disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.harness.runs.opened import ITEMS, PARTS, RECORD, TEXT
from xharness.runs import cells as stored
from xharness.runs.folder import RunFolder
from xharness.runs.record import Record
from xharness.tasks.common.keys import content_key


def test_a_cell_comes_back_as_it_was_saved(folder: RunFolder) -> None:
    found = folder.record("xnli", "de", "test")
    assert found is not None
    assert (found.key, found.n, found.signature, found.prediction) == (content_key(PARTS), 2, "s", "test-de.tsv")
    assert (folder.path / "predictions/xnli/test-de.tsv").read_text(encoding="utf-8") == TEXT
    assert folder.records() == [found]
    items = folder.items(found)["main"]
    assert (items.ids, items.clusters) == (("1", "ü"), ("c", ""))
    np.testing.assert_array_equal(items.statistics, ITEMS["main"].statistics)


def test_a_cell_may_have_no_prediction_and_no_statistics(folder: RunFolder) -> None:
    folder.save(Record("bucc2018", "zh", "dev", "k2", 5, "s", reason="none", extra={"threshold": 1.5}), None, {})
    found = folder.record("bucc2018", "zh", "dev")
    assert found is not None
    assert folder.items(found) == {}
    assert dict(found.extra) == {"threshold": 1.5}
    assert not (folder.path / "predictions/bucc2018").exists()


def test_records_are_in_order_whatever_the_language_is_called(folder: RunFolder) -> None:
    for task, language in (("xnli", "ar"), ("panx", "x-y.z"), ("udpos", "zh")):
        folder.save(Record(task, language, "test", "k", 0, "s", prediction=f"test-{language}.tsv"), "", {})
    assert [(record.task, record.language) for record in folder.records()] == [
        ("panx", "x-y.z"), ("udpos", "zh"), ("xnli", "ar"), ("xnli", "de")
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["predictions/xnli/test-de.tsv", "items/xnli/test-de.npz", "items/xnli/test-de.json"])
@pytest.mark.parametrize("harm", ["cut", "gone", "longer", "empty"])
def test_a_cell_is_done_only_if_its_files_are_whole(folder: RunFolder, name: str, harm: str) -> None:
    path = folder.path / name
    data = path.read_bytes()
    if harm == "gone":
        path.unlink()
    else:
        path.write_bytes({"cut": data[:-7], "longer": data + b"x", "empty": b""}[harm])
    assert folder.record("xnli", "de", "test") is None
    assert folder.records() == []
    folder.save(RECORD, TEXT, ITEMS)
    assert folder.record("xnli", "de", "test") is not None


@pytest.mark.parametrize("content", ["[]", "3", '{"task": "xnli"}', '{"unknown": 1}', "\x80"])
def test_a_record_that_is_none_is_not_done(folder: RunFolder, content: str) -> None:
    (folder.path / "items/xnli/test-de.json").write_text(content, encoding="latin-1")
    assert folder.record("xnli", "de", "test") is None


def test_stray_files_among_the_records_are_left_out(folder: RunFolder) -> None:
    (folder.path / "items/xnli/notes.json").write_text("{}")
    (folder.path / "items/xnli/test-fr.json.bak").write_text("{}")
    (folder.path / "items/read.me").write_text("")
    assert len(folder.records()) == 1


def test_another_key_is_seen(folder: RunFolder) -> None:
    folder.save(Record(**{**RECORD.__dict__, "key": "k2", "parts": {}}), "neutral\n", ITEMS)
    found = folder.record("xnli", "de", "test")
    assert found is not None
    assert found.key == "k2"
    assert (folder.path / "predictions/xnli/test-de.tsv").read_text() == "neutral\n"


def test_a_cell_that_is_computed_again_is_not_done_meanwhile(
    folder: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(path: Path, _content: Any) -> None:
        raise KeyboardInterrupt(path)

    monkeypatch.setattr(stored, "write_atomic", killed)
    with pytest.raises(KeyboardInterrupt):
        folder.save(RECORD, "neutral\n", ITEMS)
    assert folder.record("xnli", "de", "test") is None
