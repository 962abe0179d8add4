"""Retrieval before the last phase: by the untrained encoder and by the pretrained one.

Names, loans and digits are written alike in many languages, so that vectors of words that nobody trained find a good
part of the translations. What training does to that is worth a look.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from xharness.demo.training import one_thread
from xharness.evaluation.evaluate import evaluate
from xharness.evaluation.options import EvaluateOptions
from xharness.evaluation.reporter import Reporter
from xharness.studies.side_by_side import do_side_by_side
from xharness.studies.targets import targets_of
from xharness.tasks.registry import Registry, benchmark

Scores = Mapping[str, Mapping[str, float]]


def retrieval_tasks(version: str) -> list[str]:
    """The tasks of a benchmark that no target is trained for: the encoder before the targets answers them."""
    registry, known = Registry(), benchmark(version)
    trained = targets_of(known, registry)
    return [name for name in known.languages if name not in trained and not registry.task(name).trains_on]


def retrieval_of(encoders: Mapping[str, Path], data: Path, runs: Path, version: str, seed: int) -> Scores:
    """Averages of the retrieval tasks in percent, by the name of the encoder and the task.

    Args:
        encoders: Checkpoints by name.
        runs: Folder for a run of each.
    """
    found, tasks = {}, ",".join(retrieval_tasks(version))
    for name, model in encoders.items():
        options = EvaluateOptions(
            model=model, data=data, out=runs / name, tasks=tasks, version=version, device="cpu", seed=seed
        )
        with one_thread():
            scored = evaluate(options).scored
        found[name] = {task: scored.average(task) for task in scored.tasks}
    return found


@contextmanager
def measured_meanwhile(encoders: Mapping[str, Path], data: Path, runs: Path, version: str, seed: int) -> Iterator[None]:
    """Another process measures the encoders while the block is run, as training leaves a core idle.

    What :func:`retrieval_of` finds afterwards is there already; what went wrong, it meets again.
    """
    work = partial(_measure, encoders, data, runs, version, seed)
    with ThreadPoolExecutor(1) as waiting:
        waiting.submit(do_side_by_side, {"retrieval": work}, 1, Reporter(), "retrieval")
        yield


def _measure(
    encoders: Mapping[str, Path], data: Path, runs: Path, version: str, seed: int, _reporter: Reporter
) -> None:
    retrieval_of(encoders, data, runs, version, seed)
