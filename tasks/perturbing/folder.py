"""The folder of perturbed data: everything is checked first, and it is there whole or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import TEMPORARY_SUFFIX, render_json, sweep_partial, write_atomic
from xharness.tasks.common.outputs import check_folder
from xharness.tasks.common.sealed import seal
from xharness.tasks.data import DataFolder
from xharness.tasks.perturbed import FILE, PerturbedData, read_perturbed
from xharness.tasks.perturbing.cells import PerturbedCell, perturbed_cell
from xharness.tasks.perturbing.method import Method, method_of
from xharness.tasks.perturbing.options import PerturbOptions
from xharness.tasks.readers.layout import FolderReader
from xharness.tasks.registry import Registry, open_registry, select_languages

TWO_WAY = "-entailment"
"""What the name of a task of three-way inference gets where gold only says whether it is entailment."""


def perturb(options: PerturbOptions) -> PerturbedData:
    """Make the folder ``options.out``, or find it made already.

    Raises:
        UserError: anything that the user can fix; nothing is written then.
    """
    options.check()
    check_folder(options.out)
    registry = open_registry(options.tasks_from)
    data = DataFolder.open(options.data, options.labels, names=registry.tasks)
    if data.perturbed:
        raise UserError(f"{options.data} is perturbed already", data.perturbed.name, "start from the plain data")
    wanted = _wanted(options, registry, data)
    cells = _cells(options, wanted, data, method := method_of(options))
    files = {name: content for cell in cells for name, content in _files(cell).items()}
    record = _record(method, cells, files, options.limit)
    if not _is_made(options.out, record):
        _publish(options.out, record, files, cells)
    return record


def _wanted(options: PerturbOptions, registry: Registry, data: DataFolder) -> list[tuple[Task, str, Task]]:
    """Each task and language, and the task that its perturbed cell belongs to."""
    chosen = registry.select(options.tasks)
    languages = select_languages(chosen, options.langs)
    found = []
    for task in chosen:
        if not task.type.texts or not isinstance(task.reader, FolderReader):
            why = "texts are perturbed of tasks that classify them, in files as XTREME has them, such as xnli and pawsx"
            raise UserError(f"cannot perturb {task.name}", why, "leave it out of --tasks")
        there = [language for language in data.languages(task) if languages is None or language in languages]
        if not there:
            why = f"{data.download / task.name} has {', '.join(data.languages(task)) or 'no test file'}"
            raise UserError(f"no data of {task.name} to perturb", why, "add the files, or choose others")
        found += [(task, language, _target(task, options, registry)) for language in there]
    return found


def _target(task: Task, options: PerturbOptions, registry: Registry) -> Task:
    """The task itself; where gold changes by the rule of entailment, its task of two labels."""
    if not options.by_rule:
        return task
    if task.name + TWO_WAY not in registry.tasks:
        raise UserError(
            f"--by {options.by} with {task.name}", "its rule is about entailment, which these labels do not tell",
            "name a task of inference: --tasks xnli",
        )  # fmt: skip
    return registry.tasks[task.name + TWO_WAY]


def _cells(
    options: PerturbOptions, wanted: Sequence[tuple[Task, str, Task]], data: DataFolder, method: Method
) -> list[PerturbedCell]:
    return [
        perturbed_cell(data.load(task, language, limit=options.limit), target, method)
        for task, language, target in wanted
    ]


def _files(cell: PerturbedCell) -> dict[str, bytes]:
    """The files of a cell by their names in the folder."""
    name = f"{cell.task.name}/{cell.task.file_name(cell.language)}"
    found = {f"download/{name}": cell.task.type.render_examples(cell.examples, with_gold=False)}
    if cell.gold is not None:
        found[f"labels/{name}"] = cell.task.type.render(list(cell.gold)).encode()
    return found


def _record(
    method: Method, cells: Sequence[PerturbedCell], files: Mapping[str, bytes], limit: int | None
) -> PerturbedData:
    by_task: dict[str, dict[str, Mapping[str, str | int | float]]] = {}
    for cell in cells:
        by_task.setdefault(cell.task.name, {})[cell.language] = cell.facts
    settings = method.record | ({"limit": limit} if limit else {})
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    return PerturbedData(settings, method.policy.measures, by_task, hashes)


def _is_made(out: Path, record: PerturbedData) -> bool:
    """Whether the folder holds just this; refuse one that holds anything else."""
    if not out.exists() or not any(out.iterdir()):
        return False
    found = read_perturbed(out / "download")
    if found and found.content() == record.content():
        return True
    holds = f"it holds {found.name}" if found else "it is not empty"
    raise UserError(f"{out} is not what would be made", f"{holds}; nothing is replaced", "choose another --out")


def _publish(out: Path, record: PerturbedData, files: Mapping[str, bytes], cells: Sequence[PerturbedCell]) -> None:
    """Write beside the place, read again, and rename."""
    sweep_partial(out.parent)
    part = out.with_name(f".{out.name}.{os.getpid()}{TEMPORARY_SUFFIX}")
    for name, content in files.items():
        write_atomic(part / name, content)
    write_atomic(part / FILE, render_json(seal(record.content())))
    check_readable(part, cells)
    part.replace(out)


def check_readable(part: Path, cells: Sequence[PerturbedCell]) -> None:
    """Refuse files from which the task's reader would not get what was written."""
    data = DataFolder(part / "download", part / "labels")
    for cell in cells:
        found = data.load(cell.task, cell.language)
        texts, meant = (list(map(cell.task.type.text, each)) for each in (found.examples, cell.examples))
        if found.problems or texts != meant or (cell.gold is not None and found.gold != cell.gold):
            why = str(found.problems[0]) if found.problems else "its reader gets other texts from the files"
            raise UserError(f"cannot write {cell.task.name} in '{cell.language}'", why, "leave it out of --tasks")
