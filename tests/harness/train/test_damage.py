"""Files of an earlier call that are damaged are found by their hashes, and what they held is made again, to the bit."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.harness.conftest import Demo
from tests.harness.train.phases import options
from xharness.evaluation.evaluate import Reporter
from xharness.tasks.common.errors import UserError
from xharness.train.finetune import finetune
from xharness.train.loop.trainer import Trainer
from xharness.train.options import FinetuneOptions
from xharness.train.specify import specify

SETS = (
    "steps=4",
    "batch_size=2",
    "learning_rate=1e-3",
    "eval_every=2",
    "max_length=32",
    "select=dev",
    "dev_examples=4",
)


def flip(content: bytes) -> bytes:
    """One bit in the middle."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def halve(content: bytes) -> bytes:
    return content[: len(content) // 2]


def train(chosen: FinetuneOptions) -> list[str]:
    """What is said about damage."""
    notes: list[str] = []
    finetune(chosen, Reporter(lambda _what, _fraction: None, notes.append))
    return [note for note in notes if "damaged" in note or "starts again" in note]


def content(folder: Path) -> dict[str, bytes]:
    """Everything in a folder that is not a matter of times."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return {
        name: path.read_bytes() for name, path in files.items() if path.suffix != ".jsonl" and "xharness" not in name
    }


@pytest.fixture(scope="module")
def calm(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished phase; read-only."""
    return finetune(options(demo, tmp_path_factory.mktemp("calm") / "ckpt", "xnli", sets=SETS))


@pytest.fixture(scope="module")
def halted(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same phase, interrupted after its third step, with two saved states; read-only."""
    folder = tmp_path_factory.mktemp("halted") / "ckpt"
    step = Trainer.step

    def interrupted(trainer: Trainer) -> None:
        if trainer.progress.step == 3:
            raise KeyboardInterrupt
        step(trainer)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(UserError, match="interrupted after step 3"):
        patch.setattr(Trainer, "step", interrupted)
        finetune(options(demo, folder, "xnli", sets=SETS, save_every=1, keep=2))
    return folder


@pytest.mark.parametrize(
    ("file", "harm"),
    [
        ("model.safetensors", flip),
        ("config.json", halve),
        ("tokenizer.json", flip),
        ("xharness.json", flip),
        ("tokenizer_config.json", None),
    ],
)
def test_a_damaged_finished_phase_is_trained_again(
    demo: Demo, calm: Path, tmp_path: Path, file: str, harm: Callable[[bytes], bytes] | None
) -> None:
    out = Path(shutil.copytree(calm, tmp_path / "ckpt"))
    (out / "notes of mine.txt").write_text("kept")
    path = out / file
    path.write_bytes(harm(path.read_bytes())) if harm else path.unlink()
    assert train(options(demo, out, "xnli", sets=SETS)) == [
        f"note: {out} is damaged ({file}): the phase is trained again"
    ]
    assert content(out) == {**content(calm), "notes of mine.txt": b"kept"}
    assert not list(out.rglob(".*"))


def test_a_damaged_log_costs_no_training(demo: Demo, calm: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(calm, tmp_path / "ckpt"))
    (out / "training.jsonl").write_bytes(flip((out / "training.jsonl").read_bytes()))
    before = (out / "model.safetensors").stat().st_mtime_ns
    (said,) = train(options(demo, out, "xnli", sets=SETS))
    assert said.startswith(f"note: {out / 'training.jsonl'} is damaged")
    assert (out / "model.safetensors").stat().st_mtime_ns == before


def test_a_mark_that_does_not_tell_whose_it_is_stops(demo: Demo, calm: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(calm, tmp_path / "ckpt"))
    (out / "xharness.json").write_bytes(b"{")
    chosen = options(demo, out, "xnli", sets=SETS)
    with pytest.raises(UserError, match="is damaged") as caught:
        finetune(chosen)
    assert "which training" in caught.value.why
    assert (out / "model.safetensors").is_file()
    named = out.rename(tmp_path / f"xnli-{specify(chosen).key[:12]}")
    assert train(replace(chosen, out=named)) == [
        f"note: {named} is damaged (xharness.json): the phase is trained again"
    ]
    assert content(named) == content(calm)
    (named / "xharness.json").unlink()
    assert train(replace(chosen, out=named)) == [
        f"note: {named} is damaged (xharness.json is gone): the phase is trained again"
    ]
    assert content(named) == content(calm)


@pytest.mark.parametrize(
    ("file", "harm", "dropped"),
    [
        ("step-000000003/optimizer.safetensors", flip, 1),
        ("step-000000003/weights.safetensors", halve, 1),
        ("step-000000003/position.json", flip, 1),
        ("best-000000002.safetensors", flip, 2),
    ],
)
def test_training_goes_on_from_the_newest_whole_state(
    demo: Demo, calm: Path, halted: Path, tmp_path: Path, file: str, harm: Callable[[bytes], bytes], dropped: int
) -> None:
    out = Path(shutil.copytree(halted, tmp_path / "ckpt"))
    states = out / ".training" / "state"
    assert sorted(path.name for path in states.iterdir()) == [
        "best-000000002.safetensors", "step-000000002", "step-000000003",
    ]  # fmt: skip
    path = states / file
    path.write_bytes(harm(path.read_bytes()))
    notes = train(options(demo, out, "xnli", sets=SETS, save_every=1, keep=2))
    assert [note for note in notes if note.endswith(f"is damaged ({path.name}) and dropped")] == notes[:dropped]
    assert notes[dropped:] == (["note: no older state is there: training starts again"] if dropped == 2 else [])
    assert content(out) == content(calm)


def test_states_without_hashes_are_taken_and_checked_as_far_as_they_go(
    demo: Demo, calm: Path, halted: Path, tmp_path: Path
) -> None:
    out = Path(shutil.copytree(halted, tmp_path / "ckpt"))
    states = out / ".training" / "state"
    (states / "best-000000002.safetensors").rename(states / "best.safetensors")
    for path in states.glob("*/position.json"):
        record = json.loads(path.read_text())
        old = {name: value for name, value in record.items() if name not in ("format", "files", "sha256")}
        path.write_text(
            json.dumps({name: value for name, value in old.items() if not name.endswith(("_sha256", "_bytes"))})
        )
    newest = states / "step-000000003" / "optimizer.safetensors"
    newest.write_bytes(halve(newest.read_bytes()))
    notes: list[str] = []
    finetune(options(demo, out, "xnli", sets=SETS), Reporter(lambda _what, _fraction: None, notes.append))
    assert [note for note in notes if "state" in note] == [
        f"note: the saved state {newest.parent} is damaged (optimizer.safetensors) and dropped",
        f"note: not verified: {states / 'step-000000002'} is of before xharness noted hashes",
    ]
    assert content(out) == content(calm)


def test_another_trainings_states_are_not_taken_for_want_of_a_name(demo: Demo, halted: Path, tmp_path: Path) -> None:
    out = Path(shutil.copytree(halted, tmp_path / "ckpt"))
    (out / ".training" / "identity.json").unlink()
    with pytest.raises(UserError, match=r"identity\.json is missing"):
        finetune(options(demo, out, "xnli", sets=SETS))
