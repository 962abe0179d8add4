"""What a user sees who did something wrong: what, why, what to do, and an exit code that is not 0."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.conftest import Call, Demo


def evaluate(demo: Demo, out: Path, *more: object) -> list[object]:
    return ["evaluate", "--model", demo.models, "--data", demo.data, "--out", out, "--device", "cpu", *more]


def message(what: str, why: str, fix: str) -> str:
    return f"error: {what}\n  why: {why}\n  fix: {fix}"


WRONG_NAMES = {
    ("--tasks", "xnlii"): ("unknown task 'xnlii'", "no task or group has this name", "did you mean 'xnli'?"),
    ("--langs", "dee"): ("unknown language 'dee'", "none of the chosen tasks has this language", "did you mean 'de'?"),
    ("--layer", "lst"): (
        "unknown layer 'lst'",
        "a layer is a block number (1 is the first, -1 the last) or a word",
        "did you mean 'last'?",
    ),
    ("--layer", "9"): (
        "no layer 9 in this model",
        "it has 3 transformer blocks",
        "use 1 to 3, or -3 to -1 from the end, or one of last, reference, sweep",
    ),
    ("--pooling", "means"): ("unknown pooling 'means'", "no such way to pool tokens", "did you mean 'mean'?"),
    ("--precision", "fp8"): ("unknown precision 'fp8'", "no such number format", "choose from: auto, bf16, fp16, fp32"),
    ("--device", "gpu"): ("unknown device 'gpu'", "no such kind of device", "did you mean 'cuda'?"),
    ("--limit", "0"): ("--limit is 0", "it must be at least 1", "give 1 or more"),
}


@pytest.mark.parametrize(("option", "expected"), WRONG_NAMES.items(), ids=" ".join)
def test_wrong_names(
    demo: Demo, tmp_path: Path, call: Call, option: tuple[str, str], expected: tuple[str, str, str]
) -> None:
    called = call(*evaluate(demo, tmp_path / "run", *option))
    assert (called.code, called.err.strip()) == (1, message(*expected))
    assert not (tmp_path / "run").exists()


def test_wrong_names_are_answered_before_torch_is_imported(demo: Demo, tmp_path: Path) -> None:
    for option in (("--tasks", "xnlii"), ("--langs", "dee"), ("--layer", "9"), ("--data", str(tmp_path))):
        arguments = ["xharness", *map(str, evaluate(demo, tmp_path / "run", "--quiet", *option))]
        code = f"import sys; sys.argv = {arguments!r}; from xharness.cli import main\ntry: main()\n"
        code += "finally: print('torch' in sys.modules, 'transformers' in sys.modules)"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert (done.returncode, done.stdout) == (1, "False False\n"), done.stderr


@pytest.mark.parametrize("arguments", [["evaluate", "--layr", "9"], ["evalute"], ["evaluate"], ["tasks", "shw"]])
def test_wrong_usage_exits_with_2_and_suggests(call: Call, arguments: list[str]) -> None:
    called = call(*arguments)
    assert called.code == 2
    assert any(hint in called.err for hint in ("--layer", "'evaluate'", "Missing: --model, --data, --out", "'show'"))


def test_data_folder_missing_empty_and_half_there(demo: Demo, tmp_path: Path, call: Call) -> None:
    out = tmp_path / "run"
    missing = call(*evaluate(demo, out, "--data", tmp_path / "none"))
    assert missing.code == 1
    assert missing.err.strip() == message(
        f"no data folder at {tmp_path / 'none'}", "nothing is there", "name it with --data DIR"
    )
    (tmp_path / "empty").mkdir()
    assert (
        f"the data folder {tmp_path / 'empty'} is empty" in call(*evaluate(demo, out, "--data", tmp_path / "empty")).err
    )
    half = tmp_path / "half"
    (half / "download" / "xnli").mkdir(parents=True)
    named = call(*evaluate(demo, out, "--data", half, "--tasks", "xnli"))
    assert named.err.strip() == message(
        "cannot evaluate xnli",
        f"no data: {half / 'download' / 'xnli'} has no test file that is known",
        f"add files to {half / 'download' / 'xnli'}/",
    )
    unnamed = call(*evaluate(demo, out, "--data", half))
    assert unnamed.code == 1
    assert "error: nothing to evaluate\n" in unnamed.err
    assert f"pawsx, panx, udpos, bucc2018, tatoeba, xquad, mlqa, tydiqa: no data: there is no {half}" in unnamed.err


def test_a_broken_line_and_labels_that_do_not_fit(demo: Demo, tmp_path: Path, call: Call) -> None:
    data = tmp_path / "data"
    for part in ("download/xnli/test-de.tsv", "labels/xnli/test-de.tsv", "download/xnli/test-fr.tsv"):
        (data / part).parent.mkdir(parents=True, exist_ok=True)
        (data / part).write_bytes((demo.data / part).read_bytes())
    text = data / "download/xnli/test-fr.tsv"
    text.write_text(text.read_text() + "no second column\n")
    gold = data / "labels/xnli/test-de.tsv"
    gold.write_text(gold.read_text() + "neutral\n")
    called = call(*evaluate(demo, tmp_path / "run", "--data", data, "--tasks", "xnli"))
    assert called.code == 1
    assert "error: 2 problems in 2 data files\n" in called.err
    assert f"  {text}:7: " in called.err
    assert f"  {gold}" in called.err
    assert called.err.endswith("  fix: fix the files; xharness data check lists every problem\n")


def test_a_checkpoint_that_cannot_answer(demo: Demo, tmp_path: Path, call: Call) -> None:
    called = call(*evaluate(demo, tmp_path / "run", "--model", demo.models / "xnli", "--tasks", "udpos"))
    assert (called.code, called.err.strip()) == (
        1,
        message(
            "cannot evaluate udpos",
            "needs a head for tagging (TokenClassification); the checkpoint is SequenceClassification",
            "fine-tune it on udpos first, or give a suite with udpos/",
        ),
    )


def test_a_hub_name_is_no_folder(demo: Demo, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    called = call(*evaluate(demo, tmp_path / "run", "--model", "xlm-roberta-base"))
    assert "error: no checkpoint at xlm-roberta-base\n" in called.err
    assert "xharness models fetch xlm-roberta-base" in called.err


def test_output_that_holds_another_run_or_other_files(demo: Demo, tmp_path: Path, call: Call) -> None:
    out = tmp_path / "run"
    assert call(*evaluate(demo, out, "--tasks", "tatoeba", "--langs", "de", "--quiet")).code == 0
    other = call(*evaluate(demo, out, "--tasks", "tatoeba", "--langs", "de", "--pooling", "cls"))
    assert (other.code, other.err.strip()) == (
        1,
        message(
            f"{out} holds another run",
            "--pooling was mean, now cls",
            "choose another --out, or pass --overwrite to throw the old run away",
        ),
    )
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").touch()
    foreign = call(*evaluate(demo, tmp_path / "mine"))
    assert (foreign.code, foreign.err.splitlines()[-3]) == (
        1,
        f"error: {tmp_path / 'mine'} is not empty and holds no run",
    )


def test_a_full_disk_keeps_what_was_done(
    demo: Demo, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = os.fsync, []

    def full(file: int) -> None:
        calls.append(file)
        if len(calls) > 8:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(file)

    arguments = evaluate(demo, tmp_path / "run", "--tasks", "xnli,pawsx", "--quiet")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        called = call(*arguments)
    assert called.code == 1
    assert ": the disk is full\n" in called.err
    assert called.err.endswith("  fix: free some space, then run the same command again: it continues\n")
    assert not list((tmp_path / "run").rglob("*.partial"))
    assert call(*arguments).code == 0


def test_a_list_that_names_nothing(demo: Demo, tmp_path: Path, call: Call) -> None:
    for option, what in (("--tasks", "task"), ("--langs", "language")):
        called = call(*evaluate(demo, tmp_path / "run", option, ","))
        assert (called.code, f"no {what} given" in called.err) == (1, True)


def test_a_named_task_that_lacks_the_language(demo: Demo, tmp_path: Path, call: Call) -> None:
    called = call(*evaluate(demo, tmp_path / "run", "--tasks", "pawsx,panx", "--langs", "af"))
    assert called.code == 1
    assert called.err.strip() == message(
        "cannot evaluate pawsx", "it has no af", "leave it out, or choose from: de, en, es, fr, ja, ko, zh"
    )


def test_a_language_without_data_is_named(demo: Demo, tmp_path: Path, call: Call) -> None:
    data = Path(shutil.copytree(demo.data, tmp_path / "data"))
    (data / "download" / "xnli" / "test-fr.tsv").unlink(missing_ok=True)
    arguments = ["evaluate", "--model", demo.models, "--data", data, "--out", tmp_path / "run", "--resamples", 0]
    called = call(*arguments, "--tasks", "xnli", "--langs", "de,fr")
    assert called.code == 1
    assert called.err.strip() == message(
        "no data in fr",
        f"--langs asks for it, but no selected task has test data of it in {data / 'download'}",
        "add the files, or leave it out: --langs de",
    )
    called = call(*arguments, "--tasks", "xnli,tatoeba", "--langs", "de,fr", "--limit", 2)
    there = (data / "download" / "tatoeba" / "fr-en.fr").is_file()
    assert called.code == (0 if there else 1)
    assert ("xnli: no data in fr" in called.out + called.err) == there


def test_brackets_in_a_path_are_a_part_of_the_path(demo: Demo, tmp_path: Path, call: Call) -> None:
    out = tmp_path / "a [b] [/c]"
    called = call(*evaluate(demo, out, "--tasks", "xnli", "--langs", "de", "--resamples", 0))
    assert called.code == 0
    assert f"{out}: scores.json" in called.out


def test_an_interrupt_says_that_what_is_done_is_kept(
    demo: Demo, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("xharness.evaluation.evaluate.evaluate", interrupted)
    called = call(*evaluate(demo, tmp_path / "run"))
    assert called.code == 130
    assert f"interrupted: what is done is kept in {tmp_path / 'run'}, and the same command continues" in called.err


def test_no_room_for_a_context_is_said_before_anything_is_computed(demo: Demo, tmp_path: Path, call: Call) -> None:
    called = call(*evaluate(demo, tmp_path / "run", "--tasks", "xnli,xquad", "--langs", "de", "--max-length", 8))
    assert called.code == 1
    lines = called.err.strip().split("\n")
    assert lines[0].startswith("error: no room for the context beside a question of ")
    assert lines[1:] == [
        "  why: the longest input is 8 pieces",
        "  fix: raise --max-length or lower --max-question-length of: xharness task xquad",
    ]
    assert not list((tmp_path / "run").rglob("*.tsv"))
    shorter = ["task", "xquad", *evaluate(demo, tmp_path / "run", "--max-question-length", 2)[1:]]
    assert call(*shorter, "--langs", "de", "--max-length", 8, "--limit", 2, "--resamples", 0).code == 0
