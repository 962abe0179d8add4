"""Newer benchmarks that encoders answer, evaluated only when they are named: every module here that declares tasks.

They count in no total of XTREME or XTREME-R. ``newer`` names them all, ``africa`` and ``americas`` those of a region.
"""

from __future__ import annotations

from xharness.tasks.discovery import tasks_in

PACKS = tasks_in(__name__, __path__)
