"""Evaluation as a whole: complete, resumable, and never mixing what does not belong together."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.harness.conftest import Demo
from tests.harness.evaluation.made import contents, copied, options
from xharness.evaluation.evaluate import Reporter, Result, evaluate
from xharness.predict import embed as embed_module
from xharness.retrieve.bucc import PLACES, MiningOptions
from xharness.submissions.check import check
from xharness.submissions.expected import expected_of_data
from xharness.submissions.files import tasks_of
from xharness.submissions.score import score_folder
from xharness.tasks.common.errors import BadFiles
from xharness.tasks.registry import XTREME


def test_all_162_cells_are_answered_and_form_a_complete_submission(demo: Demo, whole: Result) -> None:
    folder = whole.prepared.folder.path
    assert whole.computed == 162
    assert len(list((folder / "predictions").glob("*/test-*"))) == 162
    expected = expected_of_data(demo.data, XTREME, tasks_of(XTREME))
    assert check(folder, XTREME, gold=demo.data / "labels", expected=expected) == []


def test_scores_are_those_of_the_scorer_on_the_same_files(demo: Demo, whole: Result) -> None:
    scores, problems = score_folder(
        whole.prepared.folder.path, demo.data / "labels", XTREME, lenient=False, resamples=1000, seed=0
    )
    assert problems == []
    assert scores is not None
    assert whole.scored.official == scores.official
    assert "all_task" in scores.official
    assert whole.scored.all_task == scores.all_task is not None
    on_disk = json.loads((whole.prepared.folder.path / "scores.json").read_text())
    assert on_disk == whole.scores


def test_every_cell_has_a_signature_an_interval_and_statistics(whole: Result) -> None:
    cells = whole.scores["xharness"]["cells"]
    for task in whole.prepared.registry.select("xtreme"):
        for language in task.languages:
            cell = cells[task.name][language]
            assert f"task:{task.name}.{language}|" in cell["signature"]
            assert (whole.prepared.folder.path / "items" / task.name / f"test-{language}.npz").is_file()
    assert "layer:2/3=reference-scaled" in cells["tatoeba"]["de"]["signature"]
    assert {"accuracy_to_english"} <= cells["tatoeba"]["de"]["variants"].keys()
    assert {"oracle_threshold_f1"} <= cells["bucc2018"]["de"]["variants"].keys()
    assert cells["bucc2018"]["de"]["threshold_from"] == "dev gold"


def test_the_same_command_again_computes_nothing_and_changes_nothing(demo: Demo, whole: Result) -> None:
    before = contents(whole.prepared.folder.path)
    again = evaluate(whole.prepared.options)
    assert again.computed == 0
    assert contents(whole.prepared.folder.path) == before
    assert again.manifest["phases"] == whole.manifest["phases"]


def test_answers_do_not_depend_on_the_batch_size(demo: Demo, whole: Result, tmp_path: Path) -> None:
    chosen = {"tasks": "xnli,udpos,xquad,tatoeba", "langs": "de,zh,th"}
    small = evaluate(options(demo, tmp_path / "small", batch_tokens=64, **chosen))
    for path in (small.prepared.folder.path / "predictions").glob("*/*"):
        twin = whole.prepared.folder.path / "predictions" / path.parent.name / path.name
        assert path.read_bytes() == twin.read_bytes(), path


def test_a_run_goes_on_with_another_batch_size(demo: Demo, tmp_path: Path) -> None:
    chosen: dict[str, Any] = {"tasks": "xnli", "langs": "de", "resamples": 0}
    evaluate(options(demo, tmp_path / "run", **chosen))
    assert evaluate(options(demo, tmp_path / "run", batch_tokens=64, **chosen)).computed == 0


def test_a_run_may_be_completed_task_by_task(demo: Demo, tmp_path: Path) -> None:
    evaluate(options(demo, tmp_path / "run", tasks="xnli", langs="de"))
    second = evaluate(options(demo, tmp_path / "run", tasks="pawsx"))
    assert second.computed == 7
    assert set(second.scores["xnli"]["accuracy"]) == {"de"}
    assert len(second.scores["pawsx"]["accuracy"]) == 7


def test_changed_data_are_answered_again_and_nothing_else_is(demo: Demo, tmp_path: Path) -> None:
    data = copied(demo.data, tmp_path / "data")
    chosen = options(demo, tmp_path / "run", data=data, tasks="udpos", langs="de,fr")
    evaluate(chosen)
    key = json.loads((tmp_path / "run/items/udpos/test-de.json").read_text())["key"]
    path = data / "download" / "udpos" / "test-de.tsv"
    words = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join(["other", *words[1:]]), encoding="utf-8")
    assert evaluate(chosen).computed == 2  # both languages share a chunk, so both go through the model
    assert json.loads((tmp_path / "run/items/udpos/test-de.json").read_text())["key"] != key


def test_a_damaged_cell_is_done_again(demo: Demo, tmp_path: Path) -> None:
    chosen = options(demo, tmp_path / "run", tasks="xnli", langs="de")
    evaluate(chosen)
    before = contents(tmp_path / "run")
    path = tmp_path / "run" / "predictions" / "xnli" / "test-de.tsv"
    path.write_bytes(path.read_bytes()[:-3])
    assert evaluate(chosen).computed == 1
    assert contents(tmp_path / "run") == before


def test_labels_may_lie_elsewhere(demo: Demo, tmp_path: Path) -> None:
    download = copied(demo.data / "download" / "xnli", tmp_path / "files" / "xnli").parent
    result = evaluate(
        options(demo, tmp_path / "run", data=download, labels=demo.data / "labels", tasks="xnli", langs="de")
    )
    assert "de" in result.scores["xnli"]["accuracy"]


def test_what_was_kept_of_unfinished_cells_goes_when_they_are_done(demo: Demo, tmp_path: Path) -> None:
    chosen = options(demo, tmp_path / "run", tasks="pawsx", langs="de", limit=2)
    evaluate(chosen)
    left = tmp_path / "run" / "unfinished"
    left.mkdir()
    (left / "0123").write_bytes(b"killed just before it was removed")
    assert evaluate(chosen).computed == 0
    assert not left.exists()


def test_who_continues_is_told_what_was_done(demo: Demo, tmp_path: Path) -> None:
    evaluate(options(demo, tmp_path / "run", tasks="pawsx", langs="de,fr"))
    notes: list[str] = []
    said: list[str] = []
    reporter = Reporter(lambda what, _share: said.append(what), notes.append)
    evaluate(options(demo, tmp_path / "run", tasks="pawsx,xnli", langs="de,fr"), reporter)
    assert "2 of 4 cells were done" in notes
    assert said[:2] == ["checking model and data", "reading data: 0 of 2 cells"]
    assert "xnli: de fr" in said


def test_a_slow_precision_is_said_before_a_model_is_loaded(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    for number, has in enumerate((False, True)):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda has=has: {"avx512_bf16": has})
        said: list[str] = []
        reporter = Reporter(lambda what, _share, said=said: said.append(what), said.append)  # type: ignore[misc]
        chosen = options(demo, tmp_path / f"run{number}", tasks="pawsx", langs="de", limit=2, precision="bf16")
        evaluate(chosen, reporter)
        slow = [n for n, what in enumerate(said) if "bf16" in what]
        assert len(slow) == (not has)
        assert all(n < min(k for k, what in enumerate(said) if "loading" in what) for n in slow)


def test_limit_cuts_answers_and_gold_and_says_so(demo: Demo, tmp_path: Path) -> None:
    result = evaluate(options(demo, tmp_path / "run", tasks="xnli,xquad,tatoeba", langs="de", limit=2))
    cells = result.scores["xharness"]["cells"]
    assert [cells[task]["de"]["n"] for task in ("xnli", "xquad", "tatoeba")] == [2, 2, 2]
    assert "limited to the first 2 examples" in result.scores["xharness"]["notes"][0]
    assert "|limit:2|" in cells["xnli"]["de"]["signature"]


def test_a_sweep_scores_every_block_in_one_pass(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rooms: list[tuple[int, Path | None]] = []
    room = embed_module.room_for

    def told(shape: tuple[int, ...], kind: Any, folder: Path | None) -> Any:
        rooms.append((shape[0], folder))
        return room(shape, kind, folder)

    monkeypatch.setattr(embed_module, "room_for", told)
    swept = evaluate(options(demo, tmp_path / "run", tasks="retrieval", langs="de", layer="sweep"))
    assert set(rooms) == {(3, tmp_path / "run")}, "vectors of several blocks are on disk"
    rooms.clear()
    sweep = swept.scores["xharness"]["sweep"]
    assert list(sweep["tatoeba"]["de"]["accuracy"]) == ["1", "2", "3"]
    assert (tmp_path / "run" / "sweep-tatoeba-accuracy.png").read_bytes().startswith(b"\x89PNG")
    for layer in ("1", "3"):
        one = evaluate(options(demo, tmp_path / f"run{layer}", tasks="retrieval", langs="de", layer=layer))
        assert one.scores["tatoeba"]["accuracy"]["de"] == sweep["tatoeba"]["de"]["accuracy"][layer]
        assert one.scores["bucc2018"]["f1"]["de"] == sweep["bucc2018"]["de"]["f1"][layer]
    assert set(rooms) == {(1, None)}
    assert swept.scores["tatoeba"]["accuracy"]["de"] == sweep["tatoeba"]["de"]["accuracy"]["2"]


def test_vectors_on_disk_are_named_in_the_signature_and_gone_afterwards(demo: Demo, tmp_path: Path) -> None:
    held, stored = (
        evaluate(options(demo, tmp_path / place, tasks="bucc2018", langs="de", mining=MiningOptions(vectors=place)))
        for place in PLACES
    )
    assert "|vectors:fp16|" in stored.scores["xharness"]["cells"]["bucc2018"]["de"]["signature"]
    assert {path.name for path in (tmp_path / "disk").iterdir()} == {
        path.name for path in (tmp_path / "memory").iterdir()
    }
    assert stored.scores["bucc2018"]["f1"]["de"] == pytest.approx(held.scores["bucc2018"]["f1"]["de"], abs=5)


def test_malformed_data_are_refused_with_every_line(demo: Demo, tmp_path: Path) -> None:
    data = copied(demo.data, tmp_path / "data")
    for language in ("de", "fr"):
        path = data / "download" / "xnli" / f"test-{language}.tsv"
        lines = path.read_text(encoding="utf-8").split("\n")
        path.write_text("\n".join([lines[0], "one column", *lines[2:]]), encoding="utf-8")
    with pytest.raises(BadFiles) as caught:
        evaluate(options(demo, tmp_path / "run", data=data, tasks="xnli", langs="de,fr,zh"))
    assert [(problem.file.name, problem.line) for problem in caught.value.problems] == [
        ("test-de.tsv", 2),
        ("test-fr.tsv", 2),
    ]
    assert not (tmp_path / "run" / "predictions").exists()


def test_killed_at_random_moments_the_same_command_ends_in_the_same_bytes(
    demo: Demo, whole: Result, tmp_path: Path
) -> None:
    """Three kills while cells are being written, then the command once more, against an undisturbed run."""
    chosen = ["--tasks", "xnli,udpos,xquad,tatoeba,bucc2018", "--device", "cpu"]
    command = [sys.executable, "-c", "from xharness.cli import main; main()", "evaluate", "--quiet", *chosen]
    command += ["--model", str(demo.models), "--data", str(demo.data)]
    subprocess.run([*command, "--out", str(tmp_path / "calm")], check=True)
    rng, run = random.Random(0), tmp_path / "killed"
    interrupted = 0
    for _ in range(3):
        before = set(run.glob("items/*/*.json"))
        process = subprocess.Popen([*command, "--out", str(run)])
        while process.poll() is None and set(run.glob("items/*/*.json")) <= before:
            time.sleep(0.01)
        time.sleep(rng.uniform(0, 0.25))
        process.send_signal(signal.SIGKILL)
        interrupted += process.wait() == -signal.SIGKILL
        for path in sorted(run.glob("items/*/*.json"))[::3]:
            path.unlink()  # make sure that work is left
    assert interrupted
    subprocess.run([*command, "--out", str(run)], check=True)
    assert contents(run) == contents(tmp_path / "calm")


DYING = """
import os, signal
from xharness.predict import stream
from xharness.cli import main
pad, batches = stream.pad, 0
def counting(*inputs):
    global batches
    if batches == END:
        os.kill(os.getpid(), signal.SIGKILL)
    batches += 1
    return pad(*inputs)
stream.pad = counting
try:
    main()
finally:
    print("batches", batches)
"""


def batches_of(command: list[str], end: int) -> int:
    """Run a command that is killed before batch ``end``; the batches that it computed, -1 if it was killed."""
    dying = [sys.executable, "-c", DYING.replace("END", str(end)), *command]
    done = subprocess.run(dying, capture_output=True, text=True, check=False)
    if done.returncode == -signal.SIGKILL:
        return -1
    assert done.returncode == 0, done.stderr
    return int(done.stdout.rsplit("batches ", 1)[1])


@pytest.mark.parametrize("tasks", ["xnli", "udpos", "xquad", "tatoeba", "bucc2018"])
def test_killed_within_a_chunk_a_batch_is_lost_and_the_bytes_are_the_same(
    tasks: str, demo: Demo, tmp_path: Path
) -> None:
    """Killed before any cell is written: the same command computes only what is left."""
    command = ["evaluate", "--quiet", "--tasks", tasks, "--langs", "de,zh", "--device", "cpu", "--batch-tokens", "32"]
    command += ["--model", str(demo.models), "--data", str(demo.data), "--resamples", "0"]
    calm, run = [*command, "--out", str(tmp_path / "calm")], [*command, "--out", str(tmp_path / "run")]
    total = batches_of(calm, 10**6)
    end = total * 2 // 3
    assert end > 1
    assert batches_of(run, end) == -1
    assert not list((tmp_path / "run").rglob("items/*/*"))
    assert batches_of(run, 10**6) == total - end
    assert contents(tmp_path / "run") == contents(tmp_path / "calm")
    assert not (tmp_path / "run" / "unfinished").exists()
