"""Checkpoints to be harmed, and what is said of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xharness.checkpoints.checkpoint import find
from xharness.tasks.common.errors import UserError


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(UserError) as error:
        find(path, **options)
    return str(error.value)


def configure(folder: Path, **values: Any) -> Path:
    """Change values of a config; None removes one."""
    path = folder / "config.json"
    config = json.loads(path.read_text()) | values
    path.write_text(json.dumps({name: value for name, value in config.items() if value is not None}))
    return folder


def damaged(path: Path) -> str:
    return (
        f"{path} is damaged\n"
        "  why: it is missing, truncated or not a safetensors file: its length is not what its header says\n"
        "  fix: copy or download it again"
    )
