"""``fetched.json`` in the data folder: which file came from where, with hashes; also the lock of later fetches."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.fetch.cache import hash_file
from tasks.errors import Problem, UserError
from tasks.files import render_json, write_atomic

NAME = "fetched.json"
FORMAT = 1


@dataclass
class Manifest:
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
    def load(cls, data: Path) -> Manifest:
        """The manifest of a data folder; an empty one if there is none.

        Raises:
            UserError: it cannot be read.
        """
        path = data / NAME
        if not path.exists():
            return cls(data)
        try:
            loaded = json.loads(path.read_text(encoding="utf-8"))
            if loaded["format"] != FORMAT:
                raise ValueError(f"format {loaded['format']}, this version reads {FORMAT}")
            return cls(data, dict(loaded["sources"]), dict(loaded["parts"]), dict(loaded["files"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            why = f"{type(error).__name__}: {error}"
            raise UserError(f"cannot read {path}", why, "delete it and fetch again: what is there is kept") from error

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
