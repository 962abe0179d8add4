"""What a data folder of perturbed texts says of itself: ``perturbation.json`` beside ``download`` and ``labels``.

{"kind": ..., "format": 2, "perturbation": {"name": "window", "gold": "undefined", "seed": 7, ...}, "measures": [names],
 "cells": {"xnli": {"de": {"examples": 5010, "changed": 0.99, "idc": 0.2, ...}}}, "files": {...}, "sha256": ...}

Every number of such data carries the perturbation in its signature, so that no table takes it for a plain one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from xharness.tasks.common.errors import UserError
from xharness.tasks.common.json_files import JsonError, read_json
from xharness.tasks.common.json_types import JsonObject
from xharness.tasks.common.sealed import FORMAT, damaged, is_sealed, unsealed
from xharness.tasks.common.shapes import Each, misfit

FILE = "perturbation.json"
KIND = "xharness perturbed data"
PART = "perturbation"
"""The part of a signature, and of a run's identity, that names it."""

CellFact: TypeAlias = "str | int | float"
SHAPE = {
    "kind": str,
    "perturbation": Each((str, int)),
    "measures": [str],
    "cells": Each(Each(Each((str, int, float)))),
    "files": Each(str),
}


@dataclass(frozen=True)
class PerturbedData:
    """The content of the file.

    Attributes:
        perturbation: What was done: ``name``, ``gold`` (what became of it), ``texts``, and the settings it has.
        measures: What may be said of predictions on it.
        cells: By task and language: number of examples, share of them changed, displacement, and ``source``, the hash
            of the data before.
        files: The hash of each file of the folder.
    """

    perturbation: Mapping[str, str | int]
    measures: Sequence[str]
    cells: Mapping[str, Mapping[str, Mapping[str, CellFact]]]
    files: Mapping[str, str]

    @property
    def name(self) -> str:
        """``window,gold=undefined,seed=7``: what signatures carry; hashes by their first digits."""
        settings = {name: _brief(value) for name, value in self.perturbation.items() if name != "name"}
        return ",".join((str(self.perturbation["name"]), *(f"{name}={value}" for name, value in settings.items())))

    def content(self) -> JsonObject:
        """What is written, without its seal."""
        return {
            "kind": KIND,
            "format": FORMAT,
            PART: dict(self.perturbation),
            "measures": list(self.measures),
            "cells": {task: {code: dict(cell) for code, cell in cells.items()} for task, cells in self.cells.items()},
            "files": dict(self.files),
        }

    def conditions(self, task: str, language: str) -> dict[str, str]:
        """What the signature of a cell's number says; nothing for a cell that is none of these.

        A language put into its own usual order is a ``control``: rare orders change there as well.
        """
        if language not in self.cells.get(task, {}):
            return {}
        control = ",control" if self.perturbation.get("order") == language else ""  # the language's own order
        return {PART: self.name + control}

    @property
    def remark(self) -> str:
        """What a user should know of numbers on it."""
        return f"the data are perturbed ({self.name}); gold: {self.perturbation['gold']}"


def read_perturbed(download: Path) -> PerturbedData | None:
    """What the folder of a ``download`` folder says of itself; None for plain data.

    Raises:
        UserError: it says so and is damaged, or its files are not those it names.
    """
    path = download.parent / FILE
    if download.name != "download" or not path.is_file():
        return None
    try:
        found = read_json(path)
    except (OSError, JsonError) as error:
        raise _refused(path, str(error)) from error
    wrong = misfit(found, SHAPE)
    if wrong or not is_sealed(found) or not {"name", "gold"} <= found[PART].keys():
        raise _refused(path, wrong or "it was changed after it was written")
    fields = {name: value for name, value in unsealed(found).items() if name in PerturbedData.__dataclass_fields__}
    if changed := damaged(found["files"], download.parent):
        raise _refused(path, f"{', '.join(changed[:3])} is not the file that was written with it")
    return PerturbedData(**fields)


def _brief(value: str | int) -> str:
    text = str(value)
    return text[:8] if len(text) == 64 else text


def _refused(path: Path, why: str) -> UserError:
    fix = "make the folder again: xharness data perturb; or delete the folder"
    return UserError(f"{path} does not describe its data", why, fix)
