"""Scores of models that have seen labelled data of other languages than English: marked wherever they are shown.

``scores.json`` has them under ``xharness.not_zero_shot``, by task with the reasons; signatures carry ``zero-shot:no``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xharness.submissions.signature import Signature
from xharness.tasks.common.json_files import JsonError, read_json

KEY = "not_zero_shot"
SIGN = "†"
LEGEND = f"{SIGN} not zero-shot: labelled data of other languages than English were seen"
PART = {"zero-shot": "no"}
"""The part of a signature that says so."""


def is_marked(signature: str) -> bool:
    """True for the signature of a number that is not zero-shot."""
    return Signature.parse(signature).holds(PART)


def with_sign(text: str, marked: bool) -> str:
    """A name or a number, with the sign behind it if it is marked."""
    return f"{text} {SIGN}" if marked else text


def marks(scores: Mapping[str, Any]) -> dict[str, list[str]]:
    """Why tasks are not zero-shot, by task; empty where all are, as far as is known."""
    found = scores.get("xharness", {}).get(KEY, {})
    return {task: list(reasons) for task, reasons in found.items()}


def marks_of_run(folder: Path) -> dict[str, list[str]]:
    """The marks of the run that a folder of predictions belongs to; empty if it is part of none."""
    for path in (folder / "scores.json", folder.parent / "scores.json"):
        try:
            return marks(read_json(path))
        except (OSError, JsonError, AttributeError, TypeError):
            continue
    return {}


def mark(scores: dict[str, Any], reasons: Mapping[str, Sequence[str]]) -> None:
    """Mark the tasks that have a score and a reason, and say so in the notes."""
    known = {task: list(why) for task, why in reasons.items() if why and task in scores}
    if not known:
        return
    ours = scores["xharness"]
    ours[KEY] = {**ours.get(KEY, {}), **known}
    tasks: dict[str, list[str]] = {}
    for task, why in known.items():
        tasks.setdefault("; ".join(why), []).append(task)
    ours["notes"] += [f"{SIGN} {', '.join(names)}: not zero-shot: {why}" for why, names in tasks.items()]
