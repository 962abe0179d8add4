"""Tasks of the user's own that runs were made with: a run remembers the file that declares them (``--tasks-from``)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from xharness.runs.folder import RunFolder
from xharness.tasks.base import Task
from xharness.tasks.common.errors import UserError
from xharness.tasks.plugins import load_file, tell
from xharness.tasks.registry import Registry, open_registry

REMEMBERED = "tasks_from"
"""The field of a manifest; absent where there is no such file."""


def registry_of(runs: Iterable[Path], tasks_from: Path | None = None) -> Registry:
    """The tasks of this installation, and those of the file that is given, else of the files that runs remember.

    Raises:
        UserError: a file cannot be used, or two of them declare a task of one name.
    """
    if tasks_from is not None:
        return open_registry(tasks_from)
    known, found, origin = Registry().known, dict[str, Task](), dict[str, Path]()
    for path in dict.fromkeys(filter(None, map(remembered, runs))):
        for task in load_file(path):
            if origin.setdefault(task.name, path) != path:
                why = f"the runs were made with {origin[task.name]} and with {path}"
                raise UserError(f"task '{task.name}' is declared twice", why, "name one of them with --tasks-from")
            if task.name not in known:
                found[task.name] = task
    return Registry(found.values())


def remembered(run: Path) -> Path | None:
    """The file that a run, or the run around a folder of predictions, was made with; None if there is none to use.

    Python inside the run's own folder is not run: whoever made the folder may be somebody else.
    """
    folder = next((each for each in (run, run.resolve().parent) if each.is_dir() and RunFolder(each).manifest()), None)
    said = RunFolder(folder).manifest().get(REMEMBERED) if folder else None
    if folder is None or not isinstance(said, str):
        return None
    path = Path(said)
    if not path.is_file():
        tell(f"note: {folder} was made with --tasks-from {path}, which is not there; --tasks-from names it anew")
        return None
    if path.suffix.lower() != ".toml" and folder.resolve() in path.resolve().parents:
        tell(f"note: {path} lies in the run itself and is not run unasked; --tasks-from asks for it")
        return None
    return path
