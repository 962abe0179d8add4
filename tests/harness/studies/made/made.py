"""Steps for tests: they count, save after every tick, and end in a number that depends on what came before."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xharness.evaluation.reporter import Reporter
from xharness.studies.graph import Step
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import write_atomic

SHARED = True


def run(step: Step, inputs: Mapping[str, Path], out: Path, reporter: Reporter) -> None:
    """Count on from what was saved; with ``breaks`` in the step's work only as long as that file is not there."""
    work: Any = step.work
    state = out / "state.json"
    tick, total = json.loads(state.read_text()) if state.is_file() else (0, sum(map(value, inputs.values())))
    reporter.note(f"{step.title}: from tick {tick}, {os.environ.get('WORLD_SIZE', '1')} processes")
    while tick < work["ticks"]:
        if tick == 2 and (how := work.get("breaks")) and not Path(work["mended"]).exists():
            _break(how)
        time.sleep(work["seconds"])
        tick, total = tick + 1, (31 * total + tick) % 1_000_003
        if os.environ.get("RANK", "0") == "0":
            write_atomic(state, json.dumps([tick, total]))
    reporter.note(f"{step.title}: {total}")


def value(output: Path) -> int:
    """What came out of a step."""
    return int(json.loads((output / "state.json").read_text())[1])


def _break(how: str) -> None:
    if how == "user":
        raise UserError("the data are gone", "somebody moved them", "bring them back")
    if how == "full":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "weights")
    os._exit(9)
