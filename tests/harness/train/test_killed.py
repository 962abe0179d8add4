"""Interrupted = undisturbed, for every kind of head and a mixture with masked text: SIGKILL at three random places."""

from __future__ import annotations

import json
import multiprocessing
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.harness.conftest import Demo
from tests.harness.train.killing import train
from tests.harness.train.phases import options
from tests.processes import ended
from tests.tasks.readers.ranked import write_pairs
from xharness.train.options import FinetuneOptions

SETS = ("steps=12", "batch_size=4", "learning_rate=1e-3", "eval_every=4", "max_length=64", "select=dev")
KINDS = {
    "classification": ("xnli",),
    "tagging": ("udpos",),
    "span": ("xquad",),
    "choice": ("copa",),
    "mixture with text": ("xnli", "udpos", "mlm"),
    "groups of pairs": ("squad_pairs",),
    "groups of pairs beside labels": ("wikipedia_pairs", "xnli"),
}
GROUPED: dict[str, Any] = {"negatives": 3, "batch_tokens": 60}  # a group is computed in parts; the last has one pair
MORE: dict[str, dict[str, Any]] = {
    "mixture with text": {"mlm_langs": "en,de"},
    "groups of pairs": GROUPED,
    "groups of pairs beside labels": GROUPED,
}


@pytest.fixture(scope="module")
def processes() -> Any:
    """Processes that start with everything imported, so that a training takes a second."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["tests.harness.train.killing"])
    return found


def run(processes: Any, chosen: FinetuneOptions, places: Path, death: int | None) -> int | None:
    return ended(processes.Process(target=train, args=(chosen, places, death)))


@pytest.fixture(scope="module")
def data(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny world with made-up questions to choose in and mentions of entities, which it lacks."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "download").symlink_to(demo.data / "download")
    (folder / "text").symlink_to(demo.data / "text")
    for split, count in (("train", 20), ("val", 6)):
        rows = [
            {"premise": f"ba {n}", "choice1": "ko", "choice2": f"gi {n}", "question": "cause", "label": n % 2, "idx": n}
            for n in range(count)
        ]
        file = folder / "intermediate" / "copa" / f"{split}.jsonl"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    write_pairs(folder / "mewslix")
    return folder


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_three_random_places(processes: Any, demo: Demo, data: Path, tmp_path: Path, kind: str) -> None:
    common = {"data": data, "sets": SETS, "save_every": 3, **MORE.get(kind, {})}
    calm, out, places = tmp_path / "calm", tmp_path / "killed", tmp_path / "places"
    assert run(processes, options(demo, calm, *KINDS[kind], **common), places, None) == 0
    changes = int(places.read_text())
    rng, chosen = random.Random(kind), options(demo, out, *KINDS[kind], **common)
    # Each attempt continues from what the last one left, so that later ones have fewer changes to make.
    deaths = [rng.randint(1, changes // 2), rng.randint(1, changes // 3), rng.randint(1, changes // 6)]
    assert [run(processes, chosen, places, death) for death in deaths] == 3 * [-signal.SIGKILL]
    assert run(processes, chosen, places, None) == 0
    files = sorted(path.relative_to(calm) for path in calm.rglob("*.safetensors"))
    assert len([path for path in files if path.parent.name != "2_Dense"]) == len(KINDS[kind])
    for path in files:
        assert (out / path).read_bytes() == (calm / path).read_bytes()
    logs = [[json.loads(line) for line in (each / "training.jsonl").read_text().splitlines()] for each in (calm, out)]
    timeless = [[{k: v for k, v in entry.items() if k != "tokens_per_second"} for entry in log] for log in logs]
    assert timeless[0] == timeless[1]
    assert not list(out.rglob(".*"))


def test_killed_while_it_publishes(processes: Any, demo: Demo, tmp_path: Path) -> None:
    """At every change after the last step, the end of a mixture included, where several folders move."""
    calm, places = tmp_path / "calm", tmp_path / "places"
    common: dict[str, Any] = {"sets": ("steps=1", "batch_size=2", "select=last", "max_length=32"), "save_every": 9}
    run(processes, options(demo, calm, "xnli", "udpos", **common), places, None)
    changes = int(places.read_text())
    out = tmp_path / "killed"
    for death in range(changes - 9, changes):
        assert run(processes, options(demo, out / str(death), "xnli", "udpos", **common), places, death) == -9
        assert run(processes, options(demo, out / str(death), "xnli", "udpos", **common), places, None) == 0
        assert sorted(str(p.relative_to(calm)) for p in calm.rglob("*")) == sorted(
            str(p.relative_to(out / str(death))) for p in (out / str(death)).rglob("*")
        )
