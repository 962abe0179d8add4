"""What models are only trained on: every module here that declares a task."""

from __future__ import annotations

from xharness.tasks.discovery import tasks_in

_STILTS = ("anli_plus", "mnli", "qqp", "squad_v2", "squad_v1", "hellaswag", "ccg", "cosmosqa", "commonsenseqa")

INTERMEDIATE = tasks_in(__name__, __path__, first=_STILTS)

PAPER = tuple(INTERMEDIATE[name] for name in _STILTS)
"""The nine intermediate tasks of Phang et al. 2020, in their order."""
