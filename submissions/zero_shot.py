"""Scores of models that have seen labelled data of other languages than English: marked wherever they are shown.

``scores.json`` has them under ``xharness.not_zero_shot``, by task with the reasons; signatures carry ``zero-shot:no``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from xharness.submissions.scores_file import FILE, ScoresFile, marks_in
from xharness.submissions.signature import Signature
from xharness.tasks.common.json_files import JsonError, read_json

SIGN = "†"
LEGEND = f"{SIGN} not zero-shot: labelled data of other languages than English were seen"
PART = {"zero-shot": "no"}
"""The part of a signature that says so."""


def is_marked(signature: str) -> bool:
    """True for the signature of a number that is not zero-shot."""
    return all(name in signature for name in PART) and Signature.parse(signature).holds(PART)


def with_sign(text: str, marked: bool) -> str:
    """A name or a number, with the sign behind it if it is marked."""
    return f"{text} {SIGN}" if marked else text


def marks_of_run(folder: Path) -> Mapping[str, Sequence[str]]:
    """The marks of the run that a folder of predictions belongs to; empty if it is part of none."""
    for path in (folder / FILE, folder.parent / FILE):
        try:
            return marks_in(read_json(path))
        except (OSError, JsonError):
            continue
    return {}


def mark(scores: ScoresFile, reasons: Mapping[str, Sequence[str]]) -> ScoresFile:
    """The scores with marks on the tasks that have a score and a reason, and with a note that says so."""
    known = {task: list(why) for task, why in reasons.items() if why and task in scores.official}
    if not known:
        return scores
    tasks: dict[str, list[str]] = {}
    for task, why in known.items():
        tasks.setdefault("; ".join(why), []).append(task)
    notes = [f"{SIGN} {', '.join(names)}: not zero-shot: {why}" for why, names in tasks.items()]
    return replace(scores, notes=[*scores.notes, *notes], not_zero_shot={**scores.not_zero_shot, **known})
