"""Tiny run folders and data, made by hand, so that every expected number can be counted on fingers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from xharness.diff.items import Difference, difference
from xharness.runs.folder import RunFolder
from xharness.runs.manifest import KIND
from xharness.runs.record import Record
from xharness.submissions.signature import Signature
from xharness.tasks.base import Answers, Items
from xharness.tasks.common.keys import content_key
from xharness.tasks.data import DataFolder
from xharness.tasks.registry import Registry


def write_run(
    path: Path,
    data: Path,
    answers: Mapping[tuple[str, str], Answers],
    *,
    similarity: Items | None = None,
    options: Mapping[str, Any] | None = None,
) -> Path:
    """A run folder with the given answers by (task, language), scored on the data."""
    folder, source = RunFolder(path), DataFolder.open(data)
    identity = {"model": {"model": "0" * 64}, "options": {}}
    where = {"download": str(source.download), "labels": str(source.labels or "")}
    folder.write_manifest(
        {"kind": KIND, "identity": identity, "xharness": "0", "options": dict(options or {}), "data": where}
    )
    for (name, language), given in answers.items():
        task = Registry().task(name)
        cell = source.load(task, language)
        items = {"main": task.metric.measure(cell.gold, given, language)} if cell.gold is not None else {}
        parts = {"task": f"{name}.{language}", "metric": task.metric.name, "split": "test", "data": cell.sha[:8]}
        record = Record(
            task=name,
            language=language,
            split="test",
            key=content_key({"answers": repr(given)}),
            n=len(items["main"].ids) if items else len(cell.examples),
            signature=str(Signature.of(**parts)),
            prediction=task.file_name(language),
            reason="" if items else "no gold",
        )
        extra = {"similarity": similarity} if similarity is not None else {}
        folder.save(record, task.type.render(given), items | extra)
    return path


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    """Text files by their path inside the folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def compared(folder: Path, data: Path, task: str, base: object, new: object) -> Difference:
    """Two runs with one cell each, compared."""
    for name, given in (("base", base), ("new", new)):
        write_run(folder / name, data, {(task, "de"): given})
    return difference(folder / "base", folder / "new", task, "de")
