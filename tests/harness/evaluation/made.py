"""Evaluations of the tiny world."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from tests.harness.conftest import Demo
from xharness.evaluation.options import EvaluateOptions


def options(demo: Demo, out: Path, **more: Any) -> EvaluateOptions:
    return EvaluateOptions(**{"model": demo.models, "data": demo.data, "out": out, "device": "cpu", **more})


def contents(folder: Path) -> dict[str, bytes]:
    """Everything in a run folder but the file with the times in it."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name not in ("manifest.json", ".lock"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def copied(folder: Path, to: Path) -> Path:
    return Path(shutil.copytree(folder, to))
