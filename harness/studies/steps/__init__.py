"""Kinds of steps: one module each, with a function ``run`` that does a step that was planned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from xharness.evaluation.reporter import Reporter
from xharness.studies.graph import Step

Inputs = Mapping[str, Path]
"""Results of the parents, by their roles."""

Run = Callable[[Step, Inputs, Path, Reporter], None]


def runner(kind: str) -> Run:
    """What does the steps of a kind: it gets the step, the results of its parents, the folder to fill and a reporter.

    A step that was killed is done by the same call into the same folder, and ends in the same bytes.
    """
    found: Run = import_module(f"xharness.studies.steps.{kind}").run
    return found


def is_shared(kind: str) -> bool:
    """Whether processes that were launched together share the steps of a kind: its module says ``SHARED``."""
    return bool(getattr(import_module(f"xharness.studies.steps.{kind}"), "SHARED", False))
