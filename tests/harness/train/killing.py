"""Training that is killed for good at a chosen place: run in processes of their own."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import transformers.models.xlm_roberta.modeling_xlm_roberta  # noqa: F401  # the demo's; imported before forking

import xharness.train.loop.trainer  # noqa: F401
from xharness.train.finetune import finetune
from xharness.train.options import FinetuneOptions

CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree")


def train(options: FinetuneOptions, places: Path, death: int | None) -> None:
    """Train; SIGKILL comes with change number ``death`` of the output folder, if there are so many.

    Args:
        places: Gets the number of changes, if the training ends.
    """
    changes = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal changes
        written = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
        if (written or event in CHANGES) and str(options.out) in str(arguments[0]):
            changes += 1
            if changes == death:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    finetune(options)
    places.write_text(str(changes))
