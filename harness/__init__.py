"""xharness: a multilingual encoder fine-tuned, scored on XTREME as the official scorer does, compared and reported.

``import xharness; xharness.evaluate(...)`` gives the functions of :mod:`xharness.api`, which is imported when one of
them is asked for, and not before.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from xharness.tasks.common.version import VERSION

if TYPE_CHECKING:
    from xharness.api import compare, evaluate, finetune, score

__version__ = VERSION
__all__ = ["__version__", "compare", "evaluate", "finetune", "score"]


def __getattr__(name: str) -> object:
    """A function of the Python interface, imported at its first use."""
    if name not in __all__:
        raise AttributeError(f"module 'xharness' has no attribute '{name}'")
    return getattr(import_module("xharness.api"), name)


def __dir__() -> list[str]:
    """What completion offers."""
    return sorted({*globals(), *__all__})
