"""A real Ray cluster on this machine: a head without processors, and nodes that can be killed like a machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.harness.studies.made_study import ENVIRONMENT, REPOSITORY, wait_for

SPARE = "--object-store-memory=80000000"
TOKEN = {"RAY_AUTH_TOKEN": 32 * "5a"}
"""A cluster's own, so that none in the home folder is used or made."""

QUIET = {"RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0", "RAY_raylet_start_wait_time_s": "180"}


class Node:
    """One node with all its processes."""

    def __init__(self, said: Path, *options: str) -> None:
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--disable-usage-stats", SPARE]
        self._said = said
        with said.open("wb") as file:
            self._process = subprocess.Popen(
                [*command, *options],
                cwd=REPOSITORY,
                env={**os.environ, **ENVIRONMENT, **TOKEN, **QUIET},
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        self.pid = self._process.pid

    def is_up(self) -> bool:
        """Whether it has joined the cluster."""
        said = self._said.read_text()
        assert self._process.poll() is None, said
        return "Ray runtime started" in said

    def runs_below(self, process: int) -> bool:
        """Whether a process is one of this node's."""
        with suppress(psutil.NoSuchProcess):
            return self.pid in {parent.pid for parent in psutil.Process(process).parents()}
        return False

    def kill(self) -> None:
        """End everything at once, as when its power fails."""
        with suppress(psutil.NoSuchProcess):
            for process in [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self._process.wait()


class Nodes:
    """A head and two nodes with a processor each."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"127.0.0.1:{port}"
        self.workers: list[Node] = []
        self._folder = folder
        alone = ["--num-cpus=0", "--include-dashboard=false", f"--temp-dir={folder}"]
        self.head = Node(folder / "head.out", "--head", f"--port={port}", *alone)

    def start(self) -> None:
        """Wait for the head, then start the others, one after the other: Ray shares out names of files and ports."""
        wait_for(self.head.is_up, 240)
        for number in range(2):
            said = self._folder / f"node{number}.out"
            self.workers.append(Node(said, f"--address={self.address}", "--num-cpus=1", "--num-gpus=0"))
            wait_for(self.workers[-1].is_up, 240)

    def kill(self) -> None:
        """End all that is left."""
        for node in [*self.workers, self.head]:
            node.kill()


@contextmanager
def cluster() -> Iterator[Nodes]:
    """The cluster, in a folder whose name is short enough for its sockets."""
    folder = Path(tempfile.mkdtemp(prefix="r", dir="/tmp"))
    nodes = Nodes(folder)
    try:
        nodes.start()
        yield nodes
    finally:
        nodes.kill()
        shutil.rmtree(folder, ignore_errors=True)
