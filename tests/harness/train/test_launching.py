"""Processes that were launched together part before the interpreter goes."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")

TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "--no-python"]
CONNECTED = """
import os
from pathlib import Path
from xharness.train.launching import join, leave

def threads():
    return sum("gloo" in path.read_text() for path in Path("/proc/self/task").glob("*/comm"))

processes, _ = join("cpu")
import torch
torch.optim.AdamW([torch.ones(1, requires_grad=True)])  # imports much of torch, once the processes have met
processes.by_main(lambda: 1)
met = threads()
leave()
print(f"{met > 0} {threads()}\\n", end="")  # a line at once, so that it stays whole beside the other's
"""


def test_no_thread_of_a_connection_outlives_it() -> None:
    """A thread that torch still has when the interpreter ends may abort the process."""
    done = subprocess.run([*TORCHRUN, sys.executable, "-c", CONNECTED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["True 0", "True 0"]
