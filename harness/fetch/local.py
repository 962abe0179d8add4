"""Data that are on a disk already: published files under their own names, or a folder that is laid out already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xharness.fetch.cache import Blob
from xharness.fetch.sources import DataPackage, Output
from xharness.tasks.base import Task
from xharness.tasks.common.files import hash_file
from xharness.tasks.intermediate import INTERMEDIATE
from xharness.tasks.packs import PACKS
from xharness.tasks.registry import built_in

TASKS: dict[str, Task] = {**built_in(), **INTERMEDIATE, **PACKS}


@dataclass(frozen=True)
class Local:
    """A folder to take data from. ``index`` has its files by name."""

    root: Path
    index: dict[str, tuple[Path, ...]]

    @classmethod
    def of(cls, root: Path) -> Local:
        """Look at every file of a folder once; a single file is a folder with one file."""
        found: defaultdict[str, list[Path]] = defaultdict(list)
        paths = root.rglob("*") if root.is_dir() else (root,)
        for path in sorted(paths):
            if path.is_file():
                found[path.name].append(path)
        return cls(_top(root) if root.is_dir() else root.parent, {name: tuple(paths) for name, paths in found.items()})

    def find(self, name: str, sha256: str, folder: str = "") -> Blob | None:
        """The file of a source, by its name, its folder and its hash, where they are known; None if there is none."""
        for path in self.index.get(name, ()):
            if folder not in ("", path.parent.name):
                continue
            actual = hash_file(path)
            if sha256 in ("", actual):
                return Blob(path, actual, path.stat().st_size)
        return None

    def copies(self, part: DataPackage) -> Iterator[Output]:
        """The files of a part as a laid out folder has them, untouched, and gold from the labels beside it."""
        task = TASKS[part.task]
        if task.reader is None:
            return
        for folder in self._folders(part, task):
            files = {
                path
                for split in part.splits
                for path in task.reader.find(folder, part.language, split)
                if path.is_file() and (folder in path.parents)
            }
            if files:
                for path in sorted(files):
                    yield Output(f"{part.folder}/{path.relative_to(folder).as_posix()}", path.read_bytes())
                break
        else:
            return
        for labels in (self.root / "labels", self.root.parent / "labels"):
            for split in part.splits:
                gold = labels / task.name / task.file_name(part.language, split)
                if gold.is_file():
                    yield Output(f"labels/{task.name}/{gold.name}", gold.read_bytes())
            if labels.is_dir():
                return

    def _folders(self, part: DataPackage, task: Task) -> Iterator[Path]:
        """Folders of the task's own or other name, in the folder itself, its ``download`` and its ``intermediate``."""
        own = part.folder.rpartition("/")[2]
        names = dict.fromkeys((own, task.name, *(name for name in task.data_folders if name != ".")))
        inner = [
            child
            for child in sorted(self.root.iterdir())
            if child.is_dir() and child.name in ("download", "intermediate")
        ]
        for place in (*inner, self.root, self.root.parent / "intermediate"):
            for name in names:
                if (place / name).is_dir():
                    yield place / name
        if self.root.name in names:
            yield self.root


def _top(root: Path) -> Path:
    """The folder itself, or the only folder in it: archives often hold everything in one."""
    children = [child for child in sorted(root.iterdir()) if not child.name.startswith(".")]
    if len(children) == 1 and children[0].is_dir() and children[0].name not in (*TASKS, "download", "labels"):
        return _top(children[0])
    return root
