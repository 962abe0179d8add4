"""A submission as one zip file: the same predictions give the same bytes."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xharness.submissions.check import Expected, check
from xharness.submissions.files import cell_file, languages_in, predictions_folder, tasks_of
from xharness.submissions.metadata import FILE as METADATA
from xharness.submissions.metadata import read_metadata
from xharness.tasks.base import Task
from xharness.tasks.common.errors import BadFiles, Problem, UserError
from xharness.tasks.common.outputs import check_file, write_output
from xharness.tasks.common.text import plural
from xharness.tasks.registry import Benchmark

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip file can hold
_PLAIN_FILE = 0o100644 << 16


@dataclass(frozen=True)
class PackResult:
    """What was packed.

    Attributes:
        files: Names in the archive.
        predictions: How many of them are predictions.
        of: Files of predictions in a complete submission.
        problems: What is missing or wrong in it; empty for a complete submission.
        sha256: Hash of the archive.
    """

    out: Path
    files: tuple[str, ...]
    predictions: int
    of: int
    problems: tuple[Problem, ...]
    sha256: str


def pack(
    predictions: Path,
    out: Path,
    benchmark: Benchmark,
    *,
    allow_incomplete: bool = False,
    gold: Path | None = None,
    expected: Mapping[tuple[str, str], Expected] | None = None,
    tasks: Sequence[Task] | None = None,
    metadata: Path | None = None,
) -> PackResult:
    """Write the files of a submission, and no others, to a zip file.

    Args:
        predictions: Run folder or folder of predictions.
        allow_incomplete: Pack what is there even if files are missing or malformed.
        gold, expected, tasks: As for :func:`xharness.submissions.check.check`.
        metadata: A file that describes the model (:mod:`xharness.submissions.metadata`), packed as ``metadata.toml``;
            None for the one in the run folder, if it has one.

    Raises:
        UserError: nothing is there to pack, the metadata are wrong, or the file cannot be written.
        BadFiles: the submission is incomplete or malformed and ``allow_incomplete`` is not set.
    """
    check_file(out)
    if metadata is None and (predictions / METADATA).is_file():
        metadata = predictions / METADATA
    if metadata is not None:
        read_metadata(metadata)
    folder = predictions_folder(predictions)
    problems = check(folder, benchmark, gold=gold, expected=expected, tasks=tasks)
    chosen = tasks_of(benchmark) if tasks is None else tasks
    wanted = [cell_file(folder, task, language) for task in chosen for language in languages_in(benchmark, task)]
    files = sorted(path.relative_to(folder).as_posix() for path in wanted if path.is_file())
    if not files:
        raise UserError(
            f"nothing to pack in {folder}",
            f"it holds none of the {len(wanted)} files of an {benchmark.name} submission",
            "give a run folder, or a folder that holds files like xnli/test-de.tsv",
        )
    if problems and not allow_incomplete:
        raise BadFiles(
            f"not packed: {len(files)} of {len(wanted)} files are there, with {plural(len(problems), 'problem')}",
            problems,
            "run 'xharness submission check' for the whole list, or pack it as it is with --allow-incomplete",
        )
    more = {} if metadata is None else {METADATA: metadata.read_bytes()}
    content = _archive({**{name: (folder / name).read_bytes() for name in files}, **more})
    write_output(out, content)
    digest = hashlib.sha256(content).hexdigest()
    return PackResult(out, (*files, *more), len(files), len(wanted), tuple(problems), digest)


def _archive(files: Mapping[str, bytes]) -> bytes:
    """Zip bytes that depend on names and contents only, not on dates, permissions or the order on disk."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _PLAIN_FILE
            entry.create_system = 3  # Unix, also where it was not
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=6)
    return buffer.getvalue()
