"""``submission check`` and ``submission pack`` as a user meets them."""

from pathlib import Path

from tests.harness.conftest import Call
from tests.submissions.conftest import Folders, submission

__all__ = ["submission"]  # a fixture


def test_check(call: Call, submission: Folders) -> None:
    code, printed, err = call("submission", "check", submission.predictions, "--labels", submission.labels)
    assert (code, err) == (0, "")
    assert printed == f"{submission.predictions}: complete, 162 files as the leaderboard wants them\n"
    submission.prediction("xnli", "de").unlink()
    code, printed, err = call("submission", "check", submission.predictions, "--labels", submission.labels)
    assert (code, printed) == (1, "")
    assert "xnli/test-de.tsv: no such file; xnli is scored in 'de' too" in err
    assert "is not a complete xtreme submission" in err


def test_check_takes_labels_of_the_data_folder(call: Call, submission: Folders) -> None:
    code, _, _ = call("submission", "check", submission.predictions, "--data", submission.labels.parent)
    assert code == 0
    code, _, err = call("submission", "check", submission.predictions, "--data", "nowhere")
    assert code == 1
    assert "error: no data folder at nowhere" in err


def test_check_finds_gold_beside_a_download_folder(call: Call, submission: Folders) -> None:
    data = submission.labels.parent
    (data / "download" / "xnli").mkdir(parents=True)
    (data / "download" / "xnli" / "test-de.tsv").write_text("a\tb\n" * 4)
    assert call("submission", "check", submission.predictions, "--data", data / "download")[0] == 0
    submission.label("xnli", "de").write_text("neutral\n" * 3, encoding="utf-8")
    code, _, err = call("submission", "check", submission.predictions, "--data", data / "download")
    assert code == 1
    assert "xnli/test-de.tsv: 4 labels, but 3 expected (in labels/xnli/test-de.tsv)" in err


def test_pack(call: Call, submission: Folders, tmp_path: Path) -> None:
    out = tmp_path / "mine.zip"
    code, printed, _ = call("submission", "pack", submission.predictions, "--out", out, "--labels", submission.labels)
    assert code == 0
    assert printed.startswith(f"{out}: 162 of 162 files, sha256 ")
    submission.prediction("xnli", "de").unlink()
    code, _, err = call("submission", "pack", submission.predictions, "--out", out, "--labels", submission.labels)
    assert code == 1
    assert "not packed: 161 of 162 files are there, with 1 problem" in err
    arguments = ("--out", out, "--labels", submission.labels, "--allow-incomplete")
    code, printed, err = call("submission", "pack", submission.predictions, *arguments)
    assert code == 0
    assert "161 of 162 files" in printed
    assert "test-de.tsv: no such file" in err
