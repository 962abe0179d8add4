"""A step's own work, whoever holds its lease."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from xharness.evaluation.reporter import Reporter
from xharness.studies.graph import Step
from xharness.studies.steps import runner
from xharness.studies.store import Store

Work = Callable[[Store, Step, Path], None]
"""What does a step: from the store, into a folder."""


def do_work(store: Store, step: Step, out: Path) -> None:
    """Do a step in this process."""

    def say(text: str) -> None:
        print(text, flush=True)

    inputs = {role: store.output(parent) for role, parent in step.parents.items()}
    runner(step.kind)(step, inputs, out, Reporter(note=say))
