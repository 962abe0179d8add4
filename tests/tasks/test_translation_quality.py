"""BLEU and chrF of translations, as sacrebleu itself gives them, and the command around them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from xharness.cli import main
from xharness.tasks.common.errors import BadFiles, UserError
from xharness.tasks.translation_quality import translation_quality


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    return (
        write(tmp_path / "mt", "the red door is open now .", "she went home late today ."),
        write(tmp_path / "ref", "the red door is open .", "she went home early today ."),
    )


def test_the_numbers_are_those_of_sacrebleus_own_command(files: tuple[Path, Path]) -> None:
    ours = translation_quality("de", *files)
    for metric, score in (("bleu", ours.bleu), ("chrf", ours.chrf)):
        command = [sys.executable, "-m", "sacrebleu", str(files[1]), "-i", str(files[0]), "-m", metric, "-b", "-w", "4"]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert float(printed) == pytest.approx(score, abs=1e-4)
    assert "tok:13a" in ours.bleu_signature
    assert ours.sentences == 2


def test_scripts_without_spaces_are_cut(files: tuple[Path, Path]) -> None:
    assert "tok:zh" in translation_quality("zh", *files).bleu_signature
    assert "tok:char" in translation_quality("th", *files).bleu_signature


def test_files_that_do_not_fit(files: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(UserError, match="de: 1 translations, but 2 references"):
        translation_quality("de", write(tmp_path / "short", "the door"), files[1])
    with pytest.raises(BadFiles):
        translation_quality("de", tmp_path / "none", files[1])


def test_the_command(
    files: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def call(*arguments: str) -> int:
        monkeypatch.setattr(sys, "argv", ["xharness", "data", "translation-quality", *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
            raise SystemExit(0)
        return int(stopped.value.code or 0)

    hypothesis, reference = ["--hypothesis", f"de={files[0]}"], ["--reference", f"de={files[1]}"]
    assert call(*hypothesis, *reference, "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["language"] == "de"
    assert call(*hypothesis, *reference) == 0
    assert "chrF|nrefs:1" in capsys.readouterr().out
    assert call(*hypothesis, "--reference", f"fr={files[1]}") == 1
    assert "only one of the two files for de, fr" in capsys.readouterr().err
    assert call("--hypothesis", str(files[0]), *reference) == 1


@pytest.mark.shared_data
def test_a_translation_against_itself_and_against_another_language(shared_data: Path) -> None:
    folder = shared_data / "mt" / "ntrex128"
    german, english = folder / "newstest2019-ref.deu.txt", folder / "newstest2019-src.eng.txt"
    assert translation_quality("de", german, german).bleu == pytest.approx(100)
    untranslated = translation_quality("de", english, german)
    assert (untranslated.sentences, untranslated.bleu < 10, untranslated.chrf < 40) == (1997, True, True)
