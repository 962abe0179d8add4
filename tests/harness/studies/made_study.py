"""A small graph of steps that count, its result table, and a driver for it in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from xharness.studies.driver import Driver, Progress
from xharness.studies.executors import open_executor
from xharness.studies.executors.base import ExecutorOptions
from xharness.studies.graph import Graph, Step
from xharness.studies.lease import read_lease
from xharness.studies.store import Store
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.keys import content_key
from xharness.tasks.common.signals import as_ctrl_c, asked_to_end

REPOSITORY = Path(__file__).parents[3]
MADE = Path(__file__).parent / "made"
ENVIRONMENT = {"PYTHONPATH": os.pathsep.join(map(str, [MADE, REPOSITORY]))}

FAMILY = {"a": [], "b": [], "a1": ["a"], "a2": ["a"], "both": ["a", "b"]}
"""Steps and what they need."""


def made_graph(
    seconds: float = 0.0, ticks: int = 12, breaks: Mapping[str, str] | None = None, mended: str = ""
) -> Graph:
    """The graph.

    Args:
        seconds: Of a tick.
        breaks: How a step fails, until the file ``mended`` is there.
    """
    steps: dict[str, Step] = {}
    for name, parents in FAMILY.items():
        keys = [steps[parent].key for parent in parents]
        work: dict[str, Any] = {"ticks": ticks, "seconds": seconds if not parents else 0.0}
        if breaks and name in breaks:
            work |= {"breaks": breaks[name], "mended": mended}
        key = content_key({"title": name, "parents": keys, "ticks": ticks})
        steps[name] = Step("made", key, name, {parent: steps[parent].id for parent in parents}, work)
    return Graph.of(steps.values())


def named(graph: Graph, name: str) -> str:
    """The identifier of a step."""
    return next(step.id for step in graph if step.title == name)


def table(graph: Graph, store: Store) -> bytes:
    """The results of all steps."""
    rows = [f"{step.title},{json.loads((store.output(step.id) / 'state.json').read_text())}" for step in graph]
    return "\n".join(rows).encode()


def started_and_finished(store: Store) -> tuple[Counter[str], Counter[str]]:
    """How often each step was started and published, as the store's log says."""
    events = list(store.events())
    counts = [Counter(event["step"] for event in events if event["event"] == name) for name in ("started", "finished")]
    return counts[0], counts[1]


def assert_whole(graph: Graph, store: Store) -> None:
    """Every step is whole and was published once, and nothing is left over."""
    assert store.done() == set(graph.steps)
    assert started_and_finished(store)[1] == Counter(graph.steps.keys())
    assert not [*store.root.glob("work/*"), *store.root.glob("held/*"), *store.root.glob("failed/*")]


def wait_for(what: Callable[[], object], seconds: float = 600) -> None:
    """Wait until something is true."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not come true"
        time.sleep(0.02)


def ticks(store: Store, step_id: str) -> int:
    """How far a step that is being done has come."""
    try:
        found: int = json.loads((store.work(step_id) / "output" / "state.json").read_text())[0]
    except (OSError, ValueError):
        return 0
    return found


def worker_of(store: Store, step_id: str) -> int:
    """The process that does a step."""
    holder = read_lease(store.root / "held" / step_id)
    assert holder is not None
    return holder.process


def driven(store: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
    """A driver in a process of its own: ``options`` as :func:`main` reads them."""
    return driven_in(REPOSITORY, store, *options, **environment)


def driven_in(folder: Path, store: Path, *options: str, **environment: str) -> subprocess.Popen[str]:
    """The same in another working folder."""
    command = [sys.executable, "-P", "-m", "tests.harness.studies.made_study", str(store), *options]
    return subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, **ENVIRONMENT, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def finished(process: subprocess.Popen[str], code: int = 0) -> str:
    """What a driver said, after it has ended as it should."""
    said, _ = process.communicate(timeout=1200)
    assert process.returncode == code, said
    return said


def main(arguments: list[str]) -> int:
    """Run the graph: STORE SECONDS EXECUTOR and, as JSON, more of the executor's options."""
    store, seconds, executor, more = [*arguments, "{}"][:4]
    options = ExecutorOptions(**{"store": Path(store), "jobs": 2, **json.loads(more)})
    try:
        with asked_to_end(as_ctrl_c):
            graph = made_graph(float(seconds))
            opened = open_executor(executor, options)
            return _told(Driver(graph, Store(options.store), opened, options.threads).run())
    except UserError as error:
        print(f"error: {error}", flush=True)
        return 1
    except KeyboardInterrupt:
        return 130


def _told(progress: Progress) -> int:
    for note in progress.notes:
        print(f"note: {note}")
    for name, reason in progress.failed.items():
        print(f"failed: {progress.graph.steps[name].title}: {reason}")
    print(f"blocked: {sorted(progress.graph.steps[name].title for name in progress.blocked)}", flush=True)
    return int(bool(progress.failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
