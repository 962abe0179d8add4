"""Packing: the same bytes for the same predictions, submission files only, nothing incomplete by accident."""

import os
import zipfile
from pathlib import Path

import pytest

from tests.submissions.conftest import Folders
from xharness.submissions.metadata import TEMPLATE
from xharness.submissions.pack import pack
from xharness.tasks.common.errors import BadFiles, UserError
from xharness.tasks.registry import XTREME


def test_bytes_depend_on_the_predictions_only(submission: Folders, tmp_path: Path) -> None:
    first = pack(submission.predictions, tmp_path / "a.zip", XTREME, gold=submission.labels)
    for path in submission.predictions.rglob("*.*"):
        os.utime(path, (1, 1))
        path.chmod(0o600)
    (submission.predictions / "notes.txt").write_text("mine")
    (submission.predictions / "xnli" / "dev-de.tsv").write_text("neutral\n")
    second = pack(submission.predictions.parent, tmp_path / "b.zip", XTREME, gold=submission.labels)
    assert first.sha256 == second.sha256
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert len(first.files) == first.of == 162
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == sorted(first.files)
        assert archive.read("xnli/test-de.tsv") == submission.prediction("xnli", "de").read_bytes()


def test_an_incomplete_submission_is_refused_and_nothing_written(submission: Folders, tmp_path: Path) -> None:
    submission.prediction("xnli", "de").unlink()
    with pytest.raises(BadFiles) as caught:
        pack(submission.predictions, tmp_path / "a.zip", XTREME, gold=submission.labels)
    assert caught.value.what == "not packed: 161 of 162 files are there, with 1 problem"
    assert "test-de.tsv" in caught.value.why
    assert not (tmp_path / "a.zip").exists()


def test_an_incomplete_one_can_be_asked_for_and_says_what_is_missing(submission: Folders, tmp_path: Path) -> None:
    submission.prediction("xnli", "de").unlink()
    result = pack(submission.predictions, tmp_path / "a.zip", XTREME, allow_incomplete=True, gold=submission.labels)
    assert len(result.files) == 161
    assert [problem.file.name for problem in result.problems] == ["test-de.tsv"]


def test_nothing_to_pack(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nothing to pack"):
        pack(tmp_path, tmp_path / "a.zip", XTREME, allow_incomplete=True)


def test_a_place_that_cannot_be_written(submission: Folders, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write"):
        pack(submission.predictions, tmp_path / "file" / "a.zip", XTREME, gold=submission.labels)


def test_the_description_of_the_model_is_packed(submission: Folders, tmp_path: Path) -> None:
    described = tmp_path / "model.toml"
    described.write_text(TEMPLATE)
    first = pack(submission.predictions, tmp_path / "a.zip", XTREME, gold=submission.labels, metadata=described)
    assert (first.predictions, first.of, first.files[-1]) == (162, 162, "metadata.toml")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read("metadata.toml").decode() == TEMPLATE
    (submission.predictions.parent / "metadata.toml").write_text(TEMPLATE)  # of the run folder
    second = pack(submission.predictions.parent, tmp_path / "b.zip", XTREME, gold=submission.labels)
    assert second.sha256 == first.sha256


def test_a_wrong_description_is_refused_and_nothing_written(submission: Folders, tmp_path: Path) -> None:
    described = tmp_path / "model.toml"
    described.write_text(TEMPLATE.replace("participant", "participants"))
    with pytest.raises(BadFiles, match="is not a description of a model"):
        pack(submission.predictions, tmp_path / "a.zip", XTREME, gold=submission.labels, metadata=described)
    assert not (tmp_path / "a.zip").exists()
