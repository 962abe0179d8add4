"""Python reads this at its start where the folder is on ``PYTHONPATH``: a kind of steps for tests, in every process."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import Any


class Finder:
    """Finds ``xharness.studies.steps.made`` here."""

    @staticmethod
    def find_spec(name: str, *_: Any) -> ModuleSpec | None:
        if name != "xharness.studies.steps.made":
            return None
        return spec_from_file_location(name, Path(__file__).with_name("made.py"))


sys.meta_path.append(Finder)
