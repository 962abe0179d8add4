"""English test sets made against models, evaluated only when they are named: every module here that declares tasks."""

from __future__ import annotations

from xharness.tasks.discovery import tasks_in

ADVERSARIAL = tasks_in(__name__, __path__)
