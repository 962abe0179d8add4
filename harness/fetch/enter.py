"""Writing what was fetched into the data folder: file by file, and every part into the manifest when it is whole."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xharness.fetch.failures import Unavailable
from xharness.fetch.manifest import FetchManifest
from xharness.fetch.sources import DataPackage, Notes, Origin, Output
from xharness.tasks.common.errors import UserError
from xharness.tasks.common.files import hash_file, write_atomic


@dataclass(frozen=True)
class Writer:
    """Writes parts into a data folder. ``overwrite`` lets it replace files that were not fetched."""

    manifest: FetchManifest
    overwrite: bool

    def enter(
        self,
        part: DataPackage,
        origin: Origin,
        key: str,
        outputs: Iterable[Output],
        notes: Notes,
        sources: Sequence[str],
    ) -> None:
        """Write the files of a part, drop those it had before and no longer has, and save the manifest."""
        files: dict[str, dict[str, str | int]] = {}
        for output in outputs:
            sha256 = hashlib.sha256(output.content).hexdigest()
            self._write(output, sha256)
            files[output.path] = {"sha256": sha256, "size": len(output.content), "part": part.name}
        if not files:
            raise Unavailable("nothing in it can be used")
        self._replace(part.name, files)
        self.manifest.parts[part.name] = {
            "key": key,
            "task": part.task,
            "origin": str(origin),
            "sources": list(sources),
            "licence": part.licence,
            "notes": notes.lines,
        }
        self.manifest.save()

    def _write(self, output: Output, sha256: str) -> None:
        """One file, unless it is there; a file of somebody else's is not overwritten unasked."""
        path = self.manifest.data / output.path
        if path.is_file():
            actual = hash_file(path)
            if actual == sha256:
                return
            if output.path not in self.manifest.files and not self.overwrite:
                raise UserError(
                    f"{path} is in the way",
                    "it was not fetched, and differs from what would be written there",
                    "move it away, name another folder with --data, or pass --overwrite",
                )
        write_atomic(path, output.content)

    def _replace(self, part: str, files: Mapping[str, dict[str, str | int]]) -> None:
        """The files of a part in place of those it had before; what it no longer has is deleted."""
        for path in self.manifest.of_part(part):
            del self.manifest.files[path]
            if path not in files:
                (self.manifest.data / path).unlink(missing_ok=True)
        self.manifest.files |= files
