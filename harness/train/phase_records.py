"""What the files of a phase's folder tell: whose it is, and of which weights it was trained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xharness.checkpoints.config import read_json
from xharness.checkpoints.provenance import FILE as MARK
from xharness.runs.identity import differences
from xharness.tasks.common.errors import UserError
from xharness.train.earlier import as_of_today
from xharness.train.specification import PhaseSpecification

WORKING = ".training"


def folder_name(phase: PhaseSpecification) -> str:
    """The name of a phase's folder in a chain."""
    return f"{'+'.join(phase.members)}-{phase.key[:12]}"


def of_earlier_version(out: Path, phase: PhaseSpecification) -> bool:
    """Whether a folder holds this phase as an earlier version trained it, finished or not, under another key."""
    for path in (out / MARK, out / WORKING / "identity.json"):
        if path.is_file():
            try:
                record = read_json(path)
            except UserError:
                return False
            return "version" not in identity_of(path, record) and not differing_fields(path, record, phase)
    return False


def identity_of(path: Path, record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The identity in a record; the oldest ones of unfinished phases are nothing else."""
    identity = record.get("identity", {} if path.name == MARK else record)
    return identity if isinstance(identity, dict) else {}


def differing_fields(path: Path, record: Mapping[str, Any], phase: PhaseSpecification) -> list[str]:
    """In what a recorded phase differs from another."""
    return differences(as_of_today(identity_of(path, record), phase), phase.identity)


def parent_of(record: Mapping[str, Any]) -> str:
    """Fingerprint of the weights that a recorded training started from; empty if it is not told."""
    parents = record.get("parents")
    told = record.get("parent") or (parents[0].get("fingerprint") if isinstance(parents, list) and parents else "")
    return told if isinstance(told, str) else ""
