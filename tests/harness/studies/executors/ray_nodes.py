"""A real Ray cluster on this machine: a head without processors, and nodes that can be killed like a machine."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.harness.studies.made_study import ENVIRONMENT, REPOSITORY

SPARE = "--object-store-memory=80000000"
TOKEN = {"RAY_AUTH_TOKEN": 32 * "5a"}
"""A cluster's own, so that none in the home folder is used or made."""

QUIET = {"RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": "180"}


TRIES = 3
"""Ray gives a node half a minute to start, which a busy machine may need more than once."""


class Node:
    """One node: the processes that ``ray start`` leaves behind, and all that those start."""

    def __init__(self, folder: Path, *options: str) -> None:
        for left in reversed(range(TRIES)):
            done = self._start(folder, *options)
            if not done.returncode:
                return
            self.kill()
            assert left, done.stdout

    def _start(self, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
        """One try; what it started, whatever came of it, is this node's."""
        before = _below(folder)
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--disable-usage-stats", SPARE]
        done = subprocess.run(
            [*command, *options],
            cwd=REPOSITORY,
            env={**os.environ, **ENVIRONMENT, **TOKEN, **QUIET},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.own = _below(folder) - before
        return done

    def runs_below(self, process: int) -> bool:
        """Whether a process is one of this node's."""
        with suppress(psutil.NoSuchProcess):
            return bool(self.own & {parent.pid for parent in psutil.Process(process).parents()})
        return False

    def kill(self) -> None:
        """End everything at once, as when its power fails."""
        for number in self.own:
            with suppress(psutil.NoSuchProcess):
                for process in [*psutil.Process(number).children(recursive=True), psutil.Process(number)]:
                    with suppress(psutil.NoSuchProcess):
                        process.kill()


def _below(folder: Path) -> set[int]:
    """Processes that were told of a cluster's folder."""
    found = set()
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if any(str(folder) in word for word in process.cmdline()):
                found.add(process.pid)
    return found


class Nodes:
    """A head and two nodes with a processor each."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.started = folder, list[Node]()
        port = random.SystemRandom().randrange(21_000, 29_000)  # below those that the system gives to connections
        self.address = f"127.0.0.1:{port}"
        alone = ["--num-cpus=0", "--include-dashboard=false", f"--temp-dir={folder}"]
        self.head = self._add("--head", f"--port={port}", *alone)
        self.workers = [self._add(f"--address={self.address}", "--num-cpus=1", "--num-gpus=0") for _ in range(2)]

    def of(self, process: int) -> Node:
        """The node that a process of a step runs on."""
        (found,) = [node for node in self.workers if node.runs_below(process)]
        return found

    def _add(self, *options: str) -> Node:
        self.started.append(Node(self.folder, *options))
        return self.started[-1]


@contextmanager
def cluster() -> Iterator[Nodes]:
    """The cluster, in a folder whose name is short enough for its sockets."""
    folder = Path(tempfile.mkdtemp(prefix="r", dir="/tmp"))
    try:
        yield Nodes(folder)
    finally:
        for process in _below(folder):
            with suppress(psutil.NoSuchProcess):
                psutil.Process(process).kill()
        shutil.rmtree(folder, ignore_errors=True)
