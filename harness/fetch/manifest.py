"""``fetched.json`` in the data folder: which file came from where, with hashes; also the lock of later fetches."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from xharness.tasks.common.errors import Problem, UserError
from xharness.tasks.common.files import hash_file, render_json, write_atomic
from xharness.tasks.common.json_files import JsonError, as_object, read_json
from xharness.tasks.common.shapes import Each, misfit

NAME = "fetched.json"
FORMAT = 1
SHAPE: dict[str, Any] = {
    "sources": Each({"sha256?": str, "size?": int, "basis?": str, "commit?": str, "files?": dict}),
    "parts": Each({"key": str, "task": str, "origin": str}),
    "files": Each({"sha256": str, "size": int, "part": str}),
}


@dataclass
class FetchManifest:
    """What a data folder holds that was fetched.

    Attributes:
        sources: By key: sha256, size, where they were checked against (``basis``), and of Hub branches the commit.
        parts: By name: key of what made it, origin, sources, licence and notes.
        files: By path relative to the data folder: sha256, size and part.
    """

    data: Path
    sources: dict[str, dict[str, Any]] = field(default_factory=dict)
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def load(cls, data: Path) -> FetchManifest:
        """The manifest of a data folder; an empty one if there is none.

        Raises:
            UserError: it cannot be read.
        """
        path = data / NAME
        if not path.exists():
            return cls(data)
        try:
            loaded = read_json(path)
        except (OSError, JsonError) as error:
            raise _cannot_read(path, str(error)) from error
        if wrong := _wrong(loaded):
            raise _cannot_read(path, wrong)
        return cls(data, loaded["sources"], loaded["parts"], loaded["files"])

    def save(self) -> None:
        """Write it, sorted, so that equal content is equal bytes."""
        content = {
            "format": FORMAT,
            "sources": dict(sorted(self.sources.items())),
            "parts": dict(sorted(self.parts.items())),
            "files": dict(sorted(self.files.items())),
        }
        write_atomic(self.data / NAME, render_json(content))

    def of_part(self, name: str) -> list[str]:
        """The files of a part."""
        return [path for path, entry in self.files.items() if entry["part"] == name]

    def is_done(self, name: str, keys: set[str]) -> bool:
        """Whether a part was made by one of these ways and all its files are still what they were."""
        entry = self.parts.get(name)
        if entry is None or entry["key"] not in keys:
            return False
        return not any(self.difference(path) for path in self.of_part(name))

    def difference(self, path: str) -> str:
        """What is wrong with a file; empty if nothing."""
        entry, file = self.files[path], self.data / path
        if not file.is_file():
            return "missing"
        if file.stat().st_size != entry["size"] or hash_file(file) != entry["sha256"]:
            return "changed"
        return ""

    def problems(self, tasks: set[str] | None = None) -> list[Problem]:
        """Every file that is missing or changed; of some tasks only, if they are named."""
        found = []
        for path, entry in sorted(self.files.items()):
            if tasks is not None and self.parts[entry["part"]]["task"] not in tasks:
                continue
            if what := self.difference(path):
                origin = self.parts[entry["part"]]["origin"]
                words = (
                    f"is missing; it was fetched ({origin})" if what == "missing" else "changed since it was fetched"
                )
                found.append(Problem(self.data / path, 0, words))
        return found


def _wrong(loaded: object) -> str:
    """In what ``fetched.json`` is not one of ours; empty if it is."""
    if wrong := misfit(loaded, {"format": int}):
        return wrong
    content = as_object(loaded)
    if content["format"] != FORMAT:
        return f"format {content['format']}, this version reads {FORMAT}"
    if wrong := misfit(loaded, SHAPE):
        return wrong
    files, parts = as_object(content["files"]), as_object(content["parts"])
    strange = [path for path in files if not _stays_inside(path)]
    if strange:
        return f"files.{strange[0]} is not a path inside the data folder"
    unknown = [path for path, entry in files.items() if as_object(entry)["part"] not in parts]
    return f"files.{unknown[0]} is of a part that is not there" if unknown else ""


def _stays_inside(path: str) -> bool:
    parts = PurePosixPath(path)
    return bool(path) and "\0" not in path and not parts.is_absolute() and ".." not in parts.parts


def _cannot_read(path: Path, why: str) -> UserError:
    return UserError(f"cannot read {path}", why, "delete it and fetch again: what is there is kept")
