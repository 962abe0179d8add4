"""Steps that write a changed copy of evaluation data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from xharness.evaluation.reporter import Reporter
from xharness.studies.design import PerturbedDesign
from xharness.studies.graph import Step
from xharness.studies.steps.evaluate import EvaluationRequest, check_data
from xharness.tasks.common.errors import UserError, suggestion
from xharness.tasks.common.files import FileHashes
from xharness.tasks.common.json_types import Json
from xharness.tasks.common.keys import content_key
from xharness.tasks.perturbations.policy import Punctuation, WhichTexts
from xharness.tasks.perturbing.options import PerturbOptions

KIND = "perturb"


def plan(design: PerturbedDesign, request: EvaluationRequest, data_key: str, name: str, hashes: FileHashes) -> Step:
    """The step that writes the changed data.

    Args:
        data_key: Of the data that are changed.

    Raises:
        UserError: a file that it reads is not there, or the perturbation does not take what is said of it.
    """
    _check(design, name)
    files = {role: _files(request.data, names) for role, names in (("trees", design.trees), ("order_of", design.order))}
    content: dict[str, Json] = {
        "by": design.by,
        "seed": design.seed,
        "size": design.size,
        "texts": design.texts or None,
        "punctuation": design.punctuation or None,
        "limit": request.limit,
    }
    hashed = {role: hashes.sha256(found) for role, found in files.items() if found}
    work: dict[str, Json] = {
        **content,
        "data": str(request.data.resolve()),
        "tasks": ",".join(design.tasks),
        "languages": ",".join(design.languages or request.languages) or None,
        "files": {role: [str(path.resolve()) for path in found] for role, found in files.items()},
        "tasks_from": str(request.tasks_from.resolve()) if request.tasks_from else None,
        "asked": ",".join(request.languages) or None,
        "data_key": data_key,
    }
    try:
        _options(work, Path()).check()
    except UserError as error:
        raise UserError(f"data '{name}': {error.what}", error.why, error.fix) from error
    key = content_key({"data": data_key, "languages": work["languages"], **content, **hashed})
    return Step(KIND, key, f"data {name}", {}, work)


def run(step: Step, _inputs: Mapping[str, Path], out: Path, reporter: Reporter) -> None:
    """Write the changed data, with what was changed in ``perturbation.json``."""
    from xharness.tasks.perturbing.folder import perturb

    work: Any = step.work
    check_data(replace(step, work={**work, "languages": work["asked"]}), Path(work["data"]))
    reporter.note(perturb(_options(step.work, out)).name)


def _options(work: Any, out: Path) -> PerturbOptions:
    """What ``xharness data perturb`` would be asked."""
    return PerturbOptions(
        data=Path(work["data"]),
        out=out,
        by=work["by"],
        tasks=work["tasks"],
        langs=work["languages"],
        seed=work["seed"],
        size=work["size"],
        texts=WhichTexts(work["texts"]) if work["texts"] else None,
        trees=tuple(map(Path, work["files"]["trees"])),
        order_of=tuple(map(Path, work["files"]["order_of"])),
        punctuation=Punctuation(work["punctuation"]) if work["punctuation"] else None,
        limit=work["limit"],
        tasks_from=Path(work["tasks_from"]) if work["tasks_from"] else None,
    )


def _check(design: PerturbedDesign, name: str) -> None:
    """Refuse words that stand for nothing.

    Raises:
        UserError: naming the first one.
    """
    words: tuple[tuple[str, str, type[StrEnum]], ...] = (
        ("texts", design.texts, WhichTexts),
        ("punctuation", design.punctuation, Punctuation),
    )
    for field, word, kind in words:
        if word and word not in list(kind):
            known = [each.value for each in kind]
            raise UserError(f"data '{name}': unknown {field} '{word}'", "it is one of these", suggestion(word, known))


def _files(data: Path, names: tuple[str, ...]) -> list[Path]:
    found = [data / name for name in names]
    for path in found:
        if not path.is_file():
            raise UserError(f"no treebank at {path}", "a perturbation of the study reads it", "put it there")
    return found
