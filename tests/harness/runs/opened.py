"""A run folder with its identity."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xharness.runs.folder import RunFolder
from xharness.runs.record import Record
from xharness.tasks.base import Items
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.keys import content_key

IDENTITY: dict[str, Json] = {"model": {"model": "a" * 64}, "options": {"limit": None, "layer": "last"}}


def opened(path: Path, identity: Any = IDENTITY, **options: Any) -> RunFolder:
    folder = RunFolder(path)
    folder.open(identity, **({"overwrite": False} | options))
    return folder


def message(error: pytest.ExceptionInfo[UserError]) -> str:
    return str(error.value)


PARTS: dict[str, Json] = {"model": "a" * 64, "options": {"limit": None, "layer": "last"}}
RECORD = Record(
    task="xnli",
    language="de",
    split="test",
    key=content_key(PARTS),
    n=2,
    signature="s",
    prediction="test-de.tsv",
    parts=PARTS,
)
ITEMS = {"main": Items(("1", "ü"), ("c", ""), np.array([[1.0], [0.0]]))}
TEXT = "neutral\nentailment\n"
