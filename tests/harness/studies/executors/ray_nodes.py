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

from tests.harness.studies.made_study import ENVIRONMENT, REPOSITORY

SPARE = "--object-store-memory=80000000"
TOKEN = {"RAY_AUTH_TOKEN": 32 * "5a"}
"""A cluster's own, so that none in the home folder is used or made."""

QUICK = {
    "RAY_AUTH_MODE": "token",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "4000",
    "RAY_health_check_failure_threshold": "2",
}
"""A lost node is noticed in seconds."""


class Node:
    """One node with all its processes."""

    def __init__(self, *options: str) -> None:
        command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--block", "--disable-usage-stats", SPARE]
        self._process = subprocess.Popen(
            [*command, *options],
            cwd=REPOSITORY,
            env={**os.environ, **ENVIRONMENT, **TOKEN, **QUICK},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.pid = self._process.pid

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

    def __init__(self, folder: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        port, where = self.address.rpartition(":")[2], f"--temp-dir={folder}"
        here = "--node-ip-address=127.0.0.1"
        self.head = Node("--head", f"--port={port}", "--num-cpus=0", "--include-dashboard=false", here, where)
        self.workers = [Node(f"--address={self.address}", "--num-cpus=1", "--num-gpus=0") for _ in range(2)]

    def kill(self) -> None:
        """End all that is left."""
        for node in [*self.workers, self.head]:
            node.kill()


@contextmanager
def cluster() -> Iterator[Nodes]:
    """The cluster, in a folder whose name is short enough for its sockets."""
    folder = tempfile.mkdtemp(prefix="r", dir="/tmp" if Path("/tmp").is_dir() else None)
    nodes = Nodes(folder)
    try:
        yield nodes
    finally:
        nodes.kill()
        shutil.rmtree(folder, ignore_errors=True)
