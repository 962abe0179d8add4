"""How tasks are run: checkpoints, batches, prediction, retrieval, runs and the command line.

``from harness import evaluate, finetune, compare, score`` gives the functions of :mod:`harness.api`, which is imported
when one of them is asked for, and not before.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness.api import compare, evaluate, finetune, score

__version__ = "0.1.0"
__all__ = ["__version__", "compare", "evaluate", "finetune", "score"]


class _Package(ModuleType):
    """This package: ``harness.evaluate`` is the function, also after the module of that name was imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (name in __all__ and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module 'harness' has no attribute '{name}'")
        from harness import api

        return getattr(api, name)


sys.modules[__name__].__class__ = _Package
