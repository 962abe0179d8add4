"""Options of mixtures."""

from __future__ import annotations

from typing import Any

from xharness.train.mixture_options import MixtureOptions


def options(**values: Any) -> MixtureOptions:
    return MixtureOptions(**values)
