"""Test sets of known tasks from single domains, evaluated only when named: every module that declares tasks."""

from __future__ import annotations

from xharness.tasks.discovery import tasks_in

SHIFTED = tasks_in(__name__, __path__)
